"""Streams: their records, iterators, trimming, and what remains after a stream was disabled or its table deleted."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo.embedded import ClientError, StorageError, connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.operations import stream_records

from .support import NOW, TABLE, Clock, error, get, item, key, make_simple, make_table, put, rejection

HOUR = 3600
TRIMMED = "The data you are trying to access has been trimmed"


@pytest.fixture
def clock() -> Clock:
    """The clock of file_client. Records have whole seconds."""
    return Clock(NOW + 0.25)


@pytest.fixture
def client(file_client: Client) -> Client:
    """A client with the table of support.make_table, whose stream has both images."""
    enable(file_client)
    return file_client


def enable(client: Client, view: str = "NEW_AND_OLD_IMAGES", table: str = TABLE) -> str:
    """Enable the stream of a table and return its ARN."""
    specification = {"StreamEnabled": True, "StreamViewType": view}
    response = client.update_table(TableName=table, StreamSpecification=specification)
    arn: str = response["TableDescription"]["LatestStreamArn"]
    return arn


def disable(client: Client) -> None:
    client.update_table(TableName=TABLE, StreamSpecification={"StreamEnabled": False})


def arn_of(client: Client, table: str = TABLE) -> str:
    arn: str = client.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    return arn


def shard_of(client: Client, arn: str) -> dict[str, Any]:
    (shard,) = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    return shard  # type: ignore[no-any-return]


def iterator(client: Client, kind: str = "TRIM_HORIZON", arn: str | None = None, **more: Any) -> str:
    arn = arn or arn_of(client)
    shard = shard_of(client, arn)["ShardId"]
    response = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **more)
    found: str = response["ShardIterator"]
    return found


def records(client: Client, position: str | None = None) -> list[dict[str, Any]]:
    """Return the records of one page. Default: from TRIM_HORIZON."""
    found: list[dict[str, Any]] = client.get_records(ShardIterator=position or iterator(client))["Records"]
    return found


def sort_keys(client: Client, position: str | None = None) -> list[str]:
    return [each["dynamodb"]["Keys"]["s"]["N"] for each in records(client, position)]


def sequence(record: dict[str, Any]) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def changes(found: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    return [(each["eventName"], each["dynamodb"].get("OldImage"), each["dynamodb"].get("NewImage")) for each in found]


# Settings


def test_the_description_of_a_table_names_its_stream(path: str, clock: Clock) -> None:
    client = connect(path, clock=clock)
    make_table(client)
    assert not {"StreamSpecification", "LatestStreamArn"} & client.describe_table(TableName=TABLE)["Table"].keys()
    arn = enable(client, "KEYS_ONLY")
    table = client.describe_table(TableName=TABLE)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    assert table["LatestStreamLabel"] == "2027-01-15T08:00:00.250"
    assert arn == table["LatestStreamArn"] == f"{table['TableArn']}/stream/{table['LatestStreamLabel']}"
    client.close()


@pytest.mark.parametrize("view", [None, "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_a_table_is_created_with_or_without_a_stream(view: str | None) -> None:
    client = connect(":memory:")
    enabled = {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}
    description = client.create_table(
        TableName="new",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=enabled,
    )["TableDescription"]
    assert description.get("StreamSpecification") == (enabled if view else None)
    assert len(client.list_streams(TableName="new")["Streams"]) == (1 if view else 0)
    client.close()


def test_other_changes_of_the_table_keep_the_stream(client: Client) -> None:
    arn = arn_of(client)
    client.update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "keys-g"}}])
    put(client, item("a", 1))
    assert arn_of(client) == arn
    assert sort_keys(client) == ["1"]


def test_a_description_of_a_stream(client: Client, clock: Clock) -> None:
    arn = arn_of(client)
    description = client.describe_stream(StreamArn=arn)["StreamDescription"]
    (shard,) = description.pop("Shards")
    assert description == {
        "StreamArn": arn,
        "StreamLabel": "2027-01-15T08:00:00.250",
        "StreamStatus": "ENABLED",
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        "CreationRequestDateTime": datetime.fromtimestamp(clock.now, UTC),
        "TableName": TABLE,
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    }
    assert 28 <= len(shard["ShardId"]) <= 65
    assert shard["SequenceNumberRange"] == {"StartingSequenceNumber": f"{1:021}"}
    after = client.describe_stream(StreamArn=arn, ExclusiveStartShardId=shard["ShardId"])
    children = client.describe_stream(StreamArn=arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": shard["ShardId"]})
    assert after["StreamDescription"]["Shards"] == children["StreamDescription"]["Shards"] == []


def test_streams_are_listed_in_pages_and_by_table(client: Client) -> None:
    for name in ("one", "two"):
        make_simple(client, name)
        enable(client, table=name)
    listed = []
    request: dict[str, Any] = {"Limit": 1}
    while True:
        page = client.list_streams(**request)
        listed += page["Streams"]
        if "LastEvaluatedStreamArn" not in page:
            break
        request["ExclusiveStartStreamArn"] = page["LastEvaluatedStreamArn"]
    assert [stream["TableName"] for stream in listed] == ["one", TABLE, "two"]
    assert client.list_streams()["Streams"] == listed
    assert client.list_streams(TableName="two")["Streams"] == listed[2:]
    assert client.list_streams(TableName="none")["Streams"] == []


# Records


def test_every_kind_of_write_has_a_record(client: Client) -> None:
    put(client, item("a", 1, x={"S": "1"}))
    client.update_item(
        TableName=TABLE, Key=key("a", 1), UpdateExpression="SET x = :x", ExpressionAttributeValues={":x": {"S": "2"}}
    )
    client.update_item(TableName=TABLE, Key=key("a", 2), UpdateExpression="SET x = p")
    requests = [{"PutRequest": {"Item": item("a", 3)}}, {"DeleteRequest": {"Key": key("a", 2)}}]
    client.batch_write_item(RequestItems={TABLE: requests})
    client.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": TABLE, "Key": key("a", 1)}},
            {"Put": {"TableName": TABLE, "Item": item("a", 3, y={"BS": [b"x"]})}},
        ]
    )
    client.execute_statement(Statement=f"DELETE FROM {TABLE} WHERE p = 'a' AND s = 3")
    x = item("a", 2, x={"S": "a"})
    assert changes(records(client)) == [
        ("INSERT", None, item("a", 1, x={"S": "1"})),
        ("MODIFY", item("a", 1, x={"S": "1"}), item("a", 1, x={"S": "2"})),
        ("INSERT", None, x),
        ("INSERT", None, item("a", 3)),
        ("REMOVE", x, None),
        ("REMOVE", item("a", 1, x={"S": "2"}), None),
        ("MODIFY", item("a", 3), item("a", 3, y={"BS": [b"x"]})),
        ("REMOVE", item("a", 3, y={"BS": [b"x"]}), None),
    ]


def test_the_members_of_a_record(client: Client) -> None:
    put(client, item("a", 1, x={"S": "é"}))
    (record,) = records(client)
    assert len(record.pop("eventID")) == 32
    image = item("a", 1, x={"S": "é"})
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "embedded",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(NOW, UTC),
            "Keys": key("a", 1),
            "NewImage": image,
            "SequenceNumber": f"{1:021}",
            "SizeBytes": 5 + 8,  # of the key and of the image
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


@pytest.mark.parametrize(
    ("view", "has_old", "has_new"),
    [("KEYS_ONLY", False, False), ("NEW_IMAGE", False, True), ("OLD_IMAGE", True, False)],
)
def test_the_view_type_decides_which_images_a_record_has(
    path: str, clock: Clock, view: str, has_old: bool, has_new: bool
) -> None:
    client = connect(path, clock=clock)
    make_table(client)
    enable(client, view)
    old, new = item("a", 1, x={"S": "1"}), item("a", 1, x={"S": "2"})
    put(client, old, new)
    client.delete_item(TableName=TABLE, Key=key("a", 1))
    assert changes(records(client)) == [
        ("INSERT", None, old if has_new else None),
        ("MODIFY", old if has_old else None, new if has_new else None),
        ("REMOVE", new if has_old else None, None),
    ]
    assert [each["dynamodb"]["Keys"] for each in records(client)] == [key("a", 1)] * 3
    assert {each["dynamodb"]["StreamViewType"] for each in records(client)} == {view}
    client.close()


def test_a_write_that_changes_nothing_has_no_record(client: Client) -> None:
    put(client, item("a", 1, x={"SS": ["b", "a"]}, n={"N": "1"}))
    put(client, item("a", 1, x={"SS": ["a", "b"]}, n={"N": "1.0"}))
    client.update_item(TableName=TABLE, Key=key("a", 1), UpdateExpression="SET n = n REMOVE y")
    client.delete_item(TableName=TABLE, Key=key("a", 2))
    client.transact_write_items(
        TransactItems=[
            {
                "ConditionCheck": {
                    "TableName": TABLE,
                    "Key": key("a", 1),
                    "ConditionExpression": "attribute_exists(p)",
                }
            }
        ]
    )
    assert [each["eventName"] for each in records(client)] == ["INSERT"]


def test_a_rejected_write_and_a_cancelled_transaction_have_no_record(client: Client) -> None:
    condition = {"ConditionExpression": "attribute_exists(p)"}
    error(client.put_item, TableName=TABLE, Item=item("a", 1), **condition)
    error(
        client.transact_write_items,
        TransactItems=[
            {"Put": {"TableName": TABLE, "Item": item("a", 1)}},
            {"Put": {"TableName": TABLE, "Item": item("a", 2), **condition}},
        ],
    )
    assert records(client) == []
    put(client, item("a", 3))
    assert sort_keys(client) == ["3"]


def test_a_deletion_by_time_to_live_names_the_service(client: Client, clock: Clock) -> None:
    specification = {"Enabled": True, "AttributeName": "ttl"}
    client.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)
    put(client, item("a", 1, ttl={"N": str(NOW + 10)}))
    clock.now += 61
    put(client, item("a", 2))
    client.delete_item(TableName=TABLE, Key=key("a", 2))
    found = records(client)
    assert [each["eventName"] for each in found] == ["INSERT", "REMOVE", "INSERT", "REMOVE"]
    service = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert [each.get("userIdentity") for each in found] == [None, service, None, None]


def test_records_of_two_tables_are_in_their_own_streams(client: Client) -> None:
    make_simple(client, "other")
    other = enable(client, "KEYS_ONLY", "other")
    put(client, item("a", 1))
    client.put_item(TableName="other", Item={"k": {"S": "x"}})
    put(client, item("a", 2))
    assert sort_keys(client) == ["1", "2"]
    found = records(client, iterator(client, arn=other))
    assert [each["dynamodb"]["Keys"] for each in found] == [{"k": {"S": "x"}}]


def test_another_process_writes_records_after_the_stream_was_enabled(path: str, clock: Clock) -> None:
    first, second = connect(path, clock=clock), connect(path, clock=clock)
    make_table(first)
    put(second, item("a", 1))  # caches the table without a stream
    enable(first)
    put(second, item("a", 2))
    assert sort_keys(first) == ["2"]
    second.close()
    first.close()


@pytest.mark.parametrize("lines", [1, 20, 77])
def test_a_killed_process_leaves_one_record_for_each_change(path: str, lines: int) -> None:
    """Each transaction of the process writes the next number to the items x and y."""
    client = connect(path)
    make_table(client)
    enable(client)
    command = [sys.executable, "-m", "tests.embedded.pair_writer", path, TABLE]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
    numbers: dict[str, list[int]] = {"x": [], "y": []}
    position = iterator(client)
    while True:
        page = client.get_records(ShardIterator=position, Limit=7)
        for record in page["Records"]:
            image = record["dynamodb"]["NewImage"]
            numbers[image["p"]["S"]].append(int(image["number"]["N"]))
        if not page["Records"]:
            break
        position = page["NextShardIterator"]
    last = [int((get(client, p, 0) or {})["number"]["N"]) for p in "xy"]
    assert last[0] == last[1] >= lines - 1
    assert numbers == {p: list(range(last[0] + 1)) for p in "xy"}
    client.close()


@pytest.mark.parametrize("value", ["'x'", "x'00ff'", "-1", "1e300", "'[1]'"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("streams", name) for name in ("name", "label", "view", "key", "created", "first", "ended", "last")),
        *(("streams", "trimmed"), ("sqlite_sequence", "seq")),
        *(("records", name) for name in ("written", "event", "expired", "keys", "old", "new")),
    ],
)
def test_damaged_streams_are_errors_of_the_file(client: Client, path: str, table: str, column: str, value: str) -> None:
    put(client, item("a", 1), item("a", 1, x={"S": ""}))
    position = iterator(client)
    arn = arn_of(client)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"UPDATE {table} SET {column} = {value}")
    client.close()
    with closing(connect(path, clock=Clock(NOW))) as opened:
        for call, request in (
            (opened.list_streams, {}),
            (opened.describe_stream, {"StreamArn": arn}),
            (opened.get_records, {"ShardIterator": position}),
            (opened.put_item, {"TableName": TABLE, "Item": item("a", 2)}),
            (opened.update_table, {"TableName": TABLE, "StreamSpecification": {"StreamEnabled": False}}),
        ):
            with suppress(StorageError, ClientError):
                call(**request)


# Iterators and pages


def test_iterators_start_at_the_oldest_record_after_the_latest_or_at_a_sequence_number(
    client: Client, clock: Clock
) -> None:
    put(client, item("a", 1), item("a", 2))
    clock.now += 10
    put(client, item("a", 3))
    latest = iterator(client, "LATEST")
    second = sequence(records(client)[1])
    assert sort_keys(client, iterator(client, "AT_SEQUENCE_NUMBER", SequenceNumber=second)) == ["2", "3"]
    assert sort_keys(client, iterator(client, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)) == ["3"]
    for time in (NOW + 1, datetime.fromtimestamp(NOW + 1, UTC)):
        assert sort_keys(client, iterator(client, "AT_TIMESTAMP", Timestamp=time)) == ["3"]
    assert sort_keys(client, latest) == []
    put(client, item("a", 4))
    assert sort_keys(client, latest) == ["4"]


@pytest.mark.parametrize(
    ("time", "keys"),
    [(-(10**400), ["1"]), (-1e308, ["1"]), (10**400, []), (1e308, [])],
    ids=["early integer", "early float", "late integer", "late float"],
)
def test_a_timestamp_may_be_before_and_after_all_times(client: Client, time: float, keys: list[str]) -> None:
    put(client, item("a", 1))
    assert sort_keys(client, iterator(client, "AT_TIMESTAMP", Timestamp=time)) == keys


def test_the_first_sequence_number_of_a_shard_is_a_position_before_the_first_record(client: Client) -> None:
    first = shard_of(client, arn_of(client))["SequenceNumberRange"]["StartingSequenceNumber"]
    positions = [
        iterator(client, kind, SequenceNumber=first) for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
    ]
    put(client, item("a", 1))
    assert [sort_keys(client, position) for position in positions] == [["1"], ["1"]]


def test_next_iterators_return_every_record_once(client: Client) -> None:
    put(client, *(item("a", number) for number in range(5)))
    position: str = iterator(client)
    pages = []
    for _ in range(4):
        page = client.get_records(ShardIterator=position, Limit=2)
        pages.append([each["dynamodb"]["Keys"]["s"]["N"] for each in page["Records"]])
        position = page["NextShardIterator"]
    assert pages == [["0", "1"], ["2", "3"], ["4"], []]
    put(client, item("a", 5))
    assert sort_keys(client, position) == ["5"]


def test_a_page_ends_at_1_megabyte(client: Client) -> None:
    put(client, *(item("a", number, x={"S": "x" * 400_000}) for number in range(4)))
    page = client.get_records(ShardIterator=iterator(client))
    assert len(page["Records"]) == 2
    assert sort_keys(client, page["NextShardIterator"]) == ["2", "3"]


def test_an_iterator_expires_after_15_minutes_and_the_next_one_is_new(client: Client, clock: Clock) -> None:
    first = iterator(client)
    clock.now += 900
    following = client.get_records(ShardIterator=first)["NextShardIterator"]
    clock.now += 1
    assert error(client.get_records, ShardIterator=first)["Error"]["Code"] == "ExpiredIteratorException"
    assert client.get_records(ShardIterator=following)["Records"] == []


@pytest.mark.parametrize("number", ["0" * 21, f"{3:021}", "9" * 40])
def test_a_sequence_number_outside_the_shard_is_rejected(client: Client, number: str) -> None:
    put(client, item("a", 1), item("a", 2))
    request = {"StreamArn": arn_of(client), "ShardId": shard_of(client, arn_of(client))["ShardId"]}
    message = rejection(
        client.get_shard_iterator, **request, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=number
    )
    assert message == "Invalid SequenceNumber for the shard"


def test_an_unknown_shard_is_not_found(client: Client) -> None:
    request = {"ShardId": "shardId-00000001800000000000-ffffffff", "ShardIteratorType": "LATEST"}
    found = error(client.get_shard_iterator, StreamArn=arn_of(client), **request)["Error"]
    assert found == {"Code": "ResourceNotFoundException", "Message": "Shard does not exist"}


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=80))
def test_a_wrong_iterator_is_an_error_response(text: str) -> None:
    client = connect(":memory:")
    for iterator_ in (text or "x", f"{text}|1|1", f"arn:aws:dynamodb:x:1:table/tab/stream/1|{text}|{NOW}000"):
        code = error(client.get_records, ShardIterator=iterator_)["Error"]["Code"]
        assert code in ("ValidationException", "ExpiredIteratorException", "ResourceNotFoundException")
    client.close()


# 24 hours


def test_records_older_than_24_hours_are_not_read(client: Client, clock: Clock) -> None:
    put(client, item("a", 1))
    old = sequence(records(client)[0])
    clock.now += 12 * HOUR
    put(client, item("a", 2))
    clock.now += 12 * HOUR - 1
    assert sort_keys(client) == ["1", "2"]
    horizon = iterator(client)
    clock.now += 1
    assert sort_keys(client) == ["2"]
    for call, request in (
        (client.get_records, {"ShardIterator": horizon}),
        *(
            (
                client.get_shard_iterator,
                {
                    "StreamArn": arn_of(client),
                    "ShardId": shard_of(client, arn_of(client))["ShardId"],
                    "ShardIteratorType": kind,
                    "SequenceNumber": old,
                },
            )
            for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
        ),
    ):
        assert error(call, **request)["Error"] == {"Code": "TrimmedDataAccessException", "Message": TRIMMED}


def stored(client: Client) -> int:
    """Return the number of records in the file."""
    storage = client._storage
    storage.begin("BEGIN")
    try:
        count: int = storage._execute("SELECT count(*) FROM records").fetchone()[0]
        return count
    finally:
        storage.end(None)


def test_a_write_removes_records_older_than_24_hours(client: Client, clock: Clock) -> None:
    put(client, item("a", 1), item("a", 2))
    old = iterator(client)
    clock.now += 12 * HOUR
    put(client, item("a", 3))
    clock.now += 12 * HOUR
    old_but_valid = old.rpartition("|")[0] + f"|{int(clock.now * 1000)}"
    put(client, item("a", 4))
    assert stored(client) == 2
    assert sort_keys(client) == ["3", "4"]
    assert error(client.get_records, ShardIterator=old_but_valid)["Error"]["Code"] == "TrimmedDataAccessException"


def test_one_write_removes_a_limited_number_of_records(
    client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_records, "TRIM_RECORDS", 3)
    put(client, *(item("a", number) for number in range(7)))
    clock.now += 24 * HOUR
    remaining = []
    for number in range(10, 14):
        put(client, item("a", number))
        remaining.append(stored(client))
    assert remaining == [5, 3, 3, 4]


# After the end of a stream


def test_a_disabled_stream_stays_readable_for_24_hours(client: Client, clock: Clock) -> None:
    first = arn_of(client)
    put(client, item("a", 1), item("a", 2))
    disable(client)
    table = client.describe_table(TableName=TABLE)["Table"]
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == first
    put(client, item("a", 3))
    second = enable(client, "KEYS_ONLY")
    put(client, item("a", 4))
    assert second != first  # although the clock has not moved
    description = client.describe_stream(StreamArn=first)["StreamDescription"]
    assert description["StreamStatus"] == "DISABLED"
    assert description["Shards"][0]["SequenceNumberRange"] == {
        "StartingSequenceNumber": f"{1:021}",
        "EndingSequenceNumber": f"{2:021}",
    }
    page = client.get_records(ShardIterator=iterator(client, arn=first), Limit=1)
    page = client.get_records(ShardIterator=page["NextShardIterator"])
    assert [each["dynamodb"]["Keys"]["s"]["N"] for each in page["Records"]] == ["2"]
    assert "NextShardIterator" not in page
    assert client.get_records(ShardIterator=iterator(client, "LATEST", first))["Records"] == []
    assert sort_keys(client) == ["4"]
    assert [each["StreamArn"] for each in client.list_streams(TableName=TABLE)["Streams"]] == [first, second]
    clock.now += 24 * HOUR
    assert error(client.describe_stream, StreamArn=first)["Error"]["Code"] == "ResourceNotFoundException"
    assert [each["StreamArn"] for each in client.list_streams()["Streams"]] == [second]


def test_the_stream_of_a_deleted_table_stays_readable_for_24_hours(client: Client, clock: Clock) -> None:
    arn = arn_of(client)
    put(client, item("a", 1))
    client.delete_table(TableName=TABLE)
    assert client.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"] == "DISABLED"
    assert sort_keys(client, iterator(client, arn=arn)) == ["1"]
    make_table(client)
    put(client, item("a", 2))
    assert "LatestStreamArn" not in client.describe_table(TableName=TABLE)["Table"]
    assert sort_keys(client, iterator(client, arn=arn)) == ["1"]
    clock.now += 24 * HOUR
    assert client.list_streams()["Streams"] == []


def test_a_restored_table_has_no_stream(client: Client) -> None:
    put(client, item("a", 1))
    backup = client.create_backup(TableName=TABLE, BackupName="one")["BackupDetails"]["BackupArn"]
    restored = client.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)["TableDescription"]
    assert not {"StreamSpecification", "LatestStreamArn", "LatestStreamLabel"} & restored.keys()
    client.put_item(TableName="restored", Item=item("a", 2))
    assert sort_keys(client) == ["1"]
