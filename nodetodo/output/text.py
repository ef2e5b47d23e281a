"""Text for a terminal: misleading characters are escaped, widths are measured, long texts are shortened or wrapped."""

GAP = "  "
"""Separates columns."""

ELLIPSIS = "…"
BOLD, DIM, RED = "1", "2", "31"

_INVISIBLE = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_VARIATIONS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

HIDDEN = (
    f"[\x00-\x1f\x7f-\x9f{_INVISIBLE}]"
    f"|[{_JOINERS}](?![^\x00-\x9f{_INVISIBLE}{_JOINERS}{_VARIATIONS}])"
    f"|(?<![^\x00-\x9f{_INVISIBLE}{_JOINERS}])[{_JOINERS}]"
    f"|(?<![^\x00-\x9f{_INVISIBLE}{_JOINERS}{_VARIATIONS}])[{_VARIATIONS}](?!\u20e3)"
)
"""A regular expression for the characters that could control a terminal or hide text.

They are control characters, line separators, marks of the direction of text, and invisible characters (Unicode's
property Default_Ignorable_Code_Point, and tags). Joiners and variation selectors are part of emoji and of several
scripts: they are hidden only beside a character of ASCII, or one after the other.
"""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """Return the text with hidden characters escaped. Stored text must not control or mislead the reader's terminal."""
    if text.isascii() and text.isprintable():
        return text
    import re  # here, because most texts need no escaping

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
