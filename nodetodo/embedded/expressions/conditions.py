"""Conditions and filters: made ready for a request by `bound`, then asked of items by `holds`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import ApiError, invalid
from . import grammar, paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..values import Item, Value
    from .binding import Expressions
    from .grammar import Node
    from .paths import Path

# A bound tree is a parsed one with paths and values put in: ("path", (…)), (":", value), ("size", operand).
Bound = Any

_ORDERED = frozenset({"S", "N", "B"})
_SIZED = frozenset({"S", "B", "SS", "NS", "BS", "L", "M"})
_TYPES = ("N", "BS", "L", "B", "NULL", "M", "S", "SS", "NS", "BOOL")


def bound(expressions: Expressions, parameter: str) -> Bound | None:
    """The condition of this parameter with its names and values; None if the request has none.

    A ValidationException for operands that can never fit their operator: a BOOL with <, a path compared with itself.
    """
    tree = expressions.tree(parameter, grammar.condition)
    return None if tree is None else _Binder(expressions, parameter).condition(tree)


class _Binder:
    def __init__(self, expressions: Expressions, parameter: str) -> None:
        self.expressions = expressions
        self.parameter = parameter

    def condition(self, node: Node) -> Bound:
        kind = node[0]
        if kind in ("and", "or"):
            return (kind, [self.condition(member) for member in node[1]])
        if kind == "not":
            return (kind, self.condition(node[1]))
        if kind == "call":
            return self.function(node[1], node[2])
        if kind == "in":
            first = self.operand(node[1])
            members = [self.operand(member) for member in node[2]]
            self.check_distinct("IN", first, members)
            return (kind, first, members)
        first, *rest = (self.operand(operand) for operand in node[1:])
        self.check_distinct(kind.upper(), first, rest)
        if kind == "between":
            self.check_types("BETWEEN", [first, *rest], _ORDERED)
            self.check_bounds(*rest)
        elif kind not in ("=", "<>"):
            self.check_types(kind, [first, *rest], _ORDERED)
        return (kind, first, *rest)

    def operand(self, node: Node) -> Bound:
        kind = node[0]
        if kind == "path":
            return (kind, self.expressions.path(node, self.parameter))
        if kind == ":":
            return (kind, self.expressions.value(node, self.parameter))
        inner = self.operand(node[2][0])
        self.check_types("size", [inner], _SIZED)
        return ("size", inner)

    def function(self, name: str, operands: list[Node]) -> Bound:
        bound_operands = [self.operand(operand) for operand in operands]
        if name in ("attribute_exists", "attribute_not_exists"):
            if bound_operands[0][0] != "path":
                raise self.refusal(f"Operator or function requires a document path; operator or function: {name}")
            return (name, bound_operands[0])
        self.check_distinct(name, bound_operands[0], bound_operands[1:])
        if name == "begins_with":
            self.check_types(name, bound_operands, frozenset({"S", "B"}))
        elif name == "attribute_type":
            self.check_type_name(bound_operands[1])
        return (name, *bound_operands)

    def check_type_name(self, operand: Bound) -> None:
        if operand[0] != ":":
            raise self.refusal(
                "Incorrect operand type for operator or function; operator or function: attribute_type, "
                f"operand type: {{{','.join(_TYPES)}}}"
            )
        self.check_types("attribute_type", [operand], frozenset({"S"}))
        named = operand[1]["S"]
        if named not in _TYPES:
            raise self.refusal(f"Invalid attribute type name found; type: {named}, valid types: {{{','.join(_TYPES)}}}")

    def check_distinct(self, operator: str, first: Bound, rest: list[Bound]) -> None:
        if first[0] == "path" and first in rest:
            raise self.refusal(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {operator}, first operand: {paths.shown(first[1])}"
            )

    def check_types(self, operator: str, operands: list[Bound], allowed: frozenset[str]) -> None:
        for operand in operands:
            kind = "N" if operand[0] == "size" else next(iter(operand[1])) if operand[0] == ":" else None
            if kind is not None and kind not in allowed:
                raise self.refusal(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {operator}, operand type: {kind}"
                )

    def check_bounds(self, low: Bound, high: Bound) -> None:
        if low[0] != ":" or high[0] != ":":
            return
        bounds = (
            f"lower bound operand: AttributeValue: {values.shown(low[1])}, "
            f"upper bound operand: AttributeValue: {values.shown(high[1])}"
        )
        if low[1].keys() != high[1].keys():
            raise self.refusal(f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}")
        if values.rank(low[1]) > values.rank(high[1]):  # type: ignore[operator]
            raise self.refusal(
                f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {bounds}"
            )

    def refusal(self, message: str) -> ApiError:
        return invalid(f"Invalid {self.parameter}: {message}")


def paths_in(tree: Bound) -> Iterator[Path]:
    """Every path that a bound condition names."""
    if tree[0] == "path":
        yield tree[1]
    elif tree[0] != ":":
        for part in tree[1:]:
            for node in part if isinstance(part, list) else (part,):
                yield from paths_in(node)


def holds(tree: Bound, item: Item) -> bool:
    """Whether a bound condition is true of an item; an absent item is an empty one."""
    kind = tree[0]
    if kind == "and":
        return all(holds(member, item) for member in tree[1])
    if kind == "or":
        return any(holds(member, item) for member in tree[1])
    if kind == "not":
        return not holds(tree[1], item)
    if kind == "attribute_exists":
        return paths.value_at(item, tree[1][1]) is not None
    if kind == "attribute_not_exists":
        return paths.value_at(item, tree[1][1]) is None
    first = _value(tree[1], item)
    if kind == "in":
        return any(_equal(first, _value(member, item)) for member in tree[2])
    second = _value(tree[2], item)
    if kind == "=":
        return _equal(first, second)
    if kind == "<>":
        # What is absent differs from everything.
        return not _equal(first, second)
    if first is None or second is None:
        return False
    if kind == "between":
        third = _value(tree[3], item)
        return third is not None and _compare(">=", first, second) and _compare("<=", first, third)
    if kind == "begins_with":
        return _begins_with(first, second)
    if kind == "contains":
        return _contains(first, second)
    if kind == "attribute_type":
        return second["S"] in first
    return _compare(kind, first, second)


def _value(operand: Bound, item: Item) -> Value | None:
    kind = operand[0]
    if kind == "path":
        return paths.value_at(item, operand[1])
    if kind == ":":
        return operand[1]  # type: ignore[no-any-return]
    sized = _value(operand[1], item)
    if sized is None:
        return None
    ((kind, content),) = sized.items()
    if kind not in _SIZED:
        return None
    if kind == "S" and not content.isascii():
        # Measured with DynamoDB Local: a string's size is counted in UTF-16 units, as Java does.
        return {"N": str(len(content.encode("utf-16-le")) // 2)}
    return {"N": str(len(content))}


def _equal(left: Value | None, right: Value | None) -> bool:
    return left is not None and right is not None and values.equal(left, right)


def _compare(operator: str, left: Value, right: Value) -> bool:
    """An ordered comparison; false between types, and for types that have no order."""
    if left.keys() != right.keys():
        return False
    a, b = values.rank(left), values.rank(right)
    if a is None or b is None:
        return False
    if operator == "<":
        return a < b
    if operator == "<=":
        return a <= b
    if operator == ">":
        return a > b
    return a >= b


def _begins_with(value: Value, prefix: Value) -> bool:
    for kind in ("S", "B"):
        if kind in value and kind in prefix:
            return value[kind].startswith(prefix[kind])  # type: ignore[no-any-return]
    return False


def _contains(value: Value, part: Value) -> bool:
    ((kind, content),) = value.items()
    if kind == "L":
        return any(values.equal(member, part) for member in content)
    # A string or binary contains its parts, a set its members; both are of the type that the kind begins with.
    member = kind[0]
    return kind in ("S", "B", "SS", "NS", "BS") and member in part and part[member] in content
