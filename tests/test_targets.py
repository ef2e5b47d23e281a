"""The selection of the database, its region and its credentials."""

import gc
import os
import socket
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import exceptions

from nodetodo.engines import aws, aws_requests, targets
from nodetodo.engines.interface import Request, Target
from nodetodo.errors import WrongUsage

from .program import Program, environment
from .test_network import sending_a_byte_from_time_to_time

URL = "http://localhost:8000"


@pytest.mark.parametrize(
    ("given", "env", "target"),
    [
        (None, {}, "local"),
        (None, {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}, "local"),
        ("local:./tasks.db", {"NODETODO_DB": "aws"}, "local:./tasks.db"),
        (None, {"NODETODO_DB": URL}, URL),
        ("aws", {"NODETODO_DB": URL}, "aws"),
        (None, {"NODETODO_DB": "aws", "AWS_ENDPOINT_URL_DYNAMODB": URL}, "aws"),
        (None, {"AWS_ENDPOINT_URL_DYNAMODB": URL}, URL),
        ("https://example.org/path", {}, "https://example.org/path"),
    ],
)
def test_the_option_takes_precedence_over_the_variable_and_that_over_the_variable_of_the_sdk(
    given: str | None, env: dict[str, str], target: str
) -> None:
    assert targets.choose(given, env).name == target


@pytest.mark.parametrize(
    "given",
    [
        "AWS",
        "Local",
        "local:",
        "localhost:8000",
        "http://",
        "http://:8000",
        "http://localhost:x",
        "http://localhost:99999",
        "http://[",
    ],
)
def test_an_invalid_target_is_rejected(given: str) -> None:
    with pytest.raises(WrongUsage, match="--db is"):
        targets.choose(given, {})


def test_an_empty_option_is_wrong_usage_and_an_empty_variable_is_ignored() -> None:
    with pytest.raises(WrongUsage, match="--db is ''"):
        targets.choose("", {"NODETODO_DB": "aws"})
    assert targets.choose(None, {"NODETODO_DB": "", "AWS_ENDPOINT_URL_DYNAMODB": ""}).name == "local"
    assert Program(None)("user", "emma", "--db=").status == 2


@pytest.mark.parametrize(
    "given",
    [
        "http://user:SECRET@host",
        "https://SECRET@host:8000/path",
        "http://user:SECRET@host:99999",
        "http://user:SECRET@",
        "HTTP://user:SECRET@host",
        "user:SECRET@host:8000",
        "http://host/?X-Amz-Security-Token=SECRET",
        "http://host/#SECRET",
    ],
)
@pytest.mark.parametrize("argv", [["user", "emma"], ["user", "emma", "--explain"], ["capacity", "--reads=1"]])
def test_a_secret_in_a_url_is_rejected_and_not_repeated(given: str, argv: list[str]) -> None:
    for result, origin in (
        (Program(None)(*argv, f"--db={given}"), "--db"),
        (Program(None, target=given)(*argv), "NODETODO_DB"),
    ):
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith(f"nodetodo: {origin} ")
        assert "SECRET" not in result.err


@pytest.mark.parametrize(("env", "table"), [({}, "todo-"), ({"NODETODO_TABLE_PREFIX": "emma.dev-"}, "emma.dev-")])
def test_a_variable_sets_the_prefix_of_table_names(env: dict[str, str], table: str) -> None:
    assert targets.table_prefix(env) == table


@pytest.mark.parametrize("prefix", ["ä-", "a b", "a/b", "x" * 252])
def test_a_prefix_that_is_invalid_in_table_names_is_rejected(prefix: str) -> None:
    program = Program(None, prefix=prefix)
    result = program("user", "emma")
    assert result.status == 2
    assert "NODETODO_TABLE_PREFIX" in result.err


Connect = Callable[..., Any]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Return a function that connects to a target with these variables, which botocore reads from the process."""

    def connected(target: str, **env: str) -> Any:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            return aws.connect(targets.choose(target, env), environment(env))

    return connected


def test_aws_region_selects_the_region_and_takes_precedence_over_aws_default_region(connect: Connect) -> None:
    for variable, region in (("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2")):
        meta = connect("aws", **{variable: region}).meta
        assert meta.region_name == region
        assert meta.endpoint_url == f"https://dynamodb.{region}.amazonaws.com"
    assert connect("aws", AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-2").meta.region_name == "eu-west-1"


def test_an_endpoint_needs_neither_credentials_nor_region(connect: Connect) -> None:
    client = connect(URL)
    assert client.meta.endpoint_url == URL
    assert client.meta.region_name == aws.PLACEHOLDER_REGION
    assert client._request_signer._credentials.access_key.isalnum()


def test_an_endpoint_receives_the_credentials_of_the_user_if_they_exist(connect: Connect) -> None:
    client = connect(URL, AWS_ACCESS_KEY_ID="mine", AWS_SECRET_ACCESS_KEY="secret", AWS_REGION="eu-west-1")
    assert client._request_signer._credentials.access_key == "mine"
    assert client.meta.region_name == "eu-west-1"


@pytest.mark.parametrize(
    ("target", "endpoint"),
    [
        ("aws", "https://streams.dynamodb.eu-west-1.amazonaws.com"),
        ("https://dynamodb.eu-west-1.amazonaws.com", "https://streams.dynamodb.eu-west-1.amazonaws.com"),
        (URL, URL),
        ("https://dynamodb.example.org/path", "https://dynamodb.example.org/path"),
    ],
)
def test_streams_have_another_endpoint_in_aws_only(connect: Connect, target: str, endpoint: str) -> None:
    env = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": "http://127.0.0.1:1"}
    client = connect(target, AWS_REGION="eu-west-1", **env)
    assert client.get_records.__self__.meta.endpoint_url == endpoint
    assert client.get_records.__self__.meta.region_name == "eu-west-1"
    client.close()


def test_endpoint_variables_do_not_redirect_the_target_aws(connect: Connect) -> None:
    env = {"AWS_ENDPOINT_URL": URL, "AWS_ENDPOINT_URL_DYNAMODB": URL, "AWS_REGION": "eu-west-1"}
    assert connect("aws", **env).meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("env", "host"),
    [
        ({"AWS_ACCOUNT_ID": "123456789012"}, "123456789012.ddb.eu-west-1.amazonaws.com"),
        (
            {"AWS_ACCOUNT_ID": "123456789012", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"},
            "dynamodb.eu-west-1.amazonaws.com",
        ),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "dynamodb.eu-west-1.api.aws"),
        (
            {"AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_ACCOUNT_ID": "123456789012"},
            "123456789012.ddb.eu-west-1.api.aws",
        ),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "dynamodb-fips.eu-west-1.amazonaws.com"),
    ],
)
def test_settings_of_the_sdk_select_the_endpoint_of_the_target_aws(
    connect: Connect, env: dict[str, str], host: str
) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "secret"}
    client = connect("aws", AWS_REGION="eu-west-1", **credentials, **env)
    hosts = []

    def stop(request: Any, **_: Any) -> None:
        hosts.append(urlsplit(request.url).hostname)
        raise exceptions.ConnectionClosedError(endpoint_url=request.url)

    client.meta.events.register_first("request-created.dynamodb", stop)
    with pytest.raises(exceptions.ConnectionClosedError):
        client.describe_table(TableName="todo-user")
    assert hosts == [host]


def test_without_an_account_id_a_required_account_endpoint_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
    for name, value in (env | {"AWS_ACCOUNT_ID_ENDPOINT_MODE": "required"}).items():
        monkeypatch.setenv(name, value)
    result = Program(None, target="aws")("user", "emma", env=env)
    assert result.status == 5
    assert "AccountIdEndpointMode" in result.err


def test_without_a_region_the_message_names_the_variable() -> None:
    result = Program(None, target="aws")("user", "emma")
    assert result.status == 5
    assert "AWS_REGION" in result.err


def test_without_credentials_the_message_names_the_variables() -> None:
    result = Program(None, target="aws")("user", "emma", env={"AWS_DEFAULT_REGION": "eu-west-1"})
    assert result.status == 5
    assert "AWS_ACCESS_KEY_ID" in result.err


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_the_message_names_a_profile_that_does_not_exist_and_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "no-such-profile")
    for target in ("aws", URL):
        result = Program(None, target=target)("user", "emma", env={variable: "no-such-profile"})
        assert result.status == 5
        assert f"{variable} is 'no-such-profile', which is not a profile" in result.err


@pytest.mark.parametrize("region", ["eu_central_1", "eu central-1", "eu-central-1/"])
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_message_names_a_malformed_region_and_its_variable(variable: str, region: str) -> None:
    for target in ("aws", URL):
        result = Program(None, target=target)("user", "emma", env={variable: region})
        assert result.status == 2
        assert f"{variable} is '{region}', which is not an AWS region" in result.err


Configure = Callable[[str], None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Configure:
    """Return a function that writes settings of the default profile."""

    def written(settings: str) -> None:
        (tmp_path / "config").write_text(f"[default]\n{settings}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    return written


def test_the_message_names_a_malformed_region_of_a_profile(configure: Configure) -> None:
    configure("region = eu_central_1")
    result = Program(None, target="aws")("user", "emma")
    assert "region of the AWS profile default is 'eu_central_1', which is not an AWS region" in result.err


@pytest.mark.parametrize(
    ("process", "reason"),
    [
        ("sh -c 'echo the vault is locked >&2; exit 3' secret", "the vault is locked"),
        ("sh -c 'exit 3' secret", "no error message"),
        ("echo secret", "Expecting value"),
        ("/no/such/program secret", "No such file or directory"),
        ("sh 'secret", "No closing quotation"),
        ("""echo '{"Version": 2, "SecretAccessKey": "secret"}'""", "Unsupported version '2'"),
        ("""echo '{"Version": 1, "SecretAccessKey": "secret"}'""", "Missing required key"),
        ("""echo '[]'""", "list"),
    ],
)
def test_the_message_names_a_credential_process_that_fails_without_its_arguments(
    configure: Configure, process: str, reason: str
) -> None:
    configure(f"region = eu-west-1\ncredential_process = {process}")
    for target in ("aws", URL):
        result = Program(None, target=target)("user", "emma")
        assert result.status == 5
        assert result.err.count("\n") == 1
        assert f"credential_process of the AWS profile default ({process.split()[0]}) failed: " in result.err
        assert reason in result.err
        assert "secret" not in result.err


ROLE = """region = eu-west-1
role_arn = arn:aws:iam::1:role/r
source_profile = keys
[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = x"""
"""A profile whose credentials are requested from STS."""


def test_the_time_outs_also_limit_the_requests_for_credentials(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.05)
    configure(ROLE)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoint)
        result = Program(None, target="aws")("user", "emma")
    assert result == (5, "", f"nodetodo: {endpoint} accepts connections but does not respond in time\n")


def test_the_total_time_also_limits_a_request_for_credentials(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws_requests, "REQUEST_SECONDS", 0.2)
    configure(ROLE)
    with sending_a_byte_from_time_to_time() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoint)
        result = Program(None, target="aws")("user-add", "emma", "a@b", "123")
    assert result == (5, "", f"nodetodo: {endpoint} did not complete a response within 0.2 seconds\n")


CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("SECRET\r", "a carriage return"),
        ("SEC\nRET", "a line feed"),
        ("SECRET ", "a space"),
        ("SEC\tRET", "a control character"),
        ("SECRÉT", "a character that is not ASCII"),
    ],
)
@pytest.mark.parametrize("target", ["aws", URL])
def test_the_message_about_an_invalid_credential_names_its_variable_and_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, target: str, name: str, value: str, problem: str
) -> None:
    for variable, content in (CREDENTIALS | {name: value}).items():
        monkeypatch.setenv(variable, content)
    result = Program(None, target=target)("user", "emma", env={"AWS_REGION": "eu-west-1"})
    assert result == (5, "", f"nodetodo: {name} contains {problem}; set it again without this character\n")


def test_an_invalid_credential_in_a_file_is_reported_with_its_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "credentials"
    file.write_text(
        "[default]\naws_access_key_id = AKIA\naws_secret_access_key = secret\naws_session_token = SEC\n  RET\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    result = Program(None, target="aws")("user", "emma", env={"AWS_REGION": "eu-west-1"})
    assert result.status == 5
    assert result.err == (
        "nodetodo: the session token from shared-credentials-file contains a line feed; "
        "set it again without this character\n"
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            exceptions.HTTPClientError(error=ValueError("Invalid header value b'SECRET'")),
            f"the request to {URL} cannot be sent (ValueError)",
        ),
        (
            exceptions.ProxyConnectionError(proxy_url="http://user:SECRET@proxy", error=OSError("SECRET")),
            f"the proxy for {URL} cannot be used; check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
        ),
    ],
)
def test_the_message_about_a_request_that_cannot_be_sent_contains_no_header_and_no_address_of_a_proxy(
    error: Exception, message: str
) -> None:
    assert str(aws.failure(error, targets.choose(URL, {}), None)) == message


def test_time_outs_and_retries_of_the_sdk_take_less_than_10_seconds(connect: Connect) -> None:
    config = connect(URL).meta.config
    longest = max(config.connect_timeout, config.read_timeout)
    assert config.retries["mode"] == "standard"
    # The pauses between attempts at a silent endpoint are at most 25 and 50 milliseconds.
    assert longest * config.retries["total_max_attempts"] + 0.1 < 10


def test_the_fixture_no_aws_settings_removes_endpoints() -> None:
    assert not any(name.startswith("AWS_ENDPOINT") for name in os.environ)


class Refusing:
    """A client whose put_item always fails."""

    def put_item(self, **_request: Any) -> None:
        raise ValueError("refused")

    def close(self) -> None:
        pass


def test_a_connection_keeps_no_failed_request_beyond_its_exception() -> None:
    surroundings = environment({})
    surroundings.connect = lambda _target: Refusing()
    connection = targets.Connection(Target("http://127.0.0.1:1"), surroundings)

    def failure(number: int) -> tuple[Exception, weakref.ref[Request]]:
        try:
            connection.put_item(TableName="todo-task", Number=number)
        except ValueError as error:
            request = connection.request_of(error)
            assert request is not None
            assert request.parameters["Number"] == number
            return error, weakref.ref(request)
        raise AssertionError

    first, request = failure(1)
    _, _ = failure(2)
    assert connection.request_of(first) is request()
    del first
    gc.collect()
    assert request() is None


def test_threads_share_one_client_of_a_connection() -> None:
    clients: list[Refusing] = []
    surroundings = environment({})
    two_threads_connect = threading.Barrier(2)

    def connect(_target: Target) -> Refusing:
        with suppress(threading.BrokenBarrierError):
            two_threads_connect.wait(timeout=0.2)
        clients.append(Refusing())
        return clients[-1]

    surroundings.connect = connect
    connection = targets.Connection(Target("http://127.0.0.1:1"), surroundings)
    with ThreadPoolExecutor(8) as executor:
        list(executor.map(lambda _: connection.put_item, range(100)))
    assert len(clients) == 1
