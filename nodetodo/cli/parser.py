"""Parses a command line with docopt. Looks for an error message only after docopt has rejected the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import WrongUsage
from . import definition

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from .definition import Definition

    Options = list[tuple[str, str | None]]

HELP, VERSION = "--help", "--version"


class CommandLine:
    """A command and its arguments, by their names in cli.txt, such as "<uid>" and "--limit".

    An argument that was not given is its default, None or False. A repeated argument, such as <tid>..., is a list. If
    the command line contains --help or --version, command is HELP or VERSION. HELP has one argument: "<command>", the
    name of a command or None.
    """

    def __init__(self, command: str, arguments: dict[str, Any]) -> None:
        self.command, self.arguments = command, arguments


def read(argv: list[str]) -> CommandLine:
    """Parse the words after the program's name. Raises WrongUsage if docopt rejects them."""
    cli = definition.load()
    options, words = split(argv, cli, looks_like_option)
    command = words[0] if words else None
    is_known = command is None or command in cli.usages
    if is_known and (HELP, None) in options:
        return CommandLine(HELP, {"<command>": command})
    if is_known and (VERSION, None) in options:
        return CommandLine(VERSION, {})
    if command is None or not is_known:
        raise _no_command(words, options, cli)
    arguments = _parse(command, options, words, cli)
    if arguments is None:
        raise WrongUsage(_problem(command, argv, options, words, cli), cli.usages[command])
    return CommandLine(command, arguments)


def split(argv: list[str], cli: Definition, is_option: Callable[[str], bool]) -> tuple[Options, list[str]]:
    """Split a command line into options with their values, and all other words, of which the command is the first.

    is_option decides on each word before "--" that is not the value of an option.
    """
    options: Options = []
    words: list[str] = []
    end = argv.index("--") if "--" in argv else len(argv)
    before_dashes = iter(argv[:end])
    for word in before_dashes:
        if not is_option(word):
            words.append(word)
            continue
        name, equals, rest = word.partition("=")
        name = HELP if name == "-h" else name
        value = rest if equals else None
        if cli.takes_value(name) and not equals:
            value = next(before_dashes, None)
        options.append((name, value))
    return options, words + argv[end + 1 :]


def looks_like_option(word: str) -> bool:
    """Return whether docopt takes a word for an option. It takes a negative number for an argument."""
    try:
        float(word)
    except ValueError:
        return word.startswith("-") and word != "-"
    return False


def _joined(options: Options) -> list[str]:
    return [name if value is None else f"{name}={value}" for name, value in options]


def _parse(command: str, options: Options, words: list[str], cli: Definition) -> dict[str, Any] | None:
    """Return the arguments of a command, or None if docopt rejects the command line.

    docopt receives the options first and all other words after "--", where it takes a word such as -milk for an
    argument. The usage that it receives contains only options that are given. Then docopt cannot complete abbreviated
    options, and takes 0.2 instead of 5.8 ms for task-ls (measured), because it expands all combinations of options. An
    option that the usage requires stays, so that docopt rejects the command line without it.
    """
    import re

    import docopt  # here, because help and unknown commands do not need it

    given = dict(options)
    common = [
        f"[{name}=<value>]" if cli.takes_value(name) else f"[{name}]" for name in given if name in cli.common_options
    ]
    usage = cli.usages[command].replace("[options]", " ".join([*common, "--"]))
    usage, _ = _with_given_options(iter(re.findall(PART_OF_USAGE, usage)), given.keys())
    try:
        parsed = docopt.docopt(f"Usage:\n  {usage}", [*_joined(options), "--", *words], default_help=False)
    except docopt.DocoptExit:
        return None
    arguments = {name: cli.default(name) for name in cli.options_of(command)} | parsed
    return {name: value for name, value in arguments.items() if name not in ("--", command, HELP, VERSION)}


PART_OF_USAGE = r"--\w[\w-]*(?:=<.*?>)?|<.*?>|[][|]|[^][|\s]+"


def _with_given_options(parts: Iterator[str], given: Container[str], *, in_brackets: bool = False) -> tuple[str, bool]:
    """Return a usage, or what is in brackets, without the optional options that are not given.

    The second result is whether an option in it is given. docopt requires all options of an alternative in brackets
    together, and otherwise each option outside brackets.
    """
    alternatives: list[list[str]] = [[]]
    is_used = [False]
    for part in parts:
        if part == "]":
            break
        if part == "|":
            alternatives.append([])
            is_used.append(False)
            continue
        if part == "[":
            inner, is_inner_used = _with_given_options(parts, given, in_brackets=True)
            alternatives[-1].append(f"[{inner}]")
        else:
            is_inner_used = part.partition("=")[0] in given
            alternatives[-1].append(part)
        is_used[-1] |= is_inner_used
    shown = []
    for words, is_alternative_used in zip(alternatives, is_used, strict=True):
        are_required = not in_brackets or (len(alternatives) > 1 and is_alternative_used)
        kept = (word for word in words if are_required or not word.startswith("--") or word.partition("=")[0] in given)
        shown.append(" ".join(kept))
    return " | ".join(shown), any(is_used)


def _no_command(words: list[str], options: Options, cli: Definition) -> WrongUsage:
    unknown = [name for name, _ in options if name not in cli.options]
    if not words and not unknown:
        from .help import list_of_commands

        return WrongUsage("a command is missing; nodetodo <command> --help describes a command", list_of_commands())
    from . import advice

    if words:
        problem = f"{words[0]!r} is not a command{advice.for_command(words, cli)}"
    else:
        problem = f"{unknown[0]} is not an option{advice.similar(unknown[0], cli.options)}"
    return WrongUsage(problem, "nodetodo --help describes all commands and options")


def _problem(command: str, argv: list[str], options: Options, words: list[str], cli: Definition) -> str:
    """Return why docopt rejected the options and the other words."""
    from . import advice

    command_in_two_words = advice.joined(command, words[1:], cli)
    if command_in_two_words:
        return f"'{command} {words[1]}' is not a command{command_in_two_words}"
    problem = _option_problem(command, argv, options, words, cli) or _argument_problem(command, options, words, cli)
    return f"{command}: {problem}"


def _option_problem(command: str, argv: list[str], options: Options, words: list[str], cli: Definition) -> str:
    """Return the problem with one option, or ""."""
    from .advice import similar

    known = cli.options_of(command)
    names = [name for name, _ in options]
    for name, value in options:
        if name not in known:
            remedy = (
                _as_argument(name, command, options, words, cli)
                or similar(name, known)
                or _text_after_dashes(command, argv, cli)
            )
            return f"{name} is not an option of this command{remedy}"
        if names.count(name) > 1:
            return f"{name} is given twice"
        if value is None and cli.takes_value(name):
            return f"{name} needs a value: {cli.options[name].strip().partition('>')[0]}>"
        if value is not None and not cli.takes_value(name):
            return f"{name} takes no value"
    return ""


def _argument_problem(command: str, options: Options, words: list[str], cli: Definition) -> str:
    """Return the problem with the arguments, or with two options that exclude each other."""
    from itertools import combinations

    given, usage = words[1:], cli.usages[command]
    arguments = definition.argument_names(usage)
    missing = [argument for argument in arguments if f"[{argument}]" not in usage][len(given) :]
    if missing:
        listed = " and ".join([", ".join(missing[:-1]), missing[-1]] if missing[1:] else missing)
        return f"{listed} {'are' if missing[1:] else 'is'} missing"
    if len(given) > len(arguments) and definition.REPEATED not in usage:
        remedy = "; put a text of several words in quotes" if "<description>" in arguments else ""
        return f"{given[len(arguments)]!r} is one argument too many{remedy}"
    for name in definition.option_names(cli.usages[command]):
        added = (name, "" if cli.takes_value(name) else None)
        if name not in dict(options) and _parse(command, [*options, added], words, cli) is not None:
            return f"{name} is missing"
    for one, other in combinations(options, 2):
        if _parse(command, [one, other], words, cli) is None:
            return f"{one[0]} and {other[0]} cannot be used together"
    return "these arguments do not match the usage"


def _as_argument(option: str, command: str, options: Options, words: list[str], cli: Definition) -> str:
    """Return the advice to pass the value of an unknown option as the argument of the same name, or "".

    The advice is a whole command line if docopt accepts it, else the names of the arguments.
    """
    names = definition.argument_names(cli.usages[command])
    places = {f"--{name.strip('<>')}": place for place, name in enumerate(names, 1)}
    if option not in places:
        return ""
    others = [(name, value) for name, value in options if name not in places]
    completed = list(words)
    for place, value in sorted((places[name], value) for name, value in options if name in places and value):
        if place > len(completed):
            break
        completed.insert(place, value)
    is_accepted = dict(options)[option] and _parse(command, others, completed, cli) is not None
    order = definition.argument_order(cli.usages[command])
    line = _line(completed, others) if is_accepted else f"{command} {order}"
    ordinal = ("first", "second", "third")[places[option] - 1]
    return f"; the {option.removeprefix('--')} is the {ordinal} argument: {line}"


def _text_after_dashes(command: str, argv: list[str], cli: Definition) -> str:
    """Return the advice to put a text that begins with a dash after "--", if docopt accepts that command line."""
    known = cli.options_of(command)
    options, words = split(argv, cli, lambda word: word.partition("=")[0] in known)
    if _parse(command, options, words, cli) is None:
        return ""
    return f"; put a text that begins with a dash after --: nodetodo {_line(words, options)}"


def _line(words: list[str], options: Options) -> str:
    """Return a command line for the shell. A word that begins with a dash is after "--".

    A target with an @ is not repeated, because it may be a URL with a password.
    """
    import shlex

    shown = [
        (name, "<target>" if name == "--db" and value is not None and "@" in value else value)
        for name, value in options
    ]
    first = next((place for place, word in enumerate(words) if word.startswith("-")), None)
    after_dashes = [] if first is None else ["--", *words[first:]]
    return shlex.join([*words[:first], *_joined(shown), *after_dashes])
