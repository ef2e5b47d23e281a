"""Describes a request in words: its operation, key, expressions and price."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from ..cursors import LISTS
from ..embedded import values
from ..embedded.limits import BATCH_WRITE_ITEMS, READ_UNIT_BYTES
from ..model import Task, User
from ..output.text import counted
from .requests import actions, expressions_of, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    "CreateTable": "A new table.",
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
        return f"{operation} on {table}: {counted(len(writes), 'delete')}"
    index = parameters.get("IndexName")
    return f"{operation} on {f'{index} of ' if index else ''}{parameters['TableName']}"


def rows(operation: str, parameters: Parameters, tables: dict[str, Table], row_limit: int | None) -> list[Row]:
    """Return the parts of a request in words. row_limit: see plan.Step."""
    if operation == "TransactWriteItems":
        return [
            row
            for number, (kind, action) in enumerate(actions(parameters), 1)
            for row in _action(f"action {number}", kind, action, tables)
        ] + [_REJECTED]
    if operation == "BatchWriteItem":
        return [("keys", f"of items from an earlier response, at most {BATCH_WRITE_ITEMS} in each request")]
    if operation.endswith("Table"):
        return []
    table = tables[parameters["TableName"]]
    expressions = expressions_of(parameters)
    if operation in ("Query", "Scan"):
        return _pages(operation, parameters, table, expressions, row_limit)
    found = [("key", _key(parameters, table)), *_item(parameters, table, expressions)]
    if expressions.condition:
        found.append(_REJECTED)
    return [*found, _consistency(parameters)] if operation == "GetItem" else found


_REJECTED = ("if it fails", "charged by the size of the existing item, at least 1 unit")
"""Source: "DynamoDB read and write operations", developer guide."""


def _action(number: str, kind: str, parameters: Parameters, tables: dict[str, Table]) -> list[Row]:
    table = tables[parameters["TableName"]]
    where = f"{kind} on {table.name} with {_key(parameters, table)}"
    return [(number, where), *_item(parameters, table, expressions_of(parameters))]


def _key(parameters: Parameters, table: Table) -> str:
    given = parameters.get("Key") or parameters["Item"]
    return _assignments({name: given[name] for name in table.key})


def _item(parameters: Parameters, table: Table, expressions: RequestExpressions) -> list[Row]:
    """Describe a request for one item, without its key."""
    found = []
    if "Item" in parameters:
        given = parameters["Item"]
        others = {name: value for name, value in given.items() if name not in table.key}
        found.append(("item", f"{_assignments(others)}; {values.item_size(given):,} bytes in all"))
    changes = [
        f"{change.attribute} {'is removed' if change.value is None else f'becomes {literal(change.value)}'}"
        for change in expressions.update
    ]
    if changes:
        found.append(("update", ", ".join(changes)))
    found += [("condition", _condition(term, table)) for term in expressions.condition]
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
        of_sort_key = conditions.get(key[1])
        part = f" and {of_sort_key}, a part of" if of_sort_key else ","
        found = [("key", f"{conditions[key[0]]}{part} the item collection, in the order of {key[-1]}")]
    start = parameters.get("ExclusiveStartKey")
    if start:
        found.append(("start", f"after {_assignments(start)}"))
    found += [("filter", _filter(term)) for term in expressions.filter]
    if expressions.projection:
        found.append(("projection", f"{', '.join(expressions.projection)} only, at the price of all attributes"))
    found.append(_consistency(parameters))
    limit = f"Limit {parameters['Limit']:,}: reads at most {parameters['Limit']:,} items and 1 MB"
    if expressions.filter:
        limit += ", before the filter"
    elif row_limit is not None and parameters["Limit"] == row_limit + 1:
        limit += ", one more than the rows"
    found.append(("page", limit))
    return found


def _consistency(parameters: Parameters) -> Row:
    if "IndexName" in parameters:
        return "consistency", "eventual, as always on an index"
    if parameters.get("ConsistentRead"):
        return "consistency", "strong, at twice the price; it sees all earlier writes"
    return "consistency", "eventual, at half the price; it may miss the latest writes"


def billing(parameters: Parameters) -> str:
    """Return how a new table or index is charged; empty for other requests."""
    if "BillingMode" in parameters:
        return "on demand: each request is charged, unused capacity is not"
    created = [update["Create"] for update in parameters.get("GlobalSecondaryIndexUpdates", [])]
    for definition in (parameters, *created):
        capacity = definition.get("ProvisionedThroughput")
        if capacity:
            read, write = capacity["ReadCapacityUnits"], capacity["WriteCapacityUnits"]
            return f"{read} read and {write} write units a second, charged from now on, used or not"
    return ""


def _assignments(attributes: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {literal(value)}" for name, value in attributes.items())


def _condition(term: Term, table: Table) -> str:
    if not term.is_function:
        return str(term)
    exists = term.operator == "attribute_exists"
    if term.attribute in table.key:
        meaning = "the item must exist" if exists else "no item with this key may exist"
    else:
        meaning = f"it must {'have' if exists else 'lack'} this attribute"
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
    sentences = [
        f"The filter is applied after reading: all items {source} may be read and charged.",
        *_better_indexes(table, expressions),
        *_other_questions(table, expressions),
    ]
    return " ".join(sentences)


def _better_indexes(table: Table, expressions: RequestExpressions) -> Iterator[str]:
    """Yield the index that would make the filter unnecessary, and the terms of the filter that no key can replace.

    Attributes with equality come first in a key, and one attribute with a range may follow ("Multi-attribute keys",
    developer guide). An index has only the items that have all attributes of its key.
    """
    equal = [term.attribute for term in expressions.filter if term.operator == "="]
    others = [term.attribute for term in expressions.filter if term.operator not in ("=", "attribute_not_exists")]
    sort_key = list(dict.fromkeys(equal + others))
    if sort_key and not others:
        sort_key.append(table.key[-1])  # keeps the order of the list
    without = [term.attribute for term in expressions.filter if term.operator == "attribute_not_exists"]
    if expressions.key and sort_key:
        key = f"the partition key {expressions.key[0].attribute} and the sort key {', '.join(sort_key)}"
        number = "only the matching items" if len(others) < 2 and not without else "fewer items"
        yield f"An index with {key} would let a query read {number}, and each write would pay for it."
    for attribute in without:
        yield f"No key selects items without {attribute}; an attribute that only these items have could be a key."


def _other_questions(table: Table, expressions: RequestExpressions) -> Iterator[str]:
    """Yield the list that reads an index by a term of the filter. It returns other items."""
    for term in expressions.filter:
        for index, key in table.indexes.items():
            if term.operator == "=" and term.attribute == key[0] and term.value:
                command = next(name for name, (partition_key, _) in LISTS.items() if partition_key == (key[0],))
                other = shlex.join(["nodetodo", command, term.value["S"]])
                whose = f" of every {expressions.key[0].attribute}" if expressions.key else ""
                yield f"{other} answers another question: it reads {index} and returns the items{whose} with {term}."
