"""A process that writes until it is killed: `python -m tests.embedded.pair_writer FILE TABLE`.

Each transaction writes the same number to two items. It prints a line after each transaction.
"""

from __future__ import annotations

import itertools
import sys

from nodetodo import embedded


def main(path: str, table: str) -> None:
    client = embedded.connect(path)
    for number in itertools.count():
        keys = [{"p": {"S": p}, "s": {"N": "0"}} for p in "xy"]
        puts = [{"Put": {"TableName": table, "Item": key | {"number": {"N": str(number)}}}} for key in keys]
        client.transact_write_items(TransactItems=puts)
        print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
