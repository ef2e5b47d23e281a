"""The summary of a server: requests, units and prices, and the most expensive request shapes with advice."""

from __future__ import annotations

import textwrap
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ..explain import cost, descriptions, requests, units
from ..output.text import counted, printable, shortened
from ..pricing.prices import prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..explain.meter import Place
    from ..explain.requests import Table
    from ..pricing.prices import Prices
    from .entries import Entry

    Describe = Callable[[str], Table]
    """Returns the table with this name. Raises an exception of the engine if it does not exist."""

SHAPES = 3
"""The number of request shapes in the summary."""

MAX_SHAPES = 500
MAX_EXAMPLE_BYTES = 4096
"""Bounds of the memory for request shapes: their number, and the largest values that are kept for an example."""

MAX_TEXT_WIDTH = 200
"""Columns of a key condition or a filter. Longer ones are cut."""

WIDTH = 80

_UNBROKEN = "\N{NO-BREAK SPACE}"
"""Between a number and its noun, so that no line break separates them."""


class Shape(NamedTuple):
    """Requests that differ in their values only."""

    operation: str
    tables: tuple[str, ...]
    on_index: str | None
    texts: requests.Texts


class Use:
    """The requests of one shape. example: the parameters of the first one."""

    def __init__(self, example: dict[str, Any]) -> None:
        self.example = example
        self.requests = self.scanned = self.count = 0
        self.read = self.write = 0.0

    @property
    def weight(self) -> float:
        """The price in read units. On demand, a write unit costs as much as five read units."""
        return self.read + 5 * self.write


class Totals:
    """The sums over all requests. Its methods are not safe for threads."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.errors = 0
        self.units: dict[Place, float] = {}
        self.shapes: dict[Shape, Use] = {}

    def add(self, entry: Entry, parameters: dict[str, Any]) -> None:
        """Add a request. parameters: empty for a request that did not reach the engine."""
        self.errors += bool(entry.error)
        if not parameters and entry.error:
            return
        self.requests[entry.operation] += 1
        if not entry.units:
            return
        shape = Shape(entry.operation, tuple(entry.tables), entry.index, entry.shape)
        use = self.shapes.get(shape)
        if use is None:
            if len(self.shapes) >= MAX_SHAPES:
                self._drop_cheapest()
            use = self.shapes[shape] = Use(requests.read_example(parameters, MAX_EXAMPLE_BYTES))
        use.requests += 1
        use.scanned += entry.scanned or 0
        use.count += entry.count or 0
        for place, number in entry.units:
            self.units[place] = self.units.get(place, 0.0) + number
            if place.kind == "read":
                use.read += number
            else:
                use.write += number

    def _drop_cheapest(self) -> None:
        ordered = sorted(self.shapes.items(), key=lambda item: item[1].weight, reverse=True)
        self.shapes = dict(ordered[: MAX_SHAPES // 2])

    def most_expensive(self) -> list[tuple[Shape, Use]]:
        """Return the most expensive shapes, the most expensive one first."""
        return sorted(self.shapes.items(), key=lambda item: item[1].weight, reverse=True)[:SHAPES]


def as_json(totals: Totals, describe: Describe) -> dict[str, Any]:
    """Return the summary. million: the price of a million times these requests, in dollars, on demand."""
    dated = prices()
    return {
        "requests": dict(totals.requests),
        "errors": totals.errors,
        "units": [
            {
                "kind": place.kind,
                "table": place.table,
                "index": place.on_index,
                "units": number,
                "million": float(_price(place, number, dated)),
            }
            for place, number in totals.units.items()
        ],
        "prices": {"region": dated.region, "date": dated.date},
        "most_expensive": [
            {
                "operation": shape.operation,
                "tables": list(shape.tables),
                "index": shape.on_index,
                "key": shape.texts.key or None,
                "filter": shape.texts.filter or None,
                "requests": use.requests,
                "read": use.read,
                "write": use.write,
                "scanned": use.scanned,
                "returned": use.count,
                "advice": advice(shape, use.example, describe),
            }
            for shape, use in totals.most_expensive()
        ],
    }


def lines(totals: Totals, describe: Describe) -> Iterator[str]:
    """Yield the lines of the summary."""
    names = ", ".join(f"{number:,}{_UNBROKEN}{name}" for name, number in totals.requests.most_common())
    errors = f"; {counted(totals.errors, 'error')}" if totals.errors else ""
    requests_in_all = counted(totals.requests.total(), "request")
    for line in textwrap.wrap(f"{requests_in_all}{': ' if names else ''}{names}{errors}", WIDTH):
        yield line.replace(_UNBROKEN, " ")
    if not totals.units:
        return
    dated = prices()
    yield ""
    yield from _units_table(totals, dated)
    yield f"on demand, at the prices of {dated.region} on {dated.date}, table class standard"
    yield ""
    yield "The most expensive requests:"
    for number, (shape, use) in enumerate(totals.most_expensive(), 1):
        yield from _wrapped(f"{number}  ", f"{_heading(shape)}: {_use(use)}")
        for text in advice(shape, use.example, describe):
            yield from _wrapped("   ! ", text)


def _wrapped(start: str, text: str) -> list[str]:
    indent = " " * len(start)
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _price(place: Place, number: float, dated: Prices) -> Any:
    reads, writes = (number, 0.0) if place.kind == "read" else (0.0, number)
    return cost.price_of(reads, writes, dated).on_demand


def _units_table(totals: Totals, dated: Prices) -> Iterator[str]:
    """Yield a line for each table and index."""
    by_place: dict[str, tuple[float, float]] = {}
    for place, number in totals.units.items():
        name = printable("/".join(filter(None, (place.table, place.on_index))))
        read, write = by_place.get(name, (0.0, 0.0))
        by_place[name] = (read + number, write) if place.kind == "read" else (read, write + number)
    if len(by_place) > 1:
        by_place["in total"] = (
            sum(read for read, _ in by_place.values()),
            sum(write for _, write in by_place.values()),
        )
    rows = [("TABLE OR INDEX", "READ UNITS", "WRITE UNITS", "A MILLION TIMES")]
    rows += [
        (name, units.shown(read), units.shown(write), cost.dollars(cost.price_of(read, write, dated).on_demand))
        for name, (read, write) in by_place.items()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = [f"{number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True)]
        yield "  ".join([f"{name:<{widths[0]}}", *cells])


def _cut(text: str) -> str:
    return shortened(" ".join(text.split()), MAX_TEXT_WIDTH)


def _heading(shape: Shape) -> str:
    where = ", ".join(shape.tables) + (f"/{shape.on_index}" if shape.on_index else "")
    filtered = f"filter {_cut(shape.texts.filter)}" if shape.texts.filter else ""
    parts = [f"{shape.operation} on {where}", _cut(shape.texts.key), filtered]
    return ", ".join(filter(None, parts))


def _use(use: Use) -> str:
    read = units.with_kind(use.read, use.read, "read") if use.read else ""
    written = units.with_kind(use.write, use.write, "write") if use.write else ""
    consumed = " and ".join(filter(None, (read, written)))
    evaluated = f", {use.count:,} of {counted(use.scanned, 'evaluated item')} returned" if use.scanned else ""
    return f"{counted(use.requests, 'request')}, {consumed}{evaluated}"


def advice(shape: Shape, example: dict[str, Any], describe: Describe) -> list[str]:
    """Return the advice of --explain for an example of a shape. It is empty for a table that was deleted."""
    with suppress(Exception):  # such as a deleted table
        table = describe(shape.tables[0])
        return descriptions.warnings(shape.operation, example, {table.name: table})
    return []
