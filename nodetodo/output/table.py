"""Aligned tables, as wide as the terminal. Rows are read one block at a time, so memory does not grow with them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from .stream import Output
from .text import BOLD, shortened, width_of

BLOCK = 200
"""Rows that are aligned together; a list of any length is shown in constant memory."""

ALIGNED = 100
"""Columns, where the output goes to no terminal: a longer text moves the rest of its own line, and of no other."""

GAP = "  "


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
