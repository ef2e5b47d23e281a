"""Encodes and decodes cursors, the values of --next.

A cursor contains its list and the whole key of the last row of a page. A key of the index needs all of its attributes,
because several tasks may have the same category and tid. The book's program continues a list after a tid or a uid.
Therefore --next also takes a tid or, for user-ls, a uid.
"""

from typing import NamedTuple

from .embedded.limits import PARTITION_KEY_BYTES
from .errors import WrongUsage
from .model import Key, Number

FIRST_CHARACTERS = "WyJ"
"""The first characters of every cursor: the beginning of a JSON array with a string, as Base64."""


class Start(NamedTuple):
    """The place where a page begins: after the row with the key start, or after a tid."""

    start: Key | None = None
    after: Number | None = None


LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "user-ls": ((), ("uid",)),
    "task-ls": (("uid",), ("tid",)),
    "task-ls --newest": (("uid",), ("tid",)),
    "task-ls --by-due": (("uid",), ("due", "tid")),
    "task-la": (("category",), ("tid", "uid")),
    "task-la --newest": (("category",), ("tid", "uid")),
}
"""The key attributes of each list: those that all its rows share, and those that differ from row to row.

A list is named after its command with the option that changes its order. A cursor belongs to its order.
"""


def encode(name: str, key: Key) -> str:
    """Return the cursor of a row in a list. name: one of LISTS."""
    import base64
    import json

    shared, own = LISTS[name]
    values = (key[attribute] for attribute in shared + own)
    content = json.dumps([name, *values], separators=(",", ":"), default=str)  # a number that is not whole
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode(name: str, cursor: str, *shared: str) -> Start:
    """Return the place after a cursor in a list.

    name: one of LISTS. shared: the values of the key attributes that all rows of the list share. Raises WrongUsage if
    the cursor is not valid or belongs to another list.
    """
    if not cursor.startswith(FIRST_CHARACTERS):
        return _after(name, cursor)
    owner, key = _content(cursor)
    if owner != [name, *shared]:
        raise WrongUsage(f"--next={cursor} belongs to another list, {' '.join(owner)}; use a cursor of this list")
    return Start(start=key)


def _after(name: str, value: str) -> Start:
    """Return the place after a uid in the list of users, or after a tid in a list of tasks by tid."""
    _, own = LISTS[name]
    try:
        if own == ("uid",):
            return Start(start={"uid": _key_value("uid", value)})
        if own[0] == "tid":
            return Start(after=_number(value))
        raise _not_a_cursor(value)
    except ValueError:
        raise _not_a_cursor(value) from None


def _content(cursor: str) -> tuple[list[str], Key]:
    """Return the list that a cursor belongs to, as the words of its command line, and the key of the row."""
    import base64
    import json

    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True))
        name, *values = content
        shared, own = LISTS[name]
        key = {each: _key_value(each, value) for each, value in zip(shared + own, values, strict=True)}
        return [name, *values[: len(shared)]], key
    except (ValueError, TypeError, KeyError, RecursionError):  # not Base64, not JSON, or not the content of a cursor
        raise _not_a_cursor(cursor) from None


def _not_a_cursor(given: str) -> WrongUsage:
    return WrongUsage(f"--next={given} is not a cursor; use one that this list printed")


def _key_value(name: str, value: object) -> str | Number:
    """Return the value of a key attribute in a cursor. Raises ValueError if DynamoDB would reject it."""
    if name in ("tid", "due"):
        if type(value) is int or isinstance(value, str):
            return _number(str(value))
    # A lone surrogate raises ValueError.
    elif isinstance(value, str) and 0 < len(value.encode()) <= PARTITION_KEY_BYTES:
        return value
    raise ValueError(value)


def _number(text: str) -> Number:
    """Return the number in a text. Raises ValueError if it is not a number of DynamoDB."""
    from .embedded import numbers
    from .embedded.errors import ApiError

    try:
        return numbers.to_python(text)
    except ApiError:
        raise ValueError(text) from None
