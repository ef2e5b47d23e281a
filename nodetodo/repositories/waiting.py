"""Waits for changes of tables, indexes and backups. Every wait has an end and says what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RetriesExhausted

if TYPE_CHECKING:
    from collections.abc import Callable

    from .retries import Sleep

POLL_SECONDS = 1.0
POLLS = 900
"""Fifteen minutes. The backfill of an index over many items can take longer, and continues without this program."""


def poll(reason_to_wait: Callable[[], str | None], sleep: Sleep, wait: Callable[[str], object], command: str) -> None:
    """Wait until a function returns None instead of the reason to wait. Raises RetriesExhausted.

    wait: receives, about once a second, what this waits for. command: continues to wait after the error.
    """
    reason = None
    for _ in range(POLLS):
        reason = reason_to_wait()
        if reason is None:
            return
        wait(reason)
        sleep(POLL_SECONDS)
    raise gave_up(reason, f"{command} continues to wait")


def gave_up(reason: str | None, remedy: str) -> RetriesExhausted:
    """Return the error for the end of a wait. reason: what it waited for. remedy: what the user can do."""
    return RetriesExhausted(f"{reason} after {POLLS * POLL_SECONDS / 60:.0f} minutes; {remedy}")
