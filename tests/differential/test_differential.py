"""Compares random sequences of requests on items."""

from __future__ import annotations

import itertools
import os

from hypothesis import given

from nodetodo import embedded
from tests.differential.comparison import Mismatch, contents, differ_in_order_of_ties, outcomes_match
from tests.differential.examples import examples
from tests.differential.random_requests import pages_of_large_items, sequences
from tests.differential.reference import Reference
from tests.differential.requests import READS, Contents, Request, clear, send
from tests.differential.schema import create_tables

run_numbers = itertools.count()


def assert_same_outcomes(reference: Reference, sequence: list[Request]) -> None:
    found = None
    try:
        found = compare(reference, sequence)
    finally:
        clear(reference.client, found)


def compare(reference: Reference, sequence: list[Request]) -> Contents:
    """Send the sequence to both engines and return the contents of the reference engine after it."""
    engine = embedded.connect(":memory:")
    create_tables(engine)
    run = f"{os.getpid()}-{next(run_numbers)}"
    for number, request in enumerate(sequence):
        if reference.excludes(request, engine):
            continue
        expected, actual = reference.send(request, run), send(engine, request, run)
        mismatch = Mismatch(request, expected, actual)
        if outcomes_match(*mismatch) or differ_in_order_of_ties(mismatch, reference.client, engine):
            continue
        assert reference.explains(mismatch), f"request {number}, {request}\nreference: {expected}\nengine: {actual}"
        if request.method not in READS and (expected_contents := reference.contents()) != contents(engine):
            return expected_contents
    expected_contents = reference.contents()
    assert contents(engine) == expected_contents
    return expected_contents


@examples()
@given(sequence=sequences())
def test_the_engine_responds_to_a_sequence_of_requests_as_the_reference_does(
    reference: Reference, sequence: list[Request]
) -> None:
    assert_same_outcomes(reference, sequence)


@examples(1 / 30)
@given(sequence=pages_of_large_items())
def test_a_page_ends_at_one_megabyte_as_on_the_reference(reference: Reference, sequence: list[Request]) -> None:
    assert_same_outcomes(reference, sequence)
