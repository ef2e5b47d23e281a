"""Clients with faults, put between the program and a real engine at the one seam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from nodetodo import embedded

REFUSALS = (ClientError, embedded.ClientError)
"""What engines raise for an answer that is an error."""


class Faulty:
    """A client whose operations named in `faults` behave otherwise: fault(send, request) instead of send(**request)."""

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


def answer_lost_and_sent_again(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """What a client does when its first answer is lost: the very same request once more, and it says so."""
    send(**request)
    try:
        answer = send(**request)
    except REFUSALS as error:
        error.response["ResponseMetadata"]["RetryAttempts"] = 1
        raise
    answer["ResponseMetadata"]["RetryAttempts"] = 1
    return answer


def answer_lost_for_good(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """Carried out, and never heard of again."""
    send(**request)
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1:1/")


def first(times: int, fault: Callable[..., Any]) -> Callable[..., Any]:
    """The fault the first times, and then what is right."""
    left = [times]

    def passing(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        left[0] -= 1
        return fault(send, request) if left[0] >= 0 else send(**request)

    return passing


def failing(client: Any, code: str, **response: Any) -> Callable[..., Any]:
    """An operation that is refused with this error code; response holds what else the answer has."""

    def fail(_send: Callable[..., Any], _request: dict[str, Any]) -> Any:
        kind = getattr(client.exceptions, code, ClientError)
        error = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"RetryAttempts": 0}}
        raise kind(error | response, "Operation")

    return fail


def cancelled(client: Any, *codes: str) -> Callable[..., Any]:
    """A transaction cancelled for these reasons, one per action."""
    return failing(client, "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])
