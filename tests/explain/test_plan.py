"""--explain predicts the requests that the command sends, and sends nothing itself."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path
from typing import Any

import pytest

from nodetodo.commands import COMMANDS
from nodetodo.engines.interface import OPERATIONS
from nodetodo.repositories import definitions

from ..faults import Faulty, cancelled, first, response_lost_and_retried
from ..program import Program
from .command_lines import (
    NOTHING_TO_SEND,
    UNUSUAL,
    USUAL,
    USUAL_BACKUPS,
    WATCH,
    Case,
    arguments,
    on_embedded_and_dynamodb_local,
    on_engines_with_backups,
    prepare,
)

on_embedded = pytest.mark.parametrize("engine", ["embedded"], indirect=True)

Request = tuple[str, dict[str, Any]]
Entry = dict[str, Any]
"""A request in the JSON of --explain."""


def planned(program: Program, *argv: str) -> list[Entry]:
    """Return the requests of the plan."""
    requests: list[Entry] = program.good(*argv, "--explain", "--json").json["requests"]
    return requests


def sent(program: Program, *argv: str) -> list[Request]:
    """Run a command and return the requests that it sends."""
    recorder = program.client = Faulty(program.client)
    try:
        program(*argv)
    finally:
        program.client = recorder._client
    return [(OPERATIONS[name], request) for name, request in recorder.sent]


def is_as_planned(entry: Entry, request: Request, *, again: bool = False) -> bool:
    """Whether a request equals a planned one. Values of examples, and values that a repeat changes, may differ."""
    operation, parameters = request
    ignored = {
        "ClientRequestToken",
        *entry["examples"],
        *(["Limit", "TransactItems", "RequestItems", "Key"] if again else []),
    }
    start = {"ExclusiveStartKey"} if again else set()
    names, wanted = parameters.keys() - start, entry["parameters"].keys() - start
    return (
        operation == entry["operation"]
        and names == wanted
        and all(parameters[name] == entry["parameters"][name] for name in names - ignored)
    )


def following(entries: list[Entry], seen: frozenset[int]) -> list[tuple[int, bool]]:
    """Return the places of the entries that may follow those at `seen`, and whether as a repeat."""
    # A branch may begin later than at its step: table-add reads about all tables before it creates one.
    parents = {entries[place]["number"] for place in seen}
    main = max((place for place in seen if entries[place]["after"] is None), default=-1)
    next_main = [place for place, entry in enumerate(entries) if entry["after"] is None and place > main][:1]
    found = [(place, False) for place in next_main]
    found += [(place, False) for place, entry in enumerate(entries) if entry["after"] in parents and place not in seen]
    found += [
        (place, True)
        for place in sorted(seen)
        if entries[place]["repeats"] or entries[place]["each"] or entries[place]["times"] > 1
    ]
    # A repeat can repeat the steps between.
    if any(entries[place]["repeats"] for place in seen):
        found += [(place, True) for place in sorted(seen)]
    return found


def check(entries: list[Entry], requests: list[Request]) -> None:
    """Assert that the requests are a path through the plan."""
    seen = frozenset[int]()
    for request in requests:
        for place, again in following(entries, seen):
            if is_as_planned(entries[place], request, again=again):
                seen |= {place}
                break
        else:
            raise AssertionError(f"not in the plan: {request}")


@on_engines_with_backups
@pytest.mark.parametrize("case", USUAL_BACKUPS, ids=lambda case: case.line)
def test_a_command_on_backups_sends_the_requests_outside_branches(bare: Program, case: Case) -> None:
    check_usual(bare, case)


@on_embedded_and_dynamodb_local
@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
def test_a_command_that_finds_nothing_unusual_sends_the_requests_outside_branches(bare: Program, case: Case) -> None:
    check_usual(bare, case)


def check_usual(bare: Program, case: Case) -> None:
    """Assert that a command sends exactly the requests of the plan outside its branches."""
    argv = prepare(bare, case)
    entries = planned(bare, *argv)
    requests = sent(bare, *argv)
    check(entries, requests)
    if argv[0].startswith("index-"):  # DynamoDB Local is polled
        requests = [request for request, _ in itertools.groupby(requests)]
    expected = [
        entry
        for entry in entries
        if entry["after"] is None
        for _ in range(-(-case.items // entry["each"]) if entry["each"] else entry["times"])
    ]
    assert len(requests) == len(expected)
    assert all(
        is_as_planned(entry, request, again=bool(entry["each"]) or entry["times"] > 1)
        for entry, request in zip(expected, requests, strict=True)
    )


@on_embedded_and_dynamodb_local
@pytest.mark.parametrize("case", UNUSUAL, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_a_command_that_finds_something_unusual_sends_a_path_through_the_plan(bare: Program, case: Case) -> None:
    argv = prepare(bare, case)
    entries = planned(bare, *argv)
    requests = sent(bare, *argv)
    assert requests
    check(entries, requests)


def test_the_command_lines_include_every_command() -> None:
    assert {case.line.split()[0] for case in USUAL + USUAL_BACKUPS + WATCH + NOTHING_TO_SEND} == set(COMMANDS)


@pytest.mark.parametrize("case", NOTHING_TO_SEND, ids=lambda case: case.line)
def test_the_plan_of_a_command_without_requests_is_empty_and_says_so(case: Case) -> None:
    program = Program(None)
    assert planned(program, *arguments(case)) == []
    assert program.good(*arguments(case), "--explain").out.endswith("The command sends no request.\n")


@on_embedded
def test_the_requests_of_another_command_do_not_pass_the_check(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    entries = planned(nodetodo, "task-ls", "emma", "shopping")
    check(entries, sent(nodetodo, "task-ls", "emma", "shopping"))
    for argv in (["task-ls", "emma", "home"], ["task-ls", "emma", "shopping", "--limit=60"], ["task-la", "shopping"]):
        with pytest.raises(AssertionError, match="not in the plan"):
            check(entries, sent(nodetodo, *argv))


@on_embedded
def test_restoring_a_user_is_in_the_plan(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    entries = planned(nodetodo, "user-rm", "emma")
    real = nodetodo.client

    def delete_while_a_task_is_added(send: Any, request: dict[str, Any]) -> Any:
        table = request["TableName"].removesuffix("user") + "task"
        real.put_item(TableName=table, Item={"uid": {"S": "emma"}, "tid": {"N": "1"}})
        return send(**request)

    nodetodo.client = Faulty(real, delete_item=delete_while_a_task_is_added)
    requests = sent(nodetodo, "user-rm", "emma")
    assert [operation for operation, _ in requests] == ["Query", "DeleteItem", "Query", "PutItem"]
    check(entries, requests)


@on_embedded
def test_the_retry_after_a_transaction_conflict_is_in_the_plan(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    entries = planned(nodetodo, "task-add", "emma", "x")
    collision = first(2, cancelled(nodetodo.client, "None", "TransactionConflict"))
    nodetodo.client = Faulty(nodetodo.client, transact_write_items=collision)
    requests = sent(nodetodo, "task-add", "emma", "x")
    assert len(requests) == 3
    check(entries, requests)
    assert entries[0]["repeats"][-1].endswith("at most 8 times")


@on_embedded
def test_the_retry_of_unprocessed_items_is_in_the_plan(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    nodetodo.good("task-add", "emma", "x")
    entries = planned(nodetodo, "user-rm", "emma", "--with-tasks")

    def all_come_back(_send: Any, request: dict[str, Any]) -> Any:
        return {"UnprocessedItems": request["RequestItems"]}

    nodetodo.client = Faulty(nodetodo.client, batch_write_item=first(1, all_come_back))
    requests = sent(nodetodo, "user-rm", "emma", "--with-tasks")
    assert [operation for operation, _ in requests] == ["DeleteItem", "Query", "BatchWriteItem", "BatchWriteItem"]
    check(entries, requests)


@on_embedded_and_dynamodb_local
def test_adding_a_missing_index_is_in_the_plan(bare: Program) -> None:
    bare.good("table-add")
    entries = planned(bare, "table-add")
    table = bare.env["NODETODO_TABLE_PREFIX"] + "task"
    bare.client.delete_table(TableName=table)
    definition = next(one for one in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]) if one.name == table)
    bare.client.create_table(**definition.create)
    requests = sent(bare, "table-add")
    assert "UpdateTable" in [operation for operation, _ in requests]
    check(entries, requests)


@on_embedded
def test_a_lost_response_causes_no_request_outside_the_plan(nodetodo: Program) -> None:
    entries = planned(nodetodo, "user-add", "emma", "emma@example.org", "+491701234")
    nodetodo.client = Faulty(nodetodo.client, put_item=response_lost_and_retried)
    check(entries, sent(nodetodo, "user-add", "emma", "emma@example.org", "+491701234"))


@pytest.mark.parametrize("target", ["local", "aws", "http://127.0.0.1:1"])
def test_explain_opens_no_socket_and_no_file(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket or a file was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("sqlite3.connect", refuse)
    program = Program(None, target=target)
    program.env |= {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    cases = USUAL if target == "local" else USUAL[:3]
    # The text and the JSON of a command are written from the same plan.
    for case, options in [*itertools.product(cases, [[]]), *itertools.product(USUAL[:3], [["--json"]])]:
        result = program(*(word for word in arguments(case) if word != "--yes"), "--explain", *options)
        assert (result.status, result.err) == (0, ""), result
        assert result.out
    assert not list(tmp_path.iterdir())


def test_wrong_usage_is_reported_with_explain_too() -> None:
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


def test_explain_prints_the_confirmation_and_does_not_request_it() -> None:
    result = Program(None, target="local")("table-rm", "--explain")
    assert (result.status, result.err) == (0, "")
    text = " ".join(result.out.split())
    assert "the command first requests a confirmation: Delete todo-user and todo-task from local, with all" in text


def test_the_json_has_every_property_of_a_request() -> None:
    program = Program(None)
    (query, get) = planned(program, "task-ls", "emma", "shopping")
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
        "repeats": ["if another page exists: it is read with Limit 100, 200 … 5,000 until 10 rows are found"],
        "endings": [],
        "skips": [],
        "each": None,
        "times": 1,
        "examples": [],
        "units": [{"table": "todo-task", "index": None, "read": [0.5, 178], "usual": 0.5}],
    }
    assert get["endings"] == [{"when": "the item does not exist", "message": "user emma does not exist", "status": 3}]
    assert (get["operation"], get["after"], get["when"]) == ("GetItem", "1", "nothing is found")


@pytest.mark.parametrize(
    ("options", "skips"),
    [
        (["--no-stream"], {"the table has no stream": ["3", "4"]}),
        (["--stream"], {"the table has a stream": ["3", "4"]}),
        (["--no-protect"], {"the table has no deletion protection": ["5", "6"]}),
        (
            ["--no-protect", "--no-stream"],
            {
                "the table has neither deletion protection nor a stream": ["5", "6", "7", "8"],
                "the table has deletion protection": ["7", "8"],
                "the table has a stream": ["5", "6"],
            },
        ),
        (["--class=standard"], {}),
    ],
)
def test_a_setting_usually_differs_from_its_new_value_and_the_other_case_is_named(
    options: list[str], skips: dict[str, list[str]]
) -> None:
    entries = planned(Program(None), "table-edit", *options)
    (of_tasks,) = (entry["skips"] for entry in entries if entry["number"] == "2")
    assert {skip["when"]: skip["requests"] for skip in of_tasks} == skips
    last = max((int(number) for numbers in skips.values() for number in numbers), default=2)
    assert [entry["number"] for entry in entries] == [str(number) for number in range(1, last + 1)]


@pytest.mark.parametrize("option", ["--stream", "--no-stream", "--protect"])
def test_table_edit_waits_after_each_change_until_the_table_is_active(option: str) -> None:
    last = planned(Program(None), "table-edit", option)[-1]
    assert last["operation"] == "DescribeTable"
    assert last["repeats"] == ["if the table is not ACTIVE yet: retried after a pause"]
