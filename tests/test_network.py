"""Databases that do not cooperate, over real sockets: each ends in one sentence and status 5."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from nodetodo.engines import aws
from nodetodo.engines.interface import Target

from .program import Program, Result, environment


def ask(target: str, *argv: str) -> Result:
    result = Program(None, target=target)(*(argv or ("user", "emma")))
    assert result.err.count("\n") == 1, result.err
    return result


@contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A web server on a free port that answers every POST like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def error(code: str, status: int = 400, **more: Any) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer of DynamoDB's that is this error."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "said so"} | more).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/x-amz-json-1.0")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_nobody_listens() -> None:
    target = closed_port()
    assert ask(target) == (5, "", f"nodetodo: nothing is listening at {target}\n")


def test_a_name_does_not_resolve() -> None:
    result = ask("http://no-such-host.invalid:8000")
    assert result.status == 5
    assert "does not resolve" in result.err


def test_a_server_that_takes_connections_and_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = ask(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert result.status == 5
    assert "does not answer in time" in result.err


def test_a_name_with_many_addresses_that_are_all_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes here only in the clock that remote looks at: 2 seconds for each of 4 addresses, in every attempt."""
    clock = [0.0]

    def connect(*_: Any, **__: Any) -> None:
        clock[0] += 4 * aws.CONNECT_SECONDS
        raise ConnectTimeoutError(endpoint_url="http://127.0.0.1:1/")

    monkeypatch.setattr(aws.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", connect)
    assert "does not answer" in ask("http://127.0.0.1:1").err
    assert clock[0] < 10


def test_only_answers_that_were_lost_count_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws.random, "uniform", lambda _low, _high: 0.0)
    for fault, expected in (
        (error("ProvisionedThroughputExceededException"), 0),
        (error("InternalServerError", 500), 1),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), 1),
    ):
        asked: list[BaseHTTPRequestHandler] = []

        def answer(
            handler: BaseHTTPRequestHandler, fault: Any = fault, asked: list[BaseHTTPRequestHandler] = asked
        ) -> None:
            asked.append(handler)
            if len(asked) == 1:
                fault(handler)
            else:
                error("ConditionalCheckFailedException")(handler)

        with answering(answer) as target:
            client = aws.connect(Target(target, target), environment({}))
            with pytest.raises(ClientError) as refused:
                client.delete_item(TableName="todo-task", Key={})
            client.close()
        assert refused.value.response["ResponseMetadata"]["LostAnswers"] == expected


def test_a_server_that_takes_no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "CONNECT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = []
        try:
            for _ in range(3):  # fills the queue of connections; what comes after is not even refused
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(address)
            result = ask(f"http://127.0.0.1:{address[1]}")
        finally:
            for connection in waiting:
                connection.close()
    assert result.status == 5
    assert "does not answer" in result.err


def test_a_server_that_hangs_up() -> None:
    with answering(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)) as target:
        result = ask(target, "user-add", "emma", "a@b", "123")
    assert result.status == 5
    assert "closed the connection" in result.err
    assert "look before you repeat it" in result.err


def test_no_secure_connection() -> None:
    with answering(error("unreachable")) as target:
        result = ask(target.replace("http:", "https:"))
    assert result.status == 5
    assert "secure" in result.err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredTokenException", "credentials have expired"),
        ("UnrecognizedClientException", "credentials are not accepted"),
        ("InvalidSignatureException", "credentials are not accepted"),
        ("AccessDeniedException", "may not do dynamodb:GetItem"),
        ("ResourceNotFoundException", "nodetodo table-add --db="),
        ("ValidationException", "refuses this GetItem: said so"),
        ("SomethingNewException", "SomethingNewException: said so"),
    ],
)
def test_an_error_of_dynamodbs_is_told_in_a_sentence(code: str, said: str) -> None:
    with answering(error(code)) as target:
        result = ask(target)
    assert result.status == 5
    assert said in result.err


def test_access_denied_to_a_part_of_a_transaction_names_that_part() -> None:
    said = "User: arn:aws:iam::1:user/e is not authorized to perform: dynamodb:ConditionCheckItem on resource: arn"
    with answering(error("AccessDeniedException", message=said)) as target:
        assert "may not do dynamodb:ConditionCheckItem;" in ask(target, "task-add", "emma", "x").err


def test_a_server_that_fails_is_asked_again_a_few_times() -> None:
    asked = []

    def failing(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler)
        error("InternalServerError", 500)(handler)

    with answering(failing) as target:
        assert ask(target).status == 5
    assert len(asked) == aws.ATTEMPTS


def test_throttling_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(aws.random, "uniform", lambda low, high: pauses.append(high) or 0.0)
    throttled = error("ProvisionedThroughputExceededException")

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if len(pauses) < 6:
            throttled(handler)
            return
        body = json.dumps({"Item": {"uid": {"S": "emma"}}}).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/x-amz-json-1.0")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with answering(answer) as target:
        assert Program(None, target=target)("user", "emma").status == 0
    assert pauses == [1, 2, 4, 8, 16, 20]


@pytest.mark.parametrize(
    ("code", "member"),
    [("ThrottlingException", "throttlingReasons"), ("ProvisionedThroughputExceededException", "ThrottlingReasons")],
)
def test_throttling_without_end_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, code: str, member: str
) -> None:
    monkeypatch.setattr(aws.random, "uniform", lambda _low, _high: 0.0)
    asked = []
    reasons = [{"reason": "IndexWriteKeyRangeThroughputExceeded", "resource": "arn:aws:dynamodb:…"}]

    def throttled(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler)
        error(code, **{member: reasons})(handler)

    with answering(throttled) as target:
        result = ask(target)
    assert result.status == 5
    assert "IndexWriteKeyRangeThroughputExceeded" in result.err
    assert "hot" in result.err
    assert len(asked) == aws.THROTTLED_ATTEMPTS


def test_a_web_server_that_is_no_dynamodb_is_not_believed() -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<html>Log in to the hotel's network</html>")

    with answering(page) as target:
        for argv in (["user", "emma"], ["user-add", "emma", "a@b", "123"], ["task-ls", "emma"]):
            result = ask(target, *argv)
            assert (result.status, result.out) == (5, "")
            assert "is no DynamoDB" in result.err


@pytest.mark.parametrize("body", ["garbage", "{}", '{"Items": [], "Count": 0}'])
def test_an_answer_that_lacks_what_every_answer_has_is_not_believed(body: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/x-amz-json-1.0")
        handler.end_headers()
        handler.wfile.write(body.encode())

    with answering(answer) as target:
        for argv in (["task-ls", "emma"], ["user-ls"], ["table-ls"]):
            result = ask(target, *argv)
            assert (result.status, result.out) == (5, "")


def test_a_web_server_that_takes_no_post_is_told() -> None:
    with answering(lambda handler: handler.send_error(501)) as target:
        assert ask(target).status == 5
