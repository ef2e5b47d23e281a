"""The design as text and as JSON. On a wide terminal, a table and its index are printed side by side."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from ..model import User
from ..output.results import to_object
from ..output.text import BOLD, DIM, RED, counted, plain, printable, shortened, width_of, wrapped
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
SHORTEST_BAR_WIDTH = 4
"""Columns of the longest bar. On a narrow terminal, bars are shorter, so that the counts beside them fit."""

EIGHTHS = " ▏▎▍▌▋▊▉█"


class Cell(NamedTuple):
    """A text in one terminal style."""

    text: str
    style: str = ""


Line = list[Cell]
EMPTY: Line = []
SEPARATOR = " │ "
INDENT = "  "


class DesignText(NamedTuple):
    """Shows a design on the terminal or as JSON."""

    design: Design

    def show(self, output: Output) -> None:
        """Write the result."""
        design = self.design
        if output.json:
            output.line(to_object(as_json(design), output))
            return
        width = output.width
        half = (width - len(SEPARATOR)) // 2 if width is not None and width >= SIDE_BY_SIDE_WIDTH else None
        table, index = (
            _collections(part, half or width, of)
            for part, of in ((design.tasks, None), (design.category_index, design.tasks))
        )
        if half:
            _print_side_by_side(table, index, half, output)
        else:
            _print_lines(table, output)
            output.line("")
            _print_lines(index, output)
        for part in design.optional_indexes:
            output.line("")
            _print_lines(_collections(part, width, design.tasks), output)
        for sentence in ("", HOT, ""):
            output.text(sentence)
        _print_lines(_collections(design.users, width), output)
        output.line("")
        _print_lines(_patterns(design, width), output)
        output.line("")
        output.text(design.origin)


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
        yield f"{counted(missing, 'item')} without {part.needed} {verb} not in the index"


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


def _collections(part: TableOrIndex, width: int | None, table: TableOrIndex | None = None) -> Iterator[Line]:
    """Yield the lines on a table or an index. width: in columns; None for any. table: that of an index, else None."""
    index_of = f" on {part.index_of}" if part.index_of else ""
    yield [Cell(part.name + index_of, BOLD)]
    yield from _sentence(keys(part), width)
    for sentence in statistics(part, table):
        yield from _sentence(sentence, width, DIM)
    shown, rest = part.collections[:SHOWN_COLLECTIONS], part.collections[SHOWN_COLLECTIONS:]
    largest = max((len(collection.items) for collection in part.collections), default=0)
    texts = [width_of("".join((printable(each.partition_value), *_size(each)))) for each in shown]
    free = BAR_WIDTH if width is None else width - len(f"{INDENT} ") - max(texts, default=0)
    bar_width = max(SHORTEST_BAR_WIDTH, min(BAR_WIDTH, free))
    for collection in shown:
        if part.sort_key is None:
            yield _single_item(collection, width)
        else:
            yield _bar(collection, largest, bar_width, width)
            yield from _items(collection)
    if rest:
        smaller = sum(len(collection.items) for collection in rest)
        others = f"… and {counted(len(rest), 'smaller item collection')} with {counted(smaller, 'item')}"
        yield from _sentence(others, width, DIM)


def _sentence(sentence: str, width: int | None, style: str = "") -> Iterator[Line]:
    for text in wrapped(INDENT + sentence, width, 2 * INDENT):
        yield [Cell(text, style)]


def _size(collection: ItemCollection) -> tuple[str, str]:
    """Return the texts beside the bar and the name of an item collection."""
    size = f" {counted(len(collection.items), 'item')}, {collection.bytes:,} bytes"
    return size, "  HOT" if collection.is_hot else ""


def _beside(text: str, others: str, width: int | None) -> str:
    """Return the text, shortened so that it fits a line with the other texts."""
    return text if width is None else shortened(text, max(1, width - width_of(others)))


def _single_item(collection: ItemCollection, width: int | None) -> Line:
    name, size = printable(collection.partition_value), f", {collection.bytes:,} bytes"
    text = _beside(summary(collection.items[0]), f"{INDENT}{name}  {size}", width)
    return [Cell(INDENT), Cell(name, BOLD), Cell(f"  {text}{size}")]


def _bar(collection: ItemCollection, largest: int, bar_width: int, width: int | None) -> Line:
    shown, (size, hot) = bar(len(collection.items), largest, bar_width), _size(collection)
    name = _beside(printable(collection.partition_value), f"{INDENT}{shown} {size}{hot}", width)
    style = RED if collection.is_hot else CYAN
    return [Cell(INDENT), Cell(shown, style), Cell(f" {name}", BOLD), Cell(size), Cell(hot, RED)]


def _items(collection: ItemCollection) -> Iterator[Line]:
    number = len(collection.items)
    for item in collection.items[:SHOWN_ITEMS]:
        yield [Cell(f"    {item.sort_value}  "), Cell(summary(item))]
    if number > SHOWN_ITEMS:
        yield [Cell(f"    … {number - SHOWN_ITEMS:,} more", DIM)]


def bar(number: int, largest: int, width: int) -> str:
    """Return a bar of at most this width in columns, to the eighth of a column and never empty."""
    eighths = max(1, round(number * width * 8 / largest))
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()).ljust(width)


def _print_lines(lines: Iterator[Line], output: Output) -> None:
    for line in lines:
        output.line(_fitted(line, output.width, output.colour).rstrip())


def _print_side_by_side(left: Iterator[Line], right: Iterator[Line], half: int, output: Output) -> None:
    for one, other in zip_longest(left, right, fillvalue=EMPTY):
        shown = _fitted(one, half, output.colour, fill=True) + SEPARATOR + _fitted(other, half, output.colour)
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


def _patterns(design: Design, width: int | None) -> Iterator[Line]:
    yield [Cell("Access patterns", BOLD)]
    for pattern in design.patterns:
        yield from _sentence(pattern.line, width)
        for access in pattern.accesses:
            key = f" by {', '.join(access.key)}" if access.key else " without a key"
            then = f", then filtered by {', '.join(access.filter)}" if access.filter else ""
            style = RED if access.request == "Scan" else CYAN
            indent = 2 * INDENT
            first, *others = wrapped(f"{indent}{access.request} on {access.on}{key}{then}", width, indent + INDENT)
            end = len(indent + access.request)
            yield [Cell(indent), Cell(first[len(indent) : end], style), Cell(first[end:])]
            yield from ([Cell(text)] for text in others)
