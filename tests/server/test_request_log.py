"""The request log and the summary: what a program in any language sees of its requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nodetodo.explain import requests
from nodetodo.server import summary
from nodetodo.server.request_log import RequestLog

from .support import SIGNATURE, Served, serving
from .test_endpoint import KEY, item


def put(served: Served, count: int) -> None:
    for number in range(count):
        category = {"category": {"S": "shopping" if number % 2 else "work"}}
        served.good("PutItem", {"TableName": "thing", "Item": item("a", number, g={"S": "x"}, **category)})


def query(**more: Any) -> dict[str, Any]:
    return {
        "TableName": "thing",
        "KeyConditionExpression": "#p = :p AND s BETWEEN :low AND :high",
        "FilterExpression": "category = :c OR NOT contains(description, :c)",
        "ExpressionAttributeNames": {"#p": "p"},
        "ExpressionAttributeValues": {
            ":p": {"S": "a"},
            ":c": {"S": "shopping"},
            ":low": {"N": "0"},
            ":high": {"N": "3"},
        },
        **more,
    }


def describe(served: Served) -> summary.Describe:
    return lambda name: requests.described(served.client.describe_table(TableName=name)["Table"])


@pytest.mark.parametrize(
    ("operation", "member"),
    [("ExecuteStatement", None), ("BatchExecuteStatement", "Statements"), ("ExecuteTransaction", "TransactStatements")],
)
def test_a_statement_that_selects_consumes_read_units_and_another_one_write_units(
    served: Served, operation: str, member: str | None
) -> None:
    put(served, 1)
    texts = (" select * FROM thing WHERE p = 'a' AND s = 0", "UPDATE thing SET x = 1 WHERE p = 'a' AND s = 0")
    for text, kind in zip(texts, ("read", "write"), strict=True):
        statement = {"Statement": text}
        served.good(operation, {member: [statement]} if member else statement)
        line = served.lines[-1]
        assert f" {kind}" in line, line
        assert {"read": " write", "write": " read"}[kind] not in line
    totals = served.log.totals.units
    assert {place.kind for place in totals} == {"read", "write"}


def test_a_line_shows_the_key_the_filter_the_items_and_the_units(served: Served) -> None:
    put(served, 1)
    served.good("Query", query() | {"FilterExpression": "category = :c"})
    served.good("Scan", {"TableName": "thing", "IndexName": "by-g"})
    served.good("GetItem", {"TableName": "thing", "Key": item("a", 0), "ConsistentRead": True})
    served.good("BatchGetItem", {"RequestItems": {"thing": {"Keys": [KEY, item("a", 2)]}}})
    delete = {"Delete": {"TableName": "thing", "Key": item("a", 0)}}
    served.good("TransactWriteItems", {"TransactItems": [delete]})
    served.good("DescribeTable", {"TableName": "thing"})
    assert served.lines == [
        "PutItem             thing  p = 'a', s = 0  1 write on thing, 1 write on by-g  0.4 ms",
        "Query               thing  p = 'a' AND s BETWEEN 0 AND 3; filter category = 'shopping': "
        "0 of 1 items  0.5 read  0.4 ms",
        "Scan                thing/by-g  SCAN: 1 item  0.5 read  0.4 ms",
        "GetItem             thing  p = 'a', s = 0  1 read  0.4 ms",
        "BatchGetItem        thing  2 keys  1 read  0.4 ms",
        "TransactWriteItems  thing  1 action: Delete  2 write on thing, 1 write on by-g  0.4 ms",
        "DescribeTable       thing  0.4 ms",
    ]


def test_a_change_of_point_in_time_recovery_has_a_note_that_nothing_is_backed_up(served: Served) -> None:
    specification = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    request = {"TableName": "thing", "PointInTimeRecoverySpecification": specification}
    described = served.good("UpdateContinuousBackups", request)["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    assert served.lines == ["UpdateContinuousBackups  thing  the setting is stored, and nothing is backed up  0.4 ms"]


def test_a_rejected_write_is_charged_by_the_size_of_the_existing_item(served: Served) -> None:
    served.good("PutItem", {"TableName": "thing", "Item": item("a", 1, text={"S": "x" * 3000})})
    put_new = {"TableName": "thing", "Item": item("a", 1), "ConditionExpression": "attribute_not_exists(p)"}
    assert served.call("PutItem", put_new).status == 400
    legacy_put = {"TableName": "thing", "Item": item("a", 1), "Expected": {"p": {"Exists": False}}}
    rejected = served.call("PutItem", legacy_put)
    assert (rejected.status, "Item" in rejected.json) == (400, False)
    assert served.call("TransactWriteItems", {"TransactItems": [{"Put": put_new}]}).status == 400
    assert served.lines[1:] == [
        *["PutItem             thing  p = 'a', s = 1  3 write  ConditionalCheckFailedException  0.4 ms"] * 2,
        "TransactWriteItems  thing  1 action: Put  2 write  TransactionCanceledException  0.4 ms",
    ]


def legacy(operator: str, *values: dict[str, Any]) -> dict[str, Any]:
    return {"ComparisonOperator": operator, **({"AttributeValueList": list(values)} if values else {})}


def test_legacy_parameters_are_shown_and_advised_as_the_expressions_that_replaced_them(served: Served) -> None:
    put(served, 2)
    key = {"p": legacy("EQ", {"S": "a"}), "s": legacy("BETWEEN", {"N": "0"}, {"N": "3"})}
    filtered = {"category": legacy("EQ", {"S": "shopping"})}
    served.good("Query", {"TableName": "thing", "KeyConditions": key, "QueryFilter": filtered})
    several = {"g": legacy("NOT_CONTAINS", {"S": "y"}), "a": legacy("NULL"), "b": legacy("IN", {"N": "1"}, {"N": "2"})}
    served.good("Scan", {"TableName": "thing", "ScanFilter": several, "ConditionalOperator": "OR"})
    mixed = {"FilterExpression": "#v = :v0", "ExpressionAttributeNames": {"#v": "x"}}
    mixed |= {"ExpressionAttributeValues": {":v0": {"N": "9"}}}
    served.good("Query", {"TableName": "thing", "KeyConditions": key, **mixed})
    assert served.lines[2:] == [
        "Query               thing  p = 'a' AND s BETWEEN 0 AND 3; filter category = 'shopping': "
        "1 of 2 items  0.5 read  0.4 ms",
        "Scan                thing  SCAN; filter (attribute_exists(g) AND NOT contains(g, 'y')) OR "
        "attribute_not_exists(a) OR b IN (1, 2): 2 items  0.5 read  0.4 ms",
        "Query               thing  p = 'a' AND s BETWEEN 0 AND 3; filter x = 9: 0 of 2 items  0.5 read  0.4 ms",
    ]
    shown = "\n".join(summary.lines(served.log.totals, describe(served)))
    assert "Query on thing, p = :v1 AND s BETWEEN :v2 AND :v3, filter category = :v0" in " ".join(shown.split())
    assert "An index with partition key p and sort key category, s" in " ".join(shown.split())


def test_invalid_legacy_parameters_are_reported_without_a_key(served: Served) -> None:
    answer = served.call("Query", {"TableName": "thing", "KeyConditions": {"p": legacy("EQ")}})
    assert answer.status == 400
    assert [line.split("  ")[0] for line in served.lines] == ["Query"]
    assert "ValidationException" in served.lines[0]


def test_json_lines_hold_the_same(served: Served) -> None:
    with serving(client=served.client, is_json=True) as other:
        other.good("Query", query(ReturnConsumedCapacity="TOTAL"))
        other.call("Query", {"TableName": "thing"})
        other.call("Nonsense", {})
        found, invalid, unknown = map(json.loads, other.text.splitlines())
    assert found.pop("milliseconds") > 0
    assert found == {
        "time": "2026-11-23T12:00:00.000+01:00",
        "operation": "Query",
        "tables": ["thing"],
        "index": None,
        "key": "p = 'a' AND s BETWEEN 0 AND 3",
        "filter": "category = 'shopping' OR NOT contains(description, 'shopping')",
        "scanned": 0,
        "returned": 0,
        "units": [{"kind": "read", "table": "thing", "index": None, "units": 0.5}],
        "error": None,
        "note": None,
    }
    assert (invalid["operation"], invalid["error"]) == ("Query", "ValidationException")
    assert (unknown["operation"], unknown["error"]) == ("Nonsense", "UnknownOperationException")


def test_no_credentials_and_no_items_are_in_the_log(served: Served) -> None:
    secret = "hunter2"
    served.call("PutItem", {"TableName": "thing", "Item": item("a", 1, password={"S": secret})})
    served.call("ListTables", {}, X_Amz_Security_Token=secret)
    served.call("ListTables", {}, Authorization=f"Basic {secret}")
    served.call("ListTables", {}, Host=secret)
    served.call("ListTables", {"Limit": {"S": secret}})
    assert len(served.lines) == 5
    assert secret not in served.text
    assert SIGNATURE not in served.text


def test_characters_that_control_a_terminal_are_escaped(served: Served) -> None:
    served.call("GetItem", {"TableName": "thing", "Key": item("\x1b[31m\u202e", 1)})
    served.call("No\x1b[31m", {})
    served.call("\xe9" * 5000, {})
    assert served.text.replace("\n", "").isprintable()
    assert max(map(len, served.lines)) < 300


def test_a_quiet_log_prints_nothing_and_still_counts() -> None:
    with serving(is_quiet=True) as served:
        served.good("ListTables", {})
        assert served.text == ""
        assert served.log.totals.requests == {"ListTables": 1}


def test_the_summary_has_the_units_the_price_and_the_most_expensive_requests(served: Served) -> None:
    put(served, 8)
    for start in ("0", "1", "2"):
        values = query()["ExpressionAttributeValues"] | {":low": {"N": start}}
        served.good("Query", query(ExpressionAttributeValues=values, FilterExpression="category = :c"))
    scan = {
        "TableName": "thing",
        "FilterExpression": "category = :c",
        "ExpressionAttributeValues": {":c": {"S": "work"}},
    }
    served.good("Scan", scan)
    served.call("Nonsense", {})
    # 8 + 8 write units at $0.625 and 2 read units at $0.125 a million
    assert list(summary.lines(served.log.totals, describe(served))) == [
        "12 requests: 8 PutItem, 3 Query, 1 Scan; 1 error",
        "",
        "TABLE OR INDEX  READ UNITS  WRITE UNITS  A MILLION TIMES",
        "thing                    2            8            $5.25",
        "thing/by-g               0            8            $5.00",
        "in total                 2           16           $10.25",
        "on demand, at the prices of us-east-1 on 2026-10-08, table class standard",
        "",
        "The most expensive requests:",
        "1  PutItem on thing: 8 requests, 16 write units",
        "2  Query on thing, p = :p AND s BETWEEN :low AND :high, filter category = :c: 3",
        "   requests, 1.5 read units, 5 of 9 evaluated items returned",
        "   ! The filter saves no read units. An index with partition key p and sort key",
        "     category, s reads only matching items, but each write pays for it.",
        "3  Scan on thing, filter category = :c: 1 request, 0.5 read units, 4 of 8",
        "   evaluated items returned",
        "   ! A Scan reads every item of the table, at a read unit for each 8 KB. If p is",
        "     known, a Query reads only that key.",
        "   ! The filter saves no read units. An index with partition key category and",
        "     sort key s reads only matching items, but each write pays for it.",
    ]
    found = summary.as_json(served.log.totals, describe(served))
    assert found["errors"] == 1
    assert sum(part["million"] for part in found["units"]) == pytest.approx(10.25)
    assert [each["advice"] != [] for each in found["most_expensive"]] == [False, True, True]
    json.dumps(found)


@pytest.mark.parametrize(
    ("filtered", "advice"),
    [
        ("size(category) > :n", "The filter saves no read units."),
        ("a.b = :c", "The filter saves no read units."),
        ("category = :c OR category = :n", "The filter saves no read units."),
        ("NOT category = :c", "The filter saves no read units."),
        ("flag = :b", "The filter saves no read units."),
        ("category IN (:c, :n)", "The filter saves no read units."),
        (
            "category = :c AND (a = :c OR b = :c)",
            "The filter saves no read units. An index with partition key p and sort key category, s reads fewer items, "
            "but each write pays for it.",
        ),
    ],
)
def test_advice_is_given_for_any_filter(served: Served, filtered: str, advice: str) -> None:
    values = {":c": {"S": "x"}, ":n": {"N": "5"}, ":b": {"BOOL": True}}
    used = {name: value for name, value in values.items() if name in filtered} | {":p": {"S": "a"}}
    served.good(
        "Query",
        {
            "TableName": "thing",
            "KeyConditionExpression": "p = :p",
            "FilterExpression": filtered,
            "ExpressionAttributeValues": used,
        },
    )
    ((shape, use),) = served.log.totals.most_expensive()
    assert summary.advice(shape, use.example, describe(served)) == [advice]


def test_the_summary_survives_a_table_that_was_deleted(served: Served) -> None:
    served.good("Scan", {"TableName": "thing"})
    served.good("DeleteTable", {"TableName": "thing"})
    lines = list(summary.lines(served.log.totals, describe(served)))
    assert lines[-1] == "1  Scan on thing: 1 request, 0.5 read units"


def test_the_memory_for_request_shapes_is_bounded(served: Served) -> None:
    log: RequestLog = served.log
    for number in range(1200):
        parameters = {
            "TableName": "thing",
            "KeyConditionExpression": "p = :p",
            "FilterExpression": f"a{number} = :p",
            "ExpressionAttributeValues": {":p": {"S": "x" * 8}},
        }
        log.send("Query", served.client.query, parameters)
    assert len(log.totals.shapes) <= summary.MAX_SHAPES
    large = {":p": {"S": "x" * 2000}, ":q": {"S": "x" * 3000}}
    served.client.put_item(TableName="thing", Item=item("a", 1))
    parameters = {"FilterExpression": "a = :p OR a = :q", "ExpressionAttributeValues": large, "TableName": "thing"}
    log.send("Scan", served.client.scan, parameters)
    (use,) = [use for shape, use in log.totals.shapes.items() if shape.operation == "Scan"]
    assert use.example == {}


def schema(*names: str, hash_keys: int = 1) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": "HASH" if at < hash_keys else "RANGE"} for at, name in enumerate(names)]


ORDERS: dict[str, Any] = {
    "TableName": "orders",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("p", "s", "day", "g", "h")],
    "KeySchema": schema("p", "s"),
    "BillingMode": "PAY_PER_REQUEST",
    "LocalSecondaryIndexes": [
        {"IndexName": "by-day", "KeySchema": schema("p", "day"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g-h",
            "KeySchema": schema("g", "h", "day", "s", hash_keys=2),
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


def order(s: str, **attributes: Any) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"p": "a", "s": s, **attributes}.items()}


def test_a_program_with_boto3_sees_local_indexes_and_keys_of_several_attributes() -> None:
    with serving() as served:
        client = served.boto()
        described = client.create_table(**ORDERS)["TableDescription"]
        assert described["LocalSecondaryIndexes"][0]["KeySchema"] == schema("p", "day")
        assert described["GlobalSecondaryIndexes"][0]["KeySchema"] == schema("g", "h", "day", "s", hash_keys=2)
        put_order = client.put_item(
            TableName="orders",
            Item=order("1", day="d", g="x", h="y", body="z"),
            ReturnItemCollectionMetrics="SIZE",
            ReturnConsumedCapacity="INDEXES",
        )
        metrics = {"ItemCollectionKey": {"p": {"S": "a"}}, "SizeEstimateRangeGB": [0.0, 1.0]}
        assert put_order["ItemCollectionMetrics"] == metrics
        assert put_order["ConsumedCapacity"]["LocalSecondaryIndexes"] == {"by-day": {"CapacityUnits": 1.0}}
        reading = {"TableName": "orders", "ExpressionAttributeNames": {"#d": "day"}, "Limit": 1}
        of_local = client.query(
            **reading,
            IndexName="by-day",
            KeyConditionExpression="p = :p AND #d = :d",
            ExpressionAttributeValues={":p": {"S": "a"}, ":d": {"S": "d"}},
            ConsistentRead=True,
            Select="ALL_ATTRIBUTES",
        )
        of_global = client.query(
            **reading,
            IndexName="by-g-h",
            KeyConditionExpression="g = :g AND h = :h AND #d >= :d",
            ExpressionAttributeValues={":g": {"S": "x"}, ":h": {"S": "y"}, ":d": {"S": "d"}},
        )
        assert of_local["Items"] == of_global["Items"] == [order("1", day="d", g="x", h="y", body="z")]
        assert of_local["LastEvaluatedKey"] == order("1", day="d")
        assert of_global["LastEvaluatedKey"] == order("1", day="d", g="x", h="y")
        assert served.lines[1:] == [
            "PutItem             orders  p = 'a', s = '1'  "
            "1 write on orders, 1 write on by-g-h, 1 write on by-day  0.4 ms",
            "Query               orders/by-day  p = 'a' AND day = 'd': 1 item  "
            "1 read on orders, 1 read on by-day  0.4 ms",
            "Query               orders/by-g-h  g = 'x' AND h = 'y' AND day >= 'd': 1 item  0.5 read  0.4 ms",
        ]
        text = "\n".join(summary.lines(served.log.totals, describe(served)))
        assert "orders/by-day" in text
        assert "orders/by-g-h" in text


def test_the_advice_names_all_attributes_of_a_partition_key() -> None:
    with serving() as served:
        served.good("CreateTable", ORDERS)
        served.good("PutItem", {"TableName": "orders", "Item": order("1", day="d", g="x", h="y", body="z")})
        index = {"TableName": "orders", "IndexName": "by-g-h"}
        values = {":g": {"S": "x"}, ":h": {"S": "y"}, ":b": {"S": "z"}}
        condition = {"KeyConditionExpression": "g = :g AND h = :h", "FilterExpression": "body = :b"}
        served.good("Query", {**index, **condition, "ExpressionAttributeValues": values})
        served.good("Scan", index)
        text = " ".join("\n".join(summary.lines(served.log.totals, describe(served))).split())
        assert "An index with partition key g, h and sort key body, s reads only matching items" in text
        assert "If g and h are known, a Query reads only that key." in text
