"""Many processes on one file at once lose nothing, and none of them hears of a lock."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nodetodo import embedded
from tests.differential.concurrent_writer import SHARED
from tests.differential.schema import everything
from tests.differential.test_crash import assert_indexes_agree, integrity

Answers = dict[str, dict[str, Any]]


@contextlib.contextmanager
def adders(processes: int, count: int) -> Iterator[Callable[[Path], Answers]]:
    """Processes that wait, and what releases them all on one file and gives what each of them answers."""
    running = {
        f"adder {number}": subprocess.Popen(
            [sys.executable, "-m", "tests.differential.concurrent_writer", f"adder {number}", str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        for number in range(processes)
    }

    def line(adder: subprocess.Popen[bytes]) -> str:
        assert adder.stdout is not None
        read = adder.stdout.readline().decode()
        assert read, adder.communicate()[1].decode()
        return read

    def at_once(path: Path) -> Answers:
        for adder in running.values():
            assert adder.stdin is not None
            adder.stdin.write(f"{path}\n".encode())
        return {name: json.loads(line(adder)) for name, adder in running.items()}

    try:
        for adder in running.values():
            assert line(adder) == "ready\n"
        yield at_once
        for name, adder in running.items():
            assert adder.communicate() == (b"", b""), name
            assert adder.returncode == 0, name
    finally:
        for adder in running.values():
            adder.kill()
            adder.communicate()


def assert_nothing_lost(path: Path, answers: Answers) -> None:
    client = embedded.connect(str(path))
    things = [thing for thing in everything(client, TableName="thing") if thing["p"]["S"] == SHARED]
    by_number = {int(thing["s"]["N"]): thing for thing in things}

    added = {number: name for name, answer in answers.items() for number in answer["added"]}
    assert len(added) == sum(len(answer["added"]) for answer in answers.values()), "a number was given twice"
    assert {number: thing["by"]["S"] for number, thing in by_number.items()} == added
    assert sorted(added) == list(range(1, len(added) + 1))

    finished = {number: name for name, answer in answers.items() for number in answer["finished"]}
    assert len(finished) == sum(len(answer["finished"]) for answer in answers.values()), "finished by two"
    held = {number: thing["finished"]["S"] for number, thing in by_number.items() if "finished" in thing}
    assert held == finished

    counters = {item["p"]["S"]: int(item["added"]["N"]) for item in everything(client, TableName="flat")}
    assert counters == {"all": len(added)} | {name: len(answer["added"]) for name, answer in answers.items()}
    assert_indexes_agree(client)
    assert integrity(path) == "ok"


def test_eight_processes_that_add_and_finish_in_one_partition_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    with adders(8, 25) as at_once:
        answers = at_once(path)
    assert sum(len(answer["added"]) for answer in answers.values()) == 8 * 25
    assert_nothing_lost(path, answers)


def test_first_commands_at_once_all_find_the_tables_made(tmp_path: Path) -> None:
    with adders(4, 1) as at_once:
        for attempt in range(80):
            path = tmp_path / f"{attempt}.db"
            answers = at_once(path)
            assert sum(len(answer["added"]) for answer in answers.values()) == 4
            assert_nothing_lost(path, answers)
