"""Writes the legacy parameters of a request as the expressions that replaced them, for the log of serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..embedded.expressions.nodes import Junction, Not, Path, Value
from ..embedded.operations import legacy

if TYPE_CHECKING:
    from ..embedded.expressions.nodes import Condition, Operand

READS = ("KeyConditions", "QueryFilter", "ScanFilter")
"""The legacy parameters of Query and Scan that select items."""


def with_expressions(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request with expressions in place of its legacy parameters.

    Raises ApiError if these are invalid.
    """
    if parameters.keys().isdisjoint(READS):
        return parameters
    translated = legacy.translated(parameters)
    for name in ("KeyConditionExpression", "FilterExpression"):
        if name in translated and not isinstance(translated[name], str):
            translated[name] = _text(translated[name])
    return translated


def _text(condition: Condition) -> str:
    """Return the text of a condition."""
    if isinstance(condition, Junction):
        terms = [f"({_text(term)})" if isinstance(term, Junction) else _text(term) for term in condition.terms]
        return f" {condition.kind.upper()} ".join(terms)
    if isinstance(condition, Not):
        return f"NOT {_text(condition.term)}"
    first, *others = map(_operand, condition.operands)
    if condition.operator == "between":
        return f"{first} BETWEEN {others[0]} AND {others[1]}"
    if condition.operator == "in":
        return f"{first} IN ({', '.join(others)})"
    if condition.operator.isidentifier():
        return f"{condition.operator}({', '.join([first, *others])})"
    return f"{first} {condition.operator} {others[0]}"


def _operand(operand: Operand) -> str:
    """Return the placeholder of an attribute or of a value, the only operands of legacy parameters."""
    assert isinstance(operand, Path | Value)
    return str(operand.elements[0] if isinstance(operand, Path) else operand.content)
