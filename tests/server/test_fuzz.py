"""10,000 random HTTP requests: no traceback, no lost connection, no growth of memory or of open files."""

from __future__ import annotations

import gc
import json
import os
import random
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from nodetodo.server import connections
from nodetodo.server.endpoint import OPERATIONS

from .support import JSON_1_0, TABLE, RawClient, Served, chunked, request, serving
from .test_endpoint import item

REQUESTS = 10_000
ROUNDS = 10
PER_CONNECTION = 50

NAMES: tuple[str, ...] = (
    "TableName",
    "Key",
    "Item",
    "IndexName",
    "Limit",
    "Select",
    "Segment",
    "TotalSegments",
    "ExclusiveStartKey",
)
NAMES += ("KeyConditionExpression", "FilterExpression", "ConditionExpression", "UpdateExpression", "ReturnValues")
NAMES += ("ExpressionAttributeNames", "ExpressionAttributeValues", "RequestItems", "TransactItems", "KeySchema")
NAMES += ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexUpdates", "ClientRequestToken", "self", "x")
KINDS = ("S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL", "X")
TEXTS = (
    "thing",
    "by-g",
    "p",
    "a",
    "",
    "p = :p",
    "SET a = :p",
    "#p",
    ":p",
    "ALL_OLD",
    "1e999",
    "AA==",
    "\x00",
    "é",
    "☕",
)


def good(rng: random.Random) -> tuple[str, Any]:
    """Return a valid request."""
    key = item(rng.choice("ab"), rng.randrange(5))
    values = {"ExpressionAttributeValues": {":p": {"S": "a"}}}
    return rng.choice(
        [
            ("PutItem", {"TableName": "thing", "Item": {**key, "g": {"S": "x"}, "b": {"B": "AAEC"}}}),
            ("GetItem", {"TableName": "thing", "Key": key}),
            ("UpdateItem", {"TableName": "thing", "Key": key, "UpdateExpression": "SET a = :p", **values}),
            ("Query", {"TableName": "thing", "KeyConditionExpression": "p = :p", **values}),
            ("Scan", {"TableName": "thing", "FilterExpression": "a = :p", **values}),
            ("BatchGetItem", {"RequestItems": {"thing": {"Keys": [key]}}}),
            ("BatchWriteItem", {"RequestItems": {"thing": [{"PutRequest": {"Item": key}}]}}),
            ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "thing", "Item": key}}]}),
            ("CreateTable", TABLE),
            ("DescribeTable", {"TableName": "thing"}),
        ]
    )


def anything(rng: random.Random, depth: int = 0) -> Any:
    """Return any JSON, often with the names of parameters."""
    kind = rng.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return rng.choice((0, 1, -1, 10**30, 1.5, True, False, None))
    if kind < 4:
        return {rng.choice(KINDS): rng.choice((rng.choice(TEXTS), True, None, 5, [], {}, [rng.choice(TEXTS)]))}
    if kind == 4:
        return rng.choice(({}, [], [{}], {"": {}}, {"p": {"S": "a"}, "s": {"N": "1"}}))
    if kind == 5:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(NAMES + TEXTS): anything(rng, depth + 1) for _ in range(rng.randrange(5))}


def mutated(rng: random.Random, value: Any) -> Any:
    """Return JSON with one part replaced."""
    if rng.random() < 0.25 or not value or not isinstance(value, dict | list):
        return anything(rng)
    if isinstance(value, list):
        at = rng.randrange(len(value))
        return [*value[:at], mutated(rng, value[at]), *value[at + 1 :]]
    name = rng.choice(list(value))
    return {**value, name: mutated(rng, value[name])}


def valid_http(rng: random.Random) -> bytes:
    """Return a valid HTTP request with a good, a changed or a random body."""
    operation, parameters = good(rng)
    how = rng.randrange(10)
    if how < 6:
        parameters = mutated(rng, parameters)
    elif how == 6:
        operation, parameters = rng.choice([*OPERATIONS, "ImportTable", "", "x" * 300]), anything(rng)
    body = json.dumps(parameters).encode()
    if how == 7:
        at = rng.randrange(len(body))
        body = body[:at] + rng.randbytes(rng.randrange(4)) + body[at + 1 :]
    headers: dict[str, str | None] = {}
    if how == 8:
        name = rng.choice(("Content_Type", "X_Amz_Target", "Authorization", "Host", "Origin"))
        headers[name] = rng.choice((None, "", "text/plain", JSON_1_0, "\x7f", "x" * 2000))
    target = f"DynamoDB_20120810.{operation}"
    if how == 9:
        return chunked(body, rng.randrange(1, 50), target)
    return request(body, target, **headers)


def invalid_http(rng: random.Random) -> bytes:
    """Return bytes that need not be HTTP, after which the client ends its part of the connection."""
    data = bytearray(valid_http(rng))
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(4)] = rng.choice((b"", b"\r\n", b"\r\n\r\n", b"\x00", rng.randbytes(3)))
    return bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)


def send_valid(served: Served, rng: random.Random, count: int) -> Counter[int]:
    """Send requests on connections that the server keeps open. Return the number of responses by their status."""
    statuses: Counter[int] = Counter()
    for _ in range(count // PER_CONNECTION):
        with served.connected() as client:
            for _ in range(PER_CONNECTION):
                data = valid_http(rng)
                answer = client.send(data)
                statuses[answer.status] += 1
                assert answer.status in (200, 400, 403, 404), (data, answer)
    return statuses


def send_invalid(served: Served, rng: random.Random, count: int) -> None:
    """Send bytes and read until the server closes the connection."""
    for _ in range(count):
        with RawClient(served.address) as client:
            data = invalid_http(rng)
            client.socket.sendall(data)
            client.socket.shutdown(socket.SHUT_WR)
            received = b""
            while part := receive(client):
                received += part
            assert b" 500 " not in received, (data, received)


def receive(client: RawClient) -> bytes:
    try:
        return client.socket.recv(65536)
    except ConnectionResetError:
        return b""


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def fuzzed() -> Iterator[Served]:
    with serving(is_quiet=True) as served:
        served.client.create_table(**TABLE)
        yield served


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_ten_thousand_fuzzed_requests_cause_no_traceback_and_no_growth(
    fuzzed: Served, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 5)
    rng = random.Random(11)
    blocks, files = [], []
    statuses: Counter[int] = Counter()
    for _ in range(ROUNDS):
        statuses += send_valid(fuzzed, rng, REQUESTS * 9 // 10 // ROUNDS)
        send_invalid(fuzzed, rng, REQUESTS // 10 // ROUNDS)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
        files.append(open_files())
    # The first rounds import modules, fill caches and collect request shapes. A block for each request would be 5,000.
    assert blocks[-1] - blocks[4] < 4_000, blocks
    assert files[-1] <= files[0] + 2, files  # a connection that just ended may still be open
    assert "Traceback" not in "".join(capfd.readouterr())
    assert statuses[200] > REQUESTS // 20, statuses  # the requests reach the engine
    assert statuses[400] > REQUESTS // 3, statuses
    assert fuzzed.call("ListTables", {}).status == 200
