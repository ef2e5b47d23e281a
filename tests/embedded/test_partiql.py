"""PartiQL statements: examples of AWS's developer guide, and the behaviour that public test suites measured on AWS.

"Guide": "PartiQL - a SQL-compatible query language for Amazon DynamoDB", developer guide, with the page of each test.
"Conformance": paritysuite/dynamodb-conformance, tests/tier2/partiql, whose tests pass on AWS.
tests/differential/test_partiql.py compares random statements with DynamoDB Local.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nodetodo.embedded import ParamValidationError, connect
from nodetodo.embedded.client import Client

from .support import TABLE, error, get, item, key, make_simple, put, rejection

Item = dict[str, Any]
S: Callable[[str], Item] = lambda text: {"S": text}  # noqa: E731
N: Callable[[int], Item] = lambda number: {"N": str(number)}  # noqa: E731


def run(client: Client, statement: str, *parameters: Item, **more: Any) -> Any:
    """Execute a statement and return the response without metadata."""
    given = {"Parameters": list(parameters)} if parameters else {}
    response = client.execute_statement(Statement=statement, **given, **more)
    del response["ResponseMetadata"]
    return response


def items(client: Client, statement: str, *parameters: Item, **more: Any) -> list[Item]:
    """Execute a statement and return its items."""
    found: list[Item] = run(client, statement, *parameters, **more)["Items"]
    return found


def sort_keys(client: Client, where: str) -> list[int]:
    """Return the sort keys of the items of the table that a WHERE clause selects, in the order of the response."""
    return [int(each["s"]["N"]) for each in items(client, f"SELECT s FROM {TABLE} WHERE {where}")]


def all_pages(client: Client, statement: str, **more: Any) -> list[list[Item]]:
    """Return the items of each page of a statement."""
    pages = []
    token: dict[str, str] = {}
    while True:
        response = run(client, statement, **more, **token)
        pages.append(response["Items"])
        if "NextToken" not in response:
            return pages
        token = {"NextToken": response["NextToken"]}


# Examples of the guide


@pytest.fixture
def music() -> Iterator[Client]:
    """A client with the table Music of the guide and one song."""
    opened = connect(":memory:")
    opened.create_table(
        TableName="Music",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("Artist", "SongTitle", "AlbumTitle")
        ],
        KeySchema=[
            {"AttributeName": "Artist", "KeyType": "HASH"},
            {"AttributeName": "SongTitle", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-album",
                "KeySchema": [{"AttributeName": "AlbumTitle", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    run(opened, "INSERT into \"Music\" value {'Artist' : 'Acme Band','SongTitle' : 'PartiQL Rocks'}")
    yield opened
    opened.close()


SONG = {"Artist": S("Acme Band"), "SongTitle": S("PartiQL Rocks")}
OF_SONG = "where Artist='Acme Band' and SongTitle='PartiQL Rocks'"


def test_insert_creates_an_item_and_rejects_an_existing_one(music: Client) -> None:
    """Guide, "PartiQL insert statements for DynamoDB"."""
    assert items(music, 'SELECT * FROM "Music"') == [SONG]
    duplicate = error(
        music.execute_statement,
        Statement="INSERT into \"Music\" value {'Artist' : 'Acme Band','SongTitle' : 'PartiQL Rocks', 'x': 1}",
    )
    assert duplicate["Error"]["Code"] == "DuplicateItemException"
    assert items(music, 'SELECT * FROM "Music"') == [SONG]


def test_update_sets_adds_appends_and_removes(music: Client) -> None:
    """Guide, "PartiQL update statements for DynamoDB"."""
    grammys = "SET AwardDetail={'Grammys':[2020, 2018]}"
    old = items(music, f'UPDATE "Music" SET AwardsWon=1 {grammys} {OF_SONG} RETURNING ALL OLD *')
    assert old == [SONG]
    new = items(music, f'UPDATE "Music" SET AwardsWon=1 {grammys} {OF_SONG} RETURNING ALL NEW *')
    detail = {"M": {"Grammys": {"L": [N(2020), N(2018)]}}}
    assert new == [SONG | {"AwardsWon": N(1), "AwardDetail": detail}]
    appended = "AwardDetail.Grammys =list_append(AwardDetail.Grammys,[2016])"
    run(music, f'UPDATE "Music" SET {appended} {OF_SONG}')
    run(music, f'UPDATE "Music" REMOVE AwardDetail.Grammys[2] {OF_SONG}')
    run(music, f'UPDATE "Music" SET AwardDetail.BillBoard=[2020] {OF_SONG}')
    run(music, f"UPDATE \"Music\" SET BandMembers =<<'member1', 'member2'>> {OF_SONG}")
    (found,) = items(music, f"UPDATE \"Music\" SET BandMembers =set_add(BandMembers, <<'newmember'>>) {OF_SONG} "
                            "RETURNING MODIFIED NEW *")  # fmt: skip
    assert found == {"BandMembers": {"SS": ["member1", "member2", "newmember"]}}
    (song,) = items(music, 'SELECT * FROM "Music"')
    assert song["AwardDetail"] == {"M": {"Grammys": {"L": [N(2020), N(2018)]}, "BillBoard": {"L": [N(2020)]}}}


def test_delete_returns_the_old_item_and_succeeds_without_one(music: Client) -> None:
    """Guide, "PartiQL delete statements for DynamoDB"."""
    statement = 'DELETE FROM "Music" WHERE "Artist" = \'Acme Band\' AND "SongTitle" = \'PartiQL Rocks\''
    assert items(music, f"{statement} RETURNING ALL OLD *") == [SONG]
    assert items(music, f"{statement} RETURNING ALL OLD *") == []
    assert items(music, statement) == []


def test_select_finds_an_item_by_its_key_by_an_index_and_by_missing_attributes(music: Client) -> None:
    """Guide, "PartiQL select statements for DynamoDB" and "Using the MISSING function"."""
    run(music, f"UPDATE \"Music\" SET AlbumTitle='Songs About Life' {OF_SONG}")
    song = SONG | {"AlbumTitle": S("Songs About Life")}
    assert items(music, 'SELECT * FROM "Music" WHERE Artist=? and SongTitle=?', *SONG.values()) == [song]
    assert items(music, 'SELECT * FROM "Music"."by-album" WHERE AlbumTitle=\'Songs About Life\'') == [song]
    assert items(music, 'SELECT * FROM Music WHERE "Awards" is MISSING') == [song]
    assert items(music, 'SELECT * FROM Music WHERE "Awards" is NOT MISSING') == []


def test_select_projects_a_path_by_its_last_name() -> None:
    """Guide, "PartiQL select statements for DynamoDB": the table WatchList."""
    client = connect(":memory:")
    make_simple(client, "WatchList")
    days = {"L": [S("2019-08-25"), S("2019-08-26")]}
    devices = {"M": {"FireStick": {"M": {"DateWatched": days, "Title": S("x")}}}}
    client.put_item(TableName="WatchList", Item={"k": S("a"), "Devices": devices})
    assert items(client, "SELECT Devices.FireStick.DateWatched[0] FROM WatchList") == [
        {"DateWatched[0]": S("2019-08-25")}
    ]
    assert items(client, 'SELECT k, Devices."FireStick".Title FROM WatchList') == [{"k": S("a"), "Title": S("x")}]
    assert items(client, "SELECT Devices['FireStick'].DateWatched FROM WatchList") == [{"DateWatched": days}]


def test_a_transaction_checks_a_condition_and_writes(music: Client) -> None:
    """Guide, "Performing transactions with PartiQL for DynamoDB" and "Using the EXISTS function"."""
    exists = f'EXISTS(SELECT * FROM "Music" {OF_SONG} and Awards is  MISSING)'
    insert = "INSERT INTO Music value {'Artist':?,'SongTitle':'?'}"
    statements = [
        {"Statement": exists},
        {"Statement": insert, "Parameters": [S("Acme Band")]},
        {"Statement": 'DELETE FROM "Music" where "Artist"=\'No One\' and "SongTitle"=\'Rhythms\''},
    ]
    response = music.execute_transaction(TransactStatements=statements)
    assert response["Responses"] == []
    assert [song["SongTitle"] for song in items(music, "SELECT * FROM Music WHERE Artist = 'Acme Band'")] == [
        S("?"),
        S("PartiQL Rocks"),
    ]


def test_a_batch_reads_several_items(music: Client) -> None:
    """Guide, "Running batch operations with PartiQL for DynamoDB"."""
    response = music.batch_execute_statement(
        Statements=[
            {"Statement": "SELECT * FROM Music WHERE Artist=? AND SongTitle=?", "Parameters": list(SONG.values())},
            {"Statement": "SELECT * FROM Music WHERE Artist='Acme Band' AND SongTitle='Happy Day'"},
        ]
    )
    assert response["Responses"] == [{"TableName": "Music", "Item": SONG}, {"TableName": "Music"}]


# SELECT


@pytest.fixture
def five(client: Client) -> Client:
    """The client with the items (a, 1) to (a, 5) and (b, 1)."""
    put(client, *(item("a", s, g=S("x" if s < 3 else "y"), n=N(10 * s)) for s in range(1, 6)), item("b", 1, n=S("n")))
    return client


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("p = 'a'", [1, 2, 3, 4, 5]),
        ("'a' = p AND 2 < s", [3, 4, 5]),
        ("p = 'a' AND s BETWEEN 2 AND 3", [2, 3]),
        ("p = 'a' AND s IN [4, 1, 9]", [1, 4]),
        ("p = 'a' AND s IN (4, 1)", [1, 4]),
        ("p = 'a' AND s > 1 AND s < 4 AND s <> 2", [3]),
        ("p = 'a' AND NOT s IN [1, 2]", [3, 4, 5]),
        ("p = 'a' AND s NOT BETWEEN 2 AND 4", [1, 5]),
        ("p = 'a' AND s != 2 AND n > 20", [3, 4, 5]),
        ("p = 'a' AND (s = 1 OR s = 3 OR n = 50)", [1, 3, 5]),
        ("p = 'a' AND (s = 1 OR (s > 3 AND n < 50))", [1, 4]),
        ("p = 'a' AND s = 1 AND s = 2", []),
        ("p = 'a' AND p = 'b'", []),
        ("(p = 'a' AND s = 2) OR (p = 'a' AND s = 4)", [2, 4]),
        ("n >= 40 AND p = 'a'", [4, 5]),
        ("n = 'n'", [1]),
        ("n IS STRING", [1]),
        ("p = 'a' AND n IS NUMERIC AND s < 3", [1, 2]),
        ("p = 'b' AND begins_with(n, 'n')", [1]),
        ("NOT p = 'a'", [1]),
        ("p > 'a'", [1]),
        ("p = 'a' AND attribute_exists(g) = false", []),
        ("p = 'a' AND NOT NOT attribute_exists(g) AND s < 2", [1]),
        ("p = 'a' AND SIZE(g) = 1 AND s = 5", [5]),
    ],
)
def test_where_selects_items_by_key_and_by_other_attributes(five: Client, where: str, found: list[int]) -> None:
    assert sort_keys(five, where) == found


@pytest.mark.parametrize(
    ("left", "found"),
    [("NOT s = 1", [2, 3, 4, 5]), ("s <> 1", [2, 3, 4, 5]), ("NOT s IN [1, 3]", [2, 4, 5]), ("NOT (s > 3)", [1, 2, 3])],
)
def test_branches_of_or_may_negate_the_sort_key(five: Client, left: str, found: list[int]) -> None:
    """Conformance, whereOverlap.test.ts. The other branch selects an item again, which is returned once."""
    assert sort_keys(five, f"p = 'a' AND {left} OR p = 'a' AND s = 2") == found


def test_types_of_values_are_compared_as_in_conditions(five: Client) -> None:
    """Conformance, comparison.test.ts: sets and maps have no order, lists have."""
    attributes: Item = {"ss": {"SS": ["a", "b"]}, "l": {"L": [S("a"), S("b")]}, "m": {"M": {"x": N(1), "y": N(2)}}}
    put(five, item("c", 1, **attributes, nul={"NULL": True}, b={"B": b"\x01"}))
    for condition, matches in {
        "ss = <<'b', 'a'>>": True,
        "l = ['b', 'a']": False,
        "l = ['a', 'b']": True,
        "m = {'y': 2, 'x': 1}": True,
        "m = {'y': 2}": False,
        "nul IS NULL": True,
        "nul = null": True,
        "ss IS NULL": False,
        "nul IS NOT NULL": False,
        "b IS BLOB": True,
        "m IS STRUCT AND m IS TUPLE": True,
        "m.x = 1 AND l[1] = 'b'": True,
        "contains(ss, 'a')": True,
        "attribute_type(l, 'L')": True,
        "gone IS NOT NULL": True,
    }.items():
        assert sort_keys(five, f"p = 'c' AND {condition}") == [1] * matches, condition
    assert items(five, f"SELECT s FROM {TABLE} WHERE p = 'c' AND b = ?", {"B": b"\x01"}) == [{"s": N(1)}]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("WHERE p = 'a' ORDER BY s", ["a1", "a2", "a3", "a4", "a5"]),
        ("WHERE p = 'a' AND s < 4 ORDER BY s DESC", ["a3", "a2", "a1"]),
        ("WHERE p = 'a' AND s IN [1, 4] ORDER BY s DESC", ["a4", "a1"]),
        ("WHERE p IN ['b', 'a'] AND s < 3 ORDER BY p", ["a1", "a2", "b1"]),
        ("WHERE p IN ['a', 'b'] AND s < 3 ORDER BY p DESC, s ASC", ["b1", "a1", "a2"]),
        ("WHERE p = 'a' AND s < 3 OR p = 'b' ORDER BY p DESC, s DESC", ["b1", "a2", "a1"]),
    ],
)
def test_order_by_sorts_by_the_attributes_of_the_key(five: Client, order: str, found: list[str]) -> None:
    selected = items(five, f"SELECT p, s FROM {TABLE} {order}")
    assert [each["p"]["S"] + each["s"]["N"] for each in selected] == found


def test_an_index_is_read_in_the_order_of_its_sort_key(five: Client) -> None:
    statement = f'SELECT s FROM "{TABLE}"."by-g" WHERE g = \'y\' AND s > 3 ORDER BY s DESC'
    assert items(five, statement) == [{"s": N(5)}, {"s": N(4)}]
    keys = items(five, f'SELECT * FROM "{TABLE}"."keys-g" WHERE g = \'x\'')
    assert sorted(keys, key=str) == [item("a", s, g=S("x")) for s in (1, 2)]


def test_a_limit_ends_a_page_and_the_token_continues_it(five: Client) -> None:
    first = run(five, f"SELECT s FROM {TABLE} WHERE p = 'a' AND n > 20", Limit=2)
    assert first["Items"] == []
    assert first["LastEvaluatedKey"] == key("a", 2)
    for where, sizes in {
        "p = 'a'": [2, 2, 1],
        "p = 'a' AND s IN [1, 2, 4, 5]": [2, 2],
        "p = 'a' AND s IN [1, 3, 5]": [2, 1],
        "p IN ['a', 'b', 'c'] AND s < 3": [2, 1],
        "n > 20": None,
    }.items():
        pages = all_pages(five, f"SELECT p, s FROM {TABLE} WHERE {where}", Limit=2)
        whole = items(five, f"SELECT p, s FROM {TABLE} WHERE {where}")
        assert [each for page in pages for each in page] == whole
        assert sizes is None or [len(page) for page in pages if page] == sizes, where


def test_pages_of_a_backward_read_continue_backward(five: Client) -> None:
    for where in ("p = 'a'", "p = 'a' AND s IN [1, 2, 3, 5]", "p IN ['a', 'b']"):
        statement = f"SELECT p, s FROM {TABLE} WHERE {where} ORDER BY p, s DESC"
        pages = all_pages(five, statement, Limit=2)
        assert len(pages) > 1
        assert [each for page in pages for each in page] == items(five, statement)


def test_a_page_reads_ten_values_of_an_in_list(client: Client) -> None:
    """Guide, "PartiQL arithmetic, comparison, and logical operators": pages of up to 10 items."""
    names = [f"{number:02}" for number in range(25)]
    put(client, *(item(name, 1) for name in names))
    statement = f"SELECT p FROM {TABLE} WHERE p IN [{', '.join(map(repr, names))}] ORDER BY p"
    pages = all_pages(client, statement)
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [each["p"]["S"] for page in pages for each in page] == names


def test_a_page_ends_at_one_megabyte(client: Client) -> None:
    put(client, *(item(p, s, x=S("x" * 390_000)) for p in "ab" for s in (1, 2)))
    for where in ("p IN ['a', 'b']", "s > 0"):
        pages = all_pages(client, f"SELECT p, s FROM {TABLE} WHERE {where}")
        assert [len(page) for page in pages] == [3, 1]


def test_a_token_is_valid_for_its_statement_and_its_parameters(five: Client) -> None:
    statement = f"SELECT s FROM {TABLE} WHERE p = ?"
    token = run(five, statement, S("a"), Limit=2)["NextToken"]
    assert items(five, statement, S("a"), NextToken=token) == [{"s": N(s)} for s in (3, 4, 5)]
    mismatch = "NextToken does not match request"
    assert rejection(five.execute_statement, Statement=statement, Parameters=[S("b")], NextToken=token) == mismatch
    for wrong in (token[:-4], token + "AAAA", "x", "é", "AAAA", "e30=", "W10="):
        request = {"Statement": statement, "Parameters": [S("a")], "NextToken": wrong}
        assert rejection(five.execute_statement, **request) == "Invalid NextToken"


# Writes


def test_a_key_may_be_named_twice_with_one_value(five: Client) -> None:
    assert items(five, f"DELETE FROM {TABLE} WHERE p = 'a' AND s = 1 AND (1.0 = s) RETURNING ALL OLD *") != []


def test_a_write_needs_equality_on_the_whole_key_and_nothing_else_of_it(five: Client) -> None:
    incomplete = "Where clause does not contain a mandatory equality on all key attributes"
    for where in ("", " WHERE p = 'a'", " WHERE p = 'a' AND s > 1", " WHERE p = 'a' AND s = 1 OR n = 1",
                  " WHERE p = 'a' AND s IN [1]", " WHERE p = 'a' AND NOT s = 1"):  # fmt: skip
        assert rejection(five.execute_statement, Statement=f"DELETE FROM {TABLE}{where}") == incomplete
        assert rejection(five.execute_statement, Statement=f"UPDATE {TABLE} SET n = 1{where}") == incomplete
    assert len(items(five, f"SELECT * FROM {TABLE}")) == 6


@pytest.mark.parametrize("condition", ["n = 11", "NOT n = 10", "n IS MISSING", "attribute_type(n, 'S')", "s > 1"])
def test_a_false_condition_rejects_a_write_of_an_existing_item(five: Client, condition: str) -> None:
    """Conformance, executeStatement.test.ts: a condition on other attributes of the WHERE clause."""
    for statement in (f"UPDATE {TABLE} SET n = 0", f"DELETE FROM {TABLE}"):
        request = {"Statement": f"{statement} WHERE p = 'a' AND s = 1 AND {condition}"}
        failed = error(five.execute_statement, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert failed["Error"]["Code"] == "ConditionalCheckFailedException"
        assert failed["Item"] == item("a", 1, g=S("x"), n=N(10))
        assert "Item" not in error(five.execute_statement, **request)
    assert get(five, "a", 1) == item("a", 1, g=S("x"), n=N(10))


def test_update_of_an_absent_item_is_rejected_and_delete_of_one_succeeds(client: Client) -> None:
    """Conformance, executeStatement.test.ts and setFunctions.test.ts."""
    for change in ("SET n = 1", "REMOVE n", "SET ss = set_add(ss, <<'x'>>)"):
        for condition in ("", " AND n IS MISSING", " AND attribute_not_exists(p)"):
            failed = error(
                client.execute_statement, Statement=f"UPDATE {TABLE} {change} WHERE p='a' AND s=1{condition}"
            )
            assert failed["Error"]["Code"] == "ConditionalCheckFailedException"
    assert run(client, f"DELETE FROM {TABLE} WHERE p = 'a' AND s = 1 AND n = 5") == {"Items": []}
    assert get(client, "a", 1) is None


@pytest.mark.parametrize(
    ("change", "returned", "found"),
    [
        ("SET n = n + 5 - 1", "MODIFIED NEW", {"n": N(14)}),
        ("SET n = 1, k = n", "MODIFIED NEW", {"n": N(1), "k": N(10)}),
        ("SET k = if_not_exists(k, 7)", "MODIFIED NEW", {"k": N(7)}),
        ("SET k = 1", "MODIFIED OLD", None),
        ("REMOVE n", "MODIFIED OLD", {"n": N(10)}),
        ("REMOVE n", "MODIFIED NEW", None),
        ("SET l[2] = 'y', l[0] = 'x'", "MODIFIED NEW", {"l": {"L": [S("x"), S("y")]}}),
        ("SET l[2] = 'y', l[0] = 'x'", "MODIFIED OLD", {"l": {"L": [S("a"), S("c")]}}),
        ("SET l[5] = 'd'", "MODIFIED NEW", None),
        ("REMOVE l[1]", "MODIFIED NEW", {"l": {"L": [S("c")]}}),
        ("SET m.x = 2", "MODIFIED NEW", {"m": {"M": {"x": N(2)}}}),
        ("SET ss = set_delete(ss, <<'a'>>)", "MODIFIED NEW", {"ss": {"SS": ["b"]}}),
        ("SET ss = SET_DELETE(ss, <<'a', 'b'>>)", "MODIFIED NEW", None),
        ("SET gone = set_delete(gone, <<'a'>>)", "ALL NEW", ...),
    ],
)
def test_update_returns_the_modified_parts(client: Client, change: str, returned: str, found: Any) -> None:
    """Conformance, executeStatement.test.ts and setFunctions.test.ts."""
    letters = {"L": [S("a"), S("b"), S("c")]}
    whole = item("a", 1, n=N(10), l=letters, m={"M": {"x": N(1), "y": N(1)}}, ss={"SS": ["a", "b"]})
    put(client, whole)
    statement = f"UPDATE {TABLE} {change} WHERE p = 'a' AND s = 1 RETURNING {returned} *"
    assert items(client, statement) == ([whole] if found is ... else [found] if found else [])


def test_an_update_may_begin_with_from(five: Client) -> None:
    """Conformance, fromFirstUpdate.test.ts."""
    found = items(five, f"from {TABLE} where p = ? and s = 1 set c = ? remove n returning all new *", S("a"), N(7))
    assert found == [item("a", 1, g=S("x"), c=N(7))]


def test_values_of_every_type_are_inserted(client: Client) -> None:
    run(
        client,
        f"""INSERT INTO {TABLE} VALUE {{
            'p': 'it''s', 's': -1.50e1, -- a comment
            'b': TRUE, 'f': false, 'nul': NULL, 'l': [1, [], {{}}], 'm': {{'x': {{'y': .5}}, 'q': ?}},
            'ns': <<1, 2.0>>, 'ss': <<'a'>> /* another comment */
        }};""",
        {"B": b"\x00"},
    )
    assert items(client, f"SELECT * FROM {TABLE}") == [
        {
            **key("it's", -15),
            "b": {"BOOL": True},
            "f": {"BOOL": False},
            "nul": {"NULL": True},
            "l": {"L": [N(1), {"L": []}, {"M": {}}]},
            "m": {"M": {"x": {"M": {"y": {"N": "0.5"}}}, "q": {"B": b"\x00"}}},
            "ns": {"NS": ["1", "2"]},
            "ss": {"SS": ["a"]},
        }
    ]


def test_a_reserved_word_is_a_name_in_double_quotes_only(client: Client) -> None:
    put(client, item("a", 1, date=S("x")))
    assert items(client, f'SELECT "date" FROM {TABLE}') == [{"date": S("x")}]
    assert rejection(client.execute_statement, Statement=f"SELECT date FROM {TABLE}").endswith("Unexpected keyword")


# Capacity


@pytest.mark.parametrize(
    ("statement", "units"),
    [
        ("SELECT * FROM one WHERE k = 'a' AND s = 'a'", 1.5),
        ("SELECT * FROM one WHERE k = 'a' AND s = 'gone'", 0.5),
        ("SELECT k FROM one WHERE k = 'a'", 3.0),
        ("SELECT k FROM one WHERE k = 'a' AND x = 'y'", 3.0),
        ("SELECT k FROM one WHERE k = 'a' AND s IN ['a', 'b', 'c']", 3.5),
        ("SELECT k FROM one WHERE k = 'a' AND s > 'a'", 1.5),
        ("SELECT k FROM one", 3.0),
        ("SELECT k FROM one WHERE k = 'a' AND k = 'b'", 0.0),
    ],
)
def test_a_statement_consumes_the_units_of_its_reads(statement: str, units: float) -> None:
    """Two items of 12,008 bytes: one of them has 1.5 units, both together have 3."""
    client = connect(":memory:")
    make_simple(client, "one", sort_type="S")
    for s in ("a", "b"):
        client.put_item(TableName="one", Item={"k": S("a"), "s": S(s), "x": S("x" * 12_003)})
    for consistent in (False, True):
        response = run(client, statement, ReturnConsumedCapacity="TOTAL", ConsistentRead=consistent)
        assert response["ConsumedCapacity"] == {"TableName": "one", "CapacityUnits": units * (1 + consistent)}


def test_a_read_of_an_index_and_a_write_consume_units_of_the_index(five: Client) -> None:
    response = run(five, f"SELECT * FROM {TABLE}.\"by-g\" WHERE g = 'x'", ReturnConsumedCapacity="INDEXES")
    assert response["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-g": {"CapacityUnits": 0.5}}
    response = run(five, f"UPDATE {TABLE} SET n = 1 WHERE p = 'a' AND s = 1", ReturnConsumedCapacity="INDEXES")
    assert response["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.0}
    assert response["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-g": {"CapacityUnits": 1.0}}
    assert "ConsumedCapacity" not in run(five, f"DELETE FROM {TABLE} WHERE p = 'a' AND s = 1")


# Batches


def batch(client: Client, *statements: str, **more: Any) -> list[dict[str, Any]]:
    """Execute a batch and return its responses."""
    request = [{"Statement": statement} for statement in statements]
    responses: list[dict[str, Any]] = client.batch_execute_statement(Statements=request, **more)["Responses"]
    return responses


SELECT_ONE = f"SELECT * FROM {TABLE} WHERE p = 'a' AND s = 1"
UPDATE_ONE = f"UPDATE {TABLE} SET n = 0 WHERE p = 'a' AND s = 1"
UPDATE_TWO = f"UPDATE {TABLE} SET n = 0 WHERE p = 'a' AND s = 2"


def test_a_statement_of_a_batch_fails_alone(five: Client) -> None:
    """Conformance, batchExecuteStatement.test.ts: TableName is present if the statement was carried out."""
    responses = batch(
        five,
        f"INSERT INTO {TABLE} VALUE {{'p': 'a', 's': 5}}",
        f"UPDATE {TABLE} SET n = 1 WHERE p = 'a' AND s = 4 AND n = 0",
        "DELETE FROM nowhere WHERE p = 'a'",
        f"DELETE FROM {TABLE} WHERE p = 'a'",
        f"DLETE FROM {TABLE}",
        f"{UPDATE_ONE} RETURNING MODIFIED NEW *",
        f"UPDATE {TABLE} REMOVE n WHERE p = 'a' AND s = 2 RETURNING MODIFIED NEW *",
        f"DELETE FROM {TABLE} WHERE p = 'a' AND s = 3 RETURNING ALL OLD *",
    )
    assert [response.get("Error", {}).get("Code") for response in responses] == [
        *("DuplicateItem", "ConditionalCheckFailed", "ResourceNotFound", "ValidationError", "ValidationError"),
        *(None, None, None),
    ]
    ran = [True, True, False, False, False, True, True, True]
    assert ["TableName" in response for response in responses] == ran
    assert [response.get("Item") for response in responses[5:]] == [
        {"n": N(0)},
        None,
        item("a", 3, g=S("y"), n=N(30)),
    ]
    assert sorted(sort_keys(five, "p = 'a'")) == [1, 2, 4, 5]


def test_the_failed_item_of_a_batch_is_in_its_error(five: Client) -> None:
    """API reference of BatchStatementError."""
    statement = {"Statement": UPDATE_ONE + " AND n = 99", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    (response,) = five.batch_execute_statement(Statements=[statement])["Responses"]
    assert response["Error"]["Item"] == item("a", 1, g=S("x"), n=N(10))
    assert "Item" not in response


def test_a_batch_has_only_reads_of_single_items_or_only_writes(five: Client) -> None:
    for select in (f"SELECT * FROM {TABLE} WHERE p = 'a'", f"{SELECT_ONE} AND n = 1",
                   f"SELECT * FROM {TABLE}.\"by-g\" WHERE g = 'x'"):  # fmt: skip
        wrong, right = batch(five, select, SELECT_ONE)
        assert wrong["Error"]["Code"] == "ValidationError"
        assert "must specify the primary key in the where clause" in wrong["Error"]["Message"]
        assert right["Item"]["n"] == N(10)
    for statements in ((SELECT_ONE, UPDATE_TWO), (SELECT_ONE, SELECT_ONE), (UPDATE_ONE, UPDATE_ONE)):
        request = [{"Statement": statement} for statement in statements]
        assert error(five.batch_execute_statement, Statements=request)["Error"]["Code"] == "ValidationException"
    assert get(five, "a", 1) == item("a", 1, g=S("x"), n=N(10))


def test_a_batch_returns_units_by_statement(five: Client) -> None:
    """Conformance, batchExecuteStatement.test.ts: ConsistentRead applies to its statement."""
    statements = [{"Statement": SELECT_ONE, "ConsistentRead": True}, {"Statement": SELECT_ONE.replace("1", "2")}]
    response = five.batch_execute_statement(Statements=statements, ReturnConsumedCapacity="TOTAL")
    assert [each["CapacityUnits"] for each in response["ConsumedCapacity"]] == [1.0, 0.5]


# Transactions


def transact(client: Client, *statements: str, **more: Any) -> Any:
    """Execute a transaction and return its response."""
    return client.execute_transaction(TransactStatements=[{"Statement": each} for each in statements], **more)


def cancellation(client: Client, *statements: str) -> list[str]:
    """Execute a transaction that is cancelled and return the codes of its reasons."""
    response = error(client.execute_transaction, TransactStatements=[{"Statement": each} for each in statements])
    assert response["Error"]["Code"] == "TransactionCanceledException"
    return [reason["Code"] for reason in response["CancellationReasons"]]


def test_a_transaction_reads_items_in_the_order_of_its_statements(five: Client) -> None:
    response = transact(
        five, f"SELECT s, n FROM {TABLE} WHERE p = 'a' AND s = 2", SELECT_ONE.replace("1", "99"), SELECT_ONE,
        ReturnConsumedCapacity="TOTAL",
    )  # fmt: skip
    assert response["Responses"] == [{"Item": {"s": N(2), "n": N(20)}}, {}, {"Item": item("a", 1, g=S("x"), n=N(10))}]
    assert response["ConsumedCapacity"] == [{"TableName": TABLE, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}]


def test_a_failed_statement_cancels_all_writes_with_reasons(five: Client) -> None:
    exists = f"EXISTS(SELECT * FROM {TABLE} WHERE p = 'a' AND s = 1 AND "
    insert = f"INSERT INTO {TABLE} VALUE {{'p': 'a', 's': 1}}"
    for statement, code in {
        UPDATE_ONE + " AND n = 99": "ConditionalCheckFailed",
        exists + "n = 99)": "ConditionalCheckFailed",
        exists.replace("1", "99") + "n IS MISSING)": "ConditionalCheckFailed",
        insert: "ValidationError",
        insert.replace("'a'", "1"): "ValidationError",
        insert.replace(", 's': 1", ""): "ValidationError",
        UPDATE_ONE.replace("p = 'a'", "p = 1"): "ValidationError",
        UPDATE_ONE.replace("n = 0", "gone.x = 0"): "ValidationError",
    }.items():
        assert cancellation(five, statement, UPDATE_TWO) == [code, "None"], statement
        assert cancellation(five, UPDATE_TWO, statement) == ["None", code], statement
    assert get(five, "a", 2) == item("a", 2, g=S("x"), n=N(20))
    transact(five, exists + "n = 10)", UPDATE_TWO)
    assert get(five, "a", 2) == item("a", 2, g=S("x"), n=N(0))


def test_a_cancellation_reason_has_the_failed_item(five: Client) -> None:
    statement = {"Statement": UPDATE_ONE + " AND n = 99", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    (reason,) = error(five.execute_transaction, TransactStatements=[statement])["CancellationReasons"]
    assert reason["Item"] == item("a", 1, g=S("x"), n=N(10))


def test_a_repeated_transaction_with_the_same_token_writes_once(five: Client) -> None:
    """Conformance, executeTransaction.test.ts."""
    more = {"ClientRequestToken": "one", "ReturnConsumedCapacity": "INDEXES"}
    statement = f"UPDATE {TABLE} SET n = n + 1 WHERE p = 'a' AND s = 1"
    kinds = []
    for _ in range(2):
        (consumed,) = transact(five, statement, **more)["ConsumedCapacity"]
        kinds.append({name: consumed[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits") if name in consumed})
    assert kinds == [{"WriteCapacityUnits": 3.0}, {"ReadCapacityUnits": 2.0}]
    assert (get(five, "a", 1) or {})["n"] == N(11)
    other = error(five.execute_transaction, TransactStatements=[{"Statement": UPDATE_TWO}], ClientRequestToken="one")
    assert other["Error"]["Code"] == "IdempotentParameterMismatchException"


# Parameters and limits


def test_parameters_are_checked(client: Client) -> None:
    for request in (
        {},
        {"Statement": 1},
        {"Statement": ""},
        {"Statement": "x", "Parameters": []},
        {"Statement": "x", "Limit": 0},
        {"Statement": "x", "Parameters": ["a"]},
        {"Statement": "x", "TableName": "t"},
    ):
        with pytest.raises(ParamValidationError):
            client.execute_statement(**request)
    long = {"Statement": "SELECT * FROM t" + " " * 8192}
    assert "length less than or equal to 8192" in rejection(client.execute_statement, **long)
    statements = [{"Statement": f"{SELECT_ONE[:-1]}{s}"} for s in range(101)]
    assert "equal to 25" in rejection(client.batch_execute_statement, Statements=statements[:26])
    assert "equal to 100" in rejection(client.execute_transaction, TransactStatements=statements)


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 3000 + "n = 1" + ")" * 3000,
        "NOT " * 2000 + "n = 1",
        " AND ".join(["n = 1"] * 800),
        "n IN [" + ", ".join(["1"] * 1000) + "]",
        "n = " + "[" * 3000 + "]" * 3000,
        "n = " + "{'a': " * 900 + "1" + "}" * 900,
        "n" + ".a" * 3000 + " = 1",
        "size(" * 1000 + "n" + ")" * 1000 + " = 1",
        "p IN [" + ", ".join(f"'{number}'" for number in range(60)) + "]",
        # 3,000 ranges, which are not compared with one another.
        " OR ".join(["p IN [" + ",".join(["''"] * 90) + "]"] * 29),
    ],
)
def test_a_statement_beyond_a_limit_is_rejected(client: Client, condition: str) -> None:
    rejection(client.execute_statement, Statement=f"SELECT * FROM {TABLE} WHERE {condition}")


def test_combinations_of_many_keys_are_read_and_filtered(five: Client) -> None:
    numbers = ", ".join(map(str, range(2, 90)))
    assert sort_keys(five, f"p IN ['a', 'b', 'c', 'd'] AND s IN [{numbers}]") == [2, 3, 4, 5]


def test_a_long_sum_is_rejected_or_computed(client: Client) -> None:
    put(client, item("a", 1))
    run(client, UPDATE_ONE.replace("0", "+".join(["1"] * 90)))
    assert (get(client, "a", 1) or {})["n"] == N(90)
    rejection(client.execute_statement, Statement=UPDATE_ONE.replace("0", "+".join(["1"] * 200)))
