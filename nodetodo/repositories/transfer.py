"""Reads and writes whole tables, for export and import."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..embedded.limits import BATCH_GET_ITEMS, BATCH_WRITE_ITEMS, TRANSACTION_BYTES, TRANSACTION_ITEMS
from ..embedded.schema import Index, Key
from ..embedded.schema import Table as Schema
from ..errors import RetriesExhausted
from . import definitions, portable
from .expressions import Expressions
from .pace import PacedClient, Pauses
from .portable import NAMES
from .retries import RetryingWriter, may_have_been_applied
from .tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Client, Response
    from .items import Item
    from .portable import Of
    from .retries import Sleep

PAGE = 4000
"""Items per request of an export: 300 kB of tasks of usual size, and about 8 MB of Python objects."""

ITEMS_PER_UNIT = 100
"""Items of usual size that one read unit reads, eventually consistent: 8 KB."""

DONE: Item = {}
"""Takes the place of the next start key after the last page of a segment."""


class Outcome(Enum):
    """The result for one imported item."""

    ADDED = "added"
    IDENTICAL = "identical"
    REPLACED = "replaced"
    REJECTED = "rejected"


class Page(NamedTuple):
    """Items of a page of a segment. next: the start key of the next page, DONE after the last one."""

    items: list[Item]
    next: Item


class Transfer:
    """Reads and writes the items of both tables.

    rate: read or write capacity units per second; None for no limit. wait: receives, about once a second, the state of
    a table that cannot be used yet.
    """

    def __init__(
        self, client: Client, prefix: str, sleep: Sleep, rate: int | None, wait: Callable[[str], object]
    ) -> None:
        self._wait = wait
        self._pauses = Pauses(sleep)
        self._client = cast("Client", PacedClient(client, rate, self._pauses.sleep)) if rate else client
        self._prefix, self._rate = prefix, rate
        self._writer = RetryingWriter(self._client, self._pauses.sleep)
        self._absent: set[Of] = set()
        expressions = Expressions()
        self._if_new = {  # once, because an import sends it with every item
            "ConditionExpression": expressions.item_is_new(),
            **expressions.parameters(),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def stop(self) -> None:
        """Let the threads that read or write raise Stopped before their next request or pause."""
        self._pauses.stop()

    def table(self, of: Of) -> str:
        """Return the name of the table with these records."""
        return self._prefix + NAMES[of]

    def schemas(self) -> dict[Of, Schema]:
        """Return the keys of both tables and of their existing indexes.

        A missing table has its definition's. The first write reports it, or creates it on the embedded engine. So has a
        table that the credentials do not allow to describe, because writing does not need this permission.
        """
        found: dict[Of, Schema] = {}
        for table in definitions.tables(self._prefix):
            description = self._description(table.holds, "import")
            found[table.holds] = _schema(description or table.create_with_indexes())
        return found

    def identity(self, of: Of) -> tuple[str, str]:
        """Return the ARN and the ID of a table; empty texts if it is missing or must not be described."""
        description = self._description(of, "export")
        return description.get("TableArn", ""), description.get("TableId", "")

    def _description(self, of: Of, command: str) -> Response:
        """Return the description of a table after its creation; empty if it is missing or must not be described.

        command: continues to wait after RetriesExhausted.
        """
        tables = Tables(self._client, self._prefix, self._pauses.sleep)
        try:
            return tables.wait_until_usable(self.table(of), self._wait, command)
        except self._client.exceptions.ResourceNotFoundException:
            self._absent.add(of)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
        return {}

    def pages(self, of: Of, segment: int, segments: int, start: Item | None) -> Iterator[Page]:
        """Read one of several segments of a table, page by page. start: the start key, None for the beginning."""
        request: dict[str, Any] = {"TableName": self.table(of)}
        request["Limit"] = min(PAGE, self._rate * ITEMS_PER_UNIT) if self._rate else PAGE
        if segments > 1:
            request |= {"Segment": segment, "TotalSegments": segments}
        if start:
            request["ExclusiveStartKey"] = start
        while True:
            self._pauses.check()
            response = self._client.scan(**request)
            following = response.get("LastEvaluatedKey") or DONE
            yield Page(response["Items"], following)
            if not following:
                return
            request["ExclusiveStartKey"] = following

    def add(self, of: Of, items: list[Item]) -> list[Outcome]:
        """Add items with different keys. An existing item is never replaced.

        Sends one PutItem, or one TransactWriteItems for several items. DynamoDB charges a transaction twice, so that
        several items are only for the embedded engine, in which a transaction is written to the disk once.
        """
        self._pauses.check()
        if len(items) == 1:
            return [self._put_new(of, items[0])]
        outcomes = [Outcome.ADDED] * len(items)
        left = list(range(len(items)))
        while left:
            puts = [{"Put": self._new(of, items[place])} for place in left]
            try:
                self._writer.write(self._client.transact_write_items, TransactItems=puts)
                break
            except self._client.exceptions.TransactionCanceledException as cancelled:
                reasons = dict(zip(left, cancelled.response["CancellationReasons"], strict=True))
                failed = {place for place in left if reasons[place].get("Code") == "ConditionalCheckFailed"}
                if not failed:
                    raise
                for place in failed:
                    outcomes[place] = _compared(items[place], reasons[place].get("Item"))
                left = [place for place in left if place not in failed]
        return outcomes

    def _new(self, of: Of, item: Item) -> dict[str, Any]:
        return {"TableName": self.table(of), "Item": item, **self._if_new}

    def _put_new(self, of: Of, item: Item) -> Outcome:
        try:
            self._writer.write(self._client.put_item, **self._new(of, item))
        except self._client.exceptions.ConditionalCheckFailedException as failure:
            outcome = _compared(item, failure.response.get("Item"))
            # The condition also fails if an earlier attempt of this request was applied.
            is_own = outcome is Outcome.IDENTICAL and may_have_been_applied(failure.response)
            return Outcome.ADDED if is_own else outcome
        return Outcome.ADDED

    def replace(self, of: Of, items: list[Item]) -> list[Outcome]:
        """Put items with different keys. An existing item is replaced unless it is identical.

        The existing items are read first, because BatchWriteItem does not return them, and because a read costs less
        than the write of an identical item. Raises RetriesExhausted.
        """
        table = self.table(of)
        keys = [portable.key(of, item) for item in items]
        read = [] if of in self._absent else self._writer.get(table, keys)
        existing = {_hashable(portable.key(of, item)): item for item in read}
        outcomes = []
        for key, item in zip(keys, items, strict=True):
            old = existing.get(_hashable(key))
            is_replaced = Outcome.REPLACED if old is not None else Outcome.ADDED
            outcomes.append(Outcome.IDENTICAL if old is not None and portable.equal(old, item) else is_replaced)
        changed = [item for item, outcome in zip(items, outcomes, strict=True) if outcome is not Outcome.IDENTICAL]
        for first in range(0, len(changed), BATCH_WRITE_ITEMS):
            self._pauses.check()
            if self._writer.put(table, changed[first : first + BATCH_WRITE_ITEMS]):
                raise RetriesExhausted(
                    "DynamoDB processes no more writes at the moment; repeat the command to write the other items"
                )
        return outcomes


GROUP_ITEMS = min(TRANSACTION_ITEMS, BATCH_GET_ITEMS)
GROUP_BYTES = TRANSACTION_BYTES
"""The most items of one call of `add` or `replace`, and their bytes."""


def _compared(item: Item, existing: Item | None) -> Outcome:
    is_identical = existing is not None and portable.equal(existing, item)
    return Outcome.IDENTICAL if is_identical else Outcome.REJECTED


def _hashable(key: Item) -> tuple[str, ...]:
    from ..embedded.numbers import canonical  # an engine may return the number of a key in another notation

    return tuple(canonical(value["N"]) if "N" in value else value["S"] for value in key.values())


def _schema(definition: dict[str, Any]) -> Schema:
    """Return the keys of a table and its indexes from a definition or a response of DescribeTable."""
    types = {each["AttributeName"]: each["AttributeType"] for each in definition["AttributeDefinitions"]}

    def key(part: dict[str, Any]) -> Key:
        return Key.defined(part["KeySchema"], types)

    indexes = [
        Index(index["IndexName"], 0, key(index), "ALL", ()) for index in definition.get("GlobalSecondaryIndexes", ())
    ]
    return Schema(definition["TableName"], 0, key(definition), indexes)
