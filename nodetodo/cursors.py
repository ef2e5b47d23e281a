"""Encodes and decodes cursors, the values of --next.

A cursor contains its list and the whole key of the last row of a page. A key of the index needs all of its attributes,
because several tasks may have the same category and tid. The book's program continues a list after a tid. Therefore
--next also takes a tid.
"""

import re
from typing import NamedTuple

from .embedded.limits import NUMBER_DIGITS, PARTITION_KEY_BYTES
from .errors import WrongUsage
from .model import Key


class Start(NamedTuple):
    """The place where a page begins: after the row with the key start, after a tid, or at the list's beginning."""

    start: Key | None = None
    after: int | None = None


LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "user-ls": ((), ("uid",)),
    "task-ls": (("uid",), ("tid",)),
    "task-la": (("category",), ("tid", "uid")),
}
"""The key attributes of each list: those that all its rows share, and those that differ from row to row."""


def encode(command: str, key: Key) -> str:
    """Return the cursor of a row in the list that a command prints."""
    import base64  # here and below, because most lists need no cursor
    import json

    shared, own = LISTS[command]
    content = json.dumps([command, *(key[name] for name in shared + own)], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode(command: str, cursor: str | None, *shared: str) -> Start:
    """Return the place after a cursor in the list that a command prints.

    shared: the values of the key attributes that all rows of the list share. Raises WrongUsage if the cursor is not
    valid or belongs to another list.
    """
    if cursor is None:
        return Start()
    if shared and re.fullmatch(f"[0-9]{{1,{NUMBER_DIGITS}}}", cursor):
        return Start(after=int(cursor))
    owner, key = _content(cursor)
    if owner != [command, *shared]:
        raise WrongUsage(f"--next={cursor} belongs to another list, {' '.join(owner)}; use a cursor of this list")
    return Start(start=key)


def _content(cursor: str) -> tuple[list[str], Key]:
    """Return the list that a cursor belongs to, as the words of its command line, and the key of the row."""
    import base64
    import json

    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True))
        command, *values = content
        shared, own = LISTS[command]
        key = dict(zip(shared + own, values, strict=True))
        if all(_is_key_value(name, value) for name, value in key.items()):
            return [command, *values[: len(shared)]], key
    except (ValueError, TypeError, KeyError, RecursionError):  # not Base64, not JSON, or not the content of a cursor
        pass
    raise WrongUsage(f"--next={cursor} is not a cursor; use one that this list printed")


def _is_key_value(name: str, value: object) -> bool:
    if name == "tid":
        return type(value) is int and 0 <= value < 10**NUMBER_DIGITS
    if not isinstance(value, str):
        return False
    return 0 < len(value.encode()) <= PARTITION_KEY_BYTES  # a lone surrogate raises ValueError
