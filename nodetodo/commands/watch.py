"""The command watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..output.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..changes import TaskChange
    from .context import Context


def watch(context: Context, uid: str | None, from_start: bool) -> Changes:
    """Show the changes of all tasks or of one user's tasks, until Ctrl-C. On a local file, enable the stream.

    A user who does not exist yet is not an error, because the user may be added later.
    """
    stream, now, target = context.task_stream, context.clock(), context.target
    reader = stream.open(now.timestamp(), from_start=from_start, enable=target.is_local)
    is_missing = uid is not None and not context.users.exists(uid)

    def changes() -> Iterator[TaskChange]:
        tasks = "all tasks" if uid is None else f"the tasks of {uid}"
        context.console.notify(f"watching {tasks} in {stream.table} at {target.name}; Ctrl-C stops")
        if is_missing:
            context.console.notify(f"user {uid} does not exist yet")
        for change in stream.follow(reader):
            if uid in (None, change.uid):
                yield change

    return Changes(changes(), now.tzinfo, poll=lambda: list(reader.poll()))
