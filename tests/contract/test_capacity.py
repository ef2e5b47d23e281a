"""`capacity --table` reads item size, index and storage from the tables, on every engine."""

import pytest

from ..program import Program


@pytest.fixture
def counting(nodetodo: Program, engine: str) -> Program:
    """The program with a user emma, on an engine that reports the bytes of a table."""
    if engine == "moto":
        pytest.skip("moto does not report the bytes of a table")
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    return nodetodo


def test_sizes_and_storage_are_those_of_the_tables(counting: Program) -> None:
    for number in range(4):
        counting.good("task-add", "emma", "x" * 1000, *(["shopping"] if number == 0 else []))
    user, task, index = counting.good("table-ls", "--json").json["tables"]
    found = counting.good("capacity", "--writes=1", "--reads=1", "--table", "--json").json
    load = found["load"]
    assert load["item_bytes"] == -(-task["bytes"] // 4)
    assert 1024 < load["item_bytes"] < 1100
    assert (load["index_share"], load["index_entry_bytes"]) == (0.25, index["bytes"])
    assert found["units"]["writes"]["per_request"] == 2 + 0.25 * -(-index["bytes"] // 1024)
    stored = sum(part["bytes"] + 100 * part["items"] for part in (user, task, index))
    assert load["storage_gb"] == pytest.approx(stored / 2**30, rel=1e-6)


def test_tasks_without_a_category_add_no_index_writes(counting: Program) -> None:
    counting.good("task-add", "emma", "x")
    found = counting.good("capacity", "--writes=1", "--table", "--storage=3", "--json").json
    assert found["load"]["index_share"] == 0
    assert found["load"]["storage_gb"] == 3
    assert found["units"]["writes"]["per_request"] == 1


def test_the_arithmetic_includes_the_share_of_the_index(counting: Program) -> None:
    counting.good("task-add", "emma", "x", "shopping")
    counting.good("task-add", "emma", "x")
    out = counting.good("capacity", "--writes=3", "--table", "--steps").out
    assert "= 1 for the index entry of 50 % of the items: 1.5 on average\n" in out
    assert "= 3 units, plus ⌈3 × 0.5⌉ = 2 for the index\n" in out
    assert "  writes: 5 units × 730 hours × $0.00065 = $2.3725\n" in out
    assert "  index: ⌈2 / 1,000⌉, at least 1: 1\n" in out


def test_empty_tables_have_no_item_size(nodetodo: Program) -> None:
    result = nodetodo("capacity", "--writes=1", "--table")
    assert (result.status, result.out) == (2, "")
    assert "DescribeTable reports 0 items in " in result.err
    assert "--item-size=<bytes>" in result.err


def test_missing_tables_are_reported_with_the_command_that_creates_them(bare: Program) -> None:
    result = bare("capacity", "--writes=1", "--table")
    status, remedy = bare.missing_tables
    assert (result.status, result.out) == (status, "")
    assert "user does not exist" in result.err
    assert remedy in result.err
