"""Streams through the server: AWS's client for DynamoDB Streams, error responses, and the request log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .support import TABLE, Served, request, serving

IMAGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
ITEM = {"p": {"S": "a"}, "s": {"N": "1"}, "b": {"B": b"\x00\xff"}}


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as opened:
        yield opened


def test_the_sdk_reads_a_stream(served: Served) -> None:
    tables, streams = served.boto(), served.boto(service="dynamodbstreams")
    tables.create_table(**TABLE, StreamSpecification=IMAGES)
    tables.put_item(TableName="thing", Item=ITEM)
    tables.delete_item(TableName="thing", Key={name: ITEM[name] for name in "ps"})
    (stream,) = streams.list_streams(TableName="thing")["Streams"]
    arn = stream["StreamArn"]
    assert tables.describe_table(TableName="thing")["Table"]["LatestStreamArn"] == arn
    description = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    shard = description["Shards"][0]["ShardId"]
    position = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    page = streams.get_records(ShardIterator=position["ShardIterator"])
    found = [(each["eventName"], each["dynamodb"].get("NewImage", {}).get("b")) for each in page["Records"]]
    assert found == [("INSERT", {"B": b"\x00\xff"}), ("REMOVE", None)]
    created: Any = page["Records"][0]["dynamodb"]["ApproximateCreationDateTime"]
    assert abs(created.timestamp() - description["CreationRequestDateTime"].timestamp()) < 60
    assert streams.get_records(ShardIterator=page["NextShardIterator"])["Records"] == []
    at = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=created)
    assert len(streams.get_records(ShardIterator=at["ShardIterator"], Limit=1)["Records"]) == 1
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.describe_stream(StreamArn=arn.replace("thing", "other"))
    with pytest.raises(streams.exceptions.ExpiredIteratorException):
        streams.get_records(ShardIterator=f"{arn}|1|1")


def test_the_log_names_the_table_and_the_number_of_records(served: Served) -> None:
    tables, streams = served.boto(), served.boto(service="dynamodbstreams")
    arn = tables.create_table(**TABLE, StreamSpecification=IMAGES)["TableDescription"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    position = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    tables.put_item(TableName="thing", Item=ITEM)
    streams.get_records(ShardIterator=position["ShardIterator"])
    lines = [line.rpartition("  ")[0] for line in served.lines if "Stream" in line or "Records" in line]
    assert lines == ["DescribeStream      thing", "GetRecords          thing  1 record"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (b'{"ShardIterator": 1}', "NUMBER_VALUE cannot be converted to String"),
        (
            b'{"Limit": 0, "ShardIterator": "x"}',
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1",
        ),
        (
            b"{}",
            "1 validation error detected: Value null at 'shardIterator' failed to satisfy constraint: Member must not "
            "be null",
        ),
    ],
)
def test_malformed_requests_are_answered_as_by_the_other_operations(
    served: Served, parameters: bytes, message: str
) -> None:
    answer = served.raw(request(parameters, "DynamoDBStreams_20120810.GetRecords"))
    assert answer.status == 400
    assert message in (answer.json.get("message"), answer.json.get("Message"))
