"""The process: reads argv, streams, variables and clock, and exits with a status. Only this module uses sys.

Ctrl-C during an import at the top of this module would print a traceback. These modules are part of the interpreter, or
it has imported them before.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from io import TextIOWrapper

TYPE_CHECKING = False  # that of the module typing, which takes milliseconds to import
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
    try:
        if sys.stdout:
            sys.stdout.close()
    except OSError:  # a closed pipe, or a full disk that was reported before; the interpreter must not report it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # skips the garbage collection at exit
    sys.exit(status)


def _main() -> int:
    gc.set_threshold(GC_THRESHOLD)
    from .app import main  # imported here, so that Ctrl-C during imports also ends with INTERRUPTED
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
