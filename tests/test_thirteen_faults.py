"""The thirteen faults of the book's program, each a case that this one gets right, on every engine."""

import pytest

from nodetodo import dates

from .program import NOON, Program

NOW = int(NOON.timestamp() * 1000)


@pytest.fixture
def emma(nodetodo: Program) -> Program:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    return nodetodo


def test_1_a_limit_with_a_filter_shows_as_many_rows_as_asked_for(emma: Program) -> None:
    for number in range(30):
        due = "yesterday" if number >= 20 else "tomorrow"
        emma.good("task-add", "emma", f"task {number}", f"--dueat={due}")
    page = emma("task-ls", "emma", "--overdue", "--limit=5", "--json").json
    assert [task["description"] for task in page["tasks"]] == [f"task {number}" for number in range(20, 25)]
    assert emma("task-ls", "emma", "--overdue").out.endswith("\n10 tasks\n")


def test_2_two_tasks_of_one_category_and_one_tid_are_both_shown_at_a_page_border(nodetodo: Program) -> None:
    for uid in ("anna", "ben"):
        nodetodo.good("user-add", uid, "a@b", "123")
        nodetodo.good("task-add", uid, f"of {uid}", "shopping")
    first = nodetodo("task-la", "shopping", "--limit=1", "--json").json
    second = nodetodo("task-la", "shopping", "--limit=1", "--json", f"--next={first['next']}").json
    assert {task["uid"] for task in first["tasks"] + second["tasks"]} == {"anna", "ben"}
    assert second["next"] is None


def test_3_completing_an_unknown_task_creates_nothing_and_a_stub_breaks_no_list(emma: Program) -> None:
    assert emma("task-done", "emma", "4711").status == 3
    assert emma("task-ls", "emma").out == "no tasks\n"
    emma.client.put_item(  # what the book's program leaves behind
        TableName=f"{emma.env['NODETODO_TABLE_PREFIX']}task",
        Item={"uid": {"S": "emma"}, "tid": {"N": "4711"}, "completed": {"N": "20261123"}},
    )
    assert emma("task-ls", "emma").out.splitlines()[1].split() == ["4711", "2026-11-23"]
    stub = emma("task", "emma", "4711", "--json").json
    assert stub["description"] is stub["created"] is None


def test_4_completing_a_second_time_keeps_the_date_of_the_first(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    emma.good("task-done", "emma", tid)
    emma.now = NOON.replace(day=30)
    emma.good("task-done", "emma", tid)
    assert emma("task", "emma", tid, "--json").json["completed"] == 20261123


def test_5_removing_what_was_never_there_is_not_found(emma: Program) -> None:
    assert emma("task-rm", "emma", "4711").status == 3
    assert emma("user-rm", "nobody").status == 3


def test_6_no_task_outlives_its_user(emma: Program) -> None:
    emma.good("task-add", "emma", "x", "shopping")
    assert emma("user-rm", "emma").status == 4
    emma.good("user-rm", "emma", "--with-tasks")
    assert emma("task-la", "shopping").out == "no tasks\n"


def test_7_a_task_needs_a_user_who_exists(nodetodo: Program) -> None:
    assert nodetodo("task-add", "nobody", "x", "shopping").status == 3
    assert nodetodo("task-la", "shopping").out == "no tasks\n"


@pytest.mark.parametrize("day", ["20251399", "20260230", "4/7", "someday", ""])
def test_8_what_is_no_day_is_refused_in_a_sentence(emma: Program, day: str) -> None:
    refused = emma("task-add", "emma", "x", f"--dueat={day}")
    assert refused.status == 2
    assert refused.err.startswith(f"nodetodo: the value {day!r} of --dueat ")
    assert emma("task-ls", "emma").out == "no tasks\n"


def test_8_tomorrow_is_a_day(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x", "--dueat=tomorrow")
    assert emma("task", "emma", tid, "--json").json["due"] == 20261124


def test_8_a_day_that_cannot_be_and_that_the_book_s_program_stored_is_shown_as_it_is() -> None:
    assert dates.to_text(20251399) == "2025-13-99"


def test_9_an_empty_category_is_refused_in_a_sentence(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    for argv in (
        ["task-add", "emma", "x", ""],
        ["task-la", ""],
        ["task-ls", "emma", ""],
        ["task-edit", "emma", tid, "--category="],
    ):
        assert emma(*argv) == (2, "", "nodetodo: the category is empty\n"), argv


def test_10_two_tasks_of_one_millisecond_are_both_added(emma: Program) -> None:
    assert emma.tid("task-add", "emma", "one") != emma.tid("task-add", "emma", "two")
    assert emma("task-ls", "emma").out.endswith("\n2 tasks\n")


def test_11_every_failure_is_one_sentence_and_a_status(emma: Program) -> None:
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
    emma.env["NODETODO_TABLE_PREFIX"] = "nothing-here-"
    missing = emma("task-ls", "emma")
    assert missing.status == 5
    assert "nodetodo table-add --db=" in missing.err


def test_12_the_region_and_the_endpoint_are_the_users_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from nodetodo.engines import aws, targets

    from .program import environment

    for chosen, env, url in [
        ("aws", {"AWS_REGION": "eu-central-1"}, "https://dynamodb.eu-central-1.amazonaws.com"),
        ("aws", {"AWS_DEFAULT_REGION": "ap-south-1"}, "https://dynamodb.ap-south-1.amazonaws.com"),
        ("http://localhost:8000", {}, "http://localhost:8000"),
    ]:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            connection = aws.connect(targets.choose(chosen, os.environ), environment(os.environ))
        assert connection.meta.endpoint_url == url  # type: ignore[attr-defined]
        connection.close()


def test_13_what_follows_two_dashes_is_data_and_the_dashes_are_not(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "--", "-milk")
    task = emma("task", "emma", tid, "--json").json
    assert (task["description"], task["category"]) == ("-milk", None)
    tid = emma.tid("task-add", "--", "emma", "-milk", "-dairy")
    task = emma("task", "emma", tid, "--json").json
    assert (task["description"], task["category"]) == ("-milk", "-dairy")
