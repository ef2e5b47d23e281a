"""Binds update expressions to a request's names and values, and applies them to items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import numbers
from ..errors import ApiError, validation_error
from . import grammar
from .nodes import Action, Call, Path, Value
from .paths import check_disjoint, value_at

if TYPE_CHECKING:
    from ..values import Item
    from ..values import Value as AttributeValue
    from .binding import Expressions
    from .nodes import Operand

PARAMETER = "UpdateExpression"
_SETS = ("SS", "NS", "BS")
# The names of types in the error messages of ADD and DELETE; other messages use the short names.
_LONG_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "L": "LIST",
    "M": "MAP",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}


class Update:
    """A bound update expression.

    paths: the paths that it writes. creates_item: whether it creates an absent item. An update with REMOVE and DELETE
    only does not (measured against DynamoDB by ScyllaDB's Alternator tests; DynamoDB Local creates an empty item).
    """

    def __init__(self, actions: list[Action]) -> None:
        self.actions = actions
        self.paths = [action.path for action in actions]
        self.creates_item = not actions or any(action.section in ("SET", "ADD") for action in actions)

    def check_no_key(self, key_names: tuple[str, ...]) -> None:
        """Raise ApiError (ValidationException) if the update writes a key attribute."""
        for path in self.paths:
            if path.elements[0] in key_names:
                raise validation_error(
                    f"One or more parameter values were invalid: Cannot update attribute {path.elements[0]}. "
                    "This attribute is part of the key"
                )

    def apply(self, item: Item) -> Item:
        """Return the item after the update, without changing the item passed in.

        Every operand is read from the item before the update. Raises ApiError (ValidationException) if an operand is
        absent or of a wrong type, or if a path leads through an absent list or map.
        """
        assigned: list[tuple[Path, AttributeValue]] = []
        removed: list[Path] = []
        for action in self.actions:
            path = action.path
            if action.operand is None:
                removed.append(path)
                continue
            value = _evaluate(action.operand, item)
            if action.section == "ADD":
                value = _add(value_at(item, path), value)
            elif action.section == "DELETE":
                remaining = _delete(value_at(item, path), value)
                if remaining is None:
                    removed.append(path)
                    continue
                value = remaining
            assigned.append((path, value))
        result = dict(item)
        # Elements beyond a list's end are appended in the order of their indexes. Removals come last and in descending
        # order, because every index in the expression refers to the list before the update.
        for path, value in sorted(assigned, key=_list_index):
            _assign(result, path, value)
        for path in sorted(removed, key=lambda path: path.elements, reverse=True):
            _remove(result, path)
        return result


def _list_index(assignment: tuple[Path, AttributeValue]) -> int:
    last = assignment[0].elements[-1]
    return last if isinstance(last, int) else -1


def bind(expressions: Expressions) -> Update:
    """Bind the request's update expression. Without an expression, the update changes nothing.

    Raises ApiError (ValidationException) if an operand's type can never fit, or if two paths overlap.
    """
    parsed = expressions.parse(PARAMETER, grammar.parse_update)
    if parsed is None:
        return Update([])
    paths = [expressions.bind_names(action.path, PARAMETER) for action in parsed]
    for path in paths:
        # A path into the table's own key is reported by `Update.check_no_key`, as an update of the key.
        if len(path.elements) > 1 and path.elements[0] not in expressions.table.names:
            expressions.table.check_scalar(path)
    check_disjoint(paths, PARAMETER)
    return Update([_bind_action(expressions, action, path) for action, path in zip(parsed, paths, strict=True)])


def _bind_action(expressions: Expressions, action: Action, path: Path) -> Action:
    section = action.section
    if action.operand is None:
        return Action(section, path, None)
    operand = _bind_operand(expressions, action.operand)
    if section != "SET" and isinstance(operand, Value):
        kind = next(iter(operand.content))
        if kind not in _SETS and not (section == "ADD" and kind == "N"):
            raise _error(
                f"Incorrect operand type for operator or function; operator: {section}, "
                f"operand type: {_LONG_NAMES[kind]}, typeSet: ALLOWED_FOR_{section}_OPERAND"
            )
    return Action(section, path, operand)


def _bind_operand(expressions: Expressions, node: Operand) -> Operand:
    if isinstance(node, Path):
        return expressions.bind_path(node, PARAMETER)
    if isinstance(node, Value):
        return expressions.bind_value(node, PARAMETER)
    function = node.function
    operands = tuple([_bind_operand(expressions, operand) for operand in node.operands])
    if function == "if_not_exists":
        if not isinstance(operands[0], Path):
            raise _error("Operator or function requires a document path; operator or function: if_not_exists")
    else:
        allowed = "L" if function == "list_append" else "N"
        for operand in operands:
            kind = allowed
            if isinstance(operand, Value):
                kind = next(iter(operand.content))
            elif isinstance(operand, Call) and operand.function == "list_append":
                kind = "L"
            if kind != allowed:
                raise _error(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {function}, operand type: {kind}"
                )
    return Call(function, operands)


def _error(message: str) -> ApiError:
    return validation_error(f"Invalid {PARAMETER}: {message}")


def _evaluate(operand: Operand, item: Item) -> AttributeValue:
    if isinstance(operand, Value):
        return operand.content  # type: ignore[no-any-return]
    if isinstance(operand, Path):
        value = value_at(item, operand)
        if value is None:
            raise validation_error("The provided expression refers to an attribute that does not exist in the item")
        return value
    function, operands = operand.function, operand.operands
    if function == "if_not_exists" and isinstance(operands[0], Path):
        # Measured with DynamoDB Local: the default must exist even if it is not needed.
        default = _evaluate(operands[1], item)
        value = value_at(item, operands[0])
        return default if value is None else value
    left, right = _evaluate(operands[0], item), _evaluate(operands[1], item)
    if function == "list_append":
        if "L" not in left or "L" not in right:
            raise _wrong_type()
        return {"L": left["L"] + right["L"]}
    if "N" not in left or "N" not in right:
        raise _wrong_type()
    return {"N": numbers.total(left["N"], right["N"], 1 if function == "+" else -1)}


def _wrong_type() -> ApiError:
    return validation_error("An operand in the update expression has an incorrect data type")


def _add(value: AttributeValue | None, addend: AttributeValue) -> AttributeValue:
    """Return the sum of two numbers or the union of two sets. An absent value is 0 or the empty set."""
    if value is None:
        return addend
    ((kind, content),) = addend.items()
    if kind not in value:
        raise _wrong_type()
    if kind == "N":
        return {"N": numbers.total(value["N"], content)}
    return {kind: list(dict.fromkeys(value[kind] + content))}


def _delete(value: AttributeValue | None, members: AttributeValue) -> AttributeValue | None:
    """Return the set without these members; None if no member is left, because a set is never empty."""
    if value is None:
        return None
    ((kind, content),) = members.items()
    if kind not in value:
        raise _wrong_type()
    remaining = [member for member in value[kind] if member not in content]
    return {kind: remaining} if remaining else None


def _parent(item: Item, path: Path) -> Any:
    """Return the attributes or the list that the path's last element is in.

    All lists and maps on the way are replaced by copies, so that the original item does not change.
    """
    parent: Any = item
    for element, next_element in zip(path.elements, path.elements[1:], strict=False):
        if isinstance(element, int):
            value = parent[element] if element < len(parent) else None
        else:
            value = parent.get(element)
        kind = "L" if isinstance(next_element, int) else "M"
        if value is None or kind not in value:
            raise validation_error("The document path provided in the update expression is invalid for update")
        content = value[kind].copy()
        parent[element] = {kind: content}
        parent = content
    return parent


def _assign(item: Item, path: Path, value: AttributeValue) -> None:
    parent, last = _parent(item, path), path.elements[-1]
    if isinstance(last, int) and last >= len(parent):
        parent.append(value)
    else:
        parent[last] = value


def _remove(item: Item, path: Path) -> None:
    parent, last = _parent(item, path), path.elements[-1]
    if isinstance(last, int):
        del parent[last : last + 1]
    else:
        parent.pop(last, None)
