"""The user's own uid, and the last digits of tids, on every engine."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..faults import Faulty
from ..program import EMMA, NOON, Program

NOW = int(NOON.timestamp() * 1000)

OWN = {"NODETODO_USER": "emma"}


def test_me_is_the_uid_in_nodetodo_user_wherever_a_uid_is_accepted(nodetodo: Program) -> None:
    nodetodo.env |= OWN
    assert nodetodo("user-add", "me", *EMMA[1:]).out == "user added with uid emma\n"
    assert nodetodo("user", "me", "--json").json["uid"] == "emma"
    nodetodo.good("user-edit", "me", "--phone=1234")
    tid = nodetodo.tid("task-add", "me", "milk")
    for command in ("task", "task-done", "task-reopen", "task-rm"):
        assert nodetodo(command, "me", tid, "--json").json["uid"] == "emma", command
    tid = nodetodo.tid("task-add", "emma", "bread")
    assert nodetodo("task-edit", "me", tid, "--category=shop", "--json").json["uid"] == "emma"
    cursor = nodetodo("task-ls", "emma", "--limit=1", "--json").json["next"]
    assert cursor is None
    assert nodetodo("task-ls", "me").out == nodetodo("task-ls", "emma").out
    assert nodetodo("user-rm", "me", "--with-tasks").out == "user removed with uid emma, and 1 task\n"


def test_a_cursor_of_me_is_a_cursor_of_the_uid(nodetodo: Program) -> None:
    nodetodo.env |= OWN
    nodetodo.good("user-add", *EMMA)
    for text in ("milk", "bread"):
        nodetodo.good("task-add", "me", text)
    cursor = nodetodo("task-ls", "me", "--limit=1", "--json").json["next"]
    assert "bread" in nodetodo.good("task-ls", "emma", f"--next={cursor}").out


@pytest.mark.parametrize("variables", [{}, {"NODETODO_USER": ""}])
def test_without_the_variable_me_is_an_ordinary_uid(nodetodo: Program, variables: dict[str, str]) -> None:
    nodetodo.env |= variables
    unknown = "nodetodo: user me does not exist; set NODETODO_USER to use me for your own uid\n"
    for argv in (["user", "me"], ["task-ls", "me"], ["task-add", "me", "milk"], ["user-rm", "me"]):
        assert nodetodo(*argv) == (3, "", unknown), argv
    for tid in ("1", "361"):
        assert nodetodo("task", "me", tid).err.endswith("; set NODETODO_USER to use me for your own uid\n")
    nodetodo.good("user-add", "me", *EMMA[1:])
    assert nodetodo("user", "me", "--json").json["uid"] == "me"


def test_an_unknown_user_in_the_variable_is_reported_by_uid(nodetodo: Program) -> None:
    assert nodetodo("user", "me", env={"NODETODO_USER": "luis"}).err == "nodetodo: user luis does not exist\n"


def add(program: Program, *tids: str, uid: str = "emma", **others: Any) -> None:
    """Store tasks with these tids, as another program would. others: further attributes."""
    table = f"{program.env['NODETODO_TABLE_PREFIX']}task"
    for tid in tids:
        item = {"uid": {"S": uid}, "tid": {"N": tid}, "description": {"S": f"task {tid}"}, **others}
        program.client.put_item(TableName=table, Item=item)


def sent(program: Program, *argv: str) -> list[tuple[str, dict[str, Any]]]:
    """Run a command and return the name and parameters of its requests."""
    recorder = program.client = Faulty(program.client)
    try:
        program(*argv)
    finally:
        program.client = recorder._client
    return recorder.sent


COMMANDS = (["task"], ["task-done"], ["task-reopen"], ["task-edit", "--category=x"], ["task-rm"])
"""The commands that name a task, with their options."""


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_the_last_digits_of_a_tid_name_a_task(emma: Program, argv: list[str]) -> None:
    command, *options = argv
    add(emma, "1526650262361", "1526650262061", "1526650262330")
    add(emma, "1526650262999", uid="luis")
    for ending, tid in (("361", 1526650262361), ("061", 1526650262061), ("50262330", 1526650262330)):
        assert emma(command, "emma", ending, *options, "--json").json["tid"] == tid
    unknown = emma(command, "emma", "999", *options)
    assert unknown == (3, "", "nodetodo: user emma has no task whose tid ends with 999\n")


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_an_ending_reads_the_keys_once_and_a_whole_tid_reads_nothing_more(emma: Program, argv: list[str]) -> None:
    command, *options = argv
    add(emma, "1526650262361")
    keys, *requests = sent(emma, command, "emma", "361", *options)
    name, query = keys
    assert name == "query"
    assert query["ConsistentRead"] is True
    assert query["ProjectionExpression"] == "#uid, #tid"
    add(emma, "1526650262361")
    assert sent(emma, command, "emma", "1526650262361", *options) == requests
    for whole in ("0000000000361", "-361", "361.5", "36", "15266502623610"):
        assert "query" not in [name for name, _ in sent(emma, command, "emma", whole, *options)]


def test_a_whole_tid_precedes_a_tid_with_this_ending(emma: Program) -> None:
    add(emma, "361", "1526650262361", "61", "1526650262061")
    assert emma("task", "emma", "361", "--json").json["tid"] == 361
    assert emma("task", "emma", "061", "--json").json["tid"] == 61
    assert emma("task", "emma", "0061", "--json").json["tid"] == 61


def test_several_candidates_are_listed_with_due_date_and_description(emma: Program) -> None:
    add(emma, "1526650000361", due={"N": "20261124"})
    add(emma, "1526650262361", "-5361", description={"S": "two\nlines " + "x" * 100})
    before = emma("task-ls", "emma").out
    for argv in COMMANDS:
        command, *options = argv
        result = emma(command, "emma", "361", *options)
        assert (result.status, result.out) == (2, "")
        assert result.err.splitlines() == [
            "nodetodo: user emma has 3 tasks whose tids end with 361; pass more digits",
            "",
            f"          -5361              two\\nlines {'x' * 38}…",
            "  1526650000361  2026-11-24  task 1526650000361",
            f"  1526650262361              two\\nlines {'x' * 38}…",
        ]
    assert emma("task-ls", "emma").out == before
    assert emma("task-done", "emma", "62361").status == 0


def test_at_most_ten_candidates_are_read_and_listed(emma: Program) -> None:
    add(emma, *(f"15266{number:05}361" for number in range(13)))
    assert len(sent(emma, "task-done", "emma", "361")) == 1 + 10
    first, _, *listed = emma("task-done", "emma", "361").err.splitlines()
    assert first.startswith("nodetodo: user emma has 13 tasks ")
    assert [line.split()[0] for line in listed[:-1]] == [f"15266{number:05}361" for number in range(10)]
    assert listed[-1] == "  and 3 more"


def test_a_candidate_that_is_removed_meanwhile_is_listed_without_details(emma: Program) -> None:
    add(emma, "1526650000361", "1526650262361")
    emma.client = Faulty(emma.client, get_item=lambda send, request: removed_before(emma, send, request))
    assert emma("task-done", "emma", "361").err.splitlines()[2:] == ["  1526650000361", "  1526650262361"]


def removed_before(program: Program, send: Any, request: dict[str, Any]) -> Any:
    program.client._client.delete_item(TableName=request["TableName"], Key=request["Key"])
    return send(**request)


def test_a_task_that_is_removed_after_its_key_was_read_is_not_found(emma: Program) -> None:
    add(emma, "1526650262361")
    real = emma.client

    def remove_afterwards(send: Any, request: dict[str, Any]) -> Any:
        response = send(**request)
        real.delete_item(TableName=request["TableName"], Key=response["Items"][0])
        return response

    emma.client = Faulty(real, query=remove_afterwards)
    for command in ("task", "task-done", "task-reopen", "task-rm"):
        add(emma, "1526650262361")
        assert emma(command, "emma", "361").err == "nodetodo: user emma has no task with tid 1526650262361\n"


def test_the_keys_are_read_to_the_last_page(emma: Program) -> None:
    table = f"{emma.env['NODETODO_TABLE_PREFIX']}task"
    tids = [NOW + 1000 * number for number in range(1010)] + [NOW + 2_000_017]
    for first in range(0, len(tids), 25):
        puts = [
            {"PutRequest": {"Item": {"uid": {"S": "emma"}, "tid": {"N": str(tid)}}}} for tid in tids[first : first + 25]
        ]
        emma.client.batch_write_item(RequestItems={table: puts})
    assert [name for name, _ in sent(emma, "task-done", "emma", "017")] == ["query", "query", "update_item"]
    assert emma("task-done", "emma", "000").err.endswith("  and 1,000 more\n")


numbers = st.one_of(
    st.integers(NOW - 2000, NOW + 2000),
    st.integers(0, 3000),
    st.builds(lambda start, end: f"{start}{end}", st.integers(1, 9), st.sampled_from(["361", "061", "5361"])),
    st.integers(-2000, -1),
    st.builds(lambda whole, part: f"{whole}.{part}", st.integers(0, 2), st.integers(1, 999).filter(lambda n: n % 10)),
).map(str)


@st.composite
def tids_and_ending(draw: st.DrawFn) -> tuple[set[str], str]:
    """Draw tids in the form in which they are printed, and digits that are often the end of one of them."""
    tids = draw(st.sets(numbers, max_size=8))
    ends = {tid[-length:] for tid in tids for length in draw(st.sampled_from([[3], [3, 4, 5], list(range(3, 13))]))}
    known = sorted(end for end in ends if len(end) >= 3 and end.isdigit())
    unknown = st.text("0123456789", min_size=3, max_size=12)
    return tids, draw(st.sampled_from(known)) if known and draw(st.integers(0, 3)) > 0 else draw(unknown)


def test_any_ending_of_any_tids_names_the_task_of_a_simple_model(emma: Program, engine: str) -> None:
    uids = (f"user-{number}" for number in itertools.count())

    @settings(max_examples=200 if engine == "embedded" else 50, derandomize=True, deadline=None, database=None)
    @given(tids_and_ending())
    @example(({"1361", "2361", "4"}, "361"))
    @example(({"1361", "361"}, "361"))
    @example(({"1361", "0"}, "000"))
    @example((set(), "361"))
    def compare(drawn: tuple[set[str], str]) -> None:
        tids, digits = drawn
        uid = next(uids)
        add(emma, *tids, uid=uid)
        same = [tid for tid in tids if tid == digits.lstrip("0") or (tid == "0" and not digits.strip("0"))]
        ending = same or [tid for tid in tids if tid.endswith(digits)]
        result = emma("task", uid, digits, "--json")
        if len(ending) == 1:
            assert str(result.json["tid"]) == ending[0]
        else:
            assert result.status == (2 if ending else 3)
            listed = [line.split()[0] for line in result.err.splitlines()[2:]]
            assert sorted(listed) == sorted(ending)

    compare()


def test_an_ending_that_is_too_short_is_explained(emma: Program) -> None:
    emma.good("task-add", "emma", "x")
    for digits in ("0", "15"):
        result = emma("task-done", "emma", digits)
        assert (result.status, result.out) == (3, "")
        reason = "; the last digits of a tid are enough if they are at least 3"
        assert result.err == f"nodetodo: user emma has no task with tid {digits}{reason}\n"
