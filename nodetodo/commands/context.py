"""The context that commands run in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from ..access import Access
    from ..engines.interface import Client, Target
    from ..output.results import Result
    from ..output.terminal import Console
    from ..repositories.retries import Sleep
    from ..repositories.tables import Tables
    from ..repositories.tasks import Tasks
    from ..repositories.users import Users

    Run = Callable[[Client, Sleep, Console], Result]
    """A command together with its arguments. Calling it runs the command on that client."""


class Context:
    """The repositories, the time and the console of one command.

    Each repository is imported on first use, because most commands need one of them. today: in the user's time zone.
    now: milliseconds since 1970. accesses: returns the access patterns of another command line, given as a list of
    arguments. clock: returns the current time.
    """

    def __init__(
        self,
        client: Client,
        prefix: str,
        sleep: Sleep,
        console: Console,
        now: datetime,
        target: Target,
        accesses: Callable[[list[str]], list[Access]],
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self._prefix, self._sleep, self.clock = client, prefix, sleep, clock
        self.console, self.target, self.accesses = console, target, accesses
        self.today = now.date()
        self.now = int(now.timestamp() * 1000)

    def open_client(self) -> Client:
        """Return another client of the target, which creates no tables on first use. The caller closes it."""
        connection: Any = self._client
        client: Client = connection.open()
        return client

    @cached_property
    def users(self) -> Users:
        """The repository of the users."""
        from ..repositories.users import Users

        return Users(self._client, f"{self._prefix}user", self._sleep)

    @cached_property
    def tasks(self) -> Tasks:
        """The repository of the tasks."""
        from ..repositories.tasks import Tasks

        return Tasks(self._client, f"{self._prefix}task", f"{self._prefix}user", self._sleep)

    @cached_property
    def tables(self) -> Tables:
        """The repository of the tables themselves."""
        from ..repositories.tables import Tables

        return Tables(self._client, self._prefix, self._sleep)
