"""Reads the descriptions of DescribeTable: states, settings, and differences from the definition of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table_model import TableStatus
from . import definitions
from .stream_settings import view_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines.interface import Client, Response
    from .definitions import Table

TABLE_CLASSES = {"STANDARD": "standard", "STANDARD_INFREQUENT_ACCESS": "infrequent-access"}
"""The table classes, with the values of table-edit --class."""


def find(client: Client, table: str) -> Response | None:
    """Return the description of a table; None if it does not exist."""
    try:
        description: Response = client.describe_table(TableName=table)["Table"]
        return description
    except client.exceptions.ResourceNotFoundException:
        return None


def indexes_of(description: Response) -> dict[str, Response]:
    return {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", [])}


def accepts_change(description: Response, index: str) -> bool:
    """Return whether DynamoDB accepts the creation or deletion of this index now.

    It changes one index at a time. An index can be deleted during its own backfill ("Managing global secondary
    indexes", developer guide).
    """
    of_index = indexes_of(description).get(index, {})
    return bool(of_index.get("Backfilling")) or states_of(description) == {"ACTIVE"}


def states_of(description: Response) -> set[str]:
    indexes = indexes_of(description).values()
    return {description["TableStatus"], *(index["IndexStatus"] for index in indexes)}


def busy(table: str, description: Response, index: str | None = None) -> str:
    """Return the state that a change of a table or index waits for: of this index, of another one, or of the table."""
    indexes = indexes_of(description)
    for name in (*([index] if index else ()), *indexes):
        state = indexes.get(name, {"IndexStatus": "ACTIVE"})
        if state["IndexStatus"] != "ACTIVE":
            backfill = " (backfill)" if state.get("Backfilling") else ""
            return f"{name} of {table} is {state['IndexStatus']}{backfill}"
    status = description["TableStatus"]
    return f"{table} is {'being changed' if status == 'ACTIVE' else status}"


def statuses_of(table: Table, description: Response | None) -> Iterator[TableStatus]:
    if description is None:
        yield TableStatus(table.name, None, "MISSING")
        return
    billing = "on demand" if is_on_demand(description) else "provisioned"

    differences = {index: difference for index, difference, _ in differences_of(table, description)}

    def status(index: str | None, state: Response, kind: str) -> TableStatus:
        found = TableStatus(table.name, index, state[f"{kind}Status"])
        found.items, found.bytes = state.get("ItemCount"), state.get(f"{kind}SizeBytes")
        found.billing, found.difference = billing, differences.get(index)
        if billing == "provisioned":
            found.read, found.write = units_of(state)
        else:
            found.max_read, found.max_write = maximums_of(state)
        if index is None:
            found.protection = state.get("DeletionProtectionEnabled", False)
            found.stream = view_type(state)
            found.table_class = TABLE_CLASSES[state.get("TableClassSummary", {}).get("TableClass", "STANDARD")]
        else:
            found.projection = projection_of(state)
        return found

    yield status(None, description, "Table")
    existing = indexes_of(description)
    for name in sorted(existing):
        yield status(name, existing[name], "Index")
    for index in table.indexes():
        if index["IndexName"] not in existing:
            yield TableStatus(table.name, index["IndexName"], "MISSING")


def units_of(description: Response) -> tuple[int | None, int | None]:
    """Return the provisioned read and write capacity units per second of a table or an index."""
    throughput = description.get("ProvisionedThroughput", {})
    return throughput.get("ReadCapacityUnits") or None, throughput.get("WriteCapacityUnits") or None


def maximums_of(description: Response) -> tuple[int | None, int | None]:
    """Return the maximum on-demand read and write units per second of a table or an index; None for no maximum."""
    maximums = description.get("OnDemandThroughput", {})
    read, write = maximums.get("MaxReadRequestUnits", -1), maximums.get("MaxWriteRequestUnits", -1)
    return read if read > 0 else None, write if write > 0 else None


def projection_of(index: Response) -> str:
    """Return the attributes that an index copies, such as ALL or INCLUDE category."""
    projection = index["Projection"]
    return " ".join([projection["ProjectionType"], *projection.get("NonKeyAttributes", ())])


def is_on_demand(description: Response) -> bool:
    return bool(description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")


def differences_of(table: Table, description: Response | None) -> Iterator[tuple[str | None, str, str]]:
    """Yield how a table and its indexes differ from their definition: index (None: the table), difference, remedy."""
    if description is None:
        return
    definition = table.create_with_indexes(optional=True)
    attributes = definition["AttributeDefinitions"]
    defined = {None: definition} | indexes_of(definition)
    existing = {None: description} | indexes_of(description)
    for index in defined:
        if index not in existing:
            continue
        remedy = "set NODETODO_TABLE_PREFIX to use other table names"
        if index is not None:
            use = definitions.INDEX_USES[index].command
            remedy = f"index-rm {index} deletes it, then index-add {index} creates it as {use} needs it"
        keys = definitions.keys(existing[index], description["AttributeDefinitions"])
        if keys != definitions.keys(defined[index], attributes):
            yield index, f"other keys: {', '.join(f'{key.name} ({key.type})' for key in keys)}", remedy
        elif index is not None and existing[index]["Projection"] != defined[index]["Projection"]:
            yield index, f"other projection: {projection_of(existing[index])}", remedy
