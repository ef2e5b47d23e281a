"""The command completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import resources
from ..output.results import to_object

if TYPE_CHECKING:
    from ..commands.context import Context
    from ..output.terminal import Output


class Script:
    """A script for a shell."""

    def __init__(self, shell: str, text: str) -> None:
        self.shell, self.text = shell, text

    def show(self, output: Output) -> None:
        """Write the script."""
        if output.json:
            output.line(to_object({"shell": self.shell, "script": self.text}, output))
        else:
            output.stream.write(self.text)


def completion(context: Context, shell: str) -> Script:
    """Return the script that completes the command lines of nodetodo in a shell."""
    return Script(shell, resources.read(f"completion/nodetodo.{shell}"))
