"""What holds for single tasks, on every engine."""

import pytest

from ..program import NOON, Program, at

NOW = int(NOON.timestamp() * 1000)


@pytest.fixture
def emma(nodetodo: Program) -> Program:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    return nodetodo


def test_a_task_is_added_under_the_current_millisecond_and_shown(emma: Program) -> None:
    assert emma("task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow") == (
        0,
        f"task added with tid {NOW}\n",
        "",
    )
    assert emma("task", "emma", str(NOW)).out.splitlines() == [
        "uid          emma",
        f"tid          {NOW}",
        "description  buy milk",
        "created      2026-11-23",
        "due          2026-11-24",
        "category     shopping",
        "completed    -",
    ]
    assert emma("task", "emma", str(NOW), "--json").json == {
        "uid": "emma",
        "tid": NOW,
        "description": "buy milk",
        "created": 20261123,
        "due": 20261124,
        "category": "shopping",
        "completed": None,
    }


def test_a_task_is_added_as_json(emma: Program) -> None:
    added = emma("task-add", "emma", "x", "--json").json
    assert added == emma("task", "emma", str(NOW), "--json").json
    assert added["category"] is None
    assert added["due"] is None


def test_the_day_is_the_users_own(emma: Program) -> None:
    emma.now = at(2026, 12, 31, 23)
    assert emma("task-add", "emma", "x", "--json").json["created"] == 20261231


def test_tasks_of_one_millisecond_take_the_next_free_tids(emma: Program) -> None:
    assert [emma.tid("task-add", "emma", "x") for _ in range(3)] == [str(NOW), str(NOW + 1), str(NOW + 2)]
    emma.good("task-rm", "emma", str(NOW + 1))
    assert emma.tid("task-add", "emma", "x") == str(NOW + 1)
    assert emma.tid("task-add", "emma", "x") == str(NOW + 3)


def test_another_users_tid_is_free(emma: Program) -> None:
    emma.good("user-add", "john", "john@example.org", "123")
    assert emma.tid("task-add", "emma", "x") == emma.tid("task-add", "john", "x") == str(NOW)


def test_more_taken_tids_than_one_look_shows_are_passed(emma: Program) -> None:
    for _ in range(102):
        emma.good("task-add", "emma", "x")
    assert emma.tid("task-add", "emma", "x") == str(NOW + 102)


def test_a_task_is_completed_once_and_keeps_the_first_date(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    assert emma("task-done", "emma", tid) == (0, f"task completed with tid {tid}\n", "")
    emma.now = at(2026, 12, 24)
    assert emma("task-done", "emma", tid) == (0, f"task {tid} was already completed on 2026-11-23\n", "")
    assert emma("task-done", "emma", tid, "--json").json["completed"] == 20261123


def test_a_completed_task_is_reopened(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    assert emma("task-reopen", "emma", tid) == (0, f"task {tid} was not completed\n", "")
    emma.good("task-done", "emma", tid)
    assert emma("task-reopen", "emma", tid) == (0, f"task reopened with tid {tid}\n", "")
    assert emma("task", "emma", tid, "--json").json["completed"] is None


def test_an_unknown_task_is_not_found_and_not_created(emma: Program) -> None:
    for argv in (["task"], ["task-done"], ["task-reopen"], ["task-rm"], ["task-edit", "--category=x"]):
        command, *options = argv
        result = emma(command, "emma", "4711", *options)
        assert result == (3, "", "nodetodo: emma has no task with tid 4711\n"), argv
    assert emma("task-ls", "emma").out == "no tasks\n"


def test_an_edit_changes_what_is_named_and_nothing_else(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "buy milk", "shopping", "--dueat=20261124")
    before = emma("task", "emma", tid, "--json").json
    assert emma("task-edit", "emma", tid, "--description=buy bread") == (0, f"task changed with tid {tid}\n", "")
    assert emma("task", "emma", tid, "--json").json == before | {"description": "buy bread"}
    edited = emma("task-edit", "emma", tid, "--category=home", "--no-dueat", "--json").json
    assert edited == before | {"description": "buy bread", "category": "home", "due": None}
    edited = emma("task-edit", "emma", tid, "--no-category", "--dueat=+1d", "--json").json
    assert edited == before | {"description": "buy bread", "category": None, "due": 20261124}
    assert emma("task-la", "home").out == emma("task-la", "shopping").out == "no tasks\n"


def test_an_edit_that_names_nothing_is_wrong_usage(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    assert emma("task-edit", "emma", tid).status == 2


def test_an_attribute_is_removed_that_was_not_there(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    assert emma("task-edit", "emma", tid, "--no-dueat", "--no-category").status == 0


def test_a_task_is_removed(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x", "c")
    assert emma("task-rm", "emma", tid) == (0, f"task removed with tid {tid}\n", "")
    assert emma("task", "emma", tid).status == 3
    assert emma("task-la", "c").out == "no tasks\n"


def test_texts_of_every_kind_come_back_as_they_were(emma: Program) -> None:
    for text in ("-milk", "--", "日本語 👨‍👩‍👧", "line\nline\ttab", "'\"\\", "#uid :uid", " spaces ", "\x1b[31mred"):
        tid = emma.tid("task-add", "emma", "--", text, text)
        task = emma("task", "emma", tid, "--json").json
        assert (task["description"], task["category"]) == (text, text)
        assert [task["description"] for task in emma("task-la", "--json", "--", text).json["tasks"]] == [text]


def test_keys_over_their_bytes_are_refused_before_sending(emma: Program) -> None:
    assert emma("task-add", "emma", "x", "c" * 2048).status == 0
    assert emma("task-add", "emma", "x", "c" * 2049).status == 2
    assert emma("task-add", "emma", "x", "ü" * 1025).status == 2


def test_the_largest_item_that_dynamodb_keeps_is_kept_and_a_larger_one_refused_before_sending(
    emma: Program, engine: str
) -> None:
    # A tid of 13 digits has 8 bytes, a day has 5. One without zeros at its end, because DynamoDB Local counts them.
    emma.now = NOON.replace(microsecond=1000)
    others = len("uid" + "emma" + "tid" + "created" + "description") + 8 + 5
    assert emma("task-add", "emma", "d" * (409_600 - others + 1)).status == 2
    if engine == "moto":
        pytest.skip("moto counts the bytes of an item otherwise")
    assert emma("task-add", "emma", "d" * (409_600 - others)).status == 0
