"""The access patterns: which requests each command sends."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from .. import resources

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..access import Access

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
    """A command line with its requests. purpose: the first sentence of the command's description in cli.txt."""

    line: str
    purpose: str
    asked: list[Access]


def patterns(accesses: Callable[[list[str]], list[Access]]) -> list[Pattern]:
    """Return the access patterns of all commands on items. accesses: returns those of one command line."""
    purposes = _purposes()
    return [Pattern(line, purposes[line.split()[0]], accesses(shlex.split(line))) for line in LINES]


def _purposes() -> dict[str, str]:
    """The first sentence of every command's description."""
    commands = resources.read("cli.txt").partition("\nCommands:\n")[2].partition("\n\n")[0] + "\n"
    described = re.findall(r"^  (\S+) +(.*\n(?:   +.*\n)*)", commands, re.M)
    return {command: " ".join(text.split()).partition(". ")[0].rstrip(".") for command, text in described}
