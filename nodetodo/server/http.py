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

from . import reading
from .reading import Reader, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .reading import Request

MAX_CONNECTIONS = 256
IDLE_SECONDS = 75
"""A connection without a request is closed after this time. SDKs close theirs after 60 seconds or less."""

REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


class Response:
    """A response. The server adds Content-Length, Date and Connection to its headers."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: str, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class Connection:
    """The connection of a client.

    idle_since: when it began to wait for a request; None during a request. transfer_since: when the client began to
    send an incomplete request, or to receive a response; else None. is_receiving: whether it is a response.
    """

    __slots__ = ("idle_since", "is_receiving", "socket", "transfer_since")

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.idle_since: float | None = time.monotonic()
        self.transfer_since: float | None = None
        self.is_receiving = False


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
        """Start the thread of a new connection. Another one makes room for it, see `_close_one`, else it is closed."""
        connection = Connection(client)
        with self._changed:
            if len(self._connections) >= self._max_connections and not self._close_one():
                client.close()
                return
            self._connections.add(connection)
        try:
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        except RuntimeError:  # the system starts no more threads
            self._end(connection)

    def _close_one(self) -> bool:
        """Close the longest idle connection, else the one whose client is the slowest. Return False without one.

        Slow clients, also one that sends a byte now and then, can therefore not keep others from connecting.
        """
        longest: tuple[bool, float, Connection] | None = None
        for connection in self._connections:
            since = connection.transfer_since if connection.idle_since is None else connection.idle_since
            if since is not None:
                rank = (connection.idle_since is None, since, connection)
                longest = rank if longest is None else min(longest, rank, key=lambda rank: rank[:2])
        if longest is None:
            return False
        connection = longest[2]
        is_receiving = connection.is_receiving
        connection.idle_since = connection.transfer_since = None  # its thread ends it soon; it is not chosen again
        _shut_down(connection.socket, socket.SHUT_RDWR if is_receiving else socket.SHUT_RD)
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
            while True:
                connection.idle_since = time.monotonic()
                if self._is_stopping:  # after the line above: `stop` closes the connections that are idle
                    return
                client.settimeout(IDLE_SECONDS)
                if not reader.wait():
                    return
                connection.transfer_since, connection.idle_since = time.monotonic(), None
                try:
                    request, is_last = reader.request()
                except RefusedError as refused:
                    self._send(client, self._refuse(refused), is_last=True, has_body=True)
                    _drain(client)
                    return
                connection.transfer_since = None
                response = self._answer(request)
                is_last = is_last or self._is_stopping
                # The client takes the body of a response to HEAD as the next response (RFC 9110, section 9.3.2).
                connection.is_receiving, connection.transfer_since = True, time.monotonic()
                self._send(client, response, is_last, has_body=request.method != "HEAD")
                connection.is_receiving, connection.transfer_since = False, None
                if is_last:
                    return
        except OSError:  # the client closed the connection, or is too slow
            pass
        finally:
            self._end(connection)

    def _send(self, client: socket.socket, response: Response, is_last: bool, has_body: bool) -> None:
        client.settimeout(reading.REQUEST_SECONDS)
        head = (
            f"HTTP/1.1 {response.status} {REASONS[response.status]}\r\n{response.headers}"
            f"Content-Length: {len(response.body)}\r\nDate: {self._now()}\r\n"
            f"Connection: {'close' if is_last else 'keep-alive'}\r\n\r\n"
        )
        client.sendall(head.encode("latin-1") + (response.body if has_body else b""))

    def _now(self) -> str:
        """Return the value of the header Date."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = second, time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))
        return self._date[1]


def _shut_down(client: socket.socket, how: int = socket.SHUT_RD) -> None:
    """Let the thread that receives from a socket see its end. Default: what arrived before is still answered."""
    with contextlib.suppress(OSError):
        client.shutdown(how)


def _drain(client: socket.socket) -> None:
    """Read the rest of a refused request for a short time.

    Closing a socket with unread data resets the connection, and the client would lose the response.
    """
    client.settimeout(0.5)
    left = 2 * reading.BODY_BYTES
    deadline = time.monotonic() + 2
    client.shutdown(socket.SHUT_WR)
    while left > 0 and time.monotonic() < deadline:
        received = len(client.recv(reading.RECEIVE_BYTES))
        if not received:
            return
        left -= received
