"""Sends requests to any engine and returns outcomes that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from tests.differential.schema import TABLES, Client, Item

MAX_PAGES = 40
"""No generated table has more items than this, so a read of more pages does not end."""

Page = dict[str, Any]
Contents = dict[tuple[str, str | None], list[Item]]
"""Items by table, and index entries by table and index."""


READS = frozenset(
    ("get_item", "query", "scan", "batch_get_item", "transact_get_items", "describe_table", "list_tables")
)


class Request(NamedTuple):
    """A request. `paging` says what `send` reads and what `outcomes_match` compares.

    "once": one response. "pages": all pages. "segments": all pages of all segments of a scan.
    "error code": one response to a scan of which the engine may choose the items, so only its error code is compared.
    """

    method: str
    arguments: dict[str, Any]
    paging: Literal["once", "pages", "segments", "error code"] = "once"

    def __repr__(self) -> str:
        arguments = re.sub(r"(x|k)\1{50,}", lambda run: f"{run[1]}*{len(run[0])}", repr(self.arguments))
        return f"{self.method}({arguments}, {self.paging})"


class ErrorResponse(NamedTuple):
    """The parts of an error response that must match.

    `item` is the item that failed the condition. `reasons` holds the code and item of each cancellation reason.
    """

    code: str
    item: Any = None
    reasons: tuple[tuple[str, Any], ...] = ()


Outcome = ErrorResponse | list[Page]


def error_code(outcome: Outcome) -> str | None:
    """Return the error code of an outcome, None for pages."""
    return outcome.code if isinstance(outcome, ErrorResponse) else None


def is_invalid(outcome: Outcome) -> bool:
    """Return whether an engine rejected the request as invalid, also because of one action of a transaction."""
    return isinstance(outcome, ErrorResponse) and (
        outcome.code in ("ValidationException", "ParamValidationError")
        or any(code == "ValidationError" for code, _ in outcome.reasons)
    )


def _normalize(response: Any) -> Any:
    """Sort the members of sets and leave out the metadata of HTTP."""
    if isinstance(response, dict):
        return {
            name: sorted(part) if name in ("SS", "NS", "BS") and isinstance(part, list) else _normalize(part)
            for name, part in response.items()
            if name != "ResponseMetadata"
        }
    return [_normalize(part) for part in response] if isinstance(response, list) else response


def _error_response(error: Exception) -> ErrorResponse:
    """Return the comparable parts of an exception of either client. Raises any other exception again."""
    # The client rejected the request before sending it. botocore reads the tables' names before it validates, so it
    # fails in jmespath if they are not where they belong.
    if type(error).__name__ in ("ParamValidationError", "JMESPathTypeError"):
        return ErrorResponse("ParamValidationError")
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        raise error
    reasons = [(reason["Code"], _normalize(reason.get("Item"))) for reason in response.get("CancellationReasons", ())]
    return ErrorResponse(response["Error"]["Code"], _normalize(response.get("Item")), tuple(reasons))


def pages(client: Client, method: str, arguments: dict[str, Any]) -> Iterator[Page]:
    """Yield all pages of a Query or Scan, normalized."""
    for _ in range(MAX_PAGES):
        page = getattr(client, method)(**arguments)
        yield _normalize(page)
        if "LastEvaluatedKey" not in page:
            return
        arguments = arguments | {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    raise AssertionError(f"{method} returns more than {MAX_PAGES} pages: {arguments}")


def _without_empty_last_page(found: list[Page]) -> list[Page]:
    """Drop an empty last page, because an engine may or may not return one.

    API_Query: "If LastEvaluatedKey is not empty, it does not necessarily mean that there is more data".
    """
    if len(found) > 1 and not found[-1]["ScannedCount"]:
        last = {name: part for name, part in found[-2].items() if name != "LastEvaluatedKey"}
        return [*found[:-2], last]
    return found


def send(client: Client, request: Request, run: str = "") -> Outcome:
    """Send a request and return its pages or its error.

    `run` becomes part of a ClientRequestToken, so that tokens of two examples differ.
    """
    arguments = request.arguments
    if isinstance(token := arguments.get("ClientRequestToken"), str) and token:
        arguments = arguments | {"ClientRequestToken": f"{run}-{token}"}
    try:
        if request.paging == "segments":
            total = arguments.get("TotalSegments")
            segments = range(total if isinstance(total, int) and total < 10 else 1)
            return [page for part in segments for page in pages(client, "scan", arguments | {"Segment": part})]
        if request.paging == "pages":
            return _without_empty_last_page(list(pages(client, request.method, arguments)))
        return [_normalize(getattr(client, request.method)(**arguments))]
    except Exception as error:
        return _error_response(error)


def read_all(client: Client, table: str, index: str | None = None) -> list[Item]:
    """Return all items of a table or all entries of an index."""
    target = {"TableName": table} | ({} if index is None else {"IndexName": index})
    return [item for page in pages(client, "scan", target) for item in page["Items"]]


def clear(client: Client, found: Contents | None = None) -> None:
    """Delete all items of TABLES. `found` holds the present contents if they are known.

    On DynamoDB Local this is faster than creating the tables again.
    """
    for name, table in TABLES.items():
        items = read_all(client, name) if found is None else found[name, None]
        deletes = [{"DeleteRequest": {"Key": table.key_of(item)}} for item in items]
        for start in range(0, len(deletes), 25):
            client.batch_write_item(RequestItems={name: deletes[start : start + 25]})
