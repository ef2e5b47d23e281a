"""Describes a request in words: its operation, key, expressions and price."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from ..cursors import LISTS
from ..embedded import values
from ..embedded.capacity import read_units
from ..embedded.limits import READ_UNIT_BYTES
from ..engines.interface import ABOUT_TABLES
from ..model import Task, User
from ..output.text import counted
from .requests import COMPOUND, actions, batch, expressions_of, literal, table_name
from .units import assumed_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .requests import Parameters, RequestExpressions, Table, Term

Row = tuple[str, str]
"""A label and a text."""

SUMMARIES = {
    "GetItem": "one item by its full key, the cheapest read",
    "Query": "items of one item collection only",
    "Scan": "the whole table, in no meaningful order",
    "PutItem": "one whole item, which replaces an existing one",
    "UpdateItem": "some attributes; the whole item is charged",
    "DeleteItem": "one item by its full key",
    "BatchGetItem": "items by their full keys, each charged like a single read",
    "BatchWriteItem": "each charged like a single write",
    "TransactWriteItems": "all or none, each charged twice",
    "DescribeTable": "the description of a table, free",
    "CreateTable": "a new table",
    "UpdateTable": "a new index, filled with the existing items",  # see also summary
    "DeleteTable": "a table with all its items, free",
    "DescribeContinuousBackups": "the recovery window of a table, free",
    "UpdateContinuousBackups": "the recovery window, charged by the size of the table",
    "CreateBackup": "a copy of one table, charged by its size",
    "ListBackups": "the backups of a table, free",
    "DeleteBackup": "one backup, free",
    "RestoreTableFromBackup": "a new table from a backup, charged by its size",
    "DescribeStream": "the shards of a stream, free",
    "GetShardIterator": "a position in a shard, free",
    "GetRecords": "the changes after a position, sent once a second",
}
"""The effect of each operation, for a reader who does not know it."""

COMMAND_BY_KEY: dict[type[User] | type[Task], str] = {User: "user <uid>", Task: "task-ls <uid>"}
"""The command that reads a table by its partition key."""


def summary(operation: str, parameters: Parameters) -> str:
    """Return the effect of a request in general."""
    updates = parameters.get("GlobalSecondaryIndexUpdates", [])
    if any("Delete" in update for update in updates):
        return "an index with all its entries, free"
    if operation == "UpdateTable" and not any("Create" in update for update in updates):
        changed = (
            "the stream of a table" if "StreamSpecification" in parameters else "settings of a table and its indexes"
        )
        return f"{changed}{'' if billing(parameters) else ', free'}"
    return SUMMARIES[operation]


def heading(operation: str, parameters: Parameters) -> str:
    """Return the operation and the table or index."""
    if operation == "TransactWriteItems":
        return f"{operation} with {counted(len(parameters['TransactItems']), 'action')}"
    if operation.startswith("Batch"):
        members = batch(parameters)
        noun = "put" if "Item" in members[0][1] else "key" if operation == "BatchGetItem" else "delete"
        return f"{operation} of {counted(len(members), noun)} on {members[0][0]}"
    if operation == "RestoreTableFromBackup":
        return f"{operation} to {parameters['TargetTableName']}"
    index = parameters.get("IndexName")
    return f"{operation} on {f'{index} of ' if index else ''}{table_name(parameters)}"


def rows(operation: str, parameters: Parameters, tables: dict[str, Table], row_limit: int | None) -> list[Row]:
    """Return the parts of a request in words. row_limit: see plan.Step."""
    if operation == "TransactWriteItems":
        return [
            row
            for number, (kind, action) in enumerate(actions(parameters), 1)
            for row in _action(f"action {number}", kind, action, tables)
        ] + [_REJECTED]
    if operation in ABOUT_TABLES:
        charged = billing(parameters)
        return [("billing", charged)] if charged else []
    if operation.startswith("Batch"):
        return []
    table = tables[parameters["TableName"]]
    expressions = expressions_of(parameters)
    if operation in ("Query", "Scan"):
        return _pages(parameters, table, expressions, row_limit)
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
        found.append(("item", f"{_assignments(others)}; {values.item_size(given):,} bytes"))
    changes = [
        f"{change.attribute} {'removed' if change.value is None else f'= {literal(change.value)}'}"
        for change in expressions.update
    ]
    if changes:
        found.append(("update", ", ".join(changes)))
    if expressions.condition:
        found.append(("condition", _all(expressions.condition)))
    return found


def _pages(parameters: Parameters, table: Table, expressions: RequestExpressions, row_limit: int | None) -> list[Row]:
    """Describe a Query or a Scan."""
    order = table.key_of(parameters.get("IndexName"))[-1]
    direction = "in the order" if parameters.get("ScanIndexForward", True) else "in descending order"
    found = [("key", f"{_all(expressions.key)}, {direction} of {order}")] if expressions.key else []
    if "IndexName" in parameters:
        attribute = table.entry_attribute(parameters["IndexName"])
        if attribute not in (term.attribute for term in expressions.key):
            found.append(("not in it", f"items without {attribute}; an index has only items with its whole key"))
    start = parameters.get("ExclusiveStartKey")
    if start:
        found.append(("start", f"after {_assignments(start)}"))
    if expressions.filter:
        found.append(("filter", _all(expressions.filter)))
        if "IndexName" not in parameters:
            found += [("see also", text) for text in _lists_by_index(table, expressions)]
    if expressions.projection:
        found.append(("projection", f"{', '.join(expressions.projection)} only, at the price of all attributes"))
    found.append(_consistency(parameters))
    limit = f"Limit {parameters['Limit']:,}: at most {parameters['Limit']:,} items and 1 MB"
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
    """Return how a new table, index, setting or stream, or the read of a stream is charged; otherwise empty."""
    if parameters.get("StreamSpecification", {}).get("StreamEnabled") or "ShardIterator" in parameters:
        return "each GetRecords is charged, also one that finds no changes"
    if "TableClass" in parameters:
        return "the prices of this class for storage, reads and writes"
    if parameters.get("BillingMode") == "PAY_PER_REQUEST":
        return "on demand: each request is charged, unused capacity is not"
    created = [update.get("Create", {}) for update in parameters.get("GlobalSecondaryIndexUpdates", [])]
    updated = [update.get("Update", {}) for update in parameters.get("GlobalSecondaryIndexUpdates", [])]
    for definition in (parameters, *created, *updated):
        capacity = definition.get("ProvisionedThroughput")
        if capacity:
            read, write = capacity["ReadCapacityUnits"], capacity["WriteCapacityUnits"]
            return f"{read} read and {write} write units a second, charged from now on, used or not"
    return ""


def _assignments(attributes: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {literal(value)}" for name, value in attributes.items())


def _all(terms: list[Term]) -> str:
    return " AND ".join(map(str, terms))


def warnings(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[str]:
    """Return a warning for each expensive property of a request, with a cheaper way if one exists."""
    if operation not in ("Query", "Scan"):
        return []
    table = tables[parameters["TableName"]]
    expressions = expressions_of(parameters)
    found = []
    index = parameters.get("IndexName")
    if operation == "Scan":
        partition_key = " and ".join(table.partition_key_of(index))
        other = f"nodetodo {COMMAND_BY_KEY[table.holds]}" if table.holds else "a Query"
        found.append(
            f"A Scan reads every item of the {'index' if index else 'table'}, "
            f"at a read unit for each {2 * READ_UNIT_BYTES // 1024} KB. "
            f"If {partition_key} {'are' if ' and ' in partition_key else 'is'} known, {other} reads only that key."
        )
    if expressions.filter:
        better = _better_indexes(table, parameters.get("IndexName"), expressions, has_key=operation == "Query")
        found.append(" ".join(["The filter saves no read units.", *better]))
    return found


EXAMPLE = 10, 1000
"""Items that match a filter, and all items of the collection, in the comparison of two requests."""

_RANGES = ("=", "<", ">")
"""Operators of the filters of this program that a sort key allows too."""

_KEY_TYPES = {"S", "N", "B"}
_NO_KEY_CONDITION = ("attribute_not_exists", "attribute_type", "contains", "in", "<>", COMPOUND)
"""Operators of filters that no key condition has."""


def _is_key_condition(term: Term) -> bool:
    return term.operator not in _NO_KEY_CONDITION and all(_KEY_TYPES.issuperset(value) for value in term.values)


def _better_indexes(
    table: Table, index: str | None, expressions: RequestExpressions, *, has_key: bool
) -> Iterator[str]:
    """Yield the index that would make the filter unnecessary, and the terms of the filter that no key can replace.

    Attributes with equality come first in a key, and one attribute with a range may follow ("Multi-attribute keys",
    developer guide). An index has only the items that have all attributes of its key. index: the one that the request
    reads, if any. has_key: whether the request has a key condition; a Scan has none.
    """
    possible = [term for term in expressions.filter if _is_key_condition(term)]
    equal = [term.attribute for term in possible if term.operator == "="]
    others = {term.attribute for term in possible if term.operator != "="}
    without = [term.attribute for term in expressions.filter if term.operator == "attribute_not_exists"]
    is_filtered_further = len(possible) < len(expressions.filter)
    key = table.key_of(index)
    partition_key = table.partition_key_of(index) if has_key else (equal.pop(0),) if equal else ()
    sort_key = equal + sorted(others - set(equal))
    optional_list = "" if index else _list_by_optional_index(table, expressions)
    if optional_list:
        yield optional_list
    elif possible and partition_key:
        if not others and key[-1] not in (*partition_key, *sort_key):
            sort_key.append(key[-1])  # keeps the order of the list
        columns = f"partition key {', '.join(partition_key)}{' and sort key ' if sort_key else ''}{', '.join(sort_key)}"
        number = "only matching" if len(others) < 2 and not is_filtered_further else "fewer"
        yield f"An index with {columns} reads {number} items, but each write pays for it."
    if any(term.operator == "contains" for term in expressions.filter):
        yield "contains cannot be a key condition."
    if without:
        yield f"No key selects items without {' or '.join(without)}; an attribute that only they have could."


def _list_by_optional_index(table: Table, expressions: RequestExpressions) -> str:
    """Return the option that reads an optional index by a term of the filter, and what both requests read; or ""."""
    for index, (partition_key, sort_key) in table.optional_indexes.items():
        is_sort_key = any(term.attribute == sort_key and term.operator in _RANGES for term in expressions.filter)
        if is_sort_key and partition_key in (term.attribute for term in expressions.key):
            option = next(name for name, (_, own) in LISTS.items() if own[0] == sort_key).split()[-1]
            matching, every = (f"{read_units(n * assumed_bytes(table), consistent=False):g}" for n in EXAMPLE)
            return (
                f"With {option}, {index} is read: "
                f"if {EXAMPLE[0]} of {EXAMPLE[1]:,} items match, {matching} instead of {every} read units."
            )
    return ""


def _lists_by_index(table: Table, expressions: RequestExpressions) -> Iterator[str]:
    """Yield the list that reads an index by a term of the filter. It returns the items of all partition keys."""
    for term in expressions.filter:
        for index, key in table.indexes.items():
            if term.operator == "=" and term.attribute == key[0]:
                command = next(name for name, (partition_key, _) in LISTS.items() if partition_key == (key[0],))
                other = shlex.join(["nodetodo", command, term.values[0]["S"]])
                yield f"{other} reads {index}, for every {expressions.key[0].attribute}"
