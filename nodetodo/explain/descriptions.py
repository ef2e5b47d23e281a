"""A request in words, read off its parameters: what it asks of which key, and what a learner should know about it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from ..cursors import LISTS
from ..embedded.limits import READ_UNIT_BYTES
from ..model import Task, User
from . import requests as reading
from . import units

if TYPE_CHECKING:
    from .requests import Parameters, Said, Table

Row = tuple[str, str]
"""A label and a text."""

VERDICTS = {
    "GetItem": "One item by its whole key: nothing is cheaper, however large the table.",
    "Query": "One partition, in the order of its sort key, and not a byte of the others.",
    "Scan": "The whole table, item by item, in no order that means anything.",
    "PutItem": "One whole item, put in the place of what has its key.",
    "UpdateItem": "Some attributes of one item, which is charged as a whole all the same.",
    "DeleteItem": "One item by its whole key.",
    "BatchWriteItem": "Several writes in one request, each charged as if it came alone.",
    "TransactWriteItems": "All of these writes or none; for that, each counts twice.",
    "DescribeTable": "What a table is like; no item is read.",
    "CreateTable": "A new table. Provisioned capacity is paid for from now on, used or not.",
    "UpdateTable": "A new index, which DynamoDB fills with what the table has.",
    "DeleteTable": "A table with everything in it.",
}
"""What each operation touches, for somebody who meets it for the first time."""

FAILED = "ReturnValuesOnConditionCheckFailure"

BY_KEY: dict[type[User] | type[Task], str] = {User: "user <uid>", Task: "task-ls <uid>"}
"""The command that reads a table by its partition key."""


def heading(operation: str, parameters: Parameters) -> str:
    if operation == "TransactWriteItems":
        return f"{operation}: {len(parameters['TransactItems'])} actions, all of them or none"
    if operation == "BatchWriteItem":
        ((table, writes),) = parameters["RequestItems"].items()
        return f"{operation} on {table}: {len(writes)} {'delete' if len(writes) == 1 else 'deletes'}"
    index = parameters.get("IndexName")
    return f"{operation} on {f'{index} of ' if index else ''}{parameters['TableName']}"


def rows(operation: str, parameters: Parameters, tables: dict[str, Table], wanted: int | None) -> list[Row]:
    """What the request says, row by row; wanted: how many rows of a list."""
    if operation == "TransactWriteItems":
        return [
            row
            for number, action in enumerate(parameters["TransactItems"], 1)
            for kind, content in action.items()
            for row in _action(f"action {number}", kind, content, tables)
        ]
    if operation == "BatchWriteItem":
        return [("keys", "of the items that are read by then, 25 in each request")]
    if operation.endswith("Table"):
        return _table(parameters)
    table = tables[parameters["TableName"]]
    said = reading.said(parameters)
    if operation in ("Query", "Scan"):
        return _pages(operation, parameters, table, said, wanted)
    found = _item(parameters, table, said)
    if operation == "GetItem":
        found.append(("projection", "all attributes"))
        found.append(_consistency(parameters))
    return found


def _action(number: str, kind: str, parameters: Parameters, tables: dict[str, Table]) -> list[Row]:
    table = tables[parameters["TableName"]]
    return [(number, f"{kind} on {table.name}"), *_item(parameters, table, reading.said(parameters))]


def _item(parameters: Parameters, table: Table, said: Said) -> list[Row]:
    """A request for one item: its key, what is written, on which condition."""
    given = parameters.get("Key") or parameters["Item"]
    found = [("key", _named({name: given[name] for name in table.key}))]
    if "Item" in parameters:
        found.append(("item", _named({name: value for name, value in given.items() if name not in table.key})))
        found.append(("size", units.sizes(given)))
    changes = [
        f"{attribute} {'is removed' if value is None else 'becomes ' + reading.literal(value)}"
        for _, attribute, value in said.update
    ]
    if changes:
        found.append(("update", ", ".join(changes)))
    found += [("condition", _condition(term, table)) for term in said.condition]
    returned = parameters.get("ReturnValues")
    if returned:
        found.append(("returns", f"{returned}: the item as it {'was' if returned.endswith('OLD') else 'then is'}"))
    if said.condition:
        back = "; the item that is there comes back with it" if FAILED in parameters else ""
        found.append(("if it fails", f"the refused write is charged all the same{back}"))
    return found


def _pages(operation: str, parameters: Parameters, table: Table, said: Said, wanted: int | None) -> list[Row]:
    """A Query or a Scan."""
    key = table.keyed_by(parameters.get("IndexName"))
    if operation == "Scan":
        found = [("key", "none: every item of the table is read")]
    else:
        conditions = {reading.attribute(term): reading.written(term) for term in said.key}
        found = [("key", f"{conditions[key[0]]}, the partition key")]
        default = f"none: the whole partition, in the order of {key[-1]}"
        found.append(("sort key", conditions.get(key[1], default)))
    start = parameters.get("ExclusiveStartKey")
    if start:
        found.append(("start", f"after {_named(start)}"))
    for number, term in enumerate(said.filter):
        more = "" if number else "; what does not pass is read and paid for, but not shown"
        found.append(("filter", _filter(term) + more))
    projection = (
        f"{', '.join(said.projection)} only, which costs as much as all" if said.projection else "all attributes"
    )
    found.append(("projection", projection))
    found.append(_consistency(parameters))
    limit = f"Limit {parameters['Limit']:,}: so many items are read at most, and 1 MB at most"
    if said.filter:
        limit += ", before the filter"
    elif wanted is not None and parameters["Limit"] == wanted + 1:
        limit += f"; {wanted:,} rows, and one more that tells whether there is a next page"
    found.append(("page", limit))
    return found


def _consistency(parameters: Parameters) -> Row:
    if "IndexName" in parameters:
        return "consistency", "eventual, as always on an index: a write of the last second may be missing"
    if parameters.get("ConsistentRead"):
        return "consistency", "strong: every write that was answered is seen, at twice the price"
    return "consistency", "eventual: half the price, but a write of the last second may be missing"


def _table(parameters: Parameters) -> list[Row]:
    found = []
    for where, definition in [("", parameters), *_indexes(parameters)]:
        if "KeySchema" in definition:
            key = ", ".join(f"{part['AttributeName']} ({part['KeyType']})" for part in definition["KeySchema"])
            found.append((where or "key", f"{'key ' if where else ''}{key}"))
        capacity = definition.get("ProvisionedThroughput")
        if capacity:
            text = f"{capacity['ReadCapacityUnits']} read and {capacity['WriteCapacityUnits']} write units a second"
            found.append(("capacity", text))
        if "BillingMode" in definition:
            found.append(("capacity", "on demand: each request is paid for, and nothing else"))
    return found


def _indexes(parameters: Parameters) -> list[tuple[str, dict[str, Any]]]:
    created = [update["Create"] for update in parameters.get("GlobalSecondaryIndexUpdates", [])]
    return [("index", index) for index in parameters.get("GlobalSecondaryIndexes", created)]


def _named(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {reading.literal(value)}" for name, value in values.items())


def _condition(term: reading.Tree, table: Table) -> str:
    name, text = reading.attribute(term), reading.written(term)
    if term[0] == "attribute_exists":
        return f"{text}: {'the item has to be there' if name in table.key else f'it has to have {name}'}"
    if term[0] == "attribute_not_exists":
        return f"{text}: {'no item may have this key yet' if name in table.key else f'it may have no {name} yet'}"
    return text


def _filter(term: reading.Tree) -> str:
    text = reading.written(term)
    if term[0] in ("attribute_exists", "attribute_not_exists"):
        return f"{text}, only those with{'out' if '_not_' in term[0] else ''} {reading.attribute(term)}"
    return text


def warnings(operation: str, parameters: Parameters, tables: dict[str, Table]) -> list[str]:
    """What is dear about a request, and what answers the same question for less."""
    if operation not in ("Query", "Scan"):
        return []
    table = tables[parameters["TableName"]]
    said = reading.said(parameters)
    found = []
    if operation == "Scan":
        found.append(
            f"A Scan goes through every item there is, a read unit for each {2 * READ_UNIT_BYTES // 1024} KB. "
            f"Where {table.key[0]} is known, nodetodo {BY_KEY[table.holds]} finds it at once."
        )
    if said.filter:
        found.append(_filtered(parameters, table, said))
    return found


def _filtered(parameters: Parameters, table: Table, said: Said) -> str:
    where = reading.written(said.key[0]) if said.key else table.name
    everything = f"The filter comes after reading: all items of {where} may be read and paid for."
    for term in said.filter:
        for index, key in table.indexes.items():
            if term[0] == "=" and reading.attribute(term) == key[0]:
                value = term[2][1]["S"]
                command = next(name for name, (of, _) in LISTS.items() if of == (key[0],))
                instead = shlex.join(["nodetodo", command, value])
                return f"{everything} {instead} reads {index}, whose key is {key[0]}, and only what it shows."
    names = " and ".join(dict.fromkeys(reading.attribute(term) for term in said.filter))
    return f"{everything} No index has {names} in its key; one that had would be paid for with each write."
