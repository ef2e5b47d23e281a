"""The SQLite file: its format, its transactions, and every statement that is sent to it.

One file holds all tables. `items` and `entries` are kept in the order of their addresses (keys.py), a table's or an
index's apart by its space number, so that every read of this engine is one range. An entry holds no attributes: it
leads to its item, and reading an index reads the items behind it.

A write is one transaction that starts with BEGIN IMMEDIATE: a transaction that began by reading could not be made a
writing one while another process writes. The log is written ahead (WAL) and synchronised at every commit.
"""

from __future__ import annotations

import os
import sqlite3
import time
from _thread import allocate_lock
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .errors import Refusal, StorageError
from .schema import Index, Table
from .stored import decoded, encoded, to_json

if TYPE_CHECKING:
    from .schema import Key
    from .values import Item

APPLICATION = 0x64646245  # "ddbE": what PRAGMA application_id says of a file of this engine
FORMAT = 1
BUSY_SECONDS = 30.0

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

_LAYOUT = (
    "SELECT catalog.space, layouts.space, place, attribute, type, index_name, projection "
    "FROM catalog CROSS JOIN layouts ON layouts.table_space = catalog.space "
    "WHERE catalog.name = ? ORDER BY layouts.space, place"
)
_REVISION = "SELECT number FROM revision"
ITEM = "SELECT attributes, bytes FROM items WHERE space = ? AND address = ?"
ITEMS = "SELECT address, bytes, attributes FROM items WHERE space = ? AND address >= ? AND address < ? ORDER BY address"
# CROSS JOIN fixes the order of the two: the range of entries first, then each entry's item by its address.
ENTRIES = (
    "SELECT entries.address, entries.bytes, items.attributes FROM entries CROSS JOIN items "
    "ON items.space = ? AND items.address = entries.item "
    "WHERE entries.space = ? AND entries.address >= ? AND entries.address < ? ORDER BY entries.address"
)
BACKWARD = " DESC"

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


class Storage:
    """An open database file, or one in memory for ":memory:". A StorageError if it cannot be used."""

    def __init__(self, path: str, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.busy_seconds = busy_seconds
        self._lock = allocate_lock()
        self._revision = 0
        self._tables: dict[str, Table] = {}
        self._counts: dict[int, list[int]] = {}
        if path != ":memory:":
            _make_file(path)
        try:
            # Every operation holds the lock, so that threads may share a client as they share boto3's.
            self._database = sqlite3.connect(path, busy_seconds, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._storage_error(error) from error
        self._execute = self._database.execute
        try:
            self._prepare()
        except BaseException as error:
            self._database.close()
            if isinstance(error, sqlite3.Error):
                raise self._storage_error(error) from error
            raise

    def close(self) -> None:
        """Close the file; what was acknowledged is in it. A second time does nothing."""
        with self._lock:
            self._database.close()

    # Opening

    def _prepare(self) -> None:
        # FULL is SQLite's usual setting, but a distribution may have built it with another.
        self._execute("PRAGMA synchronous = FULL")
        self._patiently(self._make_ready)

    def _make_ready(self) -> None:
        """Make an empty file a database; harmless if another process does so at this moment."""
        size = 0 if self.path == ":memory:" else os.path.getsize(self.path)
        self._execute("BEGIN")
        ready = self._is_ready()
        (pages,) = self._execute("PRAGMA page_count").fetchone()
        self._execute("COMMIT")
        if ready:
            return
        if size and not pages:
            # SQLite takes a file of a few bytes for an empty one, and would write over it.
            raise StorageError(f"{self.path} is not a database, and is left as it is.")
        self._execute("PRAGMA journal_mode = WAL")
        self._execute("BEGIN IMMEDIATE")
        if not self._is_ready():
            for statement in _SCHEMA:
                self._execute(statement)
            self._execute(f"PRAGMA application_id = {APPLICATION}")
            self._execute(f"PRAGMA user_version = {FORMAT}")
        self._execute("COMMIT")

    def _is_ready(self) -> bool:
        """Whether the file is one of this engine's; false for an empty one. A StorageError for any other file.

        Within a transaction: another process may be making the file.
        """
        (application,) = self._execute("PRAGMA application_id").fetchone()
        (version,) = self._execute("PRAGMA user_version").fetchone()
        if application == APPLICATION:
            if version > FORMAT:
                raise StorageError(
                    f"{self.path} was written by a newer version of this program (format {version}; this one reads "
                    f"{FORMAT}): use the newer one."
                )
            return True
        if application or version or self._execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise StorageError(f"{self.path} is a database of another program, and is left as it is.")
        return False

    def _patiently(self, action: Any) -> None:
        """Carry out an action that begins a transaction, again while another process keeps it from beginning.

        SQLite waits itself in most cases, but not where it sees that waiting could be in vain: when the log is switched
        on, or recovered, by another process. Those last moments only.
        """
        deadline = time.monotonic() + self.busy_seconds
        while True:
            try:
                return action()  # type: ignore[no-any-return]
            except BaseException as error:
                self._undo()
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if not isinstance(error, sqlite3.Error) or code not in _BUSY or time.monotonic() >= deadline:
                    raise
            time.sleep(0.005)

    def _storage_error(self, error: sqlite3.Error) -> StorageError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY:
            return StorageError(
                f"{self.path} has been in use by another process for over {self.busy_seconds:g} seconds."
            )
        sentence = _SENTENCES.get(code, "{path} cannot be used: {error}.")
        return StorageError(sentence.format(path=self.path, error=error))

    # Transactions: `with storage.reading:` and `with storage.writing:`

    def begin(self, statement: str) -> None:
        """Begin a transaction, for this thread alone, and notice changed tables. `BEGIN` sees one state of the file."""
        self._lock.acquire()
        try:
            self._patiently(lambda: self._begin(statement))
        except BaseException as error:
            self._lock.release()
            if isinstance(error, sqlite3.Error):
                raise self._storage_error(error) from error
            raise

    def _begin(self, statement: str) -> None:
        self._execute(statement)
        (revision,) = self._execute(_REVISION).fetchone()
        if revision != self._revision:
            self._tables.clear()
            self._revision = revision

    def end(self, error: BaseException | None) -> None:
        """Commit, or undo everything if there was an error; SQLite's errors become a StorageError."""
        try:
            if error is None:
                self.settle()
                self._execute("COMMIT")
        except sqlite3.Error as failure:
            error = failure
        finally:
            self._undo()
            self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise self._storage_error(error) from error

    def _undo(self) -> None:
        """Undo what was not committed. Where SQLite has undone it itself, or cannot, closing the file does."""
        self._counts.clear()
        if self._database.in_transaction:
            with suppress(sqlite3.Error):
                self._execute("ROLLBACK")

    def settle(self) -> None:
        """Bring the counts of items and bytes up to date with what this transaction wrote."""
        for space, (items, size) in self._counts.items():
            if items or size:
                self._execute(
                    "UPDATE spaces SET items = items + ?, bytes = bytes + ? WHERE space = ?", (items, size, space)
                )
        self._counts.clear()

    # Items

    def item(self, table: Table, address: bytes) -> tuple[Item | None, int]:
        """The item at an address and its bytes; None and 0 if there is none."""
        row = self._execute(ITEM, (table.space, address)).fetchone()
        return (decoded(row[0]), row[1]) if row else (None, 0)

    def put_item(self, table: Table, address: bytes, item: Item, size: int, old_size: int) -> None:
        """Store an item in place of the one of `old_size` bytes, 0 for none."""
        self._execute("REPLACE INTO items VALUES (?, ?, ?, ?)", (table.space, address, size, encoded(item)))
        self._count(table.space, 0 if old_size else 1, size - old_size)

    def delete_item(self, table: Table, address: bytes, size: int) -> None:
        """Remove an item of `size` bytes."""
        self._execute("DELETE FROM items WHERE space = ? AND address = ?", (table.space, address))
        self._count(table.space, -1, -size)

    def put_entry(self, space: int, entry: bytes, size: int, old_size: int, address: bytes) -> None:
        """Store an index entry in place of the one of `old_size` bytes, 0 for none."""
        self._execute("REPLACE INTO entries VALUES (?, ?, ?, ?)", (space, entry, size, address))
        self._count(space, 0 if old_size else 1, size - old_size)

    def delete_entry(self, space: int, entry: bytes, size: int) -> None:
        """Remove an index entry of `size` bytes."""
        self._execute("DELETE FROM entries WHERE space = ? AND address = ?", (space, entry))
        self._count(space, -1, -size)

    def _count(self, space: int, items: int, size: int) -> None:
        counts = self._counts.setdefault(space, [0, 0])
        counts[0] += items
        counts[1] += size

    def items(self, table: Table, low: bytes, high: bytes, forward: bool = True) -> sqlite3.Cursor:
        """Rows (address, bytes, encoded item) from `low` to before `high`, read as they are asked for; to be closed."""
        return self._execute(ITEMS if forward else ITEMS + BACKWARD, (table.space, low, high))

    def entries(self, table: Table, space: int, low: bytes, high: bytes, forward: bool = True) -> sqlite3.Cursor:
        """Rows (entry address, entry bytes, encoded item) of an index, as `items`."""
        return self._execute(ENTRIES if forward else ENTRIES + BACKWARD, (table.space, space, low, high))

    # Tables

    def find_table(self, name: str) -> Table | None:
        """The table of this name, if there is one; within a transaction."""
        table = self._tables.get(name)
        if table is None:
            rows = self._execute(_LAYOUT, (name,)).fetchall()
            if rows:
                table = self._tables[name] = _table(name, rows)
        return table

    def table(self, name: str) -> Table:
        """The table of this name; a ResourceNotFoundException if there is none."""
        table = self.find_table(name)
        if table is None:
            raise Refusal("ResourceNotFoundException", "Requested resource not found")
        return table

    def table_names(self, after: str, limit: int) -> list[str]:
        """Up to `limit` names of tables, in order, that come after a name."""
        rows = self._execute("SELECT name FROM catalog WHERE name > ? ORDER BY name LIMIT ?", (after, limit))
        return [name for (name,) in rows]

    def new_space(self) -> int:
        """A number for a new table or index."""
        return self._execute("INSERT INTO spaces (items, bytes) VALUES (0, 0)").lastrowid or 0

    def contents(self, space: int) -> tuple[int, int]:
        """How many items or entries there are in a space, and their bytes."""
        return self._execute("SELECT items, bytes FROM spaces WHERE space = ?", (space,)).fetchone()  # type: ignore[no-any-return]

    def definition(self, table: Table) -> dict[str, Any]:
        """A table's definition as it was given to `define`."""
        import json

        (text,) = self._execute("SELECT definition FROM catalog WHERE name = ?", (table.name,)).fetchone()
        return json.loads(text)  # type: ignore[no-any-return]

    def define(self, table: Table, definition: dict[str, Any]) -> None:
        """Store a table with its definition, a new one or a changed one."""
        self._execute("REPLACE INTO catalog VALUES (?, ?, ?)", (table.name, table.space, to_json(definition)))
        self._execute("DELETE FROM layouts WHERE table_space = ?", (table.space,))
        self._lay_out(table, table.space, table.key)
        for index in table.indexes.values():
            self._lay_out(table, index.space, index.key, index)
        self._change_revision()

    def _lay_out(self, table: Table, space: int, key: Key, index: Index | None = None) -> None:
        name, projection = (index.name, index.projection) if index else (None, None)
        rows: list[tuple[int, str, str | None]] = [
            (place, attribute, kind) for place, (attribute, kind) in enumerate(key)
        ]
        if index and index.attributes is not None:
            rows += [(2, attribute, None) for attribute in index.attributes]
        for place, attribute, kind in rows:
            self._execute(
                "INSERT INTO layouts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (table.space, space, place, attribute, kind, name, projection),
            )

    def drop(self, table: Table) -> None:
        """Remove a table, its items and its indexes."""
        self._execute("DELETE FROM catalog WHERE name = ?", (table.name,))
        self._execute("DELETE FROM layouts WHERE table_space = ?", (table.space,))
        self._execute("DELETE FROM items WHERE space = ?", (table.space,))
        self._execute("DELETE FROM spaces WHERE space = ?", (table.space,))
        for index in table.indexes.values():
            self.drop_entries(index.space)
        self._change_revision()

    def drop_entries(self, space: int) -> None:
        """Remove all entries of an index and its count."""
        self._execute("DELETE FROM entries WHERE space = ?", (space,))
        self._execute("DELETE FROM spaces WHERE space = ?", (space,))

    def _change_revision(self) -> None:
        self._execute("UPDATE revision SET number = number + 1")

    # Tokens

    def remembered(self, token: str, now: float) -> str | None:
        """The request that was carried out under a token not yet expired."""
        row = self._execute("SELECT request FROM tokens WHERE token = ? AND expires > ?", (token, now)).fetchone()
        return row[0] if row else None

    def remember(self, token: str, request: str, now: float, expires: float) -> None:
        """Keep a request under its token, and forget what has expired."""
        self._execute("DELETE FROM tokens WHERE expires <= ?", (now,))
        self._execute("REPLACE INTO tokens VALUES (?, ?, ?)", (token, request, expires))


class Transaction:
    """`with Transaction(storage, "BEGIN"):` one transaction, committed at the end of the block unless it fails."""

    def __init__(self, storage: Storage, statement: str) -> None:
        self._storage = storage
        self._statement = statement

    def __enter__(self) -> Storage:
        self._storage.begin(self._statement)
        return self._storage

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._storage.end(error)


def reading(storage: Storage) -> Transaction:
    """A transaction that sees one state of the file and changes nothing."""
    return Transaction(storage, "BEGIN")


def writing(storage: Storage) -> Transaction:
    """A transaction that may write; one at a time, over all processes."""
    return Transaction(storage, "BEGIN IMMEDIATE")


def _table(name: str, rows: list[tuple[int, int, int, str, str, str | None, str]]) -> Table:
    """A table from the rows of its layout."""
    table_key: list[tuple[str, str]] = []
    keys: dict[str, list[tuple[str, str]]] = {}
    projected: dict[str, list[str]] = {}
    spaces: dict[str, tuple[int, str]] = {}
    for _, space, place, attribute, kind, index, projection in rows:
        if index is None:
            table_key.append((attribute, kind))
            continue
        spaces[index] = (space, projection)
        if place < 2:
            keys.setdefault(index, []).append((attribute, kind))
        else:
            projected.setdefault(index, []).append(attribute)
    indexes = [
        Index(index, space, tuple(keys[index]), projection, projected.get(index, ()))
        for index, (space, projection) in spaces.items()
    ]
    return Table(name, rows[0][0], tuple(table_key), indexes)


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
