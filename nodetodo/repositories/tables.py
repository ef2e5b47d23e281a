"""Creates, describes and deletes the tables. Their definitions come from tables/*.json only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ..embedded.limits import RECOVERY_DAYS
from ..errors import Conflict, NotFound, RetriesExhausted
from ..table_model import Capacity, TableStatus
from . import definitions
from .stream_settings import view_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..engines.interface import Client, Response
    from ..model import Task, User
    from .definitions import Table
    from .retries import Sleep

POLL_SECONDS = 1.0
POLLS = 900
"""Fifteen minutes. The backfill of an index over many items can take longer, and continues without this program."""


TABLE_CLASSES = {"STANDARD": "standard", "STANDARD_INFREQUENT_ACCESS": "infrequent-access"}
"""The table classes, with the values of table-edit --class."""


class TableOfIndex(NamedTuple):
    """A table that has an index, or that receives one. command: the command that reads the index."""

    table: Table
    existing: Response
    command: str


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
            _require_definition(table, existing, indexes=())
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
            _require_definition(table, existing)
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
                _require_definition(table, existing)
                found.append((table, existing))
        _require_capacity(found, capacity)
        _require_protection(found, protect)
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
        statuses: list[TableStatus] = []
        for table in self._tables():
            existing = self.wait_until_active(table.name, wait, "table-add")
            for index in table.indexes():
                if index["IndexName"] not in indexes_of(existing):
                    notify(f"adding {index['IndexName']} to {table.name}")
                    existing = self._change_index(table, existing, index["IndexName"], wait, capacity=capacity)
            _require_definition(table, existing)
            statuses += statuses_of(table, existing)
        return statuses

    def add_index(
        self, index: str, notify: Callable[[str], object], wait: Callable[[str], object]
    ) -> list[TableStatus]:
        """Add an index to its existing table, wait until it is ACTIVE, and return the status of table and indexes.

        The index has the billing mode of the table. notify: receives a message about each step. wait: receives, about
        once a second, what this waits for. Raises Conflict if the table or the index differs from its definition,
        RetriesExhausted, and the client's ResourceNotFoundException if the table does not exist.
        """
        table, existing, command = self._find(index, index)
        if index in indexes_of(existing):
            notify(f"{index} of {table.name} already exists")
        else:
            attribute = definitions.INDEX_USES[index].attribute
            notify(f"adding {index} to {table.name}, for {command}")
            notify(f"price: one more index write for each task with a {attribute}, two if it changes")
        return list(statuses_of(table, self._change_index(table, existing, index, wait)))

    def find_index(self, index: str) -> TableOfIndex:
        """Return the table that has an index, for remove_index. Raises NotFound if it lacks the index.

        Raises Conflict if the table has other keys, and the client's ResourceNotFoundException if it does not exist.
        """
        found = self._find(index)
        if index not in indexes_of(found.existing):
            raise NotFound(f"{found.table.name} has no index {index}")
        return found

    def remove_index(self, index: str, found: TableOfIndex, wait: Callable[[str], object]) -> list[TableStatus]:
        """Delete an index, wait until it is gone, and return the status of its table and the other indexes.

        found: see find_index. wait: see add_index. Raises RetriesExhausted.
        """
        table, existing, _ = found
        return list(statuses_of(table, self._change_index(table, existing, index, wait, exists=False)))

    def lacks_index(self, index: str) -> str | None:
        """Return the name of the existing table that should have this index and has none; None if it has one."""
        for table in self._tables():
            existing = self._describe(table.name) if index in table.index_updates() else None
            if existing is not None and index not in indexes_of(existing):
                return table.name
        return None

    def _find(self, index: str, *as_defined: str) -> TableOfIndex:
        """Return the table of an index. as_defined: indexes that must not differ from their definition."""
        table = next(table for table in self._tables() if index in table.index_updates())
        existing = self._client.describe_table(TableName=table.name)["Table"]
        _require_definition(table, existing, indexes=as_defined)
        return TableOfIndex(table, existing, definitions.INDEX_USES[index].command)

    def _change_index(
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
        for poll in range(POLLS):
            if poll:
                existing = self._client.describe_table(TableName=table.name)["Table"]
            status = indexes_of(existing).get(index, {}).get("IndexStatus")
            if exists:
                _require_definition(table, existing, indexes=(index,))
            if status == ("ACTIVE" if exists else None):
                return existing
            reason = busy(table.name, existing, index)
            is_change = status is None if exists else status != "DELETING"
            if is_change and not is_sent and _accepts_change(existing, index):
                is_sent = (
                    self._send_creation(table, index, existing, capacity or Capacity())
                    if exists
                    else self._send_deletion(table.name, index)
                )
                if is_sent:
                    continue  # the embedded engine has completed the change
            wait(reason)
            self._sleep(POLL_SECONDS)
        command = "index-add" if exists else "index-rm"
        raise RetriesExhausted(
            f"{reason} after {POLLS * POLL_SECONDS / 60:.0f} minutes; {command} {index} continues to wait"
        )

    def _send_creation(self, table: Table, index: str, existing: Response, capacity: Capacity) -> bool:
        """Send the UpdateTable that adds an index. Return False if DynamoDB does not accept the change yet."""
        as_table = Capacity(is_on_demand(existing), capacity.read, capacity.write)
        update = definitions.with_capacity(table.index_updates()[index], as_table)
        # moto forgets the types of attributes that are not in the request.
        attributes = definitions.merged(existing["AttributeDefinitions"], update["AttributeDefinitions"])
        try:
            self._client.update_table(**update | {"AttributeDefinitions": attributes})
        except self._change_in_progress:
            return False
        except self._client.exceptions.ClientError:
            # Another process adds the index at the same moment, or an earlier attempt did and its response was lost.
            if index not in indexes_of(self._describe(table.name) or {}):
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
            if index in indexes_of(self._describe(table) or {}):
                raise
        return True

    @property
    def _change_in_progress(self) -> tuple[type[Exception], ...]:
        """The errors of UpdateTable while DynamoDB changes the table or one of its indexes."""
        exceptions = self._client.exceptions
        return exceptions.ResourceInUseException, exceptions.LimitExceededException

    def _found(self) -> list[tuple[Table, Response | None]]:
        """Return each table with its description; None if it does not exist."""
        return [(table, self._describe(table.name)) for table in self._tables()]

    def _describe(self, name: str) -> Response | None:
        try:
            description: Response = self._client.describe_table(TableName=name)["Table"]
            return description
        except self._client.exceptions.ResourceNotFoundException:
            return None

    def wait_until_active(self, name: str, wait: Callable[[str], object], command: str) -> Response:
        """Wait until a table and its indexes are ACTIVE, and return the description.

        wait: receives, about once a second, what this waits for. command: continues to wait after RetriesExhausted.
        """
        reason = ""
        for _ in range(POLLS):
            existing = self._describe(name)
            if existing is not None and states_of(existing) == {"ACTIVE"}:
                return existing
            reason = f"{name} does not exist yet" if existing is None else busy(name, existing)
            wait(reason)
            self._sleep(POLL_SECONDS)
        raise RetriesExhausted(f"{reason} after {POLLS * POLL_SECONDS / 60:.0f} minutes; {command} continues to wait")

    def wait_until_usable(self, name: str, wait: Callable[[str], object], command: str) -> Response:
        """Wait while a table is being created or deleted, and return its description.

        wait: receives, about once a second, what this waits for. command: continues to wait after RetriesExhausted.
        Raises the client's ResourceNotFoundException if the table does not exist.
        """
        existing: Response = {}

        def reason_to_wait() -> str | None:
            existing.update(self._client.describe_table(TableName=name)["Table"])
            return busy(name, existing) if existing["TableStatus"] in ("CREATING", "DELETING") else None

        self.poll(reason_to_wait, wait, command)
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

        self.poll(reason_to_wait, wait, "table-edit")

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
            _require_definition(table, description, indexes=())
            found.append((table, description))
        return found

    def optional_indexes(self) -> list[str]:
        """Return the names of the optional indexes that exist."""
        return [
            index["IndexName"]
            for table in self._tables()
            if table.optional_updates
            for existing in [indexes_of(self._describe(table.name) or {})]
            for index in table.optional_indexes()
            if index["IndexName"] in existing
        ]

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
                existing = self._describe(name)
                if existing is not None and existing["TableStatus"] != "DELETING":
                    return busy(name, existing)
            return None

        self.poll(reason_to_wait, wait, "table-rm")

    def wait_until_deleted(self, name: str, wait: Callable[[str], object], command: str) -> None:
        """Wait until a table does not exist. wait, command: see poll. Raises RetriesExhausted."""

        def reason_to_wait() -> str | None:
            existing = self._describe(name)
            return None if existing is None else busy(name, existing)

        self.poll(reason_to_wait, wait, command)

    def poll(self, reason_to_wait: Callable[[], str | None], wait: Callable[[str], object], command: str) -> None:
        """Wait until a function returns None instead of the reason to wait. Raises RetriesExhausted.

        wait: receives, about once a second, what this waits for. command: continues to wait after this error.
        """
        reason = None
        for _ in range(POLLS):
            reason = reason_to_wait()
            if reason is None:
                return
            wait(reason)
            self._sleep(POLL_SECONDS)
        raise RetriesExhausted(f"{reason} after {POLLS * POLL_SECONDS / 60:.0f} minutes; {command} continues to wait")


def indexes_of(description: Response) -> dict[str, Response]:
    return {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", [])}


def _accepts_change(description: Response, index: str) -> bool:
    """Return whether DynamoDB accepts the creation or deletion of this index now.

    It changes one index at a time. An index can be deleted during its own backfill ("Managing global secondary
    indexes", developer guide).
    """
    of_index = indexes_of(description).get(index, {})
    return bool(of_index.get("Backfilling")) or states_of(description) == {"ACTIVE"}


def states_of(description: Response) -> set[str]:
    indexes = indexes_of(description).values()
    return {description["TableStatus"], *(index["IndexStatus"] for index in indexes)}


def busy(table: str, description: Response, index: str | None = None) -> str:
    """Return the state that a change of a table or index waits for: of this index, of another one, or of the table."""
    indexes = indexes_of(description)
    for name in (*([index] if index else ()), *indexes):
        state = indexes.get(name, {"IndexStatus": "ACTIVE"})
        if state["IndexStatus"] != "ACTIVE":
            backfill = " (backfill)" if state.get("Backfilling") else ""
            return f"{name} of {table} is {state['IndexStatus']}{backfill}"
    status = description["TableStatus"]
    return f"{table} is {'being changed' if status == 'ACTIVE' else status}"


def statuses_of(table: Table, description: Response | None) -> Iterator[TableStatus]:
    if description is None:
        yield TableStatus(table.name, None, "MISSING")
        return
    billing = "on demand" if is_on_demand(description) else "provisioned"

    differences = {index: difference for index, difference, _ in _differences(table, description)}

    def status(index: str | None, state: Response, kind: str) -> TableStatus:
        found = TableStatus(table.name, index, state[f"{kind}Status"])
        found.items, found.bytes = state.get("ItemCount"), state.get(f"{kind}SizeBytes")
        found.billing, found.difference = billing, differences.get(index)
        if billing == "provisioned":
            found.read, found.write = units_of(state)
        else:
            found.max_read, found.max_write = maximums_of(state)
        if index is None:
            found.protection = state.get("DeletionProtectionEnabled", False)
            found.stream = view_type(state)
            found.table_class = TABLE_CLASSES[state.get("TableClassSummary", {}).get("TableClass", "STANDARD")]
        else:
            found.projection = _projection(state)
        return found

    yield status(None, description, "Table")
    existing = indexes_of(description)
    for name in sorted(existing):
        yield status(name, existing[name], "Index")
    for index in table.indexes():
        if index["IndexName"] not in existing:
            yield TableStatus(table.name, index["IndexName"], "MISSING")


def units_of(description: Response) -> tuple[int | None, int | None]:
    """Return the provisioned read and write capacity units per second of a table or an index."""
    throughput = description.get("ProvisionedThroughput", {})
    return throughput.get("ReadCapacityUnits") or None, throughput.get("WriteCapacityUnits") or None


def maximums_of(description: Response) -> tuple[int | None, int | None]:
    """Return the maximum on-demand read and write units per second of a table or an index; None for no maximum."""
    maximums = description.get("OnDemandThroughput", {})
    read, write = maximums.get("MaxReadRequestUnits", -1), maximums.get("MaxWriteRequestUnits", -1)
    return read if read > 0 else None, write if write > 0 else None


def _projection(index: Response) -> str:
    """Return the attributes that an index copies, such as ALL or INCLUDE category."""
    projection = index["Projection"]
    return " ".join([projection["ProjectionType"], *projection.get("NonKeyAttributes", ())])


def is_on_demand(description: Response) -> bool:
    return bool(description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")


def _differences(table: Table, description: Response | None) -> Iterator[tuple[str | None, str, str]]:
    """Yield how a table and its indexes differ from their definition: index (None: the table), difference, remedy."""
    if description is None:
        return
    definition = table.create_with_indexes(optional=True)
    attributes = definition["AttributeDefinitions"]
    defined = {None: definition} | indexes_of(definition)
    existing = {None: description} | indexes_of(description)
    for index in defined:
        if index not in existing:
            continue
        remedy = "set NODETODO_TABLE_PREFIX to use other table names"
        if index is not None:
            use = definitions.INDEX_USES[index].command
            remedy = f"index-rm {index} deletes it, then index-add {index} creates it as {use} needs it"
        keys = definitions.keys(existing[index], description["AttributeDefinitions"])
        if keys != definitions.keys(defined[index], attributes):
            yield index, f"other keys: {', '.join(f'{key.name} ({key.type})' for key in keys)}", remedy
        elif index is not None and existing[index]["Projection"] != defined[index]["Projection"]:
            yield index, f"other projection: {_projection(existing[index])}", remedy


def _require_definition(table: Table, description: Response | None, *, indexes: tuple[str, ...] | None = None) -> None:
    """Raise Conflict if the table or one of these indexes exists and differs from its definition. Default: all."""
    for index, difference, remedy in _differences(table, description):
        if index is None or indexes is None or index in indexes:
            raise Conflict(f"{index or table.name} already exists with {difference}; {remedy}")


def _require_capacity(found: list[tuple[Table, Response | None]], capacity: Capacity) -> None:
    """Raise Conflict if an existing table or index does not have the requested capacity.

    Optional indexes may differ, because table-add does not create them.
    """
    others = []
    for table, description in found:
        optional = [index["IndexName"] for index in table.optional_indexes()]
        for status in statuses_of(table, description):
            if status.index_name in optional:
                continue
            if capacity.on_demand:
                is_other = status.billing == "provisioned"
            else:
                is_other = capacity.read not in (None, status.read) or capacity.write not in (None, status.write)
            if is_other and status.billing:  # None: the table or index does not exist
                units = f"{status.read:,} read and {status.write:,} write units" if status.read else status.billing
                others.append(f"{status.name} ({units})")
    if others:
        raise Conflict(f"existing tables keep their capacity: {', '.join(others)}; table-edit changes it")


def _require_protection(found: list[tuple[Table, Response | None]], protect: bool) -> None:
    """Raise Conflict if protection is requested and an existing table lacks it."""
    others = [
        table.name
        for table, description in found
        if description is not None and protect and not description.get("DeletionProtectionEnabled")
    ]
    if others:
        verb = "exists" if len(others) == 1 else "exist"
        raise Conflict(
            f"{' and '.join(others)} already {verb} without deletion protection; table-edit --protect adds it"
        )
