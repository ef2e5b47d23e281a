"""Lists in pages. A page has the requested number of rows after the filter, and a cursor at its last row.

DynamoDB's Limit counts the items that a request evaluates, before the filter. One of DynamoDB's pages can be empty
although the list continues. Only the absence of LastEvaluatedKey means the end ("Paginating table query results",
developer guide).
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
"""Items per request of a long list: 74 kB of tasks of usual size, which keeps memory small."""

FILTERED_PAGE = 50
"""Items in the first request of a filtered list: tasks of usual size, 74 bytes, in half a read unit of 4096 bytes."""

FILTERED_PAGE_AT_MOST = 5000
"""Items in any request of a filtered list."""


def sizes(limit: int | None, filtered: bool) -> Iterator[int]:
    """Yield the Limit of each request.

    Without a filter: the requested rows and one more, whose presence means that the list continues. With a filter: at
    first FILTERED_PAGE items, then twice as many with each request. This bounds the number of requests if few items
    pass the filter, and the items read to three times the necessary ones. Without a limit: always PAGE items.
    """
    if limit is None:
        size, growth, largest = PAGE, 1, PAGE
    elif filtered:
        size, growth, largest = max(limit + 1, FILTERED_PAGE), 2, FILTERED_PAGE_AT_MOST
    else:
        size, growth, largest = limit + 1, 1, PAGE
    while True:
        yield min(size, largest)
        size = min(size * growth, largest)


class Records(Generic[Record]):
    """Iterates once over at most `limit` records. Afterwards `next` is the start key of the next page, None at the end.

    The constructor fetches the first record, the iteration fetches the others.
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
        """Send the first request.

        read: the Query or Scan of a client. start: the start key, None for the beginning. limit: None for all records.
        key: the names of the attributes in a start key.
        """
        self._of: type[Record] = of
        self._read, self._request, self.limit, self._key = read, request, limit, key
        self._start = items.to_item(start) if start else None
        self.next: Key | None = None
        self.evaluated = 0
        """Items that DynamoDB has read so far, before the filter."""
        self._records: Iterator[Record] = self._fetch()
        self._first: list[Record] = list(islice(self._records, 1))

    @property
    def is_empty(self) -> bool:
        """Whether the list has no records."""
        return not self._first

    def __iter__(self) -> Iterator[Record]:
        return chain(self._first, self._records)

    def _responses(self) -> Iterator[Response]:
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
        count, last = 0, None
        for response in self._responses():
            for item in response["Items"]:
                if count == self.limit:
                    assert last is not None
                    self.next = items.to_key(last, self._key)
                    return
                yield items.to_record(self._of, item)
                count, last = count + 1, item
            if count == self.limit and "LastEvaluatedKey" in response:
                # The page is full and the list may continue. The next page starts after the last item evaluated.
                self.next = items.to_key(response["LastEvaluatedKey"], self._key)
                return
