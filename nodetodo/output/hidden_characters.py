"""The characters that could control a terminal or hide text. Output escapes them."""

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
