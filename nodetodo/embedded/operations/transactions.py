"""TransactWriteItems and TransactGetItems: all or nothing.

Transactions of this engine take turns, so that none ever meets another: a TransactionConflict does not occur.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..capacity import TRANSACTIONAL, Consumed, read_units
from ..errors import ApiError, invalid
from ..expressions import paths
from ..expressions.binding import lookup
from ..limits import TOKEN_LENGTH, TOKEN_SECONDS, TRANSACTION_BYTES, TRANSACTION_ITEMS
from ..schema import EmptyKey, Mismatch
from ..storage.codecs import to_sorted_json
from ..storage.statements import reading, writing
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
from .writes import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..schema import Table

from ..storage.statements import Storage

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
            TRANSACTION_ITEMS,
        )
    },
    {"ClientRequestToken": text_from(1), **CAPACITY, **COLLECTION},
)
TRANSACT_GET_ITEMS = Structure(
    {
        "TransactItems": list_of(
            Structure({"Get": Structure({"Key": attributes, **TABLE}, PROJECTION)}, {}), 1, TRANSACTION_ITEMS
        )
    },
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
        actions = _each(request["TransactItems"], lambda member: _action(storage, member))
        _check_distinct((action.table.space, action.address) for action in actions)
        if token is not None:
            text = to_sorted_json(request["TransactItems"])
            now = clock()
            previous = storage.request_of_token(token, now)
            if previous is not None:
                if previous != text:
                    raise ApiError(
                        "IdempotentParameterMismatchException",
                        "The parameters of this request do not match those of the request that used this token before",
                    )
                return _answered_again(storage, actions, request)
            storage.store_token(token, text, now, now + TOKEN_SECONDS)
        units = _carry_out(storage, actions)
    consumed: dict[str, Consumed] = {}
    for action, used in zip(actions, units, strict=True):
        _of(consumed, action.table.name).add(used.pop("") * TRANSACTIONAL, used)
    return _with_capacity({}, consumed.values(), request, "Write")


def _each(members: list[dict[str, Any]], read: Callable[[dict[str, Any]], Any]) -> list[Any]:
    """What `read` makes of every member; a TransactionCanceledException if the key of one is not its table's."""
    made = []
    reason: dict[str, Any] = {}
    for member in members:
        try:
            made.append(read(member))
        except Mismatch as mismatch:
            # Of several the first is told. What refuses the whole transaction comes before, wherever it stands.
            made.append(None)
            reason = reason or {"Code": "ValidationError", "Message": mismatch.message}
    if reason:
        at = made.index(None)
        raise _cancelled([reason if place == at else {"Code": "None"} for place in range(len(members))])
    return made


def _cancelled(reasons: list[dict[str, Any]]) -> ApiError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return ApiError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


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
        except EmptyKey:
            raise
        except ApiError as refusal:
            failed = refusal.code == "ConditionalCheckFailedException"
            reason = {
                **refusal.details,
                "Code": "ConditionalCheckFailed" if failed else "ValidationError",
                "Message": refusal.message,
            }
        reasons.append(reason)
    if sum(action.size for action in actions) > TRANSACTION_BYTES:
        raise invalid(_TOO_LARGE)
    if any(reason["Code"] != "None" for reason in reasons):
        raise _cancelled(reasons)
    return units


def _answered_again(storage: Storage, actions: list[Action], request: dict[str, Any]) -> dict[str, Any]:
    """The response to a request that was carried out before: it costs the reading of its items (AWS: idempotency)."""
    consumed: dict[str, Consumed] = {}
    for action in actions:
        _, size = storage.item(action.table, action.address)
        _of(consumed, action.table.name).add(read_units(size, consistent=True) * TRANSACTIONAL, {})
    return _with_capacity({}, consumed.values(), request, "Read")


def transact_get_items(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 100 items, all as they were at one moment; for an absent one an empty response."""
    consumed: dict[str, Consumed] = {}
    responses: list[dict[str, Any]] = []
    size = 0
    with reading(storage):
        gets = _each(request["TransactItems"], lambda member: _get(storage, member["Get"]))
        _check_distinct((table.space, address) for table, address, _ in gets)
        for table, address, projection in gets:
            item, item_size = storage.item(table, address)
            size += item_size
            _of(consumed, table.name).add(read_units(item_size, consistent=True) * TRANSACTIONAL, {})
            if item is not None and projection is not None:
                # Measured against DynamoDB: where the projection finds nothing there is no Item, unlike in GetItem.
                item = paths.projected(item, projection) or None
            responses.append({} if item is None else {"Item": item})
    if size > TRANSACTION_BYTES:
        raise invalid(_TOO_LARGE)
    return _with_capacity({"Responses": responses}, consumed.values(), request, "Read")


def _get(storage: Storage, get: dict[str, Any]) -> tuple[Table, bytes, list[paths.Path] | None]:
    table = storage.table(get["TableName"])
    return table, *lookup(table, get)


def _check_distinct(addresses: Iterable[tuple[int, bytes]]) -> None:
    """A ValidationException if two of these (table, address) are the same."""
    every = list(addresses)
    if len(set(every)) != len(every):
        raise invalid("Transaction request cannot include multiple operations on one item")


def _of(consumed: dict[str, Consumed], table: str) -> Consumed:
    return consumed.setdefault(table, Consumed(table))


def _with_capacity(
    response: dict[str, Any], consumed: Iterable[Consumed], request: dict[str, Any], kind: str
) -> dict[str, Any]:
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        response["ConsumedCapacity"] = [used.response(detail, kind) for used in consumed]
    return response
