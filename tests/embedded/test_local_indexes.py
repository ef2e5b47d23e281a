"""Local secondary indexes: their reads, units, item collections, and how they differ from global ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import ClientError, connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.operations import item_collections

from .support import error, rejection

ORDERS = "orders"
# Each item of `fill` has 9,005 bytes, so that a read of one takes 3 units, and 1.5 if it is eventually consistent.
BODY = {"S": "x" * 8_986}


def schema(partition: str, *sort: str) -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return keys + [{"AttributeName": name, "KeyType": "RANGE"} for name in sort]


def index(name: str, sort: str, kind: str = "ALL", *attributes: str) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": kind}
    if attributes:
        projection["NonKeyAttributes"] = list(attributes)
    return {"IndexName": name, "KeySchema": schema("p", sort), "Projection": projection}


def definition(name: str = ORDERS, **more: Any) -> dict[str, Any]:
    """Return a CreateTable with the key (p, s), three local indexes and a global one."""
    types = {"p": "S", "s": "N", "day": "S", "price": "N", "code": "B"}
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind} for key, kind in types.items()],
        "KeySchema": schema("p", "s"),
        "BillingMode": "PAY_PER_REQUEST",
        "LocalSecondaryIndexes": [
            index("by-day", "day", "KEYS_ONLY"),
            index("by-price", "price", "INCLUDE", "note"),
            index("by-code", "code"),
        ],
        "GlobalSecondaryIndexes": [
            {"IndexName": "days", "KeySchema": schema("day"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
        **more,
    }


@pytest.fixture(params=["memory", "file"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    path = ":memory:" if request.param == "memory" else str(tmp_path / "engine.db")
    with closing(connect(path)) as opened:
        opened.create_table(**definition())
        yield opened


def order(s: int, p: str = "a", **attributes: dict[str, Any]) -> dict[str, Any]:
    return {"p": {"S": p}, "s": {"N": str(s)}, **attributes}


def put(client: Client, *items: dict[str, Any]) -> None:
    for item in items:
        client.put_item(TableName=ORDERS, Item=item)


def fill(client: Client) -> None:
    """Put five orders, the days of which are in the reverse order of s."""
    put(client, *[order(s, day={"S": f"d{9 - s}"}, body=BODY) for s in range(1, 6)])


def query(client: Client, name: str = "by-day", p: str = "a", **more: Any) -> dict[str, Any]:
    request = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": p}}, **more}
    return client.query(TableName=ORDERS, IndexName=name, **request)


def numbers(response: dict[str, Any]) -> list[int]:
    return [int(item["s"]["N"]) for item in response["Items"]]


def names(response: dict[str, Any]) -> set[str]:
    return {name for item in response["Items"] for name in item}


def test_a_query_returns_the_items_of_one_partition_in_the_order_of_the_index(client: Client) -> None:
    fill(client)
    put(client, order(9, "b", day={"S": "d1"}))
    assert numbers(query(client)) == [5, 4, 3, 2, 1]
    assert numbers(query(client, ScanIndexForward=False)) == [1, 2, 3, 4, 5]
    between = "p = :p AND #d BETWEEN :low AND :high"
    values = {":p": {"S": "a"}, ":low": {"S": "d5"}, ":high": {"S": "d7"}}
    request: dict[str, Any] = {"KeyConditionExpression": between, "ExpressionAttributeValues": values}
    assert numbers(query(client, **request, ExpressionAttributeNames={"#d": "day"})) == [4, 3, 2]
    assert sorted(numbers(client.scan(TableName=ORDERS, IndexName="by-day"))) == [1, 2, 3, 4, 5, 9]


def test_an_index_contains_only_the_items_with_its_sort_key(client: Client) -> None:
    put(client, order(1, day={"S": "d"}), order(2, price={"N": "5"}), order(3))
    assert numbers(query(client)) == [1]
    assert numbers(query(client, "by-price")) == [2]
    update = {"UpdateExpression": "REMOVE #d", "ExpressionAttributeNames": {"#d": "day"}}
    client.update_item(TableName=ORDERS, Key=order(1), **update)
    assert numbers(query(client)) == []
    client.delete_item(TableName=ORDERS, Key=order(2))
    assert numbers(query(client, "by-price")) == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_contain_every_item_once_if_sort_keys_are_equal(client: Client, limit: int) -> None:
    put(client, *[order(s, day={"S": "same"}) for s in range(7)], order(99, "b", day={"S": "same"}))
    found: list[int] = []
    start: dict[str, Any] = {}
    while True:
        page = query(client, Limit=limit, **start)
        found += numbers(page)
        if "LastEvaluatedKey" not in page:
            break
        assert page["LastEvaluatedKey"] == order(found[-1], day={"S": "same"})
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == list(range(7))


def test_a_start_key_must_have_the_sort_keys_of_the_index_and_the_table(client: Client) -> None:
    fill(client)
    assert rejection(query, client=client, ExclusiveStartKey=order(3)) == "The provided starting key is invalid"
    outside = "The provided starting key is outside query boundaries based on provided conditions"
    assert rejection(query, client=client, ExclusiveStartKey=order(3, "b", day={"S": "d6"})) == outside


def test_an_index_is_read_with_strong_consistency_and_a_global_one_is_not(client: Client) -> None:
    fill(client)
    assert numbers(query(client, ConsistentRead=True)) == [5, 4, 3, 2, 1]
    assert len(client.scan(TableName=ORDERS, IndexName="by-day", ConsistentRead=True)["Items"]) == 5
    message = "Consistent reads are not supported on global secondary indexes"
    assert rejection(client.scan, TableName=ORDERS, IndexName="days", ConsistentRead=True) == message


def consumed(response: dict[str, Any]) -> tuple[float, dict[str, float]]:
    """Return the units of the table and of each local index. Their sum must be the total."""
    of_request = response["ConsumedCapacity"]
    locals_ = {name: part["CapacityUnits"] for name, part in of_request.get("LocalSecondaryIndexes", {}).items()}
    globals_ = [part["CapacityUnits"] for part in of_request.get("GlobalSecondaryIndexes", {}).values()]
    table: float = of_request["Table"]["CapacityUnits"]
    assert of_request["CapacityUnits"] == table + sum(locals_.values()) + sum(globals_)
    return table, locals_


@pytest.mark.parametrize(
    ("more", "attributes", "table"),
    [
        ({}, {"p", "s", "day"}, 0.0),
        ({"Select": "ALL_PROJECTED_ATTRIBUTES"}, {"p", "s", "day"}, 0.0),
        ({"ProjectionExpression": "s, p"}, {"p", "s"}, 0.0),
        ({"AttributesToGet": ["s", "day"]}, {"s", "day"}, 0.0),
        ({"Select": "ALL_ATTRIBUTES"}, {"p", "s", "day", "body"}, 7.5),
        ({"ProjectionExpression": "s, body"}, {"s", "body"}, 7.5),
        ({"Limit": 2, "ProjectionExpression": "body"}, {"body"}, 3.0),
    ],
)
@pytest.mark.parametrize("consistent", [False, True])
def test_attributes_that_are_not_projected_are_fetched_at_the_units_of_each_item(
    client: Client, more: dict[str, Any], attributes: set[str], table: float, consistent: bool
) -> None:
    fill(client)
    factor = 2 if consistent else 1
    if "AttributesToGet" in more:
        condition = {"p": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}
        reading = {"TableName": ORDERS, "IndexName": "by-day", "KeyConditions": condition, **more}
        response = client.query(**reading, ConsistentRead=consistent, ReturnConsumedCapacity="INDEXES")
    else:
        response = query(client, ConsistentRead=consistent, ReturnConsumedCapacity="INDEXES", **more)
    assert names(response) == attributes
    assert consumed(response) == (table * factor, {"by-day": 0.5 * factor})


def test_a_scan_fetches_too_and_a_count_does_not(client: Client) -> None:
    fill(client)
    reading = {"TableName": ORDERS, "IndexName": "by-day", "ReturnConsumedCapacity": "INDEXES"}
    assert consumed(client.scan(**reading, Select="ALL_ATTRIBUTES")) == (7.5, {"by-day": 0.5})
    assert consumed(client.scan(**reading, Select="COUNT")) == (0.0, {"by-day": 0.5})


def test_an_index_of_all_attributes_fetches_nothing(client: Client) -> None:
    put(client, order(1, code={"B": b"c"}, body=BODY))
    response = query(client, "by-code", Select="ALL_ATTRIBUTES", ReturnConsumedCapacity="INDEXES")
    assert names(response) == {"p", "s", "code", "body"}
    assert consumed(response) == (0.0, {"by-code": 1.5})


def test_fetched_items_count_for_the_end_of_a_page(client: Client) -> None:
    large = {"S": "x" * 349_600}  # three such items have more than 1 MB
    put(client, *[order(s, day={"S": "d"}, body=large) for s in range(5)])
    assert len(query(client)["Items"]) == 5
    page = query(client, Select="ALL_ATTRIBUTES")
    assert (len(page["Items"]), page["LastEvaluatedKey"]["s"]) == (3, {"N": "2"})


def test_a_filter_must_not_name_an_attribute_that_is_not_projected(client: Client) -> None:
    fill(client)
    message = (
        "One or more parameter values were invalid: "
        "Secondary index by-day does not project one or more filter attributes: [body]"
    )
    assert rejection(query, client=client, FilterExpression="attribute_exists(body)") == message
    filtered = query(client, "by-price", FilterExpression="attribute_exists(note)")
    assert filtered["Items"] == []


def test_writes_to_an_index_take_units_like_those_to_a_global_index(client: Client) -> None:
    units = {"ReturnConsumedCapacity": "INDEXES"}
    later = {":d": {"S": "d2"}}

    def update(expression: str, **values: dict[str, Any]) -> tuple[float, dict[str, float]]:
        named = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
        return consumed(
            client.update_item(TableName=ORDERS, Key=order(1), UpdateExpression=expression, **named, **units)
        )

    assert consumed(client.put_item(TableName=ORDERS, Item=order(1, price={"N": "1"}), **units)) == (
        1.0,
        {"by-price": 1.0},
    )
    assert update("SET body = :v", v={"S": "x"}) == (1.0, {})  # not projected
    assert update("SET note = :v", v={"S": "x"}) == (1.0, {"by-price": 1.0})
    assert update("SET price = :v", v={"N": "2"}) == (1.0, {"by-price": 2.0})
    assert update("REMOVE price") == (1.0, {"by-price": 1.0})
    both = client.put_item(TableName=ORDERS, Item=order(1, day={"S": "d1"}), **units)
    assert consumed(both) == (1.0, {"by-day": 1.0})
    assert both["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"days": {"CapacityUnits": 1.0}}
    moved = client.transact_write_items(
        TransactItems=[
            {
                "Update": {
                    "TableName": ORDERS,
                    "Key": order(1),
                    "UpdateExpression": "SET #d = :d",
                    "ExpressionAttributeNames": {"#d": "day"},
                    "ExpressionAttributeValues": later,
                }
            }
        ],
        **units,
    )
    (of_table,) = moved["ConsumedCapacity"]
    assert of_table["LocalSecondaryIndexes"]["by-day"]["CapacityUnits"] == 2.0
    assert consumed(client.delete_item(TableName=ORDERS, Key=order(1), **units)) == (1.0, {"by-day": 1.0})


@pytest.mark.parametrize("value", [{"N": "1"}, {"S": ""}, {"NULL": True}, {"S": "x" * 1025}])
def test_a_value_that_cannot_be_a_sort_key_is_rejected(client: Client, value: dict[str, Any]) -> None:
    put(client, order(1))
    rejection(client.put_item, TableName=ORDERS, Item=order(2, day=value))
    names_and_values = {
        "ExpressionAttributeNames": {"#d": "day"},
        "ExpressionAttributeValues": {":d": value},
    }
    rejection(client.update_item, TableName=ORDERS, Key=order(1), UpdateExpression="SET #d = :d", **names_and_values)
    batch = {ORDERS: [{"PutRequest": {"Item": order(2, day=value)}}]}
    rejection(client.batch_write_item, RequestItems=batch)
    assert client.scan(TableName=ORDERS)["Items"] == [order(1)]


def test_a_table_is_described_with_its_local_indexes(client: Client) -> None:
    fill(client)
    table = client.describe_table(TableName=ORDERS)["Table"]
    described = {each["IndexName"]: each for each in table["LocalSecondaryIndexes"]}
    assert list(described) == ["by-day", "by-price", "by-code"]
    # An entry of by-day has p, s and day: 2 + 3 + 5 bytes.
    assert described["by-day"] == {
        "IndexName": "by-day",
        "KeySchema": schema("p", "day"),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "IndexSizeBytes": 50,
        "ItemCount": 5,
        "IndexArn": f"{table['TableArn']}/index/by-day",
    }
    assert [each["IndexName"] for each in table["GlobalSecondaryIndexes"]] == ["days"]


def test_update_table_changes_only_global_indexes(client: Client) -> None:
    fill(client)
    for kind, verb in (("Delete", "delete"), ("Update", "update")):
        change: dict[str, Any] = {"IndexName": "by-day"}
        if kind == "Update":
            change["OnDemandThroughput"] = {"MaxReadRequestUnits": 1}
        message = f"Cannot {verb} an index that is not a GlobalSecondaryIndex: by-day"
        assert rejection(client.update_table, TableName=ORDERS, GlobalSecondaryIndexUpdates=[{kind: change}]) == message
    create = {"Create": {**index("by-day", "day"), "KeySchema": schema("day")}}
    attributes = [{"AttributeName": "day", "AttributeType": "S"}]
    exists = rejection(
        client.update_table,
        TableName=ORDERS,
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexUpdates=[create],
    )
    assert exists == "Attempting to create an index which already exists"
    # The types of the sort keys of local indexes stay defined.
    client.update_table(TableName=ORDERS, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "days"}}])
    client.update_table(TableName=ORDERS, DeletionProtectionEnabled=True)
    assert len(client.describe_table(TableName=ORDERS)["Table"]["AttributeDefinitions"]) == 5
    assert numbers(query(client)) == [5, 4, 3, 2, 1]


def test_a_table_has_up_to_five_local_indexes(client: Client) -> None:
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in "psabcdef"]
    many = [index(f"by-{name}", name) for name in "sabcd"]
    five = definition("five", AttributeDefinitions=attributes[:6], LocalSecondaryIndexes=many)
    del five["GlobalSecondaryIndexes"]
    assert len(client.create_table(**five)["TableDescription"]["LocalSecondaryIndexes"]) == 5
    six = {**five, "TableName": "six", "AttributeDefinitions": attributes[:7]}
    six["LocalSecondaryIndexes"] = [*many, index("by-e", "e")]
    assert rejection(client.create_table, **six).endswith(
        "Number of LocalSecondaryIndexes exceeds per-table limit of 5"
    )


def test_projected_attributes_and_names_are_counted_over_both_kinds_of_indexes(client: Client) -> None:
    def request(number: int) -> dict[str, Any]:
        included = [index(f"local-{at}", "s", "INCLUDE", *[f"l{n}" for n in range(20)]) for at in range(4)]
        of_global = {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"g{n}" for n in range(number)]}
        return definition(
            f"table-{number}",
            AttributeDefinitions=definition()["AttributeDefinitions"][:2],
            LocalSecondaryIndexes=included,
            GlobalSecondaryIndexes=[{"IndexName": "global", "KeySchema": schema("s"), "Projection": of_global}],
        )

    client.create_table(**request(20))
    over = {**request(19)}
    over["GlobalSecondaryIndexes"] = [
        *over["GlobalSecondaryIndexes"],
        {
            "IndexName": "other",
            "KeySchema": schema("s"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]},
        },
    ]
    assert rejection(client.create_table, **over).endswith("projected attributes exceeds the per-table limit of 100")


@pytest.mark.parametrize(
    ("attribute", "entry"), [({"day": {"S": "d"}}, 9), ({"code": {"B": b"c"}}, 204_800), ({"other": {"S": "d"}}, 0)]
)
def test_an_item_and_its_entries_have_at_most_400_kb_together(
    client: Client, attribute: dict[str, Any], entry: int
) -> None:
    rest = 3 + 2 + sum(len(name) + 1 for name in attribute)  # p, a, s and the number 1, and the attribute
    size = 409_600 - entry - rest - len("x")
    client.put_item(TableName=ORDERS, Item=order(1, x={"S": "x" * size}, **attribute))
    larger = {"S": "x" * (size + 1)}
    message = "Item size has exceeded the maximum allowed size"
    assert rejection(client.put_item, TableName=ORDERS, Item=order(2, x=larger, **attribute)) == message
    update = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": larger}}
    message = "Item size to update has exceeded the maximum allowed size"
    assert rejection(client.update_item, TableName=ORDERS, Key=order(1), **update) == message


# Item collections


def metrics(p: str, low: float = 0.0) -> dict[str, Any]:
    return {"ItemCollectionKey": {"p": {"S": p}}, "SizeEstimateRangeGB": [low, low + 1.0]}


def test_writes_return_the_metrics_of_their_item_collection(client: Client) -> None:
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    put_response = client.put_item(TableName=ORDERS, Item=order(1), **size)
    assert put_response["ItemCollectionMetrics"] == metrics("a")
    update = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": {"N": "1"}}}
    updated = client.update_item(TableName=ORDERS, Key=order(1), **update, **size)
    assert updated["ItemCollectionMetrics"] == metrics("a")
    deleted = client.delete_item(TableName=ORDERS, Key=order(1), **size)
    assert deleted["ItemCollectionMetrics"] == metrics("a")
    assert "ItemCollectionMetrics" not in client.put_item(TableName=ORDERS, Item=order(1))
    none = {"ReturnItemCollectionMetrics": "NONE"}
    assert "ItemCollectionMetrics" not in client.put_item(TableName=ORDERS, Item=order(1), **none)


def test_batches_and_transactions_return_each_item_collection_once(client: Client) -> None:
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    writes = [{"PutRequest": {"Item": order(s, p)}} for s, p in ((1, "a"), (2, "a"), (1, "b"))]
    batch = client.batch_write_item(RequestItems={ORDERS: writes}, **size)
    assert batch["ItemCollectionMetrics"] == {ORDERS: [metrics("a"), metrics("b")]}
    actions: list[dict[str, Any]] = [{"Put": {"TableName": ORDERS, "Item": order(3, "c")}}]
    absent = {"ConditionExpression": "attribute_not_exists(p)"}
    actions.append({"ConditionCheck": {"TableName": ORDERS, "Key": order(1, "d"), **absent}})
    transaction = client.transact_write_items(TransactItems=actions, **size)
    assert transaction["ItemCollectionMetrics"] == {ORDERS: [metrics("c")]}


def test_a_table_without_local_indexes_has_no_metrics(client: Client) -> None:
    bare = definition("bare", AttributeDefinitions=definition()["AttributeDefinitions"][:3])
    del bare["LocalSecondaryIndexes"]
    client.create_table(**bare)
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    assert "ItemCollectionMetrics" not in client.put_item(TableName="bare", Item=order(1), **size)
    batch = {"bare": [{"PutRequest": {"Item": order(1)}}]}
    assert "ItemCollectionMetrics" not in client.batch_write_item(RequestItems=batch, **size)


def test_the_estimate_is_of_the_items_and_entries_of_one_partition(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_collections, "_GB", 10_000)  # bytes, so that "GB" are small
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    put(client, order(1, "b", body=BODY), order(1, body=BODY))
    # An item of 9,000 bytes and an entry of as many in the index of all attributes.
    both = client.put_item(TableName=ORDERS, Item=order(2, code={"B": b"c"}, body=BODY), **size)
    assert both["ItemCollectionMetrics"] == metrics("a", 2.0)
    deleted = client.delete_item(TableName=ORDERS, Key=order(2), **size)
    assert deleted["ItemCollectionMetrics"] == metrics("a")


@pytest.fixture
def limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client whose item collections have at most 20,000 bytes, with two items of 9,000 bytes in one of them."""
    monkeypatch.setattr(item_collections, "ITEM_COLLECTION_BYTES", 20_000)
    put(client, order(1, body=BODY), order(2, body=BODY))
    return client


EXCEEDED = {"Code": "ItemCollectionSizeLimitExceededException", "Message": "Collection size exceeded."}


def test_a_write_that_makes_an_item_collection_too_large_is_rejected(limited: Client) -> None:
    assert error(limited.put_item, TableName=ORDERS, Item=order(3, body=BODY))["Error"] == EXCEEDED
    # The entry in the index counts too.
    code = {"UpdateExpression": "SET code = :c", "ExpressionAttributeValues": {":c": {"B": b"c"}}}
    assert error(limited.update_item, TableName=ORDERS, Key=order(1), **code)["Error"] == EXCEEDED
    batch = {ORDERS: [{"PutRequest": {"Item": order(s, body=BODY)}} for s in (3, 4)]}
    assert error(limited.batch_write_item, RequestItems=batch)["Error"] == EXCEEDED
    with pytest.raises(limited.exceptions.ItemCollectionSizeLimitExceededException):
        limited.put_item(TableName=ORDERS, Item=order(3, body=BODY))
    assert numbers(limited.scan(TableName=ORDERS)) == [1, 2]


def test_other_collections_and_smaller_items_are_accepted(limited: Client) -> None:
    put(limited, order(1, "b", body=BODY), order(2, "b", body=BODY))
    put(limited, order(1, body={"S": "short"}), order(3, body=BODY))
    limited.delete_item(TableName=ORDERS, Key=order(2))
    assert numbers(query(limited, "by-code")) == []
    assert len(limited.scan(TableName=ORDERS)["Items"]) == 4


def test_a_transaction_is_cancelled_by_an_item_collection_that_is_too_large(limited: Client) -> None:
    actions = [{"Put": {"TableName": ORDERS, "Item": order(1, p, body=BODY)}} for p in ("b", "c")]
    actions.append({"Put": {"TableName": ORDERS, "Item": order(3, body=BODY)}})
    response = error(limited.transact_write_items, TransactItems=actions)
    assert response["Error"]["Code"] == "TransactionCanceledException"
    reason = {"Code": "ItemCollectionSizeLimitExceeded", "Message": "Collection size exceeded."}
    assert response["CancellationReasons"] == [{"Code": "None"}, {"Code": "None"}, reason]
    assert numbers(limited.scan(TableName=ORDERS)) == [1, 2]


# Other operations


def statement(client: Client, text: str, **more: Any) -> dict[str, Any]:
    return client.execute_statement(Statement=text, **more)


def test_partiql_reads_an_index_and_fetches_attributes_that_are_not_projected(client: Client) -> None:
    fill(client)
    ordered = statement(client, f"""SELECT * FROM "{ORDERS}"."by-day" WHERE p = 'a' AND day > 'd5'""")
    assert (numbers(ordered), names(ordered)) == ([3, 2, 1], {"p", "s", "day"})
    text = f"""SELECT s, body FROM "{ORDERS}"."by-day" WHERE p = 'a' ORDER BY day DESC"""
    fetched = statement(client, text, ConsistentRead=True, ReturnConsumedCapacity="INDEXES")
    assert (numbers(fetched), names(fetched)) == ([1, 2, 3, 4, 5], {"s", "body"})
    assert consumed(fetched) == (15.0, {"by-day": 1.0})


def test_expired_items_are_deleted_from_the_indexes(tmp_path: Path) -> None:
    now = [1_000_000.0]
    with closing(connect(str(tmp_path / "engine.db"), clock=lambda: now[0])) as client:
        client.create_table(**definition())
        specification = {"Enabled": True, "AttributeName": "until"}
        client.update_time_to_live(TableName=ORDERS, TimeToLiveSpecification=specification)
        put(client, order(1, day={"S": "d"}, until={"N": "1000010"}))
        now[0] += 3600
        put(client, order(2, day={"S": "d"}))
        assert numbers(query(client)) == [2]


def test_a_restored_table_has_the_local_indexes_of_the_backup(tmp_path: Path) -> None:
    with closing(connect(str(tmp_path / "engine.db"))) as client:
        client.create_table(**definition())
        fill(client)
        backup = client.create_backup(TableName=ORDERS, BackupName="one")["BackupDetails"]["BackupArn"]
        put(client, order(6, day={"S": "d1"}))
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)
        client.delete_table(TableName=ORDERS)
        client.put_item(TableName="restored", Item=order(7, day={"S": "d0"}))
        reading = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
        found = client.query(TableName="restored", IndexName="by-day", ConsistentRead=True, **reading)
        assert numbers(found) == [7, 5, 4, 3, 2, 1]
        described = client.describe_table(TableName="restored")["Table"]["LocalSecondaryIndexes"]
        assert (described[0]["IndexName"], described[0]["ItemCount"]) == ("by-day", 6)


def test_a_deleted_table_leaves_no_entries(tmp_path: Path) -> None:
    path = str(tmp_path / "engine.db")
    with closing(connect(path)) as client:
        client.create_table(**definition())
        fill(client)
        client.delete_table(TableName=ORDERS)
        client.create_table(**definition())
        assert query(client)["Items"] == []
        with pytest.raises(ClientError, match="does not have the specified index"):
            query(client, "absent")
