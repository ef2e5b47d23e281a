"""--cost: what a command consumed is told, and the command does what it does without."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from nodetodo import embedded
from nodetodo.explain.cost import Meter
from nodetodo.pricing.prices import prices

from .explain.lines import UNUSUAL, USUAL, Case, prepared
from .faults import Faulty, cancelled, first, response_lost_and_retried
from .program import Program


@pytest.fixture
def emma() -> Program:
    """The program on an embedded engine of its own, with a user emma."""
    program = Program(embedded.connect(":memory:"), target="local")
    program.good("table-add")
    program.good("user-add", "emma", "emma@example.org", "+491701234")
    return program


def cost(program: Program, *argv: str) -> dict[str, Any]:
    told: dict[str, Any] = program.good(*argv, "--cost", "--json").json["cost"]
    return told


def used(told: dict[str, Any]) -> dict[str, float]:
    return {f"{one['kind']} {one['index'] or one['table']}": one["measured"] for one in told["units"]}


@pytest.mark.parametrize("case", USUAL + UNUSUAL, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_a_command_says_and_does_the_same_with_cost_which_goes_to_standard_error(case: Case) -> None:
    results = []
    for options in ([], ["--cost"]):
        program = Program(embedded.connect(":memory:"), target="local")
        words = prepared(program, case)
        result = program(*words, *options)
        rest = [
            sorted(map(str, program.client.scan(TableName=table)["Items"]))
            for table in program.client.list_tables()["TableNames"]
        ]
        results.append((result.status, result.out, rest))
        if options:
            assert "\ncost: " in "\n" + result.err
    assert results[0] == results[1]


@pytest.mark.parametrize("case", [case for case in USUAL if case.tables], ids=lambda case: case.line)
def test_with_json_it_is_a_member_of_the_object(nodetodo: Program, case: Case) -> None:
    words = prepared(nodetodo, case)
    result = nodetodo.good(*words, "--cost", "--json")
    told = result.json["cost"]
    assert "cost:" not in result.err
    assert sum(told["requests"].values()) > 0
    assert told["prices"] == {"region": "us-east-1", "date": prices().date}


def test_units_are_told_by_table_and_index(emma: Program) -> None:
    told = cost(emma, "task-add", "emma", "milk", "shopping")
    assert used(told) == {"write todo-user": 2, "write todo-task": 2, "write category-index": 1}
    assert [one["predicted"] for one in told["units"]] == [[2, 2], [2, 2], [1, 1]]
    assert told["note"] is None


def test_pages_are_added_up_and_what_was_read_is_held_against_what_passed(emma: Program) -> None:
    for number in range(120):
        emma.good("task-add", "emma", "x" * 30, "shopping" if number == 119 else "home")
    told = cost(emma, "task-ls", "emma", "shopping")
    assert (told["requests"], told["pages"], told["scanned_count"], told["count"]) == ({"Query": 2}, 2, 120, 1)
    whole = cost(emma, "task-ls", "emma", "--all")
    assert (whole["pages"], whole["scanned_count"], whole["count"]) == (1, 120, 120)
    # 120 tasks of some 83 bytes: in pages of 50 and 70 half of 2 and half of 2 units, at once half of 3.
    assert used(told) == {"read todo-task": 2.0}
    assert used(whole) == {"read todo-task": 1.5}


def test_a_million_commands_cost_what_the_prices_say(emma: Program) -> None:
    told = cost(emma, "task-add", "emma", "milk", "shopping")
    of = prices().standard
    assert told["million"]["on_demand"] == float(5 * of.on_demand_write_million)
    full_hours = Decimal(1_000_000) / 3600
    assert told["million"]["provisioned"] == pytest.approx(float(5 * of.provisioned_write_hour * full_hours))
    assert cost(emma, "user", "emma")["million"]["on_demand"] == float(of.on_demand_read_million / 2)


def test_retries_are_counted(emma: Program) -> None:
    real = emma.client
    emma.client = Faulty(real, put_item=response_lost_and_retried)
    result = emma.good("user-add", "luis", "luis@example.org", "123", "--cost")
    assert "cost: 1 request (PutItem); 1 sent again" in result.err
    emma.client = Faulty(real, transact_write_items=first(2, cancelled(real, "None", "TransactionConflict")))
    told = cost(emma, "task-add", "emma", "x")
    assert (told["requests"], told["refused"]) == ({"TransactWriteItems": 3}, 2)


def test_a_refused_write_is_charged_and_said_to_be(emma: Program) -> None:
    result = emma("task-done", "emma", "1", "--cost")
    assert result.status == 3
    assert "1 request refused and charged: 1 write unit as predicted, not reported" in result.err
    assert "$0.625 on demand" in result.err
    assert result.err.endswith("nodetodo: user emma has no task with tid 1\n")


def test_a_command_that_fails_tells_its_cost_with_json_on_standard_error(emma: Program) -> None:
    result = emma("task-ls", "nobody", "--cost", "--json")
    assert (result.status, result.out) == (3, "")
    assert result.err.startswith("cost: 2 requests (Query, GetItem); 1 page; ScannedCount 0, Count 0\n")


def test_a_region_without_known_prices_says_whose_are_shown(emma: Program) -> None:
    emma.env["AWS_REGION"] = "eu-north-9"
    said = " ".join(emma.good("user", "emma", "--cost").err.split())
    assert said.endswith(
        f"prices of us-east-1 on {prices().date}, table class standard, as those of eu-north-9 are not known"
    )


def test_an_engine_that_counts_otherwise_than_dynamodb_is_said_to_where_it_does(nodetodo: Program, engine: str) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    found = nodetodo.good("user", "emma", "--cost").err
    added = nodetodo.good("task-add", "emma", "x", "shopping", "--cost").err
    nothing = nodetodo.good("task-la", "nothing", "--cost").err
    wrong = {"dynamodb_local": "DynamoDB Local counts", "moto": "moto counts"}.get(engine)
    assert "counts otherwise" not in found
    for told in (added, nothing):
        assert ("counts otherwise than DynamoDB" in told) == (wrong is not None)
        assert wrong is None or wrong in told
    # The money is then that of the prediction.
    assert "$3.125 on demand" in added
    assert "$0.0625 on demand" in nothing


def test_items_larger_than_assumed_are_said_to_be(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x" * 5000)
    assert "units beyond the prediction" in cost(emma, "task-done", "emma", tid)["note"]


def test_requests_about_tables_are_free(emma: Program) -> None:
    assert emma.good("table-ls", "--cost").err.splitlines() == [
        "cost: 2 requests (2 DescribeTable)",
        "requests about tables are free; what they hold, and provisioned capacity, is not",
    ]


@pytest.mark.parametrize("case", USUAL + UNUSUAL, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_no_line_is_wider_than_a_terminal(case: Case) -> None:
    program = Program(embedded.connect(":memory:"), target="local")
    for line in program(*prepared(program, case), "--cost").err.splitlines():
        assert len(line) <= 80 or line.startswith("nodetodo: ")


def test_every_operation_that_takes_it_is_asked_for_its_units_by_index() -> None:
    asked = []

    class Asked:
        def __getattr__(self, name: str) -> Any:
            def operation(**request: Any) -> Any:
                asked.append((name, request.get("ReturnConsumedCapacity")))
                return {"ScannedCount": 0, "Count": 0}

            return operation

    meter = Meter(Asked(), "todo-", {})  # type: ignore[arg-type]
    key = {"TableName": "todo-user", "Key": {"uid": {"S": "e"}}}
    meter.get_item(**key)
    meter.delete_item(**key)
    meter.query(TableName="todo-user", Limit=1)
    meter.scan(TableName="todo-user", Limit=1)
    meter.describe_table(TableName="todo-user")
    assert asked == [
        ("get_item", "INDEXES"),
        ("delete_item", "INDEXES"),
        ("query", "INDEXES"),
        ("scan", "INDEXES"),
        ("describe_table", None),
    ]


def test_the_json_is_one_object_however_long_the_list(emma: Program) -> None:
    for _ in range(3):
        emma.good("task-add", "emma", "x")
    out = emma.good("task-ls", "emma", "--all", "--json", "--cost").out
    assert list(json.loads(out)) == ["tasks", "next", "cost"]
