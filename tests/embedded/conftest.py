"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client

from .support import NOW, Clock, make_table


@pytest.fixture(params=["memory", "file"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client with the table of support.make_table, once in memory and once on a file."""
    path = ":memory:" if request.param == "memory" else str(tmp_path / "engine.db")
    opened = connect(path)
    make_table(opened)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> str:
    """The path of a database file that does not exist yet."""
    return str(tmp_path / "engine.db")


@pytest.fixture
def clock() -> Clock:
    """The clock of file_client."""
    return Clock(NOW)


@pytest.fixture
def file_client(path: str, clock: Clock) -> Iterator[Client]:
    """A client of a file, with the table of support.make_table and a clock that the test sets."""
    opened = connect(path, clock=clock)
    make_table(opened)
    yield opened
    opened.close()
