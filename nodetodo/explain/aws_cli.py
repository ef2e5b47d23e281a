"""A request as a line for the AWS CLI, which can be pasted into a shell of Unix."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

from ..output.text import CONTROL

if TYPE_CHECKING:
    from .requests import Parameters

WIDTH = 77  # of 80, three are the indentation


def arguments(operation: str, parameters: Parameters, where: list[str]) -> list[str]:
    """The words of the line; where: options for the endpoint and region. The CLI makes a request token of its own."""
    words = ["aws", "dynamodb", _dashed(operation)]
    for name, value in parameters.items():
        if name == "ClientRequestToken":
            continue
        option = f"--{_dashed(name)}"
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            words += [option, str(value) if isinstance(value, (str, int)) else _json(value)]
    return words + where


def line(operation: str, parameters: Parameters, where: list[str]) -> str:
    """The line, continued with backslashes where it would be wider than a terminal."""
    words = arguments(operation, parameters, where)
    options: list[str] = [" ".join(words[:3])]
    for word in words[3:]:
        if word.startswith("--"):
            options.append(word)
        else:
            options[-1] += f" {shlex.quote(word)}"
    lines = [options[0]]
    for option in options[1:]:
        if len(lines[-1]) + len(option) + 3 > WIDTH:
            lines[-1] += " \\"
            lines.append(f"  {option}")
        else:
            lines[-1] += f" {option}"
    return "\n".join(lines)


def _dashed(name: str) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "-", name).lower()


def _json(value: Any) -> str:
    # What would act on the terminal is escaped, which means the same to a reader of JSON.
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(CONTROL, lambda match: f"\\u{ord(match[0]):04x}", text)
