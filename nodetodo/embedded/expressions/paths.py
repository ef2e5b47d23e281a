"""Document paths: attribute names and list indexes that lead into an item. A path is a tuple such as ("a", 0, "b")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import invalid

if TYPE_CHECKING:
    from ..values import Item, Value

Path = tuple[str | int, ...]


def value_at(item: Item, path: Path) -> Value | None:
    """The value that a path leads to; None where the item has nothing there."""
    value = item.get(path[0])  # type: ignore[arg-type]
    for element in path[1:]:
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


def shown(path: Path) -> str:
    """A path as DynamoDB's messages write it, such as [a, [0], b]."""
    return "[" + ", ".join(f"[{element}]" if isinstance(element, int) else element for element in path) + "]"


def check_apart(paths: list[Path], parameter: str) -> None:
    """A ValidationException if one path leads through another, or two use one attribute as both list and map."""
    if len(paths) < 2:
        return
    for at, one in enumerate(paths):
        for two in paths[at + 1 :]:
            kind = _meeting(one, two)
            if kind:
                raise invalid(
                    f"Invalid {parameter}: Two document paths {kind} with each other; must remove or rewrite "
                    f"one of these paths; path one: {shown(one)}, path two: {shown(two)}"
                )


def _meeting(one: Path, two: Path) -> str:
    for a, b in zip(one, two, strict=False):
        if type(a) is not type(b):
            return "conflict"
        if a != b:
            return ""
    return "overlap"


def projected(item: Item, paths: list[Path]) -> Item:
    """What the paths lead to, inside the lists and maps that hold it; list elements close up, in the list's order."""
    chosen: dict[str | int, object] = {}
    for path in paths:
        if value_at(item, path) is not None:
            node = chosen
            for element in path[:-1]:
                node = node.setdefault(element, {})  # type: ignore[assignment]
            node[path[-1]] = None
    return {name: _pruned(item[name], branch) for name, branch in chosen.items()}  # type: ignore[index, misc]


def _pruned(value: Value, branch: object) -> Value:
    if not isinstance(branch, dict):
        return value
    if "L" in value:
        return {"L": [_pruned(value["L"][index], branch[index]) for index in sorted(branch)]}
    return {"M": {name: _pruned(value["M"][name], inner) for name, inner in branch.items()}}
