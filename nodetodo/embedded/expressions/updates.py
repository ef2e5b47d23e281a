"""Update expressions: bound to a request's names and values, then applied to an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import numbers
from ..errors import ApiError, invalid
from . import grammar, paths

if TYPE_CHECKING:
    from ..values import Item, Value
    from .binding import Expressions
    from .grammar import Node
    from .paths import Path

PARAMETER = "UpdateExpression"
_SETS = ("SS", "NS", "BS")
# The types' names in the messages of ADD and DELETE, which are others than in those of the rest.
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
    """What an update expression does to an item.

    `paths` are those that it writes; `creates` says whether it makes an item that is absent: one that only takes
    away does not (measured against DynamoDB by ScyllaDB's Alternator tests; DynamoDB Local makes an empty item).
    """

    def __init__(self, actions: list[tuple[str, Path, Any]]) -> None:
        self.actions = actions
        self.paths = [path for _, path, _ in actions]
        self.creates = not actions or any(action in ("SET", "ADD") for action, _, _ in actions)

    def check_no_key(self, key_names: tuple[str, ...]) -> None:
        """A ValidationException if the update writes to a key attribute."""
        for path in self.paths:
            if path[0] in key_names:
                raise invalid(
                    f"One or more parameter values were invalid: Cannot update attribute {path[0]}. "
                    "This attribute is part of the key"
                )

    def applied(self, item: Item) -> Item:
        """The item after the update; every operand is read from the item before it. The item itself is left as it is.

        A ValidationException for operands of wrong types, absent ones, and paths through what is not there.
        """
        assigned: list[tuple[Path, Value]] = []
        removed: list[Path] = []
        for action, path, operand in self.actions:
            if action == "SET":
                assigned.append((path, _operand(operand, item)))
            elif action == "ADD":
                assigned.append((path, _added(paths.value_at(item, path), operand)))
            elif action == "DELETE":
                left = _without(paths.value_at(item, path), operand)
                if left is None:
                    removed.append(path)
                else:
                    assigned.append((path, left))
            else:
                removed.append(path)
        result = dict(item)
        # Elements set beyond a list's end are appended in the order of their indexes. Removals come last and from the
        # back, because all indexes of an expression mean the list as it was.
        for path, value in sorted(assigned, key=lambda entry: entry[0][-1] if isinstance(entry[0][-1], int) else -1):
            _assign(result, path, value)
        for path in sorted(removed, reverse=True):
            _remove(result, path)
        return result


def bound(expressions: Expressions) -> Update:
    """The request's update; without an expression it is one that changes nothing.

    A ValidationException for operands whose type can never fit, and paths that meet.
    """
    tree = expressions.tree(PARAMETER, grammar.update)
    if tree is None:
        return Update([])
    targets = [expressions.named(target, PARAMETER) for _, target, _ in tree]
    for path in targets:
        # One that leads into the table's own key is refused as a change of it, by `Update.check_no_key`.
        if len(path) > 1 and path[0] not in expressions.table.names:
            expressions.table.check_scalar(path)
    paths.check_apart(targets, PARAMETER)
    actions: list[tuple[str, Path, Any]] = []
    for (action, _, node), path in zip(tree, targets, strict=True):
        operand: Any = None if action == "REMOVE" else _bound_operand(expressions, node)
        if action in ("ADD", "DELETE"):
            allowed = _SETS if action == "DELETE" else ("N", *_SETS)
            operand = operand[1]
            kind = next(iter(operand))
            if kind not in allowed:
                raise _refusal(
                    f"Incorrect operand type for operator or function; operator: {action}, "
                    f"operand type: {_LONG_NAMES[kind]}, typeSet: ALLOWED_FOR_{action}_OPERAND"
                )
        actions.append((action, path, operand))
    return Update(actions)


def _refusal(message: str) -> ApiError:
    return invalid(f"Invalid {PARAMETER}: {message}")


def _bound_operand(expressions: Expressions, node: Node) -> Any:
    kind = node[0]
    if kind == "path":
        return (kind, expressions.path(node, PARAMETER))
    if kind == ":":
        return (kind, expressions.value(node, PARAMETER))
    name, operands = (node[1], node[2]) if kind == "call" else (kind, node[1:])
    bound_operands = [_bound_operand(expressions, operand) for operand in operands]
    if name == "if_not_exists":
        if bound_operands[0][0] != "path":
            raise _refusal("Operator or function requires a document path; operator or function: if_not_exists")
    else:
        needed = "L" if name == "list_append" else "N"
        for operand in bound_operands:
            given = next(iter(operand[1])) if operand[0] == ":" else "L" if operand[0] == "list_append" else needed
            if given != needed:
                raise _refusal(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {name}, operand type: {given}"
                )
    return (name, *bound_operands)


def _operand(operand: Any, item: Item) -> Value:
    kind = operand[0]
    if kind == ":":
        return operand[1]  # type: ignore[no-any-return]
    if kind == "path":
        value = paths.value_at(item, operand[1])
        if value is None:
            raise invalid("The provided expression refers to an attribute that does not exist in the item")
        return value
    if kind == "if_not_exists":
        # Measured with DynamoDB Local: the alternative has to exist even where it is not needed.
        alternative = _operand(operand[2], item)
        value = paths.value_at(item, operand[1][1])
        return alternative if value is None else value
    left, right = _operand(operand[1], item), _operand(operand[2], item)
    if kind == "list_append":
        if "L" not in left or "L" not in right:
            raise _wrong_type()
        return {"L": left["L"] + right["L"]}
    if "N" not in left or "N" not in right:
        raise _wrong_type()
    return {"N": numbers.total(left["N"], right["N"], 1 if kind == "+" else -1)}


def _wrong_type() -> ApiError:
    return invalid("An operand in the update expression has an incorrect data type")


def _added(value: Value | None, addend: Value) -> Value:
    """ADD: the sum of two numbers or the union of two sets; an absent value is nothing yet."""
    if value is None:
        return addend
    ((kind, content),) = addend.items()
    if kind not in value:
        raise _wrong_type()
    if kind == "N":
        return {"N": numbers.total(value["N"], content)}
    return {kind: list(dict.fromkeys(value[kind] + content))}


def _without(value: Value | None, taken: Value) -> Value | None:
    """DELETE: the set without the members; None when nothing is left, for there are no empty sets."""
    if value is None:
        return None
    ((kind, content),) = taken.items()
    if kind not in value:
        raise _wrong_type()
    left = [member for member in value[kind] if member not in content]
    return {kind: left} if left else None


def _holder(item: Item, path: Path) -> Any:
    """The attributes or the list that the path's last element is in; all on the way to it are copies of this update."""
    holder: Any = item
    for at, element in enumerate(path[:-1]):
        if isinstance(element, int):
            value = holder[element] if element < len(holder) else None
        else:
            value = holder.get(element)
        wanted = "L" if isinstance(path[at + 1], int) else "M"
        if value is None or wanted not in value:
            raise invalid("The document path provided in the update expression is invalid for update")
        content = value[wanted].copy()
        holder[element] = {wanted: content}
        holder = content
    return holder


def _assign(item: Item, path: Path, value: Value) -> None:
    holder, last = _holder(item, path), path[-1]
    if isinstance(last, int) and last >= len(holder):
        holder.append(value)
    else:
        holder[last] = value


def _remove(item: Item, path: Path) -> None:
    holder, last = _holder(item, path), path[-1]
    if isinstance(last, int):
        del holder[last : last + 1]
    else:
        holder.pop(last, None)
