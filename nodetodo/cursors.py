"""What --next takes: the whole key of the last row seen and the list it belongs to, opaque to the user.

The key of an index is not unique, so a tid alone would skip rows at a page border; it is taken all the same, as the
book's program prints it, and then means "after this tid".
"""

import re
from typing import NamedTuple

from .embedded.limits import NUMBER_DIGITS, PARTITION_KEY_BYTES
from .errors import WrongUsage
from .model import Key


class Start(NamedTuple):
    """Where a list goes on: after the row with this key, or after this tid; from its beginning when both are None."""

    start: Key | None = None
    after: int | None = None


LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "user-ls": ((), ("uid",)),
    "task-ls": (("uid",), ("tid",)),
    "task-la": (("category",), ("tid", "uid")),
}
"""Of each list: the attributes that say which list it is, and the rest of the key of a row."""


def write(command: str, key: Key) -> str:
    """The cursor of a list's row."""
    import base64  # here and below, because only a list that goes on needs it
    import json

    of, rest = LISTS[command]
    content = json.dumps([command, *(key[name] for name in of + rest)], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read(command: str, cursor: str | None, *of: str) -> Start:
    """Where a cursor says to go on in the list of command and of.

    Raises WrongUsage for what no list printed, and for the cursor of another list.
    """
    if cursor is None:
        return Start()
    if of and re.fullmatch(f"[0-9]{{1,{NUMBER_DIGITS}}}", cursor):
        return Start(after=int(cursor))
    owner, key = _content(cursor)
    if owner != [command, *of]:
        raise WrongUsage(f"--next={cursor} belongs to another list, that of {' '.join(owner)}")
    return Start(start=key)


def _content(cursor: str) -> tuple[list[str], Key]:
    """The list that a cursor belongs to, and the key in it."""
    import base64
    import json

    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True))
        command, *values = content
        of, rest = LISTS[command]
        key = dict(zip(of + rest, values, strict=True))
        if all(_is_part_of_a_key(name, value) for name, value in key.items()):
            return [command, *values[: len(of)]], key
    except (ValueError, TypeError, KeyError, RecursionError):  # not base64, not JSON, not ours
        pass
    raise WrongUsage(f"--next={cursor} is nothing that a list has printed")


def _is_part_of_a_key(name: str, value: object) -> bool:
    if name == "tid":
        return type(value) is int and 0 <= value < 10**NUMBER_DIGITS
    return (
        isinstance(value, str) and 0 < len(value.encode()) <= PARTITION_KEY_BYTES
    )  # a lone surrogate raises a ValueError
