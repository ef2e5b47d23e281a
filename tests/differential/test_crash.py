"""A writer killed at any moment leaves every acknowledged operation whole, and nothing half done."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nodetodo import embedded
from tests.differential.comparison import ask, contents
from tests.differential.crash_writer import operation
from tests.differential.schema import TABLES, Client, create_tables, everything, key_of

KILLS = 40


def written_until_killed(path: Path, first: int, life: float) -> list[int]:
    """Let a writer go on from operation `first`, kill it, and give the numbers that it acknowledged."""
    command = [sys.executable, "-m", "tests.differential.crash_writer", str(path), str(first)]
    # Without a buffer, so that nothing of the pipe is read before communicate() reads it.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"connected\n", writer.communicate()[1].decode()
        with contextlib.suppress(subprocess.TimeoutExpired):
            writer.communicate(timeout=life)
        writer.kill()
        lines, errors = writer.communicate()
    assert writer.returncode == -9, errors.decode()
    whole_lines = lines[: lines.rfind(b"\n") + 1]
    return [int(line) for line in whole_lines.split()]


def assert_indexes_agree(client: Client) -> None:
    """Every item with an index's key is in that index, once and with the same content, and nothing else is."""
    for name, table in TABLES.items():
        items = {repr(key_of(item, table)): item for item in everything(client, TableName=name)}
        for index_name, index in table.indexes.items():
            if index.projection["ProjectionType"] != "ALL":
                continue
            entries = everything(client, TableName=name, IndexName=index_name)
            expected = {key: item for key, item in items.items() if index.key.keys() <= item.keys()}
            assert {repr(key_of(entry, table)): entry for entry in entries} == expected
            assert len(entries) == len(expected)


def integrity(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


def test_a_writer_killed_at_any_moment_loses_nothing_acknowledged_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    with contextlib.closing(embedded.connect(str(path))) as client:
        create_tables(client)
    # What the file must hold: the same operations on an engine that nobody kills.
    model = embedded.connect(":memory:")
    create_tables(model)
    moments = random.Random(40)
    done = 0
    for _ in range(KILLS):
        acknowledged = written_until_killed(path, done, moments.uniform(0.02, 0.15))
        assert acknowledged == list(range(done, done + len(acknowledged)))
        for number in acknowledged:
            ask(model, operation(number), "writer")
        done += len(acknowledged)

        assert integrity(path) == "ok"
        survivor = embedded.connect(str(path))
        held = contents(survivor)
        if held != contents(model):
            # The operation under way when the kill came may be done as a whole.
            ask(model, operation(done), "writer")
            done += 1
            assert held == contents(model)
        assert_indexes_agree(survivor)
    assert done > KILLS, "the writers were killed before they did anything"


def test_a_log_torn_at_any_byte_leaves_a_whole_earlier_state(tmp_path: Path) -> None:
    """What a power cut may do and a kill cannot: the tail of the write-ahead log never reached the disk."""
    path = tmp_path / "whole.db"
    # Closed at once: the last connection to be closed takes the log into the file, and this is to be the killed writer.
    with contextlib.closing(embedded.connect(str(path))) as client:
        create_tables(client)
    last = len(written_until_killed(path, 0, 0.15))
    log = path.with_name(path.name + "-wal")
    if not log.exists() or not (size := log.stat().st_size):
        pytest.skip("the writer was killed in the moment after a checkpoint")
    model = embedded.connect(":memory:")
    create_tables(model)
    states = [contents(model)]
    for number in range(last + 1):
        ask(model, operation(number), "writer")
        states.append(contents(model))
    places = random.Random(7)
    for torn_at in sorted(places.randrange(size) for _ in range(25)):
        copy = tmp_path / f"torn-{torn_at}.db"
        shutil.copy(path, copy)
        copy.with_name(copy.name + "-wal").write_bytes(log.read_bytes()[:torn_at])
        assert integrity(copy) == "ok"
        survivor = embedded.connect(str(copy))
        assert contents(survivor) in states
        assert_indexes_agree(survivor)
