"""Splits an expression into tokens. Regular expressions are avoided: compiling one takes longer than the loop."""

from __future__ import annotations

from ..errors import ApiError, validation_error
from ..limits import EXPRESSION_BYTES

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_WORD = _LETTERS | _DIGITS | {"_"}
_SINGLE = frozenset("()[],.=+-")


class Token:
    """A token and its position in the text.

    Kinds: "name" (a word), "#" and ":" (placeholders), "index" (digits), "end", "wrong" (a character that begins no
    token), and each operator as its own kind. No NamedTuple, because creating one takes time at start-up.
    """

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end


def tokenize(text: str, parameter: str) -> list[Token]:
    """Split an expression into tokens; the last one is of kind "end".

    parameter: the name of the request's parameter, for error messages. Raises ApiError (ValidationException) if the
    expression is empty or larger than 4 KB.
    """
    if not text:
        raise validation_error(f"Invalid {parameter}: The expression can not be empty;")
    size = len(text.encode())
    if size > EXPRESSION_BYTES:
        tail = "" if parameter == "UpdateExpression" else f" expression size: {size}"
        raise validation_error(f"Invalid {parameter}: Expression size has exceeded the maximum allowed size;{tail}")
    tokens: list[Token] = []
    at, length = 0, len(text)
    while at < length:
        character = text[at]
        start = at
        at += 1
        if character in " \t\r\n":
            continue
        if character in _LETTERS:
            while at < length and text[at] in _WORD:
                at += 1
            kind = "name"
        elif character in "#:" and at < length and text[at] in _WORD:
            while at < length and text[at] in _WORD:
                at += 1
            kind = character
        elif character in _DIGITS:
            # An index has no leading zero: 00 is two tokens, and therefore a syntax error, as in DynamoDB.
            while character != "0" and at < length and text[at] in _DIGITS:
                at += 1
            kind = "index"
        elif character in "<>":
            if text[start : at + 1] in ("<=", ">=", "<>"):
                at += 1
            kind = text[start:at]
        else:
            kind = character if character in _SINGLE else "wrong"
        tokens.append(Token(kind, text[start:at], start, at))
    tokens.append(Token("end", "<EOF>", length, length))
    return tokens


def syntax_error(text: str, tokens: list[Token], at: int, parameter: str) -> ApiError:
    """Return the error for the token at this position. Its message quotes the tokens beside it, as DynamoDB does."""
    token = tokens[at]
    previous = tokens[at - 1] if at else None
    following = tokens[min(at + 1, len(tokens) - 1)]
    start, end = token.start, token.end if following.kind == "end" else following.end
    if previous is not None:
        start = previous.start
        if token.kind == "end":
            end = previous.end
    elif token.kind == "end":
        start = 0
    return validation_error(f'Invalid {parameter}: Syntax error; token: "{token.text}", near: "{text[start:end]}"')
