"""Table commands in random order are answered as the witness answers them; an index made late holds what it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from tests.differential.comparison import ApiError, Response, ask, orderless
from tests.differential.examples import examples
from tests.differential.random_source import Dice
from tests.differential.reference import Witness
from tests.differential.schema import TABLES, Client, Request, create_tables, everything

NAMES = ("witness-a", "witness-b", "Witness.c_1")
ATTRIBUTES = ("p", "s", "g")
BOTH = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def _name(dice: Dice) -> str:
    return dice.pick(NAMES) if not dice.seldom(40) else dice.pick(("ab", "x" * 255, "x" * 256, "a b", "é" * 4, ""))


def _key_schema(dice: Dice, partitions: tuple[str, ...]) -> list[dict[str, str]]:
    made = [{"AttributeName": dice.pick(partitions), "KeyType": "HASH"}]
    if dice.one_in(2):
        made.append({"AttributeName": dice.pick(("s", *ATTRIBUTES)), "KeyType": "RANGE"})
    if dice.seldom(30):
        made.reverse()
    if dice.seldom(30):
        made.append({"AttributeName": "g", "KeyType": dice.pick(("RANGE", "HASH"))})
    return made


def _definitions(dice: Dice, *schemas: list[dict[str, str]]) -> list[dict[str, str]]:
    used = {part["AttributeName"] for schema in schemas for part in schema}
    if dice.seldom(20):
        used ^= {dice.pick(ATTRIBUTES)}
    kinds = {"p": "S", "s": "N", "g": "S"}
    if dice.one_in(6):
        kinds["g"] = "B"
    return [{"AttributeName": name, "AttributeType": kinds[name]} for name in sorted(used)]


def _capacity(dice: Dice) -> dict[str, Any]:
    choice = dice.upto(5)
    if choice == 0:
        return {"BillingMode": "PROVISIONED", "ProvisionedThroughput": BOTH}
    if choice == 1:
        return {"ProvisionedThroughput": BOTH | {"ReadCapacityUnits": 7}}
    if dice.seldom(12):
        return dice.pick(
            (
                {},
                {"BillingMode": "PROVISIONED"},
                {"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": BOTH},
                {"BillingMode": "FREE"},
                {"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}},
            )
        )
    return {"BillingMode": "PAY_PER_REQUEST"}


def _index(dice: Dice, provisioned: bool) -> dict[str, Any]:
    projections = ({"ProjectionType": "ALL"}, {"ProjectionType": "KEYS_ONLY"})
    partial = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}
    wrong = ({}, {"ProjectionType": "INCLUDE"}, {"ProjectionType": "ALL", "NonKeyAttributes": ["a"]})
    projection = dice.pick((*projections, partial)) if not dice.seldom(12) else dice.pick(wrong)
    name = dice.pick(("one", "two")) if not dice.seldom(30) else dice.pick(("ab", "a b"))
    made = {"IndexName": name, "KeySchema": _key_schema(dice, ("g", "g", "s")), "Projection": projection}
    return made | ({"ProvisionedThroughput": BOTH} if provisioned != dice.seldom(20) else {})


def create(dice: Dice) -> Request:
    schema = _key_schema(dice, ("p",))
    capacity = _capacity(dice)
    provisioned = capacity.get("BillingMode", "PROVISIONED") == "PROVISIONED"
    arguments = {"TableName": _name(dice), "KeySchema": schema} | capacity
    indexes = [_index(dice, provisioned) for _ in range(dice.upto(2))]
    if indexes:
        arguments["GlobalSecondaryIndexes"] = indexes
    arguments["AttributeDefinitions"] = _definitions(dice, schema, *(index["KeySchema"] for index in indexes))
    return Request("create_table", arguments)


def change(dice: Dice) -> Request:
    arguments: dict[str, Any] = {"TableName": _name(dice)}
    choice = dice.upto(5)
    if choice < 3:
        index = _index(dice, provisioned=dice.one_in(2))
        arguments["GlobalSecondaryIndexUpdates"] = [{"Create": index}]
        # The definitions of the table's own key may be repeated.
        own = [[{"AttributeName": name}] for name in ("p", "s")] if dice.one_in(2) else []
        arguments["AttributeDefinitions"] = _definitions(dice, index["KeySchema"], *own)
    elif choice == 3:
        arguments["GlobalSecondaryIndexUpdates"] = [{"Delete": {"IndexName": dice.pick(("one", "two"))}}]
    else:
        arguments |= _capacity(dice)
    return Request("update_table", arguments)


def other(dice: Dice) -> Request:
    method = dice.pick(("describe_table", "delete_table", "describe_table", "list_tables"))
    if method != "list_tables":
        return Request(method, {"TableName": _name(dice)})
    arguments: dict[str, Any] = {}
    if dice.one_in(2):
        arguments["Limit"] = dice.pick((1, 2, 100)) if not dice.seldom(8) else dice.pick((0, 101))
    if dice.one_in(3):
        arguments["ExclusiveStartTableName"] = _name(dice)
    return Request(method, arguments)


def put(dice: Dice) -> Request:
    item: dict[str, Any] = {"p": {"S": dice.pick("ab")}, "s": {"N": dice.pick("123")}, "a": {"S": "x"}}
    if not dice.one_in(4):
        item["g"] = dice.pick(({"S": "g"}, {"S": "h"}, {"B": b"g"}, {"N": "1"}, {"S": ""}))
    return Request("put_item", {"TableName": dice.pick(NAMES[:2]), "Item": item})


@st.composite
def sequences(draw: Callable[[st.SearchStrategy[int]], int]) -> list[Request]:
    dice = Dice(draw)
    makers = (create, create, change, change, put, put, put, other)
    return [create(dice), *(dice.pick(makers)(dice) for _ in range(dice.upto(12)))]


def description(answer: Response) -> Any:
    """What a table command says of a table, without times, numbers of bytes, states and names of Amazon's own."""
    if isinstance(answer, ApiError):
        return answer
    page = answer[0]
    if "TableNames" in page:
        return page
    table = page.get("Table") or page.get("TableDescription")
    if table is None:
        return page
    capacity = ("ReadCapacityUnits", "WriteCapacityUnits")
    return {
        "name": table["TableName"],
        "key": table["KeySchema"],
        "attributes": orderless(table["AttributeDefinitions"]),
        "mode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "capacity": [table["ProvisionedThroughput"][unit] for unit in capacity],
        "indexes": orderless(
            [
                [index["IndexName"], index["KeySchema"], plain_projection(index["Projection"])]
                for index in table.get("GlobalSecondaryIndexes", ())
            ]
        ),
    }


def plain_projection(projection: dict[str, Any]) -> Any:
    return [projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", ()))]


def settled(client: Client, name: str) -> None:
    """Read until a table and its indexes are made or gone: the commands answer before they are done."""
    for _ in range(1000):
        answer = ask(client, Request("describe_table", {"TableName": name}), "")
        if isinstance(answer, ApiError):
            if answer.code == "ResourceNotFoundException":
                return
            continue  # DynamoDB Local's InternalFailure in the moment in which an index comes or goes
        table = answer[0]["Table"]
        states = [table["TableStatus"], *(i["IndexStatus"] for i in table.get("GlobalSecondaryIndexes", ()))]
        if set(states) == {"ACTIVE"}:
            return
    raise AssertionError(f"{name} does not come to rest: {answer}")


def remove_tables(client: Client) -> None:
    for name in client.list_tables()["TableNames"]:
        if name not in TABLES:
            client.delete_table(TableName=name)
            settled(client, name)


def held(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in client.list_tables()["TableNames"]:
        if name not in NAMES:
            continue
        table = client.describe_table(TableName=name)["Table"]
        found[name] = orderless(everything(client, TableName=name))
        for index in table.get("GlobalSecondaryIndexes", ()):
            where = {"TableName": name, "IndexName": index["IndexName"]}
            found[f"{name} {index['IndexName']}"] = orderless(everything(client, **where))
    return found


@examples(1 / 5)
@given(sequence=sequences())
def test_the_engine_answers_table_commands_as_the_witness_does(witness: Witness, sequence: list[Request]) -> None:
    remove_tables(witness.client)
    engine = embedded.connect(":memory:")
    create_tables(engine)  # the witness has them, too, and both list them
    for number, request in enumerate(sequence):
        expected, given_ = witness.ask(request, "tables"), ask(engine, request, "tables")
        for client in (witness.client, engine):
            if request.method in ("create_table", "update_table", "delete_table") and not isinstance(
                expected, ApiError
            ):
                settled(client, request.arguments["TableName"])
        if description(expected) == description(given_):
            continue
        fault = witness.known_fault(request, expected, given_)
        assert fault is not None, f"request {number}, {request}\nthe witness: {expected}\nthe engine:  {given_}"
        if held(witness.client) != held(engine):
            return
    assert held(engine) == held(witness.client)
