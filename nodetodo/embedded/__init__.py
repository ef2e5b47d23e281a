"""DynamoDB's API over one SQLite file, in this process: no server, no Java, no account.

`connect` gives a client with the methods, answers and errors of boto3's low-level DynamoDB client. It has the
operations on tables and items, with the whole expression language; everything else is refused by name. Built for quick
starts: what an operation does not need is not imported.
"""

from __future__ import annotations

from .client import Client
from .errors import ClientError, ParamValidationError, StorageError

__all__ = ["Client", "ClientError", "ParamValidationError", "StorageError", "connect"]


def connect(path: str) -> Client:
    """A client for a database file, made if there is none, or for one in memory if the path is ":memory:".

    A StorageError if the file cannot be used.
    """
    return Client(path)
