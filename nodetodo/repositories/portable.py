"""Converts items to the JSON objects of exported lines and back, without a difference.

An item that a record represents exactly becomes the object that --json prints. Every other item becomes
{"table": …, "item": …} with the item in DynamoDB JSON. A line of DynamoDB's own exports is {"Item": …}.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any

from ..embedded import values
from ..embedded.errors import ApiError
from ..embedded.limits import ITEM_BYTES
from ..model import Task, User
from . import items
from .items import KEYS, Item

if TYPE_CHECKING:
    from ..embedded.schema import Table as Schema

Of = type[User] | type[Task]

NAMES: dict[Of, str] = {User: "user", Task: "task"}
"""The name of each table without the prefix, by the type of its records."""

FIELDS: dict[Of, frozenset[str]] = {of: frozenset(of._fields) for of in (User, Task)}

DIGITS = 15
"""Digits of a whole number that every JSON reader keeps exactly (RFC 8259, "Numbers": up to 2**53)."""


class InvalidLine(ValueError):
    """A line of a file is not an item of these tables. The message is the reason."""


def to_object(of: Of, item: Item) -> dict[str, Any]:
    """Return the object of an item. Binary values remain bytes. Raises OtherKeys if the item lacks the key."""
    items.require_key(item, KEYS[of])
    return _record(of, item) or {"table": NAMES[of], "item": item}


def _record(of: Of, item: Item) -> dict[str, Any] | None:
    """Return the fields of the record; None if converting them back would not return the same item."""
    fields: dict[str, Any] = dict.fromkeys(of._fields)
    for name, value in item.items():
        if name not in fields:
            return None
        ((kind, content),) = value.items()
        if kind == "N":
            if len(content) > DIGITS or not (content.isdigit() and content.isascii()):
                return None
            number = int(content)
            if str(number) != content:
                return None
            fields[name] = number
        elif kind == "S":
            fields[name] = content
        else:
            return None
    return fields


def from_object(given: Any, of_item: Of | None = None) -> tuple[Of, Item]:
    """Return the item of a line's object, and the type of its records. Raises InvalidLine.

    of_item: the type of the records in {"Item": …}. Default: tasks if the item has a tid.
    """
    if not isinstance(given, dict):
        raise InvalidLine("it is not a JSON object")
    of = Task if "tid" in given else User
    if given.keys() <= FIELDS[of]:
        return of, items.to_item(given)
    if given.keys() == {"Item"}:
        item = _decoded_item(given["Item"])
        return of_item or (Task if "tid" in item else User), item
    if given.keys() == {"table", "item"}:
        for of, name in NAMES.items():
            if given["table"] == name:
                return of, _decoded_item(given["item"])
        raise InvalidLine(f"its table is {given['table']!r}, neither 'user' nor 'task'")
    name = next(name for name in given if name not in FIELDS[of])
    raise InvalidLine(f"a {NAMES[of]} has no attribute {name!r}")


def checked(of: Of, item: Item, schema: Schema) -> tuple[Item, int]:
    """Return an item with its values in normal form, and its size in bytes.

    Raises InvalidLine if DynamoDB would reject the item. schema: the keys of the table and of its indexes.
    """
    try:
        normal, size = values.checked_item(item)
        for name in KEYS[of]:
            if name not in normal:
                raise InvalidLine(f"the {NAMES[of]} has no {name}")
        schema.check_item(normal)
        schema.check_index_keys(normal)
    except ApiError as error:
        from .invalid_items import reason  # here, because most files have no invalid line

        raise InvalidLine(reason(item, schema, error.message)) from None
    except UnicodeEncodeError:
        raise InvalidLine("a text has half of a surrogate pair, which is not valid Unicode") from None
    if size > ITEM_BYTES:
        raise InvalidLine(f"the item has {size:,} bytes; DynamoDB stores at most {ITEM_BYTES:,} bytes in one item")
    return normal, size


def equal(one: Item, two: Item) -> bool:
    """Return whether two items are equal. The order in sets and the notation of numbers do not matter."""
    if one == two:
        return True
    try:
        first, second = (values.checked_item(item)[0] for item in (one, two))
    except ApiError:  # an engine other than DynamoDB may have stored an invalid number
        return False
    return values.equal({"M": first}, {"M": second})


def key(of: Of, item: Item) -> Item:
    """Return the key attributes of an item."""
    return {name: item[name] for name in KEYS[of]}


def _decoded_item(given: Any) -> Item:
    if not isinstance(given, dict):
        raise InvalidLine("the item is not a JSON object")
    return {name: _decoded(value) for name, value in given.items()}


def _decoded(given: Any) -> dict[str, Any]:
    """Return an attribute value of DynamoDB JSON with Base64 decoded. Raises InvalidLine for another shape."""
    if not (isinstance(given, dict) and len(given) == 1):
        raise InvalidLine("an attribute is not an object with one type")
    ((kind, content),) = given.items()
    if kind == "M" and isinstance(content, dict):
        return {"M": _decoded_item(content)}
    if kind == "L" and isinstance(content, list):
        return {"L": [_decoded(member) for member in content]}
    if kind == "B":
        return {"B": _from_base64(content)}
    if kind == "BS" and isinstance(content, list):
        return {"BS": [_from_base64(member) for member in content]}
    is_valid = (
        (kind in ("S", "N") and isinstance(content, str))
        or (kind in ("BOOL", "NULL") and isinstance(content, bool))
        or (kind in ("SS", "NS") and isinstance(content, list) and all(isinstance(each, str) for each in content))
    )
    if not is_valid:
        raise InvalidLine(f"an attribute of the type {kind!r} has an invalid value")
    return {kind: content}


def _from_base64(content: Any) -> bytes:
    try:
        return binascii.a2b_base64(content, strict_mode=True)
    except (binascii.Error, TypeError, ValueError):
        raise InvalidLine("a binary value is not Base64") from None
