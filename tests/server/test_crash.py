"""Kills the server under load. No write is lost whose response a client has received."""

from __future__ import annotations

import contextlib
import json
import random
import threading
from pathlib import Path

from nodetodo import embedded
from tests.differential.integrity import assert_file_is_intact

from .support import TABLE, RawClient, request
from .test_command import serve

KILLS, WRITERS = 8, 4


class Writer:
    """Puts items with growing sort keys until the server is killed. acknowledged: the next sort key after them."""

    def __init__(self, name: str) -> None:
        self.name, self.acknowledged = name, 0

    def write(self, address: tuple[str, int]) -> None:
        with contextlib.suppress(ConnectionError), RawClient(address) as client:
            while True:
                item = {"p": {"S": self.name}, "s": {"N": str(self.acknowledged)}, "g": {"S": "x"}}
                body = json.dumps({"TableName": "thing", "Item": item}).encode()
                assert client.send(request(body, "DynamoDB_20120810.PutItem")).status == 200
                self.acknowledged += 1


def test_a_killed_server_loses_no_acknowledged_write(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    rng = random.Random(8)
    writers = [Writer(f"writer {number}") for number in range(WRITERS)]
    with contextlib.closing(embedded.connect(str(path))) as client:
        client.create_table(**TABLE)
    for _ in range(KILLS):
        with serve(f"--db=local:{path}", "--quiet") as server:
            threads = [threading.Thread(target=writer.write, args=(server.address,)) for writer in writers]
            for thread in threads:
                thread.start()
            threads[0].join(rng.uniform(0.05, 0.3))
            server.process.kill()
            for thread in threads:
                thread.join()
        assert_file_is_intact(path)
        with contextlib.closing(embedded.connect(str(path))) as client:
            for writer in writers:
                condition = {
                    "KeyConditionExpression": "p = :p",
                    "ExpressionAttributeValues": {":p": {"S": writer.name}},
                }
                found = [int(item["s"]["N"]) for item in client.query(TableName="thing", **condition)["Items"]]
                # The write that the kill interrupted may be stored.
                assert found in (list(range(writer.acknowledged)), list(range(writer.acknowledged + 1)))
                writer.acknowledged = len(found)
    assert all(writer.acknowledged > KILLS for writer in writers), "the server was killed before it wrote much"
