"""Sends a sequence of requests to the reference engine and to the embedded engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.differential.comparison import Mismatch, contents
from tests.differential.reference import Reference
from tests.differential.requests import READS, Contents, Request, clear
from tests.differential.schema import Client


def assert_same_outcomes(
    reference: Reference,
    engine: Client,
    sequence: Iterable[Request],
    mismatch_of: Callable[[Request], Mismatch | None],
    explains: Callable[[Mismatch], bool],
) -> None:
    """Send the sequence to both engines, compare everything that they store after it, and empty the reference engine.

    mismatch_of: sends a request to both engines and returns their outcomes; None if they match, or if the request must
    not be sent. explains: whether a mismatch is a known difference. A known difference in what the engines store ends
    the comparison.
    """
    found = None
    try:
        found = _compared(reference, engine, sequence, mismatch_of, explains)
    finally:
        clear(reference.client, found)


def _compared(
    reference: Reference,
    engine: Client,
    sequence: Iterable[Request],
    mismatch_of: Callable[[Request], Mismatch | None],
    explains: Callable[[Mismatch], bool],
) -> Contents:
    """Return the contents of the reference engine after the sequence."""
    for number, request in enumerate(sequence):
        mismatch = mismatch_of(request)
        if mismatch is None:
            continue
        assert explains(mismatch), (
            f"request {number}, {request}\nreference: {mismatch.expected}\nengine: {mismatch.actual}"
        )
        if request.method not in READS and (expected := reference.contents()) != contents(engine):
            return expected
    expected = reference.contents()
    assert contents(engine) == expected
    return expected
