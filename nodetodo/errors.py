"""Expected errors. Each owns its message and its exit status, and app.main catches them all."""

from __future__ import annotations


class NodetodoError(Exception):
    """An error whose message is one sentence: what is wrong with which value, and the remedy.

    details: lines to print below the message.
    """

    status = 1
    details = ""


class WrongUsage(NodetodoError):
    """The command line is wrong, or one of its values is invalid.

    usage: the lines of cli.txt to print below the message; empty if only a value is invalid.
    """

    status = 2

    def __init__(self, message: str, usage: str = "") -> None:
        super().__init__(message)
        self.details = usage


class NotFound(NodetodoError):
    """A record or a table does not exist."""

    status = 3


class NoDatabase(NotFound):
    """A local file, or a table in it, does not exist. target: as the user writes it after --db=."""

    def __init__(self, target: str, tables: list[str]) -> None:
        missing = " or ".join(tables) or "a table"
        super().__init__(f"no database exists yet at {target}: {missing} does not exist; user-add creates it")


class NoSuchUser(NotFound):
    """The user does not exist."""

    def __init__(self, uid: str) -> None:
        super().__init__(f"user {uid} does not exist")


class NoSuchTask(NotFound):
    """The user has no task with this tid."""

    def __init__(self, uid: str, tid: object) -> None:
        super().__init__(f"user {uid} has no task with tid {tid}")


class NoSuchEnding(NotFound):
    """The user has no task whose tid ends with these digits."""

    def __init__(self, uid: str, digits: str) -> None:
        super().__init__(f"user {uid} has no task whose tid ends with {digits}")


class AmbiguousEnding(NodetodoError):
    """The user has several tasks whose tids end with these digits.

    candidates: one line for each of these tasks.
    """

    status = 2

    def __init__(self, uid: str, digits: str, count: int, candidates: list[str]) -> None:
        super().__init__(f"user {uid} has {count:,} tasks whose tids end with {digits}; pass more digits")
        self.details = "\n".join(candidates)


class Conflict(NodetodoError):
    """Existing data does not allow the command."""

    status = 4


class UserExists(Conflict):
    """Another user has the uid."""

    def __init__(self, uid: str) -> None:
        super().__init__(f"user {uid} already exists with another email or phone; user-edit changes them")


class OtherKeys(Conflict):
    """An item lacks a key attribute, so its table was created by another program."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            f"an item does not have the key {', '.join(names)}; set NODETODO_TABLE_PREFIX to use tables of this program"
        )


class UserNotRestored(Conflict):
    """The removal of a user failed after the user was deleted, and the user could not be restored."""

    def __init__(self, uid: str) -> None:
        super().__init__(
            f"the removal of user {uid} failed, for example because a task was added, and the user could not be "
            f"restored; user-add restores the user, user-rm {uid} --with-tasks removes the remaining tasks"
        )


class UserHasTasks(Conflict):
    """The user has tasks.

    count: the number of tasks that were read. at_least: whether there may be more.
    """

    def __init__(self, uid: str, count: int, at_least: bool) -> None:
        tasks = "1 task" if count == 1 else f"{count:,} tasks"
        super().__init__(
            f"user {uid} has {'at least ' if at_least else ''}{tasks}; "
            f"user-rm {uid} --with-tasks removes the user and the tasks"
        )


class DatabaseUnavailable(NodetodoError):
    """The database cannot be used: unreachable, throttled, without credentials, without tables."""

    status = 5


class IndexMissing(DatabaseUnavailable):
    """A table lacks the index that a query reads.

    target: the database, as the user writes it after --db=.
    """

    def __init__(self, index: str, table: str, target: str) -> None:
        from shlex import quote  # here, because missing indexes are rare

        db = "" if target == "local" else f" --db={quote(target)}"
        super().__init__(f"{table} has no index {index}; create it with: nodetodo index-add {index}{db}")


class StreamMissing(DatabaseUnavailable):
    """A table has no stream, which the command watch reads.

    target: the database, as the user writes it after --db=.
    """

    def __init__(self, table: str, target: str) -> None:
        from shlex import quote  # here, because missing streams are rare

        super().__init__(f"{table} has no stream; enable it with: nodetodo table-edit --stream --db={quote(target)}")


class StreamEnded(DatabaseUnavailable):
    """The stream of a table was disabled, or the table was deleted. target: see StreamMissing."""

    def __init__(self, table: str, target: str) -> None:
        from shlex import quote  # here, because a stream ends rarely

        super().__init__(
            f"the stream of {table} has ended, because it was disabled or the table was deleted; enable it again with: "
            f"nodetodo table-edit --stream --db={quote(target)}"
        )


class NoResponse(DatabaseUnavailable):
    """The database cannot be reached at the moment, or does not respond."""


class Interrupted(NodetodoError):
    """Ctrl-C interrupted a command that continues when it is repeated."""

    status = 130


class RetriesExhausted(DatabaseUnavailable):
    """A request failed in every attempt."""
