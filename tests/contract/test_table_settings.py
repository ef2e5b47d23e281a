"""table-edit, the settings in table-ls, and deletion protection, on every engine that has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nodetodo.repositories.waiting import POLLS

from ..faults import Faulty, failing, first
from ..program import Program

on_engines_with_recovery = pytest.mark.parametrize("engine", ["moto"], indirect=True)
on_engines_without_recovery = pytest.mark.parametrize(
    "engine", ["embedded", "embedded_file", "dynamodb_local"], indirect=True
)
on_embedded = pytest.mark.parametrize("engine", ["embedded"], indirect=True)


def rows(program: Program) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = program.good("table-ls", "--json").json["tables"]
    return tables


def sent(program: Program, *argv: str) -> list[tuple[str, dict[str, Any]]]:
    """Run a command that must succeed, and return the requests that change tables."""
    recorder = program.client = Faulty(program.client)
    try:
        program.good(*argv)
    finally:
        program.client = recorder._client
    return [(name, request) for name, request in recorder.sent if name.startswith(("update", "create", "delete"))]


def changes(program: Program, *argv: str) -> list[tuple[str | None, str, Any, Any]]:
    """Run table-edit and return index, setting, old and new value of each change of the table of tasks."""
    found = program.good("table-edit", *argv, "--json").json["changes"]
    prefix = program.env["NODETODO_TABLE_PREFIX"]
    return [
        (change["index_name"], change["setting"], change["old"], change["new"])
        for change in found
        if change["table"] == f"{prefix}task"
    ]


def test_the_capacity_of_tables_and_indexes_is_changed_and_reported(nodetodo: Program) -> None:
    assert changes(nodetodo, "--read=7", "--write=5") == [(None, "read", 5, 7), ("category-index", "read", 5, 7)]
    assert [(row["read"], row["write"]) for row in rows(nodetodo)] == [(7, 5)] * 3


def test_the_billing_mode_is_changed_in_both_directions(nodetodo: Program) -> None:
    on_demand = changes(nodetodo, "--on-demand")
    assert on_demand[:3] == [
        (None, "billing", "provisioned", "on demand"),
        (None, "read", 5, None),
        (None, "write", 5, None),
    ]
    assert {(row["billing"], row["read"]) for row in rows(nodetodo)} == {("on demand", None)}
    back = changes(nodetodo, "--read=6", "--write=7")
    assert back[3:] == [
        ("category-index", "billing", "on demand", "provisioned"),
        ("category-index", "read", None, 6),
        ("category-index", "write", None, 7),
    ]
    assert {(row["billing"], row["read"], row["write"]) for row in rows(nodetodo)} == {("provisioned", 6, 7)}


def test_only_what_differs_is_sent(nodetodo: Program) -> None:
    name = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"
    units = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}
    nodetodo.client.update_table(TableName=name, ProvisionedThroughput=units)
    of_tasks = [
        request for _, request in sent(nodetodo, "table-edit", "--read=7", "--write=5") if request["TableName"] == name
    ]
    index = {"Update": {"IndexName": "category-index", "ProvisionedThroughput": units}}
    assert of_tasks == [{"TableName": name, "GlobalSecondaryIndexUpdates": [index]}]
    assert sent(nodetodo, "table-edit", "--read=7", "--write=5") == []
    result = nodetodo.good("table-edit", "--read=7", "--write=5")
    assert (result.out, result.err) == ("nothing to change: all tables already have these settings\n", "")


def test_several_kinds_of_settings_are_sent_one_after_another(nodetodo: Program) -> None:
    requests = [request for _, request in sent(nodetodo, "table-edit", "--on-demand", "--protect")]
    assert [sorted(request.keys() - {"TableName"}) for request in requests] == [
        ["DeletionProtectionEnabled"],
        ["BillingMode"],
    ] * 2
    nodetodo.good("table-edit", "--no-protect")


@pytest.mark.parametrize("engine", ["embedded", "embedded_file", "dynamodb_local"], indirect=True)
def test_the_maximum_throughput_on_demand_is_changed_and_shown(nodetodo: Program) -> None:
    nodetodo.good("table-edit", "--on-demand", "--max-read=30", "--max-write=20")
    (user, task, _) = rows(nodetodo)
    assert {(row["max_read"], row["max_write"]) for row in (user, task)} == {(30, 20)}
    shown = nodetodo.good("table-ls").out
    assert "at most 30 reads a second, at most 20 writes a second" in shown


@pytest.mark.parametrize("engine", ["embedded", "embedded_file", "dynamodb_local"], indirect=True)
def test_maximums_end_with_the_mode_on_demand_without_a_request_of_their_own(nodetodo: Program) -> None:
    nodetodo.good("table-edit", "--on-demand", "--max-read=30", "--max-write=20")
    requests = [request for _, request in sent(nodetodo, "table-edit", "--read=7", "--write=6")]
    assert [request["BillingMode"] for request in requests] == ["PROVISIONED"] * 2
    assert {(row["read"], row["max_read"], row["max_write"]) for row in rows(nodetodo)} == {(7, None, None)}
    assert sent(nodetodo, "table-edit", "--read=7", "--write=6") == []


@pytest.mark.parametrize("engine", ["dynamodb_local"], indirect=True)
def test_dynamodb_local_stores_both_maximums_or_none_which_is_reported(nodetodo: Program) -> None:
    result = nodetodo("table-edit", "--on-demand", "--max-read=30")
    name = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}user"
    assert result.status == 5
    assert result.err.endswith(
        f"the database did not store max read of {name}; DynamoDB Local needs both --max-read and --max-write\n"
    )
    nodetodo.good("table-edit", "--on-demand", "--max-read=30", "--max-write=20")
    nodetodo.good("table-edit", "--on-demand", "--max-read=25", "--max-write=20")
    assert {(row["max_read"], row["max_write"]) for row in rows(nodetodo)[:2]} == {(25, 20)}


@on_embedded
def test_an_index_that_another_process_deletes_during_table_edit_is_left_out(nodetodo: Program) -> None:
    real, name = nodetodo.client, f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"

    def index_deleted_afterwards(send: Any, request: dict[str, Any]) -> Any:
        response = send(**request)
        if request["TableName"] == name and "BillingMode" in request:
            delete = {"Delete": {"IndexName": "category-index"}}
            real.update_table(TableName=name, GlobalSecondaryIndexUpdates=[delete])
        return response

    nodetodo.client = Faulty(real, update_table=index_deleted_afterwards)
    nodetodo.good("table-edit", "--on-demand", "--max-read=30")
    nodetodo.client = real
    assert [row["max_read"] for row in rows(nodetodo) if row["status"] == "ACTIVE"] == [30, 30]


@pytest.mark.parametrize("engine", ["embedded", "embedded_file"], indirect=True)
def test_one_maximum_is_changed_alone_and_removed_with_none(nodetodo: Program) -> None:
    nodetodo.good("table-edit", "--on-demand", "--max-read=30")
    assert {(row["max_read"], row["max_write"]) for row in rows(nodetodo)} == {(30, None)}
    nodetodo.good("table-edit", "--on-demand", "--max-write=20")
    assert changes(nodetodo, "--on-demand", "--max-read=none")[0] == (None, "max_read", 30, None)
    assert {(row["max_read"], row["max_write"]) for row in rows(nodetodo)} == {(None, 20)}


@pytest.mark.parametrize("engine", ["embedded", "embedded_file"], indirect=True)
def test_the_table_class_is_changed_and_shown_and_has_another_price(nodetodo: Program) -> None:
    nodetodo.good("user-add", "emma", "a@b", "123")
    before = rows(nodetodo)[0]["storage_price"]
    assert changes(nodetodo, "--class=infrequent-access") == [(None, "table_class", "standard", "infrequent-access")]
    (user, task, index) = rows(nodetodo)
    assert (user["table_class"], task["table_class"], index["table_class"]) == (
        "infrequent-access",
        "infrequent-access",
        None,
    )
    assert 0 < user["storage_price"] < before


@on_engines_with_recovery
def test_moto_receives_the_table_class(nodetodo: Program) -> None:
    requests = [request for _, request in sent(nodetodo, "table-edit", "--class=infrequent-access")]
    assert [request["TableClass"] for request in requests] == ["STANDARD_INFREQUENT_ACCESS"] * 2


@pytest.mark.parametrize("engine", ["dynamodb_local"], indirect=True)
def test_dynamodb_local_rejects_a_table_class_and_the_message_names_the_engines_with_it(nodetodo: Program) -> None:
    result = nodetodo("table-edit", "--class=infrequent-access")
    assert result.status == 5
    assert result.err.endswith("; DynamoDB Local has no table classes, AWS and a local file have them\n")


@on_engines_with_recovery
def test_the_recovery_window_is_changed_and_shown(nodetodo: Program) -> None:
    assert rows(nodetodo)[1]["recovery_days"] == 0
    assert changes(nodetodo, "--recovery=7") == [(None, "recovery_days", 0, 7)]
    assert rows(nodetodo)[1]["recovery_days"] == 7
    assert "recovery 7 days" in nodetodo.good("table-ls").out
    assert sent(nodetodo, "table-edit", "--recovery=7") == []
    assert nodetodo.good("table-edit", "--no-recovery").out.splitlines()[1].split()[-3:] == ["days", "7", "off"]
    assert "recovery off" in nodetodo.good("table-ls").out


@on_engines_without_recovery
def test_an_engine_without_recovery_shows_none_and_rejects_it_before_any_change(nodetodo: Program) -> None:
    assert {row["recovery_days"] for row in rows(nodetodo)} == {None}
    assert "recovery -" in nodetodo.good("table-ls").out
    for option in ("--recovery=7", "--no-recovery"):
        result = nodetodo("table-edit", option, "--protect")
        assert result.status == 5
        assert "point-in-time recovery" in result.err
        assert "only AWS has" in result.err
    assert {row["protection"] for row in rows(nodetodo)} == {False, None}


@on_embedded
def test_a_local_file_shows_no_recovery_window_that_another_program_set(nodetodo: Program) -> None:
    name = f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"
    specification = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    nodetodo.client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=specification)
    assert {row["recovery_days"] for row in rows(nodetodo)} == {None}
    assert "only AWS has it; backup-add backs up a local file\n" in nodetodo("table-edit", "--recovery=7").err
    assert nodetodo("table-edit", "--recovery=7", "--explain").status == 5


def test_a_protected_table_is_not_removed_and_the_remedy_is_named_before_the_question(bare: Program) -> None:
    bare.good("table-add", "--protect")
    prefix = bare.env["NODETODO_TABLE_PREFIX"]
    assert [row["protection"] for row in rows(bare)] == [True, True, None]
    result = bare("table-rm", stdin="y\n")
    message = f"{prefix}user and {prefix}task have deletion protection; table-edit --no-protect removes it"
    assert (result.status, result.out, result.err) == (4, "", f"nodetodo: {message}\n")
    assert changes(bare, "--no-protect") == [(None, "protection", True, False)]
    bare.good("table-rm", "--yes")


def test_protection_that_another_process_adds_after_the_check_is_explained(nodetodo: Program) -> None:
    real = nodetodo.client

    def protect_first(send: Any, request: dict[str, Any]) -> Any:
        real.update_table(TableName=request["TableName"], DeletionProtectionEnabled=True)
        return send(**request)

    nodetodo.client = Faulty(real, delete_table=first(1, protect_first))
    result = nodetodo("table-rm", "--yes")
    nodetodo.client = real
    assert result.status == 5
    assert result.err.endswith("; table-edit --no-protect removes deletion protection\n")
    nodetodo.good("table-edit", "--no-protect")


def test_protection_of_existing_tables_is_a_conflict_of_table_add(nodetodo: Program) -> None:
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    result = nodetodo("table-add", "--protect")
    assert result.status == 4
    assert f"{prefix}user and {prefix}task already exist without deletion protection" in result.err


def test_table_edit_of_missing_tables_reports_how_to_create_them(bare: Program) -> None:
    result = bare("table-edit", "--protect")
    status, remedy = bare.missing_tables
    assert result.status == status
    assert remedy in result.err


def test_table_edit_without_options_is_wrong_usage(nodetodo: Program) -> None:
    assert nodetodo("table-edit").status == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--read=7"], "--write is missing"),
        (["--max-read=7"], "--on-demand is missing"),
        (["--on-demand", "--read=5"], "cannot be used together"),
        (["--protect", "--no-protect"], "cannot be used together"),
        (["--recovery=36"], "--recovery is '36'; it takes a whole number from 1 to 35"),
        (["--recovery=0"], "--recovery is '0'"),
        (["--class=cold"], "--class is 'cold'; it takes standard or infrequent-access"),
        (["--on-demand", "--max-read=0"], "--max-read is '0'"),
    ],
)
def test_invalid_options_are_rejected_by_name(options: list[str], problem: str) -> None:
    result = Program(None)("table-edit", *options)
    assert result.status == 2
    assert problem in result.err


# Rejections and waiting


def rejected(client: Any, code: str) -> Any:
    """Return a fault: an error response with this code."""

    def fault(_send: Any, _request: dict[str, Any]) -> Any:
        error = {"Error": {"Code": code, "Message": "text of the engine"}, "ResponseMetadata": {}}
        raise getattr(client.exceptions, code)(error, "UpdateTable")

    return fault


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--on-demand"], "up to four times in 24 hours"),
        (["--read=4", "--write=4"], "can be decreased four times a day"),
        (["--class=infrequent-access"], "up to twice in 30 days"),
    ],
)
@on_embedded
def test_a_rejected_change_is_explained_by_its_rule(nodetodo: Program, options: list[str], rule: str) -> None:
    nodetodo.client = Faulty(nodetodo.client, update_table=rejected(nodetodo.client, "LimitExceededException"))
    result = nodetodo("table-edit", *options)
    assert result.status == 5
    assert rule in result.err
    assert "text of the engine" in result.err


@on_embedded
def test_a_change_waits_for_another_change_and_for_the_index(nodetodo: Program) -> None:
    real = nodetodo.client

    def updating(send: Any, request: dict[str, Any]) -> Any:
        found = send(**request)
        for index in found["Table"].get("GlobalSecondaryIndexes", ()):
            index["IndexStatus"] = "UPDATING"
        return found

    nodetodo.is_terminal = True
    busy = first(2, rejected(real, "ResourceInUseException"))
    nodetodo.client = Faulty(real, update_table=busy, describe_table=first(5, updating))
    result = nodetodo.good("table-edit", "--read=7", "--write=7")
    assert "is being changed" in result.err
    assert "category-index of" in result.err
    assert "is UPDATING" in result.err
    assert nodetodo.slept
    nodetodo.client = real
    assert {row["read"] for row in rows(nodetodo)} == {7}


@on_embedded
def test_every_wait_ends_and_names_what_it_waited_for(nodetodo: Program) -> None:
    real = nodetodo.client
    in_use = rejected(real, "ResourceInUseException")

    def updating(send: Any, request: dict[str, Any]) -> Any:
        found = send(**request)
        found["Table"]["TableStatus"] = "UPDATING"
        return found

    for argv, faults, reason in (
        (["table-edit", "--read=7", "--write=7"], {"update_table": in_use}, "user is being changed after 15 minutes"),
        (["table-edit", "--protect"], {"describe_table": updating}, "user is UPDATING after 15 minutes"),
        (["table-rm", "--yes"], {"delete_table": in_use}, "user is being changed after 15 minutes"),
        (["table-rm", "--yes"], {"delete_table": lambda *_: {}}, "user is being changed after 15 minutes"),
    ):
        nodetodo.client = Faulty(real, **faults)
        nodetodo.slept.clear()
        result = nodetodo(*argv)
        assert result.status == 5
        assert f"{reason}; {argv[0]} continues to wait" in result.err
        assert len(nodetodo.slept) == POLLS
    nodetodo.client = real


@on_engines_with_recovery
@pytest.mark.usefixtures("short_waits")
def test_a_change_of_the_recovery_window_waits_until_backups_are_available(nodetodo: Program) -> None:
    real = nodetodo.client
    refuse = failing(real, "ContinuousBackupsUnavailableException")

    def creating(send: Any, request: dict[str, Any]) -> Any:
        found = send(**request)
        found["Table"]["TableStatus"] = "CREATING"
        return found

    nodetodo.is_terminal = True
    nodetodo.client = Faulty(real, update_continuous_backups=first(2, refuse), describe_table=first(4, creating))
    result = nodetodo.good("table-edit", "--recovery=7")
    assert "user is CREATING" in result.err
    assert "are not available yet" in result.err
    nodetodo.client = Faulty(real, update_continuous_backups=refuse)
    result = nodetodo("table-edit", "--recovery=8")
    assert result.status == 5
    assert "user are not available yet after 1 minutes; table-edit continues to wait" in result.err
    nodetodo.client = real
    assert rows(nodetodo)[1]["recovery_days"] == 7


@on_embedded
def test_table_add_waits_until_a_table_is_deleted_and_then_creates_it(nodetodo: Program) -> None:
    real, name = nodetodo.client, f"{nodetodo.env['NODETODO_TABLE_PREFIX']}user"
    description = real.describe_table(TableName=name)["Table"] | {"TableStatus": "DELETING"}
    real.delete_table(TableName=name)

    def deleting(send: Any, request: dict[str, Any]) -> Any:
        return {"Table": description} if request["TableName"] == name else send(**request)

    nodetodo.is_terminal = True
    nodetodo.client = Faulty(real, describe_table=first(4, deleting))
    result = nodetodo.good("table-add")
    assert f"{name} is DELETING" in result.err
    assert f"creating {name}" in result.err
    nodetodo.client = Faulty(real, describe_table=deleting)
    result = nodetodo("table-add")
    assert result.status == 5
    assert f"{name} is DELETING after 15 minutes; table-add continues to wait" in result.err
    nodetodo.client = real
    assert {row["status"] for row in rows(nodetodo)} == {"ACTIVE"}


@on_embedded
def test_an_interrupted_table_edit_is_completed_by_the_same_command(nodetodo: Program) -> None:
    real = nodetodo.client
    sent_before = 0

    def interrupted(send: Any, request: dict[str, Any]) -> Any:
        nonlocal sent_before
        sent_before += 1
        if sent_before == 3:
            raise KeyboardInterrupt
        return send(**request)

    nodetodo.client = Faulty(real, update_table=interrupted)
    with pytest.raises(KeyboardInterrupt):
        nodetodo("table-edit", "--read=7", "--write=7", "--protect")
    nodetodo.client = real
    assert len(sent(nodetodo, "table-edit", "--read=7", "--write=7", "--protect")) == 2
    assert [(row["read"], row["protection"]) for row in rows(nodetodo)] == [(7, True), (7, True), (7, None)]


# table-ls


@pytest.mark.parametrize("columns", [40, 80])
@on_embedded
def test_the_settings_fit_the_terminal(nodetodo: Program, columns: int) -> None:
    nodetodo.env["NODETODO_TABLE_PREFIX"] = "todo-"
    nodetodo.good("table-add")
    nodetodo.good("table-edit", "--on-demand", "--max-read=30000", "--max-write=30000", "--class=infrequent-access")
    lines = nodetodo.good("table-ls", columns=columns, env={"NO_COLOR": "1"}).out.splitlines()
    assert max(map(len, lines)) <= columns
    text = " ".join(" ".join(lines).split())
    for part in ("infrequent-access class", "protection off", "recovery -", "projection ALL", "at most 30,000 reads"):
        assert part in text
    nodetodo.good("table-rm", "--yes")


@on_embedded
def test_the_changes_of_table_edit_fit_the_terminal_with_whole_names(nodetodo: Program) -> None:
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    edit = ["table-edit", "--read=7", "--write=5"]
    lines = nodetodo.good(*edit, columns=40, env={"NO_COLOR": "1"}).out.splitlines()
    assert max(map(len, lines)) <= 40
    assert f"{prefix}task/category-index: read 5 is now 7" in " ".join(" ".join(lines).split())
    nodetodo.good("table-edit", "--read=5", "--write=5")
    (title, *_) = nodetodo.good(*edit, columns=80, env={"NO_COLOR": "1"}).out.splitlines()
    assert title.split() == ["TABLE", "SETTING", "OLD", "NEW"]


# Commands that remove or replace items


@on_engines_with_recovery
def test_user_rm_with_tasks_on_aws_mentions_that_recovery_is_off(emma: Program) -> None:
    real, task = emma.client, f"{emma.env['NODETODO_TABLE_PREFIX']}task"
    notice = f"point-in-time recovery of {task} is off"
    assert notice in emma.good("user-rm", "emma", "--with-tasks", "--db=aws").err
    emma.good("user-add", "emma", "a@b", "123")
    emma.client = Faulty(real, describe_continuous_backups=failing(real, "AccessDeniedException"))
    assert notice not in emma.good("user-rm", "emma", "--with-tasks", "--db=aws").err
    emma.good("user-add", "emma", "a@b", "123")
    recorder = Faulty(real)
    emma.client = recorder
    emma.good("user-rm", "emma", "--with-tasks")
    assert "describe_continuous_backups" not in [name for name, _ in recorder.sent]


@pytest.mark.parametrize("engine", ["moto"], indirect=True)
def test_import_on_aws_mentions_that_recovery_is_off_only_if_it_replaces_items(emma: Program, tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text('{"uid": "emma", "email": "new@example.org", "phone": "123"}\n')
    notice = "point-in-time recovery of"
    assert notice not in emma("import", str(file), "--db=aws").err
    assert notice in emma.good("import", str(file), "--replace", "--db=aws").err


@pytest.mark.parametrize("engine", ["moto"], indirect=True)
def test_user_rm_on_aws_reports_nothing_with_recovery_or_without_permission(emma: Program) -> None:
    denied = rejected(emma.client, "ClientError")
    real, emma.client = emma.client, Faulty(emma.client, describe_continuous_backups=denied)
    assert emma.good("user-rm", "emma", "--with-tasks", "--db=aws").err == ""
    emma.client = real
    emma.good("user-add", "emma", "a@b", "123")
    emma.good("table-edit", "--recovery=35")
    assert emma.good("user-rm", "emma", "--with-tasks", "--db=aws").err == ""
