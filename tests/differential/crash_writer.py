"""A writer to be killed: `python -m tests.differential.crash_writer FILE FIRST` does operation FIRST and those after it.

It writes a line when it is connected, and the number of each operation once it is done. An operation follows from its
number alone, so whoever reads the lines can say what the file must hold.
"""

from __future__ import annotations

import itertools
import random
import sys

from nodetodo import embedded
from tests.differential.comparison import ask
from tests.differential.schema import Item, Request


def operation(number: int) -> Request:
    """Any of the writes: with an index entry that comes, moves or goes; of several pages; over two tables."""
    chance = random.Random(number)

    def key() -> Item:
        return {"p": {"S": chance.choice("ab")}, "s": {"N": str(chance.randrange(12))}}

    def whole() -> Item:
        body = {"number": {"N": str(number)}, "pad": {"S": "x" * chance.choice((0, 0, 100, 5_000, 60_000))}}
        return key() | body | ({"g": {"S": chance.choice("gh")}} if chance.random() < 0.7 else {})

    kind = chance.choice(("put", "put", "move", "leave", "delete", "transaction", "transaction", "batch", "refused"))
    if kind == "put":
        return Request("put_item", {"TableName": "thing", "Item": whole()})
    if kind == "move":
        values = {":g": {"S": chance.choice("gh")}, ":one": {"N": "1"}}
        expression = "SET g = :g ADD moves :one"
        return Request(
            "update_item",
            {
                "TableName": "thing",
                "Key": key(),
                "UpdateExpression": expression,
                "ExpressionAttributeValues": values,
            },
        )
    if kind == "leave":
        return Request("update_item", {"TableName": "thing", "Key": key(), "UpdateExpression": "REMOVE g, pad"})
    if kind == "delete":
        return Request("delete_item", {"TableName": "thing", "Key": key()})
    if kind == "batch":
        puts = {repr(item["s"]) + repr(item["p"]): item for item in (whole() for _ in range(6))}
        return Request(
            "batch_write_item",
            {
                "RequestItems": {
                    "thing": [{"PutRequest": {"Item": item}} for item in puts.values()],
                    "flat": [
                        {"PutRequest": {"Item": {"p": {"S": f"batch {number % 7}"}, "number": {"N": str(number)}}}}
                    ],
                }
            },
        )
    # Both tables count the transactions, the refused ones none.
    counts = {
        "UpdateExpression": "ADD transactions :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    refuse = {"ConditionExpression": "attribute_not_exists(transactions)"} if kind == "refused" else {}
    count = {"p": {"S": "count"}}
    return Request(
        "transact_write_items",
        {
            "TransactItems": [
                {"Update": {"TableName": "flat", "Key": count} | counts},
                {"Put": {"TableName": "thing", "Item": whole()}},
                {"Update": {"TableName": "thing", "Key": count | {"s": {"N": "0"}}} | counts | refuse},
            ]
        },
    )


def main(path: str, first: int) -> None:
    client = embedded.connect(path)
    print("connected", flush=True)  # noqa: T201
    for number in itertools.count(first):
        ask(client, operation(number), "writer")
        print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
