"""The hidden command `nodetodo --complete`: between the candidates and the scripts of the shells.

    nodetodo --complete bash <line before the cursor> <text to replace> <kind of completion>
    nodetodo --complete zsh|fish <word>... <word before the cursor>

It prints one candidate per line. zsh and fish get the candidate, a tab and its description. They compare the candidates
with the word and quote them. bash does neither, so it gets finished texts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..cli.values import SHELLS
from ..output.text import printable
from .candidates import candidates

if TYPE_CHECKING:
    from ..environment import Environment
    from .candidates import Read
    from .stored import Candidate

_PIECE = re.compile(r"""\\(.)|'([^']*)'?|("(?:[^"\\]|\\.)*\\?)("?)|([^ \t\n'"\\]+)|\\$""", re.DOTALL)
"""A part of a word: an escaped character, a quoted text, whose end may be missing, or other characters."""

LISTING = "\t?!@"
"""The kinds of completion in COMP_TYPE of bash that list several candidates, and do not insert one of them."""


def lines(argv: list[str], environment: Environment, read: Read) -> list[str]:
    """Return the lines to print. argv: the words after --complete. read: see candidates.Read."""
    shell, *rest = argv
    if shell not in SHELLS:
        return []
    if shell == "bash":
        line, replaced, kind = rest
        raw = words(line)
        before = [unquoted(word)[0] for word in raw[1:-1]]
    else:
        *before, _ = rest
        raw = rest
    word = unquoted(raw[-1])[0]
    is_unicode = (environment.stdout.encoding or "utf-8").lower().startswith("utf")
    found = [
        each
        for each in candidates(before, word, environment, read)
        # A line cannot contain control characters, and hidden ones could mislead the user.
        if printable(each[0]) == each[0] and (is_unicode or each[0].isascii())
    ]
    if shell == "bash":
        return _for_bash([each for each in found if each[0].startswith(word)], raw[-1], replaced, chr(int(kind)))
    return ["\t".join(each) for each in found]


def words(line: str) -> list[str]:
    """Split an unfinished command line into words with their quotes. The last word is empty after a space."""
    found, end = [""], 0
    for piece in _PIECE.finditer(line):
        if piece.start() > end:  # spaces before it
            found.append("")
        found[-1] += piece[0]
        end = piece.end()
    return found if end == len(line) else [*found, ""]


def unquoted(word: str) -> tuple[str, str]:
    """Return the value of a word in the shell, and the quote that it leaves open, or ""."""
    value, open_quote = "", ""
    for piece in _PIECE.finditer(word):
        escaped, single, double, closing, other = piece.groups()
        if single is not None:
            value += single
            open_quote = "'" if len(piece[0]) == len(single) + 1 else ""
        elif double is not None:
            value += re.sub(r'\\([$`"\\])', r"\1", double[1:])
            open_quote = "" if closing else '"'
        else:
            value += escaped or other or ""
    return value, open_quote


def _for_bash(found: list[Candidate], word: str, replaced: str, kind: str) -> list[str]:
    """Return the replacements of a text at the end of a word.

    bash splits words at = and : too, so that it replaces only a part of the word. Several candidates are followed by
    their descriptions if bash only lists them. It then inserts the beginning that they share.
    """
    if not word.endswith(replaced):
        return []
    kept = unquoted(word.removesuffix(replaced))[0]
    open_quote = unquoted(word)[1]
    texts = [(_quoted(value[len(kept) :], open_quote), description) for value, description in found]
    if len(texts) > 1 and kind in LISTING:
        return [f"{text}  ({description})" if description else text for text, description in texts]
    return [text for text, _ in texts]


def _quoted(text: str, quote: str) -> str:
    """Return a text for bash within a quote that is open, or for "" without quotes.

    An exclamation mark is quoted too, because it begins a history expansion, also within double quotes.
    """
    if quote == "'":
        return text.replace("'", r"'\''")
    if quote == '"':
        return re.sub(r'([\\$`"])', r"\\\1", text).replace("!", "\"'!'\"")
    return re.sub(r"""([ !"#$&'()*;<>?\[\\\]^`{|}~])""", r"\\\1", text)
