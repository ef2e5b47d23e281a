"""Candidates from the database: uids, tids and categories, and the names of backups.

One request reads at most ITEMS items. Backups are listed with one request per table.

A key of DynamoDB cannot be searched by the beginning of a number, so the same page is read for every word.
"""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread
from typing import TYPE_CHECKING

from ..output.text import counted, plain, shortened

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ..commands.context import Context
    from ..model import Stored

    Candidate = tuple[str, str]
    """A word and its description."""

    Result = TypeVar("Result")

ITEMS = 1000
"""Items that a request reads, at most."""

LOCAL_SECONDS, SERVER_SECONDS = 0.3, 2.0
"""Seconds that a local file, and any other target, may take: from connecting to the last candidate."""

DESCRIPTION_WIDTH = 50
"""Terminal columns of a description, at most. With a tid, it fits on a line of 80 columns."""


def within(seconds: float, read: Callable[[], list[Result]]) -> list[Result]:
    """Return the result of a function; an empty list if it raises, or takes longer.

    It runs in a thread, because only this limits every wait: for a lock, for a host name, for a server. A thread that
    is late continues until the process exits.
    """
    result: list[Result] = []
    finished = allocate_lock()
    finished.acquire()

    def run() -> None:
        try:
            result.extend(read())
        except BaseException:  # whatever it is, the user is typing and wants no error message
            pass
        finally:
            finished.release()

    start_new_thread(run, ())
    return result if finished.acquire(timeout=seconds) else []


def users(context: Context) -> list[Candidate]:
    """Return uids with emails."""
    return [(user.uid, description(user.email)) for user in context.users.page(ITEMS)]


def tasks(context: Context, uid: str, *, only_completed: bool) -> list[Candidate]:
    """Return tids of a user with their descriptions: pending tasks first, then by descending tid."""
    newest = context.tasks.newest_page(uid, ITEMS)
    pending = [task for task in newest if task.completed is None and not only_completed]
    completed = [task for task in newest if task.completed is not None]
    return [
        *((str(task.tid), description(task.description)) for task in pending),
        *((str(task.tid), f"{description(task.description)} (completed)") for task in completed),
    ]


def categories(context: Context, uid: str | None) -> list[Candidate]:
    """Return the categories of a user's tasks, or for None those of all users, with the numbers of tasks."""
    page = context.tasks.page(ITEMS) if uid is None else context.tasks.newest_page(uid, ITEMS)
    counts: dict[str, int] = {}
    for task in page:
        if isinstance(task.category, str):  # other programs may store other types
            counts[task.category] = counts.get(task.category, 0) + 1
    return [(category, counted(count, "task")) for category, count in sorted(counts.items())]


def backups(context: Context) -> list[Candidate]:
    """Return the names of the backups with their times in UTC, the newest first."""
    return [(backup.name, backup.created) for backup in reversed(context.backups.all())]


def description(value: Stored) -> str:
    """Return a stored value as a description: escaped, and cut to DESCRIPTION_WIDTH."""
    return shortened(plain(value), DESCRIPTION_WIDTH)
