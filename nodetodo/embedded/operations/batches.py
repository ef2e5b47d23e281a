"""BatchGetItem and BatchWriteItem. Each is one SQLite transaction; in DynamoDB, a batch is not atomic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..capacity import ConsumedUnits, add_consumed, read_units
from ..errors import ApiError, validation_error
from ..expressions import paths
from ..expressions.binding import Expressions
from ..limits import BATCH_GET_BYTES, BATCH_GET_ITEMS, BATCH_WRITE_ITEMS, MIN_NAME_LENGTH, NAME_LENGTH
from ..schema import KeyMismatchError
from ..storage.codecs import to_json_with_base64
from ..storage.statements import reading, writing
from .parameters import (
    CAPACITY,
    COLLECTION,
    LEGACY_PROJECTION,
    NAME_PATTERN,
    PROJECTION,
    Structure,
    attributes,
    boolean,
    is_name,
    list_of,
    map_of,
)
from .writes import Write

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from ..storage.statements import Storage
    from ..values import Item


BATCH_GET_ITEM = Structure(
    {
        "RequestItems": map_of(
            Structure({"Keys": list_of(attributes, 1)}, {"ConsistentRead": boolean, **PROJECTION, **LEGACY_PROJECTION})
        )
    },
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
    _check_requests(requests)
    _check_counts(
        "BatchGetItem", {f"{name}.member.Keys": table["Keys"] for name, table in requests.items()}, BATCH_GET_ITEMS
    )
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, dict[str, Any]] = {}
    consumed = []
    size = 0
    with reading(storage):
        # Check all requests before the first read.
        plans = []
        for name, keys_request in requests.items():
            table = storage.table(name)
            parsed = keys_request
            if "AttributesToGet" in keys_request:
                from .legacy import translated

                parsed = translated(keys_request)
            expressions = Expressions(parsed, ("ProjectionExpression",), table)
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
    _check_requests(requests)
    _check_counts("BatchWriteItem", {f"{name}.member": writes for name, writes in requests.items()}, BATCH_WRITE_ITEMS)
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
        response = add_consumed({"UnprocessedItems": {}}, request, consumed)
        if request.get("ReturnItemCollectionMetrics") == "SIZE":
            from .item_collections import add_metrics

            add_metrics(storage, response, [(each.table, each.key) for _, actions in plans for each in actions])
        return response


def _action(storage: Storage, table: str, write: dict[str, Any]) -> Write:
    if len(write) != 1:
        raise validation_error(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    ((kind, content),) = write.items()
    try:
        action = Write(storage, kind.removesuffix("Request"), {"TableName": table, **content})
    except KeyMismatchError:
        raise KeyMismatchError from None  # unlike PutItem, a batch does not name the key attribute
    action.check()
    return action


def _check_requests(requests: dict[str, Any]) -> None:
    """Raise ApiError (ValidationException) if requests is empty, or if a table's name is invalid."""
    if not requests:
        raise _constraint("Value at 'RequestItems'", "Member must have length greater than or equal to 1")
    if not all(map(is_name, requests)):
        raise _constraint(
            f"Value '{to_json_with_base64(requests)}' at 'requestItems'",
            f"Map keys must satisfy constraint: [Member must have length less than or equal to {NAME_LENGTH}, "
            f"Member must have length greater than or equal to {MIN_NAME_LENGTH}, "
            f"Member must satisfy regular expression pattern: {NAME_PATTERN}]",
        )


def _check_counts(operation: str, lists: dict[str, list[Any]], most: int) -> None:
    """Raise ApiError (ValidationException) if one of the lists or all together have more than `most` members."""
    for path, members in lists.items():
        if len(members) > most:
            subject = f"Value at 'RequestItems.{path}'"
            raise _constraint(subject, f"Member must have length less than or equal to {most}")
    if sum(map(len, lists.values())) > most:
        raise validation_error(f"Too many items requested for the {operation} call")


def _constraint(subject: str, constraint: str) -> ApiError:
    return validation_error(f"1 validation error detected: {subject} failed to satisfy constraint: {constraint}")


def _check_distinct(keys: Iterable[Hashable]) -> None:
    all_keys = list(keys)
    if len(set(all_keys)) != len(all_keys):
        raise validation_error("Provided list of item keys contains duplicates")
