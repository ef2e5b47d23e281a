"""Creates, describes and deletes the indexes of the table of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import NotFound
from ..table_model import Capacity
from . import definitions, table_status, waiting
from .table_checks import require_definition
from .table_status import accepts_change, busy, indexes_of, is_on_demand, statuses_of, units_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from ..table_model import TableStatus
    from .definitions import Table
    from .retries import Sleep


class TableOfIndex(NamedTuple):
    """A table that has an index, or that receives one. command: the command that reads the index."""

    table: Table
    existing: Response
    command: str


class Indexes:
    """The indexes that commands read."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self._prefix, self._sleep = client, prefix, sleep

    def add(self, index: str, notify: Callable[[str], object], wait: Callable[[str], object]) -> list[TableStatus]:
        """Add an index to its existing table, wait until it is ACTIVE, and return the status of table and indexes.

        The index has the billing mode and the provisioned units of the table. notify: receives a message about each
        step. wait: receives, about once a second, what this waits for. Raises Conflict if the table or the index
        differs from its definition, RetriesExhausted, and the client's ResourceNotFoundException if the table does not
        exist.
        """
        table, existing, command = self._find(index, index)
        if index in indexes_of(existing):
            notify(f"{index} of {table.name} already exists")
        else:
            attribute = definitions.INDEX_USES[index].attribute
            notify(f"adding {index} to {table.name}, for {command}")
            notify(f"price: writing a task with a {attribute} adds a write, two if the {attribute} changes")
            if not is_on_demand(existing):
                read, write = units_of(existing)
                notify(f"price: {read} read and {write} write units a second, charged from now on, used or not")
        return list(statuses_of(table, self.change(table, existing, index, wait)))

    def find(self, index: str) -> TableOfIndex:
        """Return the table that has an index, for remove. Raises NotFound if it lacks the index.

        Raises Conflict if the table has other keys, and the client's ResourceNotFoundException if it does not exist.
        """
        found = self._find(index)
        if index not in indexes_of(found.existing):
            raise NotFound(f"{found.table.name} has no index {index}")
        return found

    def remove(self, index: str, found: TableOfIndex, wait: Callable[[str], object]) -> list[TableStatus]:
        """Delete an index, wait until it is gone, and return the status of its table and the other indexes.

        found: see find. wait: see add. Raises RetriesExhausted.
        """
        table, existing, _ = found
        return list(statuses_of(table, self.change(table, existing, index, wait, exists=False)))

    def missing_in(self, index: str) -> str | None:
        """Return the name of the existing table that should have this index and has none; None if it has one."""
        for table in definitions.tables(self._prefix):
            existing = table_status.find(self._client, table.name) if index in table.index_updates() else None
            if existing is not None and index not in indexes_of(existing):
                return table.name
        return None

    def _find(self, index: str, *as_defined: str) -> TableOfIndex:
        """Return the table of an index. as_defined: indexes that must not differ from their definition."""
        table = next(table for table in definitions.tables(self._prefix) if index in table.index_updates())
        existing = self._client.describe_table(TableName=table.name)["Table"]
        require_definition(table, existing, indexes=as_defined)
        return TableOfIndex(table, existing, definitions.INDEX_USES[index].command)

    def change(
        self,
        table: Table,
        existing: Response,
        index: str,
        wait: Callable[[str], object] = lambda _: None,
        *,
        exists: bool = True,
        capacity: Capacity | None = None,
    ) -> Response:
        """Create or delete an index when DynamoDB accepts that, wait for the end of the change, describe the table.

        existing: the present description. exists: the wanted state. A change that another process began is waited for
        too.
        """
        is_sent = False
        reason = ""
        for poll in range(waiting.POLLS):
            if poll:
                existing = self._client.describe_table(TableName=table.name)["Table"]
            status = indexes_of(existing).get(index, {}).get("IndexStatus")
            if exists:
                require_definition(table, existing, indexes=(index,))
            if status == ("ACTIVE" if exists else None):
                return existing
            reason = busy(table.name, existing, index)
            is_change = status is None if exists else status != "DELETING"
            if is_change and not is_sent and accepts_change(existing, index):
                is_sent = (
                    self._send_creation(table, index, existing, capacity or Capacity())
                    if exists
                    else self._send_deletion(table.name, index)
                )
                if is_sent:
                    continue  # the embedded engine has completed the change
            wait(reason)
            self._sleep(waiting.POLL_SECONDS)
        command = "index-add" if exists else "index-rm"
        raise waiting.gave_up(reason, f"{command} {index} continues to wait")

    def _send_creation(self, table: Table, index: str, existing: Response, capacity: Capacity) -> bool:
        """Send the UpdateTable that adds an index. Return False if DynamoDB does not accept the change yet.

        The index has the billing mode of the table, and its units where the capacity has none.
        """
        read, write = units_of(existing)
        as_table = Capacity(is_on_demand(existing), capacity.read or read, capacity.write or write)
        update = definitions.with_capacity(table.index_updates()[index], as_table)
        # moto forgets the types of attributes that are not in the request.
        attributes = definitions.merged(existing["AttributeDefinitions"], update["AttributeDefinitions"])
        try:
            self._client.update_table(**update | {"AttributeDefinitions": attributes})
        except self._change_in_progress:
            return False
        except self._client.exceptions.ClientError:
            # Another process adds the index at the same moment, or an earlier attempt did and its response was lost.
            if index not in indexes_of(table_status.find(self._client, table.name) or {}):
                raise
        return True

    def _send_deletion(self, table: str, index: str) -> bool:
        """Send the UpdateTable that deletes an index. Return False if DynamoDB does not accept the change yet."""
        change = {"Delete": {"IndexName": index}}
        try:
            self._client.update_table(TableName=table, GlobalSecondaryIndexUpdates=[change])
        except self._change_in_progress:
            return False
        except self._client.exceptions.ClientError:
            # Another process was first, or an earlier attempt whose response was lost.
            if index in indexes_of(table_status.find(self._client, table) or {}):
                raise
        return True

    @property
    def _change_in_progress(self) -> tuple[type[Exception], ...]:
        """The errors of UpdateTable while DynamoDB changes the table or one of its indexes."""
        exceptions = self._client.exceptions
        return exceptions.ResourceInUseException, exceptions.LimitExceededException

    def optional(self) -> list[str]:
        """Return the names of the optional indexes that exist."""
        return [
            index["IndexName"]
            for table in definitions.tables(self._prefix)
            if table.optional_updates
            for existing in [indexes_of(table_status.find(self._client, table.name) or {})]
            for index in table.optional_indexes()
            if index["IndexName"] in existing
        ]
