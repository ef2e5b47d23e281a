"""Creates missing tables when a request on items needs them. Only the embedded engine works this way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """A client that creates the tables and repeats the request if a request on items does not find its table."""

    def __init__(self, client: Client, prefix: str, sleep: Sleep) -> None:
        self._client, self._prefix, self._sleep = client, prefix, sleep

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        return member if name in PASSED_UNCHANGED else self._with_tables(member)

    def _with_tables(self, send: Callable[..., Response]) -> Callable[..., Response]:
        def send_with_tables(**request: Any) -> Response:
            try:
                return send(**request)
            except self._client.exceptions.ResourceNotFoundException:
                from ..model import Capacity  # here, because only the first command on a file creates tables
                from .tables import Tables

                Tables(self._client, self._prefix, self._sleep).add(Capacity(), notify=lambda _: None)
                return send(**request)

        return send_with_tables
