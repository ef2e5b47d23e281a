"""Describes a request in words: its operation, key, expressions and price."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from ..cursors import LISTS
from ..embedded.limits import BATCH_WRITE_ITEMS, READ_UNIT_BYTES
from ..model import Task, User
from . import units
from .requests import actions, expressions_of, literal

if TYPE_CHECKING:
    from .requests import Parameters, RequestExpressions, Table, Term

Row = tuple[str, str]
"""A label and a text."""

SUMMARIES = {
    "GetItem": "One item by its full key: the cheapest read, however large the table is.",
    "Query": "One item collection, in the order of its sort key. No other items are read.",
    "Scan": "The whole table, item by item. The order has no meaning.",
    "PutItem": "One whole item. It replaces an existing item with the same key.",
    "UpdateItem": "Some attributes of one item. The whole item is charged.",
    "DeleteItem": "One item by its full key.",
    "BatchWriteItem": "Several writes in one request. Each is charged like a single write.",
    "TransactWriteItems": "All of these writes or none. Each is charged twice.",
    "DescribeTable": "The description of a table. No item is read.",
    "CreateTable": "A new table. Provisioned capacity is charged from now on, used or not.",
    "UpdateTable": "A new index. DynamoDB fills it with the existing items.",
    "DeleteTable": "A table with all its items.",
}
"""The effect of each operation, for a reader who does not know it."""

COMMAND_BY_KEY: dict[type[User] | type[Task], str] = {User: "user <uid>", Task: "task-ls <uid>"}
"""The command that reads a table by its partition key."""


def heading(operation: str, parameters: Parameters) -> str:
    """Return the operation and the table or index."""
    if operation == "TransactWriteItems":
        return f"{operation}: {len(parameters['TransactItems'])} actions, all or none"
    if operation == "BatchWriteItem":
        ((table, writes),) = parameters["RequestItems"].items()
        return f"{operation} on {table}: {len(writes)} {'delete' if len(writes) == 1 else 'deletes'}"
    index = parameters.get("IndexName")
    return f"{operation} on {f'{index} of ' if index else ''}{parameters['TableName']}"


def rows(operation: str, parameters: Parameters, tables: dict[str, Table], row_limit: int | None) -> list[Row]:
    """Return the parts of a request in words. row_limit: see plan.Step."""
    if operation == "TransactWriteItems":
        return [
            row
            for number, (kind, action) in enumerate(actions(parameters), 1)
            for row in _action(f"action {number}", kind, action, tables)
        ]
    if operation == "BatchWriteItem":
        return [("keys", f"of items from an earlier response, at most {BATCH_WRITE_ITEMS} in each request")]
    if operation.endswith("Table"):
        return _table(parameters)
    table = tables[parameters["TableName"]]
    expressions = expressions_of(parameters)
    if operation in ("Query", "Scan"):
        return _pages(operation, parameters, table, expressions, row_limit)
    found = _item(parameters, table, expressions)
    if operation == "GetItem":
        found.append(("projection", "all attributes"))
        found.append(_consistency(parameters))
    return found


def _action(number: str, kind: str, parameters: Parameters, tables: dict[str, Table]) -> list[Row]:
    table = tables[parameters["TableName"]]
    return [(number, f"{kind} on {table.name}"), *_item(parameters, table, expressions_of(parameters))]


def _item(parameters: Parameters, table: Table, expressions: RequestExpressions) -> list[Row]:
    """Describe a request for one item."""
    given = parameters.get("Key") or parameters["Item"]
    found = [("key", _assignments({name: given[name] for name in table.key}))]
    if "Item" in parameters:
        found.append(("item", _assignments({name: value for name, value in given.items() if name not in table.key})))
        found.append(("size", units.sizes(given)))
    changes = [
        f"{change.attribute} {'is removed' if change.value is None else f'becomes {literal(change.value)}'}"
        for change in expressions.update
    ]
    if changes:
        found.append(("update", ", ".join(changes)))
    found += [("condition", _condition(term, table)) for term in expressions.condition]
    returned = parameters.get("ReturnValues")
    if returned:
        found.append(("returns", f"{returned}: the item {'before' if returned.endswith('OLD') else 'after'} the write"))
    if expressions.condition:
        returns_item = "ReturnValuesOnConditionCheckFailure" in parameters
        item = "; the response contains the existing item" if returns_item else ""
        found.append(("if it fails", f"a rejected write is charged too{item}"))
    return found


def _pages(
    operation: str, parameters: Parameters, table: Table, expressions: RequestExpressions, row_limit: int | None
) -> list[Row]:
    """Describe a Query or a Scan."""
    key = table.key_of(parameters.get("IndexName"))
    if operation == "Scan":
        found = [("key", "none: every item of the table is read")]
    else:
        conditions = {term.attribute: str(term) for term in expressions.key}
        found = [("key", f"{conditions[key[0]]}, the partition key")]
        default = f"none: the whole item collection, in the order of {key[-1]}"
        found.append(("sort key", conditions.get(key[1], default)))
    start = parameters.get("ExclusiveStartKey")
    if start:
        found.append(("start", f"after {_assignments(start)}"))
    for number, term in enumerate(expressions.filter):
        note = "" if number else "; other items are read and charged, but not returned"
        found.append(("filter", _filter(term) + note))
    attributes = ", ".join(expressions.projection)
    found.append(
        ("projection", f"{attributes} only, at the price of all attributes" if attributes else "all attributes")
    )
    found.append(_consistency(parameters))
    limit = f"Limit {parameters['Limit']:,}: at most {parameters['Limit']:,} items and 1 MB are read"
    if expressions.filter:
        limit += ", before the filter"
    elif row_limit is not None and parameters["Limit"] == row_limit + 1:
        limit += f"; {row_limit:,} rows, and one more to find out whether there is a next page"
    found.append(("page", limit))
    return found


def _consistency(parameters: Parameters) -> Row:
    if "IndexName" in parameters:
        return "consistency", "eventual, as always on an index: it may miss a write of the last second"
    if parameters.get("ConsistentRead"):
        return "consistency", "strong: it returns every acknowledged write, at twice the price"
    return "consistency", "eventual: half the price, but it may miss a write of the last second"


def _table(parameters: Parameters) -> list[Row]:
    found = []
    for label, definition in [("", parameters), *_indexes(parameters)]:
        if "KeySchema" in definition:
            key = ", ".join(f"{part['AttributeName']} ({part['KeyType']})" for part in definition["KeySchema"])
            found.append((label or "key", f"{'key ' if label else ''}{key}"))
        capacity = definition.get("ProvisionedThroughput")
        if capacity:
            text = f"{capacity['ReadCapacityUnits']} read and {capacity['WriteCapacityUnits']} write units a second"
            found.append(("capacity", text))
        if "BillingMode" in definition:
            found.append(("capacity", "on demand: each request is charged, unused capacity is not"))
    return found


def _indexes(parameters: Parameters) -> list[tuple[str, dict[str, Any]]]:
    created = [update["Create"] for update in parameters.get("GlobalSecondaryIndexUpdates", [])]
    return [("index", index) for index in parameters.get("GlobalSecondaryIndexes", created)]


def _assignments(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {literal(value)}" for name, value in values.items())


def _condition(term: Term, table: Table) -> str:
    if not term.is_function:
        return str(term)
    exists = term.operator == "attribute_exists"
    if term.attribute in table.key:
        meaning = "the item must exist" if exists else "no item with this key may exist"
    else:
        meaning = f"it must {'' if exists else 'not '}have the attribute {term.attribute}"
    return f"{term}: {meaning}"


def _filter(term: Term) -> str:
    if term.is_function:
        without = "out" if term.operator == "attribute_not_exists" else ""
        return f"{term}, only items with{without} {term.attribute}"
    return str(term)


def warnings(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[str]:
    """Return a warning for each expensive property of a request, with a cheaper way if one exists."""
    if operation not in ("Query", "Scan"):
        return []
    table = tables[parameters["TableName"]]
    expressions = expressions_of(parameters)
    found = []
    if operation == "Scan":
        found.append(
            f"A Scan reads every item of the table, at a read unit for each {2 * READ_UNIT_BYTES // 1024} KB. "
            f"If {table.key[0]} is known, nodetodo {COMMAND_BY_KEY[table.holds]} reads only that key."
        )
    if expressions.filter:
        found.append(_filter_warning(table, expressions))
    return found


def _filter_warning(table: Table, expressions: RequestExpressions) -> str:
    source = f"with {expressions.key[0]}" if expressions.key else f"of {table.name}"
    warning = f"The filter is applied after reading: all items {source} may be read and charged."
    for term in expressions.filter:
        for index, key in table.indexes.items():
            if term.operator == "=" and term.attribute == key[0] and term.value:
                command = next(name for name, (partition_key, _) in LISTS.items() if partition_key == (key[0],))
                instead = shlex.join(["nodetodo", command, term.value["S"]])
                return f"{warning} {instead} reads {index} by its partition key {key[0]}, and only the rows it prints."
    names = " and ".join(dict.fromkeys(term.attribute for term in expressions.filter))
    return f"{warning} No index has {names} in its key. Such an index would be charged with each write."
