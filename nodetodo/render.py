"""What commands give, shown: aligned text for people, as wide as their terminal; exact JSON for programs.

Text that others typed is never trusted with the terminal: control characters are shown escaped.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain, islice
from typing import Any, NamedTuple, TextIO

from . import cursors, dates
from .model import TableStatus, Task, User
from .repositories.paging import Listing as Rows

BLOCK = 200
"""Rows that are aligned together; a list of any length is shown in constant memory."""

ALIGNED = 100
"""Columns, where the output goes to no terminal: a longer text moves the rest of its own line, and of no other."""

GAP = "  "
ELLIPSIS = "…"
BOLD, DIM, RED = "1", "2", "31"

CONTROL = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
"""Control characters, line separators, and the marks that turn the direction of a line around."""


class Output(NamedTuple):
    """Where and how to show: width in columns of a terminal, None when the text goes elsewhere and is not shortened.

    more: asked at the end of each JSON object for members that it is to have besides.
    """

    stream: TextIO
    errors: TextIO
    json: bool
    width: int | None
    colour: bool
    more: Callable[[], dict[str, Any]] = dict

    def line(self, text: str) -> None:
        self.stream.write(text + "\n")

    @property
    def is_unicode(self) -> bool:
        return (self.stream.encoding or "utf-8").lower().startswith("utf")


class Said(NamedTuple):
    """A sentence about what was done to a record; with JSON the record, and the note, if any, on standard error."""

    sentence: str
    record: User | Task | dict[str, Any]
    note: str = ""

    def show(self, output: Output) -> None:
        if not output.json:
            output.line(printable(self.sentence))
            return
        output.line(to_object(self.record, output))
        if self.note:
            output.errors.write(self.note + "\n")


class Shown(NamedTuple):
    """One record with all its attributes."""

    record: User | Task

    def show(self, output: Output) -> None:
        if output.json:
            output.line(to_object(self.record, output))
            return
        for name, value in self.record._asdict().items():
            is_day = name in ("created", "due", "completed")
            shown = dates.shown(value) if is_day else "-" if value is None else printable(str(value))
            output.line(f"{name:<11}{GAP}{shown}")


class Listing(NamedTuple):
    """Rows as they come; when_empty is called if there are none, and may raise."""

    command: str
    rows: Rows[Any]
    today: date
    when_empty: Callable[[], None] = lambda: None

    def show(self, output: Output) -> None:
        rows = iter(self.rows)
        first = list(islice(rows, 1))
        if not first:
            self.when_empty()
        noun = "user" if self.command == "user-ls" else "task"
        shown = self._json if output.json else self._text
        shown(chain(first, rows), noun, output)

    def _next(self) -> str | None:
        return cursors.write(self.command, self.rows.next) if self.rows.next else None

    def _json(self, rows: Iterator[User | Task], noun: str, output: Output) -> None:
        separator = f'{{"{noun}s": ['
        for row in rows:
            output.stream.write(f"{separator}\n{to_json(row, output)}")
            separator = ","
        more = "".join(f", {to_json(name, output)}: {to_json(value, output)}" for name, value in output.more().items())
        output.line(f'{separator if separator != "," else ""}\n], "next": {to_json(self._next(), output)}{more}}}')

    def _text(self, rows: Iterator[User | Task], noun: str, output: Output) -> None:
        columns = {"user-ls": USER, "task-ls": TASK, "task-la": [UID, *TASK]}[self.command]
        count = print_table(columns, rows, dates.number(self.today), output)
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


class Column(NamedTuple):
    """cell and style are given a row and today.

    For a narrow terminal: the column is shortened down to `least`, None for never; and left out in the order of `rank`
    once shortening is not enough, 0 for never.
    """

    title: str
    cell: Callable[[Any, int], str]
    least: int | None = None
    rank: int = 0
    style: Callable[[Any, int], str] = lambda _row, _today: ""
    right: bool = False


def _is_overdue(task: Task, today: int) -> bool:
    return task.due is not None and task.due < today and task.completed is None


def _due(task: Task, today: int) -> str:
    return "" if task.due is None else dates.shown(task.due) + ("!" if _is_overdue(task, today) else "")


def _dim_when_done(task: Task, _today: int) -> str:
    return DIM if task.completed is not None else ""


def _due_style(task: Task, today: int) -> str:
    return RED if _is_overdue(task, today) else _dim_when_done(task, today)


def _done(task: Task, _today: int) -> str:
    return "" if task.completed is None else dates.shown(task.completed)


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


def print_table(columns: list[Column], rows: Iterator[Any], today: int, output: Output) -> int:
    """Print rows under titles, aligned block by block; give how many there were. No rows, no titles."""
    count = 0
    shown, widths = columns, [len(column.title) for column in columns]
    while block := list(islice(rows, BLOCK)):
        cells = [[column.cell(row, today) for column in columns] for row in block]
        widths = [max(width, *map(width_of, texts)) for width, *texts in zip(widths, *cells, strict=True)]
        if not count:
            shown = _fitting(columns, widths, output.width)
        places = [columns.index(column) for column in shown]
        fitted = _shortened_to([widths[place] for place in places], shown, output.width)
        if not count:
            output.line(_line(shown, fitted, [column.title for column in shown], [BOLD] * len(shown), output))
        for row, texts in zip(block, cells, strict=True):
            styles = [column.style(row, today) for column in shown]
            output.line(_line(shown, fitted, [texts[place] for place in places], styles, output))
        count += len(block)
    return count


def _fitting(columns: list[Column], widths: list[int], available: int | None) -> list[Column]:
    """The columns that a terminal has room for, each at its least."""
    shown = list(columns)
    needed = {
        column: min(width, column.least or width) + len(GAP) for column, width in zip(columns, widths, strict=True)
    }
    while available is not None and sum(needed[column] for column in shown) - len(GAP) > available:
        rank = min((column.rank for column in shown if column.rank), default=0)
        if not rank:
            break
        shown = [column for column in shown if column.rank != rank]
    return shown


def _shortened_to(widths: list[int], columns: list[Column], available: int | None) -> list[int]:
    """Widths at which a line fits, the longest column shortened first; on a pipe, nothing is aligned to a long text."""
    if available is None:
        return [min(width, ALIGNED) for width in widths]
    fitted = list(widths)
    while (surplus := sum(fitted) + len(GAP) * (len(fitted) - 1) - available) > 0:
        room = {place: fitted[place] - (column.least or fitted[place]) for place, column in enumerate(columns)}
        longest = max(room, key=lambda place: (room[place] > 0, fitted[place]))
        if room[longest] <= 0:
            break
        others = [fitted[place] for place in room if room[place] > 0 and place != longest]
        step = fitted[longest] - max(others, default=0)  # down to the next longest, and then both in turn
        fitted[longest] -= min(surplus, room[longest], max(step, 1))
    return fitted


def _line(columns: list[Column], widths: list[int], texts: Iterable[str], styles: list[str], output: Output) -> str:
    line, used = "", 0
    for column, width, text, style in zip(columns, widths, texts, styles, strict=True):
        if output.width is not None:
            width = max(min(width, output.width - used), 1)
            text = shortened(text, width)
        padding = " " * (width - width_of(text))
        if output.colour and style and text:
            text = f"\x1b[{style}m{text}\x1b[0m"
        line += (padding + text if column.right else text + padding) + GAP
        used += width + len(GAP)
    return line.rstrip()


def printable(text: str) -> str:
    if text.isprintable():
        return text
    import re

    return re.sub(CONTROL, lambda match: match[0].encode("unicode_escape").decode(), text)


def width_of(text: str) -> int:
    """Columns on a terminal: two for CJK characters and emoji."""
    if text.isascii():
        return len(text)
    import wcwidth  # here, because its tables cost more than the rest of a command

    return wcwidth.width(text)


def shortened(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    import wcwidth

    return wcwidth.clip(text, 0, width - 1).rstrip() + ELLIPSIS


def to_object(record: User | Task | dict[str, Any], output: Output) -> str:
    """A record as an object of its own, with what such an object is to have besides."""
    fields = record if isinstance(record, dict) else record._asdict()
    return to_json(fields | output.more(), output)


def to_json(value: Any, output: Output) -> str:
    import json

    if isinstance(value, (User, Task)):
        value = value._asdict()
    # An encoding that cannot write every character gets escapes, which mean the same to a reader of JSON.
    return json.dumps(value, ensure_ascii=not output.is_unicode)
