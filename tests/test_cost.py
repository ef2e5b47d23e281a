"""--cost reports the capacity units and the price of a command, and does not change the command."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from nodetodo import embedded
from nodetodo.embedded.values import item_size
from nodetodo.explain.meter import Meter
from nodetodo.pricing.prices import prices

from .explain.command_lines import NOTHING_TO_SEND, UNUSUAL, USUAL, Case, arguments, prepare
from .faults import Faulty, cancelled, first, response_lost_and_retried
from .program import Program, without_engine


def on_new_database() -> Program:
    """Return the program on an empty embedded engine."""
    return Program(embedded.connect(":memory:"), target="local")


@pytest.fixture
def emma() -> Program:
    """Return the program on an embedded engine with the user emma."""
    program = on_new_database()
    program.good("table-add")
    program.good("user-add", "emma", "emma@example.org", "+491701234")
    return program


def cost(program: Program, *argv: str) -> dict[str, Any]:
    """Run a command and return its cost."""
    found: dict[str, Any] = program.good(*argv, "--cost", "--json").json["cost"]
    return found


def measured(cost: dict[str, Any]) -> dict[str, float]:
    """Return the measured units by kind and table or index."""
    return {f"{part['kind']} {part['index'] or part['table']}": part["measured"] for part in cost["units"]}


@pytest.mark.parametrize("case", USUAL + UNUSUAL, ids=lambda case: f"{case.line} after {len(case.before)}")
def test_a_command_has_the_same_result_with_cost_which_is_in_narrow_lines_on_standard_error(case: Case) -> None:
    results = []
    for options in ([], ["--cost"]):
        program = on_new_database()
        words = prepare(program, case)
        result = program(*words, *options)
        stored = [
            sorted(map(str, program.client.scan(TableName=table)["Items"]))
            for table in program.client.list_tables()["TableNames"]
        ]
        results.append((result.status, result.out, stored))
        if options:
            assert "\ncost: " in "\n" + result.err
            for line in result.err.splitlines():
                assert len(line) <= 80 or line.startswith("nodetodo: ")
    assert results[0] == results[1]


WITH_OBJECT = [case for case in USUAL if case.tables and not case.line.startswith("export -")]
"""Command lines that print one JSON object."""


@pytest.mark.parametrize("case", WITH_OBJECT, ids=lambda case: case.line)
def test_with_json_the_cost_is_a_member_of_the_object(case: Case) -> None:
    program = on_new_database()
    result = program.good(*prepare(program, case), "--cost", "--json")
    found = result.json["cost"]
    assert "cost:" not in result.err
    assert sum(found["requests"].values()) > 0
    assert found["prices"] == {"region": "us-east-1", "date": prices().date}


def test_units_are_reported_by_table_and_index(emma: Program) -> None:
    added = cost(emma, "task-add", "emma", "milk", "shopping")
    assert measured(added) == {"write todo-user": 2, "write todo-task": 2, "write category-index": 1}
    assert [part["predicted"] for part in added["units"]] == [[2, 2], [2, 2], [1, 1]]
    assert added["note"] is None


WRITES_WITH_DUE_INDEX = [
    # the command line, the measured and the predicted units on due-index; None: it is not in the table of units
    ("task-add emma milk", None, None),
    ("task-add emma milk --dueat=today", 1, [1, 1]),
    ("task-done emma {due}", 1, [0, 1]),
    ("task-done emma {without}", None, None),
    ("task-edit emma {due} --description=oat", 1, [0, 1]),
    ("task-edit emma {due} --dueat=tomorrow", 2, [0, 2]),
    ("task-edit emma {without} --dueat=tomorrow", 1, [0, 2]),
    ("task-edit emma {due} --no-dueat", 1, [0, 1]),
    ("task-edit emma {without} --no-dueat", None, None),
    ("task-rm emma {due}", 1, [0, 1]),
    ("task-rm emma {without}", None, None),
    ("user-rm emma --with-tasks", 1, [0, 2]),
]


@pytest.mark.parametrize(("line", "units", "predicted"), WRITES_WITH_DUE_INDEX, ids=lambda value: str(value))
def test_the_cost_of_a_write_includes_due_index_where_it_exists(
    emma: Program, line: str, units: float | None, predicted: list[float] | None
) -> None:
    words = {"due": "", "without": ""}
    for name, options in (("due", ["--dueat=today"]), ("without", [])):
        words[name] = emma.tid("task-add", "emma", name, *options)
    emma.now += timedelta(hours=1)
    argv = line.format(**words).split()

    emma.good("index-add", "due-index")
    of_indexes = {part["index"]: part for part in cost(emma, *argv)["units"]}
    found = of_indexes.get("due-index")
    assert (found and found["measured"], found and found["predicted"]) == (units, predicted)


def test_the_cost_of_a_write_does_not_mention_due_index_where_it_is_missing(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "milk", "--dueat=today")
    for argv in (["task-edit", "emma", tid, "--dueat=tomorrow"], ["task-rm", "emma", tid]):
        found = cost(emma, *argv)
        assert "due-index" not in [part["index"] for part in found["units"]]
        assert found["note"] is None


def test_a_list_by_due_date_consumes_units_on_due_index(emma: Program) -> None:
    emma.good("task-add", "emma", "milk", "--dueat=today")
    emma.good("index-add", "due-index")
    found = cost(emma, "task-ls", "emma", "--by-due")
    assert measured(found) == {"read due-index": 0.5}
    assert found["units"][0]["predicted"] == [0.5, 0.5]


def test_pages_are_summed_with_the_items_before_and_after_the_filter(emma: Program) -> None:
    for number in range(120):
        emma.good("task-add", "emma", "x" * 30, "shopping" if number == 119 else "home")
    filtered = cost(emma, "task-ls", "emma", "shopping")
    assert filtered["requests"] == {"Query": 2}
    assert (filtered["pages"], filtered["scanned_count"], filtered["count"]) == (2, 120, 1)
    whole = cost(emma, "task-ls", "emma", "--all")
    assert (whole["pages"], whole["scanned_count"], whole["count"]) == (1, 120, 120)
    # 120 tasks of about 83 bytes: pages of 50 and 70 tasks cost half of 2 units each, one page costs half of 3 units.
    assert measured(filtered) == {"read todo-task": 2.0}
    assert measured(whole) == {"read todo-task": 1.5}


def test_the_price_of_a_million_commands_follows_the_price_list(emma: Program) -> None:
    price = cost(emma, "task-add", "emma", "milk", "shopping")["million"]
    standard = prices().standard
    assert price["on_demand"] == float(5 * standard.on_demand_write_million)
    hours = Decimal(1_000_000) / 3600
    assert price["provisioned"] == pytest.approx(float(5 * standard.provisioned_write_hour * hours))
    assert cost(emma, "user", "emma")["million"]["on_demand"] == float(standard.on_demand_read_million / 2)


def test_retries_are_counted(emma: Program) -> None:
    real = emma.client
    emma.client = Faulty(real, put_item=response_lost_and_retried)
    result = emma.good("user-add", "luis", "luis@example.org", "123", "--cost")
    assert "cost: 1 request (PutItem); 1 retry" in result.err
    emma.client = Faulty(real, transact_write_items=first(2, cancelled(real, "None", "TransactionConflict")))
    added = cost(emma, "task-add", "emma", "x")
    assert (added["requests"], added["refused"]) == ({"TransactWriteItems": 3}, 2)


def test_a_rejected_write_is_charged_and_its_cost_follows_the_error_message(emma: Program) -> None:
    result = emma("task-done", "emma", "1526650262330", "--cost")
    assert result.status == 3
    assert result.err.startswith(
        "nodetodo: user emma has no task with tid 1526650262330\ncost: 1 request (UpdateItem)\n"
    )
    assert "rejected but charged: 1 request, 1 write unit (by the existing item's size)" in result.err
    assert "$0.625 on demand" in result.err


@pytest.mark.parametrize(
    ("email", "other", "charged"),
    [
        ("e@" + "x" * 4078, "e@example.org", "5 write units"),
        ("e@example.org", "e@" + "x" * 3000, "1 write unit"),
    ],
)
def test_a_rejected_write_of_a_user_is_charged_by_the_existing_user(email: str, other: str, charged: str) -> None:
    program = on_new_database()
    program.good("table-add")
    program.good("user-add", "e", email, "123")
    size = item_size({"uid": {"S": "e"}, "email": {"S": email}, "phone": {"S": "123"}})
    assert size in (30, 4097)
    result = program("user-add", "e", other, "123", "--cost")
    assert result.status == 4
    assert f"rejected but charged: 1 request, {charged} (by the existing item's size)" in result.err


def test_completing_a_large_task_twice_is_charged_by_its_size(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x" * 5000)
    emma.good("task-done", "emma", tid)
    assert "rejected but charged: 1 request, 5 write units" in emma.good("task-done", "emma", tid, "--cost").err


def test_a_cancelled_transaction_is_charged_by_the_item_of_the_condition_that_failed(emma: Program) -> None:
    assert "rejected but charged: 1 request, 4 write units" in emma("task-add", "nobody", "x", "--cost").err
    emma.good("task-add", "emma", "x" * 5000)  # in the same millisecond as the next one
    added = emma.good("task-add", "emma", "y", "--cost").err
    assert "rejected but charged: 1 request, 12 write units" in added  # 2 for the user and twice 5 for the task


def test_the_cost_of_an_unreachable_database_follows_the_error_message() -> None:
    result = Program(None, target="http://127.0.0.1:1")("user", "emma", "--cost")
    assert result.status == 5
    assert result.err.startswith("nodetodo: ")
    assert result.err.splitlines()[1].startswith("cost: 1 request")


@pytest.mark.parametrize("case", NOTHING_TO_SEND[:2], ids=lambda case: case.line)
def test_a_command_without_requests_opens_no_database_for_its_cost(case: Case) -> None:
    assert "cost: 0 requests\n" in without_engine().good(*arguments(case), "--cost").err


def test_a_command_that_fails_prints_its_cost_on_standard_error_with_json_too(emma: Program) -> None:
    result = emma("task-ls", "nobody", "--cost", "--json")
    assert (result.status, result.out) == (3, "")
    assert "\ncost: 2 requests (Query, GetItem); 1 page; ScannedCount 0, Count 0\n" in result.err


def test_the_prices_of_an_unknown_region_are_those_of_us_east_1(emma: Program) -> None:
    emma.env["AWS_REGION"] = "eu-north-9"
    line = emma.good("user", "emma", "--cost").err.splitlines()[-1]
    assert line == f"prices of us-east-1 on {prices().date}, because those of eu-north-9 are unknown"


def test_engines_whose_units_differ_from_those_of_aws_are_named(nodetodo: Program, engine: str) -> None:
    nodetodo.good("user-add", "emma", "emma@example.org", "+491701234")
    found = nodetodo.good("user", "emma", "--cost").err
    added = nodetodo.good("task-add", "emma", "x", "shopping", "--cost").err
    nothing = nodetodo.good("task-la", "nothing", "--cost").err
    name = {"dynamodb_local": "DynamoDB Local", "moto": "moto"}.get(engine)
    assert "differ from those of AWS" not in found
    for err in (added, nothing):
        if name:
            assert f"the units of {name} differ from those of AWS" in err
        else:
            assert "differ from" not in err
    # The price is then that of the predicted units.
    assert "$3.125 on demand" in added
    assert "$0.0625 on demand" in nothing


def test_units_of_items_larger_than_assumed_have_a_note(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x" * 5000)
    assert "the units differ from the prediction" in cost(emma, "task-done", "emma", tid)["note"]


def test_requests_about_tables_are_free(emma: Program) -> None:
    is_local = emma.env["NODETODO_DB"] == "local"
    assert emma.good("table-ls", "--cost").err.splitlines() == [
        "cost: 2 requests (2 DescribeTable)"
        if is_local
        else "cost: 4 requests (2 DescribeTable, 2 DescribeContinuousBackups)",
        "requests about tables are free; storage and provisioned capacity are not",
    ]


def test_every_request_for_items_requests_its_units_by_index() -> None:
    requested = []

    class Recorder:
        def __getattr__(self, name: str) -> Any:
            def operation(**request: Any) -> Any:
                requested.append((name, request.get("ReturnConsumedCapacity")))
                return {"ScannedCount": 0, "Count": 0}

            return operation

    meter = Meter(cast("Any", Recorder()), "todo-", {})
    key = {"TableName": "todo-user", "Key": {"uid": {"S": "e"}}}
    meter.get_item(**key)
    meter.delete_item(**key)
    meter.query(TableName="todo-user", Limit=1)
    meter.scan(TableName="todo-user", Limit=1)
    meter.describe_table(TableName="todo-user")
    assert requested == [
        ("get_item", "INDEXES"),
        ("delete_item", "INDEXES"),
        ("query", "INDEXES"),
        ("scan", "INDEXES"),
        ("describe_table", None),
    ]


def test_the_json_of_a_list_with_its_cost_is_one_object(emma: Program) -> None:
    for _ in range(3):
        emma.good("task-add", "emma", "x")
    out = emma.good("task-ls", "emma", "--all", "--json", "--cost").out
    assert list(json.loads(out)) == ["tasks", "next", "cost"]
