"""What passes between the layers: users, tasks, and which tasks are wanted.

NamedTuples, because they are frozen and typed, and cheap at start-up, unlike dataclasses, which import inspect. Modules
that have some do without `from __future__ import annotations`: it would make every annotation of theirs a string for
the interpreter to compile, and the first compilation in a process takes as long as importing all of these modules.
"""

from typing import Any, Literal, NamedTuple

TABLE_PREFIX = "todo-"
"""The default beginning of table names."""


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
    """The condition `due <comparator> <day>`."""

    comparator: Literal["<", "=", ">"]
    day: int


class TaskFilter(NamedTuple):
    """Selects the tasks of a list; None selects all."""

    category: str | None = None
    due: DueFilter | None = None
    without_due: bool = False
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
