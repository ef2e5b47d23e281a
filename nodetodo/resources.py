"""Reads the files that are installed with the program, such as cli.txt and the table definitions."""

from __future__ import annotations

import os

from .errors import NodetodoError


def read(name: str) -> str:
    """Return the text of a file, from the installed package or from the checkout around it.

    name: a path such as cli.txt or tables/todo-user.json. Raises NodetodoError if the file does not exist.
    """
    package = os.path.dirname(__file__)
    for folder in (package, os.path.dirname(package)):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise NodetodoError(f"the file {name} is missing from this installation; reinstall nodetodo")
