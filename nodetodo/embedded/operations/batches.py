"""BatchGetItem and BatchWriteItem. Each is one transaction here; DynamoDB promises less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..capacity import Consumed, read_units
from ..errors import invalid
from ..expressions import paths
from ..expressions.binding import Expressions
from ..limits import BATCH_GET_BYTES, BATCH_GET_ITEMS, BATCH_WRITE_ITEMS
from ..storage.statements import reading, writing
from . import parameters
from .parameters import CAPACITY, COLLECTION, PROJECTION, Structure, attributes, boolean, list_of, map_of
from .writes import Action

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
    """Up to 100 items by their keys. What does not fit into 16 MB is in UnprocessedKeys, as it was asked for."""
    asked: dict[str, dict[str, Any]] = request["RequestItems"]
    _check_tables(asked, "BatchGetItem must have some requests set")
    if sum(len(table["Keys"]) for table in asked.values()) > BATCH_GET_ITEMS:
        raise invalid("Too many items requested for the BatchGetItem call")
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, dict[str, Any]] = {}
    consumed = []
    size = 0
    with reading(storage):
        # All is checked before anything is read.
        plans = []
        for name, wanted in asked.items():
            table = storage.table(name)
            expressions = Expressions(wanted, ("ProjectionExpression",), table)
            projection = expressions.projection()
            expressions.finish()
            addresses = [table.address(table.checked_key(key)) for key in wanted["Keys"]]
            # As DynamoDB does it: 1 and 1.0 are two keys here, though in writes they are one.
            numbers = [tuple(key[name].get("N") for name in table.names) for key in wanted["Keys"]]
            _check_distinct(zip(addresses, numbers, strict=True))
            plans.append((table, wanted, projection, addresses))
        for table, wanted, projection, addresses in plans:
            used = Consumed(table.name)
            items = responses[table.name] = []
            for at, address in enumerate(addresses):
                item, item_size = storage.item(table, address)
                if size + item_size > BATCH_GET_BYTES:
                    unprocessed[table.name] = {**wanted, "Keys": list(wanted["Keys"][at:])}
                    break
                size += item_size
                used.add(read_units(item_size, wanted.get("ConsistentRead", False)), {})
                if item is not None:
                    items.append(item if projection is None else paths.projected(item, projection))
            consumed.append(used)
    response: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": unprocessed}
    return _with_capacity(response, consumed, request)


def batch_write_item(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 25 puts and deletes without conditions. All are carried out: UnprocessedItems is always empty here."""
    asked: dict[str, list[dict[str, Any]]] = request["RequestItems"]
    _check_tables(asked, "BatchWriteItem cannot have a null or no requests set")
    if sum(len(writes) for writes in asked.values()) > BATCH_WRITE_ITEMS:
        raise invalid("Too many items requested for the BatchWriteItem call")
    consumed = []
    with writing(storage):
        plans = []
        for name, writes in asked.items():
            actions = [_action(storage, name, write) for write in writes]
            _check_distinct(action.address for action in actions)
            plans.append((name, actions))
        for name, actions in plans:
            used = Consumed(name)
            for action in actions:
                units = action.carry_out(storage)
                used.add(units.pop(""), units)
            consumed.append(used)
    return _with_capacity({"UnprocessedItems": {}}, consumed, request)


def _action(storage: Storage, table: str, write: dict[str, Any]) -> Action:
    if len(write) != 1:
        raise invalid(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    ((kind, content),) = write.items()
    action = Action(storage, kind.removesuffix("Request"), {"TableName": table, **content})
    action.check()
    return action


def _check_tables(asked: dict[str, Any], if_none: str) -> None:
    if not asked:
        raise invalid(if_none)
    report = parameters.Report()
    for name in asked:
        parameters.name(name, "tableName", report)
    if report.shape or report.constraints:
        raise invalid((report.shape or report.constraints)[0])


def _check_distinct(keys: Iterable[Hashable]) -> None:
    every = list(keys)
    if len(set(every)) != len(every):
        raise invalid("Provided list of item keys contains duplicates")


def _with_capacity(response: dict[str, Any], consumed: list[Consumed], request: dict[str, Any]) -> dict[str, Any]:
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        response["ConsumedCapacity"] = [used.response(detail) for used in consumed]
    return response
