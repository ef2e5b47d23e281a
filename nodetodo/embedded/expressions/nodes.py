"""The nodes of expressions. Parsing makes them with placeholders; binding makes them again with names and values."""

# No annotation here is a string: NamedTuple compiles strings, and the first compilation in a process takes 0.5 ms.

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing import TypeAlias

    Operand: TypeAlias = "Path | Value | Call"
    Condition: TypeAlias = "Junction | Not | Predicate"
    Operands = tuple[Operand, ...]
    Conditions = tuple[Condition, ...]
else:
    Operand = Condition = Operands = Conditions = tuple


class Path(NamedTuple):
    """A document path: attribute names and list indexes, such as ("a", 0, "b"). A parsed name may be a #placeholder."""

    elements: tuple[str | int, ...]


class Value(NamedTuple):
    """A value. Parsed: its :placeholder. Bound: the attribute value, such as {"S": "x"}."""

    content: Any


class Call(NamedTuple):
    """An operand that is computed: size, if_not_exists, list_append, or the operators "+" and "-" of SET."""

    function: str
    operands: Operands


class Predicate(NamedTuple):
    """A comparator, "between", "in", or a Boolean function such as "attribute_exists", and its operands."""

    operator: str
    operands: Operands


class Junction(NamedTuple):
    """Conditions joined by one keyword: "and" or "or"."""

    kind: str
    terms: Conditions


class Not(NamedTuple):
    """A negated condition."""

    term: Condition


class Action(NamedTuple):
    """One change in an update expression. The section is SET, REMOVE, ADD or DELETE; REMOVE has no operand."""

    section: str
    path: Path
    operand: Operand | None
