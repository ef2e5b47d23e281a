"""Records to items and back: the one place that knows DynamoDB's attribute types."""

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
"""The type of every attribute of both tables: S string, N number (all of ours are whole)."""


def attribute(name: str, value: str | int) -> dict[str, str]:
    return {TYPES[name]: str(value)}


def to_item(values: dict[str, Any]) -> Item:
    """An item, or a key, of plain values; None is an attribute that is not there."""
    return {name: attribute(name, value) for name, value in values.items() if value is not None}


def to_values(item: Item) -> dict[str, Any]:
    """The plain values of an item of ours.

    Attributes that other programs added, or wrote with another type, are passed over: one such task hides no others.
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
    """The user or task that an item holds; what is missing is None, as in the stubs that the book's program left."""
    values = to_values(item)
    return of._make(values.get(name) for name in of._fields)


def check_size(item: Item) -> Item:
    """Return the item. Raises WrongUsage if it is larger than DynamoDB's limit of 400 KB."""
    from ..embedded.values import item_size  # here, because commands that only read do not need it

    size = item_size(item)
    if size > ITEM_BYTES:
        raise WrongUsage(f"that is {size:,} bytes in all; DynamoDB keeps at most {ITEM_BYTES:,} in one item")
    return item
