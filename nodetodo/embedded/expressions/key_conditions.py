"""Turns a key condition into the range of addresses that a Query reads. keys.py defines addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import keys
from ..errors import ApiError, validation_error
from ..schema import empty_key_message, not_scalar
from . import conditions
from .nodes import Call, Junction, Path, Predicate, Value

if TYPE_CHECKING:
    from ..schema import Key
    from ..values import Value as AttributeValue
    from .binding import Expressions
    from .nodes import Condition

PARAMETER = "KeyConditionExpression"

# Each comparator and its equivalent with the operands swapped.
_SWAPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


# No NamedTuples, because creating them takes time at start-up.
class KeyCondition:
    """A condition on one key attribute."""

    __slots__ = ("attribute", "operator", "values")

    def __init__(self, attribute: str, operator: str, values: list[AttributeValue]) -> None:
        self.attribute = attribute
        self.operator = operator
        self.values = values


class KeyRange:
    """Addresses from `low` up to, but not including, `high`.

    one_sort_key: whether the last condition is an equality on an attribute of the sort key.
    """

    __slots__ = ("high", "low", "one_sort_key")

    def __init__(self, low: bytes, high: bytes, one_sort_key: bool = False) -> None:
        self.low = low
        self.high = high
        self.one_sort_key = one_sort_key


def bind(expressions: Expressions, key: Key) -> KeyRange:
    """Bind the request's key condition and return the range of addresses that it allows.

    key: the key of the table or index. Raises ApiError (ValidationException) unless the condition has an equality on
    each attribute of the partition key. It may also have conditions on the first attributes of the sort key, all of
    them equalities except the last.
    """
    found: dict[str, KeyCondition] = {}
    for term in _terms(conditions.bind(expressions, PARAMETER)):
        condition = _key_condition(term)
        if condition.attribute in found:
            raise validation_error(
                f"Invalid {PARAMETER}: KeyConditionExpressions must only contain one condition per key"
            )
        found[condition.attribute] = condition
    if len(found) > len(key.names):
        raise validation_error(
            f"The number of query conditions ({len(found)}) exceeds the number of key attributes defined in the schema "
            f"({len(key.names)})"
        )
    _check_partition(found, key)
    used = [name for name, _ in key.sort if name in found]
    if len(used) + len(key.partition) < len(found):
        raise _missing(next(name for name in key.names if name not in found))
    _check_sort(found, key, used)
    for condition in found.values():
        check_values(condition, key)
    start = keys.partition([found[name].values[0] for name, _ in key.partition])
    if not used:
        return KeyRange(start, keys.after(start))
    return sort_range(start + b"".join([keys.component(found[name].values[0]) for name in used[:-1]]), found[used[-1]])


def _check_partition(found: dict[str, KeyCondition], key: Key) -> None:
    """Raise ApiError (ValidationException) unless each attribute of the partition key has an equality."""
    without = [name for name, _ in key.partition if name not in found or found[name].operator != "="]
    if not without:
        return
    if len(key.partition) > 1:
        raise validation_error(
            f"HASH key attributes {', '.join(without)} must have equality conditions specified in the query"
        )
    if without[0] not in found:
        raise _missing(without[0])
    raise validation_error("Query key condition not supported")


def _check_sort(found: dict[str, KeyCondition], key: Key, used: list[str]) -> None:
    """Raise ApiError (ValidationException) unless the sort key is used from left to right, with equalities.

    used: the attributes of the sort key with a condition. The last of them may have any condition.
    """
    if not used:
        return
    before = [name for name, _ in key.sort]
    without = [name for name in before[: before.index(used[-1])] if name not in found or found[name].operator != "="]
    if without:
        raise validation_error(
            f"RANGE key attributes {', '.join(without)} must have equality conditions specified in the query because a "
            f"condition is present on key attribute {used[-1]}"
        )


def _missing(name: str) -> ApiError:
    return validation_error(f"Query condition missed key schema element: {name}")


def sort_range(start: bytes, sort: KeyCondition) -> KeyRange:
    """Return the addresses that a condition on an attribute of the sort key allows.

    start: the beginning of the addresses, up to this attribute.
    """
    operator = sort.operator
    if operator == "begins_with":
        ((_, content),) = sort.values[0].items()
        prefix = start + keys.prefix(content)
        return KeyRange(prefix, keys.after(prefix))
    first = start + keys.component(sort.values[0])
    last = start + keys.component(sort.values[-1])
    if operator == "<":
        return KeyRange(start, first)
    if operator == "<=":
        return KeyRange(start, keys.after(first))
    if operator == ">":
        return KeyRange(keys.after(first), keys.after(start))
    if operator == ">=":
        return KeyRange(first, keys.after(start))
    return KeyRange(first, keys.after(last), one_sort_key=operator == "=")  # = and between


def _terms(condition: Condition | None) -> list[Condition]:
    """Return the conditions joined by AND."""
    if isinstance(condition, Junction) and condition.kind == "and":
        return [inner for term in condition.terms for inner in _terms(term)]
    return [] if condition is None else [condition]


def _key_condition(term: Condition) -> KeyCondition:
    operator = "not"
    if isinstance(term, Junction):
        operator = term.kind
    elif isinstance(term, Predicate):
        operator = term.operator
    if not isinstance(term, Predicate) or operator not in (*_SWAPPED, "between", "begins_with"):
        name = operator.upper() if operator in ("or", "not", "in") else operator
        raise validation_error(f"Invalid operator used in KeyConditionExpression: {name}")
    operands = term.operands
    if any(isinstance(operand, Call) for operand in operands):
        raise validation_error("KeyConditionExpressions cannot contain nested operations")
    paths = [operand for operand in operands if isinstance(operand, Path)]
    if len(paths) > 1:
        raise validation_error(
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
        )
    if not paths:
        raise validation_error("Invalid condition in KeyConditionExpression: No key attribute specified")
    if isinstance(operands[0], Value):
        if operator not in _SWAPPED:
            raise validation_error(
                f"Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute first"
            )
        operator = _SWAPPED[operator]
    (path,) = paths
    if len(path.elements) > 1:
        raise not_scalar("Key", path)
    return KeyCondition(
        str(path.elements[0]), operator, [operand.content for operand in operands if isinstance(operand, Value)]
    )


def check_values(condition: KeyCondition, key: Key) -> None:
    """Raise ApiError (ValidationException) if a value does not fit its attribute of the key."""
    name = condition.attribute
    kind = dict(key.attributes)[name]
    for value in condition.values:
        if kind not in value:
            raise validation_error(
                "One or more parameter values were invalid: Condition parameter type does not match schema type"
            )
        if not value[kind]:
            raise validation_error(empty_key_message(name, kind))
        key.check_sizes({name: value})
