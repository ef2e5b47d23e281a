"""The operations on tables: definitions, indexes, capacity and counts."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import ParamValidationError, connect
from nodetodo.embedded.client import Client

from .support import TABLE, error, item, key, make_simple, put, rejection

DEFINITIONS = Path(__file__).parents[2] / "tables"
THROUGHPUT = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def attributes(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name: str = "new-index", *names: str, **more: Any) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": schema(*(names or ("h",))),
        "Projection": {"ProjectionType": "ALL"},
        **more,
    }


def table(**more: Any) -> dict[str, Any]:
    """Return the request for a small on-demand table, with changes."""
    request = {
        "TableName": "new-table",
        "AttributeDefinitions": attributes(k="S"),
        "KeySchema": schema("k"),
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }
    return {name: value for name, value in request.items() if value is not None}


def test_the_projects_definitions_in_json_are_accepted() -> None:
    client = connect(":memory:")
    for name in ("todo-user", "todo-task"):
        client.create_table(**json.loads((DEFINITIONS / f"{name}.json").read_text()))
    client.put_item(
        TableName="todo-task", Item={"uid": {"S": "emma"}, "tid": {"N": "1"}, "category": {"S": "shopping"}}
    )
    response = client.update_table(**json.loads((DEFINITIONS / "category-index.json").read_text()))
    (described,) = response["TableDescription"]["GlobalSecondaryIndexes"]
    assert described["IndexStatus"] == "ACTIVE"
    assert described["ItemCount"] == 1
    assert described["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **THROUGHPUT}
    client.close()


def test_a_new_table_is_active_in_the_first_response_and_fully_described(tmp_path: Path) -> None:
    client = Client(str(tmp_path / "engine.db"), clock=lambda: 1_700_000_000.5)
    made = client.create_table(
        **table(
            AttributeDefinitions=attributes(k="S", h="N"),
            GlobalSecondaryIndexes=[index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]})],
        )
    )["TableDescription"]
    client.put_item(TableName="new-table", Item={"k": {"S": "a"}, "h": {"N": "1"}, "n": {"S": "x"}, "m": {"S": "y"}})
    client.put_item(TableName="new-table", Item={"k": {"S": "b"}})
    described = client.describe_table(TableName="new-table")["Table"]
    assert described.pop("TableId") == made["TableId"]
    arn = described.pop("TableArn")
    (described_index,) = described.pop("GlobalSecondaryIndexes")
    assert described == {
        "TableName": "new-table",
        "TableStatus": "ACTIVE",
        "AttributeDefinitions": attributes(k="S", h="N"),
        "KeySchema": schema("k"),
        "CreationDateTime": datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC),
        "ItemCount": 2,
        "TableSizeBytes": 2 + 3 + 2 + 2 + 2,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
        "BillingModeSummary": {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC),
        },
        "DeletionProtectionEnabled": False,
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"},
    }
    assert described_index == {
        "IndexName": "new-index",
        "IndexStatus": "ACTIVE",
        "IndexArn": f"{arn}/index/new-index",
        "KeySchema": schema("h"),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]},
        "ItemCount": 1,
        "IndexSizeBytes": 2 + 3 + 2,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"},
    }
    client.close()


@pytest.mark.parametrize(
    "more",
    [
        {"KeySchema": [{"AttributeName": "k", "KeyType": "RANGE"}]},
        {"AttributeDefinitions": attributes(k="S", q="S")},
        {"BillingMode": None},
        {"GlobalSecondaryIndexes": [index("good", "k"), index("bad", "k", Projection={})]},
    ],
)
def test_an_invalid_definition_creates_no_table(client: Client, more: dict[str, Any]) -> None:
    rejection(client.create_table, **table(**more))
    assert client.list_tables()["TableNames"] == [TABLE]


def test_creating_an_existing_table_and_using_an_absent_table_are_rejected(client: Client) -> None:
    assert error(client.create_table, **table(TableName=TABLE))["Error"] == {
        "Code": "ResourceInUseException",
        "Message": f"Table already exists: {TABLE}",
    }
    for call in (client.describe_table, client.delete_table):
        assert error(call, TableName="nowhere")["Error"] == {
            "Code": "ResourceNotFoundException",
            "Message": "Requested resource not found: Table: nowhere not found",
        }


def test_table_names_are_listed_in_sorted_pages(client: Client) -> None:
    for name in ("zebra", "apple"):
        make_simple(client, name)
    assert client.list_tables()["TableNames"] == ["apple", TABLE, "zebra"]
    first = client.list_tables(Limit=2)
    assert (first["TableNames"], first["LastEvaluatedTableName"]) == (["apple", TABLE], TABLE)
    rest = client.list_tables(Limit=2, ExclusiveStartTableName=TABLE)
    assert rest["TableNames"] == ["zebra"]
    assert "LastEvaluatedTableName" not in rest
    assert "less than or equal to 100" in rejection(client.list_tables, Limit=101)


def test_deleting_a_table_deletes_its_items(client: Client) -> None:
    put(client, item("a", 1, g={"S": "x"}))
    assert client.delete_table(TableName=TABLE)["TableDescription"]["TableStatus"] == "DELETING"
    assert error(client.scan, TableName=TABLE)["Error"]["Code"] == "ResourceNotFoundException"
    client.create_table(**table(TableName=TABLE))
    assert client.scan(TableName=TABLE)["Count"] == 0
    assert client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == 0


def add_index(client: Client, *names: str, **types: str) -> dict[str, Any]:
    create = [{"Create": index("new-index", *names)}]
    response = client.update_table(
        TableName=TABLE, AttributeDefinitions=attributes(**types), GlobalSecondaryIndexUpdates=create
    )
    described: dict[str, Any] = response["TableDescription"]
    return described


def test_a_new_index_has_entries_for_existing_items_except_those_with_an_invalid_key(client: Client) -> None:
    put(
        client,
        item("a", 1, h={"N": "7"}),
        item("a", 2, h={"S": "of another type"}),
        item("a", 3),
        item("a", 4, h={"N": "5"}),
        item("a", 5, h={"BOOL": True}),
    )
    described = add_index(client, "h", h="N")
    assert [each["IndexName"] for each in described["GlobalSecondaryIndexes"]] == ["by-g", "keys-g", "new-index"]
    assert described["GlobalSecondaryIndexes"][2]["ItemCount"] == 2
    assert {each["s"]["N"] for each in client.scan(TableName=TABLE, IndexName="new-index")["Items"]} == {"1", "4"}
    # An item without an entry can still be changed, but then its index key must be valid.
    assert "Type mismatch for Index Key h" in rejection(
        client.update_item,
        TableName=TABLE,
        Key=key("a", 2),
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    client.update_item(TableName=TABLE, Key=key("a", 2), UpdateExpression="REMOVE h")
    client.delete_item(TableName=TABLE, Key=key("a", 5))
    described = client.describe_table(TableName=TABLE)["Table"]
    assert (described["ItemCount"], described["GlobalSecondaryIndexes"][2]["ItemCount"]) == (4, 2)


def test_update_table_ignores_types_of_attributes_that_are_not_keys(client: Client) -> None:
    described = add_index(client, "h", h="N", p="S", x="S")
    assert described["AttributeDefinitions"] == attributes(p="S", s="N", g="S", h="N")


def test_the_name_of_an_index_has_at_least_3_characters(client: Client) -> None:
    with pytest.raises(ParamValidationError, match="valid min length: 3"):
        client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "no"}}])
    create = {"Create": index("a b", "g")}
    assert "regular expression pattern" in rejection(
        client.update_table, TableName=TABLE, GlobalSecondaryIndexUpdates=[create]
    )


def test_deleting_an_index_removes_its_entries_and_its_attribute_definition(client: Client) -> None:
    put(client, item("a", 1, h={"N": "7"}))
    add_index(client, "h", h="N")
    remove = [{"Delete": {"IndexName": "new-index"}}]
    described = client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=remove)["TableDescription"]
    assert described["AttributeDefinitions"] == attributes(p="S", s="N", g="S")
    assert "specified index" in rejection(client.scan, TableName=TABLE, IndexName="new-index")
    put(client, item("a", 1, h={"S": "any type again"}))


def test_an_invalid_update_of_a_table_is_rejected(client: Client) -> None:
    def message(**more: Any) -> str:
        return rejection(client.update_table, TableName=TABLE, **more)

    def code(**more: Any) -> str:
        response: str = error(client.update_table, **{"TableName": TABLE, **more})["Error"]["Code"]
        return response

    create = {"Create": index("by-g", "g")}
    assert message().startswith("At least one of ProvisionedThroughput, BillingMode")
    assert message(GlobalSecondaryIndexUpdates=[create]) == "Attempting to create an index which already exists"
    assert "Some index key attributes are not defined" in message(GlobalSecondaryIndexUpdates=[{"Create": index()}])
    assert "should be of same type" in message(
        GlobalSecondaryIndexUpdates=[{"Create": index()}], AttributeDefinitions=attributes(p="N", h="S")
    )
    assert "One of GlobalSecondaryIndexUpdate" in message(GlobalSecondaryIndexUpdates=[{}])
    assert code(GlobalSecondaryIndexUpdates=[create, create]) == "LimitExceededException"
    none = {"IndexName": "none"}
    assert code(GlobalSecondaryIndexUpdates=[{"Delete": none}]) == "ResourceNotFoundException"
    update = {"Update": {**none, "ProvisionedThroughput": THROUGHPUT}}
    assert code(GlobalSecondaryIndexUpdates=[update]) == "ResourceNotFoundException"
    assert code(TableName="nowhere", BillingMode="PAY_PER_REQUEST") == "ResourceNotFoundException"


def test_update_table_changes_the_billing_mode_and_the_capacity_of_table_and_indexes(client: Client) -> None:
    index_capacity = [
        {"Update": {"IndexName": name, "ProvisionedThroughput": THROUGHPUT}} for name in ("by-g", "keys-g")
    ]
    to_provisioned = {"TableName": TABLE, "BillingMode": "PROVISIONED", "ProvisionedThroughput": THROUGHPUT}
    assert "must be specified for index: by-g,keys-g" in rejection(client.update_table, **to_provisioned)
    described = client.update_table(**to_provisioned, GlobalSecondaryIndexUpdates=index_capacity)["TableDescription"]
    assert "BillingModeSummary" not in described
    assert described["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **THROUGHPUT}
    assert described["GlobalSecondaryIndexes"][1]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert "will not change" in rejection(client.update_table, TableName=TABLE, ProvisionedThroughput=THROUGHPUT)
    more = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}
    described = client.update_table(TableName=TABLE, ProvisionedThroughput=more)["TableDescription"]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 9
    described = client.update_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST")["TableDescription"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_clients_notice_changes_of_tables_by_other_clients(tmp_path: Path) -> None:
    one, other = (connect(str(tmp_path / "engine.db")) for _ in range(2))
    one.create_table(**table())
    other.put_item(TableName="new-table", Item={"k": {"S": "a"}, "h": {"S": "x"}})
    one.update_table(
        TableName="new-table",
        AttributeDefinitions=attributes(h="S"),
        GlobalSecondaryIndexUpdates=[{"Create": index()}],
    )
    other.put_item(TableName="new-table", Item={"k": {"S": "b"}, "h": {"S": "x"}})
    assert one.scan(TableName="new-table", IndexName="new-index")["Count"] == 2
    other.delete_table(TableName="new-table")
    assert error(one.get_item, TableName="new-table", Key={"k": {"S": "a"}})["Error"]["Code"] == (
        "ResourceNotFoundException"
    )
    one.close()
    other.close()


# Settings


def described(client: Client, name: str = "new-table") -> dict[str, Any]:
    found: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    return found


def test_settings_are_described_after_create_and_after_update() -> None:
    client = connect(":memory:")
    client.create_table(
        **table(
            DeletionProtectionEnabled=True,
            TableClass="STANDARD_INFREQUENT_ACCESS",
            OnDemandThroughput={"MaxReadRequestUnits": 10},
            AttributeDefinitions=attributes(k="S", h="S"),
            GlobalSecondaryIndexes=[index(OnDemandThroughput={"MaxWriteRequestUnits": 3})],
        )
    )
    found = described(client)
    assert found["DeletionProtectionEnabled"] is True
    assert found["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert found["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}
    assert found["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxWriteRequestUnits": 3}

    client.update_table(TableName="new-table", DeletionProtectionEnabled=False)
    client.update_table(TableName="new-table", TableClass="STANDARD")
    client.update_table(
        TableName="new-table",
        OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 7},
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": "new-index", "OnDemandThroughput": {"MaxWriteRequestUnits": -1}}}
        ],
    )
    found = described(client)
    assert found["DeletionProtectionEnabled"] is False
    assert found["TableClassSummary"] == {"TableClass": "STANDARD"}
    assert found["OnDemandThroughput"] == {"MaxWriteRequestUnits": 7}
    assert "OnDemandThroughput" not in found["GlobalSecondaryIndexes"][0]


def test_a_maximum_ends_with_the_mode_on_demand() -> None:
    client = connect(":memory:")
    client.create_table(**table(OnDemandThroughput={"MaxReadRequestUnits": 10}))
    client.update_table(TableName="new-table", BillingMode="PROVISIONED", ProvisionedThroughput=THROUGHPUT)
    client.update_table(TableName="new-table", BillingMode="PAY_PER_REQUEST")
    assert "OnDemandThroughput" not in described(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
        {"BillingMode": None, "ProvisionedThroughput": THROUGHPUT, "OnDemandThroughput": {"MaxReadRequestUnits": 1}},
        {"TableClass": "GLACIER"},
    ],
)
def test_an_invalid_setting_is_rejected(wrong: dict[str, Any]) -> None:
    client = connect(":memory:")
    rejection(client.create_table, **table(**wrong))
    assert client.list_tables()["TableNames"] == []


@pytest.mark.parametrize("name", ["SSESpecification", "ResourcePolicy", "VectorIndexes"])
def test_a_setting_that_the_engine_lacks_is_rejected_by_name(name: str) -> None:
    client = connect(":memory:")
    with pytest.raises(ParamValidationError, match=f'The embedded engine does not take the parameter "{name}"'):
        client.create_table(**table(**{name: {}}))
    assert client.list_tables()["TableNames"] == []


def test_a_protected_table_is_not_deleted() -> None:
    client = connect(":memory:")
    client.create_table(**table(DeletionProtectionEnabled=True))
    assert "currently protected against deletion" in rejection(client.delete_table, TableName="new-table")
    client.update_table(TableName="new-table", DeletionProtectionEnabled=False)
    client.delete_table(TableName="new-table")


def test_a_definition_of_an_earlier_version_has_the_default_settings(tmp_path: Path) -> None:
    """Definitions of earlier versions lack the members of the settings."""
    path = str(tmp_path / "engine.db")
    client = connect(path)
    client.create_table(**table())
    client.close()
    with sqlite3.connect(path) as database:
        (text,) = database.execute("SELECT definition FROM catalog").fetchone()
    assert not {"DeletionProtectionEnabled", "TableClass", "OnDemandThroughput"} & json.loads(text).keys()
    earlier = {name: value for name, value in json.loads(text).items() if name != "WarmThroughput"}
    with sqlite3.connect(path) as database:
        database.execute("UPDATE catalog SET definition = ?", (json.dumps(earlier),))
    client = connect(path)
    assert described(client)["WarmThroughput"]["ReadUnitsPerSecond"] == 12_000
    assert described(client)["DeletionProtectionEnabled"] is False
    assert "TableClassSummary" not in described(client)
    client.close()
