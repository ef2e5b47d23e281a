"""A client that records requests and returns simulated responses. Nothing is opened, read or written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded.errors import EXCEPTIONS, ApiError, client_error
from .requests import OPERATIONS
from .responses import PossibleResponse, Responses

if TYPE_CHECKING:
    from ..engines.interface import Response
    from .requests import Parameters, Table


class RecordedRequest(NamedTuple):
    """A request that a command sent to the simulated client.

    possible: its possible responses. received: the index of the one that it received. pause: the seconds that the
    command slept before the request, None if it did not sleep.
    """

    operation: str
    parameters: Parameters
    possible: list[PossibleResponse]
    received: int
    pause: float | None = None

    def index_like(self, response: PossibleResponse) -> int:
        """Return the index of the possible response with the same outcome. Raises ValueError if none has it."""
        return [possible.is_like(response) for possible in self.possible].index(True)


ChooseResponse = Callable[[int, RecordedRequest], int]
"""Receives the position of a request in the run, and the request. Returns the index of the response to give it."""


class RequestLimitReached(BaseException):
    """The run has sent its maximum number of requests. Not an Exception, so that no command handles it."""


class SimulatedClient:
    """Gives each request one of its possible responses, chosen by a function. seed: 0 or 1, see ExampleItems."""

    exceptions = EXCEPTIONS

    def __init__(self, tables: dict[str, Table], choose: ChooseResponse, *, limit: int, seed: int = 0) -> None:
        self._choose, self._limit = choose, limit
        self._responses = Responses(tables, seed)
        self._pause: float | None = None
        self.requests: list[RecordedRequest] = []

    def __getattr__(self, name: str) -> Callable[..., Response]:
        if name not in OPERATIONS:
            raise AttributeError(f"a simulated client has no operation {name}")

        def send(**parameters: Any) -> Response:
            return self._send(OPERATIONS[name], parameters)

        return send

    def _send(self, operation: str, parameters: Parameters) -> Response:
        if len(self.requests) == self._limit:
            raise RequestLimitReached
        possible = self._responses.of(operation, parameters)
        request = RecordedRequest(operation, parameters, possible, 0, self._pause)
        self._pause = None
        received = self._choose(len(self.requests), request)
        self.requests.append(request._replace(received=received))
        response = possible[received].response
        if isinstance(response, ApiError):
            raise client_error(response, operation)
        return response | {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}

    def sleep(self, seconds: float) -> None:
        """Record a pause before the next request, without sleeping."""
        self._pause = seconds

    def close(self) -> None:
        """Do nothing."""
