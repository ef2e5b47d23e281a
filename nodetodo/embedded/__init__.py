"""DynamoDB's API over one SQLite file, within the process: no server, no Java, no AWS account.

`connect` returns a client with the methods, responses and exceptions of boto3's low-level DynamoDB client. It supports
the operations on tables and items, the whole expression language and PartiQL. For everything else it raises an error
that names the unsupported feature. To start quickly, it imports a module only when an operation needs it.
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
    path: str,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    create: bool = True,
) -> Client:
    """Return a client for a database file.

    path: ":memory:" means a database in memory. clock: returns seconds since 1970. sleep: takes seconds. create:
    whether to create a file that does not exist; if False, the first write creates it, and until then reads find no
    tables. Raises StorageError if the file cannot be used.
    """
    from .client import Client  # here, because expressions and sizes are also used without a database

    return Client(path, clock=clock, sleep=sleep, create=create)
