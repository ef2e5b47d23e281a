"""The commands on backups, on the engines that have backups: moto and the embedded engine on a file."""

from __future__ import annotations

from typing import Any

import pytest

from nodetodo.repositories import waiting

from ..faults import Faulty, failing, first
from ..program import EMMA, Program

pytestmark = pytest.mark.usefixtures("short_waits")

on_engines_with_backups = pytest.mark.parametrize("engine", ["embedded_file", "moto"], indirect=True)
on_engines_without_backups = pytest.mark.parametrize("engine", ["embedded", "dynamodb_local"], indirect=True)
on_moto = pytest.mark.parametrize("engine", ["moto"], indirect=True)


def other_prefix(program: Program) -> str:
    """Return a prefix that no other test uses."""
    return f"restored-{program.env['NODETODO_TABLE_PREFIX']}"


def name_of(program: Program, name: str = "backup") -> str:
    """Return the name of a backup that no other test uses, because tests share the file."""
    return f"{name}-{program.env['NODETODO_TABLE_PREFIX']}"


def listed(program: Program) -> list[tuple[str, str, list[str]]]:
    """Return name, status and missing tables of each backup that a test of this program created."""
    prefix = program.env["NODETODO_TABLE_PREFIX"]
    return [
        (backup["name"].removesuffix(f"-{prefix}"), backup["status"], backup["missing"])
        for backup in program.good("backup-ls", "--json").json["backups"]
        if backup["name"].endswith(prefix)
    ]


def restored(program: Program, prefix: str) -> Program:
    """Return the program with the prefix of restored tables."""
    other = Program(program.client, target=program.env["NODETODO_DB"], prefix=prefix)
    other.now = program.now
    return other


@on_engines_with_backups
def test_a_backup_is_restored_to_tables_with_another_prefix_and_the_present_ones_stay(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "milk", "shopping")
    assert emma.good("backup-add", name_of(emma)).out == f"backup added with name {name_of(emma)}\n"
    emma.good("task-done", "emma", tid)
    emma.good("task-add", "emma", "later", "shopping")
    prefix = other_prefix(emma)
    result = emma.good("backup-restore", name_of(emma), f"--prefix={prefix}")
    command = f"NODETODO_TABLE_PREFIX={prefix} nodetodo user-ls"
    assert result.out.startswith(
        f"restored {prefix}user and {prefix}task from {name_of(emma)}; use them with: {command}"
    )
    copy = restored(emma, prefix)
    (task,) = copy.good("task-la", "shopping", "--json").json["tasks"]
    assert (task["description"], task["completed"]) == ("milk", None)
    assert copy.good("user", "emma", "--json").json == emma.good("user", "emma", "--json").json
    assert len(emma.good("task-la", "shopping", "--json").json["tasks"]) == 2
    copy.good("task-rm", "emma", tid)
    assert emma.good("task", "emma", tid, "--json").json["completed"] is not None
    copy.good("table-rm", "--yes")


@on_engines_with_backups
def test_backups_are_listed_and_removed(nodetodo: Program) -> None:
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    for name in ("one", "two"):
        nodetodo.good("backup-add", name_of(nodetodo, name))
    assert listed(nodetodo) == [("one", "AVAILABLE", []), ("two", "AVAILABLE", [])]
    out = nodetodo.good("backup-ls").out
    assert out.startswith("NAME ")
    assert f"one-{prefix}" in out
    result = nodetodo("backup-rm", name_of(nodetodo, "one"))
    assert (result.status, result.out) == (2, "")
    result = nodetodo("backup-rm", name_of(nodetodo, "one"), stdin="n\n")
    assert (result.status, result.out) == (1, "")
    assert nodetodo.good("backup-rm", name_of(nodetodo, "one"), "--yes", "--json").json == {"removed": f"one-{prefix}"}
    assert listed(nodetodo) == [("two", "AVAILABLE", [])]
    result = nodetodo("backup-rm", name_of(nodetodo, "one"), "--yes")
    assert (result.status, result.err) == (
        3,
        f"nodetodo: the backup one-{prefix} does not exist; backup-ls lists the backups\n",
    )


@on_engines_with_backups
def test_the_default_name_contains_the_time(nodetodo: Program) -> None:
    nodetodo.now = nodetodo.now.replace(second=sum(map(ord, nodetodo.env["NODETODO_TABLE_PREFIX"])) % 60)
    result = nodetodo.good("backup-add", "--json")
    backup = result.json["backup"]
    assert backup["name"] == f"nodetodo-20261123T1100{nodetodo.now.second:02}Z"
    assert (backup["status"], backup["missing"]) == ("AVAILABLE", [])
    nodetodo.good("backup-rm", backup["name"], "--yes")


@on_engines_with_backups
def test_an_existing_name_and_missing_tables_are_errors(bare: Program) -> None:
    result = bare("backup-add", name_of(bare))
    status, remedy = bare.missing_tables
    assert result.status == status
    assert remedy in result.err
    bare.good("table-add")
    bare.good("backup-add", name_of(bare))
    result = bare("backup-add", name_of(bare))
    assert (result.status, result.err) == (
        4,
        f"nodetodo: the backup {name_of(bare)} already exists; choose another name\n",
    )


@on_engines_with_backups
def test_a_restore_rejects_the_present_prefix_and_existing_tables(emma: Program) -> None:
    emma.good("backup-add", name_of(emma))
    prefix = emma.env["NODETODO_TABLE_PREFIX"]
    result = emma("backup-restore", name_of(emma), f"--prefix={prefix}")
    assert result.status == 2
    assert "the prefix of the present tables" in result.err
    others = restored(emma, other_prefix(emma))
    others.good("table-add")
    others.good("user-add", *EMMA)
    result = emma("backup-restore", name_of(emma), f"--prefix={other_prefix(emma)}")
    assert result.status == 4
    assert f"{other_prefix(emma)}user already exists and is not from this backup" in result.err
    others.good("user", "emma")
    assert emma("backup-restore", "nothing", "--prefix=x-").status == 3
    assert emma("backup-restore", name_of(emma)).status == 2
    others.good("table-rm", "--yes")


@on_engines_with_backups
def test_a_restore_checks_both_tables_before_it_creates_one(nodetodo: Program) -> None:
    nodetodo.good("backup-add", name_of(nodetodo))
    others = restored(nodetodo, other_prefix(nodetodo))
    others.good("table-add")
    nodetodo.client.delete_table(TableName=f"{other_prefix(nodetodo)}user")
    assert nodetodo("backup-restore", name_of(nodetodo), f"--prefix={other_prefix(nodetodo)}").status == 4
    statuses = [row["status"] for row in others.good("table-ls", "--json").json["tables"]]
    assert statuses == ["MISSING", "ACTIVE", "ACTIVE"]
    others.good("table-rm", "--yes")


@on_engines_with_backups
def test_an_interrupted_restore_is_completed_by_the_same_command(emma: Program) -> None:
    emma.good("task-add", "emma", "milk")
    emma.good("backup-add", name_of(emma))
    real = emma.client

    def interrupted(send: Any, request: dict[str, Any]) -> Any:
        if request["TargetTableName"].endswith("task"):
            raise KeyboardInterrupt
        return send(**request)

    emma.client = Faulty(real, restore_table_from_backup=interrupted)
    argv = ("backup-restore", name_of(emma), f"--prefix={other_prefix(emma)}")
    with pytest.raises(KeyboardInterrupt):
        emma(*argv)
    emma.client = real
    result = emma.good(*argv)
    assert f"{other_prefix(emma)}user was already restored from this backup" in result.err
    copy = restored(emma, other_prefix(emma))
    assert len(copy.good("task-ls", "emma", "--json").json["tasks"]) == 1
    copy.good("table-rm", "--yes")


@on_moto
def test_an_interrupted_backup_is_shown_as_incomplete_and_not_restored(nodetodo: Program) -> None:
    prefix, real = nodetodo.env["NODETODO_TABLE_PREFIX"], nodetodo.client

    def interrupted(send: Any, request: dict[str, Any]) -> Any:
        if request["TableName"].endswith("task"):
            raise KeyboardInterrupt
        return send(**request)

    nodetodo.client = Faulty(real, create_backup=interrupted)
    with pytest.raises(KeyboardInterrupt):
        nodetodo("backup-add", name_of(nodetodo))
    nodetodo.client = real
    assert listed(nodetodo) == [("backup", "INCOMPLETE", [f"{prefix}task"])]
    assert nodetodo.good("backup-ls").out.endswith(f"{name_of(nodetodo)} does not contain {prefix}task\n")
    result = nodetodo("backup-restore", name_of(nodetodo), f"--prefix={other_prefix(nodetodo)}")
    assert result.status == 4
    assert f"is INCOMPLETE: it does not contain {prefix}task" in result.err
    result = nodetodo("backup-add", name_of(nodetodo))
    assert (result.status, result.err.endswith("is incomplete; backup-rm removes it\n")) == (4, True)
    nodetodo.good("backup-rm", name_of(nodetodo), "--yes")
    assert listed(nodetodo) == []


def creating(times: int) -> Any:
    """Return a fault: the first backups that are listed are not complete yet."""

    def fault(send: Any, request: dict[str, Any]) -> Any:
        page = send(**request)
        return page | {"BackupSummaries": [each | {"BackupStatus": "CREATING"} for each in page["BackupSummaries"]]}

    return first(times, fault)


@on_moto
def test_a_backup_waits_until_it_is_complete_and_every_wait_ends(nodetodo: Program) -> None:
    real = nodetodo.client
    nodetodo.client = Faulty(real, list_backups=creating(6))
    nodetodo.is_terminal = True
    result = nodetodo.good("backup-add", name_of(nodetodo, "one"))
    assert "user is CREATING" in result.err
    assert len(nodetodo.slept) == 2

    nodetodo.client = Faulty(real, list_backups=creating(10_000))
    nodetodo.slept.clear()
    result = nodetodo("backup-add", name_of(nodetodo, "two"))
    assert result.status == 5
    assert "is CREATING after 1 minutes; backup-ls shows when it is complete" in result.err
    assert len(nodetodo.slept) == waiting.POLLS
    nodetodo.client = real


@pytest.mark.parametrize("engine", ["embedded_file"], indirect=True)
def test_the_second_of_two_processes_that_add_the_same_name_reports_a_conflict(nodetodo: Program) -> None:
    real = nodetodo.client

    def second(send: Any, request: dict[str, Any]) -> Any:
        real.create_backup(**request)
        return send(**request)

    nodetodo.client = Faulty(real, create_backup=first(1, second))
    result = nodetodo("backup-add", name_of(nodetodo))
    nodetodo.client = real
    message = f"nodetodo: the backup {name_of(nodetodo)} already exists; choose another name\n"
    assert (result.status, result.out, result.err) == (4, "", message)


@on_moto
def test_a_backup_that_is_not_listed_at_once_is_created_once(nodetodo: Program) -> None:
    real = nodetodo.client

    def outdated(_send: Any, _request: dict[str, Any]) -> Any:
        return {"BackupSummaries": []}

    nodetodo.client = recorder = Faulty(real, list_backups=first(3, outdated))
    nodetodo.good("backup-add", name_of(nodetodo))
    created = [request["TableName"] for name, request in recorder.sent if name == "create_backup"]
    assert len(created) == len(set(created))


@on_engines_with_backups
def test_a_backup_waits_for_another_operation_on_backups(nodetodo: Program) -> None:
    real = nodetodo.client

    def in_use(_send: Any, _request: dict[str, Any]) -> Any:
        error = {"Error": {"Code": "BackupInUseException", "Message": ""}, "ResponseMetadata": {}}
        raise real.exceptions.BackupInUseException(error, "CreateBackup")

    nodetodo.client = Faulty(real, create_backup=first(3, in_use))
    nodetodo.good("backup-add", name_of(nodetodo))
    nodetodo.client = real
    assert listed(nodetodo) == [("backup", "AVAILABLE", [])]


@on_moto
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("TableInUseException", "task is being created or changed"),
        ("ContinuousBackupsUnavailableException", "backups of {task} are not available yet"),
    ],
)
def test_a_backup_waits_until_the_table_is_ready_for_it(nodetodo: Program, code: str, reason: str) -> None:
    real, task = nodetodo.client, f"{nodetodo.env['NODETODO_TABLE_PREFIX']}task"

    def refuse(send: Any, request: dict[str, Any]) -> Any:
        return failing(real, code)(send, request) if request["TableName"] == task else send(**request)

    nodetodo.is_terminal = True
    nodetodo.client = Faulty(real, create_backup=first(4, refuse))
    result = nodetodo.good("backup-add", name_of(nodetodo))
    assert reason.format(task=task) in result.err
    nodetodo.client = Faulty(real, create_backup=refuse)
    result = nodetodo("backup-add", name_of(nodetodo, "other"))
    assert result.status == 5
    assert f"{reason.format(task=task)} after 1 minutes; backup-ls shows" in result.err
    nodetodo.client = real
    nodetodo.good("backup-rm", name_of(nodetodo, "other"), "--yes")


@on_engines_with_backups
def test_the_removal_of_a_backup_waits_until_it_is_not_in_use(nodetodo: Program) -> None:
    nodetodo.good("backup-add", name_of(nodetodo))
    real = nodetodo.client
    in_use = failing(real, "BackupInUseException")
    nodetodo.client = Faulty(real, delete_backup=in_use)
    result = nodetodo("backup-rm", name_of(nodetodo), "--yes")
    assert result.status == 5
    assert "user is in use after 1 minutes; backup-rm" in result.err
    nodetodo.client = Faulty(real, delete_backup=first(2, in_use))
    nodetodo.good("backup-rm", name_of(nodetodo), "--yes")
    nodetodo.client = real
    assert listed(nodetodo) == []


@on_engines_with_backups
@pytest.mark.parametrize("code", ["BackupInUseException", "TableInUseException"])
def test_a_restore_waits_until_the_backup_and_the_table_are_not_in_use(nodetodo: Program, code: str) -> None:
    nodetodo.good("backup-add", name_of(nodetodo))
    real, prefix = nodetodo.client, other_prefix(nodetodo)
    restore = ["backup-restore", name_of(nodetodo), f"--prefix={prefix}"]
    nodetodo.client = Faulty(real, restore_table_from_backup=failing(real, code))
    result = nodetodo(*restore)
    assert result.status == 5
    assert f"{prefix}user is in use after 1 minutes; backup-restore" in result.err
    nodetodo.client = Faulty(real, restore_table_from_backup=first(2, failing(real, code)))
    nodetodo.good(*restore)
    nodetodo.client = real
    restored(nodetodo, prefix).good("table-rm", "--yes")


@on_engines_with_backups
def test_a_restore_waits_until_a_table_with_the_new_name_is_deleted(nodetodo: Program) -> None:
    nodetodo.good("backup-add", name_of(nodetodo))
    real, prefix = nodetodo.client, other_prefix(nodetodo)
    restore = ["backup-restore", name_of(nodetodo), f"--prefix={prefix}"]

    def deleting(_send: Any, _request: dict[str, Any]) -> Any:
        return {"Table": {"TableName": f"{prefix}user", "TableStatus": "DELETING"}}

    nodetodo.client = Faulty(real, describe_table=deleting)
    result = nodetodo(*restore)
    assert result.status == 5
    assert f"{prefix}user is DELETING after 1 minutes; backup-restore" in result.err
    nodetodo.client = Faulty(real, describe_table=first(3, deleting))
    nodetodo.good(*restore)
    nodetodo.client = real
    restored(nodetodo, prefix).good("table-rm", "--yes")


@on_moto
def test_a_restore_waits_until_the_tables_are_active(nodetodo: Program) -> None:
    nodetodo.good("backup-add", name_of(nodetodo))
    real = nodetodo.client

    def is_created(send: Any, request: dict[str, Any]) -> Any:
        found = send(**request)
        found["Table"]["TableStatus"] = "CREATING"
        return found

    nodetodo.client = Faulty(real, describe_table=is_created)
    result = nodetodo("backup-restore", name_of(nodetodo), f"--prefix={other_prefix(nodetodo)}")
    assert result.status == 5
    assert f"{other_prefix(nodetodo)}user is CREATING after 1 minutes; backup-restore" in result.err
    nodetodo.client = real
    nodetodo.good("backup-restore", name_of(nodetodo), f"--prefix={other_prefix(nodetodo)}")
    restored(nodetodo, other_prefix(nodetodo)).good("table-rm", "--yes")


@on_moto
def test_all_pages_of_backups_are_read(nodetodo: Program) -> None:
    for number in range(3):
        nodetodo.good("backup-add", name_of(nodetodo, f"b{number}"))
    real = nodetodo.client

    def one_by_one(send: Any, request: dict[str, Any]) -> Any:
        start = request.pop("ExclusiveStartBackupArn", None)
        summaries = send(**request)["BackupSummaries"]
        arns = [summary["BackupArn"] for summary in summaries]
        place = arns.index(start) + 1 if start else 0
        more = {"LastEvaluatedBackupArn": arns[place]} if place + 1 < len(arns) else {}
        return {"BackupSummaries": summaries[place : place + 1], **more}

    nodetodo.client = Faulty(real, list_backups=one_by_one)
    assert [name for name, _, _ in listed(nodetodo)] == ["b0", "b1", "b2"]
    nodetodo.client = real


@on_engines_without_backups
def test_an_engine_without_backups_rejects_them_and_names_those_with_backups(nodetodo: Program) -> None:
    for argv in (
        ["backup-add"],
        ["backup-ls"],
        ["backup-rm", "one", "--yes"],
        ["backup-restore", "one", "--prefix=x-"],
    ):
        result = nodetodo(*argv)
        assert result.status == 5, result
        assert result.err.endswith("does not have the operation ListBackups; AWS and a local file have backups\n")


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (["backup-add", "a b"], "the name 'a b' is not valid"),
        (["backup-add", "../x"], "the name '../x' is not valid"),
        (["backup-restore", "one", "--prefix=a/b"], "--prefix is 'a/b'; it takes 1 to 251 characters"),
        (["backup-restore", "one"], "--prefix is missing"),
    ],
)
def test_invalid_names_and_prefixes_are_rejected(argv: list[str], problem: str) -> None:
    result = Program(None)(*argv)
    assert result.status == 2
    assert problem in result.err
