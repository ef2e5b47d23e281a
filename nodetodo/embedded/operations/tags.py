"""TagResource, UntagResource and ListTagsOfResource: the tags of tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, validation_error
from ..limits import TAG_KEY_LENGTH
from ..storage.statements import reading, writing
from .definitions import TAGS, merged_tags
from .parameters import Structure, list_of, text, text_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import Table
    from ..storage.statements import Storage

    Tags = list[dict[str, str]]

_RESOURCE = {"ResourceArn": text_from(1, 1283)}
TAG_RESOURCE = Structure({**_RESOURCE, "Tags": TAGS}, {})
UNTAG_RESOURCE = Structure({**_RESOURCE, "TagKeys": list_of(text_from(1, TAG_KEY_LENGTH))}, {})
LIST_TAGS_OF_RESOURCE = Structure(_RESOURCE, {"NextToken": text})

# Any region and account, because clients see the same tables with any of them.
_TABLE_ARN = re.compile(r"arn:aws[a-z-]*:dynamodb:[^:]+:\d+:table/([a-zA-Z0-9_.-]{3,255})")


def tag_resource(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a table. Raises ApiError if the table does not exist or would have too many tags."""
    _check_arn(request)
    if not request["Tags"]:
        raise validation_error("Atleast one Tag needs to be provided as Input.")
    return _change(storage, request, lambda tags: merged_tags(tags, request["Tags"]))


def untag_resource(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a table, and ignore keys that no tag has. Raises ApiError if the table does not exist."""
    _check_arn(request)
    if not request["TagKeys"]:
        raise validation_error("Atleast one Tag Key needs to be provided as Input.")
    return _change(storage, request, lambda tags: [tag for tag in tags if tag["Key"] not in request["TagKeys"]])


def _change(storage: Storage, request: dict[str, Any], change: Callable[[Tags], Tags]) -> dict[str, Any]:
    """Store the changed tags of a table."""
    with writing(storage):
        table = _table(storage, request)
        definition = storage.definition(table)
        definition["Tags"] = change(definition.get("Tags", []))
        storage.define(table.name, table.space, definition)
    return {}


def list_tags_of_resource(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """List the tags of a table in one page. Raises ApiError if the table does not exist."""
    _check_arn(request)
    if "NextToken" in request:  # no response contains one
        raise validation_error("Invalid NextToken")
    with reading(storage):
        return {"Tags": storage.definition(_table(storage, request)).get("Tags", [])}


def _check_arn(request: dict[str, Any]) -> None:
    arn = request["ResourceArn"]
    if not _TABLE_ARN.fullmatch(arn):
        raise validation_error(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")


def _table(storage: Storage, request: dict[str, Any]) -> Table:
    arn = request["ResourceArn"]
    table = storage.find_table(arn.rpartition("/")[2])
    if table is None:
        raise ApiError("ResourceNotFoundException", f"Requested resource not found: ResourcArn: {arn} not found")
    return table
