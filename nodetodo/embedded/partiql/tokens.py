"""A position in the tokens of a statement, and the errors for tokens that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ApiError, validation_error
from .keywords import RESERVED
from .lexer import Token, malformed, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable

# Deeper than any useful statement. It keeps a hostile one from exhausting Python's stack.
LEVELS = 100

COMPARATORS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "||"})
_OPERATORS = frozenset({*COMPARATORS, *ARITHMETIC, "IS", "IN", "LIKE", "BETWEEN", "AND", "OR"})


class TokenParser:
    """The tokens of a statement and the current position in them."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.at = 0
        self.level = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def kind(self) -> str:
        """The kind of the current token."""
        return self.tokens[self.at].kind

    @property
    def word(self) -> str:
        """The current word in capitals, or "" if the token is not a word."""
        return self.word_at(0)

    def token_at(self, offset: int) -> Token:
        return self.tokens[min(self.at + offset, len(self.tokens) - 1)]

    def kind_at(self, offset: int) -> str:
        return self.token_at(offset).kind

    def word_at(self, offset: int) -> str:
        token = self.token_at(offset)
        return token.text.upper() if token.kind == "word" else ""

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def take_if(self, kind: str) -> bool:
        if self.kind == kind:
            self.at += 1
            return True
        return False

    def take_word(self, word: str) -> bool:
        if self.word == word:
            self.at += 1
            return True
        return False

    def expect(self, kind: str, detail: str) -> Token:
        """Return the current token and move on. Raises ApiError with this detail if it is of another kind."""
        if self.kind != kind:
            raise malformed(detail)
        return self.take()

    def expect_word(self, word: str, detail: str) -> None:
        if not self.take_word(word):
            raise malformed(detail)

    def is_at_end(self) -> bool:
        return self.kind in ("end", ";")

    def unexpected(self) -> ApiError:
        """Return the error for the current token where an expression must begin."""
        if self.kind in _OPERATORS or self.word in _OPERATORS:
            return malformed("Unexpected operator")
        return malformed("Unexpected keyword" if self.word in RESERVED else "Unexpected term")

    def deeper(self, parse: Callable[[], Any]) -> Any:
        """Parse a part that may contain others of its kind."""
        self.level += 1
        if self.level > LEVELS:
            raise validation_error("The expression is nested too deeply;")
        part = parse()
        self.level -= 1
        return part

    def list_of(self, parse: Callable[[], Any]) -> list[Any]:
        """Parse one or more parts separated by commas."""
        parts = [parse()]
        while self.take_if(","):
            parts.append(parse())
        return parts
