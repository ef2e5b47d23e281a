"""The client: each of its methods runs one operation of DynamoDB within the process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .errors import EXCEPTIONS, ApiError, client_error
from .operations import parameters
from .storage.codecs import decode_item
from .storage.file import BUSY_SECONDS
from .storage.statements import Storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from .storage.codecs import DecodeItem

    Response = dict[str, Any]


class Client:
    """Has the methods, keyword arguments and responses of boto3's DynamoDB client.

    Its methods raise the errors in `exceptions` for error responses, ParamValidationError for invalid parameters and
    StorageError if the file cannot be used. Threads may share a client; their operations run one after another.
    """

    exceptions = EXCEPTIONS

    def __init__(
        self,
        path: str,
        busy_seconds: float = BUSY_SECONDS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        create: bool = True,
    ) -> None:
        """Open a file. Raises StorageError if it cannot be used.

        busy_seconds: how long to wait for other processes. clock: returns seconds since 1970, for creation dates and
        tokens. sleep: takes seconds. create: see `embedded.connect`.
        """
        self._storage = Storage(path, busy_seconds, sleep, create, clock)
        # A server replaces both: the address in the response of DescribeEndpoints, and the function that decodes an
        # item which a response of GetItem, Query or Scan contains as it is stored.
        self.address = "localhost:8000"
        self.decode_whole: DecodeItem = decode_item

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"The embedded engine has no operation {name!r}")

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def _run(
        self,
        operation: str,
        shape: parameters.Structure,
        function: Callable[..., Response],
        request: dict[str, Any],
        *more: Any,
    ) -> Response:
        try:
            parameters.check(shape, request)
            if not request.keys().isdisjoint(parameters.LEGACY):
                from .operations import legacy

                request = legacy.translated(request)
            response = function(self._storage, request, *more)
        except ApiError as error:
            raise client_error(error, operation) from None
        response["ResponseMetadata"] = {"HTTPStatusCode": 200, "RetryAttempts": 0}
        return response

    # Items. Each method imports its module, because most commands need only one or two of them.

    def put_item(self, **request: Any) -> Response:
        """Run PutItem."""
        from .operations import items

        return self._run("PutItem", items.PUT_ITEM, items.put_item, request)

    def get_item(self, **request: Any) -> Response:
        """Run GetItem."""
        from .operations import items

        return self._run("GetItem", items.GET_ITEM, items.get_item, request, self.decode_whole)

    def update_item(self, **request: Any) -> Response:
        """Run UpdateItem."""
        from .operations import items

        return self._run("UpdateItem", items.UPDATE_ITEM, items.update_item, request)

    def delete_item(self, **request: Any) -> Response:
        """Run DeleteItem."""
        from .operations import items

        return self._run("DeleteItem", items.DELETE_ITEM, items.delete_item, request)

    def query(self, **request: Any) -> Response:
        """Run Query."""
        from .operations import queries

        return self._run("Query", queries.QUERY, queries.query, request, self.decode_whole)

    def scan(self, **request: Any) -> Response:
        """Run Scan."""
        from .operations import queries

        return self._run("Scan", queries.SCAN, queries.scan, request, self.decode_whole)

    # Several items

    def batch_get_item(self, **request: Any) -> Response:
        """Run BatchGetItem."""
        from .operations import batches

        return self._run("BatchGetItem", batches.BATCH_GET_ITEM, batches.batch_get_item, request)

    def batch_write_item(self, **request: Any) -> Response:
        """Run BatchWriteItem."""
        from .operations import batches

        return self._run("BatchWriteItem", batches.BATCH_WRITE_ITEM, batches.batch_write_item, request)

    def transact_write_items(self, **request: Any) -> Response:
        """Run TransactWriteItems."""
        from .operations import transactions

        shape = transactions.TRANSACT_WRITE_ITEMS
        return self._run("TransactWriteItems", shape, transactions.transact_write_items, request)

    def transact_get_items(self, **request: Any) -> Response:
        """Run TransactGetItems."""
        from .operations import transactions

        return self._run("TransactGetItems", transactions.TRANSACT_GET_ITEMS, transactions.transact_get_items, request)

    # PartiQL

    def execute_statement(self, **request: Any) -> Response:
        """Run ExecuteStatement."""
        from .partiql import operations

        return self._run("ExecuteStatement", operations.EXECUTE_STATEMENT, operations.execute_statement, request)

    def batch_execute_statement(self, **request: Any) -> Response:
        """Run BatchExecuteStatement."""
        from .partiql import operations

        shape = operations.BATCH_EXECUTE_STATEMENT
        return self._run("BatchExecuteStatement", shape, operations.batch_execute_statement, request)

    def execute_transaction(self, **request: Any) -> Response:
        """Run ExecuteTransaction."""
        from .partiql import operations

        shape = operations.EXECUTE_TRANSACTION
        return self._run("ExecuteTransaction", shape, operations.execute_transaction, request)

    # Tables

    def create_table(self, **request: Any) -> Response:
        """Run CreateTable."""
        from .operations import tables

        return self._run("CreateTable", tables.CREATE_TABLE, tables.create_table, request)

    def update_table(self, **request: Any) -> Response:
        """Run UpdateTable."""
        from .operations import table_updates

        return self._run("UpdateTable", table_updates.UPDATE_TABLE, table_updates.update_table, request)

    def describe_table(self, **request: Any) -> Response:
        """Run DescribeTable."""
        from .operations import tables

        return self._run("DescribeTable", tables.DESCRIBE_TABLE, tables.describe_table, request)

    def list_tables(self, **request: Any) -> Response:
        """Run ListTables."""
        from .operations import tables

        return self._run("ListTables", tables.LIST_TABLES, tables.list_tables, request)

    def delete_table(self, **request: Any) -> Response:
        """Run DeleteTable."""
        from .operations import tables

        return self._run("DeleteTable", tables.DELETE_TABLE, tables.delete_table, request)

    # Settings

    def update_time_to_live(self, **request: Any) -> Response:
        """Run UpdateTimeToLive."""
        from .operations import time_to_live

        shape = time_to_live.UPDATE_TIME_TO_LIVE
        return self._run("UpdateTimeToLive", shape, time_to_live.update_time_to_live, request)

    def describe_time_to_live(self, **request: Any) -> Response:
        """Run DescribeTimeToLive."""
        from .operations import time_to_live

        shape = time_to_live.DESCRIBE_TIME_TO_LIVE
        return self._run("DescribeTimeToLive", shape, time_to_live.describe_time_to_live, request)

    def tag_resource(self, **request: Any) -> Response:
        """Run TagResource."""
        from .operations import tags

        return self._run("TagResource", tags.TAG_RESOURCE, tags.tag_resource, request)

    def untag_resource(self, **request: Any) -> Response:
        """Run UntagResource."""
        from .operations import tags

        return self._run("UntagResource", tags.UNTAG_RESOURCE, tags.untag_resource, request)

    def list_tags_of_resource(self, **request: Any) -> Response:
        """Run ListTagsOfResource."""
        from .operations import tags

        return self._run("ListTagsOfResource", tags.LIST_TAGS_OF_RESOURCE, tags.list_tags_of_resource, request)

    # Streams

    def list_streams(self, **request: Any) -> Response:
        """Run ListStreams."""
        from .operations import streams

        return self._run("ListStreams", streams.LIST_STREAMS, streams.list_streams, request)

    def describe_stream(self, **request: Any) -> Response:
        """Run DescribeStream."""
        from .operations import streams

        return self._run("DescribeStream", streams.DESCRIBE_STREAM, streams.describe_stream, request)

    def get_shard_iterator(self, **request: Any) -> Response:
        """Run GetShardIterator."""
        from .operations import streams

        return self._run("GetShardIterator", streams.GET_SHARD_ITERATOR, streams.get_shard_iterator, request)

    def get_records(self, **request: Any) -> Response:
        """Run GetRecords."""
        from .operations import streams

        return self._run("GetRecords", streams.GET_RECORDS, streams.get_records, request)

    # Account

    def describe_limits(self, **request: Any) -> Response:
        """Run DescribeLimits."""
        from .operations import account

        return self._run("DescribeLimits", account.DESCRIBE_LIMITS, account.describe_limits, request)

    def describe_endpoints(self, **request: Any) -> Response:
        """Run DescribeEndpoints."""
        from .operations import account

        shape = account.DESCRIBE_ENDPOINTS
        return self._run("DescribeEndpoints", shape, account.describe_endpoints, request, self.address)

    # Backups

    def create_backup(self, **request: Any) -> Response:
        """Run CreateBackup."""
        from .operations import backups

        return self._run("CreateBackup", backups.CREATE_BACKUP, backups.create_backup, request)

    def list_backups(self, **request: Any) -> Response:
        """Run ListBackups."""
        from .operations import backups

        return self._run("ListBackups", backups.LIST_BACKUPS, backups.list_backups, request)

    def describe_backup(self, **request: Any) -> Response:
        """Run DescribeBackup."""
        from .operations import backups

        return self._run("DescribeBackup", backups.DESCRIBE_BACKUP, backups.describe_backup, request)

    def delete_backup(self, **request: Any) -> Response:
        """Run DeleteBackup."""
        from .operations import backups

        return self._run("DeleteBackup", backups.DELETE_BACKUP, backups.delete_backup, request)

    def restore_table_from_backup(self, **request: Any) -> Response:
        """Run RestoreTableFromBackup."""
        from .operations import backups

        shape = backups.RESTORE_TABLE_FROM_BACKUP
        return self._run("RestoreTableFromBackup", shape, backups.restore_table_from_backup, request)

    def describe_continuous_backups(self, **request: Any) -> Response:
        """Run DescribeContinuousBackups."""
        from .operations import recovery

        shape = recovery.DESCRIBE_CONTINUOUS_BACKUPS
        function = recovery.describe_continuous_backups
        return self._run("DescribeContinuousBackups", shape, function, request)

    def update_continuous_backups(self, **request: Any) -> Response:
        """Run UpdateContinuousBackups."""
        from .operations import recovery

        shape = recovery.UPDATE_CONTINUOUS_BACKUPS
        return self._run("UpdateContinuousBackups", shape, recovery.update_continuous_backups, request)
