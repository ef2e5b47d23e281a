"""Writes the expressions of another language as those of a request, with placeholders for names and values.

PartiQL statements and legacy parameters are such languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .nodes import Action, Call, Junction, Not, Path, Predicate, Value

if TYPE_CHECKING:
    from ..values import Value as AttributeValue
    from .nodes import Condition, Operand


class Translation:
    """The expressions of one request, and the names and values of their placeholders.

    prefix: of the placeholders, for requests that have other expressions with placeholders.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the request with the names and values of the expressions translated so far."""
        parameters: dict[str, Any] = {}
        if self._placeholders:
            parameters["ExpressionAttributeNames"] = {key: name for name, key in self._placeholders.items()}
        if self._values:
            parameters["ExpressionAttributeValues"] = self._values
        return parameters

    def path(self, path: Path) -> Path:
        """Translate a path."""
        return Path(tuple([self._name(each) if isinstance(each, str) else each for each in path.elements]))

    def _name(self, name: str) -> str:
        return self._placeholders.setdefault(name, f"#{self._prefix}n{len(self._placeholders)}")

    def condition(self, node: Condition) -> Condition:
        """Translate a condition."""
        if isinstance(node, Junction):
            return Junction(node.kind, tuple([self.condition(term) for term in node.terms]))
        if isinstance(node, Not):
            return Not(self.condition(node.term))
        return Predicate(node.operator, tuple([self.operand(operand) for operand in node.operands]))

    def operand(self, node: Operand) -> Operand:
        """Translate an operand."""
        if isinstance(node, Path):
            return self.path(node)
        if isinstance(node, Call):
            return Call(node.function, tuple([self.operand(operand) for operand in node.operands]))
        placeholder = f":{self._prefix}v{len(self._values)}"
        self._values[placeholder] = node.content
        return Value(placeholder)

    def action(self, action: Action) -> Action:
        """Translate a change of an update."""
        operand = None if action.operand is None else self.operand(action.operand)
        return Action(action.section, self.path(action.path), operand)
