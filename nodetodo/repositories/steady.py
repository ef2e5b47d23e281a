"""Trying again: what is refused only for the moment is sent again after growing, random pauses, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..client import Answer, Client
from ..errors import TooBusy

ATTEMPTS = 8
"""The pauses before attempts 2 to 8 add up to some 6 seconds at most, half of it on average."""

COLLISIONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Reasons for which a cancelled transaction may succeed a moment later (TransactWriteItems, API reference)."""

Sleep = Callable[[float], None]


def attempts(sleep: Sleep) -> Iterator[int]:
    """Count from 1 to ATTEMPTS, and sleep before each but the first: exponential back-off with full jitter.

    "Error retries and exponential backoff in AWS", general reference.
    """
    yield 1
    import random  # here, because it is slow to import and nearly never needed

    for attempt in range(2, ATTEMPTS + 1):
        sleep(random.uniform(0, min(2.0, 0.05 * 2 ** (attempt - 1))))
        yield attempt


class Writer:
    """Sends a write, again while it only collides with a transaction of somebody else's.

    The client does not do that by itself. Raises TooBusy, and whatever else the client raises.
    """

    def __init__(self, client: Client, sleep: Sleep) -> None:
        self._client, self._sleep = client, sleep

    def __call__(self, send: Callable[..., Answer], **request: Any) -> Answer:
        for _ in attempts(self._sleep):
            try:
                return send(**request)
            except self._client.exceptions.TransactionConflictException:
                continue
            except self._client.exceptions.TransactionCanceledException as cancelled:
                codes = {reason.get("Code", "None") for reason in cancelled.response["CancellationReasons"]}
                if not codes <= COLLISIONS | {"None"}:
                    raise
        raise TooBusy("others are writing to the same items all the time; nothing was changed, try again")


def was_retried(answer: Answer) -> bool:
    """Whether the request was sent more than once, so that an earlier attempt of ours may have been carried out."""
    return bool(answer.get("ResponseMetadata", {}).get("RetryAttempts"))
