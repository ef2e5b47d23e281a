"""Lists the possible responses of a request. Each has an outcome, such as "the item exists", and example items."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum, unique
from typing import TYPE_CHECKING, Any, NamedTuple

from ..embedded.errors import ApiError
from ..embedded.limits import RECOVERY_DAYS
from ..model import Task
from ..repositories.stream_settings import VIEW_TYPE, specification
from .example_items import ExampleItems, made_new
from .requests import actions, expressions_of
from .units import assumed_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ..engines.interface import Response
    from ..model import TidEnding, User
    from ..repositories.items import Item
    from .requests import Parameters, Table, Term

PAGE_ITEMS = 60
"""Items of a simulated page, at most. They fill more than two batches of deletes."""

TABLE_ITEMS = 1000
"""Items of a simulated table, for commands that calculate with the size of a table."""


@unique
class Outcome(Enum):
    """The result of a request. The value describes it and follows the word "if"."""

    FOUND = "the item exists"
    ABSENT = "the item does not exist"
    SOME = "items are found"
    NEWER = "some items are newer than this command"
    AMBIGUOUS = "several tids have this ending"
    NONE = "nothing is found"
    MORE = "another page exists"
    FULL = "the page is full and another page exists"
    DONE = "the request succeeds"
    CONDITION_FAILED = "the condition fails"
    TOO_LARGE = "the item would be too large"
    CONFLICT = "it conflicts with a transaction"
    UNPROCESSED = "items remain unprocessed"
    TABLE_READY = "the table is ACTIVE, without deletion protection"
    TABLE_PROTECTED = "the table has deletion protection"
    TABLE_NOT_READY = "the table is not ACTIVE yet"
    TABLE_DELETING = "the table is not deleted yet"
    TABLE_MISSING = "the table does not exist"
    TABLE_EXISTS = "the table already exists"
    TABLE_RESTORED = "the table was already restored from this backup"
    TABLE_IN_USE = "the table is being created or changed"
    INDEX_MISSING = "an index is missing"
    UNKNOWN_OPERATION = "the engine does not have this operation"
    RECOVERY_OFF = "point-in-time recovery is off"
    RECOVERY_ON = "point-in-time recovery is on"
    BACKUP_EXISTS = "the backup exists"
    BACKUP_MISSING = "the backup does not exist"
    BACKUP_NOT_READY = "the backup is not complete yet"
    BACKUP_IN_USE = "the backup is in use"
    INDEX_EXISTS = "an index exists"
    STREAM_EXISTS = "the table has a stream"
    STREAM_PROTECTED = "the table has deletion protection and a stream"
    SHARD = "the stream has one shard"


class PossibleResponse(NamedTuple):
    """A response that a request may receive. reason: why, if the outcome alone does not say it.

    otherwise: the description of the first possible response if this one is the usual one.
    """

    outcome: Outcome
    response: Response | ApiError
    reason: str = ""
    otherwise: str = ""

    @property
    def description(self) -> str:
        """The outcome in words, which follow the word "if"."""
        return self.reason or self.outcome.value


class Responses:
    """The possible responses on these tables. seed, endings: see ExampleItems.

    The likeliest response that lets a command succeed comes first.
    """

    def __init__(self, tables: dict[str, Table], seed: int, endings: Sequence[TidEnding] = ()) -> None:
        self._tables, self._seed, self._items = tables, seed, ExampleItems(seed, endings)
        self._deleted: set[str] = set()  # tables
        self._created: set[str] = set()  # tables that did not exist before the command
        self._backups: dict[str, str] = {}  # the names of the created backups, by table
        self.backup = "nodetodo-20261123T110000Z"  # the name of an existing backup
        self._streams: dict[str, bool] = {}  # whether the command has enabled or disabled the stream of a table
        self._settings: dict[str, Response] = {}  # other settings that the command has changed, by table
        self._listed: dict[str, Outcome] = {}  # the outcomes of ListBackups, by table
        self._indexes = {table.name: set(table.indexes) for table in tables.values()}  # without the optional ones

    def examples(self, of: type[User] | type[Task], number: int) -> list[Item]:
        """Return example items with different keys."""
        (table,) = (table for table in self._tables.values() if table.holds is of)
        return self._items.several(table, {}, {}, number, full=True)

    def of(self, operation: str, parameters: Parameters) -> list[PossibleResponse]:
        """Return the possible responses of a request."""
        return _RESPONSES[operation](self, parameters)

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

    def _get(self, parameters: Parameters) -> list[PossibleResponse]:
        item = self._items.one(self._tables[parameters["TableName"]], parameters["Key"])
        return [PossibleResponse(Outcome.FOUND, {"Item": item}), PossibleResponse(Outcome.ABSENT, {})]

    def _pages(self, parameters: Parameters) -> list[PossibleResponse]:
        """Query and Scan."""
        expressions = expressions_of(parameters)
        table = self._tables[parameters["TableName"]]
        equal = [term for term in expressions.key + expressions.filter if term.operator == "="]
        known: Item = {term.attribute: term.values[0] for term in equal}
        limit = parameters.get("Limit", PAGE_ITEMS)
        number = min(limit, PAGE_ITEMS) - self._seed
        start = parameters.get("ExclusiveStartKey", {})
        # The entries of an index have all attributes of its key.
        whole = self._items.several(table, known, start, max(1, number), full="IndexName" in parameters)
        projection = expressions.projection
        items = [{name: item[name] for name in item if not projection or name in projection} for item in whole]

        def page(items: list[Item], evaluated: int) -> Response:
            return {"Items": items, "Count": len(items), "ScannedCount": evaluated}

        fitting = self._items.fitting(table, known, 1)
        if fitting:
            ambiguous = self._items.fitting(table, known, 2)
            possible = [PossibleResponse(Outcome.SOME, page(fitting, number))]
            possible.append(PossibleResponse(Outcome.AMBIGUOUS, page(ambiguous, number)))
        else:
            possible = [PossibleResponse(Outcome.SOME, page(items[:number], number))]
        newer = made_new(items[:number])
        if newer and not fitting:
            possible.append(PossibleResponse(Outcome.NEWER, page(newer, len(newer))))
        possible.append(PossibleResponse(Outcome.NONE, page([], 0)))
        # Another page follows a filter that no item passes, or a page of one item.
        cut = page([], limit) if expressions.filter else page(items[:1], 1)
        key = {*table.key, *table.key_of(parameters.get("IndexName"))}
        cut["LastEvaluatedKey"] = {name: value for name, value in whole[0].items() if name in key}
        full = page([] if expressions.filter else items[:1] * limit, limit)
        full["LastEvaluatedKey"] = cut["LastEvaluatedKey"]
        return [*possible, PossibleResponse(Outcome.MORE, cut), PossibleResponse(Outcome.FULL, full)]

    def _write(self, parameters: Parameters) -> list[PossibleResponse]:
        """PutItem and UpdateItem."""
        expressions = expressions_of(parameters)
        possible = [
            PossibleResponse(Outcome.DONE, {"Attributes": item})
            for item in self._states(parameters)
            if not _failure(expressions.condition, parameters, item)
        ]
        possible += self._condition_failures(parameters)
        if any(change.value and "S" in change.value for change in expressions.update):
            possible.append(_TOO_LARGE)
        return [*possible, _CONFLICT]

    def _delete(self, parameters: Parameters) -> list[PossibleResponse]:
        item = self._items.one(self._tables[parameters["TableName"]], parameters["Key"])
        returned = {"Attributes": item} if parameters.get("ReturnValues") == "ALL_OLD" else {}
        return [PossibleResponse(Outcome.FOUND, returned), PossibleResponse(Outcome.ABSENT, {}), _CONFLICT]

    def _transact(self, parameters: Parameters) -> list[PossibleResponse]:
        contents = [content for _, content in actions(parameters)]

        def cancelled(place: int, reason: dict[str, Any]) -> ApiError:
            """Return the error of a transaction whose action at this place fails."""
            reasons = [{"Code": "None"} for _ in contents]
            reasons[place] = reason
            return ApiError("TransactionCanceledException", "", CancellationReasons=reasons)

        failed: dict[str, PossibleResponse] = {}  # by reason: of many equal actions, one is enough
        seen: set[str] = set()
        for place, content in enumerate(contents):
            condition = repr([content.get(name) for name in ("TableName", *_CONDITION)])
            if condition in seen:
                continue
            seen.add(condition)
            for failure in self._condition_failures(content):
                assert isinstance(failure.response, ApiError)
                response = cancelled(place, {"Code": "ConditionalCheckFailed", **failure.response.details})
                reason = f"{failure.reason} in {content['TableName']}"
                failed.setdefault(reason, PossibleResponse(Outcome.CONDITION_FAILED, response, reason))
        possible = [PossibleResponse(Outcome.DONE, {}), *failed.values()]
        conflict = cancelled(0, {"Code": "TransactionConflict"})
        return [*possible, PossibleResponse(Outcome.CONFLICT, conflict)]

    def _batch_get(self, parameters: Parameters) -> list[PossibleResponse]:
        ((name, keys),) = ((table, wanted["Keys"]) for table, wanted in parameters["RequestItems"].items())
        found = [self._items.one(self._tables[name], key) for key in keys]
        unprocessed = {name: {**parameters["RequestItems"][name], "Keys": keys[-1:]}}
        return [
            PossibleResponse(Outcome.NONE, {"Responses": {name: []}, "UnprocessedKeys": {}}),
            PossibleResponse(Outcome.SOME, {"Responses": {name: found}, "UnprocessedKeys": {}}),
            PossibleResponse(Outcome.UNPROCESSED, {"Responses": {name: []}, "UnprocessedKeys": unprocessed}),
        ]

    def _batch(self, parameters: Parameters) -> list[PossibleResponse]:
        unprocessed = {table: writes[-1:] for table, writes in parameters["RequestItems"].items()}
        return [
            PossibleResponse(Outcome.DONE, {"UnprocessedItems": {}}),
            PossibleResponse(Outcome.UNPROCESSED, {"UnprocessedItems": unprocessed}),
        ]

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

    def _states(self, parameters: Parameters) -> list[Item]:
        """Return the items that may have the key of a write."""
        table, key = self._tables[parameters["TableName"]], _key(parameters)
        return self._items.states(table, {name: key[name] for name in table.key})

    def _condition_failures(self, parameters: Parameters) -> list[PossibleResponse]:
        """Return one response for each reason for which the condition of a write may fail."""
        returns_item = parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        failures: dict[str, PossibleResponse] = {}
        condition = expressions_of(parameters).condition
        for item in self._states(parameters):
            reason = _failure(condition, parameters, item)
            if reason and reason not in failures:
                details = {"Item": item} if returns_item and item else {}
                error = ApiError("ConditionalCheckFailedException", "", **details)
                failures[reason] = PossibleResponse(Outcome.CONDITION_FAILED, error, reason)
        return list(failures.values())


_CONDITION = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")

_CONFLICT = PossibleResponse(Outcome.CONFLICT, ApiError("TransactionConflictException", ""))
_TOO_LARGE = PossibleResponse(
    Outcome.TOO_LARGE, ApiError("ValidationException", "Item size to update has exceeded the maximum allowed size")
)
_NO_TABLE = PossibleResponse(Outcome.TABLE_MISSING, ApiError("ResourceNotFoundException", ""))
_NO_TABLE_TO_BACK_UP = PossibleResponse(Outcome.TABLE_MISSING, ApiError("TableNotFoundException", ""))
_UNKNOWN_OPERATION = PossibleResponse(Outcome.UNKNOWN_OPERATION, ApiError("UnknownOperationException", ""))
_BACKUP_IN_USE = PossibleResponse(Outcome.BACKUP_IN_USE, ApiError("BackupInUseException", ""))
_IN_USE = PossibleResponse(Outcome.TABLE_IN_USE, ApiError("ResourceInUseException", ""))

_RESPONSES: dict[str, Callable[[Responses, Parameters], list[PossibleResponse]]] = {
    "GetItem": Responses._get,
    "Query": Responses._pages,
    "Scan": Responses._pages,
    "PutItem": Responses._write,
    "UpdateItem": Responses._write,
    "DeleteItem": Responses._delete,
    "BatchGetItem": Responses._batch_get,
    "BatchWriteItem": Responses._batch,
    "TransactWriteItems": Responses._transact,
    "DescribeTable": Responses._describe_table,
    "CreateTable": Responses._change_table,
    "UpdateTable": Responses._change_table,
    "DeleteTable": Responses._delete_table,
    "DescribeContinuousBackups": Responses._describe_recovery,
    "UpdateContinuousBackups": Responses._change_recovery,
    "CreateBackup": Responses._create_backup,
    "ListBackups": Responses._list_backups,
    "DeleteBackup": Responses._delete_backup,
    "RestoreTableFromBackup": Responses._restore,
    "DescribeStream": Responses._describe_stream,
    "GetShardIterator": Responses._shard_iterator,
    "GetRecords": Responses._records,
}


def _key(parameters: Parameters) -> Item:
    """Return the key of a write, or the item that holds it."""
    key: Item = parameters.get("Key") or parameters["Item"]
    return key


def _failure(condition: list[Term], parameters: Parameters, item: Item) -> str:
    """Return why a condition is false of an item, in words that follow the word "if"; empty if it is true.

    parameters: of the write with this condition.
    """
    for term in condition:
        if term.is_true_of(item):
            continue
        if term.operator == "attribute_exists":
            return f"it lacks the attribute {term.attribute}" if item else Outcome.ABSENT.value
        if term.operator == "attribute_not_exists":
            is_key = term.attribute in _key(parameters)
            return Outcome.FOUND.value if is_key else f"it already has the attribute {term.attribute}"
        return f"not {term}"
    return ""


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
