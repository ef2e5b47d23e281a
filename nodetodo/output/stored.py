"""Stored values as text for a terminal, whatever their type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import dates
from .text import printable

if TYPE_CHECKING:
    from ..model import Stored


def plain(value: Stored) -> str:
    """Return the printable text of a stored value: a text itself, nothing for an absent value, otherwise its JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return printable(value)
    from .json_text import to_json  # here, because only other programs store other types

    return to_json(value)


def day(value: Stored) -> str:
    """Return the printable text of a stored day. A value that is not a day is shown as it is stored, and marked."""
    if value is None:
        return ""
    return dates.to_text(value) if dates.is_day(value) else f"{plain(value)} (not a date)"
