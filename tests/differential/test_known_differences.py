"""Where DynamoDB Local is no witness, what DynamoDB itself does: the faults of known_differences.py, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo import embedded
from tests.differential.comparison import ApiError, ask
from tests.differential.schema import Client, Request, create_tables


@pytest.fixture
def engine() -> Client:
    client = embedded.connect(":memory:")
    create_tables(client)
    return client


def code(client: Client, method: str, **arguments: Any) -> str | None:
    answer = ask(client, Request(method, arguments), "errs")
    return answer.code if isinstance(answer, ApiError) else None


def reasons(client: Client, method: str, *actions: dict[str, Any]) -> list[str] | str:
    """The reasons' codes of a cancelled transaction; the code of any other refusal."""
    answer = ask(client, Request(method, {"TransactItems": list(actions)}), "errs")
    assert isinstance(answer, ApiError), answer
    if answer.code != "TransactionCanceledException":
        return answer.code
    return [reason for reason, _ in answer.reasons]


A = {"p": {"S": "a"}}
ONE = {":one": {"N": "1"}}


def test_deleting_what_is_absent_tells_no_capacity_unasked(engine: Client) -> None:
    assert "ConsumedCapacity" not in engine.delete_item(TableName="flat", Key=A)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("1.5E2", "150"), ("1.0", "1"), ("-0", "0"), ("007", "7"), ("1E125", "1" + "0" * 125), ("1E-3", "0.001")],
)
def test_a_number_has_one_form_wherever_it_stands(engine: Client, sent: str, kept: str) -> None:
    def item(number: str) -> dict[str, Any]:
        return A | {"a": {"N": number}, "l": {"L": [{"N": number}, {"M": {"x": {"NS": [number]}}}]}}

    engine.put_item(TableName="flat", Item=item(sent))
    assert engine.get_item(TableName="flat", Key=A)["Item"] == item(kept)


@pytest.mark.parametrize("expression", ["REMOVE a", "DELETE a :v"])
def test_removing_from_an_absent_item_does_not_make_it(engine: Client, expression: str) -> None:
    values = {"ExpressionAttributeValues": {":v": {"SS": ["x"]}}} if ":v" in expression else {}
    engine.update_item(TableName="flat", Key=A, UpdateExpression=expression, **values)
    assert "Item" not in engine.get_item(TableName="flat", Key=A)


def test_an_update_of_nothing_makes_the_item(engine: Client) -> None:
    engine.update_item(TableName="flat", Key=A)
    assert engine.get_item(TableName="flat", Key=A)["Item"] == A


def test_two_actions_on_one_item_are_refused_before_a_condition_is_evaluated(engine: Client) -> None:
    check = {"ConditionCheck": {"TableName": "flat", "Key": A, "ConditionExpression": "attribute_exists(p)"}}
    assert reasons(engine, "transact_write_items", check, {"Put": {"TableName": "flat", "Item": A}}) == (
        "ValidationException"
    )


def test_two_ways_of_writing_a_number_are_one_key_of_a_transaction(engine: Client) -> None:
    puts = [{"Put": {"TableName": "thing", "Item": A | {"s": {"N": number}}}} for number in ("1", "1.0")]
    assert reasons(engine, "transact_write_items", *puts) == "ValidationException"


def test_every_action_of_a_cancelled_transaction_has_a_reason(engine: Client) -> None:
    engine.put_item(TableName="flat", Item=A | {"a": {"S": "text"}})
    add = {"UpdateExpression": "ADD a :one", "ExpressionAttributeValues": ONE}
    update = {"Update": {"TableName": "flat", "Key": A} | add}
    put = {"Put": {"TableName": "thing", "Item": A | {"s": {"N": "1"}}}}
    assert reasons(engine, "transact_write_items", update, put) == ["ValidationError", "None"]


def test_a_query_goes_on_from_the_last_key_of_an_inclusive_range(engine: Client) -> None:
    key = A | {"s": {"N": "2"}}
    engine.put_item(TableName="thing", Item=key)
    page = engine.query(
        TableName="thing",
        KeyConditionExpression="p = :p AND s <= :two",
        ExpressionAttributeValues={":p": A["p"], ":two": {"N": "2"}},
        ExclusiveStartKey=key,
    )
    assert page["Items"] == []


def test_an_update_that_cannot_be_carried_out_is_a_reason_of_its_action(engine: Client) -> None:
    engine.put_item(TableName="flat", Item=A | {"a": {"S": "text"}})
    add = {"UpdateExpression": "ADD a :one", "ExpressionAttributeValues": ONE}
    put = {"Put": {"TableName": "thing", "Item": A | {"s": {"N": "1"}}}}
    update = {"Update": {"TableName": "flat", "Key": A} | add}
    assert reasons(engine, "transact_write_items", put, update) == ["None", "ValidationError"]


WRONG_KEYS = {
    "an attribute missing": A,
    "an attribute too many": A | {"s": {"N": "1"}, "x": {"S": "x"}},
    "another type": A | {"s": {"S": "1"}},
    "not a scalar": A | {"s": {"L": []}},
}


@pytest.mark.parametrize("key", WRONG_KEYS.values(), ids=WRONG_KEYS)
def test_a_key_of_the_wrong_shape_is_a_reason_of_its_action(engine: Client, key: dict[str, Any]) -> None:
    wrong = {"TableName": "thing", "Key": key}
    right = {"TableName": "flat", "Key": A}
    assert reasons(engine, "transact_get_items", {"Get": right}, {"Get": wrong}) == ["None", "ValidationError"]
    assert reasons(engine, "transact_write_items", {"Delete": right}, {"Delete": wrong}) == ["None", "ValidationError"]


@pytest.mark.parametrize("attribute", ["p", "g"])
def test_an_empty_key_value_refuses_the_whole_transaction(engine: Client, attribute: str) -> None:
    item = A | {"s": {"N": "1"}, attribute: {"S": ""}}
    assert reasons(engine, "transact_write_items", {"Put": {"TableName": "thing", "Item": item}}) == (
        "ValidationException"
    )


def test_a_projection_in_a_transaction_that_finds_nothing_gives_no_item(engine: Client) -> None:
    engine.put_item(TableName="flat", Item=A)
    get = {"TableName": "flat", "Key": A, "ProjectionExpression": "a"}
    assert engine.transact_get_items(TransactItems=[{"Get": get}])["Responses"] == [{}]


def test_a_key_condition_on_a_value_too_long_for_a_key_is_refused(engine: Client) -> None:
    values = {":p": {"S": "k" * 2049}}
    query = {"TableName": "flat", "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": values}
    assert code(engine, "query", **query) == "ValidationException"


def test_an_empty_string_is_no_choice(engine: Client) -> None:
    assert code(engine, "update_item", TableName="flat", Key=A, ReturnValues="") == "ValidationException"


def test_changing_a_key_attribute_is_refused_before_the_condition_is_evaluated(engine: Client) -> None:
    answer = code(
        engine,
        "update_item",
        TableName="flat",
        Key=A,
        UpdateExpression="SET p = :one",
        ConditionExpression="attribute_exists(p)",
        ExpressionAttributeValues=ONE,
    )
    assert answer == "ValidationException"


def test_a_scan_cannot_filter_by_what_the_index_does_not_hold(engine: Client) -> None:
    scan = {"TableName": "raw", "IndexName": "by-h", "FilterExpression": "attribute_exists(a)"}
    assert code(engine, "scan", **scan) == "ValidationException"


@pytest.mark.parametrize("names", [{}, {"#p": "p"}])
def test_names_without_an_expression_are_refused(engine: Client, names: dict[str, str]) -> None:
    assert code(engine, "get_item", TableName="flat", Key=A, ExpressionAttributeNames=names) == "ValidationException"


@pytest.mark.parametrize(("which", "value"), [("UPDATED_NEW", "2"), ("UPDATED_OLD", "1")])
def test_what_an_update_of_a_part_returns_is_that_part(engine: Client, which: str, value: str) -> None:
    engine.put_item(TableName="flat", Item=A | {"m": {"M": {"x": {"N": "1"}, "y": {"N": "1"}}}})
    answer = engine.update_item(
        TableName="flat",
        Key=A,
        UpdateExpression="SET m.x = m.x + :one",
        ExpressionAttributeValues=ONE,
        ReturnValues=which,
    )
    assert answer["Attributes"] == {"m": {"M": {"x": {"N": value}}}}


@pytest.mark.parametrize("forward", [True, False])
def test_paging_to_the_end_of_an_inclusive_range_meets_every_entry_of_one_index_key(
    engine: Client, forward: bool
) -> None:
    partitions = ["a", "b", "c"]
    for partition in partitions:
        engine.put_item(TableName="thing", Item={"p": {"S": partition}, "s": {"N": "2"}, "g": {"S": "g"}})
    query = Request(
        "query",
        {
            "TableName": "thing",
            "IndexName": "by-g",
            "KeyConditionExpression": "g = :g AND s BETWEEN :two AND :two",
            "ExpressionAttributeValues": {":g": {"S": "g"}, ":two": {"N": "2"}},
            "ScanIndexForward": forward,
            "Limit": 1,
        },
        "pages",
    )
    pages = ask(engine, query, "errs")
    assert sorted(item["p"]["S"] for page in pages for item in page["Items"]) == partitions


def test_the_megabyte_of_a_page_is_measured_before_the_filter(engine: Client) -> None:
    for number in range(4):
        engine.put_item(TableName="flat", Item={"p": {"S": str(number)}, "a": {"S": "x" * 390_000}})
    filtered = {"TableName": "flat", "FilterExpression": "attribute_not_exists(a)"}
    pages = ask(engine, Request("scan", filtered, "pages"), "errs")
    assert [page["ScannedCount"] for page in pages] == [3, 1]


def test_capacity_units_for_a_table_on_demand_are_refused(engine: Client) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    assert code(engine, "update_table", TableName="flat", ProvisionedThroughput=units) == "ValidationException"


def test_an_index_without_capacity_units_on_a_provisioned_table_is_refused(engine: Client) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    engine.update_table(TableName="flat", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    index = {
        "IndexName": "new",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    answer = code(
        engine,
        "update_table",
        TableName="flat",
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )
    assert answer == "ValidationException"
