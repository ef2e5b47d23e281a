"""The output of results: its stream, text or JSON, width and colour."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .text import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from ..environment import Environment


class Output:
    """Holds the stream of results and how to write to it.

    width: of the terminal in columns; None if the output is not a terminal, then nothing is shortened. more: returns
    additional members for each JSON object; it is called when everything else has been written. Default: none.
    """

    def __init__(self, stream: TextIO, errors: TextIO, json: bool, width: int | None, colour: bool) -> None:
        self.stream, self.errors = stream, errors
        self.json, self.width, self.colour = json, width, colour
        self.more: Callable[[], dict[str, Any]] = dict

    def line(self, text: str) -> None:
        """Write a line."""
        self.stream.write(text + "\n")

    def text(self, text: str, indent: str = "") -> None:
        """Write a text, wrapped to the terminal. indent: of all its lines but the first."""
        for line in wrapped(text, self.width, indent):
            self.line(line)

    @property
    def is_unicode(self) -> bool:
        """Whether the stream's encoding can write every character."""
        return (self.stream.encoding or "utf-8").lower().startswith("utf")


def open_output(environment: Environment, json: bool) -> Output:
    """Return the output to standard output. NO_COLOR turns colour off."""
    variables, stdout = environment.variables, environment.stdout
    width = terminal_width(stdout, variables)
    colour = stdout.isatty() and not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"
    return Output(stdout, environment.stderr, json, width, colour)


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
