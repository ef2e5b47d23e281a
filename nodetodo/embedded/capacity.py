"""Capacity units: what a request consumed, by AWS's rules, and the ConsumedCapacity of its response.

Sources: AWS's developer guide, "DynamoDB read and write operations"; that a transaction doubles the table's units but
not its indexes' is measured.
"""

from __future__ import annotations

from typing import Any

from .limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES

TRANSACTIONAL = 2  # times the units of the same request outside a transaction


def read_units(size: int, consistent: bool) -> float:
    """Units for reading so many bytes at once; half of them if the read may be a moment old."""
    units = max(1, -(-size // READ_UNIT_BYTES))
    return float(units) if consistent else units / 2


def write_units(old_size: int, new_size: int) -> float:
    """Units for writing an item or an entry, by the larger of what it was and is; 0 bytes is an absent one."""
    return float(max(1, -(-max(old_size, new_size) // WRITE_UNIT_BYTES)))


class Consumed:
    """The units of one table and of its indexes that a request used up."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.units = 0.0
        self.indexes: dict[str, float] = {}

    def add(self, units: float, indexes: dict[str, float]) -> None:
        """Add units of the table and of indexes."""
        self.units += units
        for name, more in indexes.items():
            self.indexes[name] = self.indexes.get(name, 0.0) + more

    def response(self, detail: str, kind: str = "") -> dict[str, Any]:
        """The ConsumedCapacity for a ReturnConsumedCapacity of TOTAL or INDEXES.

        `kind` is "Read" or "Write" in the answers of transactions, which give the units by that name too.
        """

        def named(units: float) -> dict[str, float]:
            return {"CapacityUnits": units, f"{kind}CapacityUnits": units} if kind else {"CapacityUnits": units}

        result: dict[str, Any] = {"TableName": self.table, **named(self.units + sum(self.indexes.values()))}
        if detail == "INDEXES":
            result["Table"] = named(self.units)
            if self.indexes:
                result["GlobalSecondaryIndexes"] = {name: named(units) for name, units in self.indexes.items()}
        return result
