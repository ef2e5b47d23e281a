"""The commands on the tables themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NodetodoError, NotFound
from ..model import Capacity
from ..output.results import Message, Statuses

if TYPE_CHECKING:
    from .context import Context


def table_add(context: Context, on_demand: bool, read: int | None, write: int | None) -> Statuses:
    return Statuses(context.tables().add(Capacity(on_demand, read, write), context.console.notify))


def table_ls(context: Context) -> Statuses:
    return Statuses(context.tables().all())


def table_rm(context: Context, yes: bool) -> Message:
    tables = context.tables()
    names = tables.existing_names()
    if not names:
        raise NotFound(f"neither {' nor '.join(tables.names())} is there")
    question = f"Delete {' and '.join(names)} from {context.target}, with all users and tasks?"
    if not yes and not context.console.confirm(question):
        raise NodetodoError("nothing is deleted")
    tables.remove(names)
    return Message(f"deleted {' and '.join(names)}", {"deleted": names})
