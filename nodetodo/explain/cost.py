"""--cost: what a command consumed, measured by the engine, against what was to be expected, and in money.

A meter stands between the repositories and the engine. It adds ReturnConsumedCapacity to every request that takes it,
and adds up the answers over all requests, pages and retries.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import WrongUsage
from ..pricing.prices import REGION, Prices, prices
from . import requests as reading
from . import units
from .simulated import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..engines.interface import Client, Response

Place = tuple[str, str, str | None]
"""("read" or "write", table, index or None)."""

COMMANDS = 1_000_000
"""Money is told for so many commands: of one it would be a fraction of a cent."""

HOUR = 3600

REFUSED = ("ConditionalCheckFailedException", "TransactionCanceledException")
"""Refusals that DynamoDB charges as the write that did not come to be, and without ConsumedCapacity in them."""


class Engine(NamedTuple):
    """An engine that counts otherwise than DynamoDB, known by the header Server of its answers. Measured."""

    server: str
    name: str
    counts: str


COUNT_WRONGLY = (
    Engine(
        "Jetty",
        "DynamoDB Local",
        "0 for a Query or Scan that finds nothing, where DynamoDB charges the minimum, "
        "and an index's part of a transaction twice, where DynamoDB charges it once",
    ),
    Engine("Werkzeug", "moto", "1 for reads of half a unit, half of an update, no index and no transaction"),
)


class Meter:
    """A client that measures what passes through it."""

    def __init__(self, client: Client, prefix: str, env: Mapping[str, str]) -> None:
        self._client, self._tables = client, reading.tables(prefix)
        meta = getattr(client, "meta", None)
        self._region = getattr(meta, "region_name", None) or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")
        self.requests: Counter[str] = Counter()
        self.pages = self.scanned = self.count = self.retries = 0
        self.measured: dict[Place, float] = {}
        self.predicted: dict[Place, tuple[float, float]] = {}
        self.refused: list[float] = []
        self.engine: Engine | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return self._metered(OPERATIONS[name][0], found) if name in OPERATIONS else found

    def _metered(self, operation: str, send: Callable[..., Response]) -> Callable[..., Response]:
        takes_it = {} if operation.endswith("Table") else {"ReturnConsumedCapacity": "INDEXES"}

        def metered(**request: Any) -> Response:
            self.requests[operation] += 1
            expected = units.predicted(operation, request, self._tables)
            try:
                response = send(**request, **takes_it)
            except self._client.exceptions.ClientError as refusal:
                self._note_retries(refusal.response)
                if refusal.response["Error"]["Code"] in REFUSED:  # then no index is written
                    self.refused.append(sum(part.high for part in expected if part.on_index is None))
                raise
            self._note_retries(response)
            self._note_pages(operation, response)
            for part in expected:
                place = (part.kind, part.table, part.on_index)
                low, high = self.predicted.get(place, (0.0, 0.0))
                self.predicted[place] = low + part.low, high + part.high
            consumed = response.get("ConsumedCapacity") or []
            for one in consumed if isinstance(consumed, list) else [consumed]:
                self._note_units(operation, one)
            return response

        return metered

    def _note_retries(self, response: Response) -> None:
        about = response.get("ResponseMetadata", {})
        self.retries += max(about.get("RetryAttempts", 0), about.get("LostResponses", 0))
        server = about.get("HTTPHeaders", {}).get("server", "")
        self.engine = next((engine for engine in COUNT_WRONGLY if engine.server in server), self.engine)

    def _note_pages(self, operation: str, response: Response) -> None:
        if operation in ("Query", "Scan"):
            self.pages += 1
            self.scanned += response["ScannedCount"]
            self.count += response["Count"]

    def _note_units(self, operation: str, consumed: dict[str, Any]) -> None:
        """A transaction that is only answered again is charged as a read, and says so."""
        reads = operation in ("GetItem", "Query", "Scan") or "ReadCapacityUnits" in consumed
        kind, table = "read" if reads else "write", consumed["TableName"]
        found = {(kind, table, None): consumed.get("Table", consumed)["CapacityUnits"]}  # moto leaves the parts out
        found |= {
            (kind, table, index): used["CapacityUnits"]
            for index, used in consumed.get("GlobalSecondaryIndexes", {}).items()
        }
        for place, more in found.items():
            self.measured[place] = self.measured.get(place, 0.0) + more

    def places(self) -> list[tuple[Place, float, tuple[float, float]]]:
        """Each table and index that units were used on or expected for: measured, and predicted at least and most."""
        named = dict.fromkeys([*self.predicted, *self.measured])
        every = [(place, self.measured.get(place, 0.0), self.predicted.get(place, (0.0, 0.0))) for place in named]
        return [(place, used, span) for place, used, span in every if used or span[1]]

    def is_as_predicted(self) -> bool:
        return all(low <= used <= high for _, used, (low, high) in self.places())

    def note(self) -> str | None:
        """Why measured and predicted differ, where they do."""
        if self.is_as_predicted():
            return None
        if self.engine:
            return f"{self.engine.name} counts otherwise than DynamoDB: {self.engine.counts}"
        return "units beyond the prediction: the items are larger, or more, than it assumed"

    def _billed(self, kind: str) -> Decimal:
        """Units of a kind that AWS would charge: what was measured, unless the engine is known to count wrongly."""
        wrong = self.engine is not None and not self.is_as_predicted()
        total = sum(high if wrong else used for (of, *_), used, (_, high) in self.places() if of == kind)
        return Decimal(str(total + (sum(self.refused) if kind == "write" else 0)))

    def prices(self) -> Prices:
        try:
            return prices(self._region or REGION)
        except WrongUsage:  # a region that the file of prices does not have
            return prices(REGION)

    def money(self) -> tuple[Decimal, Decimal]:
        """Dollars for a million such commands: on demand, and with provisioned capacity that is used to the full."""
        of = self.prices().standard
        reads, writes = self._billed("read"), self._billed("write")
        on_demand = reads * of.on_demand_read_million + writes * of.on_demand_write_million
        hours = Decimal(COMMANDS) / HOUR
        return on_demand, (reads * of.provisioned_read_hour + writes * of.provisioned_write_hour) * hours

    def as_json(self) -> dict[str, Any]:
        on_demand, provisioned = self.money()
        of = self.prices()
        return {
            "requests": dict(self.requests),
            "retries": self.retries,
            "refused": len(self.refused),
            "pages": self.pages,
            "scanned_count": self.scanned,
            "count": self.count,
            "units": [
                {"kind": kind, "table": table, "index": index, "measured": used, "predicted": list(span)}
                for (kind, table, index), used, span in self.places()
            ],
            "million": {"on_demand": float(on_demand), "provisioned": round(float(provisioned), 6)},
            "prices": {"region": of.region, "date": of.date},
            "note": self.note(),
        }

    def lines(self) -> list[str]:
        """The same for people."""
        total = self.requests.total()
        names = ", ".join(f"{many} {name}" if many > 1 else name for name, many in self.requests.items())
        said = [f"{total} request{'' if total == 1 else 's'}{f' ({names})' if names else ''}"]
        if self.pages:
            said.append(f"{self.pages} page{'' if self.pages == 1 else 's'}")
            said.append(f"ScannedCount {self.scanned:,}, Count {self.count:,}")
        if self.retries:
            said.append(f"{self.retries} sent again")
        lines = textwrap.wrap(f"cost: {'; '.join(said)}", 80)
        rows = [
            (kind, units.shown(used), units.span(*span), table if index is None else f"{table}/{index}")
            for (kind, table, index), used, span in self.places()
        ]
        if rows:
            rows.insert(0, ("", "UNITS", "PREDICTED", "ON"))
            wide, wider = (max(len(row[column]) for row in rows) for column in (1, 2))
            lines += [f"{kind:<5}  {used:>{wide}}  {span:>{wider}}  {place}" for kind, used, span, place in rows]
        if self.refused:
            many = len(self.refused)
            which = "1 request refused" if many == 1 else f"{many} requests refused"
            charged = sum(self.refused)
            charged_units = f"{units.shown(charged)} write unit{'' if charged == 1 else 's'}"
            lines.append(f"{which} and charged: {charged_units} as predicted, not reported")
        lines += textwrap.wrap(self.note() or "", 80)
        if not (rows or self.refused):
            return [*lines, "requests about tables are free; what they hold, and provisioned capacity, is not"]
        on_demand, provisioned = self.money()
        lines.append(
            f"a million such commands: {_dollars(on_demand)} on demand, "
            f"{_dollars(provisioned)} provisioned and fully used"
        )
        of = self.prices()
        instead = f", as those of {self._region} are not known" if self._region not in (None, of.region) else ""
        return [*lines, *textwrap.wrap(f"prices of {of.region} on {of.date}, table class standard{instead}", 80)]


def _dollars(amount: Decimal) -> str:
    """Four digits that mean something, and no less than cents."""
    whole, _, cents = f"{float(amount):.4g}".partition(".")
    return f"${amount:,.2f}" if amount >= 100 else f"${whole}.{cents:0<2}"
