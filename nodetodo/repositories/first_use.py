"""Creates missing tables at the first write of items. Only the embedded engine works this way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..engines.interface import READS
from ..errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from .retries import Sleep

PASSED_UNCHANGED = (
    "exceptions",
    "meta",
    "close",
    "create_table",
    "update_table",
    "describe_table",
    "delete_table",
)
"""Members that are passed to the client unchanged. Requests on tables never create missing tables."""


class TablesOnFirstUse:
    """A client that creates missing tables before it repeats a write, and reports them for a read.

    target: the database, as the user writes it after --db=.
    """

    def __init__(self, client: Client, prefix: str, target: str, sleep: Sleep) -> None:
        self._client, self._prefix, self._target, self._sleep = client, prefix, target, sleep

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        return member if name in PASSED_UNCHANGED else self._with_tables(member, is_read=name in READS)

    def _with_tables(self, send: Callable[..., Response], is_read: bool) -> Callable[..., Response]:
        def send_with_tables(**request: Any) -> Response:
            try:
                return send(**request)
            except self._client.exceptions.ResourceNotFoundException:
                if is_read:
                    raise NotFound(
                        f"no database exists yet at {self._target}: the table {request['TableName']} does not exist; "
                        "user-add creates it"
                    ) from None
                from ..model import Capacity  # here, because only the first write to a file creates tables
                from .tables import Tables

                Tables(self._client, self._prefix, self._sleep).add(Capacity(), notify=lambda _: None)
                return send(**request)

        return send_with_tables
