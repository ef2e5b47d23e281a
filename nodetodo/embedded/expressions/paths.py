"""Reads and projects items by document paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import validation_error

if TYPE_CHECKING:
    from ..values import Item, Value
    from .nodes import Path


def value_at(item: Item, path: Path) -> Value | None:
    """Return the value at a path, or None if the item has none there."""
    elements = path.elements
    value = item.get(elements[0])  # type: ignore[arg-type]
    if len(elements) == 1:
        return value
    for element in elements[1:]:
        if value is None:
            return None
        if isinstance(element, int):
            members = value.get("L")
            if members is None or element >= len(members):
                return None
            value = members[element]
        else:
            attributes = value.get("M")
            if attributes is None:
                return None
            value = attributes.get(element)
    return value


def format_path(path: Path) -> str:
    """Format a path as DynamoDB's error messages do: [a, [0], b]."""
    return "[" + ", ".join(f"[{element}]" if isinstance(element, int) else element for element in path.elements) + "]"


def check_disjoint(paths: list[Path], parameter: str) -> None:
    """Check that no two paths overlap or conflict.

    Raises ApiError (ValidationException) if one path begins with another, or if two paths use one attribute as both a
    list and a map.
    """
    if len({path.elements[0] for path in paths}) == len(paths):
        return  # paths of different attributes
    for at, one in enumerate(paths):
        for two in paths[at + 1 :]:
            problem = _problem(one, two)
            if problem:
                raise validation_error(
                    f"Invalid {parameter}: Two document paths {problem} with each other; must remove or rewrite "
                    f"one of these paths; path one: {format_path(one)}, path two: {format_path(two)}"
                )


def _problem(one: Path, two: Path) -> str:
    for a, b in zip(one.elements, two.elements, strict=False):
        if type(a) is not type(b):
            return "conflict"
        if a != b:
            return ""
    return "overlap"


def project(item: Item, paths: list[Path]) -> Item:
    """Return the parts of an item at these paths, inside their lists and maps.

    List elements keep their order, without gaps.
    """
    chosen: dict[str | int, object] = {}
    for path in paths:
        if value_at(item, path) is not None:
            branch = chosen
            for element in path.elements[:-1]:
                branch = branch.setdefault(element, {})  # type: ignore[assignment]
            branch[path.elements[-1]] = None
    return {name: _prune(item[name], branch) for name, branch in chosen.items()}  # type: ignore[index, misc]


def _prune(value: Value, branch: object) -> Value:
    if not isinstance(branch, dict):
        return value
    if "L" in value:
        return {"L": [_prune(value["L"][index], branch[index]) for index in sorted(branch)]}
    return {"M": {name: _prune(value["M"][name], inner) for name, inner in branch.items()}}
