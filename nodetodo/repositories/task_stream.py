"""Follows the stream of the task table: the changes of tasks, in the order in which each task was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..changes import TaskChange
from ..errors import StreamEnded, StreamMissing
from ..model import Task
from . import items
from .shards import StreamReader
from .stream_settings import VIEW_TYPE, require_images, specification, view_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Client, Response
    from .retries import Sleep

POLL_SECONDS = 1.0
"""The pause between two reads of a shard. AWS allows five reads of a shard a second."""

ATTEMPTS = 8
"""Attempts at a read, at most, while the database is throttled or does not respond."""

LONGEST_PAUSE_SECONDS = 60.0
"""The pauses are 1, 2, 4, … seconds: 7 pauses of 123 seconds in total."""


class TaskStream:
    """The stream of the table of tasks.

    target: the database, as the user writes it after --db=. is_transient: whether a request that failed with this
    exception may succeed later. notify: receives a message for the user.
    """

    def __init__(
        self,
        client: Client,
        table: str,
        target: str,
        sleep: Sleep,
        is_transient: Callable[[Exception], bool],
        notify: Callable[[str], object],
    ) -> None:
        self._client, self.table, self._target, self._sleep = client, table, target, sleep
        self._is_transient, self._notify = is_transient, notify

    def open(self, now: float, *, from_start: bool, enable: bool) -> StreamReader:
        """Return a reader at the oldest (from_start) or after the latest record. now: seconds since 1970.

        enable: whether to enable the stream if the table has none. Raises StreamMissing if the table has no stream,
        Conflict if its view type does not suffice, and the client's ResourceNotFoundException if the table does not
        exist.
        """
        description = self._client.describe_table(TableName=self.table)["Table"]
        view = view_type(description)
        require_images(self.table, view)
        if view is None:
            if not enable:
                raise StreamMissing(self.table, self._target)
            description = self._enable()
        reader = StreamReader(self._client, description["LatestStreamArn"], now, self._lose, from_start=from_start)
        reader.open()
        return reader

    def _enable(self) -> Response:
        """Enable the stream and return the table's description. Another process may enable it at the same time."""
        request = {"TableName": self.table, "StreamSpecification": specification(VIEW_TYPE)}
        try:
            self._client.update_table(**request)
        except self._client.exceptions.ClientError:
            description: Response = self._client.describe_table(TableName=self.table)["Table"]
            if view_type(description) is None:
                raise
            require_images(self.table, view_type(description))
            return description
        self._notify(
            f"{self.table} has a stream from now on, which keeps each change for 24 hours; "
            "table-edit --no-stream disables it"
        )
        enabled: Response = self._client.describe_table(TableName=self.table)["Table"]
        return enabled

    def _lose(self) -> None:
        self._notify("changes may be missing here: some were removed after 24 hours, before they were read")

    def follow(self, reader: StreamReader) -> Iterator[TaskChange]:
        """Yield the changes, and wait for further ones without end.

        Raises StreamEnded if the stream is disabled, and the client's exceptions if a failure continues.
        """
        failures = 0
        while True:
            try:
                for record in reader.poll():
                    yield to_change(record)
                failures = 0
            except Exception as error:
                if _is_missing(error):
                    raise StreamEnded(self.table, self._target) from None
                failures += 1
                if failures == ATTEMPTS or not self._is_transient(error):
                    raise
                seconds = min(2.0 ** (failures - 1), LONGEST_PAUSE_SECONDS)
                pause = f"{seconds:g} second{'' if seconds == 1 else 's'}"
                self._notify(f"the changes cannot be read at the moment; next attempt in {pause}")
                self._sleep(seconds)
                continue
            if reader.is_ended:
                raise StreamEnded(self.table, self._target)
            self._sleep(POLL_SECONDS)


def _is_missing(error: Exception) -> bool:
    """Return whether a stream does not exist. botocore's clients for tables and streams have different classes."""
    response: Response = getattr(error, "response", None) or {}
    return bool(response.get("Error", {}).get("Code") == "ResourceNotFoundException")


def to_change(record: Response) -> TaskChange:
    """Convert a record of a stream. Raises OtherKeys if the item has other keys than a task."""
    of_record = record["dynamodb"]
    old, new = of_record.get("OldImage", {}), of_record.get("NewImage", {})
    changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name)) if old and new else []
    time = of_record["ApproximateCreationDateTime"].timestamp()
    is_expired = record.get("userIdentity", {}).get("PrincipalId") == "dynamodb.amazonaws.com"
    before, after = (items.to_record(Task, image) if image else None for image in (old, new))
    return TaskChange(time, before, after, changed, is_expired)
