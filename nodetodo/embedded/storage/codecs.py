"""The JSON of stored items and table definitions.

JSON has no binary values, so they become base64. An item with binary values is stored as a blob, every other item as
text, so that only blobs are searched for base64.
"""

from __future__ import annotations

from json import JSONDecoder, JSONEncoder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..values import Item


def encode_item(item: Item) -> str | bytes:
    """Return an item as it is stored: JSON as text, or as a blob if the item has binary values."""
    try:
        return to_json(item)
    except TypeError:
        return to_json_with_base64(item).encode()


def decode_item(stored: str | bytes) -> Item:
    """Return the item that `encode_item` stored."""
    if isinstance(stored, bytes):
        return _from_json_with_base64(stored.decode())  # type: ignore[no-any-return]
    return from_json(stored)  # type: ignore[no-any-return]


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
    return JSONEncoder(ensure_ascii=False, separators=(",", ":"), **more).encode


# Created once: json.dumps would create an encoder for every item.
to_json = _encoder()  # raises TypeError for binary values
to_json_with_base64 = _encoder(default=_to_base64)
to_sorted_json = _encoder(default=_to_base64, sort_keys=True)
from_json = JSONDecoder().decode
_from_json_with_base64 = JSONDecoder(object_hook=_from_base64).decode
