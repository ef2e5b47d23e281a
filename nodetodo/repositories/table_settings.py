"""Changes the settings of existing tables: billing, capacity, protection, recovery window, class and stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import DatabaseUnavailable
from ..model import Task
from ..table_model import SettingChange
from .stream_settings import VIEW_TYPE, require_images, specification, view_type
from .table_status import TABLE_CLASSES, indexes_of, is_on_demand, maximums_of, states_of, statuses_of, units_of
from .tables import Tables
from .waiting import poll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Client, Response
    from ..table_model import TableStatus, WantedSettings
    from .retries import Sleep

NO_MAXIMUM = -1
"""Removes a maximum of the on-demand throughput (OnDemandThroughput, API reference)."""

THROUGHPUT = {"billing", "read", "write"}
MAXIMUMS = {"max_read": "MaxReadRequestUnits", "max_write": "MaxWriteRequestUnits"}


class TableSettings:
    """The settings of the two tables and their indexes."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self._sleep = client, sleep
        self._tables = Tables(client, prefix, sleep)

    def edit(
        self, wanted: WantedSettings, notify: Callable[[str], object], wait: Callable[[str], object]
    ) -> tuple[list[SettingChange], list[TableStatus]]:
        """Change the settings that differ from the wanted ones. Return the changes, and the status of all tables.

        Each request changes one kind of setting, after the table and its indexes are ACTIVE, because DynamoDB accepts
        one UpdateTable at a time. The stream is a setting of the table of tasks only. After an error, the same call
        makes the remaining changes. notify: receives a message before each request. wait: receives, about once a
        second, what this waits for. Raises RetriesExhausted, Conflict if a table has other keys, DatabaseUnavailable if
        the engine ignores a maximum, and the client's exceptions, before any change for a table that does not exist and
        for an engine without point-in-time recovery.
        """
        found = self._tables.require_found()
        days = {}
        if wanted.recovery_days is not None:
            days = {table.name: self._tables.recovery_days(table.name) for table, _ in found}
        if wanted.stream:
            for table, description in found:
                if table.holds is Task:
                    require_images(table.name, view_type(description))
        changes: list[SettingChange] = []
        statuses: list[TableStatus] = []
        for table, description in found:
            before = list(statuses_of(table, description))
            before[0].recovery_days = days.get(table.name)
            has_tasks = table.holds is Task
            planned = [change for status in before for change in _changes(status, wanted, has_tasks)]
            description = self._apply(table.name, planned, description, notify, wait)
            after = list(statuses_of(table, description))
            after[0].recovery_days = wanted.recovery_days
            if not (wanted.max_read and wanted.max_write):
                _require_maximums(planned, after)
            changes += planned
            statuses += after
        return changes, statuses

    def _apply(
        self,
        name: str,
        changes: list[SettingChange],
        description: Response,
        notify: Callable[[str], object],
        wait: Callable[[str], object],
    ) -> Response:
        """Send the changes of one table, and return its description after them."""
        for kind, parameters in KINDS:
            of_kind = [change for change in changes if change.setting in kind]
            if not of_kind:
                continue
            if kind == set(MAXIMUMS) and not is_on_demand(description):
                continue  # they ended with the mode on demand
            if states_of(description) != {"ACTIVE"}:
                description = self._tables.wait_until_active(name, wait, "table-edit")
            settings = dict.fromkeys(change.setting.replace("_", " ") for change in of_kind)
            notify(f"changing {', '.join(settings)} of {name}")
            self._tables.update(name, parameters(of_kind, description), wait)
            description = self._tables.wait_until_active(name, wait, "table-edit")
        for change in changes:
            if change.setting == "recovery_days":
                if states_of(description) != {"ACTIVE"}:
                    description = self._tables.wait_until_active(name, wait, "table-edit")
                notify(f"changing recovery days of {name}")
                self._change_recovery(name, change.new, wait)
        return description

    def _change_recovery(self, name: str, days: int, wait: Callable[[str], object]) -> None:
        """Send UpdateContinuousBackups when DynamoDB accepts it: some time after the table was created."""

        def reason_to_wait() -> str | None:
            try:
                self._client.update_continuous_backups(TableName=name, **_recovery(days))
            except self._client.exceptions.ContinuousBackupsUnavailableException:
                return f"backups of {name} are not available yet"
            return None

        poll(reason_to_wait, self._sleep, wait, "table-edit")


def _changes(status: TableStatus, wanted: WantedSettings, has_tasks: bool) -> Iterator[SettingChange]:
    """Yield the settings of a table or an index that differ from the wanted ones. has_tasks: whether it has tasks."""
    if status.status == "MISSING":
        return
    settings: dict[str, Any] = {}
    if wanted.on_demand:
        settings |= {"billing": "on demand", "read": None, "write": None}
        for name in MAXIMUMS:
            if getattr(wanted, name) is not None:
                settings[name] = getattr(wanted, name) or None
    elif wanted.on_demand is not None:
        settings |= {"billing": "provisioned", "read": wanted.read, "write": wanted.write}
        settings |= dict.fromkeys(MAXIMUMS)  # they end with the mode on demand
    if status.index_name is None:
        of_table = ("protection", "recovery_days", "table_class")
        settings |= {name: getattr(wanted, name) for name in of_table if getattr(wanted, name) is not None}
        if has_tasks and wanted.stream is not None:
            settings["stream"] = VIEW_TYPE if wanted.stream else None
    for name, new in settings.items():
        old = getattr(status, name)
        if old != new:
            yield SettingChange(status.table, status.index_name, name, old, new)


def _throughput(changes: list[SettingChange], existing: Response) -> dict[str, Any]:
    """Return the parameters that change the billing mode or the provisioned units.

    A table that becomes provisioned needs the units of all its indexes in the same request.
    """
    new = {(change.index_name, change.setting): change.new for change in changes}
    if new.get((None, "billing")) == "on demand":
        return {"BillingMode": "PAY_PER_REQUEST"}
    request: dict[str, Any] = {"BillingMode": "PROVISIONED"} if (None, "billing") in new else {}
    updates = []
    for index, state in [(None, existing), *indexes_of(existing).items()]:
        read, write = units_of(state)
        wanted = new.get((index, "read"), read), new.get((index, "write"), write)
        # DynamoDB rejects units that equal the present ones. DynamoDB Local keeps those of an index on demand.
        if wanted == (read, write):
            continue
        units = {"ProvisionedThroughput": {"ReadCapacityUnits": wanted[0], "WriteCapacityUnits": wanted[1]}}
        if index is None:
            request |= units
        else:
            updates.append({"Update": {"IndexName": index, **units}})
    return request | ({"GlobalSecondaryIndexUpdates": updates} if updates else {})


def _maximums(changes: list[SettingChange], existing: Response) -> dict[str, Any]:
    """Return the parameters that change the maximum throughput on demand.

    They contain both maximums, because DynamoDB Local 3.3.1 fails with one (measured).
    """
    by_index: dict[str | None, dict[str, int]] = {}
    indexes = indexes_of(existing)
    for change in changes:
        owner = existing if change.index_name is None else indexes.get(change.index_name)
        if owner is None:
            continue  # another process deleted the index meanwhile
        if change.index_name not in by_index:
            present = zip(MAXIMUMS.values(), maximums_of(owner), strict=True)
            by_index[change.index_name] = {name: units or NO_MAXIMUM for name, units in present}
        by_index[change.index_name][MAXIMUMS[change.setting]] = change.new or NO_MAXIMUM
    updates = [
        {"Update": {"IndexName": index, "OnDemandThroughput": units}} for index, units in by_index.items() if index
    ]
    request: dict[str, Any] = {"OnDemandThroughput": by_index[None]} if None in by_index else {}
    return request | ({"GlobalSecondaryIndexUpdates": updates} if updates else {})


def _require_maximums(changes: list[SettingChange], statuses: list[TableStatus]) -> None:
    """Raise DatabaseUnavailable if a table does not have a maximum that it was given.

    DynamoDB Local 3.3.1 removes both maximums of a table if one of them is removed (measured).
    """
    of_table = {status.name: status for status in statuses if status.index_name is None}
    for change in changes:
        status = of_table.get(change.name)
        if status is not None and change.setting in MAXIMUMS and getattr(status, change.setting) != change.new:
            raise DatabaseUnavailable(
                f"the database did not store {change.setting.replace('_', ' ')} of {change.name}; DynamoDB Local needs "
                "both --max-read and --max-write"
            )


def _protection(changes: list[SettingChange], _existing: Response) -> dict[str, Any]:
    return {"DeletionProtectionEnabled": changes[0].new}


def _table_class(changes: list[SettingChange], _existing: Response) -> dict[str, Any]:
    return {"TableClass": next(name for name, shown in TABLE_CLASSES.items() if shown == changes[0].new)}


def _stream(changes: list[SettingChange], _existing: Response) -> dict[str, Any]:
    return {"StreamSpecification": specification(changes[0].new)}


def _recovery(days: int) -> dict[str, Any]:
    window = {"RecoveryPeriodInDays": days} if days else {}
    return {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": bool(days), **window}}


KINDS: list[tuple[set[str], Any]] = [
    ({"protection"}, _protection),
    (THROUGHPUT, _throughput),
    (set(MAXIMUMS), _maximums),
    ({"table_class"}, _table_class),
    ({"stream"}, _stream),
]
"""The settings that one UpdateTable changes, and the function that returns its parameters, in the order of sending."""
