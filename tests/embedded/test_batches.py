"""BatchGetItem and BatchWriteItem: limits, duplicates and unprocessed keys."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo.embedded.client import Client

from .support import TABLE, error, get, item, key, make_simple, put, rejection


def puts(*items: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"PutRequest": {"Item": each}} for each in items]


def deletes(*keys: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"DeleteRequest": {"Key": each}} for each in keys]


def test_a_batch_puts_and_deletes_in_several_tables(client: Client) -> None:
    make_simple(client, "other")
    put(client, item("a", 1))
    response = client.batch_write_item(
        RequestItems={TABLE: [*puts(item("a", 2)), *deletes(key("a", 1))], "other": puts({"k": {"S": "k"}})}
    )
    assert response["UnprocessedItems"] == {}
    assert get(client, "a", 1) is None
    response = client.batch_get_item(
        RequestItems={
            TABLE: {"Keys": [key("a", 1), key("a", 2)], "ProjectionExpression": "s"},
            "other": {"Keys": [{"k": {"S": "k"}}]},
        }
    )
    assert response["Responses"] == {TABLE: [{"s": {"N": "2"}}], "other": [{"k": {"S": "k"}}]}
    assert response["UnprocessedKeys"] == {}


BATCH_WRITE_LIMIT = (
    f"1 validation error detected: Value at 'RequestItems.{TABLE}.member' failed to satisfy constraint: "
    "Member must have length less than or equal to 25"
)


@pytest.mark.parametrize(
    ("writes", "message"),
    [
        (puts(*(item("a", s) for s in range(26))), BATCH_WRITE_LIMIT),
        ([*puts(item("a", 1)), *deletes(key("a", 1))], "Provided list of item keys contains duplicates"),
        (puts(item("a", 1), item("a", "1.0")), "Provided list of item keys contains duplicates"),
        (deletes({"p": {"S": "a"}}), "The provided key element does not match the schema"),
        (
            puts(item("a", 1), item("a", 2, g={"N": "1"})),
            "One or more parameter values were invalid: "
            "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g",
        ),
        (
            [{**puts(item("a", 1))[0], **deletes(key("a", 2))[0]}],
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes",
        ),
    ],
)
def test_a_batch_with_one_invalid_write_writes_nothing(
    client: Client, writes: list[dict[str, Any]], message: str
) -> None:
    assert rejection(client.batch_write_item, RequestItems={TABLE: writes}) == message
    assert client.scan(TableName=TABLE)["Count"] == 0


def test_a_batch_reads_at_most_100_different_items(client: Client) -> None:
    def message(keys: list[dict[str, Any]]) -> str:
        return rejection(client.batch_get_item, RequestItems={TABLE: {"Keys": keys}})

    assert message([key("a", s) for s in range(101)]).endswith("Member must have length less than or equal to 100")
    assert message([key("a", 1), key("a", 1)]) == "Provided list of item keys contains duplicates"


def test_1_and_1_point_0_are_different_keys_in_batch_get_item_and_equal_keys_in_batch_write_item(
    client: Client,
) -> None:
    put(client, item("a", 1))
    read = client.batch_get_item(RequestItems={TABLE: {"Keys": [key("a", 1), key("a", "1.0")]}})
    assert read["Responses"][TABLE] == [item("a", 1)] * 2
    assert rejection(client.batch_write_item, RequestItems={TABLE: puts(item("a", 1), item("a", "1.0"))}) == (
        "Provided list of item keys contains duplicates"
    )


def test_an_empty_batch_and_an_unknown_table_are_rejected(client: Client) -> None:
    for call in (client.batch_get_item, client.batch_write_item):
        assert rejection(call, RequestItems={}).endswith("Member must have length greater than or equal to 1")
    unknown = error(client.batch_write_item, RequestItems={"nowhere": puts(item("a", 1))})
    assert unknown["Error"]["Code"] == "ResourceNotFoundException"
    assert "Map keys must satisfy constraint" in rejection(
        client.batch_write_item, RequestItems={"a b": puts(item("a", 1))}
    )


def test_keys_of_items_beyond_16_mb_are_returned_as_unprocessed_keys(client: Client) -> None:
    put(client, *(item("a", s, x={"S": "x" * 400_000}) for s in range(45)))
    keys = [key("a", s) for s in range(45)]
    requested = {"Keys": keys, "ConsistentRead": True}
    response = client.batch_get_item(RequestItems={TABLE: requested})
    returned = len(response["Responses"][TABLE])
    assert returned == 16 * 1024 * 1024 // 400_009
    assert response["UnprocessedKeys"] == {TABLE: {**requested, "Keys": keys[returned:]}}
    rest = client.batch_get_item(RequestItems=response["UnprocessedKeys"])
    assert len(rest["Responses"][TABLE]) == 45 - returned
