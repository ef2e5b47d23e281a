"""DescribeContinuousBackups and UpdateContinuousBackups: the settings of point-in-time recovery.

The settings are stored and described as in DynamoDB, so that programs that set them run here. The engine keeps no
earlier states of a table, and it lacks RestoreTableToPointInTime.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, DamagedDataError, validation_error
from ..limits import RECOVERY_DAYS, RECOVERY_DELAY_SECONDS
from ..storage.statements import reading, writing
from .parameters import TABLE, Structure, boolean, integer_from

if TYPE_CHECKING:
    from ..schema import Table
    from ..storage.statements import Storage

_SPECIFICATION = Structure(
    {"PointInTimeRecoveryEnabled": boolean}, {"RecoveryPeriodInDays": integer_from(1, RECOVERY_DAYS)}
)
DESCRIBE_CONTINUOUS_BACKUPS = Structure(TABLE, {})
UPDATE_CONTINUOUS_BACKUPS = Structure({**TABLE, "PointInTimeRecoverySpecification": _SPECIFICATION}, {})

# The members of a table's definition: when point-in-time recovery was enabled, and the recovery period in days.
SETTINGS = ("RecoverySince", "RecoveryDays")

DAY_SECONDS = 86_400


def describe_continuous_backups(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Describe the settings of a table.

    Raises ApiError (TableNotFoundException) if the table does not exist.
    """
    with reading(storage):
        return _description(storage.definition(_table(storage, request)), storage.clock())


def update_continuous_backups(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Change the settings of a table.

    Each request sets the recovery period; the default is 35 days. Raises ApiError if the table does not exist, or if
    the request has a recovery period and disables point-in-time recovery.
    """
    specification = request["PointInTimeRecoverySpecification"]
    is_enabled = specification["PointInTimeRecoveryEnabled"]
    if not is_enabled and "RecoveryPeriodInDays" in specification:
        raise validation_error(
            "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery."
        )
    now = storage.clock()
    with writing(storage):
        table = _table(storage, request)
        definition = storage.definition(table)
        since = definition.get("RecoverySince", now)
        if is_enabled:
            definition["RecoverySince"] = since
            definition["RecoveryDays"] = specification.get("RecoveryPeriodInDays", RECOVERY_DAYS)
        else:
            for setting in SETTINGS:
                definition.pop(setting, None)
        storage.define(table.name, table.space, definition)
        return _description(definition, now)


def _table(storage: Storage, request: dict[str, Any]) -> Table:
    table = storage.find_table(request["TableName"])
    if table is None:
        raise ApiError("TableNotFoundException", f"Table not found: {request['TableName']}")
    return table


def _description(definition: dict[str, Any], now: float) -> dict[str, Any]:
    """Return the response for the definition of a table. now: seconds since 1970."""
    described: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if any(setting in definition for setting in SETTINGS):
        try:
            days = definition["RecoveryDays"]
            earliest = max(definition["RecoverySince"], now - days * DAY_SECONDS)
            latest = max(earliest, now - RECOVERY_DELAY_SECONDS)
            described = {
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": days,
                "EarliestRestorableDateTime": datetime.fromtimestamp(earliest, UTC),
                "LatestRestorableDateTime": datetime.fromtimestamp(latest, UTC),
            }
        except (LookupError, TypeError, ValueError, OverflowError, OSError):
            raise DamagedDataError(f"the definition of the table {definition['TableName']} cannot be decoded") from None
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": described,
        }
    }
