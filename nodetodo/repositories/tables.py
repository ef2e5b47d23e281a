"""The tables themselves: made, looked at and deleted, from the definitions in tables/*.json and from nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import Conflict, TooBusy
from ..model import Capacity, TableStatus
from . import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Client, Response
    from .definitions import Table
    from .retries import Sleep

POLL_SECONDS = 1.0
POLLS = 900
"""Fifteen minutes; the backfill of an index over many items can take longer, and goes on without us."""


class Tables:
    """The tables todo-user and todo-task with its index by category, as far as they are there."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self.prefix, self._sleep = client, prefix, sleep

    def _tables(self) -> list[Table]:
        return definitions.tables(self.prefix)

    def names(self) -> list[str]:
        return [table.name for table in self._tables()]

    def names_there(self) -> list[str]:
        return [name for name in self.names() if self._describe(name) is not None]

    def add(self, capacity: Capacity, notify: Callable[[str], object]) -> list[TableStatus]:
        """Make what is missing and wait until all is ACTIVE; notify is called with a sentence about each step.

        What is there keeps its capacity. Raises Conflict for a table or index that is there with other keys.
        """
        for table in self._tables():
            there = self._describe(table.name)
            if there is None:
                notify(f"making {table.name}")
                with suppress(self._client.exceptions.ResourceInUseException):  # somebody else is making it right now
                    self._client.create_table(**definitions.with_capacity(table.create_at_once(), capacity))
            elif there["TableStatus"] == "DELETING":
                raise Conflict(f"{table.name} is being deleted; try again in a minute")
            else:
                _require_same_keys(table, there)
                notify(f"{table.name} is there already, and keeps its capacity")
        statuses: list[TableStatus] = []
        for table in self._tables():
            there = self._wait_until_active(table.name)
            for update, index in zip(table.updates, table.indexes(), strict=True):
                if index["IndexName"] not in _indexes(there):
                    notify(f"adding {index['IndexName']} to {table.name}")
                    as_table = capacity._replace(on_demand=_is_on_demand(there))
                    self._add_index(table.name, index["IndexName"], definitions.with_capacity(update, as_table))
                    there = self._wait_until_active(table.name)
            _require_same_keys(table, there)
            statuses += _statuses(table, there)
        return statuses

    def _add_index(self, table: str, index: str, request: definitions.Definition) -> None:
        try:
            self._client.update_table(**request)
        except self._client.exceptions.ClientError:
            # Somebody else adds it at this moment, or our own first attempt did and its response was lost.
            if index not in _indexes(self._describe(table) or {}):
                raise

    def _describe(self, name: str) -> Response | None:
        try:
            description: Response = self._client.describe_table(TableName=name)["Table"]
            return description
        except self._client.exceptions.ResourceNotFoundException:
            return None

    def _wait_until_active(self, name: str) -> Response:
        for _ in range(POLLS):
            there = self._describe(name)
            if there is not None:
                states = [there["TableStatus"], *(index["IndexStatus"] for index in _indexes(there).values())]
                if set(states) == {"ACTIVE"}:
                    return there
            self._sleep(POLL_SECONDS)
        raise TooBusy(
            f"{name} is not ready after {POLLS * POLL_SECONDS / 60:.0f} minutes; table-add again goes on waiting"
        )

    def all(self) -> list[TableStatus]:
        """Every table and index; those that are not there have the status MISSING."""
        return [status for table in self._tables() for status in _statuses(table, self._describe(table.name))]

    def require_all(self) -> list[TableStatus]:
        """Every table and index, as all(); where a table is not there, what the client raises for that."""
        return [
            status
            for table in self._tables()
            for status in _statuses(table, self._client.describe_table(TableName=table.name)["Table"])
        ]

    def remove(self, names: list[str]) -> None:
        """Delete tables that were there a moment ago, with everything in them, and wait until they are gone."""
        for name in names:
            try:
                self._client.delete_table(TableName=name)
            except self._client.exceptions.ResourceNotFoundException:
                pass  # somebody else was first, or our own first attempt whose response was lost
            except self._client.exceptions.ResourceInUseException:
                if (self._describe(name) or {"TableStatus": "DELETING"})["TableStatus"] != "DELETING":
                    raise Conflict(f"{name} is being made or changed at the moment; try again in a minute") from None
        for name in names:
            for _ in range(POLLS):
                if self._describe(name) is None:
                    break
                self._sleep(POLL_SECONDS)


def _indexes(there: Response) -> dict[str, Response]:
    return {index["IndexName"]: index for index in there.get("GlobalSecondaryIndexes", [])}


def _statuses(table: Table, there: Response | None) -> Iterator[TableStatus]:
    if there is None:
        yield TableStatus(table.name, None, "MISSING")
        return
    billing = "on demand" if _is_on_demand(there) else "provisioned"

    def status(index: str | None, state: Response, what: str) -> TableStatus:
        items, size = state.get("ItemCount"), state.get(f"{what}SizeBytes")
        return TableStatus(table.name, index, state[f"{what}Status"], items, size, billing, *_units(state))

    yield status(None, there, "Table")
    for name, state in _indexes(there).items():
        yield status(name, state, "Index")
    for index in table.indexes():
        if index["IndexName"] not in _indexes(there):
            yield TableStatus(table.name, index["IndexName"], "MISSING")


def _units(there: Response) -> tuple[int | None, int | None]:
    """Read and write capacity units per second; None on demand, which DescribeTable gives as 0."""
    throughput = there.get("ProvisionedThroughput", {})
    return throughput.get("ReadCapacityUnits") or None, throughput.get("WriteCapacityUnits") or None


def _is_on_demand(there: Response) -> bool:
    return bool(there.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")


def _require_same_keys(table: Table, there: Response) -> None:
    """Raises Conflict for a table, or an index of it, whose keys are not those of its definition."""
    attributes = table.create_at_once()["AttributeDefinitions"]
    wanted = {table.name: table.create} | {index["IndexName"]: index for index in table.indexes()}
    found = {table.name: there} | _indexes(there)
    for name in wanted.keys() & found.keys():
        keys = definitions.keys(found[name], there["AttributeDefinitions"])
        if keys != definitions.keys(wanted[name], attributes):
            shown = ", ".join(f"{attribute} ({kind})" for attribute, _, kind in keys)
            raise Conflict(f"{name} is there with other keys: {shown}; another NODETODO_TABLE_PREFIX keeps clear of it")
