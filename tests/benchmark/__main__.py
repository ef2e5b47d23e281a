"""Measures nodetodo, and prints what it found beside the limits. Figures are ratios unless a unit stands there."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from . import parts, requests, table
from .processes import Machine

REQUESTS = "requests"


def main() -> None:
    """Run the parts that were asked for, all unless told, and print each as soon as it is measured."""
    names = [*parts.PARTS, REQUESTS]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="fewer runs and less data: to see that it works")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(names)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    chosen = [name for name in names if name in asked.parts or not asked.parts]
    begun = time.monotonic()
    lines = [table.TITLES]
    measuring = [name for name in chosen if name != REQUESTS]
    if measuring:
        with tempfile.TemporaryDirectory(prefix="nodetodo-benchmark-") as folder:
            _tell("installing the wheel")
            machine = Machine(Path(folder))
            for name in measuring:
                _tell(name)
                lines += [row.cells() for row in parts.PARTS[name](machine, asked.quick)]
            machine.close()
        sys.stdout.write(table.aligned(lines, table.RIGHT) + "\n")
    if REQUESTS in chosen:
        sys.stdout.write(table.aligned([requests.TITLES, *requests.lines()], requests.RIGHT) + "\n")
    seconds = time.monotonic() - begun
    sys.stdout.write(
        f"{seconds:.0f} s, Python {sys.version.split()[0]} on {sys.platform}, {os.cpu_count()} processors\n"
    )


def _tell(what: str) -> None:
    sys.stderr.write(f"{what} …\n")


if __name__ == "__main__":
    main()
