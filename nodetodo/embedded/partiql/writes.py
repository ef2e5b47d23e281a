"""Turns INSERT, UPDATE, DELETE and EXISTS into the writes of the other operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ApiError, validation_error
from ..expressions.nodes import Junction, Path, Predicate
from ..expressions.translation import Translation
from ..operations.writes import Write
from ..schema import KeyMismatchError
from .key_access import IncompleteKeyError, schema_mismatch, split_key
from .nodes import Delete, Exists, Insert, Update

if TYPE_CHECKING:
    from ..expressions.nodes import Condition
    from ..operations.writes import WriteUnits
    from ..schema import Table
    from ..storage.statements import Storage
    from ..values import Item
    from .nodes import WriteStatement


class InsertWrite(Write):
    """A Put that rejects an existing item with an error of its own."""

    def carry_out(self, storage: Storage) -> WriteUnits:
        """Store the item. Raises ApiError (DuplicateItemException) if an item with this key exists."""
        try:
            return super().carry_out(storage)
        except ApiError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            raise ApiError("DuplicateItemException", "Duplicate primary key exists in table") from None


def plan(storage: Storage, statement: WriteStatement, options: dict[str, Any]) -> Write:
    """Return the write of a statement, checked as far as possible without reading the item.

    options: the request or the member of a batch or transaction, for ReturnValuesOnConditionCheckFailure. Raises
    ApiError.
    """
    source = statement.select.source if isinstance(statement, Exists) else statement.source
    table = storage.table(source.table_name)
    if isinstance(statement, Insert):
        _check_key(table, statement.item)
        translation = Translation()
        condition = translation.condition(Predicate("attribute_not_exists", (Path((table.names[0],)),)))
        parameters = {"Item": statement.item, "ConditionExpression": condition, **translation.parameters()}
        return InsertWrite(storage, "Put", {"TableName": table.name, **parameters})
    where = statement.select.where if isinstance(statement, Exists) else statement.where
    if isinstance(statement, Exists):
        _check_single_item(statement, table)
    key, rest = split_key(where, table)
    request = {"TableName": table.name, "Key": key, **options}
    if isinstance(statement, Delete):
        return Write(storage, "Delete", request | _delete(table, rest))
    condition = _exists(table, rest)
    if isinstance(statement, Update):
        return Write(storage, "Update", request | _update(statement, condition))
    return Write(storage, "ConditionCheck", request | _condition(condition))


def _check_key(table: Table, item: Item) -> None:
    for name, kind in table.key.attributes:
        if name not in item:
            raise KeyMismatchError(f"Key attribute should be present in the item: Key {name}")
        if kind not in item[name]:
            raise schema_mismatch(name)


def _check_single_item(statement: Exists, table: Table) -> None:
    """Raise ApiError (ValidationException) unless EXISTS has a key and another condition."""
    if statement.select.source.index_name is not None:
        raise validation_error("Operations on indices are not supported in transactions")
    try:
        _, rest = split_key(statement.select.where, table)
    except IncompleteKeyError:
        rest = None
    if rest is None:
        raise validation_error("EXISTS() must contain a single item read with additional condition")


def _exists(table: Table, rest: Condition | None) -> Condition:
    """Return the condition of a statement that rejects an absent item."""
    exists = Predicate("attribute_exists", (Path((table.names[0],)),))
    return exists if rest is None else Junction("and", (exists, rest))


def _delete(table: Table, rest: Condition | None) -> dict[str, Any]:
    """Return the condition of DELETE, which succeeds without an item."""
    if rest is None:
        return {}
    absent = Predicate("attribute_not_exists", (Path((table.names[0],)),))
    return _condition(Junction("or", (absent, rest)))


def _condition(condition: Condition) -> dict[str, Any]:
    translation = Translation()
    return {"ConditionExpression": translation.condition(condition), **translation.parameters()}


def _update(statement: Update, condition: Condition) -> dict[str, Any]:
    translation = Translation()
    actions = [translation.action(action) for action in statement.actions]
    return {
        "UpdateExpression": actions,
        "ConditionExpression": translation.condition(condition),
        **translation.parameters(),
    }
