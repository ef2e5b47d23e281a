"""The StreamSpecification of CreateTable and UpdateTable: enables and disables the stream of a table, at once.

The messages of UpdateTable are AWS's (ack-api-quirks, finding DDB-TABLE-050). CreateTable has the same ones here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import validation_error

if TYPE_CHECKING:
    from ..schema import Table
    from ..storage.statements import Storage

# The members of a table's definition: the number of its enabled stream, its specification, and the latest label.
SETTINGS = ("Stream", "StreamSpecification", "LatestStreamLabel")

_WRONG = "One or more parameter values were invalid: "


def change(storage: Storage, table: Table, request: dict[str, Any], updating: bool) -> Table:
    """Enable or disable the stream of a table by the StreamSpecification of a request. Return the changed table.

    updating: whether the request is an UpdateTable. Raises ApiError (ValidationException) if the specification is
    invalid or changes nothing, or if the request changes the capacity or the number of indexes too.
    """
    specification = request["StreamSpecification"]
    is_enabled, view = specification["StreamEnabled"], specification.get("StreamViewType")
    if is_enabled and view is None:
        raise validation_error(f"{_WRONG}If stream is being enabled then UpdateViewType is required")
    if not is_enabled and view is not None:
        raise validation_error(f"{_WRONG}If stream is being disabled, then UpdateViewType must not be specified")
    if updating:
        _check_alone(request)
    if is_enabled:
        return _enable(storage, table, specification)
    if table.stream is None:
        if updating:
            raise validation_error(f"Table has no stream to disable: TableName: {table.name}")
        return table
    storage.streams.close(table.stream.number, storage.clock())
    definition = storage.definition(table)
    del definition["Stream"], definition["StreamSpecification"]
    return storage.define(table.name, table.space, definition)


def _check_alone(request: dict[str, Any]) -> None:
    """Raise ApiError (ValidationException) if an UpdateTable changes the capacity or the number of indexes too."""
    if "ProvisionedThroughput" in request or request.get("BillingMode") == "PROVISIONED":
        raise validation_error(f"{_WRONG}You cannot modify stream status while updating table IOPS")
    updates = request.get("GlobalSecondaryIndexUpdates", ())
    if any("Create" in update or "Delete" in update for update in updates):
        raise validation_error(f"{_WRONG}You cannot create or delete index while changing stream status")


def _enable(storage: Storage, table: Table, specification: dict[str, Any]) -> Table:
    if table.stream is not None:
        raise validation_error(f"Table already has an enabled stream: TableName: {table.name}")
    view = specification["StreamViewType"]
    number, label = storage.streams.open(table.name, view, table.key.attributes, storage.clock())
    changes = {"Stream": number, "LatestStreamLabel": label, "StreamSpecification": specification}
    return storage.define(table.name, table.space, storage.definition(table) | changes)
