"""The data about tables and backups that layers exchange. Commands on users and tasks do not import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Capacity:
    """The capacity of a new table and of each of its indexes.

    read, write: capacity units per second; None for those of the table's definition.
    """

    def __init__(self, on_demand: bool = False, read: int | None = None, write: int | None = None) -> None:
        self.on_demand, self.read, self.write = on_demand, read, write


class WantedSettings:
    """The settings that table-edit gives to the tables. A setting that is None does not change.

    on_demand: the billing mode. read, write: provisioned units of each table and index. max_read, max_write: maximum
    units on demand; 0 for no maximum. recovery_days: 0 to turn point-in-time recovery off. table_class: standard or
    infrequent-access. stream: whether the table of tasks has a stream.
    """

    def __init__(
        self,
        on_demand: bool | None = None,
        read: int | None = None,
        write: int | None = None,
        max_read: int | None = None,
        max_write: int | None = None,
        protection: bool | None = None,
        recovery_days: int | None = None,
        table_class: str | None = None,
        stream: bool | None = None,
    ) -> None:
        self.on_demand, self.read, self.write, self.max_read, self.max_write = (
            on_demand,
            read,
            write,
            max_read,
            max_write,
        )
        self.protection, self.recovery_days, self.table_class = protection, recovery_days, table_class
        self.stream = stream


class TableOrIndex:
    """The base of data about a table, or about one of its indexes (index_name)."""

    def __init__(self, table: str, index_name: str | None) -> None:
        self.table, self.index_name = table, index_name

    @property
    def name(self) -> str:
        """The name of the table; for an index, the names of the table and the index."""
        return self.table if self.index_name is None else f"{self.table}/{self.index_name}"


class SettingChange(TableOrIndex):
    """The change of one setting of a table, or of one of its indexes. old, new: None for an absent value."""

    def __init__(self, table: str, index_name: str | None, setting: str, old: Any, new: Any) -> None:
        super().__init__(table, index_name)
        self.setting, self.old, self.new = setting, old, new


class Backup:
    """A backup of all tables. missing: the tables that it does not contain.

    created: the time of its latest part, such as 2026-11-23T11:00:00Z. status: AVAILABLE, INCOMPLETE if a table is
    missing, or the state that DynamoDB reports.
    """

    def __init__(self, name: str, created: str, status: str, bytes: int, missing: list[str]) -> None:
        self.name, self.created, self.status, self.bytes, self.missing = name, created, status, bytes, missing


class TableStatus(TableOrIndex):
    """The status and the settings of a table, or of one of its indexes (index_name).

    items, bytes: DynamoDB's own counts, up to six hours old. read, write: provisioned capacity units per second; None
    on demand. max_read, max_write: the maximum units per second on demand; None for no maximum. protection: against
    deletion; None for an index. recovery_days: the window of point-in-time recovery; 0 if it is off, None if it is
    unknown. stream: the view type of the stream; None without one. projection: the attributes that an index copies.
    storage_price: US dollars a month; None if it was not calculated. difference: how an existing table or index differs
    from its definition, such as "other keys: id (S)".
    """

    def __init__(self, table: str, index_name: str | None, status: str) -> None:
        super().__init__(table, index_name)
        self.status = status
        self.items: int | None = None
        self.bytes: int | None = None
        self.billing: str | None = None
        self.read: int | None = None
        self.write: int | None = None
        self.max_read: int | None = None
        self.max_write: int | None = None
        self.protection: bool | None = None
        self.recovery_days: int | None = None
        self.table_class: str | None = None
        self.stream: str | None = None
        self.projection: str | None = None
        self.storage_price: float | None = None
        self.difference: str | None = None
