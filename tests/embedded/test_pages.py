"""Query and Scan: key conditions, order, pages, indexes, Select and segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client

from .support import TABLE, item, key, make_simple, make_table, put, rejection


@pytest.fixture
def filled(client: Client) -> Client:
    """Add partition a with the sort keys 1 to 6, all in the index under x, and one item that is in no index."""
    put(client, *(item("a", number, g={"S": "x"}, n={"N": str(number % 2)}) for number in range(1, 7)))
    put(client, item("b", 1, n={"N": "1"}))
    return client


VALUES: dict[str, Any] = {
    ":p": {"S": "a"},
    ":x": {"S": "x"},
    ":empty": {"S": ""},
    ":1": {"N": "1"},
    ":2": {"N": "2"},
    ":4": {"N": "4"},
}


def query(client: Client, condition: str = "p = :p", **more: Any) -> dict[str, Any]:
    """Return the response to a Query."""
    return client.query(**request(condition, **more))


def request(condition: str = "p = :p", **more: Any) -> dict[str, Any]:
    """Return a Query request with those of VALUES that its expressions use."""
    result: dict[str, Any] = {"TableName": TABLE, "KeyConditionExpression": condition, **more}
    text = f"{condition} {more.get('FilterExpression', '')}"
    values = {name: value for name, value in VALUES.items() if name in text}
    if values:
        result["ExpressionAttributeValues"] = values
    return result


def pages(call: Callable[..., dict[str, Any]], **request: Any) -> list[dict[str, Any]]:
    """Return the responses of a Query or Scan, page by page to the end."""
    result = [call(**request)]
    while "LastEvaluatedKey" in result[-1]:
        result.append(call(**request, ExclusiveStartKey=result[-1]["LastEvaluatedKey"]))
    return result


def sort_keys(*responses: dict[str, Any]) -> list[int]:
    """Return the sort keys of the items in responses."""
    return [int(each["s"]["N"]) for response in responses for each in response["Items"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("p = :p", [1, 2, 3, 4, 5, 6]),
        (":p = p", [1, 2, 3, 4, 5, 6]),
        ("p = :p AND s = :2", [2]),
        ("p = :p AND s < :2", [1]),
        ("p = :p AND s <= :2", [1, 2]),
        ("s > :4 AND p = :p", [5, 6]),
        ("(p = :p) AND (s >= :4)", [4, 5, 6]),
        ("p = :p AND :4 < s", [5, 6]),
        ("p = :p AND s BETWEEN :2 AND :4", [2, 3, 4]),
    ],
)
def test_key_condition_returns_its_range_in_order(filled: Client, condition: str, expected: list[int]) -> None:
    assert sort_keys(query(filled, condition)) == expected
    assert sort_keys(query(filled, condition, ScanIndexForward=False)) == expected[::-1]


def test_begins_with_and_comparisons_select_ranges_of_strings(client: Client) -> None:
    make_simple(client, "words", "S", "S")
    words = ["a", "ab", "ab\x00", "abc", "abé", "ac", "b"]
    for word in words:
        client.put_item(TableName="words", Item={"k": {"S": "k"}, "s": {"S": word}})

    def found(condition: str, value: str) -> list[str]:
        response = client.query(
            TableName="words",
            KeyConditionExpression=f"k = :k AND {condition}",
            ExpressionAttributeValues={":k": {"S": "k"}, ":v": {"S": value}},
        )
        return [each["s"]["S"] for each in response["Items"]]

    assert found("begins_with(s, :v)", "ab") == ["ab", "ab\x00", "abc", "abé"]
    assert found("s > :v", "ab") == ["ab\x00", "abc", "abé", "ac", "b"]
    assert found("s <= :v", "ab") == ["a", "ab"]


ONE_CONDITION = "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("", "Invalid KeyConditionExpression: The expression can not be empty;"),
        ("p <> :p", "Invalid operator used in KeyConditionExpression: <>"),
        ("p = :p OR s = :2", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT p = :p", "Invalid operator used in KeyConditionExpression: NOT"),
        ("p = :p AND s IN (:2)", "Invalid operator used in KeyConditionExpression: IN"),
        (
            "p = :p AND attribute_exists(s)",
            "Invalid operator used in KeyConditionExpression: attribute_exists",
        ),
        ("p > :p", "Query key condition not supported"),
        ("begins_with(p, :p)", "Query key condition not supported"),
        ("s = :2", "Query condition missed key schema element: p"),
        ("p = :p AND n = :2", "Query condition missed key schema element: s"),
        ("p = :p AND p = :p", ONE_CONDITION),
        ("p = :p AND s > :2 AND s < :4", ONE_CONDITION),
        ("p = s", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
        ("p = :p AND size(s) = :2", "KeyConditionExpressions cannot contain nested operations"),
        (
            "p.x = :p",
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p",
        ),
        ("p = :2", "One or more parameter values were invalid: Condition parameter type does not match schema type"),
        (
            "p = :empty",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: p",
        ),
    ],
)
def test_any_other_key_condition_is_rejected(filled: Client, condition: str, message: str) -> None:
    assert rejection(filled.query, **request(condition)) == message


def test_limit_counts_evaluated_items_not_filtered_items(filled: Client) -> None:
    page = query(filled, Limit=3, FilterExpression="n = :1")
    assert (sort_keys(page), page["Count"], page["ScannedCount"]) == ([1, 3], 2, 3)
    assert page["LastEvaluatedKey"] == key("a", 3)
    empty = query(filled, "p = :p AND s = :2", Limit=1, FilterExpression="n = :1")
    assert (empty["Items"], empty["ScannedCount"], empty["LastEvaluatedKey"]) == ([], 1, key("a", 2))


def test_page_that_ends_at_its_limit_has_a_last_evaluated_key_even_if_no_item_follows(filled: Client) -> None:
    assert query(filled, Limit=6)["LastEvaluatedKey"] == key("a", 6)
    assert "LastEvaluatedKey" not in query(filled, Limit=7)
    after = query(filled, Limit=6, ExclusiveStartKey=key("a", 6))
    assert (after["Items"], after["Count"], after["ScannedCount"]) == ([], 0, 0)
    assert "LastEvaluatedKey" not in after


@pytest.mark.parametrize(
    ("condition", "forward", "limit", "is_end"),
    [
        ("s <= :4", True, 4, True),
        ("s < :4", True, 3, False),
        ("s = :4", True, 1, False),
        ("s = :4", False, 1, False),
        ("s >= :2", False, 5, True),
        ("s >= :2", True, 5, False),
        ("s > :2", False, 4, False),
        ("s BETWEEN :2 AND :4", True, 3, True),
        ("s BETWEEN :2 AND :4", False, 3, True),
        ("s BETWEEN :2 AND :4", True, 2, False),
    ],
)
def test_page_that_ends_at_the_bound_of_its_condition_has_no_last_evaluated_key(
    filled: Client, condition: str, forward: bool, limit: int, is_end: bool
) -> None:
    more = {"Limit": limit, "ScanIndexForward": forward}
    page = query(filled, f"p = :p AND {condition}", **more)
    assert (page["Count"], "LastEvaluatedKey" not in page) == (limit, is_end)
    page = query(filled, f"g = :x AND {condition}", IndexName="by-g", **more)
    assert (page["Count"], "LastEvaluatedKey" not in page) == (limit, is_end)


def test_index_page_that_ends_at_the_bound_continues_with_the_items_of_the_same_key(filled: Client) -> None:
    put(filled, item("b", 4, g={"S": "x"}))
    found = pages(filled.query, **request("g = :x AND s <= :4", IndexName="by-g", Limit=4))
    assert [sort_keys(page) for page in found] == [[1, 2, 3, 4], [4]]


def test_page_ends_with_the_item_that_exceeds_one_megabyte(client: Client) -> None:
    put(client, *(item("a", number, x={"S": "x" * 300_000}) for number in range(6)))
    page = query(client, ReturnConsumedCapacity="TOTAL")
    assert (page["Count"], page["LastEvaluatedKey"]) == (4, key("a", 3))
    assert page["ConsumedCapacity"] == {"TableName": TABLE, "CapacityUnits": 146.5}
    rest = query(client, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert (sort_keys(rest), "LastEvaluatedKey" in rest) == ([4, 5], False)


@pytest.mark.parametrize("forward", [True, False])
def test_pages_of_an_index_return_all_items_with_equal_index_keys(client: Client, forward: bool) -> None:
    put(client, *(item(p, s, g={"S": "x"}) for p in "abc" for s in (1, 2)))
    found = pages(client.query, **request("g = :x", IndexName="by-g", Limit=1, ScanIndexForward=forward))
    assert all(page["LastEvaluatedKey"].keys() == {"g", "s", "p"} for page in found[:-1])
    assert sort_keys(*found) == sorted([1, 1, 1, 2, 2, 2], reverse=not forward)
    assert len({each["p"]["S"] + each["s"]["N"] for page in found for each in page["Items"]}) == 6


def test_index_contains_only_items_with_its_key_and_only_projected_attributes(filled: Client) -> None:
    assert query(filled, "g = :x", IndexName="by-g")["Items"] == [
        item("a", number, g={"S": "x"}, n={"N": str(number % 2)}) for number in range(1, 7)
    ]
    assert filled.scan(TableName=TABLE, IndexName="keys-g")["Items"] == [
        item("a", number, g={"S": "x"}) for number in range(1, 7)
    ]
    assert filled.scan(TableName=TABLE)["Count"] == 7


def test_index_is_updated_by_put_update_and_delete(filled: Client) -> None:
    filled.update_item(TableName=TABLE, Key=key("a", 1), UpdateExpression="REMOVE g")
    filled.update_item(
        TableName=TABLE,
        Key=key("a", 2),
        UpdateExpression="SET g = :y",
        ExpressionAttributeValues={":y": {"S": "y"}},
    )
    filled.delete_item(TableName=TABLE, Key=key("a", 3))
    put(filled, item("a", 4), item("b", 1, g={"S": "x"}), item("b", 9, g={"S": "x"}))
    assert sort_keys(query(filled, "g = :x", IndexName="by-g")) == [1, 5, 6, 9]
    described = filled.describe_table(TableName=TABLE)["Table"]
    counts = {index["IndexName"]: index["ItemCount"] for index in described["GlobalSecondaryIndexes"]}
    assert counts == {"by-g": 5, "keys-g": 5}
    assert described["ItemCount"] == 7


MISMATCH = "The provided starting key is invalid"
OUT_OF_RANGE = "The provided starting key is outside query boundaries based on provided conditions"


@pytest.mark.parametrize(
    ("start_key", "message"),
    [
        ({}, MISMATCH),
        ({"p": {"S": "a"}}, MISMATCH),
        ({"p": {"S": "a"}, "s": {"S": "1"}}, MISMATCH),
        ({**key("a", 1), "x": {"S": "x"}}, MISMATCH),
        (key("b", 1), OUT_OF_RANGE),
        (key("a", 1), OUT_OF_RANGE),
        ({"p": {"S": "a"}, "s": {"N": "x"}}, "The parameter cannot be converted to a numeric value: x"),
    ],
)
def test_start_key_must_be_a_key_of_the_table_within_the_range(
    filled: Client, start_key: dict[str, Any], message: str
) -> None:
    assert rejection(filled.query, **request("p = :p AND s > :2", ExclusiveStartKey=start_key)) == message


def test_start_key_of_an_index_must_have_the_keys_of_index_and_table(filled: Client) -> None:
    def on_index(start_key: dict[str, Any]) -> dict[str, Any]:
        return request("g = :x", IndexName="by-g", ExclusiveStartKey=start_key)

    assert sort_keys(filled.query(**on_index({**key("a", 3), "g": {"S": "x"}}))) == [4, 5, 6]
    assert rejection(filled.query, **on_index(key("a", 3))) == MISMATCH
    assert rejection(filled.query, **on_index({**key("a", 3), "g": {"N": "1"}})) == MISMATCH
    assert rejection(filled.query, **on_index({**key("a", 3), "g": {"S": "y"}})) == OUT_OF_RANGE


def test_select_chooses_the_attributes_or_the_count(filled: Client) -> None:
    assert "Items" not in query(filled, Select="COUNT")
    assert query(filled, Select="COUNT", FilterExpression="n = :1")["Count"] == 3
    assert query(filled, Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="s", Limit=1)["Items"] == [
        {"s": {"N": "1"}}
    ]
    assert query(filled, "g = :x", IndexName="keys-g", Select="ALL_PROJECTED_ATTRIBUTES")["Items"][0].keys() == {
        "p",
        "s",
        "g",
    }


ON_KEYS = {"KeyConditionExpression": "g = :x", "IndexName": "keys-g"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"KeyConditionExpression": None},
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        ),
        (
            {"Select": "COUNT", "ProjectionExpression": "s"},
            "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        (
            {"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "s"},
            "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        ),
        (
            {"Select": "ALL_PROJECTED_ATTRIBUTES"},
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
        (
            {"FilterExpression": "s = :2"},
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: s",
        ),
        ({"IndexName": "none"}, "The table does not have the specified index: none"),
        ({**ON_KEYS, "ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
        (
            {**ON_KEYS, "Select": "ALL_ATTRIBUTES"},
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
            "secondary index keys-g because its projection type is not ALL",
        ),
        (
            {**ON_KEYS, "ProjectionExpression": "s, n"},
            "One or more parameter values were invalid: Global secondary index keys-g does not project [n]",
        ),
        (
            {**ON_KEYS, "FilterExpression": "n = :1"},
            "One or more parameter values were invalid: Secondary index keys-g does not project one or more filter "
            "attributes: [n]",
        ),
    ],
)
def test_query_with_missing_or_contradictory_parameters_is_rejected(
    filled: Client, more: dict[str, Any], message: str
) -> None:
    condition = more.get("KeyConditionExpression", "p = :p")
    contradictory = request(condition or "", **more)
    if condition is None:
        del contradictory["KeyConditionExpression"]
    assert rejection(filled.query, **contradictory) == message


def test_segments_of_a_scan_return_every_item_once(client: Client) -> None:
    names = [f"p{number:02}" for number in range(60)]
    put(client, *(item(name, 1) for name in names))
    segments = [
        [
            each["p"]["S"]
            for page in pages(client.scan, TableName=TABLE, Segment=segment, TotalSegments=4, Limit=7)
            for each in page["Items"]
        ]
        for segment in range(4)
    ]
    assert all(segments)
    assert sorted(name for segment in segments for name in segment) == names


def test_scan_rejects_invalid_segments_and_start_keys_of_another_segment(client: Client) -> None:
    put(client, item("a", 1))

    def message(**more: Any) -> str:
        return rejection(client.scan, TableName=TABLE, **more)

    assert message(Segment=0) == (
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
    )
    assert message(TotalSegments=2) == (
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
    )
    assert message(Segment=2, TotalSegments=2).startswith("The Segment parameter is zero-based")
    assert "less than or equal to 1000000" in message(Segment=0, TotalSegments=1_000_001)
    own = next(number for number in (0, 1) if client.scan(TableName=TABLE, Segment=number, TotalSegments=2)["Items"])
    client.scan(TableName=TABLE, Segment=own, TotalSegments=2, ExclusiveStartKey=key("a", 1))
    assert "Please use ExclusiveStartKey with correct Segment. TotalSegments: 2" in message(
        Segment=1 - own, TotalSegments=2, ExclusiveStartKey=key("a", 1)
    )


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 5), st.booleans()), max_size=25),
    st.integers(1, 6),
    st.booleans(),
)
def test_pages_of_any_size_together_contain_every_item_once_in_order(
    things: list[tuple[str, int, bool]], limit: int, forward: bool
) -> None:
    client = connect(":memory:")
    make_table(client)
    expected: dict[tuple[str, int], bool] = {}
    for p, s, indexed in things:
        put(client, item(p, s, **({"g": {"S": "x"}} if indexed else {})))
        expected[p, s] = indexed
    for query, wanted in (
        (request(), [s for p, s in expected if p == "a"]),
        (request("g = :x", IndexName="by-g"), [s for (p, s), indexed in expected.items() if indexed]),
    ):
        found = pages(client.query, **query, Limit=limit, ScanIndexForward=forward)
        assert all(page["Count"] == len(page["Items"]) <= limit for page in found)
        assert sort_keys(*found) == sorted(wanted, reverse=not forward)
    client.close()
