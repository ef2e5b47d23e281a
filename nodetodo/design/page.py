"""The design as one page that needs nothing else: no script, style, font or picture from anywhere, and no network.

Everything that somebody typed is escaped here, by `_safe`, before it becomes a part of the page.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from .. import resources
from ..errors import NodetodoError
from ..model import Task, User
from ..output.results import to_object
from ..output.text import printable
from .collections import HOT, Collection, Design, Item, Part
from .text import about, count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..access import Access
    from ..output.stream import Output
    from .patterns import Pattern

CONTENT = "<!-- content -->"
COLOURS = 8
"""Colours of the categories, the largest first; all others have the one of no category."""

COLLECTIONS = 50
FEW = 4
MANY = 100
"""Items of a bar from which on its parts are too narrow for lines between them."""


class Written(NamedTuple):
    """The page, to be written to a file."""

    design: Design
    file: str

    def show(self, output: Output) -> None:
        try:
            with open(self.file, "w", encoding="utf-8") as stream:
                stream.write(page(self.design))
        except (OSError, ValueError) as error:  # ValueError: a name with a null byte
            raise NodetodoError(f"{self.file} cannot be written: {getattr(error, 'strerror', None) or error}") from None
        output.line(
            to_object({"written": self.file}, output)
            if output.json
            else f"design written to {printable(self.file)}; open it in a browser"
        )


def page(design: Design) -> str:
    before, after = resources.read("design/page.html").split(CONTENT)
    return before + "\n".join(_content(design)) + after


def _safe(text: str) -> str:
    return escape(printable(text))


def _content(design: Design) -> Iterator[str]:
    colours = {
        collection.partition: f"c{number}"
        for number, collection in enumerate(design.category_index.collections[:COLOURS])
    }
    yield "<header><h1>Key design</h1>"
    yield (
        '<p class="lead">Two tables and an index as DynamoDB sees them: items with one partition key lie together as an'
        " item collection, sorted by the sort key. The index keeps the same tasks again, under another key: point at a"
        " task, or touch it, to see both.</p>"
    )
    yield f'<p class="origin">{_safe(design.origin)}</p></header>'
    yield '<div class="beside">'
    yield from _part(design.tasks, None, colours)
    yield from _part(design.category_index, design.tasks, colours)
    yield "</div>"
    hot, _, rule = HOT.partition(":")
    yield f'<p class="note"><b>{hot}</b>:{_safe(rule)}</p>'
    yield from _users(design.users)
    yield from _patterns(design.patterns)


def _heading(part: Part, table: Part | None) -> Iterator[str]:
    of = f" on {_safe(part.of)}" if part.of else ""
    yield f"<h2>{_safe(part.name)}{of}</h2>"
    yield f'<ul class="keys"><li>partition key <code>{part.partition_key}</code></li>'
    if part.sort_key:
        yield f"<li>sort key <code>{part.sort_key}</code></li>"
    yield "</ul>"
    for sentence in about(part, table):
        yield f'<p class="about">{_safe(sentence)}</p>'


def _users(part: Part) -> Iterator[str]:
    yield '<section class="part">'
    yield from _heading(part, None)
    yield '<div class="people">'
    for collection in part.collections[:COLLECTIONS]:
        user = collection.items[0].record
        assert isinstance(user, User)
        reached = "".join(f"<span>{_safe(value)}</span>" for value in (user.email, user.phone) if value)
        yield f'<div class="person"><b class="key">{_safe(user.uid)}</b>{reached}</div>'
    yield "</div>"
    yield from _rest(part)
    yield "</section>"


def _rest(part: Part) -> Iterator[str]:
    rest = part.collections[COLLECTIONS:]
    if rest:
        items = sum(len(collection.items) for collection in rest)
        yield f'<p class="more">… and {count(len(rest), "smaller collection")} with {count(items, "item")}</p>'


def _part(part: Part, table: Part | None, colours: dict[str, str]) -> Iterator[str]:
    yield '<section class="part">'
    yield from _heading(part, table)
    largest = max((len(collection.items) for collection in part.collections), default=0)
    for collection in part.collections[:COLLECTIONS]:
        yield from _collection(collection, largest, colours, is_index=table is not None)
    yield from _rest(part)
    yield "</section>"


def _collection(collection: Collection, largest: int, colours: dict[str, str], *, is_index: bool) -> Iterator[str]:
    number = len(collection.items)
    classes = "collection" + (" is-hot" if collection.is_hot else "") + (" many" if number > MANY else "")
    dot = _dot(colours.get(collection.partition)) if is_index else ""
    badge = ' <b class="badge">hot</b>' if collection.is_hot else ""
    name = f'<span class="key">{dot}{_safe(collection.partition)}</span>{badge}'
    yield f'<article class="{classes}"><div class="head">{name}'
    yield f'<span class="size">{count(number, "item")} · {collection.bytes:,} bytes</span></div>'
    segments = "".join(f"<i{_colour(_category(item), colours)} {_same(item)}></i>" for item in collection.items)
    yield f'<div class="bar" style="width:{100 * number / largest:.4g}%">{segments}</div>'
    yield f'<ol class="items">{_items(collection.items[:FEW], colours, is_index)}</ol>'
    if number > FEW:
        rest = _items(collection.items[FEW:], colours, is_index)
        yield f'<details><summary>{number - FEW:,} more</summary><ol class="items">{rest}</ol></details>'
    yield "</article>"


def _category(item: Item) -> str | None:
    return item.record.category if isinstance(item.record, Task) else None


def _dot(colour: str | None) -> str:
    style = f' style="background:var(--{colour})"' if colour else ""
    return f'<span class="dot"{style}></span>'


def _colour(category: str | None, colours: dict[str, str]) -> str:
    colour = colours.get(category or "")
    return f' style="background:var(--{colour})"' if colour else ""


def _same(item: Item) -> str:
    """What the copies of one item have in common: the key of the table."""
    return f'data-item="{_safe(item.record.uid)}/{item.sort}"'


def _items(items: list[Item], colours: dict[str, str], is_index: bool) -> str:
    return "".join(_item(item, colours, is_index) for item in items)


def _item(item: Item, colours: dict[str, str], is_index: bool) -> str:
    task = item.record
    assert isinstance(task, Task)
    if is_index:
        other = _safe(task.uid)
    else:
        other = "" if task.category is None else _dot(colours.get(task.category)) + _safe(task.category)
    return (
        f'<li {_same(item)} tabindex="0"><span class="sort">{item.sort}</span>'
        f'<span class="what">{_safe(task.description or "")}</span><span class="other">{other}</span></li>'
    )


def _patterns(patterns: list[Pattern]) -> Iterator[str]:
    yield '<section class="part"><h2>Access patterns</h2>'
    yield '<p class="about">What each command asks. Only a Scan goes by no key; a filter drops what was read.</p>'
    titles = "".join(f"<th>{title}</th>" for title in ("command", "request", "on", "by key", "then filtered by"))
    yield f"<table><thead><tr>{titles}</tr></thead>"
    for pattern in patterns:
        purpose = f'<span class="purpose">{_safe(pattern.purpose)}</span>'
        named = f'<td rowspan="{len(pattern.asked)}"><code>{_safe(pattern.line)}</code>{purpose}</td>'
        requests = "</tr><tr>".join(_request(asked) for asked in pattern.asked)
        yield f'<tbody class="pattern"><tr>{named}{requests}</tr></tbody>'
    yield "</table></section>"


def _request(asked: Access) -> str:
    is_scan = ' class="scan"' if asked.request == "Scan" else ""
    return (
        f'<td{is_scan}>{asked.request}</td><td data-is="on"><code>{_safe(asked.on)}</code></td>'
        f"{_cell('by', asked.key)}{_cell('then filtered by', asked.filter)}"
    )


def _cell(name: str, attributes: tuple[str, ...]) -> str:
    if not attributes:
        return "<td></td>"
    return f'<td data-is="{name}">{", ".join(f"<code>{attribute}</code>" for attribute in attributes)}</td>'
