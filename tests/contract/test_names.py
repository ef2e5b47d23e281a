"""The user's own uid, and the last digits of tids, on every engine."""

from __future__ import annotations

import pytest

from ..program import EMMA, Program

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
    assert nodetodo("task", "me", "1").err.endswith("; set NODETODO_USER to use me for your own uid\n")
    nodetodo.good("user-add", "me", *EMMA[1:])
    assert nodetodo("user", "me", "--json").json["uid"] == "me"


def test_an_unknown_user_in_the_variable_is_reported_by_uid(nodetodo: Program) -> None:
    assert nodetodo("user", "me", env={"NODETODO_USER": "luis"}).err == "nodetodo: user luis does not exist\n"
