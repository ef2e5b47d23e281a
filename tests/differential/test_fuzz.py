"""Sends arbitrary requests. Each succeeds or fails with one of DynamoDB's errors, and an error changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.comparison import contents
from tests.differential.examples import examples
from tests.differential.random_source import RandomSource
from tests.differential.random_values import TYPES, nested, value
from tests.differential.requests import READS, ErrorResponse, Request, send
from tests.differential.schema import Client, Item, create_tables

# The errors that DynamoDB may return to the requests below. InternalServerError is not one of them.
ERROR_CODES = {
    "ValidationException",
    "ParamValidationError",
    "ConditionalCheckFailedException",
    "DuplicateItemException",
    "TransactionCanceledException",
    "ResourceNotFoundException",
    "ResourceInUseException",
    "LimitExceededException",
}

KEY: Item = {"p": {"S": "a"}, "s": {"N": "1"}}
ITEM: Item = KEY | {
    "g": {"S": "g"},
    "a": {"N": "1"},
    "l": {"L": [{"S": "x"}, {"L": []}]},
    "m": {"M": {"x": {"SS": ["y"]}}},
}

WORDS = (
    *("a", "b", "p", "s", "g", "l", "m", "m.x", "l[0]", "l[1][0]", "#n", "#a", ":v", ":w", ":s", ":l", "size", "name"),
    *("AND", "OR", "NOT", "IN", "BETWEEN", "and", "SET", "REMOVE", "ADD", "DELETE", "(", ")", ",", "[", "]", ".", "+"),
    *("=", "<>", "<", "<=", ">", ">=", "-", "attribute_exists(a)", "attribute_type(", "begins_with(", "contains("),
    *("if_not_exists(", "list_append(", "0", "1", "-1", "9" * 20, " ", "\t", "\n", ":", "#", "'", '"', "é"),
    *("\x00", "\ud800", "attribute_not_exists(", "size(", "a = :v", "a = a + :v", "p = :s", "a,b", "*", "/", ";", "--"),
)
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=8).map("".join),
    st.text(max_size=30),
)
any_type = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 2**70),
        st.floats(),
        st.text(max_size=5),
        st.binary(max_size=4),
        st.sampled_from(
            ("1E400", "1E-400", "NaN", "-Infinity", "1" * 40, "\u0661", "0x1", "1__0", "1E" + "9" * 30, "\ud800")
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from((*TYPES, "x", "")), inner, max_size=2),
        st.sets(st.text(max_size=2), max_size=2),
    ),
    max_leaves=6,
)


@st.composite
def valid_values(draw: Any) -> dict[str, Any]:
    return value(RandomSource(draw))


values = st.one_of(valid_values(), valid_values(), any_type)
names_maps = st.one_of(
    st.just({"#n": "name", "#a": "a"}),
    st.just({"#n": "name"}),
    st.dictionaries(texts, st.one_of(texts, any_type), max_size=2),
)
values_maps = st.one_of(
    st.fixed_dictionaries({":v": values}),
    st.fixed_dictionaries({":s": st.just({"S": "a"}), ":v": values, ":w": values}),
    st.dictionaries(texts, values, max_size=2),
)
items = st.one_of(
    st.builds(lambda extra: ITEM | extra, st.dictionaries(st.text(max_size=3), values, max_size=3)), any_type
)
start_keys = st.one_of(
    st.fixed_dictionaries({"p": values, "s": values}, optional={"g": values, "a": values}),
    st.just(KEY | {"g": {"S": "g"}}),
    any_type,
)

PARAMETERS: dict[str, Any] = {
    "Item": items,
    "Key": st.one_of(st.just(KEY), st.just(KEY), start_keys),
    "UpdateExpression": texts,
    "ConditionExpression": texts,
    "FilterExpression": texts,
    "ProjectionExpression": texts,
    "KeyConditionExpression": st.one_of(st.just("p = :s"), texts),
    "ExpressionAttributeNames": names_maps,
    "ExpressionAttributeValues": values_maps,
    "ExclusiveStartKey": start_keys,
    "IndexName": st.one_of(st.just("by-g"), texts),
    "Limit": st.one_of(st.integers(-1, 3), any_type),
    "Segment": st.one_of(st.integers(-1, 3), any_type),
    "TotalSegments": st.one_of(st.integers(-1, 3), any_type),
    "ReturnValues": st.one_of(st.sampled_from(("ALL_OLD", "ALL_NEW", "UPDATED_NEW")), any_type),
    "ReturnConsumedCapacity": st.one_of(st.sampled_from(("TOTAL", "INDEXES", "NONE")), any_type),
    "ScanIndexForward": st.one_of(st.booleans(), any_type),
    "Select": st.one_of(st.sampled_from(("COUNT", "SPECIFIC_ATTRIBUTES")), any_type),
    "UnknownParameter": any_type,
}
METHODS = {
    "put_item": ("Item", "ConditionExpression", "ReturnValues", "ReturnConsumedCapacity"),
    "update_item": ("Key", "UpdateExpression", "ConditionExpression", "ReturnValues", "ReturnConsumedCapacity"),
    "delete_item": ("Key", "ConditionExpression", "ReturnValues"),
    "get_item": ("Key", "ProjectionExpression"),
    "query": (
        *("KeyConditionExpression", "FilterExpression", "ProjectionExpression", "ExclusiveStartKey", "IndexName"),
        *("Limit", "ScanIndexForward", "Select", "ReturnConsumedCapacity"),
    ),
    "scan": (
        *("FilterExpression", "ProjectionExpression", "ExclusiveStartKey", "IndexName", "Limit", "Segment"),
        *("TotalSegments", "Select"),
    ),
}
PLACEHOLDERS = ("ExpressionAttributeNames", "ExpressionAttributeValues")
USUAL = {"Item", "Key", "UpdateExpression", "KeyConditionExpression"}


@st.composite
def requests(draw: Any) -> Request:
    method = draw(st.sampled_from(tuple(METHODS)))
    arguments: dict[str, Any] = {"TableName": "thing"}
    for name in (*METHODS[method], *PLACEHOLDERS, "UnknownParameter"):
        if name in USUAL:
            least, most = 1, 2
        else:
            least = most = 2 if name in PLACEHOLDERS else 22 if name == "UnknownParameter" else 3
        if draw(st.integers(0, most)) >= least:
            arguments[name] = draw(PARAMETERS[name])
    return Request(method, arguments)


@st.composite
def batches_and_transactions(draw: Any) -> Request:
    method = draw(st.sampled_from(("batch_get_item", "batch_write_item", "transact_get_items", "transact_write_items")))
    one = {"Key": draw(PARAMETERS["Key"])} | draw(st.sampled_from(({}, {"TableName": "thing"})))
    put = {"Item": draw(items), "TableName": "thing"}
    condition = one | {"ConditionExpression": draw(texts), "ExpressionAttributeValues": draw(values_maps)}
    update = one | {"UpdateExpression": draw(texts), "ExpressionAttributeValues": draw(values_maps)}
    if method.startswith("batch"):
        batches = {
            "batch_get_item": {"Keys": [one["Key"]]},
            "batch_write_item": [{"PutRequest": {"Item": put["Item"]}}],
        }
        items_by_table = draw(
            st.one_of(st.just({"thing": batches[method]}), st.dictionaries(texts, any_type, max_size=2), any_type)
        )
        return Request(method, {"RequestItems": items_by_table})
    actions = [{"Get": one}, {"Put": put}, {"ConditionCheck": condition}, {"Update": update}, {"Delete": one}]
    action = st.one_of(st.sampled_from(actions), any_type)
    arguments = {"TransactItems": draw(st.one_of(st.lists(action, max_size=3), any_type))}
    return Request(method, arguments | draw(st.sampled_from(({}, {"ClientRequestToken": "one"}))))


def new_engine() -> Client:
    client = embedded.connect(":memory:")
    create_tables(client)
    client.put_item(TableName="thing", Item=ITEM)
    return client


CONTENTS = contents(new_engine())


class Engine:
    """The engine under test. It is created again only after a request that may have changed it."""

    client: Client = new_engine()


def assert_succeeds_or_is_rejected(request: Request) -> None:
    outcome = send(Engine.client, request)  # raises any exception that is not an error response
    if isinstance(outcome, ErrorResponse):
        assert outcome.code in ERROR_CODES, f"{outcome}\n{request}"
        assert contents(Engine.client) == CONTENTS, request
    elif request.method not in READS:
        Engine.client = new_engine()


def assert_is_rejected(request: Request) -> None:
    outcome = send(Engine.client, request)
    assert isinstance(outcome, ErrorResponse), outcome
    assert outcome.code in ("ValidationException", "ParamValidationError"), outcome
    assert contents(Engine.client) == CONTENTS


TABLE_PARAMETERS = (
    *("KeySchema", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "Limit", "Key", "Item"),
    *("GlobalSecondaryIndexes", "GlobalSecondaryIndexUpdates", "ExclusiveStartTableName"),
)


@examples(5 / 2)
@given(request=requests())
def test_any_request_succeeds_or_is_rejected(request: Request) -> None:
    assert_succeeds_or_is_rejected(request)


@examples(5 / 2)
@given(request=batches_and_transactions())
def test_any_batch_or_transaction_succeeds_or_is_rejected(request: Request) -> None:
    assert_succeeds_or_is_rejected(request)


@examples(5 / 2)
@given(
    method=st.sampled_from(("create_table", "update_table", "describe_table", "list_tables", "delete_table", *METHODS)),
    arguments=st.fixed_dictionaries(
        {"TableName": st.one_of(st.sampled_from(("thing", "flat")), any_type)},
        optional=dict.fromkeys(TABLE_PARAMETERS, any_type),
    ),
)
def test_arguments_of_any_type_succeed_or_are_rejected(method: str, arguments: dict[str, Any]) -> None:
    assert_succeeds_or_is_rejected(Request(method, arguments))


DEEP = 10_000
LONG_EXPRESSIONS = {
    "parentheses": "(" * DEEP + "a = :v" + ")" * DEEP,
    "parentheses never closed": "(" * DEEP,
    "not": "NOT " * DEEP + "a = :v",
    "and": " AND ".join(["a = :v"] * DEEP),
    "or": " OR ".join(["attribute_exists(a)"] * DEEP),
    "names in a path": ".".join(["a"] * DEEP),
    "indexes in a path": "a" + "[0]" * DEEP + " = :v",
    "a long index": f"a[{'9' * DEEP}] = :v",
    "size of size": "size(" * DEEP + "a" + ")" * DEEP,
    "a long name": "a" * 100_000 + " = :v",
    "a long word": "é" * 100_000,
    "spaces": " " * 100_000,
    "many operands": f"a IN ({', '.join([':v'] * DEEP)})",
    "nested calls": "SET a = " + "if_not_exists(a, " * DEEP + ":v" + ")" * DEEP,
    "nested appends": "SET a = " + "list_append(" * DEEP + ":v" + ", :v)" * DEEP,
    "many actions": "SET " + ", ".join(f"a{number} = :v" for number in range(DEEP)),
    "a long sum": "SET a = " + " + ".join([":v"] * DEEP),
}


@pytest.mark.parametrize("expression", LONG_EXPRESSIONS.values(), ids=LONG_EXPRESSIONS)
@pytest.mark.parametrize(
    ("method", "parameter"),
    [
        ("update_item", "UpdateExpression"),
        ("update_item", "ConditionExpression"),
        ("scan", "FilterExpression"),
        ("query", "KeyConditionExpression"),
        ("get_item", "ProjectionExpression"),
    ],
)
def test_a_long_or_deep_expression_is_rejected(method: str, parameter: str, expression: str) -> None:
    arguments: dict[str, Any] = {"TableName": "thing", parameter: expression}
    if ":v" in expression:
        arguments["ExpressionAttributeValues"] = {":v": {"N": "1"}}
    if method in ("update_item", "get_item"):
        arguments["Key"] = KEY
    # Documentation: an expression has at most 4 KB. Each of these is longer.
    assert_is_rejected(Request(method, arguments))


INVALID_VALUES: dict[str, dict[str, Any]] = {
    "a number of 100,000 digits": {"N": "1" * 100_000},
    "a fraction of 100,000 digits": {"N": "0." + "0" * 100_000 + "1"},
    "a huge exponent": {"N": "1E" + "9" * 5_000},
    "a huge negative exponent": {"N": "1E-" + "9" * 5_000},
    "not a number": {"N": "NaN"},
    "infinity": {"N": "Infinity"},
    "a number with an underscore": {"N": "1_000"},
    "a number with spaces": {"N": " 1 "},
    "an empty number": {"N": ""},
    "lists in lists": nested(DEEP, "L"),
    "maps in maps": nested(DEEP, "M"),
    "an empty set": {"SS": []},
    "a set with one number twice": {"NS": ["1", "1.0"]},
    "two types": {"S": "a", "N": "1"},
    "no type": {},
    "an unknown type": {"X": "a"},
    "larger than an item": {"S": "x" * 500_000},
}


# DynamoDB's documentation does not cover these values.
UNDOCUMENTED_VALUES: dict[str, dict[str, Any]] = {
    "half a surrogate pair": {"S": "\ud800"},
    "digits of another script": {"N": "\u0661\u0662"},
    "a zero character": {"S": "\x00"},
}


def request_with(position: str, value: dict[str, Any]) -> Request:
    return {
        "item": Request("put_item", {"TableName": "thing", "Item": KEY | {"a": value}}),
        "key": Request("get_item", {"TableName": "thing", "Key": KEY | {"s": value}}),
        "value": Request(
            "update_item",
            {
                "TableName": "thing",
                "Key": KEY,
                "UpdateExpression": "SET a = :v",
                "ExpressionAttributeValues": {":v": value},
            },
        ),
        "start key": Request("scan", {"TableName": "thing", "ExclusiveStartKey": KEY | {"s": value}}),
    }[position]


@pytest.mark.parametrize("value", UNDOCUMENTED_VALUES.values(), ids=UNDOCUMENTED_VALUES)
@pytest.mark.parametrize("position", ["item", "key", "value", "start key"])
def test_an_undocumented_value_succeeds_or_is_rejected_in_any_position(position: str, value: dict[str, Any]) -> None:
    assert_succeeds_or_is_rejected(request_with(position, value))


@pytest.mark.parametrize("value", INVALID_VALUES.values(), ids=INVALID_VALUES)
@pytest.mark.parametrize("position", ["item", "key", "value", "start key"])
def test_an_invalid_value_is_rejected_in_any_position(position: str, value: dict[str, Any]) -> None:
    assert_is_rejected(request_with(position, value))
