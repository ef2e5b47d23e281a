"""Tables and their secondary indexes: keys, projections, and the addresses of items and entries.

keys.py defines addresses and spaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import keys, numbers
from .errors import ApiError, validation_error
from .limits import PARTITION_KEY_BYTES, SORT_KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .expressions.nodes import Condition, Path
    from .values import Item, Value

Attributes = tuple[tuple[str, str], ...]  # names and types of key attributes

# The kinds of secondary indexes: the names of their lists in requests, responses and definitions of tables.
GLOBAL, LOCAL = "GlobalSecondaryIndexes", "LocalSecondaryIndexes"
KINDS = (LOCAL, GLOBAL)

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


class Key:
    """The key of a table or of an index: the attributes of its partition key and of its sort key.

    Only the key of a global secondary index has more than one attribute in a part. index_name: of the index with this
    key, for error messages. Default: it is the key of a table.
    """

    __slots__ = ("attributes", "index_name", "names", "partition", "sort")

    def __init__(self, partition: Attributes, sort: Attributes = (), index_name: str = "") -> None:
        self.partition = partition
        self.sort = sort
        self.index_name = index_name
        self.attributes = partition + sort
        self.names = tuple([name for name, _ in self.attributes])

    @classmethod
    def defined(cls, key_schema: list[dict[str, str]], types: dict[str, str], index_name: str = "") -> Key:
        """Return the key with this KeySchema. types: of the attributes, by name. Raises LookupError."""
        parts: dict[str, list[tuple[str, str]]] = {"HASH": [], "RANGE": []}
        for each in key_schema:
            parts[each["KeyType"]].append((each["AttributeName"], types[each["AttributeName"]]))
        return cls(tuple(parts["HASH"]), tuple(parts["RANGE"]), index_name)

    def address(self, item: Item) -> bytes:
        """Return the address made of the key attributes of an item, which must have been checked."""
        start = keys.partition([item[name] for name, _ in self.partition])
        return start + b"".join([keys.component(item[name]) for name, _ in self.sort])

    def check_sizes(self, item: Item) -> None:
        """Raise ApiError (ValidationException) if `size_error` returns a message."""
        message = self.size_error(item)
        if message:
            raise validation_error(message)

    def size_error(self, item: Item) -> str:
        """Return the error message for a partition key over 2,048 bytes or a sort key over 1,024 bytes.

        The message is empty if both are shorter. Absent attributes count 0 bytes. The types of the values must match
        the key.
        """
        # A character has at most 4 bytes, so short strings need not be encoded.
        if sum([len(item[name][kind]) for name, kind in self.attributes if name in item]) * 4 <= SORT_KEY_BYTES:
            return ""
        from .values import value_size

        for key_type, part, limit in (
            ("HASH", self.partition, PARTITION_KEY_BYTES),
            ("RANGE", self.sort, SORT_KEY_BYTES),
        ):
            size = sum(value_size(item[name]) for name, _ in part if name in item)
            if size <= limit:
                continue
            if len(part) > 1:
                names = ", ".join([name for name, _ in part if name in item])
                return (
                    f"Aggregate size for {key_type} key attributes {names} of index {self.index_name} has exceeded "
                    f"limit {limit} bytes, with actual size {size} bytes"
                )
            return "One or more parameter values were invalid: " + (
                f"Size of hashkey has exceeded the maximum size limit of{limit} bytes"
                if key_type == "HASH"
                else f"Aggregated size of all range keys has exceeded the size limit of {limit} bytes"
            )
        return ""


class Index:
    """A secondary index. Its entries are in the space with the number `space`.

    kind: GLOBAL or LOCAL. Local indexes differ in what their reads allow and in the name under which their units are
    reported; their keys, projections and entries are those of global ones.
    """

    def __init__(
        self, name: str, space: int, key: Key, projection: str, attributes: Iterable[str], kind: str = GLOBAL
    ) -> None:
        self.name = name
        self.space = space
        self.key = key
        self.kind = kind
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
        for name, kind in self.key.attributes:
            if not item.get(name, _NO_VALUE).get(kind):
                return None
        return None if self.key.size_error(item) else self.key.address(item) + item_address

    def check_key(self, item: Item, updating: bool) -> None:
        """Raise ApiError (ValidationException) if an index key attribute is of a wrong type, empty or too long."""
        for name, kind in self.key.attributes:
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
        self.key.check_sizes(item)


class Expiry(Index):
    """The index of a table by its time to live attribute, in the order of time. Only the engine reads it."""

    def __init__(self, space: int, attribute: str, table_names: Iterable[str]) -> None:
        super().__init__("", space, Key(((attribute, "N"),)), "KEYS_ONLY", (attribute, *table_names))
        self.attribute = attribute

    def entry_address(self, item: Item, item_address: bytes) -> bytes | None:
        """Return the address of an item's entry, or None if the item has no number as its time to live."""
        value = item.get(self.attribute, _NO_VALUE)
        return keys.component(value) + item_address if "N" in value else None


class Stream:
    """The enabled stream of a table: its number, and the view type that decides which images its records have."""

    def __init__(self, number: int, view: str) -> None:
        self.number, self.view = number, view


class Table:
    """A table. Its items are in the space with the number `space`.

    expiry: the index by the time to live attribute; None if time to live is disabled. stream: None if it is disabled.
    constant_conditions: bound conditions of writes by their text and their names.
    """

    def __init__(
        self,
        name: str,
        space: int,
        key: Key,
        indexes: Iterable[Index],
        expiry: Expiry | None = None,
        stream: Stream | None = None,
    ) -> None:
        self.name = name
        self.space = space
        self.key = key
        self.names = key.names
        self.indexes = {index.name: index for index in indexes}
        self.has_local_indexes = any(index.kind == LOCAL for index in self.indexes.values())
        self.expiry = expiry
        self.stream = stream
        self.constant_conditions: dict[tuple[Any, ...], Condition] = {}

    def key_of(self, item: Item) -> Item:
        """Return the key attributes of an item."""
        return {name: item[name] for name in self.names}

    def address(self, item: Item) -> bytes:
        """Return the address of an item or key. Its key attributes must have been checked."""
        return self.key.address(item)

    def check_item(self, item: Item) -> None:
        """Raise ApiError (ValidationException) if a key attribute is absent, of a wrong type, empty or too long."""
        for name, kind in self.key.attributes:
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
        if any(path.elements[0] in index.key.names for index in self.indexes.values()):
            raise not_scalar("IndexKey", path)

    def normalize_key(self, key: Item) -> Item:
        """Return the Key of a request with its numbers in canonical form.

        Raises ApiError (ValidationException) if it is not a key of this table.
        """
        normalized = {}
        if len(key) == len(self.names):
            for name, kind in self.key.attributes:
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
        for name, kind in self.key.attributes:
            if not key[name][kind]:
                raise validation_error(empty_key_message(name, kind))
        self.key.check_sizes(key)


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


def index_definitions(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the definitions of all indexes in the definition of a table."""
    return [index for kind in KINDS for index in definition.get(kind) or ()]
