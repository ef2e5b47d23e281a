"""Reads requests: their expressions with names and values filled in, and their access patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..access import Access
from ..embedded import schema
from ..embedded.expressions import conditions, updates
from ..embedded.expressions.binding import Expressions
from ..embedded.expressions.nodes import Junction, Path, Predicate
from ..embedded.expressions.nodes import Value as ValueNode
from ..repositories import definitions

if TYPE_CHECKING:
    from ..embedded.expressions.nodes import Condition
    from ..embedded.values import Item, Value
    from ..model import Task, User

Parameters = dict[str, Any]

_EXPRESSIONS = (
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "UpdateExpression",
    "ConditionExpression",
)

_NO_KEY = schema.Table("", 0, schema.Key(()), ())
"""The engine checks that no path leads into a key attribute. The requests of this program have no such path."""


COMPOUND = "compound"
"""The operator of a term that is not one comparison of an attribute with values, such as OR, NOT or size()."""


class Term(NamedTuple):
    """A condition on one attribute. values: its other operands, none for attribute_exists and attribute_not_exists.

    condition: the same condition in the form that the embedded engine evaluates.
    """

    attribute: str
    operator: str
    values: tuple[Value, ...]
    condition: Condition

    def is_true_of(self, item: Item) -> bool:
        """Evaluate the condition on an item. An absent item is an empty one."""
        return conditions.matches(self.condition, item)

    def __str__(self) -> str:
        """Return the expression with its names and values instead of placeholders."""
        operands = [literal(value) for value in self.values]
        if self.operator == "between":
            return f"{self.attribute} BETWEEN {' AND '.join(operands)}"
        if self.operator.isidentifier():
            return f"{self.operator}({', '.join([self.attribute, *operands])})"
        return f"{self.attribute} {self.operator} {operands[0]}"


class Change(NamedTuple):
    """The change of one attribute by an UpdateExpression. section: such as SET. value: None in the section REMOVE."""

    section: str
    attribute: str
    value: Value | None


class RequestExpressions(NamedTuple):
    """The expressions of a request, or of one action of a transaction. An absent expression is an empty list.

    key, filter, condition: the terms that AND joins. projection: attribute names.
    """

    key: list[Term]
    filter: list[Term]
    condition: list[Term]
    update: list[Change]
    projection: list[str]


def expressions_of(parameters: Parameters) -> RequestExpressions:
    """Return the expressions of a request with its attribute names and values."""
    expressions = Expressions(parameters, _EXPRESSIONS, _NO_KEY)
    key, filtered, condition = (
        _terms(conditions.bind(expressions, name))
        for name in ("KeyConditionExpression", "FilterExpression", "ConditionExpression")
    )
    projection = [str(path.elements[0]) for path in expressions.bind_projection() or []]
    return RequestExpressions(key, filtered, condition, _changes(updates.bind(expressions)), projection)


# These two functions alone know the nodes of the embedded engine.


def _terms(condition: Condition | None) -> list[Term]:
    if condition is None:
        return []
    if isinstance(condition, Junction) and condition.kind == "and":
        return [term for member in condition.terms for term in _terms(member)]
    if isinstance(condition, Predicate):
        path, *others = condition.operands
        values = tuple(other.content for other in others if isinstance(other, ValueNode))
        if isinstance(path, Path) and len(path.elements) == 1 and len(values) == len(others):
            return [Term(str(path.elements[0]), condition.operator, values, condition)]
    return [Term("", COMPOUND, (), condition)]  # only in requests of other programs


def _changes(update: updates.Update) -> list[Change]:
    return [
        Change(
            action.section,
            str(action.path.elements[0]),
            action.operand.content if isinstance(action.operand, ValueNode) else None,
        )
        for action in update.actions
    ]


def literal(value: Value) -> str:
    """Return a string or a number as PartiQL writes it."""
    ((kind, content),) = value.items()
    return "'" + content.replace("'", "''") + "'" if kind == "S" else str(content)


class Texts(NamedTuple):
    """The key condition, or the PartiQL statement, and the filter of any request, empty for an absent one."""

    key: str
    filter: str


def texts(parameters: Parameters, *, values: bool) -> Texts:
    """Return the key condition and the filter with their names. values: whether to replace the placeholders of values.

    Unlike `expressions_of`, this works for the requests of every program.
    """
    key = parameters.get("KeyConditionExpression")
    return Texts(
        parameters.get("Statement", "") if key is None else _filled_in(key, parameters, values),
        _filled_in(parameters.get("FilterExpression", ""), parameters, values),
    )


_READ = (
    *("TableName", "IndexName", "KeyConditionExpression", "FilterExpression"),
    *("ExpressionAttributeNames", "ExpressionAttributeValues"),
)


def read_example(parameters: Parameters, max_bytes: int) -> Parameters:
    """Return the parameters of a read on which `descriptions.warnings` depends; none if they are large."""
    example = {name: parameters[name] for name in _READ if name in parameters}
    return example if len(repr(example)) <= max_bytes else {}


def is_conditional(parameters: Parameters) -> bool:
    """Return whether a write has a condition, and does not define what a rejection returns."""
    is_rejectable = "ConditionExpression" in parameters or bool(parameters.get("Expected"))
    return is_rejectable and "ReturnValuesOnConditionCheckFailure" not in parameters


def _filled_in(expression: str, parameters: Parameters, values: bool) -> str:
    """Return any expression with names, and if `values` is True also with values, in place of placeholders."""
    if not expression:
        return ""
    names = parameters.get("ExpressionAttributeNames") or {}
    contents = parameters.get("ExpressionAttributeValues") or {} if values else {}

    def replace(match: re.Match[str]) -> str:
        placeholder = match[0]
        if placeholder in contents:
            return literal(contents[placeholder])
        return str(names.get(placeholder, placeholder))

    return re.sub(r"[#:]\w+", replace, expression)


def actions(parameters: Parameters) -> list[tuple[str, Parameters]]:
    """Return the actions of a TransactWriteItems: for each its kind, such as Put, and its parameters."""
    return [next(iter(action.items())) for action in parameters["TransactItems"]]


def batch(parameters: Parameters) -> list[tuple[str, Parameters]]:
    """Return the members of a BatchGetItem or BatchWriteItem: for each its table, and its Key or Item."""
    ((table, members),) = parameters["RequestItems"].items()  # this program sends one table in a batch
    if isinstance(members, dict):
        return [(table, {"Key": key}) for key in members["Keys"]]
    return [(table, content) for write in members for content in write.values()]


class Table(NamedTuple):
    """A table. key and each of indexes: the attributes of its key, the partition key first.

    holds: the type of its records; None for a table of another program. definition: the input of CreateTable for the
    table with its indexes, or its description.
    """

    name: str
    key: tuple[str, ...]
    indexes: dict[str, tuple[str, ...]]
    optional_indexes: dict[str, tuple[str, ...]]
    holds: type[User] | type[Task] | None
    definition: dict[str, Any]

    def key_of(self, index: str | None) -> tuple[str, ...]:
        """Return the key attributes of an index, or of the table for None."""
        return self.key if index is None else (self.indexes | self.optional_indexes)[index]

    def partition_key_of(self, index: str | None) -> tuple[str, ...]:
        """Return the attributes of the partition key of an index, or of the table for None."""
        owner = self.definition
        if index is not None:
            (owner,) = (each for each in schema.index_definitions(self.definition) if each["IndexName"] == index)
        return tuple(part["AttributeName"] for part in owner["KeySchema"] if part["KeyType"] == "HASH")

    def entry_attribute(self, index: str) -> str:
        """Return the key attribute of an index that is not in every item. Items without it are not in the index."""
        (attribute,) = (name for name in self.key_of(index) if name not in self.key)
        return attribute

    def with_all_indexes(self) -> Table:
        """Return the table with its optional indexes among the others."""
        return self._replace(indexes=self.indexes | self.optional_indexes, optional_indexes={})


def _key(definition: dict[str, Any]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in definition["KeySchema"])


def described(description: dict[str, Any]) -> Table:
    """Return the table of any program by the response to DescribeTable."""
    keys = {index["IndexName"]: _key(index) for index in schema.index_definitions(description)}
    return Table(description["TableName"], _key(description), keys, {}, None, description)


def tables(prefix: str) -> dict[str, Table]:
    """Return the tables of tables/*.json by their names."""

    return {
        table.name: Table(
            table.name,
            _key(table.create),
            {index["IndexName"]: _key(index) for index in table.indexes()},
            {index["IndexName"]: _key(index) for index in table.optional_indexes()},
            table.holds,
            table.create_with_indexes(optional=True),
        )
        for table in definitions.tables(prefix)
    }


def table_name(parameters: Parameters) -> str:
    """Return the table of a request: of a backup or of a stream, the table in its ARN."""
    if "TableName" in parameters:
        return str(parameters["TableName"])
    arn = next(parameters[name] for name in ("BackupArn", "StreamArn", "ShardIterator") if name in parameters)
    return str(arn).partition("table/")[2].partition("/")[0]


def accesses(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[Access]:
    """Return the accesses of a request: one for each action of a transaction and for each table of a batch."""
    if operation == "TransactWriteItems":
        return [_access(f"{operation}: {kind}", action, tables) for kind, action in actions(parameters)]
    if operation.startswith("Batch"):
        return [_access(operation, {"TableName": table, **one}, tables) for table, one in batch(parameters)[:1]]
    return [_access(operation, parameters, tables)]


def _access(request: str, parameters: Parameters, tables: dict[str, Table]) -> Access:
    expressions = expressions_of(parameters)
    key = tuple(term.attribute for term in expressions.key) or tuple(parameters.get("Key", ()))
    if "Item" in parameters:
        key = tables[parameters["TableName"]].key
    filtered = tuple(term.attribute for term in expressions.filter)
    return Access(request, parameters.get("IndexName") or table_name(parameters), key, filtered)
