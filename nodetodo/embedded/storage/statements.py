"""Tables, items and index entries in the file: every statement that reads or writes them.

One file holds all tables. `items` and `entries` are kept in the order of their addresses (keys.py), a table's or an
index's apart by its space number, so that every read of this engine is one range. An entry holds no attributes: it
leads to its item, and reading an index reads the items behind it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from ..schema import Index, Table
from .codecs import decoded, encoded, from_json, to_json
from .file import BUSY_SECONDS, File

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Cursor

    from ..schema import Key
    from ..values import Item

_LAYOUT = (
    "SELECT catalog.space, layouts.space, place, attribute, type, index_name, projection "
    "FROM catalog CROSS JOIN layouts ON layouts.table_space = catalog.space "
    "WHERE catalog.name = ? ORDER BY layouts.space, place"
)
ITEM = "SELECT attributes, bytes FROM items WHERE space = ? AND address = ?"
ITEMS = "SELECT address, bytes, attributes FROM items WHERE space = ? AND address >= ? AND address < ? ORDER BY address"
# CROSS JOIN fixes the order of the two: the range of entries first, then each entry's item by its address.
ENTRIES = (
    "SELECT entries.address, entries.bytes, items.attributes FROM entries CROSS JOIN items "
    "ON items.space = ? AND items.address = entries.item "
    "WHERE entries.space = ? AND entries.address >= ? AND entries.address < ? ORDER BY entries.address"
)
BACKWARD = " DESC"


class Storage:
    """The contents of a database file. Everything but `close` is done within a transaction: `reading`, `writing`."""

    def __init__(
        self, path: str, busy_seconds: float = BUSY_SECONDS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._file = File(path, busy_seconds, sleep)
        self._execute = self._file.execute
        self._revision = 0
        self._tables: dict[str, Table] = {}
        # By how many items and bytes this transaction changes what each space holds.
        self._counts: dict[int, list[int]] = {}

    def close(self) -> None:
        """Close the file; what was acknowledged is in it. A second time does nothing."""
        self._file.close()

    def begin(self, statement: str) -> None:
        """Begin a transaction with this statement, and notice tables that have changed."""
        revision = self._file.begin(statement)
        if revision != self._revision:
            self._tables.clear()
            self._revision = revision

    def end(self, error: BaseException | None) -> None:
        """Commit, or undo everything if there was an error."""
        if error is not None:
            self._counts.clear()
        self._file.end(error, self.settle)

    def settle(self) -> None:
        """Bring the counts of items and bytes up to date with what this transaction wrote."""
        counts, self._counts = self._counts, {}
        for space, (items, size) in counts.items():
            if items or size:
                self._execute(
                    "UPDATE spaces SET items = items + ?, bytes = bytes + ? WHERE space = ?", (items, size, space)
                )

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

    def items(self, table: Table, low: bytes, high: bytes, forward: bool = True) -> Cursor:
        """Rows (address, bytes, encoded item) from `low` to before `high`, read as they are asked for; to be closed."""
        return self._execute(ITEMS if forward else ITEMS + BACKWARD, (table.space, low, high))

    def entries(self, table: Table, space: int, low: bytes, high: bytes, forward: bool = True) -> Cursor:
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
            raise ApiError("ResourceNotFoundException", "Requested resource not found")
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
        (text,) = self._execute("SELECT definition FROM catalog WHERE name = ?", (table.name,)).fetchone()
        return from_json(text)  # type: ignore[no-any-return]

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
