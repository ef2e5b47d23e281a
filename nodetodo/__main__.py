"""The process: the only place that touches sys and ends with a status."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from io import TextIOWrapper

INTERRUPTED = 130


def run() -> None:
    """Run nodetodo on this process's arguments, environment and streams, and end it."""
    try:
        status = _main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    try:
        sys.stdout.close()
    except OSError:  # nobody reads any more, or the disk is full, as was said; the interpreter would say it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _main() -> int:
    from .cli import World, main  # here, so that Ctrl-C is answered from the first import on

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a character that a terminal's encoding lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    return main(
        sys.argv[1:],
        World(os.environ, sys.stdin, sys.stdout, sys.stderr, lambda: datetime.now().astimezone(), time.sleep),
    )


if __name__ == "__main__":
    run()
