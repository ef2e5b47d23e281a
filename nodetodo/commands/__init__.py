"""The commands: one function per usage line of cli.txt.

A function receives a Context and the typed arguments of its command line, and returns a Result.
"""

from __future__ import annotations

import sys
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
    "table-ls": "pricing.storage",
    "table-edit": "commands.tables",
    "table-rm": "commands.tables",
    "index-add": "commands.tables",
    "index-rm": "commands.tables",
    "backup-add": "commands.backups",
    "backup-ls": "commands.backups",
    "backup-rm": "commands.backups",
    "backup-restore": "commands.backups",
    "export": "data.command",
    "import": "data.command",
    "watch": "commands.watch",
    "capacity": "pricing.command",
    "design": "design.command",
    "serve": "server.command",
    "completion": "completion.command",
}
"""The module of each command. Its function is named after the command: task_ls for task-ls, import_ for import."""


def find(name: str) -> Callable[..., Result]:
    """Return the function of a command. Other commands are not imported."""
    package = __package__.rpartition(".")[0]
    module = f"{package}.{COMMANDS[name]}"
    __import__(module)  # importing importlib takes longer (0.3 ms, measured)
    function_name = "import_" if name == "import" else name.replace("-", "_")  # import is a keyword of Python
    function: Any = getattr(sys.modules[module], function_name)
    return function  # type: ignore[no-any-return]
