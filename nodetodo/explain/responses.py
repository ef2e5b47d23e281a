"""Lists the possible responses of a request. Each has an outcome, such as "the item exists", and example items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import item_responses
from .item_responses import ItemResponses
from .table_responses import TableResponses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Task, TidEnding, User
    from ..repositories.items import Item
    from .outcomes import PossibleResponse
    from .requests import Parameters, Table


class Responses:
    """The possible responses on these tables. seed, endings: see ExampleItems.

    The likeliest response that lets a command succeed comes first.
    """

    def __init__(self, tables: dict[str, Table], seed: int, endings: Sequence[TidEnding] = ()) -> None:
        self._of_items = ItemResponses(tables, seed, endings)
        self._of_tables = TableResponses(tables, seed)

    def examples(self, of: type[User] | type[Task], number: int) -> list[Item]:
        """Return example items with different keys."""
        return self._of_items.examples(of, number)

    def name_backup(self, name: str) -> None:
        """Set the name of the existing backup."""
        self._of_tables.backup = name

    def of(self, operation: str, parameters: Parameters) -> list[PossibleResponse]:
        """Return the possible responses of a request."""
        responses = self._of_items if operation in item_responses.OPERATIONS else self._of_tables
        return responses.of(operation, parameters)

    def apply(self, operation: str, parameters: Parameters, received: PossibleResponse) -> None:
        """Change the simulated indexes, backups and restored tables by a request with this response."""
        self._of_tables.apply(operation, parameters, received)
