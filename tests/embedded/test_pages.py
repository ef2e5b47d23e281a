"""Query and Scan: ranges, order, pages, what may be asked together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client

from .support import TABLE, item, key, make_simple, make_table, put, refusal


@pytest.fixture
def filled(client: Client) -> Client:
    """Partition a with the sort keys 1 to 6, all in the index under x, and one item that is in no index."""
    put(client, *(item("a", number, g={"S": "x"}, n={"N": str(number % 2)}) for number in range(1, 7)))
    put(client, item("b", 1, n={"N": "1"}))
    return client


def query(client: Client, condition: str = "p = :p", **more: Any) -> dict[str, Any]:
    return client.query(**request(condition, **more))


def request(condition: str = "p = :p", **more: Any) -> dict[str, Any]:
    values = {":p": {"S": "a"}, ":x": {"S": "x"}, ":2": {"N": "2"}, ":4": {"N": "4"}, ":1": {"N": "1"}}
    text = f"{condition} {more.get('FilterExpression', '')}"
    used = {name: value for name, value in values.items() if name in text}
    return {
        "TableName": TABLE,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {**used, **more.pop("values", {})},
        **more,
    }


def sorts(answer: dict[str, Any]) -> list[int]:
    return [int(each["s"]["N"]) for each in answer["Items"]]


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
def test_a_key_condition_gives_its_range_in_order(filled: Client, condition: str, expected: list[int]) -> None:
    assert sorts(query(filled, condition)) == expected
    assert sorts(query(filled, condition, ScanIndexForward=False)) == expected[::-1]


def test_begins_with_and_comparisons_on_strings_are_ranges_too(client: Client) -> None:
    make_simple(client, "words", "S", "S")
    words = ["a", "ab", "ab\x00", "abc", "abé", "ac", "b"]
    for word in words:
        client.put_item(TableName="words", Item={"k": {"S": "k"}, "s": {"S": word}})

    def found(condition: str, value: str) -> list[str]:
        answer = client.query(
            TableName="words",
            KeyConditionExpression=f"k = :k AND {condition}",
            ExpressionAttributeValues={":k": {"S": "k"}, ":v": {"S": value}},
        )
        return [each["s"]["S"] for each in answer["Items"]]

    assert found("begins_with(s, :v)", "ab") == ["ab", "ab\x00", "abc", "abé"]
    assert found("s > :v", "ab") == ["ab\x00", "abc", "abé", "ac", "b"]
    assert found("s <= :v", "ab") == ["a", "ab"]


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
        ("p = :p AND p = :p", "KeyConditionExpressions must only contain one condition per key"),
        ("p = :p AND s > :2 AND s < :4", "KeyConditionExpressions must only contain one condition per key"),
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
def test_any_other_key_condition_is_refused(filled: Client, condition: str, message: str) -> None:
    more = {"values": {":empty": {"S": ""}}} if ":empty" in condition else {}
    wrong = request(condition, **more)
    if not wrong["ExpressionAttributeValues"]:
        del wrong["ExpressionAttributeValues"]
    assert refusal(filled.query, **wrong) == message


def test_limit_counts_what_was_evaluated_not_what_the_filter_lets_through(filled: Client) -> None:
    page = query(filled, Limit=3, FilterExpression="n = :1")
    assert (sorts(page), page["Count"], page["ScannedCount"]) == ([1, 3], 2, 3)
    assert page["LastEvaluatedKey"] == key("a", 3)
    empty = query(filled, "p = :p AND s = :2", Limit=1, FilterExpression="n = :1")
    assert (empty["Items"], empty["ScannedCount"], empty["LastEvaluatedKey"]) == ([], 1, key("a", 2))


def test_a_page_that_ends_at_its_limit_has_a_last_key_even_where_nothing_follows(filled: Client) -> None:
    assert query(filled, Limit=6)["LastEvaluatedKey"] == key("a", 6)
    assert "LastEvaluatedKey" not in query(filled, Limit=7)
    after = query(filled, Limit=6, ExclusiveStartKey=key("a", 6))
    assert (after["Items"], after["Count"], after["ScannedCount"]) == ([], 0, 0)
    assert "LastEvaluatedKey" not in after


@pytest.mark.parametrize(
    ("condition", "forward", "limit", "ends"),
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
def test_a_page_that_ends_at_the_bound_of_its_condition_has_no_last_key(
    filled: Client, condition: str, forward: bool, limit: int, ends: bool
) -> None:
    more = {"Limit": limit, "ScanIndexForward": forward}
    page = query(filled, f"p = :p AND {condition}", **more)
    assert (page["Count"], "LastEvaluatedKey" not in page) == (limit, ends)
    page = query(filled, f"g = :x AND {condition}", IndexName="by-g", **more)
    assert (page["Count"], "LastEvaluatedKey" not in page) == (limit, ends)


def test_a_page_of_an_index_at_the_bound_goes_on_with_the_items_of_the_same_key(filled: Client) -> None:
    put(filled, item("b", 4, g={"S": "x"}))
    page = query(filled, "g = :x AND s <= :4", IndexName="by-g", Limit=4)
    rest = query(filled, "g = :x AND s <= :4", IndexName="by-g", ExclusiveStartKey=page["LastEvaluatedKey"])
    assert sorts(page) + sorts(rest) == [1, 2, 3, 4, 4]


def test_a_page_ends_with_the_item_that_fills_one_megabyte(client: Client) -> None:
    put(client, *(item("a", number, x={"S": "x" * 300_000}) for number in range(6)))
    page = query(client, ReturnConsumedCapacity="TOTAL")
    assert (page["Count"], page["LastEvaluatedKey"]) == (4, key("a", 3))
    assert page["ConsumedCapacity"] == {"TableName": TABLE, "CapacityUnits": 146.5}
    rest = query(client, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert (sorts(rest), "LastEvaluatedKey" in rest) == ([4, 5], False)


def test_the_pages_of_an_index_miss_none_of_the_items_that_share_its_key(client: Client) -> None:
    # Two users' tasks of one millisecond: equal keys in the index, told apart by the table's key.
    put(client, *(item(p, s, g={"S": "x"}) for p in "abc" for s in (1, 2)))
    for forward in (True, False):
        seen: list[tuple[str, str]] = []
        start: dict[str, Any] = {}
        while True:
            page = query(
                client,
                "g = :x",
                IndexName="by-g",
                Limit=1,
                ScanIndexForward=forward,
                **start,
            )
            seen += [(each["s"]["N"], each["p"]["S"]) for each in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            assert page["LastEvaluatedKey"].keys() == {"g", "s", "p"}
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        assert len(seen) == 6
        assert [s for s, _ in seen] == sorted((s for s, _ in seen), reverse=not forward)
        assert len(set(seen)) == 6


def test_an_index_holds_only_the_items_that_have_its_key_and_what_it_projects(filled: Client) -> None:
    assert query(filled, "g = :x", IndexName="by-g")["Items"] == [
        item("a", number, g={"S": "x"}, n={"N": str(number % 2)}) for number in range(1, 7)
    ]
    assert filled.scan(TableName=TABLE, IndexName="keys-g")["Items"] == [
        item("a", number, g={"S": "x"}) for number in range(1, 7)
    ]
    assert filled.scan(TableName=TABLE)["Count"] == 7


def test_an_index_follows_every_kind_of_write(filled: Client) -> None:
    def indexed() -> list[int]:
        return sorts(query(filled, "g = :x", IndexName="by-g"))

    filled.update_item(TableName=TABLE, Key=key("a", 1), UpdateExpression="REMOVE g")
    filled.update_item(
        TableName=TABLE,
        Key=key("a", 2),
        UpdateExpression="SET g = :y",
        ExpressionAttributeValues={":y": {"S": "y"}},
    )
    filled.delete_item(TableName=TABLE, Key=key("a", 3))
    put(filled, item("a", 4), item("b", 1, g={"S": "x"}), item("b", 9, g={"S": "x"}))
    assert indexed() == [1, 5, 6, 9]
    described = filled.describe_table(TableName=TABLE)["Table"]
    counts = {index["IndexName"]: index["ItemCount"] for index in described["GlobalSecondaryIndexes"]}
    assert counts == {"by-g": 5, "keys-g": 5}
    assert described["ItemCount"] == 7


START = "The provided starting key is invalid: The provided key element does not match the schema"
OUTSIDE = "The provided starting key is outside query boundaries based on provided conditions"


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ({}, START),
        ({"p": {"S": "a"}}, START),
        ({"p": {"S": "a"}, "s": {"S": "1"}}, START),
        ({**key("a", 1), "x": {"S": "x"}}, START),
        (key("b", 1), OUTSIDE),
        (key("a", 1), OUTSIDE),
        ({"p": {"S": "a"}, "s": {"N": "x"}}, "A value provided cannot be converted into a number"),
    ],
)
def test_a_start_key_is_a_key_of_the_table_within_the_range(
    filled: Client, start: dict[str, Any], message: str
) -> None:
    assert refusal(filled.query, **request("p = :p AND s > :2", ExclusiveStartKey=start)) == message


def test_a_start_key_on_an_index_holds_the_keys_of_index_and_table(filled: Client) -> None:
    def on_index(start: dict[str, Any]) -> dict[str, Any]:
        return request("g = :x", IndexName="by-g", ExclusiveStartKey=start)

    assert sorts(filled.query(**on_index({**key("a", 3), "g": {"S": "x"}}))) == [4, 5, 6]
    assert refusal(filled.query, **on_index(key("a", 3))) == START
    assert refusal(filled.query, **on_index({**key("a", 3), "g": {"N": "1"}})) == START
    assert refusal(filled.query, **on_index({**key("a", 3), "g": {"S": "y"}})) == OUTSIDE


def test_select_gives_what_it_names(filled: Client) -> None:
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


@pytest.mark.parametrize(
    ("more", "message"),
    [
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
    ],
)
def test_a_query_that_contradicts_itself_is_refused(filled: Client, more: dict[str, Any], message: str) -> None:
    assert refusal(filled.query, **request(**more)) == message


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
        (
            {"Select": "ALL_ATTRIBUTES"},
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
            "secondary index keys-g because its projection type is not ALL",
        ),
        (
            {"ProjectionExpression": "s, n"},
            "One or more parameter values were invalid: Global secondary index keys-g does not project [n]",
        ),
        (
            {"FilterExpression": "n = :1"},
            "One or more parameter values were invalid: Secondary index keys-g does not project one or more filter "
            "attributes: [n]",
        ),
    ],
)
def test_what_an_index_cannot_give_is_refused(filled: Client, more: dict[str, Any], message: str) -> None:
    assert refusal(filled.query, **request("g = :x", IndexName="keys-g", **more)) == message


def test_a_query_needs_a_key_condition(filled: Client) -> None:
    assert refusal(filled.query, TableName=TABLE) == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    )


def test_the_segments_of_a_scan_hold_every_item_once(client: Client) -> None:
    wanted = {f"p{number}" for number in range(60)}
    put(client, *(item(name, 1) for name in sorted(wanted)))
    seen: list[str] = []
    filled_segments = 0
    for segment in range(4):
        start: dict[str, Any] = {}
        before = len(seen)
        while True:
            page = client.scan(TableName=TABLE, Segment=segment, TotalSegments=4, Limit=7, **start)
            seen += [each["p"]["S"] for each in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        filled_segments += len(seen) > before
    assert sorted(seen) == sorted(wanted)
    assert filled_segments == 4


def test_segments_are_given_both_or_neither_and_hold_their_start_key(client: Client) -> None:
    put(client, item("a", 1))

    def message(**more: Any) -> str:
        return refusal(client.scan, TableName=TABLE, **more)

    assert message(Segment=0) == (
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
    )
    assert message(TotalSegments=2) == (
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
    )
    assert message(Segment=2, TotalSegments=2).startswith("The Segment parameter is zero-based")
    assert "less than or equal to 1000000" in message(Segment=0, TotalSegments=1_000_001)
    (where,) = client.scan(TableName=TABLE, Limit=1)["Items"]
    own = next(number for number in (0, 1) if client.scan(TableName=TABLE, Segment=number, TotalSegments=2)["Items"])
    client.scan(TableName=TABLE, Segment=own, TotalSegments=2, ExclusiveStartKey=where)
    assert "Please use ExclusiveStartKey with correct Segment. TotalSegments: 2" in message(
        Segment=1 - own, TotalSegments=2, ExclusiveStartKey=where
    )


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 5), st.booleans()), max_size=25),
    st.integers(1, 6),
    st.booleans(),
)
def test_pages_of_any_size_together_are_the_whole(
    things: list[tuple[str, int, bool]], limit: int, forward: bool
) -> None:
    client = connect(":memory:")
    make_table(client)
    expected: dict[tuple[str, int], bool] = {}
    for p, s, indexed in things:
        put(client, item(p, s, **({"g": {"S": "x"}} if indexed else {})))
        expected[p, s] = indexed
    for more, wanted in (
        (request(values={":p": {"S": "a"}}), [s for p, s in expected if p == "a"]),
        (request("g = :x", IndexName="by-g"), [s for (p, s), indexed in expected.items() if indexed]),
    ):
        seen: list[int] = []
        start: dict[str, Any] = {}
        while True:
            page = client.query(**more, Limit=limit, ScanIndexForward=forward, **start)
            assert page["Count"] == len(page["Items"]) <= limit
            seen += sorts(page)
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        assert seen == sorted(wanted, reverse=not forward)
    client.close()
