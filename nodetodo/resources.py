"""Finds cli.txt and the table definitions: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

import os

from .errors import NodetodoError


def read(name: str) -> str:
    """The text of a file such as cli.txt or tables/todo-user.json."""
    package = os.path.dirname(__file__)
    for folder in (package, os.path.dirname(package)):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise NodetodoError(f"{name} is missing from this installation of nodetodo; install it again")
