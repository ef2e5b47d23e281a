"""The first records of a table, for a view of the table as a whole."""

from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from . import items
from .items import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines.interface import Response


class Excerpt(NamedTuple, Generic[Record]):
    """The first records of a table. is_complete: whether the table has no others."""

    records: list[Record]
    is_complete: bool


def page(of: type[Record], send: "Callable[..., Response]", table: str, at_most: int, **request: Any) -> list[Record]:
    """Send one Query or Scan and return its records. It reads at most at_most items, and at most 1 MB."""
    return [items.to_record(of, item) for item in send(TableName=table, Limit=at_most, **request)["Items"]]


def scan(of: type[Record], send: "Callable[..., Response]", table: str, at_most: int) -> Excerpt[Record]:
    """Read at most at_most items of a table with Scan."""
    records: list[Record] = []
    start: dict[str, Any] = {}
    while len(records) < at_most:
        response = send(TableName=table, Limit=at_most - len(records), **start)
        records += [items.to_record(of, item) for item in response["Items"]]
        if "LastEvaluatedKey" not in response:
            return Excerpt(records, is_complete=True)
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
    return Excerpt(records, is_complete=False)
