"""Faults of servers, over real sockets. Each ends in one error message and exit status 5."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from nodetodo.engines import aws, aws_requests
from nodetodo.engines.interface import Target

from .program import Program, Result, connect, environment

JSON = "application/x-amz-json-1.0"


def run(target: str, *argv: str) -> Result:
    """Run a command on a target, and check that it reports one error message and exit status 5."""
    result = Program(None, target=target)(*(argv or ("user", "emma")))
    assert result.status == 5
    assert result.out == ""
    assert result.err.count("\n") == 1, result.err
    return result


@contextmanager
def serving(respond: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Run a web server on a free port that handles every POST with this function."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            respond(self)

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


def send(handler: BaseHTTPRequestHandler, body: str, *, status: int = 200, kind: str = JSON) -> None:
    content = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def error(code: str, *, status: int = 400, **members: Any) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a function that responds with an error code. members: further members of the error response."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "the reason"} | members
    return lambda handler: send(handler, json.dumps(body), status=status)


def closed_port() -> str:
    """Return a URL on which no server is listening."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_closed_port_is_reported() -> None:
    target = closed_port()
    assert run(target) == (5, "", f"nodetodo: nothing is listening at {target}\n")


def test_an_unknown_host_name_is_reported() -> None:
    assert "does not resolve" in run("http://no-such-host.invalid:8000").err


def test_a_server_that_accepts_connections_and_never_responds_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = run(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert "does not respond in time" in result.err


def test_attempts_at_many_silent_addresses_end_within_10_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of engines.aws_requests is simulated. Each attempt takes 2 seconds for each of 4 addresses."""
    clock = [0.0]

    def connect(*_: Any, **__: Any) -> None:
        clock[0] += 4 * aws.CONNECT_SECONDS
        raise ConnectTimeoutError(endpoint_url="http://127.0.0.1:1/")

    monkeypatch.setattr(aws_requests, "monotonic", lambda: clock[0])
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", connect)
    assert "does not respond" in run("http://127.0.0.1:1").err
    assert clock[0] < 10


@contextmanager
def sending_a_byte_from_time_to_time() -> Iterator[str]:
    """Run a web server that never completes a response, although it continues to send."""
    is_over = threading.Event()

    def send_bytes(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not is_over.wait(0.01):
            with suppress(OSError):
                handler.wfile.write(b" ")

    with serving(send_bytes) as endpoint:
        yield endpoint
        is_over.set()


def test_a_server_that_sends_a_byte_from_time_to_time_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_requests, "REQUEST_SECONDS", 0.1)
    with sending_a_byte_from_time_to_time() as target:
        result = run(target)
    assert result.err == f"nodetodo: {target} did not complete a response within 0.1 seconds\n"


def test_a_host_name_with_many_silent_addresses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_requests, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(aws, "CONNECT_SECONDS", 0.01)
    with full_queue() as (host, port):
        address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: [address] * 1000)
        result = run(f"http://many.example:{port}")
    assert "many.example" in result.err
    assert "within 0.1 seconds" in result.err


def test_a_response_that_ends_early_is_reported_and_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []

    def send_half(handler: BaseHTTPRequestHandler) -> None:
        requests.append(handler)
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.close_connection = True

    with serving(send_half) as target:
        result = run(target, "user-add", "emma", "a@b", "123")
    assert "closed the connection" in result.err
    assert "check before you retry" in result.err
    assert len(requests) == aws.ATTEMPTS


def test_only_attempts_that_may_have_been_applied_count_as_lost_responses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_requests, "uniform", lambda _low, _high: 0.0)
    for fault, expected in (
        (error("ProvisionedThroughputExceededException"), 0),
        (error("InternalServerError", status=500), 1),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), 1),
    ):
        requests: list[BaseHTTPRequestHandler] = []

        def respond(
            handler: BaseHTTPRequestHandler, fault: Any = fault, requests: list[BaseHTTPRequestHandler] = requests
        ) -> None:
            requests.append(handler)
            if len(requests) == 1:
                fault(handler)
            else:
                error("ConditionalCheckFailedException")(handler)

        with serving(respond) as target:
            client = aws.connect(Target(target, target), environment({}))
            with pytest.raises(ClientError) as failure:
                client.delete_item(TableName="todo-task", Key={})
            client.close()
        assert failure.value.response["ResponseMetadata"]["LostResponses"] == expected


@contextmanager
def full_queue() -> Iterator[tuple[str, int]]:
    """Provide an address whose queue of connections is full, so that further connections are ignored."""
    with ExitStack() as stack:
        address: tuple[str, int] = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0)).getsockname()
        for _ in range(3):
            connection = stack.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(address)
        yield address


def test_a_server_that_accepts_no_connections_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "CONNECT_SECONDS", 0.05)
    with full_queue() as (host, port):
        result = run(f"http://{host}:{port}", "user-add", "emma", "a@b", "123")
    assert result.err == f"nodetodo: http://{host}:{port} does not respond\n"


def test_a_closed_connection_is_reported() -> None:
    with serving(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)) as target:
        result = run(target, "user-add", "emma", "a@b", "123")
    assert "closed the connection" in result.err
    assert "check before you retry" in result.err


def test_a_failed_tls_handshake_is_reported() -> None:
    with serving(error("unreachable")) as target:
        result = run(target.replace("http:", "https:"))
    assert "secure" in result.err


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredTokenException", "credentials have expired"),
        ("UnrecognizedClientException", "credentials are not accepted"),
        ("InvalidSignatureException", "credentials are not accepted"),
        ("AccessDeniedException", "do not allow this GetItem"),
        ("ResourceNotFoundException", "todo-user does not exist at http"),
        ("ResourceNotFoundException", "nodetodo table-add --db="),
        ("ResourceNotFoundException", "DynamoDB Local without -sharedDb"),
        ("ValidationException", "rejects this GetItem: the reason"),
        ("SomethingNewException", "SomethingNewException: the reason"),
    ],
)
def test_an_error_code_is_reported_as_an_error_message(code: str, message: str) -> None:
    with serving(error(code)) as target:
        assert message in run(target).err


def test_the_message_for_a_missing_table_names_the_tables_of_the_request() -> None:
    with serving(error("ResourceNotFoundException")) as target:
        for argv, tables in (
            (["task-ls", "emma"], "todo-task"),
            (["task-add", "emma", "x"], "todo-task or todo-user"),
            (["user-ls"], "todo-user"),
        ):
            assert run(target, *argv).err.startswith(f"nodetodo: {tables} does not exist at {target}; ")


@pytest.mark.parametrize(
    ("fault", "is_ambiguous"),
    [
        (error("InternalServerError", status=500), True),
        (error("ServiceUnavailable", status=503), True),
        (lambda handler: send(handler, "<html>Service Unavailable</html>", status=503, kind="text/html"), True),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), True),
        (error("ProvisionedThroughputExceededException"), False),
        (error("ValidationException"), False),
    ],
)
def test_only_commands_that_change_something_warn_that_a_change_may_have_been_applied(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[BaseHTTPRequestHandler], None], is_ambiguous: bool
) -> None:
    monkeypatch.setattr(aws_requests, "uniform", lambda _low, _high: 0.0)
    with serving(fault) as target:
        program = Program(connect(target), target=target)
        for argv in (["user", "emma"], ["user-ls"], ["task-ls", "emma"], ["table-ls"]):
            assert "may have been applied" not in program(*argv).err
        for argv in (["user-add", "emma", "a@b", "123"], ["task-add", "emma", "x"], ["task-done", "emma", "1"]):
            result = program(*argv)
            assert result.status == 5
            assert ("may have been applied" in result.err) == is_ambiguous
        program.client.close()


def test_the_message_of_a_denied_transaction_names_the_missing_permission() -> None:
    reason = "User: arn:aws:iam::1:user/e is not authorized to perform: dynamodb:ConditionCheckItem on resource: arn"
    with serving(error("AccessDeniedException", message=reason)) as target:
        assert reason in run(target, "task-add", "emma", "x").err


def test_a_request_that_fails_in_the_server_is_retried_a_few_times() -> None:
    requests = []

    def failing(handler: BaseHTTPRequestHandler) -> None:
        requests.append(handler)
        error("InternalServerError", status=500)(handler)

    with serving(failing) as target:
        run(target)
    assert len(requests) == aws.ATTEMPTS


def test_a_throttled_request_is_retried_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    throttled = error("ProvisionedThroughputExceededException")

    def no_pause(_low: float, high: float) -> float:
        pauses.append(high)
        return 0.0

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if len(pauses) < 6:
            throttled(handler)
        else:
            send(handler, json.dumps({"Item": {"uid": {"S": "emma"}}}))

    monkeypatch.setattr(aws_requests, "uniform", no_pause)

    with serving(respond) as target:
        assert Program(None, target=target)("user", "emma").status == 0
    assert pauses == [1, 2, 4, 8, 16, 20]


@pytest.mark.parametrize(
    ("code", "member"),
    [("ThrottlingException", "throttlingReasons"), ("ProvisionedThroughputExceededException", "ThrottlingReasons")],
)
def test_the_reason_of_throttling_is_reported_after_all_retries(
    monkeypatch: pytest.MonkeyPatch, code: str, member: str
) -> None:
    monkeypatch.setattr(aws_requests, "uniform", lambda _low, _high: 0.0)
    requests = []
    reason = {"reason": "IndexWriteKeyRangeThroughputExceeded", "resource": "arn:aws:dynamodb:…"}
    members: dict[str, Any] = {member: [reason]}

    def throttled(handler: BaseHTTPRequestHandler) -> None:
        requests.append(handler)
        error(code, **members)(handler)

    with serving(throttled) as target:
        result = run(target)
    assert "IndexWriteKeyRangeThroughputExceeded" in result.err
    assert "one partition exceed its limit" in result.err
    assert len(requests) == aws_requests.THROTTLED_ATTEMPTS


UNREADABLE = (
    "",
    "Not found",
    '{"Items": [',
    "null",
    "[]",
    '"x"',
    "5",
    '{"Item": 5, "Items": 5, "Table": 5, "Attributes": 5, "UnprocessedItems": 5, "ConsumedCapacity": 5}',
)
UNREADABLE_ERRORS = (
    *UNREADABLE,
    "{}",
    '{"__type": 5}',
    '{"__type": []}',
    '{"__type": "", "message": ""}',
    '{"__type": "SomeException", "message": 5}',
    '{"__type": "TransactionCanceledException"}',
    '{"__type": "TransactionCanceledException", "CancellationReasons": 5}',
    '{"Message": {}}',
)


def test_a_response_that_cannot_be_read_is_reported() -> None:
    content, status = "", 200
    with serving(lambda handler: send(handler, content, status=status)) as target:
        client = connect(target)  # one for all, because creating it is slow
        for status, contents in (
            (200, UNREADABLE),
            (204, [""]),
            (300, UNREADABLE_ERRORS),
            (400, UNREADABLE_ERRORS),
            (404, UNREADABLE_ERRORS),
        ):
            for content in contents:
                for argv, operation in (
                    (["user", "emma"], "GetItem"),
                    (["user-add", "emma", "a@b", "123"], "PutItem"),
                    (["user-ls"], "Scan"),
                    (["user-rm", "emma", "--with-tasks"], "(Query|DeleteItem)"),
                    (["task-add", "emma", "x"], "TransactWriteItems"),
                    (["task-done", "emma", "1"], "UpdateItem"),
                    (["task-rm", "emma", "1"], "DeleteItem"),
                    (["task-ls", "emma"], "Query"),
                    (["table-ls"], "DescribeTable"),
                    (["table-add"], "DescribeTable"),
                ):
                    result = Program(client, target=target)(*argv)
                    shown = "" if status == 200 else rf" \(HTTP status {status}\)"
                    expected = f"{target} is not a DynamoDB endpoint: its response to {operation} cannot be read{shown}"
                    assert result.status == 5, (status, content, argv, result)
                    assert re.fullmatch(f"nodetodo: {expected}\n", result.err), (status, content, argv, result)
        client.close()


def test_a_web_page_is_reported_as_not_dynamodb() -> None:
    page = "<html>Log in to the hotel's network</html>"
    with serving(lambda handler: send(handler, page, kind="text/html")) as target:
        for argv in (["user", "emma"], ["user-add", "emma", "a@b", "123"], ["task-ls", "emma"]):
            assert "is not a DynamoDB endpoint: its response to " in run(target, *argv).err


@pytest.mark.parametrize("body", ["{}", '{"Items": [], "Count": 0}', '{"ScannedCount": 0}'])
def test_a_response_without_its_required_members_is_reported_as_not_dynamodb(body: str) -> None:
    with serving(lambda handler: send(handler, body)) as target:
        for argv in (["task-ls", "emma"], ["user-ls"], ["table-ls"], ["task-done", "emma", "1"]):
            assert "is not a DynamoDB endpoint: its response to " in run(target, *argv).err


@pytest.mark.parametrize(
    ("argv", "body"),
    [
        (["table-ls"], '{"Table": {"TableStatus": 5}}'),
        (["table-ls"], '{"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [{}]}}'),
        (["task-ls", "emma"], '{"Items": [5], "ScannedCount": 1}'),
        (["task-ls", "emma"], '{"Items": [{"tid": {"N": []}}], "ScannedCount": 1}'),
        (["user-ls"], '{"Items": [{"uid": 5}], "ScannedCount": 1}'),
        (["user", "emma"], '{"Item": {"uid": {"S": "emma", "N": "1"}}}'),
    ],
)
def test_a_response_with_members_of_other_types_ends_without_a_traceback(argv: list[str], body: str) -> None:
    with serving(lambda handler: send(handler, body)) as target:
        result = Program(None, target=target)(*argv)
        assert result.status in (0, 5), result
        if result.status == 5:
            assert "is not a DynamoDB endpoint: its response to " in result.err


def test_a_web_server_without_post_is_reported_as_not_dynamodb() -> None:
    with serving(lambda handler: handler.send_error(501)) as target:
        assert "is not a DynamoDB endpoint" in run(target).err


def test_dynamodb_local_rejects_some_access_keys_and_the_message_reports_its_rule(
    dynamodb_local: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-b")
    assert run(dynamodb_local).err == (
        "nodetodo: the AWS credentials are not accepted (UnrecognizedClientException); "
        "for DynamoDB Local, AWS_ACCESS_KEY_ID may contain letters and digits only\n"
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ab")
    assert "todo-user does not exist" in run(dynamodb_local).err
