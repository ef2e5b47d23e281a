"""One of many commands at once: `python -m tests.differential.concurrent_writer NAME COUNT`, with the path of a file on each line
of its input.

It makes the file's tables unless another was first, adds COUNT things under one shared partition, each with the next
free number, and after each tries to finish another one. It answers each line with JSON: the numbers that it added, and
those that it finished.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
from typing import Any

from nodetodo import embedded
from tests.differential.schema import TABLES, Client, create_request

SHARED = "shared"


def make_tables(client: Client) -> None:
    for name, table in TABLES.items():
        with contextlib.suppress(client.exceptions.ResourceInUseException):
            client.create_table(**create_request(name, table))


def next_free(client: Client) -> int:
    page = client.query(
        TableName="thing",
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": {"S": SHARED}},
        ScanIndexForward=False,
        Limit=1,
    )
    return int(page["Items"][0]["s"]["N"]) + 1 if page["Items"] else 1


def add(client: Client, name: str) -> int:
    """Add one thing under the next free number, whoever else takes numbers at the same time."""
    one: dict[str, Any] = {"UpdateExpression": "ADD added :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    while True:
        number = next_free(client)
        thing = {"p": {"S": SHARED}, "s": {"N": str(number)}, "g": {"S": name}, "by": {"S": name}}
        put = {"TableName": "thing", "Item": thing, "ConditionExpression": "attribute_not_exists(p)"}
        try:
            client.transact_write_items(
                TransactItems=[
                    {"Put": put},
                    {"Update": {"TableName": "flat", "Key": {"p": {"S": "all"}}} | one},
                    {"Update": {"TableName": "flat", "Key": {"p": {"S": name}}} | one},
                ]
            )
        except client.exceptions.TransactionCanceledException as cancelled:
            codes = [reason["Code"] for reason in cancelled.response["CancellationReasons"]]
            assert codes == ["ConditionalCheckFailed", "None", "None"], codes
        else:
            return number


def finish(client: Client, name: str, number: int) -> bool:
    try:
        client.update_item(
            TableName="thing",
            Key={"p": {"S": SHARED}, "s": {"N": str(number)}},
            UpdateExpression="SET finished = :name, g = :done",
            ConditionExpression="attribute_exists(p) AND attribute_not_exists(finished)",
            ExpressionAttributeValues={":name": {"S": name}, ":done": {"S": "done"}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def session(path: str, name: str, count: int) -> dict[str, list[int]]:
    with contextlib.closing(embedded.connect(path)) as client:
        make_tables(client)
        chance = random.Random(name)
        added: list[int] = []
        finished: list[int] = []
        for _ in range(count):
            added.append(add(client, name))
            other = chance.randint(1, added[-1])
            if finish(client, name, other):
                finished.append(other)
        return {"added": added, "finished": finished}


def main(name: str, count: int) -> None:
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        print(json.dumps(session(line.rstrip("\n"), name, count)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
