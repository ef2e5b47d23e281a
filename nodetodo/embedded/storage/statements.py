"""The SQL statements that read and write tables, items and index entries.

One file holds all tables. `items` and `entries` are sorted by address (keys.py). Each table and each index has a space
number, so that every read is one range of addresses. An entry holds no attributes: reading an index reads the items
that its entries refer to.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, DamagedDataError, StorageError
from ..limits import ITEM_BYTES
from ..schema import KINDS, Expiry, Index, Key, Stream, Table, index_definitions
from .codecs import decode_definition, decode_item, encode_item, to_json
from .file import FAILURES, READ, UPGRADE, WRITE, File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection, Cursor

    from ..values import Item
    from .codecs import DecodeItem
    from .streams import Streams

ITEM = "SELECT attributes, bytes FROM items WHERE space = ? AND address = ?"
ITEMS = "SELECT address, bytes, attributes FROM items WHERE space = ? AND address >= ? AND address < ? ORDER BY address"
# CROSS JOIN sets the order of the two: first the range of entries, then the item of each entry by its address.
ENTRIES = (
    "SELECT entries.address, entries.bytes, items.attributes FROM entries CROSS JOIN items "
    "ON items.space = ? AND items.address = entries.item "
    "WHERE entries.space = ? AND entries.address >= ? AND entries.address < ? ORDER BY entries.address"
)
BACKWARD = " DESC"


class Storage:
    """The contents of a database file. Every method except `close` needs a transaction: `reading` or `writing`."""

    def __init__(
        self,
        path: str,
        busy_seconds: float,
        sleep: Callable[[float], None],
        create: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self.clock = clock
        # By space of a table, the time after which its expired items are deleted again.
        self.next_sweeps: dict[int, float] = {}
        # The time after which old records of streams are removed again.
        self.next_trim = 0.0
        self._file = File(path, busy_seconds, sleep, create)
        self._execute = self._file.execute
        self._revision = 0
        self._tables: dict[str, Table] = {}
        # Changes of the number of items and bytes by space, in this transaction.
        self._counts: dict[int, list[int]] = {}

    def close(self) -> None:
        """Close the file. Closing it again does nothing."""
        self._file.close()

    def begin(self, statement: str) -> None:
        """Begin a transaction with this statement. Forget cached tables if another process changed one."""
        revision = self._file.begin(statement)
        self._execute = self._file.execute  # a new one after the file was created
        if revision is not None and revision != self._revision:
            self._tables.clear()
            self._revision = revision

    def end(self, error: BaseException | None) -> None:
        """Commit the transaction, or roll it back after an error."""
        if error is not None:
            self._counts.clear()
        try:
            self._file.end(error, self._update_counts)
        except StorageError:
            self._tables.clear()  # one of them may be a table of this transaction, which was rolled back
            raise

    def _update_counts(self) -> None:
        """Update the stored numbers of items and bytes by the writes of this transaction."""
        counts, self._counts = self._counts, {}
        for space, (items, size) in counts.items():
            if items or size:
                self._execute(
                    "UPDATE spaces SET items = items + ?, bytes = bytes + ? WHERE space = ?", (items, size, space)
                )

    # Items

    def item(self, table: Table, address: bytes, decode: DecodeItem = decode_item) -> tuple[Item | None, int]:
        """Return the item at an address and its size in bytes; None and 0 if it is absent."""
        row = self._execute(ITEM, (table.space, address)).fetchone()
        return (decode(row[0], table.key.attributes), checked_size(row[1])) if row else (None, 0)

    def put_item(self, table: Table, address: bytes, item: Item, size: int, old_size: int) -> None:
        """Store an item. It replaces the existing item of `old_size` bytes (0: absent)."""
        self._execute("REPLACE INTO items VALUES (?, ?, ?, ?)", (table.space, address, size, encode_item(item)))
        self._count(table.space, 0 if old_size else 1, size - old_size)

    def delete_item(self, table: Table, address: bytes, size: int) -> None:
        """Delete the existing item of `size` bytes."""
        self._execute("DELETE FROM items WHERE space = ? AND address = ?", (table.space, address))
        self._count(table.space, -1, -size)

    def put_entry(self, space: int, entry: bytes, size: int, old_size: int, address: bytes) -> None:
        """Store an index entry that refers to an item. It replaces the entry of `old_size` bytes (0: absent)."""
        self._execute("REPLACE INTO entries VALUES (?, ?, ?, ?)", (space, entry, size, address))
        self._count(space, 0 if old_size else 1, size - old_size)

    def delete_entry(self, space: int, entry: bytes, size: int) -> None:
        """Delete the index entry of `size` bytes."""
        self._execute("DELETE FROM entries WHERE space = ? AND address = ?", (space, entry))
        self._count(space, -1, -size)

    def _count(self, space: int, items: int, size: int) -> None:
        counts = self._counts.setdefault(space, [0, 0])
        counts[0] += items
        counts[1] += size

    def items(self, table: Table, low: bytes, high: bytes, forward: bool = True) -> Cursor:
        """Return a cursor of rows (address, bytes, encoded item) with low <= address < high. The caller closes it."""
        return self._execute(ITEMS if forward else ITEMS + BACKWARD, (table.space, low, high))

    def entries(self, table: Table, space: int, low: bytes, high: bytes, forward: bool = True) -> Cursor:
        """Return a cursor of rows (entry address, entry bytes, encoded item) of an index. The caller closes it."""
        return self._execute(ENTRIES if forward else ENTRIES + BACKWARD, (table.space, space, low, high))

    def entry_items(self, space: int, low: bytes, high: bytes, limit: int) -> list[bytes]:
        """Return the addresses of the items of up to `limit` entries with low <= entry address < high."""
        statement = "SELECT item FROM entries WHERE space = ? AND address >= ? AND address < ? ORDER BY address LIMIT ?"
        return [address for (address,) in self._execute(statement, (space, low, high, limit))]

    # Tables

    def find_table(self, name: str) -> Table | None:
        """Return the table with this name; None if it does not exist. Raises DamagedDataError."""
        table = self._tables.get(name)
        if table is None:
            row = self._execute("SELECT space, definition FROM catalog WHERE name = ?", (name,)).fetchone()
            if row:
                table = self._tables[name] = _table(name, row[0], decode_definition(row[1]))
            else:
                self._require_intact_catalog()
        return table

    def _require_intact_catalog(self) -> None:
        """Raise DamagedDataError if a table may be missing because its name or the catalog is damaged."""
        for name, space, definition in self._execute("SELECT name, space, definition FROM catalog"):
            _table(name, space, decode_definition(definition))
        if self._execute("PRAGMA integrity_check(catalog)").fetchone() != ("ok",):
            raise DamagedDataError("the list of the tables cannot be read")

    def table(self, name: str) -> Table:
        """Return the table with this name. Raises ApiError (ResourceNotFoundException) if it does not exist."""
        table = self.find_table(name)
        if table is None:
            raise ApiError("ResourceNotFoundException", "Requested resource not found")
        return table

    def table_names(self, after: str, limit: int) -> list[str]:
        """Return up to `limit` table names after this name, sorted."""
        rows = self._execute("SELECT name FROM catalog WHERE name > ? ORDER BY name LIMIT ?", (after, limit))
        return [name for (name,) in rows]

    def new_space(self, items: int = 0, size: int = 0) -> int:
        """Return the space number of a new table or index. items, size: its number of items and their bytes."""
        return self._execute("INSERT INTO spaces (items, bytes) VALUES (?, ?)", (items, size)).lastrowid or 0

    def counts(self, space: int) -> tuple[int, int]:
        """Return the number of items or entries in a space, and their bytes."""
        row = self._execute("SELECT items, bytes FROM spaces WHERE space = ?", (space,)).fetchone()
        if row is None or not all(type(number) is int for number in row):
            raise DamagedDataError("the size of a table or index is not stored")
        items, size = self._counts.get(space, (0, 0))
        return row[0] + items, row[1] + size

    def range_size(self, space: int, low: bytes, high: bytes) -> int:
        """Return the bytes of the items or entries in a space with low <= address < high."""
        statement = "SELECT bytes FROM {} WHERE space = ?1 AND address >= ?2 AND address < ?3"
        both = " UNION ALL ".join(map(statement.format, ("items", "entries")))
        (size,) = self._execute(f"SELECT TOTAL(bytes) FROM ({both})", (space, low, high)).fetchone()
        return int(size)

    def definition(self, table: Table) -> dict[str, Any]:
        """Return the definition that was passed to `define`."""
        (text,) = self._execute("SELECT definition FROM catalog WHERE name = ?", (table.name,)).fetchone()
        return decode_definition(text)

    def define(self, name: str, space: int, definition: dict[str, Any]) -> Table:
        """Store the definition of a new or a changed table, and return the table.

        definition: the parameters of CreateTable, with the space number of each index as "Space".
        """
        # The second copy of the name shows whether one of them is damaged. Definitions of older versions have only one.
        definition["TableName"] = name
        self._execute("REPLACE INTO catalog VALUES (?, ?, ?)", (name, space, to_json(definition)))
        self._change_revision()
        return _table(name, space, definition)

    def back_up(self, copy: Connection) -> None:
        """Copy the state of the whole file that this transaction sees to another database."""
        self._file.back_up(copy)

    def copy_table(self, source: Storage, table: Table, name: str, definition: dict[str, Any]) -> None:
        """Store a table of another file under a new name, with its items and index entries.

        source: the other file, in a transaction. definition: as for `define`; its indexes get new space numbers.
        """
        space = self._copy_space(source, table.space, "items", "attributes")
        for index in index_definitions(definition):
            index["Space"] = self._copy_space(source, index["Space"], "entries", "item")
        self.define(name, space, definition)

    def _copy_space(self, source: Storage, space: int, rows: str, content: str) -> int:
        """Copy the items or the entries of a space. rows: the SQL table. content: its last column."""
        with source._own_errors():
            counts = source.counts(space)
        new = self.new_space(*counts)
        # Row by row, so that memory does not grow with their number. An address does not depend on the space.
        statement = f"SELECT {new}, address, bytes, {content} FROM {rows} WHERE space = ?"
        copied = source._rows(statement, (space,))
        self._file.database.executemany(f"INSERT INTO {rows} VALUES (?, ?, ?, ?)", copied)
        return new

    def _rows(self, statement: str, parameters: tuple[Any, ...]) -> Iterator[Any]:
        """Yield rows."""
        with self._own_errors():
            yield from self._execute(statement, parameters)

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        """Raise the StorageError of this file for an error of a read, also within a transaction on another file."""
        try:
            yield
        except FAILURES as error:
            raise self._file.storage_error(error) from error

    def drop(self, table: Table) -> None:
        """Delete a table, its items and its indexes."""
        self._execute("DELETE FROM catalog WHERE name = ?", (table.name,))
        self._execute("DELETE FROM items WHERE space = ?", (table.space,))
        self._execute("DELETE FROM spaces WHERE space = ?", (table.space,))
        for index in table.indexes.values():
            self.drop_entries(index.space)
        if table.expiry is not None:
            self.drop_entries(table.expiry.space)
        self._change_revision()

    def drop_entries(self, space: int) -> None:
        """Delete all entries of an index, and its counts."""
        self._execute("DELETE FROM entries WHERE space = ?", (space,))
        self._execute("DELETE FROM spaces WHERE space = ?", (space,))

    def _change_revision(self) -> None:
        self._tables.clear()  # here too, because a read in memory does not compare revisions
        self._execute("UPDATE revision SET number = number + 1")
        for statement in UPGRADE:
            self._execute(statement)

    @property
    def streams(self) -> Streams:
        """The streams of the tables and their records."""
        from .streams import Streams  # here, because most tables have no stream

        return Streams(self._execute)

    # Tokens of TransactWriteItems

    def request_of_token(self, token: str, now: float) -> str | None:
        """Return the request that was stored with a token; None if no request has it or it has expired."""
        row = self._execute("SELECT request FROM tokens WHERE token = ? AND expires > ?", (token, now)).fetchone()
        return row[0] if row else None

    def store_token(self, token: str, request: str, now: float, expires: float) -> None:
        """Store a request with its token, and delete expired tokens."""
        self._execute("DELETE FROM tokens WHERE expires <= ?", (now,))
        self._execute("REPLACE INTO tokens VALUES (?, ?, ?)", (token, request, expires))


class Transaction:
    """A context manager: commits at the end of the block, or rolls back if the block raises."""

    def __init__(self, storage: Storage, statement: str) -> None:
        self._storage = storage
        self._statement = statement

    def __enter__(self) -> Storage:
        self._storage.begin(self._statement)
        return self._storage

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._storage.end(error)


def reading(storage: Storage) -> Transaction:
    """Return a transaction that sees one state of the file and changes nothing."""
    return Transaction(storage, READ)


def writing(storage: Storage) -> Transaction:
    """Return a transaction that may write. Only one process can hold it at a time."""
    return Transaction(storage, WRITE)


def checked_size(size: Any) -> int:
    """Return the stored size of an item or entry. Raises DamagedDataError if it is not one."""
    if type(size) is int and 0 < size <= ITEM_BYTES:
        return size
    raise DamagedDataError("the size of an item is wrong")


def _table(name: str, space: int, definition: dict[str, Any]) -> Table:
    """Return a table by its stored definition. Raises DamagedDataError."""
    try:
        types = {each["AttributeName"]: each["AttributeType"] for each in definition["AttributeDefinitions"]}
        if definition.get("TableName", name) != name or not set(types.values()) <= {"S", "N", "B"}:
            raise ValueError

        table_key = Key.defined(definition["KeySchema"], types)
        indexes = []
        for kind in KINDS:
            for index in definition.get(kind, ()):
                index_key = Key.defined(index["KeySchema"], types, index["IndexName"])
                projection = index["Projection"]
                projected = [*index_key.names, *table_key.names, *projection.get("NonKeyAttributes", ())]
                indexes.append(
                    Index(index["IndexName"], index["Space"], index_key, projection["ProjectionType"], projected, kind)
                )
        expiry = None
        if "TimeToLive" in definition:
            time_to_live = definition["TimeToLive"]
            expiry = Expiry(time_to_live["Space"], time_to_live["AttributeName"], table_key.names)
        stream = None
        if "Stream" in definition:
            stream = Stream(definition["Stream"], definition["StreamSpecification"]["StreamViewType"])
        return Table(name, space, table_key, indexes, expiry, stream)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise DamagedDataError(f"the definition of the table {name} cannot be decoded") from None
