"""Creates missing tables at the first write of items. Only the embedded engine works this way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NotFound
from ..model import Capacity
from .tables import Tables

if TYPE_CHECKING:
    from ..engines.interface import Client, Request
    from .retries import Sleep

ON_TABLES = ("create_table", "update_table", "describe_table", "delete_table")
"""Requests that never create missing tables."""


def create_tables(client: Client, request: Request, error: Exception, prefix: str, target: str, sleep: Sleep) -> bool:
    """Create the missing tables if a write failed because of them. Return whether to send the request again.

    target: the database, as the user writes it after --db=. Raises NotFound if a read failed because of them.
    """
    if request.method in ON_TABLES or not isinstance(error, client.exceptions.ResourceNotFoundException):
        return False
    if request.is_read:
        raise NotFound(
            f"no database exists yet at {target}: the table {request.parameters['TableName']} does not exist; "
            "user-add creates it"
        )
    Tables(client, prefix, sleep).add(Capacity(), notify=lambda _: None)
    return True
