"""Prints the measured units of a command and their price (--cost), or returns them as JSON."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..engines.interface import ABOUT_TABLES
from ..pricing.prices import Prices, known_or_default
from . import units

if TYPE_CHECKING:
    from .meter import Meter

WIDTH = 80

COMMANDS = 1_000_000
"""Prices are those of this number of equal commands. The price of one command would be a fraction of a cent."""

SECONDS_PER_HOUR = 3600


class Price(NamedTuple):
    """Dollars for COMMANDS commands: on demand, and with provisioned capacity at full utilization."""

    on_demand: Decimal
    provisioned: Decimal


def as_json(meter: Meter) -> dict[str, Any]:
    """Return the cost of a command. million: the price of COMMANDS commands in dollars."""
    dated = known_or_default(meter.region)
    price = price_of(meter.billed("read"), meter.billed("write"), dated)
    return {
        "requests": dict(meter.requests),
        "retries": meter.retries,
        "refused": len(meter.rejected),
        "pages": meter.pages,
        "scanned_count": meter.scanned,
        "count": meter.count,
        "units": [
            {
                "kind": usage.place.kind,
                "table": usage.place.table,
                "index": usage.place.on_index,
                "measured": usage.measured,
                "predicted": [usage.low, usage.usual],
            }
            for usage in meter.usages()
        ],
        "million": {"on_demand": float(price.on_demand), "provisioned": round(float(price.provisioned), 6)},
        "prices": {"region": dated.region, "date": dated.date},
        "note": _note(meter),
    }


def lines(meter: Meter) -> list[str]:
    """Return the cost of a command as lines of at most 80 columns."""
    found = [*textwrap.wrap(f"cost: {_requests(meter)}", WIDTH), *_units(meter)]
    if meter.rejected:
        charged = sum(meter.rejected)
        text = (
            f"rejected but charged: {_number(len(meter.rejected), 'request')}, "
            f"{units.with_kind(charged, charged, 'write')} (by the existing item's size)"
        )
        found += textwrap.wrap(text, WIDTH)
    found += textwrap.wrap(_note(meter) or "", WIDTH)
    if not meter.requests:
        return found
    if not (meter.usages() or meter.rejected):
        if any(operation not in ABOUT_TABLES for operation in meter.requests):
            return [*found, "no consumed capacity was reported"]
        if "GetRecords" in meter.requests:
            return [*found, "AWS charges each GetRecords; the price list of this program does not have its price"]
        return [*found, "requests about tables are free; storage and provisioned capacity are not"]
    dated = known_or_default(meter.region)
    price = price_of(meter.billed("read"), meter.billed("write"), dated)
    text = (
        f"{COMMANDS:,} commands: {dollars(price.on_demand)} on demand, "
        f"{dollars(price.provisioned)} provisioned, at full utilization"
    )
    is_known = meter.region in (None, dated.region)
    reason = "table class standard" if is_known else f"because those of {meter.region} are unknown"
    return [*found, *textwrap.wrap(text, WIDTH), f"prices of {dated.region} on {dated.date}, {reason}"]


def _requests(meter: Meter) -> str:
    names = ", ".join(f"{number} {name}" if number > 1 else name for name, number in meter.requests.items())
    parts = [_number(meter.requests.total(), "request") + (f" ({names})" if names else "")]
    if meter.pages:
        parts.append(_number(meter.pages, "page"))
        parts.append(f"ScannedCount {meter.scanned:,}, Count {meter.count:,}")
    if meter.retries:
        parts.append("1 retry" if meter.retries == 1 else f"{meter.retries} retries")
    return "; ".join(parts)


def _units(meter: Meter) -> list[str]:
    """Return a table with a row for each table and index."""
    rows = [
        (
            usage.place.kind,
            units.shown(usage.measured),
            units.span(usage.low, usage.usual),
            "/".join(filter(None, (usage.place.table, usage.place.on_index))),
        )
        for usage in meter.usages()
    ]
    if not rows:
        return []
    table = [("", "UNITS", "PREDICTED", "ON"), *rows]
    measured_width, predicted_width = (max(len(row[column]) for row in table) for column in (1, 2))
    return [
        f"{kind:<5}  {measured:>{measured_width}}  {predicted:>{predicted_width}}  {place}"
        for kind, measured, predicted, place in table
    ]


def _note(meter: Meter) -> str | None:
    """Return the reason why measured and predicted units differ; None if they do not differ."""
    if meter.engine and meter.is_miscounted():
        return f"the units of {meter.engine.name} differ from those of AWS: {meter.engine.difference}"
    if all(usage.is_usual for usage in meter.usages()):
        return None
    return "the units differ from the prediction, which assumes smaller items"


def price_of(read_units: float, write_units: float, dated: Prices) -> Price:
    """Return the price of COMMANDS commands with these units each, at the prices of the table class standard."""
    reads, writes = Decimal(str(read_units)), Decimal(str(write_units))
    standard = dated.standard
    on_demand = reads * standard.on_demand_read_million + writes * standard.on_demand_write_million
    an_hour = reads * standard.provisioned_read_hour + writes * standard.provisioned_write_hour
    return Price(on_demand, an_hour * COMMANDS / SECONDS_PER_HOUR)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def dollars(amount: Decimal) -> str:
    """Format an amount with four significant digits and at least the cents."""
    whole, _, cents = f"{float(amount):.4g}".partition(".")
    return f"${amount:,.2f}" if amount >= 100 else f"${whole}.{cents:0<2}"
