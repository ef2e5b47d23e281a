"""The capacity units that a request consumes, and the ConsumedCapacity of its response.

Source: "DynamoDB read and write operations", AWS's developer guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .schema import Index

TRANSACTIONAL = 2  # factor for the units of a table in a transaction; those of its indexes do not change (measured)


def read_units(size: int, consistent: bool) -> float:
    """Return the read units for `size` bytes evaluated by one request. An eventually consistent read takes half."""
    units = max(1, -(-size // READ_UNIT_BYTES))
    return float(units) if consistent else units / 2


def write_units(old_size: int, new_size: int) -> float:
    """Return the write units for an item or an index entry, by the larger of its old and new size.

    A size of 0 bytes means that it is absent.
    """
    return float(max(1, -(-max(old_size, new_size) // WRITE_UNIT_BYTES)))


class ConsumedUnits:
    """The units that a request consumed on one table and on its indexes."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.units = 0.0
        self.indexes: dict[Index, float] = {}

    def add(self, units: float, indexes: dict[Index, float]) -> None:
        """Add units of the table and of its indexes."""
        self.units += units
        for index, more in indexes.items():
            self.indexes[index] = self.indexes.get(index, 0.0) + more

    def response(self, detail: str, kind: str = "") -> dict[str, Any]:
        """Return the ConsumedCapacity of a response.

        detail: the ReturnConsumedCapacity of the request, TOTAL or INDEXES. kind: "Read" or "Write" for a transaction,
        whose response has ReadCapacityUnits or WriteCapacityUnits besides CapacityUnits.
        """

        def with_kind(units: float) -> dict[str, float]:
            return {"CapacityUnits": units, f"{kind}CapacityUnits": units} if kind else {"CapacityUnits": units}

        result: dict[str, Any] = {"TableName": self.table, **with_kind(self.units + sum(self.indexes.values()))}
        if detail == "INDEXES":
            result["Table"] = with_kind(self.units)
            for index, units in self.indexes.items():
                result.setdefault(index.kind, {})[index.name] = with_kind(units)
        return result


def add_consumed(
    response: dict[str, Any], request: dict[str, Any], consumed: Iterable[ConsumedUnits], kind: str = ""
) -> dict[str, Any]:
    """Return the response of a batch or a transaction with its ConsumedCapacity, if the request wants it.

    kind: see ConsumedUnits.response.
    """
    detail = request.get("ReturnConsumedCapacity", "NONE")
    if detail != "NONE":
        response["ConsumedCapacity"] = [each.response(detail, kind) for each in consumed]
    return response
