"""Writes a removed task as a task-add line for the shell. Imported only by task-rm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import dates
from .text import day, plain, printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeGuard

    from ..model import Task


def lines(task: Task, others: Iterable[str], options: list[str]) -> list[str]:
    """Return the line that adds a task again, or the reason why none does, and the attributes that it does not set.

    others: the names of attributes that this program does not use. options: the options that select the database.
    """
    if not _is_text(task.description) or not _is_text(task.uid):
        return ["task-add cannot add it again, because its uid or description is unknown, empty or not a text"]
    words = [task.uid, task.description]
    lost = [printable(name) for name in others]
    if _is_text(task.category):
        words.append(task.category)
    elif task.category is not None:
        lost.append(f"category {plain(task.category)}")
    if dates.is_day(task.due):
        options = [*options, f"--dueat={dates.to_text(task.due)}"]
    elif task.due is not None:
        lost.append(f"due {plain(task.due)}")
    if task.completed is not None:
        lost.append(f"completed {day(task.completed)}")
    line = _line(words, options)
    if printable(line) != line:
        return ["task-add cannot add it again, because a text of it has control characters or invisible characters"]
    return [line, *([f"task-add does not set {', '.join(lost)}"] if lost else [])]


def _is_text(value: object) -> TypeGuard[str]:
    """Return whether task-add accepts a value as a uid, a description or a category."""
    return isinstance(value, str) and bool(value.strip())


def _line(words: list[str], options: list[str]) -> str:
    """Return a task-add line. A word that begins with a dash, and all words after it, are after "--"."""
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    after_dashes = ["--", *map(quoted, words[first:])] if words[first:] else []
    return " ".join(["nodetodo task-add", *map(quoted, [*words[:first], *options]), *after_dashes])


def quoted(word: str) -> str:
    """Return a word that bash, zsh, fish and POSIX shells read as it is.

    A backslash is outside quotes, because fish also escapes inside single quotes. zsh expands a leading equals sign.
    """
    if re.fullmatch("[a-zA-Z0-9_@+:,./-][a-zA-Z0-9_@+:,./=-]*", word):
        return word
    parts = re.split(r"([\'\\])", word)
    return "".join("\\" + part if part in ("'", "\\") else f"'{part}'" for part in parts if part)
