"""The load to be priced: requests per second, hours per day, item size and storage."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ..embedded.capacity import TRANSACTIONAL
from ..embedded.limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES
from ..errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..table_model import TableStatus

HOURS_PER_DAY = 24

DEFAULT_ITEM_BYTES = WRITE_UNIT_BYTES
"""An item that one write unit can write."""

OVERHEAD_BYTES = 100
"""Billed storage of each item and each index entry, in addition to its size ("Amazon DynamoDB pricing")."""

GB = 2**30


class ItemSizes(NamedTuple):
    """The size of the item that a request reads or writes. index_share: share of items in the index, from 0 to 1."""

    item_bytes: int
    index_share: Decimal = Decimal(0)
    index_entry_bytes: int = 0

    @property
    def write_units(self) -> int:
        """Return the units of writing the item to the table."""
        return _round_up(self.item_bytes, WRITE_UNIT_BYTES)

    @property
    def index_write_units(self) -> int:
        """Return the units of writing one index entry."""
        return _round_up(self.index_entry_bytes, WRITE_UNIT_BYTES)

    @property
    def read_units(self) -> int:
        """Return the units of a strongly consistent read."""
        return _round_up(self.item_bytes, READ_UNIT_BYTES)

    @property
    def task_add_units(self) -> tuple[int, int]:
        """Return the write units of the command task-add without and with a category.

        Its transaction writes the task and checks a user, who is smaller than WRITE_UNIT_BYTES.
        """
        in_tables = TRANSACTIONAL * (self.write_units + 1)
        return in_tables, in_tables + (self.index_write_units or self.write_units)


def _round_up(size: int, unit: int) -> int:
    return -(-size // unit)


class Rate(NamedTuple):
    """Reads and writes per second, during this number of hours per day."""

    reads: Decimal
    writes: Decimal
    hours: Decimal


class Load(NamedTuple):
    """A base rate and a peak rate, which applies at other hours of the day. storage: in GB of 2^30 bytes."""

    base: Rate
    peak: Rate | None
    sizes: ItemSizes
    consistent: bool
    storage: Decimal

    @property
    def rates(self) -> list[Rate]:
        """Return the base rate, and the peak rate if one is given."""
        return [self.base] if self.peak is None else [self.base, self.peak]


def rates(
    reads: Decimal | None,
    writes: Decimal | None,
    hours: Decimal | None,
    peak_reads: Decimal | None,
    peak_writes: Decimal | None,
    peak_hours: Decimal | None,
) -> tuple[Rate, Rate | None]:
    """Return the base rate and the peak rate.

    Default of hours: all hours outside the peak. Default of peak_hours: 1. Raises WrongUsage if the options contradict
    each other.
    """
    for kind, base, peak in (("reads", reads, peak_reads), ("writes", writes, peak_writes)):
        if peak is not None and base is None:
            raise WrongUsage(f"--peak-{kind} needs --{kind}, the rate outside the peak, which may be 0")
        if peak is not None and base is not None and peak < base:
            raise WrongUsage(f"--peak-{kind} is {peak:,}, but --{kind} is {base:,}; the peak cannot be lower")
    if reads is None and writes is None:
        raise WrongUsage("no load given; pass --reads=<per second>, --writes=<per second>, or both")
    has_peak = peak_reads is not None or peak_writes is not None
    if peak_hours is not None and not has_peak:
        raise WrongUsage("--peak-hours needs --peak-reads=<per second>, --peak-writes=<per second>, or both")
    for name, given in (("--hours", hours), ("--peak-hours", peak_hours)):
        if given is not None and not 0 < given <= HOURS_PER_DAY:
            raise WrongUsage(f"{name} is {given:,}; it must be more than 0 and at most {HOURS_PER_DAY}")
    in_peak = (Decimal(1) if peak_hours is None else peak_hours) if has_peak else Decimal(0)
    outside = HOURS_PER_DAY - in_peak if hours is None else hours
    if outside + in_peak > HOURS_PER_DAY:
        raise WrongUsage(f"--hours and --peak-hours add up to {outside + in_peak:,} hours; a day has {HOURS_PER_DAY}")
    base_rate = Rate(reads or Decimal(0), writes or Decimal(0), outside)
    if not has_peak:
        return base_rate, None
    return base_rate, Rate(
        base_rate.reads if peak_reads is None else peak_reads,
        base_rate.writes if peak_writes is None else peak_writes,
        in_peak,
    )


def given_sizes(item_bytes: int | None) -> ItemSizes:
    """Return the sizes for --item-size; no item is in the index. Raises WrongUsage if no item can be that large."""
    return ItemSizes(DEFAULT_ITEM_BYTES if item_bytes is None else item_bytes)


def average_sizes(statuses: list[TableStatus]) -> ItemSizes:
    """Return the average sizes of a task and of an index entry, as DescribeTable reports them.

    statuses: of the table of tasks, then of its index. Raises WrongUsage if the reported number of tasks is 0.
    """
    tasks, *indexes = statuses
    if not tasks.items or not tasks.bytes:
        raise WrongUsage(
            f"DescribeTable reports 0 items in {tasks.table} (AWS updates this about every six hours); "
            "pass --item-size=<bytes> instead"
        )
    item_bytes = _round_up(tasks.bytes, tasks.items)
    entries, entry_bytes = (indexes[0].items or 0, indexes[0].bytes or 0) if indexes else (0, 0)
    if not entries:
        return ItemSizes(item_bytes)
    share = min(Decimal(1), Decimal(entries) / tasks.items)
    return ItemSizes(item_bytes, share, _round_up(entry_bytes, entries))


def stored_gb(statuses: Iterable[TableStatus]) -> Decimal:
    """Return the billed storage of all tables and indexes in GB, as DescribeTable reports it."""
    return Decimal(sum((status.bytes or 0) + OVERHEAD_BYTES * (status.items or 0) for status in statuses)) / GB
