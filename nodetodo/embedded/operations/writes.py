"""One write: what a Put, an Update, a Delete or a ConditionCheck asks of one item, and how it is carried out.

PutItem and its like, the batches and the transactions all make Actions; they differ in what they response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..capacity import write_units
from ..errors import ApiError, invalid
from ..expressions import conditions
from ..expressions.binding import Expressions
from ..limits import ITEM_BYTES

if TYPE_CHECKING:
    from ..expressions.updates import Update
    from ..schema import Index, Table
    from ..storage.statements import Storage
    from ..values import Item


class Action:
    """One write, checked as far as its table allows without reading the item.

    Made from the parameters of PutItem, UpdateItem and DeleteItem or of the members of a transaction, which are the
    same. A ValidationException for a wrong key, item or expression, a ResourceNotFoundException for an unknown table.
    """

    def __init__(self, storage: Storage, kind: str, request: dict[str, Any]) -> None:
        self.kind = kind
        self.table: Table = storage.table(request["TableName"])
        self.update: Update | None = None
        self.item: Item = {}
        # Bytes of the item that is written; 0 for one that is removed or only looked at.
        self.size = 0
        # The item as it was read when the action was carried out, and as it is afterwards; None for an absent one.
        self.old: Item | None = None
        self.new: Item | None = None
        if kind == "Put":
            self.item, self.size = values.checked_item(request["Item"])
        parameters = ("UpdateExpression", "ConditionExpression") if kind == "Update" else ("ConditionExpression",)
        expressions = Expressions(request, parameters, self.table)
        if kind == "Update":
            from ..expressions import updates

            self.update = updates.bound(expressions)
        self.condition = conditions.bound(expressions, "ConditionExpression")
        expressions.finish()
        self.key = self._checked_key(request)
        self.address = self.table.address(self.key)
        self.returns_failed = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"

    def _checked_key(self, request: dict[str, Any]) -> Item:
        if self.kind != "Put":
            return self.table.checked_key(request["Key"])
        self.table.check_item(self.item)
        if self.size > ITEM_BYTES:
            raise invalid("Item size has exceeded the maximum allowed size")
        return self.table.key_of(self.item)

    def check(self) -> None:
        """What a transaction reports as the reason of its cancellation: a ValidationException.

        That the keys of indexes fit, and that no key attribute is updated.
        """
        if self.update is not None:
            self.update.check_no_key(self.table.names)
        elif self.kind == "Put":
            self.table.check_index_keys(self.item)

    def carry_out(self, storage: Storage) -> dict[str, float]:
        """Read the item, ask the condition, write; the units of the table (under "") and of its indexes.

        A ConditionalCheckFailedException, with the item if that was asked for; a ValidationException for an update
        that does not fit the item.
        """
        self.old, old_size = storage.item(self.table, self.address)
        if self.condition is not None and not conditions.holds(self.condition, self.old or {}):
            found = {"Item": self.old} if self.returns_failed and self.old is not None else {}
            raise ApiError("ConditionalCheckFailedException", "The conditional request failed", **found)
        if self.kind == "ConditionCheck":
            return {"": write_units(old_size, old_size)}
        if self.update is not None:
            self._apply(self.update)
        elif self.kind == "Put":
            self.new = self.item
        return store(storage, self.table, self.address, (self.old, old_size), (self.new, self.size))

    def _apply(self, update: Update) -> None:
        """Set the updated item and its bytes."""
        item = update.applied(self.key if self.old is None else self.old)
        if self.old is None and not update.creates:
            return
        self.new, self.size = item, values.item_size(item)
        if self.size > ITEM_BYTES:
            raise invalid("Item size to update has exceeded the maximum allowed size")
        values.check_nesting(item)
        self.table.check_index_keys(item, updating=True)


def store(
    storage: Storage, table: Table, address: bytes, old: tuple[Item | None, int], new: tuple[Item | None, int]
) -> dict[str, float]:
    """Put an item (and its bytes) in the place of another, None and 0 for none, in the table and in its indexes.

    The units consumed: of the table under "", of each index that was written to under its name.
    """
    (old_item, old_size), (new_item, new_size) = old, new
    if new_item is not None:
        storage.put_item(table, address, new_item, new_size, old_size)
    elif old_item is not None:
        storage.delete_item(table, address, old_size)
    units = {"": write_units(old_size, new_size)}
    for index in table.indexes.values():
        consumed = _store_entry(storage, index, address, old, new)
        if consumed:
            units[index.name] = consumed
    return units


def _store_entry(
    storage: Storage, index: Index, address: bytes, old: tuple[Item | None, int], new: tuple[Item | None, int]
) -> float:
    """Bring an item's entry in an index up to date; the units, 0 if the entry stays as it is.

    An entry whose index key changes is deleted and written anew, which costs both (AWS: write considerations for
    global secondary indexes).
    """
    before, old_item, old_size = _entry(index, address, old)
    after, new_item, new_size = _entry(index, address, new)
    if before == after:
        if after is None or old_item == new_item:
            return 0.0
        if old_size != new_size:
            storage.put_entry(index.space, after, new_size, old_size, address)
        return write_units(old_size, new_size)
    units = 0.0
    if before is not None:
        storage.delete_entry(index.space, before, old_size)
        units += write_units(old_size, 0)
    if after is not None:
        storage.put_entry(index.space, after, new_size, 0, address)
        units += write_units(0, new_size)
    return units


def _entry(index: Index, address: bytes, stored: tuple[Item | None, int]) -> tuple[bytes | None, Item, int]:
    """An item's entry: its address, the attributes in it and their bytes; None if it has none."""
    item, size = stored
    entry = None if item is None else index.entry(item, address)
    if item is None or entry is None:
        return None, {}, 0
    if index.attributes is None:
        return entry, item, size
    projected = index.projected(item)
    return entry, projected, values.item_size(projected)
