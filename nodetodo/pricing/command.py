"""The command capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import comparison, load
from .prices import prices
from .text import Compared

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
    **rates: Decimal | None,
) -> Compared:
    base, peak = load.rates(**rates)
    known = prices(region)
    item, stored = load.measured(context.tables().require_all()) if table else load.assumed(item_size)
    whole = load.Load(base, peak, item, consistent, stored if storage is None else storage)
    return Compared(comparison.compare(whole, known))
