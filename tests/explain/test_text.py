"""The text of --explain is complete, and its capacity units are those that the command consumes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, cast

import pytest

from nodetodo import embedded
from nodetodo.embedded.values import item_size
from nodetodo.explain import requests, units
from nodetodo.explain.meter import Meter
from nodetodo.model import Task
from nodetodo.repositories import items

from ..program import Program
from .command_lines import UNUSUAL, USUAL, Case, arguments, prepare


@pytest.fixture
def local() -> Program:
    """Return the program on an empty embedded engine with tables."""
    program = Program(embedded.connect(":memory:"), target="local")
    program.good("table-add")
    return program


def explained(*argv: str, target: str = "local") -> str:
    """Return the text of --explain with each paragraph on one line."""
    return re.sub(r"\n +(?=\S)", " ", Program(None, target=target).good(*argv, "--explain").out)


@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        (["user", "emma"], ["GetItem on todo-user", "key uid = 'emma'", "consistency eventual", "read units 0.5 on"]),
        (["task-ls", "emma"], ["Query on todo-task", "uid = 'emma', the partition key", "10 rows, and one more"]),
        (["task-ls", "emma", "--next=5"], ["sort key tid > 5", "Limit 11"]),
        (["task-ls", "emma", "--pending"], ["attribute_not_exists(completed), only items without completed"]),
        (["task-la", "x"], ["Query on category-index of todo-task", "category = 'x', the partition key", "as always"]),
        (["user-ls"], ["Scan on todo-user", "key none: every item of the table is read", "nodetodo user <uid>"]),
        (
            ["task-done", "emma", "7"],
            ["completed becomes 20261123", "attribute_not_exists(completed): it must not have"],
        ),
        (["task-rm", "emma", "7"], ["DeleteItem on todo-task", "returns ALL_OLD: the item before the write"]),
        (
            ["user-rm", "emma"],
            ["projection uid, tid only", "3a only if there are items: PutItem"],
        ),
        (["user-rm", "emma", "--with-tasks"], ["25 deletes, once for each 25 items", "until the last page is read"]),
        (["task-add", "emma", "x"], ["times 2 in a transaction: 2", "no category, so no entry: 0", "at most 8 times"]),
        (["table-add"], ["1a only if there is no such table: CreateTable", "after a pause", "are free"]),
    ],
)
def test_the_text_describes_each_part_of_a_request(argv: list[str], parts: list[str]) -> None:
    text = " ".join(explained(*argv).split())
    for part in parts:
        assert part in text, text


@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
def test_every_request_has_a_summary_units_a_line_for_the_aws_cli_and_partiql(case: Case) -> None:
    words = arguments(case)
    blocks = re.split(r"\n\n(?=[0-9]+[a-z0-9]*  )", Program(None, target="local").good(*words, "--explain").out)[1:]
    assert blocks
    for block in blocks:
        assert block.count("   AWS CLI\n") == 1
        has_no_partiql = "Table" in block.split("\n")[0] or "\n   start " in block
        assert len(re.findall("^   PartiQL", block, re.M)) == (0 if has_no_partiql else 1)
        assert re.search(r"^   ((read|write) )?units ", block, re.M)
        assert block.split("\n")[1].rstrip().endswith(".") or block.split("\n")[2].rstrip().endswith(".")


def test_the_command_in_a_warning_reads_the_index_without_a_filter() -> None:
    text = explained("task-ls", "emma", "it's shopping")
    (line,) = re.findall(r"nodetodo (task-la .*?) reads category-index", text)
    (query, *_) = Program(None).good(*shlex.split(line), "--explain", "--json").json["requests"]
    assert (query["operation"], query["parameters"]["IndexName"]) == ("Query", "category-index")
    assert query["parameters"]["ExpressionAttributeValues"] == {":category": {"S": "it's shopping"}}
    assert "FilterExpression" not in query["parameters"]
    assert "nodetodo user <uid> reads only that key" in " ".join(explained("user-ls").split())
    (get, *_) = Program(None).good("user", "emma", "--explain", "--json").json["requests"]
    assert get["operation"] == "GetItem"


def test_only_scans_and_filters_have_a_warning() -> None:
    for case in USUAL:
        words = arguments(case)
        entries = Program(None).good(*words, "--explain", "--json").json["requests"]
        expensive = [
            entry for entry in entries if entry["operation"] == "Scan" or "FilterExpression" in entry["parameters"]
        ]
        assert explained(*words).count("! warning") == len(expensive)


class Wrapped:
    """A client that reports each response to a function: note(operation, request, response)."""

    def __init__(self, client: Any, note: Callable[[str, dict[str, Any], dict[str, Any]], None]) -> None:
        self._client, self._note = client, note

    def __getattr__(self, name: str) -> Any:
        send = getattr(self._client, name)
        if name not in requests.OPERATIONS:
            return send

        def operation(**request: Any) -> Any:
            response = send(**request)
            self._note(requests.OPERATIONS[name], request, response)
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
    assert is_compared or case.line.startswith("table") or case in UNUSUAL


@pytest.mark.parametrize("options", [[], ["--all"], ["--pending"], ["--pending", "--all"], ["--limit=200"]])
def test_the_units_for_100_items_are_those_of_a_list_of_100_items(local: Program, options: list[str]) -> None:
    for number in range(1, 101):
        values = {"uid": "emma", "tid": 1526650262330 + number, "description": "d" * 21, "created": 20260102}
        values |= {"completed": 20260102} if "--pending" in options else {"category": "shopping"}
        item = items.to_item(values)
        assert abs(item_size(item) - units.ASSUMED_BYTES[Task]) <= 4, item_size(item)
        local.client.put_item(TableName="todo-task", Item=item)
    text = " ".join(explained("task-ls", "emma", *options).split()).partition(" 1a only")[0]
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
    assert "\x1b[1m1  Scan on todo-user\x1b[0m" in coloured
    assert "\x1b[31m" in coloured
    assert "\x1b" not in program.good("user-ls", "--explain", columns=80, env={"NO_COLOR": "1"}).out
    assert "\x1b" not in program.good("user-ls", "--explain").out


def test_the_text_is_no_wider_than_the_terminal() -> None:
    out = Program(None, target="local").good("user-add", "emma", "e@x", "123", "--explain", columns=50).out
    before, _, _ = out.partition("   AWS CLI")
    assert max(map(len, before.splitlines())) <= 50


def test_json_keeps_unicode_if_the_output_can_encode_it() -> None:
    assert '"☕"' in Program(None).good("task-la", "☕", "--explain", "--json").out


def test_the_retries_of_the_sdk_are_described_for_targets_of_the_sdk() -> None:
    assert "SDK sends a request without a response at most 3 times" in explained("user", "e", target="aws")
    assert "SDK" not in explained("user", "e")
