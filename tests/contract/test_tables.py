"""The commands on tables, on every engine."""

from typing import Any

import pytest

from nodetodo.repositories import definitions

from ..faults import Faulty
from ..program import Program


def described(program: Program, name: str) -> Any:
    """Return the description of a table by its name without prefix."""
    return program.client.describe_table(TableName=program.env["NODETODO_TABLE_PREFIX"] + name)["Table"]


def statuses(program: Program) -> list[tuple[str, str]]:
    """Return the name without prefix and the status of each table and index."""
    prefix = program.env["NODETODO_TABLE_PREFIX"]
    tables = program.good("table-ls", "--json").json["tables"]
    return [(table["index_name"] or table["table"].removeprefix(prefix), table["status"]) for table in tables]


ALL_ACTIVE = [("user", "ACTIVE"), ("task", "ACTIVE"), ("category-index", "ACTIVE")]


def test_tables_and_index_are_created_with_5_read_and_5_write_units(bare: Program) -> None:
    assert statuses(bare) == [("user", "MISSING"), ("task", "MISSING")]
    assert bare("table-add").status == 0
    assert statuses(bare) == ALL_ACTIVE
    for table in (described(bare, "user"), described(bare, "task"), *described(bare, "task")["GlobalSecondaryIndexes"]):
        units = table["ProvisionedThroughput"]
        assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (5, 5)


def test_options_set_the_capacity_of_new_tables(bare: Program) -> None:
    bare.good("table-add", "--read=3", "--write=7")
    rows = bare.good("table-ls", "--json").json["tables"]
    assert [(row["read"], row["write"], row["billing"]) for row in rows] == [(3, 7, "provisioned")] * 3
    bare.good("table-rm", "--yes")
    bare.good("table-add", "--write=6")
    rows = bare.good("table-ls", "--json").json["tables"]
    assert [(row["read"], row["write"]) for row in rows] == [(5, 6)] * 3


@pytest.mark.parametrize(
    ("target", "is_aws"),
    [
        ("aws", True),
        ("https://dynamodb.eu-central-1.amazonaws.com", True),
        ("http://localhost:8000", False),
        ("local", False),
    ],
)
def test_the_age_of_counts_is_reported_for_aws_only(nodetodo: Program, target: str, is_aws: bool) -> None:
    for argv in (["table-add"], ["table-ls"]):
        out = nodetodo.good(*argv, f"--db={target}").out
        assert out.endswith("\non AWS, items and bytes are up to six hours old\n") == is_aws


def test_tables_on_demand_have_no_capacity_units(bare: Program) -> None:
    bare.good("table-add", "--on-demand")
    rows = bare.good("table-ls", "--json").json["tables"]
    assert [(row["read"], row["write"], row["billing"]) for row in rows] == [(None, None, "on demand")] * 3


def test_an_existing_table_with_the_same_keys_is_kept_with_its_items(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "a@b", "123")
    again = nodetodo("table-add")
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    assert again.status == 0
    kept = "already exists and keeps its capacity"
    assert again.err == f"{prefix}user {kept}\n{prefix}task {kept}\n"
    assert nodetodo("user", "emma").status == 0


UPDATE = "table-edit changes it"


@pytest.mark.parametrize("options", [["--on-demand"], ["--read=7"], ["--read=5", "--write=7"]])
def test_another_capacity_than_that_of_existing_tables_is_a_conflict(nodetodo: Program, options: list[str]) -> None:
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    units = "(5 read and 5 write units)"
    listed = f"{prefix}user {units}, {prefix}task {units}, {prefix}task/category-index {units}"
    expected = f"nodetodo: existing tables keep their capacity: {listed}; {UPDATE}\n"
    assert nodetodo("table-add", *options) == (4, "", expected)
    assert {row["read"] for row in nodetodo.good("table-ls", "--json").json["tables"]} == {5}


def test_capacity_units_for_existing_tables_on_demand_are_a_conflict(bare: Program) -> None:
    bare.good("table-add", "--on-demand")
    result = bare("table-add", "--write=5")
    assert result.status == 4
    assert f"{bare.env['NODETODO_TABLE_PREFIX']}user (on demand), " in result.err


def test_the_capacity_of_existing_tables_can_be_requested_again(bare: Program) -> None:
    for options in (["--read=3", "--write=4"], ["--on-demand"]):
        bare.good("table-add", *options)
        bare.good("table-add", *options)
        bare.good("table-rm", "--yes")


def test_another_capacity_is_a_conflict_before_a_missing_table_is_created(nodetodo: Program) -> None:
    name = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}user"
    nodetodo.client.delete_table(TableName=name)
    assert nodetodo("table-add", "--on-demand").status == 4
    assert ("user", "MISSING") in statuses(nodetodo)
    nodetodo.good("table-add", "--read=5")


def test_a_missing_index_is_added_and_contains_the_existing_tasks(bare: Program) -> None:
    user, task = definitions.tables(bare.env["NODETODO_TABLE_PREFIX"])
    bare.client.create_table(**user.create)
    bare.client.create_table(**task.create)
    assert statuses(bare) == [("user", "ACTIVE"), ("task", "ACTIVE"), ("category-index", "MISSING")]
    bare.good("user-add", "emma", "a@b", "123")
    bare.good("task-add", "emma", "x", "c")
    bare.good("table-add")
    assert statuses(bare) == ALL_ACTIVE
    assert len(bare("task-la", "c", "--json").json["tasks"]) == 1


def test_a_list_without_its_index_reports_how_to_create_it(bare: Program) -> None:
    for table in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]):
        bare.client.create_table(**table.create)
    name, target = f"{bare.env['NODETODO_TABLE_PREFIX']}task", bare.env["NODETODO_DB"]
    db = "" if target == "local" else f" --db={target}"
    for line, index in (("task-la c", "category-index"), ("task-ls emma --by-due", "due-index")):
        for options in ([], ["--json"], ["--all"]):
            result = bare(*line.split(), *options)
            assert (result.status, result.out) == (5, "")
            assert result.err == (
                f"nodetodo: {name} has no index {index}; create it with: nodetodo index-add {index}{db}\n"
            )


def test_an_index_added_to_a_table_on_demand_is_on_demand(bare: Program) -> None:
    for table in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]):
        on_demand = {name: value for name, value in table.create.items() if name != "ProvisionedThroughput"}
        bare.client.create_table(**on_demand, BillingMode="PAY_PER_REQUEST")
    bare.good("table-add")
    assert statuses(bare) == ALL_ACTIVE


def create_other(program: Program, name: str, *keys: str) -> str:
    """Create a table of another program under one of the names, with these key attributes, and return its name."""
    name = program.env["NODETODO_TABLE_PREFIX"] + name
    program.client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.mark.parametrize("other", ["user", "task"])
def test_a_table_with_other_keys_is_a_conflict_before_anything_is_created(bare: Program, other: str) -> None:
    name = create_other(bare, other, "id")
    result = bare("table-add")
    assert (result.status, result.out) == (4, "")
    assert result.err == (
        f"nodetodo: {name} already exists with other keys: id (S); set NODETODO_TABLE_PREFIX to use other table names\n"
    )
    assert [table for table, status in statuses(bare) if status == "ACTIVE"] == [other]
    assert described(bare, other)["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_tables_with_other_keys_are_reported_and_not_deleted(bare: Program) -> None:
    name = create_other(bare, "user", "id")
    listed = bare.good("table-ls")
    assert "ACTIVE, other keys: id (S)" in listed.out
    assert listed.out.splitlines()[-1].startswith("table-add reports how to continue")
    assert [row["difference"] for row in bare.good("table-ls", "--json").json["tables"]] == ["other keys: id (S)", None]
    removed = bare("table-rm", "--yes")
    assert (removed.status, removed.out) == (4, "")
    assert f"{name} already exists with other keys: id (S)" in removed.err
    assert described(bare, "user")["TableStatus"] == "ACTIVE"


def test_a_table_of_this_program_beside_another_one_is_not_deleted(nodetodo: Program) -> None:
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    nodetodo.client.delete_table(TableName=f"{prefix}task")
    create_other(nodetodo, "task", "uid", "when")
    assert nodetodo("table-rm", "--yes").status == 4
    assert ("user", "ACTIVE") in statuses(nodetodo)


COMMANDS_ON_USERS = [
    ["user-add", "emma", "a@b", "123"],
    ["user", "emma"],
    ["user-ls"],
    ["user-ls", "--json", "--cost"],
    ["user-edit", "emma", "--phone=123"],
    ["design"],
    ["capacity", "--writes=1", "--table"],
]
COMMANDS_ON_TASKS = [
    ["task", "emma", "1"],
    ["task-done", "emma", "1"],
    ["task-edit", "emma", "1", "--category=c"],
    ["task-rm", "emma", "1"],
    ["user-rm", "emma"],
    ["user-rm", "emma", "--with-tasks"],
    ["task-ls", "emma"],
]


@pytest.mark.parametrize("keys", [("id",), ("id", "email")])
def test_commands_on_users_report_a_table_with_other_keys(bare: Program, keys: tuple[str, ...]) -> None:
    name = create_other(bare, "user", *keys)
    create_other(bare, "task", "uid")
    bare.client.put_item(TableName=name, Item={"id": {"S": "1"}, "email": {"S": "e"}, "uid": {"N": "1"}})
    for argv in COMMANDS_ON_USERS:
        result = bare(*argv)
        assert result.status == 4, (argv, result)
        assert result.err.count("\n") == 1 or "--cost" in argv
        assert f"{name} already exists with other keys: id (S)" in result.err, argv


@pytest.mark.parametrize("keys", [("id",), ("uid",), ("uid", "tid")])
def test_commands_on_tasks_report_a_table_with_other_keys(
    nodetodo: Program, engine: str, keys: tuple[str, ...]
) -> None:
    if engine == "moto" and keys == ("uid", "tid"):
        pytest.skip("moto accepts a key of another type")
    nodetodo.good("user-add", "emma", "a@b", "123")
    nodetodo.client.delete_table(TableName=f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task")
    name = create_other(nodetodo, "task", *keys)
    nodetodo.client.put_item(TableName=name, Item={"uid": {"S": "emma"}, "id": {"S": "1"}, "tid": {"S": "1"}})
    for argv in COMMANDS_ON_TASKS:
        result = nodetodo(*argv)
        assert (result.status, result.out) == (4, ""), (argv, result)
        assert f"{name} already exists with other keys: {keys[0]} (S)" in result.err, argv
        assert nodetodo.good("user", "emma", "--json").json == {"uid": "emma", "email": "a@b", "phone": "123"}, argv
        assert nodetodo.good("user", "emma", "--json").json == {"uid": "emma", "email": "a@b", "phone": "123"}, argv


def create_with_index(program: Program, **changes: Any) -> None:
    """Create the tables, with an index that differs from its definition."""
    user, task = definitions.tables(program.env["NODETODO_TABLE_PREFIX"])
    program.client.create_table(**user.create)
    request = task.create_with_indexes()
    request["GlobalSecondaryIndexes"][0].update(changes)
    program.client.create_table(**request)


def test_an_index_with_other_keys_is_a_conflict(bare: Program) -> None:
    create_with_index(bare, KeySchema=[{"AttributeName": "category", "KeyType": "HASH"}])
    result = bare("table-add")
    assert result.status == 4
    assert (
        "category-index already exists with other keys: category (S); index-rm category-index deletes it, then"
        in result.err
    )
    assert "ACTIVE, other keys: category (S)" in bare.good("table-ls").out


@pytest.mark.parametrize(
    ("projection", "shown"),
    [
        ({"ProjectionType": "KEYS_ONLY"}, "KEYS_ONLY"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["due"]}, "INCLUDE due"),
    ],
)
def test_an_index_with_another_projection_is_reported_and_not_read(
    bare: Program, engine: str, projection: dict[str, Any], shown: str
) -> None:
    create_with_index(bare, Projection=projection)
    bare.good("user-add", "emma", "a@b", "123")
    bare.good("task-add", "emma", "x", "c")
    assert [row["difference"] for row in bare.good("table-ls", "--json").json["tables"]] == [
        *(None, None, f"other projection: {shown}")
    ]
    commands = [["table-add"], ["task-la", "c"], ["task-la", "c", "--pending", "--json"]]
    for argv in commands[:1] if engine == "moto" else commands:  # moto returns the copied attributes
        result = bare(*argv)
        assert (result.status, result.out) == (4, ""), argv
        assert f"category-index already exists with other projection: {shown}; index-rm category-index" in result.err
    assert [task["description"] for task in bare.good("task-ls", "emma", "--json").json["tasks"]] == ["x"]
    assert bare.good("table-rm", "--yes").out.startswith("deleted")


def test_tables_are_deleted_with_all_items_after_confirmation(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "a@b", "123")
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    target = nodetodo.env["NODETODO_DB"]
    question = f"Delete {prefix}user and {prefix}task from {target}, with all users and tasks? [y/N] "
    for answer in ("n\n", "\n"):
        kept = nodetodo("table-rm", stdin=answer)
        assert kept == (1, "", f"{question}nodetodo: nothing was deleted\n")
    at_the_end_of_input = nodetodo("table-rm", stdin="")
    assert at_the_end_of_input == (1, "", f"{question}\nnodetodo: nothing was deleted\n")
    assert nodetodo("user", "emma").status == 0
    assert nodetodo("table-rm", stdin="y\n") == (0, f"deleted {prefix}user and {prefix}task\n", question)
    assert statuses(nodetodo) == [("user", "MISSING"), ("task", "MISSING")]


def test_without_a_terminal_tables_are_deleted_only_with_the_option_yes(nodetodo: Program) -> None:
    assert nodetodo("table-rm").status == 2
    assert statuses(nodetodo) == ALL_ACTIVE
    assert nodetodo("table-rm", "--yes", "--json").json == {
        "deleted": [f"{nodetodo.env['NODETODO_TABLE_PREFIX']}{name}" for name in ("user", "task")]
    }


def test_deleting_missing_tables_is_not_found(bare: Program) -> None:
    assert bare("table-rm", "--yes").status == 3


def test_every_command_on_missing_tables_reports_how_to_create_them(bare: Program) -> None:
    for argv in (
        ["user-add", "emma", "a@b", "123"],
        ["user", "emma"],
        ["user-ls"],
        ["user-edit", "emma", "--phone=123"],
        ["user-rm", "emma"],
        ["user-rm", "emma", "--with-tasks"],
        ["task-add", "emma", "x"],
        ["task", "emma", "1"],
        ["task-done", "emma", "1"],
        ["task-reopen", "emma", "1"],
        ["task-edit", "emma", "1", "--category=c"],
        ["task-rm", "emma", "1"],
        ["task-ls", "emma"],
        ["task-la", "c", "--json"],
    ):
        result = bare(*argv)
        status, remedy = bare.missing_tables
        assert (result.status, result.out) == (status, ""), argv
        assert remedy in result.err
        assert result.err.count("\n") == 1


def test_table_add_waits_until_the_tables_are_active(bare: Program) -> None:
    reads = []

    def slowly(send: Any, request: Any) -> Any:
        response = send(**request)
        reads.append(request)
        if len(reads) in (1, 2):
            response["Table"]["TableStatus"] = "CREATING"
        return response

    bare.client = Faulty(bare.client, describe_table=slowly)
    bare.good("table-add")
    assert len(bare.slept) == 2


def test_two_processes_that_create_the_tables_at_once_both_succeed(bare: Program) -> None:
    other = Program(bare.client, prefix=bare.env["NODETODO_TABLE_PREFIX"])

    def other_process_first(send: Any, request: Any) -> Any:
        other.good("table-add")
        return send(**request)

    bare.client = Faulty(bare.client, create_table=other_process_first)
    assert bare("table-add").status == 0
    assert statuses(other) == ALL_ACTIVE


def test_capacity_that_is_not_a_whole_number_from_one_is_rejected(bare: Program) -> None:
    for given in ("0", "-1", "x", "1.5", "2147483648", "99999999999", "9" * 5000):
        result = bare("table-add", f"--read={given}")
        assert (result.status, result.out) == (2, "")
        assert result.err.endswith("it takes a whole number from 1 to 2,147,483,647\n")
    assert statuses(bare) == [("user", "MISSING"), ("task", "MISSING")]
