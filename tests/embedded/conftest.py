"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client

from .support import make_table


@pytest.fixture(params=["memory", "file"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client with the table of support.make_table, once in memory and once on a file."""
    path = ":memory:" if request.param == "memory" else str(tmp_path / "engine.db")
    opened = connect(path)
    make_table(opened)
    yield opened
    opened.close()
