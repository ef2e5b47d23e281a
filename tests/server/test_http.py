"""HTTP/1.1: keep-alive, limits, slow and malformed requests."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import threading
import time
from typing import Any

import pytest

from nodetodo.server import connections, http, reading
from nodetodo.server.connections import Response
from nodetodo.server.http import Server

from .support import JSON_1_0, RawClient, Served, chunked, request, serving


def test_a_connection_answers_many_requests_in_their_order(served: Served) -> None:
    with served.connected() as client:
        for _ in range(3):
            answer = client.send(request())
            assert (answer.status, answer.json) == (200, {"TableNames": ["thing"]})
            assert answer.headers["connection"] == "keep-alive"
        together = request() + request(target="DynamoDB_20120810.Nonsense") + request()
        client.socket.sendall(together)
        assert [client.receive().status for _ in range(3)] == [200, 400, 200]


def test_a_request_may_arrive_byte_by_byte(served: Served) -> None:
    with served.connected() as client:
        *most, last = request(b'{"Limit": 1}')
        for byte in most:
            client.socket.sendall(bytes([byte]))
        assert client.send(bytes([last])).status == 200


def test_a_response_to_head_has_no_body(served: Served) -> None:
    with served.connected() as client:
        client.socket.sendall(request().replace(b"POST", b"HEAD", 1) + request(Connection="close"))
        received = b""
        while part := client.socket.recv(1000):
            received += part
    first, _, second = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_the_server_closes_the_connection_if_the_client_wants_it(served: Served, version: str) -> None:
    data = request(Connection="close" if version == "HTTP/1.1" else None).replace(b"HTTP/1.1", version.encode())
    with served.connected() as client:
        answer = client.send(data)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert client.is_closed()


def test_a_client_that_waits_for_permission_gets_it_before_the_body(served: Served) -> None:
    head, _, body = request(b'{"Limit": 1}', Expect="100-continue").partition(b"\r\n\r\n")
    with served.connected() as client:
        client.socket.sendall(head + b"\r\n\r\n")
        assert client.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.send(body).status == 200


def malformed(line: bytes = b"POST / HTTP/1.1", headers: bytes = b"Host: localhost") -> bytes:
    return line + b"\r\n" + headers + b"\r\n\r\n"


CHUNKED = malformed(headers=b"Host: localhost\r\nTransfer-Encoding: chunked")


def test_a_chunked_body_is_read_and_the_connection_stays_open(served: Served) -> None:
    body = b'{"Limit": 1}'
    with served.connected() as client:
        for chunk in (1, 5, len(body)):
            answer = client.send(chunked(body, chunk))
            assert (answer.status, answer.json) == (200, {"TableNames": ["thing"]})
        client.socket.sendall(chunked(b"{}", 1) + request() + chunked(body, 3))
        assert [client.receive().status for _ in range(3)] == [200] * 3


def test_a_chunked_body_may_arrive_byte_by_byte_with_extensions_and_trailers(served: Served) -> None:
    data = chunked(b'{"Limit": 1}', 100).replace(b"c\r\n", b'00C;name="value"\r\n')
    data = data.removesuffix(b"\r\n") + b"Checksum: 1\r\n\r\n"
    *most, last = data
    with served.connected() as client:
        for byte in most:
            client.socket.sendall(bytes([byte]))
        assert client.send(bytes([last])).status == 200
        assert client.send(request()).status == 200


def test_a_client_that_waits_for_permission_gets_it_before_the_chunks(served: Served) -> None:
    head, _, chunks = chunked(b'{"Limit": 1}', 4, Expect="100-continue").partition(b"\r\n\r\n")
    with served.connected() as client:
        client.socket.sendall(head + b"\r\n\r\n")
        assert client.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.send(chunks).status == 200


def test_chunks_of_16_mb_together_are_read_and_more_are_refused(served: Served) -> None:
    largest = b'{"Limit": 1' + b" " * (reading.BODY_BYTES - 12) + b"}"
    with served.connected() as client:
        assert client.send(chunked(largest, 100_000)).status == 200
        assert client.send(chunked(largest + b" ", 100_000)).status == 413


def test_a_body_of_200_000_chunks_is_read(served: Served) -> None:
    body = b'{"Limit": 1' + b" " * 200_000 + b"}"
    with served.connected() as client:
        assert client.send(chunked(body, 1)).status == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (malformed(b"POST /"), 400),
        (malformed(b"POST  / HTTP/1.1"), 400),
        (malformed(b"\x16\x03\x01\x02\x00\x01"), 400),  # TLS
        (malformed(b"GET / HTTP/2.0"), 505),
        (malformed(headers=b"no colon"), 400),
        (malformed(headers=b"Host : localhost"), 400),
        (malformed(headers=b"A: b\r\n continued"), 400),
        (malformed(headers=b"A: b\nC: d"), 400),
        (malformed(headers=b"Content-Length: 1\r\nContent-Length: 2"), 400),
        (malformed(headers=b"Content-Length: -1"), 400),
        (malformed(headers="Content-Length: ²".encode("latin-1")), 400),
        (malformed(headers=b"Content-Length: " + b"9" * 5000), 413),
        (malformed(headers=b"Transfer-Encoding: gzip, chunked"), 400),
        (malformed(headers=b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400),
        (malformed(headers=b"Transfer-Encoding: chunked\r\nContent-Length: 5") + b"0\r\n\r\n", 400),
        (malformed(b"POST / HTTP/1.0", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
        (CHUNKED + b"\r\n", 400),
        (CHUNKED + b"-1\r\n", 400),
        (CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"2\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"2;a\nb\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"2\r\n{} \r\n0\r\n\r\n", 400),
        (CHUNKED + b"2;" + b"x" * 300, 400),
        (CHUNKED + b"1000001\r\n", 413),
        (CHUNKED + b"F" * 16 + b"\r\n", 413),
        (CHUNKED + b"F" * 17 + b"\r\n", 400),
        (CHUNKED + b"0\r\nno colon\r\n\r\n", 400),
        (CHUNKED + b"0\r\n" + (b"A: " + b"x" * 1000 + b"\r\n") * 40, 431),
        (malformed(headers=b"Content-Length: 16777217"), 413),
        (b"POST / HTTP/1.1\r\nX: " + b"x" * 33_000, 431),
        (malformed(headers=b"X: " + b"x" * 33_000), 431),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_request_that_is_not_valid_http_is_refused_and_the_connection_closed(
    served: Served, data: bytes, status: int
) -> None:
    with served.connected() as client:
        answer = client.send(data)
        assert answer.status == status
        assert answer.headers["x-amzn-requestid"]
        if status != 413:  # AWS answers without a body
            assert answer.json["__type"] == "com.amazon.coral.service#SerializationException"
        assert client.is_closed()
    assert served.call("ListTables", {}).status == 200


def test_a_body_of_16_mb_is_read_and_a_larger_one_refused(served: Served) -> None:
    largest = b'{"Limit": 1' + b" " * (16 * 1024 * 1024 - 12) + b"}"
    assert len(largest) == reading.BODY_BYTES
    assert served.call("ListTables", largest).status == 200
    assert served.call("ListTables", largest + b" ").status == 413


def test_a_slow_client_is_disconnected_and_does_not_delay_others(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.2)
    with served.connected() as slow, served.connected() as other:
        slow.socket.sendall(request()[:30])
        assert other.send(request()).status == 200
        assert slow.is_closed()


def test_an_idle_connection_is_closed_in_the_end(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.05)
    with served.connected() as idle:
        assert idle.is_closed()


def test_a_new_connection_replaces_the_longest_idle_one_if_there_are_too_many() -> None:
    with serving(max_connections=3) as served, served.connected() as first, served.connected() as second:
        assert first.send(request()).status == second.send(request()).status == 200
        with served.connected() as third, served.connected() as fourth:
            assert third.send(request()).status == fourth.send(request()).status == 200
            assert first.is_closed()
            assert second.send(request()).status == 200


class SlowEngine:
    """A client of the engine whose ListTables waits until the test releases it."""

    def __init__(self) -> None:
        self.started, self.released = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return lambda **_: None

    def list_tables(self, **_: Any) -> dict[str, Any]:
        self.started.set()
        assert self.released.wait(10)
        return {"TableNames": [], "ResponseMetadata": {}}

    def close(self) -> None:
        pass


def test_a_new_connection_replaces_the_slowest_client_if_no_connection_is_idle() -> None:
    with serving(max_connections=3) as served, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(served.connected()) for _ in range(3)]
        body = b'{"Limit": 1}'
        for client in slow:
            client.socket.sendall(request(body, Expect="100-continue")[: -len(body)])
            assert client.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # the server waits for the body
        slow[0].socket.sendall(body[:1])  # a byte now and then keeps no connection
        assert served.call("ListTables", {}).status == 200
        assert slow[0].is_closed()
        assert slow[1].send(body).status == 200
        assert slow[2].send(body).status == 200


class LargeResponse(SlowEngine):
    """A client of the engine whose ListTables returns more than the buffers of a connection hold."""

    def list_tables(self, **_: Any) -> dict[str, Any]:
        names = ["t" * 255] * 125_000 if not self.started.is_set() else []
        self.started.set()
        return {"TableNames": names, "ResponseMetadata": {}}


def test_a_new_connection_replaces_a_client_that_does_not_read_its_response() -> None:
    with serving(client=LargeResponse(), max_connections=1) as served, served.connected() as slow:
        slow.socket.sendall(request())
        assert slow.socket.recv(1) == b"H"
        assert served.call("ListTables", {}).status == 200
        with pytest.raises(ConnectionError):
            slow.receive()


def test_a_new_connection_does_not_replace_one_whose_request_is_in_progress() -> None:
    engine = SlowEngine()
    with serving(client=engine, max_connections=1) as served, served.connected() as busy:
        busy.socket.sendall(request())
        assert engine.started.wait(10)
        with served.connected() as other:
            assert other.is_closed()
        engine.released.set()
        assert busy.receive().status == 200


def test_the_end_of_the_server_waits_for_a_request_in_progress_and_closes_idle_connections() -> None:
    engine = SlowEngine()
    with serving(client=engine) as served, served.connected() as busy, served.connected() as idle:
        busy.socket.sendall(request())
        assert engine.started.wait(10)
        stopping = threading.Thread(target=served.server.stop, args=(10,))
        stopping.start()
        assert idle.is_closed()
        engine.released.set()
        answer = busy.receive()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        stopping.join()


def test_a_request_that_does_not_end_delays_the_end_of_the_server_only_for_the_given_time() -> None:
    engine = SlowEngine()
    with serving(client=engine) as served, served.connected() as busy:
        busy.socket.sendall(request())
        assert engine.started.wait(10)
        start = time.monotonic()
        served.server.stop(0.05)
        assert time.monotonic() - start < 5
        engine.released.set()


HEALTH = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
SCAN = request(b'{"TableName": "thing"}', "DynamoDB_20120810.Scan")


def put_large_item(served: Served) -> None:
    large = {"p": {"S": "p"}, "s": {"N": "1"}, "t": {"S": "x" * 399_000}}
    served.good("PutItem", {"TableName": "thing", "Item": large})


def send_without_reading(client: RawClient) -> None:
    while True:
        client.socket.sendall(SCAN)


def test_requests_that_take_long_delay_no_others() -> None:
    engine = SlowEngine()
    with serving(client=engine) as served, served.connected() as first, served.connected() as second:
        for busy in (first, second):
            busy.socket.sendall(request())
            assert engine.started.wait(10)
            engine.started.clear()
            assert served.raw(HEALTH).status == 200
        engine.released.set()
        for busy in (first, second):
            assert busy.receive().status == busy.send(request()).status == 200


def test_responses_keep_the_order_of_their_requests_when_one_takes_long() -> None:
    engine = SlowEngine()
    with serving(client=engine) as served, served.connected() as client:
        client.socket.sendall(request() + HEALTH + request() + HEALTH)
        assert engine.started.wait(10)
        assert served.raw(HEALTH).status == 200
        engine.released.set()
        types = [client.receive().headers["content-type"] for _ in range(4)]
    assert types == [JSON_1_0, "text/plain"] * 2


def test_many_responses_keep_the_order_of_their_requests_when_one_takes_long() -> None:
    engine = SlowEngine()
    count = 2 * connections.RECEIVE_BYTES // len(HEALTH)  # more than the server receives at once
    with serving(client=engine) as served, served.connected() as client:
        client.socket.sendall(HEALTH * count + request() + HEALTH)
        assert engine.started.wait(10)
        assert served.raw(HEALTH).status == 200
        engine.released.set()
        types = [client.receive().headers["content-type"] for _ in range(count + 2)]
    assert types == ["text/plain"] * count + [JSON_1_0, "text/plain"]


def test_requests_that_arrived_together_are_answered_while_one_of_another_connection_takes_long() -> None:
    engine = SlowEngine()
    count = connections.RECEIVE_BYTES // len(HEALTH)
    with serving(client=engine) as served, served.connected() as client, served.connected() as busy:
        client.socket.sendall(HEALTH * count)
        busy.socket.sendall(request())
        assert engine.started.wait(10)
        assert {client.receive().status for _ in range(count)} == {200}
        engine.released.set()
        assert busy.receive().status == 200


class Clock:
    """The module time, whose monotonic clock a test can set forward."""

    def __init__(self) -> None:
        self.added = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def monotonic(self) -> float:
        return time.monotonic() + self.added


def test_a_client_does_not_lose_a_response_because_its_request_before_took_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    for module in (connections, http):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(http, "SWEEP_SECONDS", 0.001)
    engine = SlowEngine()
    with serving(client=engine) as served, served.connected() as client:
        client.socket.sendall(request() + 2 * HEALTH)
        assert engine.started.wait(10)
        clock.added = 2.0 * connections.IDLE_SECONDS
        engine.released.set()
        assert [client.receive().status for _ in range(3)] == [200] * 3


def test_an_interrupt_while_another_thread_takes_over_loses_no_response(monkeypatch: pytest.MonkeyPatch) -> None:
    started, released = threading.Event(), threading.Event()

    def answer(_: object) -> Response:
        started.set()
        assert released.wait(10)
        return Response(200, "", b"done")

    start = threading.Thread.start
    signals = [signal.SIGINT]

    def interrupted(thread: threading.Thread) -> None:
        is_in_progress = started.is_set()
        start(thread)
        if is_in_progress and signals:
            os.kill(os.getpid(), signals.pop())

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with socket.create_server(("127.0.0.1", 0)) as listener, RawClient(listener.getsockname()) as client:
        server = Server(listener, answer, answer)
        client.socket.sendall(request())
        with pytest.raises(KeyboardInterrupt):
            server.run()
        server.stop(0.1)
        released.set()
        assert client.receive().body == b"done"
        server.stop(10)


def test_a_request_that_takes_long_is_answered_without_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SlowEngine()
    with serving(client=engine) as served, served.connected() as client:
        assert served.raw(HEALTH).status == 200  # the server has started its own threads
        tried = threading.Event()

        def start(_: threading.Thread) -> None:
            tried.set()
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as context:
            context.setattr(threading.Thread, "start", start)
            client.socket.sendall(request())
            assert tried.wait(10)
            engine.released.set()
            assert client.receive().status == 200
        assert served.raw(HEALTH).status == client.send(request()).status == 200


def test_a_client_that_reads_slowly_delays_no_others_and_receives_everything(served: Served) -> None:
    put_large_item(served)
    count = 100  # more than the buffers of the system hold
    with served.connected() as slow:
        slow.socket.sendall(SCAN * count)
        assert served.raw(HEALTH).status == 200
        lengths = [len(slow.receive().body) for _ in range(count)]
        assert slow.send(HEALTH).status == 200
    assert set(lengths) == {399_081}


def test_a_client_that_does_not_read_is_disconnected(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.05)
    put_large_item(served)
    with served.connected() as client, pytest.raises((ConnectionResetError, BrokenPipeError)):
        send_without_reading(client)


class Full:
    """A listening socket of a process that has too many open files once."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.errors = [OSError(errno.EMFILE, "Too many open files")]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def accept(self) -> Any:
        if self.errors:
            raise self.errors.pop()
        return self._listener.accept()


def test_connections_wait_while_too_many_files_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    listeners: list[Full] = []
    create = socket.create_server

    def create_full(*args: Any, **more: Any) -> Any:
        listeners.append(Full(create(*args, **more)))
        return listeners[0]

    monkeypatch.setattr(socket, "create_server", create_full)
    with serving() as served:
        assert served.raw(HEALTH).status == 200
        assert not listeners[0].errors


def test_a_mistake_in_the_server_ends_one_connection_only(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with served.connected() as client, monkeypatch.context() as context:
        context.delattr(reading, "_request_line")
        client.socket.sendall(request())
        assert client.is_closed()
    assert served.raw(HEALTH).status == 200
    assert "HTTP 500: unexpected NameError" in served.text
