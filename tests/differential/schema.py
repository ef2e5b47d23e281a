"""The tables on which requests are compared.

They have every key type, an index that shares the table's sort key, all three projections, local indexes, and indexes
with several attributes in a part of the key.
"""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

Client = Any
Item = dict[str, dict[str, Any]]


class Index(NamedTuple):
    """A secondary index. `key` is as in Table; its first attributes, `partition` of them, are the partition key."""

    key: dict[str, str]
    projection: dict[str, Any]
    partition: int = 1
    is_local: bool = False

    @property
    def sort(self) -> list[str]:
        """The attributes of the sort key."""
        return list(self.key)[self.partition :]


class Table(NamedTuple):
    """A table. `key` maps attribute names to types, the partition key first."""

    key: dict[str, str]
    indexes: dict[str, Index]
    partition: int = 1

    def key_of(self, item: Item) -> Item:
        """Return the key of an item."""
        return {name: item[name] for name in self.key}

    @property
    def has_long_keys(self) -> bool:
        """Whether an index has many key attributes, so that few items would have equal keys in random values."""
        return any(len(index.key) > 2 for index in self.indexes.values())

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
    "local": Table(
        {"p": "S", "s": "N"},
        {
            "local-g": Index({"p": "S", "g": "S"}, {"ProjectionType": "KEYS_ONLY"}, is_local=True),
            "local-h": Index(
                {"p": "S", "h": "N"}, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "m"]}, is_local=True
            ),
            "local-k": Index({"p": "S", "k": "B"}, {"ProjectionType": "ALL"}, is_local=True),
            "global-g": Index({"g": "S"}, {"ProjectionType": "KEYS_ONLY"}),
        },
    ),
    "many": Table(
        {"p": "S"},
        {
            "many-gh": Index({"g": "S", "h": "N", "k": "B", "j": "S"}, {"ProjectionType": "ALL"}, partition=2),
            "many-j": Index({"j": "S", "h": "N", "k": "B", "g": "S"}, {"ProjectionType": "KEYS_ONLY"}),
            "many-hk": Index(
                {"h": "N", "k": "B"}, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}, partition=2
            ),
        },
    ),
}


def _key_schema(part: Table | Index) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": "HASH" if at < part.partition else "RANGE"}
        for at, name in enumerate(part.key)
    ]


def _create_request(name: str, table: Table) -> dict[str, Any]:
    types = table.key | table.index_key_types
    lists: dict[str, list[dict[str, Any]]] = {}
    for index_name, index in table.indexes.items():
        kind = "LocalSecondaryIndexes" if index.is_local else "GlobalSecondaryIndexes"
        made = {"IndexName": index_name, "KeySchema": _key_schema(index), "Projection": index.projection}
        lists.setdefault(kind, []).append(made)
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        "KeySchema": _key_schema(table),
        "BillingMode": "PAY_PER_REQUEST",
        **lists,
    }


def create_tables(client: Client, *, exist_ok: bool = False) -> None:
    """Create TABLES. With `exist_ok`, tables that another process created are no error."""
    expected = (client.exceptions.ResourceInUseException,) if exist_ok else ()
    for name, table in TABLES.items():
        with contextlib.suppress(*expected):
            client.create_table(**_create_request(name, table))
