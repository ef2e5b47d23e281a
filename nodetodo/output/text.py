"""Text for a terminal: control characters are escaped, widths are measured, long texts are shortened."""

GAP = "  "
"""Separates columns."""

ELLIPSIS = "…"
BOLD, DIM, RED = "1", "2", "31"

CONTROL = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
"""A regular expression for control characters, line separators, and marks that reverse the direction of text."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """Return the text with control characters escaped. Stored text must not control the terminal."""
    if text.isprintable():
        return text
    import re

    return re.sub(CONTROL, lambda match: match[0].encode("unicode_escape").decode(), text)


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
