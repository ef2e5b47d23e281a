"""Tables and their global secondary indexes: keys, projections, and the addresses of items and entries.

keys.py defines addresses and spaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import keys, numbers
from .errors import ApiError, validation_error
from .limits import PARTITION_KEY_BYTES, SORT_KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .expressions.nodes import Condition, Path
    from .values import Item, Value

Key = tuple[tuple[str, str], ...]  # (attribute, type) of the partition key and of the sort key, if one exists

_NO_VALUE: Value = {}
_TYPE_NAMES = {"S": "string", "B": "binary"}


class KeyMismatchError(ApiError):
    """A ValidationException for a key that does not have the names and types of the table's key.

    In a transaction it is the cancellation reason of its action, and no condition is evaluated (measured against
    DynamoDB by the paritysuite/dynamodb-conformance tests; DynamoDB Local rejects the request instead).
    """

    def __init__(self, message: str = "The provided key element does not match the schema") -> None:
        super().__init__("ValidationException", message)


class EmptyIndexKeyError(ApiError):
    """A ValidationException for an empty value in the key of an index. It rejects a transaction as a whole."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class Index:
    """A global secondary index. Its entries are in the space with the number `space`."""

    def __init__(self, name: str, space: int, key: Key, projection: str, attributes: Iterable[str]) -> None:
        self.name = name
        self.space = space
        self.key = key
        self.names = tuple(attribute for attribute, _ in key)
        self.projection = projection
        # The attributes in an entry, keys included; None for all of them.
        self.attributes = None if projection == "ALL" else frozenset(attributes)

    def project(self, item: Item) -> Item:
        """Return the attributes of an item that its entry contains."""
        if self.attributes is None:
            return item
        return {name: value for name, value in item.items() if name in self.attributes}

    def entry_address(self, item: Item, item_address: bytes) -> bytes | None:
        """Return the address of an item's entry, or None if the item is not in the index.

        An item is not in the index if it lacks the index key. An item that is older than the index may also have
        attributes that cannot be a key: of a wrong type, empty or too long.
        """
        for name, kind in self.key:
            if not item.get(name, _NO_VALUE).get(kind):
                return None
        if exceeded_key_size(self.key, item):
            return None
        start = keys.partition(item[self.names[0]])
        return start + b"".join([keys.component(item[name]) for name in self.names[1:]]) + item_address

    def check_key(self, item: Item, updating: bool) -> None:
        """Raise ApiError (ValidationException) if an index key attribute is of a wrong type, empty or too long."""
        for name, kind in self.key:
            value = item.get(name)
            if value is None:
                continue
            if kind not in value:
                raise validation_error(
                    f"One or more parameter values were invalid: Type mismatch for Index Key {name} Expected: {kind} "
                    f"Actual: {next(iter(value))} IndexName: {self.name}"
                )
            if not value[kind]:
                raise EmptyIndexKeyError(
                    "One or more parameter values are not valid. The update expression attempted to update a secondary "
                    f"index key to a value that is not supported. {_empty(kind)}"
                    if updating
                    else "One or more parameter values are not valid. A value specified for a secondary index key is "
                    f"not supported. {_empty(kind)} IndexName: {self.name}, IndexKey: {name}",
                )
        check_key_sizes(self.key, item)


class Expiry(Index):
    """The index of a table by its time to live attribute, in the order of time. Only the engine reads it."""

    def __init__(self, space: int, attribute: str, table_names: Iterable[str]) -> None:
        super().__init__("", space, ((attribute, "N"),), "KEYS_ONLY", (attribute, *table_names))

    def entry_address(self, item: Item, item_address: bytes) -> bytes | None:
        """Return the address of an item's entry, or None if the item has no number as its time to live."""
        value = item.get(self.names[0], _NO_VALUE)
        return keys.component(value) + item_address if "N" in value else None


class Table:
    """A table. Its items are in the space with the number `space`.

    expiry: the index by the time to live attribute; None if time to live is disabled. constant_conditions: bound
    conditions of writes by their text and their names.
    """

    def __init__(self, name: str, space: int, key: Key, indexes: Iterable[Index], expiry: Expiry | None = None) -> None:
        self.name = name
        self.space = space
        self.key = key
        self.names = tuple(attribute for attribute, _ in key)
        self.indexes = {index.name: index for index in indexes}
        self.expiry = expiry
        self.constant_conditions: dict[tuple[Any, ...], Condition] = {}

    def key_of(self, item: Item) -> Item:
        """Return the key attributes of an item."""
        return {name: item[name] for name in self.names}

    def address(self, item: Item) -> bytes:
        """Return the address of an item or key. Its key attributes must have been checked."""
        start = keys.partition(item[self.names[0]])
        return start + keys.component(item[self.names[1]]) if len(self.names) == 2 else start

    def check_item(self, item: Item) -> None:
        """Raise ApiError (ValidationException) if a key attribute is absent, of a wrong type, empty or too long."""
        for name, kind in self.key:
            if name not in item:
                raise KeyMismatchError(f"One or more parameter values were invalid: Missing the key {name} in the item")
            if kind not in item[name]:
                raise KeyMismatchError(
                    f"One or more parameter values were invalid: Type mismatch for key {name} "
                    f"expected: {kind} actual: {next(iter(item[name]))}"
                )
        self.check_key_values(item)

    def check_index_keys(self, item: Item, updating: bool = False) -> None:
        """Raise ApiError (ValidationException) if an attribute cannot be the key of its index."""
        for index in self.indexes.values():
            index.check_key(item, updating)

    def check_scalar(self, path: Path) -> None:
        """Raise ApiError (ValidationException) for a path into a key attribute of the table or of an index."""
        if path.elements[0] in self.names:
            raise not_scalar("Key", path)
        if any(path.elements[0] in index.names for index in self.indexes.values()):
            raise not_scalar("IndexKey", path)

    def normalize_key(self, key: Item) -> Item:
        """Return the Key of a request with its numbers in canonical form.

        Raises ApiError (ValidationException) if it is not a key of this table.
        """
        normalized = {}
        if len(key) == len(self.key):
            for name, kind in self.key:
                value = key.get(name)
                if value is None or kind not in value:
                    break
                normalized[name] = normalize_key_value(value, kind)
        if len(normalized) < len(key) or not key:
            from .values import checked_item

            checked_item(key)  # an invalid value is reported before a wrong key
            raise KeyMismatchError
        self.check_key_values(normalized)
        return normalized

    def check_key_values(self, key: Item) -> None:
        """Raise ApiError (ValidationException) if a key value is empty or too long."""
        for name, kind in self.key:
            if not key[name][kind]:
                raise validation_error(empty_key_message(name, kind))
        check_key_sizes(self.key, key)


def normalize_key_value(value: Value, kind: str) -> Value:
    """Return a key value of this type, a number in canonical form.

    Raises ApiError (ValidationException) if the value is invalid or of another type.
    """
    if len(value) != 1 or kind not in value:
        from .values import checked

        checked(value)
        raise KeyMismatchError
    if kind == "N":
        return {"N": numbers.canonical(value["N"])}
    return {"B": bytes(value["B"])} if kind == "B" else {"S": value["S"]}


def not_scalar(key_label: str, path: Path) -> ApiError:
    """Return the error for a path into a key attribute. key_label: Key or IndexKey."""
    return validation_error(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
        f"{key_label}: {path.elements[0]}"
    )


def empty_key_message(name: str, kind: str) -> str:
    """Return the error message for an empty value of a key attribute."""
    return f"One or more parameter values are not valid. {_empty(kind)} Key: {name}"


def _empty(kind: str) -> str:
    return f"The AttributeValue for a key attribute cannot contain an empty {_TYPE_NAMES[kind]} value."


def check_key_sizes(key: Key, item: Item) -> None:
    """Raise ApiError (ValidationException) for a partition key over 2,048 bytes or a sort key over 1,024 bytes."""
    limit = exceeded_key_size(key, item)
    if limit:
        raise validation_error(
            "One or more parameter values were invalid: "
            + (
                f"Size of hashkey has exceeded the maximum size limit of{limit} bytes"
                if limit == PARTITION_KEY_BYTES
                else f"Aggregated size of all range keys has exceeded the size limit of {limit} bytes"
            )
        )


def exceeded_key_size(key: Key, item: Item) -> int:
    """Return the size limit in bytes that a key value exceeds; 0 if none does. The values' types must match the key."""
    limit = PARTITION_KEY_BYTES
    for name, kind in key:
        if kind != "N" and name in item:
            content = item[name][kind]
            # A character has at most 4 bytes, so short strings need not be encoded.
            if len(content) * 4 > limit and len(content.encode() if kind == "S" else content) > limit:
                return limit
        limit = SORT_KEY_BYTES
    return 0
