"""index-add and index-rm, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nodetodo.cli.values import INDEXES
from nodetodo.repositories import definitions, waiting

from ..faults import Faulty, failing, first, response_lost, response_lost_and_retried
from ..program import Program


@pytest.fixture(autouse=True)
def many_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program poll longer: a Program does not sleep between its polls."""
    monkeypatch.setattr(waiting, "POLLS", 20_000)


def table_name(program: Program) -> str:
    return program.env["NODETODO_TABLE_PREFIX"] + "task"


def described(program: Program) -> dict[str, Any]:
    """Return the indexes of the table of tasks by their names."""
    table = program.client.describe_table(TableName=table_name(program))["Table"]
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}


def fill(program: Program) -> None:
    """Add tasks of two users, with and without due dates, two of them with the same one."""
    for uid in ("emma", "luis"):
        program.good("user-add", uid, "a@b", "123")
        for due in ("--dueat=2026-12-03", "--dueat=2026-12-01", "", "--dueat=2026-12-03"):
            program.good("task-add", uid, f"{uid} {due[-2:]}", "home", *filter(None, [due]))


def by_due(program: Program, uid: str = "emma") -> list[str]:
    """Read due-index as task-ls --by-due does, and return the descriptions."""
    response = program.client.query(
        TableName=table_name(program),
        IndexName="due-index",
        KeyConditionExpression="uid = :uid",
        ExpressionAttributeValues={":uid": {"S": uid}},
    )
    return [item["description"]["S"] for item in response["Items"]]


def rows(program: Program, *argv: str) -> list[tuple[str | None, str]]:
    """Run a command and return index_name and status of each row."""
    return [(row["index_name"], row["status"]) for row in program.good(*argv, "--json").json["tables"]]


def test_table_add_creates_no_optional_index_and_table_ls_reports_none_as_missing(nodetodo: Program) -> None:
    assert described(nodetodo).keys() == {"category-index"}
    assert rows(nodetodo, "table-ls") == [(None, "ACTIVE"), (None, "ACTIVE"), ("category-index", "ACTIVE")]


def test_an_index_added_to_a_table_with_tasks_contains_those_with_a_due_date(nodetodo: Program) -> None:
    fill(nodetodo)
    result = nodetodo.good("index-add", "due-index")
    assert result.err == (
        f"adding due-index to {table_name(nodetodo)}, for task-ls --by-due\n"
        "price: writing a task with a due date adds a write, two if the due date changes\n"
        "price: 5 read and 5 write units a second, charged from now on, used or not\n"
    )
    assert by_due(nodetodo) == ["emma 01", "emma 03", "emma 03"]
    assert by_due(nodetodo, "luis") == ["luis 01", "luis 03", "luis 03"]
    index = described(nodetodo)["due-index"]
    assert [(part["AttributeName"], part["KeyType"]) for part in index["KeySchema"]] == [
        ("uid", "HASH"),
        ("due", "RANGE"),
    ]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    units = index["ProvisionedThroughput"]
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (5, 5)


def test_an_index_of_a_table_on_demand_has_no_price_per_second(nodetodo: Program) -> None:
    nodetodo.good("table-edit", "--on-demand")
    assert "second" not in nodetodo.good("index-add", "due-index").err


@pytest.mark.parametrize("argv", [["index-add", "category-index"], ["index-add", "due-index"], ["table-add"]])
def test_an_added_index_has_the_provisioned_units_of_the_table(nodetodo: Program, argv: list[str]) -> None:
    nodetodo.good("index-rm", "category-index", "--yes")
    nodetodo.good("table-edit", "--read=40", "--write=30")
    nodetodo.good(*argv)
    (units,) = (index["ProvisionedThroughput"] for index in described(nodetodo).values())
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (40, 30)


def test_the_index_follows_later_writes(nodetodo: Program) -> None:
    nodetodo.good("index-add", "due-index")
    fill(nodetodo)
    tid = nodetodo.tid("task-add", "emma", "moved", "--dueat=2026-12-09")
    nodetodo.good("task-edit", "emma", tid, "--dueat=2026-12-02")
    assert by_due(nodetodo) == ["emma 01", "moved", "emma 03", "emma 03"]
    nodetodo.good("task-edit", "emma", tid, "--no-dueat")
    assert by_due(nodetodo) == ["emma 01", "emma 03", "emma 03"]


def test_the_json_has_the_table_of_tasks_with_its_indexes(nodetodo: Program) -> None:
    both = [(None, "ACTIVE"), ("category-index", "ACTIVE"), ("due-index", "ACTIVE")]
    assert rows(nodetodo, "index-add", "due-index") == both
    assert {row["table"] for row in nodetodo.good("index-add", "due-index", "--json").json["tables"]} == {
        table_name(nodetodo)
    }
    assert rows(nodetodo, "table-ls") == [(None, "ACTIVE"), *both]
    assert rows(nodetodo, "index-rm", "due-index", "--yes") == both[:2]
    assert rows(nodetodo, "index-rm", "category-index", "--yes") == [(None, "ACTIVE"), ("category-index", "MISSING")]


def test_adding_an_index_twice_succeeds_and_changes_nothing(nodetodo: Program) -> None:
    nodetodo.good("index-add", "due-index")
    recorder = nodetodo.client = Faulty(nodetodo.client)
    again = nodetodo.good("index-add", "due-index")
    assert again.err == f"due-index of {table_name(nodetodo)} already exists\n"
    assert [name for name, _ in recorder.sent] == ["describe_table"]


def test_a_removed_category_index_is_added_again_with_the_existing_tasks(nodetodo: Program) -> None:
    fill(nodetodo)
    nodetodo.good("index-rm", "category-index", "--yes")
    assert nodetodo("task-la", "home").status == 5
    nodetodo.good("index-add", "category-index")
    assert len(nodetodo.good("task-la", "home", "--json").json["tasks"]) == 8


def test_removing_an_index_keeps_the_tasks_and_the_other_index(nodetodo: Program) -> None:
    fill(nodetodo)
    nodetodo.good("index-add", "due-index")
    before = nodetodo.good("task-ls", "emma", "--json").json
    nodetodo.good("index-rm", "due-index", "--yes")
    assert described(nodetodo).keys() == {"category-index"}
    assert nodetodo.good("task-ls", "emma", "--json").json == before
    assert len(nodetodo.good("task-la", "home", "--json").json["tasks"]) == 8


@pytest.mark.parametrize(("index", "command"), [("due-index", "task-ls --by-due"), ("category-index", "task-la")])
def test_an_index_is_removed_only_after_a_confirmation_that_names_the_command_that_needs_it(
    nodetodo: Program, index: str, command: str
) -> None:
    nodetodo.good("index-add", index)
    question = f"Delete {index} of {table_name(nodetodo)} from {nodetodo.env['NODETODO_DB']}? {command} needs it. [y/N]"
    kept = nodetodo("index-rm", index, stdin="n\n")
    assert (kept.status, kept.out) == (1, "")
    assert kept.err == f"{question} nodetodo: nothing was deleted\n"
    assert nodetodo("index-rm", index).status == 2
    assert index in described(nodetodo)
    result = nodetodo.good("index-rm", index, stdin="y\n")
    assert result.err.startswith(question)
    assert f"\ndeleted {index} of {nodetodo.env['NODETODO_TABLE_PREFIX']}task\n" in result.out
    assert index not in described(nodetodo)


def test_a_missing_index_is_not_found(nodetodo: Program) -> None:
    result = nodetodo("index-rm", "due-index", "--yes")
    assert result == (3, "", f"nodetodo: {table_name(nodetodo)} has no index due-index\n")


@pytest.mark.parametrize("argv", [["index-add"], ["index-rm", "--yes"]])
def test_another_name_is_rejected_with_the_names_of_both_indexes(nodetodo: Program, argv: list[str]) -> None:
    for name in ("due", "Due-Index", "uid", ""):
        result = nodetodo(*argv, name)
        assert (result.status, result.out) == (2, "")
        assert "the indexes are category-index and due-index" in result.err


def test_the_names_of_the_command_line_are_those_of_the_definitions() -> None:
    defined = [index for table in definitions.tables() for index in table.index_updates()]
    assert list(INDEXES) == defined == list(definitions.INDEX_USES)


@pytest.mark.parametrize("argv", [["index-add", "due-index"], ["index-rm", "due-index", "--yes"]])
def test_missing_tables_are_reported(bare: Program, argv: list[str]) -> None:
    result = bare(*argv)
    status, remedy = bare.missing_tables
    assert (result.status, result.out) == (status, "")
    assert remedy in result.err


def add_other(program: Program, **changes: Any) -> None:
    """Add a due-index that differs from its definition."""
    _, task = definitions.tables(program.env["NODETODO_TABLE_PREFIX"])
    update = task.index_updates()["due-index"]
    created = update["GlobalSecondaryIndexUpdates"][0]["Create"] | changes
    attributes = definitions.merged(task.create_with_indexes()["AttributeDefinitions"], update["AttributeDefinitions"])
    program.client.update_table(
        **update | {"GlobalSecondaryIndexUpdates": [{"Create": created}], "AttributeDefinitions": attributes}
    )


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}]}, "other keys: due (N)"),
        ({"Projection": {"ProjectionType": "KEYS_ONLY"}}, "other projection: KEYS_ONLY"),
    ],
)
def test_an_index_with_another_definition_is_a_conflict_until_it_is_replaced(
    nodetodo: Program, changes: dict[str, Any], difference: str
) -> None:
    add_other(nodetodo, **changes)
    result = nodetodo("index-add", "due-index")
    assert (result.status, result.out) == (4, "")
    assert result.err == (
        f"nodetodo: due-index already exists with {difference}; index-rm due-index deletes it, then index-add "
        "due-index creates it as task-ls --by-due needs it\n"
    )
    assert nodetodo.good("table-ls", "--json").json["tables"][-1]["difference"] == difference
    nodetodo.good("index-add", "category-index")  # another index is not affected
    nodetodo.good("index-rm", "due-index", "--yes")
    nodetodo.good("index-add", "due-index")


def test_an_index_of_a_table_on_demand_is_on_demand(bare: Program) -> None:
    bare.good("table-add", "--on-demand")
    bare.good("index-add", "due-index")
    assert {row["billing"] for row in bare.good("table-ls", "--json").json["tables"]} == {"on demand"}


def test_table_rm_deletes_a_table_with_the_optional_index(nodetodo: Program) -> None:
    nodetodo.good("index-add", "due-index")
    nodetodo.good("table-rm", "--yes")
    status, remedy = nodetodo.missing_tables
    result = nodetodo("index-rm", "due-index", "--yes")
    assert (result.status, remedy in result.err) == (status, True)


@pytest.mark.parametrize("code", ["ResourceInUseException", "LimitExceededException"])
@pytest.mark.parametrize("argv", [["index-add", "due-index"], ["index-rm", "category-index", "--yes"]])
def test_a_change_that_dynamodb_does_not_accept_yet_is_sent_again(
    nodetodo: Program, code: str, argv: list[str]
) -> None:
    recorder = nodetodo.client = Faulty(nodetodo.client, update_table=first(2, failing(nodetodo.client, code)))
    nodetodo.good(*argv)
    assert [name for name, _ in recorder.sent].count("update_table") == 3
    assert len(nodetodo.slept) >= 2


def table_status(changes: dict[str, Any], times: int) -> Callable[..., Any]:
    """Return a fault that changes the first descriptions. changes: a status by index; of the table under ""."""

    def change(send: Any, request: dict[str, Any]) -> Any:
        response = send(**request)
        response["Table"]["TableStatus"] = changes.get("", "ACTIVE")
        for index in response["Table"].get("GlobalSecondaryIndexes", []):
            index["IndexStatus"] = changes.get(index["IndexName"], "ACTIVE")
        return response

    return first(times, change)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"": "UPDATING"}, "{table} is UPDATING"),
        ({"": "UPDATING", "category-index": "CREATING"}, "category-index of {table} is CREATING"),
    ],
)
def test_another_change_of_the_table_is_waited_for_before_the_index_is_added(
    nodetodo: Program, changes: dict[str, Any], reason: str
) -> None:
    recorder = nodetodo.client = Faulty(nodetodo.client, describe_table=table_status(changes, 3))
    nodetodo.is_terminal = True
    result = nodetodo.good("index-add", "due-index")
    assert [name for name, _ in recorder.sent][:4] == ["describe_table"] * 4
    assert [name for name, _ in recorder.sent].count("update_table") == 1
    assert reason.format(table=table_name(nodetodo)) in result.err


def test_a_repeated_command_waits_for_the_index_that_is_being_created(nodetodo: Program) -> None:
    nodetodo.good("index-add", "due-index")
    creating = table_status({"": "UPDATING", "due-index": "CREATING"}, 3)
    recorder = nodetodo.client = Faulty(nodetodo.client, describe_table=creating)
    nodetodo.good("index-add", "due-index")
    assert [name for name, _ in recorder.sent] == ["describe_table"] * 4
    assert nodetodo.slept[-3:] == [1.0] * 3


def test_a_repeated_command_waits_for_the_index_that_is_being_deleted(nodetodo: Program) -> None:
    nodetodo.good("index-add", "due-index")
    other = Program(nodetodo.client, target=nodetodo.env["NODETODO_DB"], prefix=nodetodo.env["NODETODO_TABLE_PREFIX"])
    deleting = table_status({"": "UPDATING", "due-index": "DELETING"}, 3)
    polls: list[Any] = []

    def deleted_by_another_process(send: Any, request: dict[str, Any]) -> Any:
        polls.append(request)
        if len(polls) == 4:
            other.good("index-rm", "due-index", "--yes")
        return deleting(send, request)

    recorder = nodetodo.client = Faulty(nodetodo.client, describe_table=deleted_by_another_process)
    nodetodo.good("index-rm", "due-index", "--yes")
    assert [name for name, _ in recorder.sent] == ["describe_table"] * 4
    assert nodetodo.slept[-3:] == [1.0] * 3


def test_an_index_can_be_deleted_during_its_backfill(nodetodo: Program) -> None:
    nodetodo.good("index-add", "due-index")

    def backfilling(send: Any, request: dict[str, Any]) -> Any:
        response = send(**request)
        response["Table"]["TableStatus"] = "UPDATING"
        for index in response["Table"]["GlobalSecondaryIndexes"]:
            if index["IndexName"] == "due-index":
                index |= {"IndexStatus": "CREATING", "Backfilling": True}
        return response

    recorder = nodetodo.client = Faulty(nodetodo.client, describe_table=first(1, backfilling))
    nodetodo.good("index-rm", "due-index", "--yes")
    assert [name for name, _ in recorder.sent][:2] == ["describe_table", "update_table"]


@pytest.mark.parametrize("argv", [["index-add", "due-index"], ["index-rm", "category-index", "--yes"]])
def test_a_lost_response_does_not_fail_the_command(nodetodo: Program, engine: str, argv: list[str]) -> None:
    if engine == "moto":
        pytest.skip("moto responds with an internal error to a repeated change")
    nodetodo.client = Faulty(nodetodo.client, update_table=response_lost_and_retried)
    nodetodo.good(*argv)


def test_a_killed_command_is_continued_by_the_same_command(nodetodo: Program) -> None:
    fill(nodetodo)
    real = nodetodo.client
    nodetodo.client = Faulty(real, update_table=response_lost)
    nodetodo("index-add", "due-index")
    nodetodo.client = real
    nodetodo.good("index-add", "due-index")
    assert by_due(nodetodo) == ["emma 01", "emma 03", "emma 03"]


@pytest.mark.parametrize("argv", [["index-add", "due-index"], ["index-rm", "category-index", "--yes"]])
def test_two_processes_that_change_the_same_index_at_once_both_succeed(
    nodetodo: Program, engine: str, argv: list[str]
) -> None:
    if engine == "moto":
        pytest.skip("moto responds with an internal error to a repeated change")
    other = Program(nodetodo.client, target=nodetodo.env["NODETODO_DB"], prefix=nodetodo.env["NODETODO_TABLE_PREFIX"])

    def other_process_first(send: Any, request: dict[str, Any]) -> Any:
        other.good(*argv)
        return send(**request)

    nodetodo.client = Faulty(nodetodo.client, update_table=other_process_first)
    nodetodo.good(*argv)


def test_every_wait_has_an_end_and_names_its_reason(nodetodo: Program, request: pytest.FixtureRequest) -> None:
    nodetodo.good("index-add", "due-index")
    request.getfixturevalue("short_waits")
    nodetodo.slept.clear()
    creating = table_status({"": "UPDATING", "due-index": "CREATING"}, 10_000)
    nodetodo.client = Faulty(nodetodo.client, describe_table=creating)
    result = nodetodo("index-add", "due-index")
    assert (result.status, result.out) == (5, "")
    assert result.err.splitlines()[-1] == (
        f"nodetodo: due-index of {table_name(nodetodo)} is CREATING after 1 minutes; index-add due-index continues to "
        "wait"
    )
    assert sum(nodetodo.slept) == 60


def test_a_rejected_change_is_reported(nodetodo: Program) -> None:
    real = nodetodo.client
    nodetodo.client = Faulty(real, update_table=failing(real, "InternalServerError"))
    for argv in (["index-add", "due-index"], ["index-rm", "category-index", "--yes"]):
        result = nodetodo(*argv)
        assert (result.status, result.out) == (5, "")
        assert "InternalServerError: injected; a change may have been applied" in result.err.splitlines()[-1]


def test_a_query_of_an_index_fails_with_its_own_message_if_the_table_may_not_be_described(nodetodo: Program) -> None:
    real = nodetodo.client
    nodetodo.client = Faulty(real, describe_table=failing(real, "AccessDeniedException"))
    result = nodetodo("task-ls", "emma", "--by-due")
    assert (result.status, result.out, result.err.count("\n")) == (5, "", 1)


@pytest.mark.parametrize("with_index", [False, True])
def test_the_requests_of_the_book_work_with_and_without_due_index(nodetodo: Program, with_index: bool) -> None:
    """The requests of the book's program: task-add, task-ls, task-la, task-done and task-rm."""
    if with_index:
        nodetodo.good("index-add", "due-index")
    client, table = nodetodo.client, table_name(nodetodo)
    for tid, due in enumerate((20261203, 20261201, None), 1):
        task = {"uid": {"S": "emma"}, "tid": {"N": str(tid)}, "description": {"S": "x"}, "created": {"N": "20261123"}}
        optional = {"due": {"N": str(due)}, "category": {"S": "home"}} if due else {}
        client.put_item(TableName=table, Item=task | optional)
    listed = client.query(
        TableName=table,
        KeyConditionExpression="uid = :uid",
        FilterExpression="due < :yyyymmdd",
        ExpressionAttributeValues={":uid": {"S": "emma"}, ":yyyymmdd": {"N": "20261202"}},
        Limit=10,
    )
    assert [item["tid"]["N"] for item in listed["Items"]] == ["2"]
    of_category = client.query(
        TableName=table,
        IndexName="category-index",
        KeyConditionExpression="category = :category",
        ExpressionAttributeValues={":category": {"S": "home"}},
    )
    assert [item["tid"]["N"] for item in of_category["Items"]] == ["1", "2"]
    key = {"uid": {"S": "emma"}, "tid": {"N": "1"}}
    client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET completed = :yyyymmdd",
        ExpressionAttributeValues={":yyyymmdd": {"N": "20261123"}},
    )
    client.delete_item(TableName=table, Key=key)
    assert [task["tid"] for task in nodetodo.good("task-ls", "emma", "--json").json["tasks"]] == [2, 3]
    if with_index:
        assert len(by_due(nodetodo)) == 1
