"""Key conditions: which range of addresses a Query reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import keys
from ..errors import ApiError, invalid
from ..schema import check_sizes, not_scalar
from . import conditions

if TYPE_CHECKING:
    from ..schema import Key
    from ..values import Value
    from .binding import Expressions

PARAMETER = "KeyConditionExpression"

# What an operator becomes when its operands change places.
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def addresses(expressions: Expressions, key: Key) -> tuple[bytes, bytes, bool]:
    """The range from the first address to before the second that the request's key condition allows.

    The third part says whether the condition is an equality on the sort key too. `key` is that of the table or index.
    A ValidationException for anything but an equality on the partition key and at most one condition on the sort key.
    """
    found: dict[str, tuple[str, list[Value]]] = {}
    for term in _terms(conditions.bound(expressions, PARAMETER)):
        name, operator, operands = _read(term)
        if name in found:
            raise invalid("KeyConditionExpressions must only contain one condition per key")
        found[name] = (operator, operands)
    partition_name = key[0][0]
    if partition_name not in found:
        raise _missed(partition_name)
    operator, operands = found.pop(partition_name)
    if operator != "=":
        raise invalid("Query key condition not supported")
    _check(key[:1], 0, operands)
    start = keys.partition(operands[0])
    if not found:
        return start, keys.after(start), False
    if len(key) == 1 or key[1][0] not in found:
        raise _missed(key[1][0] if len(key) == 2 else partition_name)
    operator, operands = found.pop(key[1][0])
    if found:
        raise invalid("Conditions can be of length 1 or 2 only")
    _check(key, 1, operands)
    return *_range(start, operator, operands), operator == "="


def _missed(name: str) -> ApiError:
    return invalid(f"Query condition missed key schema element: {name}")


def _range(start: bytes, operator: str, operands: list[Value]) -> tuple[bytes, bytes]:
    end = keys.after(start)
    if operator == "begins_with":
        ((_, content),) = operands[0].items()
        begun = start + keys.prefix(content)
        return begun, keys.after(begun)
    first = start + keys.component(operands[0])
    last = start + keys.component(operands[-1])
    if operator == "<":
        return start, first
    if operator == "<=":
        return start, keys.after(first)
    if operator == ">":
        return keys.after(first), end
    if operator == ">=":
        return first, end
    return first, keys.after(last)  # = and BETWEEN


def _terms(tree: Any) -> list[Any]:
    """The conditions that AND joins."""
    if tree[0] == "and":
        return [term for member in tree[1] for term in _terms(member)]
    return [tree]


def _read(term: Any) -> tuple[str, str, list[Value]]:
    """The attribute, the operator and the values of one condition on a key."""
    operator, *operands = term
    if operator not in _MIRRORED and operator not in ("between", "begins_with"):
        raise invalid(
            f"Invalid operator used in KeyConditionExpression: {operator.upper() if len(operator) < 4 else operator}"
        )
    if any(operand[0] == "size" for operand in operands):
        raise invalid("KeyConditionExpressions cannot contain nested operations")
    named = [operand for operand in operands if operand[0] == "path"]
    if len(named) > 1:
        raise invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
    if not named:
        raise invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
    if operands[0][0] != "path":
        if operator not in _MIRRORED:
            raise invalid(
                f"Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute first"
            )
        operator = _MIRRORED[operator]
        operands.reverse()
    path = operands[0][1]
    if len(path) > 1:
        raise not_scalar("Key", path)
    return path[0], operator, [operand[1] for operand in operands[1:]]


def _check(key: Key, at: int, operands: list[Value]) -> None:
    """A ValidationException for values that this key attribute cannot have."""
    name, kind = key[at]
    for operand in operands:
        if kind not in operand:
            raise invalid(
                "One or more parameter values were invalid: Condition parameter type does not match schema type"
            )
        if not operand[kind]:
            what = "string" if kind == "S" else "binary"
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty {what} value. Key: {name}"
            )
        check_sizes(key, {name: operand})
