"""The data that layers exchange: users, tasks, filters and the status of tables.

They are NamedTuples, because these are frozen and typed. A dataclass would import inspect, which is slow at start-up.
Modules that define NamedTuples omit `from __future__ import annotations`: with it the interpreter compiles each
annotation from a string, and the first compilation in a process takes as long as the import of all these modules.
"""

from typing import Any, Literal, NamedTuple

TABLE_PREFIX = "todo-"
"""The default prefix of table names."""


class User(NamedTuple):
    """A user. email and phone are None only in items that other programs wrote."""

    uid: str
    email: str | None
    phone: str | None


class Task(NamedTuple):
    """A task. Its key is uid and tid.

    tid: milliseconds since 1970, counted up until it is unique for the uid. created, due, completed: days as numbers
    yyyymmdd. description and created are None only in items that other programs wrote.
    """

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
    """Selects the tasks of a list. A field that is None selects all tasks."""

    category: str | None = None
    due: DueFilter | None = None
    without_due: bool = False
    completed: bool | None = None


class Capacity(NamedTuple):
    """The capacity of a new table and of each of its indexes.

    read, write: capacity units per second; None for those of the table's definition.
    """

    on_demand: bool = False
    read: int | None = None
    write: int | None = None


class TableStatus(NamedTuple):
    """The status of a table, or of one of its indexes (index_name).

    items, bytes: DynamoDB's own counts, up to six hours old. read, write: capacity units per second; None on demand.
    """

    table: str
    index_name: str | None
    status: str
    items: int | None = None
    bytes: int | None = None
    billing: str | None = None
    read: int | None = None
    write: int | None = None


Key = dict[str, Any]
"""A key as plain values, for example {"uid": "emma", "tid": 1526650262330}."""
