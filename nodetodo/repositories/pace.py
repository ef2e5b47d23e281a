"""Limits the capacity units that a command consumes per second."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from .retries import Sleep

PACED = ("scan", "put_item", "batch_write_item", "transact_write_items")
"""The methods of a client whose requests are limited: those of export and import that read or write many items."""


class PacedClient:
    """Sends requests within a number of capacity units per second, on average. Threads may share it.

    Each request reserves one unit before it is sent. The next requests wait for the other units of its response.
    """

    def __init__(self, client: Client, units: int, sleep: Sleep, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._units, self._sleep, self._clock = client, units, sleep, clock
        self._lock = Lock()
        self._free_at = clock()

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        return self._paced(member) if name in PACED else member

    def _paced(self, send: Callable[..., Response]) -> Callable[..., Response]:
        def send_in_time(**request: Any) -> Response:
            seconds = self._reserve()
            if seconds > 0:
                self._sleep(seconds)
            response = send(**request, ReturnConsumedCapacity="TOTAL")
            consumed = response.get("ConsumedCapacity") or []
            parts = consumed if isinstance(consumed, list) else [consumed]
            self._add(sum(part["CapacityUnits"] for part in parts) - 1)
            return response

        return send_in_time

    def _reserve(self) -> float:
        """Reserve a unit, and return the seconds until it is free."""
        with self._lock:
            now = self._clock()
            start = max(self._free_at, now)
            self._free_at = start + 1 / self._units
            return start - now

    def _add(self, units: float) -> None:
        with self._lock:
            self._free_at += units / self._units
