"""The entries of the request log, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..explain import requests, units
from ..output.text import printable, shortened

if TYPE_CHECKING:
    from datetime import datetime

    from ..explain.meter import Place

OPERATION_WIDTH = 18
"""Columns of an operation, for the longest usual one, TransactWriteItems."""

TEXT_WIDTH = 160
"""Columns of a key or a filter. Longer ones are cut."""


class Entry:
    """One request in the log.

    key: the key or the key condition, "SCAN", or what else the operation reads or writes. scanned, count: the evaluated
    and the returned items of a Query or a Scan. error: the code of the error response. shape: the key condition and the
    filter without values.
    """

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.tables: list[str] = []
        self.index: str | None = None
        self.shape = requests.Texts("", "")
        self.key = self.filter = self.error = self.note = ""
        self.scanned: int | None = None
        self.count: int | None = None
        self.units: list[tuple[Place, float]] = []
        self.seconds: float | None = None


def as_text(entry: Entry, now: datetime) -> str:
    """Return the line of a request."""
    what = _shown(entry.key)
    if entry.filter:
        what += f"; filter {_shown(entry.filter)}"
    if entry.scanned is not None and entry.count is not None:
        items = "items" if entry.scanned == entry.count else f"of {entry.scanned:,} items"
        what += f": {entry.count:,} {items}" if entry.scanned != 1 or entry.count != 1 else ": 1 item"
    where = ", ".join(entry.tables) + (f"/{entry.index}" if entry.index else "")
    error = ": ".join(filter(None, (entry.error, printable(entry.note))))
    duration = "" if entry.seconds is None else f"{entry.seconds * 1000:.1f} ms"
    columns = (where, what, _units(entry.units), error, duration)
    time_of_day = now.strftime("%H:%M:%S.") + f"{now.microsecond // 1000:03}"
    return "  ".join([time_of_day, f"{entry.operation:<{OPERATION_WIDTH}}", *filter(None, columns)])


def _shown(text: str) -> str:
    return shortened(printable(" ".join(text.split())), TEXT_WIDTH)


def _units(consumed: list[tuple[Place, float]]) -> str:
    parts = [
        f"{units.shown(number)} {place.kind}" + (f" on {place.on_index or place.table}" if len(consumed) > 1 else "")
        for place, number in consumed
    ]
    return ", ".join(parts)


def as_json(entry: Entry, now: datetime) -> dict[str, Any]:
    """Return the object of a request."""
    return {
        "time": now.isoformat(timespec="milliseconds"),
        "operation": entry.operation,
        "tables": entry.tables,
        "index": entry.index,
        "key": entry.key or None,
        "filter": entry.filter or None,
        "scanned": entry.scanned,
        "returned": entry.count,
        "units": [
            {"kind": place.kind, "table": place.table, "index": place.on_index, "units": number}
            for place, number in entry.units
        ],
        "milliseconds": None if entry.seconds is None else round(entry.seconds * 1000, 3),
        "error": entry.error or None,
        "note": entry.note or None,
    }
