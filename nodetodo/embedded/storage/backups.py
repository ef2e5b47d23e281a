"""Backups of the SQLite file: consistent copies in a folder beside it, whose name is that of the file with `.backups`.

A copy contains all tables. It is one file without a write-ahead log. Its modification time is the time of the backup.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from ..errors import StorageError
from .file import APPLICATION, BACKUPS, create_private_file
from .statements import Storage, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".db"
PART_SUFFIX = ".part"  # of a copy that is not complete
PART_SECONDS = 24 * 60 * 60  # a part of this age belongs to a process that was killed
FILE_NAME_BYTES = 255
"""The longest name of a file on usual file systems. The name of a backup may have as many characters."""


def folder(path: str) -> str:
    """Return the folder of the backups of a file."""
    return f"{os.path.realpath(path)}{BACKUPS}"


def path_of(path: str, name: str) -> str:
    """Return the path of the backup with this name of a file."""
    return os.path.join(folder(path), _file_of(name))


def _file_of(name: str) -> str:
    """Return the name of the file of a backup.

    A name that leaves no room for the suffix is the name of the file. The character ~, which names of backups do not
    contain, replaces dots at its end, so that it has neither suffix.
    """
    if len(name + SUFFIX) <= FILE_NAME_BYTES:
        return name + SUFFIX
    return name[: -len(PART_SUFFIX)] + name[-len(PART_SUFFIX) :].replace(".", "~")


def _name_of(file: str) -> str | None:
    """Return the name of a backup by that of its file; None if it is not the name of the file of a backup."""
    name = file.removesuffix(SUFFIX) if file.endswith(SUFFIX) else file.replace("~", ".")
    return name if _file_of(name) == file else None


def exists(path: str, name: str) -> bool:
    """Return whether a file with the name of a new backup exists, whatever it contains."""
    return os.path.lexists(path_of(path, name))


def names(path: str) -> list[str]:
    """Return the names of all backups of a file, sorted. Files of other programs are no backups."""
    directory = folder(path)
    try:
        files = os.listdir(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(f"{directory} cannot be read: {error.strerror}.") from error
    found = ((_name_of(file), os.path.join(directory, file)) for file in files)
    return sorted(name for name, file in found if name is not None and _is_of_engine(file))


def _is_of_engine(path: str) -> bool:
    """Return whether the header of a file is that of an SQLite database of this engine.

    https://www.sqlite.org/fileformat.html#the_database_header
    """
    try:
        with open(path, "rb") as file:
            header = file.read(72)
    except OSError:  # a folder, or another process deleted it
        return False
    return header.startswith(b"SQLite format 3\0") and header[68:] == APPLICATION.to_bytes(4, "big")


def create(storage: Storage, path: str, name: str, created: float) -> None:
    """Copy the state of a file that the present transaction sees, and give the complete copy its name.

    created: seconds since 1970. Other processes may write meanwhile. A killed process leaves a file that is not a
    backup; a later call deletes it. Raises FileExistsError if another process created a file with this name.
    """
    final = path_of(path, name)
    part = os.path.join(folder(path), os.urandom(8).hex() + PART_SUFFIX)
    try:
        _remove_old_parts(folder(path), created)
        create_private_file(part)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            storage.back_up(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, which can be copied
        os.utime(part, (created, created))
        _synchronize(part)
        _name(part, final)
        _synchronize(folder(path))
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError(f"{final} cannot be created: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise StorageError(f"{final} cannot be created: {error}.") from error
    finally:
        with suppress(OSError):  # it must not replace the error above; a later call deletes the part
            os.remove(part)


def _name(part: str, final: str) -> None:
    """Give a file its final name. Raises FileExistsError if a file has this name."""
    try:
        os.link(part, final)  # os.replace would replace the backup of another process
    except FileExistsError:
        raise
    except OSError as error:  # a file system without hard links, such as FAT
        if os.path.lexists(final):
            raise FileExistsError(final) from error
        os.rename(part, final)


def _remove_old_parts(directory: str, now: float) -> None:
    with suppress(FileNotFoundError):
        for name in os.listdir(directory):
            part = os.path.join(directory, name)
            if name.endswith(PART_SUFFIX) and os.stat(part).st_mtime < now - PART_SECONDS:
                os.remove(part)


def _synchronize(path: str) -> None:
    """Wait until a file or the entries of a folder are on the disk. Windows has no such request for folders."""
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def delete(path: str, name: str) -> bool:
    """Delete a backup. Return False if it does not exist."""
    try:
        os.remove(path_of(path, name))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"{path_of(path, name)} cannot be deleted: {error.strerror}.") from error
    return True


@contextmanager
def opened(path: str, name: str) -> Iterator[tuple[Storage, float]]:
    """Provide the contents of a backup within a read transaction, and its time in seconds since 1970.

    Raises FileNotFoundError if it does not exist, and StorageError if it cannot be read.
    """
    backup = path_of(path, name)
    try:
        created = os.stat(backup).st_mtime
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(f"the backup {backup} cannot be read: {error.strerror}.") from error
    try:
        storage = Storage(backup, 0.0, lambda _: None, create=False)
    except StorageError as error:
        raise _unreadable(error) from error
    try:
        with reading(storage):
            yield storage, created
    except StorageError as error:
        if error.path != backup:  # an error of the file to which the backup is copied
            raise
        raise _unreadable(error) from error
    finally:
        storage.close()


def _unreadable(error: StorageError) -> StorageError:
    if error.is_busy:
        return StorageError(f"the backup {error.path} is in use by another process; repeat the command later.")
    return StorageError(f"the backup {str(error).partition(';')[0].rstrip('.')}; delete it or move it away.")
