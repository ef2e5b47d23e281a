"""Changes of tasks, each written when it is read: a line of text or a JSON object."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .results import to_object
from .text import GAP, day, plain, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from ..changes import TaskChange
    from ..model import Task
    from .terminal import Output

DAYS = ("created", "due", "completed")
EVENT_WIDTH = len("completed")


class Changes:
    """Shows changes until Ctrl-C, which is the usual end, so that the exit status is 0."""

    def __init__(self, changes: Iterable[TaskChange], zone: tzinfo | None, poll: Callable[[], object]) -> None:
        """Take changes. zone: the time zone of the times in text. poll: sends the requests of one poll."""
        self.changes, self.zone, self._poll = changes, zone, poll

    def requests(self, _examples: object) -> None:
        """Send the requests of one poll without writing anything, for --explain."""
        self._poll()

    def show(self, output: Output) -> None:
        """Write each change at once, because another program may read it."""
        try:
            for change in self.changes:
                if output.json:
                    output.line(to_object(as_dictionary(change), output))
                else:
                    output.text(line(change, self.zone), indent=" " * 4)
                output.stream.flush()
        except KeyboardInterrupt:
            output.end_line_of_ctrl_c()


def as_dictionary(change: TaskChange) -> dict[str, Any]:
    """Return the members of a change in JSON."""
    old, new = (None if task is None else task._asdict() for task in (change.old, change.new))
    return {
        "time": datetime.fromtimestamp(change.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": change.event,
        "uid": change.uid,
        "tid": change.tid,
        "attributes": change.attributes,
        "old": old,
        "new": new,
        "expired": change.is_expired,
    }


def line(change: TaskChange, zone: tzinfo | None) -> str:
    """Return a change as text, with its time in a time zone."""
    time = datetime.fromtimestamp(change.time, zone).strftime("%Y-%m-%d %H:%M:%S")
    if change.event == "changed":
        details = _differences(change)
    else:
        details = f'"{plain(change.task.description)}"'
        if change.event == "added":
            details += _properties(change.task)
        if change.is_expired:
            details += " (expired)"
    return GAP.join((time, f"{change.event:<{EVENT_WIDTH}}", printable(change.uid), str(change.tid), details))


def _properties(task: Task) -> str:
    category = "" if task.category is None else f' in category "{plain(task.category)}"'
    return category + ("" if task.due is None else f", due {day(task.due)}")


def _differences(change: TaskChange) -> str:
    """Return the old and new values of the changed attributes. Those of other programs are named only."""
    old, new = (task._asdict() if task else {} for task in (change.old, change.new))
    shown = []
    for name in change.attributes:
        if name in old:
            before, after = (_value(name, values[name]) for values in (old, new))
            shown.append(f"{name} {before} -> {after}")
        else:
            shown.append(printable(name))
    return "; ".join(shown)


def _value(name: str, value: Any) -> str:
    if value is None:
        return "none"
    if name in DAYS:
        return day(value)
    return f'"{plain(value)}"' if isinstance(value, str) else plain(value)
