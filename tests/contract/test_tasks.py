"""The commands on single tasks, on every engine."""

import pytest

from ..program import NOON, Program, at

NOW = int(NOON.timestamp() * 1000)


def test_a_task_is_added_under_the_current_millisecond_and_shown(emma: Program) -> None:
    assert emma("task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow") == (
        0,
        f'task added with tid {NOW}: "buy milk" in category "shopping", due 2026-11-24\n',
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


def test_the_response_of_task_add_shows_the_stored_task_in_one_line(emma: Program) -> None:
    added = f"task added with tid {NOW}: "
    for argv, shown in (
        (["buy", "milk"], '"buy" in category "milk"'),  # words without quotes
        (["buy milk"], '"buy milk"'),
        (["x", "--dueat=today"], '"x", due 2026-11-23'),
        (["two\nlines", "\x1b[2J"], '"two\\nlines" in category "\\x1b[2J"'),
    ):
        assert emma("task-add", "emma", *argv) == (0, f"{added}{shown}\n", "")
        emma.good("task-rm", "emma", str(NOW))


def test_a_task_is_added_as_json(emma: Program) -> None:
    added = emma("task-add", "emma", "x", "--json").json
    assert added == emma("task", "emma", str(NOW), "--json").json
    assert added["category"] is None
    assert added["due"] is None


def test_the_day_of_creation_is_that_of_the_users_time_zone(emma: Program) -> None:
    emma.now = at(2026, 12, 31, 23)
    assert emma("task-add", "emma", "x", "--json").json["created"] == 20261231


def test_tasks_of_one_millisecond_take_the_next_free_tids(emma: Program) -> None:
    assert [emma.tid("task-add", "emma", "x") for _ in range(3)] == [str(NOW), str(NOW + 1), str(NOW + 2)]
    emma.good("task-rm", "emma", str(NOW + 1))
    assert emma.tid("task-add", "emma", "x") == str(NOW + 1)
    assert emma.tid("task-add", "emma", "x") == str(NOW + 3)


def test_two_users_can_have_tasks_with_the_same_tid(emma: Program) -> None:
    emma.good("user-add", "john", "john@example.org", "123")
    assert emma.tid("task-add", "emma", "x") == emma.tid("task-add", "john", "x") == str(NOW)


def test_a_free_tid_is_found_after_more_taken_tids_than_one_page_holds(emma: Program) -> None:
    emma.store_tasks(range(NOW, NOW + 102))
    assert emma.tid("task-add", "emma", "x") == str(NOW + 102)


def test_a_task_is_completed_once_and_keeps_the_first_day(emma: Program) -> None:
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
        assert result == (3, "", "nodetodo: user emma has no task whose tid ends with 4711\n"), argv
        result = emma(command, "emma", "1526650262330", *options)
        assert result == (3, "", "nodetodo: user emma has no task with tid 1526650262330\n"), argv
    assert emma("task-ls", "emma").out == "no tasks\n"


def test_an_incomplete_item_of_another_program_is_listed_and_shown(emma: Program) -> None:
    emma.client.put_item(
        TableName=f"{emma.env['NODETODO_TABLE_PREFIX']}task",
        Item={"uid": {"S": "emma"}, "tid": {"N": "4711"}, "due": {"N": "20251399"}, "completed": {"N": "20261123"}},
    )
    assert emma("task-ls", "emma").out.splitlines()[1].split() == [
        "4711",
        "20251399",
        "(not",
        "a",
        "date)",
        "2026-11-23",
    ]
    shown = emma("task", "emma", "4711", "--json").json
    assert shown["description"] is shown["created"] is None


@pytest.mark.parametrize("day", ["20251399", "20260230", "4/7", "someday", ""])
def test_an_invalid_day_is_rejected_and_no_task_is_added(emma: Program, day: str) -> None:
    rejected = emma("task-add", "emma", "x", f"--dueat={day}")
    assert rejected.status == 2
    assert "--dueat" in rejected.err
    assert repr(day) in rejected.err
    assert emma("task-ls", "emma").out == "no tasks\n"


def test_an_empty_category_is_rejected(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    for argv in (
        ["task-add", "emma", "x", ""],
        ["task-la", ""],
        ["task-ls", "emma", ""],
        ["task-edit", "emma", tid, "--category="],
    ):
        assert emma(*argv) == (2, "", "nodetodo: the category is empty\n"), argv


def test_arguments_after_two_dashes_are_not_options(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "--", "-milk")
    task = emma("task", "emma", tid, "--json").json
    assert (task["description"], task["category"]) == ("-milk", None)
    tid = emma.tid("task-add", "--", "emma", "-milk", "-dairy")
    task = emma("task", "emma", tid, "--json").json
    assert (task["description"], task["category"]) == ("-milk", "-dairy")


def test_every_error_is_one_line_on_standard_error_and_an_exit_status(emma: Program) -> None:
    for status, argv in [
        (2, ["task-add", "emma", "x", "--dueat=soon"]),
        (2, ["task", "emma", "no-number"]),
        (3, ["task", "emma", "4711"]),
        (4, ["user-add", "emma", "other@example.org", "123"]),
    ]:
        result = emma(*argv)
        assert (result.status, result.out) == (status, "")
        assert result.err.startswith("nodetodo: ")
        assert result.err.count("\n") == 1


def test_an_edit_changes_only_the_given_attributes(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "buy milk", "shopping", "--dueat=20261124")
    before = emma("task", "emma", tid, "--json").json
    assert emma("task-edit", "emma", tid, "--description=buy bread") == (0, f"task changed with tid {tid}\n", "")
    assert emma("task", "emma", tid, "--json").json == before | {"description": "buy bread"}
    edited = emma("task-edit", "emma", tid, "--category=home", "--no-dueat", "--json").json
    assert edited == before | {"description": "buy bread", "category": "home", "due": None}
    edited = emma("task-edit", "emma", tid, "--no-category", "--dueat=+1d", "--json").json
    assert edited == before | {"description": "buy bread", "category": None, "due": 20261124}
    assert emma("task-la", "home").out == emma("task-la", "shopping").out == "no tasks\n"


def test_an_edit_without_attributes_is_wrong_usage(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    assert emma("task-edit", "emma", tid).status == 2


def test_removing_absent_attributes_succeeds(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    assert emma("task-edit", "emma", tid, "--no-dueat", "--no-category").status == 0


def test_a_task_is_removed(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x", "c")
    removed = emma("task-rm", "emma", tid)
    assert removed == (0, f"task removed with tid {tid}\nnodetodo task-add emma x c\n", "")
    assert emma("task", "emma", tid).status == 3
    assert emma("task-la", "c").out == "no tasks\n"


def test_texts_of_every_kind_are_read_as_they_were_written(emma: Program) -> None:
    for text in ("-milk", "--", "日本語 👨‍👩‍👧", "line\nline\ttab", "'\"\\", "#uid :uid", " spaces ", "\x1b[31mred"):
        tid = emma.tid("task-add", "emma", "--", text, text)
        task = emma("task", "emma", tid, "--json").json
        assert (task["description"], task["category"]) == (text, text)
        assert [task["description"] for task in emma("task-la", "--json", "--", text).json["tasks"]] == [text]


def test_a_category_of_more_than_2048_bytes_is_rejected(emma: Program) -> None:
    assert emma("task-add", "emma", "x", "c" * 2048).status == 0
    assert emma("task-add", "emma", "x", "c" * 2049).status == 2
    assert emma("task-add", "emma", "x", "ü" * 1025).status == 2


def test_an_item_of_the_largest_size_is_stored_and_a_larger_one_is_rejected(emma: Program, engine: str) -> None:
    # A tid of 13 digits has 8 bytes, a day has 5. This tid has no zeros at its end, which DynamoDB Local counts too.
    emma.now = NOON.replace(microsecond=1000)
    others = len("uid" + "emma" + "tid" + "created" + "description") + 8 + 5
    assert emma("task-add", "emma", "d" * (409_600 - others + 1)).status == 2
    if engine == "moto":
        pytest.skip("moto counts the bytes of an item differently")
    assert emma("task-add", "emma", "d" * (409_600 - others)).status == 0
