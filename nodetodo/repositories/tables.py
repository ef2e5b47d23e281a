"""Creates, describes and deletes the tables. Their definitions come from tables/*.json only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import Conflict, RetriesExhausted
from ..model import Capacity, TableStatus
from . import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Client, Response
    from ..model import Task, User
    from .definitions import Table
    from .retries import Sleep

POLL_SECONDS = 1.0
POLLS = 900
"""Fifteen minutes. The backfill of an index over many items can take longer, and continues without this program."""


class Tables:
    """The table of users and the table of tasks with its index by category."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self.prefix, self._sleep = client, prefix, sleep

    def _tables(self) -> list[Table]:
        return definitions.tables(self.prefix)

    def names(self) -> list[str]:
        """Return the names of all tables, existing or not."""
        return [table.name for table in self._tables()]

    def removable_names(self) -> list[str]:
        """Return the names of the tables that exist. Raises Conflict if one of them has other keys."""
        found = self._found()
        for table, existing in found:
            _require_definition(table, existing, of_indexes=False)
        return [table.name for table, existing in found if existing is not None]

    def require_definitions(self) -> None:
        """Raise Conflict if an existing table or index differs from its definition."""
        for table, existing in self._found():
            _require_definition(table, existing)

    def add(self, capacity: Capacity, notify: Callable[[str], object]) -> list[TableStatus]:
        """Create missing tables and indexes, wait until all are ACTIVE, and return their status.

        notify: receives a message about each step. Raises Conflict, before it creates anything, if an existing table or
        index differs from its definition or from the requested capacity.
        """
        found = self._found()
        for table, existing in found:
            if existing is not None and existing["TableStatus"] == "DELETING":
                raise Conflict(f"{table.name} is being deleted; try again in a minute")
            _require_definition(table, existing)
        _require_capacity(found, capacity)
        for table, existing in found:
            if existing is not None:
                notify(f"{table.name} already exists and keeps its capacity")
                continue
            notify(f"creating {table.name}")
            # The table is in use if another process creates it at the same moment.
            with suppress(self._client.exceptions.ResourceInUseException):
                self._client.create_table(**definitions.with_capacity(table.create_with_indexes(), capacity))
        statuses: list[TableStatus] = []
        for table in self._tables():
            existing = self._wait_until_active(table.name)
            for update, index in zip(table.updates, table.indexes(), strict=True):
                if index["IndexName"] not in _indexes(existing):
                    notify(f"adding {index['IndexName']} to {table.name}")
                    as_table = Capacity(_is_on_demand(existing), capacity.read, capacity.write)
                    self._add_index(table.name, index["IndexName"], definitions.with_capacity(update, as_table))
                    existing = self._wait_until_active(table.name)
            _require_definition(table, existing)
            statuses += _statuses(table, existing)
        return statuses

    def _add_index(self, table: str, index: str, request: definitions.Definition) -> None:
        try:
            self._client.update_table(**request)
        except self._client.exceptions.ClientError:
            # Another process adds the index at the same moment, or an earlier attempt did and its response was lost.
            if index not in _indexes(self._describe(table) or {}):
                raise

    def _found(self) -> list[tuple[Table, Response | None]]:
        """Return each table with its description; None if it does not exist."""
        return [(table, self._describe(table.name)) for table in self._tables()]

    def _describe(self, name: str) -> Response | None:
        try:
            description: Response = self._client.describe_table(TableName=name)["Table"]
            return description
        except self._client.exceptions.ResourceNotFoundException:
            return None

    def _wait_until_active(self, name: str) -> Response:
        for _ in range(POLLS):
            existing = self._describe(name)
            if existing is not None:
                states = [existing["TableStatus"], *(index["IndexStatus"] for index in _indexes(existing).values())]
                if set(states) == {"ACTIVE"}:
                    return existing
            self._sleep(POLL_SECONDS)
        raise RetriesExhausted(
            f"{name} is not ready after {POLLS * POLL_SECONDS / 60:.0f} minutes; table-add continues to wait"
        )

    def all(self) -> list[TableStatus]:
        """Return the status of every table and index. One that does not exist has the status MISSING."""
        return [status for table, existing in self._found() for status in _statuses(table, existing)]

    def require_all(self) -> dict[type[User] | type[Task], list[TableStatus]]:
        """Return the status of each table, followed by those of its indexes, by the type of its records.

        Raises the client's ResourceNotFoundException if a table does not exist, and Conflict if it has other keys.
        """
        found = {}
        for table in self._tables():
            description = self._client.describe_table(TableName=table.name)["Table"]
            _require_definition(table, description, of_indexes=False)
            found[table.holds] = list(_statuses(table, description))
        return found

    def remove(self, names: list[str]) -> None:
        """Delete existing tables with all their items, and wait until the tables are gone."""
        for name in names:
            try:
                self._client.delete_table(TableName=name)
            except self._client.exceptions.ResourceNotFoundException:
                pass  # another process was first, or an earlier attempt whose response was lost
            except self._client.exceptions.ResourceInUseException:
                if (self._describe(name) or {"TableStatus": "DELETING"})["TableStatus"] != "DELETING":
                    raise Conflict(f"{name} is being created or changed; try again in a minute") from None
        for name in names:
            for _ in range(POLLS):
                if self._describe(name) is None:
                    break
                self._sleep(POLL_SECONDS)


def _indexes(description: Response) -> dict[str, Response]:
    return {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", [])}


def _statuses(table: Table, description: Response | None) -> Iterator[TableStatus]:
    if description is None:
        yield TableStatus(table.name, None, "MISSING")
        return
    billing = "on demand" if _is_on_demand(description) else "provisioned"

    differences = {index: difference for index, difference, _ in _differences(table, description)}

    def status(index: str | None, state: Response, kind: str) -> TableStatus:
        items, size = state.get("ItemCount"), state.get(f"{kind}SizeBytes")
        read, write = _units(state)
        difference = differences.get(index)
        return TableStatus(table.name, index, state[f"{kind}Status"], items, size, billing, read, write, difference)

    yield status(None, description, "Table")
    for name, state in _indexes(description).items():
        yield status(name, state, "Index")
    for index in table.indexes():
        if index["IndexName"] not in _indexes(description):
            yield TableStatus(table.name, index["IndexName"], "MISSING")


def _units(description: Response) -> tuple[int | None, int | None]:
    """Return read and write capacity units per second. None on demand, for which DescribeTable returns 0."""
    throughput = description.get("ProvisionedThroughput", {})
    return throughput.get("ReadCapacityUnits") or None, throughput.get("WriteCapacityUnits") or None


def _is_on_demand(description: Response) -> bool:
    return bool(description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")


def _differences(table: Table, description: Response | None) -> Iterator[tuple[str | None, str, str]]:
    """Yield how a table and its indexes differ from their definition: index (None: the table), difference, remedy."""
    if description is None:
        return
    attributes = table.create_with_indexes()["AttributeDefinitions"]
    defined = {None: table.create} | {index["IndexName"]: index for index in table.indexes()}
    existing = {None: description} | _indexes(description)
    for index in defined:
        if index not in existing:
            continue
        remedy = "set NODETODO_TABLE_PREFIX to use other table names"
        if index is not None:
            remedy = f"delete this index of {table.name}, then table-add creates it as task-la needs it"
        keys = definitions.keys(existing[index], description["AttributeDefinitions"])
        if keys != definitions.keys(defined[index], attributes):
            yield index, f"other keys: {', '.join(f'{key.name} ({key.type})' for key in keys)}", remedy
        elif index is not None and existing[index]["Projection"] != defined[index]["Projection"]:
            projection = existing[index]["Projection"]
            copied = "".join(f" {name}" for name in projection.get("NonKeyAttributes", ()))
            yield index, f"other projection: {projection['ProjectionType']}{copied}", remedy


def _require_definition(table: Table, description: Response | None, *, of_indexes: bool = True) -> None:
    """Raise Conflict if the table or one of its indexes exists and differs from its definition."""
    for index, difference, remedy in _differences(table, description):
        if index is None or of_indexes:
            raise Conflict(f"{index or table.name} already exists with {difference}; {remedy}")


def _require_capacity(found: list[tuple[Table, Response | None]], capacity: Capacity) -> None:
    """Raise Conflict if an existing table or index does not have the requested capacity."""
    others = []
    for table, description in found:
        for status in _statuses(table, description):
            if capacity.on_demand:
                is_other = status.billing == "provisioned"
            else:
                is_other = capacity.read not in (None, status.read) or capacity.write not in (None, status.write)
            if is_other and status.billing:  # None: the table or index does not exist
                units = f"{status.read:,} read and {status.write:,} write units" if status.read else status.billing
                others.append(f"{status.name} ({units})")
    if others:
        raise Conflict(
            f"existing tables keep their capacity: {', '.join(others)}; "
            "outside a local file, aws dynamodb update-table changes it"
        )
