"""Backups of the engine: consistent copies of the file, and the tables that are restored from them."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import StorageError, connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.storage import backups as stored
from nodetodo.embedded.storage.statements import Storage

from ..differential.integrity import assert_file_is_intact
from .support import TABLE, error, item, make_table

NOON = 1_795_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a database file that does not exist yet."""
    return tmp_path / "engine.db"


@pytest.fixture
def client(path: Path) -> Iterator[Client]:
    """A client of a file with the table of support.make_table and three items."""
    opened = connect(str(path), clock=lambda: NOON)
    make_table(opened)
    for number in range(3):
        opened.put_item(TableName=TABLE, Item=item("a", number, g={"S": "x"}, blob={"B": b"\x00" * 5_000}))
    yield opened
    opened.close()


def code(call: Any, **request: Any) -> str:
    """Return the code of the error that a call raises."""
    found: str = error(call, **request)["Error"]["Code"]
    return found


def back_up(client: Client, name: str = "one") -> str:
    """Create a backup and return its ARN."""
    arn: str = client.create_backup(TableName=TABLE, BackupName=name)["BackupDetails"]["BackupArn"]
    return arn


def items(client: Client, table: str, **more: Any) -> list[Any]:
    found: list[Any] = client.scan(TableName=table, **more)["Items"]
    return found


def test_a_restored_table_has_the_items_and_indexes_of_the_moment_of_the_backup(client: Client, path: Path) -> None:
    before = items(client, TABLE)
    arn = back_up(client)
    client.put_item(TableName=TABLE, Item=item("a", 9))
    restored = client.restore_table_from_backup(TargetTableName="other", BackupArn=arn)["TableDescription"]
    assert items(client, "other") == before
    assert len(items(client, TABLE)) == 4
    assert (restored["ItemCount"], restored["TableStatus"]) == (3, "ACTIVE")
    for index in ("by-g", "keys-g"):
        assert items(client, "other", IndexName=index) == items(client, TABLE, IndexName=index)
    found = client.describe_table(TableName="other")["Table"]
    assert found["RestoreSummary"]["SourceBackupArn"] == arn
    assert {index["ItemCount"] for index in found["GlobalSecondaryIndexes"]} == {3}
    assert_file_is_intact(path)


def test_a_restored_table_is_independent_of_the_backup_and_of_its_source(client: Client, path: Path) -> None:
    client.restore_table_from_backup(TargetTableName="other", BackupArn=back_up(client))
    client.delete_table(TableName=TABLE)
    stored.delete(str(path), "one")
    client.put_item(TableName="other", Item=item("b", 1, g={"S": "x"}))
    client.delete_item(TableName="other", Key={"p": {"S": "a"}, "s": {"N": "0"}})
    key = str
    assert sorted(items(client, "other", IndexName="by-g"), key=key) == sorted(items(client, "other"), key=key)
    assert len(items(client, "other")) == 3


def test_a_backup_is_one_file_that_only_its_owner_can_read(client: Client, path: Path) -> None:
    back_up(client)
    folder = path.parent / "engine.db.backups"
    assert [each.name for each in folder.iterdir()] == ["one.db"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "one.db").stat().st_mode) == 0o600
    with contextlib.closing(connect(str(folder / "one.db"))) as copy:
        assert items(copy, TABLE) == items(client, TABLE)
    client.list_backups(TableName=TABLE)
    assert [each.name for each in folder.iterdir()] == ["one.db"]


def test_a_backup_that_is_used_as_a_database_is_only_read(client: Client, path: Path) -> None:
    arn = back_up(client)
    backup = Path(stored.path_of(str(path), "one"))
    before = backup.read_bytes()
    with contextlib.closing(connect(str(backup), create=False)) as copy:
        assert items(copy, TABLE) == items(client, TABLE)
        for call, more in (
            (copy.put_item, {"Item": item("a", 9)}),
            (copy.update_table, {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-g"}}]}),
            (copy.delete_table, {}),
        ):
            with pytest.raises(StorageError, match=r"one\.db is a backup, which is only read; nothing was changed\.$"):
                call(TableName=TABLE, **more)
        assert items(copy, TABLE) == items(client, TABLE)
    assert backup.read_bytes() == before
    assert [each.name for each in backup.parent.iterdir()] == ["one.db"]
    with (
        contextlib.closing(connect(str(backup.with_name("new.db")), create=False)) as absent,
        pytest.raises(StorageError, match="its folder contains only backups"),
    ):
        make_table(absent)
    assert not backup.with_name("new.db").exists()
    client.restore_table_from_backup(TargetTableName="other", BackupArn=arn)


def test_a_backup_in_use_by_another_process_is_not_called_damaged(client: Client, path: Path) -> None:
    arn = back_up(client)
    backup = stored.path_of(str(path), "one")
    with contextlib.closing(sqlite3.connect(backup, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError) as raised:
            client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)
    assert str(raised.value) == f"the backup {backup} is in use by another process; repeat the command later."


def test_backups_are_listed_for_each_table_that_they_contain(client: Client) -> None:
    back_up(client)
    make_table(client, "second")
    arn = client.create_backup(TableName="second", BackupName="two")["BackupDetails"]["BackupArn"]
    first = client.list_backups(TableName=TABLE)["BackupSummaries"]
    (second,) = client.list_backups(TableName="second")["BackupSummaries"]
    assert [each["BackupName"] for each in first] == ["one", "two"]
    assert (second["BackupArn"], second["TableName"], second["BackupStatus"]) == (arn, "second", "AVAILABLE")
    assert second["BackupCreationDateTime"].timestamp() == NOON
    assert client.list_backups(TableName="third")["BackupSummaries"] == []


def test_a_backup_is_described_with_the_table_as_it_was(client: Client) -> None:
    specification = {"Enabled": True, "AttributeName": "ttl"}
    client.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)
    before = client.describe_table(TableName=TABLE)["Table"]
    arn = back_up(client)
    client.put_item(TableName=TABLE, Item=item("a", 9))
    client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}])
    found = client.describe_backup(BackupArn=arn)["BackupDescription"]
    (summary,) = client.list_backups(TableName=TABLE)["BackupSummaries"]
    assert found["BackupDetails"].items() < summary.items()
    units = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert found["SourceTableDetails"] == {
        "TableName": TABLE,
        "TableId": before["TableId"],
        "TableArn": before["TableArn"],
        "TableSizeBytes": before["TableSizeBytes"],
        "ItemCount": 3,
        "KeySchema": before["KeySchema"],
        "TableCreationDateTime": before["CreationDateTime"],
        "ProvisionedThroughput": units,
        "BillingMode": "PAY_PER_REQUEST",
    }
    assert found["SourceTableFeatureDetails"] == {
        "GlobalSecondaryIndexes": [
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")} | {"ProvisionedThroughput": units}
            for index in before["GlobalSecondaryIndexes"]
        ],
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"},
    }


def test_the_error_codes_are_those_of_dynamodb(client: Client) -> None:
    arn = back_up(client)
    absent = arn.replace("/backup/one", "/backup/two")
    assert code(client.create_backup, TableName="none", BackupName="two") == "TableNotFoundException"
    assert code(client.create_backup, TableName=TABLE, BackupName="one") == "BackupInUseException"
    restore = client.restore_table_from_backup
    assert code(restore, TargetTableName=TABLE, BackupArn=arn) == "TableAlreadyExistsException"
    for wrong in (absent, arn.replace(TABLE, "none"), "x" * 40, absent.replace("two", "../two"), f"{arn}\0"):
        assert code(restore, TargetTableName="new", BackupArn=wrong) == "BackupNotFoundException", wrong
        assert code(client.describe_backup, BackupArn=wrong) == "BackupNotFoundException", wrong
    assert code(client.delete_backup, BackupArn=absent) == "BackupNotFoundException"
    client.delete_backup(BackupArn=arn)
    assert code(client.delete_backup, BackupArn=arn) == "BackupNotFoundException"


def test_two_files_in_one_folder_have_their_own_backups(client: Client, path: Path) -> None:
    back_up(client)
    with contextlib.closing(connect(str(path.with_name("other.db")))) as other:
        make_table(other)
        assert other.list_backups(TableName=TABLE)["BackupSummaries"] == []
        back_up(other)
        other.delete_backup(BackupArn=back_up(other, "two"))
    assert [each["BackupName"] for each in client.list_backups(TableName=TABLE)["BackupSummaries"]] == ["one"]


def test_other_files_in_the_folder_are_no_backups_and_are_not_replaced(client: Client, path: Path) -> None:
    folder = path.parent / "engine.db.backups"
    (folder / "folder.db").mkdir(parents=True)
    (folder / "text.db").write_bytes(b"not a database")
    with contextlib.closing(sqlite3.connect(folder / "program.db")) as program:
        program.execute("CREATE TABLE other (number INTEGER)")
    back_up(client)
    assert [each["BackupName"] for each in client.list_backups(TableName=TABLE)["BackupSummaries"]] == ["one"]
    for name in ("folder", "text", "program"):
        assert code(client.create_backup, TableName=TABLE, BackupName=name) == "ValidationException"
    assert (folder / "text.db").read_bytes() == b"not a database"


@pytest.mark.parametrize("has_links", [True, False])
def test_a_backup_of_another_process_with_the_same_name_is_not_replaced(
    client: Client, path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    copy = Storage.back_up

    def another_is_first(storage: Storage, part: sqlite3.Connection) -> None:
        copy(storage, part)
        backup.write_bytes(b"of the other process")

    def no_links(*_: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    back_up(client, "before")
    backup = path.parent / "engine.db.backups" / "one.db"
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(Storage, "back_up", another_is_first)
    assert code(client.create_backup, TableName=TABLE, BackupName="one") == "BackupInUseException"
    assert backup.read_bytes() == b"of the other process"
    monkeypatch.setattr(Storage, "back_up", copy)
    back_up(client, "two")
    assert sorted(each.name for each in backup.parent.iterdir()) == ["before.db", "one.db", "two.db"]


def test_a_restore_whose_commit_fails_leaves_no_table(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = back_up(client)
    file = client._storage._file
    execute = file.execute

    def full(statement: str, *parameters: Any) -> sqlite3.Cursor:
        if statement == "COMMIT":
            failure = sqlite3.OperationalError("database or disk is full")
            failure.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise failure
        return execute(statement, *parameters)

    monkeypatch.setattr(file, "execute", full)
    with pytest.raises(StorageError, match="no space left"):
        client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)
    monkeypatch.undo()
    assert code(client.put_item, TableName="new", Item=item("a", 1)) == "ResourceNotFoundException"
    client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)
    assert items(client, "new") == items(client, TABLE)


def test_a_name_of_a_backup_without_the_table_is_rejected_at_once(client: Client) -> None:
    back_up(client)
    make_table(client, "second")
    assert code(client.create_backup, TableName="second", BackupName="one") == "ValidationException"


def test_a_database_in_memory_has_no_backups() -> None:
    client = connect(":memory:")
    make_table(client)
    assert code(client.create_backup, TableName=TABLE, BackupName="one") == "UnknownOperationException"
    assert code(client.list_backups, TableName=TABLE) == "UnknownOperationException"


def test_a_file_that_does_not_exist_yet_has_no_backups_and_is_not_created(path: Path) -> None:
    with contextlib.closing(connect(str(path), create=False)) as client:
        assert client.list_backups(TableName=TABLE)["BackupSummaries"] == []
        assert code(client.create_backup, TableName=TABLE, BackupName="one") == "TableNotFoundException"
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"not a database", None])
def test_a_damaged_backup_is_named_and_nothing_is_restored(client: Client, path: Path, damage: bytes | None) -> None:
    arn = back_up(client)
    backup = path.parent / "engine.db.backups" / "one.db"
    content = backup.read_bytes()
    backup.write_bytes(content[: len(content) // 2] if damage is None else damage)
    if damage == b"":  # a file without content is an empty database
        assert code(client.restore_table_from_backup, TargetTableName="new", BackupArn=arn) == "BackupNotFoundException"
    else:
        with pytest.raises(StorageError, match=r"the backup .*one\.db"):
            client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)
    assert client.list_tables()["TableNames"] == [TABLE]


def test_a_backup_with_damaged_items_is_named_and_nothing_is_restored(client: Client, path: Path) -> None:
    for number in range(200):
        client.put_item(TableName=TABLE, Item=item("k", number, blob={"B": b"\x00" * 2_000}))
    arn = back_up(client)
    backup = Path(stored.path_of(str(path), "one"))
    content = bytearray(backup.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8 * 4096] = b"\xff" * 8 * 4096
    backup.write_bytes(content)
    with pytest.raises(StorageError, match=r"^the backup .*one\.db is damaged .*; delete it or move it away\.$"):
        client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)
    assert client.list_tables()["TableNames"] == [TABLE]


def test_a_backup_with_damaged_counts_is_named(client: Client, path: Path) -> None:
    arn = back_up(client)
    with contextlib.closing(sqlite3.connect(stored.path_of(str(path), "one"), isolation_level=None)) as backup:
        backup.execute("DELETE FROM spaces")
    with pytest.raises(StorageError, match=r"^the backup .*one\.db is damaged .*; delete it or move it away\.$"):
        client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)


def test_an_error_of_the_database_during_a_restore_does_not_blame_the_backup(client: Client, path: Path) -> None:
    arn = back_up(client)
    with (
        contextlib.closing(connect(str(path), sleep=lambda _: None)) as impatient,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError) as raised:
            impatient.restore_table_from_backup(TargetTableName="new", BackupArn=arn)
    assert str(raised.value) == f"{path} has been in use by another process for over 30 seconds."


def test_a_copy_that_was_interrupted_is_no_backup_and_is_deleted_later(client: Client, path: Path) -> None:
    folder = path.parent / "engine.db.backups"
    folder.mkdir()
    old, new = folder / "one.db.1.part", folder / "two.db.2.part"
    for part in (old, new):
        part.write_bytes(b"incomplete")
    os.utime(old, (NOON - 90_000, NOON - 90_000))
    os.utime(new, (NOON - 10, NOON - 10))
    assert client.list_backups(TableName=TABLE)["BackupSummaries"] == []
    back_up(client)
    assert sorted(each.name for each in folder.iterdir()) == ["one.db", "two.db.2.part"]


@pytest.mark.parametrize("length", [3, 251, 252, 253, 254, 255])
def test_names_of_all_lengths_are_different_backups(client: Client, path: Path, length: int) -> None:
    ends = ["nnn", ".db", ".part", "part", "..."]
    names = sorted({("n" * 255 + end)[-length:] for end in ends} | {"n" * 250, "n" * 252})
    arns = [back_up(client, name) for name in names]
    assert all(code(client.create_backup, TableName=TABLE, BackupName=name) == "BackupInUseException" for name in names)
    with contextlib.closing(connect(str(path), clock=lambda: NOON + 2 * stored.PART_SECONDS)) as later:
        back_up(later)  # this deletes old parts
    found = [each["BackupName"] for each in client.list_backups(TableName=TABLE)["BackupSummaries"]]
    assert found == sorted([*names, "one"])
    for number, arn in enumerate(arns):
        client.restore_table_from_backup(TargetTableName=f"new{number}", BackupArn=arn)
        client.delete_backup(BackupArn=arn)
        assert code(client.describe_backup, BackupArn=arn) == "BackupNotFoundException"
    assert [each.name for each in path.with_name("engine.db.backups").iterdir()] == ["one.db"]


def test_a_name_that_the_file_system_rejects_is_reported_with_the_file(
    client: Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems, such as eCryptfs, have shorter names. Here, the engine expects longer ones."""
    monkeypatch.setattr(stored, "FILE_NAME_BYTES", 300)
    longest = "n" * (255 - len(".db"))  # Linux and macOS accept 255 bytes
    back_up(client, longest)
    with pytest.raises(StorageError, match=r"nn\.db cannot be created: File name too long\.$"):
        back_up(client, "n" * 255)
    assert [each.name for each in path.with_name("engine.db.backups").iterdir()] == [f"{longest}.db"]
    arn = back_up(client, "one").removesuffix("one") + "n" * 255
    with pytest.raises(StorageError, match=r"nn\.db cannot be read: File name too long\.$"):
        client.restore_table_from_backup(TargetTableName="new", BackupArn=arn)


def test_an_error_of_the_copy_is_reported_even_if_the_part_cannot_be_deleted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def read_only(_path: str) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", full)
    monkeypatch.setattr(os, "remove", read_only)
    with pytest.raises(StorageError, match=r"one\.db cannot be created: No space left on device\.$"):
        back_up(client)


def test_a_backup_is_consistent_while_another_process_writes(client: Client, path: Path) -> None:
    """Each transaction of the writer changes both items, so that a backup always has equal numbers."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.embedded.pair_writer", str(path), TABLE], stdout=subprocess.PIPE
    ) as writer:
        try:
            assert writer.stdout is not None
            writer.stdout.readline()
            numbers = set()
            for number in range(5):
                client.restore_table_from_backup(
                    TargetTableName=f"copy{number}", BackupArn=back_up(client, f"b-{number}")
                )
                first, second = (
                    client.get_item(TableName=f"copy{number}", Key={"p": {"S": p}, "s": {"N": "0"}})["Item"]["number"]
                    for p in "xy"
                )
                assert first == second
                numbers.add(first["N"])
                writer.stdout.readline()
            assert len(numbers) > 1
        finally:
            writer.kill()


@pytest.mark.parametrize("moment", ["create", "restore"])
def test_a_killed_process_leaves_a_whole_backup_or_none_and_a_whole_table_or_none(
    client: Client, path: Path, moment: str
) -> None:
    """The process is killed after a number of SQL statements or system calls, from the first to the last one."""
    for number in range(200):
        client.put_item(TableName=TABLE, Item=item("k", number, g={"S": "x"}, blob={"B": b"\x00" * 2_000}))
    expected = items(client, TABLE)
    if moment == "restore":
        back_up(client, "kept")
    completed = False
    for step in range(1, 60):
        command = [sys.executable, "-m", "tests.embedded.killed_backup", str(path), TABLE, moment, str(step)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        completed = done.returncode == 0
        assert done.returncode in (0, -9), done.stderr
        names = [summary["BackupName"] for summary in client.list_backups(TableName=TABLE)["BackupSummaries"]]
        if moment == "restore":
            assert names == ["kept"]
            if "new" in client.list_tables()["TableNames"]:
                assert items(client, "new") == expected
                assert client.describe_table(TableName="new")["Table"]["ItemCount"] == len(expected)
                client.delete_table(TableName="new")
        elif "new" in names:
            with sqlite3.connect(path.parent / "engine.db.backups" / "new.db") as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            stored.delete(str(path), "new")
        if completed:
            break
    assert completed
    assert_file_is_intact(path)
