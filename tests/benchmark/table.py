"""Figures and their limits as lines of a table."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """The median and the quartiles of the figures of several runs."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Return the spread of at least one figure."""
        low, median, high = statistics.quantiles(figures, n=4, method="inclusive") if figures[1:] else [figures[0]] * 3
        return cls(median, low, high, len(figures))

    @classmethod
    def exact(cls, figure: float) -> Spread:
        """Return the spread of a single figure."""
        return cls(figure, figure, figure, 1)


class Limit(NamedTuple):
    """The largest figure allowed, or the smallest with `at_least`. `goal` is a better figure to work towards."""

    value: float
    goal: float | None = None
    at_least: bool = False
    unit: str = ""

    def allows(self, figure: float) -> bool:
        """Return whether a figure is within the limit."""
        return figure >= self.value if self.at_least else figure <= self.value

    def reaches_goal(self, figure: float) -> bool:
        """Return whether a figure reaches the goal. Without a goal, none does."""
        return self.goal is not None and self._replace(value=self.goal).allows(figure)

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.value:g}{self.unit}"


class Row(NamedTuple):
    """A line of the table. `cpu` is the same ratio of CPU times, which depend less on the load of the machine."""

    title: str
    figure: Spread
    limit: Limit
    cpu: Spread | None = None
    note: str = ""

    def verdict(self) -> str:
        """Return "ok" or "over" for the figure. Adds "CPU ok" if only the CPU time is within the limit."""
        figure = self.figure.median
        if self.limit.allows(figure):
            return "ok, goal" if self.limit.reaches_goal(figure) else "ok"
        return "over; CPU ok" if self.cpu and self.limit.allows(self.cpu.median) else "over"

    def cells(self) -> list[str]:
        """Return the text of each column of TITLES."""
        figure, unit = self.figure, self.limit.unit
        return [
            self.title,
            _format(figure.median, unit),
            f"{figure.low:.2f}-{figure.high:.2f}" if figure.runs > 1 else "",
            _format(self.cpu.median) if self.cpu else "",
            str(figure.runs) if figure.runs > 1 else "",
            str(self.limit),
            "" if self.limit.goal is None else f"{self.limit.goal:g}",
            self.verdict(),
            self.note,
        ]


TITLES = ["", "MEASURED", "QUARTILES", "CPU", "RUNS", "LIMIT", "GOAL", "", ""]
RIGHT = (1, 3, 4, 6)


def _format(figure: float, unit: str = "") -> str:
    return (f"{figure:.1f}" if abs(figure) >= 10 or unit else f"{figure:.2f}") + unit


def align(lines: Sequence[Sequence[str]], right: Collection[int]) -> str:
    """Return lines of cells as aligned text. The columns numbered in `right` are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )
