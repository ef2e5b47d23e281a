"""The client: parameter checks, exceptions, responses and unsupported operations."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ParamValidationError as BotocoreError

from nodetodo.embedded import ClientError, ParamValidationError
from nodetodo.embedded.client import Client

from .support import TABLE, item, key, put


def parameter_errors(call: Any, **request: Any) -> list[str]:
    """Return the lines of the ParamValidationError that a call raises."""
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
def test_invalid_parameters_are_reported_as_botocore_reports_them(
    client: Client, operation: str, request_: dict[str, Any]
) -> None:
    botocore_client = botocore.session.get_session().create_client(
        "dynamodb",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    with pytest.raises(BotocoreError) as raised:
        getattr(botocore_client, operation)(**request_)
    expected = str(raised.value).split("\n")[1:]
    assert sorted(parameter_errors(getattr(client, operation), **request_)) == sorted(expected)


def test_unknown_and_unsupported_parameters_are_rejected_by_name(client: Client) -> None:
    (unknown,) = parameter_errors(client.get_item, TableName=TABLE, Key=key("a", 1), Colour="red")
    assert unknown.startswith('Unknown parameter in input: "Colour", must be one of: TableName, Key, ConsistentRead')
    for call, more in (
        (client.update_table, {"ReplicaUpdates": []}),
        (
            client.create_table,
            {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "AttributeDefinitions": []}
            | {"VectorIndexes": []},
        ),
    ):
        (line,) = parameter_errors(call, TableName=TABLE, **more)
        assert line.startswith(f'The embedded engine does not take the parameter "{list(more)[-1]}"')


def test_an_unsupported_operation_is_rejected_by_name(client: Client) -> None:
    with pytest.raises(AttributeError, match="no operation 'describe_global_table'"):
        client.describe_global_table(GlobalTableName=TABLE)


def test_a_lone_surrogate_is_rejected_in_a_name_and_in_a_value(client: Client) -> None:
    for thing in (item("a", 1, x={"S": "\ud800"}), item("a", 1, **{"\ud800": {"S": "x"}})):
        assert "surrogate" in parameter_errors(client.put_item, TableName=TABLE, Item=thing)[0]


def test_a_value_outside_an_enumeration_is_a_validation_exception(client: Client) -> None:
    with pytest.raises(ClientError) as raised:
        client.put_item(TableName=TABLE, Item=item("a", 1), ReturnValues="NEW", ReturnConsumedCapacity="ALL")
    assert raised.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "2 validation errors detected: Value 'NEW' at 'returnValues' failed to satisfy constraint: "
        "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; "
        "Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: "
        "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
    }


def test_exceptions_have_the_names_of_boto3s_and_no_others(client: Client) -> None:
    session = botocore.session.get_session()
    services = [session.create_client(name, region_name="us-east-1") for name in ("dynamodb", "dynamodbstreams")]
    from nodetodo.embedded.errors import MODELED

    for name in MODELED:
        classes = [getattr(service.exceptions, name, None) for service in services]
        assert any(found is not None and issubclass(found, Exception) for found in classes), name
        error_class = getattr(client.exceptions, name)
        assert issubclass(error_class, client.exceptions.ClientError)
        assert error_class is getattr(client.exceptions, name)
        assert error_class.__name__ == name
    with pytest.raises(AttributeError):
        _ = client.exceptions.ValidationException


def test_responses_and_error_responses_have_the_fields_of_boto3s(client: Client) -> None:
    response = client.put_item(TableName=TABLE, Item=item("a", 1))
    assert response == {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}
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
