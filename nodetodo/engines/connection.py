"""A client that connects on first use; some commands never connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import targets
from .interface import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..environment import Environment
    from ..errors import NodetodoError
    from .interface import Client, Engine, Response, Target


class Connection:
    """The client of a target, which connects when its first operation is called."""

    def __init__(self, target: Target, environment: Environment) -> None:
        self._target, self._environment = target, environment
        self._engine: Engine | None = None
        self._client: Client | None = None
        self._error: Exception | None = None
        self._last: Request | None = None
        self._failed: list[tuple[Exception, Request]] = []

    def __getattr__(self, name: str) -> Any:
        if self._client is None:
            self._client = self._connect()
        member = getattr(self._client, name)
        return member if name in ("exceptions", "meta") else self._with_request(name, member)

    def _with_request(self, name: str, send: Callable[..., Response]) -> Callable[..., Response]:
        """Return a method that sends requests and keeps each failed one, for its error message."""

        def send_and_keep(**parameters: Any) -> Response:
            request = self._last = Request(name, parameters)
            try:
                return send(**parameters)
            except Exception as error:
                self._failed.append((error, request))
                raise

        return send_and_keep

    def _connect(self) -> Client:
        # An `except client.exceptions.X` clause gets here again after a failure, and connecting may take seconds.
        if self._error is not None:
            raise self._error
        self._engine = targets.engine_of(self._target)
        try:
            if self._environment.connect is not None:
                client: Client = self._environment.connect(self._target)
                return client
            return self._engine.connect(self._target, self._environment)
        except Exception as error:
            self._error = error
            raise

    def close(self) -> None:
        """Close the client if it is open."""
        if self._client is not None:
            self._client.close()

    def failure(self, error: Exception) -> NodetodoError | None:
        """Return the error message for an exception that the engine raised; None for any other exception."""
        request = next((request for failed, request in self._failed if failed is error), self._last)
        return None if self._engine is None else self._engine.failure(error, self._target, request)
