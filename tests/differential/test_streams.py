"""Compares the stream records of random writes, and the answers to requests on streams."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.examples import examples
from tests.differential.random_source import RandomSource

VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
KEYS = ("a", "b", "c")
VALUES: tuple[dict[str, Any], ...] = (
    *({"N": "1"}, {"N": "-2.5"}, {"S": ""}, {"S": "ü"}, {"B": b"\x00"}, {"BOOL": True}, {"NULL": True}),
    *({"SS": ["x", "y"]}, {"SS": ["y", "x"]}, {"L": [{"N": "1"}, {"S": "x"}]}, {"M": {"k": {"S": "v"}}}),
)
numbers = itertools.count()

Send = tuple[str, dict[str, Any]]  # a method of a client and its arguments, without the name of the table


@st.composite
def sequences(draw: Any) -> list[Send]:
    """Return writes of a few items."""
    rng = RandomSource(draw)
    sent: list[Send] = []
    for _ in range(1 + rng.up_to(11)):
        key = {"p": {"S": rng.pick(KEYS)}}
        kind = rng.up_to(4)
        if kind <= 1:
            item = {name: rng.pick(VALUES) for name in ("x", "y") if rng.one_in(2)}
            sent.append(("put_item", {"Item": {**item, **key}}))
        elif kind == 2:
            sent.append(("delete_item", {"Key": key}))
        else:
            update = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": rng.pick(VALUES)}}
            sent.append(("update_item", {"Key": key, **update}))
    return sent


@pytest.fixture(scope="module")
def local(dynamodb_local: str) -> tuple[Any, Any]:
    """Return clients for the tables and the streams of DynamoDB Local."""
    session = botocore.session.get_session()
    config = Config(retries={"total_max_attempts": 1})
    settings = {"endpoint_url": dynamodb_local, "region_name": "eu-west-1", "config": config}
    keys = {"aws_access_key_id": "streams", "aws_secret_access_key": "streams"}
    tables, streams = (session.create_client(name, **settings, **keys) for name in ("dynamodb", "dynamodbstreams"))
    return tables, streams


def create(tables: Any, name: str, view: str) -> str:
    """Create a table with a stream and return its ARN."""
    arn: str = tables.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )["TableDescription"]["LatestStreamArn"]
    return arn


def records(streams: Any, arn: str) -> list[dict[str, Any]]:
    """Return what the records of a stream contain, apart from numbers and times that an engine chooses."""
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    position = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    found = streams.get_records(ShardIterator=position["ShardIterator"])["Records"]
    chosen = ("SequenceNumber", "ApproximateCreationDateTime")
    return [
        {"eventName": each["eventName"], **{k: _sorted(v) for k, v in each["dynamodb"].items() if k not in chosen}}
        for each in found
    ]


def _sorted(value: Any) -> Any:
    """Return a value with its sets sorted."""
    if isinstance(value, dict):
        return {k: sorted(v) if k == "SS" else _sorted(v) for k, v in value.items()}
    return value


def written(tables: Any, streams: Any, name: str, view: str, sequence: list[Send]) -> list[dict[str, Any]]:
    """Send the writes to a new table and return the records of its stream."""
    arn = create(tables, name, view)
    for method, arguments in sequence:
        getattr(tables, method)(TableName=name, **arguments)
    found = records(streams, arn)
    tables.delete_table(TableName=name)
    return found


@examples(1 / 4)
@given(view=st.sampled_from(VIEWS), sequence=sequences())
def test_writes_have_the_records_of_dynamodb_local(local: tuple[Any, Any], view: str, sequence: list[Send]) -> None:
    name = f"stream-{next(numbers)}"
    engine = embedded.connect(":memory:")
    assert written(engine, engine, name, view, sequence) == written(*local, name, view, sequence)
    engine.close()


# Known differences. Each docstring states the behaviour of DynamoDB Local 3.3.1 and the source of AWS's behaviour.


@pytest.fixture
def both(local: tuple[Any, Any]) -> Iterator[Callable[..., list[str]]]:
    """Return a function that sends a request to the stream of DynamoDB Local and of the engine.

    It returns the two error codes. The method belongs to the client for tables or for streams.
    """
    name = f"stream-{next(numbers)}"
    engine = embedded.connect(":memory:")
    clients = [local, (engine, engine)]
    arns = [create(tables, name, "KEYS_ONLY") for tables, _ in clients]

    def send(method: str, **arguments: Any) -> list[str]:
        codes = []
        for (tables, streams), arn in zip(clients, arns, strict=True):
            shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
            of_stream = {"StreamArn": arn, "ShardId": shard} if method == "get_shard_iterator" else {}
            try:
                getattr(tables if method == "update_table" else streams, method)(**of_stream | arguments)
                codes.append("")
            except (ClientError, embedded.ClientError) as error:
                codes.append(error.response["Error"]["Code"])
        return codes

    yield send
    for tables, _ in clients:
        tables.delete_table(TableName=name)
    engine.close()


def test_a_text_that_is_no_arn_is_invalid(both: Callable[..., list[str]]) -> None:
    """Answers ResourceNotFoundException.

    Public test suite: scylladb/scylladb, test/alternator/test_streams.py, test_describe_nonexistent_stream.
    """
    assert both("describe_stream", StreamArn="x" * 40) == ["ResourceNotFoundException", "ValidationException"]
    codes = both("get_shard_iterator", StreamArn="x" * 40, ShardIteratorType="LATEST")
    assert codes == ["ResourceNotFoundException", "ValidationException"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "x" * 21},
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "9" * 21},
        {"ShardIteratorType": "OTHER"},
    ],
)
def test_a_wrong_position_is_invalid(both: Callable[..., list[str]], arguments: dict[str, Any]) -> None:
    """Answers InternalFailure with the status 500.

    Public test suite: scylladb/scylladb, test/alternator/test_streams.py, test_get_shard_iterator.
    """
    assert both("get_shard_iterator", **arguments) == ["InternalFailure", "ValidationException"]


def test_a_position_by_time_is_supported(both: Callable[..., list[str]]) -> None:
    """Answers InternalFailure to AT_TIMESTAMP. Documentation: API_streams_GetShardIterator."""
    codes = both("get_shard_iterator", ShardIteratorType="AT_TIMESTAMP", Timestamp=0)
    assert codes == ["InternalFailure", ""]


def test_the_time_of_a_record_is_rounded_down_to_the_second(local: tuple[Any, Any]) -> None:
    """Rounds it down to the minute. Documentation: "rounded down to the closest second", API_streams_StreamRecord."""
    engine = embedded.connect(":memory:", clock=lambda: 1_800_000_059.9)
    seconds = []
    for tables, streams in (local, (engine, engine)):
        arn = create(tables, "rounded", "KEYS_ONLY")
        tables.put_item(TableName="rounded", Item={"p": {"S": "a"}})
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        position = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        (record,) = streams.get_records(ShardIterator=position["ShardIterator"])["Records"]
        seconds.append(record["dynamodb"]["ApproximateCreationDateTime"].timestamp() % 60)
        tables.delete_table(TableName="rounded")
    assert seconds == [0, 59]
    engine.close()
