"""Trying again: what is refused only for the moment is sent again after growing, random pauses, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..client import Answer

ATTEMPTS = 8
"""The pauses before attempts 2 to 8 add up to some 6 seconds at most, half of it on average."""

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


def was_retried(answer: Answer) -> bool:
    """Whether the request was sent more than once, so that an earlier attempt of ours may have been carried out."""
    return bool(answer.get("ResponseMetadata", {}).get("RetryAttempts"))
