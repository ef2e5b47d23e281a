"""Files of format 1, which had a copy of the table definitions in a table `layouts`, still work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.storage import file

# The contents of a file that a program for format 1 wrote. In it, space 2 is the table and space 1 its index.
FORMAT_1 = r"""
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1684300357;
PRAGMA user_version = 1;

CREATE TABLE revision (number INTEGER NOT NULL);
INSERT INTO revision VALUES (2);

CREATE TABLE catalog (name TEXT PRIMARY KEY, space INTEGER NOT NULL, definition TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO catalog VALUES ('notes', 2,
    '{"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},'
    || '{"AttributeName":"g","AttributeType":"B"}],'
    || '"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],'
    || '"BillingMode":"PAY_PER_REQUEST","ProvisionedThroughput":null,"Created":1700000000.0,'
    || '"TableId":"ba4671e2-905b-681c-7e0d-ea74cd46e9e9",'
    || '"GlobalSecondaryIndexes":[{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],'
    || '"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["n"]},"Space":1}]}');

CREATE TABLE layouts (table_space INTEGER NOT NULL, space INTEGER NOT NULL, place INTEGER NOT NULL,
    attribute TEXT NOT NULL, type TEXT, index_name TEXT, projection TEXT,
    PRIMARY KEY (table_space, space, place, attribute)) WITHOUT ROWID;
INSERT INTO layouts VALUES
    (2, 1, 0, 'g', 'B', 'by-g', 'INCLUDE'),
    (2, 1, 2, 'g', NULL, 'by-g', 'INCLUDE'),
    (2, 1, 2, 'n', NULL, 'by-g', 'INCLUDE'),
    (2, 1, 2, 'p', NULL, 'by-g', 'INCLUDE'),
    (2, 1, 2, 's', NULL, 'by-g', 'INCLUDE'),
    (2, 2, 0, 'p', 'S', NULL, NULL),
    (2, 2, 1, 's', 'N', NULL, NULL);

CREATE TABLE spaces (space INTEGER PRIMARY KEY AUTOINCREMENT, items INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO spaces VALUES (1, 1, 13), (2, 2, 42);

CREATE TABLE items (space INTEGER NOT NULL, address BLOB NOT NULL, bytes INTEGER NOT NULL, attributes NOT NULL,
    PRIMARY KEY (space, address)) WITHOUT ROWID;
INSERT INTO items VALUES
    (2, X'0FA49D9C610000017DDEFF', 23, CAST(
        '{"p":{"S":"a"},"s":{"N":"-2"},"g":{"B":"AP8="},"n":{"BS":["eA==","eXo="]},"B":{"M":{"B":{"S":"eA=="}}}}'
        AS BLOB)),
    (2, X'0FA49D9C61000003821100', 19, '{"p":{"S":"a"},"s":{"N":"1"},"t":{"S":"say \"ü\"\n"},"n":{"N":"1.5"}}');

CREATE TABLE entries (space INTEGER NOT NULL, address BLOB NOT NULL, bytes INTEGER NOT NULL, item BLOB NOT NULL,
    PRIMARY KEY (space, address)) WITHOUT ROWID;
INSERT INTO entries VALUES (1, X'02C87E6500FFFF00000FA49D9C610000017DDEFF', 13, X'0FA49D9C610000017DDEFF');

CREATE TABLE tokens (token TEXT PRIMARY KEY, request TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX tokens_by_expiry ON tokens (expires);
"""

WITH_BINARIES: dict[str, Any] = {
    "p": {"S": "a"},
    "s": {"N": "-2"},
    "g": {"B": b"\x00\xff"},
    "n": {"BS": [b"x", b"yz"]},
    "B": {"M": {"B": {"S": "eA=="}}},
}
WITH_TEXT: dict[str, Any] = {"p": {"S": "a"}, "s": {"N": "1"}, "t": {"S": 'say "ü"\n'}, "n": {"N": "1.5"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "format 1.db"
    with closing(sqlite3.connect(made)) as database:
        database.executescript(FORMAT_1)
    return made


@pytest.fixture
def old(path: Path) -> Iterator[Client]:
    """A client for a file of format 1."""
    with closing(connect(str(path))) as client:
        yield client


def user_version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def in_index(client: Client, g: bytes) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.query(
        TableName="notes",
        IndexName="by-g",
        KeyConditionExpression="g = :g",
        ExpressionAttributeValues={":g": {"B": g}},
    )["Items"]
    return items


def test_its_items_are_read_by_key_from_the_table_and_from_the_index(old: Client) -> None:
    assert old.get_item(TableName="notes", Key={"p": {"S": "a"}, "s": {"N": "1"}})["Item"] == WITH_TEXT
    assert old.scan(TableName="notes")["Items"] == [WITH_BINARIES, WITH_TEXT]
    assert in_index(old, b"\x00\xff") == [{name: WITH_BINARIES[name] for name in "psgn"}]


def test_writes_change_its_items_entries_and_counts_and_keep_its_format(old: Client, path: Path) -> None:
    key = {"p": {"S": "a"}, "s": {"N": "1"}}
    old.update_item(
        TableName="notes",
        Key=key,
        UpdateExpression="SET g = :g REMOVE t",
        ExpressionAttributeValues={":g": {"B": b"new"}},
    )
    old.delete_item(TableName="notes", Key={"p": {"S": "a"}, "s": {"N": "-2"}})
    changed = {**key, "n": {"N": "1.5"}, "g": {"B": b"new"}}
    assert old.scan(TableName="notes")["Items"] == [changed]
    assert in_index(old, b"new") == [changed]
    assert in_index(old, b"\x00\xff") == []
    assert user_version(path) == 1


def test_its_table_is_described(old: Client) -> None:
    table = old.describe_table(TableName="notes")["Table"]
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["p", "s"]
    assert (table["ItemCount"], table["TableSizeBytes"]) == (2, 42)
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]}
    assert (index["ItemCount"], index["IndexSizeBytes"]) == (1, 13)


def test_it_gets_the_present_format_when_a_table_changes(old: Client, path: Path) -> None:
    """A program for format 1 would not write to the new index; it refuses newer formats."""
    old.update_table(
        TableName="notes",
        AttributeDefinitions=[{"AttributeName": "n", "AttributeType": "N"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-n",
                    "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    assert old.scan(TableName="notes", IndexName="by-n")["Items"] == [WITH_TEXT]
    assert in_index(old, b"\x00\xff") == [{name: WITH_BINARIES[name] for name in "psgn"}]
    assert user_version(path) == file.FORMAT


def test_it_has_no_stream_until_one_is_enabled(old: Client, path: Path) -> None:
    assert old.list_streams()["Streams"] == []
    arn = "arn:aws:dynamodb:embedded:000000000000:table/notes/stream/2026-11-23T12:00:00.000"
    with pytest.raises(old.exceptions.ResourceNotFoundException):
        old.describe_stream(StreamArn=arn)
    assert user_version(path) == 1
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    old.update_table(TableName="notes", StreamSpecification=specification)
    old.delete_item(TableName="notes", Key={"p": {"S": "a"}, "s": {"N": "1"}})
    assert len(old.list_streams(TableName="notes")["Streams"]) == 1
    assert user_version(path) == file.FORMAT
