"""CreateBackup, ListBackups, DescribeBackup, DeleteBackup and RestoreTableFromBackup.

A backup in DynamoDB contains one table. A backup of this engine is a copy of the whole file, so that all its tables
have the state of the same moment. ListBackups therefore lists it for each table in it, CreateBackup creates it for all
tables, and DeleteBackup deletes it for all tables. The name of a backup is unique here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, validation_error
from ..schema import KINDS
from ..storage import backups
from ..storage.file import IN_MEMORY
from ..storage.statements import reading, writing
from . import recovery, stream_settings
from .descriptions import ARN, describe, existing_table
from .parameters import Structure, name, text_from
from .tables import new_id

if TYPE_CHECKING:
    from ..schema import Table
    from ..storage.statements import Storage

CREATE_BACKUP = Structure({"TableName": name, "BackupName": name}, {})
LIST_BACKUPS = Structure({"TableName": name}, {})
DESCRIBE_BACKUP = Structure({"BackupArn": text_from(37, 1024)}, {})
DELETE_BACKUP = DESCRIBE_BACKUP
RESTORE_TABLE_FROM_BACKUP = Structure({"TargetTableName": name, "BackupArn": text_from(37, 1024)}, {})

INDEX_DETAILS = ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput")
TABLE_DETAILS = (
    *("TableName", "TableId", "TableArn", "TableSizeBytes", "ItemCount", "KeySchema"),
    *("ProvisionedThroughput", "OnDemandThroughput"),
)

_SEPARATOR = "/backup/"


def create_backup(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Copy the file.

    Raises ApiError if the table does not exist (TableNotFoundException), or if a backup with this name exists
    (BackupInUseException).
    """
    path = _path(storage)
    table, backup = request["TableName"], request["BackupName"]
    with reading(storage):
        if storage.find_table(table) is None:
            raise ApiError("TableNotFoundException", f"Table not found: {table}")
        if backups.exists(path, backup):
            if all(summary["BackupName"] != backup for summary in _summaries(path, table)):
                raise validation_error(
                    f"A file with the name of this backup exists and does not contain the table: {backup}"
                )
            raise _in_use(backup)
        try:
            backups.create(storage, path, backup, storage.clock())
        except FileExistsError:
            raise _in_use(backup) from None
    (details,) = (summary for summary in _summaries(path, table) if summary["BackupName"] == backup)
    return {"BackupDetails": _details(details)}


def list_backups(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """List the backups that contain a table, sorted by name, in one page."""
    return {"BackupSummaries": _summaries(_path(storage), request["TableName"])}


def describe_backup(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Describe a backup and the table in it. Raises ApiError (BackupNotFoundException) if it does not exist."""
    arn = request["BackupArn"]
    name_in_backup, backup = _parsed(arn)
    try:
        with backups.opened(_path(storage), backup) as (contents, created):
            table = contents.find_table(name_in_backup)
            if table is None:
                raise _not_found(arn)
            description = describe(contents, table)
            details = _details(_summary(contents, table, backup, created))
    except FileNotFoundError:
        raise _not_found(arn) from None
    features: dict[str, Any] = {
        kind: [_selected(index, INDEX_DETAILS) for index in description[kind]] for kind in KINDS if kind in description
    }
    if "StreamSpecification" in description:
        features["StreamDescription"] = description["StreamSpecification"]
    if table.expiry is not None:
        features["TimeToLiveDescription"] = {"TimeToLiveStatus": "ENABLED", "AttributeName": table.expiry.attribute}
    return {
        "BackupDescription": {
            "BackupDetails": details,
            "SourceTableDetails": {
                **_selected(description, TABLE_DETAILS),
                "TableCreationDateTime": description["CreationDateTime"],
                "BillingMode": description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            },
            "SourceTableFeatureDetails": features,
        }
    }


def _selected(description: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    """Return members of the description of a table or an index, as far as they exist."""
    selected = {member: description[member] for member in members if member in description}
    if "ProvisionedThroughput" in selected:  # a local index has that of its table
        units = ("ReadCapacityUnits", "WriteCapacityUnits")
        selected["ProvisionedThroughput"] = {name: selected["ProvisionedThroughput"][name] for name in units}
    return selected


def delete_backup(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a backup of all tables. Raises ApiError (BackupNotFoundException) if it does not exist."""
    path, arn = _path(storage), request["BackupArn"]
    _, backup = _parsed(arn)
    if not backups.delete(path, backup):
        raise _not_found(arn)
    return {"BackupDescription": {"BackupDetails": {"BackupArn": arn, "BackupName": backup, "BackupStatus": "DELETED"}}}


def restore_table_from_backup(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Create a table with the items and indexes of a backup, in one transaction.

    The new table is not protected against deletion, as in DynamoDB. Raises ApiError if the backup does not exist or the
    table exists.
    """
    path, arn, target = _path(storage), request["BackupArn"], request["TargetTableName"]
    name_in_backup, backup = _parsed(arn)
    try:
        with backups.opened(path, backup) as (source, _):
            table = source.find_table(name_in_backup)
            if table is None:
                raise _not_found(arn)
            definition = source.definition(table) | {
                "Created": storage.clock(),
                "TableId": new_id(),
                "DeletionProtectionEnabled": False,
                "Restored": {"SourceBackupArn": arn, "SourceTableArn": ARN + name_in_backup, "Time": storage.clock()},
            }
            # The owner of a restored table sets these again, as in DynamoDB.
            for setting in ("TimeToLive", "Tags", *stream_settings.SETTINGS, *recovery.SETTINGS):
                definition.pop(setting, None)
            with writing(storage):
                if storage.find_table(target) is not None:
                    raise ApiError("TableAlreadyExistsException", f"Table already exists: {target}")
                storage.copy_table(source, table, target, definition)
                return {"TableDescription": describe(storage, existing_table(storage, target))}
    except FileNotFoundError:
        raise _not_found(arn) from None


def _path(storage: Storage) -> str:
    if storage.path == IN_MEMORY:
        raise ApiError("UnknownOperationException", "A database in memory has no backups")
    return storage.path


def _parsed(arn: str) -> tuple[str, str]:
    """Return the names of the table and of the backup in an ARN."""
    table, separator, backup = arn.removeprefix(ARN).partition(_SEPARATOR)
    if not arn.startswith(ARN) or not separator or "/" in backup or "\0" in backup or not backup:
        raise _not_found(arn)
    return table, backup


def _in_use(name: str) -> ApiError:
    return ApiError("BackupInUseException", f"Backup is in use: {name}")


def _not_found(arn: str) -> ApiError:
    return ApiError("BackupNotFoundException", f"Backup not found: {arn}")


def _summaries(path: str, table: str) -> list[dict[str, Any]]:
    """Return the backups that contain a table."""
    found = []
    for backup in backups.names(path):
        try:
            with backups.opened(path, backup) as (contents, created):
                in_backup = contents.find_table(table)
                if in_backup is not None:
                    found.append(_summary(contents, in_backup, backup, created))
        except FileNotFoundError:
            continue  # another process deleted it
    return found


def _details(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the BackupDetails of a backup, which do not name its table."""
    return {member: value for member, value in summary.items() if not member.startswith("Table")}


def _summary(contents: Storage, table: Table, backup: str, created: float) -> dict[str, Any]:
    return {
        "TableName": table.name,
        "TableArn": ARN + table.name,
        "BackupArn": ARN + table.name + _SEPARATOR + backup,
        "BackupName": backup,
        "BackupCreationDateTime": datetime.fromtimestamp(created, UTC),
        "BackupStatus": "AVAILABLE",
        "BackupType": "USER",
        "BackupSizeBytes": contents.counts(table.space)[1],
    }
