"""The stream of a table, as a setting of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Conflict

if TYPE_CHECKING:
    from ..engines.interface import Response

VIEW_TYPE = "NEW_AND_OLD_IMAGES"
"""The view type whose records have the item before and after the change, as the command watch needs them."""


def specification(view: str | None) -> dict[str, Any]:
    """Return the StreamSpecification that enables a stream with this view type; None disables it."""
    return {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}


def view_type(description: Response) -> str | None:
    """Return the view type of a table's stream; None if it has none. description: of the table."""
    stream = description.get("StreamSpecification", {})
    return stream.get("StreamViewType") if stream.get("StreamEnabled") else None


def require_images(table: str, view: str | None) -> None:
    """Raise Conflict if a table has a stream whose records lack an image. view: see view_type."""
    if view not in (None, VIEW_TYPE):
        raise Conflict(
            f"the stream of {table} has the view type {view}, not {VIEW_TYPE}, and other programs may read it; "
            "table-edit --no-stream, then table-edit --stream replaces it"
        )
