"""Creates missing tables at the first write of items, and a missing index at its first use.

Only the embedded engine works this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engines.interface import ABOUT_TABLES
from ..errors import NoDatabase
from ..table_model import Capacity
from .indexes import Indexes
from .tables import Tables

if TYPE_CHECKING:
    from ..engines.interface import Client, Request
    from .retries import Sleep


def create_missing(client: Client, request: Request, error: Exception, prefix: str, target: str, sleep: Sleep) -> bool:
    """Create the tables or the index whose absence made a request fail. Return whether to send the request again.

    target: the database, as the user writes it after --db=. Raises NoDatabase if a read failed because of a table.
    """
    if request.operation in ABOUT_TABLES or not isinstance(error, client.exceptions.ClientError):
        return False
    if not isinstance(error, client.exceptions.ResourceNotFoundException):
        # A request on an index fails with the same code for other reasons, so the table is described.
        indexes = Indexes(client, prefix, sleep)
        if request.index is None or indexes.missing_in(request.index) is None:
            return False
        indexes.add(request.index, notify=_ignore, wait=_ignore)
    elif request.is_read:
        raise NoDatabase(target, request.tables)
    else:
        Tables(client, prefix, sleep).add(Capacity(), notify=_ignore)
    return True


def _ignore(_: str) -> None:
    """Report no step: the embedded engine completes each one at once."""
