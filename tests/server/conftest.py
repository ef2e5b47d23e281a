"""The server of most tests."""

from collections.abc import Iterator

import pytest

from .support import TABLE, Served, serving


@pytest.fixture
def served() -> Iterator[Served]:
    """Return a server with a database in memory and the table `thing`."""
    with serving() as server:
        server.client.create_table(**TABLE)
        yield server
