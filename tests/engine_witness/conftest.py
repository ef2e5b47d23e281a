"""DynamoDB Local for the witness."""

from __future__ import annotations

import os
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.config import Config
from moto import mock_aws

from tests.dynamodb_local import Unavailable, running
from tests.engine_witness import known_faults
from tests.engine_witness.schema import create_tables
from tests.engine_witness.witness import Witness


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
def witness(request: pytest.FixtureRequest) -> Iterator[Witness]:
    """DynamoDB Local, or moto where Java or Maven is missing or NODETODO_WITNESS=moto asks for it; the tables made."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    options = {"region_name": "us-east-1", "aws_access_key_id": "witness", "aws_secret_access_key": "witness"}
    session = botocore.session.get_session()
    try:
        if os.environ.get("NODETODO_WITNESS") == "moto":
            raise Unavailable("moto was asked for")
        endpoint = request.getfixturevalue("dynamodb_local")
    except (Unavailable, pytest.skip.Exception):
        with mock_aws():
            made = Witness(session.create_client("dynamodb", config=config, **options), known_faults.MOTO, True)
            create_tables(made.client)
            yield made
    else:
        client = session.create_client("dynamodb", endpoint_url=endpoint, config=config, **options)
        create_tables(client)
        yield Witness(client, known_faults.DYNAMODB_LOCAL, False)
