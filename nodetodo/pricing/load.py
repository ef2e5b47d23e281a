"""The load that is to be paid for: requests a second, hours a day, and what one request consumes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ..embedded.limits import ITEM_BYTES, READ_UNIT_BYTES, WRITE_UNIT_BYTES
from ..errors import WrongUsage

if TYPE_CHECKING:
    from ..model import TableStatus

DAY = 24
ITEM = WRITE_UNIT_BYTES
"""Bytes of an item unless told: the most that one write unit writes."""

OVERHEAD = 100
"""Bytes that are billed for storage on top of each item, and of each entry of an index (developer guide)."""

GB = 2**30


class Item(NamedTuple):
    """What a request is about, in bytes. share: the part of the items that has an entry in the index, from 0 to 1."""

    size: int
    share: Decimal = Decimal(0)
    entry_size: int = 0

    @property
    def write_units(self) -> int:
        return _rounded_up(self.size, WRITE_UNIT_BYTES)

    @property
    def entry_units(self) -> int:
        return _rounded_up(self.entry_size, WRITE_UNIT_BYTES)

    @property
    def read_units(self) -> int:
        return _rounded_up(self.size, READ_UNIT_BYTES)


def _rounded_up(size: int, unit: int) -> int:
    return -(-size // unit)


class Rate(NamedTuple):
    """So many reads and writes a second, for so many hours of every day."""

    reads: Decimal
    writes: Decimal
    hours: Decimal


class Load(NamedTuple):
    """A base, and a peak on other hours of the day (None: there is none). storage in GB of 2^30 bytes."""

    base: Rate
    peak: Rate | None
    item: Item
    consistent: bool
    storage: Decimal

    @property
    def rates(self) -> list[Rate]:
        return [self.base] if self.peak is None else [self.base, self.peak]


def assumed(given: int | None) -> tuple[Item, Decimal]:
    """The item of --item-size, and that nothing is stored. Raises WrongUsage."""
    if given is not None and given > ITEM_BYTES:
        raise WrongUsage(f"--item-size is {given:,} bytes; DynamoDB keeps at most {ITEM_BYTES:,} in one item")
    return Item(ITEM if given is None else given), Decimal(0)


def rates(
    reads: Decimal | None,
    writes: Decimal | None,
    hours: Decimal | None,
    peak_reads: Decimal | None,
    peak_writes: Decimal | None,
    peak_hours: Decimal | None,
) -> tuple[Rate, Rate | None]:
    """The base, around the clock but for the peak unless told, and the peak, an hour a day unless told.

    Raises WrongUsage for what cannot be.
    """
    if reads is None and writes is None:
        raise WrongUsage("say what is asked of the tables: --reads=<per second>, --writes=<per second>, or both")
    for kind, base, peak in (("reads", reads, peak_reads), ("writes", writes, peak_writes)):
        if peak is not None and base is None:
            raise WrongUsage(f"--peak-{kind} needs --{kind}, the load outside the peak; --{kind}=0 where there is none")
        if peak is not None and base is not None and peak < base:
            raise WrongUsage(f"--peak-{kind} is {peak:,}, below the {base:,} of --{kind}; the peak is the busiest time")
    is_peak = peak_reads is not None or peak_writes is not None
    if peak_hours is not None and not is_peak:
        raise WrongUsage("--peak-hours needs a peak: --peak-reads=<per second>, --peak-writes=<per second>, or both")
    for name, given in (("--hours", hours), ("--peak-hours", peak_hours)):
        if given is not None and not 0 < given <= DAY:
            raise WrongUsage(f"{name} is {given:,}; it takes more than 0 and at most the {DAY} hours of a day")
    in_peak = (Decimal(1) if peak_hours is None else peak_hours) if is_peak else Decimal(0)
    outside = DAY - in_peak if hours is None else hours
    if outside + in_peak > DAY:
        raise WrongUsage(f"--hours and --peak-hours are {outside + in_peak:,} hours together; a day has {DAY}")
    base_rate = Rate(reads or Decimal(0), writes or Decimal(0), outside)
    if not is_peak:
        return base_rate, None
    return base_rate, Rate(
        base_rate.reads if peak_reads is None else peak_reads,
        base_rate.writes if peak_writes is None else peak_writes,
        in_peak,
    )


def measured(statuses: list[TableStatus]) -> tuple[Item, Decimal]:
    """The average task with its part in the index, and the GB of all tables and indexes, by what DescribeTable says.

    statuses: of both tables and the index, as far as they are there. Raises WrongUsage where no task is counted.
    """
    tables = [status for status in statuses if status.items is not None and status.bytes is not None]
    stored = sum((status.bytes or 0) + OVERHEAD * (status.items or 0) for status in tables)
    tasks = next(status for status in tables if status.table.endswith("task") and status.index_name is None)
    if not tasks.items or not tasks.bytes:
        raise WrongUsage(
            f"no items are counted in {tasks.table}, which AWS does every six hours; say --item-size=<bytes> instead"
        )
    index = next((status for status in tables if status.index_name), None)
    found = Item(_rounded_up(tasks.bytes, tasks.items))
    if index and index.items:
        share = min(Decimal(1), Decimal(index.items) / tasks.items)
        found = found._replace(share=share, entry_size=_rounded_up(index.bytes or 0, index.items))
    return found, Decimal(stored) / GB
