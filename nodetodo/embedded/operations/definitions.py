"""The parameters of the operations on tables, and the rules for table definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import validation_error
from ..limits import (
    INDEXES_PER_TABLE,
    KEY_ATTRIBUTES,
    LOCAL_INDEXES_PER_TABLE,
    PROJECTED_ATTRIBUTES,
    TABLES_PER_PAGE,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
    TAGS_PER_TABLE,
)
from ..schema import GLOBAL, KINDS, LOCAL
from .parameters import LONG, Structure, boolean, index_name, integer_from, list_of, name, one_of, text_from
from .warm_throughput import WARM_THROUGHPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .parameters import Check

NO_MAXIMUM = -1  # removes a maximum of the on-demand throughput (OnDemandThroughput, API reference)

_attribute = text_from(1)
_ATTRIBUTES = list_of(Structure({"AttributeName": _attribute, "AttributeType": one_of("B", "N", "S")}, {}))
_KEY_ATTRIBUTE = Structure({"AttributeName": _attribute, "KeyType": one_of("HASH", "RANGE")}, {})
_KEY = list_of(_KEY_ATTRIBUTE, 1, 2)
_THROUGHPUT = Structure({"ReadCapacityUnits": integer_from(1), "WriteCapacityUnits": integer_from(1)}, {})
_MAXIMUM = integer_from(-LONG, LONG)
_ON_DEMAND = Structure({}, {"MaxReadRequestUnits": _MAXIMUM, "MaxWriteRequestUnits": _MAXIMUM})
_CAPACITY: dict[str, Check] = {
    "ProvisionedThroughput": _THROUGHPUT,
    "OnDemandThroughput": _ON_DEMAND,
    "WarmThroughput": WARM_THROUGHPUT,
}
# The members of CreateTable and UpdateTable that change a table and not its indexes.
SETTINGS: dict[str, Check] = {
    **_CAPACITY,
    "BillingMode": one_of("PROVISIONED", "PAY_PER_REQUEST"),
    "DeletionProtectionEnabled": boolean,
    "StreamSpecification": Structure(
        {"StreamEnabled": boolean},
        {"StreamViewType": one_of("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")},
    ),
    "TableClass": one_of("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
}
_PROJECTION = Structure(
    {},
    {"ProjectionType": one_of("ALL", "KEYS_ONLY", "INCLUDE"), "NonKeyAttributes": list_of(_attribute, 1, 20)},
)
_INDEX = Structure(
    {"IndexName": index_name, "KeySchema": list_of(_KEY_ATTRIBUTE, 1), "Projection": _PROJECTION}, _CAPACITY
)
_LOCAL_INDEX = Structure({"IndexName": index_name, "KeySchema": _KEY, "Projection": _PROJECTION}, {})

TAGS = list_of(Structure({"Key": text_from(1, TAG_KEY_LENGTH), "Value": text_from(0, TAG_VALUE_LENGTH)}, {}))

CREATE_TABLE = Structure(
    {"AttributeDefinitions": _ATTRIBUTES, "TableName": name, "KeySchema": _KEY},
    {GLOBAL: list_of(_INDEX), LOCAL: list_of(_LOCAL_INDEX), **SETTINGS, "Tags": TAGS},
)
UPDATE_TABLE = Structure(
    {"TableName": name},
    {
        "AttributeDefinitions": _ATTRIBUTES,
        **SETTINGS,
        "GlobalSecondaryIndexUpdates": list_of(
            Structure(
                {},
                {
                    "Update": Structure({"IndexName": index_name}, _CAPACITY),
                    "Create": _INDEX,
                    "Delete": Structure({"IndexName": index_name}, {}),
                },
            )
        ),
    },
)
DESCRIBE_TABLE = Structure({"TableName": name}, {})
DELETE_TABLE = Structure({"TableName": name}, {})
LIST_TABLES = Structure({}, {"ExclusiveStartTableName": name, "Limit": integer_from(1, TABLES_PER_PAGE)})

_WRONG = "One or more parameter values were invalid: "


def check_key(schema: list[dict[str, str]]) -> None:
    """Check the KeySchema of a table or a local index: a partition key, and optionally a sort key of another attribute.

    Raises ApiError (ValidationException).
    """
    if schema[0]["KeyType"] != "HASH":
        raise validation_error("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(schema) == 2:
        if schema[1]["KeyType"] != "RANGE":
            raise validation_error("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        if schema[0]["AttributeName"] == schema[1]["AttributeName"]:
            raise validation_error("Both the Hash Key and the Range Key element in the KeySchema have the same name")


def _check_global_key(schema: list[dict[str, str]]) -> None:
    """Check the KeySchema of a global index: up to four attributes in each part, the partition key first.

    Raises ApiError (ValidationException).
    """
    if schema[0]["KeyType"] != "HASH":
        raise validation_error("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    types = [each["KeyType"] for each in schema]
    if types != sorted(types):
        raise validation_error(f"{_WRONG}All HASH key attributes must precede RANGE key attributes in the KeySchema")
    for key_type in ("HASH", "RANGE"):
        if types.count(key_type) > KEY_ATTRIBUTES:
            raise validation_error(
                f"{_WRONG}The KeySchema exceeds the maximum allowed number of {key_type} key attributes"
            )
    if len({each["AttributeName"] for each in schema}) < len(schema):
        raise validation_error("The KeySchema contains multiple key attributes with the same name")


def _check_local_key(index: dict[str, Any], table_key: list[dict[str, str]]) -> None:
    """Check the KeySchema of a local index: the partition key of the table, and a sort key.

    Raises ApiError (ValidationException).
    """
    name, schema = index["IndexName"], index["KeySchema"]
    check_key(schema)
    if len(schema) < 2:
        raise validation_error(f"{_WRONG}Index KeySchema does not have a range key for index: {name}")
    partition, of_table = schema[0]["AttributeName"], table_key[0]["AttributeName"]
    if partition != of_table:
        raise validation_error(
            f"{_WRONG}Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. "
            f"index hash key: {partition}, table hash key: {of_table}"
        )


def _check_projection(projection: dict[str, Any]) -> None:
    """Check the projection of an index. Raises ApiError (ValidationException)."""
    kind = projection.get("ProjectionType")
    if kind is None:
        raise validation_error(f"{_WRONG}Unknown ProjectionType: null")
    has_attributes = "NonKeyAttributes" in projection
    if kind == "INCLUDE" and not has_attributes:
        raise validation_error(f"{_WRONG}ProjectionType is {kind}, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and has_attributes:
        raise validation_error(f"{_WRONG}ProjectionType is {kind}, but NonKeyAttributes is specified")
    attributes = projection.get("NonKeyAttributes", ())
    for place, attribute in enumerate(attributes):
        if attribute in attributes[:place]:
            raise validation_error(f"{_WRONG}Duplicate element in NonKeyAttributes: {attribute}")


def check_indexes(definition: dict[str, Any]) -> None:
    """Check the lists of indexes in the definition of a table, or in a request.

    Each list has at least one index and not too many. Names are unique in both lists. Raises ApiError
    (ValidationException).
    """
    names = set()
    projected = 0
    for kind in KINDS:
        indexes = definition.get(kind)
        if indexes is None:
            continue
        if not indexes:
            raise validation_error(f"{_WRONG}List of {kind} is empty")
        if kind == LOCAL and len(definition["KeySchema"]) < 2:
            raise validation_error(
                f"{_WRONG}Table KeySchema does not have a range key, which is required when specifying a "
                "LocalSecondaryIndex"
            )
        for index in indexes:
            if kind == LOCAL:
                _check_local_key(index, definition["KeySchema"])
            else:
                _check_global_key(index["KeySchema"])
            _check_projection(index["Projection"])
            if index["IndexName"] in names:
                raise validation_error(f"{_WRONG}Duplicate index name: {index['IndexName']}")
            names.add(index["IndexName"])
            projected += len(index["Projection"].get("NonKeyAttributes", ()))
        _check_number(kind, len(indexes))
    if projected > PROJECTED_ATTRIBUTES:
        raise validation_error(
            f"{_WRONG}Number of projected attributes exceeds the per-table limit of {PROJECTED_ATTRIBUTES}"
        )


def _check_number(kind: str, number: int) -> None:
    """Raise ApiError (ValidationException) for too many indexes of a kind."""
    if kind == GLOBAL and number > INDEXES_PER_TABLE:
        raise validation_error(f"{_WRONG}GlobalSecondaryIndex count exceeds the per-table limit of {INDEXES_PER_TABLE}")
    if kind == LOCAL and number > LOCAL_INDEXES_PER_TABLE:
        raise validation_error(
            f"{_WRONG}Number of LocalSecondaryIndexes exceeds per-table limit of {LOCAL_INDEXES_PER_TABLE}"
        )


def check_attributes(defined: Sequence[dict[str, str]], owners: Sequence[dict[str, Any]]) -> None:
    """Check that AttributeDefinitions has exactly the key attributes of the table and its indexes.

    owners: the definitions of the table and of its indexes. Raises ApiError (ValidationException).
    """
    names = [each["AttributeName"] for each in defined]
    for at, attribute in enumerate(names):
        if attribute in names[:at]:
            raise validation_error(f"Attribute Name is duplicated: {attribute}")
    used: dict[str, None] = {}
    for owner in owners:
        key_names = [each["AttributeName"] for each in owner["KeySchema"]]
        used.update(dict.fromkeys(key_names))
        if len(key_names) > len(names):
            raise validation_error("Invalid KeySchema: Some index key attribute have no definition")
        if not set(key_names) <= set(names):
            raise validation_error(
                f"{_WRONG}Some index key attributes are not defined in AttributeDefinitions. "
                f"Keys: [{', '.join(key_names)}], AttributeDefinitions: [{', '.join(names)}]"
            )
    if len(used) == len(names):
        return
    if len(owners) == 1:
        raise validation_error(
            f"{_WRONG}Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        )
    raise validation_error(
        f"{_WRONG}Some AttributeDefinitions are not used. "
        f"AttributeDefinitions: [{', '.join(names)}], keys used: [{', '.join(used)}]"
    )


def merged_tags(tags: list[dict[str, str]], added: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the tags of a table after these were added. A new tag replaces the one with its key.

    Raises ApiError (ValidationException) for too many tags.
    """
    values = {tag["Key"]: tag["Value"] for tag in (*tags, *added)}
    if len(values) > TAGS_PER_TABLE:
        raise validation_error(f"{_WRONG}Too many tags: a table can have up to {TAGS_PER_TABLE}")
    return [{"Key": key, "Value": value} for key, value in values.items()]


def check_billing(billing: str, throughput: Any, indexes: Sequence[dict[str, Any]], updating: bool) -> None:
    """Check that a provisioned table and its indexes have a throughput, and that an on-demand table has none.

    updating: whether the request is an UpdateTable, which has other error messages. Raises ApiError
    (ValidationException).
    """
    with_units = [index["IndexName"] for index in indexes if index.get("ProvisionedThroughput")]
    without_units = [index["IndexName"] for index in indexes if not index.get("ProvisionedThroughput")]
    on_demand = "when BillingMode is PAY_PER_REQUEST"
    if billing == "PAY_PER_REQUEST":
        if throughput:
            raise validation_error(
                f"{_WRONG}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified {on_demand}"
            )
        if with_units:
            raise validation_error(
                f"{_WRONG}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {with_units[0]} "
                + on_demand
                if updating
                else f"{_WRONG}ProvisionedThroughput should not be specified for index: {with_units[0]} {on_demand}"
            )
    elif not throughput:
        raise validation_error(
            f"{_WRONG}ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
            if updating
            else f"{_WRONG}ReadCapacityUnits and WriteCapacityUnits must both be specified "
            "when BillingMode is PROVISIONED"
        )
    elif without_units:
        raise validation_error(
            f"{_WRONG}ProvisionedThroughput must be specified for index: {','.join(without_units)}"
            if updating
            else f"{_WRONG}ProvisionedThroughput is not specified for index: {without_units[0]}"
        )


def check_maximums(billing: str, owners: Sequence[dict[str, Any]]) -> None:
    """Check the maximum on-demand throughput of a table and its indexes. Raises ApiError (ValidationException).

    owners: the definitions of the table and of its indexes, or their changes, in which -1 removes a maximum.
    """
    for owner in owners:
        where = f"for index : {owner['IndexName']} " if "IndexName" in owner else ""
        for member, units in owner.get("OnDemandThroughput", {}).items():
            if billing != "PAY_PER_REQUEST":
                raise validation_error(
                    f"{_WRONG}{member} for OnDemandThroughput {where}cannot be specified when the table BillingMode is "
                    "PROVISIONED"
                )
            if units < 1 and units != NO_MAXIMUM:
                raise validation_error(
                    f"{_WRONG}Requested {member} for OnDemandThroughput {where or 'for table '}is outside of "
                    "valid range"
                )
