"""The candidates that the hidden command reads from the database, on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo.completion import stored

from ..program import KeptOpen, Program


@pytest.fixture(autouse=True)
def no_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine not decide about the results."""
    for name in ("LOCAL_SECONDS", "SERVER_SECONDS"):
        monkeypatch.setattr(stored, name, 60)


def complete(nodetodo: Program, *words: str, **env: str) -> list[str]:
    """Return the candidates for the last word, each with a tab and its description."""
    result = nodetodo("--complete", "fish", *words, env=env)
    assert (result.status, result.err) == (0, "")
    return result.out.splitlines()


def put(nodetodo: Program, table: str, **attributes: dict[str, Any]) -> None:
    """Store an item as another program may write it."""
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    nodetodo.client.put_item(TableName=f"{prefix}{table}", Item=attributes)


def test_uids_are_completed_with_emails(emma: Program) -> None:
    for command in ("user", "user-edit", "user-rm", "task-add", "task", "task-done", "task-ls"):
        assert complete(emma, command, "") == ["emma\temma@example.org"]
    assert complete(emma, "user-add", "") == []  # takes a new uid


def test_me_is_completed_and_means_the_uid_in_the_variable(emma: Program) -> None:
    emma.good("task-add", "emma", "buy milk", "shopping")
    assert complete(emma, "task-ls", "", NODETODO_USER="emma") == ["me\temma", "emma\temma@example.org"]
    assert complete(emma, "task-ls", "me", "", NODETODO_USER="emma") == ["shopping\t1 task"]
    assert complete(emma, "task-ls", "me", "") == []


def test_pending_tasks_are_before_completed_ones_and_newer_ones_before_older_ones(emma: Program) -> None:
    first, second, third = (emma.tid("task-add", "emma", text) for text in ("milk", "bread", "a\ttab\nand more"))
    emma.good("task-done", "emma", second)
    expected = [f"{third}\ta\\ttab\\nand more", f"{first}\tmilk", f"{second}\tbread (completed)"]
    for command in ("task", "task-done", "task-edit", "task-rm"):
        assert complete(emma, command, "emma", "") == expected
    assert complete(emma, "task-reopen", "emma", "") == [f"{second}\tbread (completed)"]
    assert complete(emma, "task-done", "luis", "") == []


def test_categories_of_the_user_are_completed_and_for_task_la_those_of_all_users(emma: Program) -> None:
    emma.good("user-add", "luis", "luis@example.org", "+491701235")
    for argv in (["emma", "milk", "shopping"], ["emma", "bread", "shopping"], ["emma", "x"], ["luis", "y", "work"]):
        emma.good("task-add", *argv)
    for words in (["task-ls", "emma"], ["task-add", "emma", "z"]):
        assert complete(emma, *words, "") == ["shopping\t2 tasks"]
    assert complete(emma, "task-edit", "emma", "1", "--category=") == ["--category=shopping\t2 tasks"]
    assert complete(emma, "task-edit", "emma", "1", "--category", "") == ["shopping\t2 tasks"]
    assert complete(emma, "task-la", "") == ["shopping\t2 tasks", "work\t1 task"]


def test_values_that_a_line_cannot_contain_are_left_out(nodetodo: Program) -> None:
    for uid in ("a\nb", "c\td", "e\u202ef", "-g", "h i"):
        put(nodetodo, "user", uid={"S": uid}, email={"N": "7"})
    assert complete(nodetodo, "user", "") == ["h i\t7"]
    assert sorted(complete(nodetodo, "user", "--", "")) == ["-g\t7", "h i\t7"]  # after -- it is no option


def test_stored_values_of_other_types_are_described_as_stored_or_left_out(emma: Program) -> None:
    put(emma, "task", uid={"S": "emma"}, tid={"N": "1.5"}, description={"L": []}, category={"S": "c"})
    put(emma, "task", uid={"S": "luis"}, tid={"N": "-1"}, category={"S": "d"})
    assert complete(emma, "task", "emma", "") == ["1.5\t[]"]
    assert complete(emma, "task", "luis", "") == []  # a negative tid would be an option
    assert complete(emma, "task", "--", "luis", "") == ["-1\t"]


def test_a_long_description_is_cut(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "咖" * 100)
    assert complete(emma, "task", "emma", "") == [f"{tid}\t{'咖' * 24}…"]


class Counting:
    """A client that records the requests that it sends."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name not in ("query", "scan", "get_item", "describe_table"):
            return member

        def send(**request: Any) -> Any:
            self.sent.append((name, request))
            return member(**request)

        return send


@pytest.mark.parametrize(
    ("words", "operation"),
    [
        (["user", ""], "scan"),
        (["task", "emma", ""], "query"),
        (["task-ls", "emma", ""], "query"),
        (["task-la", ""], "scan"),
    ],
    ids=str,
)
def test_one_eventually_consistent_request_reads_a_bounded_number_of_items(
    emma: Program, monkeypatch: pytest.MonkeyPatch, words: list[str], operation: str
) -> None:
    monkeypatch.setattr(stored, "ITEMS", 2)
    for number in range(5):
        emma.good("task-add", "emma", f"task {number}", f"category {number}")
        put(emma, "user", uid={"S": f"user {number}"})
    counting = Counting(emma.client)
    program = Program(KeptOpen(counting), target=emma.env["NODETODO_DB"], prefix=emma.env["NODETODO_TABLE_PREFIX"])
    assert len(complete(program, *words)) == 2
    ((sent, request),) = counting.sent
    assert (sent, request["Limit"], request.get("ConsistentRead", False)) == (operation, 2, False)


def test_the_newest_tasks_are_read(emma: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "ITEMS", 2)
    tids = [emma.tid("task-add", "emma", "x") for _ in range(3)]
    assert complete(emma, "task", "emma", "") == [f"{tid}\tx" for tid in (tids[2], tids[1])]


def test_missing_tables_complete_nothing(bare: Program) -> None:
    assert complete(bare, "user", "") == complete(bare, "task", "emma", "") == complete(bare, "task-la", "") == []


@pytest.mark.parametrize("engine", ["embedded_file", "moto"], indirect=True)
def test_names_of_backups_are_completed_with_their_times(emma: Program) -> None:
    prefix = emma.env["NODETODO_TABLE_PREFIX"]
    emma.good("backup-add", f"{prefix}first")
    created = {each["name"]: each["created"] for each in emma.good("backup-ls", "--json").json["backups"]}
    expected = f"{prefix}first\t{created[f'{prefix}first']}"
    for command in ("backup-rm", "backup-restore"):
        assert expected in complete(emma, command, "")
    assert complete(emma, "backup-add", "") == []  # takes a new name
