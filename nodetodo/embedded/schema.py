"""Tables and their global secondary indexes as the engine works with them: keys, addresses, projections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import keys, numbers
from .errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .expressions.paths import Path
    from .values import Item, Value

Key = tuple[tuple[str, str], ...]  # (attribute, type) of the partition key and, if there is one, of the sort key

PARTITION_BYTES = 2048
SORT_BYTES = 1024

_NOTHING: Value = {}
_EMPTY = "The AttributeValue for a key attribute cannot contain an empty {} value."
_KINDS = {"S": "string", "B": "binary"}


class Mismatch(ApiError):
    """A ValidationException for a key that lacks an attribute of its table's key or has it with another type.

    In a transaction it is the reason of its member, and cancels all of it before any condition is asked (measured
    against DynamoDB by the paritysuite/dynamodb-conformance tests; DynamoDB Local refuses TransactWriteItems as such).
    """


class EmptyKey(ApiError):
    """A ValidationException for an empty value in a key of a table or index. It refuses a transaction as a whole."""


class Index:
    """A global secondary index; `space` is the number under which storage keeps its entries."""

    def __init__(self, name: str, space: int, key: Key, projection: str, attributes: Iterable[str]) -> None:
        self.name = name
        self.space = space
        self.key = key
        self.names = tuple(attribute for attribute, _ in key)
        self.projection = projection
        # The attributes in an entry, keys included; None for all of them.
        self.attributes = None if projection == "ALL" else frozenset(attributes)

    def projected(self, item: Item) -> Item:
        """What of an item is in its entry."""
        if self.attributes is None:
            return item
        return {name: value for name, value in item.items() if name in self.attributes}

    def entry(self, item: Item, address: bytes) -> bytes | None:
        """The address of an item's entry: the index key, then the item's own address, for index keys are not unique.

        None for an item that is not in the index: it lacks the index's key, or was there before the index was and has
        something there that cannot be a key.
        """
        for name, kind in self.key:
            if not item.get(name, _NOTHING).get(kind):
                return None
        if too_long(self.key, item):
            return None
        start = keys.partition(item[self.names[0]])
        return start + b"".join(keys.component(item[name]) for name in self.names[1:]) + address

    def check(self, item: Item, updating: bool) -> None:
        """A ValidationException for an index key attribute of a wrong type, empty or too long."""
        for name, kind in self.key:
            value = item.get(name)
            if value is None:
                continue
            if kind not in value:
                raise invalid(
                    f"One or more parameter values were invalid: Type mismatch for Index Key {name} Expected: {kind} "
                    f"Actual: {next(iter(value))} IndexName: {self.name}"
                )
            if not value[kind]:
                empty = _EMPTY.format(_KINDS[kind])
                raise EmptyKey(
                    "ValidationException",
                    "One or more parameter values are not valid. The update expression attempted to update a secondary "
                    f"index key to a value that is not supported. {empty}"
                    if updating
                    else "One or more parameter values are not valid. A value specified for a secondary index key is "
                    f"not supported. {empty} IndexName: {self.name}, IndexKey: {name}",
                )
        check_sizes(self.key, item)


class Table:
    """A table; `space` is the number under which storage keeps its items, never given twice."""

    def __init__(self, name: str, space: int, key: Key, indexes: Iterable[Index]) -> None:
        self.name = name
        self.space = space
        self.key = key
        self.names = tuple(attribute for attribute, _ in key)
        self.indexes = {index.name: index for index in indexes}

    def key_of(self, item: Item) -> Item:
        """The key attributes of an item."""
        return {name: item[name] for name in self.names}

    def address(self, item: Item) -> bytes:
        """The address of an item whose key was checked."""
        start = keys.partition(item[self.names[0]])
        return start + keys.component(item[self.names[1]]) if len(self.names) == 2 else start

    def check_item(self, item: Item) -> None:
        """A ValidationException for a key attribute that an item lacks or that is of a wrong type, empty or long."""
        for name, kind in self.key:
            if name not in item:
                raise Mismatch(
                    "ValidationException",
                    f"One or more parameter values were invalid: Missing the key {name} in the item",
                )
            if kind not in item[name]:
                raise Mismatch(
                    "ValidationException",
                    f"One or more parameter values were invalid: Type mismatch for key {name} "
                    f"expected: {kind} actual: {next(iter(item[name]))}",
                )
        self.check_content(item)

    def check_index_keys(self, item: Item, updating: bool = False) -> None:
        """A ValidationException for an attribute that is the key of an index and cannot be."""
        for index in self.indexes.values():
            index.check(item, updating)

    def check_scalar(self, path: Path) -> None:
        """A ValidationException for a path that leads into an attribute that is a key of the table or of an index."""
        if path[0] in self.names:
            raise not_scalar("Key", path)
        if any(path[0] in index.names for index in self.indexes.values()):
            raise not_scalar("IndexKey", path)

    def checked_key(self, key: Item) -> Item:
        """The Key of a request, numbers in DynamoDB's form; a ValidationException unless it is a key of this table."""
        checked = {}
        if len(key) == len(self.key):
            for name, kind in self.key:
                value = key.get(name)
                if value is None or kind not in value:
                    break
                checked[name] = key_value(value, kind)
        if len(checked) < len(key) or not key:
            from .values import checked_item

            checked_item(key)  # a value that is none is refused before a key that is none
            raise mismatch()
        self.check_content(checked)
        return checked

    def check_content(self, key: Item) -> None:
        """A ValidationException for an empty key value or one that is too long."""
        for name, kind in self.key:
            if not key[name][kind]:
                raise invalid(f"One or more parameter values are not valid. {_EMPTY.format(_KINDS[kind])} Key: {name}")
        check_sizes(self.key, key)


def key_value(value: Value, kind: str) -> Value:
    """A key's value of this type, a number in DynamoDB's form; a ValidationException for another type."""
    if len(value) != 1 or kind not in value:
        from .values import checked

        checked(value)
        raise mismatch()
    if kind == "N":
        return {"N": numbers.canonical(value["N"])}
    return {"B": bytes(value["B"])} if kind == "B" else {"S": value["S"]}


def not_scalar(what: str, path: Path) -> ApiError:
    """The refusal of a path into a key attribute, which has no inside."""
    return invalid(
        f"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {what}: {path[0]}"
    )


def mismatch() -> ApiError:
    """The refusal of a key that has not the names and types of the table's."""
    return Mismatch("ValidationException", "The provided key element does not match the schema")


def check_sizes(key: Key, item: Item) -> None:
    """A ValidationException for a partition key of more than 2,048 bytes or a sort key of more than 1,024."""
    limit = too_long(key, item)
    if limit:
        raise invalid(
            "One or more parameter values were invalid: "
            + (
                f"Size of hashkey has exceeded the maximum size limit of{limit} bytes"
                if limit == PARTITION_BYTES
                else f"Aggregated size of all range keys has exceeded the size limit of {limit} bytes"
            )
        )


def too_long(key: Key, item: Item) -> int:
    """The limit that a value of this key exceeds, 0 if none does; the types of the values are those of the key."""
    for (name, kind), limit in zip(key, (PARTITION_BYTES, SORT_BYTES), strict=False):
        if kind != "N" and name in item:
            content = item[name][kind]
            if len(content) * 4 > limit and len(content.encode() if kind == "S" else content) > limit:
                return limit
    return 0
