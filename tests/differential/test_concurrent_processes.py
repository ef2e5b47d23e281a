"""Processes that write to one file at the same time lose no write and get no error about locks."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from nodetodo import embedded
from tests.differential.concurrent_writer import PARTITION
from tests.differential.integrity import assert_file_is_intact, assert_indexes_agree
from tests.differential.requests import read_all

Reports = dict[str, dict[str, list[int]]]
"""By process, the numbers of the tasks that it "added" and "finished"."""


@contextlib.contextmanager
def concurrent_writers(processes: int, count: int) -> Iterator[Callable[[Path], Reports]]:
    """Start writers. Yields a function that lets all of them write to one file and returns their reports."""
    writers = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.differential.concurrent_writer", name, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        for name in (f"writer {number}" for number in range(processes))
    }

    def read_line(writer: subprocess.Popen[bytes]) -> str:
        assert writer.stdout is not None
        line = writer.stdout.readline().decode()
        assert line, writer.communicate()[1].decode()
        return line

    def write(path: Path) -> Reports:
        for writer in writers.values():
            assert writer.stdin is not None
            writer.stdin.write(f"{path}\n".encode())
        return {name: json.loads(read_line(writer)) for name, writer in writers.items()}

    try:
        for writer in writers.values():
            assert read_line(writer) == "ready\n"
        yield write
        for name, writer in writers.items():
            assert writer.communicate() == (b"", b""), name
            assert writer.returncode == 0, name
    finally:
        for writer in writers.values():
            writer.kill()
            writer.communicate()


def assert_nothing_lost(path: Path, reports: Reports, tasks: int) -> None:
    client = embedded.connect(str(path))
    items = [item for item in read_all(client, "thing") if item["p"]["S"] == PARTITION]
    by_number = {int(item["s"]["N"]): item for item in items}

    added = {number: name for name, report in reports.items() for number in report["added"]}
    assert sum(len(report["added"]) for report in reports.values()) == tasks
    assert sorted(added) == list(range(1, tasks + 1)), "two processes added one number"
    assert {number: item["by"]["S"] for number, item in by_number.items()} == added

    finished = {number: name for name, report in reports.items() for number in report["finished"]}
    assert sum(len(report["finished"]) for report in reports.values()) == len(finished), "two processes finished one"
    assert {n: item["finished"]["S"] for n, item in by_number.items() if "finished" in item} == finished

    counters = {item["p"]["S"]: int(item["added"]["N"]) for item in read_all(client, "flat")}
    assert counters == {"all": tasks} | {name: len(report["added"]) for name, report in reports.items()}
    assert_indexes_agree(client)
    assert_file_is_intact(path)


def test_eight_processes_that_add_and_finish_in_one_partition_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    with concurrent_writers(8, 25) as write:
        assert_nothing_lost(path, write(path), 8 * 25)


def test_processes_that_create_the_tables_at_the_same_time_all_succeed(tmp_path: Path) -> None:
    with concurrent_writers(4, 1) as write:
        for attempt in range(80):
            path = tmp_path / f"{attempt}.db"
            assert_nothing_lost(path, write(path), 4)
