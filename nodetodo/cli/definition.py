"""Reads the usages, commands and options in cli.txt."""

from __future__ import annotations

from .. import resources

REPEATED = "..."
"""The end of an argument that takes one or more values."""


class Definition:
    """The command line as cli.txt defines it.

    usages, commands and options: the entries of these sections, with their line breaks, by command or option.
    common_options: the names of the options of every command.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.usages: dict[str, str] = {}
        self.commands: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.common_options: list[str] = []
        for section in text.split("\n\n"):
            heading, *entries = _entries(section)
            if heading == "Usage:":
                self.usages = {entry.split()[2]: entry for entry in entries if "[options]" in entry}
            elif heading == "Commands:":
                self.commands = {entry.split()[0]: entry for entry in entries}
            elif heading.startswith("Options of "):
                names = [entry[entry.index("--") :].split(maxsplit=1)[0].partition("=")[0] for entry in entries]
                self.options |= zip(names, entries, strict=True)
                if heading == "Options of every command:":
                    self.common_options = names

    def options_of(self, command: str) -> list[str]:
        """Return the names of a command's own options, then those of the common options."""
        return option_names(self.usages[command]) + self.common_options

    def takes_value(self, option: str) -> bool:
        """Return whether cli.txt shows this option with a value."""
        return option.startswith("--") and f"{option}=<" in self.text

    def default(self, option: str) -> str | bool | None:
        """Return the default of an option."""
        if not self.takes_value(option):
            return False
        return self.options[option].partition("[default: ")[2].partition("]")[0] or None


def load() -> Definition:
    """Return the definition in cli.txt."""
    return Definition(resources.read("cli.txt"))


def option_names(usage: str) -> list[str]:
    """Return the names of the options in a usage, or in a part of one."""
    return [word.strip("[]").partition("=")[0] for word in usage.split() if word.lstrip("[").startswith("--")]


def argument_names(usage: str) -> list[str]:
    """Return the names of the arguments in a usage, such as "<uid>", in their order."""
    return [word.removesuffix(REPEATED) for word in _arguments(usage)]


def argument_order(usage: str) -> str:
    """Return the arguments in a usage without brackets, such as "<uid> <tid>..."."""
    return " ".join(_arguments(usage))


def _arguments(usage: str) -> list[str]:
    return [word.strip("[]") for word in usage.split() if word.startswith(("<", "[<"))]


def _entries(section: str) -> list[str]:
    """Split a section into its heading and its entries. A line that begins with three spaces continues an entry."""
    entries: list[str] = []
    for line in section.splitlines():
        if line.startswith("   "):
            entries[-1] += f"\n{line}"
        else:
            entries.append(line)
    return entries
