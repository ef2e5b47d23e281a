"""Validates the lines of a file and writes their items.

Nothing is written before every line is valid. Each item is written independently of the others and identical items
count as present, so that the same command completes an import after an interruption at any moment.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
from array import array
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Conflict, Interrupted, NodetodoError, WrongUsage
from ..model import Task, User
from ..output.json_text import to_json
from ..output.results import to_object
from ..output.text import counted, printable
from ..repositories import portable
from ..repositories.items import KEYS, to_key
from ..repositories.portable import NAMES, InvalidLine
from ..repositories.transfer import GROUP_BYTES, GROUP_ITEMS, Outcome
from .lines import Place, Source, open_source, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..embedded.schema import Table as Schema
    from ..output.terminal import Console, Output
    from ..repositories.items import Item
    from ..repositories.portable import Of
    from ..repositories.transfer import Transfer

SHOWN_ERRORS = 10

WINDOW_LINES, WINDOW_BYTES = 5_000, 8 * 1024 * 1024
"""Lines that are shuffled together, at most. An export is sorted by key, and items that are written in this order
load one partition at a time ("Distributing write activity efficiently during data upload", developer guide)."""

THREADS = 8
"""Requests in flight to a server. botocore keeps 10 connections."""

BUCKETS = 256


class Group(NamedTuple):
    """Items of one table that are written together, and their lines."""

    of: Of
    places: list[Place]
    items: list[Item]


class Import:
    """The result of the command import. The items are written while it is shown.

    size: items in a group, at most. threads: groups that are written at the same time. replace: whether existing items
    are replaced. report: a file for one line per item, None for no report.
    """

    def __init__(
        self,
        transfer: Transfer,
        file: str,
        replace: bool,
        report: str | None,
        size: int,
        threads: int,
        console: Console,
    ) -> None:
        self._transfer, self.file, self._replace, self._report = transfer, file, replace, report
        self._size, self._threads, self._console = size, threads, console
        # The embedded engine has no partitions, and writes neighbours faster.
        self._together = size if threads == 1 else 1
        self._done = 0
        self._write = transfer.replace if replace else transfer.add

    def requests(self, examples: Callable[[Of, int], list[Item]]) -> None:
        """Write example items, for --explain, which opens no file."""
        self._transfer.schemas()
        groups = 1 if self._replace else 2  # a group is several batches, or one request
        for of in (User, Task):
            for _ in range(groups):
                self._write(of, examples(of, self._size))

    def show(self, output: Output) -> None:
        """Validate all lines, write the items, and report their number by outcome.

        Raises WrongUsage if a line is invalid, and Conflict if an item was rejected.
        """
        try:
            with closing(open_source(self.file, self._console.input)) as source:
                self._import(source, output)
        except KeyboardInterrupt:
            kept = f"{counted(self._done, 'item')} done" if self._done else "nothing was written"
            raise Interrupted(f"import interrupted, {kept}; the same command completes it") from None

    def _import(self, source: Source, output: Output) -> None:
        number = self._validated(source)
        counts = Counter(dict.fromkeys(Outcome, 0))
        rejected: list[Place] = []
        report = None if self._report is None else _Report(self._report)
        for group, outcomes in self._written(source):
            counts.update(outcomes)
            for place, item, outcome in zip(group.places, group.items, outcomes, strict=True):
                if outcome is Outcome.REJECTED and len(rejected) < SHOWN_ERRORS:
                    rejected.append(place)
                if report:
                    report.add(place, group.of, item, outcome)
            self._done += len(group.items)
            self._console.progress(len(group.items), "importing", "items")
        if report:
            try:
                report.finish()
            except NodetodoError as error:  # the items are written anyway
                output.report(error)
        by_outcome = {outcome.value: counts[outcome] for outcome in Outcome}
        if output.json:
            output.line(to_object({"items": number, **by_outcome}, output))
        else:
            parts = ", ".join(f"{count:,} {name}" for name, count in by_outcome.items() if count)
            output.line(f"{counted(number, 'item')} in {printable(source.name)}{': ' if parts else ''}{parts}")
        if counts[Outcome.REJECTED]:
            raise _conflict(counts[Outcome.REJECTED], rejected)

    def _validated(self, source: Source) -> int:
        """Check every line, and return the number of items. Raises WrongUsage if a line is invalid."""
        schemas = self._transfer.schemas()
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
                self._console.progress(GROUP_ITEMS, "checking", "items")
        suspicious = hashes.duplicates()
        if suspicious:
            _add_duplicates(source, schemas, suspicious, errors)
        errors.raise_if_any()
        return number

    def _written(self, source: Source) -> Iterator[tuple[Group, list[Outcome]]]:
        """Write all items, and yield the outcomes of each group."""

        def write(group: Group) -> list[Outcome]:
            return self._write(group.of, group.items)

        if self._threads == 1:
            for groups in self._groups(source):
                for group in groups:
                    yield group, write(group)
            return
        executor = ThreadPoolExecutor(self._threads)
        try:
            for groups in self._groups(source):
                yield from zip(groups, executor.map(write, groups), strict=True)
        except BaseException:
            self._transfer.stop()
            raise
        finally:
            executor.shutdown(cancel_futures=True)

    def _groups(self, source: Source) -> Iterator[list[Group]]:
        """Yield the groups of each window and table, in random order, users first."""
        for window in _windows(source.lines()):
            _shuffle(window, self._together)
            by_table: dict[Of, list[Group]] = {User: [], Task: []}
            bytes_of_last = dict.fromkeys(by_table, 0)
            for place, line in window:
                try:
                    of, item = parse(line, place.of)
                except InvalidLine as error:  # it was valid when all lines were checked
                    raise NodetodoError(f"{source.name} changed during the import; repeat the command") from error
                groups = by_table[of]
                bytes_of_last[of] += len(line)  # JSON is longer than the item in it
                if not groups or len(groups[-1].items) == self._size or bytes_of_last[of] > GROUP_BYTES:
                    groups.append(Group(of, [], []))
                    bytes_of_last[of] = len(line)
                groups[-1].places.append(place)
                groups[-1].items.append(item)
            yield from by_table.values()


def _shuffle(window: list[tuple[Place, bytes]], together: int) -> None:
    """Shuffle lines in blocks of neighbours. together: the lines of a block."""
    blocks = [window[first : first + together] for first in range(0, len(window), together)]
    random.shuffle(blocks)
    window[:] = itertools.chain.from_iterable(blocks)


def _windows(lines: Iterable[tuple[Place, bytes]]) -> Iterator[list[tuple[Place, bytes]]]:
    window: list[tuple[Place, bytes]] = []
    size = 0
    for place, line in lines:
        if len(window) == WINDOW_LINES or (window and size + len(line) > WINDOW_BYTES):
            yield window
            window, size = [], 0
        window.append((place, line))
        size += len(line)
    if window:
        yield window


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


def _conflict(count: int, places: list[Place]) -> Conflict:
    shown = ", ".join(map(str, places)) + (", …" if count > len(places) else "")
    exist = "item exists with other attributes and was" if count == 1 else "items exist with other attributes and were"
    return Conflict(f"{count:,} {exist} not replaced ({shown}); --replace replaces existing items")


class _Report:
    """A file with a line for each item. A complete report replaces an earlier one in one step.

    A special file, such as a pipe, is written directly.
    """

    STARTS = (b'{"line": ', b'{"file": ')

    def __init__(self, file: str) -> None:
        """Open the report. Raises Conflict if another file has its name, NodetodoError if it cannot be written."""
        self._file = file
        with self._errors():
            if os.path.isdir(file):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if os.path.exists(file) and not os.path.isfile(file):
                self._temporary = ""
                self._stream = open(file, "w", encoding="utf-8")  # noqa: SIM115
                return
            self._real = os.path.realpath(file)
            if os.path.isfile(self._real):
                with open(self._real, "rb") as existing:
                    start = existing.read(len(self.STARTS[0]))
                if start and start not in self.STARTS:
                    raise Conflict(f"{file} exists and is not a report of import; remove it, or use another file name")
            self._temporary = os.path.join(os.path.dirname(self._real), f".{os.path.basename(self._real)}.partial")
            descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._stream = open(descriptor, "w", encoding="utf-8")  # noqa: SIM115

    def add(self, place: Place, of: Of, item: Item, outcome: Outcome) -> None:
        """Add the line of an item."""
        file = {"file": place.file} if place.file else {}
        line = {**file, "line": place.number, "outcome": outcome.value, "table": NAMES[of]}
        with self._errors():
            self._stream.write(to_json(line | {"key": to_key(item, KEYS[of])}) + "\n")

    def finish(self) -> None:
        """Move the report to its name."""
        with self._errors():
            self._stream.close()
            if self._temporary:
                os.replace(self._temporary, self._real)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: a name with a null byte
            reason = getattr(error, "strerror", None) or error
            raise NodetodoError(f"{self._file} cannot be written: {reason}") from error
