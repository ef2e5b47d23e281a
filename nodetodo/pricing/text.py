"""The comparison as text and as JSON: the load, the bills and the break-even, with the arithmetic if wanted."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded.capacity import TRANSACTIONAL
from ..embedded.limits import (
    PARTITION_GB,
    PARTITION_READ_UNITS,
    PARTITION_WRITE_UNITS,
    READ_UNIT_BYTES,
    WRITE_UNIT_BYTES,
)
from ..output.results import to_object
from ..output.table import Column, fits, print_table
from .comparison import HOURS_PER_MONTH, MILLION, ON_DEMAND, SECONDS_PER_HOUR, Bill, Comparison, Demand
from .load import HOURS_PER_DAY, Load, Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..output.terminal import Output

INDENT = "  "


class CapacityComparison(NamedTuple):
    """Shows the monthly price of a load. steps: also shows how it is calculated."""

    comparison: Comparison
    steps: bool

    def _show_bills(self, output: Output) -> None:
        """Write a table, or a sentence for each bill if the terminal is too narrow for their names and totals."""
        bills, columns = self.comparison.bills, _columns(self.comparison)
        if fits(columns, bills, output):
            print_table(columns, bills, 0, output)
            return
        for bill in bills:
            table_class, billing, writes, reads, storage, total, cheapest = (column.cell(bill, 0) for column in columns)
            output.text(f"{table_class}, {billing}: {total} a month" + (f", {cheapest}" if cheapest else ""), INDENT)
            output.text(f"{INDENT}writes {writes}, reads {reads}, storage {storage}", 2 * INDENT)

    def show(self, output: Output) -> None:
        """Write the result."""
        if output.json:
            output.line(to_object(_values(self.comparison), output))
            return
        for line in _load(self.comparison.load):
            output.text(line, INDENT)
        output.line("")
        self._show_bills(output)
        for line in ("", *_summary(self.comparison), *(_arithmetic if self.steps else _omitted)(self.comparison)):
            output.text(line, 2 * INDENT if line.startswith(INDENT) else INDENT)


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
    yield f"{rates}; items of {_counted(load.sizes.item_bytes, 'byte')}, {consistency} consistent reads"


def _rate(rate: Rate) -> str:
    requests = f"{_counted(rate.writes, 'write')} and {_counted(rate.reads, 'read')} per second"
    return f"{requests}, {_counted(rate.hours, 'hour')} a day"


def _counted(number: Decimal | int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{_number(number)} {noun}{'' if number == 1 else 's'}"


def _columns(compared: Comparison) -> list[Column]:
    def cheapest(bill: Bill, _: int) -> str:
        return "cheapest" if bill == compared.cheapest else ""

    return [
        Column("TABLE CLASS", lambda bill, _: bill.table_class),
        Column("BILLING", lambda bill, _: bill.billing),
        Column("WRITES", lambda bill, _: money(bill.writes), drop_order=3, right=True),
        Column("READS", lambda bill, _: money(bill.reads), drop_order=2, right=True),
        Column("STORAGE", lambda bill, _: money(bill.storage), drop_order=1, right=True),
        Column("PER MONTH", lambda bill, _: money(bill.total), right=True),
        Column("", cheapest),
    ]


def _summary(compared: Comparison) -> Iterator[str]:
    first, *others = compared.break_even
    even = [f"{_percent(first.writes)} write, {_percent(first.reads)} read ({first.table_class})"]
    even += [f"{_percent(line.writes)}, {_percent(line.reads)} ({line.table_class})" for line in others]
    used = f"{_percent(compared.writes.utilization)}, {_percent(compared.reads.utilization)}"
    yield f"Break-even utilization of provisioned capacity: {'; '.join(even)}; this load: {used}"
    without, with_category = compared.load.sizes.task_add_units
    size = _counted(compared.load.sizes.item_bytes, "byte")
    yield f"One task-add of {size} takes {without:,} write units, with a category {with_category:,}"
    yield f"This load needs at least {_counted(compared.partitions.total, 'partition')}"


def _omitted(compared: Comparison) -> Iterator[str]:
    yield "Not included: free tier, auto scaling, reserved capacity, backups, transfer"
    yield f"Prices: {compared.prices.region}, {compared.prices.date}; --steps adds their source and the arithmetic"


def _arithmetic(compared: Comparison) -> Iterator[str]:
    yield ""
    yield "Units per request"
    yield from _units(compared)
    yield ""
    yield f"Units per month of {HOURS_PER_MONTH} hours (365 × {HOURS_PER_DAY} / 12)"
    for kind, demand in (("writes", compared.writes), ("reads", compared.reads)):
        units = f"{_per_day(compared, kind, demand)} × {HOURS_PER_MONTH} / {HOURS_PER_DAY}"
        yield f"{INDENT}{kind}: {units} = {_counted(demand.per_month, 'unit')}"
    yield ""
    yield "Provisioned units, for the highest rate"
    yield f"{INDENT}writes: {_provisioned(compared, 'writes', compared.writes)}"
    yield f"{INDENT}reads: {_provisioned(compared, 'reads', compared.reads)}"
    for bill in compared.bills:
        yield ""
        yield f"{bill.table_class}, {bill.billing}"
        yield from _sums(compared, bill)
    yield ""
    yield "Break-even: above it, provisioned capacity costs less"
    for line in compared.break_even:
        price = compared.prices.by_class[line.table_class]
        for kind, provisioned, on_demand, share in (
            ("writes", price.provisioned_write_hour, price.on_demand_write_million, line.writes),
            ("reads", price.provisioned_read_hour, price.on_demand_read_million, line.reads),
        ):
            requests = f"({SECONDS_PER_HOUR:,} × {_exact(on_demand)} / million)"
            yield f"{INDENT}{line.table_class}, {kind}: {_exact(provisioned)} / {requests} = {_percent(share)}"
    yield ""
    yield "Partitions, for the highest rate, if all partitions receive the same number of requests"
    yield from _partitions(compared)
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
    without, with_category = sizes.task_add_units
    yield (
        f"{INDENT}task-add: {TRANSACTIONAL} × ({sizes.write_units} for the task + 1 for the check of the user) ="
        f" {without} in a transaction, plus {with_category - without} for the index entry of a task with a category"
    )


def _partitions(compared: Comparison) -> Iterator[str]:
    writes, reads, needed = compared.writes, compared.reads, compared.partitions
    yield (
        f"{INDENT}table: the larger of ⌈{writes.provisioned_table:,} / {PARTITION_WRITE_UNITS:,}⌉ for writes and"
        f" ⌈{reads.provisioned_table:,} / {PARTITION_READ_UNITS:,}⌉ for reads, at least 1: {needed.of_table:,}"
    )
    if needed.of_index:
        of_writes = f"⌈{writes.provisioned_index:,} / {PARTITION_WRITE_UNITS:,}⌉"
        yield f"{INDENT}index: {of_writes}, at least 1: {needed.of_index:,}"
    if needed.for_storage:
        stored = _number(compared.load.storage)
        yield f"{INDENT}storage of all: ⌈{stored} GB / {PARTITION_GB} GB⌉ = {needed.for_storage:,}"


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
    line = f"⌈{rate} × {_number(demand.per_request - index)}⌉ = {_counted(demand.provisioned_table, 'unit')}"
    if index:
        line += f", plus ⌈{rate} × {_number(index)}⌉ = {demand.provisioned_index:,} for the index"
    return line


def _sums(compared: Comparison, bill: Bill) -> Iterator[str]:
    price = compared.prices.by_class[bill.table_class]
    if bill.billing == ON_DEMAND:
        of_writes = f"{_number(compared.writes.per_month / MILLION)} million × {_exact(price.on_demand_write_million)}"
        of_reads = f"{_number(compared.reads.per_month / MILLION)} million × {_exact(price.on_demand_read_million)}"
    else:
        hours = f"{HOURS_PER_MONTH} hours"
        writes, reads = _counted(compared.writes.provisioned, "unit"), _counted(compared.reads.provisioned, "unit")
        of_writes = f"{writes} × {hours} × {_exact(price.provisioned_write_hour)}"
        of_reads = f"{reads} × {hours} × {_exact(price.provisioned_read_hour)}"
    yield f"{INDENT}writes: {of_writes} = {_exact(bill.writes)}"
    yield f"{INDENT}reads: {of_reads} = {_exact(bill.reads)}"
    if compared.load.storage:
        stored = f"{_number(compared.load.storage)} GB × {_exact(price.storage_gb_month)}"
        yield f"{INDENT}storage: {stored} = {_exact(bill.storage)}"


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
        "task_add": dict(zip(("without_category", "with_category"), load.sizes.task_add_units, strict=True)),
        "partitions": compared.partitions.total,
        "prices": {"region": prices.region, "date": prices.date, "source": prices.source},
    }
