"""Items as they are stored: their attributes as JSON, without spaces.

Most items have only strings and numbers, none of which JSON escapes. Those are written and read here by splitting at
the quotation marks, which is quick and spares small commands the import of json. Binary values are base64; an item that
has some is stored as a blob, all others as text, so that only the former are searched for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..values import Item


def encoded(item: Item) -> str | bytes:
    """An item as it is stored."""
    pieces = []
    for name, value in item.items():
        ((kind, content),) = value.items()
        if not (kind in ("S", "N") and _is_plain(name) and _is_plain(content)):
            return _encoded_json(item)
        pieces.append(f'"{name}":{{"{kind}":"{content}"}}')
    return "{" + ",".join(pieces) + "}"


def _is_plain(text: str) -> bool:
    return text.isprintable() and '"' not in text and "\\" not in text


def decoded(stored: str | bytes) -> Item:
    """An item from what is stored."""
    if isinstance(stored, str) and "\\" not in stored:
        # Without escapes every second piece is a string. If what lies between them is that of strings and numbers
        # alone, the strings are name, type and content in turn.
        pieces = stored.split('"')
        count = len(pieces) // 6
        if (
            pieces[-1] == "}}"
            and pieces[2::6] == [":{"] * count
            and pieces[4::6] == [":"] * count
            and pieces[6:-1:6] == ["},"] * (count - 1)
        ):
            return {
                name: {kind: content}
                for name, kind, content in zip(pieces[1::6], pieces[3::6], pieces[5::6], strict=True)
            }
    return _decoded_json(stored)


def _encoded_json(item: Item) -> str | bytes:
    try:
        return to_json(item)
    except TypeError:
        return to_json(item, binary=True).encode()


def _decoded_json(stored: str | bytes) -> Item:
    import json

    return json.loads(stored, object_hook=_with_binary if isinstance(stored, bytes) else None)  # type: ignore[no-any-return]


def to_json(value: Any, binary: bool = False) -> str:
    """A value of a request as JSON. A TypeError for bytes in it, unless `binary` makes base64 of them."""
    import json

    return json.dumps(
        value,
        ensure_ascii=False,
        separators=(",", ":"),
        default=_base64 if binary else None,
    )


def _base64(content: Any) -> str:
    from binascii import b2a_base64

    return b2a_base64(content, newline=False).decode()


def _with_binary(value: dict[str, Any]) -> dict[str, Any]:
    """A JSON object with a binary value's base64 made bytes; an attribute called B or BS has a map there, no string."""
    from binascii import a2b_base64

    if len(value) == 1:
        binary = value.get("B")
        if isinstance(binary, str):
            return {"B": a2b_base64(binary)}
        binaries = value.get("BS")
        if isinstance(binaries, list):
            return {"BS": [a2b_base64(each) for each in binaries]}
    return value
