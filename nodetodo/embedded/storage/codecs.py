"""The JSON of stored items and table definitions.

JSON has no binary values, so they become base64. An item with binary values is stored as a blob, every other item as
text, so that only blobs are searched for base64.
"""

from __future__ import annotations

from json import JSONDecoder, JSONEncoder
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, DamagedDataError
from ..numbers import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import Attributes
    from ..values import Item

    DecodeItem = Callable[[str | bytes, Attributes], Any]


def encode_item(item: Item) -> str | bytes:
    """Return an item as it is stored: JSON as text, or as a blob if the item has binary values."""
    try:
        return to_json(item)
    except TypeError:
        return to_json_with_base64(item).encode()


def decode_item(stored: str | bytes, key: Attributes) -> Item:
    """Return the item that `encode_item` stored. key: the attributes that it must have. Raises DamagedDataError."""
    try:
        item = from_json_with_base64(stored.decode()) if isinstance(stored, bytes) else from_json(stored)
        for value in item.values():
            if not _is_value(value):
                raise _damaged_item()
        for name, kind in key:
            if kind not in item[name]:
                raise _damaged_item()
    except (ApiError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise _damaged_item() from None
    return item  # type: ignore[no-any-return]


def _damaged_item() -> DamagedDataError:
    return DamagedDataError("an item cannot be decoded")


def decode_definition(stored: str) -> dict[str, Any]:
    """Return the definition of a table. Raises DamagedDataError if it is not JSON."""
    try:
        definition: dict[str, Any] = from_json(stored)
    except (ValueError, TypeError, RecursionError):
        raise DamagedDataError("the definition of a table cannot be decoded") from None
    return definition


def _is_value(value: Any) -> bool:
    """Return whether decoded JSON is an attribute value, such as {"S": "…"}."""
    ((kind, content),) = value.items()
    if kind == "S":
        return type(content) is str
    if kind == "N":
        return (content.isdigit() and content.isascii()) or _is_number(content)
    if kind == "M":
        return type(content) is dict and all(map(_is_value, content.values()))
    is_member = _MEMBERS.get(kind)
    if is_member is not None:
        return type(content) is list and all(map(is_member, content))
    return type(content) is _SCALARS.get(kind)


def _is_number(content: Any) -> bool:
    return bool(canonical(content))


_SCALARS = {"B": bytes, "BOOL": bool, "NULL": bool}
_MEMBERS: dict[str, Callable[[Any], bool]] = {
    "L": _is_value,
    "SS": lambda content: type(content) is str,
    "NS": _is_number,
    "BS": lambda content: type(content) is bytes,
}


def _to_base64(content: Any) -> str:
    from binascii import b2a_base64

    return b2a_base64(content, newline=False).decode()


def _from_base64(value: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with the base64 of a B or BS value as bytes.

    An attribute named B or BS is different: it holds a map, not a string or a list.
    """
    from binascii import a2b_base64

    if len(value) == 1:
        binary = value.get("B")
        if isinstance(binary, str):
            return {"B": a2b_base64(binary)}
        binaries = value.get("BS")
        if isinstance(binaries, list):
            return {"BS": [a2b_base64(each) for each in binaries]}
    return value


def _encoder(**more: Any) -> Callable[[Any], str]:
    # Items and requests have limited nesting, so that a check for circular references would only take time.
    return JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), **more).encode


# Created once: json.dumps would create an encoder for every item.
to_json = _encoder()  # raises TypeError for binary values
to_json_with_base64 = _encoder(default=_to_base64)
to_sorted_json = _encoder(default=_to_base64, sort_keys=True)
from_json = JSONDecoder().decode
from_json_with_base64 = JSONDecoder(object_hook=_from_base64).decode
