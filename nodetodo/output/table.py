"""Aligned tables that fit the terminal. Rows are aligned in blocks, so memory does not grow with their number."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from .text import BOLD, GAP, NOT_UNDERLINED, UNDERLINED, shortened, width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .terminal import Output

BLOCK_ROWS = 200
"""Rows that are aligned together."""

ALIGNED_WIDTH = 100
"""Widest alignment of a column if the output is not a terminal. A longer text shifts only the rest of its own line."""


class Column:
    """One column of a table.

    cell, style: return the text and the terminal style of a row; they receive the row and today (yyyymmdd).
    min_width: on a narrow terminal, the column is shortened down to this width; None: it is not shortened.
    drop_order: if shortening is not enough, columns are left out in this order from 1 on; 0: never left out.
    narrow: the column that replaces it when it is left out. right: aligned to the right. endings: return the number of
    characters at the end of each text to underline, for the rows of a block.
    """

    def __init__(
        self,
        title: str,
        cell: Callable[[Any, int], str],
        min_width: int | None = None,
        drop_order: int = 0,
        style: Callable[[Any, int], str] = lambda _row, _today: "",
        right: bool = False,
        narrow: Column | None = None,
        endings: Callable[[list[Any]], list[int]] | None = None,
    ) -> None:
        self.title, self.cell, self.style = title, cell, style
        self.min_width, self.drop_order, self.right, self.narrow = min_width, drop_order, right, narrow
        self.endings = endings

    def cells(self, rows: list[Any], today: int) -> list[str]:
        """Return the texts of these rows."""
        return [self.cell(row, today) for row in rows]


def print_table(columns: list[Column], rows: Iterable[Any], today: int, output: Output) -> int:
    """Print rows below the columns' titles and return their number. Without rows, nothing is printed."""
    count = 0
    remaining = iter(rows)
    widths = [0] * len(columns)
    while block := list(islice(remaining, BLOCK_ROWS)):
        if not count:
            columns = _columns_that_fit(columns, block, today, output.width)
            widths = [len(column.title) for column in columns]
        cells = [column.cells(block, today) for column in columns]
        widths = [max(width, *map(width_of, texts)) for width, texts in zip(widths, cells, strict=True)]
        fitted = _fit_widths(widths, columns, output.width)
        if not count:
            titles = [column.title for column in columns]
            output.line(_line(columns, fitted, titles, [BOLD] * len(columns), [0] * len(columns), output))
        no_endings = [0] * len(block)
        endings = [column.endings(block) if column.endings and output.colour else no_endings for column in columns]
        for row, texts, ends in zip(block, zip(*cells, strict=True), zip(*endings, strict=True), strict=True):
            styles = [column.style(row, today) for column in columns]
            output.line(_line(columns, fitted, texts, styles, ends, output))
        count += len(block)
    return count


def fits(columns: list[Column], rows: list[Any], output: Output) -> bool:
    """Return whether the terminal is wide enough for the columns that cannot be left out, without shortening them.

    The cells must not depend on today.
    """
    kept = [column for column in columns if not column.drop_order]
    widths = [max(len(column.title), *map(width_of, column.cells(rows, 0))) for column in kept]
    return output.width is None or sum(widths) + len(GAP) * (len(widths) - 1) <= output.width


def _columns_that_fit(columns: list[Column], rows: list[Any], today: int, available: int | None) -> list[Column]:
    """Return the columns that fit the terminal when each has its minimum width."""

    def needed(column: Column) -> int:
        width = max(len(column.title), *map(width_of, column.cells(rows, today)))
        return min(width, column.min_width or width) + len(GAP)

    while available is not None and sum(map(needed, columns)) - len(GAP) > available:
        first = min((column.drop_order for column in columns if column.drop_order), default=0)
        if not first:
            break
        replaced = [column.narrow if column.drop_order == first else column for column in columns]
        columns = [column for column in replaced if column]
    return columns


def _fit_widths(widths: list[int], columns: list[Column], available: int | None) -> list[int]:
    """Shorten the longest column first, until a line fits the terminal; without a terminal, limit the alignment."""
    if available is None:
        return [min(width, ALIGNED_WIDTH) for width in widths]
    fitted = list(widths)
    while (surplus := sum(fitted) + len(GAP) * (len(fitted) - 1) - available) > 0:
        room = {place: fitted[place] - (column.min_width or fitted[place]) for place, column in enumerate(columns)}
        longest = max(room, key=lambda place: (room[place] > 0, fitted[place]))
        if room[longest] <= 0:
            break
        others = [fitted[place] for place in room if room[place] > 0 and place != longest]
        step = fitted[longest] - max(others, default=0)  # to the width of the next longest; then both in turn
        fitted[longest] -= min(surplus, room[longest], max(step, 1))
    return fitted


def _line(
    columns: list[Column],
    widths: list[int],
    texts: Iterable[str],
    styles: Iterable[str],
    endings: Iterable[int],
    output: Output,
) -> str:
    line, used = "", 0
    for column, width, text, style, ending in zip(columns, widths, texts, styles, endings, strict=True):
        whole = text
        if output.width is not None:
            width = max(min(width, output.width - used), 1)
            text = shortened(text, width)
        padding = " " * (width - width_of(text))
        if ending and text == whole:
            text = f"{text[:-ending]}\x1b[{UNDERLINED}m{text[-ending:]}\x1b[{NOT_UNDERLINED}m"
        if output.colour and style and text:
            text = f"\x1b[{style}m{text}\x1b[0m"
        line += (padding + text if column.right else text + padding) + GAP
        used += width + len(GAP)
    return line.rstrip()
