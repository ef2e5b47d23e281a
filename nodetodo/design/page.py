"""The design as one HTML page. It loads nothing: script and style are in the page.

`_safe` escapes all stored text before it becomes part of the page.
"""

from __future__ import annotations

import os
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from .. import resources
from ..errors import Conflict, NodetodoError
from ..model import Task, User
from ..output.results import to_object
from ..output.special_files import open_special
from ..output.text import counted, plain, printable
from .collections import HOT, Design, Item, ItemCollection, TableOrIndex
from .text import statistics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..access import Access
    from ..model import Stored
    from ..output.terminal import Output
    from .patterns import Pattern

CONTENT, SCRIPT_HASH = "<!-- content -->", "<!-- script hash -->"
GENERATOR = b'<meta name="generator" content="nodetodo">'
"""The line of page.html by which a page of this program is recognized."""

COLOURS = 8
"""The largest categories have a colour each. All other categories have one colour in common."""

OTHER, NONE = "other", "none"
"""The colours of the other categories and of tasks without a category."""

SHOWN_COLLECTIONS = 50
"""Item collections of a table on the page. The others are counted."""

OPEN_ITEMS = 4
"""Items of an item collection that are visible before the reader opens the others."""

SEPARATED_ITEMS = 100
"""Items of the largest item collection up to which each item is a segment of its bar, with lines between them.

All bars of a table have the same scale. With more items, segments are too narrow, and a bar has one per category.
"""


class DesignPage(NamedTuple):
    """Writes a design to a file as an HTML page."""

    design: Design
    file: str

    def show(self, output: Output) -> None:
        """Write the file and report its name.

        Raises Conflict if the file exists and is not such a page, and NodetodoError if it cannot be written.
        """
        try:
            _write(self.file, page(self.design))
        except (OSError, ValueError) as error:  # ValueError: a name with a null byte
            raise NodetodoError(f"{self.file} cannot be written: {getattr(error, 'strerror', None) or error}") from None
        output.line(
            to_object({"written": self.file}, output)
            if output.json
            else f"design written to {printable(self.file)}; open it in a browser"
        )


def _write(file: str, text: str) -> None:
    """Write a page that only the owner can read, because it contains stored names and descriptions.

    A complete page replaces an existing one in one step. Raises Conflict for a file that is not such a page.
    """
    import tempfile  # here, because the design as text writes no file

    if special := open_special(file):
        with special:
            special.write(text)
        return
    real = os.path.realpath(file)  # after the test, because the real path of a pipe in /dev/fd does not exist
    if os.path.exists(real):  # open reports a folder
        with open(real, "rb") as existing:
            start = existing.read(1000)
            if start and GENERATOR not in start:
                raise Conflict(f"{file} exists and is not a page of design --html; remove it, or use another file name")
    handle, temporary = tempfile.mkstemp(prefix=".design-", dir=os.path.dirname(real))  # creates it with mode 0600
    try:
        with open(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise


def page(design: Design) -> str:
    """Return the HTML of the page. Its content security policy allows the script of the page and no other."""
    from base64 import b64encode
    from hashlib import sha256

    before, after = resources.read("design/page.html").split(CONTENT)
    script = after.partition("<script>")[2].partition("</script>")[0]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return before.replace(SCRIPT_HASH, f"'sha256-{digest}'") + "\n".join(_content(design)) + after


def _safe(value: Stored) -> str:
    return escape(plain(value))


def _content(design: Design) -> Iterator[str]:
    colours = {
        collection.partition_value: f"c{number}"
        for number, collection in enumerate(design.category_index.collections[:COLOURS])
    }
    yield "<header><h1>Key design</h1>"
    yield (
        '<p class="lead">Two tables and an index as DynamoDB stores them. Items with the same partition key value form'
        " an item collection, sorted by the sort key. The index copies the tasks with a category, under another key."
        " Point at a task, or touch it, to mark it in the table and in the index.</p>"
    )
    yield f'<p class="origin">{_safe(design.origin)}</p>'
    yield from _legend(design, colours)
    yield "</header>"
    yield '<div class="beside">'
    yield from _collections(design.tasks, None, colours)
    yield from _collections(design.category_index, design.tasks, colours)
    yield "</div>"
    for part in design.optional_indexes:
        yield from _collections(part, design.tasks, colours)
    hot, _, rule = HOT.partition(":")
    yield f'<p class="note"><b>{hot}</b>:{_safe(rule)}</p>'
    yield from _users(design.users)
    yield from _patterns(design.patterns)


def _legend(design: Design, colours: dict[str, str]) -> Iterator[str]:
    others = (
        (OTHER, "smaller categories", len(design.category_index.collections) > len(colours)),
        (NONE, "no category", design.category_index.items < design.tasks.items),
    )
    shown = [f"<span>{_dot(colour)}{meaning}</span>" for colour, meaning, is_used in others if is_used]
    if shown:
        yield f'<p class="legend">{" ".join(shown)}</p>'


def _heading(part: TableOrIndex, table: TableOrIndex | None) -> Iterator[str]:
    index_of = f" on {_safe(part.index_of)}" if part.index_of else ""
    yield f"<h2>{_safe(part.name)}{index_of}</h2>"
    yield f'<ul class="keys"><li>partition key <code>{part.partition_key}</code></li>'
    if part.sort_key:
        yield f"<li>sort key <code>{part.sort_key}</code></li>"
    yield "</ul>"
    for sentence in statistics(part, table):
        yield f'<p class="about">{_safe(sentence)}</p>'


def _users(part: TableOrIndex) -> Iterator[str]:
    yield '<section class="part">'
    yield from _heading(part, None)
    yield '<div class="people">'
    for collection in part.collections[:SHOWN_COLLECTIONS]:
        user = collection.items[0].record
        assert isinstance(user, User)
        contacts = "".join(f"<span>{_safe(value)}</span>" for value in (user.email, user.phone) if value)
        yield f'<div class="person"><b class="key">{_safe(user.uid)}</b>{contacts}</div>'
    yield "</div>"
    yield from _rest(part)
    yield "</section>"


def _rest(part: TableOrIndex) -> Iterator[str]:
    rest = part.collections[SHOWN_COLLECTIONS:]
    if rest:
        items = sum(len(collection.items) for collection in rest)
        yield f'<p class="more">… and {counted(len(rest), "smaller item collection")} with {counted(items, "item")}</p>'


def _collections(part: TableOrIndex, table: TableOrIndex | None, colours: dict[str, str]) -> Iterator[str]:
    yield '<section class="part">'
    yield from _heading(part, table)
    largest = max((len(collection.items) for collection in part.collections), default=0)
    for collection in part.collections[:SHOWN_COLLECTIONS]:
        yield from _collection(
            collection, largest, colours, by_category=bool(table and part.partition_key != table.partition_key)
        )
    yield from _rest(part)
    yield "</section>"


def _collection(
    collection: ItemCollection, largest: int, colours: dict[str, str], *, by_category: bool
) -> Iterator[str]:
    number = len(collection.items)
    classes = "collection" + (" is-hot" if collection.is_hot else "")
    dot = _dot(_colour(collection.partition_value, colours)) if by_category else ""
    badge = ' <b class="badge">hot</b>' if collection.is_hot else ""
    name = f'<span class="key">{dot}{_safe(collection.partition_value)}</span>{badge}'
    yield f'<article class="{classes}"><div class="head">{name}'
    yield f'<span class="size">{counted(number, "item")} · {collection.bytes:,} bytes</span></div>'
    separated = largest <= SEPARATED_ITEMS
    bar = "bar separated" if separated else "bar"
    segments = _segments_of_items(collection, colours) if separated else _segments_of_colours(collection, colours)
    yield f'<div class="{bar}" style="width:{100 * number / largest:.4g}%">{"".join(segments)}</div>'
    yield f'<ol class="items">{_items(collection.items[:OPEN_ITEMS], colours, by_category)}</ol>'
    if number > OPEN_ITEMS:
        rest = _items(collection.items[OPEN_ITEMS:], colours, by_category)
        yield f'<details><summary>{number - OPEN_ITEMS:,} more</summary><ol class="items">{rest}</ol></details>'
    yield "</article>"


def _category(item: Item) -> str | None:
    category = item.record.category if isinstance(item.record, Task) else None
    return category if isinstance(category, str) else None


def _segments_of_items(collection: ItemCollection, colours: dict[str, str]) -> Iterator[str]:
    for item in collection.items:
        yield f'<i style="background:var(--{_colour(_category(item), colours)})" {_table_key(item)}></i>'


def _segments_of_colours(collection: ItemCollection, colours: dict[str, str]) -> Iterator[str]:
    shares = Counter(_colour(_category(item), colours) for item in collection.items)
    for colour, number in shares.most_common():
        yield f'<i style="background:var(--{colour});flex-grow:{number}"></i>'


def _dot(colour: str) -> str:
    return f'<span class="dot" style="background:var(--{colour})"></span>'


def _colour(category: str | None, colours: dict[str, str]) -> str:
    return NONE if category is None else colours.get(category, OTHER)


def _table_key(item: Item) -> str:
    """Return the key in the table, by which the script of the page finds the copies of an item."""
    assert isinstance(item.record, Task)
    return f'data-item="{_safe(item.record.uid)}/{item.record.tid}"'


def _items(items: list[Item], colours: dict[str, str], by_category: bool) -> str:
    return "".join(_item(item, colours, by_category) for item in items)


def _item(item: Item, colours: dict[str, str], by_category: bool) -> str:
    task = item.record
    assert isinstance(task, Task)
    if by_category:
        other = _safe(task.uid)
    else:
        other = "" if task.category is None else _dot(_colour(_category(item), colours)) + _safe(task.category)
    return (
        f'<li {_table_key(item)} tabindex="0"><span class="sort">{item.sort_value}</span>'
        f'<span class="what">{_safe(task.description)}</span><span class="other">{other}</span></li>'
    )


def _patterns(patterns: list[Pattern]) -> Iterator[str]:
    yield '<section class="part"><h2>Access patterns</h2>'
    yield (
        '<p class="about">The requests of each command. Only a Scan reads without a key. A filter discards items after'
        " they were read.</p>"
    )
    titles = "".join(f"<th>{title}</th>" for title in ("command", "request", "on", "key", "filter"))
    yield f"<table><thead><tr>{titles}</tr></thead>"
    for pattern in patterns:
        purpose = f'<span class="purpose">{_safe(pattern.purpose)}</span>'
        named = f'<td rowspan="{len(pattern.accesses)}"><code>{_safe(pattern.line)}</code>{purpose}</td>'
        requests = "</tr><tr>".join(_request(access) for access in pattern.accesses)
        yield f'<tbody class="pattern"><tr>{named}{requests}</tr></tbody>'
    yield "</table></section>"


def _request(access: Access) -> str:
    is_scan = ' class="scan"' if access.request == "Scan" else ""
    return (
        f'<td{is_scan}>{access.request}</td><td data-is="on"><code>{_safe(access.on)}</code></td>'
        f"{_cell('by', access.key)}{_cell('then filtered by', access.filter)}"
    )


def _cell(name: str, attributes: tuple[str, ...]) -> str:
    if not attributes:
        return "<td></td>"
    return f'<td data-is="{name}">{", ".join(f"<code>{attribute}</code>" for attribute in attributes)}</td>'
