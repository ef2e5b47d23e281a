"""The tables on which requests are compared.

They have every key type, an index that shares the table's sort key, and all three projections.
"""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

Client = Any
Item = dict[str, dict[str, Any]]


class Index(NamedTuple):
    """A global secondary index. `key` is as in Table."""

    key: dict[str, str]
    projection: dict[str, Any]


class Table(NamedTuple):
    """A table. `key` maps attribute names to types, the partition key first."""

    key: dict[str, str]
    indexes: dict[str, Index]

    def key_of(self, item: Item) -> Item:
        """Return the key of an item."""
        return {name: item[name] for name in self.key}

    @property
    def index_key_types(self) -> dict[str, str]:
        """The types of all attributes that are keys of an index."""
        return {name: kind for index in self.indexes.values() for name, kind in index.key.items()}


TABLES = {
    # Like todo-task: the index has another partition key and the same sort key, so many entries share an index key.
    "thing": Table({"p": "S", "s": "N"}, {"by-g": Index({"g": "S", "s": "N"}, {"ProjectionType": "ALL"})}),
    "flat": Table({"p": "S"}, {}),
    "raw": Table(
        {"n": "N", "r": "B"},
        {
            "by-h": Index({"h": "N"}, {"ProjectionType": "KEYS_ONLY"}),
            "by-k": Index({"k": "B", "j": "S"}, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "m"]}),
        },
    ),
}


def _key_schema(key: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)]


def _create_request(name: str, table: Table) -> dict[str, Any]:
    types = table.key | table.index_key_types
    indexes = [
        {"IndexName": index_name, "KeySchema": _key_schema(index.key), "Projection": index.projection}
        for index_name, index in table.indexes.items()
    ]
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        "KeySchema": _key_schema(table.key),
        "BillingMode": "PAY_PER_REQUEST",
    } | ({"GlobalSecondaryIndexes": indexes} if indexes else {})


def create_tables(client: Client, *, exist_ok: bool = False) -> None:
    """Create TABLES. With `exist_ok`, tables that another process created are no error."""
    expected = (client.exceptions.ResourceInUseException,) if exist_ok else ()
    for name, table in TABLES.items():
        with contextlib.suppress(*expected):
            client.create_table(**_create_request(name, table))
