"""Checks existing tables and indexes: their definition, and the capacity and protection that a command requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Conflict
from .table_status import differences_of, statuses_of

if TYPE_CHECKING:
    from ..engines.interface import Response
    from ..table_model import Capacity
    from .definitions import Table


def require_definition(table: Table, description: Response | None, *, indexes: tuple[str, ...] | None = None) -> None:
    """Raise Conflict if the table or one of these indexes exists and differs from its definition. Default: all."""
    for index, difference, remedy in differences_of(table, description):
        if index is None or indexes is None or index in indexes:
            raise Conflict(f"{index or table.name} already exists with {difference}; {remedy}")


def require_capacity(found: list[tuple[Table, Response | None]], capacity: Capacity) -> None:
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


def require_protection(found: list[tuple[Table, Response | None]], protect: bool) -> None:
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
