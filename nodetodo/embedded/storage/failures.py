"""The error messages for failures of SQLite and for damaged data."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from ..errors import DamagedDataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Failure = sqlite3.Error | DamagedDataError | UnicodeDecodeError

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})

# Error messages for SQLite's result codes: https://www.sqlite.org/rescode.html
_MESSAGES = {
    sqlite3.SQLITE_NOTADB: "{path} is not a database, and was not changed.",
    sqlite3.SQLITE_FULL: "The disk has no space left for {path}; nothing was changed.",
    sqlite3.SQLITE_READONLY: "{path} cannot be written; nothing was changed.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened for reading and writing, or its folder cannot be written.",
    sqlite3.SQLITE_PERM: "{path} cannot be opened for reading and writing.",
    sqlite3.SQLITE_IOERR: "{path} cannot be read or written: the disk reports an error.",
}

# The statements of the engine are correct and its tables have no constraints that they violate. So these codes too mean
# that the file, for example its schema, is not as it was written. Without a code: text that is not UTF-8.
_DAMAGED = frozenset(
    {
        *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_INTERNAL, sqlite3.SQLITE_CONSTRAINT),
        *(sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_FORMAT),
    }
)
_NOT_WRITABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_RESTORE = "restore a backup, or copy what is readable with: sqlite3 <file> .recover | sqlite3 <new file>"


def is_busy(error: BaseException) -> bool:
    """Return whether an error means that another process prevents the action at present."""
    return _result_code(error) in _BUSY


def _result_code(error: BaseException) -> int:
    """Return SQLite's primary result code; 0 for another error."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def reason(error: Failure, path: str, side_files: Iterable[str], is_backup: bool) -> str:
    """Return why a file cannot be used, as a sentence, if it is not busy.

    side_files: the files in which SQLite keeps its write-ahead log. is_backup: whether the file is a backup.
    """
    if isinstance(error, DamagedDataError):
        return f"{path} is damaged ({error}); {_RESTORE}."
    code = _result_code(error)
    if code in _DAMAGED or (isinstance(error, sqlite3.OperationalError | UnicodeDecodeError) and not code):
        return f"{path} is damaged (SQLite cannot read it); {_RESTORE}."
    if code == sqlite3.SQLITE_READONLY and is_backup:
        return f"{path} is a backup, which is only read; nothing was changed."
    if code == sqlite3.SQLITE_READONLY and not os.access(os.path.dirname(path) or ".", os.W_OK):
        return f"{path} is in a folder that cannot be written, which reads need too; nothing was changed."
    if code in _NOT_WRITABLE and os.access(path, os.W_OK):
        for side in side_files:
            if os.path.exists(side) and not os.access(side, os.W_OK):
                return f"{side} cannot be written, but {path} can: make both writable."
    message = _MESSAGES.get(code, "{path} cannot be used: {error}.")
    return message.format(path=path, error=error)
