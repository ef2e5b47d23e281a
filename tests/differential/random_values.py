"""Random values, keys and items. Few values, so that collisions, ties and type mismatches are frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.differential.random_source import RandomSource
from tests.differential.schema import Table

Value = dict[str, Any]

TYPES = ("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
# The last two sort differently by UTF-8 bytes and by UTF-16 units.
STRINGS = ("a", "b", "ab", "", "B", "é", "\uffff", "\U00010000")
NUMBERS = ("0", "1", "2", "10", "-1", "1.50", "0.5", "-0", "1e2", "007", "-2.5E-3", "1E-130", "9" * 38, "1E125")
INVALID_NUMBERS = ("", "x", "1_0", " 1", "9" * 39, "1E126", "1E-131", "NaN", "Infinity", "1" + "0" * 37 + "1.5")
BINARIES = (b"a", b"\x00", b"\xff", b"", b"ab")
KEYS: dict[str, tuple[Any, ...]] = {
    "S": ("a", "b", "é"),
    "N": ("1", "2", "10", "-1", "1.0"),
    "B": (b"\x00", b"a", b"\xff"),
}
# At the limits of DynamoDB and beyond them.
EXTREME_KEYS: dict[str, tuple[Any, ...]] = {
    "S": ("", "k" * 1024, "k" * 1025, "k" * 2048, "k" * 2049),
    "N": ("x", "9" * 39, "1E126"),
    "B": (b"", b"k" * 1024, b"k" * 1025, b"k" * 2048, b"k" * 2049),
}
ATTRIBUTES = ("a", "b", "m", "l", "name")  # `name` is a reserved word
ATTRIBUTE_TYPES = {"m": ("M", "M", "M", "S"), "l": ("L", "L", "L", "NS"), "a": ("N", "N", "S", "SS", "L")}
INDEX_KEYS = ("g", "h", "k", "j")


def value(rng: RandomSource, types: Sequence[str] = TYPES, depth: int = 2) -> Value:
    """Return a value of one of `types`. Lists and maps have at most `depth` levels."""
    kind = rng.pick(types)
    if kind == "S":
        return {"S": rng.pick(STRINGS)}
    if kind == "N":
        return {"N": rng.pick(NUMBERS if not rng.invalid_one_in(150) else INVALID_NUMBERS)}
    if kind == "B":
        return {"B": rng.pick(BINARIES)}
    if kind == "BOOL":
        return {"BOOL": rng.one_in(2)}
    if kind == "NULL":
        return {"NULL": not rng.invalid_one_in(40)}
    if kind in ("SS", "NS", "BS"):
        members: Sequence[Any] = {"SS": STRINGS, "NS": NUMBERS, "BS": BINARIES}[kind]
        least = 0 if rng.invalid_one_in(30) else 1
        drawn: list[Any] = rng.list_of(lambda: rng.pick(members), least, 3)
        if rng.invalid_one_in(20):
            return {kind: drawn}
        # Valid sets hold no member twice. Two notations of a number are one member.
        return {kind: list({as_number(member) if kind == "NS" else member: member for member in drawn}.values())}
    if depth <= 0:
        return {kind: [] if kind == "L" else {}}
    if kind == "L":
        return {"L": rng.list_of(lambda: value(rng, TYPES, depth - 1), 0, 3)}
    return {"M": {rng.pick(("x", "y", "name", "a")): value(rng, TYPES, depth - 1) for _ in range(rng.up_to(3))}}


def as_number(text: str) -> Any:
    """Return the number, or the text itself if it is not a number."""
    try:
        return float(text)
    except ValueError:
        return text


def nested(levels: int, kinds: str = "ML") -> Value:
    """Return maps ("M") and lists ("L") within each other, their types in turn."""
    inner: Value = {"S": "deep"}
    for level in range(levels):
        inner = {"L": [inner]} if kinds[level % len(kinds)] == "L" else {"M": {"x": inner}}
    return inner


def key_value(rng: RandomSource, kind: str, few: bool = False) -> Value:
    """Return the value of a key attribute, usually of type `kind`. few: whether to choose from two values only."""
    if rng.invalid_one_in(80):
        return {kind: rng.pick(EXTREME_KEYS[kind])}
    if rng.invalid_one_in(80):
        return value(rng)
    return {kind: rng.pick(KEYS[kind][:2] if few else KEYS[kind])}


def key(rng: RandomSource, table: Table) -> dict[str, Value]:
    """Return a key of a table."""
    made = {name: key_value(rng, kind) for name, kind in table.key.items()}
    if rng.invalid_one_in(80):
        made.pop(rng.pick(tuple(made)))
    if rng.invalid_one_in(80):
        made[rng.pick(("a", "s", "p"))] = {"N": "1"}
    return made


def item(rng: RandomSource, table: Table) -> dict[str, Value]:
    """Return an item. Its attribute m is usually a map and l a list."""
    made = key(rng, table)
    for name, kind in table.index_key_types.items():
        if name not in table.key and not rng.one_in(4):
            made[name] = key_value(rng, kind, table.has_long_keys)
    for name in ATTRIBUTES:
        if rng.one_in(2):
            made[name] = value(rng, ATTRIBUTE_TYPES.get(name, TYPES))
    if rng.invalid_one_in(150):
        made["a"] = nested(rng.pick((31, 32, 33)))
    if rng.invalid_one_in(200):
        made["a"] = {"S": "x" * (409_600 - rng.up_to(60))}
    return made
