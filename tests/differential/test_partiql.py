"""Compares random PartiQL statements with DynamoDB Local, and sends arbitrary text to the parser."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.comparison import Mismatch, contents
from tests.differential.examples import examples
from tests.differential.known_differences_of_partiql import explains, writes_before_it_rejects_a_batch
from tests.differential.partiql_outcomes import outcome_of
from tests.differential.random_statements import sequences
from tests.differential.reference import Reference
from tests.differential.requests import ErrorResponse, Request, error_code, send
from tests.differential.schema import create_tables
from tests.differential.sequences import assert_same_outcomes
from tests.differential.test_fuzz import CONTENTS, Engine, any_type, assert_succeeds_or_is_rejected, new_engine


@examples(1 / 4)
@given(sequence=sequences())
def test_the_engine_responds_to_statements_as_dynamodb_local_does(local: Reference, sequence: list[Request]) -> None:
    engine = embedded.connect(":memory:")
    create_tables(engine)
    fill, *statements = sequence
    for client in (local.client, engine):
        send(client, fill)

    def mismatch_of(request: Request) -> Mismatch | None:
        mismatch = Mismatch(request, outcome_of(local.client, request), outcome_of(engine, request))
        is_same = mismatch.expected == mismatch.actual and not writes_before_it_rejects_a_batch(mismatch)
        return None if is_same else mismatch

    assert_same_outcomes(local, engine, statements, mismatch_of, explains)


WORDS = (
    *("SELECT", "*", "FROM", "thing", '"thing"', '."by-g"', "WHERE", "p = 'a'", "s = 1", "AND", "OR", "NOT", "IS"),
    *("NULL", "MISSING", "ORDER BY", "s", "DESC", "INSERT INTO", "VALUE", "{'p': 'b', 's': 2}", "UPDATE", "SET", "a"),
    *("REMOVE", "= 1", "DELETE FROM", "RETURNING", "ALL OLD *", "MODIFIED NEW *", "EXISTS(", "size(", "contains("),
    *(
        "set_add(a,",
        "<<",
        ">>",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "?",
        ",",
        ".",
        ":",
        ";",
        "'",
        '"',
        "''",
        "--",
        "/*",
        "*/",
    ),
    *("\n", "`", "#", "1e5", "1e99999999999", ".5", "-", "+", "1", "<", "<=", "<>", "!=", "IN", "BETWEEN", "LIKE"),
    *("l[0]", "m.x", "@", "INTO", "AS", "LIMIT 1", "TRUE", "false", "list_append(l, ", "if_not_exists(a, ", "é"),
    *("\x00", "\ud800", "||", "%"),
)
PARTS = (
    "SELECT * FROM thing WHERE p = 'a' AND ",
    "UPDATE thing SET a = ",
    "INSERT INTO thing VALUE {'p': 'a', 's': 1, 'x': ",
    "DELETE FROM thing WHERE p = 'a' AND s = 1 AND ",
    "EXISTS(SELECT * FROM thing WHERE p = 'a' AND ",
    "FROM thing ",
    "",
)
texts = st.one_of(
    st.builds(lambda part, words: part + " ".join(words), st.sampled_from(PARTS), st.lists(st.sampled_from(WORDS))),
    st.builds(lambda part, words: part + "".join(words), st.sampled_from(PARTS), st.lists(st.sampled_from(WORDS))),
    st.text(),
)
parameters = st.lists(st.sampled_from(({"S": "a"}, {"N": "1"}, {"N": "x"}, {"SS": []}, {"L": []}, {})), max_size=2)
CODES = {
    *("ValidationException", "ParamValidationError", "ConditionalCheckFailedException", "DuplicateItemException"),
    *("TransactionCanceledException", "ResourceNotFoundException"),
}


@examples(5 / 2)
@given(text=texts, values=parameters, kind=st.sampled_from(("statement", "batch", "transaction")), more=st.booleans())
def test_any_text_is_carried_out_or_rejected(text: str, values: list[Any], kind: str, more: bool) -> None:
    member = {"Statement": text} | ({"Parameters": values} if values else {})
    request = {
        "statement": Request("execute_statement", member | ({"Limit": 1, "NextToken": text} if more else {})),
        "batch": Request("batch_execute_statement", {"Statements": [member]}),
        "transaction": Request("execute_transaction", {"TransactStatements": [member]}),
    }[kind]
    outcome = send(Engine.client, request)  # raises any exception that is not an error response
    if isinstance(outcome, ErrorResponse):
        assert outcome.code in CODES, f"{outcome}\n{request}"
    if contents(Engine.client) != CONTENTS:
        assert error_code(outcome) is None, request
        Engine.client = new_engine()


MEMBER = st.one_of(
    st.fixed_dictionaries(
        {"Statement": st.one_of(st.just("SELECT * FROM thing WHERE p = ? AND s = ?"), texts, any_type)},
        optional=dict.fromkeys(("Parameters", "ConsistentRead", "ReturnValuesOnConditionCheckFailure"), any_type),
    ),
    any_type,
)


@examples(1)
@given(
    member=MEMBER,
    kind=st.sampled_from(("statement", "batch", "transaction")),
    more=st.dictionaries(
        st.sampled_from(("Limit", "NextToken", "ReturnConsumedCapacity", "ClientRequestToken", "x")),
        any_type,
        max_size=2,
    ),
)
def test_arguments_of_any_type_succeed_or_are_rejected(member: Any, kind: str, more: dict[str, Any]) -> None:
    requests = {
        "statement": Request("execute_statement", (member if isinstance(member, dict) else {}) | more),
        "batch": Request("batch_execute_statement", {"Statements": [member]} | more),
        "transaction": Request("execute_transaction", {"TransactStatements": [member]} | more),
    }
    request = requests[kind]
    if all(isinstance(name, str) for name in request.arguments):
        assert_succeeds_or_is_rejected(request)
