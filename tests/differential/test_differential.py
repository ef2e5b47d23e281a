"""Random sequences of requests, sent to the embedded engine and to a witness, are answered alike.

The witness is DynamoDB Local, or moto where Java or Maven is missing.
"""

from __future__ import annotations

import itertools
import os

from hypothesis import given

from nodetodo import embedded
from tests.differential.comparison import ask, contents, same, same_but_for_ties
from tests.differential.examples import examples
from tests.differential.random_requests import large_pages, sequences
from tests.differential.reference import Witness
from tests.differential.schema import Request, clear, create_tables

READS = {"get_item", "query", "scan", "batch_get_item", "transact_get_items"}

runs = itertools.count()


def assert_answered_alike(witness: Witness, sequence: list[Request]) -> None:
    clear(witness.client)
    engine = embedded.connect(":memory:")
    create_tables(engine)
    run = f"{os.getpid()}-{next(runs)}"
    for number, request in enumerate(sequence):
        if witness.errs_unseen(request, engine):
            continue
        expected, given_ = witness.ask(request, run), ask(engine, request, run)
        if same(request, expected, given_):
            continue
        if same_but_for_ties(request, expected, given_, witness.client, engine):
            continue
        fault = witness.known_fault(request, expected, given_)
        assert fault is not None, f"request {number}, {request}\nthe witness: {expected}\nthe engine:  {given_}"
        if request.method not in READS and witness.contents() != contents(engine):
            return
    expected_contents, engine_contents = witness.contents(), contents(engine)
    assert engine_contents == expected_contents


@examples()
@given(sequence=sequences())
def test_the_engine_answers_a_sequence_of_requests_as_the_witness_does(
    witness: Witness, sequence: list[Request]
) -> None:
    assert_answered_alike(witness, sequence)


@examples(1 / 30)
@given(sequence=large_pages())
def test_a_page_ends_at_one_megabyte_as_the_witness_ends_it(witness: Witness, sequence: list[Request]) -> None:
    assert_answered_alike(witness, sequence)
