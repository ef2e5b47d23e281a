"""Random expressions and the names and values that they use. Most are valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.differential.random_source import RandomSource
from tests.differential.random_values import ATTRIBUTES, INDEX_KEYS, KEYS, TYPES, Value, key_value, value
from tests.differential.schema import Index, Table

COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")


class Expressions:
    """Makes the expressions of one request and collects their names and values."""

    def __init__(self, rng: RandomSource) -> None:
        self.rng = rng
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.targets: set[str] = set()

    def arguments(self) -> dict[str, Any]:
        """Return the maps of names and values, rarely with an extra, missing or invalid placeholder."""
        rng = self.rng
        if rng.invalid_one_in(60):
            self.names[rng.pick(("#unused", "unused", "#", "#a b"))] = "a"
        if rng.invalid_one_in(60):
            self.values[rng.pick((":unused", "unused", ":", ":a-b"))] = {"S": "a"}
        if self.names and rng.invalid_one_in(80):
            self.names.pop(rng.pick(tuple(self.names)))
        if self.values and rng.invalid_one_in(80):
            self.values.pop(rng.pick(tuple(self.values)))
        made: dict[str, Any] = {}
        if self.names or rng.invalid_one_in(100):
            made["ExpressionAttributeNames"] = self.names
        if self.values or rng.invalid_one_in(100):
            made["ExpressionAttributeValues"] = self.values
        return made

    def names_argument(self) -> dict[str, Any]:
        """Return the map of names only, for requests that take no values."""
        return {name: part for name, part in self.arguments().items() if name == "ExpressionAttributeNames"}

    def _name(self, attribute: str) -> str:
        """Return the attribute name or a placeholder. The reserved word `name` needs a placeholder."""
        if not self.rng.invalid_one_in(40) if attribute == "name" else self.rng.one_in(3):
            self.names[f"#{attribute}"] = attribute
            return f"#{attribute}"
        return attribute

    def _placeholder(self, content: Value) -> str:
        for placeholder, known in self.values.items():
            if known == content and self.rng.one_in(2):
                return placeholder
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = content
        return placeholder

    def _value(self, types: Sequence[str] = TYPES, depth: int = 2) -> str:
        return self._placeholder(value(self.rng, types, depth))

    def _path(self, *, keys_too: bool = True) -> str:
        rng = self.rng
        from_keys = keys_too and rng.one_in(6)
        attribute = rng.pick(("p", "s", "n", "r", *INDEX_KEYS) if from_keys else ATTRIBUTES)
        text = self._name(attribute)
        depth = 0 if not rng.one_in(3 if attribute in "ml" else 12) else rng.pick((1, 1, 1, 2))
        for level in range(depth):
            is_list = rng.one_in(2) if level else attribute == "l"
            if is_list != rng.one_in(10):
                text += f"[{rng.pick((0, 1, 2, 7))}]"
            else:
                text += f".{self._name(rng.pick(('x', 'y', 'a', 'name')))}"
        return text

    def _without_overlap(self, make: Callable[[], str]) -> str:
        """Return a path that usually overlaps no other path of its expression."""
        before = self.names
        for _ in range(1 if self.rng.invalid_one_in(12) else 4):
            self.names = dict(before)
            made = make()
            top = made.split(".")[0].split("[")[0].lstrip("#")
            if top not in self.targets:
                break
        self.targets.add(top)
        return made

    def _operand(self) -> str:
        case = self.rng.up_to(9)
        if case < 5:
            return self._path()
        if case < 9:
            return self._value(TYPES, 1)
        return f"size({self._path() if not self.rng.invalid_one_in(20) else self._value()})"

    def _path_or_operand(self, count: int) -> str:
        """Return a path, rarely (one in `count`) any operand, where only a path makes sense."""
        return self._path() if not self.rng.invalid_one_in(count) else self._operand()

    def _comparable(self) -> tuple[str, Callable[[], str]]:
        """Return an operand and a function that makes operands which usually have its type.

        Most operands are a path and a value, because random pairs are usually invalid or false.
        """
        case = self.rng.up_to(5)
        if case == 0:
            return self._operand(), self._operand
        if case == 1:
            return f"size({self._path()})", lambda: self._placeholder({"N": self.rng.pick(("1", "2", "0"))})
        kind = self.rng.pick(("N", "S", "N", "B", *TYPES))
        return self._path(), lambda: self._value((kind,), 1)

    def condition(self, depth: int = 2) -> str:
        """Return a condition with at most `depth` levels of AND, OR, NOT and parentheses."""
        rng = self.rng
        case = rng.up_to(15 if depth > 0 else 11)
        if case < 4:
            left, other = self._comparable()
            sides = [left, other()]
            if rng.one_in(4):
                sides.reverse()
            return rng.pick((" ", "")).join((sides[0], rng.pick(COMPARATORS), sides[1]))
        if case == 4:
            left, other = self._comparable()
            return f"{left} {rng.pick(('BETWEEN', 'between'))} {other()} AND {other()}"
        if case == 5:
            left, other = self._comparable()
            count = rng.pick((1, 2, 3)) if not rng.invalid_one_in(60) else rng.pick((100, 101))
            if count > 3:
                return f"{left} IN ({', '.join([other()] * count)})"
            return f"{left} {rng.pick(('IN', 'In'))} ({', '.join(other() for _ in range(count))})"
        if case < 8:
            return f"{rng.pick(('attribute_exists', 'attribute_not_exists'))}({self._path_or_operand(40)})"
        if case == 8:
            kind = {"S": rng.pick(TYPES if not rng.invalid_one_in(20) else ("X", "s", ""))}
            path = self._path()
            return (
                f"attribute_type({path}, {self._placeholder(kind) if not rng.invalid_one_in(20) else self._operand()})"
            )
        if case == 9:
            types = ("S", "B") if not rng.invalid_one_in(15) else TYPES
            kinds = (rng.pick(types),)
            prefix = self._value(kinds, 1) if not rng.one_in(10) else self._path()
            return f"begins_with({self._path_or_operand(15)}, {prefix})"
        if case < 12:
            sought = self._value(("S", "N", "B", *TYPES), 1) if not rng.one_in(8) else self._path()
            return f"contains({self._path_or_operand(15)}, {sought})"
        if case == 12:
            return f"{rng.pick(('NOT', 'not'))} {self.condition(depth - 1)}"
        if case == 13:
            return f"({self.condition(depth - 1)})"
        junction = rng.pick(("AND", "OR", "and", "Or"))
        return f"{self.condition(depth - 1)} {junction} {self.condition(depth - 1)}"

    def _term(self, kind: str) -> str:
        """Return an operand of SET that usually has type `kind`."""
        case = self.rng.up_to(5)
        if case < 3:
            return self._value((kind,), 1)
        if case == 3:
            return self._path()
        if case == 4:
            return f"if_not_exists({self._path()}, {self._term(kind)})"
        return self._list_append()

    def _list_append(self) -> str:
        return f"list_append({self._term('L')}, {self._term('L')})"

    def _right_side(self, target: str) -> str:
        """Return the right side of `target =`."""
        rng = self.rng
        case = rng.up_to(6)
        if case < 2:
            return self._value()
        if case == 2:
            return self._term(rng.pick(TYPES))
        if case == 3:
            return self._list_append()
        sign = rng.pick((" + ", " - ", "+", "-"))
        return sign.join((target, self._value(("N",))) if case == 4 else (self._term("N"), self._term("N")))

    def update(self, table: Table) -> str:
        """Return an update expression of one to three sections."""
        rng = self.rng
        index_keys = {name: kind for name, kind in table.index_key_types.items() if name not in table.key}

        def any_target() -> str:
            if table.indexes and rng.one_in(5):
                return self._name(rng.pick(tuple(index_keys)))
            if rng.invalid_one_in(40):
                return self._name(rng.pick(tuple(table.key)))
            return self._path(keys_too=False)

        def target() -> str:
            return self._without_overlap(any_target)

        def set_one() -> str:
            to = target()
            kind = table.index_key_types.get(to.lstrip("#"))
            return f"{to} = {self._placeholder(key_value(rng, kind)) if kind else self._right_side(to)}"

        def add_one() -> str:
            kinds = ("N", "SS", "NS", "BS") if not rng.invalid_one_in(30) else TYPES
            return f"{target()} {self._value(kinds) if not rng.invalid_one_in(40) else self._operand()}"

        def delete_one() -> str:
            kinds = ("SS", "NS", "BS") if not rng.invalid_one_in(30) else TYPES
            return f"{target()} {self._value(kinds)}"

        actions = {"SET": set_one, "REMOVE": target, "ADD": add_one, "DELETE": delete_one}
        sections: list[str] = []
        for _ in range(1 + (rng.up_to(2) if rng.one_in(3) else 0)):
            unused = [word for word in actions if not any(word in section for section in sections)]
            word = rng.pick(unused if not rng.invalid_one_in(40) else list(actions))
            keyword = word if not rng.one_in(5) else word.lower()
            sections.append(f"{keyword} {', '.join(rng.list_of(actions[word], 1, 3))}")
        return " ".join(sections)

    def projection(self) -> str:
        """Return a projection of one to three paths."""
        self.targets.clear()
        paths = self.rng.list_of(lambda: self._without_overlap(self._path), 1, 3)
        return self.rng.pick((", ", ",")).join(paths)

    def key_condition(self, queried: Table | Index) -> str:
        """Return a key condition for a table or an index."""
        rng = self.rng
        attributes = list(queried.key.items())
        partition, rest = attributes[: queried.partition], attributes[queried.partition :]

        def key_placeholder(kind: str) -> str:
            return self._placeholder(key_value(rng, kind, len(attributes) > 2))

        parts = []
        for name, kind in partition:
            operator = "=" if not rng.invalid_one_in(40) else rng.pick(COMPARATORS)
            parts.append(f"{self._name(name)} {operator} {key_placeholder(kind)}")
        used = rest if not rng.one_in(3) else rest[: rng.up_to(len(rest))]
        for sort, kind in used:
            if sort != used[-1][0] and not rng.invalid_one_in(10):
                parts.append(f"{self._name(sort)} = {key_placeholder(kind)}")
                continue
            case = rng.up_to(7 if kind != "N" or rng.one_in(12) else 5)
            if case < 5:
                parts.append(f"{self._name(sort)} {('=', '<', '<=', '>', '>=')[case]} {key_placeholder(kind)}")
            elif case == 5:
                parts.append(f"{self._name(sort)} BETWEEN {key_placeholder(kind)} AND {key_placeholder(kind)}")
            else:
                prefix = value(rng, (kind,)) if not rng.one_in(3) else {kind: KEYS[kind][0]}
                parts.append(f"begins_with({self._name(sort)}, {self._placeholder(prefix)})")
        if rng.invalid_one_in(60):
            parts.append(self.condition(1))
        if rng.invalid_one_in(60 if len(parts) < 3 else 10):
            parts.remove(rng.pick(parts))
        if rng.one_in(6):
            parts.reverse()
        if rng.one_in(12):
            parts = [f"({part})" for part in parts]
        return (" AND " if not rng.invalid_one_in(60) else " OR ").join(parts)
