"""The client: boto3's low-level methods, each one operation of DynamoDB carried out in this process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .errors import EXCEPTIONS, ApiError, client_error
from .operations import parameters
from .storage.file import BUSY_SECONDS
from .storage.statements import Storage

if TYPE_CHECKING:
    from collections.abc import Callable

    Response = dict[str, Any]


class Client:
    """A database file (or one in memory) through the methods of boto3's DynamoDB client.

    Methods take boto3's keyword arguments and give its dictionaries. Errors are `exceptions.…` with boto3's `response`,
    a ParamValidationError for a request of a wrong shape, and a StorageError for a file that cannot be used. Threads
    may share a client; their operations take turns.
    """

    exceptions = EXCEPTIONS

    def __init__(
        self,
        path: str,
        busy_seconds: float = BUSY_SECONDS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open a file, which is created if it does not exist.

        clock: returns seconds since 1970, for creation dates and tokens. sleep: takes seconds, for a locked file.
        """
        self._storage = Storage(path, busy_seconds, sleep)
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"The embedded engine has no operation {name!r}")

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def _answer(
        self,
        operation: str,
        shape: parameters.Structure,
        carry_out: Callable[..., Response],
        request: dict[str, Any],
        *more: Any,
    ) -> Response:
        try:
            parameters.check(shape, request)
            response = carry_out(self._storage, request, *more)
        except ApiError as refusal:
            raise client_error(refusal, operation) from None
        response["ResponseMetadata"] = {"HTTPStatusCode": 200, "RetryAttempts": 0}
        return response

    # Items. What only some commands need is imported by them.

    def put_item(self, **request: Any) -> Response:
        """DynamoDB's PutItem."""
        from .operations import items

        return self._answer("PutItem", items.PUT_ITEM, items.put_item, request)

    def get_item(self, **request: Any) -> Response:
        """DynamoDB's GetItem."""
        from .operations import items

        return self._answer("GetItem", items.GET_ITEM, items.get_item, request)

    def update_item(self, **request: Any) -> Response:
        """DynamoDB's UpdateItem."""
        from .operations import items

        return self._answer("UpdateItem", items.UPDATE_ITEM, items.update_item, request)

    def delete_item(self, **request: Any) -> Response:
        """DynamoDB's DeleteItem."""
        from .operations import items

        return self._answer("DeleteItem", items.DELETE_ITEM, items.delete_item, request)

    def query(self, **request: Any) -> Response:
        """DynamoDB's Query."""
        from .operations import queries as pages

        return self._answer("Query", pages.QUERY, pages.query, request)

    def scan(self, **request: Any) -> Response:
        """DynamoDB's Scan."""
        from .operations import queries as pages

        return self._answer("Scan", pages.SCAN, pages.scan, request)

    # Several items

    def batch_get_item(self, **request: Any) -> Response:
        """DynamoDB's BatchGetItem."""
        from .operations import batches

        return self._answer("BatchGetItem", batches.BATCH_GET_ITEM, batches.batch_get_item, request)

    def batch_write_item(self, **request: Any) -> Response:
        """DynamoDB's BatchWriteItem."""
        from .operations import batches

        return self._answer("BatchWriteItem", batches.BATCH_WRITE_ITEM, batches.batch_write_item, request)

    def transact_write_items(self, **request: Any) -> Response:
        """DynamoDB's TransactWriteItems."""
        from .operations import transactions

        shape = transactions.TRANSACT_WRITE_ITEMS
        return self._answer("TransactWriteItems", shape, transactions.transact_write_items, request, self._clock)

    def transact_get_items(self, **request: Any) -> Response:
        """DynamoDB's TransactGetItems."""
        from .operations import transactions

        return self._answer(
            "TransactGetItems", transactions.TRANSACT_GET_ITEMS, transactions.transact_get_items, request
        )

    # Tables

    def create_table(self, **request: Any) -> Response:
        """DynamoDB's CreateTable."""
        from .operations import tables

        return self._answer("CreateTable", tables.CREATE_TABLE, tables.create_table, request, self._clock)

    def update_table(self, **request: Any) -> Response:
        """DynamoDB's UpdateTable."""
        from .operations import tables

        return self._answer("UpdateTable", tables.UPDATE_TABLE, tables.update_table, request, self._clock)

    def describe_table(self, **request: Any) -> Response:
        """DynamoDB's DescribeTable."""
        from .operations import tables

        return self._answer("DescribeTable", tables.DESCRIBE_TABLE, tables.describe_table, request)

    def list_tables(self, **request: Any) -> Response:
        """DynamoDB's ListTables."""
        from .operations import tables

        return self._answer("ListTables", tables.LIST_TABLES, tables.list_tables, request)

    def delete_table(self, **request: Any) -> Response:
        """DynamoDB's DeleteTable."""
        from .operations import tables

        return self._answer("DeleteTable", tables.DELETE_TABLE, tables.delete_table, request)
