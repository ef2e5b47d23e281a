"""The commands on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DatabaseUnavailable, NodetodoError, NotFound, WrongUsage
from ..output.results import Message, SettingChanges, TableStatuses
from ..table_model import Capacity, WantedSettings

if TYPE_CHECKING:
    from ..table_model import TableStatus
    from .context import Context


def table_add(context: Context, on_demand: bool, read: int | None, write: int | None, protect: bool) -> TableStatuses:
    """Create the missing tables and indexes, and wait until all are ready."""
    capacity, console = Capacity(on_demand, read, write), context.console
    return _statuses(context, context.tables.add(capacity, console.notify, console.wait, protect=protect))


def table_edit(
    context: Context,
    on_demand: bool,
    read: int | None,
    write: int | None,
    max_read: int | None,
    max_write: int | None,
    protect: bool,
    no_protect: bool,
    recovery: int | None,
    no_recovery: bool,
    table_class: str | None,
    stream: bool,
    no_stream: bool,
) -> SettingChanges:
    """Change the given settings of the existing tables and indexes, and wait until all are ready."""
    wanted = WantedSettings(
        on_demand=True if on_demand else False if read else None,
        read=read,
        write=write,
        max_read=max_read,
        max_write=max_write,
        protection=True if protect else False if no_protect else None,
        recovery_days=0 if no_recovery else recovery,
        table_class=table_class,
        stream=True if stream else False if no_stream else None,
    )
    if all(value is None for value in vars(wanted).values()):
        raise WrongUsage("nothing to change; table-edit --help lists the options")
    if wanted.recovery_days is not None and not context.target.has_recovery:
        raise DatabaseUnavailable(
            f"{context.target.name} has no point-in-time recovery, only AWS has it; backup-add backs up a local file"
        )
    return SettingChanges(*context.table_settings.edit(wanted, context.console.notify, context.console.wait))


def _statuses(context: Context, tables: list[TableStatus], change: str = "") -> TableStatuses:
    return TableStatuses(tables, are_counts_old=context.target.is_aws, change=change)


def table_rm(context: Context, yes: bool) -> Message:
    """Delete the tables with all users and tasks, after a confirmation."""
    tables = context.tables
    names = tables.removable_names()
    if not names:
        raise NotFound(f"neither {' nor '.join(tables.names())} exists")
    question = f"Delete {' and '.join(names)} from {context.target.name}, with all users and tasks?"
    if not yes and not context.console.confirm(question):
        raise NodetodoError("nothing was deleted")
    tables.remove(names, context.console.wait)
    return Message(f"deleted {' and '.join(names)}", {"deleted": names})


def index_add(context: Context, index: str) -> TableStatuses:
    """Add an index to the existing tasks, and wait until it can be read."""
    return _statuses(context, context.indexes.add(index, context.console.notify, context.console.wait))


def index_rm(context: Context, index: str, yes: bool) -> TableStatuses:
    """Delete an index, after a confirmation that names the command that needs it."""
    found = context.indexes.find(index)
    question = f"Delete {index} of {found.table.name} from {context.target.name}? {found.command} needs it."
    if not yes and not context.console.confirm(question):
        raise NodetodoError("nothing was deleted")
    tables = context.indexes.remove(index, found, context.console.wait)
    return _statuses(context, tables, change=f"deleted {index} of {found.table.name}")
