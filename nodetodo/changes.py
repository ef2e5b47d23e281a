"""The data about a change of a task that layers exchange. Only the command watch imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Number, Task


class TaskChange:
    """A change of a task, from the stream of the task table.

    time: seconds since 1970, rounded down. old, new: the task before and after the change; None if it did not exist.
    attributes: the names of the attributes that differ, sorted; empty for an added or removed task. is_expired: whether
    the time to live of the table removed the task.
    """

    def __init__(
        self, time: float, old: Task | None, new: Task | None, attributes: list[str], is_expired: bool
    ) -> None:
        self.time, self.old, self.new, self.attributes, self.is_expired = time, old, new, attributes, is_expired

    @property
    def task(self) -> Task:
        """The task after the change; the removed task."""
        task = self.old if self.new is None else self.new
        assert task is not None
        return task

    @property
    def uid(self) -> str:
        """The user of the task."""
        return self.task.uid

    @property
    def tid(self) -> Number:
        """The tid of the task."""
        return self.task.tid

    @property
    def event(self) -> str:
        """The kind of change: added, removed, completed, reopened or changed."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        if (self.old.completed is None) != (self.new.completed is None):
            return "reopened" if self.new.completed is None else "completed"
        return "changed"
