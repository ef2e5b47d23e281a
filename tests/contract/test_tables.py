"""What holds for the tables themselves, on every engine."""

from typing import Any

from nodetodo.repositories import definitions

from ..faults import Faulty
from ..program import Program


def described(program: Program, name: str) -> Any:
    return program.client.describe_table(TableName=program.env["NODETODO_TABLE_PREFIX"] + name)["Table"]


def statuses(program: Program) -> list[tuple[str, str]]:
    prefix = program.env["NODETODO_TABLE_PREFIX"]
    tables = program.good("table-ls", "--json").json["tables"]
    return [(table["index_name"] or table["table"].removeprefix(prefix), table["status"]) for table in tables]


ALL_ACTIVE = [("user", "ACTIVE"), ("task", "ACTIVE"), ("category-index", "ACTIVE")]


def test_the_tables_and_the_index_are_made_with_the_capacity_of_the_book(bare: Program) -> None:
    assert statuses(bare) == [("user", "MISSING"), ("task", "MISSING")]
    assert bare("table-add").status == 0
    assert statuses(bare) == ALL_ACTIVE
    for table in (described(bare, "user"), described(bare, "task"), *described(bare, "task")["GlobalSecondaryIndexes"]):
        units = table["ProvisionedThroughput"]
        assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (5, 5)


def test_the_capacity_is_the_users_choice(bare: Program) -> None:
    bare.good("table-add", "--read=3", "--write=7")
    rows = bare.good("table-ls", "--json").json["tables"]
    assert [(row["read"], row["write"], row["billing"]) for row in rows] == [(3, 7, "provisioned")] * 3
    bare.good("table-rm", "--yes")
    bare.good("table-add", "--write=6")
    rows = bare.good("table-ls", "--json").json["tables"]
    assert [(row["read"], row["write"]) for row in rows] == [(5, 6)] * 3


def test_tables_on_demand_have_no_units(bare: Program) -> None:
    bare.good("table-add", "--on-demand")
    rows = bare.good("table-ls", "--json").json["tables"]
    assert [(row["read"], row["write"], row["billing"]) for row in rows] == [(None, None, "on demand")] * 3


def test_what_is_there_with_the_same_keys_is_kept_with_what_is_in_it(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "a@b", "123")
    again = nodetodo("table-add", "--on-demand")
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    assert again.status == 0
    kept = "is there already, and keeps its capacity"
    assert again.err == f"{prefix}user {kept}\n{prefix}task {kept}\n"
    assert nodetodo("user", "emma").status == 0


def test_an_index_is_added_to_a_table_that_lacks_it_and_finds_what_is_there(bare: Program) -> None:
    user, task = definitions.tables(bare.env["NODETODO_TABLE_PREFIX"])
    bare.client.create_table(**user.create)
    bare.client.create_table(**task.create)
    assert statuses(bare) == [("user", "ACTIVE"), ("task", "ACTIVE"), ("category-index", "MISSING")]
    bare.good("user-add", "emma", "a@b", "123")
    bare.good("task-add", "emma", "x", "c")
    bare.good("table-add")
    assert statuses(bare) == ALL_ACTIVE
    assert len(bare("task-la", "c", "--json").json["tasks"]) == 1


def test_an_index_is_added_on_demand_to_a_table_on_demand(bare: Program) -> None:
    for table in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]):
        on_demand = {name: value for name, value in table.create.items() if name != "ProvisionedThroughput"}
        bare.client.create_table(**on_demand, BillingMode="PAY_PER_REQUEST")
    bare.good("table-add")
    assert statuses(bare) == ALL_ACTIVE


def test_a_table_with_other_keys_is_a_conflict_and_stays(bare: Program) -> None:
    name = bare.env["NODETODO_TABLE_PREFIX"] + "task"
    bare.client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    refused = bare("table-add")
    assert refused.status == 4
    assert f"{name} is there with other keys: id (S)" in refused.err
    assert described(bare, "task")["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_an_index_with_other_keys_is_a_conflict(bare: Program) -> None:
    user, task = definitions.tables(bare.env["NODETODO_TABLE_PREFIX"])
    bare.client.create_table(**user.create)
    request = task.create_at_once()
    request["GlobalSecondaryIndexes"][0]["KeySchema"] = [{"AttributeName": "category", "KeyType": "HASH"}]
    bare.client.create_table(**request)
    refused = bare("table-add")
    assert refused.status == 4
    assert "category-index is there with other keys: category (S)" in refused.err


def test_tables_are_deleted_with_everything_in_them_after_a_yes(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "a@b", "123")
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    target = nodetodo.env["NODETODO_DB"]
    question = f"Delete {prefix}user and {prefix}task from {target}, with all users and tasks? [y/N] "
    for answer in ("n\n", "\n", ""):
        kept = nodetodo("table-rm", stdin=answer)
        assert kept == (1, "", f"{question}nodetodo: nothing was deleted\n")
    assert nodetodo("user", "emma").status == 0
    assert nodetodo("table-rm", stdin="y\n") == (0, f"deleted {prefix}user and {prefix}task\n", question)
    assert statuses(nodetodo) == [("user", "MISSING"), ("task", "MISSING")]


def test_without_a_terminal_tables_are_deleted_only_with_yes(nodetodo: Program) -> None:
    assert nodetodo("table-rm").status == 2
    assert statuses(nodetodo) == ALL_ACTIVE
    assert nodetodo("table-rm", "--yes", "--json").json == {
        "deleted": [f"{nodetodo.env['NODETODO_TABLE_PREFIX']}{name}" for name in ("user", "task")]
    }


def test_deleting_what_is_not_there_is_not_found(bare: Program) -> None:
    assert bare("table-rm", "--yes").status == 3


def test_every_command_on_missing_tables_says_how_to_make_them(bare: Program) -> None:
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
        assert (result.status, result.out) == (5, ""), argv
        assert result.err.endswith(f"make them with: nodetodo table-add --db={bare.env['NODETODO_DB']}\n")
        assert result.err.count("\n") == 1


def test_tables_that_take_their_time_are_waited_for(bare: Program) -> None:
    looks = []

    def slowly(send: Any, request: Any) -> Any:
        answer = send(**request)
        looks.append(request)
        if len(looks) in (1, 2):
            answer["Table"]["TableStatus"] = "CREATING"
        return answer

    bare.client = Faulty(bare.client, describe_table=slowly)
    bare.good("table-add")
    assert len(bare.slept) == 2


def test_two_that_make_the_tables_at_once_both_succeed(bare: Program) -> None:
    other = Program(bare.client, prefix=bare.env["NODETODO_TABLE_PREFIX"])

    def overtaken(send: Any, request: Any) -> Any:
        other.good("table-add")
        return send(**request)

    bare.client = Faulty(bare.client, create_table=overtaken)
    assert bare("table-add").status == 0
    assert statuses(other) == ALL_ACTIVE


def test_capacity_is_a_whole_number_from_one(bare: Program) -> None:
    for given in ("0", "-1", "x", "1.5"):
        assert bare("table-add", f"--read={given}").status == 2
    assert statuses(bare) == [("user", "MISSING"), ("task", "MISSING")]
