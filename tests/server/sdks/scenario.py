"""The scenario with boto3. The first argument is the URL of the endpoint."""

import sys
from datetime import UTC, datetime

import boto3  # type: ignore[import-untyped]

client = boto3.client(
    "dynamodb",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="nodetodo",
    aws_secret_access_key="nodetodo",
)
client.create_table(
    TableName="scenario",
    AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "N"}],
    KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    BillingMode="PAY_PER_REQUEST",
)
client.get_waiter("table_exists").wait(TableName="scenario")
item = {"p": {"S": "a"}, "s": {"N": "1"}, "binary": {"B": b"\x00\x01\xff"}, "list": {"L": [{"BOOL": True}]}}
client.put_item(TableName="scenario", Item=item)
try:
    client.put_item(TableName="scenario", Item=item, ConditionExpression="attribute_not_exists(p)")
except client.exceptions.ConditionalCheckFailedException as error:
    print(error.response["Error"]["Code"])  # noqa: T201
second = {"p": {"S": "a"}, "s": {"N": "2"}}
client.transact_write_items(TransactItems=[{"Put": {"TableName": "scenario", "Item": second}}])
query = {
    "TableName": "scenario",
    "KeyConditionExpression": "p = :p",
    "ExpressionAttributeValues": {":p": {"S": "a"}},
    "Limit": 1,
}
first = client.query(**query)["LastEvaluatedKey"]
print(client.query(ExclusiveStartKey=first, **query)["Items"][0]["s"]["N"])  # noqa: T201
stored = client.get_item(TableName="scenario", Key={"p": {"S": "a"}, "s": {"N": "1"}})["Item"]
print(stored["binary"]["B"].hex(), stored["list"]["L"][0]["BOOL"])  # noqa: T201
created = client.describe_table(TableName="scenario")["Table"]["CreationDateTime"]
print(abs((datetime.now(UTC) - created).total_seconds()) < 600)  # noqa: T201
client.delete_table(TableName="scenario")
print(len(client.list_tables()["TableNames"]))  # noqa: T201
