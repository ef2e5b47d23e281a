"""Retries transient failures with exponential backoff and full jitter, at most 8 attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RetriesExhausted

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..engines.interface import Client, Response
    from .items import Item

    Sleep = Callable[[float], None]

ATTEMPTS = 8

COLLISION_SECONDS = 0.1, 2.0
"""The maximum of the first pause, and the maximum of every pause: 7 pauses of at most 7.1 seconds in total."""

THROTTLED_SECONDS = 1.0, 20.0
"""The same for throttled requests: 7 pauses of at most 71 seconds in total."""

THROTTLING_REASONS = {"ThrottlingError", "ProvisionedThroughputExceeded"}
TRANSIENT_REASONS = THROTTLING_REASONS | {"TransactionConflict"}
"""Codes of cancellation reasons after which a retry may succeed (TransactWriteItems, API reference)."""


class RetryingWriter:
    """Sends writes and retries transient failures that the client itself does not retry."""

    def __init__(self, client: Client, sleep: Sleep) -> None:
        self._client, self._sleep = client, sleep

    def write(self, send: Callable[..., Response], **request: Any) -> Response:
        """Send a write. Retries transaction conflicts, and throttling of a transaction.

        Raises RetriesExhausted if the conflicts continue, and every other exception of the client.
        """
        for attempt in range(1, ATTEMPTS + 1):
            seconds = COLLISION_SECONDS
            try:
                return send(**request)
            except self._client.exceptions.TransactionConflictException:
                pass
            except self._client.exceptions.TransactionCanceledException as cancelled:
                codes = {reason.get("Code", "None") for reason in cancelled.response["CancellationReasons"]} - {"None"}
                is_throttled = bool(codes & THROTTLING_REASONS)
                if not codes <= TRANSIENT_REASONS or (is_throttled and attempt == ATTEMPTS):
                    raise
                if is_throttled:
                    seconds = THROTTLED_SECONDS
            self._pause(attempt, seconds)
        raise RetriesExhausted(
            f"other processes write to the same items, and {ATTEMPTS} attempts failed; nothing was changed, try again"
        )

    def delete(self, table: str, keys: list[Item]) -> int:
        """Delete a batch of items. Retries unprocessed deletes, and returns how many remain unprocessed."""
        return self._batch(table, [{"DeleteRequest": {"Key": key}} for key in keys], COLLISION_SECONDS)

    def put(self, table: str, items: list[Item]) -> int:
        """Put a batch of items. Retries unprocessed puts, and returns how many remain unprocessed."""
        return self._batch(table, [{"PutRequest": {"Item": item}} for item in items], THROTTLED_SECONDS)

    def _batch(self, table: str, requests: list[dict[str, Any]], seconds: tuple[float, float]) -> int:
        unprocessed = {table: requests}
        for attempt in range(1, ATTEMPTS + 1):
            unprocessed = self._client.batch_write_item(RequestItems=unprocessed).get("UnprocessedItems") or {}
            if not unprocessed:
                return 0
            self._pause(attempt, seconds)
        return len(unprocessed[table])

    def get(self, table: str, keys: list[Item]) -> list[Item]:
        """Return the existing items of a batch of keys, strongly consistent. Retries unprocessed keys.

        Raises RetriesExhausted.
        """
        found: list[Item] = []
        requests = {table: {"Keys": keys, "ConsistentRead": True}}
        for attempt in range(1, ATTEMPTS + 1):
            response = self._client.batch_get_item(RequestItems=requests)
            read = response["Responses"].get(table, [])
            found += read
            requests = response.get("UnprocessedKeys") or {}
            if not requests:
                return found
            if not read:  # more than 16 MB leave keys unprocessed too, and then no pause is needed
                self._pause(attempt, THROTTLED_SECONDS)
        raise RetriesExhausted(f"DynamoDB processes no more reads of {table} at the moment; repeat the command")

    def _pause(self, attempt: int, seconds: tuple[float, float]) -> None:
        """Sleep after an attempt, counted from 1, except after the last one.

        Exponential backoff with full jitter ("Error retries and exponential backoff in AWS", general reference).
        """
        if attempt < ATTEMPTS:
            import random  # here, because it is slow to import and rarely needed

            first, longest = seconds
            self._sleep(random.uniform(0, min(longest, first * 2 ** (attempt - 1))))


def may_have_been_applied(response: Response) -> bool:
    """Return whether an earlier attempt at the same request may have been applied while its response was lost.

    engines.aws_requests counts lost responses. The embedded engine runs in this process and loses none.
    """
    return bool(response["ResponseMetadata"].get("LostResponses"))
