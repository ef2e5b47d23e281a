"""The commands on backups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import NodetodoError, WrongUsage
from ..output.results import BackupList, Message

if TYPE_CHECKING:
    from .context import Context


def backup_add(context: Context, name: str | None) -> Message:
    """Back up both tables. The default name contains the time in UTC."""
    name = name or f"nodetodo-{datetime.fromtimestamp(context.now / 1000, UTC):%Y%m%dT%H%M%SZ}"
    backup = context.backups.add(name, context.console.wait)
    return Message(f"backup added with name {name}", {"backup": vars(backup)})


def backup_ls(context: Context) -> BackupList:
    """List the backups of the tables, the oldest first."""
    return BackupList(context.backups.all())


def backup_rm(context: Context, name: str, yes: bool) -> Message:
    """Delete a backup, after a confirmation."""
    parts = context.backups.require(name)
    if not yes and not context.console.confirm(f"Delete the backup {name} at {context.target.name}?"):
        raise NodetodoError("nothing was deleted")
    context.backups.remove(parts, context.console.wait)
    return Message(f"backup removed with name {name}", {"removed": name})


def backup_restore(context: Context, name: str, prefix: str) -> Message:
    """Create tables with another prefix from a backup. The tables with the present prefix do not change."""
    if prefix == context.prefix:
        raise WrongUsage(f"--prefix is {prefix!r}, the prefix of the present tables; choose another one")
    restored = context.backups.restore(name, prefix, context.console.notify, context.console.wait)
    use = f"use them with: {_example(context.target.name, prefix)}"
    result = {"restored": restored, "prefix": prefix}
    return Message(f"restored {' and '.join(restored)} from {name}; {use}", result, note=use)


def _example(target: str, prefix: str) -> str:
    from shlex import quote  # here, because few commands need it

    database = "" if target == "local" else f" --db={quote(target)}"
    return f"NODETODO_TABLE_PREFIX={prefix} nodetodo user-ls{database}"
