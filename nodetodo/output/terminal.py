"""The streams of a command: results on standard output; progress, notices and questions on standard error."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import WrongUsage
from .text import printable, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO, NoReturn, Protocol, TextIO

    from tqdm import tqdm

    from ..environment import Environment
    from ..errors import NodetodoError

    class Console(Protocol):
        """Communicates with the user before the command's result is written."""

        def progress(self, more: int, doing: str = "removing", nouns: str = "tasks") -> None:
            """Report that this number of further tasks is removed, or what the other arguments say."""

        def input(self) -> IO[bytes]:
            """Return standard input as bytes."""

        def notify(self, notice: str) -> None:
            """Report a step that may take a long time."""

        def wait(self, reason: str) -> None:
            """Report once a second what the command waits for."""

        def confirm(self, question: str) -> bool:
            """Return the user's answer to a yes-or-no question. Raises WrongUsage without a terminal."""


class Output:
    """Holds the stream of results and how to write to it.

    width: of the terminal in columns; None if the output is not a terminal, then nothing is shortened. more: returns
    additional members for each JSON object; it is called when everything else has been written. Default: none.
    """

    def __init__(self, stream: TextIO, errors: TextIO, json: bool, width: int | None, colour: bool) -> None:
        self.stream, self.errors = stream, errors
        self.json, self.width, self.colour = json, width, colour
        self.more: Callable[[], dict[str, Any]] = dict
        self.errors_width: int | None = None
        """The width of standard error, if it is a terminal."""
        self.status = 0
        """The exit status of the first error that was reported while the command continued."""

    def line(self, text: str) -> None:
        """Write a line."""
        self.stream.write(text + "\n")

    def report(self, error: NodetodoError) -> None:
        """Write an error message to standard error and continue. The first one determines the exit status."""
        self.status = self.status or error.status
        write_error(error, self.stream, self.errors, self.errors_width)

    def text(self, text: str, indent: str = "") -> None:
        """Write a text, wrapped to the terminal. indent: of all its lines but the first."""
        for line in wrapped(text, self.width, indent):
            self.line(line)

    def end_line_of_ctrl_c(self) -> None:
        """Write a line break to standard error if it is a terminal, which shows Ctrl-C as ^C without a line break."""
        if self.errors_width is not None:
            self.errors.write("\n")

    @property
    def is_unicode(self) -> bool:
        """Whether the stream's encoding can write every character."""
        return (self.stream.encoding or "utf-8").lower().startswith("utf")


def write_error(error: NodetodoError, stdout: TextIO, stderr: TextIO, width: int | None) -> None:
    """Write an error message to standard error, after the results on standard output. width: of standard error."""
    with suppress(OSError):
        stdout.flush()
    with suppress(OSError):  # the exit status still reports the error
        for line in wrapped(f"nodetodo: {printable(str(error))}", width):
            stderr.write(f"{line}\n")
        if error.details:
            stderr.write(f"\n{error.details}\n")
        for note in (*getattr(error, "__notes__", ()), *getattr(error.__cause__, "__notes__", ())):
            stderr.write(f"{note}\n")  # the cost (--cost)
        stderr.flush()


def open_output(environment: Environment, json: bool) -> Output:
    """Return the output to standard output. NO_COLOR turns colour off."""
    variables, stdout = environment.variables, environment.stdout
    width = terminal_width(stdout, variables)
    colour = stdout.isatty() and not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"
    output = Output(stdout, environment.stderr, json, width, colour)
    output.errors_width = terminal_width(environment.stderr, variables)
    return output


def terminal_width(stream: TextIO, variables: Mapping[str, str]) -> int | None:
    """Return the width of a terminal in columns; None if the stream is not a terminal. COLUMNS overrides it."""
    width = None
    if stream.isatty():
        try:
            width = int(variables.get("COLUMNS", ""))
        except ValueError:
            with suppress(OSError):
                width = os.get_terminal_size(stream.fileno()).columns
    return width if width is not None and width > 0 else None


class TerminalConsole:
    """Writes to standard error and reads answers from standard input."""

    def __init__(self, environment: Environment) -> None:
        self._stdin, self._stderr, self._variables = environment.stdin, environment.stderr, environment.variables
        self._bar: tqdm[NoReturn] | None = None
        self._doing = ""  # the step that the progress bar shows

    def progress(self, more: int, doing: str = "removing", nouns: str = "tasks") -> None:
        """Advance the progress bar, or begin the one of another step. Without a terminal, nothing is shown."""
        if not self._stderr.isatty():
            return
        if self._bar is None or self._doing != doing:
            import tqdm  # imported here, because few commands show progress

            self.close()
            self._doing = doing
            self._bar = tqdm.tqdm(file=self._stderr, unit=f" {nouns}", desc=doing, leave=False)
        self._bar.update(more)

    def input(self) -> IO[bytes]:
        """Return standard input as bytes."""
        buffer: IO[bytes] = self._stdin.buffer
        return buffer

    def wait(self, reason: str) -> None:
        """Show the reason and the elapsed time. Without a terminal, nothing is shown."""
        if not self._stderr.isatty():
            return
        if self._bar is None:
            import tqdm  # imported here, because few commands wait

            self._bar = tqdm.tqdm(file=self._stderr, bar_format="{desc}, {elapsed}", leave=False)
        self._bar.set_description_str(reason)

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
