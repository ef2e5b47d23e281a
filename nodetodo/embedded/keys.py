"""The order of keys: bytes that sort as DynamoDB sorts the values, so that every read is a range of bytes.

An item's address is 4 bytes of its partition key's hash, then the partition key, then the sort key. The hash scatters
partitions over the table as DynamoDB does, and makes a scan's segments ranges too. Every component ends itself, so
that one address never begins another and components do not run into each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import numbers

if TYPE_CHECKING:
    from .values import Value

# Hashes have 31 bits, so that every address is below this byte.
HASHES = 2**31
END = b"\x80"
_PRIME = 2**61 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


def component(value: Value) -> bytes:
    """A key value in order: numbers as numbers.ordered, strings (UTF-8) and binaries escaped and closed."""
    ((kind, content),) = value.items()
    if kind == "N":
        return numbers.ordered(content)
    return prefix(content) + b"\x00\x00"


def prefix(content: str | bytes) -> bytes:
    """The bytes with which the components of all strings (or binaries) begin that begin with this one.

    A zero byte is followed by 255 and the end is two zero bytes: "a" sorts before "a" and zero, and that before "aa".
    """
    raw = content.encode() if isinstance(content, str) else content
    return raw.replace(b"\x00", b"\x00\xff")


def partition(value: Value) -> bytes:
    """With what the addresses of a partition's items begin."""
    encoded = component(value)
    # The bytes as one number, modulo a prime, then Fibonacci hashing: the same in every process and release.
    scattered = int.from_bytes(encoded, "big") % _PRIME * _GOLDEN & _MASK
    return (scattered >> 33).to_bytes(4, "big") + encoded


def segment(number: int, total: int) -> tuple[bytes, bytes]:
    """The range of addresses of one of a scan's equal segments."""
    low, high = (HASHES * edge // total for edge in (number, number + 1))
    return low.to_bytes(4, "big"), high.to_bytes(4, "big")


def after(start: bytes) -> bytes:
    """The first bytes beyond all that begin with these."""
    bare = start.rstrip(b"\xff")
    return bare[:-1] + bytes([bare[-1] + 1])
