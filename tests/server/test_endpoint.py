"""The endpoint: operations, errors, authentication, and what a web page cannot do."""

from __future__ import annotations

import base64
import json
import re
import zlib
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nodetodo import embedded
from nodetodo.embedded.errors import Problem, StorageError
from nodetodo.server.endpoint import OPERATIONS
from tests.supported import MODELS

from .support import JSON_1_0, TABLE, Answer, Served, request, serving

SERVICE, VALIDATE = "com.amazon.coral.service#", "com.amazon.coral.validate#"
MODELED = "com.amazonaws.dynamodb.v20120810#"


def item(p: str, s: int, **more: Any) -> dict[str, Any]:
    return {"p": {"S": p}, "s": {"N": str(s)}, **more}


def assert_headers(answer: Answer) -> None:
    assert re.fullmatch("[0-9A-Z]{52}", answer.headers["x-amzn-requestid"])
    assert int(answer.headers["x-amz-crc32"]) == zlib.crc32(answer.body)
    assert "access-control-allow-origin" not in answer.headers


def test_every_operation_of_the_engine_is_served(served: Served) -> None:
    methods = {name for name in dir(embedded.client.Client) if not name.startswith("_")} - {"close", "exceptions"}
    assert set(OPERATIONS.values()) == methods
    for operation in OPERATIONS:
        answer = served.call(operation, {"TableName": "no"})
        assert answer.json.get("__type") != f"{SERVICE}UnknownOperationException", operation


def test_responses_have_the_headers_of_dynamodb(served: Served) -> None:
    for answer in (served.call("ListTables", {}), served.call("Nonsense", {}), served.raw(b"GET / HTTP/1.1\r\n\r\n")):
        assert_headers(answer)
    assert served.call("ListTables", {}).headers["content-type"] == JSON_1_0


@pytest.mark.parametrize("path", ["/", "/ping"])
def test_get_answers_the_health_check(served: Served, path: str) -> None:
    answer = served.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.status == 200
    assert answer.body.startswith(b"healthy: dynamodb")


def test_any_region_key_and_signature_sees_the_same_tables(served: Served) -> None:
    for region, key in (("us-east-1", "a"), ("eu-central-1", "b-c"), ("local", "d")):
        assert served.boto(region, key).list_tables()["TableNames"] == ["thing"]


def test_binary_values_are_base64_and_times_are_numbers(served: Served) -> None:
    content = bytes(range(256))
    encoded = base64.b64encode(content).decode()
    values = {"b": {"B": encoded}, "bs": {"BS": [encoded, ""]}, "B": {"S": "abcde"}, "m": {"M": {"B": {"B": ""}}}}
    served.good("PutItem", {"TableName": "thing", "Item": item("a", 1, **values)})
    assert served.good("GetItem", {"TableName": "thing", "Key": item("a", 1)})["Item"] == item("a", 1, **values)
    (stored,) = served.boto().scan(TableName="thing")["Items"]
    assert (stored["b"]["B"], stored["bs"]["BS"]) == (content, [content, b""])
    created = served.good("DescribeTable", {"TableName": "thing"})["Table"]["CreationDateTime"]
    assert isinstance(created, float)
    described = served.boto().describe_table(TableName="thing")["Table"]["CreationDateTime"]
    assert described == datetime.fromtimestamp(created, described.tzinfo)


def test_text_of_any_kind_is_stored_and_returned_unchanged(served: Served) -> None:
    text = 'quote " backslash \\ newline \n nul \x00 emoji ☕🙂 separators \u2028\u2029'
    served.good("PutItem", {"TableName": "thing", "Item": item("a", 1, t={"S": text})})
    answer = served.call("GetItem", {"TableName": "thing", "Key": item("a", 1)})
    assert answer.json["Item"]["t"]["S"] == text
    assert "☕🙂".encode() in answer.body  # as UTF-8, like AWS


# Errors: the types and texts of AWS, from architect/dynalite (test/connection.js, test/helpers), which pass on AWS


def failed(answer: Answer, status: int = 400) -> tuple[str, str]:
    """Return the type and the message of an error response."""
    assert answer.status == status
    assert_headers(answer)
    body = answer.json
    return body["__type"], body.get("message", body.get("Message", ""))


def test_a_modeled_error_has_its_prefix_and_its_members(served: Served) -> None:
    assert failed(served.call("DescribeTable", {"TableName": "nope"})) == (
        f"{MODELED}ResourceNotFoundException",
        "Requested resource not found: Table: nope not found",
    )
    served.good("PutItem", {"TableName": "thing", "Item": item("a", 1)})
    put = {"TableName": "thing", "Item": item("a", 1), "ConditionExpression": "attribute_not_exists(p)"}
    rejected = served.call("PutItem", put)
    code = f"{MODELED}ConditionalCheckFailedException"
    assert rejected.json == {"__type": code, "message": "The conditional request failed"}
    with_item = served.call("PutItem", put | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert with_item.json == rejected.json | {"Item": item("a", 1)}
    cancelled = served.call("TransactWriteItems", {"TransactItems": [{"Put": put}]}).json
    assert cancelled["__type"] == f"{MODELED}TransactionCanceledException"
    assert cancelled["Message"].endswith("[ConditionalCheckFailed]")
    (reason,) = cancelled["CancellationReasons"]
    assert reason == {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}


def test_botocore_raises_the_exceptions_of_its_model(served: Served) -> None:
    client = served.boto()
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName="nope")
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(**TABLE)
    with pytest.raises(ClientError) as raised:
        client.query(TableName="thing", KeyConditionExpression="x = y")
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError) as raised:
        client.list_backups(TableName="thing")  # the engine has it, but not for a database in memory
    assert raised.value.response["Error"]["Code"] == "UnknownOperationException"
    with pytest.raises(ClientError) as raised:
        client.describe_global_table(GlobalTableName="thing")
    assert raised.value.response["Error"]["Code"] == "UnknownOperationException"


def test_an_operation_that_the_engine_lacks_is_unknown_and_named_in_the_log(served: Served) -> None:
    for target in ("DynamoDB_20120810.ImportTable", "DynamoDB_20120810.", "ImportTable", "S3.ListTables", ""):
        answer = served.raw(request(target=target))
        assert answer.status == 400
        assert answer.json == {"__type": f"{SERVICE}UnknownOperationException"}
    assert served.raw(request(X_Amz_Target=None)).json == {"__type": f"{SERVICE}UnknownOperationException"}
    assert (
        "ImportTable         UnknownOperationException: the embedded engine does not have this operation"
        in served.lines
    )


@pytest.mark.parametrize("authorization", [None, "", "Basic bmFtZTpwYXNzd29yZA==", "AWS4"])
def test_a_request_without_a_signature_is_refused(served: Served, authorization: str | None) -> None:
    assert failed(served.call("ListTables", {}, Authorization=authorization)) == (
        f"{SERVICE}MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
    )


def test_the_signature_may_be_in_the_query_string(served: Served) -> None:
    data = request(Authorization=None).replace(b"POST / ", b"POST /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=d ")
    assert served.raw(data).status == 200


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"hi",
            b"[]",
            b"null",
            b"7",
            b'"x"',
            b"{",
            b"{}}",
            b'{"a"}',
            b'{"a":NaN}',
            b'{"a":-Infinity}',
            b"\xff{}",
        ),
        b'{"Limit":' + b"9" * 5000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body)[:30],
)
def test_a_body_that_is_not_a_json_object_is_a_serialization_error(served: Served, body: bytes) -> None:
    answer = served.call("ListTables", body)
    assert (answer.status, answer.json) == (400, {"__type": f"{SERVICE}SerializationException"})


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", JSON_1_0[:-1] + "1"])
def test_a_body_of_another_content_type_is_not_found(served: Served, content_type: str | None) -> None:
    answer = served.call("ListTables", {}, Content_Type=content_type)
    assert (answer.status, answer.body) == (404, b"<UnknownOperationException/>\n")
    assert served.call("ListTables", {}, Content_Type="application/json; charset=utf-8").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
def test_other_methods_are_not_found(served: Served, method: str) -> None:
    data = request().replace(b"POST", method.encode(), 1)
    assert served.raw(data).status == 404


KEY = item("a", 1)
NOT_A_MAP = "Start of structure or map found where not expected"
NO_VALUE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"


def get(**more: Any) -> tuple[str, dict[str, Any]]:
    return "GetItem", {"TableName": "thing", "Key": KEY, **more}


def put(**attributes: Any) -> tuple[str, dict[str, Any]]:
    return "PutItem", {"TableName": "thing", "Item": item("a", 1, **attributes)}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (get(TableName=True), "TRUE_VALUE cannot be converted to String"),
        (get(TableName=False), "FALSE_VALUE cannot be converted to String"),
        (get(TableName=23), "NUMBER_VALUE cannot be converted to String"),
        (get(TableName=34.56), "DECIMAL_VALUE cannot be converted to String"),
        (get(TableName=[]), "Unrecognized collection type class java.lang.String"),
        (get(TableName={}), NOT_A_MAP),
        (get(ConsistentRead="yes"), "Unexpected token received from parser"),
        (get(ConsistentRead=1), "NUMBER_VALUE cannot be converted to Boolean"),
        (get(ConsistentRead=[]), "Unrecognized collection type class java.lang.Boolean"),
        (get(Key=5), "Unexpected field type"),
        (
            get(Key=[]),
            "Unrecognized collection type java.util.Map<java.lang.String, "
            "com.amazonaws.dynamodb.v20120810.AttributeValue>",
        ),
        (get(Key={"p": "a"}), "Unexpected value type in payload"),
        (get(Key={"p": []}), "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
        (get(Key={"p": {"S": 5}}), "NUMBER_VALUE cannot be converted to String"),
        (get(Key={"p": {"S": {"S": "a"}}}), NOT_A_MAP),
        (put(n={"N": 5}), "NUMBER_VALUE cannot be converted to String"),
        (put(b={"B": 5}), "only base-64-encoded strings are convertible to bytes"),
        (put(b={"B": []}), "Unrecognized collection type class java.nio.ByteBuffer"),
        (put(b={"B": "23456"}), "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        (put(b={"B": "=+/="}), "Invalid last non-pad Base64 character dectected"),
        (put(b={"BS": ["+/+="]}), "Invalid last non-pad Base64 character dectected"),
        (put(x={"SS": "a"}), "Unexpected field type"),
        (put(x={"SS": {}}), NOT_A_MAP),
        (put(x={"SS": [5]}), "NUMBER_VALUE cannot be converted to String"),
        (put(m={"M": "a"}), "Unexpected field type"),
        (put(m={"L": ["a"]}), "Unexpected value type in payload"),
        (put(b={"BOOL": "true"}), "Unexpected token received from parser"),
        (("ListTables", {"Limit": "23"}), "STRING_VALUE cannot be converted to Integer"),
        (("ListTables", {"Limit": True}), "TRUE_VALUE cannot be converted to Integer"),
        (
            ("UpdateTable", {"TableName": "thing", "ProvisionedThroughput": {"ReadCapacityUnits": "5"}}),
            "STRING_VALUE cannot be converted to Long",
        ),
    ],
    ids=str,
)
def test_a_wrong_type_is_a_serialization_error_with_the_message_of_aws(
    served: Served, sent: tuple[str, Any], message: str
) -> None:
    answer = served.call(*sent)
    assert answer.status == 400
    assert answer.json == {"__type": f"{SERVICE}SerializationException", "Message": message}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            ("GetItem", {}),
            "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not be "
            "null; Value null at 'key' failed to satisfy constraint: Member must not be null",
        ),
        (
            get(TableName="a;", ReturnConsumedCapacity="hi"),
            "3 validation errors detected: Value 'a;' at 'tableName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a;' at 'tableName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 3; Value 'hi' at 'returnConsumedCapacity' failed to "
            "satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
        ),
        (
            ("ListTables", {"Limit": 0}),
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1",
        ),
        (
            ("TransactWriteItems", {"TransactItems": []}),
            "1 validation error detected: Value at 'TransactItems' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1",
        ),
        (
            ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "thing"}}]}),
            "1 validation error detected: Value null at 'transactItems.1.member.put.item' failed to satisfy "
            "constraint: Member must not be null",
        ),
        (put(x={}), NO_VALUE),
        (put(x={"X": "y"}), NO_VALUE),
        (put(x={"S": None}), NO_VALUE),
        (put(x=None), NO_VALUE),
        (put(x={"L": [None]}), NO_VALUE),
        (
            ("UpdateTable", {"TableName": "thing", "ReplicaUpdates": []}),
            'The embedded engine does not take the parameter "ReplicaUpdates"',
        ),
    ],
    ids=str,
)
def test_an_invalid_value_is_a_validation_error_with_the_message_of_aws(
    served: Served, sent: tuple[str, Any], message: str
) -> None:
    assert failed(served.call(*sent)) == (f"{VALIDATE}ValidationException", message)


def test_unknown_parameters_and_null_are_ignored_as_by_aws(served: Served) -> None:
    thing = item("a", 1, t={"S": "x", "N": None, "Unknown": 1})
    more = {"ReturnValues": None, "Unknown": {"self": 1}, "self": 7, "ExpressionAttributeNames": None}
    served.good("PutItem", {"TableName": "thing", "Item": thing, **more})
    stored = served.good("GetItem", {"TableName": "thing", "Key": item("a", 1)})["Item"]
    assert stored == item("a", 1, t={"S": "x"})


def test_half_of_a_surrogate_pair_is_a_serialization_error(served: Served) -> None:
    body = json.dumps({"TableName": "thing", "Item": item("a", 1, t={"S": "\ud83d"})}).encode()
    assert failed(served.call("PutItem", body)) == (f"{SERVICE}SerializationException", "")


# The client's own ReturnConsumedCapacity


@pytest.mark.parametrize("detail", ["NONE", "TOTAL", "INDEXES", None])
def test_the_client_gets_the_capacity_that_it_requested(served: Served, detail: str | None) -> None:
    direct = embedded.connect(":memory:")
    direct.create_table(**TABLE)
    wanted = {} if detail is None else {"ReturnConsumedCapacity": detail}
    thing = item("a", 1, g={"S": "x"})
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("PutItem", "put_item", {"TableName": "thing", "Item": thing}),
        ("GetItem", "get_item", {"TableName": "thing", "Key": KEY}),
        ("BatchGetItem", "batch_get_item", {"RequestItems": {"thing": {"Keys": [KEY]}}}),
        (
            "TransactWriteItems",
            "transact_write_items",
            {"TransactItems": [{"Delete": {"TableName": "thing", "Key": KEY}}]},
        ),
    ]
    for operation, method, parameters in requests:
        expected = getattr(direct, method)(**parameters, **wanted)
        del expected["ResponseMetadata"]
        assert served.good(operation, parameters | wanted) == expected, operation
    direct.close()


# Web pages


def test_a_web_page_cannot_reach_the_database(served: Served) -> None:
    denied = f"{SERVICE}AccessDeniedException"
    assert failed(served.call("ListTables", {}, Origin="https://example.org"), 403)[0] == denied
    assert failed(served.call("ListTables", {}, Origin="null"), 403)[0] == denied
    # DNS rebinding: a page of evil.example whose name now has the address 127.0.0.1
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", ""):
        assert failed(served.call("ListTables", {}, Host=host), 403)[0] == denied, host
    assert failed(served.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403)[0] == denied
    preflight = request(b"", Origin="https://example.org", Access_Control_Request_Method="POST")
    answer = served.raw(preflight.replace(b"POST /", b"OPTIONS /"))
    assert answer.status == 404
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]", "db.localhost"]
)
def test_names_and_addresses_of_this_machine_are_accepted(served: Served, host: str) -> None:
    assert served.call("ListTables", {}, Host=host).status == 200


# Errors of the file and of the program


class Broken:
    """A client of the engine that raises an exception."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def fail(**_: Any) -> None:
            raise self._error

        return fail

    def close(self) -> None:
        pass


@pytest.mark.parametrize("error", [StorageError("/home/emma/file.db is damaged."), ZeroDivisionError("mistake")])
def test_an_unusable_file_is_an_internal_error_whose_reason_only_the_console_shows(error: Exception) -> None:
    with serving(client=Broken(error)) as served:
        answer = served.call("ListTables", {})
        assert failed(answer, 500) == (f"{MODELED}InternalServerError", "Internal server error")
        assert str(error).rstrip(".") in served.text
        assert "Traceback" not in served.text


def test_the_engine_knows_every_parameter_of_the_api_so_that_the_server_ignores_none(served: Served) -> None:
    for model in MODELS:
        for operation in model.operation_names:
            for name in model.operation_model(operation).input_shape.members if operation in OPERATIONS else ():
                with pytest.raises(embedded.ParamValidationError) as raised:
                    getattr(served.client, OPERATIONS[operation])(**{name: object()})
                unknown = [problem for problem in raised.value.problems if problem.kind == Problem.UNKNOWN]
                # ListBackups returns one page with all backups.
                assert not unknown or (operation, name) == ("ListBackups", "Limit")
