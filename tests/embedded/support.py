"""Helpers of the engine's tests: tables, items, requests and expected errors."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo.embedded import ClientError
from nodetodo.embedded.client import Client

TABLE = "things"
NOW = 1_800_000_000  # in the tests with a clock


class Clock:
    """A clock that the test sets. now: seconds since 1970."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def make_table(client: Client, name: str = TABLE) -> None:
    """Create a table with the key (p, s), the index by-g of all attributes and the index keys-g of keys only."""
    client.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "keys-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    )


def make_simple(client: Client, name: str, key_type: str = "S", sort_type: str | None = None) -> None:
    """Create a table without indexes. Its key is k, and s if it has a sort type."""
    attributes = [{"AttributeName": "k", "AttributeType": key_type}]
    schema = [{"AttributeName": "k", "KeyType": "HASH"}]
    if sort_type:
        attributes.append({"AttributeName": "s", "AttributeType": sort_type})
        schema.append({"AttributeName": "s", "KeyType": "RANGE"})
    client.create_table(
        TableName=name, AttributeDefinitions=attributes, KeySchema=schema, BillingMode="PAY_PER_REQUEST"
    )


def key(p: str, s: int | str) -> dict[str, Any]:
    """Return a key of the table of `make_table`."""
    return {"p": {"S": p}, "s": {"N": str(s)}}


def item(p: str, s: int | str, **attributes: dict[str, Any]) -> dict[str, Any]:
    """Return an item for the table of `make_table`."""
    return {**key(p, s), **attributes}


def put(client: Client, *items: dict[str, Any]) -> None:
    """Put items into the table of `make_table`."""
    for each in items:
        client.put_item(TableName=TABLE, Item=each)


def get(client: Client, p: str, s: int | str) -> dict[str, Any] | None:
    """Read an item of the table of `make_table`; None if it is absent."""
    found: dict[str, Any] | None = client.get_item(TableName=TABLE, Key=key(p, s)).get("Item")
    return found


def error(call: Any, **request: Any) -> dict[str, Any]:
    """Return the error response that a call raises."""
    with pytest.raises(ClientError) as raised:
        call(**request)
    return raised.value.response


def rejection(call: Any, **request: Any) -> str:
    """Return the message of the ValidationException that a call raises."""
    response = error(call, **request)
    assert response["Error"]["Code"] == "ValidationException", response
    message: str = response["Error"]["Message"]
    return message
