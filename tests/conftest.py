"""The engines that tests run on, each started once, with tables of its own for every test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from nodetodo import embedded

from . import dynamodb_local as local
from . import tools
from .program import Program, connect

ENGINES = ["embedded", "embedded_file", "moto", "dynamodb_local"]
_prefixes = (f"t{number:03}-" for number in itertools.count())  # as long as todo-, for tables that are aligned


@pytest.fixture(scope="session", autouse=True)
def no_aws_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What this machine knows of AWS decides no test, and no test reaches AWS."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AWS_", "NODETODO_")) and name not in tools.REQUIRED.values():
                patch.delenv(name)
        nowhere = str(tmp_path_factory.mktemp("aws") / "none")
        patch.setenv("AWS_CONFIG_FILE", nowhere)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The endpoint of a running DynamoDB Local."""
    with tools.skip_without("DynamoDB Local"), local.running() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a running moto server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Clients by the name of their engine, those of servers opened when first asked for."""
    opened: dict[str, Any] = {
        "embedded": embedded.connect(":memory:"),
        "embedded_file": embedded.connect(str(tmp_path_factory.mktemp("embedded") / "database")),
    }
    yield opened
    for client in opened.values():
        client.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, engines: dict[str, Any]) -> str:
    """The name of an engine, opened in engines."""
    name: str = request.param
    if name not in engines:
        endpoint: str = request.getfixturevalue(name)
        engines[name] = connect(endpoint)
    return name


@pytest.fixture
def bare(engine: str, engines: dict[str, Any]) -> Program:
    """The program on each engine in turn, without tables."""
    target = "local" if engine.startswith("embedded") else "http://127.0.0.1:1"  # whose words failures are put into
    return Program(engines[engine], target=target, prefix=next(_prefixes))


@pytest.fixture
def nodetodo(bare: Program) -> Program:
    """The program on each engine in turn, with empty tables of its own."""
    bare.good("table-add")
    return bare
