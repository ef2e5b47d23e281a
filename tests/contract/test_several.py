"""Commands on several tasks, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from nodetodo.app import main

from .. import program as programs
from ..faults import Faulty, failing
from ..program import Program
from .test_names import NOW, add, sent

TIDS = [str(NOW), str(NOW + 1), str(NOW + 2)]


@pytest.fixture
def tasks(emma: Program) -> Program:
    """Return the program with three tasks of emma, with the tids TIDS."""
    for text in ("milk", "bread", "cake"):
        emma.good("task-add", "emma", text)
    return emma


def test_several_tasks_are_changed_in_order_with_one_request_and_one_line_each(tasks: Program) -> None:
    order = [TIDS[2], TIDS[0], TIDS[1]]
    done = tasks("task-done", "emma", *order)
    assert done == (0, "".join(f"task completed with tid {tid}\n" for tid in order), "")
    reopened = tasks("task-reopen", "emma", *order)
    assert reopened == (0, "".join(f"task reopened with tid {tid}\n" for tid in order), "")
    removing = sent(tasks, "task-rm", "emma", *order)
    assert [(name, request["Key"]["tid"]["N"]) for name, request in removing] == [("delete_item", tid) for tid in order]
    assert tasks("task-ls", "emma").out == "no tasks\n"


def test_a_failure_does_not_stop_the_others_and_the_first_one_determines_the_exit_status(tasks: Program) -> None:
    result = tasks("task-done", "emma", TIDS[0], "1", TIDS[1], "4711", "33", TIDS[2])
    assert result == (
        3,
        "".join(f"task completed with tid {tid}\n" for tid in TIDS),
        "nodetodo: user emma has no task with tid 1\n"
        "nodetodo: user emma has no task whose tid ends with 4711\n"
        "nodetodo: user emma has no task with tid 33\n",
    )
    add(tasks, "1526650000361", "1526650262361")
    ambiguous = tasks("task-done", "emma", "361", "1", TIDS[0])
    assert ambiguous.status == 2
    assert ambiguous.out == f"task {TIDS[0]} was already completed on 2026-11-23\n"
    assert [line.split()[0] for line in ambiguous.err.splitlines() if line] == [
        *("nodetodo:", "1526650000361", "1526650262361", "nodetodo:")
    ]
    assert tasks("task-done", "emma", "1", "361").status == 3


def test_the_same_tid_twice_is_two_requests(tasks: Program) -> None:
    assert tasks("task-done", "emma", TIDS[0], TIDS[0]).out.splitlines() == [
        f"task completed with tid {TIDS[0]}",
        f"task {TIDS[0]} was already completed on 2026-11-23",
    ]
    removed = tasks("task-rm", "emma", TIDS[0][-5:], TIDS[0])
    assert (removed.status, removed.err) == (3, f"nodetodo: user emma has no task with tid {TIDS[0]}\n")


def test_several_endings_read_the_keys_once(tasks: Program) -> None:
    endings = [TIDS[1][-3:], TIDS[2], TIDS[0][-4:]]
    requests = sent(tasks, "task-done", "emma", *endings)
    assert [name for name, _ in requests] == ["query", "update_item", "update_item", "update_item"]
    assert [request["Key"]["tid"]["N"] for _, request in requests[1:]] == [TIDS[1], TIDS[2], TIDS[0]]


def test_json_of_one_tid_is_the_task_and_of_several_all_tasks_and_errors(tasks: Program) -> None:
    one = tasks("task-done", "emma", TIDS[0], "--json").json
    assert one == tasks("task", "emma", TIDS[0], "--json").json
    result = tasks("task-done", "emma", TIDS[1], "061", TIDS[2][-4:], "7", "--json")
    assert result.status == 3
    assert result.json == {
        "tasks": [tasks("task", "emma", tid, "--json").json for tid in TIDS[1:]],
        "errors": [
            {"tid": "061", "status": 3, "error": "user emma has no task whose tid ends with 061"},
            {"tid": 7, "status": 3, "error": "user emma has no task with tid 7"},
        ],
    }
    assert result.err == "".join(f"nodetodo: {error['error']}\n" for error in result.json["errors"])
    removed = tasks("task-rm", "emma", *TIDS, "--json").json
    assert [task["description"] for task in removed["tasks"]] == ["milk", "bread", "cake"]
    assert removed["errors"] == []


def second(fault: Callable[..., Any]) -> Callable[..., Any]:
    """Return the fault for the second call only."""
    calls = count(1)
    return lambda send, request: fault(send, request) if next(calls) == 2 else send(**request)


def test_an_unusable_database_stops_the_others_and_they_are_named(tasks: Program) -> None:
    real = tasks.client
    tasks.client = Faulty(real, update_item=second(failing(real, "RequestLimitExceeded")))
    stopped = tasks("task-done", "emma", TIDS[0], "1", *TIDS[1:])
    assert stopped.status == 5
    assert stopped.out == f"task completed with tid {TIDS[0]}\n"
    error, not_tried = stopped.err.splitlines()
    assert "still throttles" in error
    assert not_tried == f"nodetodo: not tried: {TIDS[1]}, {TIDS[2]}"
    assert len(tasks.client.sent) == 2
    tasks.client = Faulty(real, update_item=second(failing(real, "RequestLimitExceeded")))
    stopped = tasks("task-reopen", "emma", *TIDS, "--json")
    assert stopped.status == 5
    assert [task["tid"] for task in stopped.json["tasks"]] == [NOW]
    failed, untried = stopped.json["errors"]
    assert (failed["tid"], failed["status"], f"nodetodo: {failed['error']}") == (
        NOW + 1,
        5,
        stopped.err.splitlines()[0],
    )
    assert untried == {"tid": NOW + 2, "status": 5, "error": "not tried"}


def test_the_status_of_an_earlier_failure_stays_when_the_database_becomes_unusable(tasks: Program) -> None:
    real = tasks.client
    tasks.client = Faulty(real, update_item=second(failing(real, "RequestLimitExceeded")))
    stopped = tasks("task-done", "emma", "1", *TIDS)
    assert stopped.status == 3
    assert stopped.err.splitlines()[0] == "nodetodo: user emma has no task with tid 1"
    assert stopped.err.splitlines()[-1] == f"nodetodo: not tried: {TIDS[1]}, {TIDS[2]}"


def test_a_failed_read_of_the_keys_ends_the_command_before_any_change(tasks: Program) -> None:
    real = tasks.client
    tasks.client = Faulty(real, query=failing(real, "RequestLimitExceeded"))
    result = tasks("task-done", "emma", TIDS[0], "361")
    assert (result.status, result.out, result.err.count("\n")) == (5, "", 1)
    assert [name for name, _ in tasks.client.sent] == ["query"]


@pytest.fixture
def interruptible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return the exit status of __main__ after Ctrl-C."""

    def status(argv: list[str], environment: Any) -> int:
        try:
            return main(argv, environment)
        except KeyboardInterrupt:
            return 130

    monkeypatch.setattr(programs, "main", status)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_reports_the_changes_made_and_those_not_tried(tasks: Program) -> None:
    def interrupt(_send: Any, _request: Any) -> Any:
        raise KeyboardInterrupt

    real = tasks.client
    tasks.client = Faulty(real, update_item=second(interrupt))
    result = tasks("task-done", "emma", *TIDS)
    assert result == (
        130,
        f"task completed with tid {TIDS[0]}\n",
        f"nodetodo: interrupted; the change of task {TIDS[1]} may have been applied; check before you retry\n"
        f"nodetodo: not tried: {TIDS[2]}\n",
    )
    tasks.client = Faulty(real, update_item=second(interrupt))
    result = tasks("task-reopen", "emma", *TIDS, "--json")
    assert result.status == 130
    assert [task["tid"] for task in result.json["tasks"]] == [NOW]
    assert [error["tid"] for error in result.json["errors"]] == [NOW + 1, NOW + 2]


def test_the_cost_of_several_tasks_is_that_of_all_requests(tasks: Program) -> None:
    result = tasks("task-done", "emma", TIDS[0], "1", TIDS[1][-3:], "--cost")
    assert result.status == 3
    assert "nodetodo: user emma has no task with tid 1\ncost: 4 requests (Query, 3 UpdateItem)" in result.err
    cost = tasks("task-reopen", "emma", *TIDS, "--cost", "--json").json["cost"]
    assert cost["requests"] == {"UpdateItem": 3}
