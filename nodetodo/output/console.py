"""The console: progress, notices and confirmations on standard error while a command runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import WrongUsage
from .stream import terminal_width
from .text import wrapped

if TYPE_CHECKING:
    from typing import NoReturn, Protocol

    from tqdm import tqdm

    from ..environment import Environment

    class Console(Protocol):
        """Communicates with the user before the command's result is written."""

        def progress(self, more: int) -> None:
            """Report that this number of further tasks is removed."""

        def notify(self, notice: str) -> None:
            """Report a step that may take a long time."""

        def confirm(self, question: str) -> bool:
            """Return the user's answer to a yes-or-no question. Raises WrongUsage without a terminal."""


class TerminalConsole:
    """Writes to standard error and reads answers from standard input."""

    def __init__(self, environment: Environment) -> None:
        self._stdin, self._stderr, self._variables = environment.stdin, environment.stderr, environment.variables
        self._bar: tqdm[NoReturn] | None = None

    def progress(self, more: int) -> None:
        """Advance the progress bar. Without a terminal, nothing is shown."""
        if not self._stderr.isatty():
            return
        if self._bar is None:
            import tqdm  # imported here, because few commands show progress

            self._bar = tqdm.tqdm(file=self._stderr, unit=" tasks", desc="removing", leave=False)
        self._bar.update(more)

    def notify(self, notice: str) -> None:
        """Write a text to standard error, wrapped to the terminal."""
        for line in wrapped(notice, terminal_width(self._stderr, self._variables)):
            self._stderr.write(line + "\n")
        self._stderr.flush()

    def confirm(self, question: str) -> bool:
        """Return whether the user answers yes; the default is no. Raises WrongUsage without a terminal."""
        if not self._stdin.isatty():
            raise WrongUsage("cannot ask for confirmation without a terminal; pass --yes")
        answer = ""
        try:
            self._stderr.write(f"{question} [y/N] ")
            self._stderr.flush()
            answer = self._stdin.readline()
        finally:
            if not answer.endswith("\n"):  # Ctrl-C or Ctrl-D: the terminal shows no line break
                self._stderr.write("\n")
                self._stderr.flush()
        return answer.strip().lower() in ("y", "yes")

    def close(self) -> None:
        """Remove the progress bar from the terminal."""
        if self._bar is not None:
            self._bar.close()
