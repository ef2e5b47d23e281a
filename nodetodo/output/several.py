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
        self._tasks: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self._unwritable: OSError | None = None

    def show(self, output: Output) -> None:
        """Write the results of the changes, and error messages to standard error, in the order of the changes.

        With JSON, the results are written at the end, also after Ctrl-C.
        """
        remaining = iter(self.tids)
        try:
            for change in self.changes:
                tid = next(remaining)
                if isinstance(change, NodetodoError):
                    self._fail(tid, change, output)
                else:
                    self._tasks.append(as_dictionary(change.record))
                    self._write(change, output)
        except KeyboardInterrupt:
            for tid in remaining:
                message = f"interrupted; the change of task {tid} may have been applied; check before you retry"
                self._fail(tid, NodetodoError(message), output)
                break
            raise
        finally:
            not_tried = list(remaining)
            if not_tried:
                output.report(DatabaseUnavailable(f"not tried: {', '.join(map(str, not_tried))}"))
                self._errors += [_error(tid, DatabaseUnavailable("not tried")) for tid in not_tried]
            if output.json:
                output.line(to_object({"tasks": self._tasks, "errors": self._errors}, output))
        if self._unwritable:
            raise self._unwritable

    def _write(self, message: Message, output: Output) -> None:
        if output.json:
            return
        try:
            message.show(output)
        except OSError as error:  # the reader of the pipe stopped reading; the other changes are made anyway
            self._unwritable = error

    def _fail(self, tid: Number | str, error: NodetodoError, output: Output) -> None:
        output.report(error)
        self._errors.append(_error(tid, error))


def _error(tid: Number | str, error: NodetodoError) -> dict[str, Any]:
    return {"tid": tid, "status": error.status, "error": str(error)}
