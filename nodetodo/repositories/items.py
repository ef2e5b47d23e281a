"""Converts records to DynamoDB items and back. Only this module knows the attribute types.

Other programs may write attributes of any type. Such a value is converted to a plain value of its type, so that it can
be shown as it is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..embedded.limits import ITEM_BYTES, NUMBER_DIGITS
from ..errors import OtherKeys, WrongUsage
from ..model import Task, User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Key, Number, Stored

Item = dict[str, dict[str, Any]]
Record = TypeVar("Record", User, Task)

KEY_TYPES = {"uid": "S", "tid": "N", "category": "S", "due": "N"}
"""The type of every key attribute: S for a string, N for a number."""

KEYS: dict[type[User] | type[Task], tuple[str, ...]] = {User: ("uid",), Task: ("uid", "tid")}
"""The key of each table, by the type of its records."""


def attribute(value: Stored) -> dict[str, Any]:
    """Convert a plain value to a DynamoDB attribute value."""
    if isinstance(value, str):
        return {"S": value}
    if type(value) is int:
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, list):
        return {"L": [attribute(each) for each in value]}
    if isinstance(value, dict):
        return {"M": {name: attribute(each) for name, each in value.items()}}
    return {"N": str(value)}


def to_item(values: dict[str, Any]) -> Item:
    """Convert plain values to an item or a key. A value of None becomes an absent attribute."""
    # The first two cases are most of the values of an import, whose speed depends on them.
    return {
        name: {"S": value} if type(value) is str else {"N": str(value)} if type(value) is int else attribute(value)
        for name, value in values.items()
        if value is not None
    }


def to_value(attribute: dict[str, Any]) -> Stored:
    """Convert a DynamoDB attribute value to a plain value. A set becomes a list, and binary data Base64."""
    ((kind, content),) = attribute.items()
    if kind in ("S", "BOOL", "SS"):
        return content  # type: ignore[no-any-return]
    if kind == "N":
        return _number(content)
    if kind == "M":
        return {name: to_value(each) for name, each in content.items()}
    if kind == "NULL":
        return None
    if kind == "B":
        import base64  # here, because this program stores no binary data

        return base64.b64encode(content).decode()
    member = {"NS": "N", "BS": "B"}.get(kind)
    return [to_value({member: each} if member else each) for each in content]


def _number(text: str) -> Number | str:
    """Return a number. A text that is not a number, which only another engine may return, is returned unchanged."""
    if text.isdigit() and text.isascii() and len(text) <= NUMBER_DIGITS:
        return int(text)
    from ..embedded import numbers  # here and below, because only other programs store such numbers
    from ..embedded.errors import ApiError

    try:
        return numbers.to_python(text)
    except ApiError:
        return text


def to_key(item: Item, names: Iterable[str]) -> Key:
    """Return the key attributes with these names as plain values. Raises OtherKeys if the item lacks one."""
    require_key(item, names)
    return {name: to_value(item[name]) for name in names}


def to_record(of: type[Record], item: Item) -> Record:
    """Convert an item to a user or a task. An absent attribute becomes None. Raises OtherKeys if it lacks the key."""
    require_key(item, KEYS[of])
    return of._make(to_value(item[name]) if name in item else None for name in of._fields)


def require_key(item: Item, names: Iterable[str]) -> None:
    """Raise OtherKeys if the item lacks one of these key attributes, or if one has another type."""
    for name in names:
        if KEY_TYPES[name] not in item.get(name, ()):
            raise OtherKeys(tuple(names))


def check_size(item: Item) -> Item:
    """Return the item. Raises WrongUsage if DynamoDB would reject it because of its size."""
    from ..embedded.values import item_size  # here, because commands that only read do not need it

    size = item_size(item)
    if size > ITEM_BYTES:
        raise WrongUsage(f"the item has {size:,} bytes; DynamoDB stores at most {ITEM_BYTES:,} bytes in one item")
    return item
