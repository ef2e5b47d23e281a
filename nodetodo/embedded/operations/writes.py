"""Writes of single items: checks a Put, an Update, a Delete or a ConditionCheck, and carries it out.

PutItem, UpdateItem, DeleteItem, the batches and the transactions share this module. They differ in their responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..capacity import write_units
from ..errors import ApiError, validation_error
from ..expressions import conditions
from ..expressions.binding import Expressions
from ..limits import ITEM_BYTES
from ..schema import LOCAL

if TYPE_CHECKING:
    from ..expressions.nodes import Condition
    from ..expressions.updates import Update
    from ..schema import Index, Table
    from ..storage.statements import Storage
    from ..values import Item

    StoredItem = tuple[Item | None, int]  # an item and its size in bytes; None and 0 for an absent one


# Conditions without values that a table keeps after they were bound. The limit is for programs that generate them.
CONSTANT_CONDITIONS = 100


class WriteUnits:
    """The write units that one write consumed: of its table, and of each index that it changed.

    No NamedTuple, because creating one takes time at start-up.
    """

    __slots__ = ("indexes", "table")

    def __init__(self, table: float, indexes: dict[Index, float]) -> None:
        self.table = table
        self.indexes = indexes


class Write:
    """One write, checked as far as possible without reading the item.

    request: the parameters of PutItem, UpdateItem or DeleteItem, or of an action of a transaction, which has the same
    ones. Raises ApiError: a ValidationException for an invalid key, item or expression, a ResourceNotFoundException for
    an unknown table.
    """

    def __init__(self, storage: Storage, kind: str, request: dict[str, Any]) -> None:
        self.kind = kind
        self.table: Table = storage.table(request["TableName"])
        self.update: Update | None = None
        self.item: Item = {}
        # Bytes of the new item; 0 for a Delete and a ConditionCheck.
        self.size = 0
        # The item before and after the write, set by `carry_out`; None if absent.
        self.old: Item | None = None
        self.new: Item | None = None
        if kind == "Put":
            self.item, self.size = values.checked_item(request["Item"])
        self.condition = self._bind(request)
        self.key = self._key(request)
        self.address = self.table.address(self.key)
        self.returns_failed = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"

    def _bind(self, request: dict[str, Any]) -> Condition | None:
        """Set the update of the request, and return its condition. A condition without values is bound once."""
        constant = None
        if self.kind != "Update" and "ExpressionAttributeValues" not in request:
            text, names = request.get("ConditionExpression"), request.get("ExpressionAttributeNames")
            if names and isinstance(text, str):
                constant = (text, *names.items())
                if constant in self.table.constant_conditions:
                    return self.table.constant_conditions[constant]
        parameters = ("UpdateExpression", "ConditionExpression") if self.kind == "Update" else ("ConditionExpression",)
        expressions = Expressions(request, parameters, self.table)
        if self.kind == "Update":
            from ..expressions import updates

            self.update = updates.bind(expressions)
        condition = conditions.bind(expressions, "ConditionExpression")
        expressions.check_all_used()
        if constant is not None and condition is not None and len(self.table.constant_conditions) < CONSTANT_CONDITIONS:
            self.table.constant_conditions[constant] = condition
        return condition

    def _key(self, request: dict[str, Any]) -> Item:
        if self.kind != "Put":
            return self.table.normalize_key(request["Key"])
        self.table.check_item(self.item)
        if _limited_size(self.table, self.item, self.size) > ITEM_BYTES:
            raise validation_error("Item size has exceeded the maximum allowed size")
        return self.table.key_of(self.item)

    def check(self) -> None:
        """Check that no key attribute is updated and that an item fits the keys of its indexes.

        Raises ApiError (ValidationException), which a transaction reports as a cancellation reason.
        """
        if self.update is not None:
            self.update.check_no_key(self.table.names)
        elif self.kind == "Put":
            self.table.check_index_keys(self.item)

    def carry_out(self, storage: Storage) -> WriteUnits:
        """Read the item, evaluate the condition, write, and return the units consumed.

        Raises ApiError: a ConditionalCheckFailedException, with the existing item if the request wants it, a
        ValidationException for an update that does not fit the item, or an ItemCollectionSizeLimitExceededException.
        """
        if self.table.expiry is not None:
            from .time_to_live import delete_expired

            delete_expired(storage, self.table, _store)
        self.old, old_size = storage.item(self.table, self.address)
        if self.condition is not None and not conditions.matches(self.condition, self.old or {}):
            details = {"Item": self.old} if self.returns_failed and self.old is not None else {}
            raise ApiError("ConditionalCheckFailedException", "The conditional request failed", **details)
        if self.kind == "ConditionCheck":
            return WriteUnits(write_units(old_size, old_size), {})
        if self.update is not None:
            self._apply(self.update)
        elif self.kind == "Put":
            self.new = self.item
        units = _store(storage, self.table, self.address, (self.old, old_size), (self.new, self.size))
        if self.table.has_local_indexes and self.size > old_size:
            from .item_collections import check_size

            check_size(storage, self.table, self.key)
        return units

    def _apply(self, update: Update) -> None:
        """Set the updated item and its size."""
        item = update.apply(self.key if self.old is None else self.old)
        if self.old is None and not update.creates_item:
            return
        self.new, self.size = item, values.item_size(item)
        if _limited_size(self.table, item, self.size) > ITEM_BYTES:
            raise validation_error("Item size to update has exceeded the maximum allowed size")
        values.check_nesting(item)
        self.table.check_index_keys(item, updating=True)


def _store(
    storage: Storage, table: Table, address: bytes, old: StoredItem, new: StoredItem, is_expired: bool = False
) -> WriteUnits:
    """Replace an item in the table and in its indexes, and return the units consumed.

    A table with a stream gets a record of the change. is_expired: whether the item is deleted by its time to live.
    """
    (old_item, old_size), (new_item, new_size) = old, new
    if new_item is not None:
        storage.put_item(table, address, new_item, new_size, old_size)
    elif old_item is not None:
        storage.delete_item(table, address, old_size)
    units = WriteUnits(write_units(old_size, new_size), {})
    for index in table.indexes.values():
        consumed = _store_entry(storage, index, address, old, new)
        if consumed:
            units.indexes[index] = consumed
    if table.expiry is not None:
        _store_entry(storage, table.expiry, address, old, new)  # costs no units
    if table.stream is not None:
        from . import stream_records  # here, because most tables have no stream

        stream_records.write(storage, table, table.stream, old_item, new_item, is_expired)
    return units


def _store_entry(storage: Storage, index: Index, address: bytes, old: StoredItem, new: StoredItem) -> float:
    """Update an item's entry in an index and return the units consumed; 0 if the entry does not change.

    An entry whose index key changes is deleted and put again, and both consume units (AWS: write considerations for
    global secondary indexes).
    """
    old_address, old_entry, old_size = _entry(index, address, old)
    new_address, new_entry, new_size = _entry(index, address, new)
    if old_address == new_address:
        if new_address is None or old_entry == new_entry:
            return 0.0
        if old_size != new_size:
            storage.put_entry(index.space, new_address, new_size, old_size, address)
        return write_units(old_size, new_size)
    units = 0.0
    if old_address is not None:
        storage.delete_entry(index.space, old_address, old_size)
        units += write_units(old_size, 0)
    if new_address is not None:
        storage.put_entry(index.space, new_address, new_size, 0, address)
        units += write_units(0, new_size)
    return units


def _limited_size(table: Table, item: Item, size: int) -> int:
    """Return the bytes of an item and of its entries in the local indexes, which have one limit ("Item size", AWS)."""
    if not table.has_local_indexes:
        return size
    return size + sum(_entry(index, b"", (item, size))[2] for index in table.indexes.values() if index.kind == LOCAL)


def _entry(index: Index, item_address: bytes, stored: StoredItem) -> tuple[bytes | None, Item, int]:
    """Return an item's entry: its address, its attributes and their bytes. The address is None without an entry."""
    item, size = stored
    entry_address = None if item is None else index.entry_address(item, item_address)
    if item is None or entry_address is None:
        return None, {}, 0
    if index.attributes is None:
        return entry_address, item, size
    projected = index.project(item)
    return entry_address, projected, values.item_size(projected)
