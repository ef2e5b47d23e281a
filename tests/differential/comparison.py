"""Compares two outcomes of one request. Two correct outcomes need not be equal.

DynamoDB does not define the order of a scan, of a batch, or of index entries with one index key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tests.differential.requests import Contents, ErrorResponse, Outcome, Page, Request, error_code, pages, read_all
from tests.differential.schema import TABLES, Client, Item


class Mismatch(NamedTuple):
    """A request to which the reference engine (`expected`) and the embedded engine (`actual`) respond differently."""

    request: Request
    expected: Outcome
    actual: Outcome

    @property
    def both_pages(self) -> tuple[list[Page], list[Page]] | None:
        """The pages of both engines, None if either returned an error."""
        if isinstance(self.expected, ErrorResponse) or isinstance(self.actual, ErrorResponse):
            return None
        return self.expected, self.actual

    @property
    def expected_code(self) -> str | None:
        """The error code of the reference engine, None for pages."""
        return error_code(self.expected)

    @property
    def actual_code(self) -> str | None:
        """The error code of the embedded engine, None for pages."""
        return error_code(self.actual)


def normalize_numbers(response: Any) -> Any:
    """Write every number in plain notation, without zeros that do not change its value."""
    if isinstance(response, dict):
        if response.keys() == {"N"}:
            return {"N": _plain_number(response["N"])}
        if response.keys() == {"NS"}:
            return {"NS": sorted(map(_plain_number, response["NS"]))}
        return {name: normalize_numbers(part) for name, part in response.items()}
    return [normalize_numbers(part) for part in response] if isinstance(response, list) else response


def _plain_number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    plain = format(number, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) if number else "0"


def _canonical_text(part: Any) -> str:
    if isinstance(part, dict):
        return "{" + ",".join(f"{name}:{_canonical_text(part[name])}" for name in sorted(part)) + "}"
    return "[" + ",".join(map(_canonical_text, part)) + "]" if isinstance(part, list) else repr(part)


def sort_items(items: Iterable[Any]) -> list[Any]:
    """Sort items by their content. The notation of a number does not change the order."""
    return sorted(items, key=lambda item: _canonical_text(normalize_numbers(item)))


def items_of(found: list[Page]) -> list[Item]:
    """Return the items of all pages."""
    return [item for page in found for item in page.get("Items", ())]


def evaluated(found: list[Page]) -> int:
    """Return the number of items that all pages evaluated, before the filter."""
    return sum(page["ScannedCount"] for page in found)


def outcomes_match(request: Request, expected: Outcome, actual: Outcome) -> bool:
    """Return whether two outcomes are equal, apart from orders that DynamoDB does not define."""
    if isinstance(expected, ErrorResponse) or isinstance(actual, ErrorResponse):
        return bool(expected == actual)
    if request.paging == "error code":
        return True
    if request.method == "scan":
        return _scan_summary(request, expected) == _scan_summary(request, actual)
    if request.method == "batch_get_item":
        return list(map(_sort_batch, expected)) == list(map(_sort_batch, actual))
    return expected == actual


def _scan_summary(request: Request, found: list[Page]) -> tuple[object, ...]:
    """Return the parts of a scan that do not depend on its order."""
    return (
        found[0].keys() - {"LastEvaluatedKey"},
        sort_items(items_of(found)),
        sum(page["Count"] for page in found),
        evaluated(found),
        # Without segments every page but the last evaluates as many items as Limit allows.
        [page["ScannedCount"] for page in found] if request.paging == "pages" else None,
    )


def _sort_batch(page: Page) -> Page:
    return page | {"Responses": {name: sort_items(items) for name, items in page["Responses"].items()}}


def differ_in_order_of_ties(mismatch: Mismatch, reference: Client, engine: Client) -> bool:
    """Return whether two queries of an index differ only in the order of entries with one index key.

    DynamoDB does not define that order, so the pages of one engine may have other entries than those of the other.
    Both index partitions are read again without filter and limit. The entries of one key compare as a group.
    """
    request = mismatch.request
    index = request.arguments.get("IndexName")
    if request.method != "query" or index is None or mismatch.both_pages is None:
        return False
    sort = TABLES[request.arguments["TableName"]].indexes[index].sort
    groups = _groups_of_ties(reference, request, sort)
    if groups != _groups_of_ties(engine, request, sort):
        return False
    start = request.arguments.get("ExclusiveStartKey")
    # The position of the start key among the entries of its own index key is not defined either.
    if start is not None and any(_values(normalize_numbers(start), sort) == _values(each[0], sort) for each in groups):
        return True
    expected, actual = mismatch.both_pages
    return (
        any(len(group) > 1 for group in groups)
        and [page["ScannedCount"] for page in expected] == [page["ScannedCount"] for page in actual]
        and sort_items(items_of(expected)) == sort_items(items_of(actual))
    )


def _values(item: Item, names: list[str]) -> list[dict[str, Any]]:
    return [item[name] for name in names]


def _groups_of_ties(client: Client, request: Request, sort: list[str]) -> list[list[Item]]:
    """Query the index partition without filter and limit, and group its entries by the values of the sort key."""
    names = ("TableName", "IndexName", "KeyConditionExpression", "ScanIndexForward")
    query = {name: request.arguments[name] for name in names if name in request.arguments}
    condition = query["KeyConditionExpression"]
    for part in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        used = {name: to for name, to in request.arguments.get(part, {}).items() if name in condition}
        query |= {part: used} if used else {}
    groups: list[list[Item]] = []
    for item in normalize_numbers(items_of(list(pages(client, "query", query)))):
        if groups and _values(groups[-1][-1], sort) == _values(item, sort):
            groups[-1].append(item)
        else:
            groups.append([item])
    return [sort_items(group) for group in groups]


def contents(client: Client, map_: Callable[..., Iterable[list[Item]]] = map) -> Contents:
    """Return everything in every table and index of TABLES, sorted. `map_` may read them in parallel."""
    sources = [(name, index) for name, table in TABLES.items() for index in (None, *table.indexes)]
    items = map_(lambda source: sort_items(read_all(client, *source)), sources)
    return dict(zip(sources, items, strict=True))
