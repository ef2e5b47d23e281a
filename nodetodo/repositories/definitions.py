"""The table definitions of tables/*.json, and what a run of table-add makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .. import resources
from ..model import TABLE_PREFIX

if TYPE_CHECKING:
    from ..model import Capacity

Definition = dict[str, Any]


class Table(NamedTuple):
    """The input of CreateTable for a table, and the input of UpdateTable for each index that is added to it."""

    create: Definition
    updates: list[Definition]

    @property
    def name(self) -> str:
        return str(self.create["TableName"])

    def indexes(self) -> list[Definition]:
        """The description of each index."""
        return [change["Create"] for update in self.updates for change in update["GlobalSecondaryIndexUpdates"]]

    def create_at_once(self) -> Definition:
        """The input of CreateTable for the table with its indexes.

        Added to a table that is there, an index takes minutes even when the table is empty.
        """
        if not self.updates:
            return self.create
        attributes = self.updates[-1]["AttributeDefinitions"]
        return self.create | {"AttributeDefinitions": attributes, "GlobalSecondaryIndexes": self.indexes()}


def tables(prefix: str = TABLE_PREFIX) -> list[Table]:
    """All tables, with names that begin with prefix instead of todo-."""
    import json  # here, because few commands read definitions

    def read(name: str) -> Definition:
        content: Definition = json.loads(resources.read(f"tables/{name}.json"))
        return content | {"TableName": prefix + content["TableName"].removeprefix(TABLE_PREFIX)}

    return [Table(read("todo-user"), []), Table(read("todo-task"), [read("category-index")])]


def keys(definition: Definition, attributes: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """(attribute, HASH or RANGE, type) of each part of the key of a table or index."""
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in attributes}
    return [(part["AttributeName"], part["KeyType"], types[part["AttributeName"]]) for part in definition["KeySchema"]]


def with_capacity(request: Definition, capacity: Capacity) -> Definition:
    """An input of CreateTable or UpdateTable, or the description of an index in one, with another capacity.

    Every ProvisionedThroughput in it is changed, or left out on demand, where CreateTable says so once.
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
