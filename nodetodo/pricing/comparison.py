"""A load in units and in money: the same load, once per request and once by the hour, in each table class."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, NamedTuple

from .load import DAY, Load

if TYPE_CHECKING:
    from .prices import ClassPrices, Prices

MONTH = 730
"""Hours of a month: a year's 8,760 by twelve, as AWS's own calculator has it."""

MILLION = 10**6
HOUR = 3600  # seconds

ON_DEMAND, PROVISIONED = "on demand", "provisioned"
STANDARD, INFREQUENT_ACCESS = "standard", "infrequent access"


class Bill(NamedTuple):
    """US dollars a month, unrounded."""

    table_class: str
    billing: str
    writes: Decimal
    reads: Decimal
    storage: Decimal

    @property
    def total(self) -> Decimal:
        return self.writes + self.reads + self.storage


class Demand(NamedTuple):
    """Units of one kind. month: all that are consumed in a month. provisioned: what the busiest second needs, whole.

    Each index has capacity of its own, so that its part, provisioned_index, is rounded up by itself.
    """

    per_request: Decimal
    month: Decimal
    provisioned_table: int
    provisioned_index: int

    @property
    def provisioned(self) -> int:
        return self.provisioned_table + self.provisioned_index

    @property
    def use(self) -> Decimal:
        """The part of the provisioned units that is used, over the month."""
        return self.month / (self.provisioned * HOUR * MONTH) if self.provisioned else Decimal(0)


class BreakEven(NamedTuple):
    """The use of provisioned capacity from which on it costs less than the same requests on demand."""

    table_class: str
    writes: Decimal
    reads: Decimal


class Comparison(NamedTuple):
    load: Load
    prices: Prices
    writes: Demand
    reads: Demand
    bills: list[Bill]
    break_even: list[BreakEven]

    @property
    def cheapest(self) -> Bill:
        return min(self.bills, key=lambda bill: bill.total)


def compare(load: Load, prices: Prices) -> Comparison:
    """Like with like: reads are as consistent on demand as they are with provisioned capacity."""
    item = load.item
    consistency = Decimal(1) if load.consistent else Decimal("0.5")
    reads = _demand([(rate.reads, rate.hours) for rate in load.rates], item.read_units * consistency, Decimal(0))
    writes = _demand(
        [(rate.writes, rate.hours) for rate in load.rates], Decimal(item.write_units), item.share * item.entry_units
    )
    classes = [(STANDARD, prices.standard)]
    if prices.infrequent_access is not None:
        classes.append((INFREQUENT_ACCESS, prices.infrequent_access))
    return Comparison(
        load,
        prices,
        writes,
        reads,
        [bill for name, price in classes for bill in _bills(name, price, writes, reads, load.storage)],
        [_break_even(name, price) for name, price in classes],
    )


def _demand(rates: list[tuple[Decimal, Decimal]], units: Decimal, index_units: Decimal) -> Demand:
    """rates: requests a second, and for how many hours a day. units: of one request, and of its part in the index."""
    day = sum((rate * hours for rate, hours in rates), Decimal(0)) * HOUR
    busiest = max(rate for rate, _ in rates)
    return Demand(
        units + index_units,
        day * (units + index_units) * MONTH / DAY,
        int((busiest * units).to_integral_value(ROUND_CEILING)),
        int((busiest * index_units).to_integral_value(ROUND_CEILING)),
    )


def _bills(name: str, price: ClassPrices, writes: Demand, reads: Demand, storage: Decimal) -> list[Bill]:
    stored = storage * price.storage_gb_month
    return [
        Bill(
            name,
            ON_DEMAND,
            writes.month / MILLION * price.on_demand_write_million,
            reads.month / MILLION * price.on_demand_read_million,
            stored,
        ),
        Bill(
            name,
            PROVISIONED,
            writes.provisioned * MONTH * price.provisioned_write_hour,
            reads.provisioned * MONTH * price.provisioned_read_hour,
            stored,
        ),
    ]


def _break_even(name: str, price: ClassPrices) -> BreakEven:
    """A unit that is used in every second of an hour does 3,600 requests."""
    return BreakEven(
        name,
        price.provisioned_write_hour * MILLION / (price.on_demand_write_million * HOUR),
        price.provisioned_read_hour * MILLION / (price.on_demand_read_million * HOUR),
    )
