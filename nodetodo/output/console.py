"""The conversation with the user while a command runs: progress, notices and confirmations, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import WrongUsage

if TYPE_CHECKING:
    from typing import NoReturn, Protocol

    from tqdm import tqdm

    from ..environment import Environment

    class Console(Protocol):
        """What commands tell the user, and ask, before their result."""

        def progress(self, more: int) -> None:
            """Report how many more tasks are removed."""

        def notify(self, notice: str) -> None:
            """Report a step that may take long."""

        def confirm(self, question: str) -> bool:
            """Ask a yes-or-no question. Raises WrongUsage if no one can response."""


class TerminalConsole:
    """Writes to standard error and asks on standard input. Progress is shown on a terminal only."""

    def __init__(self, environment: Environment) -> None:
        self._stdin, self._stderr = environment.stdin, environment.stderr
        self._bar: tqdm[NoReturn] | None = None

    def progress(self, more: int) -> None:
        """Advance the progress bar, which is created at the first call."""
        if not self._stderr.isatty():
            return
        if self._bar is None:
            import tqdm

            self._bar = tqdm.tqdm(file=self._stderr, unit=" tasks", desc="removing", leave=False)
        self._bar.update(more)

    def notify(self, notice: str) -> None:
        """Write a line."""
        self._stderr.write(notice + "\n")
        self._stderr.flush()

    def confirm(self, question: str) -> bool:
        """Ask and return the response; the default is no. Raises WrongUsage without a terminal."""
        if not self._stdin.isatty():
            raise WrongUsage("cannot ask for confirmation without a terminal; pass --yes")
        self._stderr.write(f"{question} [y/N] ")
        self._stderr.flush()
        return self._stdin.readline().strip().lower() in ("y", "yes")

    def close(self) -> None:
        """Remove the progress bar from the terminal."""
        if self._bar is not None:
            self._bar.close()
