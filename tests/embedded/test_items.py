"""PutItem, GetItem and DeleteItem: values in and out, keys, limits, what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import connect, values
from nodetodo.embedded.client import Client
from nodetodo.embedded.storage import codecs as stored

from .support import TABLE, error, get, item, key, make_simple, make_table, put, refusal

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
# Names that are also the names of types, where a careless reader of what is stored would go wrong.
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
def test_what_is_stored_comes_back_unchanged(attributes: dict[str, Any]) -> None:
    assert stored.decoded(stored.encoded(attributes)) == attributes


@given(items)
def test_a_checked_item_is_the_same_item_and_as_large_as_it_is_measured(attributes: dict[str, Any]) -> None:
    checked, size = values.checked_item(attributes)
    assert checked == attributes
    assert size == values.item_size(attributes)


@given(items)
def test_an_item_is_equal_to_itself_with_its_sets_in_another_order(attributes: dict[str, Any]) -> None:
    def turned(value: dict[str, Any]) -> dict[str, Any]:
        ((kind, content),) = value.items()
        if kind in ("SS", "NS", "BS"):
            return {kind: content[::-1]}
        if kind == "L":
            return {kind: [turned(member) for member in content]}
        if kind == "M":
            return {kind: {name: turned(member) for name, member in content.items()}}
        return value

    whole = {"M": attributes}
    assert values.equal(whole, turned(whole))
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
def test_a_value_counts_the_bytes_that_aws_says(value: dict[str, Any], size: int) -> None:
    assert values.value_size(value) == size


def test_awss_own_example_of_an_items_size_is_23_bytes() -> None:
    assert values.item_size({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


def test_all_ten_types_come_back_as_they_were_given(client: Client) -> None:
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


def test_an_answer_belongs_to_the_caller(client: Client) -> None:
    given_item = item("a", 1, l={"L": [{"S": "x"}]})
    put(client, given_item)
    given_item["l"]["L"].append({"S": "y"})
    first = get(client, "a", 1)
    assert first == item("a", 1, l={"L": [{"S": "x"}]})
    first["l"]["L"].clear()
    assert get(client, "a", 1) == item("a", 1, l={"L": [{"S": "x"}]})


def test_numbers_that_are_equal_are_one_key(client: Client) -> None:
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
        ({"N": "x"}, "A value provided cannot be converted into a number"),
        ({"M": {"y": {"N": "q"}}}, "A value provided cannot be converted into a number"),
        ({"M": {"": {"S": "x"}}}, "Empty attribute name"),
        (
            {"NULL": False},
            "One or more parameter values were invalid: Null attribute value types must have the value of true",
        ),
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        (
            {"SS": ["a", "a"]},
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates",
        ),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"S": "x" * 409_600}, "Item size has exceeded the maximum allowed size"),
    ],
)
def test_what_is_no_value_is_refused(client: Client, value: dict[str, Any], message: str) -> None:
    assert refusal(client.put_item, TableName=TABLE, Item=item("a", 1, x=value)) == message
    assert get(client, "a", 1) is None


def test_an_item_is_nested_at_most_32_levels(client: Client) -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(31):
        value = {"L": [value]}
    put(client, item("a", 1, x=value))
    for levels in (1, 30, 100, 5000):
        deeper = value
        for _ in range(levels):
            deeper = {"M": {"m": deeper}}
        message = refusal(client.put_item, TableName=TABLE, Item=item("a", 1, x=deeper))
        assert "Nesting Levels have exceeded supported limits" in message


def test_an_item_of_exactly_400_kb_is_stored(client: Client) -> None:
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
        ({"p": {"S": "a"}, "s": {"N": "x"}}, "A value provided cannot be converted into a number"),
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
def test_a_key_has_exactly_the_attributes_types_and_sizes_of_the_tables(
    client: Client, wrong: dict[str, Any], message: str
) -> None:
    for call in (client.get_item, client.delete_item, client.update_item):
        assert refusal(call, TableName=TABLE, Key=wrong) == message


def test_an_item_without_its_key_or_with_a_wrong_one_is_refused(client: Client) -> None:
    def message(thing: dict[str, Any]) -> str:
        return refusal(client.put_item, TableName=TABLE, Item=thing)

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


def test_a_sort_key_has_at_most_1024_bytes() -> None:
    client = connect(":memory:")
    make_simple(client, "binary", "B", "B")
    client.put_item(TableName="binary", Item={"k": {"B": b"x" * 2048}, "s": {"B": b"x" * 1024}})
    assert refusal(client.put_item, TableName="binary", Item={"k": {"B": b"x"}, "s": {"B": b"x" * 1025}}) == (
        "One or more parameter values were invalid: "
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    )
    assert "empty binary value. Key: k" in refusal(
        client.put_item, TableName="binary", Item={"k": {"B": b""}, "s": {"B": b"x"}}
    )
    client.close()


def test_put_and_delete_give_back_the_old_item_where_asked(client: Client) -> None:
    old, new = item("a", 1, v={"S": "old"}), item("a", 1, v={"S": "new"})
    assert "Attributes" not in client.put_item(TableName=TABLE, Item=old, ReturnValues="ALL_OLD")
    assert client.put_item(TableName=TABLE, Item=new, ReturnValues="ALL_OLD")["Attributes"] == old
    assert client.delete_item(TableName=TABLE, Key=key("a", 1), ReturnValues="ALL_OLD")["Attributes"] == new
    assert "Attributes" not in client.delete_item(TableName=TABLE, Key=key("a", 1), ReturnValues="ALL_OLD")
    assert "Item" not in client.get_item(TableName=TABLE, Key=key("a", 1))


def test_a_failed_condition_gives_the_item_that_failed_it_where_asked(client: Client) -> None:
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


def test_a_projection_gives_the_paths_it_names_and_nothing_for_absent_ones(client: Client) -> None:
    put(
        client,
        item("a", 1, l={"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]}, m={"M": {"x": {"S": "y"}, "z": {"S": "z"}}}),
    )

    def projected(expression: str) -> dict[str, Any]:
        answer = client.get_item(TableName=TABLE, Key=key("a", 1), ProjectionExpression=expression)
        result: dict[str, Any] = answer["Item"]
        return result

    assert projected("s, m.x") == {"s": {"N": "1"}, "m": {"M": {"x": {"S": "y"}}}}
    assert projected("l[2], l[0]") == {"l": {"L": [{"N": "1"}, {"N": "3"}]}}
    assert projected("l[0], l[9], m.q, absent") == {"l": {"L": [{"N": "1"}]}}
    assert projected("m.x.y, l.x") == {}
    assert "overlap" in refusal(client.get_item, TableName=TABLE, Key=key("a", 1), ProjectionExpression="m, m.x")


def test_the_operations_on_an_unknown_table_say_that_it_is_not_there(client: Client) -> None:
    for call, more in (
        (client.get_item, {"Key": {}}),
        (client.put_item, {"Item": {"p": {}}}),
        (client.scan, {"FilterExpression": "a ="}),
        (client.query, {"KeyConditionExpression": "a"}),
        (client.update_item, {"Key": {}, "UpdateExpression": "SET"}),
        (client.delete_item, {"Key": {}}),
    ):
        answer = error(call, TableName="nowhere", **more)["Error"]
        assert answer == {"Code": "ResourceNotFoundException", "Message": "Requested resource not found"}


any_python = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("SNBLM", max_size=2), inner, max_size=2),
    max_leaves=5,
)


@given(any_python)
def test_any_python_object_as_a_value_ends_in_an_answer_or_a_refusal(value: Any) -> None:
    code = None
    try:
        put(_fuzzed, item("a", 1, x=value))
    except _fuzzed.exceptions.ClientError as refused:
        code = refused.response["Error"]["Code"]
    except ValueError as refused:
        code = type(refused).__name__
    assert code in (None, "ValidationException", "ParamValidationError")


_fuzzed = connect(":memory:")
make_table(_fuzzed)
