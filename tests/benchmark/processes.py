"""Whole processes: the installed program, what they took, and the ratio of two of them."""

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


class Taken(NamedTuple):
    """Wall and CPU seconds of a process, and its peak memory in MB (of a million bytes)."""

    wall: float
    cpu: float
    peak: float


class Machine:
    """The program installed into an environment and a home of its own, and processes that see nothing else."""

    def __init__(self, folder: Path) -> None:
        """Build the wheel and install it. pip compiles what it installs, so that no start compiles anything."""
        self.folder = folder
        self.python = str(folder / "environment" / "bin" / "python")
        self.nodetodo = str(folder / "environment" / "bin" / "nodetodo")
        # Without the variables that change how Python starts, such as PYTHONDONTWRITEBYTECODE.
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

    def take(self, argv: Sequence[str], *, status: int = 0) -> Taken:
        """Run a process to its end. A RuntimeError if it ends with another status: then the figures mean nothing."""
        assert self._launcher.stdin
        assert self._launcher.stdout
        self._launcher.stdin.write("\0".join(argv) + "\n")
        self._launcher.stdin.flush()
        wall, cpu, peak, ended = self._launcher.stdout.readline().split()
        if int(ended) != status:
            raise RuntimeError(f"{' '.join(argv)} ended with {ended}, not with {status}")
        return Taken(float(wall), float(cpu), int(peak) * PEAK_UNIT / 1e6)

    def say(self, *argv: str) -> str:
        """What nodetodo prints."""
        command = [self.nodetodo, *argv]
        return subprocess.run(command, check=True, env=self.environment, capture_output=True, text=True).stdout

    @property
    def empty(self) -> list[str]:
        """An empty Python start, with the interpreter that runs nodetodo."""
        return [self.python, "-c", "pass"]

    def script(self, name: str, text: str) -> list[str]:
        """A script for the interpreter that runs nodetodo, as a command."""
        path = self.folder / name
        path.write_text(text)
        return [self.python, str(path)]


class Compared(NamedTuple):
    """A process against another one: what it is called in the table, and the limit of its time in times the other's."""

    what: str
    argv: Sequence[str]
    against: Sequence[str]
    limit: Limit
    status: int = 0


def rows(machine: Machine, compared: Sequence[Compared], pairs: int) -> Iterator[tuple[Row, float]]:
    """The row of each comparison, and the peak memory of the first process. All take turns, `pairs` times each."""
    taken: list[list[tuple[Taken, Taken]]] = [[] for _ in compared]
    for each in compared:  # what comes from the disk the first time is in memory from then on
        machine.take(each.argv, status=each.status)
    for _ in range(pairs):
        for each, results in zip(compared, taken, strict=True):
            other = machine.take(each.against)
            results.append((machine.take(each.argv, status=each.status), other))
    for each, results in zip(compared, taken, strict=True):
        wall = Spread.of([one.wall / other.wall for one, other in results])
        cpu = Spread.of([one.cpu / other.cpu for one, other in results])
        yield Row(each.what, wall, each.limit, cpu), max(one.peak for one, _ in results)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """The name and the endpoint of DynamoDB Local, or of moto's server where Java or Maven is missing."""
    from tests import dynamodb_local, tools

    try:
        dynamodb_local.jars()
    except tools.Unavailable as missing:
        sys.stderr.write(f"moto's server instead of DynamoDB Local: {missing}\n")
        with _moto(folder) as endpoint:
            yield "moto's server", endpoint
    else:
        with dynamodb_local.running() as endpoint:
            yield "DynamoDB Local", endpoint


@contextlib.contextmanager
def _moto(folder: Path) -> Iterator[str]:
    """moto's server in a process of its own."""
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
