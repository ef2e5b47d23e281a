"""Validates the lines of a file and writes their items.

Nothing is written before every line is valid. Each item is written independently of the others and identical items
count as present, so that the same command completes an import after an interruption at any moment.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Conflict, Interrupted, NodetodoError
from ..model import Task, User
from ..output.results import to_object
from ..output.text import counted, printable
from ..repositories.portable import InvalidLine
from ..repositories.transfer import GROUP_BYTES, Outcome
from .lines import Place, Source, open_source, parse
from .report import Report
from .validation import SHOWN_ERRORS, validated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..output.terminal import Console, Output
    from ..repositories.items import Item
    from ..repositories.portable import Of
    from ..repositories.transfer import Transfer

WINDOW_LINES, WINDOW_BYTES = 5_000, 8 * 1024 * 1024
"""Lines that are shuffled together, at most. An export is sorted by key, and items that are written in this order
load one partition at a time ("Distributing write activity efficiently during data upload", developer guide)."""

THREADS = 8
"""Requests in flight to a server. botocore keeps 10 connections."""


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
            raise Interrupted(f"import interrupted, {self._kept()}; the same command completes it") from None

    def _kept(self) -> str:
        return f"{counted(self._done, 'item')} done" if self._done else "nothing was written"

    def _import(self, source: Source, output: Output) -> None:
        number = validated(source, self._transfer.schemas(), self._console)
        counts = Counter(dict.fromkeys(Outcome, 0))
        rejected: list[Place] = []
        report = None if self._report is None else Report(self._report)
        for group, outcomes in self._written(source):
            counts.update(outcomes)
            self._done += len(group.items)
            for place, item, outcome in zip(group.places, group.items, outcomes, strict=True):
                if outcome is Outcome.REJECTED and len(rejected) < SHOWN_ERRORS:
                    rejected.append(place)
                if report:
                    try:
                        report.add(place, group.of, item, outcome)
                    except NodetodoError as error:
                        raise NodetodoError(
                            f"{error}, {self._kept()}; the same command completes the import"
                        ) from error
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


def _conflict(count: int, places: list[Place]) -> Conflict:
    shown = ", ".join(map(str, places)) + (", …" if count > len(places) else "")
    exist = "item exists with other attributes and was" if count == 1 else "items exist with other attributes and were"
    return Conflict(f"{count:,} {exist} not replaced ({shown}); --replace replaces existing items")
