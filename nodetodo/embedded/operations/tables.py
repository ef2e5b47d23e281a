"""CreateTable, DescribeTable, ListTables and DeleteTable. table_updates.py has UpdateTable.

Every change, including the backfill of an index, is complete when the response is returned. So the status of a table or
an index is ACTIVE from the first response on, where DynamoDB returns CREATING.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, validation_error
from ..limits import TABLES_PER_PAGE
from ..schema import GLOBAL, KINDS, index_definitions
from ..storage.statements import reading, writing
from .definitions import (
    CREATE_TABLE,
    DELETE_TABLE,
    DESCRIBE_TABLE,
    LIST_TABLES,
    check_attributes,
    check_billing,
    check_indexes,
    check_key,
    check_maximums,
    merged_tags,
)
from .descriptions import describe, existing_table
from .table_updates import change_settings, change_stream, new_index
from .warm_throughput import with_initial_throughput

if TYPE_CHECKING:
    from ..storage.statements import Storage

__all__ = [
    "CREATE_TABLE",
    "DELETE_TABLE",
    "DESCRIBE_TABLE",
    "LIST_TABLES",
    "create_table",
    "delete_table",
    "describe_table",
    "list_tables",
]


def create_table(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Create a table.

    Raises ApiError (ResourceInUseException) if the table exists.
    """
    check_attributes(request["AttributeDefinitions"], [request, *index_definitions(request)])
    check_key(request["KeySchema"])
    check_indexes(request)
    billing = request.get("BillingMode", "PROVISIONED")
    check_billing(billing, request.get("ProvisionedThroughput"), request.get(GLOBAL, ()), updating=False)
    check_maximums(billing, [request, *request.get(GLOBAL, ())])
    with writing(storage):
        if storage.find_table(request["TableName"]) is not None:
            raise ApiError("ResourceInUseException", f"Table already exists: {request['TableName']}")
        definition = {
            "AttributeDefinitions": request["AttributeDefinitions"],
            "KeySchema": request["KeySchema"],
            "BillingMode": billing,
            "ProvisionedThroughput": request.get("ProvisionedThroughput"),
            "Created": storage.clock(),
            "TableId": new_id(),
            "WarmThroughput": request.get("WarmThroughput", {}),
        }
        definition = with_initial_throughput(definition, billing)
        change_settings(definition, request)
        if "Tags" in request:
            definition["Tags"] = merged_tags([], request["Tags"])
        for kind in KINDS:
            if kind in request:
                definition[kind] = [new_index(storage, index, kind, billing) for index in request[kind]]
        table = storage.define(request["TableName"], storage.new_space(), definition)
        if "StreamSpecification" in request:
            table = change_stream(storage, table, request)
        return {"TableDescription": describe(storage, table)}


def new_id() -> str:
    """Return a random TableId, a UUID. The module uuid is slow to import."""
    random = os.urandom(16).hex()
    return "-".join((random[:8], random[8:12], random[12:16], random[16:20], random[20:]))


def describe_table(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Describe a table, with its current number of items and bytes.

    Raises ApiError (ResourceNotFoundException) if it does not exist.
    """
    with reading(storage):
        return {"Table": describe(storage, existing_table(storage, request["TableName"]))}


def list_tables(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """List the table names of one page, sorted."""
    limit = request.get("Limit", TABLES_PER_PAGE)
    with reading(storage):
        names = storage.table_names(request.get("ExclusiveStartTableName", ""), limit + 1)
    if len(names) <= limit:
        return {"TableNames": names}
    return {"TableNames": names[:limit], "LastEvaluatedTableName": names[limit - 1]}


def delete_table(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a table with its items and indexes. The response describes the deleted table."""
    with writing(storage):
        table = existing_table(storage, request["TableName"])
        described = describe(storage, table)
        if described["DeletionProtectionEnabled"]:
            raise validation_error(
                "Resource cannot be deleted as it is currently protected against deletion. "
                "Disable deletion protection first."
            )
        if table.stream is not None:
            storage.streams.close(table.stream.number, storage.clock())
        storage.drop(table)
    return {"TableDescription": {**described, "TableStatus": "DELETING"}}
