"""What is announced is what is sent, on every engine; and announcing sends nothing."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path
from typing import Any

import pytest

from nodetodo.commands import COMMANDS
from nodetodo.explain.simulated import OPERATIONS

from ..faults import Faulty, cancelled, first, response_lost_and_retried
from ..program import Program
from .lines import NOTHING_TO_SEND, UNUSUAL, USUAL, Case, prepared

Request = tuple[str, dict[str, Any]]


def announced(program: Program, *argv: str) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = program.good(*argv, "--explain", "--json").json["requests"]
    return requests


def sent(program: Program, *argv: str) -> list[Request]:
    recorder = program.client = Faulty(program.client)
    try:
        program(*argv)
    finally:
        program.client = recorder._client
    return [(OPERATIONS[name][0], request) for name, request in recorder.sent]


def is_as_announced(entry: dict[str, Any], request: Request, *, again: bool = False) -> bool:
    """Whether a request is an announced one; of examples, tokens, and what a repetition changes, only the name."""
    operation, parameters = request
    passed = {"ClientRequestToken", *entry["examples"], *(["Limit", "TransactItems", "RequestItems"] if again else [])}
    names, wanted = parameters.keys(), entry["parameters"].keys()
    if again:
        names = names - {"ExclusiveStartKey"}
        wanted = wanted - {"ExclusiveStartKey"}
    return (
        operation == entry["operation"]
        and names == wanted
        and all(parameters[name] == entry["parameters"][name] for name in names - passed)
    )


def ways(entries: list[dict[str, Any]], at: int, seen: frozenset[int]) -> list[tuple[int, bool]]:
    """The entries that may be sent after that at `at` (-1 at the beginning), and whether for another time."""
    number = entries[at]["number"] if at >= 0 else None
    parents = set()
    while number is not None:  # a conditional step, what it follows, and what that follows
        parents.add(number)
        number = next(entry["after"] for entry in entries if entry["number"] == number)
    main = max((place for place in seen if entries[place]["after"] is None), default=-1)
    following = next((place for place, entry in enumerate(entries) if entry["after"] is None and place > main), None)
    found = [(following, False)] if following is not None else []
    found += [(place, False) for place, entry in enumerate(entries) if entry["after"] in parents and place not in seen]
    found += [(place, True) for place in sorted(seen) if entries[place]["repeats"] or entries[place]["each"]]
    # What lies between two times of a loop comes again with it.
    if any(entries[place]["repeats"] for place in seen):
        found += [(place, True) for place in sorted(seen)]
    return found


def check(entries: list[dict[str, Any]], requests: list[Request]) -> None:
    at, seen = -1, frozenset[int]()
    for request in requests:
        for place, again in ways(entries, at, seen):
            if is_as_announced(entries[place], request, again=again):
                at, seen = place, seen | {place}
                break
        else:
            raise AssertionError(f"not announced: {request}")


@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
def test_where_all_is_as_a_rule_exactly_what_was_announced_is_sent(bare: Program, case: Case) -> None:
    argv = prepared(bare, case)
    entries = announced(bare, *argv)
    requests = sent(bare, *argv)
    check(entries, requests)
    expected = [
        entry for entry in entries if entry["after"] is None for _ in range(3 if entry["each"] else 1)
    ]  # 60 tasks are removed in three batches
    assert len(requests) == len(expected)
    assert all(
        is_as_announced(entry, request, again=bool(entry["each"]))
        for entry, request in zip(expected, requests, strict=True)
    )


@pytest.mark.parametrize("case", UNUSUAL, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_where_it_is_not_what_is_sent_is_a_way_through_what_was_announced(bare: Program, case: Case) -> None:
    argv = prepared(bare, case)
    entries = announced(bare, *argv)
    requests = sent(bare, *argv)
    assert requests
    check(entries, requests)


def test_every_command_is_among_those_lines() -> None:
    assert {case.line.split()[0] for case in USUAL + NOTHING_TO_SEND} == set(COMMANDS)


@pytest.mark.parametrize("case", NOTHING_TO_SEND, ids=lambda case: case.line)
def test_a_command_that_asks_no_database_says_so(bare: Program, case: Case) -> None:
    argv = prepared(bare, case)
    assert announced(bare, *argv) == []
    assert bare.good(*argv, "--explain").out.endswith("It would send no request.\n")


def test_another_commands_requests_would_not_pass(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    entries = announced(nodetodo, "task-ls", "emma", "shopping")
    check(entries, sent(nodetodo, "task-ls", "emma", "shopping"))
    for argv in (["task-ls", "emma", "home"], ["task-ls", "emma", "shopping", "--limit=60"], ["task-la", "shopping"]):
        with pytest.raises(AssertionError, match="not announced"):
            check(entries, sent(nodetodo, *argv))


def test_a_user_who_is_put_back_was_announced(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    entries = announced(nodetodo, "user-rm", "emma")
    real = nodetodo.client

    def delete_while_a_task_is_added(send: Any, request: dict[str, Any]) -> Any:
        table = request["TableName"].removesuffix("user") + "task"
        real.put_item(TableName=table, Item={"uid": {"S": "emma"}, "tid": {"N": "1"}})
        return send(**request)

    nodetodo.client = Faulty(real, delete_item=delete_while_a_task_is_added)
    requests = sent(nodetodo, "user-rm", "emma")
    assert [operation for operation, _ in requests] == ["Query", "DeleteItem", "Query", "PutItem"]
    check(entries, requests)


def test_a_transaction_that_collides_is_sent_again_as_announced(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    entries = announced(nodetodo, "task-add", "emma", "x")
    collision = first(2, cancelled(nodetodo.client, "None", "TransactionConflict"))
    nodetodo.client = Faulty(nodetodo.client, transact_write_items=collision)
    requests = sent(nodetodo, "task-add", "emma", "x")
    assert len(requests) == 3
    check(entries, requests)
    assert entries[0]["repeats"][-1].endswith("8 times at most")


def test_what_comes_back_unprocessed_is_sent_again_as_announced(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    nodetodo.good("task-add", "emma", "x")
    entries = announced(nodetodo, "user-rm", "emma", "--with-tasks")

    def all_come_back(_send: Any, request: dict[str, Any]) -> Any:
        return {"UnprocessedItems": request["RequestItems"]}

    nodetodo.client = Faulty(nodetodo.client, batch_write_item=first(1, all_come_back))
    requests = sent(nodetodo, "user-rm", "emma", "--with-tasks")
    assert [operation for operation, _ in requests] == ["DeleteItem", "Query", "BatchWriteItem", "BatchWriteItem"]
    check(entries, requests)


def test_an_index_that_is_missing_is_added_as_announced(bare: Program, engine: str) -> None:
    bare.good("table-add")
    entries = announced(bare, "table-add")
    table = bare.env["NODETODO_TABLE_PREFIX"] + "task"
    bare.client.delete_table(TableName=table)
    from nodetodo.repositories import definitions

    definition = next(one for one in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]) if one.name == table)
    bare.client.create_table(**definition.create)
    requests = sent(bare, "table-add")
    assert "UpdateTable" in [operation for operation, _ in requests]
    check(entries, requests)


def test_a_lost_answer_changes_nothing_in_what_is_sent(nodetodo: Program) -> None:
    entries = announced(nodetodo, "user-add", "emma", "emma@example.org", "+491701234")
    nodetodo.client = Faulty(nodetodo.client, put_item=response_lost_and_retried)
    check(entries, sent(nodetodo, "user-add", "emma", "emma@example.org", "+491701234"))


@pytest.mark.parametrize("target", ["local", "aws", "http://127.0.0.1:1"])
def test_explaining_opens_nothing_and_needs_nothing(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("sqlite3.connect", refuse)
    program = Program(None, target=target)
    program.env |= {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    for case, options in itertools.product(USUAL, ([], ["--json"])):
        words = case.line.replace("{tid}", "1").replace('"', "").replace("'", "").split()
        words = [word for word in words if word not in ("category", "--yes")]
        result = program(*words, "--explain", *options)
        assert (result.status, result.err) == (0, ""), result
        assert result.out
    assert not list(tmp_path.iterdir())


def test_a_wrong_usage_is_one_with_explain_too(tmp_path: Path) -> None:
    program = Program(None)
    for argv in (
        ["task-ls"],
        ["task-edit", "emma", "1"],
        ["user-edit", "emma"],
        ["task-ls", "emma", "--next=nonsense"],
        ["task-add", "emma", "x", "--dueat=4/7"],
        ["task-add", "emma", "x" * 500_000],
        ["task-ls", "emma", "--db=nowhere"],
        ["task-ls", "emma", "--cost"],
    ):
        result = program(*argv, "--explain")
        assert result.status == 2, result
        assert result.out == ""


def test_a_deletion_is_explained_without_a_question() -> None:
    result = Program(None, target="local")("table-rm", "--explain")
    assert (result.status, result.err) == (0, "")
    said = " ".join(result.out.split())
    assert "the question: Delete todo-user and todo-task from local, with all users and tasks?" in said


def test_json_is_the_requests_and_nothing_else() -> None:
    program = Program(None)
    (query, get) = announced(program, "task-ls", "emma", "shopping")
    assert query == {
        "number": "1",
        "operation": "Query",
        "parameters": {
            "TableName": "todo-task",
            "KeyConditionExpression": "#uid = :uid",
            "ExpressionAttributeNames": {"#uid": "uid", "#category": "category"},
            "ExpressionAttributeValues": {":uid": {"S": "emma"}, ":category": {"S": "shopping"}},
            "FilterExpression": "#category = :category",
            "Limit": 50,
        },
        "after": None,
        "when": None,
        "repeats": ["until 10 rows are found or the data ends, from where the page ended, with Limit 100, 200 … 5,000"],
        "each": None,
        "examples": [],
        "units": [{"table": "todo-task", "index": None, "read": 0.5}],
    }
    assert (get["operation"], get["after"], get["when"]) == ("GetItem", "1", "nothing is found")
