"""The command design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import collections, page, patterns, text
from . import sample as built_in

if TYPE_CHECKING:
    from ..commands.context import Context


def design(context: Context, html: str | None, sample: bool) -> text.Drawn | page.Written:
    if sample:
        users, tasks, origin = built_in.users(), built_in.tasks(), built_in.ORIGIN
    else:
        (users, all_users), (tasks, all_tasks) = (
            context.users.excerpt(collections.ITEMS),
            context.tasks.excerpt(collections.ITEMS),
        )
        origin = collections.origin(len(users), all_users, len(tasks), all_tasks)
    prefix = context.tables().prefix
    drawn = collections.draw(users, tasks, prefix, patterns.patterns(context.accesses), origin)
    return text.Drawn(drawn) if html is None else page.Written(drawn, html)
