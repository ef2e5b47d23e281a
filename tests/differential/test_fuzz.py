"""Whatever is sent, the engine answers or refuses in DynamoDB's way, and a refused request changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.comparison import ApiError, ask, contents
from tests.differential.examples import examples
from tests.differential.random_source import Dice
from tests.differential.random_values import TYPES, value
from tests.differential.schema import Client, Item, Request, create_tables

# What DynamoDB itself may answer to the requests below; an InternalServerError is a fault.
REFUSALS = {
    "ValidationException",
    "ParamValidationError",
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "ResourceNotFoundException",
    "ResourceInUseException",
    "LimitExceededException",
}

READS = {"get_item", "query", "scan", "batch_get_item", "transact_get_items", "describe_table", "list_tables"}

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
    *(
        "if_not_exists(",
        "list_append(",
        "0",
        "1",
        "-1",
        "99999999999999999999",
        " ",
        "\t",
        "\n",
        ":",
        "#",
        "'",
        '"',
        "é",
    ),
    *("\x00", "\ud800", "attribute_not_exists(", "size(", "a = :v", "a = a + :v", "p = :s", "a,b", "*", "/", ";", "--"),
)
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=8).map("".join),
    st.text(max_size=30),
)
odd = st.recursive(
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
def right_values(draw: Any) -> dict[str, Any]:
    return value(Dice(draw))


values = st.one_of(right_values(), right_values(), odd)
names_maps = st.one_of(
    st.just({"#n": "name", "#a": "a"}),
    st.just({"#n": "name"}),
    st.dictionaries(texts, st.one_of(texts, odd), max_size=2),
)
values_maps = st.one_of(
    st.fixed_dictionaries({":v": values}),
    st.fixed_dictionaries({":s": st.just({"S": "a"}), ":v": values, ":w": values}),
    st.dictionaries(texts, values, max_size=2),
)
items = st.one_of(st.builds(lambda extra: ITEM | extra, st.dictionaries(st.text(max_size=3), values, max_size=3)), odd)
start_keys = st.one_of(
    st.fixed_dictionaries({"p": values, "s": values}, optional={"g": values, "a": values}),
    st.just(KEY | {"g": {"S": "g"}}),
    odd,
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
    "Limit": st.one_of(st.integers(-1, 3), odd),
    "Segment": st.one_of(st.integers(-1, 3), odd),
    "TotalSegments": st.one_of(st.integers(-1, 3), odd),
    "ReturnValues": st.one_of(st.sampled_from(("ALL_OLD", "ALL_NEW", "UPDATED_NEW")), odd),
    "ReturnConsumedCapacity": st.one_of(st.sampled_from(("TOTAL", "INDEXES", "NONE")), odd),
    "ScanIndexForward": st.one_of(st.booleans(), odd),
    "Select": st.one_of(st.sampled_from(("COUNT", "SPECIFIC_ATTRIBUTES")), odd),
    "Unheard": odd,
}
METHODS = {
    "put_item": ("Item", "ConditionExpression", "ReturnValues", "ReturnConsumedCapacity"),
    "update_item": ("Key", "UpdateExpression", "ConditionExpression", "ReturnValues", "ReturnConsumedCapacity"),
    "delete_item": ("Key", "ConditionExpression", "ReturnValues"),
    "get_item": ("Key", "ProjectionExpression"),
    "query": (
        *(
            "KeyConditionExpression",
            "FilterExpression",
            "ProjectionExpression",
            "ExclusiveStartKey",
            "IndexName",
            "Limit",
        ),
        *("ScanIndexForward", "Select", "ReturnConsumedCapacity"),
    ),
    "scan": (
        *("FilterExpression", "ProjectionExpression", "ExclusiveStartKey", "IndexName", "Limit", "Segment"),
        *("TotalSegments", "Select"),
    ),
}
EXPRESSIONS = ("ExpressionAttributeNames", "ExpressionAttributeValues")
NEEDED = {"Item", "Key", "UpdateExpression", "KeyConditionExpression"}


@st.composite
def requests(draw: Any) -> Request:
    method = draw(st.sampled_from(tuple(METHODS)))
    arguments: dict[str, Any] = {"TableName": "thing"}
    for name in (*METHODS[method], *EXPRESSIONS, "Unheard"):
        unusual = 0 if name in NEEDED or name in EXPRESSIONS else 20 if name == "Unheard" else 1
        if draw(st.integers(0, 2 + unusual)) >= (1 if name in NEEDED else 2 + unusual):
            arguments[name] = draw(PARAMETERS[name])
    return Request(method, arguments)


@st.composite
def many_item_requests(draw: Any) -> Request:
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
        wanted = draw(st.one_of(st.just({"thing": batches[method]}), st.dictionaries(texts, odd, max_size=2), odd))
        return Request(method, {"RequestItems": wanted})
    actions = [{"Get": one}, {"Put": put}, {"ConditionCheck": condition}, {"Update": update}, {"Delete": one}]
    action = st.one_of(st.sampled_from(actions), odd)
    arguments = {"TransactItems": draw(st.one_of(st.lists(action, max_size=3), odd))}
    return Request(method, arguments | draw(st.sampled_from(({}, {"ClientRequestToken": "one"}))))


def filled() -> Client:
    client = embedded.connect(":memory:")
    create_tables(client)
    client.put_item(TableName="thing", Item=ITEM)
    return client


BEFORE = contents(filled())


class Kept:
    """An engine that is made anew only after a request that may have changed it."""

    client: Client = filled()


def assert_answered_or_refused(request: Request) -> None:
    answer = ask(Kept.client, request, "fuzz")  # raises what is not a refusal
    if isinstance(answer, ApiError):
        assert answer.code in REFUSALS, f"{answer}\n{request}"
        assert contents(Kept.client) == BEFORE, request
    elif request.method not in READS:
        Kept.client = filled()


def assert_refused(request: Request) -> None:
    client = filled()
    answer = ask(client, request, "fuzz")
    assert isinstance(answer, ApiError), answer
    assert answer.code in ("ValidationException", "ParamValidationError"), answer
    assert contents(client) == BEFORE


TABLE_PARAMETERS = (
    *("KeySchema", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "Limit", "Key", "Item"),
    *("GlobalSecondaryIndexes", "GlobalSecondaryIndexUpdates", "ExclusiveStartTableName"),
)


@examples(5 / 2)
@given(request_=requests())
def test_any_request_is_answered_or_refused(request_: Request) -> None:
    assert_answered_or_refused(request_)


@examples(5 / 2)
@given(request_=many_item_requests())
def test_any_request_for_many_items_is_answered_or_refused(request_: Request) -> None:
    assert_answered_or_refused(request_)


@examples(5 / 2)
@given(
    method=st.sampled_from(("create_table", "update_table", "describe_table", "list_tables", "delete_table", *METHODS)),
    arguments=st.fixed_dictionaries(
        {"TableName": st.one_of(st.sampled_from(("thing", "flat")), odd)},
        optional=dict.fromkeys(TABLE_PARAMETERS, odd),
    ),
)
def test_any_arguments_of_any_type_are_answered_or_refused(method: str, arguments: dict[str, Any]) -> None:
    assert_answered_or_refused(Request(method, arguments))


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
def test_a_long_or_deep_expression_is_refused(method: str, parameter: str, expression: str) -> None:
    arguments: dict[str, Any] = {"TableName": "thing", parameter: expression}
    if ":v" in expression:
        arguments["ExpressionAttributeValues"] = {":v": {"N": "1"}}
    if method in ("update_item", "get_item"):
        arguments["Key"] = KEY
    # DynamoDB takes expressions of at most 4 KB; each of these is longer.
    assert_refused(Request(method, arguments))


def _deep(levels: int, kind: str) -> dict[str, Any]:
    inner: dict[str, Any] = {"S": "x"}
    for _ in range(levels):
        inner = {"L": [inner]} if kind == "L" else {"M": {"x": inner}}
    return inner


WRONG_VALUES: dict[str, dict[str, Any]] = {
    "a number of 100,000 digits": {"N": "1" * 100_000},
    "a fraction of 100,000 digits": {"N": "0." + "0" * 100_000 + "1"},
    "a huge exponent": {"N": "1E" + "9" * 5_000},
    "a huge negative exponent": {"N": "1E-" + "9" * 5_000},
    "not a number": {"N": "NaN"},
    "infinity": {"N": "Infinity"},
    "a number with an underscore": {"N": "1_000"},
    "a number with spaces": {"N": " 1 "},
    "an empty number": {"N": ""},
    "lists in lists": _deep(DEEP, "L"),
    "maps in maps": _deep(DEEP, "M"),
    "a set of nothing": {"SS": []},
    "a set with a pair": {"NS": ["1", "1.0"]},
    "two types": {"S": "a", "N": "1"},
    "no type": {},
    "an unknown type": {"X": "a"},
    "more than an item may hold": {"S": "x" * 500_000},
}


# Nothing says what DynamoDB makes of these.
ODD_VALUES: dict[str, dict[str, Any]] = {
    "half a surrogate pair": {"S": "\ud800"},
    "digits of another script": {"N": "\u0661\u0662"},
    "a zero character": {"S": "\x00"},
}


def with_value(place: str, value: dict[str, Any]) -> Request:
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
        "start": Request("scan", {"TableName": "thing", "ExclusiveStartKey": KEY | {"s": value}}),
    }[place]


@pytest.mark.parametrize("value", ODD_VALUES.values(), ids=ODD_VALUES)
@pytest.mark.parametrize("place", ["item", "key", "value", "start"])
def test_an_odd_value_is_answered_or_refused_wherever_it_stands(place: str, value: dict[str, Any]) -> None:
    assert_answered_or_refused(with_value(place, value))


@pytest.mark.parametrize("value", WRONG_VALUES.values(), ids=WRONG_VALUES)
@pytest.mark.parametrize("place", ["item", "key", "value", "start"])
def test_a_wrong_value_is_refused_wherever_it_stands(place: str, value: dict[str, Any]) -> None:
    assert_refused(with_value(place, value))
