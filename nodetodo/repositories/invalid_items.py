"""Explains in plain words why DynamoDB would reject an item. Its own messages do not name the attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..embedded import numbers, values
from ..embedded.errors import ApiError
from ..embedded.limits import (
    ATTRIBUTE_NAME_BYTES,
    NESTING_LEVELS,
    NUMBER_DIGITS,
    PARTITION_KEY_BYTES,
    SORT_KEY_BYTES,
)

if TYPE_CHECKING:
    from ..embedded.schema import Key
    from ..embedded.schema import Table as Schema
    from .items import Item

TYPES = {
    "S": "a text",
    "N": "a number",
    "B": "a binary value",
    "SS": "a set of texts",
    "NS": "a set of numbers",
    "BS": "a set of binary values",
    "M": "a map",
    "L": "a list",
    "NULL": "null",
    "BOOL": "a Boolean",
}


def reason(item: Item, schema: Schema, message: str) -> str:
    """Return the reason for which an item is rejected, with the name of the attribute.

    message: DynamoDB's message, for a reason that is not known here.
    """
    for name, value in item.items():
        try:
            values.checked_item({name: value})
        except ApiError:
            return _invalid_name(name) or f"the attribute {name} has {_problem(value)}"
    for holder, key in [("the table", schema.key), *((each.name, each.key) for each in schema.indexes.values())]:
        found = _invalid_key(item, key, holder)
        if found:
            return found
    return message


def _invalid_name(name: str) -> str:
    if not name:
        return "an attribute has an empty name"
    return "an attribute has a name of more than 65,535 bytes" if len(name.encode()) > ATTRIBUTE_NAME_BYTES else ""


def _invalid_key(item: Item, key: Key, holder: str) -> str:
    for part, limit in ((key.partition, PARTITION_KEY_BYTES), (key.sort, SORT_KEY_BYTES)):
        for name, kind in part:
            value = item.get(name)
            if value is None:
                continue
            if kind not in value:
                return (
                    f"the attribute {name} is {TYPES[next(iter(value))]}, but the key of {holder} needs {TYPES[kind]}"
                )
            if not value[kind]:
                return f"the attribute {name} is empty, but the key of {holder} needs a value"
            if values.value_size(value) > limit:
                return f"the attribute {name} has more than {limit:,} bytes, the limit for the key of {holder}"
    return ""


def _problem(value: dict[str, Any]) -> str:
    """Return what is wrong with an invalid value of one type."""
    ((kind, content),) = value.items()
    if kind == "NULL":
        return "NULL with another value than true"
    if kind in ("L", "M"):
        for member in content.values() if kind == "M" else content:
            try:
                values.checked(member)
            except ApiError:
                return _problem(member)
        if kind == "M" and not all(content):
            return "a map with an empty name"
        return f"lists and maps in more than {NESTING_LEVELS} levels"
    if kind in ("N", "NS"):
        for text in [content] if kind == "N" else content:
            try:
                numbers.canonical(text)
            except ApiError:
                return (
                    f"the number {text[:50]}, which DynamoDB does not store (at most {NUMBER_DIGITS} digits, from "
                    "1E-130 to 9.99E+125)"
                )
    return "a set with duplicates" if content else "an empty set"
