"""The warm throughput of tables and indexes. Expected values: ack-api-quirks, findings about WarmThroughput."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import StorageError, connect
from nodetodo.embedded.client import Client

from .support import rejection
from .test_tables import attributes, index, table

NAME = "new-table"
ON_DEMAND = (12_000, 4_000)


@pytest.fixture
def client() -> Iterator[Client]:
    opened = connect(":memory:")
    yield opened
    opened.close()


def units(read: int, write: int) -> dict[str, int]:
    return {"ReadUnitsPerSecond": read, "WriteUnitsPerSecond": write}


def capacity(read: int, write: int) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def warm(client: Client) -> list[tuple[int, int]]:
    """Return the warm throughput of the table and of its indexes."""
    description = client.describe_table(TableName=NAME)["Table"]
    found = [owner["WarmThroughput"] for owner in (description, *description.get("GlobalSecondaryIndexes", ()))]
    assert {each["Status"] for each in found} == {"ACTIVE"}
    return [(each["ReadUnitsPerSecond"], each["WriteUnitsPerSecond"]) for each in found]


def change(client: Client, **more: Any) -> None:
    client.update_table(TableName=NAME, **more)


def change_index(client: Client, **more: Any) -> None:
    change(client, GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "new-index", **more}}])


def with_index(**more: Any) -> dict[str, Any]:
    return table(AttributeDefinitions=attributes(k="S", h="S"), GlobalSecondaryIndexes=[index(**more)])


def test_on_demand_it_is_that_of_a_new_table_or_higher(client: Client) -> None:
    client.create_table(**with_index(WarmThroughput={"WriteUnitsPerSecond": 5_000}) | {"WarmThroughput": {}})
    assert warm(client) == [ON_DEMAND, (12_000, 5_000)]
    change(client, WarmThroughput={"ReadUnitsPerSecond": 12_001})
    change_index(client, WarmThroughput=units(13_000, 5_000))
    assert warm(client) == [(12_001, 4_000), (13_000, 5_000)]
    change(client, WarmThroughput=units(12_001, 4_000))  # the present values
    assert warm(client)[0] == (12_001, 4_000)


def test_a_new_index_of_an_existing_table_has_its_own(client: Client) -> None:
    client.create_table(**table(WarmThroughput=units(20_000, 4_000)))
    created = {"Create": index(WarmThroughput=units(12_500, 4_500))}
    change(client, AttributeDefinitions=attributes(k="S", h="S"), GlobalSecondaryIndexUpdates=[created])
    assert warm(client) == [(20_000, 4_000), (12_500, 4_500)]


def test_provisioned_it_is_the_highest_capacity_that_ever_was(client: Client) -> None:
    more = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": capacity(1, 1)}
    client.create_table(**with_index(ProvisionedThroughput=capacity(2, 1)) | more)
    assert warm(client) == [(1, 1), (2, 1)]
    change(client, ProvisionedThroughput=capacity(3, 3))
    change_index(client, ProvisionedThroughput=capacity(4, 4))
    change(client, ProvisionedThroughput=capacity(2, 1))
    change_index(client, ProvisionedThroughput=capacity(1, 1))
    assert warm(client) == [(3, 3), (4, 4)]
    change(client, WarmThroughput=units(50, 50))
    assert warm(client) == [(50, 50), (4, 4)]


def test_the_mode_on_demand_raises_it_and_the_mode_provisioned_keeps_it(client: Client) -> None:
    more = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": capacity(1, 5_000)}
    client.create_table(**with_index(ProvisionedThroughput=capacity(1, 1)) | more)
    change(client, BillingMode="PAY_PER_REQUEST")
    assert warm(client) == [(12_000, 5_000), ON_DEMAND]
    units_of_index = {"Update": {"IndexName": "new-index", "ProvisionedThroughput": capacity(1, 1)}}
    change(
        client,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=capacity(1, 1),
        GlobalSecondaryIndexUpdates=[units_of_index],
    )
    assert warm(client) == [(12_000, 5_000), ON_DEMAND]


def test_a_decrease_changes_nothing(client: Client) -> None:
    client.create_table(**with_index())
    rejection(client.update_table, TableName=NAME, WarmThroughput=units(13_000, 3_999))
    assert warm(client) == [ON_DEMAND, ON_DEMAND]


def test_an_empty_structure_alone_is_no_change(client: Client) -> None:
    client.create_table(**table())
    message = rejection(client.update_table, TableName=NAME, WarmThroughput={})
    assert message.startswith("At least one of ")
    change(client, WarmThroughput={}, DeletionProtectionEnabled=False)
    assert warm(client) == [ON_DEMAND]


@pytest.mark.parametrize("damage", ['"x"', '{"ReadUnitsPerSecond": "1"}'])
def test_a_damaged_value_is_reported_by_reads_and_changes(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "engine.db"
    client = connect(str(path))
    client.create_table(**table())
    client.close()
    with sqlite3.connect(path) as database:
        changed = "json_set(definition, '$.WarmThroughput', json(?))"
        database.execute(f"UPDATE catalog SET definition = {changed}", (damage,))
    client = connect(str(path))
    for call in (client.describe_table, client.update_table):
        more = {"DeletionProtectionEnabled": True} if call == client.update_table else {}
        with pytest.raises(StorageError, match="the definition of the table new-table cannot be decoded"):
            call(TableName=NAME, **more)
    client.close()
