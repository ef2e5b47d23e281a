"""The orders of a user's tasks on the embedded engine: any tids, any due dates, any size of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo import embedded
from nodetodo.model import Key, Task, TaskFilter
from nodetodo.repositories import definitions
from nodetodo.repositories.paging import Records
from nodetodo.repositories.tasks import Tasks

from .program import NOON

tids = st.integers(1, 10**13)
days = st.integers(20260101, 20260110)  # many tasks with the same day
users = count()
stored = st.dictionaries(tids, st.none() | days, max_size=12)
"""The due dates of a user's tasks by tid."""


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    client = embedded.connect(":memory:", clock=NOON.timestamp)
    for table in definitions.tables():
        client.create_table(**table.create_with_indexes(optional=True))
    yield client
    client.close()


def read_all(page: Callable[[Key | None], Records[Task]], limit: int) -> list[Task]:
    found: list[Task] = []
    start = None
    while True:
        records = page(start)
        rows = list(records)
        found += rows
        start = records.next
        if start is None:
            return found
        assert len(rows) == limit


@settings(deadline=None)
@given(stored, st.integers(1, 5))
def test_the_pages_of_each_order_contain_every_task_once(
    client: Any, stored: dict[int, int | None], limit: int
) -> None:
    uid = f"user {next(users)}"  # all examples share the tables
    for tid, due in stored.items():
        item = {"uid": {"S": uid}, "tid": {"N": str(tid)}} | ({} if due is None else {"due": {"N": str(due)}})
        client.put_item(TableName="todo-task", Item=item)
    tasks = Tasks(client, "todo-task", "todo-user", lambda _: None)
    every = TaskFilter()
    newest = read_all(lambda start: tasks.of_user(uid, every, newest=True, limit=limit, start=start), limit)
    assert [task.tid for task in newest] == sorted(stored, reverse=True)
    oldest = read_all(lambda start: tasks.of_user(uid, every, limit=limit, start=start), limit)
    assert oldest == newest[::-1]
    by_due = read_all(lambda start: tasks.of_user_by_due(uid, every, limit=limit, start=start), limit)
    with_due = sorted(due for due in stored.values() if due is not None)
    assert [task.due for task in by_due] == with_due
    assert len({task.tid for task in by_due}) == len(with_due)
