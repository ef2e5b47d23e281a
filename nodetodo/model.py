"""What passes between the layers: users, tasks, and which tasks are wanted.

NamedTuples, because they are frozen, typed, and free at start-up (dataclasses would import inspect).
"""

from __future__ import annotations

from typing import Any, NamedTuple


class User(NamedTuple):
    uid: str
    email: str | None  # None only in items that other programs wrote, here and below
    phone: str | None


class Task(NamedTuple):
    """Days are numbers yyyymmdd, as they are stored; tid is milliseconds since 1970, made whole and unique per uid."""

    uid: str
    tid: int
    description: str | None
    created: int | None
    due: int | None
    category: str | None
    completed: int | None


class DueFilter(NamedTuple):
    """`due <comparator> <day>` with comparator one of < = >; no due date at all when the comparator is empty."""

    comparator: str
    day: int


class Wanted(NamedTuple):
    """Which tasks of a list to show; None leaves a question open."""

    category: str | None = None
    due: DueFilter | None = None
    completed: bool | None = None


class Capacity(NamedTuple):
    """Of a new table and of each of its indexes; units per second are the definition's own where they are None."""

    on_demand: bool = False
    read: int | None = None
    write: int | None = None


class TableStatus(NamedTuple):
    """A table, or one of its indexes (then index_name is set); items and bytes are DynamoDB's own, hours old."""

    table: str
    index_name: str | None
    status: str
    items: int | None = None
    bytes: int | None = None
    billing: str | None = None
    read: int | None = None
    write: int | None = None


Key = dict[str, Any]
"""A key as plain values, such as {"uid": "emma", "tid": 1526650262330}."""
