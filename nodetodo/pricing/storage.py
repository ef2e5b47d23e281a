"""The command table-ls, which shows the price of the storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..output.results import TableStatuses
from .load import stored_gb
from .prices import known_or_default

if TYPE_CHECKING:
    from ..commands.context import Context
    from ..table_model import TableStatus


def table_ls(context: Context) -> TableStatuses:
    """Show the status, size, capacity and settings of the tables and indexes, and the price of their storage."""
    tables = context.tables.all(with_recovery=context.target.has_recovery)
    region = _add_prices(tables, context.region)
    return TableStatuses(tables, are_counts_old=context.target.is_aws, priced_region=region)


def _add_prices(tables: list[TableStatus], region: str | None) -> str:
    """Set the price of the storage of each table and index, and return the region of the prices.

    region: of the tables. The free storage is not subtracted, because it belongs to the account and other tables may
    use it.
    """
    known = known_or_default(region)
    classes = {table.table: table.table_class for table in tables if table.table_class}
    for table in tables:
        of_class = known.by_class.get(classes.get(table.table, ""))
        if of_class is not None and table.bytes is not None:
            table.storage_price = float(stored_gb([table]) * of_class.storage_gb_month)
    return known.region
