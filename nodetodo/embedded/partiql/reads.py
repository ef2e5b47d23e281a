"""Carries out SELECT: one page of a statement, or the single item of a batch or a transaction.

A page reads the ranges of keys that the WHERE clause allows, one after another, or the whole table. The WHERE clause is
the filter.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, Any

from ..capacity import ConsumedUnits
from ..errors import ApiError, validation_error
from ..expressions.binding import bind_get
from ..expressions.paths import value_at
from ..expressions.translation import Translation
from ..limits import PAGE_BYTES, READS_PER_PAGE
from ..operations import parameters
from ..operations.queries import Page
from ..schema import LOCAL
from ..storage.codecs import from_json_with_base64, to_json_with_base64, to_sorted_json
from ..values import rank
from .grammar import result_name
from .key_access import IncompleteKeyError, KeyRanges, ranges, split_key

if TYPE_CHECKING:
    from ..expressions.key_conditions import KeyRange
    from ..expressions.nodes import Path
    from ..operations.transactions import Get
    from ..schema import Table
    from ..storage.statements import Storage
    from ..values import Item
    from .nodes import Select


def select_page(storage: Storage, select: Select, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a statement. request: the parameters of ExecuteStatement. Raises ApiError."""
    page, paths = _bind(storage, select, request)
    found = ranges(select.where, page.key)
    is_forward = _is_forward(select, page, found)
    ordered = _in_order(select, page, found, is_forward)
    token = request.get("NextToken")
    first, start_key = (0, None) if token is None else _decode_token(token, request, len(ordered))
    consumed = ConsumedUnits(page.table.name)
    items: list[Item] = []
    size = 0
    limit = request.get("Limit")
    next_token = last = None
    for at in range(first, len(ordered)):
        if at - first == READS_PER_PAGE or limit == 0 or size >= PAGE_BYTES:
            next_token = _encode_token(request, at, None)
            break
        page.range = ordered[at]
        page.max_size = PAGE_BYTES - size
        page.request["ExclusiveStartKey"] = start_key
        if limit is not None:
            page.request["Limit"] = limit
        response = page.read(storage, "Invalid NextToken", is_forward)
        items += response["Items"]
        start_key = None
        size += page.evaluated_size
        consumed.add(*page.units())
        if limit is not None:
            limit -= response["ScannedCount"]
        last = response.get("LastEvaluatedKey")
        if last is not None:
            next_token = _encode_token(request, at, last)
            break
    result: dict[str, Any] = {"Items": items if paths is None else [_projected(item, paths) for item in items]}
    if next_token is not None:
        result["NextToken"] = next_token
    if last is not None:
        result["LastEvaluatedKey"] = last
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        result["ConsumedCapacity"] = consumed.response(detail)
    return result


def _bind(storage: Storage, select: Select, request: dict[str, Any]) -> tuple[Page, list[Path] | None]:
    """Return the page of a statement, with its filter, and the paths of its projection."""
    _check_projection(storage, select)
    translation = Translation()
    expressions: dict[str, Any] = {}
    if select.where is not None:
        expressions["FilterExpression"] = translation.condition(select.where)
    if select.paths is not None:
        expressions["ProjectionExpression"] = [translation.path(path) for path in select.paths]
    source = {"TableName": select.source.table_name, "ConsistentRead": request.get("ConsistentRead", False)}
    name = select.source.index_name
    if name is not None:
        source["IndexName"] = name
        _check_index_read(storage.table(select.source.table_name), name, source["ConsistentRead"])
    page = Page(storage, {**source, **expressions, **translation.parameters()}, tuple(expressions))
    page.bind_expressions()
    # The results have another form than those of Query: see _projected.
    paths, page.projection = page.projection, None
    return page, paths


def _check_projection(storage: Storage, select: Select) -> None:
    """Raise ApiError (ValidationException) for a projection with a function, such as COUNT(*).

    DynamoDB reports an index that it does not read before it (see _check_key).
    """
    if select.problem is not None:
        table = storage.find_table(select.source.table_name)
        if table is not None:
            _check_key(table, select.source.index_name)
        raise select.problem


def _check_index_read(table: Table, name: str, is_consistent: bool) -> None:
    """Raise ApiError (ValidationException) if a page cannot read an index.

    The messages are not those of Query (paritysuite/dynamodb-conformance, error-messages/indexReads.test.ts).
    """
    if name not in table.indexes:
        raise validation_error("The table does not have the specified index")
    _check_key(table, name)
    if is_consistent and table.indexes[name].kind != LOCAL:
        raise validation_error("Strongly consistent read is not supported on Global Secondary Indexes")


def _check_key(table: Table, name: str | None) -> None:
    """Raise ApiError (ValidationException) for an index with several attributes in a part of its key.

    DynamoDB does not read it with PartiQL (paritysuite/dynamodb-conformance, partiqlMultiAttributeIndex.test.ts).
    """
    index = None if name is None else table.indexes.get(name)
    if index is not None and (len(index.key.partition) > 1 or len(index.key.sort) > 1):
        raise validation_error(
            "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE "
            "keys."
        )


def _is_forward(select: Select, page: Page, found: KeyRanges) -> bool:
    """Return whether to read in the ascending order of the sort key. Raises ApiError for an invalid ORDER BY."""
    if not select.order:
        return True
    if select.where is None:
        raise validation_error("Must have WHERE clause in the statement when using ORDER BY clause.")
    names = page.key.names
    for each in select.order:
        if each.attribute not in names:
            raise validation_error(
                f"Variable reference {each.attribute} in ORDER BY clause must be part of the primary key"
            )
    if not found.partitions and found.ranges:
        raise validation_error(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
        )
    if len({rank(value) for value in found.partitions}) > 1 and names[0] not in [
        each.attribute for each in select.order
    ]:
        raise validation_error(
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
        )
    return not any(each.is_descending for each in select.order if each.attribute in names[1:])


def _in_order(select: Select, page: Page, found: KeyRanges, is_forward: bool) -> list[KeyRange]:
    """Return the ranges in the order of the statement: by partition key if ORDER BY names it, else by address."""
    pairs = list(zip(found.ranges, found.partitions, strict=True)) if found.partitions else []
    if not pairs:
        return found.ranges
    pairs.sort(key=lambda pair: pair[0].low, reverse=not is_forward)
    for each in select.order:
        if each.attribute == page.key.names[0]:
            pairs.sort(key=lambda pair: rank(pair[1]) or b"", reverse=each.is_descending)
    return [range_ for range_, _ in pairs]


def _projected(item: Item, paths: list[Path]) -> Item:
    """Return the values at the paths, each with its last name: `a.b` has the name b."""
    return {result_name(path): value for path in paths if (value := value_at(item, path)) is not None}


def single_item(storage: Storage, select: Select, operation: str) -> Get:
    """Return the read of a statement of a batch or a transaction.

    operation: its name, for the error message. Raises ApiError (ValidationException) unless the WHERE clause names the
    whole key of the table and nothing else, and KeyMismatchError for a key of a wrong type.
    """
    _check_projection(storage, select)
    table = storage.table(select.source.table_name)
    _check_key(table, select.source.index_name)
    try:
        key, rest = split_key(select.where, table)
    except IncompleteKeyError:
        key, rest = {}, None
    if not key or rest is not None or select.source.index_name is not None:
        raise validation_error(
            f"Select statements within {operation} must specify the primary key in the where clause."
        )
    request: dict[str, Any] = {"Key": key}
    if select.paths is not None:
        translation = Translation()
        request["ProjectionExpression"] = [translation.path(path) for path in select.paths]
        request |= translation.parameters()
    return table, *bind_get(table, request)


def _digest(request: dict[str, Any]) -> str:
    from hashlib import sha256  # here, because only pages need it

    return sha256(to_sorted_json([request["Statement"], request.get("Parameters", [])]).encode()).hexdigest()[:32]


def _encode_token(request: dict[str, Any], at: int, last: Item | None) -> str:
    """Return the NextToken of a page: of the range to continue with, after the last key that was read."""
    content = to_json_with_base64({"statement": _digest(request), "range": at, "key": last})
    return b2a_base64(content.encode(), newline=False).decode()


def _decode_token(token: str, request: dict[str, Any], count: int) -> tuple[int, Item | None]:
    """Return the range to continue with, and the last key that was read.

    Raises ApiError (ValidationException) if the token is invalid or of another statement.
    """
    try:
        content = from_json_with_base64(a2b_base64(token, strict_mode=True).decode())
        statement, at, key = content["statement"], content["range"], content["key"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _invalid_token() from None
    if statement != _digest(request):
        raise validation_error("NextToken does not match request")
    errors = parameters.Errors()
    if key is not None:
        parameters.attributes(key, "", errors)
    if errors.problems or errors.constraints or type(at) is not int or not 0 <= at < count:
        raise _invalid_token()
    return at, key


def _invalid_token() -> ApiError:
    return validation_error("Invalid NextToken")
