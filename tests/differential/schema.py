"""What the witnesses share: a request, and their tables.

The tables have every key type, an index that shares the table's sort key, and all three projections.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

Client = Any
Item = dict[str, dict[str, Any]]


class Request(NamedTuple):
    """One call. `walk` says how it is read to its end: following pages, or in segments."""

    method: str
    arguments: dict[str, Any]
    walk: str = "once"

    def __repr__(self) -> str:
        arguments = re.sub(r"(x|k)\1{50,}", lambda run: f"{run[1]}*{len(run[0])}", repr(self.arguments))
        return f"{self.method}({arguments}, {self.walk})"


class Index(NamedTuple):
    key: dict[str, str]
    projection: dict[str, Any]


class Table(NamedTuple):
    """A key maps attribute names to types, the partition key first."""

    key: dict[str, str]
    indexes: dict[str, Index]


TABLES = {
    # As todo-task: the index has another partition key and the same sort key, so entries of one index key are many.
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


def key_schema(key: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)]


def create_request(name: str, table: Table) -> dict[str, Any]:
    """The CreateTable request of `table`."""
    types = table.key | {name: kind for index in table.indexes.values() for name, kind in index.key.items()}
    request: dict[str, Any] = {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        "KeySchema": key_schema(table.key),
        "BillingMode": "PAY_PER_REQUEST",
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": index_name, "KeySchema": key_schema(index.key), "Projection": index.projection}
            for index_name, index in table.indexes.items()
        ]
    return request


def create_tables(client: Client) -> None:
    for name, table in TABLES.items():
        client.create_table(**create_request(name, table))


def key_of(item: Item, table: Table) -> Item:
    return {name: item[name] for name in table.key}


def everything(client: Client, **where: Any) -> list[Item]:
    """All items of a table or an index, page after page; an index of partial projection gives what it holds."""
    items: list[Item] = []
    while True:
        page = client.scan(**where)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        where["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def clear(client: Client) -> None:
    """Take every item out of the tables: cheaper on DynamoDB Local than making them anew."""
    for name, table in TABLES.items():
        items = everything(client, TableName=name)
        for start in range(0, len(items), 25):
            deletes = [{"DeleteRequest": {"Key": key_of(item, table)}} for item in items[start : start + 25]]
            client.batch_write_item(RequestItems={name: deletes})
