"""The SQL statements that read and write streams and their records.

A stream stays after its table was deleted or the stream disabled, until all its records have been removed. All records
of a file are in one sequence, in the order of the commits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..errors import DamagedDataError
from ..limits import RECORD_SECONDS
from .codecs import decode_item, encode_item, from_json, to_json
from .file import UPGRADE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Cursor

    from ..schema import Attributes
    from ..values import Item

EVENTS = ("INSERT", "MODIFY", "REMOVE")

_STREAM = "SELECT stream, name, label, view, key, created, first, ended, last, trimmed FROM streams "
_RECORD = (
    "SELECT sequence, written, event, expired, keys, old, new FROM records "
    "WHERE stream = ? AND sequence >= ? ORDER BY sequence LIMIT ?"
)


LATEST_TIME = 253_402_300_799.0  # the last second of the year 9999


def _is_time(value: Any) -> bool:
    """Return whether a stored value is a time in seconds since 1970 that the engine can have written."""
    return type(value) is float and 0 <= value <= LATEST_TIME


def _checked_time(value: Any) -> float:
    """Return a stored time. Raises DamagedDataError if it is not one."""
    if not _is_time(value):
        raise DamagedDataError("the time of a stream record cannot be decoded")
    return value  # type: ignore[no-any-return]


class StoredStream:
    """A stream. key: the attributes of its table's key. created: seconds since 1970.

    first: the lowest possible sequence number. ended: seconds since 1970, and last: the highest possible sequence
    number; both None while the stream is enabled. trimmed: the highest sequence number of its removed records; 0 if
    none was removed.
    """

    def __init__(self, row: tuple[Any, ...]) -> None:
        """Take a row of _STREAM. Raises DamagedDataError if it is not one."""
        self.number, self.name, self.label, self.view, key, self.created, self.first, *end = row
        self.ended, self.last, self.trimmed = end
        try:
            self.key: Attributes = tuple((name, kind) for name, kind in from_json(key))
        except (ValueError, TypeError, RecursionError):
            raise DamagedDataError("the key of a stream cannot be decoded") from None
        numbers = (self.first, self.trimmed, self.first if self.last is None else self.last)
        times = (self.created, self.created if self.ended is None else self.ended)
        texts = (self.name, self.label, self.view)
        if (
            not all(type(text) is str for text in texts)
            or not all(type(number) is int for number in numbers)
            or not all(map(_is_time, times))
        ):
            raise DamagedDataError("a stream cannot be decoded")

    def position(self, sequence: int) -> int:
        """Return a sequence number, at most the one after the end of the stream."""
        return sequence if self.last is None else min(sequence, self.last + 1)


class StoredRecord:
    """A change of an item. written: seconds since 1970. is_expired: whether the time to live deleted the item.

    event: one of EVENTS. old, new: the images of the item before and after the change, as far as the view type has
    them; else None.
    """

    def __init__(self, row: tuple[Any, ...], key: Attributes) -> None:
        """Take a row of _RECORD. key: the attributes of the table's key. Raises DamagedDataError if it is not one."""
        self.sequence, self.written, self.event, is_expired, keys, old, new = row
        self.is_expired = bool(is_expired)
        if self.event not in EVENTS or not _is_time(self.written) or type(self.sequence) is not int:
            raise DamagedDataError("a record of a stream cannot be decoded")
        self.keys = decode_item(keys, key)
        self.old = None if old is None else decode_item(old, key)
        self.new = None if new is None else decode_item(new, key)


class Streams:
    """The streams of a file. execute: runs a statement in the present transaction of the file."""

    def __init__(self, execute: Callable[..., Cursor]) -> None:
        self._execute = execute

    def last_sequence(self) -> int:
        """Return the sequence number of the latest record of all streams; 0 if there has been none."""
        row = self._execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
        if row and type(row[0]) is not int:
            raise DamagedDataError("the last sequence number cannot be decoded")
        return row[0] if row else 0

    def open(self, name: str, view: str, key: Attributes, now: float) -> tuple[int, str]:
        """Store a new stream of a table, and return its number and its label. now: seconds since 1970.

        The label is the time, such as 2026-11-23T12:00:00.000, or a later time if a stream of the table has this label.
        """
        for statement in UPGRADE:  # a file of an earlier format has no tables of streams
            self._execute(statement)
        time = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
        while self._has_label(name, label := time.isoformat(timespec="milliseconds")):
            time += timedelta(milliseconds=1)
        row = (name, label, view, to_json(key), float(now), self.last_sequence() + 1)
        statement = "INSERT INTO streams (name, label, view, key, created, first, trimmed) VALUES (?, ?, ?, ?, ?, ?, 0)"
        return self._execute(statement, row).lastrowid or 0, label

    def _has_label(self, name: str, label: str) -> bool:
        found = self._execute("SELECT 1 FROM streams WHERE name = ? AND label = ?", (name, label)).fetchone()
        return found is not None

    def close(self, number: int, now: float) -> None:
        """Store the end of a stream. Its records stay for 24 hours. now: seconds since 1970."""
        end = (float(now), self.last_sequence(), number)
        self._execute("UPDATE streams SET ended = ?, last = ? WHERE stream = ?", end)

    def find(self, name: str, label: str, now: float) -> StoredStream | None:
        """Return a stream that is enabled, or that ended in the last 24 hours; None if none has this label."""
        found = self._streams("name = ? AND label = ?", (name, label), now, 1)
        return found[0] if found else None

    def page(self, name: str | None, after: tuple[str, str], now: float, limit: int) -> list[StoredStream]:
        """Return up to `limit` streams after a table name and label, in this order, as `find` does.

        name: of their table. Default: all tables.
        """
        condition, parameters = ("", ()) if name is None else ("name = ? AND ", (name,))
        return self._streams(f"{condition}(name, label) > (?, ?)", (*parameters, *after), now, limit)

    def _streams(self, condition: str, parameters: tuple[Any, ...], now: float, limit: int) -> list[StoredStream]:
        # A file of an earlier format has no such table.
        if not self._execute("SELECT 1 FROM sqlite_master WHERE name = 'streams'").fetchone():
            return []
        statement = f"{_STREAM}WHERE {condition} AND (ended IS NULL OR ended > ?) ORDER BY name, label LIMIT ?"
        rows = self._execute(statement, (*parameters, now - RECORD_SECONDS, limit)).fetchall()
        return [StoredStream(row) for row in rows]

    # Records

    def write(
        self, number: int, now: float, event: str, is_expired: bool, keys: Item, old: Item | None, new: Item | None
    ) -> None:
        """Store a record with the next sequence number. See StoredRecord."""
        images = (None if image is None else encode_item(image) for image in (old, new))
        row = (number, float(now), event, int(is_expired), encode_item(keys), *images)
        self._execute(
            "INSERT INTO records (stream, written, event, expired, keys, old, new) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )

    def records(self, stream: StoredStream, sequence: int, limit: int) -> Iterator[StoredRecord]:
        """Yield up to `limit` records of a stream from a sequence number on."""
        for row in self._execute(_RECORD, (stream.number, sequence, limit)):
            yield StoredRecord(row, stream.key)

    def first_after(self, stream: StoredStream, written: float) -> int:
        """Return the sequence number of the first record that is younger than this time in seconds since 1970.

        Without such a record, return the position of the next record of the stream.
        """
        statement = "SELECT MIN(sequence) FROM records WHERE stream = ? AND written > ?"
        (found,) = self._execute(statement, (stream.number, written)).fetchone()
        return stream.position(self.last_sequence() + 1) if found is None else found

    def lost_records(self, stream: StoredStream, sequence: int, now: float) -> bool:
        """Return whether a record at or after a sequence number is older than 24 hours or has been removed."""
        if sequence <= stream.trimmed:
            return True
        statement = "SELECT written FROM records WHERE stream = ? AND sequence >= ? ORDER BY sequence LIMIT 1"
        row = self._execute(statement, (stream.number, sequence)).fetchone()
        return row is not None and _checked_time(row[0]) <= now - RECORD_SECONDS

    def trim(self, now: float, limit: int) -> bool:
        """Remove records older than 24 hours, at most `limit`, and streams that ended before that time.

        Return whether older records may remain.
        """
        oldest = self._execute(
            "SELECT sequence, stream, written FROM records ORDER BY sequence LIMIT ?", (limit,)
        ).fetchall()
        removed: dict[int, int] = {}
        count = 0
        for sequence, stream, written in oldest:
            if _checked_time(written) > now - RECORD_SECONDS:
                break
            removed[stream] = sequence
            count += 1
        for stream, sequence in removed.items():
            self._execute("UPDATE streams SET trimmed = ? WHERE stream = ?", (sequence, stream))
        self._execute("DELETE FROM records WHERE sequence <= ?", (max(removed.values(), default=0),))
        self._execute("DELETE FROM streams WHERE ended <= ?", (now - RECORD_SECONDS,))
        return count == limit
