"""The context that commands run in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..access import Access
    from ..engines.interface import Client, Target
    from ..errors import NodetodoError
    from ..output.results import Result
    from ..output.terminal import Console
    from ..repositories.backups import Backups
    from ..repositories.indexes import Indexes
    from ..repositories.retries import Sleep
    from ..repositories.table_settings import TableSettings
    from ..repositories.tables import Tables
    from ..repositories.task_stream import TaskStream
    from ..repositories.tasks import Tasks
    from ..repositories.transfer import Transfer
    from ..repositories.users import Users


class Context:
    """The repositories, the time and the console of one command.

    Each repository is imported on first use, because most commands need one of them. today: in the user's time zone.
    now: milliseconds since 1970. target_options: the option --db if the command line has it. accesses: returns the
    access patterns of another command line, given as a list of arguments. failure: returns the error message for an
    exception, or None. clock: returns the current time.
    """

    def __init__(
        self,
        client: Client,
        prefix: str,
        sleep: Sleep,
        console: Console,
        now: datetime,
        target: Target,
        is_target_given: bool,
        accesses: Callable[[list[str]], list[Access]],
        failure: Callable[[Exception], NodetodoError | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self.prefix, self._sleep, self.clock = client, prefix, sleep, clock
        self.console, self.target, self.accesses, self.failure = console, target, accesses, failure
        self.target_options = [f"--db={target.name}"] if is_target_given else []
        self.today = now.date()
        self.now = int(now.timestamp() * 1000)

    def open_client(self) -> Client:
        """Return another client of the target, which creates no tables on first use. The caller closes it."""
        connection: Any = self._client
        client: Client = connection.open()
        return client

    @property
    def region(self) -> str | None:
        """The AWS region of the database; None if it has none."""
        return getattr(getattr(self._client, "meta", None), "region_name", None)

    @cached_property
    def users(self) -> Users:
        """The repository of the users."""
        from ..repositories.users import Users

        return Users(self._client, f"{self.prefix}user", self._sleep)

    @cached_property
    def tasks(self) -> Tasks:
        """The repository of the tasks."""
        from ..repositories.tasks import Tasks

        return Tasks(self._client, f"{self.prefix}task", f"{self.prefix}user", self._sleep)

    @cached_property
    def tables(self) -> Tables:
        """The repository of the tables themselves."""
        from ..repositories.tables import Tables

        return Tables(self._client, self.prefix, self._sleep)

    @cached_property
    def indexes(self) -> Indexes:
        """The repository of the indexes."""
        from ..repositories.indexes import Indexes

        return Indexes(self._client, self.prefix, self._sleep)

    @cached_property
    def table_settings(self) -> TableSettings:
        """The repository of the settings of the tables."""
        from ..repositories.table_settings import TableSettings

        return TableSettings(self._client, self.prefix, self._sleep)

    @cached_property
    def task_stream(self) -> TaskStream:
        """The stream of the table of tasks."""
        from ..engines.messages import is_transient
        from ..repositories.task_stream import TaskStream

        def may_succeed_later(error: Exception) -> bool:
            return is_transient(error, self.failure(error))

        return TaskStream(
            self._client,
            f"{self.prefix}task",
            self.target.name,
            self._sleep,
            may_succeed_later,
            self.console.notify,
        )

    @cached_property
    def backups(self) -> Backups:
        """The repository of the backups."""
        from ..repositories.backups import Backups

        return Backups(self._client, self.prefix, self._sleep)

    def transfer(self, rate: int | None) -> Transfer:
        """Return the repository of whole tables. rate: capacity units per second; None for no limit."""
        from ..repositories.transfer import Transfer

        return Transfer(self._client, self.prefix, self._sleep, rate, self.console.wait)


class Run:
    """A command together with its typed arguments. Calling it runs the command on a client.

    context: creates the context of a run.
    """

    def __init__(
        self,
        context: Callable[[Client, Sleep, Console], Context],
        function: Callable[..., Result],
        arguments: dict[str, Any],
    ) -> None:
        self._context, self._function, self.arguments = context, function, arguments

    def __call__(self, client: Client, sleep: Sleep, console: Console) -> Result:
        """Run the command."""
        return self._function(self._context(client, sleep, console), **self.arguments)
