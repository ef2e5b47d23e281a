"""The nodes of statements. Their conditions, paths and values are the nodes of expressions, without placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from ..errors import ApiError
    from ..expressions.nodes import Action, Condition, Path
    from ..values import Item


class Source(NamedTuple):
    """A table, or one of its indexes."""

    table_name: str
    index_name: str | None


class Order(NamedTuple):
    """An attribute of ORDER BY."""

    attribute: str
    is_descending: bool


class Select(NamedTuple):
    """SELECT. paths: None for `*`. problem: the error of a projection that begins with a function; it has no paths."""

    source: Source
    paths: list[Path] | None
    where: Condition | None
    order: list[Order]
    problem: ApiError | None = None


class Exists(NamedTuple):
    """EXISTS, the condition check of a transaction."""

    select: Select


class Insert(NamedTuple):
    """INSERT."""

    source: Source
    item: Item


class Update(NamedTuple):
    """UPDATE. returning: the ReturnValues of UpdateItem."""

    source: Source
    actions: list[Action]
    where: Condition | None
    returning: str


class Delete(NamedTuple):
    """DELETE. returning: the ReturnValues of DeleteItem."""

    source: Source
    where: Condition | None
    returning: str


WriteStatement: TypeAlias = Insert | Update | Delete | Exists
Statement: TypeAlias = Select | WriteStatement
