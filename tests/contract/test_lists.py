"""The lists of tasks, on every engine."""

from datetime import timedelta
from itertools import chain

import pytest

from ..program import NOON, Program

NOW = int(NOON.timestamp() * 1000)


def add(nodetodo: Program, description: str, *options: str, done: bool = False, uid: str = "emma") -> None:
    tid = nodetodo.tid("task-add", uid, description, *options)
    if done:
        nodetodo.good("task-done", uid, tid)


def shown(nodetodo: Program, *argv: str) -> list[str]:
    return [task["description"] for task in nodetodo.good(*argv, "--json").json["tasks"]]


def pages(nodetodo: Program, *argv: str) -> list[list[str]]:
    """Return the descriptions on each page of a list, following --next to the end."""
    found: list[list[str]] = []
    cursor: list[str] = []
    while True:
        page = nodetodo.good(*argv, *cursor, "--json").json
        found.append([task["description"] for task in page["tasks"]])
        if page["next"] is None:
            return found
        cursor = [f"--next={page['next']}"]


def fill(nodetodo: Program) -> None:
    for due, done in [("-2", False), ("-1", True), ("0", False), ("1", False), ("3", True), ("", False), ("", True)]:
        day = (NOON + timedelta(int(due))).strftime("--dueat=%Y%m%d") if due else ""
        add(nodetodo, f"due {due or 'never'}{' done' if done else ''}", "c", *([day] if day else []), done=done)


FILTERS = [
    (["--overdue"], ["due -2", "due -1 done"]),
    (["--overdue", "--pending"], ["due -2"]),
    (["--due"], ["due 0"]),
    (["--withoutdue"], ["due never", "due never done"]),
    (["--futuredue"], ["due 1", "due 3 done"]),
    (["--futuredue", "--completed"], ["due 3 done"]),
    (["--dueafter=yesterday"], ["due 0", "due 1", "due 3 done"]),
    (["--duebefore=+3d"], ["due -2", "due -1 done", "due 0", "due 1"]),
    (["--dueafter=yesterday", "--duebefore=+3d"], ["due 0", "due 1"]),
    (["--contains=never"], ["due never", "due never done"]),
    (["--contains=Never"], []),
    (["--contains=due", "--dueafter=today", "--duebefore=+3d", "--pending"], ["due 1"]),
    (["--pending"], ["due -2", "due 0", "due 1", "due never"]),
    (["--completed"], ["due -1 done", "due 3 done", "due never done"]),
    ([], ["due -2", "due -1 done", "due 0", "due 1", "due 3 done", "due never", "due never done"]),
]


every_list = pytest.mark.parametrize(
    "of", [["task-ls", "emma"], ["task-ls", "emma", "--pending"], ["task-la", "c"], ["user-ls"]]
)


@every_list
def test_a_limit_of_any_size_lists_everything(emma: Program, of: list[str]) -> None:
    add(emma, "x", "c")
    for limit in ("99999999999", "9" * 18):
        assert "\n1 " in emma.good(*of, f"--limit={limit}", "--cost").out
    for limit in ("1" + "0" * 18, "9" * 5000):
        result = emma(*of, f"--limit={limit}")
        assert (result.status, result.out) == (2, "")
        assert result.err.endswith("it takes a whole number from 1 to 999,999,999,999,999,999\n")


@every_list
def test_a_limit_of_any_size_is_explained(of: list[str]) -> None:
    Program(None).good(*of, f"--limit={'9' * 18}", "--explain")


@pytest.mark.parametrize("of", [["task-ls", "emma"], ["task-la", "c"], ["task-ls", "emma", "c"]])
def test_each_filter_selects_its_tasks(emma: Program, of: list[str]) -> None:
    fill(emma)
    for options, expected in FILTERS:
        assert shown(emma, *of, *options) == expected, options


def test_limit_counts_the_rows_after_the_filter(emma: Program) -> None:
    emma.store_tasks((tid for tid in range(120) if tid % 40 != 39), category="d")
    emma.store_tasks((39, 79, 119), category="c")
    assert pages(emma, "task-ls", "emma", "c", "--limit=2")[:2] == [["39", "79"], ["119"]]
    assert shown(emma, "task-ls", "emma", "c", "--limit=3") == ["39", "79", "119"]
    assert emma("task-ls", "emma", "c", "--limit=4").out.endswith("3 tasks\n")


def test_a_page_has_ten_rows_by_default_and_the_cursor_of_the_next_page(emma: Program) -> None:
    for number in range(11):
        add(emma, f"{number}")
    lines = emma("task-ls", "emma").out.splitlines()
    assert len(lines) == 1 + 10 + 2
    assert lines[-2] == "10 tasks"
    more, cursor = lines[-1].split("=")
    assert more == "more tasks available with --next"
    assert shown(emma, "task-ls", "emma", f"--next={cursor}") == ["10"]


def test_a_full_last_page_has_no_cursor(emma: Program) -> None:
    for number in range(10):
        add(emma, f"{number}", "c")
    for argv in (
        ["task-ls", "emma"],
        ["task-la", "c"],
        ["task-ls", "emma", "--pending"],
        ["task-la", "c", "--pending"],
    ):
        assert emma(*argv).out.endswith("\n10 tasks\n"), argv
        assert emma(*argv, "--json").json["next"] is None


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8])
def test_the_pages_together_contain_every_task_once(emma: Program, limit: int) -> None:
    fill(emma)
    for of in (["task-ls", "emma"], ["task-la", "c"]):
        for options, expected in FILTERS:
            found = pages(emma, *of, *options, f"--limit={limit}")
            assert list(chain(*found)) == expected
            assert all(len(page) == limit for page in found[:-1])


@pytest.mark.parametrize("limit", [1, 2, 3, 8])
def test_newest_lists_the_same_tasks_in_the_opposite_order(emma: Program, limit: int) -> None:
    fill(emma)
    for of in (["task-ls", "emma"], ["task-la", "c"]):
        for options, expected in FILTERS:
            found = pages(emma, *of, *options, "--newest", f"--limit={limit}")
            assert list(chain(*found)) == expected[::-1]
            assert all(len(page) == limit for page in found[:-1])


@pytest.mark.parametrize("limit", [1, 2, 3, 8])
def test_by_due_lists_the_tasks_with_a_due_date_in_its_order(emma: Program, limit: int) -> None:
    for due in ("+3d", "today", "", "yesterday", "+1d", "today", "+3d", "today", ""):
        add(emma, due or "without", "c", *([f"--dueat={due}"] if due else []))
    emma.good("index-add", "due-index")
    in_order = ["yesterday", "today", "today", "today", "+1d", "+3d", "+3d"]
    for options, expected in (
        ([], in_order),
        (["c", "--pending"], in_order),
        (["--contains=y"], in_order[:4]),
        (["--due"], in_order[1:4]),
        (["--overdue"], in_order[:1]),
        (["--futuredue"], in_order[4:]),
        (["--dueafter=yesterday"], in_order[1:]),
        (["--duebefore=tomorrow"], in_order[:4]),
        (["--dueafter=yesterday", "--duebefore=+2d"], in_order[1:5]),
        (["d"], []),
    ):
        found = pages(emma, "task-ls", "emma", "--by-due", *options, f"--limit={limit}")
        assert list(chain(*found)) == expected, options
        assert all(len(page) == limit for page in found[:-1])


def test_by_due_excludes_a_list_of_tasks_without_a_due_date(emma: Program) -> None:
    result = emma("task-ls", "emma", "--by-due", "--withoutdue")
    assert (result.status, result.out) == (2, "")
    assert emma("task-ls", "emma", "--by-due", "--newest").status == 2


def test_newest_continues_with_the_tasks_before_a_tid(emma: Program) -> None:
    for number in range(4):
        add(emma, f"{number}", "c")
    assert shown(emma, "task-ls", "emma", "--newest", f"--next={NOW + 2}") == ["1", "0"]
    assert shown(emma, "task-la", "c", "--newest", f"--next={NOW + 2}") == ["1", "0"]


def test_bounds_with_no_day_between_them_are_rejected(emma: Program) -> None:
    for bounds in (["today", "tomorrow"], ["today", "today"], ["+3d", "today"], ["2026-11-30", "2026-12-01"]):
        result = emma("task-ls", "emma", f"--dueafter={bounds[0]}", f"--duebefore={bounds[1]}")
        assert (result.status, result.out) == (2, "")
        assert "no day is after" in result.err


def test_contains_takes_any_text_but_an_empty_one(emma: Program) -> None:
    for description in ("100 %", "it's", 'a "b"', "grün", "-x"):
        emma.good("task-add", "emma", "--", description)
    for part in ("%", "'", '"b', "ü", "-x"):
        assert [part in description for description in shown(emma, "task-ls", "emma", f"--contains={part}")] == [True]
    assert emma("task-ls", "emma", "--contains=").status == 2


def test_tasks_with_equal_category_and_tid_are_listed_exactly_once(nodetodo: Program) -> None:
    for uid in ("anna", "ben", "chris", "dora", "emma"):
        nodetodo.good("user-add", uid, "a@b", "123")
        add(nodetodo, uid, "c", uid=uid)
    for limit in (1, 2, 3):
        found = pages(nodetodo, "task-la", "c", f"--limit={limit}")
        assert sorted(chain(*found)) == ["anna", "ben", "chris", "dora", "emma"]


def test_a_list_continues_after_a_tid(emma: Program) -> None:
    for number in range(4):
        add(emma, f"{number}", "c")
    assert shown(emma, "task-ls", "emma", f"--next={NOW + 1}") == ["2", "3"]
    assert shown(emma, "task-la", "c", f"--next={NOW + 1}") == ["2", "3"]
    assert shown(emma, "task-ls", "emma", "--next=0", "--limit=1") == ["0"]


def test_a_cursor_of_another_list_is_rejected(emma: Program) -> None:
    emma.good("user-add", "john", "j@example.org", "123")
    add(emma, "1", "c")
    add(emma, "2", "c")
    of_emma = emma("task-ls", "emma", "--limit=1", "--json").json["next"]
    of_category = emma("task-la", "c", "--limit=1", "--json").json["next"]
    of_users = emma("user-ls", "--limit=1", "--json").json["next"]
    newest = emma("task-ls", "emma", "--newest", "--limit=1", "--json").json["next"]
    for argv in (
        ["task-ls", "john", f"--next={of_emma}"],
        ["task-la", "c", f"--next={of_emma}"],
        ["user-ls", f"--next={of_emma}"],
        ["task-la", "d", f"--next={of_category}"],
        ["task-ls", "emma", f"--next={of_category}"],
        ["task-ls", "emma", f"--next={of_users}"],
        ["task-ls", "emma", f"--next={newest}"],
        ["task-ls", "emma", "--newest", f"--next={of_emma}"],
        ["task-la", "c", "--newest", f"--next={of_category}"],
        ["task-ls", "emma", "--by-due", f"--next={of_emma}"],
        ["task-ls", "emma", "--by-due", "--next=1526650262330"],
        ["user-ls", "--next="],
        ["task-ls", "emma", "--next=nonsense"],
        ["task-ls", "emma", "--next="],
    ):
        result = emma(*argv)
        assert (result.status, result.out) == (2, ""), argv


def test_all_lists_every_task(emma: Program) -> None:
    for number in range(25):
        add(emma, f"{number}")
    assert shown(emma, "task-ls", "emma", "--all") == [f"{number}" for number in range(25)]
    assert shown(emma, "task-ls", "emma", "--all", f"--next={NOW + 19}") == ["20", "21", "22", "23", "24"]
    assert emma("task-ls", "emma", "--all").out.endswith("\n25 tasks\n")


def test_an_existing_user_without_tasks_has_an_empty_list_and_an_unknown_user_is_not_found(emma: Program) -> None:
    assert emma("task-ls", "emma") == (0, "no tasks\n", "")
    assert emma("task-ls", "emma", "--json").json == {"tasks": [], "next": None}
    assert emma("task-ls", "emma", "c", "--overdue").status == 0
    assert emma("task-la", "c") == (0, "no tasks\n", "")
    for options in ([], ["--json"], ["c"], ["--all"]):
        result = emma("task-ls", "nobody", *options)
        assert (result.status, result.out) == (3, "")


def test_a_list_that_is_empty_after_the_filter_is_no_error(emma: Program) -> None:
    add(emma, "x")
    assert emma("task-ls", "emma", "--overdue") == (0, "no tasks\n", "")


def test_categories_are_case_sensitive(emma: Program) -> None:
    add(emma, "x", "Shopping")
    assert shown(emma, "task-la", "shopping") == shown(emma, "task-ls", "emma", "shopping") == []
    assert shown(emma, "task-la", "Shopping") == shown(emma, "task-ls", "emma", "Shopping") == ["x"]
