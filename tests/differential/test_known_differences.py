"""The embedded engine follows DynamoDB where DynamoDB Local differs: see known_differences.py, one test for each."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo import embedded
from tests.differential.requests import ErrorResponse, Page, Request, error_code, send
from tests.differential.schema import Client, create_tables


@pytest.fixture
def engine() -> Client:
    client = embedded.connect(":memory:")
    create_tables(client)
    return client


def code(client: Client, method: str, **arguments: Any) -> str | None:
    """Send a request and return its error code, None if it succeeds."""
    return error_code(send(client, Request(method, arguments)))


def transaction_error(client: Client, *actions: dict[str, Any]) -> list[str] | str:
    """Send a transaction and return the codes of its cancellation reasons, or the code of another error."""
    method = "transact_get_items" if "Get" in actions[0] else "transact_write_items"
    outcome = send(client, Request(method, {"TransactItems": list(actions)}))
    assert isinstance(outcome, ErrorResponse), outcome
    if outcome.code != "TransactionCanceledException":
        return outcome.code
    return [reason for reason, _ in outcome.reasons]


def all_pages(client: Client, method: str, **arguments: Any) -> list[Page]:
    """Send a Query or Scan and return all its pages."""
    outcome = send(client, Request(method, arguments, "pages"))
    assert not isinstance(outcome, ErrorResponse), outcome
    return outcome


A = {"p": {"S": "a"}}
ONE = {":one": {"N": "1"}}


def test_deleting_an_absent_item_returns_no_capacity_unless_requested(engine: Client) -> None:
    assert "ConsumedCapacity" not in engine.delete_item(TableName="flat", Key=A)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("1.5E2", "150"), ("1.0", "1"), ("-0", "0"), ("007", "7"), ("1E125", "1" + "0" * 125), ("1E-3", "0.001")],
)
def test_a_number_has_one_notation_at_any_depth(engine: Client, sent: str, stored: str) -> None:
    def item(number: str) -> dict[str, Any]:
        return A | {"a": {"N": number}, "l": {"L": [{"N": number}, {"M": {"x": {"NS": [number]}}}]}}

    engine.put_item(TableName="flat", Item=item(sent))
    assert engine.get_item(TableName="flat", Key=A)["Item"] == item(stored)


@pytest.mark.parametrize("expression", ["REMOVE a", "DELETE a :v"])
def test_removing_attributes_of_an_absent_item_does_not_create_it(engine: Client, expression: str) -> None:
    values = {"ExpressionAttributeValues": {":v": {"SS": ["x"]}}} if ":v" in expression else {}
    engine.update_item(TableName="flat", Key=A, UpdateExpression=expression, **values)
    assert "Item" not in engine.get_item(TableName="flat", Key=A)


def test_an_update_without_expression_creates_the_item(engine: Client) -> None:
    engine.update_item(TableName="flat", Key=A)
    assert engine.get_item(TableName="flat", Key=A)["Item"] == A


def test_two_actions_on_one_item_are_rejected_before_a_condition_is_evaluated(engine: Client) -> None:
    check = {"ConditionCheck": {"TableName": "flat", "Key": A, "ConditionExpression": "attribute_exists(p)"}}
    assert transaction_error(engine, check, {"Put": {"TableName": "flat", "Item": A}}) == ("ValidationException")


def test_two_notations_of_a_number_are_one_key_in_a_transaction(engine: Client) -> None:
    puts = [{"Put": {"TableName": "thing", "Item": A | {"s": {"N": number}}}} for number in ("1", "1.0")]
    assert transaction_error(engine, *puts) == "ValidationException"


def test_a_query_may_start_at_the_end_of_an_inclusive_range(engine: Client) -> None:
    key = A | {"s": {"N": "2"}}
    engine.put_item(TableName="thing", Item=key)
    page = engine.query(
        TableName="thing",
        KeyConditionExpression="p = :p AND s <= :two",
        ExpressionAttributeValues={":p": A["p"], ":two": {"N": "2"}},
        ExclusiveStartKey=key,
    )
    assert page["Items"] == []


def test_an_invalid_update_cancels_a_transaction_with_a_reason_for_every_action(engine: Client) -> None:
    engine.put_item(TableName="flat", Item=A | {"a": {"S": "text"}})
    add = {"UpdateExpression": "ADD a :one", "ExpressionAttributeValues": ONE}
    update = {"Update": {"TableName": "flat", "Key": A} | add}
    put = {"Put": {"TableName": "thing", "Item": A | {"s": {"N": "1"}}}}
    assert transaction_error(engine, update, put) == ["ValidationError", "None"]
    assert transaction_error(engine, put, update) == ["None", "ValidationError"]


INVALID_KEYS = {
    "an attribute missing": A,
    "an attribute too many": A | {"s": {"N": "1"}, "x": {"S": "x"}},
    "another type": A | {"s": {"S": "1"}},
    "not a scalar": A | {"s": {"L": []}},
}


@pytest.mark.parametrize("key", INVALID_KEYS.values(), ids=INVALID_KEYS)
def test_a_key_that_does_not_match_the_schema_is_the_reason_of_its_action(engine: Client, key: dict[str, Any]) -> None:
    valid, invalid = {"TableName": "flat", "Key": A}, {"TableName": "thing", "Key": key}
    for action in ("Get", "Delete"):
        assert transaction_error(engine, {action: valid}, {action: invalid}) == ["None", "ValidationError"]


@pytest.mark.parametrize("attribute", ["p", "g"])
def test_an_empty_key_value_rejects_the_whole_transaction(engine: Client, attribute: str) -> None:
    item = A | {"s": {"N": "1"}, attribute: {"S": ""}}
    assert transaction_error(engine, {"Put": {"TableName": "thing", "Item": item}}) == ("ValidationException")


def test_a_key_that_is_too_long_rejects_a_transaction_with_another_invalid_key(engine: Client) -> None:
    mismatch = {"Delete": {"TableName": "thing", "Key": A}}
    long = {"Delete": {"TableName": "flat", "Key": {"p": {"S": "x" * 2049}}}}
    assert transaction_error(engine, mismatch, long) == "ValidationException"


def test_a_start_key_of_a_local_index_must_not_be_too_long(engine: Client) -> None:
    start = A | {"s": {"N": "1"}, "g": {"S": "x" * 1025}}
    assert code(engine, "scan", TableName="local", IndexName="local-g", ExclusiveStartKey=start) == (
        "ValidationException"
    )


def test_the_sort_key_of_a_local_index_keeps_its_type_in_an_update(engine: Client) -> None:
    update = {"UpdateExpression": "SET g = :one", "ExpressionAttributeValues": ONE}
    key = A | {"s": {"N": "1"}}
    assert code(engine, "update_item", TableName="local", Key=key, **update) == "ValidationException"


def test_an_update_must_not_make_the_attributes_of_a_key_too_long_together(engine: Client) -> None:
    engine.put_item(TableName="many", Item=A | {"j": {"S": "x" * 1000}, "g": {"S": "x" * 1000}})
    update = {"UpdateExpression": "SET k = :k", "ExpressionAttributeValues": {":k": {"B": b"k" * 30}}}
    assert code(engine, "update_item", TableName="many", Key=A, **update) == "ValidationException"


def test_an_item_and_its_entries_in_local_indexes_have_at_most_400_kb_after_an_update(engine: Client) -> None:
    key = A | {"s": {"N": "1"}}
    engine.put_item(TableName="local", Item=key | {"a": {"S": "x" * 300_000}})
    update = {"UpdateExpression": "SET k = :k", "ExpressionAttributeValues": {":k": {"B": b"k"}}}
    assert code(engine, "update_item", TableName="local", Key=key, **update) == "ValidationException"


def test_an_empty_list_of_local_indexes_is_rejected(engine: Client) -> None:
    request = {
        "TableName": "other",
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    assert code(engine, "create_table", **request, LocalSecondaryIndexes=[]) == "ValidationException"


def test_writes_to_a_table_with_local_indexes_return_the_metrics_that_they_request(engine: Client) -> None:
    key = A | {"s": {"N": "1"}}
    response = engine.put_item(TableName="local", Item=key, ReturnItemCollectionMetrics="SIZE")
    assert response["ItemCollectionMetrics"]["ItemCollectionKey"] == A


def test_a_query_of_a_local_index_fetches_only_for_attributes_that_are_not_projected(engine: Client) -> None:
    engine.put_item(TableName="local", Item=A | {"s": {"N": "1"}, "g": {"S": "x"}})
    reading = {"TableName": "local", "IndexName": "local-g", "ReturnConsumedCapacity": "INDEXES"}
    (page,) = all_pages(engine, "scan", **reading, ProjectionExpression="g")
    assert page["ConsumedCapacity"]["Table"]["CapacityUnits"] == 0


def test_a_projection_that_matches_nothing_returns_no_item_in_a_transaction(engine: Client) -> None:
    engine.put_item(TableName="flat", Item=A)
    get = {"TableName": "flat", "Key": A, "ProjectionExpression": "a"}
    assert engine.transact_get_items(TransactItems=[{"Get": get}])["Responses"] == [{}]


def test_a_key_condition_on_a_value_too_long_for_a_key_is_rejected(engine: Client) -> None:
    values = {":p": {"S": "k" * 2049}}
    query = {"TableName": "flat", "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": values}
    assert code(engine, "query", **query) == "ValidationException"


def test_an_empty_string_as_an_option_is_rejected(engine: Client) -> None:
    assert code(engine, "update_item", TableName="flat", Key=A, ReturnValues="") == "ValidationException"


def test_an_update_of_a_key_attribute_is_rejected_before_the_condition_is_evaluated(engine: Client) -> None:
    found = code(
        engine,
        "update_item",
        TableName="flat",
        Key=A,
        UpdateExpression="SET p = :one",
        ConditionExpression="attribute_exists(p)",
        ExpressionAttributeValues=ONE,
    )
    assert found == "ValidationException"


def test_a_scan_filter_on_an_attribute_that_is_not_projected_is_rejected(engine: Client) -> None:
    scan = {"TableName": "raw", "IndexName": "by-h", "FilterExpression": "attribute_exists(a)"}
    assert code(engine, "scan", **scan) == "ValidationException"


@pytest.mark.parametrize("names", [{}, {"#p": "p"}])
def test_names_without_an_expression_are_rejected(engine: Client, names: dict[str, str]) -> None:
    assert code(engine, "get_item", TableName="flat", Key=A, ExpressionAttributeNames=names) == "ValidationException"


@pytest.mark.parametrize(("returned", "value"), [("UPDATED_NEW", "2"), ("UPDATED_OLD", "1")])
def test_an_update_of_a_path_returns_only_the_value_at_that_path(engine: Client, returned: str, value: str) -> None:
    engine.put_item(TableName="flat", Item=A | {"m": {"M": {"x": {"N": "1"}, "y": {"N": "1"}}}})
    response = engine.update_item(
        TableName="flat",
        Key=A,
        UpdateExpression="SET m.x = m.x + :one",
        ExpressionAttributeValues=ONE,
        ReturnValues=returned,
    )
    assert response["Attributes"] == {"m": {"M": {"x": {"N": value}}}}


@pytest.mark.parametrize("forward", [True, False])
def test_pages_up_to_the_end_of_an_inclusive_range_contain_every_entry_of_one_index_key(
    engine: Client, forward: bool
) -> None:
    partitions = ["a", "b", "c"]
    for partition in partitions:
        engine.put_item(TableName="thing", Item={"p": {"S": partition}, "s": {"N": "2"}, "g": {"S": "g"}})
    pages = all_pages(
        engine,
        "query",
        TableName="thing",
        IndexName="by-g",
        KeyConditionExpression="g = :g AND s BETWEEN :two AND :two",
        ExpressionAttributeValues={":g": {"S": "g"}, ":two": {"N": "2"}},
        ScanIndexForward=forward,
        Limit=1,
    )
    assert sorted(item["p"]["S"] for page in pages for item in page["Items"]) == partitions


def test_a_page_ends_at_one_megabyte_before_the_filter(engine: Client) -> None:
    for number in range(4):
        engine.put_item(TableName="flat", Item={"p": {"S": str(number)}, "a": {"S": "x" * 390_000}})
    pages = all_pages(engine, "scan", TableName="flat", FilterExpression="attribute_not_exists(a)")
    assert [page["ScannedCount"] for page in pages] == [3, 1]


def test_capacity_units_for_a_table_on_demand_are_rejected(engine: Client) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    assert code(engine, "update_table", TableName="flat", ProvisionedThroughput=units) == "ValidationException"


def test_an_index_without_capacity_units_on_a_provisioned_table_is_rejected(engine: Client) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    engine.update_table(TableName="flat", BillingMode="PROVISIONED", ProvisionedThroughput=units)
    index = {
        "IndexName": "new",
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    found = code(
        engine,
        "update_table",
        TableName="flat",
        AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )
    assert found == "ValidationException"


def test_an_empty_legacy_map_and_an_expression_cannot_be_used_together(engine: Client) -> None:
    mixed = {"AttributeUpdates": {}, "ConditionExpression": "attribute_exists(a)"}
    assert code(engine, "update_item", TableName="flat", Key=A, **mixed) == "ValidationException"


def test_a_legacy_update_of_a_key_is_rejected_before_its_condition(engine: Client) -> None:
    updates = {"AttributeUpdates": {"p": {"Action": "DELETE"}}, "Expected": {"a": {"Value": {"S": "x"}}}}
    assert code(engine, "update_item", TableName="flat", Key=A, **updates) == "ValidationException"


def test_a_legacy_update_without_an_action_puts_the_value(engine: Client) -> None:
    engine.update_item(TableName="flat", Key=A, AttributeUpdates={"a": {"Value": {"S": "x"}}})
    assert engine.get_item(TableName="flat", Key=A)["Item"] == A | {"a": {"S": "x"}}
