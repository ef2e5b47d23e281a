"""The witness: DynamoDB Local, or moto."""

from __future__ import annotations

import os

import botocore.session
import pytest
from botocore.config import Config

from tests.differential import known_differences as known_faults
from tests.differential.reference import Witness
from tests.differential.schema import create_tables

MOTO_ASKED_FOR = os.environ.get("NODETODO_WITNESS") == "moto"


@pytest.fixture(scope="session")
def witness(request: pytest.FixtureRequest) -> Witness:
    """DynamoDB Local, or moto where Java or Maven is missing or NODETODO_WITNESS=moto asks for it; the tables made."""
    endpoint = None if MOTO_ASKED_FOR else _dynamodb_local(request)
    faults = known_faults.DYNAMODB_LOCAL if endpoint else known_faults.MOTO
    client = botocore.session.get_session().create_client(
        "dynamodb",
        endpoint_url=endpoint or request.getfixturevalue("moto"),
        region_name="eu-north-1",  # no other test uses it: both servers keep the tables of regions apart
        aws_access_key_id="witness",
        aws_secret_access_key="witness",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    create_tables(client)
    return Witness(client, faults)


def _dynamodb_local(request: pytest.FixtureRequest) -> str | None:
    """Its endpoint; None where it cannot run, unless the environment demands it: then the test fails."""
    try:
        endpoint: str = request.getfixturevalue("dynamodb_local")
    except pytest.skip.Exception:
        return None
    return endpoint
