"""DynamoDB's API over one SQLite file, in this process: no server, no Java, no account.

`connect` gives a client with the methods, answers and errors of boto3's low-level DynamoDB client. It has the
operations on tables and items, with the whole expression language; everything else is refused by name. Built for quick
starts: what an operation does not need is not imported.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .errors import ClientError, ParamValidationError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Client

__all__ = ["ClientError", "ParamValidationError", "StorageError", "connect"]


def connect(
    path: str, *, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
) -> Client:
    """Return a client for a database file, which is created if it does not exist, or for memory with ":memory:".

    clock: returns seconds since 1970. sleep: takes seconds. Raises StorageError if the file cannot be used.
    """
    from .client import Client  # here, because readers of expressions and sizes need no database

    return Client(path, clock=clock, sleep=sleep)
