"""The engines that tests run on. Each is started once, and every test has tables of its own."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from nodetodo import embedded
from nodetodo.repositories import waiting

from . import dynamodb_local as local
from . import iam, tools
from .program import EMMA, Program, connect

ENGINES = ["embedded", "embedded_file", "moto", "dynamodb_local"]
_prefixes = (f"t{number:03x}-" for number in itertools.count())  # as long as todo-, so that columns stay aligned


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the checks of style, types and layers first, and then the tests of the wheel.

    At the end, idle processes take over tests from each other. Each of them would build and install the wheel.
    """
    order = {"test_quality.py": 0, "test_wheel.py": 1}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Stop the run if one of these checks fails."""
    report = yield
    if report.failed and item.path.name == "test_quality.py":
        item.session.shouldfail = "the code does not pass its checks of style, types and layers"
    return report


@pytest.fixture(scope="session", autouse=True)
def no_aws_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the AWS settings of this machine, so that they influence no test and no test reaches AWS."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AWS_", "NODETODO_")) and name not in tools.REQUIRED.values():
                patch.delenv(name)
        nowhere = str(tmp_path_factory.mktemp("aws") / "none")
        patch.setenv("AWS_CONFIG_FILE", nowhere)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def recorded_permissions() -> Iterator[None]:
    """Record the permissions for all requests of commands."""
    with iam.recording():
        yield


@pytest.fixture(autouse=True)
def permissions_of_the_test(recorded_permissions: None) -> Iterator[None]:
    """Fail a test in which a command sent a request that the IAM policy in tables/ does not allow."""
    yield
    denied = {permission for permission in iam.sent if not iam.is_in_full_policy(permission)}
    iam.sent.clear()
    assert denied == set(), "tables/iam-policy.json does not allow these requests of a command"


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """Return the endpoint of a running DynamoDB Local."""
    with tools.skip_without("DynamoDB Local"), local.running() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Return the endpoint of a running moto server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Return clients by the name of their engine. The fixture `engine` adds those of servers on first use."""
    opened: dict[str, Any] = {
        "embedded": embedded.connect(":memory:"),
        "embedded_file": embedded.connect(str(tmp_path_factory.mktemp("embedded") / "database")),
    }
    yield opened
    for client in opened.values():
        client.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, engines: dict[str, Any]) -> str:
    """Return the name of each engine in turn, after adding its client to `engines`."""
    name: str = request.param
    if name not in engines:
        endpoint: str = request.getfixturevalue(name)
        engines[name] = connect(endpoint)
    return name


@pytest.fixture
def bare(engine: str, engines: dict[str, Any]) -> Program:
    """Return the program on each engine in turn, without tables."""
    target = "local" if engine.startswith("embedded") else "http://127.0.0.1:1"  # selects the translation of errors
    return Program(engines[engine], target=target, prefix=next(_prefixes))


@pytest.fixture
def emma(nodetodo: Program) -> Program:
    """Return the program on each engine in turn, with the user emma."""
    nodetodo.good("user-add", *EMMA)
    return nodetodo


@pytest.fixture
def nodetodo(bare: Program) -> Program:
    """Return the program on each engine in turn, with empty tables."""
    bare.good("table-add")
    return bare


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each wait of a command end after 60 polls instead of 900, which take long on a server.

    No time passes in a test. test_table_settings.py tests waits of 15 minutes on the embedded engine.
    """
    monkeypatch.setattr(waiting, "POLLS", 60)
