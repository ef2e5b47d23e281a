"""Changes several tasks in one command. Imported only for these command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DatabaseUnavailable, NodetodoError
from ..model import TidEnding
from ..output.several import Several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Number, Tid
    from ..output.results import Message
    from .context import Context


def change_each(context: Context, uid: str, tids: list[Tid], change: Callable[[Number], Message]) -> Several:
    """Change the tasks in turn. Several endings read the keys of the user's tasks once, before the first change."""
    found: list[Number | NodetodoError] = []
    parts = [tid for tid in tids if isinstance(tid, TidEnding)]
    if parts:
        from . import endings  # here, because whole tids need no request

        found = endings.find(context, uid, parts)
    meant = iter(found)
    targets = [next(meant) if isinstance(tid, TidEnding) else tid for tid in tids]
    names = [
        target if not isinstance(target, NodetodoError) else str(given)
        for given, target in zip(tids, targets, strict=True)
    ]
    return Several(names, _changes(context, targets, change))


def _changes(
    context: Context, targets: list[Number | NodetodoError], change: Callable[[Number], Message]
) -> Iterator[Message | NodetodoError]:
    """Yield the result of each change. Stops after an error of the database, which the next request would meet too."""
    for target in targets:
        if isinstance(target, NodetodoError):
            yield target
            continue
        try:
            result: Message | NodetodoError = change(target)
        except Exception as error:
            failure = context.failure(error)
            if failure is None:
                raise
            result = failure
        yield result
        if isinstance(result, DatabaseUnavailable):
            return
