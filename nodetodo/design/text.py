"""The design on a terminal: the table and its index beside each other where there is room, else one below the other."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from ..model import User
from ..output.results import to_object
from ..output.text import BOLD, DIM, RED, printable, shortened, width_of
from .collections import HOT, Collection, Design, Item, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..output.stream import Output

CYAN = "36"
WIDE = 110
"""Columns from which on the table and the index stand beside each other."""

COLLECTIONS = 12
FEW = 3
"""Collections of a part, and items of a collection, that are shown; of the others it is said how many there are."""

BAR = 24
EIGHTHS = " ▏▎▍▌▋▊▉█"


class Cell(NamedTuple):
    text: str
    style: str = ""


Line = list[Cell]
NOTHING: Line = []


class Drawn(NamedTuple):
    design: Design

    def show(self, output: Output) -> None:
        design = self.design
        if output.json:
            output.line(to_object(values(design), output))
            return
        if output.width is not None and output.width >= WIDE:
            _print_beside(_part(design.tasks), _part(design.category_index, design.tasks), output.width, output)
        else:
            _print_each(_part(design.tasks), output)
            output.line("")
            _print_each(_part(design.category_index, design.tasks), output)
        for sentence in ("", HOT, ""):
            _wrapped(sentence, output)
        _print_each(_part(design.users), output)
        output.line("")
        _print_each(_patterns(design), output)
        output.line("")
        _wrapped(design.origin, output)


def values(design: Design) -> dict[str, Any]:
    """The design for programs: every collection with its size, without the items."""
    return {
        "parts": [
            {
                "name": part.name,
                "index_of": part.of,
                "partition_key": part.partition_key,
                "sort_key": part.sort_key,
                "repeats": list(part.repeats),
                "items": part.items,
                "bytes": part.bytes,
                "collections": [
                    {
                        "partition": collection.partition,
                        "items": len(collection.items),
                        "bytes": collection.bytes,
                        "hot": collection.is_hot,
                    }
                    for collection in part.collections
                ],
            }
            for part in design.parts
        ],
        "patterns": [
            {"command": pattern.line, "asked": [asked._asdict() for asked in pattern.asked]}
            for pattern in design.patterns
        ],
        "origin": design.origin,
    }


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def keys(part: Part) -> str:
    sort = f", sort key {part.sort_key}" if part.sort_key else ""
    return f"partition key {part.partition_key}{sort}"


def about(part: Part, table: Part | None) -> Iterator[str]:
    """Sentences on a part; table is the one of an index."""
    yield f"{count(part.items, 'item')} in {count(len(part.collections), 'item collection')}, {part.bytes:,} bytes"
    if table is None:
        return
    if table.bytes:
        yield f"{part.bytes / table.bytes:.0%} of the table's bytes, stored again"
    yield f"repeats {', '.join(part.repeats)}"
    missing = table.items - part.items
    if missing:
        yield f"{count(missing, 'item')} without a {part.partition_key} {'is' if missing == 1 else 'are'} not in it"


def said(item: Item) -> str:
    """What an item is about, beside its key."""
    record = item.record
    if isinstance(record, User):
        return " ".join(printable(value) for value in (record.email, record.phone) if value)
    described = printable(record.description or "")
    others = [printable(record.category)] if record.category and item.partition == record.uid else []
    if item.partition != record.uid:
        others.append(f"of {printable(record.uid)}")
    return " · ".join([described, *others])


def _part(part: Part, table: Part | None = None) -> Iterator[Line]:
    of = f" on {part.of}" if part.of else ""
    yield [Cell(part.name + of, BOLD)]
    yield [Cell(f"  {keys(part)}")]
    for sentence in about(part, table):
        yield [Cell(f"  {sentence}", DIM)]
    largest = max((len(collection.items) for collection in part.collections), default=0)
    for collection in part.collections[:COLLECTIONS]:
        yield from _collection(part, collection, largest)
    rest = part.collections[COLLECTIONS:]
    if rest:
        smaller = sum(len(collection.items) for collection in rest)
        yield [Cell(f"  … and {count(len(rest), 'smaller collection')} with {count(smaller, 'item')}", DIM)]


def _collection(part: Part, collection: Collection, largest: int) -> Iterator[Line]:
    number = len(collection.items)
    name = printable(collection.partition)
    size = f" {count(number, 'item')}, {collection.bytes:,} bytes"
    if part.sort_key is None:
        yield [Cell("  "), Cell(name, BOLD), Cell(f"  {said(collection.items[0])}, {collection.bytes:,} bytes")]
        return
    yield [
        Cell("  "),
        Cell(bar(number, largest), RED if collection.is_hot else CYAN),
        Cell(f" {name}", BOLD),
        Cell(size),
        Cell("  HOT" if collection.is_hot else "", RED),
    ]
    for item in collection.items[:FEW]:
        yield [Cell(f"    {item.sort}  "), Cell(said(item))]
    if number > FEW:
        yield [Cell(f"    … {number - FEW:,} more", DIM)]


def bar(number: int, largest: int) -> str:
    """A bar of up to BAR columns, exact to an eighth of one, and never empty."""
    eighths = max(1, round(number * BAR * 8 / largest))
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()).ljust(BAR)


def _print_each(lines: Iterator[Line], output: Output) -> None:
    for line in lines:
        output.line(_fitted(line, output.width, output.colour).rstrip())


def _print_beside(left: Iterator[Line], right: Iterator[Line], width: int, output: Output) -> None:
    half = (width - 3) // 2
    for one, other in zip_longest(left, right, fillvalue=NOTHING):
        shown = _fitted(one, half, output.colour, fill=True) + " │ " + _fitted(other, half, output.colour)
        output.line(shown.rstrip())


def _fitted(line: Line, width: int | None, colour: bool, *, fill: bool = False) -> str:
    """The cells of a line, shortened to width; where fill is true, with spaces up to it."""
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
        for asked in pattern.asked:
            by = f" by {', '.join(asked.key)}" if asked.key else ", by no key"
            then = f", then filtered by {', '.join(asked.filter)}" if asked.filter else ""
            style = RED if asked.request == "Scan" else CYAN
            yield [Cell("    "), Cell(asked.request, style), Cell(f" on {asked.on}{by}{then}")]


def _wrapped(sentence: str, output: Output) -> None:
    for line in textwrap.wrap(sentence, output.width or 10**6) or [""]:
        output.line(line)
