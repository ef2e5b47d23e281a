"""Text for a terminal: misleading characters are escaped, widths are measured, long texts are shortened or wrapped.

It also writes stored values as text, whatever their type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import dates

if TYPE_CHECKING:
    from ..model import Stored

GAP = "  "
"""Separates columns."""

ELLIPSIS = "…"
BOLD, DIM, UNDERLINED, NOT_UNDERLINED, RED = "1", "2", "4", "24", "31"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """Return the text with hidden characters escaped. Stored text must not control or mislead the reader's terminal."""
    if text.isascii() and text.isprintable():
        return text
    import re  # here and below, because most texts need no escaping

    from .hidden_characters import HIDDEN

    return re.sub(HIDDEN, lambda match: match[0].encode("unicode_escape").decode(), text)


def width_of(text: str) -> int:
    """Return the width of a text in terminal columns; CJK characters and emoji take two."""
    if text.isascii():
        return len(text)
    import wcwidth  # imported here, because its tables load slower than the rest of a command runs

    return wcwidth.width(text)


def shortened(text: str, width: int) -> str:
    """Return the text, cut to a width in terminal columns; a cut text ends with an ellipsis."""
    if width_of(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    import wcwidth

    return wcwidth.clip(text, 0, width - 1).rstrip() + ELLIPSIS


UNBROKEN_SPACE = "\ue000"
"""A character for private use, which no text of this program contains."""


def wrapped(text: str, width: int | None, indent: str = "") -> list[str]:
    """Return the lines of a text, wrapped at spaces to a width in terminal columns; None: one line.

    indent: of all lines but the first. A word is not broken, and a command line of this program is neither, so that
    both can be copied. They may be wider.
    """
    if width is None or width_of(text) <= width:
        return [text]
    import re  # here and below, because few texts are wider than the terminal

    if text.isascii():
        from textwrap import wrap
    else:
        from wcwidth import wrap
    unbroken = re.sub(r"\bnodetodo [^;]*", lambda command: command[0].replace(" ", UNBROKEN_SPACE), text)
    lines = wrap(unbroken, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace(UNBROKEN_SPACE, " ") for line in lines]


def plain(value: Stored) -> str:
    """Return the printable text of a stored value: a text itself, nothing for an absent value, otherwise its JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return printable(value)
    from .json_text import to_json  # here, because only other programs store other types

    return to_json(value)


def day(value: Stored) -> str:
    """Return the printable text of a stored day. A value that is not a day is shown as it is stored, and marked."""
    if value is None:
        return ""
    return dates.to_text(value) if dates.is_day(value) else f"{plain(value)} (not a date)"
