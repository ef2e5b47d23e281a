"""Binds conditions and filters to a request's names and values, and evaluates them on items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import values
from ..errors import ApiError, validation_error
from . import grammar
from .nodes import Call, Junction, Not, Path, Predicate, Value
from .paths import format_path, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..values import Item
    from ..values import Value as AttributeValue
    from .binding import Expressions
    from .nodes import Condition, Operand

_ORDERED = frozenset({"S", "N", "B"})
_SIZED = frozenset({"S", "B", "SS", "NS", "BS", "L", "M"})
_TYPES = ("N", "BS", "L", "B", "NULL", "M", "S", "SS", "NS", "BOOL")


def bind(expressions: Expressions, parameter: str) -> Condition | None:
    """Bind the condition of this parameter to the request's names and values; None if the request has none.

    Raises ApiError (ValidationException) if an operand can never fit its operator, such as a BOOL after "<".
    """
    parsed = expressions.parse(parameter, grammar.parse_condition)
    return None if parsed is None else _Binder(expressions, parameter).condition(parsed)


class _Binder:
    """Binds the nodes of one condition and checks their operands."""

    def __init__(self, expressions: Expressions, parameter: str) -> None:
        self.expressions = expressions
        self.parameter = parameter

    def condition(self, node: Condition) -> Condition:
        if isinstance(node, Junction):
            return Junction(node.kind, tuple([self.condition(term) for term in node.terms]))
        if isinstance(node, Not):
            return Not(self.condition(node.term))
        predicate = Predicate(node.operator, tuple([self.operand(operand) for operand in node.operands]))
        self.check(predicate)
        return predicate

    def operand(self, node: Operand) -> Operand:
        if isinstance(node, Path):
            return self.expressions.bind_path(node, self.parameter)
        if isinstance(node, Value):
            return self.expressions.bind_value(node, self.parameter)
        operand = self.operand(node.operands[0])  # of size, the only function that is an operand of a condition
        self.check_types("size", [operand], _SIZED)
        return Call("size", (operand,))

    def check(self, predicate: Predicate) -> None:
        """Check the types and the order of a predicate's operands, as far as they are known without an item."""
        operator, operands = predicate.operator, predicate.operands
        if operator in ("attribute_exists", "attribute_not_exists"):
            if not isinstance(operands[0], Path):
                raise self.error(f"Operator or function requires a document path; operator or function: {operator}")
            return
        label = operator.upper() if operator in ("between", "in") else operator
        if isinstance(operands[0], Path) and operands[0] in operands[1:]:
            raise self.error(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {label}, first operand: {format_path(operands[0])}"
            )
        if operator == "begins_with":
            self.check_types(label, operands, frozenset({"S", "B"}))
        elif operator == "attribute_type":
            self.check_type_name(operands[1])
        elif operator in ("between", "<", "<=", ">", ">="):
            self.check_types(label, operands, _ORDERED)
        if operator == "between":
            self.check_bounds(operands[1], operands[2])

    def check_type_name(self, operand: Operand) -> None:
        if not isinstance(operand, Value):
            raise self.error(
                "Incorrect operand type for operator or function; operator or function: attribute_type, "
                f"operand type: {{{','.join(_TYPES)}}}"
            )
        self.check_types("attribute_type", [operand], frozenset({"S"}))
        name = operand.content["S"]
        if name not in _TYPES:
            raise self.error(f"Invalid attribute type name found; type: {name}, valid types: {{{','.join(_TYPES)}}}")

    def check_types(self, operator: str, operands: Sequence[Operand], allowed: frozenset[str]) -> None:
        for operand in operands:
            if isinstance(operand, Path):
                continue
            kind = "N" if isinstance(operand, Call) else next(iter(operand.content))
            if kind not in allowed:
                raise self.error(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {operator}, operand type: {kind}"
                )

    def check_bounds(self, low: Operand, high: Operand) -> None:
        if not (isinstance(low, Value) and isinstance(high, Value)):
            return
        bounds = (
            f"lower bound operand: AttributeValue: {values.shown(low.content)}, "
            f"upper bound operand: AttributeValue: {values.shown(high.content)}"
        )
        if low.content.keys() != high.content.keys():
            raise self.error(f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}")
        if values.rank(low.content) > values.rank(high.content):  # type: ignore[operator]
            raise self.error(
                f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {bounds}"
            )

    def error(self, message: str) -> ApiError:
        return validation_error(f"Invalid {self.parameter}: {message}")


def paths_in(node: Condition | Operand) -> Iterator[Path]:
    """Yield every path in a bound condition."""
    if isinstance(node, Path):
        yield node
    elif isinstance(node, Not):
        yield from paths_in(node.term)
    elif not isinstance(node, Value):
        for part in node.terms if isinstance(node, Junction) else node.operands:
            yield from paths_in(part)


def matches(condition: Condition, item: Item) -> bool:
    """Evaluate a bound condition on an item. An absent item is an empty one."""
    if not isinstance(condition, Predicate):  # first, because most nodes are predicates
        if isinstance(condition, Not):
            return not matches(condition.term, item)
        combine = all if condition.kind == "and" else any
        return combine(matches(term, item) for term in condition.terms)
    operator, operands = condition.operator, condition.operands
    first = _evaluate(operands[0], item)
    if operator == "attribute_exists":
        return first is not None
    if operator == "attribute_not_exists":
        return first is None
    if operator == "in":
        return any(_equal(first, _evaluate(operand, item)) for operand in operands[1:])
    second = _evaluate(operands[1], item)
    if operator == "=":
        return _equal(first, second)
    if operator == "<>":
        return not _equal(first, second)  # true also if an operand is absent
    if first is None or second is None:
        return False
    if operator == "between":
        third = _evaluate(operands[2], item)
        return third is not None and _compare(">=", first, second) and _compare("<=", first, third)
    if operator == "begins_with":
        return _begins_with(first, second)
    if operator == "contains":
        return _contains(first, second)
    if operator == "attribute_type":
        return second["S"] in first
    return _compare(operator, first, second)


def _evaluate(operand: Operand, item: Item) -> AttributeValue | None:
    if isinstance(operand, Path):
        return value_at(item, operand)
    if isinstance(operand, Value):
        return operand.content  # type: ignore[no-any-return]
    return _size(_evaluate(operand.operands[0], item))


def _size(value: AttributeValue | None) -> AttributeValue | None:
    if value is None:
        return None
    ((kind, content),) = value.items()
    if kind not in _SIZED:
        return None
    if kind == "S" and not content.isascii():
        # Measured with DynamoDB Local: a string's size is counted in UTF-16 units, as in Java.
        return {"N": str(len(content.encode("utf-16-le")) // 2)}
    return {"N": str(len(content))}


def _equal(left: AttributeValue | None, right: AttributeValue | None) -> bool:
    return left is not None and right is not None and values.equal(left, right)


def _compare(operator: str, left: AttributeValue, right: AttributeValue) -> bool:
    """Compare two values by order. False if their types differ or have no order."""
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


def _begins_with(value: AttributeValue, prefix: AttributeValue) -> bool:
    for kind in ("S", "B"):
        if kind in value and kind in prefix:
            return value[kind].startswith(prefix[kind])  # type: ignore[no-any-return]
    return False


def _contains(value: AttributeValue, part: AttributeValue) -> bool:
    ((kind, content),) = value.items()
    if kind == "L":
        return any(values.equal(member, part) for member in content)
    # A string or a binary contains parts of its own type. A set contains members of the type in its first letter.
    member_kind = kind[0]
    return kind in ("S", "B", "SS", "NS", "BS") and member_kind in part and part[member_kind] in content
