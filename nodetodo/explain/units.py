"""Predicts the capacity units of a request and explains their calculation.

The content of the database is unknown. A prediction is therefore a range for items of any size. The usual units rest on
an assumed size, and on the attributes in the request. The rules are those of the embedded engine, see
embedded.capacity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..embedded import values
from ..embedded.capacity import TRANSACTIONAL, read_units, write_units
from ..embedded.limits import ITEM_BYTES, PAGE_BYTES, READ_UNIT_BYTES, WRITE_UNIT_BYTES
from ..model import Task, User
from .requests import actions, batch, expressions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .requests import Parameters, Table

ASSUMED_BYTES: dict[type[User] | type[Task], int] = {User: 43, Task: 74}
"""The assumed size of an item that is not in the request.

The user is {"uid": "emma", "email": "emma@example.org", "phone": "+491701234"}. For the task see repositories.paging.
"""

MAX_WRITE_UNITS = write_units(0, ITEM_BYTES)

Kind = Literal["read", "write"]
KINDS: tuple[Kind, ...] = ("read", "write")


class Part(NamedTuple):
    """The units of a request on a table or an index.

    low and high: the limits for items of any size. usual: the maximum for items of the assumed size. calculation: of
    the usual units, in words and numbers.
    """

    table: str
    on_index: str | None
    kind: Kind
    low: float
    usual: float
    high: float
    calculation: str

    def times(self, number: int) -> Part:
        """Return the units of this number of equal requests."""
        return self._replace(low=self.low * number, usual=self.usual * number, high=self.high * number)


def predicted(
    operation: str, parameters: Parameters, tables: dict[str, Table], evaluated: int | None = None
) -> list[Part]:
    """Return the units of a request by table and index. The list is empty for requests about tables, which are free.

    evaluated: the number of items that a read has evaluated, if it was sent already.
    """
    if operation == "TransactWriteItems":
        return _merged(
            part for kind, action in actions(parameters) for part in _write(kind, action, tables, TRANSACTIONAL)
        )
    if operation == "BatchWriteItem":
        return list(_batch(parameters, tables))
    if operation == "BatchGetItem":
        return [_batch_get(parameters, tables)]
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return list(_write(operation.removesuffix("Item"), parameters, tables, 1))
    if operation in ("GetItem", "Query", "Scan"):
        return [_read(operation, parameters, tables, evaluated)]
    return []


def rejected(operation: str, parameters: Parameters, tables: dict[str, Table], error: dict[str, Any]) -> float:
    """Return the write units of a write that DynamoDB rejected. error: the error response, which has no units.

    A write that its condition rejects is charged by the size of the existing item, at least 1 unit ("DynamoDB read and
    write operations", developer guide). An item that the condition requires and that the response lacks is absent. The
    other actions of a cancelled transaction are charged as predicted, because DynamoDB has prepared them.
    """
    if operation != "TransactWriteItems":
        return _units_of(error.get("Item"))
    total = 0.0
    for (kind, action), reason in zip(actions(parameters), error.get("CancellationReasons", []), strict=False):
        if reason.get("Code") == "ConditionalCheckFailed":
            total += _units_of(reason.get("Item")) * TRANSACTIONAL
        else:
            total += next(_write(kind, action, tables, TRANSACTIONAL)).usual
    return total


def _units_of(item: dict[str, Any] | None) -> float:
    return write_units(values.item_size(item or {}), 0)


def assumed_bytes(table: Table) -> int:
    """Return the assumed size of an item of a table of this program."""
    assert table.holds is not None
    return ASSUMED_BYTES[table.holds]


def _read(operation: str, parameters: Parameters, tables: dict[str, Table], evaluated: int | None) -> Part:
    table = tables[parameters["TableName"]]
    consistent = parameters.get("ConsistentRead", False)
    each = assumed_bytes(table)
    limit = 1 if operation == "GetItem" else parameters["Limit"]
    number = min(limit, PAGE_BYTES // each)
    # The item that exceeds the size of a page is its last one.
    largest = min((limit if evaluated is None else evaluated) * ITEM_BYTES, PAGE_BYTES + ITEM_BYTES)
    low, usual, high = (read_units(size, consistent) for size in (0, number * each, largest))
    calculation = f"⌈{f'{number:,} × ' if number > 1 else ''}{each} B / {READ_UNIT_BYTES:,}⌉"
    calculation += "" if consistent else " / 2"
    return Part(table.name, parameters.get("IndexName"), "read", low, usual, high, calculation)


def _write(kind: str, parameters: Parameters, tables: dict[str, Table], times: int) -> Iterator[Part]:
    table = tables[parameters["TableName"]]
    given = values.item_size(written(kind, parameters))
    size = given if kind == "Put" else max(assumed_bytes(table), given)
    low, usual = write_units(0, given), write_units(0, size)
    high = low if kind == "Put" else MAX_WRITE_UNITS  # the condition of each Put is that no item exists
    calculation = f"{f'{times} × ' if times > 1 else ''}⌈{size:,} B / {WRITE_UNIT_BYTES:,}⌉{_MEASURED[kind]}"
    yield Part(table.name, None, "write", low * times, usual * times, high * times, calculation)
    if kind != "ConditionCheck":
        for index in table.indexes:
            yield _entry_part(table, index, kind, parameters, usual)


def of_optional_indexes(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[Part]:
    """Return the units of a write on each optional index that it may change."""
    with_optional = {name: table.with_all_indexes() for name, table in tables.items()}
    return [
        part
        for part in predicted(operation, parameters, with_optional)
        if part.kind == "write" and part.high and part.on_index in tables[part.table].optional_indexes
    ]


def _entry_part(table: Table, index: str, kind: str, parameters: Parameters, units: float) -> Part:
    """Return the units of a write on an index. units: the usual units of the new item."""
    limits, calculation = _entry(kind, parameters, table.entry_attribute(index), units)
    return Part(table.name, index, "write", *limits, calculation)


def written(kind: str, parameters: Parameters) -> dict[str, Any]:
    """Return the attributes of a write that the request contains: the whole item of a Put, else the key and changes."""
    if kind == "Put":
        item: dict[str, Any] = parameters["Item"]
        return item
    changes = expressions_of(parameters).update
    return {**parameters["Key"], **{change.attribute: change.value for change in changes if change.value is not None}}


_MEASURED = {"Put": "", "Update": ", old or new", "Delete": " of the old item", "ConditionCheck": ", as for a write"}


def _entry(kind: str, parameters: Parameters, key: str, units: float) -> tuple[tuple[float, float, float], str]:
    """Return low, usual and high of a write on an index, and their calculation.

    key: the attribute without which an item has no entry. units: the usual units of the new item.
    """
    if kind == "Put":
        if key not in parameters["Item"]:
            return (0, 0, 0), f"no {key}, no entry"
        return (units, units, units), "a new entry with all attributes"
    update = {change.attribute: change.value for change in expressions_of(parameters).update}
    if kind == "Delete" or (key in update and update[key] is None):
        return (0, 1, MAX_WRITE_UNITS), f"0 without a {key}"
    if key not in update:
        return (0, units, MAX_WRITE_UNITS), f"0 without a {key}"
    return (0, 1 + units, 2 * MAX_WRITE_UNITS), f"old entry 1 + new entry {shown(units)}"


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Sum the parts of each table and index, such as those of many actions of a transaction."""
    merged: dict[tuple[str, str | None], list[Part]] = {}
    for part in parts:
        merged.setdefault((part.table, part.on_index), []).append(part)
    return [_sum(equal) for equal in merged.values()]


def _sum(parts: list[Part]) -> Part:
    first = parts[0]
    if len(parts) == 1:
        return first
    low, usual, high = (sum(getattr(part, name) for part in parts) for name in ("low", "usual", "high"))
    return Part(first.table, first.on_index, first.kind, low, usual, high, f"{len(parts)} × {first.calculation}")


def _batch(parameters: Parameters, tables: dict[str, Table]) -> Iterator[Part]:
    writes = batch(parameters)
    name = writes[0][0]
    number = sum(write_units(0, values.item_size(write.get("Item", {}))) for _, write in writes)
    high = len(writes) * MAX_WRITE_UNITS
    yield Part(name, None, "write", number, number, high, "1 per KB of an item")
    for index in tables[name].indexes:
        yield Part(name, index, "write", 0, number, high, "1 per KB of an entry")


def _batch_get(parameters: Parameters, tables: dict[str, Table]) -> Part:
    keys = batch(parameters)
    table = tables[keys[0][0]]
    consistent = parameters["RequestItems"][table.name].get("ConsistentRead", False)
    each, largest = (read_units(size, consistent) for size in (assumed_bytes(table), ITEM_BYTES))
    number = len(keys)
    return Part(table.name, None, "read", number * each, number * each, number * largest, f"{shown(each)} per item")


class Pages(NamedTuple):
    """The Limit of each page that a command reads if all pages are full. is_endless: the last Limit repeats."""

    limits: list[int]
    is_endless: bool


class Scale(NamedTuple):
    """The pages and read units of a list if the table, or the item collection, has this number of items."""

    items: int
    pages: int
    units: float


def scale(parameters: Parameters, tables: dict[str, Table], pages: Pages, items: int) -> Scale:
    """Return the cost of a list among this number of items, at its maximum: if no item passes the filter."""
    each = assumed_bytes(tables[parameters["TableName"]])
    left, units, number = items, 0.0, 0
    while True:
        limit = pages.limits[min(number, len(pages.limits) - 1)]
        evaluated = min(limit, left, PAGE_BYTES // each)
        units += read_units(evaluated * each, parameters.get("ConsistentRead", False))
        number += 1
        left -= evaluated
        if evaluated < limit or (number == len(pages.limits) and not pages.is_endless):
            return Scale(items, number, units)


def shown(units: float) -> str:
    """Format units: 12.0 as 12, 1234.5 as 1,234.5."""
    return f"{units:,.1f}".removesuffix(".0")


def span(low: float, high: float) -> str:
    """Format a range of units."""
    return shown(low) if low == high else f"{shown(low)} to {shown(high)}"


def with_kind(low: float, high: float, kind: Kind) -> str:
    """Format a range of units of a kind, such as 1 to 2 write units."""
    return f"{span(low, high)} {kind} unit{'' if low == high == 1 else 's'}"


def totals(parts: list[Part], *, usual_only: bool = False) -> list[str]:
    """Format the units of each kind, the maximum for items of any size in parentheses unless usual_only."""
    found = []
    for kind in KINDS:
        of_kind = [part for part in parts if part.kind == kind]
        if of_kind:
            low, usual, high = (sum(getattr(part, name) for part in of_kind) for name in ("low", "usual", "high"))
            found.append(
                with_kind(low, usual, kind) + (f" (at most {shown(high)})" if high > usual and not usual_only else "")
            )
    return found
