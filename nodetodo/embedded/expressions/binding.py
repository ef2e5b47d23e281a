"""Parses the expressions of one request and resolves their placeholders.

conditions.py, updates.py and key_conditions.py bind one kind of expression each; this module contains what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import validation_error
from ..limits import ATTRIBUTE_NAME_BYTES
from . import grammar
from .nodes import Path, Value
from .paths import check_disjoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ..schema import Table
    from ..values import Value as AttributeValue

    Tree = TypeVar("Tree")

# Parsed expressions by text and parameter. The limit is for programs that build many different expressions.
_cache: dict[tuple[str, str], Any] = {}
_CACHE_SIZE = 500


class Expressions:
    """The expression parameters of a request, or of one action of a transaction, and their placeholders.

    Raises ApiError (ValidationException) if placeholders are given without an expression or are malformed.
    """

    def __init__(self, request: dict[str, Any], parameters: tuple[str, ...], table: Table) -> None:
        self.request = request
        self.table = table
        self.names: dict[str, str] = request.get("ExpressionAttributeNames") or {}
        self.values: dict[str, AttributeValue] = {}
        self.unused_names = set(self.names)
        self.unused_values: set[str] = set()
        if "ExpressionAttributeNames" in request or "ExpressionAttributeValues" in request:
            self._read_placeholders(parameters)

    def _read_placeholders(self, parameters: tuple[str, ...]) -> None:
        request = self.request
        present = [parameter for parameter in parameters if parameter in request]
        # A projection has no values: they need one of the other expressions.
        with_values = [parameter for parameter in present if parameter != "ProjectionExpression"]
        if "ExpressionAttributeNames" in request:
            if not present:
                raise validation_error("ExpressionAttributeNames can only be specified when using expressions")
            if not self.names:
                raise validation_error("ExpressionAttributeNames must not be empty")
        if "ExpressionAttributeValues" in request:
            if not with_values:
                raise validation_error("ExpressionAttributeValues can only be specified when using expressions")
            if not request["ExpressionAttributeValues"]:
                raise validation_error("ExpressionAttributeValues must not be empty")
        for key, name in self.names.items():
            if not _is_placeholder(key, "#"):
                raise validation_error(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{key}"')
            if not name:
                raise validation_error(
                    f"ExpressionAttributeNames contains invalid value: Empty attribute name for key {key}"
                )
            if len(name.encode()) > ATTRIBUTE_NAME_BYTES:
                raise validation_error(
                    "ExpressionAttributeNames contains invalid value: "
                    f"Attribute name is too large, must be less than 65536 bytes for key {key}"
                )
        for key, value in request.get("ExpressionAttributeValues", {}).items():
            if not _is_placeholder(key, ":"):
                raise validation_error(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{key}"')
            self.values[key] = values.checked(value)[0]
        self.unused_values = set(self.values)

    def parse(self, parameter: str, parse: Callable[[str, str], Tree]) -> Tree | None:
        """Return the parsed expression of this parameter, from the cache if possible; None if the request has none.

        The translator of another language, such as PartiQL, passes a parsed expression in place of the text.
        """
        text = self.request.get(parameter)
        if not isinstance(text, str):
            return text
        tree: Tree | None = _cache.get((text, parameter))
        if tree is None:
            tree = parse(text, parameter)
            if len(_cache) >= _CACHE_SIZE:
                _cache.clear()
            _cache[text, parameter] = tree
        return tree

    def bind_path(self, path: Path, parameter: str) -> Path:
        """Replace the #names in a path. Raises ApiError (ValidationException) if it leads into a key attribute."""
        bound = self.bind_names(path, parameter)
        if len(bound.elements) > 1:
            self.table.check_scalar(bound)
        return bound

    def bind_names(self, path: Path, parameter: str) -> Path:
        """Replace the #names in a path. Raises ApiError (ValidationException) if one is not defined."""
        elements = list(path.elements)
        for at, element in enumerate(elements):
            if isinstance(element, str) and element[0] == "#":
                if element not in self.names:
                    raise validation_error(
                        f"Invalid {parameter}: An expression attribute name used in the document path is not defined; "
                        f"attribute name: {element}"
                    )
                self.unused_names.discard(element)
                elements[at] = self.names[element]
        return Path(tuple(elements))

    def bind_value(self, value: Value, parameter: str) -> Value:
        """Replace a :placeholder. Raises ApiError (ValidationException) if it is not defined."""
        name = value.content
        if name not in self.values:
            raise validation_error(
                f"Invalid {parameter}: An expression attribute value used in expression is not defined; "
                f"attribute value: {name}"
            )
        self.unused_values.discard(name)
        return Value(self.values[name])

    def bind_projection(self) -> list[Path] | None:
        """Bind the projection; None if the request has none.

        Raises ApiError (ValidationException) if one of its paths overlaps with another.
        """
        parameter = "ProjectionExpression"
        parsed = self.parse(parameter, grammar.parse_projection)
        if parsed is None:
            return None
        paths = [self.bind_path(path, parameter) for path in parsed]
        check_disjoint(paths, parameter)
        return paths

    def check_all_used(self) -> None:
        """Raise ApiError (ValidationException) if a placeholder is unused. Call it after binding every expression."""
        for unused, kind in ((self.unused_values, "Values"), (self.unused_names, "Names")):
            if unused:
                keys = ", ".join(sorted(unused))
                raise validation_error(
                    f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{keys}}}"
                )


def bind_get(table: Table, request: dict[str, Any]) -> tuple[bytes, list[Path] | None]:
    """Return the address of a request's Key and the paths of its projection."""
    expressions = Expressions(request, ("ProjectionExpression",), table)
    projection = expressions.bind_projection()
    expressions.check_all_used()
    return table.address(table.normalize_key(request["Key"])), projection


def _is_placeholder(key: str, mark: str) -> bool:
    body = key[1:]
    return key[:1] == mark and body.isascii() and body.replace("_", "a").isalnum()
