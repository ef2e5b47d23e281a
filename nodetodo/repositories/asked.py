"""What the repositories ask of DynamoDB, written down instead of sent: operation, table or index, key and filter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..model import Task, User
from . import items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..client import Answer

KEY = {"user": ("uid",), "task": ("uid", "tid")}

USER = items.item(User("emma", "emma@example.org", "+491701234")._asdict())
TASK = items.item(Task("emma", 1526650262330, "buy milk", 20261124, None, "shopping", None)._asdict())


class Asked(NamedTuple):
    """A request, or an action of one, as `TransactWriteItems: Put`. filter: attributes that decide after reading."""

    request: str
    on: str
    key: tuple[str, ...]
    filter: tuple[str, ...]


class Recorder:
    """Stands in for a client, with answers in which every user and every task is there.

    has_tasks: whether a user who is to be removed has a task.
    """

    def __init__(self, *, has_tasks: bool) -> None:
        self.asked: list[Asked] = []
        self._has_tasks = has_tasks

    def __getattr__(self, operation: str) -> Callable[..., Answer]:
        def asked(**request: Any) -> Answer:
            self.asked += _actions("".join(part.capitalize() for part in operation.split("_")), request)
            return self._answer(operation, request)

        return asked

    def _answer(self, operation: str, request: dict[str, Any]) -> Answer:
        item = TASK if _kind(request) == "task" else USER
        if operation in ("query", "scan"):
            nothing = "ProjectionExpression" in request and not self._has_tasks  # a look whether a user has tasks
            found = {name: item[name] for name in KEY[_kind(request)]} if "ProjectionExpression" in request else item
            return {"Items": [] if nothing else [found], "ScannedCount": 1}
        return {"Item": item, "Attributes": item}


def _kind(request: dict[str, Any]) -> str:
    return "task" if str(request.get("TableName", "")).endswith("task") else "user"


def _actions(name: str, request: dict[str, Any]) -> Iterator[Asked]:
    if "TransactItems" in request:
        for action in request["TransactItems"]:
            for kind, inner in action.items():
                yield _asked(f"{name}: {kind}", inner)
    elif "RequestItems" in request:
        for table, deletes in request["RequestItems"].items():
            yield _asked(name, {"TableName": table, "Key": deletes[0]["DeleteRequest"]["Key"]})
    else:
        yield _asked(name, request)


def _asked(name: str, request: dict[str, Any]) -> Asked:
    key: tuple[str, ...] = tuple(request.get("Key", ()))
    if "Item" in request:
        key = KEY[_kind(request)]
    elif "KeyConditionExpression" in request:
        key = _named(request, request["KeyConditionExpression"])
    filtered = _named(request, request.get("FilterExpression", ""))
    return Asked(name, request.get("IndexName") or request["TableName"], key, filtered)


def _named(request: dict[str, Any], expression: str) -> tuple[str, ...]:
    """The attributes behind the placeholders of an expression."""
    return tuple(request["ExpressionAttributeNames"][name] for name in re.findall(r"#\w+", expression))
