"""The embedded engine as a target: `local`, or `local:<path>`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from .. import embedded
from ..errors import DatabaseUnavailable, NodetodoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..environment import Environment
    from .interface import Client, Request, Target

NOTICE_SECONDS = 1.0
"""Seconds that a command waits for a locked file before it reports that."""


def connect(target: Target, environment: Environment) -> Client:
    """Return a client for the target's file. The first write creates the file if it does not exist.

    Raises DatabaseUnavailable if the path cannot be determined, and embedded.StorageError if the file cannot be used.
    """
    path = _expand(target.path or default_path(environment.variables), environment.variables)
    try:
        path = os.path.abspath(path)
    except OSError as error:  # the current folder was removed
        raise DatabaseUnavailable(f"{path} cannot be found: {error.strerror}") from error
    sleep = _Wait(path, environment).sleep
    return embedded.connect(path, clock=lambda: environment.now().timestamp(), sleep=sleep, create=False)


class _Wait:
    """Sleeps while another process locks the file, and reports that on a terminal after NOTICE_SECONDS."""

    def __init__(self, path: str, environment: Environment) -> None:
        self._path, self._environment = path, environment
        self._seconds = 0.0
        self._is_reported = False

    def sleep(self, seconds: float) -> None:
        stderr = self._environment.stderr
        if self._seconds >= NOTICE_SECONDS and not self._is_reported and stderr.isatty():
            self._is_reported = True
            shown = self._path if self._path.isprintable() else repr(self._path)
            stderr.write(f"waiting for another process that uses {shown}; Ctrl-C stops the command\n")
            stderr.flush()
        self._environment.sleep(seconds)
        self._seconds += seconds


def _expand(path: str, variables: Mapping[str, str]) -> str:
    """Replace a leading ~ by the home folder, and a leading ~name by that user's home folder."""
    if path == "~" or path.startswith("~/"):
        home = _home(variables)
        path = home + path[1:] if home else path
    else:
        path = os.path.expanduser(path)
    if path.startswith("~"):
        raise DatabaseUnavailable(f"no home folder was found for {path}; set HOME, or pass --db=local:<file>")
    return path


def _home(variables: Mapping[str, str]) -> str | None:
    """Return the home folder from HOME (on Windows USERPROFILE), or without that variable from the user database.

    Raises DatabaseUnavailable if the variable is not an absolute path: an empty one would mean folders of the root.
    """
    name = "USERPROFILE" if sys.platform == "win32" else "HOME"
    home = variables.get(name)
    if home is not None:
        if not os.path.isabs(home):
            raise DatabaseUnavailable(f"{name} is {home!r}, not an absolute path; set it, or pass --db=local:<file>")
        return home
    with suppress(ImportError, KeyError):  # Windows has no user database; it may lack the user of a container
        import pwd  # here, because HOME is nearly always set

        return pwd.getpwuid(os.getuid()).pw_dir
    return None


def default_path(variables: Mapping[str, str]) -> str:
    """Return the default file, in the data folder of the user by the convention of the platform. It may begin with ~.

    The library platformdirs knows these folders too, but importing it takes longer than a command.
    """
    if sys.platform == "darwin":
        folder = "~/Library/Application Support"
    elif sys.platform == "win32":
        folder = variables.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        # A relative path is to be ignored (XDG Base Directory Specification).
        given = variables.get("XDG_DATA_HOME", "")
        folder = given if os.path.isabs(given) else "~/.local/share"
    return f"{folder}/nodetodo/nodetodo.db"


def failure(error: Exception, target: Target, request: Request | None) -> NodetodoError | None:
    """Return the error message for an exception of the embedded engine; None for any other exception."""
    if isinstance(error, embedded.StorageError):
        return DatabaseUnavailable(str(error).rstrip("."))
    if isinstance(error, embedded.ClientError):
        from . import messages

        return messages.failure(error, target, request)
    return None
