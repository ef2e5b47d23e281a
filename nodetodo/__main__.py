"""The process: the only place that touches sys and ends with a status."""

from __future__ import annotations

import gc
import os
import sys
import time
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from datetime import datetime

INTERRUPTED = 130

UNCOLLECTED = 50_000
"""Objects made before the garbage collector looks through them all. Importing makes some 15,000 and leaves no garbage;
CPython would look after every 700 of them, which takes longer than a query."""


def run() -> None:
    """Run nodetodo on this process's arguments, environment and streams, and end it."""
    try:
        status = _main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    try:
        if sys.stdout:
            sys.stdout.close()
    except OSError:  # nobody reads any more, or the disk is full, as was said; the interpreter would say it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # the process ends: nothing that is left need be looked through once more
    sys.exit(status)


def _main() -> int:
    gc.set_threshold(UNCOLLECTED)
    from .app import main  # here, so that Ctrl-C is answered from the first import on
    from .environment import Environment

    stdin = sys.stdin or open(os.devnull)  # closed by whoever started this process  # noqa: SIM115
    stdout, stderr = _writable(sys.stdout), _writable(sys.stderr)
    return main(sys.argv[1:], Environment(os.environ, stdin, stdout, stderr, _now, time.sleep))


def _now() -> datetime:
    from datetime import datetime  # here, because help and a wrong usage need no time

    return datetime.now().astimezone()


def _writable(stream: TextIO | None) -> TextIO:
    """A standard stream as the program wants it: there, and with an escape for a character that its encoding lacks."""
    if stream is None:
        return open(os.devnull, "w")
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


if __name__ == "__main__":
    run()
