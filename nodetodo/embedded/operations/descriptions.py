"""The descriptions of tables, as DescribeTable and other operations return them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, DamagedDataError, ParamValidationError
from ..schema import GLOBAL, KINDS
from . import parameters
from .definitions import CREATE_TABLE, SETTINGS
from .warm_throughput import warm_throughput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema import Table
    from ..storage.statements import Storage

ARN = "arn:aws:dynamodb:embedded:000000000000:table/"


def existing_table(storage: Storage, name: str) -> Table:
    """Return a table. Raises ApiError (ResourceNotFoundException) if it does not exist."""
    table = storage.find_table(name)
    if table is None:
        raise ApiError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    return table


def describe(storage: Storage, table: Table) -> dict[str, Any]:
    """Return the description of a table. Raises DamagedDataError if the stored definition is not a valid one."""
    definition = checked_definition(storage, table)
    with _decoding(table):
        return _described(storage, table, definition)


def checked_definition(storage: Storage, table: Table) -> dict[str, Any]:
    """Return the stored definition of a table. Raises DamagedDataError if it is not a valid one."""
    with _decoding(table):
        definition = storage.definition(table)
        _check(definition, table.name)
        return definition


@contextmanager
def _decoding(table: Table) -> Iterator[None]:
    """Raise DamagedDataError for the errors that a damaged definition causes."""
    try:
        yield
    except (ApiError, ParamValidationError, LookupError, TypeError, ValueError, OverflowError, OSError):
        raise DamagedDataError(f"the definition of the table {table.name} cannot be decoded") from None


def _check(definition: dict[str, Any], name: str) -> None:
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
    described = {
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
        described["RestoreSummary"] = {
            "SourceBackupArn": restored["SourceBackupArn"],
            "SourceTableArn": restored["SourceTableArn"],
            "RestoreDateTime": datetime.fromtimestamp(restored["Time"], UTC),
            "RestoreInProgress": False,
        }
    if "LatestStreamLabel" in definition:
        label = definition["LatestStreamLabel"]
        described |= {"LatestStreamLabel": label, "LatestStreamArn": f"{arn}/stream/{label}"}
        described |= _present({"StreamSpecification": definition.get("StreamSpecification")})
    if "TableClass" in definition:
        described["TableClassSummary"] = {"TableClass": definition["TableClass"]}
    if definition.get("OnDemandThroughput"):
        described["OnDemandThroughput"] = definition["OnDemandThroughput"]
    if definition["BillingMode"] == "PAY_PER_REQUEST":
        since = definition.get("OnDemandSince", definition["Created"])
        described["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": datetime.fromtimestamp(since, UTC),
        }
    for kind in KINDS:
        if definition.get(kind):
            billing = definition["BillingMode"]
            described[kind] = [_index_description(storage, arn, index, kind, billing) for index in definition[kind]]
    return described


def _index_description(
    storage: Storage, table_arn: str, index: dict[str, Any], kind: str, billing: str
) -> dict[str, Any]:
    items, size = storage.counts(index["Space"])
    described = {
        "IndexName": index["IndexName"],
        "KeySchema": index["KeySchema"],
        "Projection": index["Projection"],
        "IndexSizeBytes": size,
        "ItemCount": items,
        "IndexArn": f"{table_arn}/index/{index['IndexName']}",
    }
    if kind == GLOBAL:  # a local index has the status and the throughput of its table
        described |= {
            "IndexStatus": "ACTIVE",
            "ProvisionedThroughput": _throughput(index),
            "WarmThroughput": {**warm_throughput(index, billing), "Status": "ACTIVE"},
        }
        if index.get("OnDemandThroughput"):
            described["OnDemandThroughput"] = index["OnDemandThroughput"]
    return described


def _throughput(owner: dict[str, Any]) -> dict[str, int]:
    units = owner.get("ProvisionedThroughput") or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    return {"NumberOfDecreasesToday": 0, **units}
