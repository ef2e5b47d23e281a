"""What a database answered, in a form that compares: sets and scans without order, errors by code and never by text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tests.differential.schema import TABLES, Client, Item, Request

MOST_PAGES = 40


class ApiError(NamedTuple):
    """An error: its code, the item that failed the condition, and a cancelled transaction's reasons."""

    code: str
    item: Any = None
    reasons: Sequence[tuple[str, Any]] = ()


Response = ApiError | list[Any]


def plain(answer: Any) -> Any:
    """`answer` without what may differ between two right answers: the order within sets, and the HTTP part."""
    if isinstance(answer, dict):
        return {
            name: sorted(part) if name in ("SS", "NS", "BS") and isinstance(part, list) else plain(part)
            for name, part in answer.items()
            if name != "ResponseMetadata"
        }
    return [plain(part) for part in answer] if isinstance(answer, list) else answer


def plain_numbers(answer: Any) -> Any:
    """`answer` with every number in its one form."""
    if isinstance(answer, dict):
        if answer.keys() == {"N"}:
            return {"N": _plain_number(answer["N"])}
        if answer.keys() == {"NS"}:
            return {"NS": sorted(map(_plain_number, answer["NS"]))}
        return {name: plain_numbers(part) for name, part in answer.items()}
    return [plain_numbers(part) for part in answer] if isinstance(answer, list) else answer


def _plain_number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    plain = format(number, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) if number else "0"


def orderless(items: list[Any]) -> list[Any]:
    """Items in an order of their own, in which it makes no difference how a number is written."""
    return sorted(items, key=lambda item: repr_sorted(plain_numbers(item)))


def repr_sorted(part: Any) -> str:
    if isinstance(part, dict):
        return "{" + ",".join(f"{name}:{repr_sorted(part[name])}" for name in sorted(part)) + "}"
    return "[" + ",".join(map(repr_sorted, part)) + "]" if isinstance(part, list) else repr(part)


def refusal(error: Exception) -> ApiError:
    """The comparable part of an exception of either client; any other exception is raised again."""
    # Refused by the client itself, nothing was sent. botocore looks for the tables' names before it validates, and
    # fails in jmespath where there is nothing to look into.
    if type(error).__name__ in ("ParamValidationError", "JMESPathTypeError"):
        return ApiError("ParamValidationError")
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        raise error
    reasons = [(reason["Code"], plain(reason.get("Item"))) for reason in response.get("CancellationReasons", ())]
    return ApiError(response["Error"]["Code"], plain(response.get("Item")), tuple(reasons))


def _pages(client: Client, method: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _ in range(MOST_PAGES):
        page = getattr(client, method)(**arguments)
        yield plain(page)
        if "LastEvaluatedKey" not in page:
            return
        arguments = arguments | {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    raise AssertionError(f"{method} of a few items does not end: {arguments}")


def _without_empty_end(pages: list[Any]) -> list[Any]:
    """The pages without an empty last one: whether the page of the last items shows the end is not promised.

    "If LastEvaluatedKey is not empty, it does not necessarily mean that there is more data in the result set."
    """
    if len(pages) > 1 and not pages[-1]["ScannedCount"]:
        last = {name: part for name, part in pages[-2].items() if name != "LastEvaluatedKey"}
        return [*pages[:-2], last]
    return pages


def ask(client: Client, request: Request, run: str) -> Response:
    """The pages that answer `request`, or its refusal. `run` keeps the tokens of one example from another's."""
    arguments = request.arguments
    if isinstance(token := arguments.get("ClientRequestToken"), str) and token:
        arguments = arguments | {"ClientRequestToken": f"{run}-{token}"}
    try:
        if request.walk == "segments":
            total = arguments.get("TotalSegments")
            pages = []
            for segment in range(total if isinstance(total, int) and total < 10 else 1):
                pages += _pages(client, request.method, arguments | {"Segment": segment})
        elif request.walk == "pages":
            pages = _without_empty_end(list(_pages(client, request.method, arguments)))
        else:
            pages = [plain(getattr(client, request.method)(**arguments))]
    except Exception as error:
        return refusal(error)
    return pages


def same(request: Request, expected: Response, given: Response) -> bool:
    """Whether both are right answers to one request."""
    if isinstance(expected, ApiError) or isinstance(given, ApiError):
        return expected == given
    if request.method == "scan":
        return _scanned(request, expected) == _scanned(request, given)
    if request.method == "batch_get_item":
        return [_unordered_tables(page) for page in expected] == [_unordered_tables(page) for page in given]
    return expected == given


def _scanned(request: Request, pages: list[Any]) -> Any:
    """A scan's order is the database's own affair, so where a page or a segment ends is, too."""
    if request.walk == "codes":
        return None
    kinds = [sorted(page.keys() - {"LastEvaluatedKey"}) for page in pages]
    return (
        kinds[0],
        orderless([item for page in pages for item in page.get("Items", ())]),
        sum(page["Count"] for page in pages),
        sum(page["ScannedCount"] for page in pages),
        # Without segments every page but the last evaluates as many as it may.
        [page["ScannedCount"] for page in pages] if request.walk == "pages" else None,
    )


def _unordered_tables(page: dict[str, Any]) -> Any:
    return page | {"Responses": {name: orderless(items) for name, items in page["Responses"].items()}}


def tie_groups(items: list[Item], sort_key: str | None) -> list[list[Item]]:
    """The items of one index partition in order, those of one sort key as one unordered group."""
    groups: list[list[Item]] = []
    for item in items:
        if groups and (sort_key is None or groups[-1][-1][sort_key] == item[sort_key]):
            groups[-1].append(item)
        else:
            groups.append([item])
    return [orderless(group) for group in groups]


def same_but_for_ties(request: Request, expected: Response, given: Response, reference: Client, engine: Client) -> bool:
    """Whether two answers of an index differ only in the order of entries that have the same index key.

    Which of them comes first is not promised, so a page or a filter may meet others of them; the index is then read
    whole and unfiltered from both, and compared with the entries of one key as one group.
    """
    index = request.arguments.get("IndexName")
    if request.method != "query" or index is None or isinstance(expected, ApiError) or isinstance(given, ApiError):
        return False
    _, sort_key = [*TABLES[request.arguments["TableName"]].indexes[index].key, None][:2]
    groups = []
    for client in (reference, engine):
        kept = ("TableName", "IndexName", "KeyConditionExpression", "ScanIndexForward")
        whole = {name: request.arguments[name] for name in kept if name in request.arguments}
        condition = whole["KeyConditionExpression"]
        for part in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
            used = {name: to for name, to in request.arguments.get(part, {}).items() if name in condition}
            whole |= {part: used} if used else {}
        items = [item for page in _pages(client, "query", whole) for item in page["Items"]]
        groups.append(tie_groups(items, sort_key))
    if groups[0] != groups[1]:
        return False
    start = request.arguments.get("ExclusiveStartKey")
    if start is not None:
        # Where among the entries of its own key the start is, is not promised either.
        return any(sort_key is None or plain_numbers(start)[sort_key] == group[0][sort_key] for group in groups[0])
    tied = any(len(group) > 1 for group in groups[0])
    sizes = [[page["ScannedCount"] for page in pages] for pages in (expected, given)]
    found = [orderless([item for page in pages for item in page.get("Items", ())]) for pages in (expected, given)]
    return tied and sizes[0] == sizes[1] and found[0] == found[1]


def contents(client: Client) -> dict[str, Any]:
    """Everything in every table and index."""
    held: dict[str, Any] = {}
    for name, table in TABLES.items():
        for index in (None, *table.indexes):
            where = {"TableName": name} | ({} if index is None else {"IndexName": index})
            pages = _pages(client, "scan", where)
            held[f"{name} {index or ''}"] = orderless([item for page in pages for item in page["Items"]])
    return held
