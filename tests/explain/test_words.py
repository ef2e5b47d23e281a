"""What --explain says, and that its figures are those that are then consumed."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from nodetodo import embedded
from nodetodo.embedded import values
from nodetodo.explain import requests as reading
from nodetodo.explain import units
from nodetodo.explain.simulated import OPERATIONS
from nodetodo.repositories import items

from ..program import Program, Stream
from .lines import UNUSUAL, USUAL, Case, prepared


@pytest.fixture
def here() -> Program:
    program = Program(embedded.connect(":memory:"), target="local")
    program.good("table-add")
    return program


def explained(*argv: str, target: str = "local") -> str:
    """What --explain prints, each paragraph on one line."""
    return re.sub(r"\n +(?=\S)", " ", Program(None, target=target).good(*argv, "--explain").out)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["user", "emma"], ["GetItem on todo-user", "key uid = 'emma'", "consistency eventual", "read units 0.5 on"]),
        (["task-ls", "emma"], ["Query on todo-task", "uid = 'emma', the partition key", "10 rows, and one more"]),
        (["task-ls", "emma", "--next=5"], ["sort key tid > 5", "Limit 11"]),
        (["task-ls", "emma", "--pending"], ["attribute_not_exists(completed), only those without completed"]),
        (["task-la", "x"], ["Query on category-index of todo-task", "category = 'x', the partition key", "as always"]),
        (["user-ls"], ["Scan on todo-user", "key none: every item of the table is read", "nodetodo user <uid>"]),
        (["task-done", "emma", "7"], ["completed becomes 20261123", "attribute_not_exists(completed): it may have no"]),
        (["task-rm", "emma", "7"], ["DeleteItem on todo-task", "returns ALL_OLD: the item as it was"]),
        (["user-rm", "emma"], ["projection uid, tid only", "consistency strong", "3a only if there are some: PutItem"]),
        (["user-rm", "emma", "--with-tasks"], ["25 deletes, again for each 25 items", "until the data ends"]),
        (["task-add", "emma", "x"], ["times 2 in a transaction: 2", "no category, so no entry: 0", "8 times at most"]),
        (["table-add"], ["1a only if there is no such table: CreateTable", "after a pause", "are free"]),
    ],
)
def test_a_request_is_told_in_words(argv: list[str], said: list[str]) -> None:
    text = " ".join(explained(*argv).split())
    for words in said:
        assert words in text, text


@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
def test_every_request_has_a_verdict_its_units_a_line_to_paste_and_where_there_is_one_partiql(case: Case) -> None:
    words = shlex.split(case.line.replace("{tid}", "1"))
    blocks = re.split(r"\n\n(?=[0-9]+[a-z0-9]*  )", Program(None, target="local").good(*words, "--explain").out)[1:]
    assert blocks
    for block in blocks:
        assert block.count("   AWS CLI\n") == 1
        has_none = "Table" in block.split("\n")[0] or "\n   start " in block
        assert len(re.findall("^   PartiQL", block, re.M)) == (0 if has_none else 1)
        assert re.search(r"^   ((read|write) )?units ", block, re.M)
        assert block.split("\n")[1].rstrip().endswith(".") or block.split("\n")[2].rstrip().endswith(".")


def test_what_a_warning_names_reads_what_it_says() -> None:
    text = explained("task-ls", "emma", "it's shopping")
    (line,) = re.findall(r"nodetodo (task-la .*?) reads category-index", text)
    (query, *_) = Program(None).good(*shlex.split(line), "--explain", "--json").json["requests"]
    assert (query["operation"], query["parameters"]["IndexName"]) == ("Query", "category-index")
    assert query["parameters"]["ExpressionAttributeValues"] == {":category": {"S": "it's shopping"}}
    assert "FilterExpression" not in query["parameters"]
    assert "nodetodo user <uid> finds it at once" in " ".join(explained("user-ls").split())
    (get, *_) = Program(None).good("user", "emma", "--explain", "--json").json["requests"]
    assert get["operation"] == "GetItem"


def test_only_a_scan_and_a_filter_are_warned_of() -> None:
    for case in USUAL:
        words = shlex.split(case.line.replace("{tid}", "1"))
        requests = Program(None).good(*words, "--explain", "--json").json["requests"]
        dear = [
            request
            for request in requests
            if request["operation"] == "Scan" or "FilterExpression" in request["parameters"]
        ]
        assert explained(*words).count("! warning") == len(dear)


@pytest.mark.parametrize("case", [case for case in USUAL + UNUSUAL if case.tables], ids=lambda case: case.line)
def test_what_is_consumed_lies_within_what_was_predicted(here: Program, case: Case) -> None:
    words = prepared(here, case)
    real = here.client
    tables = reading.tables("todo-")
    compared = 0

    class Measured:
        def __getattr__(self, name: str) -> Any:
            send = getattr(real, name)
            if name.endswith("_table") or name not in OPERATIONS:
                return send

            def operation(**request: Any) -> Any:
                nonlocal compared
                parts = units.predicted(OPERATIONS[name][0], request, tables)
                answer = send(**request, ReturnConsumedCapacity="INDEXES")
                consumed = answer.get("ConsumedCapacity") or []
                found: dict[tuple[str, str | None], float] = {}
                for one in consumed if isinstance(consumed, list) else [consumed]:
                    found[one["TableName"], None] = one["Table"]["CapacityUnits"]
                    for index, state in one.get("GlobalSecondaryIndexes", {}).items():
                        found[one["TableName"], index] = state["CapacityUnits"]
                for part in parts:
                    assert part.low <= found.pop((part.table, part.on_index), 0) <= part.high, part
                    compared += 1
                assert not any(found.values())
                return answer

            return operation

    here.client = Measured()
    here(*words)
    here.client = real
    assert compared or case.line.startswith(("table", "task-done emma 1", "user-edit nobody")) or case in UNUSUAL


@pytest.mark.parametrize("options", [[], ["--all"], ["--pending"], ["--pending", "--all"], ["--limit=200"]])
def test_what_many_items_would_make_of_it_is_what_they_do(here: Program, options: list[str]) -> None:
    real = here.client
    for number in range(1, 101):
        item = {"uid": "emma", "tid": 1526650262330 + number, "description": "d" * 21, "created": 20260102}
        item |= {"completed": 20260102} if "--pending" in options else {"category": "shopping"}
        made = items.to_item(item)
        size = values.item_size(made)
        assert abs(size - units.ASSUMED_BYTES[reading.tables("todo-")["todo-task"].holds]) <= 4, size
        real.put_item(TableName="todo-task", Item=made)
    spent = []

    class Measured:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def query(self, **request: Any) -> Any:
            answer = real.query(**request, ReturnConsumedCapacity="TOTAL")
            spent.append(answer["ConsumedCapacity"]["CapacityUnits"])
            return answer

    text = " ".join(Program(None, target="local").good("task-ls", "emma", *options, "--explain").out.split())
    here.client = Measured()
    here.good("task-ls", "emma", *options)
    here.client = real
    text = text.partition(" 1a only")[0]
    same = "the same among 100," in text
    foretold = re.search(r"read units ([0-9.]+) on" if same else r"as it grows ([0-9.]+) with 100", text)
    assert foretold
    assert float(foretold[1]) == sum(spent)


def test_text_that_others_typed_is_never_trusted_with_the_terminal() -> None:
    for words in (["task-add", "emma", "a\x1b[31m\u202e\n\x9bb"], ["task-la", "\x1b[2J"], ["user", "\x07"]):
        out = Program(None, target="local").good(*words, "--explain").out
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)


def test_a_terminal_gets_bold_headings_and_red_warnings_unless_it_wants_none() -> None:
    program = Program(None, target="local")
    coloured = program.good("user-ls", "--explain", columns=80).out
    assert "\x1b[1m1  Scan on todo-user\x1b[0m" in coloured
    assert "\x1b[31m" in coloured
    assert "\x1b" not in program.good("user-ls", "--explain", columns=80, env={"NO_COLOR": "1"}).out
    assert "\x1b" not in program.good("user-ls", "--explain").out


def test_a_narrow_terminal_gets_narrow_text() -> None:
    out = Program(None, target="local").good("user-add", "emma", "e@x", "123", "--explain", columns=50).out
    before, _, _ = out.partition("   AWS CLI")
    assert max(map(len, before.splitlines())) <= 50


def test_json_is_ascii_where_the_output_is() -> None:
    assert Stream().encoding is None
    assert '"☕"' in Program(None).good("task-la", "☕", "--explain", "--json").out


def test_the_sdks_own_repetitions_are_told_where_there_is_an_sdk() -> None:
    assert "sends a request that gets no answer 3 times at most" in " ".join(
        explained("user", "e", target="aws").split()
    )
    assert "SDK" not in explained("user", "e")
