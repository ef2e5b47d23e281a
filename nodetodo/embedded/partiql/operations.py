"""ExecuteStatement, BatchExecuteStatement and ExecuteTransaction."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import values
from ..capacity import ConsumedUnits, add_consumed, read_units
from ..errors import ApiError, validation_error
from ..expressions import paths
from ..limits import BATCH_STATEMENTS, STATEMENT_LENGTH, TOKEN_LENGTH, TRANSACTION_ITEMS
from ..operations import items, transactions
from ..operations.parameters import (
    CAPACITY,
    Structure,
    attribute_value,
    boolean,
    integer_from,
    list_of,
    one_of,
    text_from,
)
from ..schema import KeyMismatchError
from ..storage.statements import reading, writing
from . import grammar, reads, writes
from .nodes import Delete, Exists, Select, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..operations.transactions import Get
    from ..operations.writes import Write, WriteUnits
    from ..storage.statements import Storage
    from ..values import Value
    from .nodes import Statement, WriteStatement

_STATEMENT = {"Statement": text_from(1, STATEMENT_LENGTH)}
_PARAMETERS = {"Parameters": list_of(attribute_value, 1)}
_ON_FAILURE = {"ReturnValuesOnConditionCheckFailure": one_of("ALL_OLD", "NONE")}

EXECUTE_STATEMENT = Structure(
    _STATEMENT,
    {
        **_PARAMETERS,
        "ConsistentRead": boolean,
        "NextToken": text_from(1, 32_768),
        **CAPACITY,
        "Limit": integer_from(1),
        **_ON_FAILURE,
    },
)
BATCH_EXECUTE_STATEMENT = Structure(
    {
        "Statements": list_of(
            Structure(_STATEMENT, {**_PARAMETERS, "ConsistentRead": boolean, **_ON_FAILURE}), 1, BATCH_STATEMENTS
        )
    },
    CAPACITY,
)
EXECUTE_TRANSACTION = Structure(
    {"TransactStatements": list_of(Structure(_STATEMENT, {**_PARAMETERS, **_ON_FAILURE}), 1, TRANSACTION_ITEMS)},
    {"ClientRequestToken": text_from(1, TOKEN_LENGTH), **CAPACITY},
)

_NO_EXISTS = "EXISTS can only be used in ExecuteTransaction write requests."


def _checked_parameters(request: dict[str, Any]) -> list[Value]:
    """Return the parameters of a statement in normal form.

    Raises ApiError (ValidationException) if one is invalid, also in a batch or transaction.
    """
    return [values.checked(value)[0] for value in request.get("Parameters", ())]


def _options(request: dict[str, Any]) -> dict[str, Any]:
    name = "ReturnValuesOnConditionCheckFailure"
    return {name: request[name]} if name in request else {}


@contextmanager
def _messages_of_statements() -> Iterator[None]:
    """Drop the name of the expression from error messages: a statement has no such parameters."""
    try:
        yield
    except ApiError as error:
        start, colon, rest = error.message.partition("Expression: ")
        if colon and start in ("Invalid Condition", "Invalid Filter", "Invalid Projection", "Invalid Update"):
            error.message = rest
        raise


def execute_statement(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the items that a statement reads, or carry out its write of one item."""
    statement = grammar.parse(request["Statement"], _checked_parameters(request))
    with _messages_of_statements():
        if isinstance(statement, Select):
            with reading(storage):
                return reads.select_page(storage, statement, request)
        if isinstance(statement, Exists):
            raise validation_error(_NO_EXISTS)
        with writing(storage):
            write = writes.plan(storage, statement, _options(request))
            response = items.carry_out(storage, write, {**request, "ReturnValues": _returning(statement)})
    item = response.pop("Attributes", None)
    return {"Items": [] if item is None else [item], **response}


def _returning(statement: WriteStatement) -> str:
    return statement.returning if isinstance(statement, Update | Delete) else "NONE"


# Batches


def batch_execute_statement(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out up to 25 statements, all reads or all writes. An invalid statement does not affect the others."""
    members = request["Statements"]
    responses: list[dict[str, Any]] = [{} for _ in members]
    statements: list[tuple[int, Statement]] = []
    parameters = list(map(_checked_parameters, members))
    for at, member in enumerate(members):
        statement = _attempt(responses[at], partial(grammar.parse, member["Statement"], parameters[at]))
        if isinstance(statement, Exists):
            responses[at]["Error"] = {"Code": "ValidationError", "Message": _NO_EXISTS}
        elif statement is not None:
            statements.append((at, statement))
    selects = [(at, statement) for at, statement in statements if isinstance(statement, Select)]
    if len(selects) == len(statements):
        consumed = _read_batch(storage, selects, members, responses)
    elif selects:
        raise validation_error("Read and write requests together in the same batch is not supported.")
    else:
        changes = [(at, statement) for at, statement in statements if not isinstance(statement, Select)]
        consumed = _write_batch(storage, changes, members, responses)
    return add_consumed({"Responses": responses}, request, consumed)


def _attempt(response: dict[str, Any], run: Callable[[], Any]) -> Any:
    """Return the result; None if it raises an ApiError, which becomes the Error of a statement's response."""
    try:
        with _messages_of_statements():
            return run()
    except ApiError as error:
        # The codes have other names than those of operations (API reference of BatchStatementError).
        code = "ValidationError" if error.code == "ValidationException" else error.code.removesuffix("Exception")
        response["Error"] = {"Code": code, "Message": error.message, **error.details}
        return None


def _read_batch(
    storage: Storage,
    selects: list[tuple[int, Select]],
    members: list[dict[str, Any]],
    responses: list[dict[str, Any]],
) -> list[ConsumedUnits]:
    consumed = []
    with reading(storage):
        gets: list[tuple[int, Get]] = []
        for at, select in selects:
            get = _attempt(responses[at], partial(reads.single_item, storage, select, "BatchExecuteStatement"))
            if get is not None:
                gets.append((at, get))
        _check_distinct([(table.space, address) for _, (table, address, _) in gets])
        for at, (table, address, projection) in gets:
            item, size = storage.item(table, address)
            responses[at]["TableName"] = table.name
            if item is not None:
                responses[at]["Item"] = item if projection is None else paths.project(item, projection)
            used = ConsumedUnits(table.name)
            used.add(read_units(size, members[at].get("ConsistentRead", False)), {})
            consumed.append(used)
    return consumed


def _write_batch(
    storage: Storage,
    statements: list[tuple[int, WriteStatement]],
    members: list[dict[str, Any]],
    responses: list[dict[str, Any]],
) -> list[ConsumedUnits]:
    consumed = []
    with writing(storage):
        plans: list[tuple[int, WriteStatement, Write]] = []
        for at, statement in statements:
            write = _attempt(responses[at], partial(writes.plan, storage, statement, _options(members[at])))
            if write is not None:
                plans.append((at, statement, write))
        _check_distinct([(write.table.space, write.address) for _, _, write in plans])
        for at, statement, write in plans:
            responses[at]["TableName"] = write.table.name
            # A write that is rejected has changed nothing, so that the others can go on.
            units = _attempt(responses[at], partial(_carry_out, storage, write))
            if units is not None:
                item = items.returned(write, _returning(statement))
                if item:
                    responses[at]["Item"] = item
                used = ConsumedUnits(write.table.name)
                used.add(units.table, units.indexes)
                consumed.append(used)
    return consumed


def _carry_out(storage: Storage, write: Write) -> WriteUnits:
    write.check()
    return write.carry_out(storage)


def _check_distinct(addresses: list[tuple[int, bytes]]) -> None:
    if len(set(addresses)) < len(addresses):
        raise validation_error("Provided list of item keys contains duplicates")


# Transactions


def execute_transaction(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out up to 100 statements, all reads or all writes, or none of them.

    Raises ApiError: see transact_write_items.
    """
    members = request["TransactStatements"]
    parameters = list(map(_checked_parameters, members))
    statements = [
        _numbered(at, partial(grammar.parse, member["Statement"], parameters[at])) for at, member in enumerate(members)
    ]
    selects = [statement for statement in statements if isinstance(statement, Select)]
    if not selects:
        return _write_transaction(storage, statements, request)
    if len(selects) < len(statements):
        raise validation_error(
            "ExecuteTransaction API does not support both read and write operations in the same request."
        )
    with reading(storage):
        gets = transactions.parse_all(
            list(enumerate(selects)), lambda pair: _numbered(pair[0], partial(_read, storage, pair[1]))
        )
        return transactions.read_all(storage, gets, request)


def _read(storage: Storage, select: Select) -> Get:
    storage.table(select.source.table_name)
    if select.source.index_name is not None:
        raise validation_error("Reads on indices are not supported within transactions.")
    return reads.single_item(storage, select, "ExecuteTransaction")


def _write_transaction(storage: Storage, statements: list[Any], request: dict[str, Any]) -> dict[str, Any]:
    members = request["TransactStatements"]

    def plan(pair: tuple[int, WriteStatement]) -> Write:
        at, statement = pair
        return _numbered(at, partial(_plan, storage, statement, _options(members[at])))  # type: ignore[no-any-return]

    with writing(storage):
        actions = transactions.parse_all(list(enumerate(statements)), plan)
        response = transactions.write_all(storage, actions, members, request)
    return {"Responses": [], **response}


def _plan(storage: Storage, statement: WriteStatement, options: dict[str, Any]) -> Write:
    if _returning(statement) != "NONE":
        raise validation_error("RETURNING clause is not supported in ExecuteTransaction.")
    return writes.plan(storage, statement, options)


def _numbered(at: int, run: Callable[[], Any]) -> Any:
    """Return the result. A ValidationException of the statement gets its number.

    A KeyMismatchError does not, because it becomes a cancellation reason.
    """
    try:
        with _messages_of_statements():
            return run()
    except KeyMismatchError:
        raise
    except ApiError as error:
        if error.code == "ValidationException":
            error.message = f"Validation failed in TransactStatements[{at}]: {error.message}"
        raise
