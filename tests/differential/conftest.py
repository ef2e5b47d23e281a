"""The reference engine of this test run."""

from __future__ import annotations

import contextlib
import os

import botocore.session
import pytest
from botocore.config import Config

from tests.differential.known_differences import DYNAMODB_LOCAL
from tests.differential.known_differences_of_moto import MOTO
from tests.differential.reference import Reference
from tests.differential.schema import create_tables

USE_MOTO = os.environ.get("NODETODO_REFERENCE") == "moto"


@pytest.fixture(scope="session")
def reference(request: pytest.FixtureRequest) -> Reference:
    """DynamoDB Local, or moto if Java or Maven is missing or NODETODO_REFERENCE=moto. TABLES exist there."""
    endpoint, differences = None, DYNAMODB_LOCAL
    if not USE_MOTO:
        with contextlib.suppress(pytest.skip.Exception):
            endpoint = request.getfixturevalue("dynamodb_local")
    if endpoint is None:
        endpoint, differences = request.getfixturevalue("moto"), MOTO
    client = botocore.session.get_session().create_client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-north-1",  # no other test uses this region, and both servers keep the tables of regions apart
        aws_access_key_id="reference",
        aws_secret_access_key="reference",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    create_tables(client)
    return Reference(client, differences)


@pytest.fixture(scope="session")
def local(reference: Reference) -> Reference:
    """DynamoDB Local as the reference engine."""
    if reference.differences is not DYNAMODB_LOCAL:
        pytest.skip("moto has only a part of PartiQL, of the legacy parameters and of the rules of time to live")
    return reference
