"""The context that commands run in."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ..access import Access
    from ..engines.interface import Client
    from ..output.console import Console
    from ..output.results import Result
    from ..repositories.retries import Sleep
    from ..repositories.tables import Tables
    from ..repositories.tasks import Tasks
    from ..repositories.users import Users

    Run = Callable[[Client, Sleep, Console], Result]
    """A command together with its arguments. Calling it runs the command on that client."""


class Context(NamedTuple):
    """The repositories, the time and the console of one command.

    tables: returns the repository of the tables; it is imported only when called, because few commands need it.
    today: in the user's time zone. now: milliseconds since 1970. target: the database, as the user writes it after
    --db=. accesses: returns the access patterns of another command line, given as a list of arguments.
    """

    users: "Users"
    tasks: "Tasks"
    tables: "Callable[[], Tables]"
    today: "date"
    now: int
    target: str
    console: "Console"
    accesses: "Callable[[list[str]], list[Access]]"
