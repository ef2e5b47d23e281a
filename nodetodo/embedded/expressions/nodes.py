"""The nodes of expressions. Parsing makes them with placeholders; binding makes them again with names and values."""

# Annotations are not postponed here, because NamedTuple compiles each postponed annotation at start-up.

from typing import Any, NamedTuple


class Path(NamedTuple):
    """A document path: attribute names and list indexes, such as ("a", 0, "b"). A parsed name may be a #placeholder."""

    elements: tuple[str | int, ...]


class Value(NamedTuple):
    """A value. Parsed: its :placeholder. Bound: the attribute value, such as {"S": "x"}."""

    content: Any


class Call(NamedTuple):
    """An operand that is computed: size, if_not_exists, list_append, or the operators "+" and "-" of SET."""

    function: str
    operands: "tuple[Operand, ...]"


Operand = Path | Value | Call


class Predicate(NamedTuple):
    """A comparator, "between", "in", or a Boolean function such as "attribute_exists", and its operands."""

    operator: str
    operands: tuple[Operand, ...]


class Junction(NamedTuple):
    """Conditions joined by one keyword: "and" or "or"."""

    kind: str
    terms: "tuple[Condition, ...]"


class Not(NamedTuple):
    """A negated condition."""

    term: "Condition"


Condition = Junction | Not | Predicate


class Action(NamedTuple):
    """One change in an update expression. The section is SET, REMOVE, ADD or DELETE; REMOVE has no operand."""

    section: str
    path: Path
    operand: Operand | None
