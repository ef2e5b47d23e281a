"""Measures the capacity units of the requests that a client sends (--cost).

The meter wraps the client of the target. It adds ReturnConsumedCapacity to each request, and sums the units of all
requests, including further pages and retries. For comparison it predicts the units of each request, see units.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from ..engines.interface import ABOUT_TABLES, OPERATIONS
from . import requests, units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..engines.interface import Client, Response

REJECTIONS = ("ConditionalCheckFailedException", "TransactionCanceledException")
"""Errors of writes that DynamoDB charges although it rejects them. These responses have no ConsumedCapacity."""


READS = ("GetItem", "BatchGetItem", "Query", "Scan")
"""The operations that consume read units only."""


class DifferingEngine(NamedTuple):
    """An engine whose units differ from those of AWS (measured). server: the header Server of its responses."""

    server: str
    name: str
    difference: str


DIFFERING_ENGINES = (
    DifferingEngine(
        "Jetty",
        "DynamoDB Local",
        "0 for a Query or Scan that finds nothing, where AWS charges the minimum, "
        "and the index part of a transaction twice, where AWS charges it once",
    ),
    DifferingEngine("Werkzeug", "moto", "1 for reads of half a unit, half of an update, no index and no transaction"),
)


class Place(NamedTuple):
    """The table or index on which units are consumed, and the kind of these units."""

    kind: units.Kind
    table: str
    on_index: str | None


class Usage(NamedTuple):
    """The measured units on a place, and the predicted ones, see units.Part."""

    place: Place
    measured: float
    low: float
    usual: float
    high: float

    @property
    def is_possible(self) -> bool:
        """Whether items of some size consume the measured units."""
        return self.low <= self.measured <= self.high

    @property
    def is_usual(self) -> bool:
        """Whether items of the assumed size consume the measured units."""
        return self.low <= self.measured <= self.usual


def consumed_units(operation: str, response: Response) -> Iterator[tuple[Place, float]]:
    """Yield the units in the ConsumedCapacity of a response, which was requested with INDEXES."""
    consumed = response.get("ConsumedCapacity") or []
    for one in consumed if isinstance(consumed, list) else [consumed]:
        # The repeat of a completed transaction with the same ClientRequestToken consumes read units.
        is_read = operation in READS or "ReadCapacityUnits" in one
        kind: units.Kind = "read" if is_read else "write"
        of_table = one.get("Table", one)  # moto does not report the table and its indexes separately
        yield Place(kind, one["TableName"], None), of_table["CapacityUnits"]
        for indexes in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            for index, part in one.get(indexes, {}).items():
                yield Place(kind, one["TableName"], index), part["CapacityUnits"]


class Meter:
    """A client that measures its requests. variables: the environment, which may name the AWS region.

    region: the AWS region, or None if it is unknown. requests: the number of requests by operation. rejected: the
    calculated units of each rejected write. engine: set if the units of the engine differ from those of AWS.
    """

    def __init__(self, client: Client, prefix: str, variables: Mapping[str, str]) -> None:
        self._client = client
        tables = requests.tables(prefix)
        self._tables = {name: table.with_all_indexes() for name, table in tables.items()}
        self._optional = {(name, index) for name, table in tables.items() for index in table.optional_indexes}
        self.region: str | None = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
        self.requests: Counter[str] = Counter()
        self.pages = self.scanned = self.count = self.retries = 0
        self.rejected: list[float] = []
        self.engine: DifferingEngine | None = None
        self._measured: dict[Place, float] = {}
        self._predicted: dict[Place, tuple[float, float, float]] = {}
        self._lock = Lock()  # export and import send requests in threads

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        return self._metered(OPERATIONS[name], attribute) if name in OPERATIONS else attribute

    def _metered(self, operation: str, send: Callable[..., Response]) -> Callable[..., Response]:
        capacity = {} if operation in ABOUT_TABLES else {"ReturnConsumedCapacity": "INDEXES"}

        def metered(**request: Any) -> Response:
            with self._lock:
                self.requests[operation] += 1
            try:
                response = send(**{**request, **capacity})
            except self._client.exceptions.ClientError as error:
                with self._lock:
                    self._note_metadata(error.response)
                    if error.response["Error"]["Code"] in REJECTIONS:
                        self.rejected.append(units.rejected(operation, request, self._tables, error.response))
                raise
            with self._lock:
                self._note_response(operation, request, response)
            return response

        return metered

    def _note_response(self, operation: str, request: dict[str, Any], response: Response) -> None:
        self._note_metadata(response)
        self._note_page(operation, response)
        evaluated = response.get("ScannedCount", int("Item" in response))
        for part in units.predicted(operation, request, self._tables, evaluated):
            place = Place(part.kind, part.table, part.on_index)
            low, usual, high = self._predicted.get(place, (0.0, 0.0, 0.0))
            self._predicted[place] = low + part.low, usual + part.usual, high + part.high
        for place, measured in consumed_units(operation, response):
            self._measured[place] = self._measured.get(place, 0.0) + measured

    def _note_metadata(self, response: Response) -> None:
        # Not earlier, because some commands never connect.
        self.region = getattr(getattr(self._client, "meta", None), "region_name", None) or self.region
        metadata = response.get("ResponseMetadata", {})
        self.retries += max(metadata.get("RetryAttempts", 0), metadata.get("LostResponses", 0))
        server = metadata.get("HTTPHeaders", {}).get("server", "")
        self.engine = next((engine for engine in DIFFERING_ENGINES if engine.server in server), self.engine)

    def _note_page(self, operation: str, response: Response) -> None:
        if operation in ("Query", "Scan"):
            self.pages += 1
            self.scanned += response["ScannedCount"]
            self.count += response["Count"]

    def usages(self) -> list[Usage]:
        """Return the measured and predicted units of each table and index that has any."""
        usages = [
            Usage(place, self._measured.get(place, 0.0), *self._predicted.get(place, (0.0, 0.0, 0.0)))
            for place in dict.fromkeys([*self._predicted, *self._measured])
        ]
        # Only the units of a response show whether an optional index exists.
        return [
            usage
            for usage in usages
            if usage.measured or (usage.high and (usage.place.table, usage.place.on_index) not in self._optional)
        ]

    def is_miscounted(self) -> bool:
        """Whether the engine has reported units that AWS charges for no items."""
        return self.engine is not None and not all(usage.is_possible for usage in self.usages())

    def billed(self, kind: units.Kind) -> float:
        """Return the units that AWS charges, including rejected writes.

        These are the measured units, or the predicted ones if the units of the engine differ from those of AWS.
        """
        is_wrong = self.is_miscounted()
        usages = [usage for usage in self.usages() if usage.place.kind == kind]
        total = sum(min(usage.usual, usage.high) if is_wrong else usage.measured for usage in usages)
        return total + (sum(self.rejected) if kind == "write" else 0)
