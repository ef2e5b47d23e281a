"""Checks every line of a file before the first write, and finds lines with equal keys in constant memory."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING

from ..errors import WrongUsage
from ..output.text import counted, printable
from ..repositories import portable
from ..repositories.items import KEYS
from ..repositories.portable import NAMES, InvalidLine
from ..repositories.transfer import GROUP_ITEMS
from .lines import parse

if TYPE_CHECKING:
    from ..embedded.schema import Table as Schema
    from ..output.terminal import Console
    from ..repositories.items import Item
    from ..repositories.portable import Of
    from .lines import Place, Source

SHOWN_ERRORS = 10
BUCKETS = 256


def validated(source: Source, schemas: dict[Of, Schema], console: Console) -> int:
    """Check every line, and return the number of items. Raises WrongUsage if a line is invalid."""
    errors = _LineErrors(source.name)
    hashes = _Hashes()
    number = 0
    for place, line in source.lines():
        try:
            of, item = parse(line, place.of)
            item, _ = portable.checked(of, item, schemas[of])
            hashes.add(_identity(of, item))
            number += 1
        except InvalidLine as error:
            errors.add(place, str(error))
        if number % GROUP_ITEMS == 0:
            console.progress(GROUP_ITEMS, "checking", "items")
    suspicious = hashes.duplicates()
    if suspicious:
        _add_duplicates(source, schemas, suspicious, errors)
    errors.raise_if_any()
    return number


class _LineErrors:
    """The errors of a file's lines. name: of the file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._shown: list[str] = []

    def add(self, place: Place, reason: str) -> None:
        self._count += 1
        if self._count <= SHOWN_ERRORS:
            self._shown.append(printable(f"{place}: {reason}"))

    def raise_if_any(self) -> None:
        if not self._count:
            return
        error = WrongUsage(f"{counted(self._count, 'line')} of {self._name} cannot be imported; nothing was written")
        more = [f"… and {self._count - SHOWN_ERRORS:,} more"] if self._count > SHOWN_ERRORS else []
        for line in self._shown + more:
            error.add_note(line)
        raise error


class _Hashes:
    """The hashes of all keys, in 8 bytes each. Keys with the same hash are probably duplicates."""

    def __init__(self) -> None:
        self._buckets = [array("q") for _ in range(BUCKETS)]

    def add(self, identity: tuple[str, ...]) -> None:
        value = hash(identity)
        self._buckets[value % BUCKETS].append(value)

    def duplicates(self) -> set[int]:
        """Return the hashes that were added more than once."""
        found: set[int] = set()
        for bucket in self._buckets:
            if len(set(bucket)) < len(bucket):
                found.update(value for value, count in Counter(bucket).items() if count > 1)
        return found


def _identity(of: Of, item: Item) -> tuple[str, ...]:
    """Return the table and the key of an item in normal form."""
    return (NAMES[of], *[content for name in KEYS[of] for content in item[name].values()])


def _add_duplicates(source: Source, schemas: dict[Of, Schema], suspicious: set[int], errors: _LineErrors) -> None:
    """Add an error for each line whose key is in an earlier line. suspicious: the hashes of keys to compare."""
    first: dict[tuple[str, ...], Place] = {}
    for place, line in source.lines():
        try:
            of, item = parse(line, place.of)
            identity = _identity(of, portable.checked(of, item, schemas[of])[0])
        except InvalidLine:
            continue
        if hash(identity) in suspicious:
            if identity in first:
                errors.add(place, f"it has the same key as {first[identity]}")
            else:
                first[identity] = place
