"""The command capacity."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ..model import Task
from . import load
from .comparison import compare
from .prices import prices
from .text import CapacityComparison

if TYPE_CHECKING:
    from decimal import Decimal

    from ..commands.context import Context


def capacity(
    context: Context,
    table: bool,
    item_size: int | None,
    storage: Decimal | None,
    region: str,
    consistent: bool,
    steps: bool,
    **rates: Decimal | None,
) -> CapacityComparison:
    """Compare the monthly price of a load in both billing modes and table classes. steps: show the arithmetic."""
    base, peak = load.rates(**rates)
    known_prices = prices(region)
    statuses = context.tables.require_all() if table else {}
    sizes = load.average_sizes(statuses[Task]) if table else load.given_sizes(item_size)
    stored = load.stored_gb(chain.from_iterable(statuses.values())) if storage is None else storage
    return CapacityComparison(compare(load.Load(base, peak, sizes, consistent, stored), known_prices), steps)
