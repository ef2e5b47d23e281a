"""UpdateTimeToLive, DescribeTimeToLive, and the deletion of expired items.

The first write to a table in each minute of a process deletes expired items first, in its own transaction. DynamoDB
deletes them in the background, within a few days. Until then, reads return expired items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import keys
from ..errors import DamagedDataError, validation_error
from ..limits import EXPIRED_SECONDS, TIME_TO_LIVE_NAME_LENGTH
from ..schema import Expiry
from ..storage.statements import reading, writing
from .descriptions import existing_table
from .parameters import TABLE, Structure, boolean, text_from
from .table_updates import backfill

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import Table
    from ..storage.statements import Storage

_SPECIFICATION = Structure({"Enabled": boolean, "AttributeName": text_from(1, TIME_TO_LIVE_NAME_LENGTH)}, {})
UPDATE_TIME_TO_LIVE = Structure({**TABLE, "TimeToLiveSpecification": _SPECIFICATION}, {})
DESCRIBE_TIME_TO_LIVE = Structure(TABLE, {})

SWEEP_SECONDS = 60.0
SWEEP_ITEMS = 1000  # the most that one sweep deletes, so that a write does not wait long


def update_time_to_live(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Enable or disable the time to live of a table, at once.

    DynamoDB takes up to an hour and rejects another change in this time. Raises ApiError if the table does not exist,
    or if the request does not change its time to live.
    """
    specification = request["TimeToLiveSpecification"]
    is_enabled, attribute = specification["Enabled"], specification["AttributeName"]
    with writing(storage):
        table = existing_table(storage, request["TableName"])
        current = table.expiry
        if current is not None and current.attribute != attribute:
            raise validation_error(
                f"TimeToLive is active on a different AttributeName: current AttributeName is {current.attribute}"
            )
        if is_enabled == (current is not None):
            raise validation_error(f"TimeToLive is already {'enabled' if is_enabled else 'disabled'}")
        definition = storage.definition(table)
        if current is not None:
            storage.drop_entries(current.space)
            del definition["TimeToLive"]
            storage.define(table.name, table.space, definition)
        else:
            space = storage.new_space()
            definition["TimeToLive"] = {"AttributeName": attribute, "Space": space}
            changed = storage.define(table.name, table.space, definition)
            backfill(storage, changed, Expiry(space, attribute, table.names))
    return {"TimeToLiveSpecification": specification}


def describe_time_to_live(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Describe the time to live of a table. Raises ApiError (ResourceNotFoundException) if the table does not exist."""
    with reading(storage):
        expiry = existing_table(storage, request["TableName"]).expiry
    if expiry is None:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": expiry.attribute}}


def delete_expired(storage: Storage, table: Table, store: Callable[..., Any]) -> None:
    """Delete the items of a table that have expired, within a write transaction.

    Does nothing if this process did so in the last minute. store: the function that replaces an item in the table and
    its indexes.
    """
    now = storage.clock()
    if table.expiry is None or now < storage.next_sweeps.get(table.space, 0.0):
        return
    storage.next_sweeps[table.space] = now + SWEEP_SECONDS
    oldest, newest = (keys.component({"N": str(int(seconds))}) for seconds in (now - EXPIRED_SECONDS, now))
    for address in storage.entry_items(table.expiry.space, oldest, newest, SWEEP_ITEMS):
        item, size = storage.item(table, address)
        if item is None:
            raise DamagedDataError("an index refers to an item that does not exist")
        store(storage, table, address, (item, size), (None, 0), is_expired=True)
