"""Reads the table definitions in tables/*.json and adapts them to the requested names and capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .. import resources
from ..model import TABLE_PREFIX, Task, User

if TYPE_CHECKING:
    from ..table_model import Capacity

Definition = dict[str, Any]


class Table(NamedTuple):
    """The definition of a table.

    holds: the type of its records. create: the input of CreateTable for the table without indexes. updates: the inputs
    of UpdateTable, one for each index that table-add creates. optional_updates: those that only index-add sends.
    """

    holds: type[User] | type[Task]
    create: Definition
    updates: list[Definition]
    optional_updates: list[Definition]

    @property
    def name(self) -> str:
        """The name of the table."""
        return str(self.create["TableName"])

    def indexes(self) -> list[Definition]:
        """Return the definition of each index that table-add creates."""
        return [_created(update) for update in self.updates]

    def optional_indexes(self) -> list[Definition]:
        """Return the definition of each index that only index-add creates."""
        return [_created(update) for update in self.optional_updates]

    def index_updates(self) -> dict[str, Definition]:
        """Return the inputs of UpdateTable by the name of their index, also those of optional indexes."""
        return {_created(update)["IndexName"]: update for update in (*self.updates, *self.optional_updates)}

    def create_with_indexes(self, *, optional: bool = False) -> Definition:
        """Return the input of CreateTable for the table with its indexes. optional: also with the optional ones.

        Adding an index to an existing table takes minutes, even if the table is empty.
        """
        updates = [*self.updates, *(self.optional_updates if optional else [])]
        if not updates:
            return self.create
        attributes = merged(*(update["AttributeDefinitions"] for update in updates))
        indexes = [_created(update) for update in updates]
        return self.create | {"AttributeDefinitions": attributes, "GlobalSecondaryIndexes": indexes}


class IndexUse(NamedTuple):
    """Why an index exists. command: what reads it. attribute: a task without it is not in the index."""

    command: str
    attribute: str


INDEX_USES = {
    "category-index": IndexUse("task-la", "category"),
    "due-index": IndexUse("task-ls --by-due", "due date"),
}
"""The use of each index, by its name."""


class KeyAttribute(NamedTuple):
    """One attribute of a key. role: HASH for the partition key, RANGE for the sort key. type: S, N or B."""

    name: str
    role: str
    type: str


def _created(update: Definition) -> Definition:
    (change,) = update["GlobalSecondaryIndexUpdates"]
    created: Definition = change["Create"]
    return created


def merged(*lists: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the AttributeDefinitions of all lists, each attribute once."""
    return list({attribute["AttributeName"]: attribute for each in lists for attribute in each}.values())


def tables(prefix: str = TABLE_PREFIX) -> list[Table]:
    """Return the table of users and the table of tasks, with names that begin with the prefix."""
    import json  # here, because few commands read definitions

    def read(name: str) -> Definition:
        content: Definition = json.loads(resources.read(f"tables/{name}.json"))
        return content | {"TableName": prefix + content["TableName"].removeprefix(TABLE_PREFIX)}

    return [
        Table(User, read("todo-user"), [], []),
        Table(Task, read("todo-task"), [read("category-index")], [read("due-index")]),
    ]


def keys(definition: Definition, attributes: list[dict[str, str]]) -> list[KeyAttribute]:
    """Return the key of a table or an index. attributes: the AttributeDefinitions of the table."""
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in attributes}
    return [
        KeyAttribute(part["AttributeName"], part["KeyType"], types[part["AttributeName"]])
        for part in definition["KeySchema"]
    ]


def with_capacity(request: Definition, capacity: Capacity) -> Definition:
    """Return an input of CreateTable or UpdateTable, or an index definition in one, with another capacity.

    Changes every ProvisionedThroughput. On demand it is left out, and CreateTable has the billing mode once.
    """
    changed: Definition = {}
    for name, value in request.items():
        if name == "ProvisionedThroughput":
            if not capacity.on_demand:
                read, write = capacity.read or value["ReadCapacityUnits"], capacity.write or value["WriteCapacityUnits"]
                changed[name] = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
            elif "TableName" in request:
                changed["BillingMode"] = "PAY_PER_REQUEST"
        elif name in ("GlobalSecondaryIndexes", "GlobalSecondaryIndexUpdates"):
            changed[name] = [with_capacity(index, capacity) for index in value]
        elif name == "Create":
            changed[name] = with_capacity(value, capacity)
        else:
            changed[name] = value
    return changed
