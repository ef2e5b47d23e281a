"""Items and attributes that other programs wrote, on every engine."""

import re
from decimal import Decimal
from typing import Any

import pytest

from nodetodo.repositories import definitions

from ..program import Program

TIDS = ["-12345678901234567890123456789012345678", "-3", "-0.5", "0.0000001", "1", "1.5", "2", "1" + "0" * 40]
"""Numbers in their order. Two of them are as long as DynamoDB allows."""


def put(nodetodo: Program, tid: str, **attributes: Any) -> None:
    """Store a task as another program may do."""
    item = {"uid": {"S": "emma"}, "tid": {"N": tid}, "description": {"S": "x"}} | attributes
    nodetodo.client.put_item(TableName=f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task", Item=item)


def numbers(text: str) -> list[str]:
    """Return the tids in JSON, as they are written there."""
    return [line.partition('"tid": ')[2].partition(",")[0] for line in text.splitlines() if '"tid": ' in line]


def in_order(found: list[str]) -> bool:
    return [Decimal(each) for each in found] == [Decimal(each) for each in TIDS]


@pytest.fixture
def others(emma: Program) -> Program:
    """Return the program on each engine in turn, with a task for each of TIDS."""
    for tid in reversed(TIDS):
        put(emma, tid, category={"S": "c"})
    return emma


@pytest.mark.parametrize("of", [["task-ls", "emma"], ["task-la", "c"]])
def test_tasks_with_any_number_as_tid_are_listed_in_pages_by_number(others: Program, of: list[str]) -> None:
    assert in_order(numbers(others.good(*of, "--json").out))
    for limit in (1, 3):
        found: list[str] = []
        cursor: list[str] = []
        while True:
            page = others.good(*of, f"--limit={limit}", "--json", *cursor)
            assert len(others.good(*of, f"--limit={limit}", *cursor).out.splitlines()) >= 2
            found += numbers(page.out)
            if page.json["next"] is None:
                break
            cursor = [f"--next={page.json['next']}"]
            others.good(*of, *cursor, "--explain")
        assert in_order(found)


def test_a_list_continues_after_any_number(others: Program) -> None:
    for place, tid in enumerate(TIDS):
        assert len(others.good("task-ls", "emma", f"--next={tid}", "--json").json["tasks"]) == len(TIDS) - place - 1


def test_a_task_with_any_number_as_tid_is_shown_changed_and_removed(others: Program) -> None:
    for tid in TIDS:
        assert numbers(others.good("task", "emma", tid, "--json").out.replace(", ", ",\n"))[0] in (tid, "1E-7")
        assert others.good("task-done", "emma", tid, "--json").json["completed"] == 20261123
        assert others.good("task-edit", "emma", tid, "--description=y", "--json").json["description"] == "y"
        others.good("task-reopen", "emma", tid, "--cost")
        others.good("task-done", "emma", tid, "--explain")
        others.good("task-rm", "emma", tid)
        assert others("task", "emma", tid).status == 3
    assert others("task-ls", "emma").out == "no tasks\n"


def test_a_user_is_removed_with_tasks_of_any_tid(others: Program, engine: str) -> None:
    count = len(TIDS)
    if engine == "moto":  # it fails to project a number of more than 38 digits, even if the last ones are zeros
        others.good("task-rm", "emma", TIDS[-1])
        count -= 1
    assert others("user-rm", "emma").status == 4
    assert others.good("user-rm", "emma", "--with-tasks").out.endswith(f"and {count} tasks\n")


def test_the_next_free_tid_is_the_first_one_beside_tids_with_fractions(emma: Program) -> None:
    tid = int(emma.tid("task-add", "emma", "x"))
    for fraction in ("0.5", "1.5"):
        put(emma, str(tid + int(fraction[0])) + fraction[1:])
    assert emma.tid("task-add", "emma", "x") == str(tid + 1)


def test_design_shows_tasks_with_any_number_as_tid(others: Program) -> None:
    assert "    -0.5  x" in others.good("design").out
    others.good("design", "--json")


ODD: dict[str, Any] = {
    "due": {"N": "20269999"},
    "completed": {"S": "yes"},
    "created": {"BOOL": True},
    "category": {"L": [{"S": "a"}, {"N": "1.5"}, {"M": {"b": {"B": b"\x00"}}}]},
    "description": {"NS": ["7"]},
}


@pytest.fixture
def odd(bare: Program) -> Program:
    """Return the program on each engine in turn, without index, with a task whose attributes have other types."""
    for table in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]):
        bare.client.create_table(**table.create)
    bare.good("user-add", "emma", "e@example.org", "123")
    put(bare, "1", **ODD)
    return bare


def test_values_of_other_types_are_shown_as_stored_and_marked_as_not_a_date(odd: Program) -> None:
    assert odd.good("task", "emma", "1").out.splitlines() == [
        "uid          emma",
        "tid          1",
        "description  [7]",
        "created      true (not a date)",
        "due          20269999 (not a date)",
        'category     ["a", 1.5, {"b": "AA=="}]',
        "completed    yes (not a date)",
    ]
    row = odd.good("task-ls", "emma").out.splitlines()[1]
    shown = ["1", "20269999 (not a date)", '["a", 1.5, {"b": "AA=="}]', "[7]", "yes (not a date)"]
    assert re.split("  +", row) == shown


def test_json_contains_the_stored_values(odd: Program) -> None:
    expected = {
        "uid": "emma",
        "tid": 1,
        "description": [7],
        "created": True,
        "due": 20269999,
        "category": ["a", 1.5, {"b": "AA=="}],
        "completed": "yes",
    }
    assert odd.good("task", "emma", "1", "--json").json == expected
    assert odd.good("task-ls", "emma", "--json").json["tasks"] == [expected]


def test_commands_on_values_of_other_types_succeed(odd: Program) -> None:
    done = odd.good("task-done", "emma", "1")
    assert done.out == "task 1 was already completed on yes (not a date)\n"
    for argv in (
        ["design"],
        ["design", "--json"],
        ["task-ls", "emma", "--cost"],
        ["task-ls", "emma", "--overdue"],
        ["task-ls", "emma", "--completed", "--json", "--cost"],
        ["task-edit", "emma", "1", "--no-category", "--cost"],
        ["task-reopen", "emma", "1"],
        ["task-rm", "emma", "1", "--cost"],
    ):
        odd.good(*argv)


def test_a_user_with_values_of_other_types_is_shown(nodetodo: Program) -> None:
    name = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}user"
    nodetodo.client.put_item(TableName=name, Item={"uid": {"S": "emma"}, "email": {"N": "5"}, "x": {"SS": ["y"]}})
    assert nodetodo.good("user-ls").out.splitlines()[1].split() == ["emma", "5"]
    assert nodetodo.good("user", "emma", "--json").json == {"uid": "emma", "email": 5, "phone": None}
    assert "emma" in nodetodo.good("design").out
    assert nodetodo("user-add", "emma", "e@example.org", "123").status == 4
    nodetodo.good("user-rm", "emma")


def test_a_list_of_users_continues_after_a_uid(nodetodo: Program) -> None:
    for uid in ("anna", "ben", "4711", "dora"):
        nodetodo.good("user-add", uid, "a@b", "123")
    everyone = [user["uid"] for user in nodetodo.good("user-ls", "--json").json["users"]]
    for place, uid in enumerate(everyone):
        page = nodetodo.good("user-ls", f"--next={uid}", "--json").json["users"]
        assert [user["uid"] for user in page] == everyone[place + 1 :]
    nodetodo.good("user-ls", "--next=nobody")
