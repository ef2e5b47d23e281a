"""Runs a command on the simulated client and records its requests."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import NodetodoError, WrongUsage
from .simulated import ChooseResponse, RecordedRequest, RequestLimitReached, SimulatedClient

if TYPE_CHECKING:
    from .requests import Parameters, Table
    from .responses import PossibleResponse

Kind = tuple[Any, ...]

REQUEST_LIMIT = 200
"""Requests of a run, at most. Only an endless loop needs more on simulated responses."""

REPEAT_LIMIT = 20
"""Repeats of a request that are simulated to find out whether the command stops by itself."""

RANDOM_PARAMETERS = {"ClientRequestToken"}

LOOP_PARAMETERS = {"Limit", "ExclusiveStartKey", *RANDOM_PARAMETERS}
"""Parameters that may change when a request is repeated."""


class CommandResult(NamedTuple):
    """The result of a run. row_limit: the rows of a list, None for all. questions: the confirmations requested."""

    message: str
    row_limit: int | None
    questions: list[str]


RunCommand = Callable[[SimulatedClient], CommandResult]
"""Executes the command on a client."""


class Simulation(NamedTuple):
    """One run of the command. choose: selects the responses. is_complete: False if the run was stopped."""

    choose: ChooseResponse
    requests: list[RecordedRequest]
    result: CommandResult
    error: NodetodoError | None
    is_complete: bool


def kind(request: RecordedRequest) -> Kind:
    """Return the properties that a request and its repeats share: all but values and LOOP_PARAMETERS."""
    parameters = request.parameters
    fixed = (value for name, value in parameters.items() if name.endswith(("Expression", "Name", "ConsistentRead")))
    actions = (next(iter(action)) for action in parameters.get("TransactItems", []))
    return request.operation, *sorted(parameters.keys() - LOOP_PARAMETERS), *fixed, *actions


def usual_requests(run: RunCommand, tables: dict[str, Table]) -> list[tuple[str, Parameters]]:
    """Return the operation and parameters of each step in the usual run. Repeats are left out."""
    requests = Simulator(run, tables).usual().requests
    first = [next(group) for _, group in groupby(requests, key=kind)]
    return [(request.operation, request.parameters) for request in first]


class Simulator:
    """Runs one command with different responses."""

    def __init__(self, run: RunCommand, tables: dict[str, Table]) -> None:
        self._run, self._tables = run, tables

    def simulate(self, choose: ChooseResponse, *, seed: int = 0, limit: int = REQUEST_LIMIT) -> Simulation:
        """Run the command once. Raises WrongUsage if the command does. seed: 0 or 1, see ExampleItems."""
        client = SimulatedClient(self._tables, choose, limit=limit, seed=seed)
        result, error, is_complete = CommandResult("", None, []), None, True
        try:
            result = self._run(client)
        except WrongUsage:
            raise
        except NodetodoError as failure:
            error = failure
        except RequestLimitReached:
            is_complete = False
        return Simulation(choose, client.requests, result, error, is_complete)

    def usual(self) -> Simulation:
        """Return the first run in which the command succeeds, with the likeliest responses first.

        This is a depth-first search over the responses: the last request that has another response receives it next.
        """
        indexes: list[int] = []
        while True:
            simulation = self.simulate(_by_position(indexes))
            indexes = indexes + [0] * (len(simulation.requests) - len(indexes))
            if simulation.error is None and simulation.is_complete:
                return simulation
            while indexes and indexes[-1] + 1 == len(simulation.requests[len(indexes) - 1].possible):
                indexes.pop()
            if not indexes:
                assert simulation.error
                raise simulation.error
            indexes[-1] += 1

    def always(self, base: Simulation, position: int, response: PossibleResponse) -> Simulation:
        """Run the command with this response at this position and to every later request of the same kind."""
        repeated = kind(base.requests[position])

        def choose(place: int, request: RecordedRequest) -> int:
            if place < position or kind(request) != repeated:
                return base.choose(place, request)
            return request.index_like(response)

        return self.simulate(choose, limit=position + 2 * REPEAT_LIMIT)

    def with_other(self, base: Simulation, position: int, response: PossibleResponse) -> Simulation:
        """Run the command with the responses of the base run, except for this response at this position.

        A later request receives the response that the base run gave to a request of its kind.
        """
        received = {kind(request): request.received for request in base.requests}

        def choose(place: int, request: RecordedRequest) -> int:
            if place < position:
                return base.choose(place, request)
            if place == position:
                return request.index_like(response)
            return min(received.get(kind(request), 0), len(request.possible) - 1)

        return self.simulate(choose)


def _by_position(indexes: list[int]) -> ChooseResponse:
    """Choose the response at each position by these indexes, and the first one at later positions."""
    return lambda position, _: indexes[position] if position < len(indexes) else 0
