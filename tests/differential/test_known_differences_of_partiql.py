"""The embedded engine follows DynamoDB where DynamoDB Local differs: see known_differences_of_partiql.py."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo import embedded
from tests.differential.random_values import nested
from tests.differential.requests import ErrorResponse, Request, error_code, send
from tests.differential.schema import Client, create_tables


@pytest.fixture
def engine() -> Client:
    """An engine with the item (a, 1) in the table thing."""
    client = embedded.connect(":memory:")
    create_tables(client)
    client.put_item(TableName="thing", Item={"p": {"S": "a"}, "s": {"N": "1"}})
    return client


def code(client: Client, statement: str, **more: Any) -> str | None:
    """Execute a statement and return its error code, None if it succeeds."""
    return error_code(send(client, Request("execute_statement", {"Statement": statement, **more})))


def transaction(client: Client, *statements: str) -> ErrorResponse:
    """Execute a transaction that fails and return its error."""
    request = {"TransactStatements": [{"Statement": statement} for statement in statements]}
    outcome = send(client, Request("execute_transaction", request))
    assert isinstance(outcome, ErrorResponse), outcome
    return outcome


def test_overlapping_branches_are_rejected(engine: Client) -> None:
    where = "p = 'a' AND s > 1 OR p = 'a' AND s = 3"
    assert code(engine, f"SELECT * FROM thing WHERE {where}") == "ValidationException"
    assert code(engine, "SELECT * FROM thing WHERE p = 'a' AND s > 3 OR p = 'a' AND s = 3") is None


def test_a_filter_by_an_attribute_outside_an_index_is_rejected(engine: Client) -> None:
    for where in ("h = 1 AND a = 1", "a = 1"):
        assert code(engine, f'SELECT * FROM raw."by-h" WHERE {where}') == "ValidationException"


def test_a_null_test_of_a_key_attribute_is_a_condition(engine: Client) -> None:
    write = "UPDATE thing SET a = 1 WHERE p = 'a' AND s = 1 AND "
    assert code(engine, write + "s IS NULL") == "ConditionalCheckFailedException"
    assert code(engine, write + "s IS NOT NULL") is None


def test_two_notations_of_a_number_are_one_key(engine: Client) -> None:
    statements = [f"UPDATE thing SET a = 1 WHERE p = 'a' AND s = {number}" for number in ("1", "1.0")]
    assert transaction(engine, *statements).code == "ValidationException"
    batch = {"Statements": [{"Statement": statement} for statement in statements]}
    assert error_code(send(engine, Request("batch_execute_statement", batch))) == "ValidationException"


def test_a_rejected_batch_writes_nothing(engine: Client) -> None:
    statements = ["INSERT INTO flat VALUE {'p': 'new'}"] + ["DELETE FROM thing WHERE p = 'a' AND s = 1"] * 2
    batch = {"Statements": [{"Statement": statement} for statement in statements]}
    assert error_code(send(engine, Request("batch_execute_statement", batch))) == "ValidationException"
    assert engine.scan(TableName="flat")["Items"] == []
    assert len(engine.scan(TableName="thing")["Items"]) == 1


@pytest.mark.parametrize("key", ["p = 'a'", "p = 'a' AND s = 'x'", "p = 'a' AND s = 1 AND s = 2", "p = [] AND s = 1"])
def test_an_invalid_key_is_the_reason_of_its_statement(engine: Client, key: str) -> None:
    invalid = f"UPDATE thing SET a = 1 WHERE {key}"
    failed = transaction(engine, "INSERT INTO flat VALUE {'p': 'new'}", invalid)
    assert [reason for reason, _ in failed.reasons] == ["None", "ValidationError"]
    assert transaction(engine, invalid, "SELECT").code == "ValidationException"


def test_conditions_on_keys_compare_values_of_any_type(engine: Client) -> None:
    for where in ("p IS STRUCT", "contains(p, 1)", "p != ''", "p <> 1"):
        assert code(engine, f"SELECT * FROM thing WHERE {where}") is None


def test_a_projection_that_matches_nothing_returns_no_item_in_a_transaction(engine: Client) -> None:
    statement = {"Statement": "SELECT gone FROM thing WHERE p = 'a' AND s = 1"}
    assert engine.execute_transaction(TransactStatements=[statement])["Responses"] == [{}]


def test_a_read_of_a_key_that_is_too_long_is_rejected(engine: Client) -> None:
    assert code(engine, f"SELECT * FROM flat WHERE p = '{'k' * 2049}'") == "ValidationException"


def test_a_limit_applies_in_the_order_of_the_statement(engine: Client) -> None:
    engine.put_item(TableName="thing", Item={"p": {"S": "a"}, "s": {"N": "2"}})
    page = engine.execute_statement(Statement="SELECT s FROM thing WHERE p = 'a' ORDER BY s DESC", Limit=1)
    assert page["Items"] == [{"s": {"N": "2"}}]


def test_a_value_of_too_many_levels_or_digits_is_rejected(engine: Client) -> None:
    insert = "INSERT INTO flat VALUE {'p': 'x', 'a': ?}"
    assert code(engine, insert, Parameters=[nested(31)]) is None
    assert code(engine, insert, Parameters=[nested(32)]) == "ValidationException"
    assert code(engine, insert.replace("?", "1" * 39)) == "ValidationException"


def test_a_key_of_another_type_is_rejected_beside_a_negation(engine: Client) -> None:
    assert code(engine, "SELECT * FROM flat WHERE p = FALSE AND p <> 'b'") == "ValidationException"


def test_an_index_is_sorted_by_its_sort_key(engine: Client) -> None:
    assert code(engine, 'SELECT * FROM "thing"."by-g" WHERE g = \'g\' ORDER BY s DESC') is None
