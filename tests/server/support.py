"""Runs the server in the process of the tests, and sends requests without an SDK."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import botocore.session
from botocore.config import Config

from nodetodo import embedded
from nodetodo.embedded.storage.item_texts import item_text
from nodetodo.server.endpoint import Endpoint
from nodetodo.server.http import MAX_CONNECTIONS, Server
from nodetodo.server.request_log import RequestLog
from tests.program import NOON, Stream

SIGNATURE = "AWS4-HMAC-SHA256 Credential=key/20261127/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
JSON_1_0 = "application/x-amz-json-1.0"
TABLE = {
    "TableName": "thing",
    "AttributeDefinitions": [
        {"AttributeName": "p", "AttributeType": "S"},
        {"AttributeName": "s", "AttributeType": "N"},
        {"AttributeName": "g", "AttributeType": "S"},
    ],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


class Answer(NamedTuple):
    """A response: its status, its headers in lower case, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.body)


def request(body: bytes = b"{}", target: str = "DynamoDB_20120810.ListTables", **headers: str | None) -> bytes:
    """Return the bytes of a request. headers: with _ in place of -; None leaves out a header."""
    fields: dict[str, str | None] = {
        "Host": "localhost",
        "X-Amz-Target": target,
        "Content-Type": JSON_1_0,
        "Authorization": SIGNATURE,
        "Content-Length": str(len(body)),
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode("latin-1") + body


def chunked(body: bytes, size: int, target: str = "DynamoDB_20120810.ListTables", **headers: str | None) -> bytes:
    """Return the bytes of a request whose body has chunks of at most this size. headers: as for request."""
    head = request(b"", target, Content_Length=None, Transfer_Encoding="chunked", **headers)
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


class RawClient:
    """A connection to the server."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=20)
        self._buffer = b""

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Answer:
        """Send bytes and return the next response."""
        self.socket.sendall(data)
        return self.receive()

    def receive(self) -> Answer:
        """Return the next response. Raises ConnectionError if the server closes the connection before it."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        while len(rest) < length:
            self._more()
            rest = self._buffer.partition(b"\r\n\r\n")[2]
        self._buffer = rest[length:]
        return Answer(int(first.split()[1]), headers, rest[:length])

    def is_closed(self) -> bool:
        """Wait until the server closes the connection. Return False if it sends anything."""
        try:
            return not self._buffer and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _more(self) -> None:
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("the server closed the connection")
        self._buffer += received


class Served:
    """A running server. client: of its engine, which returns decoded items. log: what it wrote to standard error."""

    def __init__(self, client: Any, address: tuple[str, int], server: Server, log: RequestLog, stream: Stream) -> None:
        self.client, self.address, self.server, self.log, self._stream = client, address, server, log, stream
        self.url = f"http://{address[0]}:{address[1]}"

    @property
    def lines(self) -> list[str]:
        """The lines of the request log, without the time."""
        return [line.partition("  ")[2] for line in self._stream.getvalue().splitlines()]

    @property
    def text(self) -> str:
        """The request log."""
        return self._stream.getvalue()

    def connected(self) -> RawClient:
        """Return a new connection, for a with statement."""
        return RawClient(self.address)

    def raw(self, data: bytes) -> Answer:
        """Send bytes on a connection of its own and return the response."""
        with self.connected() as client:
            return client.send(data)

    def call(self, operation: str, parameters: Any, **headers: str | None) -> Answer:
        """Send an operation. parameters: its parameters, or its body as bytes."""
        body = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
        return self.raw(request(body, f"DynamoDB_20120810.{operation}", **headers))

    def good(self, operation: str, parameters: Any) -> Any:
        """Send an operation that must succeed and return its response."""
        answer = self.call(operation, parameters)
        assert answer.status == 200, answer
        return answer.json

    def boto(self, region: str = "us-east-1", key: str = "key", service: str = "dynamodb", **config: Any) -> Any:
        """Return a client of the AWS SDK."""
        settings = {"retries": {"total_max_attempts": 1}} | config
        return botocore.session.get_session().create_client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=key,
            config=Config(**settings),
        )


@contextlib.contextmanager
def serving(
    path: str = ":memory:",
    *,
    is_json: bool = False,
    is_quiet: bool = False,
    max_connections: int = MAX_CONNECTIONS,
    client: Any = None,
) -> Iterator[Served]:
    """Run a server on a free port. client: of the engine. Default: one for the path. Each request takes 0.4 ms."""
    direct: Any = embedded.connect(path) if client is None else client
    engine = direct if client is not None else copy.copy(direct)
    engine.decode_whole = item_text
    stream = Stream()
    seconds = itertools.count(step=0.0004)
    log = RequestLog(engine, stream, lambda: NOON, is_json=is_json, is_quiet=is_quiet, timer=lambda: next(seconds))
    endpoint = Endpoint(engine, engine, frozenset({"localhost"}), log)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    address = listener.getsockname()
    server = Server(listener, endpoint.answer, endpoint.refuse, max_connections)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Served(direct, address, server, log, stream)
    finally:
        server.stop(5)
        thread.join()
        engine.close()
