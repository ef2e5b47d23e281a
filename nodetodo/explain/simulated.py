"""A client without an engine: it records what it is asked to send, and answers with what DynamoDB might.

Which of the possible answers it gives is chosen from outside, request by request, so that a command can be taken along
every way it has. Nothing is opened, read or written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded.errors import EXCEPTIONS, ApiError, client_error
from ..embedded.expressions import conditions
from ..model import Task, User
from ..repositories import items
from . import requests as reading
from .units import ASSUMED_BYTES

if TYPE_CHECKING:
    from ..engines.interface import Response
    from .requests import Parameters, Table

PAGE = 60
"""Items in a page that is made up: more than two batches of deletes hold."""

LATE = 4_102_444_800_000
"""A tid of the year 2100."""


class Situation(NamedTuple):
    """What a request may find: words about it, for after "if", and the response then."""

    name: str
    words: str
    response: Response | ApiError


class Sent(NamedTuple):
    """A request as a command handed it to the client; what it may find; the seconds that were slept before it."""

    operation: str
    parameters: Parameters
    situations: list[Situation]
    pause: float | None = None


class Enough(BaseException):
    """More requests than anybody wants to look at. No Exception, so that no command takes it for a failure."""


Choose = Callable[[list[Sent]], int]
"""Given all requests up to the present one, the index of the situation that the present one is to meet."""

COLLISION = "it collides with somebody's transaction"


class Client:
    """seed: what is made up differs between two clients of different seeds, and nothing else does."""

    exceptions = EXCEPTIONS

    def __init__(self, tables: dict[str, Table], choose: Choose, *, most: int, seed: int = 0) -> None:
        self._tables, self._choose, self._most, self._seed = tables, choose, most, seed
        self._deleted: set[str] = set()
        self._pause: float | None = None
        self.sent: list[Sent] = []

    def __getattr__(self, name: str) -> Callable[..., Response]:
        if name not in OPERATIONS:
            raise AttributeError(f"a dry client has no operation {name}")
        operation, situations = OPERATIONS[name]

        def send(**parameters: Any) -> Response:
            if len(self.sent) == self._most:
                raise Enough
            possible = list(situations(self, parameters))
            self.sent.append(Sent(operation, parameters, possible, self._pause))
            self._pause = None
            response = possible[self._choose(self.sent)].response
            if isinstance(response, ApiError):
                raise client_error(response, operation)
            return response | {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}

        return send

    def slept(self, seconds: float) -> None:
        """What a command sleeps with: nothing is slept, and the next request has it on record."""
        self._pause = seconds

    def close(self) -> None:
        """Nothing was opened."""

    # What each operation may find

    def found(self, parameters: Parameters) -> Iterator[Situation]:
        item = self._item(parameters["TableName"], parameters["Key"])
        yield Situation("found", "it is there", {"Item": item})
        yield Situation("absent", "there is no such item", {})

    def listed(self, parameters: Parameters) -> Iterator[Situation]:
        """Some items; none at all; a page that ends early; one that is full."""
        said = reading.said(parameters)
        table = self._tables[parameters["TableName"]]
        known = {
            reading.attribute(term): reading.compared(term) for term in said.key + said.filter if term.operator == "="
        }
        start = parameters.get("ExclusiveStartKey", {}).get("tid")
        limit = parameters.get("Limit", PAGE)

        def made_up(many: int) -> list[items.Item]:
            return [
                {name: value for name, value in item.items() if not said.projection or name in said.projection}
                for item in islice(self._several(table.name, known, start), many)
            ]

        def page(of: list[items.Item], evaluated: int, *, last: items.Item | None = None) -> Response:
            response: Response = {"Items": of, "Count": len(of), "ScannedCount": evaluated}
            if last is not None:
                names = {*table.key, *table.keyed_by(parameters.get("IndexName"))}
                response["LastEvaluatedKey"] = {name: value for name, value in last.items() if name in names}
            return response

        some = made_up(min(limit, PAGE) - self._seed)
        (whole,) = islice(self._several(table.name, known, start), 1)
        yield Situation("some", "there are some", page(some, len(some)))
        late = [{**item, "tid": items.attribute("tid", LATE + at)} for at, item in enumerate(some) if "tid" in item]
        if late:
            yield Situation("late", "some are newer than this command", page(late, len(late)))
        yield Situation("none", "nothing is found", page([], 0))
        if said.filter:
            yield Situation("more", "the data goes on", page([], limit, last=whole))
        else:
            yield Situation("more", "the data goes on", page(made_up(1), 1, last=whole))

    def written(self, parameters: Parameters) -> Iterator[Situation]:
        """PutItem and UpdateItem."""
        for state, item in self._states(parameters):
            fails = _why_not(parameters, item)
            if fails is None:
                yield Situation(f"done, {state}", "it is done", {"Attributes": item})
        yield from self._refused(parameters)
        if "UpdateExpression" in parameters:
            yield Situation("too large", "it would be too large", ApiError("ValidationException", ""))
        yield Situation("collides", COLLISION, ApiError("TransactionConflictException", ""))

    def deleted(self, parameters: Parameters) -> Iterator[Situation]:
        item = self._item(parameters["TableName"], parameters["Key"])
        asked = parameters.get("ReturnValues") == "ALL_OLD"
        yield Situation("found", "it was there", {"Attributes": item} if asked else {})
        yield Situation("absent", "there is no such item", {})
        yield Situation("collides", COLLISION, ApiError("TransactionConflictException", ""))

    def _refused(self, parameters: Parameters) -> Iterator[Situation]:
        """One situation for each reason for which the condition may fail."""
        told = set()
        returned = parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        for _, item in self._states(parameters):
            words = _why_not(parameters, item)
            if words is not None and words not in told:
                told.add(words)
                old = {"Item": item} if returned and item else {}
                yield Situation("refused", words, ApiError("ConditionalCheckFailedException", "", **old))

    def transacted(self, parameters: Parameters) -> Iterator[Situation]:
        actions = [next(iter(member.values())) for member in parameters["TransactItems"]]
        yield Situation("done", "it is done", {})

        def cancelled(at: int, reason: dict[str, Any]) -> ApiError:
            reasons = [{"Code": "None"}] * at + [reason] + [{"Code": "None"}] * (len(actions) - at - 1)
            return ApiError("TransactionCanceledException", "", CancellationReasons=reasons)

        for at, action in enumerate(actions):
            for refused in self._refused(action):
                assert isinstance(refused.response, ApiError)
                reason = {"Code": "ConditionalCheckFailed", **refused.response.details}
                words = f"{refused.words} in {action['TableName']}"
                yield Situation("refused", words, cancelled(at, reason))
        yield Situation("collides", COLLISION, cancelled(0, {"Code": "TransactionConflict"}))

    def batched(self, parameters: Parameters) -> Iterator[Situation]:
        yield Situation("done", "all are done", {"UnprocessedItems": {}})
        back = {table: writes[-1:] for table, writes in parameters["RequestItems"].items()}
        words = "some come back as UnprocessedItems"
        yield Situation("unprocessed", words, {"UnprocessedItems": back})

    def described(self, parameters: Parameters) -> Iterator[Situation]:
        table = self._tables[parameters["TableName"]]
        missing = Situation("missing", "there is no such table", _no_table())
        if table.name in self._deleted:
            yield missing
            yield Situation("there", "it is still there", self._description(table, "DELETING"))
            return
        yield Situation("there", "it is ready", self._description(table, "ACTIVE"))
        yield Situation("unready", "it is not ACTIVE yet", self._description(table, "CREATING"))
        yield missing
        for index in table.indexes:
            bare = self._description(table, "ACTIVE")
            del bare["Table"]["GlobalSecondaryIndexes"]
            yield Situation("no index", f"{index} is missing", bare)

    def _description(self, table: Table, status: str) -> Response:
        items, size = 1000, 1000 * ASSUMED_BYTES[table.holds]  # some, for a command that calculates with them
        indexes = [
            {**index, "IndexStatus": status, "ItemCount": items, "IndexSizeBytes": size}
            for index in table.description.get("GlobalSecondaryIndexes", [])
        ]
        described = {**table.description, "TableStatus": status, "ItemCount": items, "TableSizeBytes": size}
        return {"Table": {**described, "GlobalSecondaryIndexes": indexes} if indexes else described}

    def made(self, _parameters: Parameters) -> Iterator[Situation]:
        yield Situation("done", "it is done", {})
        yield _in_use()

    def dropped(self, parameters: Parameters) -> Iterator[Situation]:
        self._deleted.add(parameters["TableName"])
        yield Situation("done", "it is done", {})
        yield Situation("missing", "there is no such table", _no_table())
        yield _in_use()

    # Items, made up

    def _several(self, table: str, known: dict[str, Any], start: dict[str, str] | None) -> Iterator[items.Item]:
        """Items of a table in the order of tid, from after a tid on."""
        step = 2 - self._seed  # 1 leaves no tid free between two items
        number = int(start["N"]) if start else 1526650262330 + self._seed
        for at in range(1, 10_000):
            yield self._item(table, known, uid=f"uid-{self._seed}-{at}", tid=number + at * step)

    def _item(self, table: str, known: dict[str, Any], *, full: bool = False, **values: Any) -> items.Item:
        """An item of a table: what is known of it, and beyond that something."""
        record = (
            User(f"uid-{self._seed}", f"email-{self._seed}@example.org", f"+{self._seed}491701234")
            if self._tables[table].holds is User
            else Task(
                f"uid-{self._seed}",
                self._seed,
                f"description {self._seed}",
                20260101,
                20260101 + self._seed if full else None,
                f"category {self._seed}" if full else None,
                20260101 + self._seed if full else None,
            )
        )
        fields = record._asdict()
        fields.update({name: value for name, value in values.items() if name in fields})
        return items.to_item(fields) | known

    def _states(self, parameters: Parameters) -> list[tuple[str, items.Item]]:
        """What may be under the key of a write: nothing, an item with what it must have, and one with everything."""
        table = self._tables[parameters["TableName"]]
        given = parameters.get("Key") or parameters["Item"]
        key = {name: given[name] for name in table.key}
        there, full = (self._item(table.name, key, full=full) for full in (False, True))
        return [("absent", {}), ("there", there), ("full", full)]


def _why_not(parameters: Parameters, item: items.Item) -> str | None:
    """Why the condition of a write fails on an item that is there, or on none; None if it holds."""
    for term in reading.said(parameters).condition:
        if not conditions.matches(term, item):
            name = reading.attribute(term)
            if term.operator == "attribute_exists":
                return f"it has no {name}" if item else "there is no such item"
            if term.operator == "attribute_not_exists":
                key = parameters.get("Key") or parameters["Item"]
                return f"it has {name} already" if name not in key else "such an item is there already"
            return f"not {reading.written(term)}"
    return None


def _no_table() -> ApiError:
    return ApiError("ResourceNotFoundException", "")


def _in_use() -> Situation:
    return Situation("in use", "it is being made or changed", ApiError("ResourceInUseException", ""))


OPERATIONS: dict[str, tuple[str, Callable[[Client, Parameters], Iterator[Situation]]]] = {
    "get_item": ("GetItem", Client.found),
    "query": ("Query", Client.listed),
    "scan": ("Scan", Client.listed),
    "put_item": ("PutItem", Client.written),
    "update_item": ("UpdateItem", Client.written),
    "delete_item": ("DeleteItem", Client.deleted),
    "batch_write_item": ("BatchWriteItem", Client.batched),
    "transact_write_items": ("TransactWriteItems", Client.transacted),
    "describe_table": ("DescribeTable", Client.described),
    "create_table": ("CreateTable", Client.made),
    "update_table": ("UpdateTable", Client.made),
    "delete_table": ("DeleteTable", Client.dropped),
}
"""Of each method of a client: the operation in DynamoDB's name, and what it may find."""
