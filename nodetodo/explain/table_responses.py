"""Lists the possible responses of requests on tables, their settings, backups and streams."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..embedded.errors import ApiError
from ..embedded.limits import RECOVERY_DAYS
from ..model import Task
from ..repositories.stream_settings import VIEW_TYPE, specification
from .outcomes import Outcome, PossibleResponse
from .units import assumed_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..engines.interface import Response
    from .requests import Parameters, Table

TABLE_ITEMS = 1000
"""Items of a simulated table, for commands that calculate with the size of a table."""


class TableResponses:
    """The possible responses of requests on these tables. seed: differs between two runs with other examples.

    backup: the name of an existing backup.
    """

    def __init__(self, tables: dict[str, Table], seed: int) -> None:
        self._tables, self._seed = tables, seed
        self._deleted: set[str] = set()  # tables
        self._created: set[str] = set()  # tables that did not exist before the command
        self._backups: dict[str, str] = {}  # the names of the created backups, by table
        self.backup = "nodetodo-20261123T110000Z"
        self._streams: dict[str, bool] = {}  # whether the command has enabled or disabled the stream of a table
        self._settings: dict[str, Response] = {}  # other settings that the command has changed, by table
        self._listed: dict[str, Outcome] = {}  # the outcomes of ListBackups, by table
        self._indexes = {table.name: set(table.indexes) for table in tables.values()}  # without the optional ones

    def of(self, operation: str, parameters: Parameters) -> list[PossibleResponse]:
        """Return the possible responses of a request with one of OPERATIONS."""
        return OPERATIONS[operation](self, parameters)

    def apply(self, operation: str, parameters: Parameters, received: PossibleResponse) -> None:
        """Change the simulated indexes, backups and restored tables by a request with this response."""
        if received.outcome is Outcome.TABLE_RESTORED:
            self._created.add(parameters["TableName"])
        if operation == "ListBackups":
            self._listed.setdefault(parameters["TableName"], received.outcome)
        if received.outcome is not Outcome.DONE:
            return
        if operation == "UpdateTable":
            if "StreamSpecification" in parameters:
                self._streams[parameters["TableName"]] = parameters["StreamSpecification"]["StreamEnabled"]
            self._settings.setdefault(parameters["TableName"], {}).update(_settings(parameters))
            indexes = self._indexes[parameters["TableName"]]
            for change in parameters.get("GlobalSecondaryIndexUpdates", ()):
                for kind, index in change.items():
                    if kind != "Update":
                        (indexes.add if kind == "Create" else indexes.discard)(index["IndexName"])
        elif operation == "CreateBackup":
            self._backups[parameters["TableName"]] = parameters["BackupName"]
        elif operation == "RestoreTableFromBackup":
            self._created.add(parameters["TargetTableName"])

    def _describe_table(self, parameters: Parameters) -> list[PossibleResponse]:
        possible = self._descriptions(parameters["TableName"])
        for each in possible:
            if not isinstance(each.response, ApiError):
                each.response["Table"].update(self._settings.get(parameters["TableName"], {}))
        return possible

    def _descriptions(self, name: str) -> list[PossibleResponse]:
        if name not in self._tables:
            return self._describe_restored_table(name)
        table = self._tables[name]
        if table.name in self._deleted:
            return [_NO_TABLE, PossibleResponse(Outcome.TABLE_DELETING, _description(table, "DELETING"))]
        existing = self._indexes[table.name]
        if self._streams.get(table.name):
            return [
                PossibleResponse(Outcome.STREAM_EXISTS, self._with_stream(table, "ACTIVE", existing)),
                PossibleResponse(Outcome.TABLE_NOT_READY, self._with_stream(table, "UPDATING", existing)),
            ]
        absent = table.optional_indexes.keys() - existing
        possible = [
            PossibleResponse(Outcome.TABLE_READY, _description(table, "ACTIVE", existing)),
            PossibleResponse(Outcome.TABLE_NOT_READY, _description(table, "CREATING", existing)),
            _NO_TABLE,
            PossibleResponse(
                Outcome.TABLE_PROTECTED,
                _description(table, "ACTIVE", existing, is_protected=True),
                otherwise="the table has no deletion protection",
            ),
        ]
        for index in sorted(existing):
            without = _description(table, "ACTIVE", existing - {index})
            possible.append(PossibleResponse(Outcome.INDEX_MISSING, without, f"{index} is missing"))
        for index in sorted(absent):
            also = _description(table, "ACTIVE", existing | {index})
            response = PossibleResponse(Outcome.INDEX_EXISTS, also, f"{index} exists", f"{index} is missing")
            possible.append(response)
        if table.holds is Task:
            with_stream = self._with_stream(table, "ACTIVE", existing)
            otherwise = "the table has no stream"
            possible.append(PossibleResponse(Outcome.STREAM_EXISTS, with_stream, otherwise=otherwise))
            both = self._with_stream(table, "ACTIVE", existing, is_protected=True)
            otherwise = "the table has neither deletion protection nor a stream"
            possible.append(PossibleResponse(Outcome.STREAM_PROTECTED, both, otherwise=otherwise))
        return possible

    def _with_stream(
        self, table: Table, status: str, indexes: Collection[str], *, is_protected: bool = False
    ) -> Response:
        """Return the response of DescribeTable for a table that has a stream until the command disables it."""
        described = _description(table, status, indexes, is_protected=is_protected)
        is_disabled = self._streams.get(table.name) is False
        described["Table"]["StreamSpecification"] = specification(None if is_disabled else VIEW_TYPE)
        label = f"2026-11-23T11:00:00.00{self._seed}"
        arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{table.name}/stream/{label}"
        described["Table"]["LatestStreamArn"] = arn
        return described

    def _describe_stream(self, _parameters: Parameters) -> list[PossibleResponse]:
        shard = {"ShardId": f"shardId-0000000179543166000{self._seed}-73d8d5bc", "SequenceNumberRange": {}}
        description = {"StreamStatus": "ENABLED", "Shards": [shard]}
        return [PossibleResponse(Outcome.SHARD, {"StreamDescription": description})]

    def _shard_iterator(self, parameters: Parameters) -> list[PossibleResponse]:
        iterator = f"{parameters['StreamArn']}|1|{self._seed}"
        return [PossibleResponse(Outcome.DONE, {"ShardIterator": iterator})]

    def _records(self, parameters: Parameters) -> list[PossibleResponse]:
        following = parameters["ShardIterator"]
        return [PossibleResponse(Outcome.NONE, {"Records": [], "NextShardIterator": following})]

    def _backup_arn(self, table: str) -> str:
        return f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/backup/0{1795431660000 + self._seed}-73d8d5bc"

    def _describe_restored_table(self, name: str) -> list[PossibleResponse]:
        """DescribeTable of a table with another prefix."""
        like = next(table for table in self._tables.values() if name.endswith(table.definition["TableName"][-4:]))
        restored = _description(like, "ACTIVE")
        restored["Table"]["RestoreSummary"] = {"SourceBackupArn": self._backup_arn(like.name)}
        if name in self._created:
            return [
                PossibleResponse(Outcome.TABLE_READY, restored),
                PossibleResponse(Outcome.TABLE_NOT_READY, _description(like, "CREATING")),
            ]
        return [
            _NO_TABLE,
            PossibleResponse(Outcome.TABLE_EXISTS, _description(like, "ACTIVE")),
            PossibleResponse(Outcome.TABLE_RESTORED, restored),
        ]

    def _describe_recovery(self, _parameters: Parameters) -> list[PossibleResponse]:
        def recovery(**description: Any) -> Response:
            return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": description}}

        on = recovery(PointInTimeRecoveryStatus="ENABLED", RecoveryPeriodInDays=RECOVERY_DAYS)
        return [
            PossibleResponse(Outcome.RECOVERY_OFF, recovery(PointInTimeRecoveryStatus="DISABLED")),
            PossibleResponse(Outcome.RECOVERY_ON, on),
            _UNKNOWN_OPERATION,
        ]

    def _change_recovery(self, _parameters: Parameters) -> list[PossibleResponse]:
        return [PossibleResponse(Outcome.DONE, {})]

    def _list_backups(self, parameters: Parameters) -> list[PossibleResponse]:
        table = parameters["TableName"]
        name = self._backups.get(table, self.backup)

        def summaries(status: str) -> Response:
            summary = {
                "BackupName": name,
                "BackupArn": self._backup_arn(table),
                "BackupStatus": status,
                "BackupCreationDateTime": datetime(2026, 11, 23, tzinfo=UTC),
            }
            return {"BackupSummaries": [summary]}

        exists = PossibleResponse(Outcome.BACKUP_EXISTS, summaries("AVAILABLE"))
        missing = PossibleResponse(Outcome.BACKUP_MISSING, {"BackupSummaries": []})
        not_ready = PossibleResponse(Outcome.BACKUP_NOT_READY, summaries("CREATING"))
        if table in self._backups:
            return [exists, not_ready]
        others = {outcome for name, outcome in self._listed.items() if name != table}
        if others == {Outcome.BACKUP_MISSING}:  # a backup of one table only is rare
            return [missing, exists, not_ready]
        return [exists, missing._replace(reason=f"it does not contain {table}") if others else missing, not_ready]

    def _create_backup(self, _parameters: Parameters) -> list[PossibleResponse]:
        return [PossibleResponse(Outcome.DONE, {}), _BACKUP_IN_USE, _NO_TABLE_TO_BACK_UP]

    def _delete_backup(self, _parameters: Parameters) -> list[PossibleResponse]:
        missing = ApiError("BackupNotFoundException", "")
        return [PossibleResponse(Outcome.DONE, {}), PossibleResponse(Outcome.BACKUP_MISSING, missing), _BACKUP_IN_USE]

    def _restore(self, _parameters: Parameters) -> list[PossibleResponse]:
        return [PossibleResponse(Outcome.DONE, {}), _BACKUP_IN_USE]

    def _change_table(self, _parameters: Parameters) -> list[PossibleResponse]:
        return [PossibleResponse(Outcome.DONE, {}), _IN_USE]

    def _delete_table(self, parameters: Parameters) -> list[PossibleResponse]:
        self._deleted.add(parameters["TableName"])
        return [PossibleResponse(Outcome.DONE, {}), _NO_TABLE, _IN_USE]


_NO_TABLE = PossibleResponse(Outcome.TABLE_MISSING, ApiError("ResourceNotFoundException", ""))
_NO_TABLE_TO_BACK_UP = PossibleResponse(Outcome.TABLE_MISSING, ApiError("TableNotFoundException", ""))
_UNKNOWN_OPERATION = PossibleResponse(Outcome.UNKNOWN_OPERATION, ApiError("UnknownOperationException", ""))
_BACKUP_IN_USE = PossibleResponse(Outcome.BACKUP_IN_USE, ApiError("BackupInUseException", ""))
_IN_USE = PossibleResponse(Outcome.TABLE_IN_USE, ApiError("ResourceInUseException", ""))

OPERATIONS: dict[str, Callable[[TableResponses, Parameters], list[PossibleResponse]]] = {
    "DescribeTable": TableResponses._describe_table,
    "CreateTable": TableResponses._change_table,
    "UpdateTable": TableResponses._change_table,
    "DeleteTable": TableResponses._delete_table,
    "DescribeContinuousBackups": TableResponses._describe_recovery,
    "UpdateContinuousBackups": TableResponses._change_recovery,
    "CreateBackup": TableResponses._create_backup,
    "ListBackups": TableResponses._list_backups,
    "DeleteBackup": TableResponses._delete_backup,
    "RestoreTableFromBackup": TableResponses._restore,
    "DescribeStream": TableResponses._describe_stream,
    "GetShardIterator": TableResponses._shard_iterator,
    "GetRecords": TableResponses._records,
}


def _settings(parameters: Parameters) -> Response:
    """Return the members of a table's description that an UpdateTable changes: billing, maximums and protection."""
    mode = parameters.get("BillingMode")
    changed: Response = {"BillingModeSummary": {"BillingMode": mode}} if mode else {}
    names = ("OnDemandThroughput", "DeletionProtectionEnabled")
    return changed | {name: parameters[name] for name in names if name in parameters}


def _description(table: Table, status: str, indexes: Collection[str] = (), *, is_protected: bool = False) -> Response:
    """Return the response of DescribeTable for a table with these indexes."""
    size = TABLE_ITEMS * assumed_bytes(table)
    described = {**table.definition, "TableStatus": status, "ItemCount": TABLE_ITEMS, "TableSizeBytes": size}
    described["DeletionProtectionEnabled"] = is_protected
    keys = {*table.key, *(name for index in indexes for name in table.key_of(index))}
    attributes = [each for each in table.definition["AttributeDefinitions"] if each["AttributeName"] in keys]
    described["AttributeDefinitions"] = attributes  # of key attributes only
    if indexes:
        described["GlobalSecondaryIndexes"] = [
            {**index, "IndexStatus": status, "ItemCount": TABLE_ITEMS, "IndexSizeBytes": size}
            for index in table.definition["GlobalSecondaryIndexes"]
            if index["IndexName"] in indexes
        ]
    else:
        described.pop("GlobalSecondaryIndexes", None)
    return {"Table": described}
