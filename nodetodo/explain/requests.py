"""What a request says: its expressions with their names and values put in, as the embedded engine reads them."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..embedded import schema
from ..embedded.expressions import conditions, updates
from ..embedded.expressions.binding import Expressions
from ..embedded.expressions.nodes import Condition, Junction, Path, Predicate, Value
from ..model import Task, User
from ..repositories import definitions

Parameters = dict[str, Any]
Tree = Predicate  # no command sends NOT or OR

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
        terms(conditions.bind(expressions, name))
        for name in ("KeyConditionExpression", "FilterExpression", "ConditionExpression")
    )
    update = [
        (section, str(path.elements[0]), operand.content if isinstance(operand, Value) else None)
        for section, path, operand in updates.bind(expressions).actions
    ]
    projection = expressions.bind_projection() or []
    return Said(key, kept, condition, update, [str(path.elements[0]) for path in projection])


def terms(condition: Condition | None) -> list[Tree]:
    """Return the predicates joined by AND."""
    if isinstance(condition, Junction):
        return [predicate for term in condition.terms for predicate in terms(term)]
    return [condition] if isinstance(condition, Predicate) else []


def literal(value: dict[str, Any]) -> str:
    """A string or a number as PartiQL, and as people, write it."""
    ((kind, content),) = value.items()
    return "'" + content.replace("'", "''") + "'" if kind == "S" else str(content)


def attribute(term: Tree) -> str:
    """Return the attribute that a predicate tests."""
    path = term.operands[0]
    assert isinstance(path, Path)
    return str(path.elements[0])


def compared(term: Tree) -> dict[str, Any]:
    """Return the value that a predicate compares its attribute with."""
    value = term.operands[1]
    assert isinstance(value, Value)
    return value.content  # type: ignore[no-any-return]


def written(term: Tree) -> str:
    """A term as DynamoDB's expressions have it, with names and values instead of placeholders."""
    if term.operator in ("attribute_exists", "attribute_not_exists"):
        return f"{term.operator}({attribute(term)})"
    return f"{attribute(term)} {term.operator} {literal(compared(term))}"


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


class Access(NamedTuple):
    """One request, or one action of a transaction, as an access pattern.

    request: the operation, or `TransactWriteItems: Put`. on: the table or index. key: the key attributes that are
    given. filter: the attributes that decide after reading.
    """

    request: str
    on: str
    key: tuple[str, ...]
    filter: tuple[str, ...]


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
