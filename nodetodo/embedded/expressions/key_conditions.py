"""Turns a key condition into the range of addresses that a Query reads. keys.py defines addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import keys
from ..errors import ApiError, validation_error
from ..schema import check_key_sizes, empty_key_message, not_scalar
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

    one_sort_key: whether the condition is an equality on the sort key.
    """

    __slots__ = ("high", "low", "one_sort_key")

    def __init__(self, low: bytes, high: bytes, one_sort_key: bool = False) -> None:
        self.low = low
        self.high = high
        self.one_sort_key = one_sort_key


def bind(expressions: Expressions, key: Key) -> KeyRange:
    """Bind the request's key condition and return the range of addresses that it allows.

    key: the key of the table or index. Raises ApiError (ValidationException) unless the condition is an equality on the
    partition key, alone or with one condition on the sort key.
    """
    found: dict[str, KeyCondition] = {}
    for term in _terms(conditions.bind(expressions, PARAMETER)):
        condition = _key_condition(term)
        if condition.attribute in found:
            raise validation_error(
                f"Invalid {PARAMETER}: KeyConditionExpressions must only contain one condition per key"
            )
        found[condition.attribute] = condition
    if len(found) > len(key):
        raise validation_error(
            f"The number of query conditions ({len(found)}) exceeds the number of key attributes defined in the schema "
            f"({len(key)})"
        )
    partition_name = key[0][0]
    if partition_name not in found:
        raise _missing(partition_name)
    partition = found.pop(partition_name)
    if partition.operator != "=":
        raise validation_error("Query key condition not supported")
    check_values(partition, key, 0)
    start = keys.partition(partition.values[0])
    if not found:
        return KeyRange(start, keys.after(start))
    if key[1][0] not in found:
        raise _missing(key[1][0])
    sort = found[key[1][0]]
    check_values(sort, key, 1)
    return sort_range(start, sort)


def _missing(name: str) -> ApiError:
    return validation_error(f"Query condition missed key schema element: {name}")


def sort_range(start: bytes, sort: KeyCondition) -> KeyRange:
    """Return the addresses of a partition that a condition on the sort key allows."""
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


def check_values(condition: KeyCondition, key: Key, place: int) -> None:
    """Raise ApiError (ValidationException) if a value does not fit the key attribute in this place of the key."""
    name, kind = key[place]
    for value in condition.values:
        if kind not in value:
            raise validation_error(
                "One or more parameter values were invalid: Condition parameter type does not match schema type"
            )
        if not value[kind]:
            raise validation_error(empty_key_message(name, kind))
        check_key_sizes(key[: place + 1], {name: value})
