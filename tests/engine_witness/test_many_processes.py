"""Many processes on one file at once lose nothing, and none of them hears of a lock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from nodetodo import embedded
from tests.engine_witness.adder import SHARED
from tests.engine_witness.schema import everything
from tests.engine_witness.test_crash import assert_indexes_agree, integrity


def at_once(path: Path, processes: int, count: int) -> dict[str, dict[str, Any]]:
    """What each of `processes` adders answers, all released once the last of them is ready."""
    adders = {
        f"adder {number}": subprocess.Popen(
            [sys.executable, "-m", "tests.engine_witness.adder", str(path), f"adder {number}", str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        for number in range(processes)
    }
    try:
        for adder in adders.values():
            assert adder.stdout is not None
            assert adder.stdout.readline() == b"ready\n"
        for adder in adders.values():
            assert adder.stdin is not None
            adder.stdin.write(b"go\n")
        answers = {}
        for name, adder in adders.items():
            output, errors = adder.communicate()
            assert (errors.decode(), adder.returncode) == ("", 0), name
            answers[name] = json.loads(output)
        return answers
    finally:
        for adder in adders.values():
            adder.kill()
            adder.communicate()


def assert_nothing_lost(path: Path, answers: dict[str, dict[str, Any]]) -> None:
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
    answers = at_once(path, 8, 25)
    assert sum(len(answer["added"]) for answer in answers.values()) == 8 * 25
    assert_nothing_lost(path, answers)


def test_first_commands_at_once_all_find_the_tables_made(tmp_path: Path) -> None:
    for attempt in range(6):
        path = tmp_path / f"{attempt}.db"
        answers = at_once(path, 4, 1)
        assert sum(len(answer["added"]) for answer in answers.values()) == 4
        assert_nothing_lost(path, answers)
