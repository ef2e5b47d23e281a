"""Assertions on a database file after many writes."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from tests.differential.requests import read_all
from tests.differential.schema import TABLES, Client


def assert_file_is_intact(path: Path) -> None:
    """Assert that SQLite's own check finds no damage."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def assert_indexes_agree(client: Client) -> None:
    """Assert that each index that projects everything holds exactly the items with its key, once each."""
    for name, table in TABLES.items():
        items = {repr(table.key_of(item)): item for item in read_all(client, name)}
        for index_name, index in table.indexes.items():
            if index.projection["ProjectionType"] != "ALL":
                continue
            entries = read_all(client, name, index_name)
            expected = {key: item for key, item in items.items() if index.key.keys() <= item.keys()}
            assert {repr(table.key_of(entry)): entry for entry in entries} == expected
            assert len(entries) == len(expected)
