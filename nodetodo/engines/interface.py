"""The interface that every engine offers, and the target that selects one.

boto3's low-level client and the embedded engine have the same methods, take the same keyword arguments, return the same
dictionaries and raise exceptions that are caught the same way. `--explain`, `--cost` and the tests that inject faults
wrap this interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Target:
    """A database. name: as the user writes it after --db=.

    endpoint: the URL of an http(s) target, else None. path: the file of `local:<path>`, else None.
    """

    def __init__(self, name: str, endpoint: str | None = None, path: str | None = None) -> None:
        self.name, self.endpoint, self.path = name, endpoint, path

    @property
    def is_local(self) -> bool:
        """Whether the embedded engine serves this target."""
        return self.name.partition(":")[0] == "local"

    @property
    def is_aws(self) -> bool:
        """Whether the database is DynamoDB in AWS, also by the URL of an endpoint of AWS."""
        return self.name == "aws" or ".amazonaws.com" in (self.endpoint or "")

    @property
    def has_recovery(self) -> bool:
        """Whether the database may have point-in-time recovery. A local file only stores its settings."""
        return not self.is_local


OPERATIONS = {
    "get_item": "GetItem",
    "query": "Query",
    "scan": "Scan",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "batch_get_item": "BatchGetItem",
    "batch_write_item": "BatchWriteItem",
    "transact_write_items": "TransactWriteItems",
    "describe_table": "DescribeTable",
    "create_table": "CreateTable",
    "update_table": "UpdateTable",
    "delete_table": "DeleteTable",
    "describe_continuous_backups": "DescribeContinuousBackups",
    "update_continuous_backups": "UpdateContinuousBackups",
    "create_backup": "CreateBackup",
    "list_backups": "ListBackups",
    "delete_backup": "DeleteBackup",
    "restore_table_from_backup": "RestoreTableFromBackup",
    "describe_stream": "DescribeStream",
    "get_shard_iterator": "GetShardIterator",
    "get_records": "GetRecords",
}
"""DynamoDB's name of the operation that each method of a client sends."""

STREAM_METHODS = ("describe_stream", "get_shard_iterator", "get_records")
"""The methods of a client that read streams. In AWS, streams are a service with another endpoint."""

ABOUT_TABLES = {name for name in OPERATIONS.values() if name.endswith(("Table", "Backup", "Backups"))} | {
    OPERATIONS[name] for name in STREAM_METHODS
}
"""The operations on tables, backups and streams. They consume no capacity units."""

READS = (
    *("get_item", "batch_get_item", "query", "scan"),
    *("describe_table", "describe_continuous_backups", "list_backups", *STREAM_METHODS),
)
"""The methods of a client that change nothing."""


class Request:
    """A request: the client's method that sends it, and its parameters."""

    def __init__(self, method: str, parameters: dict[str, Any]) -> None:
        self.method, self.parameters = method, parameters

    @property
    def operation(self) -> str:
        """The API operation, such as GetItem."""
        return OPERATIONS[self.method]

    @property
    def is_read(self) -> bool:
        """Whether the request changes nothing."""
        return self.method in READS

    @property
    def index(self) -> str | None:
        """The name of the index that the request reads; None if it reads a table."""
        index: str | None = self.parameters.get("IndexName")
        return index

    @property
    def tables(self) -> list[str]:
        """The names of the tables in the request, sorted."""
        actions = (action for item in self.parameters.get("TransactItems", ()) for action in item.values())
        names = {part["TableName"] for part in (self.parameters, *actions) if "TableName" in part}
        if "StreamArn" in self.parameters:
            names.add(self.parameters["StreamArn"].partition(":table/")[2].partition("/")[0])
        return sorted(names.union(self.parameters.get("RequestItems", ())))


if TYPE_CHECKING:
    from typing import Protocol

    from ..environment import Environment
    from ..errors import NodetodoError

    Response = dict[str, Any]

    class Client(Protocol):
        """The DynamoDB operations that this program sends, with the methods of boto3's low-level client."""

        @property
        def exceptions(self) -> Any: ...

        def create_table(self, **request: Any) -> Response: ...
        def update_table(self, **request: Any) -> Response: ...
        def describe_table(self, **request: Any) -> Response: ...
        def delete_table(self, **request: Any) -> Response: ...
        def describe_continuous_backups(self, **request: Any) -> Response: ...
        def update_continuous_backups(self, **request: Any) -> Response: ...
        def create_backup(self, **request: Any) -> Response: ...
        def list_backups(self, **request: Any) -> Response: ...
        def delete_backup(self, **request: Any) -> Response: ...
        def restore_table_from_backup(self, **request: Any) -> Response: ...
        def describe_stream(self, **request: Any) -> Response: ...
        def get_shard_iterator(self, **request: Any) -> Response: ...
        def get_records(self, **request: Any) -> Response: ...
        def get_item(self, **request: Any) -> Response: ...
        def put_item(self, **request: Any) -> Response: ...
        def update_item(self, **request: Any) -> Response: ...
        def delete_item(self, **request: Any) -> Response: ...
        def query(self, **request: Any) -> Response: ...
        def scan(self, **request: Any) -> Response: ...
        def batch_get_item(self, **request: Any) -> Response: ...
        def batch_write_item(self, **request: Any) -> Response: ...
        def transact_write_items(self, **request: Any) -> Response: ...
        def close(self) -> None: ...

    class Engine(Protocol):
        """A module that connects to its targets and translates their failures."""

        def connect(self, target: Target, environment: Environment) -> Client:
            """Return a client for the target. Nothing is sent yet."""

        def failure(self, error: Exception, target: Target, request: Request | None) -> NodetodoError | None:
            """Return the error message for an exception that the engine raised; None for any other exception.

            request: the request that raised it; None if it was raised before a request was sent.
            """
