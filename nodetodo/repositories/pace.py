"""Limits the capacity units that a command consumes per second."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..embedded.capacity import write_units
from ..embedded.values import item_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from .retries import Sleep

READ, WRITE = "read", "write"

PACED = {
    "scan": READ,
    "batch_get_item": READ,
    "put_item": WRITE,
    "batch_write_item": WRITE,
    "transact_write_items": WRITE,
}
"""The methods of a client whose requests are limited: those of export and import that read or write many items."""


PAUSE_SECONDS = 0.2
"""The longest sleep at once. A thread notices after it that its command was stopped."""


class Stopped(Exception):
    """The command of this thread was stopped."""


class Pauses:
    """Sleeps in several threads until they are stopped."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._is_stopped = False

    def stop(self) -> None:
        """End all pauses."""
        self._is_stopped = True

    def check(self) -> None:
        """Raise Stopped if the pauses were stopped."""
        if self._is_stopped:
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Sleep. Raises Stopped."""
        self.check()
        while seconds > 0:
            self._sleep(min(seconds, PAUSE_SECONDS))
            seconds -= PAUSE_SECONDS
            self.check()


class PacedClient:
    """Sends requests within a number of read units and of write units per second, on average. Threads may share it.

    Each request reserves one unit before it is sent. The next requests wait for the other units of its response.
    """

    def __init__(self, client: Client, units: int, sleep: Sleep, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._units, self._sleep, self._clock = client, units, sleep, clock
        self._lock = Lock()
        self._free_at = dict.fromkeys((READ, WRITE), clock())

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        return self._paced(member, PACED[name]) if name in PACED else member

    def _paced(self, send: Callable[..., Response], kind: str) -> Callable[..., Response]:
        def send_in_time(**request: Any) -> Response:
            seconds = self._reserve(kind)
            if seconds > 0:
                self._sleep(seconds)
            try:
                response = send(**request, ReturnConsumedCapacity="TOTAL")
            except self._client.exceptions.ConditionalCheckFailedException as failure:
                # A rejected write consumes units by the size of the existing item, and its response has no units.
                existing = item_size(failure.response.get("Item") or {})
                self._add(kind, write_units(existing, 0) - 1)
                raise
            consumed = response.get("ConsumedCapacity") or []
            parts = consumed if isinstance(consumed, list) else [consumed]
            self._add(kind, sum(part["CapacityUnits"] for part in parts) - 1)
            return response

        return send_in_time

    def _reserve(self, kind: str) -> float:
        """Reserve a unit, and return the seconds until it is free."""
        with self._lock:
            now = self._clock()
            start = max(self._free_at[kind], now)
            self._free_at[kind] = start + 1 / self._units
            return start - now

    def _add(self, kind: str, units: float) -> None:
        with self._lock:
            self._free_at[kind] += units / self._units
