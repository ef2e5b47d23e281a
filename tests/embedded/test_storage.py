"""The database file: creating and opening it, errors, and the query plans of its statements."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nodetodo.embedded import StorageError, connect
from nodetodo.embedded.client import Client
from nodetodo.embedded.storage import file
from nodetodo.embedded.storage import statements as storage

from .support import TABLE, error, get, item, key, make_table, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with one item in it."""
    made = tmp_path / "engine.db"
    client = connect(str(made))
    make_table(client)
    put(client, item("a", 1, g={"S": "x"}))
    client.close()
    return made


@contextlib.contextmanager
def sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file with SQLite directly."""
    database = sqlite3.connect(path, isolation_level=None)
    try:
        yield database
    finally:
        database.close()


def test_only_the_owner_can_access_a_new_file_and_its_folder(tmp_path: Path) -> None:
    made = tmp_path / "data" / "todo.db"
    client = connect(str(made))
    make_table(client)
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    files = sorted(made.parent.iterdir())
    assert [file.name for file in files] == ["todo.db", "todo.db-shm", "todo.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    client.close()
    assert sorted(made.parent.iterdir()) == [made]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folders_files_and_targets_of_links_are_accessible_to_the_owner_only(tmp_path: Path, umask: int) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "a" / "b" / "real.db")
    (tmp_path / "folder").symlink_to(tmp_path / "c")
    before = os.umask(umask)
    try:
        for name in ("link.db", "folder/x.db", "d/e/f/x.db"):
            client = connect(str(tmp_path / name))
            make_table(client)
            client.close()
    finally:
        os.umask(before)
    created = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert {mode for path, mode in created.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in created.items() if path.is_file()} == {0o600}
    assert (tmp_path / "a/b/real.db").exists()
    assert (tmp_path / "c/x.db").exists()


def test_without_create_reads_find_no_tables_and_the_first_write_creates_the_file(tmp_path: Path) -> None:
    made = tmp_path / "data" / "todo.db"
    client, other = connect(str(made), create=False), connect(str(made), create=False)
    assert client.list_tables()["TableNames"] == []
    assert error(client.get_item, TableName=TABLE, Key=key("a", 1))["Error"]["Code"] == "ResourceNotFoundException"
    assert not made.parent.exists()
    make_table(client)
    put(client, item("a", 1))
    assert get(other, "a", 1) == item("a", 1)  # opens the file that another client created
    client.close()
    other.close()
    assert list(made.parent.iterdir()) == [made]


def test_without_create_an_empty_file_stays_empty_until_the_first_write(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    client = connect(str(empty), create=False)
    assert client.list_tables()["TableNames"] == []
    assert empty.stat().st_size == 0
    make_table(client)
    client.close()
    assert empty.stat().st_size > 0


def test_without_create_a_closed_client_creates_no_file(tmp_path: Path) -> None:
    client = connect(str(tmp_path / "new.db"), create=False)
    client.close()
    with pytest.raises(StorageError, match="closed"):
        make_table(client)
    assert list(tmp_path.iterdir()) == []


def test_written_items_are_read_after_the_file_was_reopened(path: Path) -> None:
    client = connect(str(path))
    assert get(client, "a", 1) == item("a", 1, g={"S": "x"})
    assert client.scan(TableName=TABLE, IndexName="by-g")["Count"] == 1
    client.close()


def test_the_file_uses_write_ahead_logging_and_synchronises_every_commit(path: Path) -> None:
    client = Client(str(path))
    execute = client._storage._execute
    assert execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert execute("PRAGMA synchronous").fetchone() == (2,)
    client.close()


def test_opening_and_reading_a_file_writes_nothing(path: Path) -> None:
    before = path.read_bytes(), path.stat().st_mtime_ns
    client = connect(str(path))
    get(client, "a", 1)
    client.query(TableName=TABLE, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}})
    assert Path(f"{path}-wal").stat().st_size == 0
    client.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    client = connect(str(empty))
    make_table(client)
    client.close()


def storage_error(path: Path | str, **more: Any) -> str:
    """Return the message of the StorageError that opening a file raises."""
    with pytest.raises(StorageError) as raised:
        Client(str(path), **more).close()
    message = str(raised.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("content", [b"no database at all\n" * 100, b"x", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_not_a_database_is_rejected_and_not_changed(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    assert str(file) in storage_error(file)
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_a_database_of_another_program_is_rejected_and_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite(file) as other:
        other.execute("CREATE TABLE notes (text)")
    before = file.read_bytes()
    assert storage_error(file) == f"{file} is a database of another program, and was not changed."
    assert file.read_bytes() == before


def test_a_newer_format_is_rejected_and_not_changed(path: Path) -> None:
    with sqlite(path) as database:
        database.execute(f"PRAGMA user_version = {file.FORMAT + 1}")
    before = path.read_bytes()
    assert "newer version" in storage_error(path)
    assert path.read_bytes() == before


def test_a_file_of_format_2_keeps_its_format_until_a_table_changes(path: Path) -> None:
    """A program for format 2 writes no entries of local indexes, so it must reject a file that may have some."""
    with sqlite(path) as database:
        database.execute("PRAGMA user_version = 2")
    with contextlib.closing(connect(str(path))) as client:
        put(client, item("a", 2, g={"S": "y"}))
        assert [each["s"] for each in client.scan(TableName=TABLE, IndexName="by-g")["Items"]] == [
            {"N": "1"},
            {"N": "2"},
        ]
        assert user_version(path) == 2
        make_table(client, "other")
    assert user_version(path) == file.FORMAT


def user_version(path: Path) -> int:
    with sqlite(path) as database:
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def test_a_path_that_cannot_be_a_file_is_rejected(path: Path, tmp_path: Path) -> None:
    assert "cannot be opened" in storage_error(tmp_path)
    assert "Not a directory" in storage_error(path / "below.db")
    assert "cannot be created" in storage_error("with\0zero")
    assert "cannot be created" in storage_error("")


def test_reading_a_damaged_file_raises_a_storage_error(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xab" * (len(content) - 4096)
    path.write_bytes(content)
    client = connect(str(path))
    with pytest.raises(StorageError, match="damaged"):
        get(client, "a", 1)
    client.close()


def test_a_file_locked_for_too_long_raises_a_storage_error_and_works_when_it_is_unlocked(path: Path) -> None:
    client = Client(str(path), busy_seconds=0.05)
    with sqlite(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"in use by another process for over 0\.05 seconds"):
            put(client, item("a", 2))
        # Reads do not wait for a writing process.
        assert get(client, "a", 1) is not None
        other.execute("ROLLBACK")
    put(client, item("a", 2))
    assert get(client, "a", 2) is not None
    client.close()


def test_an_empty_file_locked_for_too_long_raises_a_storage_error(tmp_path: Path) -> None:
    file = tmp_path / "empty.db"
    with sqlite(file) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "in use by another process" in storage_error(file, busy_seconds=0.05)


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_file_that_is_deleted_or_replaced_while_it_is_open_is_neither_read_nor_written(
    path: Path, tmp_path: Path, is_replaced: bool
) -> None:
    client = connect(str(path))
    put(client, item("a", 1))
    if is_replaced:
        new = tmp_path / "new.db"
        with contextlib.closing(connect(str(new))) as other:
            make_table(other)
        new.replace(path)
    else:
        path.unlink()
    message = "was deleted or replaced while this program had it open"
    with pytest.raises(StorageError, match=message):
        put(client, item("a", 2))
    with pytest.raises(StorageError, match=message):
        get(client, "a", 1)
    client.close()
    assert path.exists() == is_replaced


def test_a_write_to_a_full_disk_is_rolled_back(path: Path) -> None:
    client = Client(str(path))
    execute = client._storage._execute
    (pages,) = execute("PRAGMA page_count").fetchone()
    execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="no space left"):
        client.batch_write_item(
            RequestItems={
                TABLE: [{"PutRequest": {"Item": item("b", s, x={"S": "x" * 5000})}} for s in range(5)],
            }
        )
    assert client.scan(TableName=TABLE)["Count"] == 1
    assert client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == 1
    execute(f"PRAGMA max_page_count = {pages + 1000}")
    put(client, item("b", 1))
    assert client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == 2
    client.close()


def ends(action: Callable[[], object]) -> bool:
    """Run an action in another thread. Return whether it ends within 10 seconds."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


@pytest.mark.parametrize("is_in_memory", [False, True])
def test_a_closed_client_raises_a_storage_error_and_can_be_closed_again(path: Path, is_in_memory: bool) -> None:
    client = connect(":memory:" if is_in_memory else str(path))
    client.close()
    client.close()
    with pytest.raises(StorageError, match="closed"):
        client.list_tables()
    assert ends(client.close)
    with pytest.raises(StorageError, match="closed"):
        put(client, item("a", 1))


def test_closing_a_client_ends_the_requests_that_wait_for_another_process(path: Path) -> None:
    waiting = threading.Event()
    client = Client(str(path), busy_seconds=math.inf, sleep=lambda _: waiting.set())
    messages: list[str] = []

    def write() -> None:
        with pytest.raises(StorageError) as raised:
            put(client, item("a", 2))
        messages.append(str(raised.value))

    with sqlite(path) as other:
        other.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=write, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert waiting.wait(10)
        assert ends(client.close)
        for thread in threads:
            thread.join(10)
    assert len(messages) == 3
    assert all("was closed" in message or "closed database" in message for message in messages)


PROGRAM = """
import os, sys
sys.path[:] = {paths!r}
from nodetodo.embedded import StorageError, connect
from nodetodo.embedded.operations import items
if os.getuid() == 0:  # root may write everywhere; the user 65534 may be unable to read modules, so import them before
    os.setgid(65534)
    os.setuid(65534)
try:
    client = connect({path!r})
    client.put_item(TableName="things", Item={{"p": {{"S": "new"}}, "s": {{"N": "1"}}}})
except StorageError as error:
    print(error)
"""


def _message_for_another_user(path: Path) -> str:
    """Return the error message for a file in a process without root privileges."""
    program = PROGRAM.format(paths=sys.path, path=str(path))
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def shared(path: Path) -> Iterator[Path]:
    """The file in a folder that every user can reach."""
    folders = [folder for folder in path.parents if folder.owner() == Path.home().owner() and len(folder.parts) > 2]
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in folders}
    for folder in folders:
        folder.chmod(modes[folder] | 0o055)
    yield path
    for folder, mode in modes.items():
        folder.chmod(mode)


def test_a_read_only_file_is_rejected_and_not_changed(shared: Path) -> None:
    before = shared.read_bytes()
    shared.chmod(0o444)
    shared.parent.chmod(0o555)
    try:
        message = _message_for_another_user(shared)
    finally:
        shared.parent.chmod(0o755)
    assert message == (f"{shared} is in a folder that cannot be written, which reads need too; nothing was changed.\n")
    assert shared.read_bytes() == before


READ_THEN_WRITE = """
import os, sys
sys.path[:] = {paths!r}
from nodetodo.embedded import StorageError, connect
from nodetodo.embedded.operations import items
path = {path!r}
if os.getuid() == 0:  # root may write everywhere
    os.chown(os.path.dirname(path), 65534, 65534)
    os.chown(path, 65534, 65534)
    os.setgid(65534)
    os.setuid(65534)
key = {{"p": {{"S": "a"}}, "s": {{"N": "1"}}}}
for mode in (0o400, 0o600):
    os.chmod(path, mode)
    client = connect(path)
    print("Item" in client.get_item(TableName="things", Key=key))
    try:
        client.put_item(TableName="things", Item=key)
        print("written")
    except StorageError as error:
        print(error)
    client.close()
"""


def test_a_file_that_was_read_while_it_was_read_only_can_be_written_afterwards(shared: Path) -> None:
    program = READ_THEN_WRITE.format(paths=sys.path, path=str(shared))
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == f"True\n{shared} cannot be written; nothing was changed.\nTrue\nwritten\n"


@pytest.mark.parametrize("suffix", ["-shm", "-wal"])
def test_the_message_names_a_side_file_of_another_user_that_cannot_be_written(shared: Path, suffix: str) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can create the file of another user")
    shared.chmod(0o666)
    shared.parent.chmod(0o777)
    for each in ("-wal", "-shm"):
        side = Path(f"{shared}{each}")
        side.touch()
        side.chmod(0o444 if each == suffix else 0o666)
    message = _message_for_another_user(shared)
    assert message == f"{shared}{suffix} cannot be written, but {shared} can: make both writable.\n"


def test_a_file_that_cannot_be_created_is_rejected(shared: Path) -> None:
    shared.parent.chmod(0o555)
    try:
        message = _message_for_another_user(shared.parent / "new.db")
        below = _message_for_another_user(shared.parent / "new folder" / "new.db")
    finally:
        shared.parent.chmod(0o755)
    assert message == f"{shared.parent / 'new.db'} cannot be created: Permission denied.\n"
    assert "Permission denied" in below


def plan(client: Client, statement: str, parameters: tuple[Any, ...]) -> list[str]:
    rows = client._storage._execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row[3] for row in rows]


@pytest.mark.parametrize("backward", ["", storage.BACKWARD])
def test_every_read_of_items_is_a_range_of_the_primary_key(client: Client, backward: str) -> None:
    low, high = b"\x00", b"\x01"
    assert plan(client, storage.ITEM, (1, low)) == ["SEARCH items USING PRIMARY KEY (space=? AND address=?)"]
    range_ = "USING PRIMARY KEY (space=? AND address>? AND address<?)"
    assert plan(client, storage.ITEMS + backward, (1, low, high)) == [f"SEARCH items {range_}"]
    assert plan(client, storage.ENTRIES + backward, (1, 2, low, high)) == [
        f"SEARCH entries {range_}",
        "SEARCH items USING PRIMARY KEY (space=? AND address=?)",
    ]


def test_a_page_reads_no_further_than_its_last_item(client: Client) -> None:
    for start in range(0, 500, 25):
        requests = [{"PutRequest": {"Item": item("a", s, g={"S": "x"})}} for s in range(start, start + 25)]
        client.batch_write_item(RequestItems={TABLE: requests})

    def steps(**more: Any) -> int:
        """Return how often SQLite called the progress handler, which it does every 5 instructions."""
        count = 0

        def progress() -> int:
            nonlocal count
            count += 1
            return 0

        database = client._storage._file.database
        database.set_progress_handler(progress, 5)
        client.query(TableName=TABLE, Limit=5, **more)
        database.set_progress_handler(None, 0)
        return count

    by_key = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
    by_index = {
        "IndexName": "by-g",
        "KeyConditionExpression": "g = :p",
        "ExpressionAttributeValues": {":p": {"S": "x"}},
    }
    for request in (by_key, by_index):
        where = {**key("a", 450), **({"g": {"S": "x"}} if "IndexName" in request else {})}
        first, late = steps(**request), steps(**request, ExclusiveStartKey=where)
        # Skipping the 450 items before the late page would take at least one call each.
        assert max(first, late, steps(**request, ScanIndexForward=False)) < 30


def test_an_interrupted_write_is_rolled_back_and_the_client_stays_usable(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    put(client, item("a", 1, g={"S": "x"}))
    with monkeypatch.context() as patched:
        patched.setattr(storage.Storage, "put_entry", interrupted)
        with pytest.raises(KeyboardInterrupt):
            put(client, item("a", 2, g={"S": "x"}))
    assert get(client, "a", 2) is None
    put(client, item("a", 3))
    assert client.describe_table(TableName=TABLE)["Table"]["ItemCount"] == 2


def test_processes_that_create_one_file_at_the_same_time_all_succeed(tmp_path: Path) -> None:
    program = f"""
import sys
sys.path[:] = {sys.path!r}
from nodetodo.embedded import connect
for number in range(20):
    client = connect({str(tmp_path)!r} + f"/{{number}}.db")
    client.list_tables()
    client.close()
"""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, env=environment) for _ in range(4)
    ]
    assert [process.communicate()[1] for process in processes] == [b""] * 4
