"""The nodes of expressions. Parsing creates them with placeholders; binding creates them again with names and values.

They are plain classes, because creating seven NamedTuple classes takes 7 % of an empty Python start (measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeAlias

    Operand: TypeAlias = "Path | Value | Call"
    Condition: TypeAlias = "Junction | Not | Predicate"


class Node:
    """The base of all nodes. Two nodes are equal if their classes and their attributes are equal."""

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]


class Path(Node):
    """A document path: attribute names and list indexes, such as ("a", 0, "b"). A parsed name may be a #placeholder."""

    __slots__ = ("elements",)

    def __init__(self, elements: tuple[str | int, ...]) -> None:
        self.elements = elements


class Value(Node):
    """A value. Parsed: its :placeholder. Bound: the attribute value, such as {"S": "x"}."""

    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content


class Call(Node):
    """An operand that is computed: size, if_not_exists, list_append, or the operators "+" and "-" of SET."""

    __slots__ = ("function", "operands")

    def __init__(self, function: str, operands: tuple[Operand, ...]) -> None:
        self.function, self.operands = function, operands


class Predicate(Node):
    """A comparator, "between", "in", or a Boolean function such as "attribute_exists", and its operands."""

    __slots__ = ("operands", "operator")

    def __init__(self, operator: str, operands: tuple[Operand, ...]) -> None:
        self.operator, self.operands = operator, operands


class Junction(Node):
    """Conditions joined by one keyword: "and" or "or"."""

    __slots__ = ("kind", "terms")

    def __init__(self, kind: str, terms: tuple[Condition, ...]) -> None:
        self.kind, self.terms = kind, terms


class Not(Node):
    """A negated condition."""

    __slots__ = ("term",)

    def __init__(self, term: Condition) -> None:
        self.term = term


class Action(Node):
    """One change in an update expression. The section is SET, REMOVE, ADD or DELETE; REMOVE has no operand."""

    __slots__ = ("operand", "path", "section")

    def __init__(self, section: str, path: Path, operand: Operand | None) -> None:
        self.section, self.path, self.operand = section, path, operand
