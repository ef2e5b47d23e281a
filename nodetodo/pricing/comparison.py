"""The capacity units and the monthly price of a load: on demand and provisioned, in each table class."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, NamedTuple

from ..embedded.limits import PARTITION_GB, PARTITION_READ_UNITS, PARTITION_WRITE_UNITS
from .load import HOURS_PER_DAY, Load

if TYPE_CHECKING:
    from .prices import ClassPrices, Prices

HOURS_PER_MONTH = 730
"""8,760 hours of a year / 12, as in the AWS Pricing Calculator."""

MILLION = 10**6
SECONDS_PER_HOUR = 3600

ON_DEMAND, PROVISIONED = "on demand", "provisioned"


class Bill(NamedTuple):
    """US dollars per month, not rounded."""

    table_class: str
    billing: str
    writes: Decimal
    reads: Decimal
    storage: Decimal

    @property
    def total(self) -> Decimal:
        """Return the sum of writes, reads and storage."""
        return self.writes + self.reads + self.storage


class Demand(NamedTuple):
    """The units that a load needs, of reads or of writes.

    provisioned_table, provisioned_index: whole units for the highest rate. They are rounded up separately, because an
    index has its own capacity.
    """

    per_request: Decimal
    per_month: Decimal
    provisioned_table: int
    provisioned_index: int

    @property
    def provisioned(self) -> int:
        """Return the provisioned units of table and index together."""
        return self.provisioned_table + self.provisioned_index

    @property
    def utilization(self) -> Decimal:
        """Return the share of the provisioned units that the load consumes in a month, from 0 to 1."""
        available = self.provisioned * SECONDS_PER_HOUR * HOURS_PER_MONTH
        return self.per_month / available if available else Decimal(0)


class BreakEven(NamedTuple):
    """The utilization of provisioned capacity at which it costs as much as the same requests on demand."""

    table_class: str
    writes: Decimal
    reads: Decimal


class Partitions(NamedTuple):
    """The fewest partitions that serve a load. of_index: 0 without an index. for_storage: those that hold all data."""

    of_table: int
    of_index: int
    for_storage: int

    @property
    def total(self) -> int:
        """Return the number for all conditions together. Table and index have no partition in common."""
        return max(self.of_table + self.of_index, self.for_storage)


class Comparison(NamedTuple):
    """A load with its units, its bills and its partitions."""

    load: Load
    prices: Prices
    writes: Demand
    reads: Demand
    bills: list[Bill]
    break_even: list[BreakEven]
    partitions: Partitions

    @property
    def cheapest(self) -> Bill:
        """Return the bill with the lowest total."""
        return min(self.bills, key=lambda bill: bill.total)


def compare(load: Load, prices: Prices) -> Comparison:
    """Price a load in each billing mode and table class, with the same read consistency in all of them."""
    sizes = load.sizes
    consistency = Decimal(1) if load.consistent else Decimal("0.5")
    reads = _demand([(rate.reads, rate.hours) for rate in load.rates], sizes.read_units * consistency, Decimal(0))
    writes = _demand(
        [(rate.writes, rate.hours) for rate in load.rates],
        Decimal(sizes.write_units),
        sizes.index_share * sizes.index_write_units,
    )
    return Comparison(
        load,
        prices,
        writes,
        reads,
        [bill for name, price in prices.by_class.items() for bill in _bills(name, price, writes, reads, load.storage)],
        [_break_even(name, price) for name, price in prices.by_class.items()],
        _partitions(reads, writes, load),
    )


def _demand(rates: list[tuple[Decimal, Decimal]], table_units: Decimal, index_units: Decimal) -> Demand:
    """Return the units for these rates: requests per second, hours per day. The units are those of one request."""
    per_request = table_units + index_units
    requests_per_day = sum((rate * hours for rate, hours in rates), Decimal(0)) * SECONDS_PER_HOUR
    highest = max(rate for rate, _ in rates)
    return Demand(
        per_request,
        requests_per_day * per_request * HOURS_PER_MONTH / HOURS_PER_DAY,
        int((highest * table_units).to_integral_value(ROUND_CEILING)),
        int((highest * index_units).to_integral_value(ROUND_CEILING)),
    )


def _partitions(reads: Demand, writes: Demand, load: Load) -> Partitions:
    """Return the partitions for the highest rate. A partition has separate limits for reads and writes."""
    for_reads = -(-reads.provisioned_table // PARTITION_READ_UNITS)
    for_writes = -(-writes.provisioned_table // PARTITION_WRITE_UNITS)
    for_index = -(-writes.provisioned_index // PARTITION_WRITE_UNITS)
    return Partitions(
        max(1, for_reads, for_writes),
        max(1, for_index) if load.sizes.index_share else 0,
        int((load.storage / PARTITION_GB).to_integral_value(ROUND_CEILING)),
    )


def _bills(name: str, price: ClassPrices, writes: Demand, reads: Demand, storage_gb: Decimal) -> list[Bill]:
    storage = storage_gb * price.storage_gb_month
    return [
        Bill(
            name,
            ON_DEMAND,
            writes.per_month / MILLION * price.on_demand_write_million,
            reads.per_month / MILLION * price.on_demand_read_million,
            storage,
        ),
        Bill(
            name,
            PROVISIONED,
            writes.provisioned * HOURS_PER_MONTH * price.provisioned_write_hour,
            reads.provisioned * HOURS_PER_MONTH * price.provisioned_read_hour,
            storage,
        ),
    ]


def _break_even(name: str, price: ClassPrices) -> BreakEven:
    """Return the price of a provisioned unit, divided by the price of the 3,600 requests that it can serve per hour."""
    return BreakEven(
        name,
        price.provisioned_write_hour * MILLION / (price.on_demand_write_million * SECONDS_PER_HOUR),
        price.provisioned_read_hour * MILLION / (price.on_demand_read_million * SECONDS_PER_HOUR),
    )
