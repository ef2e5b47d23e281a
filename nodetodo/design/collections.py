"""What there is to look at: the item collections of each table and index, their sizes, and which of them are hot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..embedded import values
from ..model import Task, User
from ..repositories import definitions, items

if TYPE_CHECKING:
    from .patterns import Pattern

ITEMS = 1000
"""Items that are read of each table, at most."""

HOT_ITEMS = 10
HOT_SHARE = 0.25
HOT_TIMES = 2

HOT = (
    f"Hot: an item collection of {HOT_ITEMS} items or more that holds at least {HOT_SHARE:.0%} of all that was read of"
    f" its table or index, and at least {HOT_TIMES} times the average of the other collections. If every item is used"
    " equally often, that share of all requests meets one partition, and a partition serves 3,000 read units and 1,000"
    " write units a second, however much capacity the table has."
)


class Item(NamedTuple):
    """An item or an entry of an index; sort is None where there is no sort key. record: the user or task itself."""

    partition: str
    sort: int | None
    record: User | Task
    bytes: int


class Collection(NamedTuple):
    """All items with one partition key, sorted by their sort key."""

    partition: str
    items: list[Item]
    is_hot: bool

    @property
    def bytes(self) -> int:
        return sum(item.bytes for item in self.items)


class Part(NamedTuple):
    """A table or an index, the largest collections first.

    of: the table of an index, else None. repeats: the attributes that an index has again, beside its own key.
    """

    name: str
    of: str | None
    partition_key: str
    sort_key: str | None
    collections: list[Collection]
    repeats: tuple[str, ...] = ()

    @property
    def items(self) -> int:
        return sum(len(collection.items) for collection in self.collections)

    @property
    def bytes(self) -> int:
        return sum(collection.bytes for collection in self.collections)


class Design(NamedTuple):
    """origin: where the items are from, in a sentence."""

    users: Part
    tasks: Part
    category_index: Part
    patterns: list[Pattern]
    origin: str

    @property
    def parts(self) -> list[Part]:
        return [self.users, self.tasks, self.category_index]


def draw(users: list[User], tasks: list[Task], prefix: str, patterns: list[Pattern], origin: str) -> Design:
    """The index is what its definition makes of the tasks: all that have a category, with every attribute."""
    user_table, task_table = definitions.tables(prefix)
    (index,) = task_table.indexes()
    attributes = task_table.create_at_once()["AttributeDefinitions"]
    with_category = [task for task in tasks if task.category is not None]
    of_index = _part(index["IndexName"], task_table.name, _keys(index, attributes), with_category)
    own = {of_index.partition_key, of_index.sort_key}
    projects_all = index["Projection"]["ProjectionType"] == "ALL"
    repeats = tuple(name for name in Task._fields if name not in own and (projects_all or name == "uid"))
    return Design(
        _part(user_table.name, None, _keys(user_table.create, attributes), users),
        _part(task_table.name, None, _keys(task_table.create, attributes), tasks),
        of_index._replace(repeats=repeats),
        patterns,
        origin,
    )


def origin(users: int, all_users: bool, tasks: int, all_tasks: bool) -> str:
    """How much was read; all_… is whether that was the whole table."""
    if all_users and all_tasks:
        return f"Read: all {users + tasks:,} items of both tables; of larger ones it would be the first {ITEMS:,} each."
    of_users = f"{'all' if all_users else 'the first'} {users:,} users"
    of_tasks = f"{'all' if all_tasks else 'the first'} {tasks:,} tasks"
    return (
        f"Read: {of_users} and {of_tasks} that a Scan gives, at most {ITEMS:,} of each table. There are more, and sizes"
        " are those of what was read."
    )


def _keys(definition: definitions.Definition, attributes: list[dict[str, str]]) -> list[str]:
    return [name for name, _, _ in definitions.keys(definition, attributes)]


def _part(name: str, of: str | None, keys: list[str], records: list[User] | list[Task]) -> Part:
    partition_key, sort_key = [*keys, None][:2]
    assert partition_key is not None
    by_key: dict[str, list[Item]] = {}
    for record in records:
        sort = None if sort_key is None else getattr(record, sort_key)
        size = values.item_size(items.to_item(record._asdict()))
        item = Item(getattr(record, partition_key), sort, record, size)
        by_key.setdefault(item.partition, []).append(item)
    collections = [
        Collection(partition, sorted(found, key=_in_order), _is_hot(len(found), len(by_key), len(records)))
        for partition, found in by_key.items()
    ]
    collections.sort(key=lambda collection: (-len(collection.items), collection.partition))
    return Part(name, of, partition_key, sort_key, collections)


def _in_order(item: Item) -> tuple[int, str]:
    """By the sort key; entries of an index that share it, by the key of the table."""
    return item.sort or 0, item.record.uid


def _is_hot(count: int, collections: int, all_items: int) -> bool:
    """By the rule that HOT tells; without another collection there is nothing to be hotter than."""
    if collections < 2:
        return False
    others = (all_items - count) / (collections - 1)
    return count >= HOT_ITEMS and count >= HOT_SHARE * all_items and count >= HOT_TIMES * others
