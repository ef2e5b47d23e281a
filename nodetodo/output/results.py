"""The results of commands, written as text or as JSON."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import cursors, dates
from ..model import TableStatus, Task, User
from .stream import Output
from .table import GAP, Column, print_table
from .text import DIM, RED, printable

if TYPE_CHECKING:
    from typing import Protocol

    from ..repositories.paging import Records

    class Result(Protocol):
        """What a command returns."""

        def show(self, output: Output) -> None:
            """Write the result."""


class Message(NamedTuple):
    """A sentence about what was done to a record; with JSON the record, and the note, if any, on standard error."""

    text: str
    record: User | Task | dict[str, Any]
    note: str = ""

    def show(self, output: Output) -> None:
        if not output.json:
            output.line(printable(self.text))
            return
        output.line(to_object(self.record, output))
        if self.note:
            output.errors.write(self.note + "\n")


class Details(NamedTuple):
    """One record with all its attributes."""

    record: User | Task

    def show(self, output: Output) -> None:
        if output.json:
            output.line(to_object(self.record, output))
            return
        for name, value in self.record._asdict().items():
            is_day = name in ("created", "due", "completed")
            shown = dates.to_text(value) if is_day else "-" if value is None else printable(str(value))
            output.line(f"{name:<11}{GAP}{shown}")


class Listing(NamedTuple):
    """The rows of a list command. Its first row is fetched already; iterating over rows fetches the others."""

    command: str
    rows: "Records[Any]"
    today: date

    def show(self, output: Output) -> None:
        """Write the rows, and the cursor of the next page if there is one."""
        noun = "user" if self.command == "user-ls" else "task"
        show = self._json if output.json else self._text
        show(iter(self.rows), noun, output)

    def _next(self) -> str | None:
        return cursors.encode(self.command, self.rows.next) if self.rows.next else None

    def _json(self, rows: Iterator[User | Task], noun: str, output: Output) -> None:
        separator = f'{{"{noun}s": ['
        for row in rows:
            output.stream.write(f"{separator}\n{to_json(row, output)}")
            separator = ","
        more = "".join(f", {to_json(name, output)}: {to_json(value, output)}" for name, value in output.more().items())
        output.line(f'{separator if separator != "," else ""}\n], "next": {to_json(self._next(), output)}{more}}}')

    def _text(self, rows: Iterator[User | Task], noun: str, output: Output) -> None:
        columns = {"user-ls": USER, "task-ls": TASK, "task-la": [UID, *TASK]}[self.command]
        count = print_table(columns, rows, dates.to_number(self.today), output)
        output.line(f"{count or 'no'} {noun}{'' if count == 1 else 's'}")
        following = self._next()
        if following:
            output.line(f"more {noun}s available with --next={following}")


class Statuses(NamedTuple):
    tables: list[TableStatus]

    def show(self, output: Output) -> None:
        if output.json:
            output.line(to_object({"tables": [table._asdict() for table in self.tables]}, output))
            return
        print_table(STATUS, iter(self.tables), 0, output)
        if any(table.status == "MISSING" for table in self.tables):
            output.line("table-add makes what is missing")
        else:
            output.line("on AWS, items and bytes are up to six hours old")


def _is_overdue(task: Task, today: int) -> bool:
    return task.due is not None and task.due < today and task.completed is None


def _due(task: Task, today: int) -> str:
    return "" if task.due is None else dates.to_text(task.due) + ("!" if _is_overdue(task, today) else "")


def _dim_when_done(task: Task, _today: int) -> str:
    return DIM if task.completed is not None else ""


def _due_style(task: Task, today: int) -> str:
    return RED if _is_overdue(task, today) else _dim_when_done(task, today)


def _done(task: Task, _today: int) -> str:
    return "" if task.completed is None else dates.to_text(task.completed)


UID = Column("UID", lambda task, _: printable(task.uid), 8, 4, _dim_when_done)
TASK = [
    Column("TID", lambda task, _: str(task.tid), None, 0, _dim_when_done),
    Column("DUE", _due, None, 3, _due_style),
    Column("CATEGORY", lambda task, _: printable(task.category or ""), 8, 1, _dim_when_done),
    Column("DESCRIPTION", lambda task, _: printable(task.description or ""), 12, 0, _dim_when_done),
    Column("DONE", _done, None, 2, _dim_when_done),
]

USER = [
    Column("UID", lambda user, _: printable(user.uid), 8),
    Column("EMAIL", lambda user, _: printable(user.email or ""), 8),
    Column("PHONE", lambda user, _: printable(user.phone or ""), 8, 1),
]


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


STATUS = [
    Column("TABLE", lambda table, _: table.table if table.index_name is None else f"{table.table}/{table.index_name}"),
    Column("STATUS", lambda table, _: table.status),
    Column("ITEMS", lambda table, _: _number(table.items), right=True),
    Column("BYTES", lambda table, _: _number(table.bytes), rank=4, right=True),
    Column("BILLING", lambda table, _: table.billing or "-", rank=1),
    Column("READ", lambda table, _: _number(table.read), rank=2, right=True),
    Column("WRITE", lambda table, _: _number(table.write), rank=3, right=True),
]


def to_object(record: User | Task | dict[str, Any], output: Output) -> str:
    """A record as an object of its own, with what such an object is to have besides."""
    fields = record if isinstance(record, dict) else record._asdict()
    return to_json(fields | output.more(), output)


def to_json(value: Any, output: Output) -> str:
    if isinstance(value, (User, Task)):
        value = value._asdict()
    import json  # here, because text needs none of it

    # An encoding that cannot write every character gets escapes, which mean the same to a reader of JSON.
    return json.dumps(value, ensure_ascii=not output.is_unicode)
