"""Writes a request as a command line of the AWS CLI for a Unix shell."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ..engines.interface import OPERATIONS, STREAM_METHODS
from ..output.json_text import to_json

if TYPE_CHECKING:
    from .requests import Parameters

STREAMS = {OPERATIONS[name] for name in STREAM_METHODS}
WIDTH = 77  # 80 without the indentation


def arguments(operation: str, parameters: Parameters, options: list[str]) -> list[str]:
    """Return the arguments of the command line. options: for the endpoint and region.

    The ClientRequestToken is left out, because the AWS CLI creates one.
    """
    words = ["aws", "dynamodbstreams" if operation in STREAMS else "dynamodb", _dashed(operation)]
    for name, value in parameters.items():
        if name == "ClientRequestToken":
            continue
        option = f"--{_dashed(name)}"
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            words += [option, str(value) if isinstance(value, (str, int)) else to_json(value)]
    return words + options


def line(operation: str, parameters: Parameters, options: list[str], label_width: int) -> str:
    """Return the command line, with a backslash at the end of each continued line.

    label_width: the columns before the first line.
    """
    words = arguments(operation, parameters, options)
    groups = [" ".join(words[:3])]  # of an option and its value
    for word in words[3:]:
        if word.startswith("--"):
            groups.append(word)
        else:
            groups[-1] += f" {shlex.quote(word)}"
    lines = [groups[0]]
    for group in groups[1:]:
        used = len(lines[-1]) + (label_width if len(lines) == 1 else 0)
        if used + len(group) + 3 > WIDTH:
            lines[-1] += " \\"
            lines.append(f"  {group}")
        else:
            lines[-1] += f" {group}"
    return "\n".join(lines)


def _dashed(name: str) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "-", name).lower()
