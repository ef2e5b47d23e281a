"""`design` shows the items in the tables, on every engine, and reads no more than its limit."""

from typing import Any

import pytest

from nodetodo.design import collections

from ..faults import Faulty
from ..program import Program


def fill(nodetodo: Program, *uids: str, tasks: int) -> None:
    for uid in uids:
        nodetodo.good("user-add", uid, f"{uid}@example.org", "123")
        for number in range(tasks):
            nodetodo.good("task-add", uid, f"task {number}", *(["shopping"] if number else []))


def test_the_item_collections_are_those_of_the_tables(nodetodo: Program) -> None:
    fill(nodetodo, "emma", "luis", tasks=3)
    found = nodetodo.good("design", "--json").json
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    sizes = {
        part["name"].removeprefix(prefix): {each["partition"]: each["items"] for each in part["collections"]}
        for part in found["parts"]
    }
    assert sizes == {
        "user": {"emma": 1, "luis": 1},
        "task": {"emma": 3, "luis": 3},
        "category-index": {"shopping": 4},
    }
    assert found["origin"] == "All 8 items of both tables were read; the limit is 1,000 items per table."


def test_the_optional_index_is_shown_where_it_exists(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "e@x", "123")
    nodetodo.good("task-add", "emma", "x", "--dueat=2026-12-03")
    nodetodo.good("task-add", "emma", "y")
    names = [part["name"] for part in nodetodo.good("design", "--json").json["parts"]]
    assert "due-index" not in names
    nodetodo.good("index-add", "due-index")
    (part,) = (part for part in nodetodo.good("design", "--json").json["parts"] if part["name"] == "due-index")
    assert (part["items"], part["partition_key"], part["sort_key"]) == (1, "uid", "due")
    text = nodetodo.good("design").out
    assert "due-index on " in text
    assert "  1 item without due is not in the index\n" in text
    assert "    20261203  x\n" in text
    for width in (40, 80, 120):
        assert "due-index on " in nodetodo.good("design", columns=width).out


def test_no_more_items_than_the_limit_are_read_and_the_limit_is_printed(
    nodetodo: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "MAX_ITEMS", 4)
    fill(nodetodo, "emma", "luis", tasks=3)
    read: list[tuple[int, int]] = []

    def counted(send: Any, request: Any) -> Any:
        response = send(**request)
        read.append((request["Limit"], response["ScannedCount"]))
        return response

    nodetodo.client = Faulty(nodetodo.client, scan=counted)
    found = nodetodo.good("design", "--json").json
    assert sum(part["items"] for part in found["parts"] if part["name"].endswith("task")) == 4
    assert sum(scanned for _, scanned in read) == 2 + 4
    assert found["origin"].startswith(
        "Read by Scan: all 2 users and the first 4 tasks; the limit is 4 items per table."
    )


def test_short_pages_are_combined_up_to_the_limit(nodetodo: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MAX_ITEMS", 5)
    fill(nodetodo, "emma", "luis", tasks=3)
    limits: list[int] = []

    def short(send: Any, request: Any) -> Any:
        limits.append(request["Limit"])
        return send(**request | {"Limit": min(2, request["Limit"])})

    nodetodo.client = Faulty(nodetodo.client, scan=short)
    found = nodetodo.good("design", "--json").json
    assert sum(part["items"] for part in found["parts"] if part["name"].endswith("task")) == 5
    assert limits[-3:] == [5, 3, 1]


def test_missing_tables_are_reported_with_the_command_that_creates_them(bare: Program) -> None:
    result = bare("design")
    status, remedy = bare.missing_tables
    assert (result.status, result.out) == (status, "")
    assert remedy in result.err
