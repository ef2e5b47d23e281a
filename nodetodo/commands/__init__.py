"""One function per usage line of cli.txt; each reads as the specification of its command.

A command receives a Context and its arguments as values, and returns a Result.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..output.results import Result

COMMANDS = {
    "user-add": "commands.users",
    "user": "commands.users",
    "user-ls": "commands.users",
    "user-edit": "commands.users",
    "user-rm": "commands.users",
    "task-add": "commands.tasks",
    "task": "commands.tasks",
    "task-done": "commands.tasks",
    "task-reopen": "commands.tasks",
    "task-edit": "commands.tasks",
    "task-rm": "commands.tasks",
    "task-ls": "commands.tasks",
    "task-la": "commands.tasks",
    "table-add": "commands.tables",
    "table-ls": "commands.tables",
    "table-rm": "commands.tables",
    "capacity": "pricing.command",
    "design": "design.command",
}
"""The module of each command. Its function has the command's name: task_ls for task-ls."""


def find(name: str) -> Callable[..., Result]:
    """Return the function of a command. Only its module is imported."""
    package = __package__.rpartition(".")[0]
    function: Any = getattr(import_module(f"{package}.{COMMANDS[name]}"), name.replace("-", "_"))
    return function  # type: ignore[no-any-return]
