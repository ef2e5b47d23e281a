"""Compares the server with DynamoDB Local and moto's server, without an SDK: they answer the same bytes."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests import dynamodb_local, tools

from .processes import PEAK_UNIT, Installation, moto
from .table import Limit, Row, Spread

ITEMS_PER_QUERY = 10
PARTITIONS = 50
TABLE = {
    "TableName": "bench",
    "AttributeDefinitions": [
        {"AttributeName": "p", "AttributeType": "S"},
        {"AttributeName": "s", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(number: int) -> dict[str, dict[str, str]]:
    """Return an item of the size of a task."""
    return {
        "p": {"S": f"user {number // ITEMS_PER_QUERY}"},
        "s": {"N": str(number % ITEMS_PER_QUERY)},
        "description": {"S": f"buy milk, {number:,} bottles"},
        "created": {"N": "20261123"},
        "due": {"N": "20261224"},
        "category": {"S": "shopping"},
    }


def message(operation: str, parameters: object) -> bytes:
    """Return the bytes of a request."""
    body = json.dumps(parameters).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"X-Amz-Target: DynamoDB_20120810.{operation}\r\nX-Amz-Date: 20261127T120000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=nodetodo/20261127/us-east-1/dynamodb/aws4_request, "
        f"SignedHeaders=host, Signature=0\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """A keep-alive connection. It connects again if the server closes it, as moto's server does after each response."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.connect()

    def connect(self) -> None:
        """Connect to the server."""
        self.socket = socket.create_connection(self._address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, data: bytes) -> None:
        """Send a request and wait for its response."""
        self.socket.sendall(data)
        if self.receive():
            self.connect()

    def receive(self) -> bool:
        """Receive a response, which must be a success. Return whether the server closed the connection."""
        received = b""
        while True:
            part = self.socket.recv(65536)
            received += part
            head, found, body = received.lower().partition(b"\r\n\r\n")
            if found:
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                if len(body) >= length:
                    break
            if not part:
                raise RuntimeError("the server closed the connection")
        if b" 200" not in received[:16]:
            raise RuntimeError(received.decode(errors="replace"))
        is_closed = b"connection: close" in head
        if is_closed:
            self.socket.close()
        return is_closed


class Endpoint(NamedTuple):
    """A running server. process: its id, to read its memory; None if it is not known."""

    name: str
    address: tuple[str, int]
    process: int | None


@contextlib.contextmanager
def serving(installation: Installation, name: str, *options: str) -> Iterator[Endpoint]:
    """Run nodetodo serve."""
    command = [installation.nodetodo, "serve", "--port=0", "--json", "--quiet", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=installation.environment, text=True
    ) as process:
        assert process.stdout
        try:
            url = json.loads(process.stdout.readline())["endpoint"]
            yield Endpoint(name, _address(url), process.pid)
        finally:
            process.kill()


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)


@contextlib.contextmanager
def _endpoints(installation: Installation) -> Iterator[list[Endpoint]]:
    """Run all servers: in memory, on a file, DynamoDB Local (or nothing without Java) and moto."""
    with contextlib.ExitStack() as stack:
        found = [
            stack.enter_context(serving(installation, "in memory", "--in-memory")),
            stack.enter_context(serving(installation, "durable file", f"--db=local:{installation.folder}/served.db")),
        ]
        try:
            dynamodb_local.jars()
        except tools.Unavailable as missing:
            sys.stderr.write(f"without DynamoDB Local: {missing}\n")
        else:
            url = stack.enter_context(dynamodb_local.running())
            found.append(Endpoint("DynamoDB Local", _address(url), None))
        url = stack.enter_context(moto(installation.folder))
        found.append(Endpoint("moto's server", _address(url), None))
        for endpoint in found:
            Connection(endpoint.address).call(message("CreateTable", TABLE))
        yield found


def _rate(endpoint: Endpoint, messages: list[bytes], connections: int, seconds: float) -> float:
    """Return the requests per second on this number of connections."""
    opened = [Connection(endpoint.address) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    count = 0
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.socket.sendall(messages[0])
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for key, _ in selector.select():
            connection = key.data
            if connection.receive():
                selector.unregister(key.fileobj)
                connection.connect()
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            count += 1
            connection.socket.sendall(messages[count % len(messages)])
    elapsed = time.perf_counter() - start
    for connection in opened:
        connection.receive()
        connection.socket.close()
    selector.close()
    return count / elapsed


def throughput(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare puts, gets and queries of 10 items per second over one and eight connections."""
    seconds, rounds = (0.3, 2) if quick else (1.0, 7)
    count = PARTITIONS * ITEMS_PER_QUERY
    operations = {
        "PutItem": [message("PutItem", {"TableName": "bench", "Item": item(number)}) for number in range(count)],
        "GetItem": [
            message("GetItem", {"TableName": "bench", "Key": {name: item(number)[name] for name in "ps"}})
            for number in range(count)
        ],
        "Query": [
            message(
                "Query",
                {
                    "TableName": "bench",
                    "KeyConditionExpression": "p = :p",
                    "ExpressionAttributeValues": {":p": item(number)["p"]},
                },
            )
            for number in range(0, count, ITEMS_PER_QUERY)
        ],
    }
    with _endpoints(installation) as endpoints:
        for endpoint in endpoints:
            connection = Connection(endpoint.address)
            for data in operations["PutItem"]:
                connection.call(data)
        for name, messages in operations.items():
            for connections in (1, 8):
                _rates(endpoints, messages, connections, seconds / 2, 1)  # warms up the Java machine
                rates = _rates(endpoints, messages, connections, seconds, rounds)
                yield from _compared(f"{name}, {connections} keep-alive", rates)


def _rates(
    endpoints: list[Endpoint], messages: list[bytes], connections: int, seconds: float, rounds: int
) -> dict[str, list[float]]:
    """Measure all servers in turn."""
    rates: dict[str, list[float]] = {endpoint.name: [] for endpoint in endpoints}
    for _ in range(rounds):
        for endpoint in endpoints:
            rates[endpoint.name].append(_rate(endpoint, messages, connections, seconds))
    return rates


def _compared(title: str, rates: dict[str, list[float]]) -> Iterator[Row]:
    own = rates["in memory"]
    note = ", ".join(f"{name} {Spread.of(found).median:,.0f}" for name, found in rates.items())
    for other, limit in (("DynamoDB Local", 2.0), ("moto's server", 1.0)):
        if other in rates:
            ratio = Spread.of([one / two for one, two in zip(own, rates[other], strict=True)])
            shown = f"per second: {note}" if other == "DynamoDB Local" else ""
            yield Row(f"{title}, against {other}", ratio, Limit(limit, at_least=True), note=shown)


def first_response(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare the time from the start of the server to its first response with task-ls."""
    from . import large_files

    target = f"--db={large_files.create(installation.folder / 'first.db', 10)}"
    listing = [installation.nodetodo, "task-ls", "emma", target]

    def serve() -> float:
        start = time.perf_counter()
        with serving(installation, "file", target) as endpoint:
            Connection(endpoint.address).call(message("ListTables", {}))
            return time.perf_counter() - start

    installation.measure(listing)
    serve()
    pairs = [(serve(), installation.measure(listing).wall) for _ in range(5 if quick else 15)]
    ratio = Spread.of([own / wall for own, wall in pairs])
    note = f"{Spread.of([own for own, _ in pairs]).median * 1000:.0f} ms"
    yield Row("serve: first response, against task-ls", ratio, Limit(2), note=note)


def memory(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare the resident memory of the servers that hold many items in memory."""
    count = 2_000 if quick else 100_000
    sizes: dict[str, float] = {}
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(serving(installation, "in memory", "--in-memory"))
        started: list[tuple[Endpoint, Callable[[], float]]] = [(own, lambda: _resident(own.process or 0))]
        try:
            before = set(_java_processes())
            url = stack.enter_context(dynamodb_local.running())
            (process,) = set(_java_processes()) - before
            endpoint = Endpoint("DynamoDB Local", _address(url), process)
            started.append((endpoint, lambda: _resident(process)))
        except tools.Unavailable as missing:
            sys.stderr.write(f"without DynamoDB Local: {missing}\n")
        for endpoint, resident in started:
            connection = Connection(endpoint.address)
            connection.call(message("CreateTable", TABLE))
            for first in range(0, count, 25):
                puts = [{"PutRequest": {"Item": item(number)}} for number in range(first, first + 25)]
                connection.call(message("BatchWriteItem", {"RequestItems": {"bench": puts}}))
            sizes[endpoint.name] = resident()
    if "DynamoDB Local" in sizes:
        ratio = Spread.exact(sizes["in memory"] / sizes["DynamoDB Local"])
        note = ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items())
        title = f"serve: resident memory with {count:,} items, against DynamoDB Local"
        yield Row(title, ratio, Limit(0.333), note=note)


def _java_processes() -> Iterator[int]:
    """Yield the ids of the running processes of Java. Linux only."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_bytes().startswith(b"java\0") and dynamodb_local.MAIN_CLASS.encode() in path.read_bytes():
                yield int(path.parent.name)


def _resident(process: int) -> float:
    """Return the resident memory of a process in MB (1,000,000 bytes). Linux only."""
    status = Path(f"/proc/{process}/status").read_text()
    kilobytes = int(status.partition("VmRSS:")[2].split()[0])
    return kilobytes * PEAK_UNIT / 1e6
