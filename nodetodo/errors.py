"""Every error a user can meet: each owns its sentence and its exit status, and is caught once, in cli.main."""

from __future__ import annotations


class NodetodoError(Exception):
    """One sentence: what was wrong with which value, and what to do."""

    status = 1


class WrongUsage(NodetodoError):
    """The words of the command, or one of its arguments, cannot be."""

    status = 2

    def __init__(self, sentence: str, usage: str = "") -> None:
        super().__init__(sentence)
        self.usage = usage  # the lines of cli.txt to show below the sentence; empty where an argument alone is wrong


class NotFound(NodetodoError):
    status = 3


class NoSuchUser(NotFound):
    def __init__(self, uid: str) -> None:
        super().__init__(f"there is no user {uid}")


class NoSuchTask(NotFound):
    def __init__(self, uid: str, tid: int) -> None:
        super().__init__(f"{uid} has no task with tid {tid}")


class Conflict(NodetodoError):
    """What is there already stands against the command."""

    status = 4


class UserExists(Conflict):
    def __init__(self, uid: str) -> None:
        super().__init__(f"another user has the uid {uid} already, with another email or phone; user-edit changes them")


class UserHasTasks(Conflict):
    """count is how many were seen; there may be more when at_least is true."""

    def __init__(self, uid: str, count: int, at_least: bool) -> None:
        tasks = "1 task" if count == 1 else f"{count} tasks"
        super().__init__(
            f"{uid} has {'at least ' if at_least else ''}{tasks}; user-rm {uid} --with-tasks removes user and tasks"
        )


class Unavailable(NodetodoError):
    """The database cannot be used: unreachable, refused, throttled, without credentials, without tables."""

    status = 5


class TooBusy(Unavailable):
    """Tried again with growing pauses, a bounded number of times, and still not through."""


class DamagedItem(NodetodoError):
    """An item that another program wrote and that is no user or task."""

    def __init__(self, kind: str, key: str, attribute: str, value: object) -> None:
        super().__init__(f"the {kind} {key} in the database has a {attribute} that cannot be read: {value}")
