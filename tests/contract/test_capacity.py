"""`capacity --table` takes item size, index and storage from the tables, on every engine."""

import pytest

from ..program import Program


@pytest.fixture
def counting(nodetodo: Program, engine: str) -> Program:
    """The program with a user emma, on an engine that counts bytes."""
    if engine == "moto":
        pytest.skip("moto counts no bytes of a table")
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    return nodetodo


def test_size_index_and_storage_are_those_of_the_tables(counting: Program) -> None:
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


def test_tasks_outside_the_index_cost_nothing_there(counting: Program) -> None:
    counting.good("task-add", "emma", "x")
    found = counting.good("capacity", "--writes=1", "--table", "--storage=3", "--json").json
    assert found["load"]["index_share"] == 0
    assert found["load"]["storage_gb"] == 3
    assert found["units"]["writes"]["per_request"] == 1


def test_the_arithmetic_shows_the_share_of_the_index(counting: Program) -> None:
    counting.good("task-add", "emma", "x", "shopping")
    counting.good("task-add", "emma", "x")
    out = counting.good("capacity", "--writes=3", "--table").out
    assert "for the 50 % of the items that are in the index" in out
    assert "= 3 units, and for the index ⌈3 × 0.5⌉ = 2\n" in out
    assert "  writes: 5 units × 730 hours × $0.00065 = $2.3725\n" in out


def test_empty_tables_have_no_size_to_take(nodetodo: Program) -> None:
    result = nodetodo("capacity", "--writes=1", "--table")
    assert (result.status, result.out) == (2, "")
    assert "no items are counted in " in result.err
    assert "--item-size=<bytes>" in result.err


def test_missing_tables_are_told_as_everywhere(bare: Program) -> None:
    result = bare("capacity", "--writes=1", "--table")
    assert (result.status, result.out) == (5, "")
    assert "create them with: nodetodo table-add --db=" in result.err
