"""The design as text and as JSON. On a wide terminal, a table and its index are printed side by side."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from ..model import User
from ..output.results import to_object
from ..output.text import BOLD, DIM, RED, counted, plain, printable, shortened, width_of
from .collections import HOT, Design, Item, ItemCollection, TableOrIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..output.terminal import Output

CYAN = "36"
SIDE_BY_SIDE_WIDTH = 110
"""Columns of a terminal on which a table and its index are printed side by side."""

SHOWN_COLLECTIONS = 12
SHOWN_ITEMS = 3
"""Printed item collections of a table, and printed items of an item collection. The others are counted."""

BAR_WIDTH = 24
EIGHTHS = " ▏▎▍▌▋▊▉█"


class Cell(NamedTuple):
    """A text in one terminal style."""

    text: str
    style: str = ""


Line = list[Cell]
EMPTY: Line = []


class DesignText(NamedTuple):
    """Shows a design on the terminal or as JSON."""

    design: Design

    def show(self, output: Output) -> None:
        """Write the result."""
        design = self.design
        if output.json:
            output.line(to_object(as_json(design), output))
            return
        table, index = _collections(design.tasks), _collections(design.category_index, design.tasks)
        if output.width is not None and output.width >= SIDE_BY_SIDE_WIDTH:
            _print_side_by_side(table, index, output.width, output)
        else:
            _print_lines(table, output)
            output.line("")
            _print_lines(index, output)
        for sentence in ("", HOT, ""):
            _print_wrapped(sentence, output)
        _print_lines(_collections(design.users), output)
        output.line("")
        _print_lines(_patterns(design), output)
        output.line("")
        _print_wrapped(design.origin, output)


def as_json(design: Design) -> dict[str, Any]:
    """Return the design for JSON: every item collection with its size, without its items."""
    return {
        "parts": [
            {
                "name": part.name,
                "index_of": part.index_of,
                "partition_key": part.partition_key,
                "sort_key": part.sort_key,
                "repeats": list(part.copied),
                "items": part.items,
                "bytes": part.bytes,
                "collections": [
                    {
                        "partition": collection.partition_value,
                        "items": len(collection.items),
                        "bytes": collection.bytes,
                        "hot": collection.is_hot,
                    }
                    for collection in part.collections
                ],
            }
            for part in design.tables_and_indexes
        ],
        "patterns": [
            {"command": pattern.line, "asked": [access._asdict() for access in pattern.accesses]}
            for pattern in design.patterns
        ],
        "origin": design.origin,
    }


def keys(part: TableOrIndex) -> str:
    """Return the names of the key attributes."""
    sort = f", sort key {part.sort_key}" if part.sort_key else ""
    return f"partition key {part.partition_key}{sort}"


def statistics(part: TableOrIndex, table: TableOrIndex | None) -> Iterator[str]:
    """Return sentences on the size of a table or an index. table: that of an index, else None."""
    yield f"{counted(part.items, 'item')} in {counted(len(part.collections), 'item collection')}, {part.bytes:,} bytes"
    if table is None:
        return
    if table.bytes:
        yield f"{part.bytes / table.bytes:.0%} of the size of the table"
    yield f"copies {', '.join(part.copied)}"
    missing = table.items - part.items
    if missing:
        verb = "is" if missing == 1 else "are"
        yield f"{counted(missing, 'item')} without a {part.partition_key} {verb} not in the index"


def summary(item: Item) -> str:
    """Return the attributes of an item that are not in its key, in short."""
    record = item.record
    if isinstance(record, User):
        return " ".join(plain(value) for value in (record.email, record.phone) if value)
    description = plain(record.description)
    others = [plain(record.category)] if record.category and item.partition_value == record.uid else []
    if item.partition_value != record.uid:
        others.append(f"of {printable(record.uid)}")
    return " · ".join([description, *others])


def _collections(part: TableOrIndex, table: TableOrIndex | None = None) -> Iterator[Line]:
    index_of = f" on {part.index_of}" if part.index_of else ""
    yield [Cell(part.name + index_of, BOLD)]
    yield [Cell(f"  {keys(part)}")]
    for sentence in statistics(part, table):
        yield [Cell(f"  {sentence}", DIM)]
    largest = max((len(collection.items) for collection in part.collections), default=0)
    for collection in part.collections[:SHOWN_COLLECTIONS]:
        yield from _collection(part, collection, largest)
    rest = part.collections[SHOWN_COLLECTIONS:]
    if rest:
        smaller = sum(len(collection.items) for collection in rest)
        yield [Cell(f"  … and {counted(len(rest), 'smaller item collection')} with {counted(smaller, 'item')}", DIM)]


def _collection(part: TableOrIndex, collection: ItemCollection, largest: int) -> Iterator[Line]:
    number = len(collection.items)
    name = printable(collection.partition_value)
    size = f" {counted(number, 'item')}, {collection.bytes:,} bytes"
    if part.sort_key is None:
        yield [Cell("  "), Cell(name, BOLD), Cell(f"  {summary(collection.items[0])}, {collection.bytes:,} bytes")]
        return
    yield [
        Cell("  "),
        Cell(bar(number, largest), RED if collection.is_hot else CYAN),
        Cell(f" {name}", BOLD),
        Cell(size),
        Cell("  HOT" if collection.is_hot else "", RED),
    ]
    for item in collection.items[:SHOWN_ITEMS]:
        yield [Cell(f"    {item.sort_value}  "), Cell(summary(item))]
    if number > SHOWN_ITEMS:
        yield [Cell(f"    … {number - SHOWN_ITEMS:,} more", DIM)]


def bar(number: int, largest: int) -> str:
    """Return a bar of at most BAR_WIDTH columns, to the eighth of a column and never empty."""
    eighths = max(1, round(number * BAR_WIDTH * 8 / largest))
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()).ljust(BAR_WIDTH)


def _print_lines(lines: Iterator[Line], output: Output) -> None:
    for line in lines:
        output.line(_fitted(line, output.width, output.colour).rstrip())


def _print_side_by_side(left: Iterator[Line], right: Iterator[Line], width: int, output: Output) -> None:
    half = (width - 3) // 2
    for one, other in zip_longest(left, right, fillvalue=EMPTY):
        shown = _fitted(one, half, output.colour, fill=True) + " │ " + _fitted(other, half, output.colour)
        output.line(shown.rstrip())


def _fitted(line: Line, width: int | None, colour: bool, *, fill: bool = False) -> str:
    """Return the text of a line, shortened to a width; fill: padded with spaces to that width."""
    shown, left = "", width
    for text, style in line:
        if left is not None:
            if left <= 0:
                break
            text = shortened(text, left)
            left -= width_of(text)
        shown += f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text
    return shown + " " * left if fill and left else shown


def _patterns(design: Design) -> Iterator[Line]:
    yield [Cell("Access patterns", BOLD)]
    for pattern in design.patterns:
        yield [Cell(f"  {pattern.line}")]
        for access in pattern.accesses:
            key = f" by {', '.join(access.key)}" if access.key else " without a key"
            then = f", then filtered by {', '.join(access.filter)}" if access.filter else ""
            style = RED if access.request == "Scan" else CYAN
            yield [Cell("    "), Cell(access.request, style), Cell(f" on {access.on}{key}{then}")]


def _print_wrapped(sentence: str, output: Output) -> None:
    for line in textwrap.wrap(sentence, output.width or 10**6) or [""]:
        output.line(line)
