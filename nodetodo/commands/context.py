"""What a command works with."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ..explain.requests import Access
    from ..output.console import Console
    from ..repositories.tables import Tables
    from ..repositories.tasks import Tasks
    from ..repositories.users import Users


class Context(NamedTuple):
    """The repositories, the time and the console of one command.

    tables: returns the repository of the tables, which few commands need. today: in the user's time zone. now:
    milliseconds since 1970. target: the database, as the user writes it after --db=. accesses: returns what another
    command line, given as a list of arguments, reads and writes.
    """

    users: "Users"
    tasks: "Tasks"
    tables: "Callable[[], Tables]"
    today: "date"
    now: int
    target: str
    console: "Console"
    accesses: "Callable[[list[str]], list[Access]]"
