"""The access patterns: what each command asks, found out by letting it ask."""

from __future__ import annotations

import io
import re
import shlex
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, cast

from .. import shipped, usage, values
from ..commands import COMMANDS, Todo
from ..render import Output
from ..repositories.asked import Asked, Recorder
from ..repositories.tables import Tables
from ..repositories.tasks import Tasks
from ..repositories.users import Users

if TYPE_CHECKING:
    from ..client import Client

LINES = (
    "user emma",
    "user-ls",
    "user-add emma emma@example.org +491701234",
    "user-edit emma --phone=+491705678",
    "user-rm luis",
    "user-rm emma --with-tasks",
    "task emma 1526650262330",
    "task-ls emma",
    "task-ls emma --next=1526650262330",
    "task-ls emma shopping --pending",
    "task-la shopping",
    "task-la shopping --next=1526650262330",
    'task-add emma "buy bread" shopping',
    "task-done emma 1526650262330",
    "task-reopen emma 1526650262331",
    "task-edit emma 1526650262331 --category=home",
    "task-rm emma 1526650262331",
)
"""Command lines of every command that works on items; tables/README.md has the same ones, with what they cost."""


class Pattern(NamedTuple):
    """purpose: what cli.txt says of the command."""

    line: str
    purpose: str
    asked: list[Asked]


def patterns(prefix: str) -> list[Pattern]:
    """Nothing is sent; the commands run against a client that writes down what it is asked."""
    purposes = _purposes()
    return [Pattern(line, purposes[line.split()[0]], _asked(line, prefix)) for line in LINES]


def _purposes() -> dict[str, str]:
    """The first sentence of every command's description."""
    commands = shipped.read("cli.txt").partition("\nCommands:\n")[2].partition("\n\n")[0] + "\n"
    described = re.findall(r"^  (\S+) +(.*\n(?:   +.*\n)*)", commands, re.M)
    return {command: " ".join(text.split()).partition(". ")[0].rstrip(".") for command, text in described}


def _asked(line: str, prefix: str) -> list[Asked]:
    command, arguments = usage.read(shlex.split(line))
    of_every_command = usage.Definition(shipped.read("cli.txt")).of_every_command
    of_command = {name: value for name, value in arguments.items() if name not in of_every_command}
    recorder = Recorder(has_tasks=bool(of_command.get("--with-tasks")))
    client = cast("Client", recorder)
    users = Users(client, f"{prefix}user", _never)
    todo = Todo(
        users=users,
        tasks=Tasks(client, f"{prefix}task", users.table, _never),
        tables=lambda: Tables(client, prefix, _never),
        today=date(2018, 5, 18),
        now=1526650262330,
        where="nowhere",
        progress=lambda _: None,
        told=lambda _: None,
        confirmed=lambda _: True,
    )
    nowhere = Output(io.StringIO(), io.StringIO(), json=True, width=None, colour=False)
    COMMANDS[command](todo, **values.read(of_command, todo.today)).show(nowhere)
    return recorder.asked


def _never(_seconds: float) -> None:
    raise AssertionError("nothing is tried again here")
