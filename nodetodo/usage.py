"""Reads a command line by cli.txt, with docopt; a wrong one becomes WrongUsage, which says what is wrong.

docopt is given the lines of the command at hand alone: that is all a wrong usage should show, and a tenth of the work.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from . import shipped
from .errors import WrongUsage

AFTER_DASHES = "\0"
"""Stands before an argument that begins with a dash and came after `--`; no argument of a process can hold it."""

HELP, VERSION = "--help", "--version"
SHORT = {"-h": HELP}


class CommandLine(NamedTuple):
    """A command, and its arguments by their names in cli.txt, such as "<uid>" and "--limit".

    What was not given is None or False. The command is HELP or VERSION where that was asked for.
    """

    command: str
    arguments: dict[str, Any]


class Definition:
    """cli.txt, taken apart.

    usages: the usage lines of each command. descriptions: the lines that describe each option.
    take_value: the options that do. of_every_command: the options that no usage line names.
    """

    def __init__(self, text: str) -> None:
        section = text.partition("Usage:\n")[2].partition("\n\n")[0] + "\n"
        entries = re.findall(r"^  nodetodo .*\n(?:   +.*\n)*", section, re.M)
        self.usages = {
            match[1]: entry for entry in entries if (match := re.match(r" *nodetodo \[options\] (\S+)", entry))
        }
        described = re.finditer(r"^  (?:-\w )?(--[a-z-]+).*\n(?:   +.*\n)*", text, re.M)
        self.descriptions = {match[1]: match[0] for match in described}
        self.take_value = set(re.findall(r"(--[a-z-]+)=<", text))
        self.of_every_command = self.descriptions.keys() - {name for usage in entries for name in _options(usage)}
        self.of_every_command |= {HELP, VERSION}

    def options(self, command: str) -> list[str]:
        return [*_options(self.usages[command]), *self.of_every_command]

    def docopt(self, command: str) -> str:
        """The part of cli.txt that is about one command: its usage and the descriptions of its options."""
        described = "".join(self.descriptions[name] for name in self.options(command))
        return f"Usage:\n{self.usages[command]}\n{described}"


def _options(usage: str) -> list[str]:
    return re.findall(r"--[a-z-]+", usage)


def _is_number(word: str) -> bool:
    """docopt takes -5 for an argument, not for an option."""
    try:
        float(word)
    except ValueError:
        return False
    return True


class Words(NamedTuple):
    """The words of a command line: options as (name, value or None), the others, and those after `--`."""

    options: list[tuple[str, str | None]]
    others: list[str]
    after_dashes: list[str]


def _scan(argv: list[str], definition: Definition) -> Words:
    options: list[tuple[str, str | None]] = []
    others: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            return Words(options, others, list(words))
        name, equals, value = word.partition("=")
        name = SHORT.get(name, name)
        if name in definition.take_value and not equals:
            value = next(words, "--")
            if value == "--":
                raise WrongUsage(f"{name} needs a value: {name}=…")
            options.append((name, value))
        elif word.startswith("-") and word != "-" and not _is_number(word):
            options.append((name, value if equals else None))
        else:
            others.append(word)
    return Words(options, others, [])


def read(argv: list[str]) -> CommandLine:
    """The command line of argv, which is without the program's name. Raises WrongUsage."""
    definition = Definition(shipped.read("cli.txt"))
    words = _scan(argv, definition)
    for asked in (HELP, VERSION):
        if (asked, None) in words.options:
            return CommandLine(asked, {})
    command = next(iter(words.others + words.after_dashes), "")
    if command not in definition.usages:
        raise WrongUsage(_no_command(command, definition), "nodetodo --help shows every command")

    import docopt  # here, because neither --help nor a misspelt command needs it

    end = argv.index("--") if "--" in argv else len(argv)
    escaped = [AFTER_DASHES + word if word.startswith("-") else word for word in words.after_dashes]
    try:
        parsed = docopt.docopt(definition.docopt(command), argv[:end] + escaped, default_help=False)
    except docopt.DocoptExit:
        sentence = _what_is_wrong(command, words, definition) or "these arguments do not go together"
        raise WrongUsage(f"{command}: {sentence}", definition.usages[command].rstrip()) from None
    arguments = {
        name: value.removeprefix(AFTER_DASHES) if isinstance(value, str) else value
        for name, value in parsed.items()
        if name not in (command, HELP, VERSION)
    }
    return CommandLine(command, arguments)


def _no_command(given: str, definition: Definition) -> str:
    if not given:
        return "which command? " + ", ".join(definition.usages)
    near = _nearest(given, definition.usages)
    return f"there is no command {given!r}" + (f"; did you mean {near}?" if near else "")


def _nearest(given: str, names: Any) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(given, names, 1)), None)


def _what_is_wrong(command: str, words: Words, definition: Definition) -> str | None:
    """What docopt, which only knows that a command line does not match, does not say."""
    usage = definition.usages[command]
    options = definition.options(command)
    names = [name for name, _ in words.options]
    for name, value in words.options:
        if not name.startswith("--"):
            import shlex

            instead = shlex.join(["nodetodo", *words.others, "--", name])
            return f"there is no option {name}; a text that begins with a dash goes after --: {instead}"
        if name not in options:
            near = _nearest(name, options)
            return f"there is no option {name}" + (f"; did you mean {near}?" if near else "")
        if names.count(name) > 1:
            return f"{name} is given twice"
        if value is not None and name not in definition.take_value:
            return f"{name} takes no value"
    for group in re.findall(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", usage):  # brackets, with one more level inside
        alternatives = [[name for name in _options(part) if name in names] for part in group.split("|")]
        chosen = [given[0] for given in alternatives if given]
        if len(chosen) > 1:
            return f"{chosen[0]} and {chosen[1]} exclude each other"
    positional = re.findall(r"(\[?)(<[a-z]+>)(?=[\]\s])", re.sub(r"--[a-z-]+=<[a-z]+>", "", usage))
    needed = [name for bracket, name in positional if not bracket]
    given = (words.others + words.after_dashes)[1:]
    if len(given) < len(needed):
        return f"{' and '.join(needed[len(given) :])} {'is' if len(needed) - len(given) == 1 else 'are'} missing"
    if len(given) > len(positional):
        return f"{given[len(positional)]!r} is one argument too many; a text of several words goes in quotes"
    return None
