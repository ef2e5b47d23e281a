"""Random values, keys and items: small domains, so that collisions, ties and type clashes happen often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.differential.random_source import Dice
from tests.differential.schema import Table

Value = dict[str, Any]

TYPES = ("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
# Order by UTF-8 bytes and order by UTF-16 units differ between the last two.
STRINGS = ("a", "b", "ab", "", "B", "é", "\uffff", "\U00010000")
NUMBERS = ("0", "1", "2", "10", "-1", "1.50", "0.5", "-0", "1e2", "007", "-2.5E-3", "1E-130", "9" * 38, "1E125")
WRONG_NUMBERS = ("", "x", "1_0", " 1", "9" * 39, "1E126", "1E-131", "NaN", "Infinity", "1" + "0" * 37 + "1.5")
BINARIES = (b"a", b"\x00", b"\xff", b"", b"ab")
KEYS: dict[str, tuple[Any, ...]] = {
    "S": ("a", "b", "é"),
    "N": ("1", "2", "10", "-1", "1.0"),
    "B": (b"\x00", b"a", b"\xff"),
}
LONG_KEYS: dict[str, tuple[Any, ...]] = {
    "S": ("", "k" * 1024, "k" * 1025, "k" * 2048, "k" * 2049),
    "N": ("x", "9" * 39, "1E126"),
    "B": (b"", b"k" * 1024, b"k" * 1025, b"k" * 2048, b"k" * 2049),
}
FREE = ("a", "b", "m", "l", "name")  # `name` is a reserved word
INDEX_KEYS = ("g", "h", "k", "j")
COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")


def value(dice: Dice, types: Sequence[str] = TYPES, depth: int = 2) -> Value:
    kind = dice.pick(types)
    if kind == "S":
        return {"S": dice.pick(STRINGS)}
    if kind == "N":
        return {"N": dice.pick(NUMBERS if not dice.seldom(150) else WRONG_NUMBERS)}
    if kind == "B":
        return {"B": dice.pick(BINARIES)}
    if kind == "BOOL":
        return {"BOOL": dice.one_in(2)}
    if kind == "NULL":
        return {"NULL": not dice.seldom(40)}
    if kind in ("SS", "NS", "BS"):
        members = {"SS": STRINGS, "NS": NUMBERS, "BS": BINARIES}[kind]
        least = 0 if dice.seldom(30) else 1
        drawn = dice.some(lambda: dice.pick(members), least, 3)
        # A set may hold nothing twice, and numbers written in two ways are one number.
        return {
            kind: drawn if dice.seldom(20) else list({as_number(x) if kind == "NS" else x: x for x in drawn}.values())
        }
    if depth <= 0:
        return {kind: [] if kind == "L" else {}}
    if kind == "L":
        return {"L": dice.some(lambda: value(dice, TYPES, depth - 1), 0, 3)}
    return {"M": {dice.pick(("x", "y", "name", "a")): value(dice, TYPES, depth - 1) for _ in range(dice.upto(3))}}


def as_number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def nested(levels: int) -> Value:
    inner: Value = {"S": "deep"}
    for level in range(levels):
        inner = {"L": [inner]} if level % 2 else {"M": {"x": inner}}
    return inner


def key_value(dice: Dice, kind: str) -> Value:
    if dice.seldom(80):
        return {kind: dice.pick(LONG_KEYS[kind])}
    if dice.seldom(80):
        return value(dice)
    return {kind: dice.pick(KEYS[kind])}


def key(dice: Dice, table: Table) -> dict[str, Value]:
    made = {name: key_value(dice, kind) for name, kind in table.key.items()}
    if dice.seldom(80):
        made.pop(dice.pick(tuple(made)))
    if dice.seldom(80):
        made[dice.pick(("a", "s", "p"))] = {"N": "1"}
    return made


def item(dice: Dice, table: Table) -> dict[str, Value]:
    made = key(dice, table)
    for index in table.indexes.values():
        for name, kind in index.key.items():
            if name not in table.key and not dice.one_in(4):
                made[name] = key_value(dice, kind)
    for name in FREE:
        if dice.one_in(2):
            types = {"m": ("M", "M", "M", "S"), "l": ("L", "L", "L", "NS"), "a": ("N", "N", "S", "SS", "L")}.get(
                name, TYPES
            )
            made[name] = value(dice, types)
    if dice.seldom(150):
        made["a"] = nested(dice.pick((31, 32, 33)))
    if dice.seldom(200):
        made["a"] = {"S": "x" * (409_600 - dice.upto(60))}
    return made
