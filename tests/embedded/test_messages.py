"""The engine's error messages and their sources. Every message of the engine is in MESSAGES.

AWS replaces its validation region by region and operation by operation in 2026, so that it has two or more messages for
some errors. The engine has one message for each error:

- values (numbers, sets): the newer message, which PutItem, UpdateItem, DeleteItem, GetItem, BatchGetItem and Query have
  in all regions. AWS puts "1 validation error detected: " before some messages of the first three. The engine does so
  only for constraints of the API model, whose other errors are in the same message.
- constraints: a text or a number is shown with its path in lower case, a list with its path as in the request and
  without its content (the newer form), because AWS shows the content as Java does.

The comparison with DynamoDB Local in tests/differential compares codes, not messages.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nodetodo import embedded
from nodetodo.embedded import ClientError
from nodetodo.embedded.client import Client
from nodetodo.embedded.operations import item_collections

from .partiql_messages import PARTIQL
from .support import TABLE, item, key, make_table

# Public test suites whose expected messages are those of AWS:
# paritysuite/dynamodb-conformance, tests/tier3/error-messages, validation-ordering and limits, October 2026.
CONFORMANCE = "conformance"
# architect/dynalite, test: its tests have passed on AWS; older than the others.
DYNALITE = "dynalite"
# ack-api-quirks for DynamoDB, findings DDB-TABLE-059, 126 to 129, 160, 442 and others: messages collected from AWS,
# 2026-10-09.
QUIRKS = "ack-api-quirks"
# scylladb/scylladb, test/alternator: its tests pass on AWS.
ALTERNATOR = "alternator"
# ExtendDB/extenddb, tests of the ConditionalOperator, which run on AWS too.
EXTENDDB = "extenddb"
# getmoto/moto, tests/test_dynamodb, tests and messages with sources on AWS.
MOTO = "moto"
# AWS's API reference of the operation or of TransactWriteItems.
DOCUMENTATION = "documentation"
# Responses of AWS quoted in public issues and questions.
QUOTED = "quoted"
# Measured on DynamoDB Local 3.3.1. No message of AWS is known.
LOCAL = "local"
# Neither is known; the wording is the engine's or common to other emulators.
UNKNOWN = "unknown"

S: Callable[[str], dict[str, Any]] = lambda text: {"S": text}  # noqa: E731
N: Callable[[int | str], dict[str, Any]] = lambda number: {"N": str(number)}  # noqa: E731
P = {":p": S("a")}
INVALID = "One or more parameter values were invalid: "
NOT_VALID = "One or more parameter values are not valid. "
ONE = "1 validation error detected: "
CONSTRAINT = "failed to satisfy constraint: Member must"
EMPTY_KEY = "The AttributeValue for a key attribute cannot contain an empty {} value."
SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
NESTING = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
MISMATCH = "The provided key element does not match the schema"
CAPACITY = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
COLLECTION_BYTES = 10_000  # the limit of an item collection in these tests

Row = tuple[str, str, dict[str, Any], str]


def put(source: str, value: dict[str, Any], message: str) -> Row:
    """Return the row for a PutItem with this value of an attribute."""
    return source, "put_item", {"TableName": TABLE, "Item": item("a", 1, x=value)}, message


def put_item(source: str, thing: dict[str, Any], message: str) -> Row:
    return source, "put_item", {"TableName": TABLE, "Item": thing}, message


def get(source: str, message: str, **more: Any) -> Row:
    return source, "get_item", {"TableName": TABLE, "Key": key("a", 1), **more}, message


def condition(source: str, text: str, message: str, **more: Any) -> Row:
    """Return the row for a PutItem with this condition. Letters after colons are values: see _values."""
    request = {"TableName": TABLE, "Item": item("a", 1), "ConditionExpression": text, **more}
    return source, "put_item", request, f"Invalid ConditionExpression: {message}"


def values(**named: dict[str, Any]) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {f":{name}": value for name, value in named.items()}}


def update(source: str, text: str, message: str, **more: Any) -> Row:
    return source, "update_item", {"TableName": TABLE, "Key": key("a", 1), "UpdateExpression": text, **more}, message


def query(source: str, text: str | None, message: str, **more: Any) -> Row:
    request = {"TableName": TABLE, **({} if text is None else {"KeyConditionExpression": text}), **more}
    return source, "query", request, message


def scan(source: str, message: str, **more: Any) -> Row:
    return source, "scan", {"TableName": TABLE, **more}, message


def write(source: str, *writes: dict[str, Any], message: str) -> Row:
    return source, "batch_write_item", {"RequestItems": {TABLE: list(writes)}}, message


def transact(source: str, *actions: dict[str, Any], message: str, **more: Any) -> Row:
    return source, "transact_write_items", {"TransactItems": list(actions), **more}, message


def recovery(source: str, message: str, **specification: Any) -> Row:
    request = {"TableName": TABLE, "PointInTimeRecoverySpecification": specification}
    return source, "update_continuous_backups", request, message


def create(source: str, message: str, **more: Any) -> Row:
    request = {
        "TableName": "new-table",
        "AttributeDefinitions": attributes("k"),
        "KeySchema": schema("k"),
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }
    return source, "create_table", request, message


def change(source: str, message: str, **more: Any) -> Row:
    return source, "update_table", {"TableName": TABLE, **more}, message


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def schema(*names: str) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE", "RANGE")
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, kinds, strict=False)]


def index(name: str = "new-index", hash_key: str = "k", **more: Any) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": schema(hash_key), "Projection": {"ProjectionType": "ALL"}, **more}


def local(name: str = "new-local", *keys: str, **more: Any) -> dict[str, Any]:
    """Return a local index. Default keys: the partition key k and the sort key l."""
    return {
        "IndexName": name,
        "KeySchema": schema(*(keys or ("k", "l"))),
        "Projection": {"ProjectionType": "ALL"},
    } | more


def create_local(source: str, message: str, *indexes: dict[str, Any], **more: Any) -> Row:
    """Return the row for a CreateTable with the key (k, s) and these local indexes."""
    request = {"AttributeDefinitions": attributes("k", "s", "l"), "KeySchema": schema("k", "s"), **more}
    return create(source, message, LocalSecondaryIndexes=list(indexes), **request)


def many(hash_keys: str, range_keys: str = "", name: str = "many") -> dict[str, Any]:
    """Return a global index whose key attributes are the letters of two words."""
    keys = [{"AttributeName": letter, "KeyType": "HASH"} for letter in hash_keys]
    keys += [{"AttributeName": letter, "KeyType": "RANGE"} for letter in range_keys]
    return index(name, KeySchema=keys)


def create_many(source: str, message: str, of_index: dict[str, Any]) -> Row:
    """Return the row for a CreateTable with this index, whose key attributes are defined."""
    letters = dict.fromkeys(["k", *(each["AttributeName"] for each in of_index["KeySchema"])])
    return create(source, message, AttributeDefinitions=attributes(*letters), GlobalSecondaryIndexes=[of_index])


def query_many(source: str, condition: str, message: str, **more: Any) -> Row:
    """Return the row for a Query of the index with the partition key (g, h) and the sort key (a, b, c)."""
    letters = {name[1:]: S("x") for name in condition.split() if name.startswith(":")}
    request = {"TableName": "many", "IndexName": "many", "KeyConditionExpression": condition, **values(**letters)}
    return source, "query", {**request, **more}, message


def put_many(source: str, message: str, **more: Any) -> Row:
    return source, "put_item", {"TableName": "many", "Item": {"k": S("a"), **more}}, message


def include(*names: str) -> dict[str, Any]:
    return {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(names)}}


def table_put(s: int, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": item("a", s), **more}}


def deep(levels: int) -> dict[str, Any]:
    value = S("x")
    for _ in range(levels):
        value = {"M": {"m": value}}
    return value


VALUES: list[Row] = [
    put(CONFORMANCE, {"SS": []}, f"{INVALID}An string set  may not be empty"),
    put(CONFORMANCE, {"NS": []}, f"{INVALID}An number set  may not be empty"),
    put(CONFORMANCE, {"BS": []}, f"{INVALID}Binary sets should not be empty"),
    put(CONFORMANCE, {"SS": ["b", "a", "b"]}, f'{INVALID}Input collection ["a", "b", "b"] contains duplicates.'),
    put(
        CONFORMANCE,
        {"BS": [b"\xff", b"\0", b"\0"]},
        f'{INVALID}Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.',
    ),
    put(CONFORMANCE, {"NS": ["2", "1", "2.0"]}, f"{INVALID}Input collection contains duplicates."),
    put(CONFORMANCE, {"NULL": False}, f"{INVALID}Null attribute value types must have the value of true"),
    put(DYNALITE, {}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    put(DYNALITE, {"S": "a", "N": "1"}, SEVERAL),
    put(DYNALITE, {"S": "a", "N": "b"}, "The parameter cannot be converted to a numeric value: b"),
    *(
        put(CONFORMANCE, N(text), f"The parameter cannot be converted to a numeric value: {text}")
        for text in ("abc", "1.2.3", "", " 1", "1 ", "0x10", "1e", "NaN", "Infinity", "1e9223372036854775808")
    ),
    put(CONFORMANCE, {"NS": ["1", "b"]}, "The parameter cannot be converted to a numeric value: b"),
    *(
        put(
            CONFORMANCE,
            N(text),
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        )
        for text in ("1e126", "-1e99999999999", "1e2147483648", "0e126")
    ),
    *(
        put(
            CONFORMANCE,
            N(text),
            "Number underflow. Attempting to store a number with magnitude smaller than supported range",
        )
        for text in ("1e-131", "1e-99999999999", "1e-2147483648", "0e-131")
    ),
    put(CONFORMANCE, N("1" * 40), "Attempting to store more than 38 significant digits in a Number"),
    put(CONFORMANCE, deep(32), NESTING),
    put_item(CONFORMANCE, item("a", 1, **{"": S("x")}), "Empty attribute name"),
    put_item(
        LOCAL, item("a", 1, **{"x" * 65_536: S("x")}), "Attribute name is too large, must be less than 65536 bytes"
    ),
    put(CONFORMANCE, S("x" * 409_600), "Item size has exceeded the maximum allowed size"),
    update(
        CONFORMANCE,
        "SET x = :v",
        "Item size to update has exceeded the maximum allowed size",
        **values(v=S("x" * 409_600)),
    ),
]

KEYS: list[Row] = [
    put_many(
        LOCAL,
        "Aggregate size for HASH key attributes g, h of index many has exceeded limit 2048 bytes, with actual size "
        "2049 bytes",
        g=S("x" * 2000),
        h=S("x" * 49),
    ),
    put_many(
        LOCAL,
        "Aggregate size for RANGE key attributes a, c of index many has exceeded limit 1024 bytes, with actual size "
        "1025 bytes",
        a=S("x" * 1000),
        c=S("x" * 25),
    ),
    put_many(
        CONFORMANCE,
        f"{NOT_VALID}A value specified for a secondary index key is not supported. {EMPTY_KEY.format('string')} "
        "IndexName: many, IndexKey: b",
        b=S(""),
    ),
    put_item(DYNALITE, {"p": S("a")}, f"{INVALID}Missing the key s in the item"),
    put_item(CONFORMANCE, {"p": S("a"), "s": S("1")}, f"{INVALID}Type mismatch for key s expected: N actual: S"),
    put_item(CONFORMANCE, item("", 1), f"{NOT_VALID}{EMPTY_KEY.format('string')} Key: p"),
    put_item(
        DYNALITE, item("p" * 2049, 1), f"{INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes"
    ),
    (
        DYNALITE,
        "put_item",
        {"TableName": "binary", "Item": {"k": {"B": b"k"}, "s": {"B": b"s" * 1025}}},
        f"{INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
    ),
    (
        CONFORMANCE,
        "put_item",
        {"TableName": "binary", "Item": {"k": {"B": b""}, "s": {"B": b"s"}}},
        f"{NOT_VALID}{EMPTY_KEY.format('binary')} Key: k",
    ),
    put_item(
        DYNALITE,
        item("a", 1, g=N(1)),
        f"{INVALID}Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g",
    ),
    put_item(
        CONFORMANCE,
        item("a", 1, g=S("")),
        f"{NOT_VALID}A value specified for a secondary index key is not supported. {EMPTY_KEY.format('string')} "
        "IndexName: by-g, IndexKey: g",
    ),
    update(
        CONFORMANCE,
        "SET g = :v",
        f"{NOT_VALID}The update expression attempted to update a secondary index key to a value that is not supported. "
        + EMPTY_KEY.format("string"),
        **values(v=S("")),
    ),
    get(CONFORMANCE, MISMATCH, Key={"p": S("a")}),
    get(CONFORMANCE, "Requested resource not found", TableName="nowhere"),
]

CONSTRAINTS: list[Row] = [
    get(
        CONFORMANCE,
        f"{ONE}Value 'ab' at 'tableName' {CONSTRAINT} have length greater than or equal to 3",
        TableName="ab",
    ),
    get(
        CONFORMANCE,
        f"{ONE}Value 'bad table!@#' at 'tableName' {CONSTRAINT} satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        TableName="bad table!@#",
    ),
    get(
        CONFORMANCE,
        f"{ONE}Value '{'a' * 256}' at 'tableName' {CONSTRAINT} have length less than or equal to 255",
        TableName="a" * 256,
    ),
    get(
        DYNALITE,
        f"2 validation errors detected: Value 'a;' at 'tableName' {CONSTRAINT} satisfy regular expression pattern: "
        f"[a-zA-Z0-9_.-]+; Value 'a;' at 'tableName' {CONSTRAINT} have length greater than or equal to 3",
        TableName="a;",
    ),
    query(
        DYNALITE,
        "p = :p",
        f"{ONE}Value 'abc;' at 'indexName' {CONSTRAINT} satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        IndexName="abc;",
        ExpressionAttributeValues=P,
    ),
    query(
        CONFORMANCE,
        "p = :p",
        f"{ONE}Value 'X' at 'select' {CONSTRAINT} satisfy enum value set: "
        "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]",
        Select="X",
        ExpressionAttributeValues=P,
    ),
    (
        CONFORMANCE,
        "delete_item",
        {"TableName": TABLE, "Key": key("a", 1), "ReturnValues": "BOGUS"},
        f"{ONE}Value 'BOGUS' at 'returnValues' {CONSTRAINT} satisfy enum value set: "
        "[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
    ),
    (
        CONFORMANCE,
        "delete_item",
        {"TableName": TABLE, "Key": key("a", 1), "ReturnValues": "ALL_NEW"},
        "ReturnValues can only be ALL_OLD or NONE",
    ),
    (
        "dynalite",
        "list_tables",
        {"Limit": 101},
        f"{ONE}Value '101' at 'limit' {CONSTRAINT} have value less than or equal to 100",
    ),
    transact(
        CONFORMANCE,
        *(table_put(s) for s in range(101)),
        message=f"{ONE}Value at 'TransactItems' {CONSTRAINT} have length less than or equal to 100",
    ),
    transact(
        CONFORMANCE,
        table_put(1),
        ClientRequestToken="x" * 37,
        ReturnConsumedCapacity="BOGUS",
        message=f"2 validation errors detected: Value '{'x' * 37}' at 'clientRequestToken' {CONSTRAINT} have length "
        f"less than or equal to 36; Value 'BOGUS' at 'returnConsumedCapacity' {CONSTRAINT} satisfy enum value set: "
        "[INDEXES, TOTAL, NONE]",
    ),
    create(
        CONFORMANCE,
        f"{ONE}Value 'X' at 'attributeDefinitions.1.member.attributeType' {CONSTRAINT} satisfy enum value set: "
        "[B, N, S]",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "X"}],
    ),
    create(
        CONFORMANCE,
        f"{ONE}Value 'X' at 'keySchema.1.member.keyType' {CONSTRAINT} satisfy enum value set: [HASH, RANGE]",
        KeySchema=[{"AttributeName": "k", "KeyType": "X"}],
    ),
    create(
        DYNALITE,
        f"{ONE}Value 'a b' at 'globalSecondaryIndexes.1.member.indexName' {CONSTRAINT} satisfy regular expression "
        "pattern: [a-zA-Z0-9_.-]+",
        GlobalSecondaryIndexes=[index("a b")],
    ),
    create(
        CONFORMANCE,  # shows the content of the list, in two notations
        f"{ONE}Value at 'KeySchema' {CONSTRAINT} have length less than or equal to 2",
        KeySchema=schema("k", "s", "t"),
    ),
    create(
        QUIRKS,
        f"{ONE}Value at 'GlobalSecondaryIndexes.1.member.Projection.NonKeyAttributes' {CONSTRAINT} have length less "
        "than or equal to 20",
        GlobalSecondaryIndexes=[index(**include(*map(str, range(21))))],
    ),
]

EXPRESSIONS: list[Row] = [
    condition(CONFORMANCE, "", "The expression can not be empty;"),
    condition(CONFORMANCE, "a = = b", 'Syntax error; token: "=", near: "= = b"'),
    condition(CONFORMANCE, "attribute_not_exists(", 'Syntax error; token: "<EOF>", near: "("'),
    condition(CONFORMANCE, "a" * 4097, "Expression size has exceeded the maximum allowed size; expression size: 4097"),
    update(
        CONFORMANCE,
        "SET " + "a" * 4097,
        "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;",
    ),
    condition(CONFORMANCE, "((attribute_exists(a)))", "The expression has redundant parentheses;"),
    condition(UNKNOWN, "NOT (" * 200 + "a = b" + ")" * 200, "The expression is nested too deeply;"),
    condition(LOCAL, " AND ".join(["a = b"] * 151), "The expression contains too many operators; operator count: 301"),
    condition(
        LOCAL,
        f"a IN ({', '.join(['b'] * 101)})",
        "The IN operator is provided with too many operands; number of operands: 101",
    ),
    condition(QUOTED, "name = a", "Attribute name is a reserved keyword; reserved keyword: name"),
    condition(LOCAL, "foo(a)", "Invalid function name; function: foo"),
    condition(
        LOCAL, "if_not_exists(a, b)", "The function is not allowed in a condition expression; function: if_not_exists"
    ),
    condition(LOCAL, "size(a)", "The function is not allowed to be used this way in an expression; function: size"),
    condition(
        LOCAL,
        "attribute_exists(a, b)",
        "Incorrect number of operands for operator or function; operator or function: attribute_exists, "
        "number of operands: 2",
    ),
    condition(UNKNOWN, "a[99999999999] = b", "List index is not within the allowable range; index: [99999999999]"),
    condition(
        ALTERNATOR,
        ".".join("a" * 33) + " = b",
        "The document path has too many nesting levels; nesting levels: 33",
    ),
    condition(
        CONFORMANCE,
        "contains(a, a)",
        "The first operand must be distinct from the remaining operands for this operator or function; "
        "operator: contains, first operand: [a]",
    ),
    condition(
        CONFORMANCE,
        "begins_with(a, :n)",
        "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        **values(n=N(1)),
    ),
    condition(
        UNKNOWN,
        "attribute_type(a, b)",
        "Incorrect operand type for operator or function; operator or function: attribute_type, "
        "operand type: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}",
    ),
    condition(
        LOCAL,
        "attribute_type(a, :t)",
        "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}",
        **values(t=S("X")),
    ),
    condition(
        LOCAL,
        "attribute_exists(:v)",
        "Operator or function requires a document path; operator or function: attribute_exists",
        **values(v=S("X")),
    ),
    condition(
        LOCAL,  # it shows binary values as Java does
        "a BETWEEN :b AND :a",
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
        "lower bound operand: AttributeValue: {B:/w==}, upper bound operand: AttributeValue: {B:AA==}",
        **values(a={"B": b"\0"}, b={"B": b"\xff"}),
    ),
    condition(
        LOCAL,
        "a BETWEEN :b AND :a",
        "The BETWEEN operator requires same data type for lower and upper bounds; "
        "lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}",
        **values(a=S("a"), b=N(1)),
    ),
    condition(
        CONFORMANCE,
        "a = :v",
        "An expression attribute value used in expression is not defined; attribute value: :v",
    ),
    condition(
        CONFORMANCE,
        "#a = b",
        "An expression attribute name used in the document path is not defined; attribute name: #a",
    ),
    (
        CONFORMANCE,
        "put_item",
        {"TableName": TABLE, "Item": item("a", 1), **values(v=S("x"))},
        "ExpressionAttributeValues can only be specified when using expressions",
    ),
    (
        CONFORMANCE,
        "put_item",
        {"TableName": TABLE, "Item": item("a", 1), "ExpressionAttributeNames": {"#a": "a"}},
        "ExpressionAttributeNames can only be specified when using expressions",
    ),
    update(CONFORMANCE, "REMOVE a", "ExpressionAttributeValues must not be empty", ExpressionAttributeValues={}),
    update(CONFORMANCE, "REMOVE a", "ExpressionAttributeNames must not be empty", ExpressionAttributeNames={}),
    update(
        CONFORMANCE,
        "REMOVE a",
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}",
        **values(v=S("x")),
    ),
    update(
        DYNALITE,
        "REMOVE a",
        'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"',
        ExpressionAttributeValues={"v": S("x")},
    ),
    update(
        DYNALITE,
        "REMOVE a",
        'ExpressionAttributeNames contains invalid key: Syntax error; key: "n"',
        ExpressionAttributeNames={"n": "x"},
    ),
    update(
        UNKNOWN,
        "REMOVE #n",
        "ExpressionAttributeNames contains invalid value: Empty attribute name for key #n",
        ExpressionAttributeNames={"#n": ""},
    ),
    update(
        LOCAL,
        "REMOVE #n",
        "ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than 65536 bytes "
        "for key #n",
        ExpressionAttributeNames={"#n": "x" * 65_536},
    ),
    update(
        CONFORMANCE,
        "SET a = :v",
        "The parameter cannot be converted to a numeric value: abc",
        **values(v=N("abc")),
    ),
    update(
        CONFORMANCE,
        "SET p = :v",
        f"{INVALID}Cannot update attribute p. This attribute is part of the key",
        **values(v=S("x")),
    ),
    update(
        UNKNOWN,
        "SET g.x = :v",
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g",
        **values(v=S("x")),
    ),
    update(
        LOCAL,
        "REMOVE a REMOVE b",
        'Invalid UpdateExpression: The "REMOVE" section can only be used once in an update expression;',
    ),
    update(
        CONFORMANCE,
        "REMOVE a, a.b",
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these "
        "paths; path one: [a], path two: [a, b]",
    ),
    update(
        DOCUMENTATION,
        "SET a = nothing",
        "The provided expression refers to an attribute that does not exist in the item",
    ),
    update(DOCUMENTATION, "SET a = p + s", "An operand in the update expression has an incorrect data type"),
    update(DOCUMENTATION, "SET a.b = s", "The document path provided in the update expression is invalid for update"),
    update(
        QUOTED,
        "ADD a :v",
        "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, "
        "operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        **values(v=S("x")),
    ),
    update(
        LOCAL,
        "SET a = :v + s",
        "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, "
        "operand type: S",
        **values(v=S("x")),
    ),
    update(
        LOCAL,
        "SET a = if_not_exists(:v, s)",
        "Invalid UpdateExpression: Operator or function requires a document path; operator or function: if_not_exists",
        **values(v=S("x")),
    ),
    (
        CONFORMANCE,
        "put_item",
        {"TableName": TABLE, "Item": item("a", 1), "ConditionExpression": "attribute_not_exists(p)"},
        "The conditional request failed",
    ),
]

PAGES: list[Row] = [
    query(
        DYNALITE, None, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    ),
    query(CONFORMANCE, "s = :p", "Query condition missed key schema element: p", ExpressionAttributeValues=P),
    query(
        CONFORMANCE,
        "p = :p AND s > :p AND s < :p",
        "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
        ExpressionAttributeValues=P,
    ),
    query(
        CONFORMANCE,
        "p = :p AND s > :p AND extra = :p",
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)",
        ExpressionAttributeValues=P,
    ),
    query(
        CONFORMANCE,
        "p = :p AND begins_with(s, :n)",
        "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
        "begins_with, operand type: N",
        **values(p=S("a"), n=N(1)),
    ),
    query(
        CONFORMANCE,
        "p = :p AND s = :p",
        f"{INVALID}Condition parameter type does not match schema type",
        ExpressionAttributeValues=P,
    ),
    query(QUOTED, "p > :p", "Query key condition not supported", ExpressionAttributeValues=P),
    query(
        DYNALITE,
        "p = :p AND size(s) = :n",
        "KeyConditionExpressions cannot contain nested operations",
        **values(p=S("a"), n=N(1)),
    ),
    query(
        UNKNOWN,
        "p = s",
        "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
    ),
    query(
        UNKNOWN,
        ":p = :p",
        "Invalid condition in KeyConditionExpression: No key attribute specified",
        ExpressionAttributeValues=P,
    ),
    query(
        UNKNOWN,
        "begins_with(:p, p)",
        "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute first",
        ExpressionAttributeValues=P,
    ),
    query(
        DYNALITE,
        "p <> :p",
        "Invalid operator used in KeyConditionExpression: <>",
        ExpressionAttributeValues=P,
    ),
    query(
        DYNALITE,
        "p = :p",
        "The table does not have the specified index: none",
        IndexName="none",
        ExpressionAttributeValues=P,
    ),
    query(
        DYNALITE,
        "p = :p",
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: s",
        FilterExpression="attribute_exists(s)",
        ExpressionAttributeValues=P,
    ),
    query(
        CONFORMANCE,
        "p = :p",
        "The provided starting key is invalid",
        ExclusiveStartKey={"bad": S("a")},
        ExpressionAttributeValues=P,
    ),
    query(
        DYNALITE,
        "p = :p",
        "The provided starting key is outside query boundaries based on provided conditions",
        ExclusiveStartKey=key("b", 1),
        ExpressionAttributeValues=P,
    ),
    scan(CONFORMANCE, "The provided starting key is invalid", ExclusiveStartKey={"bad": S("a")}),
    scan(
        CONFORMANCE,
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
        TotalSegments=4,
    ),
    scan(
        CONFORMANCE,
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        Segment=0,
    ),
    scan(
        CONFORMANCE,
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: 5 is not less than TotalSegments: 5",
        Segment=5,
        TotalSegments=5,
    ),
    scan(
        DYNALITE,
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
        "Segment. TotalSegments: 1000000 Segment: 0",
        Segment=0,
        TotalSegments=1_000_000,
        ExclusiveStartKey=key("a", 1),
    ),
    scan(
        CONFORMANCE,
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        Select="SPECIFIC_ATTRIBUTES",
    ),
    scan(
        UNKNOWN,
        "Cannot specify the ProjectionExpression when choosing to get only the Count",
        Select="COUNT",
        ProjectionExpression="p",
    ),
    scan(
        CONFORMANCE,
        "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        Select="ALL_PROJECTED_ATTRIBUTES",
    ),
    scan(
        CONFORMANCE,
        "Consistent reads are not supported on global secondary indexes",
        IndexName="by-g",
        ConsistentRead=True,
    ),
    scan(
        DYNALITE,
        f"{INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index keys-g because its "
        "projection type is not ALL",
        IndexName="keys-g",
        Select="ALL_ATTRIBUTES",
    ),
    scan(
        DYNALITE,
        f"{INVALID}Global secondary index keys-g does not project [x]",
        IndexName="keys-g",
        ProjectionExpression="x",
    ),
    *[
        query_many(
            CONFORMANCE,
            f"g = :g AND h = :h AND {condition}",
            f"RANGE key attributes {without} must have equality conditions specified in the query because a condition "
            f"is present on key attribute {last}",
        )
        for condition, without, last in (
            ("b = :b", "a", "b"),
            ("c > :c", "a, b", "c"),
            ("a > :a AND b = :b", "a", "b"),
            ("a = :a AND c = :c", "b", "c"),
        )
    ],
    *[
        query_many(
            LOCAL, condition, f"HASH key attributes {without} must have equality conditions specified in the query"
        )
        for condition, without in (("g = :g", "h"), ("g = :g AND h > :h", "h"), ("a = :a", "g, h"))
    ],
    query_many(
        LOCAL,
        "g = :g AND h = :h",
        "Aggregate size for HASH key attributes h of index many has exceeded limit 2048 bytes, with actual size 2049 "
        "bytes",
        **values(g=S("x"), h=S("x" * 2049)),
    ),
    query_many(LOCAL, "g = :g AND h = :h AND k = :k", "Query condition missed key schema element: a"),
    query_many(
        LOCAL,
        "g = :g AND h = :h",
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: b",
        FilterExpression="attribute_exists(b)",
    ),
    query_many(
        LOCAL,
        "g = :g AND h = :h",
        "The provided starting key is invalid",
        ExclusiveStartKey={name: S("x") for name in "kghab"},
    ),
    (
        LOCAL,
        "scan",
        {"TableName": "local", "IndexName": "by-l", "FilterExpression": "attribute_exists(x)"},
        f"{INVALID}Secondary index by-l does not project one or more filter attributes: [x]",
    ),
    scan(
        CONFORMANCE,
        f"{INVALID}Secondary index keys-g does not project one or more filter attributes: [x]",
        IndexName="keys-g",
        FilterExpression="attribute_exists(x)",
    ),
]

NAMES = "[Member must have length less than or equal to 255, Member must have length greater than or equal to 3, "

BATCHES: list[Row] = [
    (
        DOCUMENTATION,
        "put_item",
        {"TableName": "local", "Item": {"k": S("a"), "s": S("b"), "x": S("x" * COLLECTION_BYTES)}},
        "Collection size exceeded.",
    ),
    (
        CONFORMANCE,
        "batch_get_item",
        {"RequestItems": {}},
        f"{ONE}Value at 'RequestItems' {CONSTRAINT} have length greater than or equal to 1",
    ),
    (
        CONFORMANCE,
        "batch_write_item",
        {"RequestItems": {}},
        f"{ONE}Value at 'RequestItems' {CONSTRAINT} have length greater than or equal to 1",
    ),
    (
        CONFORMANCE,
        "batch_get_item",
        {"RequestItems": {"bad!name": {"Keys": [{"pk": S("a")}]}}},
        f'{ONE}Value \'{{"bad!name":{{"Keys":[{{"pk":{{"S":"a"}}}}]}}}}\' at \'requestItems\' failed to satisfy '
        f"constraint: Map keys must satisfy constraint: {NAMES}Member must satisfy regular expression pattern: "
        "[a-zA-Z0-9_.-]+]",
    ),
    (
        CONFORMANCE,
        "batch_get_item",
        {"RequestItems": {TABLE: {"Keys": [key("a", s) for s in range(101)]}}},
        f"{ONE}Value at 'RequestItems.{TABLE}.member.Keys' {CONSTRAINT} have length less than or equal to 100",
    ),
    (
        DOCUMENTATION,
        "batch_get_item",
        {"RequestItems": {name: {"Keys": [key("a", s) for s in range(51)]} for name in (TABLE, "other")}},
        "Too many items requested for the BatchGetItem call",
    ),
    write(
        CONFORMANCE,
        *({"DeleteRequest": {"Key": key("a", s)}} for s in range(26)),
        message=f"{ONE}Value at 'RequestItems.{TABLE}.member' {CONSTRAINT} have length less than or equal to 25",
    ),
    write(
        CONFORMANCE,
        {"DeleteRequest": {"Key": key("a", 1)}},
        {"PutRequest": {"Item": item("a", 1)}},
        message="Provided list of item keys contains duplicates",
    ),
    write(CONFORMANCE, {"PutRequest": {"Item": {"p": N(5), "s": N(5)}}}, message=MISMATCH),
    write(CONFORMANCE, {"PutRequest": {"Item": {"other": S("x")}}}, message=MISMATCH),
    write(CONFORMANCE, {"DeleteRequest": {"Key": {"other": S("x")}}}, message=MISMATCH),
    write(DYNALITE, {}, message=SEVERAL),
    transact(
        CONFORMANCE,
        table_put(1),
        {"Delete": {"TableName": TABLE, "Key": key("a", 1)}},
        message="Transaction request cannot include multiple operations on one item",
    ),
    transact(
        CONFORMANCE,
        table_put(2),
        table_put(1, ConditionExpression="attribute_not_exists(p)"),
        message="Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, ConditionalCheckFailed]",
    ),
    transact(
        MOTO,
        {**table_put(1), "Delete": {"TableName": TABLE, "Key": key("a", 1)}},
        message="TransactItems can only contain one of Check, Put, Update or Delete",
    ),
    transact(
        LOCAL,
        {},
        message="Invalid Request: TransactWriteRequest should contain Delete or Put or Update request",
    ),
    transact(
        LOCAL,
        *({"Put": {"TableName": TABLE, "Item": item("a", s, x=S("x" * 409_000))}} for s in range(1, 12)),
        message=f"Transaction payload size cannot exceed 4MB. Payload Size: {11 * (409_000 + 6)}",
    ),
    transact(
        UNKNOWN,  # the message of DynamoDB Local is empty
        table_put(3),
        ClientRequestToken="used",
        message="The parameters of this request do not match those of the request that used this token before",
    ),
]

TABLES: list[Row] = [
    (DYNALITE, "describe_table", {"TableName": "nowhere"}, "Requested resource not found: Table: nowhere not found"),
    create(DYNALITE, f"Table already exists: {TABLE}", TableName=TABLE),
    create(
        CONFORMANCE,
        "Invalid KeySchema: Some index key attribute have no definition",
        KeySchema=schema("k", "k"),
    ),
    create(
        QUIRKS,
        "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        KeySchema=schema("k", "k"),
        AttributeDefinitions=attributes("k", "h"),
        GlobalSecondaryIndexes=[index(hash_key="h")],
    ),
    create(
        QUIRKS,
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        KeySchema=schema("k", "k")[1:],
    ),
    create(
        QUIRKS,
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        KeySchema=[*schema("k"), *schema("h")],
        AttributeDefinitions=attributes("k", "h"),
    ),
    create(
        QUIRKS,
        f"{INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [h], "
        "AttributeDefinitions: [k]",
        GlobalSecondaryIndexes=[index(hash_key="h")],
    ),
    create(
        QUIRKS,
        f"{INVALID}Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions",
        AttributeDefinitions=attributes("k", "h"),
    ),
    create(
        QUIRKS,
        f"{INVALID}Some AttributeDefinitions are not used. AttributeDefinitions: [k, h], keys used: [k]",
        AttributeDefinitions=attributes("k", "h"),
        GlobalSecondaryIndexes=[index()],
    ),
    create(QUIRKS, "Attribute Name is duplicated: k", AttributeDefinitions=attributes("k", "k")),
    create(QUIRKS, f"{INVALID}List of GlobalSecondaryIndexes is empty", GlobalSecondaryIndexes=[]),
    create(
        QUIRKS,
        f"{INVALID}GlobalSecondaryIndex count exceeds the per-table limit of 20",
        GlobalSecondaryIndexes=[index(f"index-{number}") for number in range(21)],
    ),
    create(
        CONFORMANCE,
        f"{INVALID}Duplicate index name: new-index",
        GlobalSecondaryIndexes=[index(), index()],
    ),
    create(
        UNKNOWN,
        f"{INVALID}Number of projected attributes exceeds the per-table limit of 100",
        GlobalSecondaryIndexes=[index(f"index-{number}", **include(*map(str, range(17)))) for number in range(6)],
    ),
    create(QUIRKS, f"{INVALID}List of LocalSecondaryIndexes is empty", LocalSecondaryIndexes=[]),
    create_local(
        QUIRKS,
        f"{INVALID}Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        local(),
        AttributeDefinitions=attributes("k", "l"),
        KeySchema=schema("k"),
    ),
    create_local(
        QUIRKS,
        f"{INVALID}Index KeySchema does not have a range key for index: new-local",
        local("new-local", "k"),
        local("other"),
    ),
    create_local(
        QUIRKS,
        f"{INVALID}Index KeySchema does not have the same leading hash key as table KeySchema for index: new-local. "
        "index hash key: l, table hash key: k",
        local("new-local", "l", "s"),
    ),
    create_local(
        QUIRKS,
        f"{ONE}Value at 'LocalSecondaryIndexes.1.member.KeySchema' {CONSTRAINT} have length less than or equal to 2",
        local("new-local", "k", "l", "s"),
    ),
    create_local(
        QUIRKS,
        f"{INVALID}Number of LocalSecondaryIndexes exceeds per-table limit of 5",
        *[local(f"local-{number}") for number in range(6)],
    ),
    create_local(QUIRKS, f"{INVALID}Duplicate index name: new-local", local(), local()),
    create_local(
        QUIRKS,
        f"{INVALID}Duplicate index name: new-local",
        local(),
        GlobalSecondaryIndexes=[index("new-local")],
    ),
    create_local(DYNALITE, f"{INVALID}Unknown ProjectionType: null", local(Projection={})),
    *[
        (
            QUIRKS,
            "update_table",
            {"TableName": "local", "GlobalSecondaryIndexUpdates": [{kind: {"IndexName": "by-l"}}]},
            f"Cannot {kind.lower()} an index that is not a GlobalSecondaryIndex: by-l",
        )
        for kind in ("Delete", "Update")
    ],
    *[
        create_many(
            QUIRKS, f"{INVALID}The KeySchema exceeds the maximum allowed number of {kind} key attributes", of_index
        )
        for kind, of_index in (("HASH", many("abcde")), ("RANGE", many("a", "bcdef")))
    ],
    create_many(
        QUIRKS,
        f"{INVALID}All HASH key attributes must precede RANGE key attributes in the KeySchema",
        {**many("ab"), "KeySchema": [*many("a", "b")["KeySchema"], *many("c")["KeySchema"]]},
    ),
    create_many(QUIRKS, "The KeySchema contains multiple key attributes with the same name", many("ab", "b")),
    create_many(QUIRKS, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type", many("", "ab")),
    create(QUIRKS, f"{INVALID}Unknown ProjectionType: null", GlobalSecondaryIndexes=[index(Projection={})]),
    create(
        CONFORMANCE,
        f"{INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
        GlobalSecondaryIndexes=[index(Projection={"ProjectionType": "INCLUDE"})],
    ),
    create(
        QUIRKS,
        f"{INVALID}ProjectionType is ALL, but NonKeyAttributes is specified",
        GlobalSecondaryIndexes=[index(Projection={"ProjectionType": "ALL", "NonKeyAttributes": ["x"]})],
    ),
    *(
        create(
            QUIRKS,
            f"{INVALID}Duplicate element in NonKeyAttributes: x",
            GlobalSecondaryIndexes=[index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": names})],
        )
        for names in (["x", "x"], ["a", "x", "b", "x"])
    ),
    create(
        CONFORMANCE,
        f"{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST",
        ProvisionedThroughput=CAPACITY,
    ),
    create(
        QUIRKS,
        f"{INVALID}ProvisionedThroughput should not be specified for index: new-index when BillingMode is "
        "PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[index(ProvisionedThroughput=CAPACITY)],
    ),
    create(
        QUIRKS,
        f"{INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        BillingMode="PROVISIONED",
    ),
    create(
        QUIRKS,
        f"{INVALID}ProvisionedThroughput is not specified for index: new-index",
        BillingMode="PROVISIONED",
        ProvisionedThroughput=CAPACITY,
        GlobalSecondaryIndexes=[index()],
    ),
    change(
        QUIRKS,
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
        "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
        "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required",
    ),
    change(
        QUIRKS,
        f"{INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
        BillingMode="PROVISIONED",
    ),
    change(
        QUIRKS,
        f"{INVALID}ProvisionedThroughput must be specified for index: by-g,keys-g",
        BillingMode="PROVISIONED",
        ProvisionedThroughput=CAPACITY,
    ),
    change(
        QUIRKS,
        f"{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: by-g when BillingMode "
        "is PAY_PER_REQUEST",
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-g", "ProvisionedThroughput": CAPACITY}}],
    ),
    change(
        QUIRKS,
        f"{INVALID}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must not be null",
        GlobalSecondaryIndexUpdates=[{}],
    ),
    change(
        QUIRKS,
        f"{INVALID}Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}, "Create": index(hash_key="g")}],
    ),
    change(
        DYNALITE,
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}} for name in ("by-g", "keys-g")],
    ),
    change(
        QUIRKS,
        "Attempting to create an index which already exists",
        GlobalSecondaryIndexUpdates=[{"Create": index("by-g", "g")}],
    ),
    change(
        UNKNOWN,
        "invalid attribute, SchemaElement redefined should be of same type as previously defined",
        GlobalSecondaryIndexUpdates=[{"Create": index(hash_key="s")}],
        AttributeDefinitions=attributes("s"),
    ),
    create(
        QUIRKS,
        f"{INVALID}Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range",
        OnDemandThroughput={"MaxReadRequestUnits": 0},
    ),
    change(
        QUIRKS,
        f"{INVALID}Requested MaxWriteRequestUnits for OnDemandThroughput for index : by-g is outside of valid range",
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": "by-g", "OnDemandThroughput": {"MaxWriteRequestUnits": 0}}}
        ],
    ),
    (
        QUIRKS,
        "update_table",
        {"TableName": "binary", "OnDemandThroughput": {"MaxReadRequestUnits": 1}},
        f"{INVALID}MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is "
        "PROVISIONED",
    ),
    create(
        QUIRKS,
        f"{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput for "
        "OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
        "#on-demand-capacity-mode-initial",
        WarmThroughput={"ReadUnitsPerSecond": 1, "WriteUnitsPerSecond": 1},
    ),
    create(
        QUIRKS,
        f"{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ReadCapacityUnits of "
        "ProvisionedThroughput",
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 10},
        WarmThroughput={"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 10},
    ),
    change(
        QUIRKS,
        f"{INVALID}Requested WriteUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, "
        "decreasing WarmThroughput is not supported",
        WarmThroughput={"WriteUnitsPerSecond": 2000},
    ),
    change(
        QUIRKS,
        f"{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for index by-g is lower than current "
        "WarmThroughput, decreasing WarmThroughput is not supported",
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-g", "WarmThroughput": {"ReadUnitsPerSecond": 100}}}],
    ),
    change(
        QUIRKS,
        f"{INVALID}WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for "
        "index: ghost",
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "ghost", "WarmThroughput": {}}}],
    ),
    *[
        change(
            QUIRKS,
            f"{INVALID}{subject} must be the only operation in the request",
            BillingMode="PAY_PER_REQUEST",
            **settings,
        )
        for subject, settings in (
            ("TableClass modification", {"TableClass": "STANDARD", "DeletionProtectionEnabled": True}),
            ("DeletionProtection modification", {"DeletionProtectionEnabled": True}),
            ("WarmThroughput", {"WarmThroughput": {"ReadUnitsPerSecond": 13_000}}),
        )
    ],
    (
        QUOTED,
        "delete_table",
        {"TableName": "protected"},
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    ),
    recovery(
        QUIRKS,
        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
        PointInTimeRecoveryEnabled=False,
        RecoveryPeriodInDays=7,
    ),
    recovery(
        QUIRKS,
        f"{ONE}Value '36' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' {CONSTRAINT} "
        "have value less than or equal to 35",
        PointInTimeRecoveryEnabled=True,
        RecoveryPeriodInDays=36,
    ),
    (QUIRKS, "describe_continuous_backups", {"TableName": "none"}, "Table not found: none"),
    (UNKNOWN, "list_backups", {"TableName": TABLE}, "A database in memory has no backups"),
    (
        QUIRKS,
        "update_table",
        {"TableName": "binary", "ProvisionedThroughput": CAPACITY},
        "The provisioned throughput for the table will not change. The requested value equals the current value. "
        "Current ReadCapacityUnits provisioned for the table: 1. Requested ReadCapacityUnits: 1. "
        "Current WriteCapacityUnits provisioned for the table: 1. Requested WriteCapacityUnits: 1. "
        "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
    ),
]

IMAGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
NO_STREAM = f"arn:aws:dynamodb:embedded:000000000000:table/{TABLE}/stream/2026-11-23T12:00:00.000"
SHARD = {"StreamArn": NO_STREAM, "ShardId": "shardId-00000001800000000000-00000001", "ShardIteratorType": "LATEST"}

STREAMS: list[Row] = [
    change(QUIRKS, f"Table has no stream to disable: TableName: {TABLE}", StreamSpecification={"StreamEnabled": False}),
    (
        QUIRKS,
        "update_table",
        {"TableName": "streaming", "StreamSpecification": IMAGES},
        "Table already has an enabled stream: TableName: streaming",
    ),
    *(
        method(
            source,
            f"{INVALID}If stream is being {message}",
            StreamSpecification=specification,
        )
        for method, source in ((change, QUIRKS), (create, UNKNOWN))
        for message, specification in (
            ("enabled then UpdateViewType is required", {"StreamEnabled": True}),
            ("disabled, then UpdateViewType must not be specified", IMAGES | {"StreamEnabled": False}),
        )
    ),
    *[
        change(QUIRKS, f"{INVALID}{message}", OnDemandThroughput={"MaxReadRequestUnits": 9}, **others)
        for message, others in (
            *(
                ("OnDemandThroughput can only be combined with BillingMode in an UpdateTable request", others)
                for others in (
                    {"StreamSpecification": IMAGES},
                    {"WarmThroughput": {"ReadUnitsPerSecond": 13_000}},
                    {"StreamSpecification": IMAGES, "BillingMode": "PAY_PER_REQUEST"},
                )
            ),
            (
                "DeletionProtection modification must be the only operation in the request",
                {"DeletionProtectionEnabled": True, "StreamSpecification": IMAGES},
            ),
        )
    ],
    change(
        QUIRKS,
        f"{INVALID}You cannot modify stream status while updating table IOPS",
        StreamSpecification=IMAGES,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=CAPACITY,
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": name, "ProvisionedThroughput": CAPACITY}} for name in ("by-g", "keys-g")
        ],
    ),
    change(
        QUIRKS,
        f"{INVALID}You cannot create or delete index while changing stream status",
        StreamSpecification=IMAGES,
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}],
    ),
    (
        QUOTED,
        "describe_stream",
        {"StreamArn": NO_STREAM},
        f"Requested resource not found: Stream: {NO_STREAM} not found",
    ),
    # Quoted in the tests of aws/aws-sdk-js, which run on AWS.
    (QUOTED, "describe_stream", {"StreamArn": "x" * 40}, "Invalid StreamArn"),
    *(
        (LOCAL, method, request, f"{INVALID}Limit cannot be greater than the maximum: 100")
        for method, request in (("list_streams", {"Limit": 101}), ("describe_stream", {**SHARD, "Limit": 101}))
        for request in [{name: value for name, value in request.items() if not name.startswith("Shard")}]
    ),
    *(
        (LOCAL, "get_shard_iterator", SHARD | more, f"{INVALID}{message}")
        for message, more in (
            ("SequenceNumber should not be passed for this iterator type", {"SequenceNumber": "1" * 21}),
            ("Timestamp should not be passed for this iterator type", {"Timestamp": 1}),
            ("Invalid SequenceNumber", {"ShardIteratorType": "AT_SEQUENCE_NUMBER"}),
            ("Invalid SequenceNumber", {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "x" * 21}),
            ("Invalid Timestamp", {"ShardIteratorType": "AT_TIMESTAMP"}),
        )
    ),
    (LOCAL, "get_records", {"ShardIterator": "x"}, "Invalid ShardIterator"),
    (
        LOCAL,
        "get_records",
        {"ShardIterator": "x", "Limit": 1001},
        f"{INVALID}Limit should be less than or equal to 1000",
    ),
    (
        DOCUMENTATION,
        "get_records",
        {"ShardIterator": f"{NO_STREAM}|1|1"},
        "The provided iterator exceeds the maximum age allowed.",
    ),
]

# Messages that need a stream with records: in test_streams.py.
OF_SHARDS = (
    "Shard does not exist",  # LOCAL
    "Invalid SequenceNumber for the shard",  # LOCAL
    "The data you are trying to access has been trimmed",  # QUOTED: ironSource/node-dynamodb-stream, issue 13
)

ARN = f"arn:aws:dynamodb:embedded:000000000000:table/{TABLE}/backup/"


def time_to_live(source: str, message: str, table: str = TABLE, **specification: Any) -> Row:
    return source, "update_time_to_live", {"TableName": table, "TimeToLiveSpecification": specification}, message


TABLE_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/"

SETTINGS = [
    time_to_live(QUIRKS, "TimeToLive is already disabled", Enabled=False, AttributeName="x"),
    time_to_live(QUOTED, "TimeToLive is already enabled", "expiring", Enabled=True, AttributeName="ttl"),
    *[
        time_to_live(
            source,
            "TimeToLive is active on a different AttributeName: current AttributeName is ttl",
            "expiring",
            Enabled=enabled,
            AttributeName="x",
        )
        for source, enabled in ((QUIRKS, False), (QUOTED, True))
    ],
    time_to_live(
        QUIRKS,
        f"{ONE}Value '{'x' * 256}' at 'timeToLiveSpecification.attributeName' {CONSTRAINT} "
        "have length less than or equal to 255",
        Enabled=True,
        AttributeName="x" * 256,
    ),
    (
        CONFORMANCE,
        "describe_time_to_live",
        {"TableName": "nowhere"},
        "Requested resource not found: Table: nowhere not found",
    ),
    (
        ALTERNATOR,
        "list_tags_of_resource",
        {"ResourceArn": f"{TABLE_ARN}{TABLE}/index/by-g"},
        f"Invalid TableArn: Invalid ResourceArn provided as input {TABLE_ARN}{TABLE}/index/by-g",
    ),
    (
        DYNALITE,
        "tag_resource",
        {"ResourceArn": f"{TABLE_ARN}{TABLE}", "Tags": []},
        "Atleast one Tag needs to be provided as Input.",
    ),
    (
        DYNALITE,
        "untag_resource",
        {"ResourceArn": f"{TABLE_ARN}{TABLE}", "TagKeys": []},
        "Atleast one Tag Key needs to be provided as Input.",
    ),
    (
        DYNALITE,
        "list_tags_of_resource",
        {"ResourceArn": f"{TABLE_ARN}nowhere"},
        f"Requested resource not found: ResourcArn: {TABLE_ARN}nowhere not found",
    ),
    (
        UNKNOWN,
        "list_tags_of_resource",
        {"ResourceArn": f"{TABLE_ARN}{TABLE}", "NextToken": "x"},
        "Invalid NextToken",
    ),
    create(
        UNKNOWN,
        f"{INVALID}Too many tags: a table can have up to 50",
        Tags=[{"Key": f"k{number}", "Value": ""} for number in range(51)],
    ),
]

# On a file with the backup one, which lacks the table later. The names of backups are unique in this engine only.
BACKUPS = [
    (
        MOTO,
        "create_backup",
        {"TableName": "none", "BackupName": "two"},
        "Table not found: none",
    ),
    (UNKNOWN, "create_backup", {"TableName": TABLE, "BackupName": "one"}, "Backup is in use: one"),
    (
        UNKNOWN,
        "create_backup",
        {"TableName": "later", "BackupName": "one"},
        "A file with the name of this backup exists and does not contain the table: one",
    ),
    (MOTO, "delete_backup", {"BackupArn": f"{ARN}two"}, f"Backup not found: {ARN}two"),
    (
        MOTO,
        "restore_table_from_backup",
        {"BackupArn": f"{ARN}one", "TargetTableName": TABLE},
        f"Table already exists: {TABLE}",
    ),
]

EQ = {"ComparisonOperator": "EQ", "AttributeValueList": [S("x")]}
MIXED = "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "


def operator(name: str, *operands: dict[str, Any]) -> dict[str, Any]:
    return {"ComparisonOperator": name, "AttributeValueList": list(operands)}


def scan_filter(source: str, condition: dict[str, Any], message: str) -> Row:
    return scan(source, message, ScanFilter={"a": condition})


def expected(source: str, expected: dict[str, Any], message: str) -> Row:
    request = {"TableName": TABLE, "Item": item("a", 1), "Expected": {"a": expected}}
    return source, "put_item", request, f"{INVALID}{message} for Attribute: a"


def attribute_update(source: str, change: dict[str, Any], message: str) -> Row:
    request = {"TableName": TABLE, "Key": key("a", 1), "AttributeUpdates": {"a": change}}
    return source, "update_item", request, f"{INVALID}{message}"


LEGACY = [
    query(
        EXTENDDB,
        "p = :p",
        f"{MIXED}{{QueryFilter, ConditionalOperator, KeyConditions}} "
        "Expression parameters: {ProjectionExpression, FilterExpression, KeyConditionExpression}",
        KeyConditions={"p": EQ},
        QueryFilter={"x": EQ},
        ConditionalOperator="AND",
        FilterExpression="x = :p",
        ProjectionExpression="b",
        ExpressionAttributeValues=P,
    ),
    scan(
        EXTENDDB,
        f"{MIXED}{{ScanFilter}} Expression parameters: {{ProjectionExpression}}",
        ScanFilter={"x": EQ},
        ProjectionExpression="b",
    ),
    update(
        EXTENDDB,
        "SET x = :p",
        f"{MIXED}{{AttributeUpdates, Expected, ConditionalOperator}} "
        "Expression parameters: {UpdateExpression, ConditionExpression}",
        AttributeUpdates={},
        Expected={},
        ConditionalOperator="OR",
        ConditionExpression="x = :p",
        ExpressionAttributeValues=P,
    ),
    scan(EXTENDDB, "ConditionalOperator cannot be used without Filter or Expected", ConditionalOperator="AND"),
    scan(
        EXTENDDB,
        "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        ConditionalOperator="AND",
        ScanFilter={"a": EQ},
    ),
    scan(
        DYNALITE,
        "ExpressionAttributeNames can only be specified when using expressions",
        ScanFilter={"a": EQ},
        ExpressionAttributeNames={"#a": "a"},
    ),
    query(DYNALITE, None, "Conditions can be of length 1 or 2 only", KeyConditions={}),
    query(
        DYNALITE,
        None,
        "Attempted conditional constraint is not an indexable operation",
        KeyConditions={"p": operator("NE", S("a"))},
    ),
    query(
        DYNALITE,
        None,
        "QueryFilter can only contain non-primary key attributes: Primary key attribute: p",
        KeyConditions={"p": EQ},
        QueryFilter={"p": EQ},
    ),
    scan(
        UNKNOWN,
        "Cannot specify the AttributesToGet when choosing to get only the Count",
        AttributesToGet=["a"],
        Select="COUNT",
    ),
    get(DYNALITE, f"{INVALID}Duplicate value in attribute name: a", AttributesToGet=["a", "b", "a"]),
    scan_filter(DYNALITE, operator("EQ"), f"{INVALID}Invalid number of argument(s) for the EQ ComparisonOperator"),
    scan_filter(
        DYNALITE,
        operator("IN", S("a"), N(1)),
        f"{INVALID}AttributeValues inside AttributeValueList must be of same type",
    ),
    scan_filter(
        DYNALITE,
        operator("LT", {"SS": ["a"]}),
        f"{INVALID}ComparisonOperator LT is not valid for SS AttributeValue type",
    ),
    scan_filter(
        DYNALITE,
        operator("BETWEEN", N(2), N(1)),
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
    ),
    expected(
        DYNALITE,
        {"Value": S("x"), "AttributeValueList": [S("x")]},
        "Value and AttributeValueList cannot be used together",
    ),
    expected(
        DYNALITE,
        {"ComparisonOperator": "EQ", "Exists": True},
        "Exists and ComparisonOperator cannot be used together",
    ),
    expected(
        DYNALITE,
        {"ComparisonOperator": "EQ"},
        "Value or AttributeValueList must be used with ComparisonOperator: EQ",
    ),
    expected(
        DYNALITE, {"AttributeValueList": [S("x")]}, "AttributeValueList can only be used with a ComparisonOperator"
    ),
    expected(DYNALITE, {"Exists": False, "Value": S("x")}, "Value cannot be used when Exists is false"),
    expected(DYNALITE, {"Exists": True}, "Value must be provided when Exists is true"),
    expected(DYNALITE, {}, "Value must be provided when Exists is null"),
    attribute_update(DYNALITE, {}, "Only DELETE action is allowed when no attribute value is specified"),
    attribute_update(
        DYNALITE,
        {"Action": "DELETE", "Value": S("x")},
        "DELETE action with value is not supported for the type S",
    ),
    attribute_update(DYNALITE, {"Action": "ADD", "Value": S("x")}, "ADD action is not supported for the type S"),
]

MESSAGES = [
    *VALUES,
    *KEYS,
    *CONSTRAINTS,
    *EXPRESSIONS,
    *PAGES,
    *BATCHES,
    *TABLES,
    *SETTINGS,
    *LEGACY,
    *PARTIQL,
    *STREAMS,
]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client with the table of support.make_table, one item, other tables, a small limit and a used token."""
    opened = embedded.connect(":memory:")
    make_table(opened)
    opened.create_table(
        TableName="local",
        AttributeDefinitions=attributes("k", "s", "l"),
        KeySchema=schema("k", "s"),
        BillingMode="PAY_PER_REQUEST",
        LocalSecondaryIndexes=[local("by-l", Projection={"ProjectionType": "KEYS_ONLY"})],
    )
    opened.create_table(
        TableName="many",
        AttributeDefinitions=attributes(*"kghabc"),
        KeySchema=schema("k"),
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[many("gh", "abc")],
    )
    opened.create_table(
        TableName="binary",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "B"} for name in ("k", "s")],
        KeySchema=schema("k", "s"),
        ProvisionedThroughput=CAPACITY,
    )
    opened.create_table(
        TableName="protected",
        AttributeDefinitions=attributes("k"),
        KeySchema=schema("k"),
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )
    make_table(opened, "streaming")
    opened.update_table(TableName="streaming", StreamSpecification=IMAGES)
    make_table(opened, "expiring")
    specification = {"Enabled": True, "AttributeName": "ttl"}
    opened.update_time_to_live(TableName="expiring", TimeToLiveSpecification=specification)
    opened.put_item(TableName=TABLE, Item=item("a", 1))
    opened.transact_write_items(TransactItems=[table_put(1)], ClientRequestToken="used")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item_collections, "ITEM_COLLECTION_BYTES", COLLECTION_BYTES)
        yield opened
    opened.close()


@pytest.mark.parametrize(("source", "method", "request_", "message"), MESSAGES)
def test_the_message_is_that_of_aws(
    client: Client, source: str, method: str, request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(client, method)(**request_)
    assert raised.value.response["Error"]["Message"] == message, source


@pytest.mark.parametrize(("source", "method", "request_", "message"), BACKUPS)
def test_the_message_about_a_backup_is_that_of_aws(
    tmp_path: Path, source: str, method: str, request_: dict[str, Any], message: str
) -> None:
    with contextlib.closing(embedded.connect(str(tmp_path / "engine.db"))) as client:
        make_table(client)
        client.create_backup(TableName=TABLE, BackupName="one")
        make_table(client, "later")
        with pytest.raises(ClientError) as raised:
            getattr(client, method)(**request_)
        assert raised.value.response["Error"]["Message"] == message, source


def fragments() -> Iterator[str]:
    """Yield every literal in the engine that is part of a message of an error response.

    Those of ParamValidationError are botocore's messages. Those of DamagedDataError, and all in the folder storage,
    become messages of StorageError.
    """
    root = Path(embedded.__file__).parent
    botocore = (";", "S, N, B", "Parameter validation failed", "An error occurred", ") when calling the")
    for path in sorted(root.rglob("*.py")):
        if "storage" in path.parts or path == root / "expressions" / "nodes.py":
            continue
        tree = ast.parse(path.read_text())
        others: set[int] = set()
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
                others.add(id(body[0].value))  # a docstring
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("errors.add", "self.add", "AttributeError", "DamagedDataError")
            ):
                others.update(map(id, ast.walk(node)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in others:
                text = node.value.strip()
                if text.count(" ") >= 2 and not text.startswith(botocore):
                    yield text


def test_every_message_of_the_engine_is_in_the_table() -> None:
    known = "\n".join(message for _, _, _, message in [*MESSAGES, *BACKUPS]) + "\n".join(OF_SHARDS)
    assert [fragment for fragment in fragments() if fragment not in known] == []
