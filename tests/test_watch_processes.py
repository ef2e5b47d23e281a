"""One process watches while others make 1,000 changes: none is missed, none is reported twice, all are in order."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from .program import Program, connect
from .test_process import NODETODO

WRITERS, CHANGES = 4, 250

Changes = dict[str, list[tuple[str, int]]]
"""By user, the event and the tid of each change, in their order."""


class Watcher:
    """A process that runs watch --json and has begun to watch."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        assert process.stderr
        self._process, self._lines = process, process.stdout
        for line in process.stderr:
            if line.startswith("watching "):
                return
        raise AssertionError(process.communicate())

    def read(self, count: int) -> Changes:
        """Return the next changes."""
        found: Changes = defaultdict(list)
        for _ in range(count):
            change = json.loads(self._lines.readline())
            found[change["uid"]].append((change["event"], change["tid"]))
        return found

    def stop(self) -> tuple[int, str, str]:
        """Press Ctrl-C. Return the exit status, the rest of the output, and the rest of standard error."""
        self._process.send_signal(signal.SIGINT)
        out, err = self._process.communicate(timeout=60)
        return self._process.returncode, out, err


@contextlib.contextmanager
def watching(target: str, prefix: str) -> Iterator[Watcher]:
    with subprocess.Popen(
        [*NODETODO, "watch", "--json", f"--db={target}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"NODETODO_TABLE_PREFIX": prefix},
        # A shell starts background processes with SIGINT ignored, and the tests may be one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield Watcher(process)
        finally:
            process.kill()


def write(target: str, prefix: str, users: list[str]) -> Changes:
    """Let one process for each user change tasks at the same time, and return their changes."""
    writers = {
        user: subprocess.Popen(
            [sys.executable, "-m", "tests.watched_writer", target, prefix, user, str(CHANGES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for user in users
    }
    try:
        for writer in writers.values():
            assert writer.stdout
            assert writer.stdout.readline() == "ready\n"
        for writer in writers.values():
            assert writer.stdin
            writer.stdin.write("go\n")
            writer.stdin.flush()
        made = {user: json.loads(writer.communicate()[0]) for user, writer in writers.items()}
        return {user: [(event, tid) for event, tid in each] for user, each in made.items()}
    finally:
        for writer in writers.values():
            writer.kill()
            writer.communicate()


def assert_watched(target: str, prefix: str) -> None:
    users = [f"user{number}" for number in range(WRITERS)]
    with watching(target, prefix) as watcher:
        made = write(target, prefix, users)
        assert sum(map(len, made.values())) == WRITERS * CHANGES
        assert watcher.read(WRITERS * CHANGES) == made
        assert watcher.stop() == (0, "", "")


def prepare(target: str, prefix: str) -> Program:
    client = connect(target) if target.startswith("http") else None
    program = Program(client, target=target, prefix=prefix)
    program.good("table-add")
    for number in range(WRITERS):
        program.good("user-add", f"user{number}", "u@example.org", "+491701234")
    return program


def test_no_change_of_a_local_file_is_missed_or_reported_twice(tmp_path: Path) -> None:
    target = f"local:{tmp_path / 'tasks.db'}"
    prepare(target, "todo-")
    assert_watched(target, "todo-")


def test_no_change_of_dynamodb_local_is_missed_or_reported_twice(dynamodb_local: str) -> None:
    prefix = "watched-"
    program = prepare(dynamodb_local, prefix)
    program.good("table-edit", "--stream")
    try:
        assert_watched(dynamodb_local, prefix)
    finally:
        program.good("table-rm", "--yes")


def test_ctrl_c_ends_an_idle_watch_with_status_0(tmp_path: Path) -> None:
    target = f"local:{tmp_path / 'tasks.db'}"
    prepare(target, "todo-")
    with watching(target, "todo-") as watcher:
        assert watcher.stop() == (0, "", "")
