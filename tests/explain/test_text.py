"""The text of --explain is complete, and its capacity units are those that the command consumes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest

from nodetodo import embedded
from nodetodo.embedded.values import item_size
from nodetodo.engines.interface import OPERATIONS
from nodetodo.explain import requests, units
from nodetodo.explain.meter import Meter
from nodetodo.model import Task
from nodetodo.repositories import items

from ..program import Program
from .command_lines import NOTHING_TO_SEND, UNUSUAL, USUAL, WATCH, Case, arguments, explanation, prepare


@pytest.fixture
def local() -> Program:
    """Return the program on an empty embedded engine with tables."""
    program = Program(embedded.connect(":memory:"), target="local")
    program.good("table-add")
    return program


def explained(*argv: str, target: str = "local") -> str:
    """Return the text of --explain with each paragraph on one line."""
    return re.sub(r"\n +(?=\S)", " ", explanation(*argv, target=target))


@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        (
            ["user", "emma"],
            [
                "GetItem on todo-user",
                "key uid = 'emma'",
                "consistency eventual",
                "read units 0.5 on todo-user, at most 50:",
            ],
        ),
        (
            ["task-ls", "emma"],
            ["Query on todo-task: items of", "key uid = 'emma', in the order of tid", "one more than the rows"],
        ),
        (["task-ls", "emma", "--next=5"], ["key uid = 'emma' AND tid > 5, in the order of tid", "Limit 11"]),
        (["task-ls", "emma", "--pending"], ["filter attribute_not_exists(completed) "]),
        (
            ["task-la", "x"],
            ["Query on category-index of todo-task", "key category = 'x', in the order of", "as always"],
        ),
        (["user-ls"], ["Scan on todo-user: the whole table", "nodetodo user <uid>"]),
        (
            ["task-done", "emma", "7"],
            ["update completed = 20261123", "attribute_exists(uid) AND attribute_not_exists(completed)"],
        ),
        (
            ["task-rm", "emma", "7"],
            ["DeleteItem on todo-task", "1 on todo-task, at most 400: ⌈74 B / 1,024⌉ of the old item"],
        ),
        (
            ["user-rm", "emma"],
            [
                "projection uid, tid only",
                "3 Query on todo-task: the same request as 1",
                "If items are found: PutItem on todo-user, 1 write unit; exit status 4.",
            ],
        ),
        (["user-rm", "emma", "--with-tasks"], ["BatchWriteItem of 25 deletes", "it is read from the start"]),
        (["task-add", "emma", "x"], ["2 × ⌈", "no category, no entry", "at most 8 times"]),
        (["table-add"], ["If the table does not exist: CreateTable", "after a pause", ", free", "charged from now on"]),
    ],
)
def test_the_text_describes_each_part_of_a_request(argv: list[str], parts: list[str]) -> None:
    text = " ".join(explained(*argv).split())
    for part in parts:
        assert part in text, text


@pytest.mark.parametrize("case", USUAL + WATCH, ids=lambda case: case.line)
def test_every_request_has_a_summary_units_a_line_for_the_aws_cli_and_partiql(case: Case) -> None:
    words = arguments(case)
    blocks = re.split(r"\n\n(?=[0-9]+[a-z0-9]*  )", explanation(*words))[1:]
    assert blocks
    for block in blocks:
        heading = block.split("\n")[0]
        assert re.search(r"\w: \w", heading)
        if ": the same request as" in heading:
            continue
        assert len(re.findall("^   AWS CLI +aws", block, re.M)) == 1
        is_about_tables = re.search("Table|Backups|Stream|Shard|Records", heading)
        has_no_partiql = is_about_tables or "\n   start " in block
        assert len(re.findall("^   PartiQL", block, re.M)) == (0 if has_no_partiql else 1)
        assert re.search(r"^   (read|write) units |^   billing ", block, re.M) or heading.endswith(", free")


LONG = {
    "export - --segments=1": 36,
    "import {file}": 46,
    "user-rm emma": 36,
    "user-rm emma --with-tasks": 48,
    "table-add --on-demand": 33,
    "design": 28,
    "task-ls emma --newest --contains=milk --dueafter=today --duebefore=+3d": 26,
    "task emma {end}": 36,
    "task-rm emma {end}": 39,
    "task-edit emma {end} --no-dueat": 46,
    "task-done emma {tid} {end}": 48,
    "table-edit --read=7 --write=8 --protect": 55,
    "table-edit --on-demand --no-protect": 49,
    "table-edit --protect": 30,
    "table-edit --no-stream --no-protect": 44,
    "table-edit --on-demand --max-read=9 --max-write=7": 49,
}
"""The maximum number of lines at 80 columns of commands that send several requests."""


@pytest.mark.parametrize(
    "case",
    [
        *(*USUAL, *NOTHING_TO_SEND),
        Case("task-ls emma --overdue"),
        Case("task-ls emma shopping --futuredue"),
        Case("task-edit emma 1234567890123 --dueat=tomorrow"),
        Case("table-add --on-demand"),
    ],
    ids=lambda case: case.line,
)
def test_the_text_of_a_command_has_at_most_25_lines(case: Case) -> None:
    out = Program(None, target="local").good(*arguments(case), "--explain", columns=80, env={"NO_COLOR": "1"}).out
    assert len(out.splitlines()) <= LONG.get(case.line, 25), out


def test_the_text_of_an_ending_gives_the_reason_and_the_price_of_the_additional_request() -> None:
    text = " ".join(explained("task-rm", "emma", "361").split())
    assert "! 361 is the end of a tid. The end of a key is not a key: DynamoDB cannot look it up" in text
    assert "Usual total: 2 requests (Query, DeleteItem)" in text
    assert "as it grows 2 with 100, 191 with 10,000 (11 pages)" in text
    assert "If several tids have this ending: GetItem on todo-task for each tid, 0.5 read units; exit status 2." in text
    assert "the end of a tid" not in explained("task-rm", "emma", "1526650262361")


def test_several_tids_are_explained_once() -> None:
    text = " ".join(explained("task-done", "emma", "1", "2", "361", "5361").split())
    assert "! 361 and 5361 are the ends of tids." in text
    assert "Usual total: 5 requests (Query, 4 UpdateItem)" in text
    assert "2 UpdateItem on todo-task for each of the 4 tids: some" in text
    assert "retried after a pause, at most 8 times" in text
    entries = Program(None).good("task-done", "emma", "1", "2", "--explain", "--json").json["requests"]
    assert [(entry["operation"], entry["times"]) for entry in entries] == [("UpdateItem", 2)]


@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
def test_what_else_can_happen_takes_at_most_two_lines(case: Case) -> None:
    out = explanation(*arguments(case))
    sentences = re.findall(r"^   If .*(?:\n     \w.*)*", out, re.M)
    assert all(sentence.count("\n") <= 1 for sentence in sentences), out
    assert len(sentences) == len(re.findall("^   If ", out, re.M))


@pytest.mark.parametrize("target", ["local", "aws", "http://localhost:8000"])
@pytest.mark.parametrize("case", [*USUAL, Case("table-add --on-demand")], ids=lambda case: case.line)
def test_no_sentence_ends_in_a_colon(case: Case, target: str) -> None:
    out = explanation(*arguments(case), target=target)
    assert not re.search(r":(\.| \(exit status|\n\n)", out)
    assert "on demand" in out if "--on-demand" in case.line else "on demand" not in out


def test_the_warning_of_a_filter_names_the_index_that_answers_the_query() -> None:
    text = explained("task-ls", "emma", "shopping")
    assert "An index with partition key uid and sort key category, tid reads only matching items" in text
    text = explained("task-la", "shopping", "--futuredue")
    assert "An index with partition key category and sort key due reads only matching items" in text
    text = explained("task-la", "shopping", "--futuredue", "--pending")
    assert "An index with partition key category and sort key due reads fewer items" in text
    for options in (["--futuredue"], ["shopping", "--due"], ["--dueafter=today", "--duebefore=+9d", "--pending"]):
        text = explained("task-ls", "emma", *options)
        assert "With --by-due, due-index is read: if 10 of 1,000 items match, 0.5 instead of 9.5 read units." in text
    text = explained("task-ls", "emma", "--by-due", "--overdue")
    assert "!" not in text
    assert "contains cannot be a key condition" in explained("task-ls", "emma", "--contains=milk")
    text = explained("task-la", "shopping", "--pending")
    assert "An index" not in text
    assert "No key selects items without completed; an attribute that only they have could." in text


def test_a_filter_names_the_list_that_reads_an_index_for_all_partition_keys() -> None:
    text = explained("task-ls", "emma", "it's shopping")
    (line,) = re.findall(r" see also +nodetodo (task-la .*?) reads category-index, for every uid ", text)
    (query, *_) = Program(None).good(*shlex.split(line), "--explain", "--json").json["requests"]
    assert (query["operation"], query["parameters"]["IndexName"]) == ("Query", "category-index")
    assert query["parameters"]["ExpressionAttributeValues"] == {":category": {"S": "it's shopping"}}
    assert "FilterExpression" not in query["parameters"]


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("task-add emma x --dueat=today", "1 write unit more"),
        ("task-edit emma 1 --dueat=today", "0 to 2 write units more"),
        ("task-edit emma 1 --no-dueat", "0 to 1 write units more"),
        ("task-add emma x", None),
        ("task-edit emma 1 --category=home", "0 to 1 write units more"),
        ("task-done emma 1", "0 to 1 write units more"),
        ("task-rm emma 1", "0 to 1 write units more"),
        ("user-rm emma --with-tasks", "0 to 25 write units more"),
        ("task-ls emma --by-due", None),
    ],
)
def test_a_write_of_a_task_names_the_units_of_due_index(line: str, more: str | None) -> None:
    text = Program(None, target="local").good(*line.split(), "--explain").out
    found = [row.strip() for row in text.splitlines() if "due-index  " in row]
    assert found == ([f"due-index    if it exists, {more}"] if more else [])


def test_a_change_of_an_index_is_described() -> None:
    added, removed = explained("index-add", "due-index"), explained("index-rm", "due-index")
    assert "2  UpdateTable on todo-task: a new index, filled with the existing items" in added
    assert "If due-index exists: exit status 0." in added
    assert "2  UpdateTable on todo-task: an index with all its entries, free" in removed
    assert "If due-index is missing: exit status 3." in removed
    assert "Delete due-index of todo-task from local? task-ls --by-due needs it." in " ".join(removed.split())


def test_the_warning_of_a_scan_names_the_command_that_reads_one_user() -> None:
    assert "nodetodo user <uid> reads only that key" in " ".join(explained("user-ls").split())
    (get, *_) = Program(None).good("user", "emma", "--explain", "--json").json["requests"]
    assert get["operation"] == "GetItem"


def test_only_scans_and_filters_have_a_warning() -> None:
    for case in USUAL:
        words = arguments(case)
        entries = json.loads(explanation(*words, "--json", target="aws"))["requests"]
        expensive = [
            entry for entry in entries if entry["operation"] == "Scan" or "FilterExpression" in entry["parameters"]
        ]
        assert explained(*words).count(" ! ") == len(expensive)


class Wrapped:
    """A client that reports each response to a function: note(operation, request, response)."""

    def __init__(self, client: Any, note: Callable[[str, dict[str, Any], dict[str, Any]], None]) -> None:
        self._client, self._note = client, note

    def __getattr__(self, name: str) -> Any:
        send = getattr(self._client, name)
        if name not in OPERATIONS:
            return send

        def operation(**request: Any) -> Any:
            response = send(**request)
            self._note(OPERATIONS[name], request, response)
            return response

        return operation


def run_measured(program: Program, words: list[str], note: Callable[..., None] = lambda *_: None) -> Meter:
    """Run a command and return the meter of its requests."""
    client = program.client
    meter = program.client = Meter(cast("Any", Wrapped(client, note)), "todo-", {})
    program(*words)
    program.client = client
    return meter


@pytest.mark.parametrize("case", [case for case in USUAL + UNUSUAL if case.tables], ids=lambda case: case.line)
def test_each_request_consumes_units_in_the_predicted_range(local: Program, case: Case) -> None:
    tables = requests.tables("todo-")
    is_compared = False

    def compare(operation: str, request: dict[str, Any], response: dict[str, Any]) -> None:
        nonlocal is_compared
        consumed = response.get("ConsumedCapacity") or []
        measured: dict[tuple[str, str | None], float] = {}
        for one in consumed if isinstance(consumed, list) else [consumed]:
            measured[one["TableName"], None] = one["Table"]["CapacityUnits"]
            for index, part in one.get("GlobalSecondaryIndexes", {}).items():
                measured[one["TableName"], index] = part["CapacityUnits"]
        for part in units.predicted(operation, request, tables):
            assert part.low <= measured.pop((part.table, part.on_index), 0) <= part.high, part
            is_compared = True
        assert not any(measured.values())

    run_measured(local, prepare(local, case), compare)
    assert is_compared or case.line.startswith(("table", "index")) or case in UNUSUAL


@pytest.mark.parametrize("options", [[], ["--all"], ["--pending"], ["--pending", "--all"], ["--limit=200"]])
def test_the_units_for_100_items_are_those_of_a_list_of_100_items(local: Program, options: list[str]) -> None:
    for number in range(1, 101):
        values = {"uid": "emma", "tid": 1526650262330 + number, "description": "d" * 21, "created": 20260102}
        values |= {"completed": 20260102} if "--pending" in options else {"category": "shopping"}
        item = items.to_item(values)
        assert abs(item_size(item) - units.ASSUMED_BYTES[Task]) <= 4, item_size(item)
        local.client.put_item(TableName="todo-task", Item=item)
    text = " ".join(explained("task-ls", "emma", *options).split())
    is_same = "the same with 100," in text
    predicted = re.search(r"read units ([0-9.]+) on" if is_same else r"as it grows ([0-9.]+) with 100", text)
    assert predicted
    assert float(predicted[1]) == run_measured(local, ["task-ls", "emma", *options]).billed("read")


def test_control_characters_of_arguments_never_reach_the_terminal() -> None:
    for words in (["task-add", "emma", "a\x1b[31m\u202e\n\x9bb"], ["task-la", "\x1b[2J"], ["user", "\x07"]):
        out = Program(None, target="local").good(*words, "--explain").out
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)


def test_a_terminal_shows_bold_headings_and_red_warnings_unless_no_color_is_set() -> None:
    program = Program(None, target="local")
    coloured = program.good("user-ls", "--explain", columns=80).out
    assert "\x1b[1m1  Scan on todo-user: the whole table, in no meaningful order\x1b[0m" in coloured
    assert "\x1b[31m" in coloured
    assert "\x1b" not in program.good("user-ls", "--explain", columns=80, env={"NO_COLOR": "1"}).out
    assert "\x1b" not in program.good("user-ls", "--explain").out


def test_the_text_is_no_wider_than_the_terminal() -> None:
    out = (
        Program(None, target="local")
        .good("user-add", "emma", "e@x", "123", "--explain", columns=50, env={"NO_COLOR": "1"})
        .out
    )
    wrapped = re.sub(r"^   (AWS CLI|PartiQL) .*(\n     .*)*", "", out, flags=re.M)
    assert max(map(len, wrapped.splitlines())) <= 50
    assert "\n1  PutItem" in wrapped


def test_json_keeps_unicode_if_the_output_can_encode_it() -> None:
    assert '"☕"' in Program(None).good("task-la", "☕", "--explain", "--json").out


def test_the_retries_of_the_sdk_are_described_for_targets_of_the_sdk() -> None:
    assert "Attempts of the AWS SDK: 3 without a response" in explained("user", "e", target="aws")
    assert "SDK" not in explained("user", "e")


def parts_of(*argv: str) -> dict[str, Any]:
    """Return the units in the JSON of --explain of the first request, by table or index."""
    (entry, *_) = Program(None).good(*argv, "--explain", "--json").json["requests"]
    return {part["index"] or part["table"]: part for part in entry["units"]}


def test_sizes_of_the_command_line_are_in_the_prediction() -> None:
    parts = parts_of("task-edit", "emma", "1", f"--description={'x' * 5000}")
    assert parts["todo-task"] == {"table": "todo-task", "index": None, "write": [5, 400], "usual": 5}
    assert parts["category-index"]["usual"] == [0, 5]
    parts = parts_of("task-edit", "emma", "1", f"--description={'x' * 5000}", "--category=home")
    assert parts["category-index"]["usual"] == [0, 6]
    assert parts_of("user-edit", "emma", f"--email=x@{'x' * 3000}")["todo-user"]["write"] == [3, 400]
    assert parts_of("user-add", "emma", "x@" + "x" * 3000, "1234")["todo-user"]["write"] == 3


@pytest.mark.parametrize(
    "words",
    [
        "task emma {tid}",
        "task-ls emma",
        "task-ls emma --all",
        "task-ls emma shopping",
        "task-la shopping --all",
        "task-done emma {tid}",
        "task-edit emma {tid} --category=home",
        "task-edit emma {tid} --no-category",
        "task-rm emma {tid}",
        "user emma",
        "user-edit emma --phone=1234",
        "user-rm emma --with-tasks",
    ],
)
@pytest.mark.parametrize("size", [1_000, 5_000, 100_000])
def test_the_ranges_contain_the_units_of_large_items(local: Program, words: str, size: int) -> None:
    local.good("user-add", "emma", "e@" + "e" * size, "1234")
    for _ in range(12):
        tid = local.tid("task-add", "emma", "x" * size, "shopping")
    local.now += timedelta(hours=1)
    tables = requests.tables("todo-")

    def compare(operation: str, request: dict[str, Any], response: dict[str, Any]) -> None:
        consumed = response.get("ConsumedCapacity") or []
        for one in consumed if isinstance(consumed, list) else [consumed]:
            for part in units.predicted(operation, request, tables):
                places = one.get("GlobalSecondaryIndexes", {}) | {None: one["Table"]}
                if part.table == one["TableName"] and part.on_index in places:
                    assert part.low <= places[part.on_index]["CapacityUnits"] <= part.high, part

    meter = run_measured(local, shlex.split(words.replace("{tid}", tid)), compare)
    assert all(usage.is_possible for usage in meter.usages())


def test_removing_a_user_with_tasks_has_a_formula_and_an_example_with_10_000_tasks(local: Program) -> None:
    text = " ".join(explained("user-rm", "emma", "--with-tasks").split())
    assert "n items below 1 KB take ⌈n / 25⌉ requests and write units: n on todo-task and 0 to n on" in text
    assert "Usual total with 10,000 items: 412 requests (DeleteItem, 11 Query, 400 BatchWriteItem)" in text
    assert "191 read units" in text
    assert "10,001 to 20,001 write units" in text


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        (["task-ls", "emma", "--limit=1000"], 1),
        (["task-ls", "emma", "--limit=2500"], 3),
        (["task-ls", "emma", "--all"], 3),
        (["task-la", "shopping", "--limit=10"], 1),
        (["design"], 2),
    ],
)
def test_the_announced_pages_are_those_that_the_command_reads(local: Program, words: list[str], pages: int) -> None:
    for number in range(2500):
        item = {"uid": {"S": "emma"}, "tid": {"N": str(number)}, "category": {"S": "shopping"}}
        local.client.put_item(TableName="todo-task", Item=item)
    meter = run_measured(local, words)
    assert meter.pages == pages
    (growth, *_) = re.findall(r"as it grows .*", explained(*words))
    if pages == 1 or words == ["design"]:
        assert "pages" not in growth
    else:
        assert ("(3 pages)" if "--limit=2500" in words else "(11 pages)") in growth


def test_the_exit_statuses_of_backup_restore_are_those_of_the_command() -> None:
    out = " ".join(explained("backup-restore", "one", "--prefix=x-").split())
    user, task = out.partition("2 ListBackups on todo-task")[::2]
    assert "If the backup does not exist: exit status 3." in user
    assert "If it does not contain todo-task: exit status 4." in task
    assert "If the backup does not exist" not in task


def test_only_unprotected_tables_are_a_conflict_of_table_add_with_protection() -> None:
    out = " ".join(explained("table-add", "--protect").split())
    assert out.count("If the table is ACTIVE, without deletion protection: exit status 4.") == 2
    assert out.count("exit status 4") == 2
    removed = " ".join(explained("table-rm", "--yes").split())
    assert "If the table has deletion protection: exit status 4." in removed
