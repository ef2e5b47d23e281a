"""Draws that make random requests."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st


@functools.cache
def _integers(top: int) -> st.SearchStrategy[int]:
    return st.integers(0, top)


class Dice:
    """Draws that shrink towards the first choice, towards few and towards no."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw
        self.only_right = False

    def upto(self, top: int) -> int:
        return self._draw(_integers(top))

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.upto(len(choices) - 1)] if len(choices) > 1 else choices[0]

    def one_in(self, count: int) -> bool:
        return self.upto(count - 1) == count - 1

    def seldom(self, count: int) -> bool:
        """For choices that mostly make a request wrong."""
        return not self.only_right and self.one_in(count)

    def some(self, make: Callable[[], Any], least: int, most: int) -> list[Any]:
        return [make() for _ in range(least + self.upto(most - least))]
