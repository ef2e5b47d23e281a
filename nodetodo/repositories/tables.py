"""Creates, describes and deletes the tables. Their definitions come from tables/*.json only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..embedded.limits import RECOVERY_DAYS
from ..errors import Conflict, RetriesExhausted
from . import definitions
from .indexes import Indexes
from .table_checks import require_capacity, require_definition, require_protection
from .table_status import busy, find, indexes_of, states_of, statuses_of
from .waiting import poll

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..engines.interface import Client, Response
    from ..model import Task, User
    from ..table_model import Capacity, TableStatus
    from .definitions import Table
    from .retries import Sleep


class Tables:
    """The table of users, and the table of tasks with its indexes."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self.prefix, self._sleep = client, prefix, sleep

    def _tables(self) -> list[Table]:
        return definitions.tables(self.prefix)

    def names(self) -> list[str]:
        """Return the names of all tables, existing or not."""
        return [table.name for table in self._tables()]

    def removable_names(self) -> list[str]:
        """Return the names of the tables that exist. Raises Conflict if one has other keys or deletion protection."""
        found = self._found()
        for table, existing in found:
            require_definition(table, existing, indexes=())
        protected = [table.name for table, existing in found if existing and existing.get("DeletionProtectionEnabled")]
        if protected:
            verb = "has" if len(protected) == 1 else "have"
            raise Conflict(f"{' and '.join(protected)} {verb} deletion protection; table-edit --no-protect removes it")
        return [table.name for table, existing in found if existing is not None]

    def require_usable(self) -> None:
        """Raise Conflict if an existing table or index differs from its definition.

        Raises RetriesExhausted if a table is being created, and so cannot be read or written yet.
        """
        for table, existing in self._found():
            require_definition(table, existing)
            if existing is not None and existing["TableStatus"] == "CREATING":
                raise RetriesExhausted(f"{busy(table.name, existing)}; table-add waits until it is ACTIVE")

    def add(
        self,
        capacity: Capacity,
        notify: Callable[[str], object],
        wait: Callable[[str], object] = lambda _: None,
        *,
        protect: bool = False,
    ) -> list[TableStatus]:
        """Create missing tables and indexes, wait until all are ACTIVE, and return their status.

        protect: whether new tables have deletion protection. notify: receives a message about each step. wait:
        receives, about once a second, what this waits for. Raises Conflict, before it creates anything, if an existing
        table or index differs from its definition, the requested capacity or the protection.
        """
        found: list[tuple[Table, Response | None]] = []
        for table, existing in self._found():
            if existing is not None and existing["TableStatus"] == "DELETING":
                self.wait_until_deleted(table.name, wait, "table-add")
                found.append((table, None))
            else:
                require_definition(table, existing)
                found.append((table, existing))
        require_capacity(found, capacity)
        require_protection(found, protect)
        protection = {"DeletionProtectionEnabled": True} if protect else {}
        for table, existing in found:
            if existing is not None:
                notify(f"{table.name} already exists and keeps its capacity")
                continue
            notify(f"creating {table.name}")
            # The table is in use if another process creates it at the same moment.
            with suppress(self._client.exceptions.ResourceInUseException):
                new = definitions.with_capacity(table.create_with_indexes(), capacity)
                self._client.create_table(**new, **protection)
        indexes = Indexes(self._client, self.prefix, self._sleep)
        statuses: list[TableStatus] = []
        for table in self._tables():
            existing = self.wait_until_active(table.name, wait, "table-add")
            for index in table.indexes():
                if index["IndexName"] not in indexes_of(existing):
                    notify(f"adding {index['IndexName']} to {table.name}")
                    existing = indexes.change(table, existing, index["IndexName"], wait, capacity=capacity)
            require_definition(table, existing)
            statuses += statuses_of(table, existing)
        return statuses

    def _found(self) -> list[tuple[Table, Response | None]]:
        """Return each table with its description; None if it does not exist."""
        return [(table, find(self._client, table.name)) for table in self._tables()]

    def wait_until_active(self, name: str, wait: Callable[[str], object], command: str) -> Response:
        """Wait until a table and its indexes are ACTIVE, and return the description.

        wait: receives, about once a second, what this waits for. command: continues to wait after RetriesExhausted.
        """
        active: Response = {}

        def reason_to_wait() -> str | None:
            existing = find(self._client, name)
            if existing is None:
                return f"{name} does not exist yet"
            if states_of(existing) != {"ACTIVE"}:
                return busy(name, existing)
            active.update(existing)
            return None

        poll(reason_to_wait, self._sleep, wait, command)
        return active

    def wait_until_usable(self, name: str, wait: Callable[[str], object], command: str) -> Response:
        """Wait while a table is being created or deleted, and return its description.

        wait: receives, about once a second, what this waits for. command: continues to wait after RetriesExhausted.
        Raises the client's ResourceNotFoundException if the table does not exist.
        """
        existing: Response = {}

        def reason_to_wait() -> str | None:
            existing.update(self._client.describe_table(TableName=name)["Table"])
            return busy(name, existing) if existing["TableStatus"] in ("CREATING", "DELETING") else None

        poll(reason_to_wait, self._sleep, wait, command)
        return existing

    def update(self, name: str, parameters: dict[str, Any], wait: Callable[[str], object]) -> None:
        """Send UpdateTable when DynamoDB accepts it: after a change that another process began.

        wait: receives, about once a second, what this waits for. Raises RetriesExhausted.
        """

        def reason_to_wait() -> str | None:
            try:
                self._client.update_table(TableName=name, **parameters)
            except self._client.exceptions.ResourceInUseException:
                return f"{name} is being changed"
            return None

        poll(reason_to_wait, self._sleep, wait, "table-edit")

    def all(self, *, with_recovery: bool) -> list[TableStatus]:
        """Return the status of every table and index.

        One that does not exist has the status MISSING. with_recovery: whether to read the recovery window of the
        tables.
        """
        statuses = []
        for table, existing in self._found():
            of_table = list(statuses_of(table, existing))
            if existing is not None and with_recovery:
                of_table[0].recovery_days = self.known_recovery_days(table.name)
            statuses += of_table
        return statuses

    def known_recovery_days(self, name: str) -> int | None:
        """Return the recovery window as recovery_days does; None if the engine or the permissions do not allow it."""
        try:
            return self.recovery_days(name)
        except self._client.exceptions.ClientError:
            return None

    def recovery_days(self, name: str) -> int:
        """Return the days for which a table can be restored to any second; 0 if point-in-time recovery is off."""
        description = self._client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = description.get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
            return 0
        return int(recovery.get("RecoveryPeriodInDays", RECOVERY_DAYS))

    def require_found(self) -> list[tuple[Table, Response]]:
        """Return each table with its description.

        Raises the client's ResourceNotFoundException if a table does not exist, and Conflict if it has other keys.
        """
        found = []
        for table in self._tables():
            description = self._client.describe_table(TableName=table.name)["Table"]
            require_definition(table, description, indexes=())
            found.append((table, description))
        return found

    def require_all(self) -> dict[type[User] | type[Task], list[TableStatus]]:
        """Return the status of each table, followed by those of its indexes, by the type of its records.

        Raises the client's ResourceNotFoundException if a table does not exist, and Conflict if it has other keys.
        """
        return {table.holds: list(statuses_of(table, description)) for table, description in self.require_found()}

    def remove(self, names: list[str], wait: Callable[[str], object]) -> None:
        """Delete existing tables with all their items, and wait until the tables are gone.

        A table that is being created or changed is deleted after that. wait: receives, about once a second, what this
        waits for. Raises RetriesExhausted.
        """
        for name in names:
            self._remove(name, wait)
        for name in names:
            self.wait_until_deleted(name, wait, "table-rm")

    def _remove(self, name: str, wait: Callable[[str], object]) -> None:
        """Send DeleteTable when DynamoDB accepts it."""

        def reason_to_wait() -> str | None:
            try:
                self._client.delete_table(TableName=name)
            except self._client.exceptions.ResourceNotFoundException:
                pass  # another process was first, or an earlier attempt whose response was lost
            except self._client.exceptions.ResourceInUseException:
                existing = find(self._client, name)
                if existing is not None and existing["TableStatus"] != "DELETING":
                    return busy(name, existing)
            return None

        poll(reason_to_wait, self._sleep, wait, "table-rm")

    def wait_until_deleted(self, name: str, wait: Callable[[str], object], command: str) -> None:
        """Wait until a table does not exist. wait, command: see poll. Raises RetriesExhausted."""

        def reason_to_wait() -> str | None:
            existing = find(self._client, name)
            return None if existing is None else busy(name, existing)

        poll(reason_to_wait, self._sleep, wait, command)
