"""The item collections of each table and index, their sizes, and which of them are hot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..embedded import values
from ..embedded.limits import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS
from ..model import Number, Task, User
from ..output.text import counted
from ..repositories import definitions, items

if TYPE_CHECKING:
    from collections.abc import Collection

    from .patterns import Pattern

MAX_ITEMS = 1000
"""Items read from each table, at most."""

HOT_ITEMS = 10
HOT_SHARE = 0.25
HOT_TIMES = 2

HOT = (
    f"Hot: an item collection with at least {HOT_ITEMS} items, at least {HOT_SHARE:.0%} of the items read from its"
    f" table or index, and at least {HOT_TIMES} times the average of the other item collections. If all items are used"
    " equally often, it receives the same share of the requests. This matters if its requests come near"
    f" {PARTITION_READ_UNITS:,} read units or {PARTITION_WRITE_UNITS:,} write units per second, the limit of a"
    " partition, which holds many item collections. DynamoDB can then split the item collection at a sort key value."
    " If the sort key always grows, as the tid does, that gains nothing for new items."
)


class Item(NamedTuple):
    """An item of a table or an entry of an index. sort_value: None without a sort key."""

    partition_value: str
    sort_value: Number | None
    record: User | Task
    bytes: int


class ItemCollection(NamedTuple):
    """All items with the same partition key value, in the order of their sort key."""

    partition_value: str
    items: list[Item]
    is_hot: bool

    @property
    def bytes(self) -> int:
        """Return the size of all items."""
        return sum(item.bytes for item in self.items)


class TableOrIndex(NamedTuple):
    """A table or an index with its item collections, the largest first.

    index_of: the table of an index; None for a table. copied: the attributes that an index copies from its table,
    without the key of the index. needed: the attribute without which an item is not in an index.
    """

    name: str
    index_of: str | None
    partition_key: str
    sort_key: str | None
    collections: list[ItemCollection]
    copied: tuple[str, ...] = ()
    needed: str = ""

    @property
    def items(self) -> int:
        """Return the number of items."""
        return sum(len(collection.items) for collection in self.collections)

    @property
    def bytes(self) -> int:
        """Return the size of all items."""
        return sum(collection.bytes for collection in self.collections)


class Design(NamedTuple):
    """The tables, their indexes and the access patterns.

    optional_indexes: the optional indexes that exist. origin: states where the items come from.
    """

    users: TableOrIndex
    tasks: TableOrIndex
    category_index: TableOrIndex
    optional_indexes: list[TableOrIndex]
    patterns: list[Pattern]
    origin: str

    @property
    def tables_and_indexes(self) -> list[TableOrIndex]:
        """Return both tables and the indexes."""
        return [self.users, self.tasks, self.category_index, *self.optional_indexes]


def build(
    users: list[User],
    tasks: list[Task],
    prefix: str,
    patterns: list[Pattern],
    origin: str,
    optional_indexes: Collection[str] = (),
) -> Design:
    """Group users and tasks into item collections by the key schemas in tables/*.json.

    optional_indexes: the names of those that exist.
    """
    user_table, task_table = definitions.tables(prefix)
    attributes = task_table.create_with_indexes(optional=True)["AttributeDefinitions"]

    def index(definition: definitions.Definition) -> TableOrIndex:
        keys = _keys(definition, attributes)
        (needed,) = (name for name in keys if name not in items.KEYS[Task])
        entries = [task for task in tasks if items.KEY_TYPES[needed] in items.attribute(getattr(task, needed))]
        projects_all = definition["Projection"]["ProjectionType"] == "ALL"
        copied = tuple(name for name in Task._fields if name not in keys and (projects_all or name in items.KEYS[Task]))
        found = _group(definition["IndexName"], task_table.name, keys, entries)
        return found._replace(copied=copied, needed=needed)

    (category_index,) = task_table.indexes()
    return Design(
        _group(user_table.name, None, _keys(user_table.create, attributes), users),
        _group(task_table.name, None, _keys(task_table.create, attributes), tasks),
        index(category_index),
        [index(each) for each in task_table.optional_indexes() if each["IndexName"] in optional_indexes],
        patterns,
        origin,
    )


def origin(users: int, all_users: bool, tasks: int, all_tasks: bool) -> str:
    """Return a sentence on the number of items read. all_users, all_tasks: whether the whole table was read."""
    if all_users and all_tasks:
        total = users + tasks
        verb = "was" if total == 1 else "were"
        return f"All {counted(total, 'item')} of both tables {verb} read; the limit is {MAX_ITEMS:,} items per table."
    of_users = f"{'all' if all_users else 'the first'} {counted(users, 'user')}"
    of_tasks = f"{'all' if all_tasks else 'the first'} {counted(tasks, 'task')}"
    return (
        f"Read by Scan: {of_users} and {of_tasks}; the limit is {MAX_ITEMS:,} items per table. More items exist;"
        " all sizes are those of the items read."
    )


def _keys(definition: definitions.Definition, attributes: list[dict[str, str]]) -> list[str]:
    return [key.name for key in definitions.keys(definition, attributes)]


def _group(name: str, index_of: str | None, keys: list[str], records: list[User] | list[Task]) -> TableOrIndex:
    partition_key, sort_key = [*keys, None][:2]
    assert partition_key is not None
    by_key: dict[str, list[Item]] = {}
    for record in records:
        sort = None if sort_key is None else getattr(record, sort_key)
        size = values.item_size(items.to_item(record._asdict()))
        item = Item(getattr(record, partition_key), sort, record, size)
        by_key.setdefault(item.partition_value, []).append(item)
    collections = [
        ItemCollection(value, sorted(found, key=_order), _is_hot(len(found), len(by_key), len(records)))
        for value, found in by_key.items()
    ]
    collections.sort(key=lambda collection: (-len(collection.items), collection.partition_value))
    return TableOrIndex(name, index_of, partition_key, sort_key, collections)


def _order(item: Item) -> tuple[Number, str, Number]:
    """Return the sort key value; index entries with the same value are ordered by the key of the table."""
    return item.sort_value or 0, item.record.uid, getattr(item.record, "tid", 0)


def _is_hot(count: int, collections: int, all_items: int) -> bool:
    """Apply the rule in HOT. A single item collection is not hot, because the rule compares it with others."""
    if collections < 2:
        return False
    others = (all_items - count) / (collections - 1)
    return count >= HOT_ITEMS and count >= HOT_SHARE * all_items and count >= HOT_TIMES * others
