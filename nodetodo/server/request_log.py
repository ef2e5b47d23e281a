"""The request log: one line for each request, with its access path and its units, and the totals for the summary.

Credentials are in headers, which this module never receives. Items are not printed; keys and the values of filters are.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..embedded import ClientError, StorageError, values
from ..embedded.capacity import TRANSACTIONAL, write_units
from ..explain import requests, units
from ..explain.legacy import with_expressions
from ..explain.meter import Place, consumed_units
from ..output.text import counted, printable, shortened
from .entries import Entry, as_json, as_text
from .summary import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from typing import TextIO

    from ..embedded.client import Client
    from .endpoint import Send

STATEMENTS = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})
"""The operations of PartiQL."""

MEASURED = STATEMENTS | {
    *("GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
}
"""The operations that take ReturnConsumedCapacity."""

RECOVERY_NOTE = "the setting is stored, and nothing is backed up"

CONDITIONAL = ("PutItem", "UpdateItem", "DeleteItem")


class RequestLog:
    """Sends requests to the engine with ReturnConsumedCapacity, and reports them. See endpoint.Observer.

    client: of the engine, to describe tables. now: returns the time. is_quiet: whether to print no lines.
    timer: returns seconds, for durations.
    """

    def __init__(
        self,
        client: Client,
        stream: TextIO,
        now: Callable[[], datetime],
        *,
        is_json: bool,
        is_quiet: bool,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._client, self._stream, self._now, self._timer = client, stream, now, timer
        self._is_json, self._is_quiet = is_json, is_quiet
        self._lock = threading.Lock()
        self._keys: dict[str, tuple[str, ...]] = {}
        self.totals = Totals()

    def send(self, operation: str, send: Send, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send a request and report it. Raises the exceptions of the engine."""
        entry = Entry(operation)
        detail = parameters.get("ReturnConsumedCapacity", "NONE")
        is_measured = operation in MEASURED and detail in ("NONE", "TOTAL")
        sent = parameters | {"ReturnConsumedCapacity": "INDEXES"} if is_measured else parameters
        # The units of a rejected write depend on the size of the existing item.
        wants_item = operation in CONDITIONAL and requests.is_conditional(parameters)
        sent = sent | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if wants_item else sent
        start = self._timer()
        try:
            response = send(**sent)
        except ClientError as error:
            entry.seconds = self._timer() - start
            entry.error = error.response["Error"]["Code"]
            entry.units = rejected_units(operation, parameters, error.response)
            if wants_item:
                error.response.pop("Item", None)
            self._report(entry, parameters)
            raise
        except StorageError:
            entry.error = "InternalServerError"  # `failed` reports the reason
            raise
        entry.seconds = self._timer() - start
        reads = operation in STATEMENTS and _selects(parameters)
        consumed = consumed_units("Query" if reads else operation, response)
        entry.units = [(place, number) for place, number in consumed if number]
        if "ScannedCount" in response:
            entry.scanned, entry.count = response["ScannedCount"], response["Count"]
        if operation == "GetRecords":
            entry.note = counted(len(response["Records"]), "record")
        if is_measured:
            _restore(response, detail)
        if operation == "UpdateContinuousBackups":
            entry.note = RECOVERY_NOTE
        if operation in ("CreateTable", "DeleteTable", "UpdateTable"):
            self._keys.clear()
        self._report(entry, parameters)
        return response

    def refused(self, operation: str, code: str, message: str) -> None:
        """Report a request that did not reach the engine."""
        entry = Entry(shortened(printable(operation), 40) or "-")
        entry.error, entry.note = code, message
        if code == "UnknownOperationException":
            entry.note = "the embedded engine does not have this operation"
        self._write(entry)

    def failed(self, operation: str, message: str) -> None:
        """Report a request that the engine could not carry out."""
        entry = Entry(operation)
        entry.error, entry.note = "InternalServerError", message
        self._write(entry)

    def _report(self, entry: Entry, parameters: dict[str, Any]) -> None:
        with suppress(Exception):  # a request that cannot be described has still been answered
            parameters = with_expressions(parameters)
            self._describe(entry, parameters)
        self._write(entry, parameters)

    def _write(self, entry: Entry, parameters: dict[str, Any] | None = None) -> None:
        line = ""
        if not self._is_quiet:
            now = self._now()
            line = json.dumps(as_json(entry, now), ensure_ascii=True) if self._is_json else as_text(entry, now)
        with self._lock:
            self.totals.add(entry, parameters or {})
            if line:
                with suppress(OSError, ValueError):  # the reader of standard error is gone; the server goes on
                    self._stream.write(line + "\n")
                    self._stream.flush()

    def _describe(self, entry: Entry, parameters: dict[str, Any]) -> None:
        """Set what a request reads or writes."""
        operation = entry.operation
        entry.index = parameters.get("IndexName")
        entry.tables = _tables(parameters, entry.units)
        entry.shape = requests.texts(parameters, values=False)
        if self._is_quiet:
            return
        entry.key, entry.filter = requests.texts(parameters, values=True)
        if operation == "Scan":
            entry.key = "SCAN"
        elif "Key" in parameters:
            entry.key = _assignments(parameters["Key"])
        elif operation == "PutItem":
            entry.key = _assignments({name: parameters["Item"][name] for name in self._key(parameters["TableName"])})
        elif "RequestItems" in parameters:
            entry.key = _batch(parameters["RequestItems"])
        elif "TransactItems" in parameters:
            actions = [kind for action in parameters["TransactItems"] for kind in action]
            entry.key = f"{counted(len(actions), 'action')}: {', '.join(dict.fromkeys(actions))}"

    def _key(self, table: str) -> tuple[str, ...]:
        """Return the names of a table's key."""
        if table not in self._keys:
            self._keys[table] = requests.described(self._client.describe_table(TableName=table)["Table"]).key
        return self._keys[table]


def _tables(parameters: dict[str, Any], consumed: Iterable[tuple[Place, float]]) -> list[str]:
    if "TableName" in parameters:
        return [parameters["TableName"]]
    if "RequestItems" in parameters:
        return sorted(parameters["RequestItems"])
    stream = parameters.get("StreamArn", parameters.get("ShardIterator", ""))
    if "/stream/" in stream:
        return [stream.partition(":table/")[2].partition("/")[0]]
    actions = (action for item in parameters.get("TransactItems", ()) for action in item.values())
    return sorted({action["TableName"] for action in actions} or {place.table for place, _ in consumed})


def _batch(items: dict[str, Any]) -> str:
    keys = sum(len(each["Keys"]) for each in items.values() if isinstance(each, dict))
    writes = sum(len(each) for each in items.values() if isinstance(each, list))
    return counted(keys, "key") if keys else counted(writes, "write")


def _selects(parameters: dict[str, Any]) -> bool:
    """Return whether a request of PartiQL reads: its response does not name the kind of its units.

    The statements of one request either all read or all write (BatchExecuteStatement and ExecuteTransaction, API
    reference).
    """
    statements = parameters.get("Statements") or parameters.get("TransactStatements") or [parameters]
    return all(each.get("Statement", "").lstrip()[:6].upper() == "SELECT" for each in statements)


def _assignments(key: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {requests.literal(value)}" for name, value in key.items())


def _restore(response: dict[str, Any], detail: str) -> None:
    """Reduce the ConsumedCapacity of a response to the detail that the client requested, NONE or TOTAL."""
    consumed = response.pop("ConsumedCapacity", None)
    if detail == "TOTAL" and consumed is not None:
        response["ConsumedCapacity"] = (
            [_total(each) for each in consumed] if isinstance(consumed, list) else _total(consumed)
        )


def _total(consumed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in consumed.items() if not isinstance(value, dict)}


def rejected_units(operation: str, parameters: dict[str, Any], error: dict[str, Any]) -> list[tuple[Place, float]]:
    """Return the write units of a write that its condition rejected, of the tables only.

    The engine does not report them. In a transaction, an action without an item in the request or in its cancellation
    reason counts as the smallest item.
    """
    code = error["Error"]["Code"]
    if code == "ConditionalCheckFailedException" and operation in CONDITIONAL:
        number = units.rejected(operation, parameters, {}, error)
        return [(Place("write", parameters["TableName"], None), number)]
    found = []
    if code == "TransactionCanceledException" and operation == "TransactWriteItems":
        for item, reason in zip(parameters["TransactItems"], error.get("CancellationReasons", ()), strict=False):
            ((_, action),) = item.items()
            size = values.item_size(reason.get("Item") or action.get("Item") or {})
            found.append((Place("write", action["TableName"], None), write_units(size, 0) * TRANSACTIONAL))
    return found
