"""One of several processes that write to one file: `python -m tests.differential.concurrent_writer NAME COUNT`.

It prints "ready". For each line of its input, the path of a file, it creates the tables if they do not exist and adds
COUNT tasks to one shared partition, each with the next free number. After each it tries to finish a random one. Then it
prints the numbers that it added and finished as JSON.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
from typing import Any

from nodetodo import embedded
from tests.differential.schema import Client, create_tables

PARTITION = "shared"


def next_free_number(client: Client) -> int:
    """Return the number after the last one in the partition."""
    page = client.query(
        TableName="thing",
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": {"S": PARTITION}},
        ScanIndexForward=False,
        Limit=1,
    )
    return int(page["Items"][0]["s"]["N"]) + 1 if page["Items"] else 1


def add(client: Client, name: str) -> int:
    """Add a task under the next free number, and count it. Repeat if another process takes that number first."""
    count: dict[str, Any] = {"UpdateExpression": "ADD added :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    while True:
        number = next_free_number(client)
        item = {"p": {"S": PARTITION}, "s": {"N": str(number)}, "g": {"S": name}, "by": {"S": name}}
        put = {"TableName": "thing", "Item": item, "ConditionExpression": "attribute_not_exists(p)"}
        try:
            client.transact_write_items(
                TransactItems=[
                    {"Put": put},
                    {"Update": {"TableName": "flat", "Key": {"p": {"S": "all"}}} | count},
                    {"Update": {"TableName": "flat", "Key": {"p": {"S": name}}} | count},
                ]
            )
        except client.exceptions.TransactionCanceledException as cancelled:
            codes = [reason["Code"] for reason in cancelled.response["CancellationReasons"]]
            assert codes == ["ConditionalCheckFailed", "None", "None"], codes
        else:
            return number


def finish(client: Client, name: str, number: int) -> bool:
    """Finish a task. Return False if it is finished already."""
    try:
        client.update_item(
            TableName="thing",
            Key={"p": {"S": PARTITION}, "s": {"N": str(number)}},
            UpdateExpression="SET finished = :name, g = :done",
            ConditionExpression="attribute_exists(p) AND attribute_not_exists(finished)",
            ExpressionAttributeValues={":name": {"S": name}, ":done": {"S": "done"}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def write(path: str, name: str, count: int) -> dict[str, list[int]]:
    """Add `count` tasks and return the added and the finished numbers."""
    with contextlib.closing(embedded.connect(path)) as client:
        create_tables(client, exist_ok=True)
        rng = random.Random(name)
        added: list[int] = []
        finished: list[int] = []
        for _ in range(count):
            added.append(add(client, name))
            number = rng.randint(1, added[-1])
            if finish(client, name, number):
                finished.append(number)
        return {"added": added, "finished": finished}


def main(name: str, count: int) -> None:
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        print(json.dumps(write(line.rstrip("\n"), name, count)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
