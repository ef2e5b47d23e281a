"""The comparison as text and as JSON: the bills first, then the arithmetic of each."""

from __future__ import annotations

import textwrap
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded.limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES
from ..output.results import to_object
from ..output.table import Column, print_table
from .comparison import HOURS_PER_MONTH, MILLION, ON_DEMAND, SECONDS_PER_HOUR, Bill, BreakEven, Comparison, Demand
from .load import HOURS_PER_DAY, Load, Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..output.stream import Output

INDENT = "  "


class CapacityComparison(NamedTuple):
    """Shows the monthly price of a load and how it is calculated."""

    comparison: Comparison

    def show(self, output: Output) -> None:
        """Write the result."""
        if output.json:
            output.line(to_object(_values(self.comparison), output))
            return
        for line in _load(self.comparison.load):
            _print_wrapped(line, output)
        output.line("")
        print_table(_columns(self.comparison), self.comparison.bills, 0, output)
        for line in _arithmetic(self.comparison):
            _print_wrapped(line, output)


def _print_wrapped(line: str, output: Output) -> None:
    """Print a line, wrapped to the terminal. Continuation lines are indented further."""
    if output.width is None or not line:
        output.line(line)
        return
    indent = line[: len(line) - len(line.lstrip())]
    wrapped = textwrap.wrap(line, max(output.width, 2 * len(indent) + 8), subsequent_indent=indent + INDENT)
    for part in wrapped:
        output.line(part)


def _number(value: Decimal | int) -> str:
    """Return a number with at most six decimal places, without trailing zeros."""
    text = f"{Decimal(value).quantize(Decimal('0.000001'), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".")


def money(dollars: Decimal) -> str:
    """Return an amount in whole cents."""
    return f"${dollars.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def _exact(dollars: Decimal) -> str:
    """Return an amount with fractions of a cent, so that readers can check the arithmetic."""
    whole, _, fraction = _number(dollars).partition(".")
    return f"${whole}.{fraction.ljust(2, '0')}"


def _percent(part: Decimal) -> str:
    return f"{_number((part * 100).quantize(Decimal('0.1'), ROUND_HALF_UP))} %"


def _load(load: Load) -> Iterator[str]:
    rates = "; ".join(_rate(rate) for rate in load.rates)
    consistency = "strongly" if load.consistent else "eventually"
    yield f"{rates}; items of {load.sizes.item_bytes:,} bytes, {consistency} consistent reads"


def _rate(rate: Rate) -> str:
    hours = f"{_number(rate.hours)} hour{'' if rate.hours == 1 else 's'} a day"
    return f"{_number(rate.writes)} writes and {_number(rate.reads)} reads per second, {hours}"


def _columns(compared: Comparison) -> list[Column]:
    def cheapest(bill: Bill, _: int) -> str:
        return "cheapest" if bill == compared.cheapest else ""

    return [
        Column("TABLE CLASS", lambda bill, _: bill.table_class, min_width=8),
        Column("BILLING", lambda bill, _: bill.billing, min_width=8),
        Column("WRITES", lambda bill, _: money(bill.writes), drop_order=3, right=True),
        Column("READS", lambda bill, _: money(bill.reads), drop_order=2, right=True),
        Column("STORAGE", lambda bill, _: money(bill.storage), drop_order=1, right=True),
        Column("PER MONTH", lambda bill, _: money(bill.total), right=True),
        Column("", cheapest, drop_order=4),
    ]


def _arithmetic(compared: Comparison) -> Iterator[str]:
    yield ""
    yield "Units per request"
    yield from _units(compared)
    yield ""
    yield f"Units per month of {HOURS_PER_MONTH} hours (365 × {HOURS_PER_DAY} / 12)"
    for kind, demand in (("writes", compared.writes), ("reads", compared.reads)):
        units = f"{_per_day(compared, kind, demand)} × {HOURS_PER_MONTH} / {HOURS_PER_DAY}"
        yield f"{INDENT}{kind}: {units} = {_number(demand.per_month)} units"
    yield ""
    yield "Provisioned units, for the highest rate"
    yield f"{INDENT}writes: {_provisioned(compared, 'writes', compared.writes)}"
    yield f"{INDENT}reads: {_provisioned(compared, 'reads', compared.reads)}"
    for bill in compared.bills:
        yield ""
        yield f"{bill.table_class}, {bill.billing}"
        yield from _sums(compared, bill)
    yield ""
    yield "Break-even"
    for line in compared.break_even:
        yield INDENT + _break_even(line)
    yield (
        f"{INDENT}this load: {_percent(compared.writes.utilization)} utilization of the write capacity"
        f" and {_percent(compared.reads.utilization)} of the read capacity"
    )
    yield ""
    free = compared.prices.standard
    yield (
        f"Not included: the free tier ({free.free_storage_gb} GB and {free.free_provisioned_units} provisioned read and"
        " write units for all tables of an account together), auto scaling, reserved capacity, transactions (twice the"
        " units), queries of several items, backups, streams, data transfer."
    )
    yield f"Prices: {compared.prices.region}, {compared.prices.date}; {compared.prices.source}."


def _units(compared: Comparison) -> Iterator[str]:
    sizes = compared.load.sizes
    line = f"{INDENT}write: ⌈{sizes.item_bytes:,} / {WRITE_UNIT_BYTES:,}⌉ = {sizes.write_units}"
    if sizes.index_share:
        average = _number(compared.writes.per_request)
        line += (
            f", plus ⌈{sizes.index_entry_bytes:,} / {WRITE_UNIT_BYTES:,}⌉ = {sizes.index_write_units}"
            f" for the index entry of {_percent(sizes.index_share)} of the items: {average} on average"
        )
    yield line
    line = f"{INDENT}read: ⌈{sizes.item_bytes:,} / {READ_UNIT_BYTES:,}⌉ = {sizes.read_units}"
    if not compared.load.consistent:
        line += f", half of it for an eventually consistent read: {_number(compared.reads.per_request)}"
    yield line


def _per_day(compared: Comparison, kind: str, demand: Demand) -> str:
    parts = [
        f"{_number(getattr(rate, kind))} × {_number(rate.hours)}" for rate in compared.load.rates if getattr(rate, kind)
    ]
    hours = " + ".join(parts) or "0"
    hours = f"({hours})" if len(parts) > 1 else hours
    return f"{hours} × {SECONDS_PER_HOUR:,} × {_number(demand.per_request)}"


def _provisioned(compared: Comparison, kind: str, demand: Demand) -> str:
    rate = _number(max(getattr(rate, kind) for rate in compared.load.rates))
    index = compared.load.sizes.index_share * compared.load.sizes.index_write_units if kind == "writes" else Decimal(0)
    line = f"⌈{rate} × {_number(demand.per_request - index)}⌉ = {demand.provisioned_table:,} units"
    if index:
        line += f", plus ⌈{rate} × {_number(index)}⌉ = {demand.provisioned_index:,} for the index"
    return line


def _sums(compared: Comparison, bill: Bill) -> Iterator[str]:
    price = compared.prices.by_class[bill.table_class]
    if bill.billing == ON_DEMAND:
        of_writes = f"{_number(compared.writes.per_month / MILLION)} million × {_exact(price.on_demand_write_million)}"
        of_reads = f"{_number(compared.reads.per_month / MILLION)} million × {_exact(price.on_demand_read_million)}"
    else:
        hours = f"units × {HOURS_PER_MONTH} hours"
        of_writes = f"{compared.writes.provisioned:,} {hours} × {_exact(price.provisioned_write_hour)}"
        of_reads = f"{compared.reads.provisioned:,} {hours} × {_exact(price.provisioned_read_hour)}"
    yield f"{INDENT}writes: {of_writes} = {_exact(bill.writes)}"
    yield f"{INDENT}reads: {of_reads} = {_exact(bill.reads)}"
    if compared.load.storage:
        stored = f"{_number(compared.load.storage)} GB × {_exact(price.storage_gb_month)}"
        yield f"{INDENT}storage: {stored} = {_exact(bill.storage)}"


def _break_even(line: BreakEven) -> str:
    return (
        f"{line.table_class}: provisioned costs less above {_percent(line.writes)} utilization of the write capacity"
        f" and {_percent(line.reads)} of the read capacity"
    )


def _values(compared: Comparison) -> dict[str, Any]:
    """Return the comparison for JSON, not rounded."""
    load, prices = compared.load, compared.prices
    return {
        "load": {
            "rates": [{name: float(value) for name, value in rate._asdict().items()} for rate in load.rates],
            "item_bytes": load.sizes.item_bytes,
            "index_share": float(load.sizes.index_share),
            "index_entry_bytes": load.sizes.index_entry_bytes,
            "consistent": load.consistent,
            "storage_gb": float(load.storage),
        },
        "hours_of_a_month": HOURS_PER_MONTH,
        "units": {
            kind: {
                "per_request": float(demand.per_request),
                "month": float(demand.per_month),
                "provisioned": demand.provisioned,
                "use": float(demand.utilization),
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
