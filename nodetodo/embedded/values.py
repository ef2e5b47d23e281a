"""Attribute values, such as {"S": "…"}: validation, normal form, size and comparison.

All functions expect that parameters.py has checked the Python types.
"""

from __future__ import annotations

from typing import Any

from . import numbers
from .errors import TOO_DEEP, validation_error
from .limits import ATTRIBUTE_NAME_BYTES, NESTING_LEVELS

Value = dict[str, Any]
Item = dict[str, Value]

_INVALID = "One or more parameter values were invalid: "
# The error messages for empty sets, spaces included.
_SETS = {
    "SS": "An string set  may not be empty",
    "NS": "An number set  may not be empty",
    "BS": "Binary sets should not be empty",
}


def checked(value: Value, level: int = 1) -> tuple[Value, int]:
    """Return a copy of a value in normal form, and its size in bytes.

    Raises ApiError (ValidationException) if it has no type or several, if a number is invalid, if a set is empty or has
    duplicates, or if lists and maps are nested too deeply.
    """
    if len(value) != 1:
        for kind, content in value.items():
            checked({kind: content}, level)  # an invalid value is reported before a second one
        raise validation_error(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
            if not value
            else "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    ((kind, content),) = value.items()
    if kind == "S":
        return {"S": content}, len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        number, size = numbers.canonical_and_size(content)
        return {"N": number}, size
    if kind == "B":
        return {"B": bytes(content)}, len(content)
    if kind == "BOOL":
        return {"BOOL": content}, 1
    if kind == "NULL":
        if not content:
            raise validation_error(f"{_INVALID}Null attribute value types must have the value of true")
        return {"NULL": True}, 1
    if kind == "L":
        if level >= NESTING_LEVELS:
            raise _too_deep()
        members = [checked(member, level + 1) for member in content]
        return {"L": [member for member, _ in members]}, 3 + sum(size + 1 for _, size in members)
    if kind == "M":
        if level >= NESTING_LEVELS:
            raise _too_deep()
        attributes, size = checked_item(content, level + 1)
        return {"M": attributes}, 3 + len(attributes) + size
    return _checked_set(kind, content)


def checked_item(item: Item, level: int = 1) -> tuple[Item, int]:
    """Return a copy of an item or a map with its values in normal form, and the size of names and values in bytes.

    Raises ApiError (ValidationException) for an invalid name or value.
    """
    size = 0
    result = {}
    for name, value in item.items():
        length = len(name) if name.isascii() else len(name.encode())
        if not 0 < length <= ATTRIBUTE_NAME_BYTES:
            raise validation_error(
                "Attribute name is too large, must be less than 65536 bytes" if name else "Empty attribute name"
            )
        if "S" in value and len(value) == 1:  # most values are strings, and a call takes longer than this case
            text = value["S"]
            result[name] = {"S": text}
            size += length + (len(text) if text.isascii() else len(text.encode()))
            continue
        result[name], value_size = checked(value, level)
        size += length + value_size
    return result, size


def _too_deep() -> Exception:
    return validation_error(TOO_DEEP)


def _checked_set(kind: str, content: list[Any]) -> tuple[Value, int]:
    if not content:
        raise validation_error(_INVALID + _SETS[kind])
    members: list[Any]
    if kind == "NS":
        members = [numbers.canonical(member) for member in content]
        size = sum(numbers.size(member) for member in members)
    elif kind == "SS":
        members = list(content)
        size = sum(len(member.encode()) for member in members)
    else:
        members = [bytes(member) for member in content]
        size = sum(len(member) for member in members)
    if len(set(members)) != len(members):
        raise validation_error(f"{_INVALID}Input collection {_duplicates(kind, members)}contains duplicates.")
    return {kind: members}, size


def _duplicates(kind: str, members: list[Any]) -> str:
    """Return the members of a set with duplicates as in DynamoDB's error messages.

    They are sorted up to the first duplicate. Those of a number set are not shown.
    """
    if kind == "NS":
        return ""
    first = next(at for at, member in enumerate(members) if member in members[:at])
    ordered = sorted(members[:first]) + members[first:]
    if kind == "SS":
        return "[" + ", ".join(f'"{member}"' for member in ordered) + "] "
    return "[" + ",".join(f'"{_base64(member)}"' for member in ordered) + "]of type BS "


def _base64(content: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(content, newline=False).decode()


def item_size(item: Item) -> int:
    """Return the size of an item in bytes ("DynamoDB item sizes and formats", AWS's developer guide)."""
    return sum(
        (len(name) if name.isascii() else len(name.encode())) + value_size(value) for name, value in item.items()
    )


def value_size(value: Value) -> int:
    """Return the size of a value in bytes, without its attribute's name."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        return numbers.size(content)
    if kind == "B":
        return len(content)
    if kind == "L":
        return 3 + sum(1 + value_size(member) for member in content)
    if kind == "M":
        return 3 + len(content) + item_size(content)
    if kind == "NS":
        return sum(map(numbers.size, content))
    if kind == "SS":
        return sum(len(member.encode()) for member in content)
    if kind == "BS":
        return sum(map(len, content))
    return 1


def depth(value: Value) -> int:
    """Return the number of levels of lists and maps in a value; 0 for a scalar or a set."""
    ((kind, content),) = value.items()
    if kind == "L":
        return 1 + max(map(depth, content), default=0)
    if kind == "M":
        return 1 + max(map(depth, content.values()), default=0)
    return 0


def check_nesting(item: Item) -> None:
    """Raise ApiError (ValidationException) if an update nested lists and maps too deeply."""
    if any(depth(value) >= NESTING_LEVELS for value in item.values()):
        raise _too_deep()


def equal(left: Value, right: Value) -> bool:
    """Return whether two values in normal form have the same type and content. The order of sets is ignored."""
    if left == right:
        return True
    ((kind, a),) = left.items()
    ((other, b),) = right.items()
    if kind != other:
        return False
    if kind in _SETS:
        return set(a) == set(b)
    if kind == "L":
        return len(a) == len(b) and all(map(equal, a, b))
    if kind == "M":
        return a.keys() == b.keys() and all(equal(a[name], b[name]) for name in a)
    return False


def rank(value: Value) -> bytes | None:
    """Return bytes that sort in DynamoDB's order of the values of one type; None for a type without order."""
    ((kind, content),) = value.items()
    if kind == "S":
        return content.encode()  # type: ignore[no-any-return]
    if kind == "N":
        return numbers.ordered(content)
    if kind == "B":
        return content  # type: ignore[no-any-return]
    return None


def shown(value: Value) -> str:
    """Return a value as in DynamoDB's error messages, such as {S:abc}."""
    ((kind, content),) = value.items()
    return f"{{{kind}:{_base64(content) if kind == 'B' else content}}}"
