"""TransactWriteItems and TransactGetItems: all or nothing.

Transactions of this engine take turns, so that none ever meets another: a TransactionConflict does not occur.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import items, paths
from .capacity import TRANSACTIONAL, Consumed, read_units
from .errors import Refusal, invalid
from .parameters import (
    CAPACITY,
    COLLECTION,
    CONDITION,
    PROJECTION,
    TABLE,
    Structure,
    attributes,
    list_of,
    text,
    text_from,
)
from .storage import reading, writing
from .stored import to_json
from .writes import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .storage import Storage

TOKEN_SECONDS = 600  # for which a request is remembered by its token
TOKEN_LENGTH = 36
BYTES = 4 * 1024 * 1024  # in one transaction

_TOO_LARGE = "Transaction payload size cannot exceed 4MB"


TRANSACT_WRITE_ITEMS = Structure(
    {
        "TransactItems": list_of(
            Structure(
                {},
                {
                    "ConditionCheck": Structure({"Key": attributes, **TABLE, "ConditionExpression": text}, CONDITION),
                    "Put": Structure({"Item": attributes, **TABLE}, CONDITION),
                    "Delete": Structure({"Key": attributes, **TABLE}, CONDITION),
                    "Update": Structure({"Key": attributes, "UpdateExpression": text, **TABLE}, CONDITION),
                },
            ),
            1,
            100,
        )
    },
    {"ClientRequestToken": text_from(1), **CAPACITY, **COLLECTION},
)
TRANSACT_GET_ITEMS = Structure(
    {"TransactItems": list_of(Structure({"Get": Structure({"Key": attributes, **TABLE}, PROJECTION)}, {}), 1, 100)},
    CAPACITY,
)


def transact_write_items(storage: Storage, request: dict[str, Any], clock: Callable[[], float]) -> dict[str, Any]:
    """Up to 100 writes of different items, all carried out or none.

    A TransactionCanceledException with a reason for each write if a condition fails or an update does not fit its
    item. With a ClientRequestToken the same request is carried out once within ten minutes, and answered again.
    """
    token = request.get("ClientRequestToken")
    if token is not None and len(token) > TOKEN_LENGTH:
        raise invalid(
            f"1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: "
            f"Member must have length less than or equal to {TOKEN_LENGTH}"
        )
    with writing(storage):
        actions = [_action(storage, member) for member in request["TransactItems"]]
        if len({(action.table.space, action.address) for action in actions}) != len(actions):
            raise invalid("Transaction request cannot include multiple operations on one item")
        if token is not None:
            text = to_json(request["TransactItems"], binary=True, sort=True)
            now = clock()
            remembered = storage.remembered(token, now)
            if remembered is not None:
                if remembered != text:
                    raise Refusal(
                        "IdempotentParameterMismatchException",
                        "The parameters of this request do not match those of the request that used this token before",
                    )
                return _answered_again(storage, actions, request)
            storage.remember(token, text, now, now + TOKEN_SECONDS)
        units = _carry_out(storage, actions)
    consumed: dict[str, Consumed] = {}
    for action, used in zip(actions, units, strict=True):
        _of(consumed, action.table.name).add(used.pop("") * TRANSACTIONAL, used)
    return _with_capacity({}, consumed.values(), request, "Write")


def _action(storage: Storage, member: dict[str, Any]) -> Action:
    if len(member) != 1:
        raise invalid(
            "TransactItems can only contain one of Check, Put, Update or Delete"
            if member
            else "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        )
    ((kind, content),) = member.items()
    return Action(storage, kind, content)


def _carry_out(storage: Storage, actions: list[Action]) -> list[dict[str, float]]:
    """Carry out every action, and raise if one of them could not be: the transaction around it is undone then."""
    units = []
    reasons: list[dict[str, Any]] = []
    for action in actions:
        reason: dict[str, Any] = {"Code": "None"}
        try:
            action.check()
            units.append(action.carry_out(storage))
        except Refusal as refusal:
            failed = refusal.code == "ConditionalCheckFailedException"
            reason = {
                **refusal.details,
                "Code": "ConditionalCheckFailed" if failed else "ValidationError",
                "Message": refusal.message,
            }
        reasons.append(reason)
    if sum(action.size for action in actions) > BYTES:
        raise invalid(_TOO_LARGE)
    if any(reason["Code"] != "None" for reason in reasons):
        codes = ", ".join(reason["Code"] for reason in reasons)
        raise Refusal(
            "TransactionCanceledException",
            f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
            CancellationReasons=reasons,
        )
    return units


def _answered_again(storage: Storage, actions: list[Action], request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request that was carried out before: it costs the reading of its items (AWS: idempotency)."""
    consumed: dict[str, Consumed] = {}
    for action in actions:
        _, size = storage.item(action.table, action.address)
        _of(consumed, action.table.name).add(read_units(size, consistent=True) * TRANSACTIONAL, {})
    return _with_capacity({}, consumed.values(), request, "Read")


def transact_get_items(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 100 items, all as they were at one moment; for an absent one an empty answer."""
    consumed: dict[str, Consumed] = {}
    responses: list[dict[str, Any]] = []
    seen: set[tuple[int, bytes]] = set()
    size = 0
    with reading(storage):
        for member in request["TransactItems"]:
            get = member["Get"]
            table = storage.table(get["TableName"])
            address, item, item_size, projection = items.read(storage, table, get)
            if (table.space, address) in seen:
                raise invalid("Transaction request cannot include multiple operations on one item")
            seen.add((table.space, address))
            size += item_size
            _of(consumed, table.name).add(read_units(item_size, consistent=True) * TRANSACTIONAL, {})
            if item is None:
                responses.append({})
            else:
                responses.append({"Item": item if projection is None else paths.projected(item, projection)})
    if size > BYTES:
        raise invalid(_TOO_LARGE)
    return _with_capacity({"Responses": responses}, consumed.values(), request, "Read")


def _of(consumed: dict[str, Consumed], table: str) -> Consumed:
    return consumed.setdefault(table, Consumed(table))


def _with_capacity(
    answer: dict[str, Any], consumed: Iterable[Consumed], request: dict[str, Any], kind: str
) -> dict[str, Any]:
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        answer["ConsumedCapacity"] = [used.answer(detail, kind) for used in consumed]
    return answer
