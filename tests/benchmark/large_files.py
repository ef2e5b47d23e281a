"""Creates database files with many tasks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nodetodo import embedded
from nodetodo.embedded import keys, values
from nodetodo.embedded.storage import statements as storage
from nodetodo.model import Task
from nodetodo.repositories import items
from tests.program import Program

UID, CATEGORY = "emma", "shopping"
FIRST_TID = 1_526_650_262_330
TASKS_PER_TRANSACTION = 50_000


def tasks(count: int, first: int = 0) -> Iterator[items.Item]:
    """Yield items of tasks of one user in one category. The tids start at FIRST_TID + `first`."""
    constant = items.to_item(Task(UID, 0, "", 20261123, 20261224, CATEGORY, None)._asdict())
    for number in range(first, first + count):
        varying = items.to_item({"tid": FIRST_TID + number, "description": f"buy milk, {number:,} bottles"})
        yield {**constant, **varying}


def create(path: Path, count: int) -> str:
    """Create a file with one user and `count` tasks. Returns its target, such as local:<path>.

    Sizes, keys and stored items are those of PutItem. To save minutes, items are not validated, existing items are not
    read, and transactions are large and do not wait for the disk.
    """
    client = embedded.connect(str(path))
    program = Program(client, target="local")
    program.good("table-add")
    program.good("user-add", UID, "emma@example.org", "+491701234")
    store = client._storage
    store._execute("PRAGMA synchronous = OFF")
    for first in range(0, count, TASKS_PER_TRANSACTION):
        with storage.writing(store):
            _put(store, tasks(min(TASKS_PER_TRANSACTION, count - first), first))
    client.close()
    return f"local:{path}"


def _put(store: storage.Storage, new: Iterator[items.Item]) -> None:
    table = store.table("todo-task")
    (index,) = table.indexes.values()
    user, category = (
        keys.partition([items.to_item({name: value})[name]]) for name, value in (("uid", UID), ("category", CATEGORY))
    )
    for number, item in enumerate(new):
        order = keys.component(item["tid"])
        address, size = user + order, values.item_size(item)
        entry = category + order + address
        if number == 0:
            assert (address, entry) == (table.address(item), index.entry_address(item, address))
        store.put_item(table, address, item, size, 0)
        store.put_entry(index.space, entry, size, 0, address)


def send(client: Any, count: int) -> None:
    """Write `count` tasks through any client, in batches of 25."""
    for first in range(0, count, 25):
        batch = [{"PutRequest": {"Item": item}} for item in tasks(min(25, count - first), first)]
        client.batch_write_item(RequestItems={"todo-task": batch})
