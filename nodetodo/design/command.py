"""The command design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import collections, patterns
from . import sample as sample_data
from .page import DesignPage
from .text import DesignText

if TYPE_CHECKING:
    from ..commands.context import Context


def design(context: Context, html: str | None, sample: bool) -> DesignText | DesignPage:
    """Show the design of the tables, or of sample data, as text or as an HTML page."""
    if sample:
        users, tasks, origin = sample_data.users(), sample_data.tasks(), sample_data.ORIGIN
        indexes = []
    else:
        users, all_users = context.users.excerpt(collections.MAX_ITEMS)
        tasks, all_tasks = context.tasks.excerpt(collections.MAX_ITEMS)
        indexes = context.indexes.optional()
        origin = collections.origin(len(users), all_users, len(tasks), all_tasks)
    found = patterns.patterns(context.accesses)
    design = collections.build(users, tasks, context.tables.prefix, found, origin, indexes)
    return DesignText(design) if html is None else DesignPage(design, html)
