"""Reads a command line by cli.txt, with docopt; a wrong one becomes WrongUsage, which says what is wrong.

docopt is given the lines of the command at hand alone: that is all a wrong usage should show, and a tenth of the work.
"""

from typing import Any, NamedTuple

from .. import resources
from ..errors import WrongUsage

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


class Usage:
    """The usage lines of one command, taken apart. All of our options are optional.

    positional: (name, needed) in order. options: the value's name by that of the option, empty where it takes none.
    alternatives: groups of options that exclude each other; in each group lists of those that do not.
    """

    def __init__(self, lines: str) -> None:
        self.lines = lines
        self.positional: list[tuple[str, bool]] = []
        self.options: dict[str, str] = {}
        self.alternatives: list[list[list[str]]] = []
        depth, group = 0, [[""]]
        words = iter(lines.replace("[", " [ ").replace("]", " ] ").replace("|", " | ").split())
        for word in words:
            while "<" in word and ">" not in word:  # the name of a value may have several words: <per second>
                word += " " + next(words)
            if word == "[":
                depth += 1
                group = [[]] if depth == 1 else group
            elif word == "]":
                depth -= 1
                if depth == 0 and len(group) > 1:
                    self.alternatives.append(group)
            elif word == "|":
                group.append([])
            elif word.startswith("<"):
                self.positional.append((word, depth == 0))
            elif word.startswith("--"):
                name, _, self.options[name] = word.partition("=")
                group[-1].append(name)


class Definition:
    """cli.txt, taken apart.

    usages: by command. described: the first line of each option's description, by the option.
    of_every_command: the options that no usage line names. take_value: the options that do.
    """

    def __init__(self, text: str) -> None:
        usages, _, descriptions = text.partition("Usage:\n")[2].partition("\n\n")
        entries = usages.split("  nodetodo ")[1:]
        self.usages = {entry.split()[1]: Usage(entry) for entry in entries if entry.startswith("[options] ")}
        lines = [line for line in descriptions.split("\n") if line.startswith("  -")]
        self.described = {line[line.index("--") :].split()[0].partition("=")[0]: line for line in lines}
        named = {name: value for usage in self.usages.values() for name, value in usage.options.items()}
        self.of_every_command = [name for name in self.described if name not in named]
        self.take_value = {name for name, value in named.items() if value}
        self.take_value |= {name for name in self.of_every_command if f"{name}=" in self.described[name]}

    def options(self, command: str) -> list[str]:
        return [*self.usages[command].options, *self.of_every_command]

    def docopt(self, command: str) -> str:
        """What docopt needs to know of one command: its usage, the options of all commands, and defaults.

        Alternatives are taken apart: docopt would write out every combination of them, 24 for task-ls, which takes it
        longer than all the rest. That they exclude each other is seen by _what_is_wrong.
        """
        usage = self.usages[command]
        words = [name if needed else f"[{name}]" for name, needed in usage.positional]
        words += [f"[{name}={value}]" if value else f"[{name}]" for name, value in usage.options.items()]
        described = [
            line
            for name, line in self.described.items()
            if name in self.of_every_command or (name in usage.options and "[default:" in line)
        ]
        return "\n".join([f"Usage: nodetodo [options] {command} {' '.join(words)}", "", *described])


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
    definition = Definition(resources.read("cli.txt"))
    words = _scan(argv, definition)
    for asked in (HELP, VERSION):
        if (asked, None) in words.options:
            return CommandLine(asked, {})
    command = next(iter(words.others + words.after_dashes), None)
    if command is None or command not in definition.usages:
        raise WrongUsage(_no_command(command, words, definition), "nodetodo --help shows every command")

    def wrong(sentence: str) -> WrongUsage:
        return WrongUsage(f"{command}: {sentence}", f"  nodetodo {definition.usages[command].lines.rstrip()}")

    sentence = _what_is_wrong(argv, words, command, definition)
    if sentence:
        raise wrong(sentence)
    import docopt  # here, because neither help nor what is seen to be wrong needs it

    end = argv.index("--") if "--" in argv else len(argv)
    escaped = [AFTER_DASHES + word if word.startswith("-") else word for word in words.after_dashes]
    try:
        parsed = docopt.docopt(definition.docopt(command), argv[:end] + escaped, default_help=False)
    except docopt.DocoptExit:
        raise wrong("these arguments do not go together") from None
    arguments = {
        name: value.removeprefix(AFTER_DASHES) if isinstance(value, str) else value
        for name, value in parsed.items()
        if name not in (command, HELP, VERSION)
    }
    return CommandLine(command, arguments)


def _no_command(given: str | None, words: Words, definition: Definition) -> str:
    if given is not None:
        near = _nearest(given, definition.usages)
        return f"there is no command {given!r}" + (f"; did you mean {near}?" if near else "")
    unknown = [name for name, _ in words.options if name not in definition.described]
    if unknown:
        return _no_option(unknown[0], list(definition.described))
    return "which command? " + ", ".join(definition.usages)


def _no_option(given: str, options: list[str]) -> str:
    near = _nearest(given, options)
    return f"there is no option {given}" + (f"; did you mean {near}?" if near else "")


def _nearest(given: str, names: Any) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(given, names, 1)), None)


def _what_is_wrong(argv: list[str], words: Words, command: str, definition: Definition) -> str | None:
    """What docopt, which only knows that a command line does not match, would not say; None if nothing is."""
    usage = definition.usages[command]
    options = definition.options(command)
    names = [name for name, _ in words.options]
    takes_more = len(words.others) <= len(usage.positional)  # the command itself is among the others
    for name, value in words.options:
        if name not in options:
            sentence = _no_option(name, options)
            if takes_more and "did you mean" not in sentence:
                sentence += "; a text that begins with a dash goes after --: " + _with_dashes(argv, name, definition)
            return sentence
        if names.count(name) > 1:
            return f"{name} is given twice"
        if value is not None and name not in definition.take_value:
            return f"{name} takes no value"
    for group in usage.alternatives:
        chosen = [name for alternative in group for name in names if name in alternative][:2]
        if len(chosen) > 1 and not any(set(chosen) <= set(alternative) for alternative in group):
            return f"{chosen[0]} and {chosen[1]} cannot be used together"
    needed = [name for name, is_needed in usage.positional if is_needed]
    given = (words.others + words.after_dashes)[1:]
    if len(given) < len(needed):
        missing = needed[len(given) :]
        return f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    if len(given) > len(usage.positional):
        hint = "; a text of several words goes in quotes" if "<description>" in dict(usage.positional) else ""
        return f"{given[len(usage.positional)]!r} is one argument too many{hint}"
    return None


def _listed(names: list[str]) -> str:
    """<uid>, <email> and <phone>."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _with_dashes(argv: list[str], text: str, definition: Definition) -> str:
    """The command line with a text that begins with a dash, and all arguments behind it, after the dashes."""
    import shlex

    place = next(index for index, word in enumerate(argv) if word.startswith(text))
    before, after = ["nodetodo", *argv[:place]], [argv[place]]
    behind = iter(argv[place + 1 :])
    for word in behind:
        if word.partition("=")[0] in definition.described:
            before += [word, next(behind, "")] if word in definition.take_value else [word]
        else:
            after.append(word)
    return shlex.join([*before, "--", *after])
