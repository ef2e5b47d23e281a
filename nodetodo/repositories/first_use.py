"""Creates the tables when an operation on items first misses them. Only the local engine works this way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Client, Response
    from .retries import Sleep

TABLE_OPERATIONS = ("create_table", "update_table", "describe_table", "delete_table")


class TablesOnFirstUse:
    """A client that creates the tables if an operation on items does not find them, and repeats the operation.

    Operations on tables pass unchanged: table-rm deletes for good, and table-ls shows what is missing.
    """

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self._prefix, self._sleep = client, prefix, sleep

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        passes = name in ("exceptions", "meta", "close", *TABLE_OPERATIONS)
        return found if passes else self._with_tables(found)

    def _with_tables(self, send: Callable[..., Response]) -> Callable[..., Response]:
        def sent(**request: Any) -> Response:
            try:
                return send(**request)
            except self._client.exceptions.ResourceNotFoundException:
                from ..model import Capacity
                from .tables import Tables

                Tables(self._client, self._prefix, self._sleep).add(Capacity(), notify=lambda _: None)
                return send(**request)

        return sent
