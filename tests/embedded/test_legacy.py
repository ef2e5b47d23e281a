"""Legacy parameters. tests/differential/test_legacy.py compares random ones with DynamoDB Local."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo.embedded.client import Client

from .support import TABLE, error, get, item, key, put


def operator(name: str, *operands: dict[str, Any]) -> dict[str, Any]:
    return {"ComparisonOperator": name, "AttributeValueList": list(operands)}


def found(client: Client, **conditions: dict[str, Any]) -> list[str]:
    return [each["s"]["N"] for each in client.scan(TableName=TABLE, ScanFilter=conditions)["Items"]]


def test_an_update_without_an_action_puts_the_value(client: Client) -> None:
    updates = {"x": {"Value": {"S": "new"}}, "y": {"Value": {"N": "1"}, "Action": "PUT"}}
    client.update_item(TableName=TABLE, Key=key("a", 1), AttributeUpdates=updates)
    assert get(client, "a", 1) == item("a", 1, x={"S": "new"}, y={"N": "1"})


def test_updates_add_to_numbers_sets_and_lists_and_delete(client: Client) -> None:
    put(client, item("a", 1, n={"N": "1"}, ss={"SS": ["a", "b"]}, gone={"S": "x"}))
    updates = {
        "n": {"Action": "ADD", "Value": {"N": "2"}},
        "l": {"Action": "ADD", "Value": {"L": [{"S": "x"}]}},
        "ss": {"Action": "DELETE", "Value": {"SS": ["a"]}},
        "gone": {"Action": "DELETE"},
    }
    client.update_item(TableName=TABLE, Key=key("a", 1), AttributeUpdates=updates)
    assert get(client, "a", 1) == item("a", 1, n={"N": "3"}, l={"L": [{"S": "x"}]}, ss={"SS": ["b"]})


def test_deleting_attributes_of_an_absent_item_does_not_create_it(client: Client) -> None:
    client.update_item(TableName=TABLE, Key=key("a", 1), AttributeUpdates={"x": {"Action": "DELETE"}})
    assert get(client, "a", 1) is None


def test_an_attribute_name_needs_no_placeholder(client: Client) -> None:
    put(client, {**item("a", 1), "name": {"S": "x"}, "a.b": {"S": "y"}, "#c": {"S": "z"}})
    condition = {"a.b": operator("EQ", {"S": "y"}), "name": operator("EQ", {"S": "x"}), "#c": operator("NOT_NULL")}
    assert found(client, **condition) == ["1"]
    response = client.get_item(TableName=TABLE, Key=key("a", 1), AttributesToGet=["a.b", "#c", "absent"])
    assert response["Item"] == {"a.b": {"S": "y"}, "#c": {"S": "z"}}


def test_a_long_list_of_attribute_names_is_compared_in_linear_time(client: Client) -> None:
    comparisons = 0

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal comparisons
            comparisons += 1
            return str.__eq__(self, other)

    put(client, item("a", 1, n7={"S": "x"}))
    names = [Name(f"n{number}") for number in range(1000)]
    assert client.get_item(TableName=TABLE, Key=key("a", 1), AttributesToGet=names)["Item"] == {"n7": {"S": "x"}}
    assert comparisons < 10 * len(names)


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        (operator("NE", {"S": "x"}), ["2", "3"]),
        (operator("NOT_CONTAINS", {"S": "x"}), ["2"]),
        (operator("CONTAINS", {"S": "x"}), ["1"]),
        (operator("NULL"), ["3"]),
        (operator("IN", {"S": "y"}, {"S": "x"}), ["1", "2"]),
        (operator("BETWEEN", {"S": "w"}, {"S": "x"}), ["1"]),
    ],
)
def test_an_absent_attribute_differs_and_contains_nothing(
    client: Client, condition: dict[str, Any], keys: list[str]
) -> None:
    put(client, item("a", 1, x={"S": "x"}), item("a", 2, x={"S": "y"}), item("a", 3))
    assert found(client, x=condition) == keys


def test_conditions_are_joined_by_the_conditional_operator(client: Client) -> None:
    put(client, item("a", 1, x={"S": "x"}), item("a", 2, y={"S": "y"}), item("a", 3))
    conditions = {"x": operator("EQ", {"S": "x"}), "y": operator("EQ", {"S": "y"})}
    assert found(client, **conditions) == []
    both = client.scan(TableName=TABLE, ScanFilter=conditions, ConditionalOperator="OR")
    assert both["Count"] == 2


def test_an_expectation_that_fails_rejects_the_write(client: Client) -> None:
    request: dict[str, Any] = {"TableName": TABLE, "Item": item("a", 1)}
    client.put_item(**request, Expected={"p": {"Exists": False}})
    response = error(client.put_item, **request, Expected={"p": {"Exists": False}})
    assert response["Error"]["Code"] == "ConditionalCheckFailedException"
    client.delete_item(TableName=TABLE, Key=key("a", 1), Expected={"p": {"Value": {"S": "a"}}})
    assert get(client, "a", 1) is None


def test_key_conditions_read_a_range_also_with_a_filter_expression(client: Client) -> None:
    put(client, *(item("a", s, x={"N": str(s)}) for s in (1, 2, 3)))
    conditions = {"p": operator("EQ", {"S": "a"}), "s": operator("GE", {"N": "2"})}
    page = client.query(TableName=TABLE, KeyConditions=conditions)
    assert ([each["s"]["N"] for each in page["Items"]], page["ScannedCount"]) == (["2", "3"], 2)
    filtered = client.query(
        TableName=TABLE,
        KeyConditions=conditions,
        FilterExpression="x = :v0 and #_n0 = :v0",
        ExpressionAttributeNames={"#_n0": "x"},
        ExpressionAttributeValues={":v0": {"N": "3"}},
    )
    assert [each["s"]["N"] for each in filtered["Items"]] == ["3"]


def test_batch_get_item_takes_attributes_to_get_and_returns_its_request(client: Client) -> None:
    big = {"S": "x" * 400_000}
    put(client, *(item("a", s, x=big, y={"N": "1"}) for s in range(43)))
    requested = {"Keys": [key("a", s) for s in range(43)], "AttributesToGet": ["y"]}
    response = client.batch_get_item(RequestItems={TABLE: requested})
    assert response["Responses"][TABLE][0] == {"y": {"N": "1"}}
    (unprocessed,) = response["UnprocessedKeys"].values()
    assert unprocessed.keys() == requested.keys()
    assert unprocessed["AttributesToGet"] == ["y"]
