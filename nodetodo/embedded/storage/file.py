"""The SQLite file: its format, who may open it, how transactions begin and end.

A write is one transaction that starts with BEGIN IMMEDIATE: a transaction that began by reading could not be made a
writing one while another process writes. The log is written ahead (WAL) and synchronised at every commit.
"""

from __future__ import annotations

import os
import sqlite3
import time
from _thread import allocate_lock
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from ..errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

APPLICATION = 0x64646245  # "ddbE": what PRAGMA application_id says of a file of this engine
FORMAT = 1
BUSY_SECONDS = 30.0

Result = TypeVar("Result")

_SCHEMA = (
    # `revision` changes with every change of a table's definition, so that processes notice each other's.
    "CREATE TABLE revision (number INTEGER NOT NULL)",
    "INSERT INTO revision VALUES (1)",
    "CREATE TABLE catalog (name TEXT PRIMARY KEY, space INTEGER NOT NULL, definition TEXT NOT NULL) WITHOUT ROWID",
    # Of a definition what reading and writing items needs, as rows: the attributes of the keys (place 0 and 1) and of
    # projections (place 2) of a table and its indexes. The table itself is the one without an index name.
    "CREATE TABLE layouts (table_space INTEGER NOT NULL, space INTEGER NOT NULL, place INTEGER NOT NULL, "
    "attribute TEXT NOT NULL, type TEXT, index_name TEXT, projection TEXT, "
    "PRIMARY KEY (table_space, space, place, attribute)) WITHOUT ROWID",
    # What a table or an index holds, kept so that DescribeTable counts nothing. A number is never given twice.
    "CREATE TABLE spaces (space INTEGER PRIMARY KEY AUTOINCREMENT, items INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    "CREATE TABLE items (space INTEGER NOT NULL, address BLOB NOT NULL, bytes INTEGER NOT NULL, attributes NOT NULL, "
    "PRIMARY KEY (space, address)) WITHOUT ROWID",
    "CREATE TABLE entries (space INTEGER NOT NULL, address BLOB NOT NULL, bytes INTEGER NOT NULL, item BLOB NOT NULL, "
    "PRIMARY KEY (space, address)) WITHOUT ROWID",
    "CREATE TABLE tokens (token TEXT PRIMARY KEY, request TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX tokens_by_expiry ON tokens (expires)",
)

_REVISION = "SELECT number FROM revision"

# What SQLite's result codes mean to the person whose file it is. https://www.sqlite.org/rescode.html
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_SENTENCES = {
    sqlite3.SQLITE_NOTADB: "{path} is not a database, and is left as it is.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged: SQLite cannot read it.",
    sqlite3.SQLITE_FULL: "There is no space left for {path}; nothing was changed.",
    sqlite3.SQLITE_READONLY: "{path} cannot be written; nothing was changed.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened for reading and writing, or its folder cannot be written.",
    sqlite3.SQLITE_PERM: "{path} cannot be opened for reading and writing.",
    sqlite3.SQLITE_IOERR: "{path} cannot be read or written: the disk reports an error.",
}

# Held while a file is made, because closing a file drops this process's locks on it, those of SQLite too.
_making = allocate_lock()


class File:
    """An open database file, or one in memory for ":memory:". A StorageError if it cannot be used."""

    def __init__(
        self, path: str, busy_seconds: float = BUSY_SECONDS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.path = path
        self._sleep = sleep
        self.busy_seconds = busy_seconds
        self._lock = allocate_lock()
        if path != ":memory:":
            _make_file(path)
        try:
            # Every operation holds the lock, so that threads may share a client as they share boto3's.
            self.database = sqlite3.connect(path, busy_seconds, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._storage_error(error) from error
        self.execute = self.database.execute
        try:
            self._prepare()
        except BaseException as error:
            self.database.close()
            if isinstance(error, sqlite3.Error):
                raise self._storage_error(error) from error
            if isinstance(error, OSError):
                raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
            raise

    def close(self) -> None:
        """Close the file; what was acknowledged is in it. A second time does nothing."""
        with self._lock:
            self.database.close()

    def _prepare(self) -> None:
        # FULL is SQLite's usual setting, but a distribution may have built it with another.
        self.execute("PRAGMA synchronous = FULL")
        self._patiently(self._make_ready)

    def _make_ready(self) -> None:
        """Make an empty file a database; harmless if another process does so at this moment."""
        size = 0 if self.path == ":memory:" else os.path.getsize(self.path)
        self.execute("BEGIN")
        ready = self._is_ready()
        (pages,) = self.execute("PRAGMA page_count").fetchone()
        self.execute("COMMIT")
        if ready:
            return
        if size and not pages:
            # SQLite takes a file of a few bytes for an empty one, and would write over it.
            raise StorageError(f"{self.path} is not a database, and is left as it is.")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("BEGIN IMMEDIATE")
        if not self._is_ready():
            for statement in _SCHEMA:
                self.execute(statement)
            self.execute(f"PRAGMA application_id = {APPLICATION}")
            self.execute(f"PRAGMA user_version = {FORMAT}")
        self.execute("COMMIT")

    def _is_ready(self) -> bool:
        """Whether the file is one of this engine's; false for an empty one. A StorageError for any other file.

        Within a transaction: another process may be making the file.
        """
        (application,) = self.execute("PRAGMA application_id").fetchone()
        (version,) = self.execute("PRAGMA user_version").fetchone()
        if application == APPLICATION:
            if version > FORMAT:
                raise StorageError(
                    f"{self.path} was written by a newer version of this program (format {version}; this one reads "
                    f"{FORMAT}): use the newer one."
                )
            return True
        if application or version or self.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise StorageError(f"{self.path} is a database of another program, and is left as it is.")
        return False

    def _patiently(self, action: Callable[[], Result]) -> Result:
        """Carry out an action that begins a transaction, again while another process keeps it from beginning.

        SQLite waits itself in most cases, but not where it sees that waiting could be in vain: when the log is switched
        on, or recovered, by another process. Those last moments only.
        """
        deadline = time.monotonic() + self.busy_seconds
        while True:
            try:
                return action()
            except BaseException as error:
                self._undo()
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if not isinstance(error, sqlite3.Error) or code not in _BUSY or time.monotonic() >= deadline:
                    raise
            self._sleep(0.005)

    def begin(self, statement: str) -> int:
        """Begin a transaction, for this thread alone; the number of changes of tables that the file has seen.

        With "BEGIN" it sees one state of the file, with "BEGIN IMMEDIATE" it may write.
        """
        self._lock.acquire()
        try:
            return self._patiently(lambda: self._begin(statement))
        except BaseException as error:
            self._lock.release()
            if isinstance(error, sqlite3.Error):
                raise self._storage_error(error) from error
            raise

    def _begin(self, statement: str) -> int:
        self.execute(statement)
        (revision,) = self.execute(_REVISION).fetchone()
        return revision  # type: ignore[no-any-return]

    def end(self, error: BaseException | None, last: Callable[[], None]) -> None:
        """Do what is `last` and commit, or undo everything if there was an error.

        SQLite's errors, also the one that there was, become a StorageError.
        """
        try:
            if error is None:
                last()
                self.execute("COMMIT")
        except sqlite3.Error as failure:
            error = failure
        finally:
            self._undo()
            self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise self._storage_error(error) from error

    def _undo(self) -> None:
        """Undo what was not committed. Where SQLite has undone it itself, or cannot, closing the file does."""
        if self.database.in_transaction:
            with suppress(sqlite3.Error):
                self.execute("ROLLBACK")

    def _storage_error(self, error: sqlite3.Error) -> StorageError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY:
            return StorageError(
                f"{self.path} has been in use by another process for over {self.busy_seconds:g} seconds."
            )
        sentence = _SENTENCES.get(code, "{path} cannot be used: {error}.")
        return StorageError(sentence.format(path=self.path, error=error))


def _make_file(path: str) -> None:
    """Make the file if there is none, for its owner alone, and the folder that it is in."""
    with _making:
        try:
            try:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise StorageError(f"{path} cannot be made: {reason}.") from error
