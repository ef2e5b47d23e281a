"""Compares random sequences of requests on items."""

from __future__ import annotations

import itertools
import os

from hypothesis import given

from nodetodo import embedded
from tests.differential.comparison import Mismatch, differ_in_order_of_ties, outcomes_match
from tests.differential.examples import examples
from tests.differential.random_requests import pages_of_large_items, sequences
from tests.differential.reference import Reference
from tests.differential.requests import Request, is_invalid, send
from tests.differential.schema import create_tables
from tests.differential.sequences import assert_same_outcomes

run_numbers = itertools.count()


def assert_same(reference: Reference, sequence: list[Request]) -> None:
    """Send the sequence to both engines and compare them."""
    engine = embedded.connect(":memory:")
    create_tables(engine)
    run = f"{os.getpid()}-{next(run_numbers)}"

    def mismatch_of(request: Request) -> Mismatch | None:
        if reference.excludes(request, engine):
            return None
        actual = send(engine, request, run)
        if reference.differences.stores_invalid_items and is_invalid(actual):
            return None
        mismatch = Mismatch(request, reference.send(request, run), actual)
        is_same = outcomes_match(*mismatch) or differ_in_order_of_ties(mismatch, reference.client, engine)
        return None if is_same else mismatch

    assert_same_outcomes(reference, engine, sequence, mismatch_of, reference.explains)


@examples()
@given(sequence=sequences())
def test_the_engine_responds_to_a_sequence_of_requests_as_the_reference_does(
    reference: Reference, sequence: list[Request]
) -> None:
    assert_same(reference, sequence)


@examples(1 / 30)
@given(sequence=pages_of_large_items())
def test_a_page_ends_at_one_megabyte_as_on_the_reference(reference: Reference, sequence: list[Request]) -> None:
    assert_same(reference, sequence)
