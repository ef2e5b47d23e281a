"""DynamoDB Local for the witness."""

from __future__ import annotations

import os
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from tests.dynamodb_local import Unavailable, running
from tests.engine_witness import known_faults
from tests.engine_witness.schema import create_tables
from tests.engine_witness.witness import Witness

WITNESS = os.environ.get("NODETODO_WITNESS")


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The endpoint of DynamoDB Local; without Java or Maven a skip, or a failure where the environment demands it."""
    try:
        with running() as endpoint:
            yield endpoint
    except Unavailable as missing:
        if os.environ.get("NODETODO_REQUIRE_DYNAMODB_LOCAL") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a moto server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def witness(request: pytest.FixtureRequest) -> Witness:
    """DynamoDB Local, or moto where Java or Maven is missing or NODETODO_WITNESS=moto asks for it; the tables made."""
    faults = known_faults.DYNAMODB_LOCAL
    try:
        if WITNESS == "moto":
            raise Unavailable("moto was asked for")
        endpoint = request.getfixturevalue("dynamodb_local")
    except (Unavailable, pytest.skip.Exception):
        endpoint = request.getfixturevalue("moto")
        faults = known_faults.MOTO
    client = botocore.session.get_session().create_client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="witness",
        aws_secret_access_key="witness",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    create_tables(client)
    return Witness(client, faults)
