"""Runs a command on a client that records its requests and returns simulated responses. Nothing is opened or sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded.errors import EXCEPTIONS, ApiError, client_error
from ..engines.interface import OPERATIONS
from ..errors import NodetodoError, WrongUsage
from .requests import table_name
from .responses import Responses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engines.interface import Response
    from ..model import Task, TidEnding, User
    from ..repositories.items import Item
    from .outcomes import PossibleResponse
    from .requests import Parameters, Table

Kind = tuple[Any, ...]

REPEAT_LIMIT = 50
"""Requests of one kind in a run, at most. Only a loop over full pages or an endless loop needs more."""

RANDOM_PARAMETERS = {"ClientRequestToken"}

LOOP_PARAMETERS = {"Limit", "ExclusiveStartKey", *RANDOM_PARAMETERS}
"""Parameters that may change when a request is repeated."""


class RecordedRequest(NamedTuple):
    """A request that a command sent to the simulated client.

    possible: its possible responses. received: the index of the one that it received. is_paused: the command slept
    before the request. examples: names of parameters with values from earlier responses.
    """

    operation: str
    parameters: Parameters
    possible: list[PossibleResponse]
    received: int
    is_paused: bool
    examples: list[str]

    @property
    def kind(self) -> Kind:
        """The properties that a request and its repeats share: all but values and LOOP_PARAMETERS."""
        return _kind(self.operation, self.parameters)


def _kind(operation: str, parameters: Parameters) -> Kind:
    fixed = [
        value
        for name, value in parameters.items()
        if name.endswith(("Expression", "Name", "ConsistentRead")) or name == "Segment"
    ]
    if "BackupArn" in parameters:
        fixed.append(table_name(parameters))
    # A batch has the names of its tables as the keys of RequestItems.
    batches = parameters.get("RequestItems", ())
    # Each kind of action once, because a transaction may be repeated without the actions that failed.
    actions = dict.fromkeys(
        f"{name} {content['TableName']}"
        for action in parameters.get("TransactItems", [])
        for name, content in action.items()
    )
    return operation, *sorted(parameters.keys() - LOOP_PARAMETERS), *fixed, *batches, *actions


class CommandResult(NamedTuple):
    """The result of a run. row_limit: the rows of a list, None for all. questions: the confirmations requested.

    changes: the number of settings of tables that were changed; None for another command than table-edit.
    """

    message: str
    row_limit: int | None
    questions: list[str]
    changes: int | None = None


class RequestLimitReached(BaseException):
    """The run has sent its maximum number of requests. Not an Exception, so that no command handles it."""


class SimulatedClient:
    """Returns one of its possible responses for each request.

    first: the indexes of the responses to the first requests. later: those to later requests, by kind; default: 0.
    seed, endings: see ExampleItems.
    """

    exceptions = EXCEPTIONS

    def __init__(
        self,
        tables: dict[str, Table],
        first: list[int],
        later: dict[Kind, int],
        seed: int = 0,
        endings: Sequence[TidEnding] = (),
    ) -> None:
        self._responses = Responses(tables, seed, endings)
        self._first, self._later = first, later
        self._sent: Counter[Kind] = Counter()
        self._is_paused = False
        self.requests: list[RecordedRequest] = []

    def __getattr__(self, name: str) -> Callable[..., Response]:
        if name not in OPERATIONS:
            raise AttributeError(f"a simulated client has no operation {name}")

        def send(**parameters: Any) -> Response:
            return self._send(OPERATIONS[name], parameters)

        return send

    def _send(self, operation: str, parameters: Parameters) -> Response:
        kind, place = _kind(operation, parameters), len(self.requests)
        if self._sent[kind] == REPEAT_LIMIT:
            raise RequestLimitReached
        self._sent[kind] += 1
        possible = self._responses.of(operation, parameters)
        wanted = self._first[place] if place < len(self._first) else self._later.get(kind, 0)
        received = min(wanted, len(possible) - 1)
        self.requests.append(RecordedRequest(operation, parameters, possible, received, self._is_paused, []))
        self._is_paused = False
        self._responses.apply(operation, parameters, possible[received])
        response = possible[received].response
        if isinstance(response, ApiError):
            raise client_error(response, operation)
        return response | {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}

    def examples(self, of: type[User] | type[Task], number: int) -> list[Item]:
        """Return example items with different keys, for a command that writes the items of a file."""
        return self._responses.examples(of, number)

    def name_backup(self, name: str) -> None:
        """Set the name of the backup that exists."""
        self._responses.name_backup(name)

    def sleep(self, _seconds: float) -> None:
        """Record a pause before the next request, without sleeping."""
        self._is_paused = True

    def close(self) -> None:
        """Do nothing."""


RunCommand = Callable[[SimulatedClient], CommandResult]
"""Executes the command on a client."""


class Simulation(NamedTuple):
    """One run of the command. message: … replaces words that come from responses. is_complete: the run has ended."""

    requests: list[RecordedRequest]
    result: CommandResult
    error: NodetodoError | None
    message: str
    is_complete: bool

    def received(self, position: int) -> list[int]:
        """Return the indexes of the responses to the requests before this position."""
        return [request.received for request in self.requests[:position]]

    def by_kind(self) -> dict[Kind, int]:
        """Return the index of the last response to each kind of request."""
        return {request.kind: request.received for request in self.requests}


class Simulator:
    """Runs one command with different responses. endings: the ends of tids on its command line."""

    def __init__(self, run: RunCommand, tables: dict[str, Table], endings: Sequence[TidEnding] = ()) -> None:
        self._run, self._tables, self._endings = run, tables, endings

    def simulate(self, first: list[int], later: dict[Kind, int]) -> Simulation:
        """Run the command with these responses, see SimulatedClient. Raises WrongUsage if the command does.

        A second run with other values in the responses finds the parameters and words that come from responses.
        """
        one, two = (self._simulate_once(first, later, seed) for seed in (0, 1))
        requests = list(one.requests)
        for place, (request, other) in enumerate(zip(one.requests, two.requests, strict=False)):
            names = request.parameters.keys() - RANDOM_PARAMETERS
            examples = [name for name in request.parameters if name in names and _differ(request, other, name)]
            requests[place] = request._replace(examples=examples)
        words = zip(one.message.split(), two.message.split(), strict=False)
        return one._replace(requests=requests, message=" ".join(word if word == w else "…" for word, w in words))

    def _simulate_once(self, first: list[int], later: dict[Kind, int], seed: int) -> Simulation:
        client = SimulatedClient(self._tables, first, later, seed, self._endings)
        result, error, is_complete = CommandResult("", None, []), None, True
        try:
            result = self._run(client)
        except WrongUsage:
            raise
        except NodetodoError as failure:
            error = failure
        except RequestLimitReached:
            is_complete = False
        return Simulation(client.requests, result, error, str(error or result.message), is_complete)

    def usual(self) -> Simulation:
        """Return the usual run: the first one in which the command succeeds.

        For table-edit, return the run that changes the most settings, because a setting usually differs from its new
        value. Raises the command's error if the command always fails.
        """
        usual = self._first_success()
        if usual.result.changes is None:
            return usual
        position = 0
        while position < len(usual.requests):
            for response in range(len(usual.requests[position].possible)):
                # always, because later descriptions of the table have the same settings
                other = self.with_other(usual, position, response, always=True)
                if (
                    other.error is None
                    and other.is_complete
                    and (other.result.changes or 0) > (usual.result.changes or 0)
                ):
                    usual = other
            position += 1
        return usual

    def _first_success(self) -> Simulation:
        """Return the first run in which the command succeeds, with the likeliest responses first.

        This is a depth-first search over the responses: the last request that has another response receives it next.
        """
        indexes: list[int] = []
        while True:
            simulation = self.simulate(indexes, {})
            if simulation.error is None and simulation.is_complete:
                return simulation
            indexes = simulation.received(len(simulation.requests))
            while indexes and indexes[-1] + 1 == len(simulation.requests[len(indexes) - 1].possible):
                indexes.pop()
            if not indexes:
                assert simulation.error
                raise simulation.error
            indexes[-1] += 1

    def with_other(self, base: Simulation, position: int, response: int, *, always: bool = False) -> Simulation:
        """Run the command with the responses of the base run, except for this response at this position.

        always: every later request of its kind receives this response too.
        """
        repeated = {base.requests[position].kind: response} if always else {}
        return self.simulate([*base.received(position), response], base.by_kind() | repeated)


def _differ(one: RecordedRequest, two: RecordedRequest, name: str) -> bool:
    return bool(one.parameters[name] != two.parameters.get(name))


def usual_requests(
    run: RunCommand, tables: dict[str, Table], endings: Sequence[TidEnding] = ()
) -> list[tuple[str, Parameters]]:
    """Return the operation and parameters of each step in the usual run. Repeats are left out."""
    requests = Simulator(run, tables, endings).usual().requests
    first = [next(group) for _, group in groupby(requests, key=lambda request: request.kind)]
    return [(request.operation, request.parameters) for request in first]
