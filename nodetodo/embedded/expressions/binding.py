"""The expressions of one request: parsed (and kept parsed), their #names and :values put in, and all of those used.

The kinds of expression are read in conditions.py, updates.py and keyconditions.py; this module holds what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import ApiError, invalid
from ..limits import ATTRIBUTE_NAME_BYTES
from . import grammar, paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import Table
    from ..values import Value
    from .grammar import Node
    from .paths import Path

# Parsed expressions by text and kind. Programs send few different ones; the bound is for those that build them by hand.
_parsed: dict[tuple[str, str], Any] = {}
_KEPT = 500


def parsed(parse: Callable[[str, str], Any], text: str, parameter: str) -> Any:
    """The tree of an expression, from memory if this process has read the text before."""
    key = (text, parameter)
    tree = _parsed.get(key)
    if tree is None:
        tree = parse(text, parameter)
        if len(_parsed) >= _KEPT:
            _parsed.clear()
        _parsed[key] = tree
    return tree


class Expressions:
    """The expression parameters of a request, or of one action of a transaction, and their placeholders.

    A ValidationException for placeholders without an expression, badly formed, undefined or (from `finish`) unused.
    """

    def __init__(self, request: dict[str, Any], parameters: tuple[str, ...], table: Table) -> None:
        self.request = request
        self.table = table
        self.names: dict[str, str] = request.get("ExpressionAttributeNames") or {}
        self.values: dict[str, Value] = {}
        self.unused_names = set(self.names)
        self.unused_values: set[str] = set()
        if "ExpressionAttributeNames" in request or "ExpressionAttributeValues" in request:
            self._read_placeholders(parameters)

    def _read_placeholders(self, parameters: tuple[str, ...]) -> None:
        request = self.request
        given = [parameter for parameter in parameters if parameter in request]
        # A projection has no values: they need one of the other expressions.
        valued = [parameter for parameter in parameters if parameter != "ProjectionExpression"]
        if "ExpressionAttributeNames" in request:
            if not given:
                raise invalid("ExpressionAttributeNames can only be specified when using expressions")
            if not self.names:
                raise invalid("ExpressionAttributeNames must not be empty")
        if "ExpressionAttributeValues" in request:
            if not any(parameter in given for parameter in valued):
                absent = " and ".join(valued)
                raise invalid(
                    "ExpressionAttributeValues can only be specified when using expressions: "
                    f"{absent} {'is' if len(valued) == 1 else 'are'} null"
                )
            if not request["ExpressionAttributeValues"]:
                raise invalid("ExpressionAttributeValues must not be empty")
        for key, name in self.names.items():
            if not _is_placeholder(key, "#"):
                raise invalid(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{key}"')
            if not name:
                raise invalid(f"ExpressionAttributeNames contains invalid value: Empty attribute name for key {key}")
            if len(name.encode()) > ATTRIBUTE_NAME_BYTES:
                raise invalid(
                    f"ExpressionAttributeNames contains invalid value: Attribute name is too large for key {key}"
                )
        for key, value in request.get("ExpressionAttributeValues", {}).items():
            if not _is_placeholder(key, ":"):
                raise invalid(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{key}"')
            try:
                self.values[key] = values.checked(value)[0]
            except ApiError as refusal:
                raise invalid(
                    f"ExpressionAttributeValues contains invalid value: {refusal.message} for key {key}"
                ) from None
        self.unused_values = set(self.values)

    def tree(self, parameter: str, parse: Callable[[str, str], Any]) -> Any:
        """The parsed expression of this parameter; None if the request has none."""
        text = self.request.get(parameter)
        return None if text is None else parsed(parse, text, parameter)

    def path(self, node: Node, parameter: str) -> Path:
        """A parsed path with its names put in; a ValidationException for one that leads into a key attribute."""
        path = self.named(node, parameter)
        if len(path) > 1:
            self.table.check_scalar(path)
        return path

    def named(self, node: Node, parameter: str) -> Path:
        """A parsed path with its names put in, wherever it leads."""
        elements: Path = node[1]
        for element in elements:
            if type(element) is str and element[0] == "#":
                break
        else:
            return elements
        resolved: list[str | int] = []
        for element in elements:
            if type(element) is str and element[0] == "#":
                if element not in self.names:
                    raise invalid(
                        f"Invalid {parameter}: An expression attribute name used in the document path is not defined; "
                        f"attribute name: {element}"
                    )
                self.unused_names.discard(element)
                element = self.names[element]
            resolved.append(element)
        return tuple(resolved)

    def value(self, node: Node, parameter: str) -> Value:
        """The value that a :placeholder stands for."""
        name = node[1]
        if name not in self.values:
            raise invalid(
                f"Invalid {parameter}: An expression attribute value used in expression is not defined; "
                f"attribute value: {name}"
            )
        self.unused_values.discard(name)
        return self.values[name]

    def projection(self, parameter: str = "ProjectionExpression") -> list[Path] | None:
        """The paths of the projection, none of which leads through another; None if the request has no projection."""
        tree = self.tree(parameter, grammar.projection)
        if tree is None:
            return None
        resolved = [self.path(node, parameter) for node in tree]
        paths.check_apart(resolved, parameter)
        return resolved

    def finish(self) -> None:
        """A ValidationException if a placeholder was given that no expression uses; call it when all are read."""
        for unused, kind in ((self.unused_values, "Values"), (self.unused_names, "Names")):
            if unused:
                keys = ", ".join(sorted(unused))
                raise invalid(f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{keys}}}")


def lookup(table: Table, request: dict[str, Any]) -> tuple[bytes, list[Path] | None]:
    """The address that a request's Key means, and the paths of the request's projection."""
    expressions = Expressions(request, ("ProjectionExpression",), table)
    projection = expressions.projection()
    expressions.finish()
    return table.address(table.checked_key(request["Key"])), projection


def _is_placeholder(key: str, mark: str) -> bool:
    body = key[1:]
    return key[:1] == mark and body.isascii() and body.replace("_", "a").isalnum()
