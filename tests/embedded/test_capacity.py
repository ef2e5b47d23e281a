"""Capacity units: the figures of AWS's developer guide, and measured ones for indexes and transactions."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo.embedded import capacity
from nodetodo.embedded.client import Client

from .support import TABLE, item, key, put

KB = 1024
# The size of item("a", 1): p, a, s and the number 1 (2 bytes).
BARE = 5


def sized(size: int, p: str = "a", s: int = 1, **attributes: dict[str, Any]) -> dict[str, Any]:
    """Return an item of `size` bytes. It is in the indexes only if it has a g. s must be below 100."""
    own = item(p, s, **attributes)
    rest = size - BARE - sum(len(name) + len(value["S"]) for name, value in attributes.items()) - len("x")
    return {**own, "x": {"S": "x" * rest}}


@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [
        (0, False, 0.5),  # an absent item
        (0, True, 1),
        (1, False, 0.5),
        (4 * KB, True, 1),
        (4 * KB + 1, True, 2),
        (8 * KB, True, 2),  # AWS: 2 strongly consistent units for 8 KB, 1 eventually consistent one
        (8 * KB, False, 1),
        (9 * KB, False, 1.5),
        (400 * KB, True, 100),
    ],
)
def test_a_read_takes_one_unit_per_4_kb_and_half_if_eventually_consistent(
    size: int, consistent: bool, units: float
) -> None:
    assert capacity.read_units(size, consistent) == units


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [(0, 0, 1), (0, 1, 1), (0, KB, 1), (0, KB + 1, 2), (3 * KB, 1, 3), (1, 3 * KB, 3), (0, 512, 1), (0, 400 * KB, 400)],
)
def test_a_write_takes_one_unit_per_kb_of_the_larger_of_old_and_new(old: int, new: int, units: float) -> None:
    assert capacity.write_units(old, new) == units


def total(response: dict[str, Any]) -> float:
    """Return the units of a response to a request with TOTAL."""
    consumed = response["ConsumedCapacity"]
    assert consumed.keys() == {"TableName", "CapacityUnits"}
    units: float = consumed["CapacityUnits"]
    return units


def indexed(response: dict[str, Any]) -> tuple[float, dict[str, float]]:
    """Return the units of the table and of each index in a response to a request with INDEXES."""
    consumed = response["ConsumedCapacity"]
    indexes = {name: units["CapacityUnits"] for name, units in consumed.get("GlobalSecondaryIndexes", {}).items()}
    assert consumed["CapacityUnits"] == consumed["Table"]["CapacityUnits"] + sum(indexes.values())
    return consumed["Table"]["CapacityUnits"], indexes


def test_get_item_rounds_the_item_up_and_consumes_units_for_an_absent_item(client: Client) -> None:
    put(client, sized(4 * KB), sized(4 * KB + 1, s=2))

    def units(s: int, **more: Any) -> float:
        response = client.get_item(TableName=TABLE, Key=key("a", s), ReturnConsumedCapacity="TOTAL", **more)
        return total(response)

    assert [units(1), units(2), units(3)] == [0.5, 1, 0.5]
    assert [units(s, ConsistentRead=True) for s in (1, 2, 3)] == [1, 2, 1]
    assert units(2, ProjectionExpression="s") == 1


def test_a_page_rounds_up_the_sum_of_all_evaluated_items(client: Client) -> None:
    put(client, *(sized(1000, s=s, g={"S": "x"}) for s in range(1, 11)))

    def units(**more: Any) -> float:
        return total(
            client.query(
                TableName=TABLE,
                KeyConditionExpression="p = :p",
                ExpressionAttributeValues={":p": {"S": "a"}},
                ReturnConsumedCapacity="TOTAL",
                **more,
            )
        )

    assert units() == 1.5  # 10,000 bytes are 3 units of 4 KB, and half of that eventually consistent
    assert units(ConsistentRead=True) == 3
    assert units(FilterExpression="attribute_not_exists(x)") == 1.5
    assert units(Select="COUNT") == 1.5
    assert units(ProjectionExpression="s") == 1.5
    assert units(Limit=4) == 0.5
    assert total(client.scan(TableName=TABLE, ReturnConsumedCapacity="TOTAL")) == 1.5
    # The index of keys has entries of 7 bytes.
    whole = client.scan(TableName=TABLE, IndexName="by-g", ReturnConsumedCapacity="INDEXES")
    assert indexed(whole) == (0, {"by-g": 1.5})
    keys_alone = client.scan(TableName=TABLE, IndexName="keys-g", ReturnConsumedCapacity="INDEXES")
    assert indexed(keys_alone) == (0, {"keys-g": 0.5})


def test_1000_items_of_74_bytes_take_9_5_units_in_one_request_and_0_5_units_per_page_of_10(client: Client) -> None:
    items = [sized(74, s=s) for s in range(11, 100)]
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": each}} for each in items[start : start + 25]]
        client.batch_write_item(RequestItems={TABLE: requests})
    whole = client.scan(TableName=TABLE, ReturnConsumedCapacity="TOTAL")
    assert client.describe_table(TableName=TABLE)["Table"]["TableSizeBytes"] == 74 * len(items)
    assert total(whole) == 1  # 89 items, 6,586 bytes
    assert capacity.read_units(74 * 1000, consistent=False) == 9.5
    assert capacity.read_units(74 * 10, consistent=False) * 100 == 50


def units_of_put(client: Client, thing: dict[str, Any]) -> tuple[float, dict[str, float]]:
    return indexed(client.put_item(TableName=TABLE, Item=thing, ReturnConsumedCapacity="INDEXES"))


def test_a_put_takes_the_units_of_the_larger_of_old_and_new_item(client: Client) -> None:
    assert units_of_put(client, sized(1024)) == (1, {})
    assert units_of_put(client, sized(1025)) == (2, {})
    assert units_of_put(client, sized(10)) == (2, {})
    assert units_of_put(client, sized(10)) == (1, {})


def test_an_index_takes_units_only_for_changed_entries(client: Client) -> None:
    x, y = {"S": "x"}, {"S": "y"}
    # A new entry: all attributes in by-g, the keys in keys-g.
    assert units_of_put(client, sized(1500, g=x)) == (2, {"by-g": 2, "keys-g": 1})
    # No entry changes.
    assert units_of_put(client, sized(1500, g=x)) == (2, {})
    # Same key, other attributes: the larger entry in by-g, nothing in the index of keys.
    assert units_of_put(client, sized(100, g=x)) == (2, {"by-g": 2})
    # Another index key: the old entry is deleted, a new one is put.
    assert units_of_put(client, sized(2500, g=y)) == (3, {"by-g": 1 + 3, "keys-g": 2})
    # No index key any more: the entry is deleted.
    assert units_of_put(client, sized(100)) == (3, {"by-g": 3, "keys-g": 1})
    # No entry before or after.
    assert units_of_put(client, sized(200)) == (1, {})


def test_a_delete_takes_the_units_of_the_old_item_and_its_entries_and_one_unit_for_an_absent_item(
    client: Client,
) -> None:
    def deleted() -> tuple[float, dict[str, float]]:
        response = client.delete_item(TableName=TABLE, Key=key("a", 1), ReturnConsumedCapacity="INDEXES")
        return indexed(response)

    put(client, sized(3000, g={"S": "x"}))
    assert deleted() == (3, {"by-g": 3, "keys-g": 1})
    assert deleted() == (1, {})


def test_an_update_takes_the_units_of_the_larger_of_old_and_new_item(client: Client) -> None:
    def updated(expression: str, **values: dict[str, Any]) -> tuple[float, dict[str, float]]:
        response = client.update_item(
            TableName=TABLE,
            Key=key("a", 1),
            UpdateExpression=expression,
            ReturnConsumedCapacity="INDEXES",
            **({"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}),
        )
        return indexed(response)

    put(client, sized(2048))
    assert updated("SET y = :y", y={"S": ""}) == (3, {})
    assert updated("REMOVE x, y") == (3, {})
    assert updated("REMOVE x") == (1, {})
    assert updated("SET g = :g", g={"S": "x"}) == (1, {"by-g": 1, "keys-g": 1})
    assert updated("SET n = :n", n={"N": "1"}) == (1, {"by-g": 1})
    assert updated("SET g = :g", g={"S": "y"}) == (1, {"by-g": 2, "keys-g": 2})


def test_batches_round_each_item_up_and_return_the_units_of_each_table(client: Client) -> None:
    requests = [{"PutRequest": {"Item": sized(1025, s=s, g={"S": "x"})}} for s in (1, 2)]
    requests.append({"DeleteRequest": {"Key": key("a", 3)}})
    response = client.batch_write_item(RequestItems={TABLE: requests}, ReturnConsumedCapacity="INDEXES")
    assert response["ConsumedCapacity"] == [
        {
            "TableName": TABLE,
            "CapacityUnits": 11.0,
            "Table": {"CapacityUnits": 5.0},
            "GlobalSecondaryIndexes": {"by-g": {"CapacityUnits": 4.0}, "keys-g": {"CapacityUnits": 2.0}},
        }
    ]
    keys = {"Keys": [key("a", s) for s in (1, 2, 3)]}
    response = client.batch_get_item(RequestItems={TABLE: keys}, ReturnConsumedCapacity="TOTAL")
    assert response["ConsumedCapacity"] == [{"TableName": TABLE, "CapacityUnits": 1.5}]
    strong = {TABLE: {**keys, "ConsistentRead": True}}
    response = client.batch_get_item(RequestItems=strong, ReturnConsumedCapacity="TOTAL")
    assert response["ConsumedCapacity"] == [{"TableName": TABLE, "CapacityUnits": 3.0}]


def test_a_transaction_doubles_the_units_of_the_table_but_not_of_its_indexes(client: Client) -> None:
    put(client, sized(100, "there"))
    check = {"TableName": TABLE, "Key": key("there", 1), "ConditionExpression": "attribute_exists(p)"}
    response = client.transact_write_items(
        TransactItems=[
            {"ConditionCheck": check},
            {"Put": {"TableName": TABLE, "Item": item("a", 1, g={"S": "x"})}},
            {"Delete": {"TableName": TABLE, "Key": key("a", 2)}},
        ],
        ReturnConsumedCapacity="INDEXES",
    )
    assert response["ConsumedCapacity"] == [
        {
            "TableName": TABLE,
            "CapacityUnits": 8.0,
            "WriteCapacityUnits": 8.0,
            "Table": {"CapacityUnits": 6.0, "WriteCapacityUnits": 6.0},
            "GlobalSecondaryIndexes": {
                "by-g": {"CapacityUnits": 1.0, "WriteCapacityUnits": 1.0},
                "keys-g": {"CapacityUnits": 1.0, "WriteCapacityUnits": 1.0},
            },
        }
    ]
    response = client.transact_get_items(
        TransactItems=[{"Get": {"TableName": TABLE, "Key": key(p, 1)}} for p in ("a", "absent")],
        ReturnConsumedCapacity="TOTAL",
    )
    assert response["ConsumedCapacity"] == [{"TableName": TABLE, "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]


def test_a_response_has_consumed_capacity_only_on_request(client: Client) -> None:
    assert "ConsumedCapacity" not in client.put_item(TableName=TABLE, Item=item("a", 1))
    assert "ConsumedCapacity" not in client.scan(TableName=TABLE, ReturnConsumedCapacity="NONE")
