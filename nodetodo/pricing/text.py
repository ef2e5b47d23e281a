"""The comparison shown: the sums first, then the arithmetic behind each of them."""

from __future__ import annotations

import textwrap
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..output.results import to_object
from ..output.table import Column, print_table
from .comparison import HOUR, MILLION, MONTH, ON_DEMAND, Bill, BreakEven, Comparison, Demand
from .load import DAY, READ_BYTES, WRITE_BYTES, Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..output.stream import Output

INDENT = "  "


class Compared(NamedTuple):
    comparison: Comparison

    def show(self, output: Output) -> None:
        if output.json:
            output.line(to_object(_values(self.comparison), output))
            return
        for line in _about(self.comparison):
            _say(line, output)
        output.line("")
        print_table(_columns(self.comparison), iter(self.comparison.bills), 0, output)
        for line in _arithmetic(self.comparison):
            _say(line, output)


def _say(line: str, output: Output) -> None:
    """A line, wrapped to the terminal with its indentation and a deeper one."""
    if output.width is None or not line:
        output.line(line)
        return
    indent = line[: len(line) - len(line.lstrip())]
    wrapped = textwrap.wrap(line, max(output.width, 2 * len(indent) + 8), subsequent_indent=indent + INDENT)
    for part in wrapped:
        output.line(part)


def _number(value: Decimal | int) -> str:
    """Exact to six places, without zeros at the end."""
    text = f"{Decimal(value).quantize(Decimal('0.000001'), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".")


def money(dollars: Decimal) -> str:
    return f"${dollars.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def _exact(dollars: Decimal) -> str:
    """With the fractions of a cent that there are, so that the sums can be checked."""
    whole, _, fraction = _number(dollars).partition(".")
    return f"${whole}.{fraction.ljust(2, '0')}"


def _percent(part: Decimal) -> str:
    return f"{_number((part * 100).quantize(Decimal('0.1'), ROUND_HALF_UP))} %"


def _about(compared: Comparison) -> Iterator[str]:
    load = compared.load
    rates = "; ".join(_rate(rate) for rate in load.rates)
    consistency = "strongly" if load.consistent else "eventually"
    yield f"{rates}; items of {load.item.size:,} bytes, reads {consistency} consistent"


def _rate(rate: Rate) -> str:
    every = (
        "around the clock"
        if rate.hours == DAY
        else f"for {_number(rate.hours)} hour{'' if rate.hours == 1 else 's'} a day"
    )
    return f"{_number(rate.writes)} writes and {_number(rate.reads)} reads a second {every}"


def _columns(compared: Comparison) -> list[Column]:
    def marked(bill: Bill, _: int) -> str:
        return "cheapest" if bill == compared.cheapest else ""

    return [
        Column("TABLE CLASS", lambda bill, _: bill.table_class, 8),
        Column("BILLING", lambda bill, _: bill.billing, 8),
        Column("WRITES", lambda bill, _: money(bill.writes), dropped=3, right=True),
        Column("READS", lambda bill, _: money(bill.reads), dropped=2, right=True),
        Column("STORAGE", lambda bill, _: money(bill.storage), dropped=1, right=True),
        Column("A MONTH", lambda bill, _: money(bill.total), right=True),
        Column("", marked, dropped=4),
    ]


def _arithmetic(compared: Comparison) -> Iterator[str]:
    yield ""
    yield "Units of one request"
    yield from _units(compared)
    yield ""
    yield f"Units of a month, which is {MONTH} hours: 365 × {DAY} / 12"
    for kind, demand in (("writes", compared.writes), ("reads", compared.reads)):
        yield f"{INDENT}{kind}: {_a_day(compared, kind, demand)} × {MONTH} / {DAY} = {_number(demand.month)} units"
    yield ""
    yield "Provisioned, for the busiest second and all hours"
    yield f"{INDENT}writes: {_busiest(compared, 'writes', compared.writes)}"
    yield f"{INDENT}reads: {_busiest(compared, 'reads', compared.reads)}"
    for bill in compared.bills:
        yield ""
        yield f"{bill.table_class}, {bill.billing}"
        yield from _sums(compared, bill)
    yield ""
    yield "Break-even"
    for line in compared.break_even:
        yield INDENT + _break_even(line)
    yield (
        f"{INDENT}this load uses {_percent(compared.writes.use)} of its write capacity"
        f" and {_percent(compared.reads.use)} of its read capacity"
    )
    yield ""
    free = compared.prices.standard
    yield (
        f"Not counted: the free tier ({free.free_storage_gb} GB, and {free.free_provisioned_units} provisioned read and"
        " write units, of all tables of an account together), auto scaling, reserved capacity, transactions (twice the"
        " units), queries of several items, backups, streams and data transfer."
    )
    yield f"Prices: {compared.prices.region}, {compared.prices.date}; {compared.prices.source}."


def _units(compared: Comparison) -> Iterator[str]:
    item = compared.load.item
    line = f"{INDENT}write: ⌈{item.size:,} / {WRITE_BYTES:,}⌉ = {item.write_units}"
    if item.share:
        line += (
            f", and for the {_percent(item.share)} of the items that are in the index"
            f" ⌈{item.entry_size:,} / {WRITE_BYTES:,}⌉ = {item.entry_units} more:"
            f" {_number(compared.writes.per_request)} on average"
        )
    yield line
    line = f"{INDENT}read: ⌈{item.size:,} / {READ_BYTES:,}⌉ = {item.read_units}"
    if not compared.load.consistent:
        line += f", half of it when eventually consistent: {_number(compared.reads.per_request)}"
    yield line


def _a_day(compared: Comparison, kind: str, demand: Demand) -> str:
    parts = [
        f"{_number(getattr(rate, kind))} × {_number(rate.hours)}" for rate in compared.load.rates if getattr(rate, kind)
    ]
    hours = " + ".join(parts) or "0"
    hours = f"({hours})" if len(parts) > 1 else hours
    return f"{hours} × {HOUR:,} × {_number(demand.per_request)}"


def _busiest(compared: Comparison, kind: str, demand: Demand) -> str:
    rate = _number(max(getattr(rate, kind) for rate in compared.load.rates))
    index = compared.load.item.share * compared.load.item.entry_units if kind == "writes" else Decimal(0)
    line = f"⌈{rate} × {_number(demand.per_request - index)}⌉ = {demand.provisioned_table:,} units"
    if index:
        line += f", and for the index ⌈{rate} × {_number(index)}⌉ = {demand.provisioned_index:,}"
    return line


def _sums(compared: Comparison, bill: Bill) -> Iterator[str]:
    prices = compared.prices
    price = prices.standard if bill.table_class == "standard" else prices.infrequent_access
    assert price is not None
    if bill.billing == ON_DEMAND:
        of_writes = f"{_number(compared.writes.month / MILLION)} million × {_exact(price.on_demand_write_million)}"
        of_reads = f"{_number(compared.reads.month / MILLION)} million × {_exact(price.on_demand_read_million)}"
    else:
        of_writes = f"{compared.writes.provisioned:,} units × {MONTH} hours × {_exact(price.provisioned_write_hour)}"
        of_reads = f"{compared.reads.provisioned:,} units × {MONTH} hours × {_exact(price.provisioned_read_hour)}"
    yield f"{INDENT}writes: {of_writes} = {_exact(bill.writes)}"
    yield f"{INDENT}reads: {of_reads} = {_exact(bill.reads)}"
    if compared.load.storage:
        stored = f"{_number(compared.load.storage)} GB × {_exact(price.storage_gb_month)}"
        yield f"{INDENT}storage: {stored} = {_exact(bill.storage)}"


def _break_even(line: BreakEven) -> str:
    return (
        f"{line.table_class}: provisioned costs less from {_percent(line.writes)} use of the write capacity"
        f" and {_percent(line.reads)} of the read capacity on"
    )


def _values(compared: Comparison) -> dict[str, Any]:
    """The comparison for programs: the same figures, unrounded."""
    load, prices = compared.load, compared.prices
    return {
        "load": {
            "rates": [{name: float(value) for name, value in rate._asdict().items()} for rate in load.rates],
            "item_bytes": load.item.size,
            "index_share": float(load.item.share),
            "index_entry_bytes": load.item.entry_size,
            "consistent": load.consistent,
            "storage_gb": float(load.storage),
        },
        "hours_of_a_month": MONTH,
        "units": {
            kind: {
                "per_request": float(demand.per_request),
                "month": float(demand.month),
                "provisioned": demand.provisioned,
                "use": float(demand.use),
            }
            for kind, demand in (("writes", compared.writes), ("reads", compared.reads))
        },
        "bills": [
            {name: value if isinstance(value, str) else float(value) for name, value in bill._asdict().items()}
            | {"total": float(bill.total), "cheapest": bill == compared.cheapest}
            for bill in compared.bills
        ],
        "break_even": [
            {"table_class": line.table_class, "writes": float(line.writes), "reads": float(line.reads)}
            for line in compared.break_even
        ],
        "prices": {"region": prices.region, "date": prices.date, "source": prices.source},
    }
