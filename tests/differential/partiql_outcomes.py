"""Sends PartiQL requests to any engine and returns outcomes that can be compared."""

from __future__ import annotations

from typing import Any

from tests.differential.comparison import normalize_numbers, sort_items
from tests.differential.requests import MAX_PAGES, ErrorResponse, Outcome, Request, send
from tests.differential.schema import Client


def outcome_of(client: Client, request: Request) -> Outcome:
    """Send a request and return its outcome. The pages of a statement are joined.

    Without ORDER BY the order of items is not defined, so they are sorted.
    """
    if request.method != "execute_statement":
        found = send(client, request)
        return found if isinstance(found, ErrorResponse) else [_without_messages(found[0])]
    items: list[Any] = []
    token: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        found = send(client, Request(request.method, request.arguments | token))
        if isinstance(found, ErrorResponse):
            return found._replace(code=found.code.replace("DuplicateItemException", "DuplicateItem"))
        items += normalize_numbers(found[0]["Items"])
        if "NextToken" not in found[0]:
            return [{"Items": items if " ORDER BY " in request.arguments["Statement"] else sort_items(items)}]
        token = {"NextToken": found[0]["NextToken"]}
    raise AssertionError(f"more than {MAX_PAGES} pages: {request}")


def _without_messages(response: dict[str, Any]) -> dict[str, Any]:
    """Return the response of a batch without the parts of its errors that differ between engines.

    The messages differ, and which invalid statements have a TableName.
    """
    responses = []
    for each in response["Responses"]:
        code = each.get("Error", {}).get("Code")
        dropped = ("Error", "TableName") if code == "ValidationError" else ("Error",)
        rest = {name: part for name, part in each.items() if name not in dropped}
        responses.append(rest if code is None else {**rest, "Code": code})
    return normalize_numbers({"Responses": responses})  # type: ignore[no-any-return]
