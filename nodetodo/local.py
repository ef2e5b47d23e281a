"""The embedded engine as a target: `local`, or `local:<path>`; its tables are made on first use."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from time import sleep
from typing import Any

from . import embedded
from .client import Answer, Client, Target, table_prefix
from .errors import NodetodoError, Unavailable


def connect(target: Target, env: Mapping[str, str]) -> Client:
    """A client for the file of target, which is made if it is not there. Raises StorageError, see failure."""
    path = target.path or default_path(env)
    return _MadeOnFirstUse(embedded.connect(os.path.abspath(os.path.expanduser(path))), table_prefix(env))


def default_path(env: Mapping[str, str]) -> str:
    """The file in the user's data folder, as the platform has it.

    platformdirs knows these folders too, and importing it would take longer than a command.
    """
    if sys.platform == "darwin":
        folder = "~/Library/Application Support"
    elif sys.platform == "win32":
        folder = env.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        # A relative path there is to be ignored (XDG Base Directory Specification).
        given = env.get("XDG_DATA_HOME", "")
        folder = given if os.path.isabs(given) else "~/.local/share"
    return f"{folder}/nodetodo/nodetodo.db"


def failure(error: Exception, target: Target) -> NodetodoError | None:
    """What a user is told about an error of the embedded engine; None for any other error."""
    if isinstance(error, embedded.StorageError):
        return Unavailable(str(error).rstrip("."))
    if isinstance(error, embedded.ClientError):
        from . import refusals

        return Unavailable(refusals.sentence(error, target))
    return None


class _MadeOnFirstUse:
    """An embedded client that makes the tables where an operation on items misses them.

    Operations on the tables themselves see what is there: table-rm deletes for good, table-ls shows what is missing.
    """

    ON_TABLES = ("create_table", "update_table", "describe_table", "delete_table", "list_tables")

    def __init__(self, client: embedded.Client, prefix: str) -> None:
        self._client, self._prefix = client, prefix

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return self._on_made_tables(found) if callable(found) and name not in ("close", *self.ON_TABLES) else found

    def _on_made_tables(self, send: Callable[..., Answer]) -> Callable[..., Answer]:
        def sent(**request: Any) -> Answer:
            try:
                return send(**request)
            except self._client.exceptions.ResourceNotFoundException:
                from .model import Capacity
                from .repositories.tables import Tables

                Tables(self._client, self._prefix, sleep).add(Capacity(), told=lambda _: None)
                return send(**request)

        return sent
