"""The expressions of one request, with placeholders for every attribute name and value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import items

if TYPE_CHECKING:
    from ..model import Stored


class Expressions:
    """Builds expressions and collects the names and values that their placeholders mean.

    Every name has a placeholder, because DynamoDB reserves 573 words and adds more ("Reserved words", developer guide).
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def parameters(self) -> dict[str, Any]:
        """Return the request's ExpressionAttributeNames and ExpressionAttributeValues.

        An empty map is left out, because DynamoDB rejects it.
        """
        names = {"ExpressionAttributeNames": self._names} if self._names else {}
        values = {"ExpressionAttributeValues": self._values} if self._values else {}
        return names | values

    def name(self, attribute: str) -> str:
        """Return the placeholder of an attribute name."""
        self._names[f"#{attribute}"] = attribute
        return f"#{attribute}"

    def value(self, attribute: str, value: Stored, placeholder: str = "") -> str:
        """Return the placeholder of an attribute's value; default: the attribute's name."""
        placeholder = f":{placeholder or attribute}"
        self._values[placeholder] = items.attribute(value)
        return placeholder

    def compare(self, attribute: str, comparator: str, value: Stored, placeholder: str = "") -> str:
        """Return a comparison of an attribute with a value, also for an assignment in SET."""
        return f"{self.name(attribute)} {comparator} {self.value(attribute, value, placeholder)}"

    def between(self, attribute: str, first: Stored, last: Stored) -> str:
        """Return the condition that an attribute is at least first and at most last."""
        name = self.name(attribute)
        return f"{name} BETWEEN {self.value(attribute, first, 'first')} AND {self.value(attribute, last, 'last')}"

    def contains(self, attribute: str, text: str) -> str:
        """Return the condition that a string contains a text. DynamoDB distinguishes upper and lower case."""
        return f"contains({self.name(attribute)}, {self.value(attribute, text)})"

    def exists(self, attribute: str) -> str:
        """Return the condition that the item has the attribute."""
        return f"attribute_exists({self.name(attribute)})"

    def not_exists(self, attribute: str) -> str:
        """Return the condition that the item does not have the attribute."""
        return f"attribute_not_exists({self.name(attribute)})"

    def item_exists(self) -> str:
        """Return the condition that the item exists. uid is in the key of both tables, so every item has it."""
        return self.exists("uid")

    def item_is_new(self) -> str:
        """Return the condition that no item has this key."""
        return self.not_exists("uid")
