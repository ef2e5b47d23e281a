"""Renders parts of cli.txt as help."""

from __future__ import annotations

from . import definition

HINTS = {"<date>": "Dates", "<uid>": "Uids", "<tid>": "Tids"}
"""The paragraphs of cli.txt about values, by the name of the value in usages."""


def help_text(command: str | None) -> str:
    """Return the usage, description and options of a command, or all of cli.txt for None."""
    cli = definition.load()
    if command is None:
        return cli.text
    own = definition.option_names(cli.usages[command])
    sections = [
        f"Usage:\n{cli.usages[command]}",
        _description(cli.commands[command]),
        "\n".join(["Options:", *(cli.options[name] for name in own)]) if own else "",
        "\n".join(["Options of every command:", *(_first_sentence(cli.options[name]) for name in cli.common_options)]),
        *(
            hint
            for hint in cli.text.split("\n\n")
            if any(hint.startswith(f"{noun}:") and name in cli.usages[command] for name, noun in HINTS.items())
        ),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def list_of_commands() -> str:
    """Return one line for each command, with the first sentence of its description."""
    return "\n".join(_first_sentence(entry) for entry in definition.load().commands.values())


def purposes() -> dict[str, str]:
    """Return the first sentence of each command's description, without the full stop."""
    return {command: purpose(entry) for command, entry in definition.load().commands.items()}


def purpose(entry: str) -> str:
    """Return the first sentence of the description of a command or an option, without the full stop."""
    _, _, description = entry.strip().replace("\n", "  ").partition("  ")
    return " ".join(description.split()).partition(". ")[0].rstrip(".")


def _first_sentence(entry: str) -> str:
    """Return an entry up to the end of its first sentence, which is always on its first line."""
    return entry.partition("\n")[0].partition(". ")[0].rstrip(".") + "."


def _description(entry: str) -> str:
    """Return an entry without its name and without indentation. Two spaces end the name."""
    return "\n".join(line.strip() for line in entry.strip().partition("  ")[2].splitlines())
