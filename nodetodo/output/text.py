"""Text for a terminal: escaped, measured and shortened.

Text that others typed is never trusted: control characters are shown escaped.
"""

ELLIPSIS = "…"
BOLD, DIM, RED = "1", "2", "31"

CONTROL = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
"""A regular expression: control characters, line separators, and the marks that reverse the direction of text."""


def printable(text: str) -> str:
    """Return the text with control characters escaped."""
    if text.isprintable():
        return text
    import re

    return re.sub(CONTROL, lambda match: match[0].encode("unicode_escape").decode(), text)


def width_of(text: str) -> int:
    """Return the columns that a text takes on a terminal: two for CJK characters and emoji."""
    if text.isascii():
        return len(text)
    import wcwidth  # here, because its tables cost more than the rest of a command

    return wcwidth.width(text)


def shortened(text: str, width: int) -> str:
    """Return the text, cut to this many columns with an ellipsis at the end."""
    if width_of(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    import wcwidth

    return wcwidth.clip(text, 0, width - 1).rstrip() + ELLIPSIS
