"""Which database a command goes to, and with whose credentials."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from nodetodo.engines import aws, targets
from nodetodo.errors import WrongUsage

from .program import Program, environment

URL = "http://localhost:8000"


@pytest.mark.parametrize(
    ("given", "env", "target"),
    [
        (None, {}, "local"),
        (None, {"AWS_ACCESS_KEY_ID": "lying", "AWS_SECRET_ACCESS_KEY": "around", "AWS_REGION": "eu-west-1"}, "local"),
        ("local:./tasks.db", {"NODETODO_DB": "aws"}, "local:./tasks.db"),
        (None, {"NODETODO_DB": URL}, URL),
        ("aws", {"NODETODO_DB": URL}, "aws"),
        (None, {"NODETODO_DB": "aws", "AWS_ENDPOINT_URL_DYNAMODB": URL}, "aws"),
        (None, {"AWS_ENDPOINT_URL_DYNAMODB": URL}, URL),
        ("https://example.org/path", {}, "https://example.org/path"),
    ],
)
def test_the_option_goes_before_the_variable_and_that_before_the_sdks(
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
def test_what_is_no_database_is_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="--db is"):
        targets.choose(given, {})


@pytest.mark.parametrize(("env", "table"), [({}, "todo-"), ({"NODETODO_TABLE_PREFIX": "emma.dev-"}, "emma.dev-")])
def test_tables_have_the_prefix_of_the_variable(env: dict[str, str], table: str) -> None:
    assert targets.table_prefix(env) == table


@pytest.mark.parametrize("prefix", ["ä-", "a b", "a/b", "x" * 252])
def test_a_prefix_that_no_table_can_have_is_refused(prefix: str) -> None:
    program = Program(None, prefix=prefix)
    result = program("user", "emma")
    assert result.status == 2
    assert "NODETODO_TABLE_PREFIX" in result.err


Connect = Callable[..., Any]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """A client of botocore for a target, in this environment."""

    def connected(target: str, **env: str) -> Any:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            return aws.connect(targets.choose(target, env), environment(env))

    return connected


def test_aws_region_works_as_well_as_aws_default_region_and_goes_before_it(connect: Connect) -> None:
    assert connect("aws", AWS_REGION="eu-west-1").meta.region_name == "eu-west-1"
    assert connect("aws", AWS_DEFAULT_REGION="eu-west-2").meta.region_name == "eu-west-2"
    assert connect("aws", AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-2").meta.region_name == "eu-west-1"


def test_an_endpoint_needs_neither_credentials_nor_region(connect: Connect) -> None:
    made = connect(URL)
    assert made.meta.region_name == aws.STAND_IN_REGION
    assert made._request_signer._credentials.access_key.isalnum()


def test_an_endpoint_is_given_the_users_credentials_where_there_are_any(connect: Connect) -> None:
    made = connect(URL, AWS_ACCESS_KEY_ID="mine", AWS_SECRET_ACCESS_KEY="secret", AWS_REGION="eu-west-1")
    assert made._request_signer._credentials.access_key == "mine"
    assert made.meta.region_name == "eu-west-1"


def test_aws_is_aws_whatever_endpoints_the_environment_names(connect: Connect) -> None:
    env = {"AWS_ENDPOINT_URL": URL, "AWS_ENDPOINT_URL_DYNAMODB": URL, "AWS_REGION": "eu-west-1"}
    assert connect("aws", **env).meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"


def test_without_a_region_aws_is_not_reached_and_the_variable_is_named() -> None:
    result = Program(None, target="aws")("user", "emma")
    assert result.status == 5
    assert "AWS_REGION" in result.err


def test_without_credentials_aws_is_not_reached_and_the_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    result = Program(None, target="aws")("user", "emma")
    assert result.status == 5
    assert "AWS_ACCESS_KEY_ID" in result.err


def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    for target in ("aws", URL):
        result = Program(None, target=target)("user", "emma")
        assert result.status == 5
        assert "nobody" in result.err


def test_the_sdks_own_time_outs_are_not_left_as_they_are(connect: Connect) -> None:
    config = connect(URL).meta.config
    longest = max(config.connect_timeout, config.read_timeout)
    assert config.retries["mode"] == "standard"
    # Pauses between attempts at a silent endpoint are 25 and 50 milliseconds at most.
    assert longest * config.retries["total_max_attempts"] + 0.1 < 10


def test_the_environment_of_these_tests_names_no_database() -> None:
    assert not any(name.startswith("AWS_ENDPOINT") for name in os.environ)
