"""The candidates for the last word of an unfinished command line.

cli.txt decides which words can follow. The name of an argument or value in it, such as <uid>, decides its candidates.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ..cli import definition, parser
from ..cli.help import purpose, purposes
from ..cli.values import FORMATS, INDEXES, ME, SHELLS, TABLE_CLASSES, USER_VARIABLE
from . import stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..commands.context import Context
    from ..environment import Environment
    from .stored import Candidate

    Read = Callable[[str | None, Callable[[Context], list[Candidate]]], list[Candidate]]
    """Calls a function with the repositories of a target and returns its result; [] if the target cannot be used."""

TARGETS = [
    ("local", "the file in your data folder"),
    ("local:", "another local file"),
    ("aws", "DynamoDB in your AWS account"),
    ("http://localhost:8000", "DynamoDB Local"),
]
DAYS_AHEAD = ("+1d", "+1w")
FILES = 1000
"""File names, at most."""


def candidates(before: list[str], word: str, environment: Environment, read: Read) -> list[Candidate]:
    """Return the candidates that may take the place of a word. Their order is the order to show them in.

    before: the words between the program's name and this word. word: its part before the cursor. The caller compares
    the candidates with it. read: see Read.
    """
    return _Line(before, environment, read).candidates(word)


class _Line:
    """The part of a command line before the word to complete."""

    def __init__(self, before: list[str], environment: Environment, read: Read) -> None:
        self._cli = definition.load()
        self._options, words = parser.split(before, self._cli, parser.looks_like_option)
        self._command: str | None = words[0] if words else None
        self._arguments = words[1:]
        self._options_ended = "--" in before
        self._environment, self._read = environment, read

    def candidates(self, word: str) -> list[Candidate]:
        if self._options and not self._options_ended:
            option, value = self._options[-1]
            if value is None and self._cli.takes_value(option):  # the word is its value
                return self._values(self._value_name(option), word)
        if word.startswith("-") and not self._options_ended:
            option, equals, value = word.partition("=")
            if not equals:
                return self._option_names()
            if option not in self._cli.options or not self._cli.takes_value(option):
                return []
            return [(f"{option}={each}", text) for each, text in self._values(self._value_name(option), value)]
        if self._command is None:
            return list(purposes().items())
        if self._command not in self._cli.usages:
            return []
        argument = self._argument()
        if argument is None:  # only options can follow
            return [] if self._options_ended else self._option_names()
        found = self._values(argument, word)
        # A word with a dash would be an option.
        return found if self._options_ended else [each for each in found if not each[0].startswith("-")]

    def _argument(self) -> str | None:
        """Return the name of the next argument, such as <uid>; None if no argument can follow."""
        usage = self._cli.usages[self._command or ""]
        names = definition.argument_names(usage)
        if names and f"{names[-1]}..." in usage:  # the last argument may be repeated
            names += names[-1:] * len(self._arguments)
        return next(iter(names[len(self._arguments) :]), None)

    def _option_names(self) -> list[Candidate]:
        known = self._cli.options_of(self._command) if self._command in self._cli.usages else self._cli.common_options
        given = {name for name, _ in self._options}
        return [
            (f"{name}=" if self._cli.takes_value(name) else name, purpose(self._cli.options[name]))
            for name in known
            if name not in given
        ]

    def _value_name(self, option: str) -> str:
        """Return the name of an option's value in cli.txt, such as <date>."""
        return self._cli.options[option].partition("=")[2].partition(">")[0] + ">"

    def _values(self, name: str, begun: str) -> list[Candidate]:
        """Return the candidates for an argument or a value by its name in cli.txt. begun: its part so far."""
        if name == "<target>":
            if begun.startswith("local:"):
                return [(f"local:{path}", "") for path in files(begun.removeprefix("local:"))]
            return TARGETS
        if name == "<file>":
            return [(path, "") for path in files(begun)]
        if name == "<date>":
            return self._days()
        if name == "<shell>":
            return [(shell, "") for shell in SHELLS]
        if name == "<class>":
            return [(each, "") for each in TABLE_CLASSES]
        if name == "<format>":
            return [(each, "") for each in FORMATS]
        if name == "<name>" and self._command != "backup-add":  # backup-add takes a new name
            return self._stored(stored.backups)
        if name == "<index>":
            return [(index, "") for index in INDEXES]
        if name == "<uid>" and self._command != "user-add":  # user-add takes a new uid
            return self._me() + self._stored(stored.users)
        if name == "<tid>":
            return self._tasks()
        if name == "<category>":
            uid = self._uid()
            return self._stored(lambda context: stored.categories(context, uid))
        return []

    def _days(self) -> list[Candidate]:
        from .. import dates

        today = self._environment.now().date()
        words = (*dates.DAYS_FROM_TODAY, *dates.WEEKDAYS, *DAYS_AHEAD)
        return [(word, dates.to_text(dates.parse("", word, today))) for word in words]

    def _me(self) -> list[Candidate]:
        own = self._environment.variables.get(USER_VARIABLE)
        return [(ME, stored.description(own))] if own else []

    def _uid(self) -> str | None:
        """Return the uid in the command line; None if its command has none."""
        if "<uid>" not in self._cli.usages.get(self._command or "", "") or not self._arguments:
            return None
        uid = self._arguments[0]
        return self._environment.variables.get(USER_VARIABLE) or uid if uid == ME else uid

    def _tasks(self) -> list[Candidate]:
        uid = self._uid()
        if uid is None:
            return []
        only_completed = self._command == "task-reopen"
        found = self._stored(lambda context: stored.tasks(context, uid, only_completed=only_completed))
        return [each for each in found if each[0] not in self._arguments[1:]]

    def _stored(self, wanted: Callable[[Context], list[Candidate]]) -> list[Candidate]:
        return self._read(dict(self._options).get("--db"), wanted)


def files(begun: str) -> list[str]:
    """Return the paths that begin with a path. That of a folder ends with a slash.

    Hidden files are left out, unless the name begins with a dot. A leading ~ is the home folder.
    """
    folder, slash, name = begun.rpartition("/")
    found = []
    with suppress(OSError, ValueError), os.scandir(os.path.expanduser(folder + slash) or ".") as entries:
        for entry in entries:
            if entry.name.startswith(name) and (name or not entry.name.startswith(".")):
                found.append(folder + slash + entry.name + ("/" if entry.is_dir() else ""))
                if len(found) == FILES:
                    break
    return sorted(found)
