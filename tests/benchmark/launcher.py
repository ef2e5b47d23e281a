"""Starts processes for processes.py and reports their time and memory. Run it with `python -I -S`.

Linux counts the memory of the starting process in the peak memory of the started one. This process must be smaller than
any that it measures, so it imports only modules that Python has loaded anyway.
"""

import os
import sys
import time

SILENT = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]


def main() -> None:
    """Read a command per line, its arguments separated by NUL. Print wall and CPU seconds, ru_maxrss, exit status."""
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
