"""A process that writes until it is killed: `python -m tests.differential.crash_writer FILE`.

It reads the number of its first operation from its input, connects, and prints "connected". Then it performs that
operation and the following ones, and prints the number of each completed operation. An operation depends only on its
number, so the reader of the output can compute the contents of the file.
"""

from __future__ import annotations

import itertools
import random
import sys

from nodetodo import embedded
from tests.differential.requests import Request, send
from tests.differential.schema import Item


def operation(number: int) -> Request:
    """Return any kind of write.

    Index entries appear, move and disappear. Items span several database pages. Some operations write both tables.
    """
    rng = random.Random(number)

    def random_key() -> Item:
        return {"p": {"S": rng.choice("ab")}, "s": {"N": str(rng.randrange(12))}}

    def random_item() -> Item:
        body = {"number": {"N": str(number)}, "pad": {"S": "x" * rng.choice((0, 0, 100, 5_000, 60_000))}}
        return random_key() | body | ({"g": {"S": rng.choice("gh")}} if rng.random() < 0.7 else {})

    kind = rng.choice(("put", "put", "move", "leave", "delete", "transaction", "transaction", "batch", "rejected"))
    if kind == "put":
        return Request("put_item", {"TableName": "thing", "Item": random_item()})
    if kind == "move":
        values = {":g": {"S": rng.choice("gh")}, ":one": {"N": "1"}}
        update = {"UpdateExpression": "SET g = :g ADD moves :one", "ExpressionAttributeValues": values}
        return Request("update_item", {"TableName": "thing", "Key": random_key()} | update)
    if kind == "leave":
        return Request("update_item", {"TableName": "thing", "Key": random_key(), "UpdateExpression": "REMOVE g, pad"})
    if kind == "delete":
        return Request("delete_item", {"TableName": "thing", "Key": random_key()})
    if kind == "batch":
        items = {repr(item["s"]) + repr(item["p"]): item for item in (random_item() for _ in range(6))}
        puts = [{"PutRequest": {"Item": item}} for item in items.values()]
        other = {"PutRequest": {"Item": {"p": {"S": f"batch {number % 7}"}, "number": {"N": str(number)}}}}
        return Request("batch_write_item", {"RequestItems": {"thing": puts, "flat": [other]}})
    # A counter in each table; a rejected transaction must change neither.
    count = {"UpdateExpression": "ADD transactions :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    condition = {"ConditionExpression": "attribute_not_exists(transactions)"} if kind == "rejected" else {}
    key = {"p": {"S": "count"}}
    actions = [
        {"Update": {"TableName": "flat", "Key": key} | count},
        {"Put": {"TableName": "thing", "Item": random_item()}},
        {"Update": {"TableName": "thing", "Key": key | {"s": {"N": "0"}}} | count | condition},
    ]
    return Request("transact_write_items", {"TransactItems": actions})


def main(path: str) -> None:
    first = int(sys.stdin.readline())
    client = embedded.connect(path)
    print("connected", flush=True)  # noqa: T201
    for number in itertools.count(first):
        send(client, operation(number), "writer")
        print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
