"""Time to live, tags, point-in-time recovery and the quotas of the account."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest

from nodetodo.embedded import StorageError, connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.operations import time_to_live
from nodetodo.embedded.operations.descriptions import existing_table
from nodetodo.embedded.storage.statements import writing

from .support import NOW, TABLE, Clock, error, get, item, key, put, rejection

DAY = 86_400
YEAR = 365 * DAY


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.fixture
def client(file_client: Client) -> Client:
    return file_client


def enable(client: Client, attribute: str = "ttl", enabled: bool = True) -> dict[str, Any]:
    specification = {"Enabled": enabled, "AttributeName": attribute}
    return client.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)


def described(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    return found


def expiring(s: int, seconds: float | str, **more: Any) -> dict[str, Any]:
    return item("a", s, ttl={"N": str(seconds)}, **more)


def sort_keys(client: Client, **more: Any) -> set[str]:
    return {each["s"]["N"] for each in client.scan(TableName=TABLE, **more)["Items"]}


def test_time_to_live_is_enabled_and_disabled_at_once(client: Client) -> None:
    assert described(client) == {"TimeToLiveStatus": "DISABLED"}
    response = enable(client)
    assert response["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "ttl"}
    assert described(client) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    enable(client, enabled=False)
    assert described(client) == {"TimeToLiveStatus": "DISABLED"}
    enable(client, "other")
    assert described(client)["AttributeName"] == "other"


def test_a_write_deletes_items_that_have_expired_from_the_table_and_its_indexes(client: Client) -> None:
    put(client, expiring(1, NOW - 1, g={"S": "x"}), expiring(2, NOW + 1, g={"S": "x"}), item("a", 3, g={"S": "x"}))
    enable(client)
    assert sort_keys(client) == {"1", "2", "3"}  # reads return expired items
    put(client, item("b", 9))
    assert sort_keys(client) == {"2", "3", "9"}
    assert sort_keys(client, IndexName="by-g") == {"2", "3"}
    assert client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == 3


@pytest.mark.parametrize(
    "value",
    [
        {"S": str(NOW - 1)},
        {"N": str(NOW - 5 * YEAR - 1)},
        {"N": str(NOW)},
        {"N": str((NOW - 1) * 1000)},
        {"L": [{"N": "1"}]},
        {"N": "-5"},
    ],
)
def test_items_without_a_valid_expired_time_stay(client: Client, value: dict[str, Any]) -> None:
    enable(client)
    put(client, item("a", 1, ttl=value), item("b", 2))
    assert get(client, "a", 1) is not None


@pytest.mark.parametrize("value", [str(NOW - 1), f"{NOW - 1}.5", str(NOW - 5 * YEAR)])
def test_items_that_expired_in_the_last_five_years_are_deleted(client: Client, value: str) -> None:
    put(client, expiring(1, value))
    enable(client)
    put(client, item("b", 2))
    assert get(client, "a", 1) is None


def test_a_process_deletes_expired_items_once_a_minute(client: Client, clock: Clock) -> None:
    enable(client)
    put(client, item("b", 1), expiring(1, NOW + 5))
    clock.now += 59
    put(client, item("b", 2))
    assert get(client, "a", 1) is not None
    clock.now += 1
    put(client, item("b", 3))
    assert get(client, "a", 1) is None


def test_one_sweep_deletes_a_bounded_number_of_items_the_oldest_first(
    client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_to_live, "SWEEP_ITEMS", 2)
    put(client, *(expiring(s, NOW - s) for s in range(1, 6)))
    enable(client)
    put(client, item("b", 9))
    assert sort_keys(client) == {"1", "2", "3", "9"}
    clock.now += 60
    put(client, item("b", 9))
    assert sort_keys(client) == {"1", "9"}


def test_the_present_value_of_the_attribute_decides(client: Client, clock: Clock) -> None:
    enable(client)
    put(client, expiring(1, NOW + 100), expiring(2, NOW + 1), expiring(3, NOW + 1))
    names: dict[str, Any] = {"TableName": TABLE, "ExpressionAttributeNames": {"#t": "ttl"}}
    values = {":t": {"N": str(NOW + 1)}}
    client.update_item(Key=key("a", 1), UpdateExpression="SET #t = :t", ExpressionAttributeValues=values, **names)
    client.update_item(Key=key("a", 2), UpdateExpression="REMOVE #t", **names)
    client.delete_item(TableName=TABLE, Key=key("a", 3))
    clock.now += 60
    put(client, item("b", 9))
    assert sort_keys(client) == {"2", "9"}


def test_the_sweep_is_in_the_transaction_of_the_write(client: Client) -> None:
    put(client, expiring(1, NOW - 1))
    enable(client)
    condition = {"ConditionExpression": "attribute_exists(p)", "Item": item("b", 2)}
    assert error(client.put_item, TableName=TABLE, **condition)["Error"]["Code"] == "ConditionalCheckFailedException"
    assert get(client, "a", 1) is not None


def test_time_to_live_costs_no_units(client: Client) -> None:
    before = client.put_item(TableName=TABLE, Item=expiring(1, NOW + 9), ReturnConsumedCapacity="INDEXES")
    enable(client)
    after = client.put_item(TableName=TABLE, Item=expiring(2, NOW + 9), ReturnConsumedCapacity="INDEXES")
    assert before["ConsumedCapacity"] == after["ConsumedCapacity"]


def test_another_process_sees_the_setting_and_deletes(client: Client, path: str, clock: Clock) -> None:
    put(client, expiring(1, NOW - 1))
    with_setting = connect(path, clock=clock)
    put(with_setting, item("b", 1))  # caches the table
    enable(client)
    put(with_setting, item("b", 2))
    assert get(client, "a", 1) is None
    with_setting.close()


def test_a_deleted_table_leaves_no_entries(client: Client) -> None:
    enable(client)
    put(client, expiring(1, NOW + 9))
    client.delete_table(TableName=TABLE)
    for rows in ("entries", "items", "spaces"):
        assert client._storage._file.execute(f"SELECT count(*) FROM {rows}").fetchone() == (0,)


def test_a_restored_table_has_no_time_to_live_no_tags_and_no_recovery(client: Client) -> None:
    enable(client)
    set_recovery(client, PointInTimeRecoveryEnabled=True)
    arn = client.describe_table(TableName=TABLE)["Table"]["TableArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    backup = client.create_backup(TableName=TABLE, BackupName="one")["BackupDetails"]["BackupArn"]
    client.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)
    found = client.describe_time_to_live(TableName="restored")["TimeToLiveDescription"]
    assert found == {"TimeToLiveStatus": "DISABLED"}
    assert client.list_tags_of_resource(ResourceArn=arn.replace(TABLE, "restored"))["Tags"] == []
    assert recovery_of(client, "restored") == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert recovery_of(client)["PointInTimeRecoveryStatus"] == "ENABLED"


# Tags


def test_tags_are_added_replaced_listed_and_removed(client: Client) -> None:
    arn = client.describe_table(TableName=TABLE)["Table"]["TableArn"]
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == []
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}])
    expected = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == expected
    client.untag_resource(ResourceArn=arn, TagKeys=["a", "absent"])
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == expected[1:]


def test_a_table_is_created_with_tags_and_found_by_an_arn_of_any_region(client: Client) -> None:
    client.create_table(
        TableName="tagged",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "a", "Value": "1"}],
    )
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tagged"
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    assert "Tags" not in client.describe_table(TableName="tagged")["Table"]


def test_a_table_has_at_most_50_tags(client: Client) -> None:
    arn = client.describe_table(TableName=TABLE)["Table"]["TableArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    assert "50" in rejection(client.tag_resource, ResourceArn=arn, Tags=[{"Key": "more", "Value": ""}])
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "k1", "Value": "new"}])
    assert len(client.list_tags_of_resource(ResourceArn=arn)["Tags"]) == 50


# Point-in-time recovery


def recovery_of(client: Client, table: str = TABLE) -> dict[str, Any]:
    described = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert described["ContinuousBackupsStatus"] == "ENABLED"
    found: dict[str, Any] = described["PointInTimeRecoveryDescription"]
    return found


def set_recovery(client: Client, **specification: Any) -> dict[str, Any]:
    """Change the settings. The response must be that of a description."""
    response = client.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=specification)
    found: dict[str, Any] = response["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert found == recovery_of(client)
    return found


def test_point_in_time_recovery_is_a_stored_setting_with_the_times_of_aws(
    client: Client, path: str, clock: Clock
) -> None:
    assert recovery_of(client) == {"PointInTimeRecoveryStatus": "DISABLED"}
    found = set_recovery(client, PointInTimeRecoveryEnabled=True)
    assert found["RecoveryPeriodInDays"] == 35
    assert found["EarliestRestorableDateTime"] == found["LatestRestorableDateTime"] == at(NOW)
    clock.now += 2 * DAY
    found = set_recovery(client, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=1)
    assert found["RecoveryPeriodInDays"] == 1
    assert found["EarliestRestorableDateTime"] == at(NOW + DAY)
    assert found["LatestRestorableDateTime"] == at(NOW + 2 * DAY - 300)
    with contextlib.closing(connect(path, clock=clock)) as other:
        assert recovery_of(other) == found
        assert other.describe_table(TableName=TABLE)["Table"]["TableStatus"] == "ACTIVE"


def test_the_recovery_period_and_its_start_are_forgotten_when_recovery_is_disabled(
    client: Client, clock: Clock
) -> None:
    set_recovery(client, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
    assert set_recovery(client, PointInTimeRecoveryEnabled=False) == {"PointInTimeRecoveryStatus": "DISABLED"}
    clock.now += DAY
    found = set_recovery(client, PointInTimeRecoveryEnabled=True)
    assert (found["RecoveryPeriodInDays"], found["EarliestRestorableDateTime"]) == (35, at(NOW + DAY))


@pytest.mark.parametrize("days", ["7", None, -(10**12)])
def test_a_damaged_recovery_setting_is_reported(client: Client, days: Any) -> None:
    set_recovery(client, PointInTimeRecoveryEnabled=True)
    storage = client._storage
    with writing(storage):
        table = existing_table(storage, TABLE)
        storage.define(TABLE, table.space, storage.definition(table) | {"RecoveryDays": days})
    with pytest.raises(StorageError, match="the definition of the table things cannot be decoded"):
        recovery_of(client)


# The account


def test_the_limits_are_the_quotas_of_aws(client: Client) -> None:
    limits = client.describe_limits()
    del limits["ResponseMetadata"]
    assert limits == {
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }


def test_the_endpoint_is_the_address_of_the_server(client: Client) -> None:
    assert client.describe_endpoints()["Endpoints"][0]["Address"] == "localhost:8000"
