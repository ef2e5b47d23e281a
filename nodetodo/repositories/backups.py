"""Backups of both tables. DynamoDB backs up single tables; the backups of both have the same name."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from ..errors import Conflict, NotFound
from ..table_model import Backup
from . import definitions, waiting
from .tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from .retries import Sleep

    Parts = dict[str, list[Response]]
    """The summaries of the backups with one name, by table. DynamoDB allows several with the same name."""


class Backups:
    """The backups of the tables with a prefix."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self._prefix, self._sleep = client, prefix, sleep
        self._names = [table.name for table in definitions.tables(prefix)]

    def all(self) -> list[Backup]:
        """Return all backups, the oldest first."""
        return sorted(
            (self._backup(name, parts) for name, parts in self._found().items()),
            key=lambda backup: (backup.created, backup.name),
        )

    def add(self, name: str, wait: Callable[[str], object]) -> Backup:
        """Back up both tables, and wait until the backups are complete.

        wait: receives, about once a second, what this waits for. Raises Conflict if a backup with this name exists,
        RetriesExhausted, and the client's TableNotFoundException.
        """
        parts = self._found().get(name, {})
        if parts:
            raise self._existing(name, parts)
        created: set[str] = set()  # ListBackups may not list a backup at once
        for _ in range(waiting.POLLS):
            refusals: dict[str, str] = {}
            for table in self._names:
                if table not in parts and table not in created:
                    refusal = self._create(table, name)
                    if refusal is None:
                        created.add(table)
                    else:
                        refusals[table] = refusal
            parts = self._found().get(name, {})
            if parts and not created:  # another process was first
                raise self._existing(name, parts)
            reason = self._reason_to_wait(name, parts, refusals)
            if reason is None:
                return self._backup(name, parts)
            wait(reason)
            self._sleep(waiting.POLL_SECONDS)
        raise waiting.gave_up(reason, "backup-ls shows when it is complete")

    def _existing(self, name: str, parts: Parts) -> Conflict:
        is_complete = len(parts) == len(self._names)
        remedy = "already exists; choose another name" if is_complete else "is incomplete; backup-rm removes it"
        return Conflict(f"the backup {name} {remedy}")

    def _create(self, table: str, name: str) -> str | None:
        """Create the backup of a table. Return the reason to wait if the engine does not accept that yet."""
        exceptions = self._client.exceptions
        try:
            self._client.create_backup(TableName=table, BackupName=name)
        except exceptions.BackupInUseException:  # or the engine has one backup for all tables, which exists now
            return f"another operation on backups of {table} runs"
        except exceptions.TableInUseException:
            return f"{table} is being created or changed"
        except exceptions.ContinuousBackupsUnavailableException:  # some time after the table was created
            return f"backups of {table} are not available yet"
        return None

    def _reason_to_wait(self, name: str, parts: Parts, refusals: dict[str, str]) -> str | None:
        """Return what a new backup waits for. refusals: by table, the reasons of those that are not created."""
        for table in self._names:
            if table not in parts:
                return refusals.get(table, f"the backup {name} of {table} is not listed yet")
            states = {summary["BackupStatus"] for summary in parts[table]} - {"AVAILABLE"}
            if states:
                return f"the backup {name} of {table} is {states.pop()}"
        return None

    def require(self, name: str) -> Parts:
        """Return the parts of a backup. Raises NotFound if it does not exist."""
        parts = self._found().get(name)
        if not parts:
            raise NotFound(f"the backup {name} does not exist; backup-ls lists the backups")
        return parts

    def remove(self, parts: Parts, wait: Callable[[str], object]) -> None:
        """Delete a backup that `require` returned, when it is not in use.

        wait: receives, about once a second, what this waits for. Raises RetriesExhausted.
        """
        for table, summaries in parts.items():
            for summary in summaries:
                # Not found: another process was first, or the engine has one backup for all tables.
                with suppress(self._client.exceptions.BackupNotFoundException):
                    self._when_accepted(
                        partial(self._client.delete_backup, BackupArn=summary["BackupArn"]),
                        f"the backup {summary['BackupName']} of {table} is in use",
                        wait,
                        f"backup-rm {summary['BackupName']}",
                    )

    def _when_accepted(
        self, send: Callable[[], object], reason: str, wait: Callable[[str], object], command: str
    ) -> None:
        """Send a request, and again while the backup or the table is in use. reason: of the wait.

        command: continues to wait after RetriesExhausted.
        """
        exceptions = self._client.exceptions

        def reason_to_wait() -> str | None:
            try:
                send()
            except (exceptions.BackupInUseException, exceptions.TableInUseException):
                return reason
            return None

        waiting.poll(reason_to_wait, self._sleep, wait, command)

    def restore(
        self, name: str, prefix: str, notify: Callable[[str], object], wait: Callable[[str], object]
    ) -> list[str]:
        """Create tables with another prefix from a backup, wait until they are ACTIVE, and return their names.

        A call that was interrupted can be repeated: a table that was restored from the same backup is kept. notify:
        receives a message about each step. wait: receives, about once a second, what this waits for. Raises NotFound,
        RetriesExhausted, and Conflict, before it creates anything, if the backup is not complete or another table has
        one of the new names.
        """
        parts = self.require(name)
        backup = self._backup(name, parts)
        if backup.status != "AVAILABLE":
            missing = f": it does not contain {' and '.join(backup.missing)}" if backup.missing else ""
            raise Conflict(f"the backup {name} is {backup.status}{missing}; only a complete one can be restored")
        arns = [max(parts[table], key=_created)["BackupArn"] for table in self._names]
        targets = [table.name for table in definitions.tables(prefix)]
        tables, command = Tables(self._client, prefix, self._sleep), f"backup-restore {name} --prefix={prefix}"
        existing = {
            target
            for target, arn in zip(targets, arns, strict=True)
            if self._is_restored(target, arn, partial(tables.wait_until_deleted, target, wait, command))
        }
        for target, arn in zip(targets, arns, strict=True):
            if target in existing:
                notify(f"{target} was already restored from this backup")
            else:
                notify(f"restoring {target}")
                request = partial(self._client.restore_table_from_backup, TargetTableName=target, BackupArn=arn)
                self._when_accepted(request, f"the backup {name} or {target} is in use", wait, command)
        for target in targets:
            tables.wait_until_active(target, wait, command)
        return targets

    def _is_restored(self, target: str, arn: str, wait_until_deleted: Callable[[], None]) -> bool:
        """Return whether a table was restored from a backup; False if it does not exist. Raises Conflict otherwise.

        wait_until_deleted: is called for a table that is being deleted.
        """
        try:
            table = self._client.describe_table(TableName=target)["Table"]
        except self._client.exceptions.ResourceNotFoundException:
            return False
        if table["TableStatus"] == "DELETING":
            wait_until_deleted()
            return False
        if table.get("RestoreSummary", {}).get("SourceBackupArn") != arn:
            raise Conflict(f"{target} already exists and is not from this backup; choose another prefix")
        return True

    def _found(self) -> dict[str, Parts]:
        """Return the parts of all backups by their names."""
        found: dict[str, Parts] = {}
        for table in self._names:
            start: dict[str, str] = {}
            while True:
                page = self._client.list_backups(TableName=table, **start)
                for summary in page.get("BackupSummaries", []):
                    if summary["BackupStatus"] != "DELETED":
                        found.setdefault(summary["BackupName"], {}).setdefault(table, []).append(summary)
                if "LastEvaluatedBackupArn" not in page:
                    break
                start = {"ExclusiveStartBackupArn": page["LastEvaluatedBackupArn"]}
        return found

    def _backup(self, name: str, parts: Parts) -> Backup:
        missing = [table for table in self._names if table not in parts]
        summaries = [summary for of_table in parts.values() for summary in of_table]
        others = {summary["BackupStatus"] for summary in summaries} - {"AVAILABLE"}
        status = "INCOMPLETE" if missing else min(others, default="AVAILABLE")
        size = sum(summary.get("BackupSizeBytes", 0) for summary in summaries)
        return Backup(name, max(map(_created, summaries)), status, size, missing)


def _created(summary: Response) -> str:
    return f"{summary['BackupCreationDateTime'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
