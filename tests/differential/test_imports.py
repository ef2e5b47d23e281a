"""The embedded engine starts without modules that are slow to import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SLOW = {"boto3", "botocore", "dateutil", "dataclasses", "asyncio", "decimal"}

SESSION = """
import json, sys
from nodetodo import embedded

client = embedded.connect(sys.argv[1])
client.create_table(
    TableName="thing",
    AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "N"}],
    KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    BillingMode="PAY_PER_REQUEST",
)
client.put_item(TableName="thing", Item={"p": {"S": "a"}, "s": {"N": "1.50"}})
page = client.query(
    TableName="thing",
    KeyConditionExpression="#p = :p AND s > :zero",
    FilterExpression="attribute_not_exists(done)",
    ExpressionAttributeNames={"#p": "p"},
    ExpressionAttributeValues={":p": {"S": "a"}, ":zero": {"N": "0"}},
)
json.dump([page["Items"], sorted(sys.modules)], sys.stdout)
"""


def test_creating_a_table_putting_and_querying_import_no_slow_module(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SESSION, str(tmp_path / "imports.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    items, modules = json.loads(done.stdout)
    assert items == [{"p": {"S": "a"}, "s": {"N": "1.5"}}]
    assert SLOW.isdisjoint(modules), sorted(SLOW.intersection(modules))
