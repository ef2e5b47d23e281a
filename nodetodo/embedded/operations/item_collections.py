"""Item collections of tables with local indexes: their size limit, and the ItemCollectionMetrics of responses.

An item collection is the items with one partition key, and their entries in the local indexes. Its size is not stored,
so that it is the sum over its items and entries. A write computes this sum only if the whole table exceeds the limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import keys
from ..errors import ApiError
from ..limits import ITEM_COLLECTION_BYTES
from ..schema import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..schema import Table
    from ..storage.statements import Storage
    from ..values import Item

_GB = 1024**3


def check_size(storage: Storage, table: Table, key: Item) -> None:
    """Check the size of the item collection with this key, after a write that made an item larger.

    Raises ApiError (ItemCollectionSizeLimitExceededException) if it exceeds 10 GB. In DynamoDB the limit is not exact.
    """
    if sum(storage.counts(space)[1] for space in _spaces(table)) <= ITEM_COLLECTION_BYTES:
        return
    if _size(storage, table, key) > ITEM_COLLECTION_BYTES:
        raise ApiError("ItemCollectionSizeLimitExceededException", "Collection size exceeded.")


def metrics(storage: Storage, table: Table, key: Item) -> dict[str, Any]:
    """Return the ItemCollectionMetrics of a write of the item with this key. The estimate is in whole GB."""
    whole = float(_size(storage, table, key) // _GB)
    partition = {name: key[name] for name, _ in table.key.partition}
    return {"ItemCollectionKey": partition, "SizeEstimateRangeGB": [whole, whole + 1.0]}


def add_metrics(storage: Storage, response: dict[str, Any], written: Iterable[tuple[Table, Item]]) -> None:
    """Add the ItemCollectionMetrics to the response of a batch or a transaction, if a table has local indexes.

    They are lists by table. An item collection is in its list once. written: the tables and keys of the items.
    """
    found: dict[str, dict[bytes, dict[str, Any]]] = {}
    for table, key in written:
        if table.has_local_indexes:
            of_table = found.setdefault(table.name, {})
            start = _start(table, key)
            if start not in of_table:
                of_table[start] = metrics(storage, table, key)
    if found:
        response["ItemCollectionMetrics"] = {name: list(of_table.values()) for name, of_table in found.items()}


def _spaces(table: Table) -> list[int]:
    return [table.space, *(index.space for index in table.indexes.values() if index.kind == LOCAL)]


def _start(table: Table, key: Item) -> bytes:
    """Return the beginning of the addresses of a collection, in the table and in its local indexes."""
    return keys.partition([key[name] for name, _ in table.key.partition])


def _size(storage: Storage, table: Table, key: Item) -> int:
    start = _start(table, key)
    return sum(storage.range_size(space, start, keys.after(start)) for space in _spaces(table))
