"""UpdateItem: update expressions, their errors and ReturnValues."""

from __future__ import annotations

import re
from typing import Any

import pytest

from nodetodo.embedded.client import Client

from .support import TABLE, error, get, item, key, put, rejection

THING = item(
    "a",
    1,
    n={"N": "5"},
    st={"S": "hello"},
    ss={"SS": ["a", "b"]},
    l={"L": [{"N": "1"}, {"N": "2"}]},
    m={"M": {"x": {"S": "y"}, "l": {"L": [{"N": "1"}]}}},
)
VALUES: dict[str, Any] = {
    ":5": {"N": "5"},
    ":7": {"N": "7"},
    ":9": {"N": "9"},
    ":s": {"S": "new"},
    ":e": {"L": [{"S": "e"}]},
    ":a": {"SS": ["a"]},
    ":ab": {"SS": ["b", "a"]},
    ":az": {"SS": ["a", "z"]},
    ":ns": {"NS": ["1"]},
}


def update(client: Client, expression: str, **more: Any) -> dict[str, Any]:
    """Store THING, apply an expression to it and return the response."""
    put(client, THING)
    return client.update_item(**request(expression, **more))


def request(expression: str, **more: Any) -> dict[str, Any]:
    """Return an UpdateItem request with those of VALUES that the expression uses."""
    result: dict[str, Any] = {"TableName": TABLE, "Key": key("a", 1), "UpdateExpression": expression, **more}
    values = {name: VALUES[name] for name in re.findall(r":\w+", expression)}
    if values:
        result["ExpressionAttributeValues"] = values
    return result


def changed(client: Client, expression: str) -> dict[str, Any]:
    """Return the attributes that an expression changes in THING; None for those that it removes."""
    after = update(client, expression, ReturnValues="ALL_NEW")["Attributes"]
    assert after == get(client, "a", 1)
    return {name: after.get(name) for name in {**THING, **after} if after.get(name) != THING.get(name)}


@pytest.mark.parametrize(
    ("expression", "difference"),
    [
        ("SET n = :7", {"n": {"N": "7"}}),
        ("set z = n", {"z": {"N": "5"}}),
        ("SET z = n + :7", {"z": {"N": "12"}}),
        ("SET z = :7 - n", {"z": {"N": "2"}}),
        ("SET z = (n + n)", {"z": {"N": "10"}}),
        ("SET z = (n) - (:7)", {"z": {"N": "-2"}}),
        ("SET z = if_not_exists(z, :7)", {"z": {"N": "7"}}),
        ("SET z = if_not_exists(n, :7)", {"z": {"N": "5"}}),
        ("SET z = if_not_exists(m.q.r, :7) + :5", {"z": {"N": "12"}}),
        ("SET z = if_not_exists(y, if_not_exists(x, n))", {"z": {"N": "5"}}),
        ("SET l = list_append(l, :e)", {"l": {"L": [{"N": "1"}, {"N": "2"}, {"S": "e"}]}}),
        ("SET l = list_append(:e, l)", {"l": {"L": [{"S": "e"}, {"N": "1"}, {"N": "2"}]}}),
        ("SET z = list_append(if_not_exists(z, :e), :e)", {"z": {"L": [{"S": "e"}, {"S": "e"}]}}),
        ("SET l[0] = :7", {"l": {"L": [{"N": "7"}, {"N": "2"}]}}),
        # Elements beyond the end are appended in the order of their indexes, not in that of the expression.
        ("SET l[50] = :9, l[7] = :7, l[5] = :5", {"l": {"L": [{"N": n} for n in "12579"]}}),
        ("SET m.l[9] = :7", {"m": {"M": {"x": {"S": "y"}, "l": {"L": [{"N": "1"}, {"N": "7"}]}}}}),
        ("SET m.x = :7, m.z = :9", {"m": {"M": {**THING["m"]["M"], "x": {"N": "7"}, "z": {"N": "9"}}}}),
        # Every operand is read before the first write.
        ("SET n = st, st = n", {"n": {"S": "hello"}, "st": {"N": "5"}}),
        ("SET z = l[1] REMOVE l[0]", {"z": {"N": "2"}, "l": {"L": [{"N": "2"}]}}),
        ("REMOVE n, st", {"n": None, "st": None}),
        ("REMOVE l[0], l[1]", {"l": {"L": []}}),
        ("REMOVE l[0] SET l[1] = :7", {"l": {"L": [{"N": "7"}]}}),
        ("REMOVE l[9], absent, m.q", {}),
        ("REMOVE m.l[0]", {"m": {"M": {"x": {"S": "y"}, "l": {"L": []}}}}),
        ("ADD n :7, z :7", {"n": {"N": "12"}, "z": {"N": "7"}}),
        ("ADD ss :az", {"ss": {"SS": ["a", "b", "z"]}}),
        ("ADD z :a", {"z": {"SS": ["a"]}}),
        (
            "ADD m.z :7, l[0] :7",
            {"m": {"M": {**THING["m"]["M"], "z": {"N": "7"}}}, "l": {"L": [{"N": "8"}, {"N": "2"}]}},
        ),
        ("DELETE ss :a", {"ss": {"SS": ["b"]}}),
        ("DELETE ss :ab", {"ss": None}),
        ("DELETE z :a", {}),
        ("DELETE ss :a SET z = ss", {"ss": {"SS": ["b"]}, "z": {"SS": ["a", "b"]}}),
        (
            "SET n = :7 REMOVE st ADD z :5 DELETE ss :a",
            {"n": {"N": "7"}, "st": None, "z": {"N": "5"}, "ss": {"SS": ["b"]}},
        ),
    ],
)
def test_update_changes_only_the_attributes_in_its_expression(
    client: Client, expression: str, difference: dict[str, Any]
) -> None:
    assert changed(client, expression) == difference


ABSENT = "The provided expression refers to an attribute that does not exist in the item"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
WRONG_PATH = "The document path provided in the update expression is invalid for update"
OVERLAP = (
    "Invalid UpdateExpression: Two document paths {} with each other; must remove or rewrite one of these paths; "
    "path one: {}, path two: {}"
)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "Invalid UpdateExpression: The expression can not be empty;"),
        ("n = :7", 'Invalid UpdateExpression: Syntax error; token: "n", near: "n ="'),
        ("SET n = :7,", 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ","'),
        ("SET z = n + n + n", 'Invalid UpdateExpression: Syntax error; token: "+", near: "n + n"'),
        ("SET z = (n + n) + n", 'Invalid UpdateExpression: Syntax error; token: "+", near: ") + n"'),
        ("SET z = n * n", 'Invalid UpdateExpression: Syntax error; token: "*", near: "n * n"'),
        ("SET (z) = n", 'Invalid UpdateExpression: Syntax error; token: "(", near: "SET (z"'),
        ("ADD n st", 'Invalid UpdateExpression: Syntax error; token: "st", near: "n st"'),
        ("SET z = ((n))", "Invalid UpdateExpression: The expression has redundant parentheses;"),
        (
            "SET n = :7 SET st = :7",
            'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
        ),
        (
            "SET z = size(st)",
            "Invalid UpdateExpression: The function is not allowed in an update expression; function: size",
        ),
        ("SET z = foo(st)", "Invalid UpdateExpression: Invalid function name; function: foo"),
        (
            "SET z = list_append(l, :e) + :7",
            "Invalid UpdateExpression: The function is not allowed to be used this way in an expression; "
            "function: list_append",
        ),
        *(
            (
                expression,
                "Invalid UpdateExpression: The function is not allowed to be used this way in an expression; "
                "function: list_append",
            )
            for expression in (
                "SET z = list_append(list_append(l, :e), :e)",
                "SET z = list_append(:e, if_not_exists(z, list_append(l, :e)))",
                "SET z = if_not_exists(z, list_append(l, :e))",
            )
        ),
        (
            "SET z = if_not_exists(z)",
            "Invalid UpdateExpression: Incorrect number of operands for operator or function; "
            "operator or function: if_not_exists, number of operands: 1",
        ),
        (
            "SET z = if_not_exists(:7, :7)",
            "Invalid UpdateExpression: Operator or function requires a document path; "
            "operator or function: if_not_exists",
        ),
        (
            "SET z = n + :s",
            "Invalid UpdateExpression: Incorrect operand type for operator or function; "
            "operator or function: +, operand type: S",
        ),
        (
            "ADD n :s",
            "Invalid UpdateExpression: Incorrect operand type for operator or function; "
            "operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "DELETE n :7",
            "Invalid UpdateExpression: Incorrect operand type for operator or function; "
            "operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND",
        ),
        ("SET n = :7, n = :9", OVERLAP.format("overlap", "[n]", "[n]")),
        ("SET m.x = :7 REMOVE m", OVERLAP.format("overlap", "[m, x]", "[m]")),
        ("SET l[0] = :7, l.x = :9", OVERLAP.format("conflict", "[l, [0]]", "[l, x]")),
        ("SET z = y", ABSENT),
        ("SET z = y + :7", ABSENT),
        ("SET z = if_not_exists(n, y)", ABSENT),
        ("SET z = list_append(y, :e)", ABSENT),
        ("SET z = st + :7", WRONG_TYPE),
        ("SET z = list_append(n, :e)", WRONG_TYPE),
        ("ADD st :7", WRONG_TYPE),
        ("ADD ss :ns", WRONG_TYPE),
        ("DELETE ss :ns", WRONG_TYPE),
        ("SET z.x = :7", WRONG_PATH),
        ("SET n[0] = :7", WRONG_PATH),
        ("SET l[5].x = :7", WRONG_PATH),
        ("REMOVE m.q.r", WRONG_PATH),
        ("DELETE z.y :a", WRONG_PATH),
        *(
            (
                expression,
                "One or more parameter values were invalid: "
                "Cannot update attribute s. This attribute is part of the key",
            )
            for expression in ("SET s = :7", "ADD s :7", "REMOVE s", "SET s.x = :7")
        ),
        *(
            (
                expression,
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " + key_,
            )
            for expression, key_ in (
                ("SET g.x = :7", "IndexKey: g"),
                ("REMOVE g[0]", "IndexKey: g"),
                ("SET z = if_not_exists(g.x, :7)", "IndexKey: g"),
                ("SET z = s.x", "Key: s"),
            )
        ),
        (
            "SET g = :7",
            "One or more parameter values were invalid: "
            "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g",
        ),
    ],
)
def test_invalid_update_is_rejected_and_changes_nothing(client: Client, expression: str, message: str) -> None:
    put(client, THING)
    assert rejection(client.update_item, **request(expression)) == message
    assert get(client, "a", 1) == THING


def test_condition_is_evaluated_before_the_update(client: Client) -> None:
    put(client, THING)
    failed = error(client.update_item, **request("SET z = y", ConditionExpression="attribute_exists(y)"))
    assert failed["Error"]["Code"] == "ConditionalCheckFailedException"


def test_update_creates_an_absent_item_unless_it_has_only_remove_or_delete(client: Client) -> None:
    def created(expression: str | None) -> dict[str, Any] | None:
        update = {"TableName": TABLE, **(request(expression) if expression else {}), "Key": key("new", 1)}
        attributes: dict[str, Any] | None = client.update_item(**update, ReturnValues="ALL_NEW").get("Attributes")
        assert get(client, "new", 1) == attributes
        client.delete_item(TableName=TABLE, Key=key("new", 1))
        return attributes

    assert created(None) == key("new", 1)
    assert created("ADD n :7") == item("new", 1, n={"N": "7"})
    assert created("SET n = :7") == item("new", 1, n={"N": "7"})
    assert created("REMOVE n") is None
    assert created("DELETE n :a") is None


@pytest.mark.parametrize(
    ("expression", "wanted", "attributes"),
    [
        ("SET n = :7, z = :7", "UPDATED_OLD", {"n": {"N": "5"}}),
        ("SET n = :7, z = :7", "UPDATED_NEW", {"n": {"N": "7"}, "z": {"N": "7"}}),
        ("SET m.x = :7", "UPDATED_OLD", {"m": {"M": {"x": {"S": "y"}}}}),
        ("SET m.x = :7", "UPDATED_NEW", {"m": {"M": {"x": {"N": "7"}}}}),
        ("SET l[1] = :7", "UPDATED_OLD", {"l": {"L": [{"N": "2"}]}}),
        ("SET l[1] = :7", "UPDATED_NEW", {"l": {"L": [{"N": "7"}]}}),
        ("SET l[9] = :7", "UPDATED_NEW", None),
        ("REMOVE n", "UPDATED_NEW", None),
        ("REMOVE n", "UPDATED_OLD", {"n": {"N": "5"}}),
        ("SET z = :7", "UPDATED_OLD", None),
        ("SET z = :7", "NONE", None),
    ],
)
def test_return_values_updated_old_and_updated_new_return_the_written_paths(
    client: Client, expression: str, wanted: str, attributes: dict[str, Any] | None
) -> None:
    assert update(client, expression, ReturnValues=wanted).get("Attributes") == attributes


def test_update_cannot_make_an_item_larger_than_400_kb_or_deeper_than_32_levels(client: Client) -> None:
    put(client, THING)
    large = {":v": {"S": "x" * 409_590}}
    set_z = {"TableName": TABLE, "Key": key("a", 1), "UpdateExpression": "SET z = :v"}
    assert rejection(client.update_item, **set_z, ExpressionAttributeValues=large) == (
        "Item size to update has exceeded the maximum allowed size"
    )
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(30):
        deep = {"L": [deep]}
    client.update_item(**set_z, ExpressionAttributeValues={":v": deep})
    set_inner = {**set_z, "UpdateExpression": "SET z" + "[0]" * 28 + " = :v"}
    message = rejection(client.update_item, **set_inner, ExpressionAttributeValues={":v": deep})
    assert message.startswith("Nesting Levels have exceeded supported limits")
