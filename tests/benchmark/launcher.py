"""Starts processes for processes.py and says what they took. A program of its own, to be run with `python -I -S`.

Linux counts the memory of the process that starts another to the peak of the one started, so this one is kept smaller
than anything that it measures: it imports what is in the interpreter already, and nothing else.
"""

import os
import sys
import time

SILENT = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]


def main() -> None:
    """For each line of arguments between NUL characters a line: wall and CPU seconds, peak memory, exit status."""
    for line in sys.stdin:
        argv = line.rstrip("\n").split("\0")
        start = time.perf_counter()
        child = os.posix_spawn(argv[0], argv, os.environ, file_actions=SILENT)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        cpu = usage.ru_utime + usage.ru_stime
        sys.stdout.write(f"{wall} {cpu} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
