"""The commands on users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NoSuchUser, WrongUsage
from ..model import User
from ..output.results import Details, Listing, Message
from ..output.text import counted

if TYPE_CHECKING:
    from .context import Context


def user_add(context: Context, uid: str, email: str, phone: str) -> Message:
    """Add a user. Adding an identical user again succeeds."""
    user = User(uid, email, phone)
    added = context.users.add(user)
    return Message(f"user added with uid {uid}" if added else f"user {uid} already exists with these values", user)


def user(context: Context, uid: str) -> Details:
    """Show a user."""
    return Details(context.users.get(uid))


def user_ls(context: Context, limit: int, next: str | None, all: bool) -> Listing:
    """List users, in no particular order."""
    start = None
    if next is not None:
        from .. import cursors  # here, because most lists begin at the start

        start = cursors.decode("user-ls", next).start
    users = context.users.all(limit=None if all else limit, start=start)
    return Listing("user-ls", users, context.today)


def user_edit(context: Context, uid: str, email: str | None, phone: str | None) -> Message:
    """Change a user's email or phone."""
    given = {"email": email, "phone": phone}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise WrongUsage("nothing to change; pass --email or --phone")
    return Message(f"user changed with uid {uid}", context.users.edit(uid, changes))


def user_rm(context: Context, uid: str, with_tasks: bool) -> Message:
    """Remove a user who has no tasks. with_tasks: remove the user's tasks too."""
    if with_tasks:
        return _user_rm_with_tasks(context, uid)
    context.tasks.require_no_tasks(uid)
    with context.users.removed_or_restored(uid) as removed:
        if removed is None:
            raise NoSuchUser(uid)
        context.tasks.require_no_tasks(uid)  # again: a task may have been added before the user was removed
    return Message(f"user removed with uid {uid}", removed)


def _user_rm_with_tasks(context: Context, uid: str) -> Message:
    from .recovery import mention_missing_recovery  # here, because few commands need it

    mention_missing_recovery(context)
    with context.users.removed_or_restored(uid) as removed:  # first, so that no task can be added meanwhile
        first = context.tasks.page_of_keys(uid)  # fails if the table of tasks has other keys
    count = context.tasks.remove_all(
        uid, first, context.now, lambda: not context.users.exists(uid), context.console.progress
    )
    tasks = counted(count, "task")
    if removed:
        return Message(f"user removed with uid {uid}, and {tasks}", removed, note=f"{tasks} removed")
    if count:
        text = f"{tasks} of {uid} removed; the user did not exist"
        return Message(text, User(uid, email=None, phone=None), note=f"{tasks} removed")
    raise NoSuchUser(uid)
