"""Kills exports and imports at random moments and repeats them: `python -m tests.killed_transfers FOLDER`.

Each attempt is a child process. It counts the calls and returns of functions, and kills itself with SIGKILL at a random
one. The tests run this module as a process without threads, because it forks.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from nodetodo.data import imports
from nodetodo.repositories import transfer

from .program import Program, Result

ROUNDS = 8
"""Exports and imports of each kind. Each is killed until it succeeds."""

transfer.PAGE = 20
imports.WINDOW_LINES = 40
imports.WINDOW_BYTES = 4000

USERS = [{"uid": f"user{number}", "email": "e@example.org", "phone": None} for number in range(20)]
TASKS = [{"uid": f"user{number % 7}", "tid": number, "description": f"task {number}"} for number in range(90)]


class Killed:
    """Runs commands in child processes. kills: the number of children that were killed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.kills = 0

    def until_it_succeeds(self, target: str, events: int, *argv: str) -> None:
        """Repeat a command until it is not killed. events: the calls and returns of one whole run."""
        while self._is_killed(target, self._random.randrange(int(events * 1.2)), *argv):
            self.kills += 1
            CHECKS[argv[0]](target, Path(argv[1]))

    def _is_killed(self, target: str, at: int, *argv: str) -> bool:
        child = os.fork()
        if child == 0:
            left = at

            def count(*_: object) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.setprofile(count)
            result = Program(None, target=target)(*argv)
            sys.setprofile(None)
            # A kill after the last step of an export leaves a complete file, which no export replaces.
            is_exported = "exists; remove it" in result.err and Path(argv[1]).exists()
            if result.status and not is_exported:
                sys.stderr.write(f"{argv}: {result}\n")
            os._exit(0 if is_exported else result.status)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return True
        assert os.WEXITSTATUS(status) == 0
        return False


def events_of(target: str, *argv: str) -> int:
    """Return the number of calls and returns of one run."""
    number = 0

    def count(*_: object) -> None:
        nonlocal number
        number += 1

    sys.setprofile(count)
    result: Result = Program(None, target=target)(*argv)
    sys.setprofile(None)
    assert result.status == 0, result
    return number


def records(text: str) -> list[str]:
    """Return the lines of an export without null, sorted."""
    return sorted(
        json.dumps({name: value for name, value in json.loads(line).items() if value is not None}, sort_keys=True)
        for line in text.splitlines()
    )


EXPECTED = records("".join(json.dumps(record) + "\n" for record in [*USERS, *TASKS]))


def check_export(_target: str, file: Path) -> None:
    """Assert that a file with the final name is complete."""
    if file.is_file():
        assert records(file.read_text()) == EXPECTED


def check_import(target: str, _file: Path) -> None:
    """Assert that the tables have only whole items of the file."""
    path = target.removeprefix("local:")
    if os.path.exists(path):
        result = Program(None, target=target)("export", "-")
        assert result.status in (0, 3), result
        assert set(records(result.out)) <= set(EXPECTED)


CHECKS = {"export": check_export, "import": check_import}


def exports(folder: Path, source: str, killed: Killed, *options: str) -> None:
    """Kill exports and check the complete ones."""
    events = events_of(source, "export", str(folder / "whole"), *options)
    for number in range(ROUNDS):
        file = folder / f"exported{number}"
        killed.until_it_succeeds(source, events, "export", str(file), *options)
        assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == [], "hidden files remain"
        if file.is_dir():
            assert len(list((file / "AWSDynamoDB").iterdir())) == 2
        copy = f"local:{folder}/copy{number}.db"
        Program(None, target=copy).good("import", str(file))
        assert records(Program(None, target=copy).good("export", "-").out) == EXPECTED


def imported(folder: Path, file: Path, killed: Killed, *options: str) -> None:
    """Kill imports and check the complete ones."""
    events = events_of(f"local:{folder}/first.db", "import", str(file), *options)
    for number in range(ROUNDS):
        target = f"local:{folder}/imported{number}.db"
        report = folder / f"report{number}"
        killed.until_it_succeeds(target, events, "import", str(file), f"--report={report}", *options)
        assert records(Program(None, target=target).good("export", "-").out) == EXPECTED
        assert len(report.read_text().splitlines()) == len(EXPECTED)


def main(folder: Path) -> None:
    """Run all rounds."""
    file = folder / "source.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in [*USERS, *TASKS]))
    source = f"local:{folder}/source.db"
    Program(None, target=source).good("import", str(file))
    kinds: list[Any] = [
        (exports, source, []),
        (exports, source, ["--format=dynamodb"]),
        (imported, file, []),
        (imported, file, ["--replace"]),
    ]
    for seed, (run, start, options) in enumerate(kinds):
        each = folder / f"kind{seed}"
        each.mkdir()
        killed = Killed(seed)
        run(each, start, killed, *options)
        assert killed.kills >= ROUNDS, (options, killed.kills)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
