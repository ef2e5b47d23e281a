"""BatchGetItem and BatchWriteItem. Each is one SQLite transaction; in DynamoDB, a batch is not atomic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..capacity import ConsumedUnits, add_consumed, read_units
from ..errors import validation_error
from ..expressions import paths
from ..expressions.binding import Expressions
from ..limits import BATCH_GET_BYTES, BATCH_GET_ITEMS, BATCH_WRITE_ITEMS
from ..storage.statements import reading, writing
from . import parameters
from .parameters import CAPACITY, COLLECTION, PROJECTION, Structure, attributes, boolean, list_of, map_of
from .writes import Write

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from ..storage.statements import Storage
    from ..values import Item


BATCH_GET_ITEM = Structure(
    {"RequestItems": map_of(Structure({"Keys": list_of(attributes, 1)}, {"ConsistentRead": boolean, **PROJECTION}))},
    CAPACITY,
)
BATCH_WRITE_ITEM = Structure(
    {
        "RequestItems": map_of(
            list_of(
                Structure(
                    {},
                    {
                        "PutRequest": Structure({"Item": attributes}, {}),
                        "DeleteRequest": Structure({"Key": attributes}, {}),
                    },
                ),
                1,
            )
        )
    },
    {**CAPACITY, **COLLECTION},
)


def batch_get_item(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Read up to 100 items by their keys. Keys of items beyond 16 MB are returned in UnprocessedKeys."""
    requests: dict[str, dict[str, Any]] = request["RequestItems"]
    _check_tables(requests, "BatchGetItem must have some requests set")
    if sum(len(table["Keys"]) for table in requests.values()) > BATCH_GET_ITEMS:
        raise validation_error("Too many items requested for the BatchGetItem call")
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, dict[str, Any]] = {}
    consumed = []
    size = 0
    with reading(storage):
        # Check all requests before the first read.
        plans = []
        for name, keys_request in requests.items():
            table = storage.table(name)
            expressions = Expressions(keys_request, ("ProjectionExpression",), table)
            projection = expressions.bind_projection()
            expressions.check_all_used()
            addresses = [table.address(table.normalize_key(key)) for key in keys_request["Keys"]]
            # 1 and 1.0 are different keys in this operation, but equal ones in writes (DynamoDB's behaviour).
            numbers = [tuple(key[name].get("N") for name in table.names) for key in keys_request["Keys"]]
            _check_distinct(zip(addresses, numbers, strict=True))
            plans.append((table, keys_request, projection, addresses))
        for table, keys_request, projection, addresses in plans:
            used = ConsumedUnits(table.name)
            items = responses[table.name] = []
            for at, address in enumerate(addresses):
                item, item_size = storage.item(table, address)
                if size + item_size > BATCH_GET_BYTES:
                    unprocessed[table.name] = {**keys_request, "Keys": list(keys_request["Keys"][at:])}
                    break
                size += item_size
                used.add(read_units(item_size, keys_request.get("ConsistentRead", False)), {})
                if item is not None:
                    items.append(item if projection is None else paths.project(item, projection))
            consumed.append(used)
    response: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": unprocessed}
    return add_consumed(response, request, consumed)


def batch_write_item(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Put and delete up to 25 items without conditions. UnprocessedItems is always empty."""
    requests: dict[str, list[dict[str, Any]]] = request["RequestItems"]
    _check_tables(requests, "BatchWriteItem cannot have a null or no requests set")
    if sum(len(writes) for writes in requests.values()) > BATCH_WRITE_ITEMS:
        raise validation_error("Too many items requested for the BatchWriteItem call")
    consumed = []
    with writing(storage):
        plans = []
        for name, writes in requests.items():
            actions = [_action(storage, name, write) for write in writes]
            _check_distinct(action.address for action in actions)
            plans.append((name, actions))
        for name, actions in plans:
            used = ConsumedUnits(name)
            for action in actions:
                units = action.carry_out(storage)
                used.add(units.table, units.indexes)
            consumed.append(used)
    return add_consumed({"UnprocessedItems": {}}, request, consumed)


def _action(storage: Storage, table: str, write: dict[str, Any]) -> Write:
    if len(write) != 1:
        raise validation_error(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    ((kind, content),) = write.items()
    action = Write(storage, kind.removesuffix("Request"), {"TableName": table, **content})
    action.check()
    return action


def _check_tables(requests: dict[str, Any], empty_message: str) -> None:
    if not requests:
        raise validation_error(empty_message)
    errors = parameters.Errors()
    for name in requests:
        parameters.name(name, "tableName", errors)
    if errors.parameters or errors.constraints:
        raise validation_error((errors.parameters or errors.constraints)[0])


def _check_distinct(keys: Iterable[Hashable]) -> None:
    all_keys = list(keys)
    if len(set(all_keys)) != len(all_keys):
        raise validation_error("Provided list of item keys contains duplicates")
