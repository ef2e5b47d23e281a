"""The client's form: parameters, exceptions, answers, and what is not built."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import boto3
import pytest
from botocore.exceptions import ParamValidationError as BotocoresError

from nodetodo.embedded import ClientError, ParamValidationError
from nodetodo.embedded.client import Client

from .support import TABLE, item, key, put


def report(call: Any, **request: Any) -> list[str]:
    """The lines of the report on a request of a wrong shape."""
    with pytest.raises(ParamValidationError) as raised:
        call(**request)
    first, *lines = str(raised.value).split("\n")
    assert first == "Parameter validation failed:"
    return lines


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("put_item", {}),
        ("put_item", {"TableName": TABLE, "Item": []}),
        (
            "put_item",
            {
                "TableName": TABLE,
                "Item": {
                    "p": "x",
                    "t": {"S": 3},
                    "q": {"Q": 1},
                    "u": {"SS": "a"},
                    "w": {"BOOL": "true"},
                    "n": {"N": 5},
                    3: {"S": "x"},
                    "l": {"L": {}},
                    "m": {"M": {"a": 3}},
                    "ns": {"NS": [5]},
                    "none": {"S": None},
                },
            },
        ),
        ("scan", {"TableName": TABLE, "Limit": 0, "TotalSegments": 0, "Segment": -1}),
        ("scan", {"TableName": "", "ConsistentRead": 1, "Limit": "1"}),
        ("scan", {"TableName": TABLE, "Limit": None}),
        ("batch_write_item", {"RequestItems": {TABLE: []}}),
        ("batch_get_item", {"RequestItems": {TABLE: {"Keys": []}}}),
        ("transact_write_items", {"TransactItems": []}),
        ("transact_write_items", {"TransactItems": [{"Put": {}}], "ClientRequestToken": ""}),
        ("transact_get_items", {"TransactItems": [{}]}),
        ("create_table", {"TableName": TABLE, "KeySchema": [], "AttributeDefinitions": [{}]}),
    ],
)
def test_a_request_of_a_wrong_shape_is_reported_as_botocore_reports_it(
    client: Client, operation: str, request_: dict[str, Any]
) -> None:
    boto = boto3.client(
        "dynamodb",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    with pytest.raises(BotocoresError) as raised:
        getattr(boto, operation)(**request_)
    expected = str(raised.value).split("\n")[1:]
    assert sorted(report(getattr(client, operation), **request_)) == sorted(expected)


def test_unknown_and_legacy_parameters_are_refused_by_name(client: Client) -> None:
    (unknown,) = report(client.get_item, TableName=TABLE, Key=key("a", 1), Colour="red")
    assert unknown.startswith('Unknown parameter in input: "Colour", must be one of: TableName, Key, ConsistentRead')
    for call, more in (
        (client.query, {"KeyConditions": {}}),
        (client.query, {"QueryFilter": {}}),
        (client.scan, {"ScanFilter": {}}),
        (client.scan, {"AttributesToGet": ["p"]}),
        (client.put_item, {"Item": item("a", 1), "Expected": {}}),
        (client.put_item, {"Item": item("a", 1), "ConditionalOperator": "AND"}),
        (client.update_item, {"Key": key("a", 1), "AttributeUpdates": {}}),
        (
            client.create_table,
            {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "AttributeDefinitions": []}
            | {"LocalSecondaryIndexes": []},
        ),
    ):
        (line,) = report(call, TableName=TABLE, **more)
        assert line.startswith(f'The embedded engine does not take the parameter "{list(more)[-1]}"')


def test_an_operation_that_is_not_built_is_refused_by_name(client: Client) -> None:
    with pytest.raises(AttributeError, match="no operation 'create_backup'"):
        client.create_backup(TableName=TABLE)


def test_half_a_surrogate_pair_is_refused_wherever_it_stands(client: Client) -> None:
    for thing in (item("a", 1, x={"S": "\ud800"}), item("a", 1, **{"\ud800": {"S": "x"}})):
        assert "surrogate" in report(client.put_item, TableName=TABLE, Item=thing)[0]


def test_values_outside_an_enumeration_are_a_validation_exception(client: Client) -> None:
    with pytest.raises(ClientError) as raised:
        client.put_item(TableName=TABLE, Item=item("a", 1), ReturnValues="ALL_NEW", ReturnConsumedCapacity="ALL")
    assert raised.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "2 validation errors detected: Value 'ALL_NEW' at 'returnValues' failed to satisfy constraint: "
        "Member must satisfy enum value set: [ALL_OLD, NONE]; "
        "Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: "
        "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
    }


def test_exceptions_are_named_as_boto3s_and_only_those(client: Client) -> None:
    boto = boto3.client("dynamodb", region_name="us-east-1")
    from nodetodo.embedded.errors import MODELED

    for name in MODELED:
        assert issubclass(getattr(boto.exceptions, name), Exception)
        made = getattr(client.exceptions, name)
        assert issubclass(made, client.exceptions.ClientError)
        assert made is getattr(client.exceptions, name)
        assert made.__name__ == name
    with pytest.raises(AttributeError):
        _ = client.exceptions.ValidationException


def test_an_answer_says_that_it_is_one(client: Client) -> None:
    answer = client.put_item(TableName=TABLE, Item=item("a", 1))
    assert answer == {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}
    with pytest.raises(client.exceptions.ResourceNotFoundException) as raised:
        client.get_item(TableName="nowhere", Key=key("a", 1))
    assert raised.value.response == {
        "Error": {"Code": "ResourceNotFoundException", "Message": "Requested resource not found"},
        "message": "Requested resource not found",
        "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0},
    }
    assert raised.value.operation_name == "GetItem"


def test_threads_may_share_a_client(client: Client) -> None:
    put(client, item("a", 1, n={"N": "0"}))

    def count() -> None:
        for _ in range(50):
            client.update_item(
                TableName=TABLE,
                Key=key("a", 1),
                UpdateExpression="ADD n :1",
                ExpressionAttributeValues={":1": {"N": "1"}},
            )

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.get_item(TableName=TABLE, Key=key("a", 1))["Item"]["n"] == {"N": "200"}


def test_a_query_imports_no_module_that_it_does_not_need() -> None:
    program = """
import sys
before = set(sys.modules)
from nodetodo.embedded import connect
client = connect(":memory:")
try:
    client.query(TableName="none", KeyConditionExpression="#p = :p")
except client.exceptions.ResourceNotFoundException:
    pass
client.close()
print(*set(sys.modules) - before)
"""
    program = f"import sys; sys.path[:] = {sys.path!r}\n{program}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    modules = set(done.stdout.split())
    assert "nodetodo.embedded.operations.queries" in modules
    slow = {"boto3", "botocore", "dateutil", "decimal", "dataclasses", "inspect", "typing_extensions"}
    slow |= {"uuid", "hashlib", "asyncio", "threading"}
    unused = {"operations.tables", "operations.batches", "expressions.updates", "expressions.reserved_words"}
    assert not modules & (slow | {f"nodetodo.embedded.{name}" for name in unused})
