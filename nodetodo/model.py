"""The data that layers exchange: users, tasks and filters. The data about tables is in table_model.py.

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


Key = dict[str, Any]
"""A key as plain values, for example {"uid": "emma", "tid": 1526650262330}."""
