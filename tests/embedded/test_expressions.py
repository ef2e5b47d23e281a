"""Conditions, placeholders and the syntax of all expressions. The error messages are DynamoDB's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.expressions.reserved_words import WORDS

from .support import TABLE, error, get, item, key, make_table, put, rejection

THING = item(
    "a",
    1,
    g={"S": "x"},
    n={"N": "5"},
    st={"S": "hello"},
    u={"S": "é\U0001f600"},
    b={"B": b"\x00\x01"},
    t={"BOOL": True},
    z={"NULL": True},
    ss={"SS": ["a", "b"]},
    ns={"NS": ["1", "2.5"]},
    bs={"BS": [b"x"]},
    l={"L": [{"N": "1"}, {"L": [{"S": "in"}]}, {"M": {"c": {"N": "7"}}}]},
    m={"M": {"x": {"S": "y"}, "deep": {"L": [{"M": {"c": {"S": "!"}}}]}}},
)
VALUES: dict[str, Any] = {
    ":5": {"N": "5"},
    ":5_0": {"N": "5.0"},
    ":6": {"N": "6"},
    ":1": {"N": "1"},
    ":2": {"N": "2"},
    ":3": {"N": "3"},
    ":he": {"S": "he"},
    ":hello": {"S": "hello"},
    ":a": {"S": "a"},
    ":in": {"S": "in"},
    ":N": {"S": "N"},
    ":S": {"S": "S"},
    ":ba": {"SS": ["b", "a"]},
    ":true": {"BOOL": True},
    ":null": {"NULL": True},
    ":zero": {"B": b"\x00"},
    ":one": {"B": b"\x01"},
    ":list": {"L": [{"N": "1.0"}, {"L": [{"S": "in"}]}, {"M": {"c": {"N": "7"}}}]},
    ":map": {"M": {"c": {"N": "7.0"}}},
}


@pytest.fixture(scope="module")
def things() -> Iterator[Client]:
    """Return a client with THING in its table."""
    opened = connect(":memory:")
    make_table(opened)
    put(opened, THING)
    yield opened
    opened.close()


def request(expression: str, values: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return an UpdateItem request with a condition and no update. Default values: those of VALUES in the condition."""
    if values is None:
        values = {name: VALUES[name] for name in re.findall(r":\w+", expression)}
    result = {"TableName": TABLE, "Key": key("a", 1), "ConditionExpression": expression, **more}
    if values:
        result["ExpressionAttributeValues"] = values
    return result


@pytest.mark.parametrize(
    "expression",
    [
        "n = :5",
        "n = :5_0",
        "n <> :hello",
        "n < :6 AND n <= :5 AND n > :1 AND n >= :5",
        "n BETWEEN :5 AND :6",
        "n IN (:1, :5)",
        "st IN (:5, :hello)",
        ":5 = n",
        ":5 = :5",
        "NOT n = :6",
        "NOT NOT n = :5",
        "not n = :6 And attribute_exists(st)",
        "n = :6 OR n = :5 AND st = :hello",
        "n = :5 OR n = :6 AND st = :he",
        "NOT (n = :6 OR n = :1)",
        "n BETWEEN :1 AND :6 AND st = :hello",
        "attribute_exists (m.x)",
        "attribute_not_exists(m.y)",
        "attribute_not_exists(l[9])",
        "attribute_exists(l[1][0])",
        "l [ 0 ] = :1",
        "l[1][0] = :in",
        "m . x <> :5",
        "m.deep[0].c <> :a",
        "attribute_type(n, :N)",
        "NOT attribute_type(n, :S)",
        "NOT attribute_type(absent, :S)",
        "begins_with(st, :he)",
        "begins_with(b, :zero)",
        "NOT begins_with(n, :he)",
        "contains(st, :he)",
        "contains(ss, :a)",
        "contains(ns, :1)",
        "contains(b, :one)",
        "contains(l, :1)",
        "contains(l, :map)",
        "NOT contains(st, :5)",
        "NOT contains(n, :5)",
        "size(st) = :5",
        "size(u) = :3",
        "size(b) = :2",
        "size(ss) = :2",
        "size(l) = :3",
        "size(m) = :2",
        "size(ss) < size(l)",
        "size(n) <> :1",
        "NOT size(n) = :1",
        "absent <> :5",
        "NOT absent = :5",
        "NOT absent < :5",
        "NOT absent BETWEEN :1 AND :5",
        "NOT absent IN (:5)",
        "ss = :ba",
        "t = :true",
        "z = :null",
        "l = :list",
        "l[2] = :map",
        "NOT n > st",
        "NOT l > ss",
        "(n) = (:5)",
        "n IN ((:5))",
        "(n = :5) AND (st = :hello)",
    ],
)
def test_condition_is_true_and_its_negation_is_false(things: Client, expression: str) -> None:
    things.update_item(**request(expression))
    negated = request(f"NOT ({expression})")
    assert error(things.update_item, **negated)["Error"]["Code"] == "ConditionalCheckFailedException"


DISTINCT = "The first operand must be distinct from the remaining operands for this operator or function; operator: {}"
OPERAND = "Incorrect operand type for operator or function; operator or function: {}, operand type: {}"


@pytest.mark.parametrize(
    ("expression", "values", "message"),
    [
        ("", {}, "The expression can not be empty;"),
        ("  ", {}, 'Syntax error; token: "<EOF>", near: "  "'),
        ("n =", {}, 'Syntax error; token: "<EOF>", near: "="'),
        ("n", {}, 'Syntax error; token: "<EOF>", near: "n"'),
        ("(n)", {}, 'Syntax error; token: "<EOF>", near: ")"'),
        ("n = 5", {}, 'Syntax error; token: "5", near: "= 5"'),
        ("n != :v", {}, 'Syntax error; token: "!", near: "n !="'),
        ("n == :v", {}, 'Syntax error; token: "=", near: "== :v"'),
        ("n = :v n = :v", {}, 'Syntax error; token: "n", near: ":v n ="'),
        ("(n = :v", {}, 'Syntax error; token: "<EOF>", near: ":v"'),
        ("n = :v)", {}, 'Syntax error; token: ")", near: ":v)"'),
        ("(n = :v) = :v", {}, 'Syntax error; token: "=", near: ") = :v"'),
        ("n = (n = :v)", {}, 'Syntax error; token: "=", near: "n = :v"'),
        ("(n) AND n = :v", {}, 'Syntax error; token: "AND", near: ") AND n"'),
        ("n = NOT n", {}, 'Syntax error; token: "NOT", near: "= NOT n"'),
        ("n IN ()", {}, 'Syntax error; token: ")", near: "()"'),
        ("n IN :v", {}, 'Syntax error; token: ":v", near: "IN :v"'),
        ("l[00] = :v", {}, 'Syntax error; token: "0", near: "00]"'),
        ("l[-1] = :v", {}, 'Syntax error; token: "-", near: "[-1"'),
        ("é = :v", {}, 'Syntax error; token: "é", near: "é ="'),
        ("_n = :v", {}, 'Syntax error; token: "_", near: "_n"'),
        ("# = :v", {}, 'Syntax error; token: "#", near: "# ="'),
        ("l[99999999999] = :v", {}, "List index is not within the allowable range; index: [99999999999]"),
        ("((n = :v))", {}, "The expression has redundant parentheses;"),
        ("((n)) = :v", {}, "The expression has redundant parentheses;"),
        ("NOT ((n = :v))", {}, "The expression has redundant parentheses;"),
        ("exists(n)", {}, "Invalid function name; function: exists"),
        ("SIZE(st) = :v", {}, "Invalid function name; function: SIZE"),
        (
            "if_not_exists(n, :v) = :v",
            {},
            "The function is not allowed in a condition expression; function: if_not_exists",
        ),
        ("size(st)", {}, "The function is not allowed to be used this way in an expression; function: size"),
        *(
            (
                expression,
                {},
                "The function is not allowed to be used this way in an expression; function: attribute_exists",
            )
            for expression in (
                "n = attribute_exists(n)",
                "contains(attribute_exists(n), :v)",
                "size(attribute_exists(n)) = :v",
                "n IN (attribute_exists(n), foo(n))",
                "attribute_exists(n) BETWEEN foo(n) AND :v",
            )
        ),
        (
            "attribute_exists(n, st)",
            {},
            "Incorrect number of operands for operator or function; "
            "operator or function: attribute_exists, number of operands: 2",
        ),
        (
            "attribute_exists(:v)",
            {":v": {"S": "n"}},
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        ("name = :v", {}, "Attribute name is a reserved keyword; reserved keyword: name"),
        ("m.Date = :v", {}, "Attribute name is a reserved keyword; reserved keyword: Date"),
        (
            "n = :v",
            {},
            "An expression attribute value used in expression is not defined; attribute value: :v",
        ),
        (
            "#n = :v",
            {":v": {"N": "1"}},
            "An expression attribute name used in the document path is not defined; attribute name: #n",
        ),
        ("n = n", {}, DISTINCT.format("=, first operand: [n]")),
        ("l[0] < l[0]", {}, DISTINCT.format("<, first operand: [l, [0]]")),
        ("n BETWEEN n AND st", {}, DISTINCT.format("BETWEEN, first operand: [n]")),
        ("n IN (st, n)", {}, DISTINCT.format("IN, first operand: [n]")),
        ("contains(ss, ss)", {}, DISTINCT.format("contains, first operand: [ss]")),
        ("n > :v", {":v": {"BOOL": True}}, OPERAND.format(">", "BOOL")),
        ("n > :v", {":v": {"L": []}}, OPERAND.format(">", "L")),
        ("n BETWEEN :v AND :v", {":v": {"SS": ["a"]}}, OPERAND.format("BETWEEN", "SS")),
        ("begins_with(st, :v)", {":v": {"N": "5"}}, OPERAND.format("begins_with", "N")),
        ("begins_with(size(st), :v)", {":v": {"S": "5"}}, OPERAND.format("begins_with", "N")),
        ("size(:v) = :v", {":v": {"N": "5"}}, OPERAND.format("size", "N")),
        ("attribute_type(n, :v)", {":v": {"N": "5"}}, OPERAND.format("attribute_type", "N")),
        (
            "attribute_type(n, :v)",
            {":v": {"S": "X"}},
            "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}",
        ),
        (
            "n BETWEEN :v AND :w",
            {":v": {"N": "6"}, ":w": {"N": "5"}},
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            "lower bound operand: AttributeValue: {N:6}, upper bound operand: AttributeValue: {N:5}",
        ),
        (
            "n BETWEEN :v AND :w",
            {":v": {"S": "6"}, ":w": {"N": "5"}},
            "The BETWEEN operator requires same data type for lower and upper bounds; "
            "lower bound operand: AttributeValue: {S:6}, upper bound operand: AttributeValue: {N:5}",
        ),
    ],
)
def test_invalid_condition_is_rejected(things: Client, expression: str, values: dict[str, Any], message: str) -> None:
    assert rejection(things.update_item, **request(expression, values)) == f"Invalid ConditionExpression: {message}"


@pytest.mark.parametrize(("path", "attribute"), [("p.x", "Key: p"), ("#s[0]", "Key: s"), ("g.x", "IndexKey: g")])
def test_path_into_a_key_attribute_is_rejected(client: Client, path: str, attribute: str) -> None:
    names = {"ExpressionAttributeNames": {"#s": "s"}} if "#" in path else {}
    message = f"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {attribute}"
    for expression in ({"ProjectionExpression": path}, {"FilterExpression": f"attribute_exists({path})"}):
        assert rejection(client.scan, TableName=TABLE, **expression, **names) == message
        of_index = {"TableName": TABLE, "IndexName": "by-g"}
        assert rejection(client.scan, **of_index, **expression, **names) == message
    condition = f"attribute_exists({path})"
    assert rejection(client.put_item, TableName=TABLE, Item=key("a", 1), ConditionExpression=condition, **names) == (
        message
    )


def test_expression_has_at_most_300_operators_100_operands_of_in_and_4096_bytes(things: Client) -> None:
    values = {":v": {"S": "no"}}

    def outcome(expression: str) -> str:
        return str(error(things.update_item, **request(expression, values))["Error"]["Message"])

    failed = "The conditional request failed"
    assert outcome(" OR ".join(["n = :v"] * 150)) == failed
    assert "too many operators; operator count: 301" in outcome(" OR ".join(["n = :v"] * 151))
    assert outcome(f"n IN ({','.join([':v'] * 100)})") == failed
    assert "too many operands; number of operands: 101" in outcome(f"n IN ({','.join([':v'] * 101)})")
    assert outcome("n = :v" + " " * 4090) == failed
    assert "Expression size has exceeded" in outcome("n = :v" + " " * 4091)


def test_deeply_nested_expression_is_rejected_without_a_recursion_error(things: Client) -> None:
    for start, end in (("(NOT ", ")"), ("size(", ")"), ("NOT ", ""), ("(", ")"), ("(n = :v AND ", ")")):
        levels = 4000 // len(start + end)
        message = rejection(
            things.update_item, **request(start * levels + "n = :v" + end * levels, {":v": {"S": "no"}})
        )
        assert message.startswith("Invalid ConditionExpression: ")


ONE: dict[str, Any] = {":v": {"N": "1"}}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"ExpressionAttributeValues": {**ONE, ":w": {"N": "2"}, ":x": {"N": "2"}}},
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w, :x}",
        ),
        (
            {"ExpressionAttributeValues": ONE, "ExpressionAttributeNames": {"#q": "q"}},
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#q}",
        ),
        ({"ExpressionAttributeValues": {}}, "ExpressionAttributeValues must not be empty"),
        ({"ExpressionAttributeNames": {}}, "ExpressionAttributeNames must not be empty"),
        (
            {"UpdateExpression": None, "ExpressionAttributeNames": {"#n": "n"}},
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            {"UpdateExpression": None, "ExpressionAttributeValues": ONE},
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
        (
            {"ExpressionAttributeValues": {"v": {"N": "1"}}},
            'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"',
        ),
        (
            {"ExpressionAttributeValues": ONE, "ExpressionAttributeNames": {"#a-b": "q"}},
            'ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"',
        ),
        (
            {"ExpressionAttributeValues": {":v": {"N": "x"}}},
            "The parameter cannot be converted to a numeric value: x",
        ),
        (
            {"ExpressionAttributeValues": ONE, "ExpressionAttributeNames": {"#n": ""}},
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #n",
        ),
    ],
)
def test_invalid_placeholders_are_rejected(things: Client, parameters: dict[str, Any], message: str) -> None:
    update = {"TableName": TABLE, "Key": key("a", 1), "UpdateExpression": "SET n = :v", **parameters}
    without_none = {name: value for name, value in update.items() if value is not None}
    assert rejection(things.update_item, **without_none) == message


def test_name_placeholder_can_contain_dots_and_reserved_words(things: Client) -> None:
    put(things, item("dots", 1, **{"m.x": {"S": "dotted"}, "name": {"S": "emma"}}))
    things.update_item(
        TableName=TABLE,
        Key=key("dots", 1),
        ConditionExpression="#d = :d AND #n = :n AND attribute_not_exists(m.x)",
        UpdateExpression="REMOVE #d",
        ExpressionAttributeNames={"#d": "m.x", "#n": "name"},
        ExpressionAttributeValues={":d": {"S": "dotted"}, ":n": {"S": "emma"}},
    )
    assert get(things, "dots", 1) == item("dots", 1, name={"S": "emma"})


def test_all_573_reserved_words_are_rejected_in_upper_and_lower_case(things: Client) -> None:
    assert len(WORDS) == 573
    for word in sorted(WORDS):
        for written in (word, word.lower()):
            message = rejection(things.update_item, **request(f"attribute_exists(m.{written})", {}))
            assert "reserved keyword" in message or "Syntax error" in message, word


PARAMETERS = ("ConditionExpression", "UpdateExpression", "FilterExpression", "ProjectionExpression")
fragments = st.sampled_from(
    [
        "n",
        "st",
        "l",
        "m.x",
        "l[0]",
        "#a",
        "#b",
        ":v",
        ":w",
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        "=",
        "<>",
        "<",
        ">",
        "<=",
        ">=",
        "+",
        "-",
        "AND",
        "OR",
        "NOT",
        "BETWEEN",
        "IN",
        "SET",
        "REMOVE",
        "ADD",
        "DELETE",
        "size(",
        "contains(",
        "begins_with(",
        "attribute_exists(",
        "attribute_type(",
        "if_not_exists(",
        "list_append(",
        "é",
        "'",
        '"',
        "0",
        "12",
    ]
)


@given(st.lists(fragments, max_size=14).map(" ".join) | st.text(max_size=30), st.sampled_from(PARAMETERS))
def test_any_text_as_an_expression_is_accepted_or_rejected_with_a_client_error(expression: str, parameter: str) -> None:
    client = _fuzzed
    more: dict[str, Any] = {parameter: expression}
    if "#a" in expression:
        more["ExpressionAttributeNames"] = {"#a": "n"}
    if ":v" in expression and parameter != "ProjectionExpression":
        more["ExpressionAttributeValues"] = {":v": {"N": "1"}}
    if parameter in ("ConditionExpression", "UpdateExpression"):
        call, base = client.update_item, {"TableName": TABLE, "Key": key("a", 1)}
    else:
        call, base = client.scan, {"TableName": TABLE}
    code = None
    try:
        call(**base, **more)
    except client.exceptions.ClientError as raised:
        code = raised.response["Error"]["Code"]
    assert code in (None, "ValidationException", "ConditionalCheckFailedException")


_fuzzed = connect(":memory:")
make_table(_fuzzed)
put(_fuzzed, THING)
