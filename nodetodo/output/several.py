"""The result of a command that changes several tasks. Imported only for these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import DatabaseUnavailable, NodetodoError
from .results import as_dictionary, to_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Number
    from .results import Message
    from .terminal import Output


class Several:
    """Reports the changes of several tasks, while they are made.

    tids: one for each change; the digits of an ending that means no tid. changes: yields the result of each change. An
    error message ends one change, and the next one follows. The end of the iterator means that the others are not
    tried.
    """

    def __init__(self, tids: list[Number | str], changes: Iterator[Message | NodetodoError]) -> None:
        self.tids, self.changes = tids, changes
        self._unwritable: OSError | None = None

    def show(self, output: Output) -> None:
        """Write the results of the changes, and error messages to standard error, in the order of the changes.

        With JSON, the results are written at the end, also after Ctrl-C. A result that Ctrl-C interrupts is written
        again.
        """
        remaining = iter(self.tids)
        made: list[tuple[Number | str, Message | NodetodoError]] = []
        written = 0
        try:
            for change, tid in zip(self.changes, remaining, strict=False):
                made.append((tid, change))
                self._write(change, output)
                written += 1
        except KeyboardInterrupt:
            if written == len(made):  # a change was being made
                for tid in remaining:
                    message = f"interrupted; the change of task {tid} may have been applied; check before you retry"
                    made.append((tid, NodetodoError(message)))
                    break
            for _, change in made[written:]:
                self._write(change, output)
            raise
        finally:
            not_tried = list(remaining)
            if not_tried:
                output.report(DatabaseUnavailable(f"not tried: {', '.join(map(str, not_tried))}"))
                made += [(tid, DatabaseUnavailable("not tried")) for tid in not_tried]
            if output.json:
                tasks = [as_dictionary(change.record) for _, change in made if not isinstance(change, NodetodoError)]
                errors = [_error(tid, change) for tid, change in made if isinstance(change, NodetodoError)]
                output.line(to_object({"tasks": tasks, "errors": errors}, output))
        if self._unwritable:
            raise self._unwritable

    def _write(self, change: Message | NodetodoError, output: Output) -> None:
        if isinstance(change, NodetodoError):
            output.report(change)
        elif not output.json:
            try:
                change.show(output)
            except OSError as error:  # the reader of the pipe stopped reading; the other changes are made anyway
                self._unwritable = error


def _error(tid: Number | str, error: NodetodoError) -> dict[str, Any]:
    return {"tid": tid, "status": error.status, "error": str(error)}
