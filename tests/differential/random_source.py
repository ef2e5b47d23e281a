"""The random source from which the generators of requests draw."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@functools.cache
def _integers(maximum: int) -> st.SearchStrategy[int]:
    return st.integers(0, maximum)


class RandomSource:
    """Draws from hypothesis. Examples shrink towards the first choice, the shortest list and False.

    Set `valid_only` to draw valid requests.
    """

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw
        self.valid_only = False

    def up_to(self, maximum: int) -> int:
        """Return an integer from 0 to `maximum`, both included."""
        return self._draw(_integers(maximum))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`."""
        return choices[self.up_to(len(choices) - 1)] if len(choices) > 1 else choices[0]

    def one_in(self, count: int) -> bool:
        """Return True with a probability of 1/`count`."""
        return self.up_to(count - 1) == count - 1

    def invalid_one_in(self, count: int) -> bool:
        """Return True with a probability of 1/`count`, but never with `valid_only`.

        Callers use it for choices that usually make a request invalid.
        """
        return not self.valid_only and self.one_in(count)

    def list_of(self, make: Callable[[], T], least: int, most: int) -> list[T]:
        """Return `least` to `most` results of `make`."""
        return [make() for _ in range(least + self.up_to(most - least))]
