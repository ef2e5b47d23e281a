"""TransactWriteItems and TransactGetItems.

Transactions of this engine run one after another, so that they never conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..capacity import TRANSACTIONAL, ConsumedUnits, add_consumed, read_units
from ..errors import ApiError, validation_error
from ..expressions import paths
from ..expressions.binding import bind_get
from ..limits import TOKEN_LENGTH, TOKEN_SECONDS, TRANSACTION_BYTES, TRANSACTION_ITEMS
from ..schema import EmptyIndexKeyError, KeyMismatchError
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
from .writes import Write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..expressions.nodes import Path
    from ..schema import Table
    from ..storage.statements import Storage
    from .writes import WriteUnits

    Get = tuple[Table, bytes, list[Path] | None]  # a table, the address of an item and the paths of the projection

# The codes of cancellation reasons, by those of the errors (API reference of TransactWriteItems).
_REASONS = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
}

Member = TypeVar("Member")
Parsed = TypeVar("Parsed")

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
    {"ClientRequestToken": text_from(1, TOKEN_LENGTH), **CAPACITY, **COLLECTION},
)
TRANSACT_GET_ITEMS = Structure(
    {
        "TransactItems": list_of(
            Structure({"Get": Structure({"Key": attributes, **TABLE}, PROJECTION)}, {}), 1, TRANSACTION_ITEMS
        )
    },
    CAPACITY,
)


def transact_write_items(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Apply up to 100 writes of different items, or none of them.

    With a ClientRequestToken, a repeated request within ten minutes writes nothing and succeeds. Raises ApiError: a
    TransactionCanceledException with a reason for each write if a condition fails or an update does not fit its item.
    """
    members = request["TransactItems"]
    with writing(storage):
        return write_all(storage, parse_all(members, lambda member: _action(storage, member)), members, request)


def write_all(storage: Storage, actions: list[Write], content: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out the writes of a transaction within a transaction of the storage, and return the response.

    content: the part of the request that a repeated request with the same token must repeat.
    """
    token = request.get("ClientRequestToken")
    _check_distinct((action.table.space, action.address) for action in actions)
    if token is not None:
        text = to_sorted_json(content)
        now = storage.clock()
        previous = storage.request_of_token(token, now)
        if previous is not None:
            if previous != text:
                raise ApiError(
                    "IdempotentParameterMismatchException",
                    "The parameters of this request do not match those of the request that used this token before",
                )
            return _repeated(storage, actions, request)
        storage.store_token(token, text, now, now + TOKEN_SECONDS)
    units = _run_all(storage, actions)
    response: dict[str, Any] = {}
    if request.get("ReturnConsumedCapacity", "NONE") != "NONE":
        consumed: dict[str, ConsumedUnits] = {}
        for action, used in zip(actions, units, strict=True):
            _of(consumed, action.table.name).add(used.table * TRANSACTIONAL, used.indexes)
        add_consumed(response, request, consumed.values(), "Write")
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        from .item_collections import add_metrics

        add_metrics(storage, response, [(each.table, each.key) for each in actions if each.kind != "ConditionCheck"])
    return response


def parse_all(members: list[Member], parse: Callable[[Member], Parsed]) -> list[Parsed]:
    """Parse every member of a transaction.

    Raises ApiError (TransactionCanceledException) if a key does not fit its table. The first such key is the only
    reason. Any other error takes precedence, even after such a key.
    """
    parsed = []
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in members]
    mismatch: KeyMismatchError | None = None
    for at, member in enumerate(members):
        try:
            parsed.append(parse(member))
        except KeyMismatchError as error:
            if mismatch is None:
                mismatch = error
                reasons[at] = {"Code": "ValidationError", "Message": error.message}
    if mismatch is not None:
        raise _cancelled(reasons)
    return parsed


def _cancelled(reasons: list[dict[str, Any]]) -> ApiError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return ApiError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _action(storage: Storage, member: dict[str, Any]) -> Write:
    if len(member) != 1:
        raise validation_error(
            "TransactItems can only contain one of Check, Put, Update or Delete"
            if member
            else "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        )
    ((kind, content),) = member.items()
    return Write(storage, kind, content)


def _run_all(storage: Storage, actions: list[Write]) -> list[WriteUnits]:
    """Run all actions and return their units.

    Raises ApiError (TransactionCanceledException) if one of them fails. The caller's transaction is rolled back then.
    """
    units = []
    reasons: list[dict[str, Any]] = []
    for action in actions:
        reason: dict[str, Any] = {"Code": "None"}
        try:
            action.check()
            units.append(action.carry_out(storage))
        except EmptyIndexKeyError:
            raise
        except ApiError as error:
            reason = {**error.details, "Code": _REASONS.get(error.code, "ValidationError"), "Message": error.message}
        reasons.append(reason)
    _check_size(sum(action.size for action in actions))
    if any(reason["Code"] != "None" for reason in reasons):
        raise _cancelled(reasons)
    return units


def _repeated(storage: Storage, actions: list[Write], request: dict[str, Any]) -> dict[str, Any]:
    """Return the response to a repeated request. It consumes read units (AWS: idempotency)."""
    consumed: dict[str, ConsumedUnits] = {}
    for action in actions:
        _, size = storage.item(action.table, action.address)
        _of(consumed, action.table.name).add(read_units(size, consistent=True) * TRANSACTIONAL, {})
    return add_consumed({}, request, consumed.values(), "Read")


def transact_get_items(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Read up to 100 items in one state of the database. The response for an absent item is empty."""
    with reading(storage):
        gets = parse_all(request["TransactItems"], lambda member: get(storage, member["Get"]))
        return read_all(storage, gets, request)


def read_all(storage: Storage, gets: list[Get], request: dict[str, Any]) -> dict[str, Any]:
    """Read the items of a transaction within a transaction of the storage, and return the response."""
    consumed: dict[str, ConsumedUnits] = {}
    responses: list[dict[str, Any]] = []
    size = 0
    _check_distinct((table.space, address) for table, address, _ in gets)
    for table, address, projection in gets:
        item, item_size = storage.item(table, address)
        size += item_size
        _of(consumed, table.name).add(read_units(item_size, consistent=True) * TRANSACTIONAL, {})
        if item is not None and projection is not None:
            # If the projection matches no attribute, the response has no Item, unlike in GetItem (measured).
            item = paths.project(item, projection) or None
        responses.append({} if item is None else {"Item": item})
    _check_size(size)
    return add_consumed({"Responses": responses}, request, consumed.values(), "Read")


def get(storage: Storage, request: dict[str, Any]) -> Get:
    """Return the read of a Get."""
    table = storage.table(request["TableName"])
    return table, *bind_get(table, request)


def _check_size(size: int) -> None:
    """Raise ApiError (ValidationException) if the items of a transaction have more than 4 MB."""
    if size > TRANSACTION_BYTES:
        raise validation_error(f"Transaction payload size cannot exceed 4MB. Payload Size: {size}")


def _check_distinct(addresses: Iterable[tuple[int, bytes]]) -> None:
    """Raise ApiError (ValidationException) if two pairs of space and address are equal."""
    all_addresses = list(addresses)
    if len(set(all_addresses)) != len(all_addresses):
        raise validation_error("Transaction request cannot include multiple operations on one item")


def _of(consumed: dict[str, ConsumedUnits], table: str) -> ConsumedUnits:
    return consumed.setdefault(table, ConsumedUnits(table))
