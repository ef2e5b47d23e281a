"""The results of commands, written as text or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import dates
from ..model import Task, User
from .text import GAP, counted, day, plain, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from typing import Protocol

    from ..model import Key
    from ..table_model import Backup, SettingChange, TableStatus
    from .terminal import Output

    class Result(Protocol):
        """Is returned by every command. A result that sends requests while it is shown has a method `requests`."""

        def show(self, output: Output) -> None:
            """Write the result."""

    class Rows(Protocol):
        """The rows of one page. Iterate over them once; then `next` is the start key of the next page, if any."""

        limit: int | None
        next: Key | None

        def __iter__(self) -> Iterator[Any]: ...


class Message:
    """Reports a change of one record. With JSON: the record on standard output, the note on standard error.

    below: further lines of the text, which are printable.
    """

    def __init__(
        self, text: str, record: User | Task | dict[str, Any], note: str = "", below: Iterable[str] = ()
    ) -> None:
        self.text, self.record, self.note, self.below = text, record, note, below

    def show(self, output: Output) -> None:
        """Write the result."""
        if not output.json:
            for line in (printable(self.text), *self.below):
                output.line(line)
            return
        output.line(to_object(self.record, output))
        if self.note:
            output.errors.write(self.note + "\n")


class Details:
    """Shows one record with all its attributes."""

    def __init__(self, record: User | Task) -> None:
        self.record = record

    def show(self, output: Output) -> None:
        """Write the result."""
        if output.json:
            output.line(to_object(self.record, output))
            return
        for name, value in self.record._asdict().items():
            shown = day(value) if name in ("created", "due", "completed") else plain(value)
            output.text(f"{name:<11}{GAP}{'-' if value is None else shown}", indent=" " * 11 + GAP)


class Listing:
    """Shows the rows of a list while it fetches them. The first row must have been fetched before.

    name: one of cursors.LISTS.
    """

    def __init__(self, name: str, rows: Rows, today: date) -> None:
        self.name, self.rows, self.today = name, rows, today
        self.command = name.partition(" ")[0]

    def requests(self, _examples: object) -> None:
        """Send the requests of all pages without writing anything, for --explain."""
        for _ in self.rows:
            pass

    def show(self, output: Output) -> None:
        """Write the rows, and the cursor of the next page if one exists."""
        noun = "user" if self.command == "user-ls" else "task"
        show = self._json if output.json else self._text
        show(noun, output)

    def _cursor(self) -> str | None:
        if self.rows.next is None:
            return None
        from .. import cursors  # here, because most lists have one page

        return cursors.encode(self.name, self.rows.next)

    def _json(self, noun: str, output: Output) -> None:
        separator = f'{{"{noun}s": ['
        for row in self.rows:
            output.stream.write(f"{separator}\n{to_json(row, output)}")
            separator = ","
        more = "".join(f", {to_json(name, output)}: {to_json(value, output)}" for name, value in output.more().items())
        output.line(f'{separator if separator != "," else ""}\n], "next": {to_json(self._cursor(), output)}{more}}}')

    def _text(self, noun: str, output: Output) -> None:
        from . import columns  # imported here, because other results and JSON have no table
        from .table import print_table

        count = print_table(columns.LISTS[self.command], self.rows, dates.to_number(self.today), output)
        output.line(f"{counted(count, noun) if count else f'no {noun}s'}")
        cursor = self._cursor()
        if cursor:
            output.line(f"more {noun}s available with --next={cursor}")


class TableStatuses:
    """Shows the tables and indexes with their status and capacity.

    are_counts_old: whether the numbers of items and bytes may be up to six hours old, as on AWS. priced_region: shows
    the settings and the price of the storage too, at the prices of this region. Default: None, without them. change:
    the change after which they are shown. Default: none.
    """

    def __init__(
        self, tables: list[TableStatus], are_counts_old: bool, priced_region: str | None = None, change: str = ""
    ) -> None:
        self.tables, self.are_counts_old, self.priced_region = tables, are_counts_old, priced_region
        self.change = change

    def show(self, output: Output) -> None:
        """Write the result."""
        if output.json:
            region = {} if self.priced_region is None else {"priced_region": self.priced_region}
            output.line(to_object({"tables": [vars(table) for table in self.tables], **region}, output))
            return
        from . import columns
        from .table import print_table

        print_table(columns.TABLE_STATUS, self.tables, 0, output)
        if self.change:
            output.text(self.change)
        if self.priced_region is not None:
            self._show_settings(self.priced_region, output)
        if any(table.difference for table in self.tables):
            output.text("table-add reports how to continue with tables that differ from their definition")
        elif any(table.status == "MISSING" for table in self.tables):
            output.text("table-add creates the missing tables and indexes")
        elif self.are_counts_old:
            output.text("on AWS, items and bytes are up to six hours old")

    def _show_settings(self, region: str, output: Output) -> None:
        existing = [table for table in self.tables if table.status != "MISSING"]
        for table in existing:
            output.text(f"{table.index_name or table.table}: {_settings(table)}", indent="  ")
        if existing:
            total = sum(table.storage_price or 0 for table in existing)
            output.text(f"storage at AWS prices of {region}: {_dollars(total)} a month, free storage not subtracted")


def _settings(table: TableStatus) -> str:
    """Return the settings of a table or an index that its row does not show."""
    shown = []
    if table.projection is not None:
        shown.append(f"projection {table.projection}")
    else:
        days = table.recovery_days
        recovery = "-" if days is None else "off" if days == 0 else counted(days, "day")
        shown += [f"{table.table_class} class", f"protection {_on_off(table.protection)}", f"recovery {recovery}"]
    for name, maximum in (("reads", table.max_read), ("writes", table.max_write)):
        if maximum is not None:
            shown.append(f"at most {maximum:,} {name} a second")
    if table.stream is not None:
        shown.append(f"stream {table.stream}")
    if table.storage_price is not None:
        shown.append(f"storage {_dollars(table.storage_price)}")
    return ", ".join(shown)


def _on_off(value: bool | None) -> str:
    return "-" if value is None else "on" if value else "off"


def _dollars(amount: float) -> str:
    """Format a price. Small storage is not free, so that it is not shown as $0.00."""
    return f"${amount:,.2f}" if amount >= 0.01 or not amount else "< $0.01"


class SettingChanges:
    """Shows the changes of settings with their old and new values. With JSON: also all tables."""

    def __init__(self, changes: list[SettingChange], tables: list[TableStatus]) -> None:
        self.changes, self.tables = changes, tables

    def show(self, output: Output) -> None:
        """Write the result."""
        if output.json:
            changes, tables = [vars(change) for change in self.changes], [vars(table) for table in self.tables]
            output.line(to_object({"changes": changes, "tables": tables}, output))
        elif self.changes:
            self._show_changes(output)
        else:
            output.text("nothing to change: all tables already have these settings")

    def _show_changes(self, output: Output) -> None:
        """Write a table, or sentences if it is wider than the terminal: no name and no value can be left out."""
        from . import columns
        from .table import fits, print_table

        if fits(columns.SETTING_CHANGE, self.changes, output):
            print_table(columns.SETTING_CHANGE, self.changes, 0, output)
            return
        for change in self.changes:
            name, setting, old, new = (column.cell(change, 0) for column in columns.SETTING_CHANGE)
            output.text(f"{name}: {setting} {old} is now {new}", indent="  ")


class BackupList:
    """Shows the backups of the tables."""

    def __init__(self, backups: list[Backup]) -> None:
        self.backups = backups

    def show(self, output: Output) -> None:
        """Write the result."""
        if output.json:
            output.line(to_object({"backups": [vars(backup) for backup in self.backups]}, output))
            return
        from . import columns
        from .table import print_table

        count = print_table(columns.BACKUP, self.backups, 0, output)
        output.text(counted(count, "backup") if count else "no backups")
        for backup in self.backups:
            if backup.missing:
                output.text(f"{backup.name} does not contain {' and '.join(backup.missing)}")


def to_object(record: User | Task | dict[str, Any], output: Output) -> str:
    """Return a record as a JSON object, with the additional members of the output."""
    return to_json(as_dictionary(record) | output.more(), output)


def as_dictionary(record: User | Task | dict[str, Any]) -> dict[str, Any]:
    """Return the values of a record by their names."""
    return record if isinstance(record, dict) else record._asdict()


def to_json(value: Any, output: Output) -> str:
    """Return a value as JSON. Characters that the output's encoding cannot write are escaped."""
    from . import json_text  # here, because text needs no JSON

    if isinstance(value, (User, Task)):
        value = value._asdict()
    return json_text.to_json(value, only_ascii=not output.is_unicode)
