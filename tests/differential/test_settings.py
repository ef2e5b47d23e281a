"""Compares random sequences of UpdateTimeToLive and DescribeTimeToLive."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.comparison import Mismatch
from tests.differential.examples import examples
from tests.differential.random_source import RandomSource
from tests.differential.reference import Reference
from tests.differential.requests import Request, send

NAME = "settings"


@st.composite
def sequences(draw: Any) -> list[Request]:
    """Return changes and descriptions of the time to live of one table."""
    rng = RandomSource(draw)
    made = []
    for _ in range(1 + rng.up_to(6)):
        table = NAME if not rng.one_in(12) else rng.pick(("absent", "no"))
        if rng.one_in(3):
            made.append(Request("describe_time_to_live", {"TableName": table}))
            continue
        attribute = rng.pick(("a", "a", "b", "p")) if not rng.one_in(20) else rng.pick(("", "x" * 255, "x" * 256))
        specification = {"Enabled": rng.one_in(2), "AttributeName": attribute}
        if rng.one_in(20):
            specification.pop(rng.pick(tuple(specification)))
        made.append(Request("update_time_to_live", {"TableName": table, "TimeToLiveSpecification": specification}))
    return made


def create(client: Any) -> None:
    client.create_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


@examples(1 / 2)
@given(sequence=sequences())
def test_time_to_live_is_set_and_described_as_on_dynamodb_local(local: Reference, sequence: list[Request]) -> None:
    engine = embedded.connect(":memory:")
    create(local.client)
    create(engine)
    try:
        for number, request in enumerate(sequence):
            expected, actual = local.send(request, ""), send(engine, request)
            mismatch = Mismatch(request, expected, actual)
            shown = f"request {number}, {request}\nreference: {expected}\nengine: {actual}"
            assert expected == actual or local.explains(mismatch), shown
    finally:
        local.client.delete_table(TableName=NAME)
