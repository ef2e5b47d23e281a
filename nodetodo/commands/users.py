"""The commands on users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import cursors
from ..errors import NoSuchUser, WrongUsage
from ..model import User
from ..output.results import Details, Listing, Message

if TYPE_CHECKING:
    from .context import Context


def user_add(context: Context, uid: str, email: str, phone: str) -> Message:
    user = User(uid, email, phone)
    added = context.users.add(user)
    return Message(f"user added with uid {uid}" if added else f"user {uid} was there already, just the same", user)


def user(context: Context, uid: str) -> Details:
    return Details(context.users.get(uid))


def user_ls(context: Context, limit: int, next: str | None, all: bool) -> Listing:
    start = cursors.decode("user-ls", next).start
    users = context.users.all(limit=None if all else limit, start=start)
    return Listing("user-ls", users, context.today)


def user_edit(context: Context, uid: str, email: str | None, phone: str | None) -> Message:
    changes = {name: new for name, new in (("email", email), ("phone", phone)) if new is not None}
    if not changes:
        raise WrongUsage("nothing to change; name --email or --phone")
    return Message(f"user changed with uid {uid}", context.users.edit(uid, changes))


def user_rm(context: Context, uid: str, with_tasks: bool) -> Message:
    if with_tasks:
        return _user_rm_with_tasks(context, uid)
    context.tasks.require_no_tasks(uid)
    with context.users.removed_or_restored(uid) as removed:
        context.tasks.require_no_tasks(uid)  # again, for a task that was added while the user was still there
    return Message(f"user removed with uid {uid}", removed)


def _user_rm_with_tasks(context: Context, uid: str) -> Message:
    removed = context.users.remove(uid)  # first, so that no task can be added while the tasks go
    count = context.tasks.remove_all(uid, context.now, lambda: not context.users.exists(uid), context.console.progress)
    tasks = "1 task" if count == 1 else f"{count} tasks"
    if removed:
        return Message(f"user removed with uid {uid}, and {tasks}", removed, note=f"{tasks} removed")
    if count:
        return Message(
            f"{tasks} removed of {uid}, a user who was gone already", User(uid, None, None), f"{tasks} removed"
        )
    raise NoSuchUser(uid)
