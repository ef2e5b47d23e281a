"""Global secondary indexes with up to four attributes in each part of the key.

"Multi-attribute keys pattern", developer guide; paritysuite/dynamodb-conformance, query/multiAttributeGsiKey.test.ts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.values import rank

from .support import rejection

MATCHES = "matches"
TYPES = {"id": "S", "game": "S", "region": "N", "round": "N", "bracket": "S", "table": "B"}
BY_GAME = "by-game"  # partition key (game, region), sort key (round, bracket, table)
HASH, RANGE = ("game", "region"), ("round", "bracket", "table")
KEY = (*HASH, *RANGE)

Item = dict[str, dict[str, Any]]


def index(name: str, hash_: tuple[str, ...], range_: tuple[str, ...] = (), kind: str = "ALL") -> dict[str, Any]:
    keys = [{"AttributeName": each, "KeyType": "HASH"} for each in hash_]
    keys += [{"AttributeName": each, "KeyType": "RANGE"} for each in range_]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": kind}}


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": TYPES[name]} for name in names]


def make(client: Client) -> None:
    client.create_table(
        TableName=MATCHES,
        AttributeDefinitions=attributes(*TYPES),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[index(BY_GAME, HASH, RANGE), index("by-region", ("region", "game"), kind="KEYS_ONLY")],
    )


@pytest.fixture(params=["memory", "file"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    path = ":memory:" if request.param == "memory" else str(tmp_path / "engine.db")
    with closing(connect(path)) as opened:
        make(opened)
        yield opened


def match(id_: str, round_: int | str, bracket: str, table: bytes, game: str = "go", region: int = 1) -> Item:
    return {
        "id": {"S": id_},
        "game": {"S": game},
        "region": {"N": str(region)},
        "round": {"N": str(round_)},
        "bracket": {"S": bracket},
        "table": {"B": table},
    }


def put(client: Client, *items: Item) -> None:
    for item in items:
        client.put_item(TableName=MATCHES, Item=item)


@pytest.fixture
def filled(client: Client) -> Client:
    """A client with six matches of one partition, whose ids are in the order of the index, and two others."""
    put(
        client,
        match("f", 10, "a", b"\0"),
        match("c", 2, "a", b"\1"),
        match("e", 2, "b", b"\0"),
        match("d", 2, "aa", b"\0"),
        match("a", -1, "z", b"\xff"),
        match("b", 2, "a", b"\0"),
        match("x", 2, "a", b"\0", region=2),
        match("y", 2, "a", b"\0", game="chess"),
    )
    return client


VALUES: Item = {
    ":game": {"S": "go"},
    ":region": {"N": "1.0"},
    ":round": {"N": "2"},
    ":bracket": {"S": "a"},
    ":table": {"B": b"\0"},
    ":high": {"N": "9"},
}
PARTITION = "game = :game AND #r = :region"
NAMES = {"#r": "region", "#o": "round", "#t": "table"}


def query(client: Client, condition: str, **more: Any) -> dict[str, Any]:
    text = condition + more.get("FilterExpression", "")
    request = {
        "TableName": MATCHES,
        "IndexName": BY_GAME,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {name: of for name, of in NAMES.items() if name in text},
        "ExpressionAttributeValues": {name: value for name, value in VALUES.items() if name in text},
    }
    return client.query(**{**request, **more})


def ids(response: dict[str, Any]) -> str:
    return "".join(item["id"]["S"] for item in response["Items"])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (PARTITION, "abcdef"),
        ("#r = :region AND :game = game", "abcdef"),
        (f"{PARTITION} AND #o = :round", "bcde"),
        (f"{PARTITION} AND #o >= :round", "bcdef"),
        (f"{PARTITION} AND #o < :round", "a"),
        (f"{PARTITION} AND #o BETWEEN :round AND :high", "bcde"),
        (f"{PARTITION} AND #o = :round AND bracket = :bracket", "bc"),
        (f"{PARTITION} AND #o = :round AND begins_with(bracket, :bracket)", "bcd"),
        (f"{PARTITION} AND #o = :round AND bracket > :bracket", "de"),
        (f"{PARTITION} AND #o = :round AND bracket <= :bracket", "bc"),
        (f"bracket = :bracket AND #t = :table AND #o = :round AND {PARTITION}", "b"),
        (f"{PARTITION} AND #o = :round AND bracket = :bracket AND #t > :table", "c"),
    ],
)
def test_a_condition_uses_the_sort_attributes_from_left_to_right(filled: Client, condition: str, expected: str) -> None:
    assert ids(query(filled, condition)) == expected
    assert ids(query(filled, condition, ScanIndexForward=False)) == expected[::-1]


def test_legacy_key_conditions_take_as_many_attributes(filled: Client) -> None:
    operators = {"game": "EQ", "region": "EQ", "round": "EQ", "bracket": "EQ", "table": "GE"}
    conditions = {
        name: {"ComparisonOperator": operator, "AttributeValueList": [VALUES[f":{name}"]]}
        for name, operator in operators.items()
    }
    reading = {"TableName": MATCHES, "IndexName": BY_GAME}
    assert ids(filled.query(**reading, KeyConditions=conditions)) == "bc"
    del conditions["round"]
    message = (
        "RANGE key attributes round must have equality conditions specified in the query because a condition is "
        "present on key attribute table"
    )
    assert rejection(filled.query, **reading, KeyConditions=conditions) == message


def test_an_item_that_lacks_an_attribute_of_the_key_is_not_in_the_index(client: Client) -> None:
    whole = match("a", 1, "a", b"\0")
    put(client, *[{name: value for name, value in whole.items() if name != missing} for missing in KEY], whole)
    assert query(client, PARTITION)["Items"] == [whole]
    update = {"UpdateExpression": "REMOVE #t", "ExpressionAttributeNames": {"#t": "table"}}
    client.update_item(TableName=MATCHES, Key={"id": {"S": "a"}}, **update)
    assert client.scan(TableName=MATCHES, IndexName=BY_GAME)["Items"] == []
    # The other index has fewer key attributes.
    entries = client.scan(TableName=MATCHES, IndexName="by-region")["Items"]
    assert entries == [{name: whole[name] for name in ("id", "game", "region")}]


def test_a_change_of_any_key_attribute_moves_the_entry(filled: Client) -> None:
    change = {"UpdateExpression": "SET bracket = :b", "ExpressionAttributeValues": {":b": {"S": "zz"}}}
    units = filled.update_item(TableName=MATCHES, Key={"id": {"S": "b"}}, **change, ReturnConsumedCapacity="INDEXES")[
        "ConsumedCapacity"
    ]
    assert units["GlobalSecondaryIndexes"] == {BY_GAME: {"CapacityUnits": 2.0}}
    assert ids(query(filled, PARTITION)) == "acdebf"
    filled.delete_item(TableName=MATCHES, Key={"id": {"S": "c"}})
    assert ids(query(filled, PARTITION)) == "adebf"


def test_values_of_the_key_are_checked_in_every_write(client: Client) -> None:
    wrong = {**match("a", 1, "a", b"\0"), "bracket": {"N": "1"}}
    expected = (
        "One or more parameter values were invalid: "
        f"Type mismatch for Index Key bracket Expected: S Actual: N IndexName: {BY_GAME}"
    )
    assert rejection(client.put_item, TableName=MATCHES, Item=wrong) == expected
    batch = {MATCHES: [{"PutRequest": {"Item": wrong}}]}
    assert rejection(client.batch_write_item, RequestItems=batch) == expected


@pytest.mark.parametrize(
    ("over", "under"),
    [
        ({"game": 2047, "region": 2}, {"game": 2046, "region": 2}),
        ({"round": 2, "bracket": 1000, "table": 23}, {"round": 2, "bracket": 1000, "table": 22}),
    ],
)
def test_the_limits_of_a_key_are_those_of_the_sums_of_its_attributes(
    client: Client, over: dict[str, int], under: dict[str, int]
) -> None:
    def sized(sizes: dict[str, int]) -> Item:
        fill: dict[str, Any] = {"S": lambda size: "x" * size, "B": lambda size: b"x" * size, "N": lambda _: "1"}
        changed = {name: {TYPES[name]: fill[TYPES[name]](size)} for name, size in sizes.items()}
        return match("a", 1, "a", b"\0") | changed

    client.put_item(TableName=MATCHES, Item=sized(under))
    assert len(client.scan(TableName=MATCHES, IndexName=BY_GAME)["Items"]) == 1
    message = rejection(client.put_item, TableName=MATCHES, Item=sized(over))
    assert message.startswith("Aggregate size for")
    _, *others = over  # an absent attribute counts nothing
    client.put_item(TableName=MATCHES, Item={name: sized(over)[name] for name in ("id", *others)})


def test_an_index_created_later_contains_the_items_with_the_whole_key(filled: Client) -> None:
    # Older items may have attributes that cannot be a key.
    put(filled, {"id": {"S": "w"}, "team": {"N": "1"}, "round": {"N": "1"}, "bracket": {"S": "a"}})
    put(filled, {"id": {"S": "v"}, "team": {"S": "t"}, "round": {"N": "1"}, "bracket": {"S": "a"}})
    put(filled, {"id": {"S": "u"}, "team": {"S": "t" * 2040}, "round": {"N": "1"}, "bracket": {"S": "a" * 9}})
    created = index("teams", ("team", "bracket"), ("round", "id"))
    filled.update_table(
        TableName=MATCHES,
        AttributeDefinitions=[*attributes("round", "bracket", "id"), {"AttributeName": "team", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": created}],
    )
    assert ids(filled.scan(TableName=MATCHES, IndexName="teams")) == "v"
    described = filled.describe_table(TableName=MATCHES)["Table"]["GlobalSecondaryIndexes"][-1]
    assert (described["KeySchema"], described["ItemCount"]) == (created["KeySchema"], 1)
    filled.update_table(TableName=MATCHES, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "teams"}}])
    definitions = filled.describe_table(TableName=MATCHES)["Table"]["AttributeDefinitions"]
    assert "team" not in {each["AttributeName"] for each in definitions}


def test_eight_attributes_make_a_key(client: Client) -> None:
    names = "abcdefgh"
    client.create_table(
        TableName="eight",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in f"k{names}"],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[index("eight", tuple(names[:4]), tuple(names[4:]))],
    )
    item = {name: {"S": name} for name in f"k{names}"}
    client.put_item(TableName="eight", Item=item)
    request = {
        "KeyConditionExpression": " AND ".join(f"{name} = :{name}" for name in names),
        "ExpressionAttributeValues": {f":{name}": {"S": name} for name in names},
    }
    page = client.query(TableName="eight", IndexName="eight", **request, Limit=1)
    assert (page["Items"], page["LastEvaluatedKey"]) == ([item], item)


def test_equal_keys_in_other_parts_are_other_keys(client: Client) -> None:
    """An address of an entry must not depend on where one attribute ends and the next one begins."""
    client.create_table(
        TableName="pairs",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "kab"],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[index("pairs", ("a", "b"))],
    )
    pairs = [("x", "yz"), ("xy", "z"), ("xyz", "\0"), ("x\0", "yz")]
    for a, b in pairs:
        client.put_item(TableName="pairs", Item={"k": {"S": f"{a}|{b}"}, "a": {"S": a}, "b": {"S": b}})
    for a, b in pairs:
        values = {":a": {"S": a}, ":b": {"S": b}}
        found = client.query(
            TableName="pairs",
            IndexName="pairs",
            KeyConditionExpression="a = :a AND b = :b",
            ExpressionAttributeValues=values,
        )
        assert [(item["a"]["S"], item["b"]["S"]) for item in found["Items"]] == [(a, b)]


def test_a_restored_table_has_the_entries_of_the_backup(tmp_path: Path) -> None:
    with closing(connect(str(tmp_path / "engine.db"))) as client:
        make(client)
        put(client, match("b", 2, "a", b"\0"), match("a", 1, "a", b"\0"))
        backup = client.create_backup(TableName=MATCHES, BackupName="one")["BackupDetails"]["BackupArn"]
        client.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)
        client.put_item(TableName="restored", Item=match("c", 3, "a", b"\0"))
        assert ids(query(client, PARTITION, TableName="restored")) == "abc"


# Few values, so that keys are equal in some attributes.
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "game": st.sampled_from([{"S": "go"}, {"S": "g"}]),
            "region": st.sampled_from([{"N": "1"}, {"N": "-1"}]),
            "round": st.sampled_from([{"N": "1"}, {"N": "2"}, {"N": "10"}, {"N": "-3.5"}, {"N": "1e3"}]),
            "bracket": st.sampled_from([{"S": "a"}, {"S": "a\0"}, {"S": "aa"}, {"S": "\U00010000"}, {"S": "\uffff"}]),
            "table": st.sampled_from([{"B": b"\0"}, {"B": b"\0\0"}, {"B": b"\xff"}, {"B": b"\1"}]),
        },
        optional={"note": st.just({"S": "x"})},
    ),
    max_size=25,
)


def in_order(items: list[Item]) -> list[Item]:
    """Return the items of the partition (go, 1) in the order of the sort key, and of their ids in equal keys."""
    own = [item for item in items if (item["game"], item["region"]) == ({"S": "go"}, {"N": "1"})]
    return sorted(own, key=lambda item: [rank(item[name]) for name in RANGE])


def sort_key(item: Item) -> list[bytes | None]:
    return [rank(item[name]) for name in RANGE]


@settings(deadline=None, max_examples=100)
@given(items=ITEMS, limit=st.integers(1, 5), forward=st.booleans())
def test_pages_of_any_size_contain_every_item_once_in_the_order_of_the_attributes(
    items: list[Item], limit: int, forward: bool
) -> None:
    with closing(connect(":memory:")) as client:
        make(client)
        numbered = [{"id": {"S": str(at)}, **item} for at, item in enumerate(items)]
        put(client, *numbered)
        stored = client.scan(TableName=MATCHES)["Items"]  # with numbers in canonical form
        found: list[Item] = []
        more: dict[str, Any] = {}
        while True:
            page = query(client, PARTITION, Limit=limit, ScanIndexForward=forward, **more)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            last = found[-1]
            assert page["LastEvaluatedKey"] == {name: last[name] for name in ("id", *KEY)}
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        expected = in_order(stored)
        keys = [sort_key(item) for item in found]
        assert keys == [sort_key(item) for item in (expected if forward else expected[::-1])]
        assert sorted(item["id"]["S"] for item in found) == sorted(item["id"]["S"] for item in expected)


OPERATORS = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


@settings(deadline=None, max_examples=150)
@given(items=ITEMS, of=ITEMS.filter(bool), used=st.integers(0, 3), operator=st.sampled_from(list(OPERATORS)))
def test_a_query_returns_exactly_the_items_that_fulfil_its_condition(
    items: list[Item], of: list[Item], used: int, operator: str
) -> None:
    with closing(connect(":memory:")) as client:
        make(client)
        put(client, *[{"id": {"S": str(at)}, **item} for at, item in enumerate([*items, *of])])
        bound = of[0]
        names = RANGE[:used]
        operators = ["="] * (used - 1) + [operator]
        terms = [f"#{name} {each} :{name}" for name, each in zip(names, operators, strict=False)]
        found = client.query(
            TableName=MATCHES,
            IndexName=BY_GAME,
            KeyConditionExpression=" AND ".join([*(f"#{name} = :{name}" for name in HASH), *terms]),
            ExpressionAttributeNames={f"#{name}": name for name in (*HASH, *names)},
            ExpressionAttributeValues={f":{name}": bound[name] for name in (*HASH, *names)},
        )["Items"]
        expected = [
            item["id"]["S"]
            for item in client.scan(TableName=MATCHES)["Items"]
            if all(rank(item[name]) == rank(bound[name]) for name in HASH)
            and all(
                OPERATORS[each](rank(item[name]), rank(bound[name]))
                for name, each in zip(names, operators, strict=False)
            )
        ]
        assert sorted(item["id"]["S"] for item in found) == sorted(expected)
