"""The SQLite file: its format, how it is opened, and its transactions.

A write transaction starts with BEGIN IMMEDIATE, because SQLite cannot turn a read transaction into a write transaction
while another process writes. The file uses write-ahead logging (WAL) and is synchronised at every commit.
"""

from __future__ import annotations

import os
import sqlite3
from _thread import allocate_lock
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from ..errors import DamagedDataError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .failures import Failure

APPLICATION = 0x64646245  # "ddbE", the PRAGMA application_id of this engine's files
# A file of an older format gets this one when a table is created, changed or deleted. Format 1 had a table `layouts`, a
# copy of the keys and projections of all tables, which would be outdated from then on. Format 2 had no streams, no
# local indexes and no keys with several attributes in a part: an older program would write no records and would not
# update the entries.
FORMAT = 3
IN_MEMORY = ":memory:"
BACKUPS = ".backups"  # at the end of the name of a folder whose files are only read
READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"  # begin a transaction
BUSY_SECONDS = 30.0
RETRY_SECONDS = 0.005

Result = TypeVar("Result")

# `ended` and `last` are the end of a stream: seconds since 1970 and the highest sequence number at that time. `trimmed`
# is the highest sequence number of its removed records.
_STREAMS = (
    "CREATE TABLE IF NOT EXISTS streams (stream INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
    "label TEXT NOT NULL, view TEXT NOT NULL, key TEXT NOT NULL, created REAL NOT NULL, first INTEGER NOT NULL, "
    "ended REAL, last INTEGER, trimmed INTEGER NOT NULL)",
    # Sequence numbers are in the order of the commits, because one transaction at a time writes.
    "CREATE TABLE IF NOT EXISTS records (sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, "
    "written REAL NOT NULL, event TEXT NOT NULL, expired INTEGER NOT NULL, keys NOT NULL, old, new)",
    "CREATE INDEX IF NOT EXISTS records_by_stream ON records (stream, sequence)",
)

_SCHEMA = (
    # `revision` grows with every change of a table's definition, so that other processes notice the change.
    "CREATE TABLE revision (number INTEGER NOT NULL)",
    "INSERT INTO revision VALUES (1)",
    "CREATE TABLE catalog (name TEXT PRIMARY KEY, space INTEGER NOT NULL, definition TEXT NOT NULL) WITHOUT ROWID",
    # The number of items and bytes in each table and index, so that DescribeTable does not have to count them. The
    # number of a space is never used again.
    "CREATE TABLE spaces (space INTEGER PRIMARY KEY AUTOINCREMENT, items INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    "CREATE TABLE items (space INTEGER NOT NULL, address BLOB NOT NULL, bytes INTEGER NOT NULL, attributes NOT NULL, "
    "PRIMARY KEY (space, address)) WITHOUT ROWID",
    "CREATE TABLE entries (space INTEGER NOT NULL, address BLOB NOT NULL, bytes INTEGER NOT NULL, item BLOB NOT NULL, "
    "PRIMARY KEY (space, address)) WITHOUT ROWID",
    "CREATE TABLE tokens (token TEXT PRIMARY KEY, request TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX tokens_by_expiry ON tokens (expires)",
    *_STREAMS,
)

_REVISION = "SELECT number FROM revision"
UPGRADE = ("DROP TABLE IF EXISTS layouts", *_STREAMS, f"PRAGMA user_version = {FORMAT}")

# Held while a file is created, because closing a file drops all locks of this process on it, also those of SQLite.
_creating = allocate_lock()


class File:
    """An open database file; the path ":memory:" means a database in memory. Threads may share it."""

    def __init__(self, path: str, busy_seconds: float, sleep: Callable[[float], None], create: bool) -> None:
        """Open the file. Raises StorageError if it cannot be used.

        busy_seconds: how long to wait for other processes. sleep: takes seconds. create: whether to create a file that
        does not exist; if False, the first write transaction creates it, and until then it is read as if it were empty.
        """
        self.path = path
        self.busy_seconds = busy_seconds
        self._sleep = sleep
        self._lock = allocate_lock()  # held by the thread that is in a transaction
        self._is_private = path == IN_MEMORY
        self._is_closing = False
        self._is_backup = _is_in_backups(path)
        self._is_absent = not create and path != IN_MEMORY and _is_absent(path)
        self._open(IN_MEMORY if self._is_absent else path)

    def _open(self, path: str) -> None:
        if path != IN_MEMORY:
            if self._is_backup and _is_absent(path):
                raise StorageError(f"{path} does not exist, and its folder contains only backups.")
            create_private_file(path)
            _make_side_files_writable(path)
        self._identity = _identity(path)
        try:
            # Time-out 0: SQLite would wait in C, where Ctrl-C cannot interrupt it. _retry_while_busy waits instead.
            self.database = sqlite3.connect(path, 0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self.storage_error(error) from error
        self.execute = self.database.execute
        try:
            self._retry_while_busy(lambda: self._initialize(path))
        except BaseException as error:
            self.database.close()
            if isinstance(error, FAILURES):
                raise self.storage_error(error) from error
            if isinstance(error, OSError):
                raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
            raise

    def close(self) -> None:
        """Close the file, when no thread is in a transaction. Closing it again does nothing.

        Threads no longer wait for other processes, which would delay the end of this one by `busy_seconds` each.
        """
        self._is_closing = True
        with self._lock:
            self._is_absent = False
            self.database.close()

    def _initialize(self, path: str) -> None:
        """Create the schema in an empty file. Two processes may do so at the same time."""
        size = 0 if path == IN_MEMORY else os.path.getsize(path)
        if self._is_backup and path != IN_MEMORY:
            self.execute("PRAGMA query_only = ON")
        # FULL is SQLite's default, but a distribution may have compiled it with another one.
        self.execute("PRAGMA synchronous = FULL")
        self.execute("BEGIN")
        if self._is_initialized():
            self.execute("COMMIT")
            return
        (pages,) = self.execute("PRAGMA page_count").fetchone()
        self.execute("COMMIT")
        if size and not pages:
            # SQLite treats a file of a few bytes as empty and would overwrite it.
            raise StorageError(f"{path} is not a database, and was not changed.")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute(WRITE)
        if not self._is_initialized():
            for statement in _SCHEMA:
                self.execute(statement)
            self.execute(f"PRAGMA application_id = {APPLICATION}")
            self.execute(f"PRAGMA user_version = {FORMAT}")
        self.execute("COMMIT")

    def _is_initialized(self) -> bool:
        """Return whether the file has this engine's schema; False if it is empty. Raises StorageError otherwise.

        Call it within a transaction, because another process may be creating the schema.
        """
        (application,) = self.execute("PRAGMA application_id").fetchone()
        (version,) = self.execute("PRAGMA user_version").fetchone()
        if application == APPLICATION:
            if version > FORMAT:
                raise StorageError(
                    f"{self.path} was written by a newer version of this program (format {version}; this one reads "
                    f"up to {FORMAT}): use the newer one."
                )
            return True
        if application or version or self.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise StorageError(f"{self.path} is a database of another program, and was not changed.")
        return False

    def _retry_while_busy(self, action: Callable[[], Result], *, in_transaction: bool = False) -> Result:
        """Run an action, and retry it while another process prevents it, for up to busy_seconds.

        in_transaction: whether the action continues a transaction. Default: it begins one, which is rolled back first.
        """
        waited = 0.0
        while True:
            try:
                return action()
            except BaseException as error:
                if not in_transaction:
                    self._roll_back()
                from .failures import is_busy  # here, as below, because most commands meet no failure

                if not is_busy(error) or self._is_closing or waited >= self.busy_seconds:
                    raise
            self._sleep(RETRY_SECONDS)
            waited += RETRY_SECONDS

    def begin(self, statement: str) -> int | None:
        """Begin a transaction and return the revision of the table definitions.

        A read in memory begins no transaction and returns None, because no other process can change the database. Other
        threads wait until `end`. statement: READ to see one state of the file, or WRITE. Raises StorageError if the
        file cannot be used, or if its path leads to another file since it was opened.
        """
        self._lock.acquire()
        if statement == READ and self._is_private:
            return None
        try:
            if self._is_absent and (statement == WRITE or not _is_absent(self.path)):
                self.database.close()
                self._open(self.path)
                self._is_absent = False
            elif not self._is_absent and _identity(self.path) != self._identity:
                # SQLite would continue with the old file, and a write to it would be lost. The new file is not opened,
                # because it may be incomplete.
                raise StorageError(
                    f"{self.path} was deleted or replaced while this program had it open: start the program again."
                )
            return self._retry_while_busy(lambda: self._begin(statement))
        except BaseException as error:
            self._lock.release()
            if isinstance(error, FAILURES):
                raise self.storage_error(error) from error
            raise

    def _begin(self, statement: str) -> int:
        self.execute(statement)
        row = self.execute(_REVISION).fetchone()
        if row is None:
            raise DamagedDataError("the revision is missing")
        return row[0]  # type: ignore[no-any-return]

    def end(self, error: BaseException | None, before_commit: Callable[[], None]) -> None:
        """Commit the transaction, or roll it back after an error.

        Raises StorageError for an error of SQLite and for damaged data, including an error that is passed in.
        """
        try:
            if error is None and self.database.in_transaction:
                before_commit()
                # In WAL mode no other process prevents a commit, but not every file system supports it.
                self._retry_while_busy(lambda: self.execute("COMMIT"), in_transaction=True)
        except sqlite3.Error as failure:
            error = failure
        finally:
            self._roll_back()
            self._lock.release()
        if isinstance(error, FAILURES):
            raise self.storage_error(error) from error

    def back_up(self, copy: sqlite3.Connection) -> None:
        """Copy the state that the present transaction sees to another database."""
        self.database.backup(copy)

    def _roll_back(self) -> None:
        """Roll back an open transaction. If SQLite cannot, closing the file does it."""
        with suppress(sqlite3.Error):  # also because the file is closed
            if self.database.in_transaction:
                self.execute("ROLLBACK")

    def storage_error(self, error: Failure) -> StorageError:
        """Return the error of this file that one of FAILURES means."""
        from .failures import is_busy, reason

        if not is_busy(error):
            return StorageError(reason(error, self.path, _side_files(self.path), self._is_backup), self.path)
        if self._is_closing:
            text = f"{self.path} was closed while this request waited for another process; nothing was changed."
        else:
            text = f"{self.path} has been in use by another process for over {self.busy_seconds:g} seconds."
        return StorageError(text, self.path, is_busy=True)


FAILURES = (sqlite3.Error, DamagedDataError, UnicodeDecodeError)
"""The exceptions that become a StorageError. sqlite3 raises UnicodeDecodeError for an invalid text of the schema."""


def _identity(path: str) -> tuple[int, int] | None:
    """Return the numbers of the device and the file to which a path leads; None without a file."""
    if path == IN_MEMORY:
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_absent(path: str) -> bool:
    """Return whether the file does not exist. An empty file does not: another process may be creating it."""
    try:
        return os.stat(path).st_size == 0
    except FileNotFoundError:
        return True
    except (OSError, ValueError):  # opening the file reports the error
        return False


def _is_in_backups(path: str) -> bool:
    """Return whether the file is in a folder of backups."""
    try:
        return os.path.dirname(os.path.realpath(path)).endswith(BACKUPS)
    except (OSError, ValueError):  # opening the file reports the error
        return False


def create_private_file(path: str) -> None:
    """Create the file and its folders, accessible to their owner only. Do nothing if the file exists."""
    with _creating:
        try:
            real = os.path.realpath(path) if path else path  # SQLite would create the target of a symbolic link as 0644
            if os.path.exists(real):
                return
            _create_folder(os.path.dirname(real))
            os.close(os.open(real, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise StorageError(f"{path} cannot be created: {reason}.") from error


def _side_files(path: str) -> tuple[str, str]:
    """Return the names of the files in which SQLite keeps the write-ahead log and its index."""
    real = os.path.realpath(path)
    return f"{real}-wal", f"{real}-shm"


def _make_side_files_writable(path: str) -> None:
    """Give the side files the permissions of the database if they are read-only and the database is not.

    SQLite creates them with the permissions of the database. So reading a read-only database leaves read-only ones
    behind, which would prevent all writes after the database became writable again.
    """
    for side in _side_files(path):
        with suppress(OSError):  # usually the file does not exist; a write reports one of another user
            if not os.stat(side).st_mode & 0o200:
                mode = os.stat(path).st_mode & 0o777
                if mode & 0o200:
                    os.chmod(side, mode)


def _create_folder(folder: str) -> None:
    """Create a folder and its parents. os.makedirs would apply its mode to the last folder only."""
    missing = []
    while folder and not os.path.exists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for each in reversed(missing):
        with suppress(FileExistsError):  # another process created it
            os.mkdir(each, 0o700)
