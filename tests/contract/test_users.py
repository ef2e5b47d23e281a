"""The commands on users, on every engine."""

import pytest

from ..program import EMMA, Program


def test_a_new_user_is_added_and_shown(nodetodo: Program) -> None:
    assert nodetodo("user-add", *EMMA) == (0, "user added with uid emma\n", "")
    assert nodetodo("user", "emma").out.splitlines() == [
        "uid          emma",
        "email        emma@example.org",
        "phone        +491701234",
    ]
    assert nodetodo("user", "emma", "--json").json == {
        "uid": "emma",
        "email": "emma@example.org",
        "phone": "+491701234",
    }


def test_adding_an_identical_user_again_succeeds_and_another_user_with_that_uid_is_a_conflict(
    nodetodo: Program,
) -> None:
    nodetodo.good("user-add", *EMMA)
    assert nodetodo("user-add", *EMMA) == (0, "user emma already exists with these values\n", "")
    result = nodetodo("user-add", "emma", "other@example.org", "+491701234")
    assert (result.status, result.out) == (4, "")
    assert nodetodo("user", "emma", "--json").json["email"] == "emma@example.org"


def test_email_and_phone_are_stored_as_typed(nodetodo: Program) -> None:
    nodetodo.good("user-add", "ü", " Ü.M@exämple.org ", " (0) 170/12-34 ")
    assert nodetodo("user", "ü", "--json").json == {
        "uid": "ü",
        "email": " Ü.M@exämple.org ",
        "phone": " (0) 170/12-34 ",
    }


def test_an_unknown_user_is_not_found(nodetodo: Program) -> None:
    for argv in (
        ["user", "nobody"],
        ["user-edit", "nobody", "--phone=123"],
        ["user-rm", "nobody"],
        ["user-rm", "nobody", "--with-tasks"],
        ["task-ls", "nobody"],
        ["task-add", "nobody", "x"],
    ):
        assert nodetodo(*argv) == (3, "", "nodetodo: user nobody does not exist\n"), argv
    assert nodetodo("user-ls", "--json").json["users"] == []


def test_an_edit_changes_only_the_given_attributes(nodetodo: Program) -> None:
    nodetodo.good("user-add", *EMMA)
    edited = nodetodo("user-edit", "emma", "--email=e@x.org", "--json")
    assert edited.json == {"uid": "emma", "email": "e@x.org", "phone": "+491701234"}
    assert nodetodo("user-edit", "emma", "--phone=999") == (0, "user changed with uid emma\n", "")
    assert nodetodo("user", "emma", "--json").json == {"uid": "emma", "email": "e@x.org", "phone": "999"}


def test_an_edit_without_attributes_is_wrong_usage(nodetodo: Program) -> None:
    nodetodo.good("user-add", *EMMA)
    assert nodetodo("user-edit", "emma").status == 2


def test_a_user_without_tasks_is_removed(nodetodo: Program) -> None:
    nodetodo.good("user-add", *EMMA)
    assert nodetodo("user-rm", "emma") == (0, "user removed with uid emma\n", "")
    assert nodetodo("user-rm", "emma").status == 3


@pytest.mark.parametrize(
    ("count", "message"), [(1, "emma has 1 task;"), (10, "has 10 tasks;"), (11, "at least 10 tasks;")]
)
def test_a_user_with_tasks_is_not_removed_and_their_number_is_reported(
    nodetodo: Program, count: int, message: str
) -> None:
    nodetodo.good("user-add", *EMMA)
    for _ in range(count):
        nodetodo.good("task-add", "emma", "x")
    result = nodetodo("user-rm", "emma")
    assert result.status == 4
    # With exactly 10 tasks, the engine may return LastEvaluatedKey. Then the message has "at least".
    assert message in result.err.replace("has at least 10 tasks" if count == 10 else "\0", "has 10 tasks")
    assert nodetodo("user", "emma").status == 0


@pytest.mark.parametrize("count", [0, 1, 60])
def test_a_user_is_removed_with_all_tasks_and_no_tasks_of_others(nodetodo: Program, count: int) -> None:
    nodetodo.good("user-add", *EMMA)
    nodetodo.good("user-add", "emm", "emm@example.org", "123")
    kept = nodetodo.tid("task-add", "emm", "stays", "c")
    nodetodo.store_tasks(range(count), category="c")
    tasks = "1 task" if count == 1 else f"{count} tasks"
    assert nodetodo("user-rm", "emma", "--with-tasks") == (0, f"user removed with uid emma, and {tasks}\n", "")
    assert nodetodo("task-ls", "emma").status == 3
    assert [str(task["tid"]) for task in nodetodo("task-la", "c", "--json").json["tasks"]] == [kept]


def test_user_rm_with_json_prints_the_user_and_the_number_of_tasks_on_standard_error(nodetodo: Program) -> None:
    nodetodo.good("user-add", *EMMA)
    nodetodo.good("task-add", "emma", "x")
    removed = nodetodo("user-rm", "emma", "--with-tasks", "--json")
    assert removed.json == {"uid": "emma", "email": "emma@example.org", "phone": "+491701234"}
    assert removed.err == "1 task removed\n"


def test_the_pages_of_user_ls_together_contain_every_user_once(nodetodo: Program) -> None:
    uids = {f"user{number}" for number in range(7)}
    for uid in uids:
        nodetodo.good("user-add", uid, "a@b", "123")
    seen: list[str] = []
    cursor: list[str] = []
    while True:
        page = nodetodo.good("user-ls", "--limit=3", "--json", *cursor).json
        seen += [user["uid"] for user in page["users"]]
        if page["next"] is None:
            break
        assert len(page["users"]) == 3
        cursor = [f"--next={page['next']}"]
    assert sorted(seen) == sorted(uids)
    everyone = nodetodo.good("user-ls", "--all", "--json").json
    assert sorted(user["uid"] for user in everyone["users"]) == sorted(uids)
    assert everyone["next"] is None


def test_users_are_listed_in_aligned_columns_with_their_number(nodetodo: Program) -> None:
    assert nodetodo("user-ls").out == "no users\n"
    nodetodo.good("user-add", *EMMA)
    assert nodetodo("user-ls").out == "UID   EMAIL             PHONE\nemma  emma@example.org  +491701234\n1 user\n"
