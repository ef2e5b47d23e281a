"""What is measured, beside its limit, as lines of a table."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """The median of several figures, their quartiles, and how many there are."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Of at least one figure."""
        low, median, high = statistics.quantiles(figures, n=4, method="inclusive") if figures[1:] else [figures[0]] * 3
        return cls(median, low, high, len(figures))

    @classmethod
    def exact(cls, figure: float) -> Spread:
        """A figure that does not vary, or that is a maximum."""
        return cls(figure, figure, figure, 1)


class Limit(NamedTuple):
    """What a figure may be at most, or has to be at least; goal is the better figure to aim at, where there is one."""

    value: float
    goal: float | None = None
    at_least: bool = False
    unit: str = ""

    def allows(self, figure: float) -> bool:
        """Whether a figure is within the limit."""
        return figure >= self.value if self.at_least else figure <= self.value

    def reached(self, figure: float) -> bool:
        """Whether there is a goal and a figure reaches it."""
        return self.goal is not None and self._replace(value=self.goal).allows(figure)

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.value:g}{self.unit}"


class Row(NamedTuple):
    """A line of the table. cpu: the same ratio in CPU time, which other processes on the machine hardly change."""

    what: str
    figure: Spread
    limit: Limit
    cpu: Spread | None = None
    note: str = ""

    def verdict(self) -> str:
        """`ok` or `over`, by the figure; and what the CPU time says where it says otherwise."""
        figure = self.figure.median
        if self.limit.allows(figure):
            return "ok, goal" if self.limit.reached(figure) else "ok"
        return "over; CPU ok" if self.cpu and self.limit.allows(self.cpu.median) else "over"

    def cells(self) -> list[str]:
        """The row as text, one for each of TITLES."""
        figure, unit = self.figure, self.limit.unit
        return [
            self.what,
            _shown(figure.median, unit),
            f"{figure.low:.2f}-{figure.high:.2f}" if figure.count > 1 else "",
            _shown(self.cpu.median) if self.cpu else "",
            str(figure.count) if figure.count > 1 else "",
            str(self.limit),
            "" if self.limit.goal is None else f"{self.limit.goal:g}",
            self.verdict(),
            self.note,
        ]


TITLES = ["", "MEASURED", "QUARTILES", "CPU", "RUNS", "LIMIT", "GOAL", "", ""]
RIGHT = (1, 3, 4, 6)


def _shown(figure: float, unit: str = "") -> str:
    return (f"{figure:.1f}" if abs(figure) >= 10 or unit else f"{figure:.2f}") + unit


def aligned(lines: Sequence[Sequence[str]], right: Collection[int]) -> str:
    """Lines of cells as text in columns, of which those numbered in `right` stand to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )
