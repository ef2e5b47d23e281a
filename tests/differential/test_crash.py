"""Kills writing processes and cuts the write-ahead log. No completed operation is lost and none is done in part."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo import embedded
from tests.differential.comparison import contents
from tests.differential.crash_writer import operation
from tests.differential.integrity import assert_file_is_intact, assert_indexes_agree
from tests.differential.requests import send
from tests.differential.schema import create_tables

KILLS = 40


def start_writers(path: Path, count: int) -> Iterator[subprocess.Popen[bytes]]:
    """Yield writers. Each process starts while the one before it writes, because the start of Python takes longer."""
    command = [sys.executable, "-m", "tests.differential.crash_writer", str(path)]
    pipe = subprocess.PIPE
    with contextlib.ExitStack() as stack:

        def start() -> subprocess.Popen[bytes]:
            # Unbuffered, so that the first readline leaves the rest of the output to communicate().
            writer = stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0))
            stack.callback(writer.kill)
            return writer

        following = start()
        for _ in range(count - 1):
            writer, following = following, start()
            yield writer
        yield following


def write_until_killed(writer: subprocess.Popen[bytes], first: int, seconds: float) -> list[int]:
    """Let a writer start at operation `first`, kill it after `seconds`, and return the completed operations."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(f"{first}\n".encode())
    assert writer.stdout.readline() == b"connected\n", writer.communicate()[1].decode()
    with contextlib.suppress(subprocess.TimeoutExpired):
        writer.communicate(timeout=seconds)
    writer.kill()
    output, errors = writer.communicate()
    assert writer.returncode == -9, errors.decode()
    whole_lines = output[: output.rfind(b"\n") + 1]
    return [int(line) for line in whole_lines.split()]


def test_killed_writers_lose_no_completed_operation_and_do_none_in_part(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    with contextlib.closing(embedded.connect(str(path))) as client:
        create_tables(client)
    # The expected contents of the file: the same operations on an engine in memory.
    model = embedded.connect(":memory:")
    create_tables(model)
    rng = random.Random(40)
    done = 0
    for writer in start_writers(path, KILLS):
        completed = write_until_killed(writer, done, rng.uniform(0.02, 0.15))
        assert completed == list(range(done, done + len(completed)))
        for number in completed:
            send(model, operation(number), "writer")
        done += len(completed)

        assert_file_is_intact(path)
        survivor = embedded.connect(str(path))
        found = contents(survivor)
        if found != contents(model):
            # The operation that the kill interrupted may be done, but only as a whole.
            send(model, operation(done), "writer")
            done += 1
            assert found == contents(model)
        assert_indexes_agree(survivor)
    assert done > KILLS, "the writers were killed before they did anything"


def test_a_log_cut_at_any_byte_leaves_an_earlier_state(tmp_path: Path) -> None:
    """A power failure, unlike a kill, may lose the end of the write-ahead log."""
    path = tmp_path / "original.db"
    # Closed before the writer starts, because the last connection that closes moves the log into the file.
    with contextlib.closing(embedded.connect(str(path))) as client:
        create_tables(client)
    writers = start_writers(path, 1)
    last = len(write_until_killed(next(writers), 0, 0.15))
    log = path.with_name(path.name + "-wal")
    if not log.exists() or not (size := log.stat().st_size):
        pytest.skip("the writer was killed directly after a checkpoint")
    model = embedded.connect(":memory:")
    create_tables(model)
    states = [contents(model)]
    for number in range(last + 1):
        send(model, operation(number), "writer")
        states.append(contents(model))
    rng = random.Random(7)
    for length in sorted(rng.randrange(size) for _ in range(25)):
        copy = tmp_path / f"cut-{length}.db"
        shutil.copy(path, copy)
        copy.with_name(copy.name + "-wal").write_bytes(log.read_bytes()[:length])
        assert_file_is_intact(copy)
        survivor = embedded.connect(str(copy))
        assert contents(survivor) in states
        assert_indexes_agree(survivor)
