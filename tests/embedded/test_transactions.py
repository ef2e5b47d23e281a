"""Transactions: atomicity, cancellation reasons, tokens and limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client

from .support import TABLE, Clock, error, get, item, key, make_table, put, rejection


def put_action(thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": thing, **more}}


def check(where: dict[str, Any], condition: str, **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": TABLE, "Key": where, "ConditionExpression": condition, **more}}


def update(where: dict[str, Any], expression: str, **more: Any) -> dict[str, Any]:
    return {"Update": {"TableName": TABLE, "Key": where, "UpdateExpression": expression, **more}}


def delete(where: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": TABLE, "Key": where, **more}}


def get_action(where: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Get": {"TableName": TABLE, "Key": where, **more}}


def test_a_transaction_applies_all_four_kinds_of_action(client: Client) -> None:
    put(client, item("a", 1), item("a", 2))
    client.transact_write_items(
        TransactItems=[
            check(key("a", 1), "attribute_exists(p)"),
            delete(key("a", 2)),
            put_action(item("a", 3)),
            update(key("a", 4), "SET n = :n", ExpressionAttributeValues={":n": {"N": "1"}}),
        ]
    )
    assert client.scan(TableName=TABLE)["Items"] == [item("a", 1), item("a", 3), item("a", 4, n={"N": "1"})]


def test_a_cancelled_transaction_writes_nothing_and_returns_one_reason_per_action(client: Client) -> None:
    put(client, item("a", 1, v={"S": "there"}))
    response = error(
        client.transact_write_items,
        TransactItems=[
            put_action(item("a", 2)),
            check(key("a", 1), "attribute_not_exists(p)", ReturnValuesOnConditionCheckFailure="ALL_OLD"),
            delete(key("a", 9), ConditionExpression="attribute_exists(p)"),
            update(key("a", 3), "SET n = absent"),
            update(key("a", 4), "SET s = :v", ExpressionAttributeValues={":v": {"N": "1"}}),
            put_action(item("a", 5, g={"N": "1"})),
        ],
    )
    assert response["Error"] == {
        "Code": "TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError, ValidationError, ValidationError]",
    }
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    reasons = response["CancellationReasons"]
    assert reasons[:3] == [{"Code": "None"}, {**failed, "Item": item("a", 1, v={"S": "there"})}, failed]
    assert [reason["Message"] for reason in reasons[3:]] == [
        "The provided expression refers to an attribute that does not exist in the item",
        "One or more parameter values were invalid: Cannot update attribute s. This attribute is part of the key",
        "One or more parameter values were invalid: "
        "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g",
    ]
    assert client.scan(TableName=TABLE)["Count"] == 1


def test_a_cancelled_transaction_raises_boto3s_exception_with_its_message(client: Client) -> None:
    with pytest.raises(client.exceptions.TransactionCanceledException) as raised:
        client.transact_write_items(TransactItems=[check(key("a", 1), "attribute_exists(p)")])
    assert str(raised.value) == (
        "An error occurred (TransactionCanceledException) when calling the TransactWriteItems operation: "
        "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed]"
    )


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (
            [put_action(item("a", 1)), delete(key("a", "1.0"))],
            "Transaction request cannot include multiple operations on one item",
        ),
        (
            [{**put_action(item("a", 1)), **delete(key("a", 2))}],
            "TransactItems can only contain one of Check, Put, Update or Delete",
        ),
        ([{}], "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"),
        (
            [put_action({"p": {"S": "a"}}), delete({"p": {"S": ""}, "s": {"N": "1"}})],
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: p",
        ),
        (
            [check(key("a", 1), "attribute_exists(p)"), put_action(item("a", 2, g={"S": ""}))],
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
            "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g",
        ),
        (
            [update(key("a", 1), "SET g = :v", ExpressionAttributeValues={":v": {"S": ""}})],
            "One or more parameter values are not valid. The update expression attempted to update a secondary index "
            "key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty "
            "string value.",
        ),
        (
            [delete({"p": {"S": "a"}}, ConditionExpression="s.x = s.y")],
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: s",
        ),
        ([update(key("a", 1), "SET n =")], 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "="'),
        (
            [put_action(item("a", s, x={"S": "x" * 400_000})) for s in range(11)],
            "Transaction payload size cannot exceed 4MB",
        ),
        (
            [delete(key("a", s)) for s in range(101)],
            "1 validation error detected: Value at 'TransactItems' failed to satisfy constraint: "
            "Member must have length less than or equal to 100",
        ),
    ],
)
def test_an_invalid_transaction_is_rejected_without_cancellation_reasons(
    client: Client, actions: list[dict[str, Any]], message: str
) -> None:
    found = rejection(client.transact_write_items, TransactItems=actions)
    assert found.startswith(message)
    assert client.scan(TableName=TABLE)["Count"] == 0


MISSED = "The provided key element does not match the schema"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (delete({"p": {"S": "a"}}), MISSED),
        (delete({"p": {"S": "a"}, "s": {"S": "1"}}), MISSED),
        (update({"p": {"S": "a"}, "s": {"L": []}}, "REMOVE n"), MISSED),
        (
            put_action({"p": {"S": "a"}}),
            "One or more parameter values were invalid: Missing the key s in the item",
        ),
        (
            put_action({"p": {"S": "a"}, "s": {"S": "1"}}),
            "One or more parameter values were invalid: Type mismatch for key s expected: N actual: S",
        ),
    ],
)
def test_a_key_that_does_not_fit_its_table_is_the_only_reason_of_a_cancelled_transaction(
    client: Client, action: dict[str, Any], message: str
) -> None:
    failing = check(key("a", 1), "attribute_exists(p)")
    response = error(client.transact_write_items, TransactItems=[failing, failing, action, action])
    assert response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "None"},
        {"Code": "ValidationError", "Message": message},
        {"Code": "None"},
    ]


def test_a_key_that_does_not_fit_its_table_cancels_transact_get_items(client: Client) -> None:
    wrong = [get_action(key("a", 1)), get_action(key("a", 1)), get_action({"p": {"S": "a"}})]
    response = error(client.transact_get_items, TransactItems=wrong)
    assert [reason["Code"] for reason in response["CancellationReasons"]] == ["None", "None", "ValidationError"]


def test_a_transaction_has_up_to_100_actions(client: Client) -> None:
    client.transact_write_items(TransactItems=[put_action(item("a", s)) for s in range(100)])
    response = client.transact_get_items(TransactItems=[get_action(key("a", s)) for s in range(100)])
    assert len(response["Responses"]) == 100
    message = rejection(client.transact_get_items, TransactItems=[get_action(key("a", s)) for s in range(101)])
    assert "Member must have length less than or equal to 100" in message


def test_transact_get_items_returns_one_response_per_key_in_order(client: Client) -> None:
    put(client, item("a", 1, n={"N": "5"}))
    response = client.transact_get_items(
        TransactItems=[
            get_action(key("b", 1)),
            get_action(key("a", 1), ProjectionExpression="#n", ExpressionAttributeNames={"#n": "n"}),
        ]
    )
    assert response["Responses"] == [{}, {"Item": {"n": {"N": "5"}}}]
    nothing = client.transact_get_items(TransactItems=[get_action(key("a", 1), ProjectionExpression="x")])
    assert nothing["Responses"] == [{}]
    assert rejection(client.transact_get_items, TransactItems=[get_action(key("a", 1))] * 2) == (
        "Transaction request cannot include multiple operations on one item"
    )


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000)


@pytest.fixture
def opened(tmp_path: Path, clock: Clock, request: pytest.FixtureRequest) -> Callable[[], Client]:
    """A function that opens a new client for the same file."""

    def open_() -> Client:
        client = Client(str(tmp_path / "engine.db"), clock=clock)
        request.addfinalizer(client.close)
        return client

    return open_


def test_a_request_with_a_token_is_applied_once_in_ten_minutes_by_all_clients(
    opened: Callable[[], Client], clock: Clock
) -> None:
    first, second = opened(), opened()
    make_table(first)
    add = [update(key("a", 1), "ADD n :1", ExpressionAttributeValues={":1": {"N": "1"}})]
    first.transact_write_items(TransactItems=add, ClientRequestToken="token")
    clock.now += 599
    again = second.transact_write_items(TransactItems=add, ClientRequestToken="token", ReturnConsumedCapacity="TOTAL")
    # A repeated request consumes the read units of its items, doubled as in every transaction.
    assert again["ConsumedCapacity"] == [{"TableName": TABLE, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    assert get(first, "a", 1) == item("a", 1, n={"N": "1"})
    clock.now += 1
    second.transact_write_items(TransactItems=add, ClientRequestToken="token")
    assert get(first, "a", 1) == item("a", 1, n={"N": "2"})


def test_a_token_used_for_another_request_is_rejected(opened: Callable[[], Client], clock: Clock) -> None:
    client = opened()
    make_table(client)
    client.transact_write_items(TransactItems=[put_action(item("a", 1, b={"B": b"x"}))], ClientRequestToken="token")
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.transact_write_items(TransactItems=[put_action(item("a", 2))], ClientRequestToken="token")
    clock.now += 600
    client.transact_write_items(TransactItems=[put_action(item("a", 2))], ClientRequestToken="token")
    assert "less than or equal to 36" in rejection(
        client.transact_write_items, TransactItems=[put_action(item("a", 2))], ClientRequestToken="x" * 37
    )


def test_a_cancelled_transaction_can_be_repeated_with_its_token(opened: Callable[[], Client]) -> None:
    client = opened()
    make_table(client)
    actions = [check(key("a", 1), "attribute_exists(p)"), put_action(item("a", 2))]
    error(client.transact_write_items, TransactItems=actions, ClientRequestToken="token")
    put(client, item("a", 1))
    client.transact_write_items(TransactItems=actions, ClientRequestToken="token")
    assert get(client, "a", 2) == item("a", 2)


def test_a_cancelled_transaction_restores_a_deleted_item() -> None:
    client = connect(":memory:")
    make_table(client)
    put(client, item("a", 1))
    response = error(
        client.transact_write_items,
        TransactItems=[delete(key("a", 1)), check(key("a", 2), "attribute_exists(p)")],
    )
    assert response["Error"]["Code"] == "TransactionCanceledException"
    assert get(client, "a", 1) == item("a", 1)
    client.close()
