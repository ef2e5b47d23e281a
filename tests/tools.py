"""Tools that some tests need and a machine may lack: without them these tests skip, or fail if a variable says so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

REQUIRED = {
    "DynamoDB Local": "NODETODO_REQUIRE_DYNAMODB_LOCAL",
    "chromium": "NODETODO_REQUIRE_CHROMIUM",
    "shells": "NODETODO_REQUIRE_SHELLS",
    "AWS SDKs": "NODETODO_REQUIRE_AWS_SDKS",
}
"""Tools, each with the variable that makes tests fail instead of skip. The gate sets them."""


class Unavailable(Exception):
    """A tool cannot run on this machine. The message names the reason."""


@contextmanager
def skip_without(tool: str) -> Iterator[None]:
    """Skip, or fail if the tool is required, when the body raises Unavailable."""
    try:
        yield
    except Unavailable as missing:
        if os.environ.get(REQUIRED[tool]):
            pytest.fail(f"{REQUIRED[tool]} is set, but: {missing}")
        pytest.skip(str(missing))
