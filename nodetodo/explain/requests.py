"""What a request says: its expressions with their names and values put in, as the embedded engine reads them."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..access import Access
from ..embedded import schema
from ..embedded.expressions import conditions, updates
from ..embedded.expressions.binding import Expressions
from ..model import Task, User
from ..repositories import definitions

Parameters = dict[str, Any]
Tree = Any  # a bound condition, see embedded.conditions

PARAMETERS = (
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "UpdateExpression",
    "ConditionExpression",
)


_NO_KEY = schema.Table("", 0, (), ())
"""Only asked whether a path leads into a key, which none of ours does."""


class Said(NamedTuple):
    """The expressions of a request, or of one action of a transaction; an absent one is empty.

    key, filter and condition are the terms that AND joins. update has (action, attribute, value), and None for the
    value of a REMOVE. projection has the names of attributes.
    """

    key: list[Tree]
    filter: list[Tree]
    condition: list[Tree]
    update: list[tuple[str, str, Any]]
    projection: list[str]


def said(parameters: Parameters) -> Said:
    expressions = Expressions(parameters, PARAMETERS, _NO_KEY)
    key, kept, condition = (
        terms(conditions.bound(expressions, name))
        for name in ("KeyConditionExpression", "FilterExpression", "ConditionExpression")
    )
    update = [
        (action, str(path[0]), None if operand is None else operand[1])
        for action, path, operand in updates.bound(expressions).actions
    ]
    return Said(key, kept, condition, update, [str(path[0]) for path in expressions.projection() or []])


def terms(tree: Tree) -> list[Tree]:
    """What AND joins, without brackets."""
    if tree is None:
        return []
    return [term for member in tree[1] for term in terms(member)] if tree[0] == "and" else [tree]


def literal(value: dict[str, Any]) -> str:
    """A string or a number as PartiQL, and as people, write it."""
    ((kind, content),) = value.items()
    return "'" + content.replace("'", "''") + "'" if kind == "S" else str(content)


def attribute(term: Tree) -> str:
    """The attribute that a term is about."""
    return str(term[1][1][0])


def written(term: Tree) -> str:
    """A term as DynamoDB's expressions have it, with names and values instead of placeholders."""
    if term[0] in ("attribute_exists", "attribute_not_exists"):
        return f"{term[0]}({attribute(term)})"
    return f"{attribute(term)} {term[0]} {literal(term[2][1])}"


class Table(NamedTuple):
    """A table as its definition has it. key and each of indexes: partition key, and sort key if there is one.

    holds: the kind of record that its items are.
    """

    name: str
    key: tuple[str, ...]
    indexes: dict[str, tuple[str, ...]]
    holds: type[User] | type[Task]
    description: dict[str, Any]

    def keyed_by(self, index: str | None) -> tuple[str, ...]:
        return self.key if index is None else self.indexes[index]


def tables(prefix: str) -> dict[str, Table]:
    """The tables of tables/*.json by their names."""

    def key(definition: dict[str, Any]) -> tuple[str, ...]:
        return tuple(part["AttributeName"] for part in definition["KeySchema"])

    return {
        table.name: Table(
            table.name,
            key(table.create),
            {index["IndexName"]: key(index) for index in table.indexes()},
            Task if "tid" in key(table.create) else User,
            table.create_at_once(),
        )
        for table in definitions.tables(prefix)
    }


def accesses(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[Access]:
    """Return the accesses of a request: one for each action of a transaction and for each table of a batch."""
    if "TransactItems" in parameters:
        actions = [next(iter(action.items())) for action in parameters["TransactItems"]]
        return [_access(f"{operation}: {kind}", content, tables) for kind, content in actions]
    if "RequestItems" in parameters:
        return [
            _access(operation, {"TableName": table, **writes[0]["DeleteRequest"]}, tables)
            for table, writes in parameters["RequestItems"].items()
        ]
    return [_access(operation, parameters, tables)]


def _access(request: str, parameters: Parameters, tables: dict[str, Table]) -> Access:
    expressions = said(parameters)
    key = tuple(attribute(term) for term in expressions.key) or tuple(parameters.get("Key", ()))
    if "Item" in parameters:
        key = tables[parameters["TableName"]].key
    filtered = tuple(attribute(term) for term in expressions.filter)
    return Access(request, parameters.get("IndexName") or parameters["TableName"], key, filtered)
