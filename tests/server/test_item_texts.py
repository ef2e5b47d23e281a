"""Items that the server sends as the file has them, without decoding them first."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from nodetodo import embedded
from nodetodo.embedded.storage.item_texts import ItemText, item_text

from .support import TABLE, serving
from .test_endpoint import MODELED, failed, item

KEY = (("p", "S"), ("s", "N"))
SIMPLE = '{"p":{"S":"a"},"s":{"N":"1"}'


@pytest.mark.parametrize(
    "stored",
    [
        SIMPLE + "}",
        SIMPLE + ',"empty":{"S":""}}',
        SIMPLE + ',"Größe":{"S":"ä \N{SNOWMAN} {[,:]} \x7f"}}',
        SIMPLE + ',"n":{"N":"-12345678901234567890123456789012345678"},"z":{"N":"0"}}',
    ],
)
def test_a_simple_item_stays_text(stored: str) -> None:
    found = item_text(stored, KEY)
    assert isinstance(found, ItemText)
    assert found == stored


@pytest.mark.parametrize(
    "more",
    [
        '"t":{"S":"a \\"quoted\\" text"}',
        '"t":{"S":"two\\nlines"}',
        '"a\\"b":{"S":""}',
        '"n":{"N":"1.5"}',
        '"n":{"N":"1E+40"}',
        '"l":{"L":[{"S":"a"}]}',
        '"m":{"M":{}}',
        '"b":{"BOOL":true}',
        '"s2":{"SS":["a"]}',
    ],
)
def test_another_item_is_decoded(more: str) -> None:
    assert isinstance(item_text(f"{SIMPLE},{more}}}", KEY), dict)


INDIC = "\N{ARABIC-INDIC DIGIT ONE}"
DAMAGES = [
    *(SIMPLE, SIMPLE + "}}", SIMPLE + ",}", SIMPLE + '"x":{"S":""}}', f"[{SIMPLE}}}]", "", "{}"),
    *(SIMPLE + ',"x":{"S":"a"b"}}', SIMPLE + ',"x":{"S":"\n"}}', SIMPLE + ',"x":{"S":"\\"}}', SIMPLE + ',"x":{"S":1}}'),
    *(
        SIMPLE + ',"x":{"N":""}}',
        SIMPLE + ',"x":{"N":"1x"}}',
        SIMPLE + ',"x":{"N":"--1"}}',
        SIMPLE + ',"x":{"N":"' + INDIC + '"}}',
    ),
    *(SIMPLE + ',"x":{"Q":"1"}}', SIMPLE + ',"x":{"S":"a","N":"1"}}', SIMPLE + ',"x":{}}', SIMPLE + ',"x":"y"}'),
    *('{"p":{"S":"a"}}', '{"p":{"S":"a"},"s":{"S":"1"}}', '{"p":{"S":"a"},"t":{"S":"s:{N:1}"}}'),
]


@pytest.mark.parametrize("stored", DAMAGES)
@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("GetItem", {"Key": item("a", 1)}),
        ("Query", {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}),
        ("Scan", {}),
    ],
)
def test_a_damaged_item_is_an_internal_error(tmp_path: Path, stored: str, operation: str, more: dict[str, Any]) -> None:
    path = tmp_path / "damaged.db"
    client = embedded.connect(str(path))
    client.create_table(**TABLE)
    client.put_item(TableName="thing", Item=item("a", 1))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE items SET attributes = ?", (stored,))
    database.close()
    with serving(client=client) as served:
        answer = served.call(operation, {"TableName": "thing", **more})
        assert failed(answer, 500) == (f"{MODELED}InternalServerError", "Internal server error")
        assert "is damaged (an item cannot be decoded)" in served.text
    client.close()
