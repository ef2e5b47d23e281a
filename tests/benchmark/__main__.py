"""Measures nodetodo and prints the figures beside their limits. Figures without a unit are ratios."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from . import parts, requests, table
from .processes import Installation

REQUESTS = "requests"


def main() -> None:
    """Run the parts named on the command line and print their figures. Default: all parts."""
    names = [*parts.PARTS, REQUESTS]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="fewer runs and less data, to check the benchmark itself")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(names)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}; the parts are {', '.join(names)}")
    chosen = [name for name in names if name in arguments.parts or not arguments.parts]
    start = time.monotonic()
    lines = [table.TITLES]
    measured = [name for name in chosen if name != REQUESTS]
    if measured:
        with tempfile.TemporaryDirectory(prefix="nodetodo-benchmark-") as folder:
            _report("installing the wheel")
            installation = Installation(Path(folder))
            for name in measured:
                _report(name)
                lines += [row.cells() for row in parts.PARTS[name](installation, arguments.quick)]
            installation.close()
        sys.stdout.write(table.align(lines, table.RIGHT) + "\n")
    if REQUESTS in chosen:
        sys.stdout.write(table.align([requests.TITLES, *requests.lines()], requests.RIGHT) + "\n")
    seconds = time.monotonic() - start
    sys.stdout.write(
        f"{seconds:.0f} s, Python {sys.version.split()[0]} on {sys.platform}, {os.cpu_count()} processors\n"
    )


def _report(step: str) -> None:
    sys.stderr.write(f"{step} …\n")


if __name__ == "__main__":
    main()
