"""A connection of the server, with the bytes received, the unsent part of a response, and the time limit."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

from .reading import BODY_BYTES, Reader

if TYPE_CHECKING:
    from .reading import Request

IDLE_SECONDS = 75
"""A connection without a request is closed after this time. SDKs close theirs after 60 seconds or less."""

REQUEST_SECONDS = 30
"""A request must have arrived, and its response must have been read, within this time."""

REFUSED_SECONDS = 2
"""How long the rest of a refused request is read."""

RECEIVE_BYTES = 64 * 1024


class Response:
    """A response. The server adds Content-Length, Date and Connection to its headers."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: str, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class Connection:
    """The connection of a client. Its socket never blocks.

    is_busy: whether its request takes long and keeps a thread of its own. answer: this request with its response,
    None if it was not answered yet. is_last, is_refused: whether the connection ends after the present response, and
    whether that response refuses a request.
    """

    __slots__ = (
        *("_deadline", "_output", "_refused_bytes"),
        *("answer", "is_busy", "is_last", "is_refused", "reader", "socket"),
    )

    def __init__(self, client: socket.socket) -> None:
        client.setblocking(False)
        # Without TCP_NODELAY, a response waits for the client's delayed acknowledgement of the one before.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = client
        self.reader = Reader(self._permit)
        self.is_busy = self.is_last = self.is_refused = False
        self.answer: tuple[Request, Response] | None = None
        self._output: bytes | memoryview = b""
        self._refused_bytes = 0
        self.wait()

    def wait(self) -> None:
        """Start the time limit of the client for its next request, the rest of one, or the reading of a response."""
        self._deadline = time.monotonic() + (IDLE_SECONDS if self.is_idle else REQUEST_SECONDS)

    def time_left(self, now: float) -> float:
        """Return how many seconds the client may still take. now: a time of the monotonic clock."""
        return self._deadline - now

    @property
    def is_idle(self) -> bool:
        """Whether the server waits for the next request, no part of which has arrived."""
        return self.reader.is_idle and not (self.is_busy or self.is_sending or self.is_refused)

    @property
    def is_sending(self) -> bool:
        """Whether a part of the response is unsent, because the client has not read the previous part."""
        return bool(self._output)

    def receive(self) -> Request | None:
        """Receive bytes, unless the next request has arrived already. Return this request if it is complete.

        Raises RefusedError if it is not valid or exceeds a limit, and OSError if the connection has ended.
        """
        try:
            data = b"" if self.reader.may_continue else self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return None
        if not data and not self.reader.may_continue:
            raise ConnectionResetError
        if self.is_refused:
            self._refused_bytes += len(data)
            if self._refused_bytes > 2 * BODY_BYTES:
                raise ConnectionResetError
            return None
        is_first_part = not self.reader.is_incomplete
        request = self.reader.receive(data)
        if request is None and is_first_part:
            self.wait()
        return request

    def send(self, data: bytes | memoryview) -> None:
        """Send a response, at once as far as the client reads. Raises OSError if the connection has ended."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        self._output = b"" if sent == len(data) else memoryview(data)[sent:]  # not a copy of up to 16 MB

    def send_more(self) -> None:
        """Send the next part of the response. Raises OSError if the connection has ended."""
        self.send(self._output)

    def ignore_rest(self) -> None:
        """Ignore the rest of a refused request for a short time. Raises OSError if the connection has ended.

        Closing a socket with unread data resets the connection, and the client would lose the response.
        """
        self.socket.shutdown(socket.SHUT_WR)
        self._deadline = time.monotonic() + REFUSED_SECONDS

    def _permit(self) -> None:
        """Let a client that waits for permission send the body."""
        with contextlib.suppress(OSError):  # the next call finds the end of the connection
            self.socket.send(b"HTTP/1.1 100 Continue\r\n\r\n")
