"""Random expressions, with the names and values that they use. Most are right; the rarer choices make wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.differential.random_source import Dice
from tests.differential.random_values import COMPARATORS, FREE, INDEX_KEYS, KEYS, TYPES, Value, key_value, value
from tests.differential.schema import Table


class Scope:
    """The names and values that the expressions of one request share."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.targets: set[str] = set()

    def name(self, attribute: str) -> str:
        plain_is_right = attribute != "name"
        if self.dice.one_in(3) if plain_is_right else not self.dice.seldom(40):
            placeholder = f"#{attribute}"
            self.names[placeholder] = attribute
            return placeholder
        return attribute

    def value(self, of: Value) -> str:
        for placeholder, known in self.values.items():
            if known == of and type(known) is type(of) and self.dice.one_in(2):
                return placeholder
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = of
        return placeholder

    def arguments(self) -> dict[str, Any]:
        """The maps to send; at times with an entry too many, too few, or a wrong placeholder."""
        if self.dice.seldom(60):
            self.names[self.dice.pick(("#unused", "unused", "#", "#a b"))] = "a"
        if self.dice.seldom(60):
            self.values[self.dice.pick((":unused", "unused", ":", ":a-b"))] = {"S": "a"}
        if self.names and self.dice.seldom(80):
            self.names.pop(self.dice.pick(tuple(self.names)))
        if self.values and self.dice.seldom(80):
            self.values.pop(self.dice.pick(tuple(self.values)))
        made: dict[str, Any] = {}
        if self.names or self.dice.seldom(100):
            made["ExpressionAttributeNames"] = self.names
        if self.values or self.dice.seldom(100):
            made["ExpressionAttributeValues"] = self.values
        return made


def path(dice: Dice, scope: Scope, *, keys_too: bool = True) -> str:
    attribute = dice.pick(FREE) if not (keys_too and dice.one_in(6)) else dice.pick(("p", "s", "n", "r", *INDEX_KEYS))
    text = scope.name(attribute)
    # `m` is mostly a map and `l` mostly a list: `item` makes them so.
    depth = 0 if not dice.one_in(3 if attribute in "ml" else 12) else dice.pick((1, 1, 1, 2))
    for level in range(depth):
        a_list = dice.one_in(2) if level else attribute == "l"
        if a_list != dice.one_in(10):
            text += f"[{dice.pick((0, 1, 2, 7))}]"
        else:
            text += f".{scope.name(dice.pick(('x', 'y', 'a', 'name')))}"
    return text


def apart(dice: Dice, scope: Scope, make: Callable[[], str]) -> str:
    """A path that mostly overlaps with no other of its expression."""
    before = scope.names
    for _ in range(1 if dice.seldom(12) else 4):
        scope.names = dict(before)
        made = make()
        top = made.split(".")[0].split("[")[0].lstrip("#")
        if top not in scope.targets:
            break
    scope.targets.add(top)
    return made


def operand(dice: Dice, scope: Scope, types: Sequence[str] = TYPES) -> str:
    choice = dice.upto(9)
    if choice < 5:
        return path(dice, scope)
    if choice < 9:
        return scope.value(value(dice, types, 1))
    return f"size({path(dice, scope) if not dice.seldom(20) else scope.value(value(dice))})"


# Conditions that compare a whole path with a value come more often than the pairs that are mostly wrong or false.
def comparable(dice: Dice, scope: Scope) -> tuple[str, Callable[[], str]]:
    """An operand, and what makes others that are likely to be of its type."""
    choice = dice.upto(5)
    if choice == 0:
        return operand(dice, scope), lambda: operand(dice, scope)
    if choice == 1:
        return f"size({path(dice, scope)})", lambda: scope.value({"N": dice.pick(("1", "2", "0"))})
    kind = dice.pick(("N", "S", "N", "B", *TYPES))
    return path(dice, scope), lambda: scope.value(value(dice, (kind,), 1))


def condition(dice: Dice, scope: Scope, depth: int = 2) -> str:
    choice = dice.upto(15 if depth > 0 else 11)
    if choice < 4:
        left, other = comparable(dice, scope)
        sides = [left, other()]
        if dice.one_in(4):
            sides.reverse()
        return dice.pick((" ", "")).join((sides[0], dice.pick(COMPARATORS), sides[1]))
    if choice == 4:
        left, other = comparable(dice, scope)
        return f"{left} {dice.pick(('BETWEEN', 'between'))} {other()} AND {other()}"
    if choice == 5:
        left, other = comparable(dice, scope)
        count = dice.pick((1, 2, 3)) if not dice.seldom(60) else dice.pick((100, 101))
        if count > 3:
            same = other()
            return f"{left} IN ({', '.join([same] * count)})"
        return f"{left} {dice.pick(('IN', 'In'))} ({', '.join(other() for _ in range(count))})"
    if choice < 8:
        exists = dice.pick(("attribute_exists", "attribute_not_exists"))
        return f"{exists}({path(dice, scope) if not dice.seldom(40) else operand(dice, scope)})"
    if choice == 8:
        kind = {"S": dice.pick(TYPES if not dice.seldom(20) else ("X", "s", "")[0:3])}
        return (
            f"attribute_type({path(dice, scope)}, {scope.value(kind) if not dice.seldom(20) else operand(dice, scope)})"
        )
    if choice == 9:
        kind = dice.pick(("S", "B")) if not dice.seldom(15) else dice.pick(TYPES)
        prefix = scope.value(value(dice, (kind,), 1)) if not dice.one_in(10) else path(dice, scope)
        return f"begins_with({path(dice, scope) if not dice.seldom(15) else operand(dice, scope)}, {prefix})"
    if choice < 12:
        sought = scope.value(value(dice, ("S", "N", "B", *TYPES), 1)) if not dice.one_in(8) else path(dice, scope)
        return f"contains({path(dice, scope) if not dice.seldom(15) else operand(dice, scope)}, {sought})"
    if choice == 12:
        return f"{dice.pick(('NOT', 'not'))} {condition(dice, scope, depth - 1)}"
    if choice == 13:
        return f"({condition(dice, scope, depth - 1)})"
    both = dice.pick(("AND", "OR", "and", "Or"))
    return f"{condition(dice, scope, depth - 1)} {both} {condition(dice, scope, depth - 1)}"


def term(dice: Dice, scope: Scope, kind: str) -> str:
    choice = dice.upto(5)
    if choice < 3:
        return scope.value(value(dice, (kind,), 1))
    if choice == 3:
        return path(dice, scope)
    if choice == 4:
        return f"if_not_exists({path(dice, scope)}, {term(dice, scope, kind)})"
    return f"list_append({term(dice, scope, 'L')}, {term(dice, scope, 'L')})"


def assignment(dice: Dice, scope: Scope, target: str) -> str:
    choice = dice.upto(6)
    if choice < 2:
        return scope.value(value(dice, TYPES, 2))
    if choice == 2:
        return term(dice, scope, dice.pick(TYPES))
    if choice == 3:
        return f"list_append({term(dice, scope, 'L')}, {term(dice, scope, 'L')})"
    sign = dice.pick((" + ", " - ", "+", "-"))
    if choice == 4:
        return sign.join((target, scope.value(value(dice, ("N",)))))
    return sign.join((term(dice, scope, "N"), term(dice, scope, "N")))


def update(dice: Dice, scope: Scope, table: Table) -> str:
    def target() -> str:
        return apart(dice, scope, any_target)

    def any_target() -> str:
        if table.indexes and dice.one_in(5):
            return scope.name(dice.pick([n for i in table.indexes.values() for n in i.key if n not in table.key]))
        if dice.seldom(40):
            return scope.name(dice.pick(tuple(table.key)))
        return path(dice, scope, keys_too=False)

    def set_one() -> str:
        to = target()
        index_types = {n: kind for i in table.indexes.values() for n, kind in i.key.items()}
        kind = index_types.get(to.lstrip("#"))
        return f"{to} = {scope.value(key_value(dice, kind)) if kind else assignment(dice, scope, to)}"

    def add_one() -> str:
        kinds = ("N", "SS", "NS", "BS") if not dice.seldom(30) else TYPES
        return f"{target()} {scope.value(value(dice, kinds)) if not dice.seldom(40) else operand(dice, scope)}"

    def delete_one() -> str:
        kinds = ("SS", "NS", "BS") if not dice.seldom(30) else TYPES
        return f"{target()} {scope.value(value(dice, kinds))}"

    makers = {"SET": set_one, "REMOVE": target, "ADD": add_one, "DELETE": delete_one}
    sections = []
    for _ in range(1 + (dice.upto(2) if dice.one_in(3) else 0)):
        left = (
            [word for word in makers if not any(word in s for s in sections)] if not dice.seldom(40) else list(makers)
        )
        word = dice.pick(left)
        sections.append(f"{word if not dice.one_in(5) else word.lower()} {', '.join(dice.some(makers[word], 1, 3))}")
    return " ".join(sections)


def projection(dice: Dice, scope: Scope) -> str:
    scope.targets.clear()
    paths = dice.some(lambda: apart(dice, scope, lambda: path(dice, scope)), 1, 3)
    return dice.pick((", ", ",")).join(paths)


def key_condition(dice: Dice, scope: Scope, names: dict[str, str]) -> str:
    (partition, partition_kind), *rest = names.items()

    def of(kind: str) -> str:
        return scope.value(key_value(dice, kind))

    operator = "=" if not dice.seldom(40) else dice.pick(COMPARATORS)
    parts = [f"{scope.name(partition)} {operator} {of(partition_kind)}"]
    for sort, kind in rest:
        if dice.one_in(3):
            continue
        choice = dice.upto(7 if kind != "N" or dice.one_in(12) else 5)
        if choice < 5:
            parts.append(f"{scope.name(sort)} {('=', '<', '<=', '>', '>=')[choice]} {of(kind)}")
        elif choice == 5:
            parts.append(f"{scope.name(sort)} BETWEEN {of(kind)} AND {of(kind)}")
        else:
            prefix = value(dice, (kind,)) if not dice.one_in(3) else {kind: KEYS[kind][0]}
            parts.append(f"begins_with({scope.name(sort)}, {scope.value(prefix)})")
    if dice.seldom(60):
        parts.append(condition(dice, scope, 1))
    if dice.seldom(60):
        parts.pop(0)
    if dice.one_in(6):
        parts.reverse()
    if dice.one_in(12):
        parts = [f"({part})" for part in parts]
    return (" AND " if not dice.seldom(60) else " OR ").join(parts)
