"""The program's surroundings: variables, streams, clock and sleep, handed in so that tests can replace them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Any, TextIO


class Environment:
    """Everything that the program takes from its process.

    now: returns the present time, aware, in the user's time zone. sleep: takes seconds. connect: takes an
    engines.interface.Target and returns its Client; None for the target's own engine.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        connect: Callable[[Any], Any] | None = None,
    ) -> None:
        self.variables, self.stdin, self.stdout, self.stderr = variables, stdin, stdout, stderr
        self.now, self.sleep, self.connect = now, sleep, connect
