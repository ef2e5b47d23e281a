"""The data that layers exchange: users, tasks and filters and the status of tables.

Records are NamedTuples, because these are frozen and typed. A dataclass would import inspect, which is slow at
start-up. Modules that define NamedTuples omit `from __future__ import annotations`: with it the interpreter compiles
each annotation from a string. Each NamedTuple takes 0.15 ms at start-up (measured), so a plain class holds the rest.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

    Number = int | Decimal
    Stored = str | Number | bool | list["Stored"] | dict[str, "Stored"] | None
else:
    # NamedTuples evaluate their annotations, and importing Decimal is slow.
    Number = Stored = Any
"""Number: a number of DynamoDB, an int if it is whole. Stored: the value of any attribute. Binary data is Base64."""

ENDING_DIGITS = range(3, 13)
"""Numbers of digits that may be the end of a tid. A tid of this program has 13 digits: milliseconds since 1970."""

TABLE_PREFIX = "todo-"
"""The default prefix of table names."""


def is_table_prefix(prefix: str) -> bool:
    """Return whether table names can begin with the prefix. "user" and "task" follow it.

    A table name has 3 to 255 characters of this set (CreateTable, API reference).
    """
    letters = prefix.replace("_", "").replace(".", "").replace("-", "")
    return 0 < len(prefix) <= 251 and prefix.isascii() and (letters.isalnum() or not letters)


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


class TidEnding:
    """The last digits of a tid, as they are typed in place of the tid. They may also be a whole short tid.

    digits: ENDING_DIGITS digits, leading zeros included.
    """

    def __init__(self, digits: str) -> None:
        self.digits = digits

    def __str__(self) -> str:
        return self.digits

    def is_whole(self, tid: Number) -> bool:
        """Return whether the digits are this tid."""
        return bool(tid == int(self.digits))

    def fits(self, tid: Number) -> bool:
        """Return whether the digits are this tid or its end, in the form in which tids are printed."""
        return self.is_whole(tid) or str(tid).endswith(self.digits)


if TYPE_CHECKING:
    Tid = Number | TidEnding
else:
    Tid = Any
"""A tid on the command line."""


class TaskFilter:
    """Selects the tasks of a list. A field that is None selects all tasks.

    due, due_after, due_before: days as numbers yyyymmdd; due_after and due_before are not included. contains: a part of
    the description. completed: whether the task is completed.
    """

    def __init__(
        self,
        category: str | None = None,
        due: int | None = None,
        due_after: int | None = None,
        due_before: int | None = None,
        without_due: bool = False,
        contains: str | None = None,
        completed: bool | None = None,
    ) -> None:
        self.category, self.due, self.due_after, self.due_before = category, due, due_after, due_before
        self.without_due, self.contains, self.completed = without_due, contains, completed


class Capacity:
    """The capacity of a new table and of each of its indexes.

    read, write: capacity units per second; None for those of the table's definition.
    """

    def __init__(self, on_demand: bool = False, read: int | None = None, write: int | None = None) -> None:
        self.on_demand, self.read, self.write = on_demand, read, write


class WantedSettings:
    """The settings that table-edit gives to the tables. A setting that is None does not change.

    on_demand: the billing mode. read, write: provisioned units of each table and index. max_read, max_write: maximum
    units on demand; 0 for no maximum. recovery_days: 0 to turn point-in-time recovery off. table_class: standard or
    infrequent-access.
    """

    def __init__(
        self,
        on_demand: bool | None = None,
        read: int | None = None,
        write: int | None = None,
        max_read: int | None = None,
        max_write: int | None = None,
        protection: bool | None = None,
        recovery_days: int | None = None,
        table_class: str | None = None,
    ) -> None:
        self.on_demand, self.read, self.write, self.max_read, self.max_write = (
            on_demand,
            read,
            write,
            max_read,
            max_write,
        )
        self.protection, self.recovery_days, self.table_class = protection, recovery_days, table_class


class SettingChange:
    """The change of one setting of a table, or of one of its indexes. old, new: None for an absent value."""

    def __init__(self, table: str, index_name: str | None, setting: str, old: Any, new: Any) -> None:
        self.table, self.index_name, self.setting, self.old, self.new = table, index_name, setting, old, new

    @property
    def name(self) -> str:
        """The name of the table; for an index, the names of the table and the index."""
        return self.table if self.index_name is None else f"{self.table}/{self.index_name}"


class Backup:
    """A backup of all tables. missing: the tables that it does not contain.

    created: the time of its latest part, such as 2026-11-23T11:00:00Z. status: AVAILABLE, INCOMPLETE if a table is
    missing, or the state that DynamoDB reports.
    """

    def __init__(self, name: str, created: str, status: str, bytes: int, missing: list[str]) -> None:
        self.name, self.created, self.status, self.bytes, self.missing = name, created, status, bytes, missing


class TableStatus:
    """The status and the settings of a table, or of one of its indexes (index_name).

    items, bytes: DynamoDB's own counts, up to six hours old. read, write: provisioned capacity units per second; None
    on demand. max_read, max_write: the maximum units per second on demand; None for no maximum. protection: against
    deletion; None for an index. recovery_days: the window of point-in-time recovery; 0 if it is off, None if it is
    unknown. projection: the attributes that an index copies. storage_price: US dollars a month; None if it was not
    calculated. difference: how an existing table or index differs from its definition, such as "other keys: id (S)".
    """

    def __init__(self, table: str, index_name: str | None, status: str) -> None:
        self.table, self.index_name, self.status = table, index_name, status
        self.items: int | None = None
        self.bytes: int | None = None
        self.billing: str | None = None
        self.read: int | None = None
        self.write: int | None = None
        self.max_read: int | None = None
        self.max_write: int | None = None
        self.protection: bool | None = None
        self.recovery_days: int | None = None
        self.table_class: str | None = None
        self.projection: str | None = None
        self.storage_price: float | None = None
        self.difference: str | None = None

    @property
    def name(self) -> str:
        """The name of the table; for an index, the names of the table and the index."""
        return self.table if self.index_name is None else f"{self.table}/{self.index_name}"


Key = dict[str, Any]
"""A key as plain values, for example {"uid": "emma", "tid": 1526650262330}."""
