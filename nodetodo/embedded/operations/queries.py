"""Query and Scan: read one page of a table or an index.

A page reads a range of addresses in order until it has evaluated Limit items or 1 MB. The filter is applied afterwards.
The cost of a page does not depend on the items before and after it.

A read of a local index fetches attributes that are not projected from the table, and pays for it. A global index has no
such reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import keys
from ..errors import ApiError, validation_error
from ..expressions import conditions, key_conditions, paths
from ..expressions.binding import Expressions
from ..expressions.key_conditions import KeyRange
from ..limits import PAGE_BYTES
from ..schema import LOCAL, normalize_key_value
from ..storage.codecs import decode_item
from ..storage.statements import checked_size, reading
from .parameters import (
    CAPACITY,
    EXPRESSIONS,
    LEGACY_CONDITIONS,
    LEGACY_JUNCTION,
    LEGACY_PROJECTION,
    TABLE,
    Structure,
    attributes,
    boolean,
    index_name,
    integer_from,
    one_of,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..expressions.nodes import Condition, Path
    from ..schema import Index, Table
    from ..storage.codecs import DecodeItem
    from ..storage.statements import Storage
    from ..values import Item
    from .parameters import Check

_PAGE: dict[str, Check] = {
    "IndexName": index_name,
    "Select": one_of("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "Limit": integer_from(1),
    "ConsistentRead": boolean,
    "ExclusiveStartKey": attributes,
    "FilterExpression": text,
    "ProjectionExpression": text,
    **EXPRESSIONS,
    **CAPACITY,
    **LEGACY_PROJECTION,
    **LEGACY_JUNCTION,
}
QUERY = Structure(
    TABLE,
    {
        **_PAGE,
        "KeyConditionExpression": text,
        "ScanIndexForward": boolean,
        "KeyConditions": LEGACY_CONDITIONS,
        "QueryFilter": LEGACY_CONDITIONS,
    },
)
SCAN = Structure(
    TABLE,
    {
        **_PAGE,
        "Segment": integer_from(0, 999_999),
        "TotalSegments": integer_from(1, 1_000_000),
        "ScanFilter": LEGACY_CONDITIONS,
    },
)


def query(storage: Storage, request: dict[str, Any], decode_whole: DecodeItem) -> dict[str, Any]:
    """Return a page of one partition of a table or an index, in the order of the sort key. See Page.read."""
    with reading(storage):
        page = Page(storage, request, ("KeyConditionExpression", "FilterExpression", "ProjectionExpression"))
        if "KeyConditionExpression" not in request:
            raise validation_error(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
            )
        page.range = key_conditions.bind(page.expressions, page.key)
        page.bind_expressions()
        page.check_filter_keys()
        out_of_range = "The provided starting key is outside query boundaries based on provided conditions"
        return page.read(storage, out_of_range, request.get("ScanIndexForward", True), decode_whole)


def scan(storage: Storage, request: dict[str, Any], decode_whole: DecodeItem) -> dict[str, Any]:
    """Return a page of a table or an index, or of one of its segments. See Page.read."""
    with reading(storage):
        page = Page(storage, request, ("FilterExpression", "ProjectionExpression"))
        segment, total = request.get("Segment"), request.get("TotalSegments")
        if segment is None and total is not None:
            raise validation_error(
                "The Segment parameter is required but was not present in the request "
                "when parameter TotalSegments is present"
            )
        if total is None and segment is not None:
            raise validation_error(
                "The TotalSegments parameter is required but was not present in the request "
                "when Segment parameter is present"
            )
        if segment is not None and total is not None:
            if segment >= total:
                raise validation_error(
                    "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                    f"Segment: {segment} is not less than TotalSegments: {total}"
                )
            page.range = KeyRange(*keys.segment(segment, total))
        page.bind_expressions()
        out_of_range = (
            "The provided starting key is invalid: Invalid ExclusiveStartKey. "
            f"Please use ExclusiveStartKey with correct Segment. TotalSegments: {total} Segment: {segment}"
        )
        return page.read(storage, out_of_range, True, decode_whole)


class Page:
    """One page: its table, index, range of addresses and expressions."""

    def __init__(self, storage: Storage, request: dict[str, Any], parameters: tuple[str, ...]) -> None:
        self.request = request
        self.table: Table = storage.table(request["TableName"])
        self.index: Index | None = None
        name = request.get("IndexName")
        if name is not None:
            self.index = self.table.indexes.get(name)
            if self.index is None:
                raise validation_error(f"The table does not have the specified index: {name}")
            if request.get("ConsistentRead") and self.index.kind != LOCAL:
                raise validation_error("Consistent reads are not supported on global secondary indexes")
        self.key = self.index.key if self.index else self.table.key
        self.all_keys = self.table.key.attributes + (self.index.key.attributes if self.index else ())
        self.select = self._select()
        self.expressions = Expressions(request, parameters, self.table)
        self.range = KeyRange(b"", keys.END)
        self.filter: Condition | None = None
        self.projection: list[Path] | None = None
        # Whether the page fetches each item of a local index from the table.
        self.fetches = False
        # The page ends when it has evaluated this number of bytes.
        self.max_size = PAGE_BYTES
        # What the last read evaluated: bytes of items or entries, and bytes and units of the items fetched for them.
        self.size = 0
        self.fetched_size = 0
        self.fetched_units = 0.0

    def _select(self) -> str:
        """Return the effective Select. Raises ApiError (ValidationException) if it contradicts another parameter."""
        projected = "ProjectionExpression" in self.request
        select: str | None = self.request.get("Select")
        if select is None:
            return "SPECIFIC_ATTRIBUTES" if projected else "ALL"
        if select == "SPECIFIC_ATTRIBUTES":
            if not projected:
                raise validation_error(
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
                )
        elif projected:
            wanted = "only the Count" if select == "COUNT" else select
            parameter = _written(self.request, "ProjectionExpression", "AttributesToGet")
            raise validation_error(f"Cannot specify the {parameter} when choosing to get {wanted}")
        if select == "ALL_PROJECTED_ATTRIBUTES" and self.index is None:
            raise validation_error("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
        index = self.index
        if select == "ALL_ATTRIBUTES" and index is not None and index.kind != LOCAL and index.attributes is not None:
            raise validation_error(
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                f"secondary index {index.name} because its projection type is not ALL"
            )
        return select

    def bind_expressions(self) -> None:
        """Bind the filter and the projection, and find out whether to fetch items from the table.

        Raises ApiError (ValidationException) if the filter names an attribute that the index does not project, or if
        the projection of a read of a global index does.
        """
        self.filter = conditions.bind(self.expressions, "FilterExpression")
        self.projection = self.expressions.bind_projection()
        self.expressions.check_all_used()
        if self.index is None or self.index.attributes is None:
            return
        absent = _attributes(self.projection or ()) - self.index.attributes
        self.fetches = bool(absent) or self.select == "ALL_ATTRIBUTES"
        if absent and self.index.kind != LOCAL:
            raise validation_error(
                "One or more parameter values were invalid: "
                f"Global secondary index {self.index.name} does not project [{', '.join(sorted(absent))}]"
            )
        absent = _attributes(self.filter_paths()) - self.index.attributes
        if absent:
            raise validation_error(
                "One or more parameter values were invalid: Secondary index "
                f"{self.index.name} does not project one or more filter attributes: [{', '.join(sorted(absent))}]"
            )

    def filter_paths(self) -> Iterable[Path]:
        """Return the paths in the filter."""
        return () if self.filter is None else conditions.paths_in(self.filter)

    def check_filter_keys(self) -> None:
        """Raise ApiError (ValidationException) if a Query's filter names a key attribute of the table or index."""
        for path in self.filter_paths():
            name = path.elements[0]
            if name in self.key.names:
                is_legacy = _written(self.request, "FilterExpression", "QueryFilter") == "QueryFilter"
                parameter = "QueryFilter" if is_legacy else "Filter Expression"
                raise validation_error(
                    f"{parameter} can only contain non-primary key attributes: Primary key attribute: {name}"
                )

    def read(
        self, storage: Storage, out_of_range: str, forward: bool, decode_whole: DecodeItem = decode_item
    ) -> dict[str, Any]:
        """Read the page and return the response.

        out_of_range: the error message for a start key outside the range. decode_whole: decodes an item that the
        response contains as it is stored. Raises ApiError (ValidationException) if the start key is invalid.
        """
        low, high = self.range.low, self.range.high
        start_key = self.request.get("ExclusiveStartKey")
        if start_key is not None:
            address = self._start_address(start_key)
            if not low <= address < high:
                raise validation_error(out_of_range)
            if forward:
                low = address + b"\x00"
            else:
                high = address
        rows = (
            storage.items(self.table, low, high, forward)
            if self.index is None
            else storage.entries(self.table, self.index.space, low, high, forward)
        )
        try:
            return self._evaluate(rows, forward, decode_whole)
        finally:
            rows.close()

    def _start_address(self, start_key: Item) -> bytes:
        """Return the address of a start key.

        Raises ApiError (ValidationException) unless it has the keys of the table and of the index.
        """
        key = dict(self.all_keys)
        if start_key.keys() != key.keys():
            raise _start_key_mismatch()
        normalized = {}
        for name, kind in key.items():
            value = start_key[name]
            if len(value) == 1 and kind not in value:
                raise _start_key_mismatch()
            normalized[name] = normalize_key_value(value, kind)
        self.table.check_key_values(normalized)
        address = self.table.address(normalized)
        if self.index is None:
            return address
        self.index.check_key(normalized, updating=False)
        return self.index.entry_address(normalized, address) or address

    def _evaluate(
        self, rows: Iterator[tuple[bytes, int, str | bytes]], forward: bool, decode_whole: DecodeItem
    ) -> dict[str, Any]:
        limit = self.request.get("Limit")
        count_only = self.select == "COUNT"
        condition, index = self.filter, self.index
        projects = index is not None and index.attributes is not None
        is_whole = condition is None and self.projection is None and not projects
        items: list[Item] = []
        count = scanned = size = 0
        self.fetched_size = 0
        self.fetched_units = 0.0
        last: Item = {}
        more = False
        for _, entry_size, stored in rows:
            scanned += 1
            size += checked_size(entry_size)
            if condition is None and count_only:
                count += 1
            elif is_whole:
                count += 1
                items.append(decode_whole(stored, self.all_keys))
            else:
                item = decode_item(stored, self.all_keys)
                if self.fetches:
                    self._count_fetched(item)
                if condition is None or conditions.matches(condition, item):
                    count += 1
                    if not count_only:
                        if self.projection is not None:
                            item = paths.project(item, self.projection)
                        elif index is not None and not self.fetches:
                            item = index.project(item)
                        items.append(item)
            # A page that ends at a limit has a LastEvaluatedKey even if no item follows: DynamoDB does not look ahead.
            if scanned == limit or size >= self.max_size or self.fetched_size >= self.max_size:
                last = decode_item(stored, self.all_keys)
                more = not (self._is_at_bound(last, forward) and next(rows, None) is None)
                break
        self.size = size
        response: dict[str, Any] = {} if count_only else {"Items": items}
        response["Count"] = count
        response["ScannedCount"] = scanned
        if more:
            key = self.table.key_of(last)
            if index is not None:
                key.update({name: last[name] for name in index.key.names})
            response["LastEvaluatedKey"] = key
        detail = self.request.get("ReturnConsumedCapacity", "NONE")
        if detail != "NONE":
            from ..capacity import ConsumedUnits

            consumed = ConsumedUnits(self.table.name)
            consumed.add(*self.units())
            response["ConsumedCapacity"] = consumed.response(detail)
        return response

    @property
    def evaluated_size(self) -> int:
        """The bytes that the last read evaluated. An item that was fetched for an entry contains the entry."""
        return max(self.size, self.fetched_size)

    def _count_fetched(self, item: Item) -> None:
        """Count an item that is fetched from the table. Its units are rounded up item by item.

        "Provisioned throughput considerations for local secondary indexes", developer guide.
        """
        from ..capacity import read_units
        from ..values import item_size

        size = item_size(item)
        self.fetched_size += size
        self.fetched_units += read_units(size, self.request.get("ConsistentRead", False))

    def _is_at_bound(self, last: Item, forward: bool) -> bool:
        """Return whether an item has the last key that the key condition allows, such as 5 for s <= 5.

        A page that ends there has no LastEvaluatedKey, except for s = 5 or an index without a sort key (measured with
        DynamoDB Local). On an index, other items with the same key may follow.
        """
        if self.range.one_sort_key or (self.index is not None and not self.key.sort):
            return False
        address = self.table.address(last) if self.index is None else self.index.entry_address(last, b"")
        return address is not None and (
            keys.after(address) == self.range.high if forward else address == self.range.low
        )

    def units(self) -> tuple[float, dict[Index, float]]:
        """Return the units that the last read consumed: of the table, and of the index if it read one."""
        from ..capacity import read_units

        units = read_units(self.size, self.request.get("ConsistentRead", False))
        return (units, {}) if self.index is None else (self.fetched_units, {self.index: units})


def _written(request: dict[str, Any], expression: str, legacy: str) -> str:
    """Return which of the two parameters the client sent. A legacy parameter has been translated to a tree."""
    return expression if isinstance(request[expression], str) else legacy


def _attributes(named: Iterable[Path]) -> set[str]:
    return {str(path.elements[0]) for path in named}


def _start_key_mismatch() -> ApiError:
    return validation_error("The provided starting key is invalid")
