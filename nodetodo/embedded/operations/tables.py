"""CreateTable, UpdateTable, DescribeTable, ListTables and DeleteTable.

Every change, including the backfill of an index, is complete when the response is returned. So the status of a table or
an index is ACTIVE from the first response on, where DynamoDB returns CREATING.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import ApiError, DamagedDataError, ParamValidationError, validation_error
from ..limits import TABLES_PER_PAGE
from ..schema import GLOBAL, KINDS, LOCAL, index_definitions
from ..storage.codecs import decode_item
from ..storage.statements import reading, writing
from . import parameters
from .definitions import (
    CREATE_TABLE,
    DELETE_TABLE,
    DESCRIBE_TABLE,
    LIST_TABLES,
    NO_MAXIMUM,
    UPDATE_TABLE,
    check_attributes,
    check_billing,
    check_indexes,
    check_key,
    check_maximums,
    merged_tags,
)
from .warm_throughput import (
    check_index_update,
    warm_throughput,
    with_increased_throughput,
    with_initial_throughput,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..schema import Index, Table
    from ..storage.statements import Storage

__all__ = [
    "CREATE_TABLE",
    "DELETE_TABLE",
    "DESCRIBE_TABLE",
    "LIST_TABLES",
    "UPDATE_TABLE",
    "create_table",
    "delete_table",
    "describe_table",
    "list_tables",
    "update_table",
]

ARN = "arn:aws:dynamodb:embedded:000000000000:table/"

# The members of CreateTable and UpdateTable that change a table and not its indexes.
SETTINGS = (
    *("BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput", "DeletionProtectionEnabled"),
    *("TableClass", "StreamSpecification"),
)
# Settings that no other setting may accompany in UpdateTable, in the order of the error messages.
EXCLUSIVE = {
    "TableClass": "TableClass modification",
    "DeletionProtectionEnabled": "DeletionProtection modification",
    "WarmThroughput": "WarmThroughput",
}


def create_table(storage: Storage, request: dict[str, Any], clock: Callable[[], float]) -> dict[str, Any]:
    """Create a table.

    clock: returns seconds since 1970. Raises ApiError (ResourceInUseException) if the table exists.
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
            "Created": clock(),
            "TableId": new_id(),
            "WarmThroughput": request.get("WarmThroughput", {}),
        }
        definition = with_initial_throughput(definition, billing)
        _change_settings(definition, request)
        if "Tags" in request:
            definition["Tags"] = merged_tags([], request["Tags"])
        for kind in KINDS:
            if kind in request:
                definition[kind] = [_new_index(storage, index, kind, billing) for index in request[kind]]
        table = storage.define(request["TableName"], storage.new_space(), definition)
        if "StreamSpecification" in request:
            table = _change_stream(storage, table, request)
        return {"TableDescription": _description(storage, table)}


def new_id() -> str:
    """Return a random TableId, a UUID. The module uuid is slow to import."""
    random = os.urandom(16).hex()
    return "-".join((random[:8], random[8:12], random[12:16], random[16:20], random[20:]))


def _change_settings(definition: dict[str, Any], request: dict[str, Any]) -> None:
    """Apply the class, the deletion protection and the maximum throughput of a request to the definition of a table."""
    for name in ("DeletionProtectionEnabled", "TableClass"):
        if name in request:
            definition[name] = request[name]
    definition.update(_with_maximums(definition, request))


def _with_maximums(owner: dict[str, Any], requested: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of a table or an index with the maximum on-demand throughput of a request."""
    maximums = {**owner.get("OnDemandThroughput", {}), **requested.get("OnDemandThroughput", {})}
    kept = {name: units for name, units in maximums.items() if units != NO_MAXIMUM}
    return {**owner, "OnDemandThroughput": kept} if maximums else owner


def update_table(storage: Storage, request: dict[str, Any], clock: Callable[[], float]) -> dict[str, Any]:
    """Change the settings of a table, or create, change or delete its indexes.

    clock: returns seconds since 1970. Raises ApiError if the table or index does not exist, or the change is invalid.
    """
    index_updates = request.get("GlobalSecondaryIndexUpdates") or []
    settings = [name for name in SETTINGS if request.get(name) not in (None, {})]  # AWS ignores an empty one
    if not index_updates and not settings:
        raise validation_error(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
            "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, "
            "MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or "
            "TableClass is required"
        )
    for update in index_updates:
        if len(update) != 1:
            raise validation_error(
                "One or more parameter values were invalid: "
                + (
                    "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object"
                    if update
                    else "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                    "GlobalSecondaryIndexUpdate.Delete must not be null"
                )
            )
        check_index_update(update.get("Update", {}))
    for name, subject in EXCLUSIVE.items():
        if name in settings and len(settings) > 1:
            raise validation_error(
                f"One or more parameter values were invalid: {subject} must be the only operation in the request"
            )
    if sum("Create" in update or "Delete" in update for update in index_updates) > 1:
        raise ApiError(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        )
    with writing(storage):
        table = existing_table(storage, request["TableName"])
        with _decoding(table):
            definition = storage.definition(table)
            _check_definition(definition, table.name)
        _keep_warm_throughput(definition)
        _change_billing(definition, request, clock)
        _change_settings(definition, request)
        requested = request.get("WarmThroughput", {})
        definition = with_increased_throughput(definition, requested, definition["BillingMode"])
        for update in index_updates:
            _change_indexes(storage, definition, update, request)
        check_billing(
            definition["BillingMode"],
            definition["ProvisionedThroughput"],
            definition.get(GLOBAL, ()),
            updating=True,
        )
        check_maximums(definition["BillingMode"], [definition, *definition.get(GLOBAL, ())])
        _keep_warm_throughput(definition)
        changed = storage.define(table.name, table.space, definition)
        if "StreamSpecification" in request:
            changed = _change_stream(storage, changed, request, updating=True)
        for update in index_updates:
            if "Create" in update:
                backfill(storage, changed, changed.indexes[update["Create"]["IndexName"]])
        return {"TableDescription": _description(storage, changed)}


def _new_index(storage: Storage, requested: dict[str, Any], kind: str, billing: str) -> dict[str, Any]:
    """Return the definition of a requested index, with a new space for its entries."""
    index = {**_with_maximums(requested, requested), "Space": storage.new_space()}
    return with_initial_throughput(index, billing) if kind == GLOBAL else index


def _keep_warm_throughput(definition: dict[str, Any]) -> None:
    """Store the present warm throughput of a table and its indexes, so that no change of its units decreases it."""
    for owner in (definition, *definition.get(GLOBAL, ())):
        owner["WarmThroughput"] = warm_throughput(owner, definition["BillingMode"])


def _change_stream(storage: Storage, table: Table, request: dict[str, Any], updating: bool = False) -> Table:
    from . import stream_settings  # here, because few requests change a stream

    return stream_settings.change(storage, table, request, updating)


def _change_billing(definition: dict[str, Any], request: dict[str, Any], clock: Callable[[], float]) -> None:
    throughput = request.get("ProvisionedThroughput")
    billing = request.get("BillingMode", definition["BillingMode"])
    if throughput is not None and throughput == definition["ProvisionedThroughput"]:
        units = "ReadCapacityUnits", "WriteCapacityUnits"
        each = "".join(
            f" Current {unit} provisioned for the table: {throughput[unit]}. Requested {unit}: {throughput[unit]}."
            for unit in units
        )
        raise validation_error(
            "The provisioned throughput for the table will not change. The requested value equals the current value."
            f"{each} Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
        )
    if billing != definition["BillingMode"]:
        definition["BillingMode"] = billing
        definition["ProvisionedThroughput"] = None
        for owner in (definition, *definition.get(GLOBAL, ())):
            owner.pop("OnDemandThroughput", None)
        if billing == "PAY_PER_REQUEST":
            definition["OnDemandSince"] = clock()
            indexes = definition.get(GLOBAL, ())
            definition[GLOBAL] = [{**index, "ProvisionedThroughput": None} for index in indexes]
    if throughput is not None:
        definition["ProvisionedThroughput"] = throughput


def _change_indexes(
    storage: Storage, definition: dict[str, Any], update: dict[str, Any], request: dict[str, Any]
) -> None:
    """Apply one GlobalSecondaryIndexUpdate to the definition."""
    ((kind, requested),) = update.items()
    name = requested["IndexName"]
    indexes = list(definition.get(GLOBAL, ()))
    places = [at for at, index in enumerate(indexes) if index["IndexName"] == name]
    is_local = any(index["IndexName"] == name for index in definition.get(LOCAL, ()))
    if kind == "Create":
        if places or is_local:
            raise validation_error("Attempting to create an index which already exists")
        indexes.append(_new_index(storage, requested, GLOBAL, definition["BillingMode"]))
        check_indexes({**definition, GLOBAL: indexes})
        definition["AttributeDefinitions"] = _merged(
            definition["AttributeDefinitions"], request.get("AttributeDefinitions", ())
        )
    elif is_local:
        raise validation_error(f"Cannot {kind.lower()} an index that is not a GlobalSecondaryIndex: {name}")
    elif not places:
        raise ApiError("ResourceNotFoundException", "Requested resource not found")
    elif kind == "Delete":
        storage.drop_entries(indexes.pop(places[0])["Space"])
    else:
        changed = _with_maximums(indexes[places[0]], requested)
        changed = with_increased_throughput(changed, requested.get("WarmThroughput", {}), definition["BillingMode"])
        if "ProvisionedThroughput" in requested:
            changed = {**changed, "ProvisionedThroughput": requested["ProvisionedThroughput"]}
        indexes[places[0]] = changed
    definition[GLOBAL] = indexes
    owners = [definition, *index_definitions(definition)]
    key_names = {each["AttributeName"] for owner in owners for each in owner["KeySchema"]}
    # Only key attributes have a type. DynamoDB ignores the types of other attributes in the request.
    definition["AttributeDefinitions"] = [
        each for each in definition["AttributeDefinitions"] if each["AttributeName"] in key_names
    ]
    check_attributes(definition["AttributeDefinitions"], owners)


def _merged(defined: list[dict[str, str]], added: list[dict[str, str]]) -> list[dict[str, str]]:
    types = {each["AttributeName"]: each["AttributeType"] for each in defined}
    for each in added:
        if types.setdefault(each["AttributeName"], each["AttributeType"]) != each["AttributeType"]:
            raise validation_error(
                "invalid attribute, SchemaElement redefined should be of same type as previously defined"
            )
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def backfill(storage: Storage, table: Table, index: Index) -> None:
    """Create the entries of a new index. As in DynamoDB, items without a valid index key have no entry."""
    for address, size, stored in storage.items(table, b"", b"\xff"):
        item = decode_item(stored, table.key.attributes)
        entry = index.entry_address(item, address)
        if entry is not None:
            projected = size if index.attributes is None else values.item_size(index.project(item))
            storage.put_entry(index.space, entry, projected, 0, address)


def describe_table(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Describe a table, with its current number of items and bytes.

    Raises ApiError (ResourceNotFoundException) if it does not exist.
    """
    with reading(storage):
        return {"Table": _description(storage, existing_table(storage, request["TableName"]))}


def described_table(storage: Storage, name: str) -> dict[str, Any]:
    """Return the description of a table, within a transaction."""
    return _description(storage, existing_table(storage, name))


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
        description = _description(storage, table)
        if description["DeletionProtectionEnabled"]:
            raise validation_error(
                "Resource cannot be deleted as it is currently protected against deletion. "
                "Disable deletion protection first."
            )
        if table.stream is not None:
            storage.streams.close(table.stream.number, storage.clock())
        storage.drop(table)
    return {"TableDescription": {**description, "TableStatus": "DELETING"}}


def existing_table(storage: Storage, name: str) -> Table:
    """Return a table. Raises ApiError (ResourceNotFoundException) if it does not exist."""
    table = storage.find_table(name)
    if table is None:
        raise ApiError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    return table


def _description(storage: Storage, table: Table) -> dict[str, Any]:
    """Return the description of a table. Raises DamagedDataError if the stored definition is not a valid one."""
    with _decoding(table):
        definition = storage.definition(table)
        _check_definition(definition, table.name)
        return _described(storage, table, definition)


@contextmanager
def _decoding(table: Table) -> Iterator[None]:
    """Raise DamagedDataError for the errors that a damaged definition causes."""
    try:
        yield
    except (ApiError, ParamValidationError, LookupError, TypeError, ValueError, OverflowError, OSError):
        raise DamagedDataError(f"the definition of the table {table.name} cannot be decoded") from None


def _check_definition(definition: dict[str, Any], name: str) -> None:
    """Check a stored definition by the rules for the parameters of CreateTable."""
    required = ("AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput")
    request = {"TableName": name} | {member: definition[member] for member in required}
    request |= {member: definition.get(member) for member in SETTINGS if member not in required}
    indexes = {kind: [_present(index, "Space") for index in definition.get(kind, ())] for kind in KINDS}
    parameters.check(CREATE_TABLE, _present(request) | indexes)


def _present(members: dict[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and name not in without}


def _described(storage: Storage, table: Table, definition: dict[str, Any]) -> dict[str, Any]:
    items, size = storage.counts(table.space)
    arn = ARN + table.name
    description = {
        "AttributeDefinitions": definition["AttributeDefinitions"],
        "TableName": table.name,
        "KeySchema": definition["KeySchema"],
        "TableStatus": "ACTIVE",
        "CreationDateTime": datetime.fromtimestamp(definition["Created"], UTC),
        "ProvisionedThroughput": _throughput(definition),
        "TableSizeBytes": size,
        "ItemCount": items,
        "TableArn": arn,
        "TableId": definition["TableId"],
        "DeletionProtectionEnabled": definition.get("DeletionProtectionEnabled", False),
        "WarmThroughput": {**warm_throughput(definition, definition["BillingMode"]), "Status": "ACTIVE"},
    }
    if "Restored" in definition:
        restored = definition["Restored"]
        description["RestoreSummary"] = {
            "SourceBackupArn": restored["SourceBackupArn"],
            "SourceTableArn": restored["SourceTableArn"],
            "RestoreDateTime": datetime.fromtimestamp(restored["Time"], UTC),
            "RestoreInProgress": False,
        }
    if "LatestStreamLabel" in definition:
        label = definition["LatestStreamLabel"]
        description |= {"LatestStreamLabel": label, "LatestStreamArn": f"{arn}/stream/{label}"}
        description |= _present({"StreamSpecification": definition.get("StreamSpecification")})
    if "TableClass" in definition:
        description["TableClassSummary"] = {"TableClass": definition["TableClass"]}
    if definition.get("OnDemandThroughput"):
        description["OnDemandThroughput"] = definition["OnDemandThroughput"]
    if definition["BillingMode"] == "PAY_PER_REQUEST":
        since = definition.get("OnDemandSince", definition["Created"])
        description["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": datetime.fromtimestamp(since, UTC),
        }
    for kind in KINDS:
        if definition.get(kind):
            billing = definition["BillingMode"]
            description[kind] = [_index_description(storage, arn, index, kind, billing) for index in definition[kind]]
    return description


def _index_description(
    storage: Storage, table_arn: str, index: dict[str, Any], kind: str, billing: str
) -> dict[str, Any]:
    items, size = storage.counts(index["Space"])
    description = {
        "IndexName": index["IndexName"],
        "KeySchema": index["KeySchema"],
        "Projection": index["Projection"],
        "IndexSizeBytes": size,
        "ItemCount": items,
        "IndexArn": f"{table_arn}/index/{index['IndexName']}",
    }
    if kind == GLOBAL:  # a local index has the status and the throughput of its table
        description |= {
            "IndexStatus": "ACTIVE",
            "ProvisionedThroughput": _throughput(index),
            "WarmThroughput": {**warm_throughput(index, billing), "Status": "ACTIVE"},
        }
        if index.get("OnDemandThroughput"):
            description["OnDemandThroughput"] = index["OnDemandThroughput"]
    return description


def _throughput(owner: dict[str, Any]) -> dict[str, int]:
    units = owner.get("ProvisionedThroughput") or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    return {"NumberOfDecreasesToday": 0, **units}
