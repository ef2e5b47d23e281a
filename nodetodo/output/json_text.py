"""Values as JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from .hidden_characters import HIDDEN


def to_json(value: Any, *, only_ascii: bool = False) -> str:
    """Return a value as JSON. Characters that could control or mislead a terminal are escaped; the value is the same.

    only_ascii: all characters outside ASCII are escaped.
    """
    try:
        text = json.dumps(value, ensure_ascii=only_ascii)
    except TypeError:  # json cannot write a Decimal exactly
        text = _exactly(value, only_ascii)
    return escaped(text)


def escaped(text: str) -> str:
    """Return JSON text with the characters escaped that could control or mislead a terminal."""
    return text if text.isascii() and "\x7f" not in text else re.sub(HIDDEN, _escaped, text)


def _exactly(value: Any, only_ascii: bool) -> str:
    """Return a value with Decimals as JSON."""
    from decimal import Decimal  # here, because only other programs store numbers that are not whole

    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        members = (f"{_exactly(name, only_ascii)}: {_exactly(each, only_ascii)}" for name, each in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_exactly(each, only_ascii) for each in value)}]"
    return json.dumps(value, ensure_ascii=only_ascii)


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]
