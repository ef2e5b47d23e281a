"""Injects faults between the program and a real engine, at the interface Client."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from nodetodo import embedded

API_ERRORS = (ClientError, embedded.ClientError)
"""The exceptions of all engines for an error response."""


class Faulty:
    """A client that calls fault(send, request) instead of send(**request) for each operation named in `faults`.

    sent: the name and the request of every call.
    """

    def __init__(self, client: Any, **faults: Callable[..., Any]) -> None:
        self._client, self._faults = client, faults
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        send = getattr(self._client, name)
        if name in ("exceptions", "close", "meta"):
            return send

        def operation(**request: Any) -> Any:
            self.sent.append((name, request))
            fault = self._faults.get(name)
            return fault(send, request) if fault else send(**request)

        return operation


def response_lost_and_retried(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """Send the request twice and report that the first response was lost, as the client of a server does."""
    with suppress(*API_ERRORS):
        send(**request)
    try:
        response = send(**request)
    except API_ERRORS as error:
        error.response["ResponseMetadata"]["LostResponses"] = 1
        raise
    response["ResponseMetadata"]["LostResponses"] = 1
    return response


def response_lost(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """Apply the request and raise a time-out."""
    send(**request)
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1:1/")


def first(times: int, fault: Callable[..., Any]) -> Callable[..., Any]:
    """Return the fault for the first calls, and no fault afterwards."""
    left = [times]

    def passing(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        left[0] -= 1
        return fault(send, request) if left[0] >= 0 else send(**request)

    return passing


def failing(client: Any, code: str, **response: Any) -> Callable[..., Any]:
    """Return a fault that raises this error code. response: further members of the error response."""

    def fail(_send: Callable[..., Any], _request: dict[str, Any]) -> Any:
        kind = getattr(client.exceptions, code, ClientError)
        error = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"RetryAttempts": 0}}
        raise kind(error | response, "Operation")

    return fail


def cancelled(client: Any, *codes: str) -> Callable[..., Any]:
    """Return a fault that cancels a transaction. codes: one cancellation reason for each action."""
    return failing(client, "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])
