"""Finds tasks by the last digits of their tids. Imported only for command lines with such digits."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import AmbiguousEnding, NoSuchEnding, NoSuchTask
from ..output.text import GAP, day, plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..errors import NodetodoError
    from ..model import Number, Task, TidEnding
    from .context import Context

CANDIDATES = 10
"""Tasks that the error message of an ambiguous ending lists, at most."""

DESCRIPTION_WIDTH = 50


def find(context: Context, uid: str, endings: list[TidEnding]) -> list[Number | NodetodoError]:
    """Return the tid that each ending means, or the error message for an ending that does not mean one tid.

    A tid that consists only of the digits precedes all tids that end with them.
    """
    return [
        _choose(context, uid, ending, tids)
        for ending, tids in zip(endings, context.tasks.tids_of(uid, endings), strict=True)
    ]


def _choose(context: Context, uid: str, ending: TidEnding, tids: list[Number]) -> Number | NodetodoError:
    whole = [tid for tid in tids if ending.is_whole(tid)]
    if len(tids) == 1 or whole:
        return (whole or tids)[0]
    if not tids:
        return NoSuchEnding(uid, ending.digits)
    return AmbiguousEnding(uid, ending.digits, len(tids), list(_candidates(context, uid, tids)))


def _candidates(context: Context, uid: str, tids: list[Number]) -> Iterator[str]:
    """Yield a line for each of the first tasks: tid, due date and description. A removed task has only its tid."""
    found: dict[Number, Task] = {}
    for tid in tids[:CANDIDATES]:
        with suppress(NoSuchTask):
            found[tid] = context.tasks.get(uid, tid)
    width = max(len(str(tid)) for tid in tids[:CANDIDATES])
    due_width = max((len(day(task.due)) for task in found.values()), default=0)
    for tid in tids[:CANDIDATES]:
        due, description = (day(found[tid].due), plain(found[tid].description)) if tid in found else ("", "")
        line = f"{tid:>{width}}{GAP}{due:<{due_width}}{GAP}{shortened(description, DESCRIPTION_WIDTH)}"
        yield f"{GAP}{line.rstrip()}"
    if len(tids) > CANDIDATES:
        yield f"{GAP}and {len(tids) - CANDIDATES:,} more"
