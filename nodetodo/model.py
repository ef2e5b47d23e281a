"""The data that layers exchange: users, tasks, filters and the status of tables.

They are NamedTuples, because these are frozen and typed. A dataclass would import inspect, which is slow at start-up.
Modules that define NamedTuples omit `from __future__ import annotations`: with it the interpreter compiles each
annotation from a string, and the first compilation in a process takes as long as the import of all these modules.
"""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

    Number = int | Decimal
    Stored = str | Number | bool | list["Stored"] | dict[str, "Stored"] | None
else:
    # NamedTuples evaluate their annotations, and importing Decimal is slow.
    Number = Stored = Any
"""Number: a number of DynamoDB, an int if it is whole. Stored: the value of any attribute. Binary data is Base64."""

TABLE_PREFIX = "todo-"
"""The default prefix of table names."""


class User(NamedTuple):
    """A user. Its key is uid.

    email and phone are texts. In items that other programs wrote, they may be absent (None) or of any type.
    """

    uid: str
    email: Stored
    phone: Stored


class Task(NamedTuple):
    """A task. Its key is uid and tid.

    tid: milliseconds since 1970, counted up until it is unique for the uid. created, due, completed: days as numbers
    yyyymmdd. description, category: texts. due, category and completed may be absent (None). In items that other
    programs wrote, tid is any number, and the attributes outside the key may be absent or of any type.
    """

    uid: str
    tid: Number
    description: Stored
    created: Stored
    due: Stored
    category: Stored
    completed: Stored


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
    difference: how an existing table or index differs from its definition, for example "other keys: id (S)".
    """

    table: str
    index_name: str | None
    status: str
    items: int | None = None
    bytes: int | None = None
    billing: str | None = None
    read: int | None = None
    write: int | None = None
    difference: str | None = None

    @property
    def name(self) -> str:
        """The name of the table; for an index, the names of the table and the index."""
        return self.table if self.index_name is None else f"{self.table}/{self.index_name}"


Key = dict[str, Any]
"""A key as plain values, for example {"uid": "emma", "tid": 1526650262330}."""
