"""The table of tasks. Partition key: uid, sort key: tid. Its index by category has the keys category and tid."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..embedded.limits import BATCH_WRITE_ITEMS
from ..errors import NoSuchTask, NoSuchUser, RetriesExhausted, UserHasTasks
from ..model import Key, Number, Stored, Task, TaskFilter, TidEnding
from . import items
from .expressions import Expressions
from .paging import PAGE, Records
from .retries import ATTEMPTS, RetryingWriter, may_have_been_applied

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from .excerpt import Excerpt
    from .retries import Sleep

CATEGORY_INDEX = "category-index"
DUE_INDEX = "due-index"
KEY = items.KEYS[Task]
CATEGORY_KEY = ("category", "tid", "uid")
DUE_KEY = ("uid", "due", "tid")


class PageOfKeys:
    """The first keys of a user's tasks, as items and as tids. is_last: whether there are no more."""

    def __init__(self, keys: list[items.Item], tids: list[Number], is_last: bool) -> None:
        self.keys, self.tids, self.is_last = keys, tids, is_last


class Tasks:
    """Reads and writes tasks."""

    def __init__(self, client: Client, table: str, users_table: str, sleep: Sleep) -> None:
        self._client, self.table, self._users_table = client, table, users_table
        self._writer = RetryingWriter(client, sleep)

    def add(self, task: Task) -> Task:
        """Add a task of an existing user exactly once, and return the stored task.

        Its tid is the first free one from task.tid on. Raises NoSuchUser, and RetriesExhausted.
        """
        for _ in range(ATTEMPTS):
            item = items.check_size(items.to_item(task._asdict()))
            try:
                self._writer.write(
                    self._client.transact_write_items,
                    TransactItems=[self._check_user(task.uid), self._put_new(item)],
                    ClientRequestToken=os.urandom(16).hex(),  # DynamoDB applies a retry with the same token once
                )
            except self._client.exceptions.TransactionCanceledException as cancelled:
                user, put = cancelled.response["CancellationReasons"]
                if user.get("Code") == "ConditionalCheckFailed":
                    raise NoSuchUser(task.uid) from None
                if put.get("Code") != "ConditionalCheckFailed":
                    raise
                # An engine without tokens rejects a retry if the first attempt was applied: the item exists already.
                is_own_item = may_have_been_applied(cancelled.response) and put.get("Item") == item
                if not is_own_item:
                    task = task._replace(tid=self._free_tid(task.uid, task.tid))
                    continue
            return task
        raise RetriesExhausted(
            f"other processes took the next free tid of user {task.uid} {ATTEMPTS} times; nothing was added, try again"
        )

    def _check_user(self, uid: str) -> dict[str, Any]:
        expressions = Expressions()
        condition = expressions.item_exists()
        return {
            "ConditionCheck": {
                "TableName": self._users_table,
                "Key": items.to_item({"uid": uid}),
                "ConditionExpression": condition,
                **expressions.parameters(),
            }
        }

    def _put_new(self, item: items.Item) -> dict[str, Any]:
        expressions = Expressions()
        condition = expressions.item_is_new()
        return {
            "Put": {
                "TableName": self.table,
                "Item": item,
                "ConditionExpression": condition,
                **expressions.parameters(),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _free_tid(self, uid: str, taken: Number) -> Number:
        """Return the first free tid of the user after a taken one.

        Reads the taken ones, because a failed write for each of them would cost more.
        """
        start: items.Item | None = items.to_item({"uid": uid, "tid": taken})
        free = taken + 1
        while start:
            response = self._keys(uid, ExclusiveStartKey=start, Limit=100)
            for item in response["Items"]:
                tid = items.to_key(item, KEY)["tid"]
                if tid > free:
                    return free
                free += tid == free  # other programs may have stored a fraction between two tids
            start = response.get("LastEvaluatedKey")
        return free

    def get(self, uid: str, tid: Number) -> Task:
        """Return a task. Raises NoSuchTask.

        An eventually consistent read may miss a task that was added in the last second, so a strongly consistent read
        follows it.
        """
        for consistent in (False, True):
            key = items.to_item({"uid": uid, "tid": tid})
            response = self._client.get_item(TableName=self.table, Key=key, ConsistentRead=consistent)
            if "Item" in response:
                return items.to_record(Task, response["Item"])
        raise NoSuchTask(uid, tid)

    def set_completed(self, uid: str, tid: Number, day: int | None) -> tuple[Task, bool]:
        """Set completed to a day unless it is set already, or remove it if day is None.

        Returns the task, and whether this call changed it. Raises NoSuchTask.
        """
        expressions = Expressions()
        # UpdateItem would create an absent item.
        task_exists = expressions.item_exists()
        if day is None:
            update = f"REMOVE {expressions.name('completed')}"
            # Only a completed task is reopened, so that the result can report the difference.
            is_changed = expressions.exists("completed")
        else:
            update = f"SET {expressions.compare('completed', '=', day)}"
            # The day of the first completion stays.
            is_changed = expressions.not_exists("completed")
        try:
            response = self._update(uid, tid, expressions, update, condition=f"{task_exists} AND {is_changed}")
        except self._client.exceptions.ConditionalCheckFailedException as failure:
            if "Item" not in failure.response:
                raise NoSuchTask(uid, tid) from None
            task = items.to_record(Task, failure.response["Item"])
            # The condition also fails if an earlier attempt of this request was applied.
            return task, may_have_been_applied(failure.response) and task.completed == day
        return items.to_record(Task, response["Attributes"]), True

    def edit(self, uid: str, tid: Number, changes: dict[str, Stored]) -> Task:
        """Set the attributes in changes, remove those whose value is None, and return the changed task.

        Raises NoSuchTask, and WrongUsage if the task would become too large.
        """
        items.check_size(items.to_item({"uid": uid, "tid": tid, **changes}))
        expressions = Expressions()
        task_exists = expressions.item_exists()  # UpdateItem would create an absent item
        clauses = {
            "SET": [expressions.compare(name, "=", value) for name, value in changes.items() if value is not None],
            "REMOVE": [expressions.name(name) for name, value in changes.items() if value is None],
        }
        update = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)
        try:
            response = self._update(uid, tid, expressions, update, condition=task_exists)
        except self._client.exceptions.ConditionalCheckFailedException:
            raise NoSuchTask(uid, tid) from None
        except self._client.exceptions.ClientError:
            # The size of the changed task is not known before. Read the task only after a failure.
            items.check_size(items.to_item(self.get(uid, tid)._asdict() | changes))
            raise
        return items.to_record(Task, response["Attributes"])

    def _update(self, uid: str, tid: Number, expressions: Expressions, update: str, *, condition: str) -> Response:
        return self._writer.write(
            self._client.update_item,
            TableName=self.table,
            Key=items.to_item({"uid": uid, "tid": tid}),
            UpdateExpression=update,
            ConditionExpression=condition,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **expressions.parameters(),
        )

    def remove(self, uid: str, tid: Number) -> tuple[Task, list[str]]:
        """Delete a task and return it, with the names of its attributes that this program does not use.

        Raises NoSuchTask. If the response of a successful delete was lost, the returned task has only its uid and tid.
        """
        key = {"uid": uid, "tid": tid}
        response = self._writer.write(
            self._client.delete_item, TableName=self.table, Key=items.to_item(key), ReturnValues="ALL_OLD"
        )
        if "Attributes" not in response and not may_have_been_applied(response):
            raise NoSuchTask(uid, tid)
        item = response.get("Attributes") or items.to_item(key)
        return items.to_record(Task, item), sorted(item.keys() - set(Task._fields))

    def of_user(
        self,
        uid: str,
        wanted: TaskFilter,
        *,
        newest: bool = False,
        limit: int | None,
        start: Key | None = None,
        after: Number | None = None,
    ) -> Records[Task]:
        """Return a user's tasks by tid.

        newest: in descending order. limit: None for all tasks. start: the key of the last task of the previous page.
        after: only its tid.
        """
        expressions = Expressions()
        key_conditions = [expressions.compare("uid", "=", uid), *_after(expressions, after, newest)]
        filters = _filters(expressions, wanted, _due_filters(expressions, wanted))
        return self._list({}, expressions, key_conditions, filters, newest, limit, start, KEY)

    def of_user_by_due(
        self, uid: str, wanted: TaskFilter, *, limit: int | None, start: Key | None = None
    ) -> Records[Task]:
        """Return a user's tasks that have a due date, in ascending order of it. Parameters as of_user.

        Reads due-index, so the conditions on the due date are key conditions.
        """
        expressions = Expressions()
        key_conditions = [expressions.compare("uid", "=", uid), *_due_key_condition(expressions, wanted)]
        filters = _filters(expressions, wanted, [])
        return self._list(_of_index(DUE_INDEX), expressions, key_conditions, filters, False, limit, start, DUE_KEY)

    def of_category(
        self,
        category: str,
        wanted: TaskFilter,
        *,
        newest: bool = False,
        limit: int | None,
        start: Key | None = None,
        after: Number | None = None,
    ) -> Records[Task]:
        """Return every user's tasks of one category by tid. Parameters as of_user.

        Reads category-index, which is always eventually consistent.
        """
        expressions = Expressions()
        key_conditions = [expressions.compare("category", "=", category), *_after(expressions, after, newest)]
        filters = _filters(expressions, wanted, _due_filters(expressions, wanted))
        index = _of_index(CATEGORY_INDEX)
        return self._list(index, expressions, key_conditions, filters, newest, limit, start, CATEGORY_KEY)

    def excerpt(self, at_most: int) -> Excerpt[Task]:
        """Return the first tasks of the table, of all users. Reads at most at_most items."""
        from . import excerpt  # here, because few commands need it

        return excerpt.scan(Task, self._client.scan, self.table, at_most)

    def page(self, at_most: int) -> list[Task]:
        """Return the first tasks of the table with one request. Reads at most at_most items."""
        from . import excerpt

        return excerpt.page(Task, self._client.scan, self.table, at_most)

    def newest_page(self, uid: str, at_most: int) -> list[Task]:
        """Return a user's newest tasks, newest first, with one request. Reads at most at_most items."""
        from . import excerpt

        expressions = Expressions()
        request = {"KeyConditionExpression": expressions.compare("uid", "=", uid), "ScanIndexForward": False}
        request |= expressions.parameters()
        return excerpt.page(Task, self._client.query, self.table, at_most, **request)

    def _list(
        self,
        index: dict[str, str],
        expressions: Expressions,
        key_conditions: list[str],
        filters: list[str],
        newest: bool,
        limit: int | None,
        start: Key | None,
        key: tuple[str, ...],
    ) -> Records[Task]:
        request = {
            "TableName": self.table,
            **index,
            "KeyConditionExpression": " AND ".join(key_conditions),
            **expressions.parameters(),
        }
        if filters:
            request["FilterExpression"] = " AND ".join(filters)
        if newest:
            request["ScanIndexForward"] = False
        return Records(Task, self._client.query, request, start=start, limit=limit, key=key)

    def _keys(self, uid: str, **paging: Any) -> Response:
        """Read one page of the keys of a user's tasks, strongly consistent, because a write depends on it."""
        expressions = Expressions()
        key_condition = expressions.compare("uid", "=", uid)
        projection = f"{expressions.name('uid')}, {expressions.name('tid')}"
        return self._client.query(
            TableName=self.table,
            KeyConditionExpression=key_condition,
            ProjectionExpression=projection,
            **expressions.parameters(),
            ConsistentRead=True,
            **paging,
        )

    def tids_of(self, uid: str, endings: list[TidEnding]) -> list[list[Number]]:
        """Return the tids of the user's tasks that fit each ending, in ascending order.

        Reads the keys of all tasks once, because DynamoDB finds an item by its whole key or the beginning of a range.
        """
        found: list[dict[Number, None]] = [{} for _ in endings]  # in the order of the Query
        paging: dict[str, Any] = {}
        while True:
            response = self._keys(uid, Limit=PAGE, **paging)
            for item in response["Items"]:
                items.require_key(item, KEY)
                tid: Any = items.to_value(item["tid"])
                for ending, tids in zip(endings, found, strict=True):
                    if ending.fits(tid):
                        tids[tid] = None
            if "LastEvaluatedKey" not in response:
                return [list(tids) for tids in found]
            paging["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def page_of_keys(self, uid: str, limit: int = PAGE) -> PageOfKeys:
        """Return the first keys of a user's tasks. Raises OtherKeys if the table of tasks has other keys."""
        response = self._keys(uid, Limit=limit)
        keys = response["Items"]
        return PageOfKeys(keys, [items.to_key(key, KEY)["tid"] for key in keys], "LastEvaluatedKey" not in response)

    def require_no_tasks(self, uid: str) -> None:
        """Raise UserHasTasks if the user has tasks."""
        page = self.page_of_keys(uid, limit=10)
        if page.keys:
            raise UserHasTasks(uid, len(page.keys), at_least=not page.is_last)

    def remove_all(
        self,
        uid: str,
        page: PageOfKeys,
        until: int,
        user_is_gone: Callable[[], bool],
        progress: Callable[[int], object],
    ) -> int:
        """Delete the tasks of a removed user in batches, and return their number.

        page: the first keys, read after the removal. until: the present as a tid. A task after it is deleted only while
        the user does not exist: another process may have added the same uid again, with new tasks. progress: receives
        the number of tasks of each batch. If the program stops, a second call deletes the remaining tasks. Raises
        RetriesExhausted.
        """
        removed = 0
        while True:
            older = [key for key, tid in zip(page.keys, page.tids, strict=True) if tid <= until]
            removable = page.keys if len(older) == len(page.keys) or user_is_gone() else older
            for first in range(0, len(removable), BATCH_WRITE_ITEMS):
                batch = removable[first : first + BATCH_WRITE_ITEMS]
                unprocessed = self._writer.delete(self.table, batch)
                removed += len(batch) - unprocessed
                if unprocessed:
                    raise RetriesExhausted(
                        f"DynamoDB processes no more deletes at the moment; {removed:,} of the tasks of user {uid} are "
                        "removed, repeat the command to remove the others"
                    )
                progress(len(batch))
            if len(removable) < len(page.keys) or page.is_last:
                return removed
            # Each query starts at the beginning, where only the remaining tasks are.
            page = self.page_of_keys(uid)


def _of_index(name: str) -> dict[str, str]:
    # DynamoDB rejects ALL_ATTRIBUTES if the index copies only some. Without it, the tasks would be incomplete.
    return {"IndexName": name, "Select": "ALL_ATTRIBUTES"}


def _after(expressions: Expressions, tid: Number | None, newest: bool) -> list[str]:
    """Return the key condition that a list begins after a tid, in its direction; none without a tid."""
    return [] if tid is None else [expressions.compare("tid", "<" if newest else ">", tid, "after")]


def _due_filters(expressions: Expressions, wanted: TaskFilter) -> list[str]:
    filters = []
    if wanted.due is not None:
        filters.append(expressions.compare("due", "=", wanted.due))
    if wanted.due_after is not None:
        filters.append(expressions.compare("due", ">", wanted.due_after, "due_after"))
    if wanted.due_before is not None:
        filters.append(expressions.compare("due", "<", wanted.due_before, "due_before"))
    if wanted.without_due:
        filters.append(expressions.not_exists("due"))
    return filters


def _due_key_condition(expressions: Expressions, wanted: TaskFilter) -> list[str]:
    """Return the conditions of a filter on the due date as the one condition that a sort key can have."""
    if wanted.due_after is None or wanted.due_before is None:
        return _due_filters(expressions, wanted)
    # BETWEEN includes its bounds. The numbers between two days need not be days.
    return [expressions.between("due", wanted.due_after + 1, wanted.due_before - 1)]


def _filters(expressions: Expressions, wanted: TaskFilter, on_due: list[str]) -> list[str]:
    """Return the filters of a list. on_due: those on the due date, unless it is in the key."""
    filters = []
    if wanted.category is not None:
        filters.append(expressions.compare("category", "=", wanted.category))
    filters += on_due
    if wanted.contains is not None:
        filters.append(expressions.contains("description", wanted.contains))
    if wanted.completed is not None:
        filters.append(expressions.exists("completed") if wanted.completed else expressions.not_exists("completed"))
    return filters
