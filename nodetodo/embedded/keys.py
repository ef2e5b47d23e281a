"""Encodes keys as addresses: bytes that sort as DynamoDB sorts keys, so that every read is one range of bytes.

The address of an item: 4 bytes of the partition key's hash, the partition key, then the sort key. The hash spreads
partitions over the table as in DynamoDB, and it makes the segments of a scan ranges too.

The address of an index entry: an address made of the index key, then the address of the item. The item's address is
needed because index keys are not unique.

Every component of an address has an end mark. Therefore no address is the beginning of another one.

A space is the part of the storage that contains the items of one table or the entries of one index. An address is
unique in its space. Spaces have numbers, which are never used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import numbers

if TYPE_CHECKING:
    from .values import Value

# Hashes have 31 bits. Therefore every address is below END.
HASHES = 2**31
END = b"\x80"
_PRIME = 2**61 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


def component(value: Value) -> bytes:
    """Encode a key value. Numbers: see numbers.ordered. Strings (UTF-8) and binaries: escaped, with an end mark."""
    ((kind, content),) = value.items()
    if kind == "N":
        return numbers.ordered(content)
    return prefix(content) + b"\x00\x00"


def prefix(content: str | bytes) -> bytes:
    """Encode a string or binary without its end mark, as the prefix of all values that begin with it.

    A zero byte is followed by 255, and the end mark is two zero bytes. Therefore "a" sorts before "a" with a zero byte
    appended, and that sorts before "aa".
    """
    raw = content.encode() if isinstance(content, str) else content
    return raw.replace(b"\x00", b"\x00\xff")


def partition(values: list[Value]) -> bytes:
    """Encode the values of a partition key, hash included, as the prefix of the addresses of its items."""
    encoded = b"".join(map(component, values))
    # The bytes as one number, modulo a prime, then Fibonacci hashing: the same in every process and release.
    hashed = int.from_bytes(encoded, "big") % _PRIME * _GOLDEN & _MASK
    return (hashed >> 33).to_bytes(4, "big") + encoded


def segment(number: int, total: int) -> tuple[bytes, bytes]:
    """Return the first address of a scan's segment and the first address after it. Segments are of equal size."""
    low, high = (HASHES * edge // total for edge in (number, number + 1))
    return low.to_bytes(4, "big"), high.to_bytes(4, "big")


def after(start: bytes) -> bytes:
    """Return the first bytes that sort after everything that begins with these bytes."""
    bare = start.rstrip(b"\xff")
    return bare[:-1] + bytes([bare[-1] + 1])
