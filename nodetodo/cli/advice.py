"""Suggests a command, an option or an order of arguments. Imported only after a command line has been rejected."""

from __future__ import annotations

import re
from itertools import permutations
from typing import TYPE_CHECKING, Any

from ..errors import NodetodoError, NoSuchEnding, NoSuchTask, NoSuchUser, WrongUsage
from ..model import ENDING_DIGITS
from . import definition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .definition import Definition

NOUNS = {"user": "user", "task": "task", "todo": "task", "table": "table", "backup": "backup", "index": "index"}

WORDS_FOR = {
    "": "show get view",
    "-ls": "ls list",
    "-la": "la",
    "-add": "add new create insert",
    "-edit": "edit change update modify",
    "-rm": "rm remove delete del drop erase",
    "-done": "done complete finish",
    "-reopen": "reopen",
    "-restore": "restore recover",
}
"""The words that lead to the commands with each ending."""

ENDINGS = {word: ending for ending, words in WORDS_FOR.items() for word in words.split()}

NO_UNDO = "; task-reopen makes a completed task pending, and task-rm prints the line that adds a removed task again"
NO_SEARCH = "; no command searches text, and task-ls lists tasks by category and due date"
EXPLAINED = {"undo": NO_UNDO, "search": NO_SEARCH, "find": NO_SEARCH}
"""The words for actions that no command performs, with the remedy."""

REMOVING = ("-rm", "--yes", "--with-tasks")
"""Endings of commands and options that remove data. They are not suggested for a similar word."""


def for_command(words: list[str], cli: Definition) -> str:
    """Return the suggestion for a first word that is not a command, with its semicolon, or ""."""
    first, second = [*words, ""][:2]
    if first.lower() in ("help", "version"):
        command = f"{second} " if second in cli.usages else ""
        return f"; did you mean {command}--{first.lower()}?"
    by_meaning = meaning(f"{first} {second}", cli)
    if not by_meaning and second in cli.usages:
        return f"; put the command {second} before its arguments"
    return by_meaning or meaning(first, cli) or _without_dash(first, cli) or similar(first, cli.usages)


def meaning(text: str, cli: Definition) -> str:
    """Return the suggestion for a text that consists only of an action, a kind of record, or both, in any order."""
    words = re.findall("[a-z]+", text.lower())
    nouns = [NOUNS[word.removesuffix("s")] for word in words if word.removesuffix("s") in NOUNS]
    actions = [word for word in words if word in ENDINGS or word in EXPLAINED]
    if not words or len(nouns) + len(actions) != len(words) or len(nouns) > 1 or len(actions) > 1:
        return ""
    if actions and actions[0] in EXPLAINED:
        return EXPLAINED[actions[0]]
    ending = ENDINGS[actions[0]] if actions else "-ls"
    # table-rm deletes everything, so only a line that names a table leads to it.
    named = nouns or (["user", "task"] if ending == "-rm" else ["user", "task", "table"])
    commands = [noun + ending for noun in named if noun + ending in cli.usages]
    if not commands and not ending:  # no command shows one table
        commands = [f"{noun}-ls" for noun in named]
    *others, last = commands or [""]
    return f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if last else ""


def _without_dash(word: str, cli: Definition) -> str:
    letters = {re.sub("[^a-z]", "", command): command for command in cli.usages}
    found = letters.get(re.sub(r"[\W_]", "", word.lower()))
    return f"; did you mean {found}?" if found else ""


def similar(word: str, names: Iterable[str]) -> str:
    """Return the suggestion of the most similar name, unless it removes data, or ""."""
    import difflib

    near = difflib.get_close_matches(word, names, 1)
    return f"; did you mean {near[0]}?" if near and not near[0].endswith(REMOVING) else ""


def joined(command: str, arguments: list[str], cli: Definition) -> str:
    """Return the suggestion for a command such as "task" whose first argument is an action, such as "add", or ""."""
    return meaning(f"{command} {arguments[0]}", cli) if command in NOUNS and arguments else ""


def advise(error: NodetodoError, command: str, arguments: dict[str, Any], variables: Mapping[str, str]) -> None:
    """Add a suggestion to the message of an error that an accepted command line has caused."""
    from .values import ME, USER_VARIABLE

    cli = definition.load()
    names: list[str] = []
    given: list[str] = []
    for name in definition.argument_names(cli.usages[command]):
        value = arguments[name]
        values = value if isinstance(value, list) else [] if value is None else [value]
        names += [name] * len(values)
        given += values
    advice = joined(command, given, cli)
    if not advice and isinstance(error, WrongUsage) and _are_swapped(names, given):
        advice = f"; the order is {command} {definition.argument_order(cli.usages[command])}"
    if not advice and isinstance(error, (NoSuchUser, NoSuchTask, NoSuchEnding)) and arguments.get("<uid>") == ME:
        advice = "" if variables.get(USER_VARIABLE) else f"; set {USER_VARIABLE} to use {ME} for your own uid"
    if not advice and isinstance(error, NoSuchTask) and _has_short_tid(names, given):
        advice = f"; the last digits of a tid are enough if they are at least {ENDING_DIGITS.start}"
    error.args = (f"{error}{advice}",)


def _has_short_tid(names: list[str], given: list[str]) -> bool:
    """Return whether a tid has fewer digits than the end of a tid needs."""
    pairs = zip(names, given, strict=True)
    return any(name == "<tid>" and each.isdigit() and len(each) < ENDING_DIGITS.start for name, each in pairs)


def _are_swapped(names: list[str], given: list[str]) -> bool:
    """Return whether the values are valid only in another order. More values have too many orders to check."""
    is_short = len(given) <= 5
    return is_short and not _are_valid(names, given) and any(_are_valid(names, other) for other in permutations(given))


def _are_valid(names: Iterable[str], given: Iterable[str]) -> bool:
    from .values import CONVERTERS

    try:
        for name, value in zip(names, given, strict=True):
            CONVERTERS[name](value)
    except WrongUsage:
        return False
    return True
