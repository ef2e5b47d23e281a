"""Selects the database: from --db and variables to a target, from a target to its engine and a connection."""

from __future__ import annotations

from _thread import allocate_lock
from typing import TYPE_CHECKING, Any

from ..errors import WrongUsage
from ..model import TABLE_PREFIX, is_table_prefix
from .interface import Request, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..environment import Environment
    from ..errors import NodetodoError
    from .interface import Client, Engine, Response


def choose(given: str | None, variables: Mapping[str, str]) -> Target:
    """Return the target of --db, else of NODETODO_DB, else of AWS_ENDPOINT_URL_DYNAMODB, else local.

    AWS credentials never select a target. Raises WrongUsage if the value is not a target.
    """
    if given is not None:
        return _target("--db", given)
    for name in ("NODETODO_DB", "AWS_ENDPOINT_URL_DYNAMODB"):
        value = variables.get(name)
        if value:
            return _target(name, value)
    return Target("local")


def _target(origin: str, value: str) -> Target:
    if value in ("local", "aws"):
        return Target(value)
    if value.startswith("local:") and value != "local:":
        return Target(value, path=value.removeprefix("local:"))
    if "@" in value:
        # The value is not repeated, because it may contain a password. botocore would put it into error messages.
        raise WrongUsage(f"{origin} contains user information (before @), which no endpoint has; remove it")
    if value.startswith(("http://", "https://")):
        return _endpoint(origin, value)
    raise WrongUsage(
        f"{origin} is {value!r}; it takes local, local:<file>, aws, or a URL such as http://localhost:8000"
    )


def _endpoint(origin: str, value: str) -> Target:
    from urllib.parse import urlsplit

    if "?" in value or "#" in value:  # not repeated either: a query may contain a token
        raise WrongUsage(f"{origin} is a URL with a query or fragment (after ? or #), which no endpoint has; remove it")
    try:
        url = urlsplit(value)
        if url.hostname and url.port != 0:
            return Target(value, endpoint=value)
    except ValueError:  # a port that is not a number or beyond 65535, a broken IPv6 address
        pass
    raise WrongUsage(f"{origin} is {value!r}, which is not the URL of a server; a valid one is http://localhost:8000")


def engine_of(target: Target) -> Engine:
    """Return the engine of a target. Only this engine is imported: the AWS SDK takes longer than a local command."""
    if target.is_local:
        from . import local

        return local
    from . import aws

    return aws


def table_prefix(variables: Mapping[str, str]) -> str:
    """Return NODETODO_TABLE_PREFIX, which lets several developers share an account; default: `todo-`.

    Raises WrongUsage if no table name can begin with it.
    """
    prefix = variables.get("NODETODO_TABLE_PREFIX") or TABLE_PREFIX
    if not is_table_prefix(prefix):
        raise WrongUsage(
            f"NODETODO_TABLE_PREFIX is {prefix!r}; a table name has at most 255 characters of a-z A-Z 0-9 _ - ."
        )
    return prefix


class Connection:
    """The client of a target, which connects when its first operation is called; some commands never connect.

    repair: is called with a failed request and its exception, and returns whether the request should be sent again.
    Default: None, never.
    """

    def __init__(self, target: Target, environment: Environment) -> None:
        self._target, self._environment = target, environment
        self.repair: Callable[[Request, Exception], bool] | None = None
        self._engine: Engine | None = None
        self._client: Client | None = None
        self._error: Exception | None = None
        self._last: Request | None = None
        self._connecting = allocate_lock()  # export and import send requests in threads

    def __getattr__(self, name: str) -> Any:
        with self._connecting:
            if self._client is None:
                self._client = self._connect()
        member = getattr(self._client, name)
        return member if name in ("exceptions", "meta") else self._with_request(name, member)

    def _with_request(self, name: str, send: Callable[..., Response]) -> Callable[..., Response]:
        """Return a method that sends requests and adds each failed one to its exception, for the error message."""

        def send_and_keep(**parameters: Any) -> Response:
            request = self._last = Request(name, parameters)
            try:
                return send(**parameters)
            except Exception as error:
                error.failed_request = request  # type: ignore[attr-defined]
                if self.repair is None or not self.repair(request, error):
                    raise
            return send(**parameters)

        return send_and_keep

    def _connect(self) -> Client:
        # An `except client.exceptions.X` clause gets here again after a failure, and connecting may take seconds.
        if self._error is not None:
            raise self._error
        try:
            return self.open()
        except Exception as error:
            self._error = error
            raise

    def open(self) -> Client:
        """Return another client of the target, which creates no tables. The caller closes it."""
        self._engine = engine_of(self._target)
        if self._environment.connect is not None:
            client: Client = self._environment.connect(self._target)
            return client
        return self._engine.connect(self._target, self._environment)

    def close(self) -> None:
        """Close the client if it is open."""
        if self._client is not None:
            self._client.close()

    def failure(self, error: Exception) -> NodetodoError | None:
        """Return the error message for an exception that the engine raised; None for any other exception."""
        return None if self._engine is None else self._engine.failure(error, self._target, self.request_of(error))

    def request_of(self, error: Exception) -> Request | None:
        """Return the request that raised an exception; the last request if no request is known to have raised it."""
        return getattr(error, "failed_request", self._last)
