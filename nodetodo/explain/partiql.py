"""A request as PartiQL: the statements that do the same, for ExecuteStatement, ExecuteTransaction or a batch of them.

"PartiQL statements for DynamoDB", developer guide. Limit and consistency are no part of a statement: they stand beside
it in ExecuteStatement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import requests as reading

if TYPE_CHECKING:
    from .requests import Parameters, Table


def statements(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[str]:
    """One statement, or several of a transaction or batch; none where PartiQL has none.

    So it is for requests about tables, and for a page that begins in the middle: ExecuteStatement has a NextToken.
    """
    if operation == "TransactWriteItems":
        actions = [next(iter(action.items())) for action in parameters["TransactItems"]]
        return [_write(kind, action, tables) for kind, action in actions]
    if operation == "BatchWriteItem":
        return [
            _write("Delete", {"TableName": name, **write["DeleteRequest"]}, tables)
            for name, writes in parameters["RequestItems"].items()
            for write in writes
        ]
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [_write(operation.removesuffix("Item"), parameters, tables)]
    if operation in ("GetItem", "Query", "Scan") and "ExclusiveStartKey" not in parameters:
        return [_select(parameters)]
    return []


def _select(parameters: Parameters) -> str:
    said = reading.said(parameters)
    source = f'"{parameters["TableName"]}"'
    if "IndexName" in parameters:
        source += f'."{parameters["IndexName"]}"'
    terms = _equal(parameters.get("Key", {})) + [_term(term) for term in said.key + said.filter]
    return f"SELECT {', '.join(said.projection) or '*'} FROM {source}{_where(terms)}"


def _write(kind: str, parameters: Parameters, tables: dict[str, Table]) -> str:
    name = parameters["TableName"]
    key = tables[name].key
    said = reading.said(parameters)
    if kind == "Put":  # INSERT refuses a key that is there, as the condition of each of our Puts does
        item = ", ".join(f"'{attribute}': {reading.literal(value)}" for attribute, value in parameters["Item"].items())
        return f'INSERT INTO "{name}" VALUE {{{item}}}'
    if kind == "ConditionCheck":
        where = _where(_equal(parameters["Key"]) + [_term(term) for term in said.condition])
        return f'EXISTS(SELECT * FROM "{name}"{where})'
    # That the item is there, UPDATE asks by itself.
    conditions = [_term(term) for term in said.condition if reading.attribute(term) not in key]
    where = _where(_equal(parameters["Key"]) + conditions)
    if kind == "Delete":
        return f'DELETE FROM "{name}"{where}{_returning(parameters)}'
    changes = [
        f"SET {attribute} = {reading.literal(value)}" if action == "SET" else f"REMOVE {attribute}"
        for action, attribute, value in said.update
    ]
    return f'UPDATE "{name}" {" ".join(changes)}{where}{_returning(parameters)}'


def _equal(key: dict[str, Any]) -> list[str]:
    return [f"{name} = {reading.literal(value)}" for name, value in key.items()]


def _term(term: reading.Tree) -> str:
    if term.operator == "attribute_exists":
        return f"{reading.attribute(term)} IS NOT MISSING"
    if term.operator == "attribute_not_exists":
        return f"{reading.attribute(term)} IS MISSING"
    return reading.written(term)


def _where(terms: list[str]) -> str:
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def _returning(parameters: Parameters) -> str:
    wanted = parameters.get("ReturnValues")
    return f" RETURNING {wanted.replace('_', ' ')} *" if wanted else ""
