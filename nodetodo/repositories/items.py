"""Converts records to DynamoDB items and back. Only this module knows the attribute types."""

from __future__ import annotations

from typing import Any, TypeVar

from ..embedded.limits import ITEM_BYTES
from ..errors import WrongUsage
from ..model import Task, User

Item = dict[str, dict[str, Any]]
Record = TypeVar("Record", User, Task)

TYPES = {
    "uid": "S",
    "email": "S",
    "phone": "S",
    "tid": "N",
    "description": "S",
    "created": "N",
    "due": "N",
    "category": "S",
    "completed": "N",
}
"""The type of every attribute of both tables: S for a string, N for a number, always a whole one."""


def attribute(name: str, value: str | int) -> dict[str, str]:
    """Convert the value of an attribute to a DynamoDB attribute value."""
    return {TYPES[name]: str(value)}


def to_item(values: dict[str, Any]) -> Item:
    """Convert plain values to an item or a key. A value of None becomes an absent attribute."""
    return {name: attribute(name, value) for name, value in values.items() if value is not None}


def to_values(item: Item) -> dict[str, Any]:
    """Convert an item to plain values.

    Attributes that other programs added, or wrote with another type, are left out, so that a list can show the item.
    """
    values = {}
    for name, attribute in item.items():
        kind = TYPES.get(name)
        if kind == "S" and kind in attribute:
            values[name] = attribute[kind]
        elif kind == "N" and attribute.get(kind, "").lstrip("-").isdigit():
            values[name] = int(attribute[kind])
    return values


def to_record(of: type[Record], item: Item) -> Record:
    """Convert an item to a user or a task. An absent attribute becomes None."""
    values = to_values(item)
    return of._make(values.get(name) for name in of._fields)


def check_size(item: Item) -> Item:
    """Return the item. Raises WrongUsage if DynamoDB would reject it because of its size."""
    from ..embedded.values import item_size  # here, because commands that only read do not need it

    size = item_size(item)
    if size > ITEM_BYTES:
        raise WrongUsage(f"the item has {size:,} bytes; DynamoDB stores at most {ITEM_BYTES:,} bytes in one item")
    return item
