"""Predicts the capacity units of a request and explains their calculation.

The content of the database is unknown. A prediction is therefore a range that rests on assumed item sizes. The rules
are those of the embedded engine, see embedded.capacity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..embedded import values
from ..embedded.capacity import TRANSACTIONAL, read_units, write_units
from ..embedded.limits import PAGE_BYTES, READ_UNIT_BYTES, WRITE_UNIT_BYTES
from ..model import Task, User
from .requests import actions, expressions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .requests import Parameters, Table

ASSUMED_BYTES: dict[type[User] | type[Task], int] = {User: 43, Task: 74}
"""The assumed size of an item that is not in the request.

The user is {"uid": "emma", "email": "emma@example.org", "phone": "+491701234"}. For the task see repositories.paging.
"""

Kind = Literal["read", "write"]
KINDS: tuple[Kind, ...] = ("read", "write")


class Part(NamedTuple):
    """The units of a request on a table or an index. high: the maximum for items of the assumed size.

    calculation: in words and numbers.
    """

    table: str
    on_index: str | None
    kind: Kind
    low: float
    high: float
    calculation: str


def predicted(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[Part]:
    """Return the units of a request by table and index. The list is empty for requests about tables, which are free."""
    if operation == "TransactWriteItems":
        return [part for kind, action in actions(parameters) for part in _write(kind, action, tables, TRANSACTIONAL)]
    if operation == "BatchWriteItem":
        return list(_batch(parameters, tables))
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return list(_write(operation.removesuffix("Item"), parameters, tables, 1))
    if operation in ("GetItem", "Query", "Scan"):
        return [_read(operation, parameters, tables)]
    return []


def _read(operation: str, parameters: Parameters, tables: dict[str, Table]) -> Part:
    table = tables[parameters["TableName"]]
    consistent = parameters.get("ConsistentRead", False)
    each = ASSUMED_BYTES[table.holds]
    number = 1 if operation == "GetItem" else min(parameters["Limit"], PAGE_BYTES // each)
    low, high = read_units(0, consistent), read_units(number * each, consistent)
    size = number * each
    items = "an item" if number == 1 else f"{number:,} items"
    units = shown(read_units(size, True))
    calculation = f"{items} of about {each} bytes, ⌈{size:,} / {READ_UNIT_BYTES:,}⌉ = {units}"
    calculation += "" if consistent else ", halved for eventual consistency"
    calculation += f"; {shown(low)} if nothing is found" if low == high else f"; at least {shown(low)}"
    return Part(table.name, parameters.get("IndexName"), "read", low, high, calculation)


def _write(kind: str, parameters: Parameters, tables: dict[str, Table], times: int) -> Iterator[Part]:
    table = tables[parameters["TableName"]]
    if kind == "Put":
        size = values.item_size(parameters["Item"])
        measured = f"{size:,} bytes"
    else:
        changes = expressions_of(parameters).update
        written = {change.attribute: change.value for change in changes if change.value is not None}
        size = max(ASSUMED_BYTES[table.holds], values.item_size(parameters["Key"] | written))
        measured = f"{_MEASURED[kind]}, about {size:,} bytes"
    units = write_units(0, size)
    calculation = f"{measured}: ⌈{size:,} / {WRITE_UNIT_BYTES:,}⌉ = {shown(units)}"
    calculation += f", times {times} in a transaction: {shown(units * times)}" if times > 1 else ""
    yield Part(table.name, None, "write", units * times, units * times, calculation)
    if kind != "ConditionCheck":
        for index, key in table.indexes.items():
            low, high, calculation = _entry(kind, parameters, key[0])
            calculation += ", not doubled in a transaction" if times > 1 else ""
            yield Part(table.name, index, "write", low, high, calculation)


_MEASURED = {
    "Update": "the larger of the old and the new item",
    "Delete": "the old item",
    "ConditionCheck": "a condition check costs as much as a write",
}


def _entry(kind: str, parameters: Parameters, key: str) -> tuple[float, float, str]:
    """Return the units of a write on an index with this partition key: at least, at most, and their calculation."""
    if kind == "Put":
        if key not in parameters["Item"]:
            return 0, 0, f"no {key}, so no entry: 0"
        units = write_units(0, values.item_size(parameters["Item"]))
        return units, units, f"a new entry with all attributes: {shown(units)}"
    update = {change.attribute: change.value for change in expressions_of(parameters).update}
    is_removed = kind == "Delete" or (key in update and update[key] is None)
    if is_removed:
        return 0, 1, f"its entry is removed: 1; 0 if it has no {key}"
    if key not in update:
        return 0, 1, f"its entry has all attributes and is written too: 1; 0 if it has no {key}"
    return 0, 2, f"another {key}: one entry is removed and one is added, 2; the first {key}: 1; no change: 0"


def _batch(parameters: Parameters, tables: dict[str, Table]) -> Iterator[Part]:
    for name, writes in parameters["RequestItems"].items():
        number = len(writes)
        items = f"{number} items" if number > 1 else "1 item"
        yield Part(name, None, "write", number, number, f"1 for each item below 1 KB; {items}: {number}")
        for index, key in tables[name].indexes.items():
            yield Part(name, index, "write", 0, number, f"1 for each item with a {key[0]}")


class Scale(NamedTuple):
    """The pages and read units of a list if the table, or the item collection, has this number of items."""

    items: int
    pages: int
    units: float


def scales(parameters: Parameters, tables: dict[str, Table], limits: list[int], rows: int | None) -> Iterator[Scale]:
    """Yield the cost of a Query or Scan among 100, 10,000 and 1,000,000 items, at its maximum.

    With a filter, the maximum is to read all items, because none passes. Without a filter, it is the rows of the list
    and one more. limits: page_limits of plan.Step. rows: row_limit of plan.Step.
    """
    each = ASSUMED_BYTES[tables[parameters["TableName"]].holds]
    consistent = parameters.get("ConsistentRead", False)
    for items in (100, 10_000, 1_000_000):
        wanted = items
        if not limits:
            wanted = parameters["Limit"]
        elif rows is not None and "FilterExpression" not in parameters:
            wanted = rows + 1
        left, units, pages = items, 0.0, 0
        while True:
            limit = limits[min(pages, len(limits) - 1)] if limits else parameters["Limit"]
            evaluated = min(limit, left, PAGE_BYTES // each)
            units += read_units(evaluated * each, consistent)
            pages += 1
            left -= evaluated
            wanted -= evaluated
            if evaluated < limit or wanted <= 0 < left or not limits:
                break
        yield Scale(items, pages, units)


def shown(units: float) -> str:
    """Format units: 12.0 as 12, 1234.5 as 1,234.5."""
    return f"{units:,.1f}".removesuffix(".0")


def total(parts: list[Part], kind: Kind) -> tuple[float, float]:
    """Return the minimum and the maximum of the units of one kind."""
    of_kind = [part for part in parts if part.kind == kind]
    return sum(part.low for part in of_kind), sum(part.high for part in of_kind)


def span(low: float, high: float) -> str:
    """Format a range of units."""
    return shown(low) if low == high else f"{shown(low)} to {shown(high)}"


def with_kind(low: float, high: float, kind: Kind) -> str:
    """Format a range of units of a kind, such as 1 to 2 write units."""
    return f"{span(low, high)} {kind} unit{'' if low == high == 1 else 's'}"


def sizes(item: dict[str, Any]) -> str:
    """Format the size of an item as the bytes of each attribute name and value, and their sum."""
    parts = [f"{name} {len(name.encode())}+{values.value_size(value)}" for name, value in item.items()]
    return f"{', '.join(parts)}: {values.item_size(item):,} bytes"
