"""UpdateTable: changes the settings and the indexes of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import ApiError, validation_error
from ..schema import GLOBAL, LOCAL, index_definitions
from ..storage.codecs import decode_item
from ..storage.statements import writing
from .definitions import (
    NO_MAXIMUM,
    SETTINGS,
    UPDATE_TABLE,
    check_attributes,
    check_billing,
    check_indexes,
    check_maximums,
)
from .descriptions import checked_definition, describe, existing_table
from .warm_throughput import check_index_update, warm_throughput, with_increased_throughput, with_initial_throughput

if TYPE_CHECKING:
    from ..schema import Index, Table
    from ..storage.statements import Storage

__all__ = ["UPDATE_TABLE", "backfill", "change_settings", "change_stream", "new_index", "update_table"]

# Settings that certain other settings may not accompany in UpdateTable, in the order of the error messages
# (ack-api-quirks for DynamoDB, findings DDB-TABLE-382 and 433).
EXCLUSIVE = {
    "TableClass": ("TableClass modification must be the only operation in the request", SETTINGS),
    "DeletionProtectionEnabled": (
        "DeletionProtection modification must be the only operation in the request",
        SETTINGS,
    ),
    "OnDemandThroughput": (
        "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
        ("StreamSpecification", "WarmThroughput"),
    ),
    "WarmThroughput": ("WarmThroughput must be the only operation in the request", SETTINGS),
}


def update_table(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Change the settings of a table, or create, change or delete its indexes.

    Raises ApiError if the table or index does not exist, or the change is invalid.
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
    for name, (message, excluded) in EXCLUSIVE.items():
        if name in settings and any(other in excluded for other in settings if other != name):
            raise validation_error(f"One or more parameter values were invalid: {message}")
    if sum("Create" in update or "Delete" in update for update in index_updates) > 1:
        raise ApiError(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        )
    with writing(storage):
        table = existing_table(storage, request["TableName"])
        definition = checked_definition(storage, table)
        _keep_warm_throughput(definition)
        _change_billing(definition, request, storage.clock())
        change_settings(definition, request)
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
            changed = change_stream(storage, changed, request, updating=True)
        for update in index_updates:
            if "Create" in update:
                backfill(storage, changed, changed.indexes[update["Create"]["IndexName"]])
        return {"TableDescription": describe(storage, changed)}


def change_settings(definition: dict[str, Any], request: dict[str, Any]) -> None:
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


def new_index(storage: Storage, requested: dict[str, Any], kind: str, billing: str) -> dict[str, Any]:
    """Return the definition of a requested index, with a new space for its entries."""
    index = {**_with_maximums(requested, requested), "Space": storage.new_space()}
    return with_initial_throughput(index, billing) if kind == GLOBAL else index


def _keep_warm_throughput(definition: dict[str, Any]) -> None:
    """Store the present warm throughput of a table and its indexes, so that no change of its units decreases it."""
    for owner in (definition, *definition.get(GLOBAL, ())):
        owner["WarmThroughput"] = warm_throughput(owner, definition["BillingMode"])


def change_stream(storage: Storage, table: Table, request: dict[str, Any], updating: bool = False) -> Table:
    """Enable or disable the stream of a table by a request. Return the changed table. See stream_settings.change."""
    from . import stream_settings  # here, because few requests change a stream

    return stream_settings.change(storage, table, request, updating)


def _change_billing(definition: dict[str, Any], request: dict[str, Any], now: float) -> None:
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
            definition["OnDemandSince"] = now
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
        indexes.append(new_index(storage, requested, GLOBAL, definition["BillingMode"]))
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
