"""The commands on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NodetodoError, NotFound
from ..model import Capacity
from ..output.results import Message, TableStatuses

if TYPE_CHECKING:
    from ..model import TableStatus
    from .context import Context


def table_add(context: Context, on_demand: bool, read: int | None, write: int | None) -> TableStatuses:
    """Create the missing tables and indexes, and wait until all are ready."""
    return _statuses(context, context.tables.add(Capacity(on_demand, read, write), context.console.notify))


def table_ls(context: Context) -> TableStatuses:
    """Show status, size and capacity of the tables and indexes."""
    return _statuses(context, context.tables.all())


def _statuses(context: Context, tables: list[TableStatus]) -> TableStatuses:
    return TableStatuses(tables, are_counts_old=context.target.is_aws)


def table_rm(context: Context, yes: bool) -> Message:
    """Delete the tables with all users and tasks, after a confirmation."""
    tables = context.tables
    names = tables.removable_names()
    if not names:
        raise NotFound(f"neither {' nor '.join(tables.names())} exists")
    question = f"Delete {' and '.join(names)} from {context.target.name}, with all users and tasks?"
    if not yes and not context.console.confirm(question):
        raise NodetodoError("nothing was deleted")
    tables.remove(names)
    return Message(f"deleted {' and '.join(names)}", {"deleted": names})


def index_add(context: Context, index: str) -> TableStatuses:
    """Add an index to the existing tasks, and wait until it can be read."""
    return _statuses(context, context.tables.add_index(index, context.console.notify, context.console.wait))


def index_rm(context: Context, index: str, yes: bool) -> TableStatuses:
    """Delete an index, after a confirmation that names the command that needs it."""
    found = context.tables.find_index(index)
    question = f"Delete {index} of {found.table.name} from {context.target.name}? {found.command} needs it."
    if not yes and not context.console.confirm(question):
        raise NodetodoError("nothing was deleted")
    return _statuses(context, context.tables.remove_index(index, found, context.console.wait))
