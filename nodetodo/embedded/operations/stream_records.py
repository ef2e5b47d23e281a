"""The records of changes, which every write to a table with a stream creates in its own transaction.

DynamoDB removes records in the background after 24 hours. Here, the first write with a record in each minute of a
process removes them first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import values

if TYPE_CHECKING:
    from ..schema import Stream, Table
    from ..storage.statements import Storage
    from ..values import Item

TRIM_SECONDS = 60.0
TRIM_RECORDS = 1000  # the most that one write removes, so that it does not wait long


def write(storage: Storage, table: Table, stream: Stream, old: Item | None, new: Item | None, is_expired: bool) -> None:
    """Write the record of a change, within a write transaction. old, new: the item; None if it is absent.

    A write that changes nothing has no record ("Change data capture for DynamoDB Streams", developer guide).
    is_expired: whether the item was deleted by its time to live.
    """
    image = new if old is None else old
    if image is None or (old is not None and new is not None and values.equal({"M": old}, {"M": new})):
        return
    event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    now = storage.clock()
    streams = storage.streams
    has_old, has_new = (stream.view in (view, "NEW_AND_OLD_IMAGES") for view in ("OLD_IMAGE", "NEW_IMAGE"))
    images = old if has_old else None, new if has_new else None
    streams.write(stream.number, now, event, is_expired, table.key_of(image), *images)
    if now >= storage.next_trim and not streams.trim(now, TRIM_RECORDS):
        storage.next_trim = now + TRIM_SECONDS
