"""Finds the requests of a command by running the command on a simulated client, several times.

The usual run comes first. Each of its requests receives the likeliest response with which the command succeeds. Its
requests are the steps of the plan. Then, for each step and each other possible response, the command runs again. Such a
run differs from the usual run in that one response. The difference is a possibility: the command sends other requests,
sends the same request again, or ends with another message.

Example: `task-ls emma`. In the usual run, a Query returns some tasks and the command ends. This Query is step 1. It may
return no items. The command then sends a GetItem to check that the user exists: step 1a. That GetItem may return no
item. The command then ends with exit status 3.

This module knows no command by name. A plan is therefore right for any command, also after a change of its code.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import count, groupby
from typing import TYPE_CHECKING, NamedTuple

from .outcomes import Outcome
from .requests import batch
from .simulated import LOOP_PARAMETERS, Simulator
from .units import Pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import TidEnding
    from .requests import Parameters, Table
    from .simulated import Kind, RecordedRequest, RunCommand, Simulation


class Ending(NamedTuple):
    """How a command ends. In the message, … replaces words that depend on the data."""

    message: str
    status: int


class Possibility(NamedTuple):
    """What the command does after another response than the usual one.

    condition: the response in words, which follow the word "if". steps: requests that only follow this response.
    repeat: how the same request is sent again, None if it is not. ending: None if the command ends as usual. skipped:
    the numbers of later steps that are not sent, because there is less to change.
    """

    condition: str
    steps: list[Step]
    repeat: str | None
    ending: Ending | None
    skipped: list[str]


class Step(NamedTuple):
    """A request of the plan. number: such as 2, or 2a for a request that follows an unusual response to 2.

    examples: names of parameters with values from earlier responses; the values are examples. batch_size: the number of
    items if the request is sent once for each batch of items, else None. times: how often the request is sent, each
    time with another key. pages: for a Query or Scan. row_limit: the rows of the list that the command prints; None for
    all.
    """

    number: str
    operation: str
    parameters: Parameters
    examples: list[str]
    batch_size: int | None
    times: int
    possibilities: list[Possibility]
    pages: Pages | None
    row_limit: int | None


class Plan(NamedTuple):
    """The requests of a command. questions: the confirmations that it requests. endings: the ends of tids in it."""

    steps: list[Step]
    questions: list[str]
    endings: list[str]


def make_plan(run: RunCommand, tables: dict[str, Table], endings: Sequence[TidEnding] = ()) -> Plan:
    """Make the plan of a command. Raises the command's error if it always fails.

    run: executes the command. endings: the ends of tids on its command line.
    """
    planner = _Planner(Simulator(run, tables, endings))
    usual = planner.simulator.usual()
    steps = planner.steps(usual, range(len(usual.requests)), set(), "")
    return Plan(steps, usual.result.questions, [ending.digits for ending in endings])


_WITHOUT_CHANGE = (Outcome.CONDITION_FAILED, Outcome.ABSENT, Outcome.INDEX_EXISTS)
"""Outcomes after which a command may succeed without changing anything."""


class _Planner:
    """Compares the runs of one command."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def steps(self, base: Simulation, positions: Sequence[int], known: set[Kind], number: str) -> list[Step]:
        """Return the requests at these positions of a run as steps with their possibilities.

        known: kinds of requests that are steps already. number: of the step that these steps follow.
        """
        groups = [list(group) for _, group in groupby(positions, key=lambda place: base.requests[place].kind)]
        known = known | {base.requests[place].kind for place in positions}
        steps = []
        for name, group in zip(_numbers(number), groups, strict=False):
            request = base.requests[group[0]]
            pages = self._pages(base, group[0]) if request.operation in ("Query", "Scan") else None
            batch_size = _batch_size(request, len(group))
            steps.append(
                Step(
                    number=name,
                    operation=request.operation,
                    parameters=request.parameters,
                    examples=request.examples,
                    batch_size=batch_size,
                    times=1 if batch_size else len(group),
                    possibilities=list(self._possibilities(base, group[0], known, name, pages)),
                    pages=pages,
                    row_limit=base.result.row_limit,
                )
            )
        return steps

    def _possibilities(
        self, base: Simulation, position: int, known: set[Kind], number: str, pages: Pages | None
    ) -> Iterator[Possibility]:
        """Yield a possibility for each different reaction to another response at this position."""
        request = base.requests[position]
        reactions: list[object] = [(False, [], None)]
        for index, response in enumerate(request.possible):
            if index == request.received:
                continue
            other = self.simulator.with_other(base, position, index)
            usual = request.possible[request.received]
            description = (usual.otherwise if index == 0 else "") or response.description
            if not other.error and other.result.changes != base.result.changes:
                skipped = _skipped(base, other)
                # A table that is not ACTIVE may have any settings.
                if response.outcome is not Outcome.TABLE_NOT_READY and skipped not in reactions:
                    reactions.append(skipped)
                    yield Possibility(description, [], None, None, skipped)
                continue
            # After the added requests, a command often continues as in the base run.
            added = _without_common_end(base.requests[position + 1 :], other.requests[position + 1 :])
            new = [place for place, sent in enumerate(added, position + 1) if sent.kind not in known]
            is_repeated = bool(added) and added[-1].kind == request.kind
            ending = Ending(other.message, other.error.status if other.error else 0)
            # Success messages that differ only in data are one ending; one that nothing was changed is another.
            is_same = not other.error and response.outcome not in _WITHOUT_CHANGE
            is_usual = is_same or ending.message == base.message
            steps = self.steps(other, range(new[0], new[-1] + 1), known, number) if new else []
            reaction = (
                is_repeated,
                [(step.operation, sorted(step.parameters)) for step in steps],
                None if is_usual else ending.status,
            )
            if reaction not in reactions:
                reactions.append(reaction)
                repeat = self._repeat(base, position, index, added, pages) if is_repeated else None
                yield Possibility(description, steps, repeat, None if is_usual else ending, [])

    def _repeat(
        self, base: Simulation, position: int, response: int, added: list[RecordedRequest], pages: Pages | None
    ) -> str:
        """Describe how a request is sent again. added: the requests after it, the last one of which is the repeat."""
        request, again = base.requests[position], added[-1].parameters
        if request.possible[response].outcome is Outcome.MORE:
            rows = base.result.row_limit
            start = "" if "ExclusiveStartKey" in again else " from the start, because its items are deleted"
            until = f" until {rows:,} rows are found" if rows is not None else ""
            limits = [f"{limit:,}" for limit in pages.limits[1:]] if pages else []
            growth = f" with Limit {', '.join(limits[:2])} … {limits[-1]}" if len(limits) > 2 else ""
            return f"it is read{start}{growth}{until}"
        repeated = self.simulator.with_other(base, position, response, always=True)
        number = sum(sent.kind == request.kind for sent in repeated.requests[position:])
        compared = again.keys() - LOOP_PARAMETERS - set(request.examples)
        is_changed = any(again[name] != request.parameters[name] for name in compared)
        changed = " with new values" if is_changed else ""
        pause = " after a pause" if any(sent.is_paused for sent in added) else ""
        limit = f", at most {number} times" if repeated.is_complete else ""
        return f"retried{changed}{pause}{limit}"

    def _pages(self, base: Simulation, position: int) -> Pages:
        request = base.requests[position]
        full = next(place for place, response in enumerate(request.possible) if response.outcome is Outcome.FULL)
        run = self.simulator.with_other(base, position, full, always=True)
        limits = [sent.parameters["Limit"] for sent in run.requests[position:] if sent.kind == request.kind]
        if not run.is_complete:
            while len(limits) > 1 and limits[-1] == limits[-2]:
                limits.pop()
        return Pages(limits, not run.is_complete)


def _skipped(base: Simulation, other: Simulation) -> list[str]:
    """Return the numbers of the steps of the base run that another run lacks."""
    groups = [kind for kind, _ in groupby(request.kind for request in base.requests)]
    kinds = [kind for kind, _ in groupby(request.kind for request in other.requests)]
    changes = SequenceMatcher(None, groups, kinds, autojunk=False).get_opcodes()
    numbers = list(zip(_numbers(""), groups, strict=False))
    return [number for change, start, end, _, _ in changes if change == "delete" for number, _ in numbers[start:end]]


def _batch_size(request: RecordedRequest, number: int) -> int | None:
    """Return the number of items if a request is sent once for each batch of items. number: of equal requests."""
    if request.operation == "BatchGetItem" or (number > 1 and request.operation == "BatchWriteItem"):
        return len(batch(request.parameters))
    if number > 1 and request.operation == "TransactWriteItems":
        return len(request.parameters["TransactItems"])
    return 1 if number > 1 and request.operation == "PutItem" else None


def _without_common_end(usual: list[RecordedRequest], other: list[RecordedRequest]) -> list[RecordedRequest]:
    """Return the requests of another run without those at its end that the usual run has at its end too."""
    common = 0
    for one, two in zip(reversed(usual), reversed(other), strict=False):
        if one.kind != two.kind:
            break
        common += 1
    return other[: len(other) - common]


def _numbers(parent: str) -> Iterator[str]:
    """Yield the numbers of steps: 1, 2 and so on; 2a and 2b after 2; 2a1 and 2a2 after 2a."""
    for number in count(1):
        yield parent + (chr(ord("a") + number - 1) if parent[-1:].isdigit() else str(number))
