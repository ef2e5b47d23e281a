"""Runs the program in the process of the tests, with an Environment of their own."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from nodetodo.app import Wiring, main
from nodetodo.design import patterns as access_patterns
from nodetodo.design.patterns import Pattern
from nodetodo.engines import aws
from nodetodo.engines.interface import Target
from nodetodo.environment import Environment
from nodetodo.model import Stored
from nodetodo.repositories import items

EMMA = ("emma", "emma@example.org", "+491701234")
"""The user of most tests: uid, email and phone."""

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=1)))
"""The time of a Program by default: a Monday."""


class Result(NamedTuple):
    """The exit status of a command, and the text on its standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The standard output, parsed as JSON."""
        return json.loads(self.out)


class Stream(io.StringIO):
    """A text stream that is a terminal or not."""

    def __init__(self, text: str = "", *, terminal: bool = False) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def buffer(self) -> io.BytesIO:
        """The text from the present position as bytes."""
        return io.BytesIO(self.read().encode())


class KeptOpen:
    """A client that ignores close(), because many commands use it."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def close(self) -> None:
        pass


class Program:
    """Runs commands on one client.

    client: None for the engine of the target. now, env: may be changed between commands. slept: the seconds of every
    sleep that the program requested; no time passes. is_terminal: whether standard
    error is a terminal.
    """

    def __init__(self, client: Any, *, target: str = "http://127.0.0.1:1", prefix: str = "todo-") -> None:
        self.client = client
        self.is_terminal = False
        self.now = NOON
        self.env = {"NODETODO_DB": target, "NODETODO_TABLE_PREFIX": prefix}
        self.slept: list[float] = []

    def __call__(
        self,
        *argv: str,
        stdin: str | None = None,
        piped: str = "",
        columns: int | None = None,
        env: dict[str, str] | None = None,
    ) -> Result:
        """Run a command.

        stdin: the lines typed on a terminal; None if standard input is not a terminal. piped: its content then.
        columns: the width of the terminal for the output; None if standard output is not a terminal. env: additional
        variables.
        """
        terminal = columns is not None
        out, err = Stream(terminal=terminal), Stream(terminal=self.is_terminal)
        surroundings = self.env | (env or {}) | ({"COLUMNS": str(columns)} if terminal else {})
        environment = Environment(
            surroundings,
            Stream(stdin or piped, terminal=stdin is not None),
            out,
            err,
            lambda: self.now,
            self.slept.append,
            (lambda _target: KeptOpen(self.client)) if self.client is not None else None,
        )
        return Result(main(list(argv), environment), out.getvalue(), err.getvalue())

    def good(self, *argv: str, **how: Any) -> Result:
        """Run a command that must succeed. how: keyword arguments as for a call."""
        result = self(*argv, **how)
        assert result.status == 0, result
        return result

    @property
    def missing_tables(self) -> tuple[int, str]:
        """The exit status and the remedy of a command that needs existing tables."""
        target = self.env["NODETODO_DB"]
        return (3, "user-add creates it") if target == "local" else (5, f"nodetodo table-add --db={target}")

    def store_tasks(self, tids: Iterable[int], **others: Stored) -> None:
        """Store tasks of emma in batches, as another program would. A command for each takes long on a server.

        A task has its tid as description. others: further attributes.
        """
        table = f"{self.env['NODETODO_TABLE_PREFIX']}task"
        tasks = [{"uid": "emma", "tid": tid, "description": str(tid), "created": 20261123, **others} for tid in tids]
        writes = [{"PutRequest": {"Item": items.to_item(task)}} for task in tasks]
        for start in range(0, len(writes), 25):
            response = self.client.batch_write_item(RequestItems={table: writes[start : start + 25]})
            assert not response["UnprocessedItems"]

    def tid(self, *argv: str) -> str:
        """Run a task-add command and return the tid of the task."""
        return str(self.good("--json", *argv).json["tid"])


def without_engine() -> Program:
    """Return the program with a target that cannot be opened."""
    return Program(None, target="local:/dev/null/nowhere")


def environment(variables: Mapping[str, str]) -> Environment:
    """Return an Environment with these variables, empty streams and the real clock."""
    return Environment(variables, Stream(), Stream(), Stream(), lambda: datetime.now().astimezone(), time.sleep)


def connect(endpoint: str) -> Any:
    """Return a client for an endpoint, with the variables of this process."""
    return aws.connect(Target(endpoint, endpoint), environment(os.environ))


def patterns(prefix: str = "todo-") -> list[Pattern]:
    """Return the access patterns of the commands, on tables with this prefix."""
    wiring = Wiring(environment({"NODETODO_TABLE_PREFIX": prefix}), Target("local"))
    return access_patterns.patterns(wiring.accesses)


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    """Return a time in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)
