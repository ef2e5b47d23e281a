"""Compares random sequences of table operations. An index created on existing items must hold the right entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.comparison import Mismatch, sort_items
from tests.differential.examples import examples
from tests.differential.random_source import RandomSource
from tests.differential.reference import Reference
from tests.differential.requests import ErrorResponse, Outcome, Request, read_all, send
from tests.differential.schema import TABLES, Client, Item, create_tables

NAMES = ("reference-a", "reference-b", "Reference.c_1")
ATTRIBUTES = ("p", "s", "g")
CAPACITY = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def _name(rng: RandomSource) -> str:
    return rng.pick(NAMES) if not rng.invalid_one_in(40) else rng.pick(("ab", "x" * 255, "x" * 256, "a b", "é" * 4, ""))


def _key_schema(rng: RandomSource, partitions: tuple[str, ...]) -> list[dict[str, str]]:
    made = [{"AttributeName": rng.pick(partitions), "KeyType": "HASH"}]
    if rng.one_in(2):
        made.append({"AttributeName": rng.pick(("s", *ATTRIBUTES)), "KeyType": "RANGE"})
    if rng.invalid_one_in(30):
        made.reverse()
    if rng.invalid_one_in(30):
        made.append({"AttributeName": "g", "KeyType": rng.pick(("RANGE", "HASH"))})
    return made


def _long_key(rng: RandomSource) -> list[dict[str, str]]:
    """Return the key of a global index with all attributes, at least one of them in the partition key."""
    left = list(ATTRIBUTES)
    names = [left.pop(rng.up_to(len(left) - 1)) for _ in ATTRIBUTES]
    if rng.invalid_one_in(10):
        names[2] = names[0]
    partition = 1 + rng.up_to(2)
    return [{"AttributeName": name, "KeyType": "HASH" if at < partition else "RANGE"} for at, name in enumerate(names)]


def _definitions(rng: RandomSource, *schemas: list[dict[str, str]]) -> list[dict[str, str]]:
    used = {part["AttributeName"] for schema in schemas for part in schema}
    if rng.invalid_one_in(20):
        used ^= {rng.pick(ATTRIBUTES)}
    kinds = {"p": "S", "s": "N", "g": "S"}
    if rng.one_in(6):
        kinds["g"] = "B"
    return [{"AttributeName": name, "AttributeType": kinds[name]} for name in sorted(used)]


INVALID_CAPACITIES: tuple[dict[str, Any], ...] = (
    {},
    {"BillingMode": "PROVISIONED"},
    {"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": CAPACITY},
    {"BillingMode": "FREE"},
    {"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}},
)


def _capacity(rng: RandomSource) -> dict[str, Any]:
    case = rng.up_to(5)
    if case == 0:
        return {"BillingMode": "PROVISIONED", "ProvisionedThroughput": CAPACITY}
    if case == 1:
        return {"ProvisionedThroughput": CAPACITY | {"ReadCapacityUnits": 7}}
    return rng.pick(INVALID_CAPACITIES) if rng.invalid_one_in(12) else {"BillingMode": "PAY_PER_REQUEST"}


PROJECTIONS: tuple[dict[str, Any], ...] = (
    {"ProjectionType": "ALL"},
    {"ProjectionType": "KEYS_ONLY"},
    {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
)
INVALID_PROJECTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"ProjectionType": "INCLUDE"},
    {"ProjectionType": "ALL", "NonKeyAttributes": ["a"]},
    {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b", "a"]},
)


def _index(rng: RandomSource, provisioned: bool) -> dict[str, Any]:
    projection = rng.pick(PROJECTIONS if not rng.invalid_one_in(12) else INVALID_PROJECTIONS)
    name = rng.pick(("one", "two") if not rng.invalid_one_in(30) else ("ab", "a b"))
    schema = _long_key(rng) if rng.one_in(3) else _key_schema(rng, ("g", "g", "s"))
    made = {"IndexName": name, "KeySchema": schema, "Projection": projection}
    return made | ({"ProvisionedThroughput": CAPACITY} if provisioned != rng.invalid_one_in(20) else {})


def _local_index(rng: RandomSource) -> dict[str, Any]:
    schema = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": rng.pick("gs"), "KeyType": "RANGE"}]
    if rng.invalid_one_in(10):
        schema = rng.pick((schema[:1], schema[::-1], [{**schema[0], "AttributeName": "g"}, schema[1]]))
    name = rng.pick(("local-1", "local-2") if not rng.invalid_one_in(20) else ("one", "ab"))
    projection = rng.pick(PROJECTIONS if not rng.invalid_one_in(12) else INVALID_PROJECTIONS)
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


def create_table(rng: RandomSource) -> Request:
    schema = _key_schema(rng, ("p",))
    capacity = _capacity(rng)
    provisioned = capacity.get("BillingMode", "PROVISIONED") == "PROVISIONED"
    arguments = {"TableName": _name(rng), "KeySchema": schema} | capacity
    indexes = [_index(rng, provisioned) for _ in range(rng.up_to(2))]
    if indexes:
        arguments["GlobalSecondaryIndexes"] = indexes
    locals_ = [_local_index(rng) for _ in range(rng.up_to(2))] if len(schema) == 2 or rng.invalid_one_in(10) else []
    if locals_:
        arguments["LocalSecondaryIndexes"] = locals_
    every = [index["KeySchema"] for index in (*indexes, *locals_)]
    arguments["AttributeDefinitions"] = _definitions(rng, schema, *every)
    return Request("create_table", arguments)


def update_table(rng: RandomSource) -> Request:
    arguments: dict[str, Any] = {"TableName": _name(rng)}
    case = rng.up_to(5)
    if case < 3:
        index = _index(rng, provisioned=rng.one_in(2))
        arguments["GlobalSecondaryIndexUpdates"] = [{"Create": index}]
        # A request may repeat the definitions of the table's own key.
        own = [[{"AttributeName": name}] for name in ("p", "s")] if rng.one_in(2) else []
        arguments["AttributeDefinitions"] = _definitions(rng, index["KeySchema"], *own)
    elif case == 3:
        arguments["GlobalSecondaryIndexUpdates"] = [{"Delete": {"IndexName": rng.pick(("one", "two", "local-1"))}}]
    else:
        arguments |= _capacity(rng)
    return Request("update_table", arguments)


def other_operation(rng: RandomSource) -> Request:
    method = rng.pick(("describe_table", "delete_table", "describe_table", "list_tables"))
    if method != "list_tables":
        return Request(method, {"TableName": _name(rng)})
    arguments: dict[str, Any] = {}
    if rng.one_in(2):
        arguments["Limit"] = rng.pick((1, 2, 100)) if not rng.invalid_one_in(8) else rng.pick((0, 101))
    if rng.one_in(3):
        arguments["ExclusiveStartTableName"] = _name(rng)
    return Request(method, arguments)


def put_item(rng: RandomSource) -> Request:
    item: dict[str, Any] = {"p": {"S": rng.pick("ab")}, "s": {"N": rng.pick("123")}, "a": {"S": "x"}}
    if not rng.one_in(4):
        item["g"] = rng.pick(({"S": "g"}, {"S": "h"}, {"B": b"g"}, {"N": "1"}, {"S": ""}))
    return Request("put_item", {"TableName": rng.pick(NAMES[:2]), "Item": item})


@st.composite
def sequences(draw: Callable[[st.SearchStrategy[int]], int]) -> list[Request]:
    """Return a CreateTable, then random table operations and puts."""
    rng = RandomSource(draw)
    operations = (create_table, create_table, update_table, update_table, put_item, put_item, put_item, other_operation)
    return [create_table(rng), *(rng.pick(operations)(rng) for _ in range(rng.up_to(12)))]


def comparable(outcome: Outcome) -> Any:
    """Return the part of an outcome that must match: no times, sizes, states and ARNs."""
    if isinstance(outcome, ErrorResponse):
        return outcome
    page = outcome[0]
    table = page.get("Table") or page.get("TableDescription")
    if table is None:
        return page
    capacity = table["ProvisionedThroughput"]
    indexes = [
        [
            index["IndexName"],
            index["KeySchema"],
            index["Projection"].get("ProjectionType"),  # moto accepts a projection without a type
            sorted(index["Projection"].get("NonKeyAttributes", ())),
        ]
        for index in _indexes(table)
    ]
    return {
        "name": table["TableName"],
        "key": table["KeySchema"],
        "attributes": sort_items(table["AttributeDefinitions"]),
        "mode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "capacity": [capacity["ReadCapacityUnits"], capacity["WriteCapacityUnits"]],
        "indexes": sort_items(indexes),
    }


def _indexes(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [*table.get("GlobalSecondaryIndexes", ()), *table.get("LocalSecondaryIndexes", ())]


def wait_until_settled(client: Client, name: str) -> None:
    """Read a table until it is deleted, or it and its indexes are ACTIVE. Table operations return earlier."""
    for _ in range(1000):
        outcome = send(client, Request("describe_table", {"TableName": name}))
        if isinstance(outcome, ErrorResponse):
            if outcome.code == "ResourceNotFoundException":
                return
            continue  # DynamoDB Local returns InternalFailure for a moment when an index appears or disappears
        table = outcome[0]["Table"]
        states = [table["TableStatus"], *(i["IndexStatus"] for i in table.get("GlobalSecondaryIndexes", ()))]
        if set(states) == {"ACTIVE"}:
            return
    raise AssertionError(f"{name} does not become ACTIVE: {outcome}")


def delete_tables(client: Client) -> None:
    """Delete all tables but TABLES."""
    for name in client.list_tables()["TableNames"]:
        if name not in TABLES:
            client.delete_table(TableName=name)
            wait_until_settled(client, name)


def table_contents(client: Client) -> dict[str, list[Item]]:
    """Return everything in the tables of NAMES and their indexes."""
    found: dict[str, list[Item]] = {}
    for name in client.list_tables()["TableNames"]:
        if name not in NAMES:
            continue
        table = client.describe_table(TableName=name)["Table"]
        for index in (None, *(index["IndexName"] for index in _indexes(table))):
            found[f"{name} {index or ''}"] = sort_items(read_all(client, name, index))
    return found


@examples(1 / 5)
@given(sequence=sequences())
def test_the_engine_responds_to_table_operations_as_the_reference_does(
    reference: Reference, sequence: list[Request]
) -> None:
    delete_tables(reference.client)
    engine = embedded.connect(":memory:")
    create_tables(engine)  # because the reference has them and lists them
    for number, request in enumerate(sequence):
        expected, actual = reference.send(request, "tables"), send(engine, request, "tables")
        if request.method in ("create_table", "update_table", "delete_table") and isinstance(expected, list):
            for client in (reference.client, engine):
                wait_until_settled(client, request.arguments["TableName"])
        if comparable(expected) == comparable(actual):
            continue
        mismatch = Mismatch(request, expected, actual)
        assert reference.explains(mismatch), f"request {number}, {request}\nreference: {expected}\nengine: {actual}"
        if table_contents(reference.client) != table_contents(engine):
            return
    assert table_contents(engine) == table_contents(reference.client)
