"""Finds the requests of a command by running the command on a simulated client, several times.

The usual run comes first. Each of its requests receives the likeliest response with which the command succeeds. Its
requests are the steps of the plan. Then, for each step and each other possible response, the command runs again. Such a
run differs from the usual run in that one response. The comparison of both runs shows how the command reacts:

- It sends other requests: these are the steps of a branch.
- It sends the same request again: the branch has a repeat.
- It ends with another message or exit status: the branch has an ending.

Example: `task-ls emma`. In the usual run, a Query returns some tasks and the command ends. This Query is step 1.

- The Query may return no items. The command then sends a GetItem to check that the user exists: a branch with step 1a.
- That GetItem may return no item. The command then ends with exit status 3: a branch of step 1a with an ending.
- The Query may return a LastEvaluatedKey. The command then sends the Query again: a branch of step 1 with a repeat.

This module knows no command by name. A plan is therefore right for any command, also after a change of its code.
"""

from __future__ import annotations

from itertools import count, groupby
from typing import TYPE_CHECKING, NamedTuple

from .responses import Outcome
from .runs import LOOP_PARAMETERS, RANDOM_PARAMETERS, Simulator, kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .requests import Parameters, Table
    from .responses import PossibleResponse
    from .runs import Kind, RunCommand, Simulation
    from .simulated import RecordedRequest


class Repeat(NamedTuple):
    """How a request is sent again.

    is_changed: with values from the response or from other requests. is_paused: after a pause. at_most: the number of
    requests including the first; None without a limit. is_next_page: for the items after a page. from_start: the next
    page starts at the first item.
    """

    is_changed: bool
    is_paused: bool
    at_most: int | None
    is_next_page: bool
    from_start: bool


class Ending(NamedTuple):
    """How a command ends. In the message, … replaces words that depend on the data."""

    message: str
    status: int


class Branch(NamedTuple):
    """The reaction of a command to one response. condition: the response in words, which follow the word "if".

    steps: requests that only this branch has. ending: None if the command ends as usual.
    """

    condition: str
    steps: list[Step]
    repeat: Repeat | None
    ending: Ending | None


class Step(NamedTuple):
    """A request of the plan. number: such as 2, or 2a in a branch of 2.

    example_parameters: names of parameters with values from earlier responses; the values are examples. batch_size: the
    number of items if the request is sent once for each batch of items, else None. page_limits: the Limit of this page
    and of the following pages, the last of which all further pages have; empty if only one page is read. row_limit: the
    rows of the list that the command prints; None for all.
    """

    number: str
    operation: str
    parameters: Parameters
    example_parameters: list[str]
    batch_size: int | None
    branches: list[Branch]
    page_limits: list[int]
    row_limit: int | None

    @property
    def is_filtered(self) -> bool:
        """Whether the request has a filter."""
        return "FilterExpression" in self.parameters


class Plan(NamedTuple):
    """The requests of a command. questions: the confirmations that it requests."""

    steps: list[Step]
    questions: list[str]


def make_plan(run: RunCommand, tables: dict[str, Table]) -> Plan:
    """Make the plan of a command. run: executes the command. Raises the command's error if it always fails."""
    return _Planner(Simulator(run, tables)).plan()


class _Planner:
    """Compares the runs of one command."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def plan(self) -> Plan:
        """Return the steps of the usual run with their branches."""
        usual = self._simulator.usual()
        return Plan(self._steps(usual, range(len(usual.requests)), [], ""), usual.result.questions)

    def _steps(self, base: Simulation, positions: range, known: list[Kind], number: str) -> list[Step]:
        """Return the requests at these positions of a run as steps with their branches.

        known: kinds of requests that are steps already. number: of the step that these steps follow.
        """
        groups = [list(group) for _, group in groupby(positions, key=lambda place: kind(base.requests[place]))]
        known = known + [kind(base.requests[place]) for place in positions]
        other = self._simulator.simulate(base.choose, seed=1)  # values of responses differ, values of arguments do not
        steps = []
        for name, group in zip(_numbers(number), groups, strict=False):
            position = group[0]
            request = base.requests[position]
            parameters = request.parameters
            changed = other.requests[position].parameters
            examples = [
                name for name in parameters if name not in RANDOM_PARAMETERS and changed[name] != parameters[name]
            ]
            batch_size = sum(map(len, parameters["RequestItems"].values())) if len(group) > 1 else None
            branches = list(self._branches(base, position, known, name))
            has_pages = any(branch.repeat and branch.repeat.is_next_page for branch in branches)
            steps.append(
                Step(
                    number=name,
                    operation=request.operation,
                    parameters=parameters,
                    example_parameters=examples,
                    batch_size=batch_size,
                    branches=branches,
                    page_limits=self._page_limits(base, position) if has_pages else [],
                    row_limit=base.result.row_limit,
                )
            )
        return steps

    def _branches(self, base: Simulation, position: int, known: list[Kind], number: str) -> Iterator[Branch]:
        """Yield a branch for each different reaction to another response at this position."""
        request = base.requests[position]
        received = request.possible[request.received]
        reactions = []
        for response in request.possible:
            if response.is_like(received):
                continue
            branch = self._branch(base, position, response, known, number)
            reaction = (
                branch.repeat is not None,
                [(step.operation, sorted(step.parameters)) for step in branch.steps],
                branch.ending and branch.ending.status,
            )
            if reaction != (False, [], None) and reaction not in reactions:
                reactions.append(reaction)
                yield branch

    def _branch(
        self, base: Simulation, position: int, response: PossibleResponse, known: list[Kind], number: str
    ) -> Branch:
        """Return the reaction to a response, found by comparing a run with this response with the base run."""
        other = self._simulator.with_other(base, position, response)
        # After the added requests, a command often continues as in the base run.
        added = _without_common_end(base.requests[position + 1 :], other.requests[position + 1 :])
        new = [place for place, request in enumerate(added, position + 1) if kind(request) not in known]
        steps = self._steps(other, range(new[0], new[-1] + 1), known, number) if new else []
        is_repeated = bool(added) and kind(added[-1]) == kind(base.requests[position])
        return Branch(
            condition=response.description,
            steps=steps,
            repeat=self._repeat(base, position, response, added) if is_repeated else None,
            ending=self._other_ending(base, other, response),
        )

    def _repeat(
        self, base: Simulation, position: int, response: PossibleResponse, added: list[RecordedRequest]
    ) -> Repeat:
        """Describe the repeat of a request. added: the requests after it, the last one of which is the repeat."""
        request = base.requests[position]
        before, after = request.parameters, added[-1].parameters
        is_next_page = response.outcome is Outcome.MORE
        at_most = None
        if not is_next_page:
            repeated = self._simulator.always(base, position, response)
            if repeated.is_complete:
                at_most = sum(kind(sent) == kind(request) for sent in repeated.requests[position:])
        return Repeat(
            is_changed=any(after[name] != before[name] for name in before.keys() - LOOP_PARAMETERS),
            is_paused=any(sent.pause is not None for sent in added),
            at_most=at_most,
            is_next_page=is_next_page,
            from_start=is_next_page and "ExclusiveStartKey" not in after,
        )

    def _page_limits(self, base: Simulation, position: int) -> list[int]:
        request = base.requests[position]
        more = next(response for response in request.possible if response.outcome is Outcome.MORE)
        pages = [
            sent
            for sent in self._simulator.always(base, position, more).requests[position:]
            if kind(sent) == kind(request)
        ]
        limits = [page.parameters["Limit"] for page in pages]
        while len(limits) > 1 and limits[-1] == limits[-2]:
            limits.pop()
        return limits

    def _other_ending(self, base: Simulation, other: Simulation, response: PossibleResponse) -> Ending | None:
        """Return the ending of another run; None if it says the same as the ending of the base run."""
        # A success message with other data is no other ending. A message that there was nothing to do is one.
        if not other.error and response.outcome not in (Outcome.CONDITION_FAILED, Outcome.ABSENT):
            return None
        ending = self._ending(other)
        return ending if ending != self._ending(base) else None

    def _ending(self, simulation: Simulation) -> Ending:
        """Replace the words of the message that differ between two seeds, because they come from responses."""
        other = self._simulator.simulate(simulation.choose, seed=1)
        messages = [str(run.error or run.result.message).split() for run in (simulation, other)]
        message = " ".join(one if one == two else "…" for one, two in zip(*messages, strict=True))
        return Ending(message, simulation.error.status if simulation.error else 0)


def _without_common_end(usual: list[RecordedRequest], other: list[RecordedRequest]) -> list[RecordedRequest]:
    """Return the requests of another run without those at its end that the usual run has at its end too."""
    common = 0
    for one, two in zip(reversed(usual), reversed(other), strict=False):
        if kind(one) != kind(two):
            break
        common += 1
    return other[: len(other) - common]


def _numbers(parent: str) -> Iterator[str]:
    """Yield the numbers of steps: 1, 2 and so on; 2a and 2b after 2; 2a1 and 2a2 after 2a."""
    for number in count(1):
        yield parent + (chr(ord("a") + number - 1) if parent[-1:].isdigit() else str(number))
