"""The process: reads argv, streams, variables and clock, and exits with a status. Only this module uses sys.

It imports only modules that the interpreter has loaded already. Everything else is imported in `_main`, where Ctrl-C is
handled and garbage collection is postponed (5 % of an empty Python start; measured).
"""

from __future__ import annotations

import gc
import os
import sys
import time
from io import TextIOWrapper

TYPE_CHECKING = False  # in place of typing's, whose import is slow; type checkers know the name
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TextIO

INTERRUPTED = 130

GC_THRESHOLD = 50_000
"""Allocations before a garbage collection. Imports make about 15,000 objects and no garbage; CPython's default of 700
would collect many times during start-up, which takes longer than a query."""


def run() -> None:
    """Run nodetodo with the arguments, environment and streams of this process, and exit."""
    try:
        status = _main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:  # a closed pipe, or a full disk that was reported before
            pass
    os._exit(status)  # skips the destruction of all objects, which takes 8 % of an empty Python start (measured)


def _main() -> int:
    gc.set_threshold(GC_THRESHOLD)
    from .app import main
    from .environment import Environment

    stdin = sys.stdin or open(os.devnull)  # None if the parent process closed it  # noqa: SIM115
    stdout, stderr = _writable(sys.stdout), _writable(sys.stderr)
    return main(sys.argv[1:], Environment(os.environ, stdin, stdout, stderr, _now, time.sleep))


def _now() -> datetime:
    from datetime import datetime  # imported here, because help and wrong usage need no time

    return datetime.now().astimezone()


def _writable(stream: TextIO | None) -> TextIO:
    """Return a standard stream that escapes characters its encoding lacks; a closed stream becomes the null device."""
    if stream is None:
        return open(os.devnull, "w")
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


if __name__ == "__main__":
    run()
