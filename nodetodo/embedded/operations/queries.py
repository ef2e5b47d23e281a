"""Query and Scan: one page of a table or an index.

A page is a range of addresses read in order until it has evaluated Limit items or 1 MB, whichever is first; the filter
comes after. Its cost depends on the page, never on what lies before or after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import keys
from ..errors import ApiError, invalid
from ..expressions import conditions, paths
from ..expressions import key_conditions as keyconditions
from ..expressions.binding import Expressions
from ..schema import key_value
from ..storage.codecs import decoded
from ..storage.statements import reading
from .parameters import (
    CAPACITY,
    EXPRESSIONS,
    TABLE,
    Structure,
    attributes,
    boolean,
    integer_from,
    one_of,
    text,
    text_from,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..capacity import Consumed
    from ..expressions.paths import Path
    from ..schema import Index, Table
    from ..storage.statements import Storage
    from ..values import Item
    from .parameters import Check

PAGE_BYTES = 1_048_576


_PAGE: dict[str, Check] = {
    "IndexName": text_from(3),
    "Select": one_of("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "Limit": integer_from(1),
    "ConsistentRead": boolean,
    "ExclusiveStartKey": attributes,
    "FilterExpression": text,
    "ProjectionExpression": text,
    **EXPRESSIONS,
    **CAPACITY,
}
QUERY = Structure(TABLE, {**_PAGE, "KeyConditionExpression": text, "ScanIndexForward": boolean})
SCAN = Structure(TABLE, {**_PAGE, "Segment": integer_from(0, 999_999), "TotalSegments": integer_from(1, 1_000_000)})


def query(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """The items of one partition of a table or an index, in the order of the sort key."""
    with reading(storage):
        page = _Page(storage, request, ("KeyConditionExpression", "FilterExpression", "ProjectionExpression"))
        if "KeyConditionExpression" not in request:
            raise invalid(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
            )
        page.low, page.high, page.exact = keyconditions.addresses(page.expressions, page.key)
        page.read_expressions()
        page.check_filter_names()
        outside = "The provided starting key is outside query boundaries based on provided conditions"
        return page.read(storage, outside, request.get("ScanIndexForward", True))


def scan(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """All items of a table or an index, or of one of its segments."""
    with reading(storage):
        page = _Page(storage, request, ("FilterExpression", "ProjectionExpression"))
        segment, total = request.get("Segment"), request.get("TotalSegments")
        if segment is None and total is not None:
            raise invalid(
                "The Segment parameter is required but was not present in the request "
                "when parameter TotalSegments is present"
            )
        if total is None and segment is not None:
            raise invalid(
                "The TotalSegments parameter is required but was not present in the request "
                "when Segment parameter is present"
            )
        if segment is not None and total is not None:
            if segment >= total:
                raise invalid(
                    "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                    f"Segment: {segment} is not less than TotalSegments: {total}"
                )
            page.low, page.high = keys.segment(segment, total)
        page.read_expressions()
        outside = (
            "The provided starting key is invalid: Invalid ExclusiveStartKey. "
            f"Please use ExclusiveStartKey with correct Segment. TotalSegments: {total} Segment: {segment}"
        )
        return page.read(storage, outside, forward=True)


class _Page:
    """A page to be read: its table, index, range and expressions."""

    def __init__(self, storage: Storage, request: dict[str, Any], parameters: tuple[str, ...]) -> None:
        self.request = request
        self.table: Table = storage.table(request["TableName"])
        self.index: Index | None = None
        name = request.get("IndexName")
        if name is not None:
            self.index = self.table.indexes.get(name)
            if self.index is None:
                raise invalid(f"The table does not have the specified index: {name}")
            if request.get("ConsistentRead"):
                raise invalid("Consistent reads are not supported on global secondary indexes")
        self.key = self.index.key if self.index else self.table.key
        self.select = self._select()
        self.expressions = Expressions(request, parameters, self.table)
        self.low, self.high = b"", keys.END
        # Whether a Query asks for one value of the sort key.
        self.exact = False
        self.filter: Any = None
        self.projection: list[Path] | None = None

    def _select(self) -> str:
        """What is asked for of each item; a ValidationException for a Select that the other parameters contradict."""
        projected = "ProjectionExpression" in self.request
        select: str | None = self.request.get("Select")
        if select is None:
            return "SPECIFIC_ATTRIBUTES" if projected else "ALL"
        if select == "SPECIFIC_ATTRIBUTES":
            if not projected:
                raise invalid(
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
                )
        elif projected:
            what = "only the Count" if select == "COUNT" else select
            raise invalid(f"Cannot specify the ProjectionExpression when choosing to get {what}")
        if select == "ALL_PROJECTED_ATTRIBUTES" and self.index is None:
            raise invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
        if select == "ALL_ATTRIBUTES" and self.index is not None and self.index.attributes is not None:
            raise invalid(
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                f"secondary index {self.index.name} because its projection type is not ALL"
            )
        return select

    def read_expressions(self) -> None:
        """The filter and the projection; a ValidationException where they name what the index does not hold."""
        self.filter = conditions.bound(self.expressions, "FilterExpression")
        self.projection = self.expressions.projection()
        self.expressions.finish()
        if self.index is None or self.index.attributes is None:
            return
        named = {str(path[0]) for path in self.projection or ()}
        if not named <= self.index.attributes:
            absent = ", ".join(sorted(named - self.index.attributes))
            raise invalid(
                "One or more parameter values were invalid: "
                f"Global secondary index {self.index.name} does not project [{absent}]"
            )
        filtered = self.filtered_names()
        if not filtered <= self.index.attributes:
            absent = ", ".join(sorted(filtered - self.index.attributes))
            raise invalid(
                "One or more parameter values were invalid: Secondary index "
                f"{self.index.name} does not project one or more filter attributes: [{absent}]"
            )

    def filtered_names(self) -> set[str]:
        """The attributes that the filter names."""
        return {str(path[0]) for path in conditions.paths_in(self.filter)} if self.filter else set()

    def check_filter_names(self) -> None:
        """A ValidationException for a Query's filter that names a key attribute of what is queried."""
        if not self.filter:
            return
        names = [name for name, _ in self.key]
        for path in conditions.paths_in(self.filter):
            if path[0] in names:
                raise invalid(
                    f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {path[0]}"
                )

    def read(self, storage: Storage, outside: str, forward: bool) -> dict[str, Any]:
        """The response. `outside` is what to say of a start key that is not in the range."""
        start = self.request.get("ExclusiveStartKey")
        if start is not None:
            address = self._start(start)
            if not self.low <= address < self.high:
                raise invalid(outside)
            if forward:
                self.low = address + b"\x00"
            else:
                self.high = address
        rows = (
            storage.items(self.table, self.low, self.high, forward)
            if self.index is None
            else storage.entries(self.table, self.index.space, self.low, self.high, forward)
        )
        try:
            return self._evaluate(rows, forward)
        finally:
            rows.close()

    def _start(self, start: Item) -> bytes:
        """The address that a start key means; a ValidationException unless it is a key of the table and the index."""
        key = dict(self.table.key)
        if self.index is not None:
            key.update(self.index.key)
        if start.keys() != key.keys():
            raise _wrong_start()
        checked = {}
        for name, kind in key.items():
            if len(start[name]) == 1 and kind not in start[name]:
                raise _wrong_start()
            checked[name] = key_value(start[name], kind)
        self.table.check_content(checked)
        address = self.table.address(checked)
        if self.index is None:
            return address
        self.index.check(checked, updating=False)
        return self.index.entry(checked, address) or address

    def _evaluate(self, rows: Iterator[tuple[bytes, int, str | bytes]], forward: bool) -> dict[str, Any]:
        limit = self.request.get("Limit")
        counting = self.select == "COUNT"
        keep, trim = self.filter, self.index if self.index is not None and self.index.attributes is not None else None
        items: list[Item] = []
        count = scanned = size = 0
        stored: str | bytes = ""
        more = False
        for _, entry_size, stored in rows:
            scanned += 1
            size += entry_size
            if keep is None and counting:
                count += 1
            else:
                item = decoded(stored)
                if keep is None or conditions.holds(keep, item):
                    count += 1
                    if not counting:
                        if self.projection is not None:
                            item = paths.projected(item, self.projection)
                        elif trim is not None:
                            item = trim.projected(item)
                        items.append(item)
            # A page that ends by its limits says so even where nothing follows: DynamoDB does not look ahead.
            if scanned == limit or size >= PAGE_BYTES:
                more = not (self._at_bound(decoded(stored), forward) and next(rows, None) is None)
                break
        response: dict[str, Any] = {} if counting else {"Items": items}
        response["Count"] = count
        response["ScannedCount"] = scanned
        if more:
            last = decoded(stored)
            key = self.table.key_of(last)
            if self.index is not None:
                key.update({name: last[name] for name in self.index.names})
            response["LastEvaluatedKey"] = key
        detail = self.request.get("ReturnConsumedCapacity", "NONE")
        if detail != "NONE":
            response["ConsumedCapacity"] = self._consumed(size).response(detail)
        return response

    def _at_bound(self, last: Item, forward: bool) -> bool:
        """Whether an item's key is the very last that the key condition allows, as 5 is with s <= 5.

        Measured with DynamoDB Local: such a page has no LastEvaluatedKey, unless it was s = 5 or the index has no sort
        key. On an index, where keys are not unique, others may follow all the same.
        """
        if self.exact or (self.index is not None and len(self.key) == 1):
            return False
        own = self.table.address(last) if self.index is None else self.index.entry(last, b"")
        return own is not None and (keys.after(own) == self.high if forward else own == self.low)

    def _consumed(self, size: int) -> Consumed:
        from ..capacity import Consumed, read_units

        consumed = Consumed(self.table.name)
        units = read_units(size, self.request.get("ConsistentRead", False))
        if self.index is None:
            consumed.add(units, {})
        else:
            consumed.add(0.0, {self.index.name: units})
        return consumed


def _wrong_start() -> ApiError:
    return invalid("The provided starting key is invalid: The provided key element does not match the schema")
