"""The table of tasks, partition key uid and sort key tid, and its index by category."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..embedded.limits import BATCH_WRITE_ITEMS
from ..errors import NoSuchTask, NoSuchUser, TooBusy, UserHasTasks
from ..model import Key, Task, TaskFilter
from . import items
from .paging import PAGE, Records, first_records
from .retries import ATTEMPTS, COLLISION_SECONDS, Writer, may_be_ours, pause

if TYPE_CHECKING:
    from ..engines.interface import Client, Response
    from .retries import Sleep

CATEGORY_INDEX = "category-index"
KEY = ("uid", "tid")
INDEX_KEY = ("category", "tid", "uid")

IS_THERE = "attribute_exists(#uid)"
IS_NEW = "attribute_not_exists(#uid)"

Progress = Callable[[int], object]
"""Told after each batch how many more tasks are gone."""


class Expressions:
    """Names and values behind placeholders, for every name: 573 words are reserved, and more every few years."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, name: str) -> str:
        self.names[f"#{name}"] = name
        return f"#{name}"

    def value(self, name: str, value: str | int, placeholder: str = "") -> str:
        placeholder = f":{placeholder or name}"
        self.values[placeholder] = items.attribute(name, value)
        return placeholder

    def compared(self, name: str, comparator: str, value: str | int, placeholder: str = "") -> str:
        return f"{self.name(name)} {comparator} {self.value(name, value, placeholder)}"


class Tasks:
    def __init__(self, client: Client, table: str, users_table: str, sleep: Sleep) -> None:
        self._client, self.table, self._users_table, self._sleep = client, table, users_table, sleep
        self._write = Writer(client, sleep)

    def add(self, task: Task) -> Task:
        """Put a task of an existing user, under the next free tid from task.tid on, exactly once; give it as stored.

        Raises NoSuchUser, TooBusy.
        """
        for _ in range(ATTEMPTS):
            item = items.check_size(items.to_item(task._asdict()))
            try:
                self._write(
                    self._client.transact_write_items,
                    TransactItems=[self._check_user(task.uid), self._put_new(item)],
                    ClientRequestToken=os.urandom(16).hex(),  # a repeated request is known by it, for 10 minutes
                )
            except self._client.exceptions.TransactionCanceledException as cancelled:
                user, put = cancelled.response["CancellationReasons"]
                if user.get("Code") == "ConditionalCheckFailed":
                    raise NoSuchUser(task.uid) from None
                if put.get("Code") != "ConditionalCheckFailed":
                    raise
                # DynamoDB knows a repeated request by its token; an engine that does not would let our own first
                # attempt stand in the way of the second.
                if not (may_be_ours(cancelled.response) and put.get("Item") == item):
                    task = task._replace(tid=self._free_tid(task.uid, task.tid))
                    continue
            return task
        raise TooBusy(f"others keep taking the next free tid of {task.uid}; nothing was added, try again")

    def _check_user(self, uid: str) -> dict[str, Any]:
        return {
            "ConditionCheck": {
                "TableName": self._users_table,
                "Key": items.to_item({"uid": uid}),
                "ConditionExpression": IS_THERE,
                "ExpressionAttributeNames": {"#uid": "uid"},
            }
        }

    def _put_new(self, item: items.Item) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self.table,
                "Item": item,
                "ConditionExpression": IS_NEW,
                "ExpressionAttributeNames": {"#uid": "uid"},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _free_tid(self, uid: str, taken: int) -> int:
        """The first tid after taken that no task of the user has: one read, where each failed write would cost more."""
        start: items.Item | None = items.to_item({"uid": uid, "tid": taken})
        free = taken + 1
        while start:
            response = self._keys(uid, ExclusiveStartKey=start, Limit=100)
            for item in response["Items"]:
                if items.to_values(item)["tid"] > free:
                    return free
                free += 1
            start = response.get("LastEvaluatedKey")
        return free

    def get(self, uid: str, tid: int) -> Task:
        """Raises NoSuchTask, but not on an eventually consistent read: the task may have been added just now."""
        for consistent in (False, True):
            key = items.to_item({"uid": uid, "tid": tid})
            response = self._client.get_item(TableName=self.table, Key=key, ConsistentRead=consistent)
            if "Item" in response:
                return items.to_record(Task, response["Item"])
        raise NoSuchTask(uid, tid)

    def set_completed(self, uid: str, tid: int, day: int | None) -> tuple[Task, bool]:
        """Set completed to day unless it is set, or remove it for None; give the task, and whether this call did it.

        Raises NoSuchTask.
        """
        words = Expressions()
        completed = words.name("completed")
        if day is None:
            update, open_to_change = f"REMOVE {completed}", f"attribute_exists({completed})"
        else:
            update = f"SET {completed} = {words.value('completed', day)}"
            open_to_change = f"attribute_not_exists({completed})"
        try:
            response = self._update(uid, tid, words, update, condition=f"{IS_THERE} AND {open_to_change}")
        except self._client.exceptions.ConditionalCheckFailedException as failure:
            if "Item" not in failure.response:
                raise NoSuchTask(uid, tid) from None
            task = items.to_record(Task, failure.response["Item"])
            # After a retry the one that was first may have been our own first attempt.
            return task, may_be_ours(failure.response) and task.completed == day
        return items.to_record(Task, response["Attributes"]), True

    def edit(self, uid: str, tid: int, changes: dict[str, str | int | None]) -> Task:
        """Set the attributes named in changes, remove those that are None there; give the task as it now is.

        Raises NoSuchTask.
        """
        items.check_size(items.to_item({"uid": uid, "tid": tid, **changes}))
        words = Expressions()
        clauses = {
            "SET": [words.compared(name, "=", value) for name, value in changes.items() if value is not None],
            "REMOVE": [words.name(name) for name, value in changes.items() if value is None],
        }
        update = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)
        try:
            response = self._update(uid, tid, words, update, condition=IS_THERE)
        except self._client.exceptions.ConditionalCheckFailedException:
            raise NoSuchTask(uid, tid) from None
        except self._client.exceptions.ClientError:
            # Only now is it worth a read to know whether the task with its changes is too large.
            items.check_size(items.to_item(self.get(uid, tid)._asdict() | changes))
            raise
        return items.to_record(Task, response["Attributes"])

    def _update(self, uid: str, tid: int, words: Expressions, update: str, *, condition: str) -> Response:
        request = {
            "TableName": self.table,
            "Key": items.to_item({"uid": uid, "tid": tid}),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#uid": "uid"} | words.names,
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if words.values:  # an empty map is refused
            request["ExpressionAttributeValues"] = words.values
        return self._write(self._client.update_item, **request)

    def remove(self, uid: str, tid: int) -> Task:
        """Delete a task and give what it was. Raises NoSuchTask.

        When the client had to send the request again, an absent task may be one that our own first attempt removed:
        then it is given with its key alone.
        """
        key = {"uid": uid, "tid": tid}
        response = self._write(
            self._client.delete_item, TableName=self.table, Key=items.to_item(key), ReturnValues="ALL_OLD"
        )
        if "Attributes" not in response and not may_be_ours(response):
            raise NoSuchTask(uid, tid)
        return items.to_record(Task, response.get("Attributes") or items.to_item(key))

    def of_user(
        self, uid: str, wanted: TaskFilter, *, limit: int | None, start: Key | None = None, after: int | None = None
    ) -> Records[Task]:
        """A user's tasks by tid. start: the whole key of the last one seen; after: only its tid."""
        words = Expressions()
        key_condition = words.compared("uid", "=", uid)
        return self._list({}, key_condition, words, wanted, limit=limit, start=start, after=after, key=KEY)

    def of_category(
        self,
        category: str,
        wanted: TaskFilter,
        *,
        limit: int | None,
        start: Key | None = None,
        after: int | None = None,
    ) -> Records[Task]:
        """Every user's tasks of one category by tid, from the index: eventually consistent, always."""
        words = Expressions()
        index = {"IndexName": CATEGORY_INDEX}
        key_condition = words.compared("category", "=", category)
        return self._list(index, key_condition, words, wanted, limit=limit, start=start, after=after, key=INDEX_KEY)

    def first(self, at_most: int) -> tuple[list[Task], bool]:
        """Some tasks of whoever, of at_most items read, and whether these are all: a Scan, for looking at the table."""
        return first_records(Task, self._client.scan, self.table, at_most)

    def _list(
        self,
        index: dict[str, str],
        key_condition: str,
        words: Expressions,
        wanted: TaskFilter,
        *,
        limit: int | None,
        start: Key | None,
        after: int | None,
        key: tuple[str, ...],
    ) -> Records[Task]:
        if after is not None:
            key_condition += " AND " + words.compared("tid", ">", after, "after")
        filters = []
        if wanted.category is not None:
            filters.append(words.compared("category", "=", wanted.category))
        if wanted.due is not None:
            filters.append(words.compared("due", wanted.due.comparator, wanted.due.day))
        if wanted.without_due:
            filters.append(f"attribute_not_exists({words.name('due')})")
        if wanted.completed is not None:
            function = "attribute_exists" if wanted.completed else "attribute_not_exists"
            filters.append(f"{function}({words.name('completed')})")
        request = {
            "TableName": self.table,
            **index,
            "KeyConditionExpression": key_condition,
            "ExpressionAttributeNames": words.names,
            "ExpressionAttributeValues": words.values,
        }
        if filters:
            request["FilterExpression"] = " AND ".join(filters)
        return Records(Task, self._client.query, request, start=start, limit=limit, key=key)

    def _keys(self, uid: str, **paging: Any) -> Response:
        """One page of the keys of a user's tasks, strongly consistent: what is decided on it holds."""
        return self._client.query(
            TableName=self.table,
            KeyConditionExpression="#uid = :uid",
            ProjectionExpression="#uid, #tid",
            ExpressionAttributeNames={"#uid": "uid", "#tid": "tid"},
            ExpressionAttributeValues={":uid": items.attribute("uid", uid)},
            ConsistentRead=True,
            **paging,
        )

    def require_none(self, uid: str) -> None:
        """Raises UserHasTasks if the user has tasks."""
        response = self._keys(uid, Limit=10)
        if response["Items"]:
            raise UserHasTasks(uid, len(response["Items"]), at_least="LastEvaluatedKey" in response)

    def remove_all(self, uid: str, until: int, is_gone: Callable[[], bool], progress: Progress) -> int:
        """Delete the tasks of a user who is removed, 25 at a time, and give how many. Memory does not grow with them.

        until is the tid of now: a task after it is deleted only while the user is gone, because somebody may have added
        the same uid again meanwhile, and tasks. Stopped at any moment, a second call finishes the job. Raises TooBusy
        when DynamoDB keeps handing tasks back.
        """
        removed = 0
        while True:
            # From the beginning each time: what was there is gone, and nothing but the rest is left to be read.
            response = self._keys(uid, Limit=PAGE)
            keys = response["Items"]
            older = [key for key in keys if items.to_values(key)["tid"] <= until]
            doomed = keys if len(older) == len(keys) or is_gone() else older
            for first in range(0, len(doomed), BATCH_WRITE_ITEMS):
                batch = doomed[first : first + BATCH_WRITE_ITEMS]
                self._delete_batch(uid, batch, removed)
                removed += len(batch)
                progress(len(batch))
            if len(doomed) < len(keys) or "LastEvaluatedKey" not in response:
                return removed

    def _delete_batch(self, uid: str, keys: list[items.Item], removed: int) -> None:
        left = {self.table: [{"DeleteRequest": {"Key": key}} for key in keys]}
        for attempt in range(1, ATTEMPTS + 1):
            left = self._client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
            if not left:
                return
            pause(self._sleep, attempt, COLLISION_SECONDS)
        gone = removed + len(keys) - len(left[self.table])
        raise TooBusy(
            f"DynamoDB takes no more deletes for now; {gone} tasks of {uid} are removed, the same command again goes on"
        )
