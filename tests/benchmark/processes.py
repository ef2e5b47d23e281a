"""Runs the installed program as a process, and compares the time of two processes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .table import Limit, Row, Spread

ROOT = Path(__file__).parent.parent.parent
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss in bytes, see getrusage(2)


class Usage(NamedTuple):
    """Wall and CPU seconds of a process, and its peak memory in MB (1,000,000 bytes)."""

    wall: float
    cpu: float
    peak: float


class Installation:
    """The program in a virtual environment of its own, and processes with only the variables that they need."""

    def __init__(self, folder: Path) -> None:
        """Build the wheel and install it. pip compiles all modules, so that no process compiles at its start."""
        self.folder = folder
        self.python = str(folder / "environment" / "bin" / "python")
        self.nodetodo = str(folder / "environment" / "bin" / "nodetodo")
        # Without variables that change the start of Python, such as PYTHONDONTWRITEBYTECODE.
        self.environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": os.environ.get("LANG", "C.UTF-8")}
        pip = [self.python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        for command in (
            [sys.executable, "-m", "venv", str(folder / "environment")],
            [*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)],
        ):
            subprocess.run(command, check=True, env=os.environ)
        (wheel,) = folder.glob("*.whl")
        compiling = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        subprocess.run([*pip, "install", "--compile", str(wheel)], check=True, env=compiling)
        self._launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.environment,
            text=True,
        )

    def close(self) -> None:
        """End the launcher."""
        self._launcher.communicate()

    def measure(self, argv: Sequence[str], *, status: int = 0) -> Usage:
        """Run a process and return its usage. Raises RuntimeError if its exit status is not `status`."""
        assert self._launcher.stdin
        assert self._launcher.stdout
        self._launcher.stdin.write("\0".join(argv) + "\n")
        self._launcher.stdin.flush()
        wall, cpu, peak, exit_status = self._launcher.stdout.readline().split()
        if int(exit_status) != status:
            raise RuntimeError(f"{' '.join(argv)}: exit status {exit_status} instead of {status}")
        return Usage(float(wall), float(cpu), int(peak) * PEAK_UNIT / 1e6)

    def output(self, *argv: str) -> str:
        """Run nodetodo and return its standard output."""
        command = [self.nodetodo, *argv]
        return subprocess.run(command, check=True, env=self.environment, capture_output=True, text=True).stdout

    @property
    def empty_python(self) -> list[str]:
        """The command of an empty program for the interpreter that runs nodetodo."""
        return [self.python, "-c", "pass"]

    def script(self, name: str, text: str) -> list[str]:
        """Write a script and return the command that runs it with the interpreter of nodetodo."""
        path = self.folder / name
        path.write_text(text)
        return [self.python, str(path)]


class Comparison(NamedTuple):
    """A command, the baseline command, and the limit of the ratio of their times."""

    title: str
    argv: Sequence[str]
    baseline: Sequence[str]
    limit: Limit
    status: int = 0


def compare(installation: Installation, comparisons: Sequence[Comparison], pairs: int) -> Iterator[tuple[Row, float]]:
    """Run all comparisons in turn, `pairs` times each. Yields each one's row and the peak memory of its command."""
    pairs_of_usage: list[list[tuple[Usage, Usage]]] = [[] for _ in comparisons]
    for each in comparisons:  # the first run reads files from the disk, so it is not counted
        installation.measure(each.argv, status=each.status)
    for _ in range(pairs):
        for each, usages in zip(comparisons, pairs_of_usage, strict=True):
            baseline = installation.measure(each.baseline)
            usages.append((installation.measure(each.argv, status=each.status), baseline))
    for each, usages in zip(comparisons, pairs_of_usage, strict=True):
        wall = Spread.of([own.wall / baseline.wall for own, baseline in usages])
        cpu = Spread.of([own.cpu / baseline.cpu for own, baseline in usages])
        yield Row(each.title, wall, each.limit, cpu), max(own.peak for own, _ in usages)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """Run DynamoDB Local, or moto's server if Java or Maven is missing. Yields its name and endpoint."""
    from tests import dynamodb_local, tools

    try:
        dynamodb_local.jars()
    except tools.Unavailable as missing:
        sys.stderr.write(f"moto's server instead of DynamoDB Local: {missing}\n")
        with moto(folder) as endpoint:
            yield "moto's server", endpoint
    else:
        with dynamodb_local.running() as endpoint:
            yield "DynamoDB Local", endpoint


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[str]:
    """Run moto's server as a process and yield its endpoint."""
    text = (
        "from moto.server import ThreadedMotoServer\n"
        "server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)\n"
        "server.start()\n"
        "print(*server.get_host_and_port(), sep=':', flush=True)\n"
        "input()\n"
    )
    path = folder / "moto_server.py"
    path.write_text(text)
    with subprocess.Popen(
        [sys.executable, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield f"http://{process.stdout.readline().strip()}"
        finally:
            process.kill()
