"""The environment of the program: variables, streams, clock and sleep. Tests replace them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Any, TextIO


class Environment:
    """Holds everything that the program takes from its process.

    now: returns the current time, aware, in the user's time zone. sleep: takes seconds. connect: returns the Client of
    a Target in place of the target's engine, and then no tables are created on first use. Default: None.
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
