"""Capacity units of a request before it is sent, with their arithmetic.

What is in the database is not known then: a figure is a range, and sizes are assumed. The rules themselves are the
embedded engine's, see embedded.capacity and writes.store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded import values
from ..embedded.capacity import TRANSACTIONAL, read_units, write_units
from ..embedded.limits import PAGE_BYTES, READ_UNIT_BYTES, WRITE_UNIT_BYTES
from ..model import Task, User
from . import requests as reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .requests import Parameters, Table

ASSUMED_BYTES: dict[type[User] | type[Task], int] = {User: 43, Task: 74}
"""Of an item that is not at hand: {"uid": "emma", "email": "emma@example.org", "phone": "+491701234"}, and a task of
usual size, see repositories.paging."""


class Part(NamedTuple):
    """Units of a request on a table or index, at least `low` and, with items of the assumed size, at most `high`."""

    table: str
    on_index: str | None
    kind: str  # "read" or "write"
    low: float
    high: float
    why: str


def predicted(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[Part]:
    """The units of a request by table and index; none for requests about tables, which are free."""
    if operation == "TransactWriteItems":
        actions = [next(iter(action.items())) for action in parameters["TransactItems"]]
        return [part for kind, action in actions for part in _write(kind, action, tables, TRANSACTIONAL)]
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
    many = 1 if operation == "GetItem" else min(parameters["Limit"], PAGE_BYTES // each)
    low, high = read_units(0, consistent), read_units(many * each, consistent)
    items = "an item" if many == 1 else f"{many:,} items"
    strong = shown(read_units(many * each, True))
    why = f"{items} of some {each} bytes, ⌈{many * each:,} / {READ_UNIT_BYTES:,}⌉ = {strong}"
    why += "" if consistent else ", halved because it is eventual"
    why += f"; {shown(low)} if there is none" if low == high else f"; {shown(low)} at least"
    return Part(table.name, parameters.get("IndexName"), "read", low, high, why)


def _write(kind: str, parameters: Parameters, tables: dict[str, Table], times: int) -> Iterator[Part]:
    table = tables[parameters["TableName"]]
    twice = f", times {times} in a transaction: {{}}" if times > 1 else ""
    apart = ", not doubled in a transaction" if times > 1 else ""

    def part(size: int, what: str) -> Part:
        units = write_units(0, size)
        why = f"{what}: ⌈{size:,} / {WRITE_UNIT_BYTES:,}⌉ = {shown(units)}{twice.format(shown(units * times))}"
        return Part(table.name, None, "write", units * times, units * times, why)

    if kind == "Put":
        size = values.item_size(parameters["Item"])
        yield part(size, f"{size:,} bytes")
    else:
        said = reading.said(parameters)
        given = {name: value for _, name, value in said.update if value is not None}
        size = max(ASSUMED_BYTES[table.holds], values.item_size(parameters["Key"] | given))
        what = {"Delete": "the old item", "ConditionCheck": "a check costs as much as a write"}
        yield part(size, f"{what.get(kind, 'the larger of old and new item')}, some {size:,} bytes")
    if kind != "ConditionCheck":
        for index, key in table.indexes.items():
            low, high, why = _entry(kind, parameters, key[0])
            yield Part(table.name, index, "write", low, high, f"{why}{apart}")


def _entry(kind: str, parameters: Parameters, key: str) -> tuple[float, float, str]:
    """The units, at least and at most, of keeping an index with this partition key in step with a write, and why."""
    if kind == "Put":
        if key not in parameters["Item"]:
            return 0, 0, f"no {key}, so no entry: 0"
        units = write_units(0, values.item_size(parameters["Item"]))
        return units, units, f"a new entry with all attributes: {shown(units)}"
    update = {name: value for _, name, value in reading.said(parameters).update}
    if kind == "Delete":
        return 0, 1, f"its entry goes: 1; 0 if it has no {key}"
    if key not in update:
        return 0, 1, f"its entry has all attributes and is written too: 1; 0 if it has no {key}"
    if update[key] is None:
        return 0, 1, f"its entry goes: 1; 0 if it has no {key}"
    return (
        0,
        2,
        f"another {key}: the old entry goes and a new one comes, 2; the first {key}: 1; the same and no change: 0",
    )


def _batch(parameters: Parameters, tables: dict[str, Table]) -> Iterator[Part]:
    for name, writes in parameters["RequestItems"].items():
        many = len(writes)
        each = f"{many} items" if many > 1 else "1 item"
        yield Part(name, None, "write", many, many, f"1 for each item below 1 KB; {each}: {many}")
        for index, key in tables[name].indexes.items():
            yield Part(name, index, "write", 0, many, f"1 for each item with a {key[0]}")


class Scale(NamedTuple):
    """What reading `items` items takes."""

    items: int
    pages: int
    units: float


def scales(parameters: Parameters, tables: dict[str, Table], limits: list[int], rows: int | None) -> Iterator[Scale]:
    """What a Query or Scan would take among 100, 10,000 and 1,000,000 items, when it reads as many as it ever does.

    limits: of its pages, see plan.Step; rows: how many are wanted. Where a filter lets nothing through all are read,
    without one the rows and one more.
    """
    each = ASSUMED_BYTES[tables[parameters["TableName"]].holds]
    consistent = parameters.get("ConsistentRead", False)
    for there in (100, 10_000, 1_000_000):
        wanted = there
        if not limits:
            wanted = parameters["Limit"]
        elif rows is not None and "FilterExpression" not in parameters:
            wanted = rows + 1
        left, units, pages = there, 0.0, 0
        while True:
            limit = limits[min(pages, len(limits) - 1)] if limits else parameters["Limit"]
            evaluated = min(limit, left, PAGE_BYTES // each)
            units += read_units(evaluated * each, consistent)
            pages += 1
            left -= evaluated
            wanted -= evaluated
            if evaluated < limit or wanted <= 0 < left or not limits:
                break
        yield Scale(there, pages, units)


def shown(units: float) -> str:
    """12.0 as 12, 1234.5 as 1,234.5."""
    return f"{units:,.1f}".removesuffix(".0")


def total(parts: list[Part], kind: str) -> tuple[float, float]:
    """The least and the most of all parts of a kind."""
    of_kind = [part for part in parts if part.kind == kind]
    return sum(part.low for part in of_kind), sum(part.high for part in of_kind)


def span(low: float, high: float) -> str:
    return shown(low) if low == high else f"{shown(low)} to {shown(high)}"


def sizes(item: dict[str, Any]) -> str:
    """The bytes of an item, attribute by attribute: name and value."""
    parts = [f"{name} {len(name.encode())}+{values.value_size(value)}" for name, value in item.items()]
    return f"{', '.join(parts)}: {values.item_size(item):,} bytes"
