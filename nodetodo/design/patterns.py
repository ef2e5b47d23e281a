"""The access patterns: the requests that each command sends."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from ..cli import help

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
    "task-reopen emma 330",
    "task-edit emma 1526650262331 --category=home",
    "task-rm emma 1526650262331",
)
"""Command lines of all commands that read or write items. tables/README.md lists the same ones with their cost."""


class Pattern(NamedTuple):
    """The access pattern of a command line. purpose: the first sentence of the command's description in cli.txt."""

    line: str
    purpose: str
    accesses: list[Access]


def patterns(accesses: Callable[[list[str]], list[Access]]) -> list[Pattern]:
    """Return the access patterns of LINES. accesses: returns the requests of one command line."""
    purposes = help.purposes()
    return [Pattern(line, purposes[line.split()[0]], accesses(shlex.split(line))) for line in LINES]
