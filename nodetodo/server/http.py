"""An HTTP/1.1 server with keep-alive for small requests: one thread for each connection, one write for each response.

The standard library's http.server answers half as many requests a second, because it parses headers as those of an
email (measured; see docs/serve.md). This module knows nothing of DynamoDB.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Headers = dict[str, str]
    """The header fields of a request by their names in lower case."""

HEADER_BYTES = 32 * 1024
"""The largest request line and headers."""

BODY_BYTES = 16 * 1024 * 1024
"""The largest body of a request, as in DynamoDB ("Quotas in Amazon DynamoDB", developer guide)."""

MAX_CONNECTIONS = 256
IDLE_SECONDS = 75
"""A connection without a request is closed after this time. SDKs close theirs after 60 seconds or less."""

REQUEST_SECONDS = 30
"""A request must have arrived, and its response must have been read, within this time."""

RECEIVE_BYTES = 64 * 1024

REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


class Request:
    """A request that arrived completely."""

    __slots__ = ("body", "headers", "method", "target")

    def __init__(self, method: str, target: str, headers: Headers, body: bytes) -> None:
        self.method, self.target, self.headers, self.body = method, target, headers, body


class Response:
    """A response. The server adds Content-Length, Date and Connection to its headers."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: str, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class RefusedError(Exception):
    """A request that is not valid HTTP/1.1 or exceeds a limit. The connection is closed after the response."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Connection:
    """The connection of a client. idle_since: when it began to wait for a request; None during a request."""

    __slots__ = ("idle_since", "socket")

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.idle_since: float | None = time.monotonic()


class Server:
    """Accepts connections on a listening socket.

    answer: returns the response to a request; it is called by several threads. refuse: returns the response to a
    request that is not valid HTTP.
    """

    def __init__(
        self,
        listener: socket.socket,
        answer: Callable[[Request], Response],
        refuse: Callable[[RefusedError], Response],
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._listener, self._answer, self._refuse = listener, answer, refuse
        self._max_connections = max_connections
        self._connections: set[Connection] = set()
        self._changed = threading.Condition()  # protects the connections
        self._is_stopping = False
        self._date = (0, "")

    def run(self) -> None:
        """Accept connections until `stop` is called, or an exception such as KeyboardInterrupt is raised."""
        while not self._is_stopping:
            try:
                client, _ = self._listener.accept()
            except OSError:
                if self._is_stopping:
                    return
                time.sleep(0.05)  # such as too many open files: connections that end free some
                continue
            self._start(client)

    def _start(self, client: socket.socket) -> None:
        """Start the thread of a new connection. The longest idle one makes room for it; without one, it is closed."""
        connection = Connection(client)
        with self._changed:
            if len(self._connections) >= self._max_connections and not self._close_longest_idle():
                client.close()
                return
            self._connections.add(connection)
        try:
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        except RuntimeError:  # the system starts no more threads
            self._end(connection)

    def _close_longest_idle(self) -> bool:
        idle = [connection for connection in self._connections if connection.idle_since is not None]
        if not idle:
            return False
        longest = min(idle, key=lambda connection: connection.idle_since or 0.0)
        longest.idle_since = None  # its thread ends it soon; it is not chosen again
        _shut_down(longest.socket)
        return True

    def stop(self, seconds: float) -> None:
        """Stop accepting connections and close the idle ones. Wait up to this time for requests in progress."""
        self._is_stopping = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes a thread in accept()
        self._listener.close()
        deadline = time.monotonic() + seconds
        with self._changed:
            for connection in self._connections:
                if connection.idle_since is not None:
                    _shut_down(connection.socket)
            while self._connections and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def _end(self, connection: Connection) -> None:
        with contextlib.suppress(OSError):
            connection.socket.close()
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()

    def _serve(self, connection: Connection) -> None:
        """Answer the requests of a connection until the client closes it or violates the protocol."""
        client = connection.socket
        try:
            # Without TCP_NODELAY, a response waits for the client's delayed acknowledgement of the one before.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = Reader(client)
            while not self._is_stopping:
                connection.idle_since = time.monotonic()
                client.settimeout(IDLE_SECONDS)
                if not reader.wait():
                    return
                connection.idle_since = None
                try:
                    request, is_last = reader.request()
                except RefusedError as refused:
                    self._send(client, self._refuse(refused), is_last=True)
                    _drain(client)
                    return
                response = self._answer(request)
                is_last = is_last or self._is_stopping
                self._send(client, response, is_last)
                if is_last:
                    return
        except OSError:  # the client closed the connection, or is too slow
            pass
        finally:
            self._end(connection)

    def _send(self, client: socket.socket, response: Response, is_last: bool) -> None:
        client.settimeout(REQUEST_SECONDS)
        head = (
            f"HTTP/1.1 {response.status} {REASONS[response.status]}\r\n{response.headers}"
            f"Content-Length: {len(response.body)}\r\nDate: {self._now()}\r\n"
            f"Connection: {'close' if is_last else 'keep-alive'}\r\n\r\n"
        )
        client.sendall(head.encode("latin-1") + response.body)

    def _now(self) -> str:
        """Return the value of the header Date."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = second, time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))
        return self._date[1]


def _shut_down(client: socket.socket) -> None:
    """Let the thread that receives from a socket see its end. What arrived before is still answered."""
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RD)


def _drain(client: socket.socket) -> None:
    """Read the rest of a refused request for a short time.

    Closing a socket with unread data resets the connection, and the client would lose the response.
    """
    client.settimeout(0.5)
    left = 2 * BODY_BYTES
    deadline = time.monotonic() + 2
    client.shutdown(socket.SHUT_WR)
    while left > 0 and time.monotonic() < deadline:
        received = len(client.recv(RECEIVE_BYTES))
        if not received:
            return
        left -= received


class Reader:
    """Reads requests from a socket."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._buffer = b""
        self._deadline = 0.0

    def wait(self) -> bool:
        """Wait for the first bytes of a request. Return False if the client closed the connection."""
        if not self._buffer:
            self._buffer = self._client.recv(RECEIVE_BYTES)
        self._deadline = time.monotonic() + REQUEST_SECONDS
        return bool(self._buffer)

    def request(self) -> tuple[Request, bool]:
        """Read a request. Return it and whether the client wants to close the connection after it.

        Raises RefusedError if it is not valid or exceeds a limit, and OSError if the rest of it does not arrive.
        """
        end = self._buffer.find(b"\r\n\r\n")
        while end < 0:
            if len(self._buffer) > HEADER_BYTES:
                raise RefusedError(431, f"the headers have more than {HEADER_BYTES:,} bytes")
            before = len(self._buffer)
            self._buffer += self._receive()
            end = self._buffer.find(b"\r\n\r\n", max(0, before - 3))
        if end > HEADER_BYTES:
            raise RefusedError(431, f"the headers have more than {HEADER_BYTES:,} bytes")
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        method, target, version = _request_line(first)
        headers = _headers(lines)
        length = _content_length(headers)
        body = self._body(end + 4, length, headers)
        connection = headers.get("connection", "").lower()
        is_last = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
        return Request(method, target, headers, body), is_last

    def _body(self, start: int, length: int, headers: Headers) -> bytes:
        missing = start + length - len(self._buffer)
        if missing <= 0:
            body, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            return body
        parts = [self._buffer[start:]]
        self._buffer = b""
        if headers.get("expect", "").lower() == "100-continue":
            self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while missing > 0:
            part = self._receive()
            if len(part) > missing:  # the next request
                part, self._buffer = part[:missing], part[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _receive(self) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._client.settimeout(left)
        received = self._client.recv(RECEIVE_BYTES)
        if not received:
            raise ConnectionResetError
        return received


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[0].isalpha() or not parts[1] or not line.isprintable():
        raise RefusedError(400, "the request line is not valid")
    if parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise RefusedError(505, "the version of HTTP is not 1.1")
    return parts[0], parts[1], parts[2]


def _headers(lines: list[str]) -> Headers:
    headers: Headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        # A space before the colon, a continued line and a line end inside a line are invalid (RFC 9112, section 5).
        if not colon or not name or name[0] in " \t" or name[-1] in " \t" or "\n" in line or "\r" in line:
            raise RefusedError(400, "a header is not valid")
        name = name.lower()
        if name in headers and name in ("content-length", "host", "transfer-encoding"):
            raise RefusedError(400, f"the header {name} is repeated")
        headers[name] = value.strip(" \t")
    return headers


def _content_length(headers: Headers) -> int:
    if "transfer-encoding" in headers:
        raise RefusedError(411, "a body needs the header Content-Length")
    given = headers.get("content-length", "0")
    if not (given.isascii() and given.isdigit()):
        raise RefusedError(400, "Content-Length is not a number")
    if len(given) > 18 or int(given) > BODY_BYTES:
        raise RefusedError(413, f"the body has more than {BODY_BYTES:,} bytes")
    return int(given)
