"""Trying again: what is refused only for the moment is sent again after growing, random pauses, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import TooBusy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..engines.interface import Client, Response

    Sleep = Callable[[float], None]

ATTEMPTS = 8

COLLISION_SECONDS = 0.1, 2.0
THROTTLED_SECONDS = 1.0, 20.0
"""The longest first pause and the longest of all: 7 pauses of 8 seconds together at most, or of 71, half on average."""

THROTTLED = {"ThrottlingError", "ProvisionedThroughputExceeded"}
WORTH_ANOTHER_TRY = THROTTLED | {"TransactionConflict"}
"""Reasons for which a cancelled transaction may succeed a moment later (TransactWriteItems, API reference)."""


def pause(sleep: Sleep, attempt: int, seconds: tuple[float, float]) -> None:
    """Sleep after an attempt, counted from 1, unless it was the last: exponential back-off with full jitter.

    "Error retries and exponential backoff in AWS", general reference.
    """
    if attempt < ATTEMPTS:
        import random  # here, because it is slow to import and nearly never needed

        first, longest = seconds
        sleep(random.uniform(0, min(longest, first * 2 ** (attempt - 1))))


class Writer:
    """Sends a write, again while it only collides with a transaction of somebody else's, or a transaction is throttled.

    The client does neither by itself. Raises TooBusy, and whatever else the client raises.
    """

    def __init__(self, client: Client, sleep: Sleep) -> None:
        self._client, self._sleep = client, sleep

    def __call__(self, send: Callable[..., Response], **request: Any) -> Response:
        for attempt in range(1, ATTEMPTS + 1):
            seconds = COLLISION_SECONDS
            try:
                return send(**request)
            except self._client.exceptions.TransactionConflictException:
                pass
            except self._client.exceptions.TransactionCanceledException as cancelled:
                codes = {reason.get("Code", "None") for reason in cancelled.response["CancellationReasons"]} - {"None"}
                is_throttled = bool(codes & THROTTLED)
                if not codes <= WORTH_ANOTHER_TRY or (is_throttled and attempt == ATTEMPTS):
                    raise
                if is_throttled:
                    seconds = THROTTLED_SECONDS
            pause(self._sleep, attempt, seconds)
        raise TooBusy("others are writing to the same items all the time; nothing was changed, try again")


def may_be_ours(response: Response) -> bool:
    """Whether an earlier attempt at the same request may have been carried out, and only its response was lost.

    remote counts these attempts; an engine in this process loses no answers.
    """
    return bool(response["ResponseMetadata"].get("LostAnswers"))
