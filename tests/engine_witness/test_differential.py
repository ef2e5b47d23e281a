"""Random sequences of requests, sent to the embedded engine and to a witness, are answered alike.

The witness is DynamoDB Local, or moto where Java or Maven is missing. NODETODO_WITNESS_EXAMPLES makes the run longer,
and NODETODO_WITNESS_SEED another one.
"""

from __future__ import annotations

import itertools
import os
from typing import NamedTuple

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings

from nodetodo import embedded
from tests.engine_witness import known_faults
from tests.engine_witness.comparing import ask, contents, same, same_but_for_ties
from tests.engine_witness.generated import sequences
from tests.engine_witness.known_faults import Fault
from tests.engine_witness.schema import Client, Request, clear, create_tables

EXAMPLES = int(os.environ.get("NODETODO_WITNESS_EXAMPLES", "300"))
SEED = int(os.environ.get("NODETODO_WITNESS_SEED", "1"))
READS = {"get_item", "query", "scan", "batch_get_item", "transact_get_items"}

runs = itertools.count()


class Witness(NamedTuple):
    client: Client
    faults: tuple[Fault, ...]


@pytest.fixture(scope="module")
def witness(witness_client: tuple[str, Client]) -> Witness:
    name, client = witness_client
    create_tables(client)
    return Witness(client, getattr(known_faults, name))


@hypothesis.seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(sequence=sequences())
def test_the_engine_answers_a_sequence_of_requests_as_the_witness_does(
    witness: Witness, sequence: list[Request]
) -> None:
    clear(witness.client)
    engine = embedded.connect(":memory:")
    create_tables(engine)
    run = f"{os.getpid()}-{next(runs)}"
    for number, request in enumerate(sequence):
        expected, given_ = ask(witness.client, request, run), ask(engine, request, run)
        if same(request, expected, given_):
            continue
        if same_but_for_ties(request, expected, given_, witness.client, engine):
            continue
        fault = next((f for f in witness.faults if f.shows(request, expected, given_)), None)
        assert fault is not None, f"request {number}, {request}\nthe witness: {expected}\nthe engine:  {given_}"
        if request.method not in READS and contents(witness.client) != contents(engine):
            return
    expected_contents, engine_contents = contents(witness.client), contents(engine)
    assert engine_contents == expected_contents
