"""The server answers random requests as the engine does in its own process."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from nodetodo import embedded
from tests.differential.comparison import contents
from tests.differential.examples import examples
from tests.differential.random_requests import sequences
from tests.differential.requests import READS, ErrorResponse, Request, clear, error_code, send
from tests.differential.schema import create_tables

from .support import serving

run_numbers = itertools.count()


@pytest.fixture(scope="module")
def remote() -> Iterator[Any]:
    """Return a client of the AWS SDK for a server with the tables of the comparison."""
    with serving(is_quiet=True) as served:
        client = served.boto()
        create_tables(client)
        yield client


@examples(1 / 6)
@given(sequence=sequences())
def test_a_sequence_of_requests_has_the_same_responses_and_effects(remote: Any, sequence: list[Request]) -> None:
    direct = embedded.connect(":memory:")
    create_tables(direct)
    run = f"{os.getpid()}-{next(run_numbers)}"
    try:
        for request in sequence:
            expected, actual = send(direct, request, run), send(remote, request, run)
            # The SDK accepts some types that the engine rejects, and the server rejects their JSON.
            assert actual == expected or (
                isinstance(actual, ErrorResponse) and error_code(expected) == "ParamValidationError"
            ), request
            if request.method not in READS:
                assert contents(remote) == contents(direct), request
    finally:
        clear(remote, None)
        direct.close()
