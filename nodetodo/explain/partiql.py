"""Writes a request as PartiQL statements for ExecuteStatement, ExecuteTransaction or BatchExecuteStatement.

Source: "PartiQL statements for DynamoDB", developer guide. Limit and ConsistentRead are not part of a statement. They
are parameters of ExecuteStatement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..output.hidden_characters import HIDDEN
from ..output.json_text import to_json
from .requests import actions, expressions_of, literal

if TYPE_CHECKING:
    from .requests import Parameters, Table, Term


class Statement(NamedTuple):
    """A statement and the values of its question marks.

    PartiQL has no escape sequences, so that a string with a control character cannot be printed inside a statement.
    """

    text: str
    parameters: list[dict[str, str]]

    def __str__(self) -> str:
        """Return the statement, followed by its parameters as JSON if it has any."""
        if not self.parameters:
            return self.text
        return f"{self.text}\n  with Parameters {to_json(self.parameters)}"


def statements(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[Statement]:
    """Return the statements of a request: several for a transaction or a batch.

    The list is empty for requests that PartiQL cannot express: requests about tables, and pages with an
    ExclusiveStartKey, because ExecuteStatement has a NextToken instead.
    """
    return [_with_parameters(text) for text in _statements(operation, parameters, tables)]


def _with_parameters(text: str) -> Statement:
    """Replace each string that has a control character with a question mark."""
    parameters: list[dict[str, str]] = []

    def replace(match: re.Match[str]) -> str:
        if not re.search(HIDDEN, match[0]):
            return match[0]
        parameters.append({"S": match[0][1:-1].replace("''", "'")})
        return "?"

    return Statement(re.sub("'(?:[^']|'')*'", replace, text), parameters)


def _statements(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[str]:
    if operation == "TransactWriteItems":
        return [_write(kind, action, tables) for kind, action in actions(parameters)]
    if operation == "BatchWriteItem":
        return [
            _write("Delete", {"TableName": name, **write["DeleteRequest"]}, tables)
            for name, writes in parameters["RequestItems"].items()
            for write in writes
        ]
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [_write(operation.removesuffix("Item"), parameters, tables)]
    if operation in ("GetItem", "Query", "Scan") and "ExclusiveStartKey" not in parameters:
        return [_select(parameters, tables)]
    return []


def _select(parameters: Parameters, tables: dict[str, Table]) -> str:
    expressions = expressions_of(parameters)
    source = f'"{parameters["TableName"]}"'
    if "IndexName" in parameters:
        source += f'."{parameters["IndexName"]}"'
    terms = _equal(parameters.get("Key", {})) + [_term(term) for term in expressions.key + expressions.filter]
    # DynamoDB sorts only by the sort key, in ascending order by default.
    order = "" if parameters.get("ScanIndexForward", True) else f" ORDER BY {_sort_key(parameters, tables)} DESC"
    return f"SELECT {', '.join(expressions.projection) or '*'} FROM {source}{_where(terms)}{order}"


def _sort_key(parameters: Parameters, tables: dict[str, Table]) -> str:
    return tables[parameters["TableName"]].key_of(parameters.get("IndexName"))[-1]


def _write(kind: str, parameters: Parameters, tables: dict[str, Table]) -> str:
    name = parameters["TableName"]
    key = tables[name].key
    expressions = expressions_of(parameters)
    if kind == "Put":  # INSERT rejects an existing key. The condition of each Put of this program does the same.
        item = ", ".join(f"'{attribute}': {literal(value)}" for attribute, value in parameters["Item"].items())
        return f'INSERT INTO "{name}" VALUE {{{item}}}'
    if kind == "ConditionCheck":
        where = _where(_equal(parameters["Key"]) + [_term(term) for term in expressions.condition])
        return f'EXISTS(SELECT * FROM "{name}"{where})'
    # UPDATE needs no condition that the item exists: it rejects an absent item.
    conditions = [_term(term) for term in expressions.condition if term.attribute not in key]
    where = _where(_equal(parameters["Key"]) + conditions)
    if kind == "Delete":
        return f'DELETE FROM "{name}"{where}{_returning(parameters)}'
    changes = [
        f"REMOVE {change.attribute}" if change.value is None else f"SET {change.attribute} = {literal(change.value)}"
        for change in expressions.update
    ]
    return f'UPDATE "{name}" {" ".join(changes)}{where}{_returning(parameters)}'


def _equal(key: dict[str, Any]) -> list[str]:
    return [f"{name} = {literal(value)}" for name, value in key.items()]


def _term(term: Term) -> str:
    if term.operator == "attribute_exists":
        return f"{term.attribute} IS NOT MISSING"
    if term.operator == "attribute_not_exists":
        return f"{term.attribute} IS MISSING"
    return str(term)


def _where(terms: list[str]) -> str:
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def _returning(parameters: Parameters) -> str:
    returned = parameters.get("ReturnValues")
    return f" RETURNING {returned.replace('_', ' ')} *" if returned else ""
