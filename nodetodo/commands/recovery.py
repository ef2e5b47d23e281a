"""The notice of commands that remove data while point-in-time recovery is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context


def mention_missing_recovery(context: Context) -> None:
    """Report that removed tasks cannot be restored if point-in-time recovery of their table is off.

    Sends one free request, and only to AWS. Reports nothing if the permissions do not allow this request.
    """
    if not context.target.is_aws:
        return
    tasks = context.tables.names()[-1]
    if context.tables.known_recovery_days(tasks) == 0:
        context.console.notify(
            f"point-in-time recovery of {tasks} is off, so a backup alone can restore these items; "
            "table-edit --recovery=35 turns it on"
        )
