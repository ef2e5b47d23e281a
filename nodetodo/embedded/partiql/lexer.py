"""Splits a statement into tokens. Comments and white space separate tokens and are not tokens."""

from __future__ import annotations

import re

from ..errors import ApiError, validation_error

_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<space>[ \t\r\n\f\v]+|--[^\n]*|/\*.*?\*/)",
            r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)",
            r"(?P<word>[A-Za-z_$][A-Za-z0-9_$]*)",
            r'(?P<identifier>"(?:[^"]|"")*")',
            r"(?P<string>'(?:[^']|'')*')",
            r"(?P<symbol><<|>>|<=|>=|<>|!=|\|\||[<>=(){}\[\],.:;*+\-/%?])",
        )
    ),
    re.DOTALL,
)


class Token:
    """A token and its position in the statement.

    Kinds: "word" (a keyword or a name), "identifier" (a name in double quotes), "string", "number", "end", and each
    symbol as its own kind. `content` is the text without quotes. `position` is as in error messages: line, column and
    length, separated by colons.
    """

    def __init__(self, kind: str, text: str, content: str, position: str) -> None:
        self.kind = kind
        self.text = text
        self.content = content
        self.position = position


def malformed(detail: str) -> ApiError:
    """Return the error for a statement that cannot be parsed."""
    return validation_error(f"Statement wasn't well formed, can't be processed: {detail}")


def tokenize(text: str) -> list[Token]:
    """Split a statement into tokens; the last one is of kind "end".

    Raises ApiError (ValidationException) for text that is not a token. Its message has no detail, as in DynamoDB.
    """
    tokens = []
    at, line, line_start = 0, 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or (text.startswith("/*", at) and match["space"] is None):
            raise malformed("")
        part = match[0]
        kind = match.lastgroup or ""
        if kind != "space":
            content = part
            if kind in ("identifier", "string"):
                content = part[1:-1].replace(part[0] * 2, part[0])
            position = f"{line}:{at - line_start + 1}:{len(part)}"
            tokens.append(Token(part if kind == "symbol" else kind, part, content, position))
        if "\n" in part:
            line += part.count("\n")
            line_start = at + part.rindex("\n") + 1
        at = match.end()
    tokens.append(Token("end", "", "", f"{line}:{at - line_start + 1}:0"))
    return tokens
