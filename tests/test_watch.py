"""The command watch, on every engine with streams."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from nodetodo.engines.interface import OPERATIONS
from nodetodo.repositories.task_stream import ATTEMPTS, LONGEST_PAUSE_SECONDS

from .faults import Faulty, failing, first
from .program import EMMA, NOON, Program, Result
from .test_process import imported_by

on_engines = pytest.mark.parametrize("engine", ["embedded", "embedded_file", "dynamodb_local"], indirect=True)
on_embedded = pytest.mark.parametrize("engine", ["embedded"], indirect=True)


class Pauses(list[float]):
    """Takes the place of time between the polls: each pause runs one of these actions, the last one is Ctrl-C."""

    def __init__(self, *actions: Callable[[], object]) -> None:
        super().__init__()
        self._actions = list(actions)

    def append(self, seconds: float) -> None:
        super().append(seconds)
        if not self._actions:
            raise KeyboardInterrupt
        self._actions.pop(0)()


def watch(program: Program, *argv: str, during: list[Callable[[], object]] | None = None) -> Result:
    """Run watch while another program runs these actions, one at each pause."""
    program.slept = Pauses(*(during or []))
    return program("watch", *argv)


def events(result: Result) -> list[dict[str, Any]]:
    """Return the changes that were printed as JSON."""
    return [json.loads(line) for line in result.out.splitlines()]


def other(program: Program) -> Program:
    """Return another program on the same tables."""
    return Program(program.client, target=program.env["NODETODO_DB"], prefix=program.env["NODETODO_TABLE_PREFIX"])


@pytest.fixture
def watched(nodetodo: Program) -> Program:
    """Return the program on each engine in turn, with the user emma and a stream."""
    nodetodo.good("user-add", *EMMA)
    nodetodo.good("table-edit", "--stream")
    return nodetodo


def ended(program: Program) -> str:
    """Return the end of the error message for a stream that has ended."""
    return (
        "has ended, because it was disabled or the table was deleted; enable it again with: nodetodo table-edit "
        f"--stream --db={program.env['NODETODO_DB']}"
    )


def session(program: Program) -> list[Callable[[], object]]:
    """Return the actions of another program: a task is added, changed, completed, reopened and removed."""
    tid = str(int(NOON.timestamp() * 1000))
    lines = [
        ["task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow"],
        ["task-edit", "emma", tid, "--dueat=+3d", "--no-category"],
        ["task-done", "emma", tid],
        ["task-reopen", "emma", tid],
        ["task-rm", "emma", tid],
    ]
    return [lambda line=line: other(program).good(*line) for line in lines]  # type: ignore[misc]


@on_engines
def test_changes_are_printed_in_their_order_until_ctrl_c(watched: Program, engine: str) -> None:
    result = watch(watched, during=session(watched))
    assert result.status == 0
    table = f"{watched.env['NODETODO_TABLE_PREFIX']}task"
    assert result.err == f"watching all tasks in {table} at {watched.env['NODETODO_DB']}; Ctrl-C stops\n"
    lines = [line.split("  ", maxsplit=1) for line in result.out.splitlines()]
    if engine.startswith("embedded"):
        assert {time[:10] for time, _ in lines} != {""}
    tid = int(NOON.timestamp() * 1000)
    assert [text for _, text in lines] == [
        f'added      emma  {tid}  "buy milk" in category "shopping", due 2026-11-24',
        f'changed    emma  {tid}  category "shopping" -> none; due 2026-11-24 -> 2026-11-26',
        f'completed  emma  {tid}  "buy milk"',
        f'reopened   emma  {tid}  "buy milk"',
        f'removed    emma  {tid}  "buy milk"',
    ]


@on_embedded
def test_on_a_terminal_ctrl_c_ends_its_line(watched: Program) -> None:
    watched.slept, watched.is_terminal = Pauses(), True
    assert watched.good("watch", columns=80).err.endswith("; Ctrl-C stops\n\n")


@on_engines
def test_json_has_one_object_for_each_change(watched: Program) -> None:
    found = events(watch(watched, "--json", during=session(watched)))
    assert [each["event"] for each in found] == ["added", "changed", "completed", "reopened", "removed"]
    assert [each["attributes"] for each in found] == [[], ["category", "due"], ["completed"], ["completed"], []]
    tid = int(NOON.timestamp() * 1000)
    task = {"uid": "emma", "tid": tid, "description": "buy milk", "created": 20261123, "due": 20261124}
    task |= {"category": "shopping", "completed": None}
    changed = task | {"due": 20261126, "category": None}
    done = changed | {"completed": 20261123}
    assert [each["old"] for each in found] == [None, task, changed, done, changed]
    assert [each["new"] for each in found] == [task, changed, done, changed, None]
    assert {(each["uid"], each["tid"], each["expired"]) for each in found} == {("emma", tid, False)}


@on_engines
def test_from_start_begins_with_the_first_change_and_a_uid_selects_one_user(watched: Program) -> None:
    watched.good("user-add", "luis", "luis@example.org", "+491701235")
    watched.good("task-add", "emma", "one")
    watched.good("task-add", "luis", "two")
    add = [lambda: other(watched).good("task-add", "luis", "three")]
    assert [each["uid"] for each in events(watch(watched, "--from-start", "--json"))] == ["emma", "luis"]
    found = events(watch(watched, "luis", "--from-start", "--json", during=[*add]))
    assert [each["new"]["description"] for each in found] == ["two", "three"]
    assert events(watch(watched, "--json")) == []


@on_engines
def test_a_user_who_does_not_exist_is_reported_and_watched_after_being_added(watched: Program) -> None:
    def add() -> None:
        other(watched).good("user-add", "nobody", "n@example.org", "+491701236")
        other(watched).good("task-add", "nobody", "one")

    result = watch(watched, "nobody", "--json", during=[add, lambda: None])
    assert (result.status, [each["uid"] for each in events(result)]) == (0, ["nobody"])
    assert result.err.splitlines()[1] == "user nobody does not exist yet"
    assert len(watch(watched, "nobody").err.splitlines()) == 1


@on_engines
def test_a_batch_and_a_removed_user_are_watched(watched: Program) -> None:
    watched.good("task-add", "emma", "one")
    watched.good("task-add", "emma", "two")
    found = events(watch(watched, "--json", during=[lambda: other(watched).good("user-rm", "emma", "--with-tasks")]))
    assert sorted(each["old"]["description"] for each in found) == ["one", "two"]
    assert {each["event"] for each in found} == {"removed"}


@on_embedded
def test_attributes_of_other_programs_are_named(watched: Program) -> None:
    tid = int(watched.tid("task-add", "emma", "one"))
    table = f"{watched.env['NODETODO_TABLE_PREFIX']}task"
    item = {
        "uid": {"S": "emma"},
        "tid": {"N": str(tid)},
        "description": {"N": "5"},
        "due": {"S": "soon"},
        "x": {"S": ""},
    }
    result = watch(watched, during=[lambda: watched.client.put_item(TableName=table, Item=item)])
    line = result.out.splitlines()[0].split("  ", maxsplit=1)[1]
    assert line == (
        f'changed    emma  {tid}  created 2026-11-23 -> none; description "one" -> 5; due none -> soon (not a date); x'
    )


@on_embedded
def test_a_text_cannot_control_the_terminal(watched: Program) -> None:
    result = watch(watched, during=[lambda: other(watched).good("task-add", "emma", "a\x1b[2J", "b\u202ec")])
    assert '"a\\x1b[2J" in category "b\\u202ec"' in result.out


# The stream


def test_on_a_local_file_watch_enables_the_stream(tmp_path: Path) -> None:
    program = Program(None, target=f"local:{tmp_path / 'tasks.db'}")
    program.good("user-add", *EMMA)
    again = other(program)
    result = watch(program, "--json", during=[lambda: again.good("task-add", "emma", "one")])
    assert [each["event"] for each in events(result)] == ["added"]
    assert result.err.splitlines() == [
        "todo-task has a stream from now on, which keeps each change for 24 hours; table-edit --no-stream disables it",
        f"watching all tasks in todo-task at local:{tmp_path / 'tasks.db'}; Ctrl-C stops",
    ]
    assert len(watch(program).err.splitlines()) == 1


@on_embedded
@pytest.mark.parametrize("view", ["NEW_AND_OLD_IMAGES", "KEYS_ONLY"])
def test_a_stream_that_another_process_enables_at_the_same_time_is_read(nodetodo: Program, view: str) -> None:
    real = nodetodo.client

    def enabled_before(send: Any, request: dict[str, Any]) -> Any:
        real.update_table(
            TableName=request["TableName"], StreamSpecification={"StreamEnabled": True, "StreamViewType": view}
        )
        return send(**request)

    nodetodo.client = Faulty(real, update_table=enabled_before)
    nodetodo.env["NODETODO_DB"] = "local"
    result = watch(nodetodo)
    if view == "KEYS_ONLY":
        assert (result.status, "has the view type KEYS_ONLY" in result.err) == (4, True)
    else:
        assert (result.status, len(result.err.splitlines())) == (0, 1), result.err


@pytest.mark.parametrize("engine", ["dynamodb_local"], indirect=True)
def test_elsewhere_a_missing_stream_is_reported_with_the_remedy(nodetodo: Program) -> None:
    table = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"
    result = watch(nodetodo)
    assert (result.status, result.out) == (5, "")
    assert result.err == (
        f"nodetodo: {table} has no stream; enable it with: nodetodo table-edit --stream --db=http://127.0.0.1:1\n"
    )


@on_engines
def test_missing_tables_are_reported_with_the_command_that_creates_them(bare: Program, engine: str) -> None:
    result = watch(bare)
    is_local = engine.startswith("embedded")
    assert (result.status, result.out) == (3 if is_local else 5, "")
    assert f"{bare.env['NODETODO_TABLE_PREFIX']}task does not exist" in result.err
    assert ("user-add creates it" if is_local else "create it with: nodetodo table-add") in result.err


@on_engines
def test_table_edit_enables_and_disables_the_stream_of_the_tasks(nodetodo: Program) -> None:
    def streams() -> list[str | None]:
        return [row["stream"] for row in nodetodo.good("table-ls", "--json").json["tables"]]

    assert streams() == [None, None, None]
    change = nodetodo.good("table-edit", "--stream", "--json").json["changes"]
    table = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"
    images = "NEW_AND_OLD_IMAGES"
    assert change == [{"table": table, "index_name": None, "setting": "stream", "old": None, "new": images}]
    assert streams() == [None, images, None]
    assert f"{table}: standard class, protection off, recovery -, stream {images}, " in nodetodo.good("table-ls").out
    assert nodetodo.good("table-edit", "--stream").out.startswith("nothing to change")
    assert nodetodo.good("table-edit", "--no-stream", "--json").json["changes"][0]["new"] is None
    assert streams() == [None, None, None]
    assert nodetodo("table-edit", "--stream", "--no-stream").status == 2


@on_engines
def test_a_stream_with_another_view_type_is_a_conflict_and_stays(nodetodo: Program) -> None:
    table = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"
    specification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    nodetodo.client.update_table(TableName=table, StreamSpecification=specification)
    for result in (watch(nodetodo), nodetodo("table-edit", "--stream", "--protect")):
        assert (result.status, result.out) == (4, "")
        assert f"the stream of {table} has the view type KEYS_ONLY" in result.err
    row = nodetodo.good("table-ls", "--json").json["tables"][1]
    assert (row["stream"], row["protection"]) == ("KEYS_ONLY", False)


@on_engines
def test_a_stream_that_is_disabled_ends_the_command_after_its_last_change(watched: Program) -> None:
    def add_and_disable() -> None:
        other(watched).good("task-add", "emma", "last")
        other(watched).good("table-edit", "--no-stream")

    result = watch(watched, "--json", during=[add_and_disable, lambda: None])
    assert result.status == 5
    assert [each["new"]["description"] for each in events(result)] == ["last"]
    assert result.err.splitlines()[1].endswith(ended(watched))
    target = watched.env["NODETODO_DB"]
    other(watched).good(*shlex.split(ended(watched).partition("nodetodo ")[2]))  # the remedy
    assert watch(watched).err.endswith(f" at {target}; Ctrl-C stops\n")


# Failures


@on_embedded
@pytest.mark.parametrize("code", ["LimitExceededException", "ThrottlingException", "InternalServerError"])
def test_throttling_is_waited_for(watched: Program, code: str) -> None:
    watched.client = Faulty(watched.client, get_records=first(3, failing(watched.client, code)))
    add = [lambda: other(watched).good("task-add", "emma", "one")]
    result = watch(watched, "--json", during=[*add, *[lambda: None] * 3])
    assert [each["event"] for each in events(result)] == ["added"]
    assert watched.slept[:4] == [1, 2, 4, 1]
    notices = result.err.splitlines()[1:]
    assert notices == [
        f"the changes cannot be read at the moment; next attempt in {pause}"
        for pause in ("1 second", "2 seconds", "4 seconds")
    ]


@pytest.mark.parametrize("engine", ["dynamodb_local"], indirect=True)
def test_a_lost_connection_is_waited_for_and_reported_after_eight_attempts(watched: Program) -> None:
    def lose(_send: object, _request: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    client = watched.client
    watched.client = Faulty(client, get_records=first(ATTEMPTS - 1, lose))
    assert watch(watched, during=[lambda: None] * ATTEMPTS).status == 0
    watched.client = Faulty(client, get_records=lose)
    result = watch(watched, during=[lambda: None] * ATTEMPTS)
    assert (result.status, result.out) == (5, "")
    assert result.err.splitlines()[-1] == "nodetodo: nothing is listening at http://127.0.0.1:1"
    assert sum(watched.slept) == 123
    assert max(watched.slept) <= LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize("engine", ["dynamodb_local"], indirect=True)
def test_a_request_that_is_not_allowed_ends_the_command_at_once(watched: Program) -> None:
    watched.client = Faulty(watched.client, get_records=failing(watched.client, "AccessDeniedException"))
    result = watch(watched)
    assert (result.status, list(watched.slept)) == (5, [])


@on_engines
def test_a_stream_that_does_not_exist_any_more_ends_the_command(watched: Program) -> None:
    """DynamoDB removes a disabled stream after 24 hours, for example while the process is suspended."""
    client, arns = watched.client, list[str]()

    def missing(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        arns.append(request.get("StreamArn", ""))
        if len(arns) == 1:
            return send(**request)
        return client.describe_stream(StreamArn=arns[0].replace(":table/", ":table/no-"))

    watched.client = Faulty(client, describe_stream=missing, get_records=missing)
    result = watch(watched, during=[lambda: None] * 3)
    assert (result.status, result.out) == (5, "")
    assert result.err.endswith(f"{ended(watched)}\n")


def test_a_process_that_was_suspended_continues_and_says_what_it_lost(tmp_path: Path) -> None:
    """The clock of the engine moves, so that the iterator expires, and later the records too."""
    program = Program(None, target=f"local:{tmp_path / 'tasks.db'}")
    program.good("user-add", *EMMA)
    writer = other(program)

    def pass_time(hours: float) -> None:
        writer.now += timedelta(hours=hours)
        program.now = writer.now

    def add(description: str) -> None:
        writer.now += timedelta(seconds=1)
        writer.good("task-add", "emma", description)

    def suspended() -> None:
        add("two")
        pass_time(1)
        add("three")

    def suspended_for_days() -> None:
        add("lost")
        pass_time(20)
        add("four")
        pass_time(10)

    actions: list[Callable[[], object]] = [lambda: add("one"), suspended, lambda: None, suspended_for_days]
    result = watch(program, "--json", during=[*actions, *[lambda: None] * 3])
    assert [each["new"]["description"] for each in events(result)] == ["one", "two", "three", "four"]
    assert result.err.splitlines()[2:] == [
        "changes may be missing here: some were removed after 24 hours, before they were read"
    ]


# Options and imports


@on_embedded
def test_an_idle_poll_sends_one_request(watched: Program) -> None:
    watched.client = faulty = Faulty(watched.client)
    watch(watched, during=[lambda: None] * 9)
    assert [name for name, _ in faulty.sent].count("get_records") == 10
    assert len(faulty.sent) == 13
    assert set(watched.slept) == {1.0}


def test_ordinary_commands_import_no_modules_for_streams(tmp_path: Path) -> None:
    db = f"--db=local:{tmp_path / 'tasks.db'}"
    Program(None, target=db.removeprefix("--db=")).good("user-add", *EMMA)
    for line in (["task-add", "emma", "x"], ["task-ls", "emma"], ["user-ls"], ["task-rm", "emma", "1"]):
        loaded = {name for name in imported_by(*line, db) if "stream" in name or "shards" in name or "changes" in name}
        assert loaded == set(), line
    program = Program(None, target=db.removeprefix("--db="))
    program.good("table-edit", "--stream")
    loaded = {name for name in imported_by("task-add", "emma", "x", db) if "nodetodo" in name and "stream" in name}
    assert loaded == {"nodetodo.embedded.operations.stream_records", "nodetodo.embedded.storage.streams"}


@on_engines
@pytest.mark.parametrize("has_stream", [False, True])
@pytest.mark.parametrize("uid", [[], ["nobody"]])
def test_explain_announces_the_requests_of_the_first_poll(
    nodetodo: Program, engine: str, has_stream: bool, uid: list[str]
) -> None:
    nodetodo.env["NODETODO_DB"] = "local" if engine.startswith("embedded") and not has_stream else "http://127.0.0.1:1"
    if has_stream or engine == "dynamodb_local":
        nodetodo.good("table-edit", "--stream")
    plan = nodetodo.good("watch", *uid, "--explain", "--json").json
    nodetodo.client = recorder = Faulty(nodetodo.client)
    assert watch(nodetodo, *uid).status == 0
    assert [step["operation"] for step in plan["requests"]] == [OPERATIONS[name] for name, _ in recorder.sent]
    assert all(ending["status"] for step in plan["requests"] for ending in step["endings"])


@on_embedded
def test_cost_is_printed_after_ctrl_c(watched: Program) -> None:
    result = watch(watched, "--cost")
    assert result.status == 0
    assert result.err.splitlines()[1:] == [
        "cost: 4 requests (DescribeTable, DescribeStream, GetShardIterator, GetRecords)",
        "AWS charges each GetRecords; the price list of this program does not have its price",
    ]
