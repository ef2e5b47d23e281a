"""The default target: a local file, which the first command creates."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from nodetodo.engines import local, targets
from nodetodo.engines.interface import Target
from nodetodo.environment import Environment

from .program import NOON, Program, Stream
from .test_process import NODETODO, imported_by, run

EMMA = ("user-add", "emma", "emma@example.org", "+491701234")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "tasks.db"


@pytest.fixture
def nodetodo(file: Path) -> Program:
    """Return the program on a file that does not exist yet."""
    return Program(None, target=f"local:{file}")


def test_the_first_command_creates_folder_file_and_tables(nodetodo: Program, file: Path) -> None:
    assert nodetodo(*EMMA) == (0, "user added with uid emma\n", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    statuses = nodetodo.good("table-ls", "--json").json["tables"]
    assert [table["status"] for table in statuses] == ["ACTIVE"] * 3
    assert [table["items"] for table in statuses] == [1, 0, 0]


@pytest.mark.parametrize(
    "argv", [["user-rm", "emma", "--with-tasks"], ["task-add", "emma", "x"], ["task-done", "emma", "1"], ["table-add"]]
)
def test_every_command_that_writes_can_be_the_first(nodetodo: Program, file: Path, argv: list[str]) -> None:
    assert nodetodo(*argv).status in (0, 3)
    assert file.exists()


@pytest.mark.parametrize(
    "argv",
    [
        ["user", "emma"],
        ["user-ls"],
        ["user-rm", "emma"],
        ["task", "emma", "1"],
        ["task-ls", "emma"],
        ["task-la", "c"],
        ["design"],
    ],
)
def test_a_command_that_reads_reports_that_there_is_no_database_and_creates_nothing(
    nodetodo: Program, file: Path, argv: list[str]
) -> None:
    for json_ in ([], ["--json"]):
        result = nodetodo(*argv, *json_)
        assert (result.status, result.out) == (3, "")
        table = "todo-task" if argv[0] in ("user-rm", "task", "task-ls", "task-la") else "todo-user"
        assert result.err == (
            f"nodetodo: no database exists yet at local:{file}: {table} does not exist; user-add creates it\n"
        )
    assert not file.parent.exists()


def test_a_list_of_a_backup_does_not_add_an_index_to_it(nodetodo: Program, file: Path) -> None:
    nodetodo.good(*EMMA)
    nodetodo.good("backup-add", "one")
    backup = file.with_name(f"{file.name}.backups") / "one.db"
    before = backup.read_bytes()
    assert nodetodo.good("user-ls", f"--db=local:{backup}").out.endswith("1 user\n")
    result = nodetodo("task-ls", "emma", "--by-due", f"--db=local:{backup}")
    assert (result.status, result.out) == (5, "")
    assert result.err == f"nodetodo: {backup} is a backup, which is only read; nothing was changed\n"
    assert backup.read_bytes() == before


def test_commands_on_tables_report_missing_tables_and_create_nothing(nodetodo: Program, file: Path) -> None:
    assert [row["status"] for row in nodetodo.good("table-ls", "--json").json["tables"]] == ["MISSING", "MISSING"]
    assert nodetodo("table-rm", "--yes").status == 3
    for argv in (
        ["capacity", "--reads=1", "--table"],
        ["table-edit", "--protect"],
        ["index-add", "due-index"],
        ["index-rm", "due-index", "--yes"],
        ["backup-add"],
    ):
        result = nodetodo(*argv)
        assert (result.status, result.out) == (3, ""), argv
        assert "no database exists yet" in result.err
    assert not file.parent.exists()


def test_the_next_process_reads_the_added_task(file: Path) -> None:
    assert run(*EMMA, f"--db=local:{file}").returncode == 0
    assert run("task-add", "emma", "buy milk", f"--db=local:{file}").returncode == 0
    assert "buy milk" in run("task-ls", "emma", f"--db=local:{file}").stdout


def test_deleted_tables_are_missing_until_a_command_writes(nodetodo: Program) -> None:
    nodetodo.good(*EMMA)
    nodetodo.good("table-rm", "--yes")
    assert [row["status"] for row in nodetodo("table-ls", "--json").json["tables"]] == ["MISSING", "MISSING"]
    assert "no database exists yet" in nodetodo("user", "emma").err
    assert [row["status"] for row in nodetodo("table-ls", "--json").json["tables"]] == ["MISSING", "MISSING"]
    assert nodetodo("task-done", "emma", "1").status == 3
    assert [row["status"] for row in nodetodo("table-ls", "--json").json["tables"]] == ["ACTIVE"] * 3


QUERIES = [("task-ls emma --by-due", "due-index"), ("task-la shopping", "category-index")]


@pytest.mark.parametrize(("line", "index"), QUERIES)
def test_a_missing_index_is_added_at_its_first_use_with_the_existing_tasks(
    nodetodo: Program, line: str, index: str
) -> None:
    nodetodo.good(*EMMA)
    nodetodo.good("task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow")
    nodetodo("index-rm", index, "--yes")
    for options in (["--json"], ["--json", "--cost"], ["--json"]):
        result = nodetodo.good(*line.split(), *options)
        assert [task["description"] for task in result.json["tasks"]] == ["buy milk"]
    assert nodetodo.slept == []
    assert index in [row["index_name"] for row in nodetodo.good("table-ls", "--json").json["tables"]]


@pytest.mark.parametrize(("line", "index"), QUERIES)
def test_an_index_with_another_definition_is_reported_and_kept(
    nodetodo: Program, file: Path, line: str, index: str
) -> None:
    nodetodo.good(*EMMA)
    nodetodo("index-rm", index, "--yes")
    with closing(connect(file, lambda _: None)) as client:
        other = {
            "IndexName": index,
            "KeySchema": [{"AttributeName": "phone", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        }
        client.update_table(
            TableName="todo-task",
            AttributeDefinitions=[{"AttributeName": "phone", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": other}],
        )
    result = nodetodo(*line.split())
    assert (result.status, result.out) == (4, "")
    assert f"{index} already exists with other keys: phone (S); index-rm {index} deletes it" in result.err


def test_a_list_by_due_date_of_a_missing_database_creates_nothing(nodetodo: Program, file: Path) -> None:
    assert nodetodo("task-ls", "emma", "--by-due").status == 3
    assert nodetodo("index-add", "due-index").status == 3
    assert not file.parent.exists()


def test_two_prefixes_in_one_file_are_separate(nodetodo: Program) -> None:
    nodetodo.good(*EMMA)
    nodetodo.env["NODETODO_TABLE_PREFIX"] = "other-"
    assert nodetodo("user", "emma").status == 3


def test_the_default_file_is_in_the_data_folder_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert local.default_path({"XDG_DATA_HOME": "/data"}) == "/data/nodetodo/nodetodo.db"
    for ignored in ({}, {"XDG_DATA_HOME": ""}, {"XDG_DATA_HOME": "relative"}):
        assert local.default_path(ignored) == "~/.local/share/nodetodo/nodetodo.db"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert local.default_path({}) == "~/Library/Application Support/nodetodo/nodetodo.db"
    monkeypatch.setattr(sys, "platform", "win32")
    assert local.default_path({"LOCALAPPDATA": "C:/Local"}) == "C:/Local/nodetodo/nodetodo.db"


def test_the_default_target_is_local_even_with_aws_credentials(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-west-1"}
    assert run(*EMMA, env=env).returncode == 0
    assert (tmp_path / ".local/share/nodetodo/nodetodo.db").exists()


def test_a_path_may_be_relative_or_in_the_home_folder_and_memory_is_a_file_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("~/tasks.db", ":memory:", "relative.db"):
        Program(None, target=f"local:{path}").good(*EMMA, env={"HOME": str(tmp_path)})
    assert {path.name for path in tmp_path.iterdir()} == {"tasks.db", ":memory:", "relative.db"}


@pytest.mark.parametrize("home", ["", "relative"])
@pytest.mark.parametrize("target", ["local", "local:~/tasks.db"])
def test_a_home_folder_that_is_empty_or_relative_is_reported_and_nothing_is_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = Program(None, target=target)(*EMMA, env={"HOME": home})
    assert (result.status, result.out) == (5, "")
    assert result.err == f"nodetodo: HOME is {home!r}, not an absolute path; set it, or pass --db=local:<file>\n"
    assert list(tmp_path.iterdir()) == []


def failed(nodetodo: Program) -> str:
    """Run a command that cannot use its file, and return its error message."""
    result = nodetodo(*EMMA)
    assert (result.status, result.out) == (5, "")
    assert result.err.count("\n") == 1
    return result.err


def test_a_file_that_is_not_a_database_remains_unchanged(nodetodo: Program, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("my diary\n" * 100)
    assert str(file) in failed(nodetodo)
    assert file.read_text() == "my diary\n" * 100


def test_a_database_of_another_program_remains_unchanged(nodetodo: Program, file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE diary (entry TEXT)")
    other.close()
    before = file.read_bytes()
    assert "another program" in failed(nodetodo)
    assert file.read_bytes() == before


def test_a_file_of_a_newer_version_is_rejected(nodetodo: Program, file: Path) -> None:
    nodetodo.good(*EMMA)
    newer = sqlite3.connect(file)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "newer version" in failed(nodetodo)


def test_a_folder_in_place_of_the_file_is_reported(nodetodo: Program, file: Path) -> None:
    file.mkdir(parents=True)
    assert str(file) in failed(nodetodo)


def test_a_file_in_place_of_the_folder_is_reported(nodetodo: Program, file: Path) -> None:
    file.parent.write_text("")
    assert str(file) in failed(nodetodo)


@pytest.fixture
def read_only(file: Path) -> Iterator[None]:
    """Make the folder of the file read-only. Skips the test for root, who may write everywhere."""
    file.parent.mkdir(mode=0o500)
    if os.access(file.parent, os.W_OK):
        pytest.skip("this user may write everywhere")
    yield
    file.parent.chmod(0o700)


@pytest.mark.usefixtures("read_only")
def test_a_read_only_folder_is_reported(nodetodo: Program, file: Path) -> None:
    assert str(file) in failed(nodetodo)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder on this system is read-only for every user")
def test_a_folder_that_cannot_be_created_is_reported() -> None:
    assert "/proc/nodetodo/tasks.db" in failed(Program(None, target="local:/proc/nodetodo/tasks.db"))


def test_commands_on_the_embedded_engine_import_no_slow_modules(file: Path) -> None:
    run(*EMMA, f"--db=local:{file}")
    heavy = {
        "boto3",
        "botocore",
        "dateutil",
        "dataclasses",
        "inspect",
        "base64",
        "wcwidth",
        "tqdm",
        "random",
        "decimal",
    }
    heavy |= {"urllib", "asyncio", "socket", "subprocess", "shutil", "logging", "nodetodo.engines.aws"}
    for argv in (
        ["task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow"],
        ["task-ls", "emma"],
        ["task-la", "shopping"],
        ["user", "emma"],
        ["user-ls"],
    ):
        modules = imported_by(*argv, f"--db=local:{file}")
        assert "nodetodo.embedded.storage" in modules
        assert not modules & heavy, argv
        assert not [name for name in modules if name.startswith("nodetodo.embedded.partiql")]


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Lock a file for writing, as another process does."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_terminal_shows_once_that_the_program_waits_for_another_process(nodetodo: Program, file: Path) -> None:
    nodetodo.good(*EMMA)
    nodetodo.is_terminal = True
    with locked(file):
        result = nodetodo("task-add", "emma", "x")
    assert result.status == 5
    waiting, failed = result.err.splitlines()
    assert waiting == f"waiting for another process that uses {file}; Ctrl-C stops the command"
    assert "in use by another process for over 30 seconds" in failed


def test_without_a_terminal_or_a_long_wait_nothing_is_reported(nodetodo: Program, file: Path) -> None:
    nodetodo.good(*EMMA)
    with locked(file):
        assert failed(nodetodo).startswith(f"nodetodo: {file} has been in use")
        nodetodo.is_terminal = True
        assert nodetodo.good("user", "emma").err == ""


JOHN = {"TableName": "todo-user", "Item": {"uid": {"S": "john"}}}


def connect(file: Path, sleep: Callable[[float], None]) -> Any:
    """Return a client for a file that calls this function to wait."""
    surroundings = Environment({}, Stream(), Stream(), Stream(), lambda: NOON, sleep)
    return local.connect(Target(f"local:{file}", path=str(file)), surroundings)


def test_ctrl_c_interrupts_the_wait_for_another_process(nodetodo: Program, file: Path) -> None:
    nodetodo.good(*EMMA)

    def interrupt(seconds: float) -> None:
        assert seconds < 0.1
        raise KeyboardInterrupt

    client = connect(file, interrupt)
    with locked(file), pytest.raises(KeyboardInterrupt):
        client.put_item(**JOHN)
    client.put_item(**JOHN)
    client.close()


def test_without_write_ahead_logging_a_commit_waits_for_readers(nodetodo: Program, file: Path) -> None:
    nodetodo.good(*EMMA)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        assert reader.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
        client = connect(file, lambda _: reader.execute("COMMIT").close())
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM revision").fetchone()
        client.put_item(**JOHN)
        assert not reader.in_transaction
        client.close()
    assert nodetodo.good("user", "john", "--json").json["uid"] == "john"


def test_three_first_commands_at_once_all_succeed(file: Path) -> None:
    for attempt in range(5):
        target = f"--db=local:{file}{attempt}"
        processes = [
            subprocess.Popen(
                [*NODETODO, "user-add", uid, "a@b", "123", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for uid in ("anna", "ben", "chris")
        ]
        for process in processes:
            assert process.communicate()[1] == b""
            assert process.returncode == 0
        users = json.loads(run("user-ls", "--json", target).stdout)["users"]
        assert {user["uid"] for user in users} == {"anna", "ben", "chris"}


def test_no_change_is_lost_if_eight_processes_change_tasks_of_one_user(file: Path) -> None:
    target = f"--db=local:{file}"
    assert run(*EMMA, target).returncode == 0

    def worker(number: int) -> list[int]:
        tids = []
        for task in range(6):
            added = run("task-add", "emma", f"task {task} of {number}", "c", "--json", target)
            assert (added.returncode, added.stderr) == (0, "")
            tids.append(json.loads(added.stdout)["tid"])
            done = run("task-done", "emma", str(tids[-1]), target)
            assert (done.returncode, done.stderr) == (0, "")
        return tids

    with ThreadPoolExecutor(8) as pool:
        tids = [tid for of_one in pool.map(worker, range(8)) for tid in of_one]
    assert len(set(tids)) == 48
    for of in (["task-ls", "emma"], ["task-la", "c"]):
        tasks = json.loads(run(*of, "--all", "--json", target).stdout)["tasks"]
        assert sorted(task["tid"] for task in tasks) == sorted(tids)
        assert all(task["completed"] for task in tasks)


def test_local_targets_use_the_embedded_engine() -> None:
    assert targets.engine_of(targets.choose("local", {})) is local
    assert targets.engine_of(targets.choose("local:x", {})) is local
