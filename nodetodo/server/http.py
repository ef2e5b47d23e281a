"""An HTTP/1.1 server with keep-alive, for requests that usually take a fraction of a millisecond.

One thread serves all connections: with a thread for each of them, Python's threads take turns after every system call,
and eight connections are served more slowly than one (measured). A request that takes longer keeps its thread, and
another thread takes over the other connections, so that no request delays them for long.

The standard library's http.server answers half as many requests a second, because it parses headers with the parser
for email (measured; see docs/serve.md). This module knows nothing of DynamoDB.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from .connections import RECEIVE_BYTES, Connection
from .reading import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .connections import Response
    from .reading import Request

MAX_CONNECTIONS = 256

TAKEOVER_SECONDS = 0.02
"""How long a request delays the other connections, before another thread takes them over; at most twice as long."""

SWEEP_SECONDS = 1.0
"""The interval at which the connections of clients that exceed their time limit are closed."""

SIGNAL_SECONDS = 0.5
"""How soon a signal ends the server at the latest: one that arrives just before a thread waits does not wake it."""

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

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Server:
    """Accepts connections on a listening socket.

    answer: returns the response to a request; it is called by several threads and raises no exception. refuse: returns
    the response to a request that is not valid HTTP.
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
        self._is_started = self._is_stopping = False
        self._has_ended = threading.Event()
        # Only the thread in charge uses these: the one that serves the connections, after a takeover the newest one.
        self._selector = selectors.DefaultSelector()
        self._connections: set[Connection] = set()
        # The connections whose next request has arrived with the previous one, in the order of their turns.
        self._pipelined: dict[Connection, None] = {}
        self._is_accepting = True
        self._next_sweep = 0.0
        self._date = (0, "")
        # The lock protects these: the number of the thread in charge, the connection whose request it answers, and the
        # number of requests. `_is_active` is set while requests arrive.
        self._lock = threading.Lock()
        self._in_charge = 0
        self._answering: Connection | None = None
        self._requests = 0
        self._is_active = threading.Event()
        # Connections with the response to a long request. Other threads add them and wake the thread in charge.
        self._answered: deque[Connection] = deque()
        self._alarm, self._waker = socket.socketpair()
        for each in (self._listener, self._alarm):
            each.setblocking(False)
            self._selector.register(each, READ)

    def run(self) -> None:
        """Serve until `stop` is called, or an exception such as KeyboardInterrupt is raised."""
        self._is_started = True
        # It starts the others, because the exception could interrupt this one at that.
        threading.Thread(target=self._watch, daemon=True).start()
        while not self._has_ended.wait(SIGNAL_SECONDS):
            pass

    def stop(self, seconds: float) -> None:
        """Stop accepting connections and close the idle ones. Wait up to this time for requests in progress."""
        self._is_stopping = True
        if not self._is_started:
            self._end()
        with self._lock:
            self._is_active.set()
        self._wake()
        self._has_ended.wait(seconds)

    def _watch(self) -> None:
        """Start to serve. Let another thread take over whenever one request takes long, until the server ends."""
        self._start_thread()
        while not self._has_ended.is_set():
            self._is_active.wait()
            requests = self._requests
            self._has_ended.wait(TAKEOVER_SECONDS)
            with self._lock:
                if self._requests != requests:
                    continue
                if self._answering is not None:
                    self._take_over(self._answering)
                elif not self._is_stopping:
                    self._is_active.clear()

    def _wake(self) -> None:
        """Interrupt the thread in charge while it waits for connections."""
        with contextlib.suppress(OSError):  # the server has ended
            self._waker.send(b"\0")

    def _start_thread(self) -> None:
        threading.Thread(target=self._serve, args=(self._in_charge,), daemon=True).start()

    def _take_over(self, busy: Connection) -> None:
        """Let a new thread serve the connections, except this one, whose request takes long."""
        self._selector.unregister(busy.socket)
        busy.is_busy = True
        self._in_charge += 1
        try:
            self._start_thread()
        except RuntimeError:  # the system starts no more threads
            self._in_charge -= 1
            busy.is_busy = False
            self._selector.register(busy.socket, READ, busy)
        else:
            self._answering = None

    def _serve(self, number: int) -> None:
        """Serve the connections while this thread is in charge. number: of this thread."""
        while True:
            now = time.monotonic()
            if now >= self._next_sweep:
                self._sweep(now)
            if self._pipelined:
                timeout: float | None = 0
            else:
                timeout = SWEEP_SECONDS if self._connections or not self._is_accepting else None
            ready = [(key.fileobj, key.data) for key, _ in self._selector.select(timeout)]
            for source, connection in ready:
                if source is self._listener:
                    self._accept()
                elif source is self._alarm:
                    self._alarm.recv(RECEIVE_BYTES)
                    while self._answered:
                        self._attend(self._answered.popleft(), number)
                elif connection in self._connections:
                    self._attend(connection, number)
                if self._in_charge != number:
                    return
            # No event follows for such a request. So a thread that takes over must still find it here.
            if self._pipelined:
                self._attend(next(iter(self._pipelined)), number)
                if self._in_charge != number:
                    return
            if self._is_stopping and self._end():
                return

    def _accept(self) -> None:
        """Accept a connection. At the maximum, close the longest waiting one; if none is waiting, close the new one."""
        try:
            client, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError:  # such as too many open files: connections that end free some
            self._is_accepting = False
            self._selector.unregister(self._listener)
            return
        if len(self._connections) >= self._max_connections and not self._close_longest_waiting():
            client.close()
            return
        try:
            connection = Connection(client)
        except OSError:  # the client has closed it
            client.close()
            return
        self._connections.add(connection)
        self._selector.register(client, READ, connection)

    def _close_longest_waiting(self) -> bool:
        """Close an idle connection, or else one whose client is slow. Return False if all requests are in progress."""
        waiting = [each for each in self._connections if not each.is_busy and not each.reader.may_continue]
        if not waiting:
            return False
        now = time.monotonic()
        self._close(min(waiting, key=lambda each: (not each.is_idle, each.time_left(now))))
        return True

    def _sweep(self, now: float) -> None:
        """Close the connections of clients that took too long, and accept new ones again."""
        self._next_sweep = now + SWEEP_SECONDS
        for connection in tuple(self._connections):
            if connection.time_left(now) < 0 and not connection.is_busy:
                self._close(connection)
        if not self._is_accepting and not self._is_stopping:
            self._is_accepting = True
            self._selector.register(self._listener, READ)

    def _end(self) -> bool:
        """Stop accepting connections and close the idle ones. Return whether none is left."""
        if self._is_accepting:
            self._is_accepting = False
            self._selector.unregister(self._listener)
        self._listener.close()
        for connection in tuple(self._connections):
            if connection.is_idle:
                self._close(connection)
        if self._connections:
            return False
        self._selector.close()
        self._alarm.close()
        self._waker.close()
        self._has_ended.set()
        return True

    def _close(self, connection: Connection) -> None:
        with contextlib.suppress(KeyError, ValueError):  # the connection of a long request is not registered
            self._selector.unregister(connection.socket)
        connection.socket.close()
        self._connections.discard(connection)
        self._pipelined.pop(connection, None)

    def _attend(self, connection: Connection, number: int) -> None:
        """Receive, answer and send on a connection, and close it after an error. number: of this thread."""
        self._pipelined.pop(connection, None)  # this is its turn, or an event precedes it
        try:
            was_sending = connection.is_sending
            if self._advance(connection, number):
                self._after_sending(connection, was_sending)
        except OSError:  # the client closed the connection
            self._close(connection)
        except Exception as error:  # a mistake in this program must not end the server
            self._refuse(RefusedError(500, f"unexpected {type(error).__name__}: {error}"))
            self._close(connection)

    def _advance(self, connection: Connection, number: int) -> bool:
        """Receive, answer and send as far as possible. Return whether there is a response.

        Raises OSError if the connection has ended.
        """
        if connection.is_sending:
            connection.send_more()
            return True
        if connection.answer is not None:  # to a long request
            request, response = connection.answer
            connection.answer = None
            connection.is_busy = False
            self._selector.register(connection.socket, READ, connection)
        else:
            try:
                arrived = connection.receive()
            except RefusedError as refused:
                connection.is_refused = True
                connection.send(self._message(self._refuse(refused), is_last=True, has_body=True))
                return True
            answer = None if arrived is None else self._answer_in_time(connection, arrived, number)
            if arrived is None or answer is None:
                return False
            request, response = arrived, answer
        connection.is_last = request.is_last or self._is_stopping
        # A client takes the body of a response to HEAD as the next response (RFC 9110, section 9.3.2).
        connection.send(self._message(response, connection.is_last, has_body=request.method != "HEAD"))
        return True

    def _answer_in_time(self, connection: Connection, request: Request, number: int) -> Response | None:
        """Return the response to a request; None if another thread took over, which then sends the response."""
        with self._lock:
            self._answering = connection
            self._requests += 1
            if not self._is_active.is_set():
                self._is_active.set()
        response = self._answer(request)
        with self._lock:
            if self._in_charge == number:
                self._answering = None
                return response
        connection.answer = request, response
        self._answered.append(connection)
        self._wake()
        return None

    def _after_sending(self, connection: Connection, was_sending: bool) -> None:
        """Close the connection after a response, or wait for the client.

        was_sending: whether a part of the response was unsent before.
        """
        if connection.is_sending:
            if not was_sending:
                self._selector.modify(connection.socket, WRITE, connection)
                connection.wait()
            return
        if was_sending:
            self._selector.modify(connection.socket, READ, connection)
        if connection.is_refused:
            connection.ignore_rest()
        elif connection.is_last:
            self._close(connection)
        else:
            connection.wait()
            if connection.reader.may_continue:
                self._pipelined[connection] = None

    def _message(self, response: Response, is_last: bool, has_body: bool) -> bytes:
        """Return the bytes of a response."""
        head = (
            f"HTTP/1.1 {response.status} {REASONS[response.status]}\r\n{response.headers}"
            f"Content-Length: {len(response.body)}\r\nDate: {self._now()}\r\n"
            f"Connection: {'close' if is_last else 'keep-alive'}\r\n\r\n"
        )
        return head.encode("latin-1") + (response.body if has_body else b"")

    def _now(self) -> str:
        """Return the value of the header Date."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = second, time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))
        return self._date[1]
