"""PutItem, GetItem and DeleteItem: values, keys, limits and return values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import connect, values
from nodetodo.embedded.client import Client
from nodetodo.embedded.storage import codecs

from .support import TABLE, error, get, item, key, make_simple, make_table, put, rejection

scalars = (
    st.text(max_size=8).map(lambda text: {"S": text})
    | st.integers(-(10**37), 10**37).map(lambda number: {"N": str(number)})
    | st.binary(max_size=8).map(lambda content: {"B": content})
    | st.booleans().map(lambda truth: {"BOOL": truth})
    | st.just({"NULL": True})
    | st.sets(st.text(max_size=4), min_size=1, max_size=3).map(lambda members: {"SS": sorted(members)})
    | st.sets(st.binary(max_size=4), min_size=1, max_size=3).map(lambda members: {"BS": sorted(members)})
    | st.sets(st.integers(-(10**37), 10**37), min_size=1, max_size=3).map(
        lambda members: {"NS": [str(each) for each in members]}
    )
)
# Attribute names that equal the names of types, which a decoder could confuse.
names = st.sampled_from(["B", "BS", "S", "L", "M", "a", "é", 'quo"te', "back\\slash"]) | st.text(min_size=1, max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda members: {"L": members})
        | st.dictionaries(names, inner, max_size=3).map(lambda attributes: {"M": attributes})
    ),
    max_leaves=8,
)
items = st.dictionaries(names, anything, max_size=4)


@given(items)
def test_decoding_reverses_encoding(attributes: dict[str, Any]) -> None:
    assert codecs.decode_item(codecs.encode_item(attributes), ()) == attributes


@given(items)
def test_checking_an_item_keeps_it_unchanged_and_returns_its_size(attributes: dict[str, Any]) -> None:
    checked, size = values.checked_item(attributes)
    assert checked == attributes
    assert size == values.item_size(attributes)


@given(items)
def test_equality_of_items_ignores_the_order_of_sets(attributes: dict[str, Any]) -> None:
    def with_sets_reversed(value: dict[str, Any]) -> dict[str, Any]:
        ((kind, content),) = value.items()
        if kind in ("SS", "NS", "BS"):
            return {kind: content[::-1]}
        if kind == "L":
            return {kind: [with_sets_reversed(member) for member in content]}
        if kind == "M":
            return {kind: {name: with_sets_reversed(member) for name, member in content.items()}}
        return value

    whole = {"M": attributes}
    assert values.equal(whole, with_sets_reversed(whole))
    assert not values.equal(whole, {"M": {**attributes, "one more": {"NULL": True}}})


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "R"}, 1),
        ({"S": "é\U0001f600"}, 6),
        ({"B": b"123"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + (1 + 2) + (1 + 1)),
        ({"M": {"ab": {"S": "cd"}}}, 3 + 1 + 2 + 2),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "123"]}, 2 + 3),
        ({"BS": [b"12", b"3"]}, 3),
    ],
)
def test_size_of_a_value_follows_the_rules_of_aws(value: dict[str, Any], size: int) -> None:
    assert values.value_size(value) == size


def test_size_of_the_example_item_in_the_aws_guide_is_23_bytes() -> None:
    assert values.item_size({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


def test_values_of_all_ten_types_are_returned_as_they_were_put(client: Client) -> None:
    thing = item(
        "a",
        1,
        S={"S": ""},
        N={"N": "-12.5"},
        B={"B": b"\x00\xff"},
        BOOL={"BOOL": False},
        NULL={"NULL": True},
        SS={"SS": ["b", "a", ""]},
        NS={"NS": ["2", "-1"]},
        BS={"BS": [b"", b"x"]},
        L={"L": [{"S": "x"}, {"L": []}]},
        M={"M": {"B": {"S": "not binary"}, "BS": {"L": [{"S": "x"}]}}},
    )
    put(client, thing)
    assert get(client, "a", 1) == thing
    put(client, {**thing, "B": {"B": bytearray(b"\x00\xff")}})
    assert get(client, "a", 1) == thing


def test_changing_a_request_or_a_response_does_not_change_the_stored_item(client: Client) -> None:
    original = item("a", 1, l={"L": [{"S": "x"}]})
    put(client, original)
    original["l"]["L"].append({"S": "y"})
    first = get(client, "a", 1)
    assert first == item("a", 1, l={"L": [{"S": "x"}]})
    first["l"]["L"].clear()
    assert get(client, "a", 1) == item("a", 1, l={"L": [{"S": "x"}]})


def test_equal_numbers_are_the_same_key(client: Client) -> None:
    put(client, item("a", "1.0", v={"S": "first"}), item("a", "1e0", v={"S": "second"}))
    assert get(client, "a", "1") == item("a", 1, v={"S": "second"})
    assert client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            {"S": "a", "N": "1"},
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes",
        ),
        ({"N": "x"}, "The parameter cannot be converted to a numeric value: x"),
        ({"M": {"y": {"N": "q"}}}, "The parameter cannot be converted to a numeric value: q"),
        ({"M": {"": {"S": "x"}}}, "Empty attribute name"),
        (
            {"NULL": False},
            "One or more parameter values were invalid: Null attribute value types must have the value of true",
        ),
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        (
            {"SS": ["a", "a"]},
            'One or more parameter values were invalid: Input collection ["a", "a"] contains duplicates.',
        ),
        ({"NS": ["1", "1.0"]}, "One or more parameter values were invalid: Input collection contains duplicates."),
        ({"S": "x" * 409_600}, "Item size has exceeded the maximum allowed size"),
    ],
)
def test_invalid_value_is_rejected(client: Client, value: dict[str, Any], message: str) -> None:
    assert rejection(client.put_item, TableName=TABLE, Item=item("a", 1, x=value)) == message
    assert get(client, "a", 1) is None


def test_item_is_nested_at_most_32_levels(client: Client) -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(31):
        value = {"L": [value]}
    put(client, item("a", 1, x=value))
    for levels in (1, 30, 100, 5000):
        deeper = value
        for _ in range(levels):
            deeper = {"M": {"m": deeper}}
        message = rejection(client.put_item, TableName=TABLE, Item=item("a", 1, x=deeper))
        assert "Nesting Levels have exceeded supported limits" in message


def test_item_of_exactly_400_kb_is_stored(client: Client) -> None:
    names_and_key = len("p") + len("a") + len("s") + 2 + len("x")
    thing = item("a", 1, x={"S": "x" * (409_600 - names_and_key)})
    put(client, thing)
    assert get(client, "a", 1) == thing
    assert client.describe_table(TableName=TABLE)["Table"]["TableSizeBytes"] == 409_600


SCHEMA = "The provided key element does not match the schema"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, SCHEMA),
        ({"p": {"S": "a"}}, SCHEMA),
        ({"p": {"S": "a"}, "x": {"N": "1"}}, SCHEMA),
        ({"p": {"S": "a"}, "s": {"S": "1"}}, SCHEMA),
        ({"p": {"S": "a"}, "s": {"N": "1"}, "x": {"N": "1"}}, SCHEMA),
        ({"p": {"S": "a"}, "s": {"N": "x"}}, "The parameter cannot be converted to a numeric value: x"),
        (
            {"p": {"S": ""}, "s": {"N": "1"}},
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: p",
        ),
        (
            {"p": {"S": "é" * 1025}, "s": {"N": "1"}},
            "One or more parameter values were invalid: "
            "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
    ],
)
def test_key_must_have_the_attributes_types_and_sizes_of_the_key_of_the_table(
    client: Client, wrong: dict[str, Any], message: str
) -> None:
    for call in (client.get_item, client.delete_item, client.update_item):
        assert rejection(call, TableName=TABLE, Key=wrong) == message


def test_item_with_a_missing_or_invalid_key_is_rejected(client: Client) -> None:
    def message(thing: dict[str, Any]) -> str:
        return rejection(client.put_item, TableName=TABLE, Item=thing)

    assert message({"p": {"S": "a"}}) == "One or more parameter values were invalid: Missing the key s in the item"
    assert message({"p": {"S": "a"}, "s": {"S": "1"}}) == (
        "One or more parameter values were invalid: Type mismatch for key s expected: N actual: S"
    )
    assert message(item("a", 1, g={"N": "1"})) == (
        "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"
    )
    assert message(item("a", 1, g={"S": ""})) == (
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
        "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g"
    )
    assert "maximum size limit of2048 bytes" in message(item("a", 1, g={"S": "x" * 2049}))


def test_binary_partition_key_has_1_to_2048_bytes_and_sort_key_at_most_1024() -> None:
    client = connect(":memory:")
    make_simple(client, "binary", "B", "B")
    client.put_item(TableName="binary", Item={"k": {"B": b"x" * 2048}, "s": {"B": b"x" * 1024}})
    assert rejection(client.put_item, TableName="binary", Item={"k": {"B": b"x"}, "s": {"B": b"x" * 1025}}) == (
        "One or more parameter values were invalid: "
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    )
    assert "empty binary value. Key: k" in rejection(
        client.put_item, TableName="binary", Item={"k": {"B": b""}, "s": {"B": b"x"}}
    )
    client.close()


def test_put_and_delete_return_the_old_item_with_all_old(client: Client) -> None:
    old, new = item("a", 1, v={"S": "old"}), item("a", 1, v={"S": "new"})
    assert "Attributes" not in client.put_item(TableName=TABLE, Item=old, ReturnValues="ALL_OLD")
    assert client.put_item(TableName=TABLE, Item=new, ReturnValues="ALL_OLD")["Attributes"] == old
    assert client.delete_item(TableName=TABLE, Key=key("a", 1), ReturnValues="ALL_OLD")["Attributes"] == new
    assert "Attributes" not in client.delete_item(TableName=TABLE, Key=key("a", 1), ReturnValues="ALL_OLD")
    assert "Item" not in client.get_item(TableName=TABLE, Key=key("a", 1))


def test_failed_condition_returns_the_existing_item_with_all_old(client: Client) -> None:
    thing = item("a", 1, v={"S": "there"})
    put(client, thing)
    condition = {"ConditionExpression": "attribute_not_exists(p)"}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as raised:
        client.put_item(TableName=TABLE, Item=thing, **condition, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Item"] == thing
    assert str(raised.value) == (
        "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: "
        "The conditional request failed"
    )
    assert "Item" not in error(client.put_item, TableName=TABLE, Item=thing, **condition)
    absent = error(
        client.delete_item,
        TableName=TABLE,
        Key=key("b", 1),
        ConditionExpression="attribute_exists(p)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert absent["Error"]["Code"] == "ConditionalCheckFailedException"
    assert "Item" not in absent


def test_projection_returns_the_existing_paths_only(client: Client) -> None:
    put(
        client,
        item("a", 1, l={"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]}, m={"M": {"x": {"S": "y"}, "z": {"S": "z"}}}),
    )

    def projected(expression: str) -> dict[str, Any]:
        response = client.get_item(TableName=TABLE, Key=key("a", 1), ProjectionExpression=expression)
        projection: dict[str, Any] = response["Item"]
        return projection

    assert projected("s, m.x") == {"s": {"N": "1"}, "m": {"M": {"x": {"S": "y"}}}}
    assert projected("l[2], l[0]") == {"l": {"L": [{"N": "1"}, {"N": "3"}]}}
    assert projected("l[0], l[9], m.q, absent") == {"l": {"L": [{"N": "1"}]}}
    assert projected("m.x.y, l.x") == {}
    assert "overlap" in rejection(client.get_item, TableName=TABLE, Key=key("a", 1), ProjectionExpression="m, m.x")


def test_unknown_table_is_reported_before_other_errors(client: Client) -> None:
    for call, more in (
        (client.get_item, {"Key": {}}),
        (client.put_item, {"Item": {"p": {}}}),
        (client.scan, {"FilterExpression": "a ="}),
        (client.query, {"KeyConditionExpression": "a"}),
        (client.update_item, {"Key": {}, "UpdateExpression": "SET"}),
        (client.delete_item, {"Key": {}}),
    ):
        found = error(call, TableName="nowhere", **more)["Error"]
        assert found == {"Code": "ResourceNotFoundException", "Message": "Requested resource not found"}


any_python = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("SNBLM", max_size=2), inner, max_size=2),
    max_leaves=5,
)


@given(any_python)
def test_any_python_object_as_a_value_is_accepted_or_rejected_with_a_client_error(value: Any) -> None:
    code = None
    try:
        put(_fuzzed, item("a", 1, x=value))
    except _fuzzed.exceptions.ClientError as raised:
        code = raised.response["Error"]["Code"]
    except ValueError as raised:
        code = type(raised).__name__
    assert code in (None, "ValidationException", "ParamValidationError")


_fuzzed = connect(":memory:")
make_table(_fuzzed)


def test_a_condition_text_with_other_names_is_another_condition(client: Client) -> None:
    """The engine keeps bound conditions without values."""
    present = item("a", 1, b={"S": "x"})
    put(client, present)
    request = {"TableName": TABLE, "Item": present, "ConditionExpression": "attribute_exists(#a)"}
    for _ in range(2):
        client.put_item(**request, ExpressionAttributeNames={"#a": "b"})
        with pytest.raises(client.exceptions.ConditionalCheckFailedException):
            client.put_item(**request, ExpressionAttributeNames={"#a": "c"})
        for names in ({"#a": "b", "#c": "c"}, {}):
            with pytest.raises(client.exceptions.ClientError, match=r"unused in expressions|must not be empty"):
                client.put_item(**request, ExpressionAttributeNames=names)
