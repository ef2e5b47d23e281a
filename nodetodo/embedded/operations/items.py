"""PutItem, GetItem, UpdateItem and DeleteItem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..capacity import ConsumedUnits, read_units
from ..errors import validation_error
from ..expressions import paths
from ..expressions.binding import bind_get
from ..storage.codecs import decode_item
from ..storage.statements import reading, writing
from .parameters import (
    CAPACITY,
    LEGACY_CONDITION,
    LEGACY_PROJECTION,
    LEGACY_UPDATES,
    PROJECTION,
    TABLE,
    WRITE,
    Structure,
    attributes,
    boolean,
    one_of,
    text,
)
from .writes import Write

if TYPE_CHECKING:
    from ..storage.codecs import DecodeItem
    from ..storage.statements import Storage
    from ..values import Item
    from .parameters import Check


_RETURN_VALUES: dict[str, Check] = {"ReturnValues": one_of("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")}

PUT_ITEM = Structure({**TABLE, "Item": attributes}, {**_RETURN_VALUES, **WRITE, **LEGACY_CONDITION})
DELETE_ITEM = Structure({**TABLE, "Key": attributes}, {**_RETURN_VALUES, **WRITE, **LEGACY_CONDITION})
UPDATE_ITEM = Structure(
    {**TABLE, "Key": attributes},
    {"UpdateExpression": text, **_RETURN_VALUES, **WRITE, "AttributeUpdates": LEGACY_UPDATES, **LEGACY_CONDITION},
)
GET_ITEM = Structure(
    {**TABLE, "Key": attributes}, {"ConsistentRead": boolean, **PROJECTION, **CAPACITY, **LEGACY_PROJECTION}
)


def put_item(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Store an item. It replaces an existing item with the same key."""
    _check_return_values(request)
    with writing(storage):
        return carry_out(storage, Write(storage, "Put", request), request)


def update_item(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Change attributes of an item. Create the item if it is absent."""
    with writing(storage):
        return carry_out(storage, Write(storage, "Update", request), request)


def delete_item(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Delete an item. Deleting an absent item succeeds."""
    _check_return_values(request)
    with writing(storage):
        return carry_out(storage, Write(storage, "Delete", request), request)


def _check_return_values(request: dict[str, Any]) -> None:
    """Raise ApiError (ValidationException) if a Put or a Delete is to return the new item."""
    if request.get("ReturnValues", "NONE") not in ("ALL_OLD", "NONE"):
        raise validation_error("ReturnValues can only be ALL_OLD or NONE")


def carry_out(storage: Storage, action: Write, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out a write within a transaction of the storage, and return the response of its operation.

    request: its ReturnValues, ReturnConsumedCapacity and ReturnItemCollectionMetrics.
    """
    action.check()
    units = action.carry_out(storage)
    response: dict[str, Any] = {}
    attributes = returned(action, request.get("ReturnValues", "NONE"))
    if attributes:
        response["Attributes"] = attributes
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        consumed = ConsumedUnits(action.table.name)
        consumed.add(units.table, units.indexes)
        response["ConsumedCapacity"] = consumed.response(detail)
    if action.table.has_local_indexes and request.get("ReturnItemCollectionMetrics") == "SIZE":
        from .item_collections import metrics

        response["ItemCollectionMetrics"] = metrics(storage, action.table, action.key)
    return response


def returned(action: Write, return_values: str) -> Item | None:
    """Return the Attributes of a response after the write; None or empty if it has none."""
    if return_values == "NONE":
        return None
    item = action.old if return_values.endswith("_OLD") else action.new
    if item is None or return_values.startswith("ALL"):
        return item
    # UPDATED_OLD and UPDATED_NEW return only the part of an attribute that a nested path refers to (measured).
    return paths.project(item, action.update.paths if action.update else [])


def get_item(storage: Storage, request: dict[str, Any], decode_whole: DecodeItem) -> dict[str, Any]:
    """Read an item. decode_whole: decodes an item that is not projected."""
    with reading(storage):
        table = storage.table(request["TableName"])
        address, projection = bind_get(table, request)
        item, size = storage.item(table, address, decode_whole if projection is None else decode_item)
    response: dict[str, Any] = {}
    if item is not None:
        response["Item"] = item if projection is None else paths.project(item, projection)
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        consumed = ConsumedUnits(table.name)
        consumed.add(read_units(size, request.get("ConsistentRead", False)), {})
        response["ConsumedCapacity"] = consumed.response(detail)
    return response
