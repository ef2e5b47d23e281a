"""Lists in pages: rows shown are counted after the filter, and the next page starts at the last row shown.

DynamoDB's Limit counts the items it evaluates, before the filter, and a page of it can be empty long before the end;
only the absence of LastEvaluatedKey is the end ("Paginating table query results", developer guide).
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic

from . import items
from .items import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Response
    from ..model import Key

PAGE = 1000
"""Items per request of a long list: near 1 MB/16 for tasks of usual size, so that memory stays small."""

FILTERED_PAGE = 50
"""Items of the first request of a filtered list: about what half a read unit holds of tasks of usual size, 74 bytes."""

FILTERED_PAGE_AT_MOST = 5000


def sizes(limit: int | None, filtered: bool) -> Iterator[int]:
    """The Limit of each request.

    Unfiltered: the rows wanted and one more, which tells whether the list goes on. Filtered: from some tens, doubled
    with each request, so that a filter which lets little through is not crawled through, and never more than about
    twice of what had to be evaluated is read. Without a limit, as for --all: all the same.
    """
    if limit is None:
        size, grow, most = PAGE, 1, PAGE
    elif filtered:
        size, grow, most = max(limit + 1, FILTERED_PAGE), 2, FILTERED_PAGE_AT_MOST
    else:
        size, grow, most = limit + 1, 1, PAGE
    while True:
        yield min(size, most)
        size = min(size * grow, most)


class Records(Generic[Record]):
    """Iterates over at most `limit` records, once. Then `next` is the start key of the next page, None at the end.

    The first record is fetched at once, the others while iterating. evaluated: the items that DynamoDB has read so far,
    before the filter. limit: None for all records.
    """

    def __init__(
        self,
        of: type[Record],
        read: Callable[..., Response],
        request: dict[str, Any],
        *,
        start: Key | None,
        limit: int | None,
        key: tuple[str, ...],
    ) -> None:
        self._of: type[Record] = of
        self._read, self._request, self.limit, self._key = read, request, limit, key
        self._start = items.to_item(start) if start else None
        self.next: Key | None = None
        self.evaluated = 0
        self._records: Iterator[Record] = self._fetch()
        self._first: list[Record] = list(islice(self._records, 1))

    @property
    def is_empty(self) -> bool:
        """Whether the list has no records."""
        return not self._first

    def __iter__(self) -> Iterator[Record]:
        return chain(self._first, self._records)

    def _answers(self) -> Iterator[Response]:
        request = dict(self._request)
        start = self._start
        for size in sizes(self.limit, "FilterExpression" in request):
            request["Limit"] = size
            if start:
                request["ExclusiveStartKey"] = start
            response = self._read(**request)
            self.evaluated += response["ScannedCount"]
            yield response
            start = response.get("LastEvaluatedKey")
            if not start:
                return

    def _fetch(self) -> Iterator[Record]:
        shown, last = 0, None
        for response in self._answers():
            for item in response["Items"]:
                if shown == self.limit:
                    assert last is not None
                    self.next = {name: value for name, value in items.to_values(last).items() if name in self._key}
                    return
                yield items.to_record(self._of, item)
                shown, last = shown + 1, item
            if shown == self.limit and "LastEvaluatedKey" in response:
                # The rows are complete and the list may go on: from what was evaluated, not from what was shown.
                self.next = items.to_values(response["LastEvaluatedKey"])
                return


def first_records(
    of: type[Record], scan: Callable[..., Response], table: str, at_most: int
) -> tuple[list[Record], bool]:
    """The first records that a Scan of a table gives, reading no more than at_most items; and whether that is all."""
    found: list[Record] = []
    start: dict[str, Any] = {}
    while len(found) < at_most:
        response = scan(TableName=table, Limit=at_most - len(found), **start)
        found += [items.to_record(of, item) for item in response["Items"]]
        if "LastEvaluatedKey" not in response:
            return found, True
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
    return found, False
