"""An expression cut into tokens. Without regular expressions: compiling one takes longer than this does."""

from __future__ import annotations

from ..errors import ApiError, invalid

# A token is (kind, text, start, end). Kinds: "name" (a bare word), "#" (a placeholder for a name), ":" (for a value),
# "index" (digits), "end", "wrong" (a character that no token begins with), and each operator as its own kind.
Token = tuple[str, str, int, int]

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_WORD = _LETTERS | _DIGITS | {"_"}
_SINGLE = frozenset("()[],.=+-")
EXPRESSION_BYTES = 4096


def tokens(text: str, parameter: str) -> list[Token]:
    """The tokens of an expression, ending with one of kind "end".

    A ValidationException for an empty expression and for one of more than 4 KB, naming the request's parameter.
    """
    if not text:
        raise invalid(f"Invalid {parameter}: The expression can not be empty;")
    if len(text.encode()) > EXPRESSION_BYTES:
        raise invalid(f"Invalid {parameter}: Expression size has exceeded the maximum allowed size;")
    result: list[Token] = []
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
            # An index has no leading zero: 00 is two tokens, and so a syntax error, as in DynamoDB.
            while character != "0" and at < length and text[at] in _DIGITS:
                at += 1
            kind = "index"
        elif character in "<>":
            if text[start : at + 1] in ("<=", ">=", "<>"):
                at += 1
            kind = text[start:at]
        else:
            kind = character if character in _SINGLE else "wrong"
        result.append((kind, text[start:at], start, at))
    result.append(("end", "<EOF>", length, length))
    return result


def syntax_error(text: str, found: list[Token], at: int, parameter: str) -> ApiError:
    """The refusal of the token at a position, with its neighbours, as DynamoDB words it."""
    start = found[at - 1][2] if at else (0 if found[at][0] == "end" else found[at][2])
    end = found[min(at + 1, len(found) - 1)]
    last = end[3] if end[0] != "end" else found[at][3]
    near = text[start:last]
    if found[at][0] == "end" and at:
        near = text[start : found[at - 1][3]]
    return invalid(f'Invalid {parameter}: Syntax error; token: "{found[at][1]}", near: "{near}"')
