"""Finds the key of a statement, or the ranges of keys that it reads, in its WHERE clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .. import keys, values
from ..errors import ApiError, validation_error
from ..expressions.key_conditions import KeyCondition, KeyRange, check_values, sort_range
from ..expressions.nodes import Junction, Not, Path, Predicate, Value
from ..limits import PARTITIONS_IN_STATEMENT
from ..schema import KeyMismatchError

if TYPE_CHECKING:
    from ..expressions.nodes import Condition, Operand
    from ..schema import Key, Table
    from ..values import Item
    from ..values import Value as AttributeValue

# The most ranges of a statement. AND computes no more combinations; it reads more keys then, and filters them.
_COMBINATIONS = 300

_SWAPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class IncompleteKeyError(KeyMismatchError):
    """A WHERE clause does not name one item by its whole key."""


def split_key(where: Condition | None, table: Table) -> tuple[Item, Condition | None]:
    """Return the key that a WHERE clause names with "=", and the rest of its conditions.

    Raises IncompleteKeyError unless it names one value for each key attribute, and KeyMismatchError for a value of a
    wrong type.
    """
    key: Item = {}
    rest = []
    for term in _terms(where):
        found = _key_condition(term, table.key) if isinstance(term, Predicate) and term.operator == "=" else None
        if found is None:
            rest.append(term)
        elif found.attribute in key and not values.equal(key[found.attribute], found.values[0]):
            raise IncompleteKeyError(
                f"Multiple conditions on same key {found.attribute}. "
                "Only single item Update/Insert/Delete are supported"
            )
        else:
            (key[found.attribute],) = found.values
    if len(key) < len(table.key.names):
        raise IncompleteKeyError("Where clause does not contain a mandatory equality on all key attributes")
    return key, _conjunction(rest)


def _conjunction(terms: list[Condition]) -> Condition | None:
    """Return the conditions joined by AND; None if there are none."""
    if len(terms) < 2:
        return terms[0] if terms else None
    return Junction("and", tuple(terms))


def _terms(condition: Condition | None) -> list[Condition]:
    """Return the conditions joined by AND."""
    if isinstance(condition, Junction) and condition.kind == "and":
        return [inner for term in condition.terms for inner in _terms(term)]
    return [] if condition is None else [condition]


def schema_mismatch(name: str) -> ApiError:
    """Return the error for a value that is not of the type of its key attribute."""
    return KeyMismatchError(f"Key attribute's data type should match its data type in table's schema: Key {name}")


def _key_condition(term: Predicate, key: Key) -> KeyCondition | None:
    """Return the condition on a key attribute that a predicate is; None if it is another condition.

    Raises ApiError (ValidationException) if a value is not of the attribute's type.
    """
    operator, operands = term.operator, term.operands
    if isinstance(operands[0], Value) and operator in _SWAPPED and len(operands) == 2:
        operator, operands = _SWAPPED[operator], operands[::-1]
    path, contents = operands[0], [operand.content for operand in operands[1:] if isinstance(operand, Value)]
    if not isinstance(path, Path) or len(path.elements) > 1 or len(contents) < len(operands) - 1:
        return None
    if operator not in (*_SWAPPED, "in", "between", "begins_with"):
        return None
    for name, kind in key.attributes:
        if name == path.elements[0]:
            if any(kind not in content for content in contents):
                raise schema_mismatch(name)
            return KeyCondition(name, operator, contents)
    return None


class _Box(NamedTuple):
    """The keys with this partition key (None: any) that fulfil all these conditions on the sort key."""

    partition: AttributeValue | None
    sort: tuple[KeyCondition, ...]


_ANY = _Box(None, ())


class KeyRanges(NamedTuple):
    """The ranges of addresses that a statement reads, in the order of the addresses.

    partitions: the values of the partition key, one for each range. It is empty if the statement scans the table.
    """

    ranges: list[KeyRange]
    partitions: list[AttributeValue]


def ranges(where: Condition | None, key: Key) -> KeyRanges:
    """Return the ranges of keys that contain all items that fulfil a condition. They may contain others.

    key: of the table or index, with one attribute in each part. Raises ApiError (ValidationException) if a value does
    not fit its key attribute, if branches of OR overlap, or for too many ranges.
    """
    boxes = [_ANY] if where is None else _boxes(where, key)
    if any(box.partition is None for box in boxes):
        return KeyRanges([KeyRange(b"", keys.END)], [])
    if len(boxes) > _COMBINATIONS:
        raise _too_many()
    found: list[tuple[KeyRange, AttributeValue]] = []
    for box in boxes:
        assert box.partition is not None
        check_values(KeyCondition(key.names[0], "=", [box.partition]), key)
        for condition in box.sort:
            check_values(condition, key)
        range_ = _range(box)
        if range_.low < range_.high:
            found.append((range_, box.partition))
    if isinstance(where, Junction) and where.kind == "or":
        _check_overlap(where, key)
    merged = _merged(sorted(found, key=lambda each: (each[0].low, each[0].high)))
    if len({keys.partition([partition]) for _, partition in merged}) > PARTITIONS_IN_STATEMENT:
        raise _too_many()
    return KeyRanges([range_ for range_, _ in merged], [partition for _, partition in merged])


def _too_many() -> ApiError:
    return validation_error("Too many decomposed read operations for a given query.")


def _boxes(condition: Condition, key: Key) -> list[_Box]:
    """Return boxes whose union contains all keys of items that fulfil a condition."""
    if isinstance(condition, Not):
        return [_ANY]
    if isinstance(condition, Predicate):
        return _boxes_of_predicate(condition, key)
    parts = [_boxes(term, key) for term in condition.terms]
    if condition.kind == "or":
        return [box for part in parts for box in part]
    # The parts with the fewest boxes first, so that the limit drops those that restrict the least.
    boxes = [_ANY]
    for part in sorted(parts, key=len):
        if len(boxes) * len(part) <= _COMBINATIONS:
            boxes = [both for one in boxes for two in part if (both := _intersection(one, two)) is not None]
    return boxes


def _boxes_of_predicate(predicate: Predicate, key: Key) -> list[_Box]:
    found = _key_condition(predicate, key)
    if found is None:
        return [_ANY]
    each = (
        [KeyCondition(found.attribute, "=", [content]) for content in found.values]
        if found.operator == "in"
        else [found]
    )
    if found.attribute != key.names[0]:
        return [_Box(None, (condition,)) for condition in each]
    if each[0].operator == "=":
        return [_Box(condition.values[0], ()) for condition in each]
    return [_ANY]  # a range of partition keys has no range of addresses


def _intersection(one: _Box, two: _Box) -> _Box | None:
    if one.partition is not None and two.partition is not None and not values.equal(one.partition, two.partition):
        return None
    return _Box(one.partition or two.partition, one.sort + two.sort)


def _range(box: _Box) -> KeyRange:
    assert box.partition is not None
    start = keys.partition([box.partition])
    result = KeyRange(start, keys.after(start))
    for condition in box.sort:
        one = sort_range(start, condition)
        result = KeyRange(max(result.low, one.low), min(result.high, one.high), one.one_sort_key)
    return result


def _merged(found: list[tuple[KeyRange, AttributeValue]]) -> list[tuple[KeyRange, AttributeValue]]:
    """Join ranges that overlap, so that no item is read twice."""
    merged: list[tuple[KeyRange, AttributeValue]] = []
    for range_, partition in found:
        last = merged[-1][0] if merged else None
        if last is None or range_.low >= last.high:
            merged.append((range_, partition))
        elif range_.high > last.high:
            merged[-1] = (KeyRange(last.low, range_.high), partition)
    return merged


def _check_overlap(where: Junction, key: Key) -> None:
    """Raise ApiError (ValidationException) if two branches of OR read one range of a partition by the sort key.

    DynamoDB does not reject a branch with a negated condition on the sort key (paritysuite/dynamodb-conformance,
    partiql/whereOverlap.test.ts and error-messages/partiqlGrammar.test.ts).
    """
    found = [
        (branch, _range(box), bool(box.sort))
        for branch, term in enumerate(where.terms)
        if not _negates_sort_key(term, key)
        for box in _boxes(term, key)
    ]
    for at, (branch, one, by_sort_key) in enumerate(found):
        for other, two, also_by_sort_key in found[at + 1 :]:
            if (
                branch != other
                and (by_sort_key or also_by_sort_key)
                and max(one.low, two.low) < min(one.high, two.high)
            ):
                raise validation_error("Overlapping conditions with range keys are not supported in where clause")


def _negates_sort_key(condition: Condition, key: Key, is_negated: bool = False) -> bool:
    """Return whether a condition has NOT or <> with the sort key."""
    if isinstance(condition, Not):
        return _negates_sort_key(condition.term, key, True)
    if isinstance(condition, Junction):
        return any(_negates_sort_key(term, key, is_negated) for term in condition.terms)
    is_sort_key = any(_is_sort_key(operand, key) for operand in condition.operands)
    return is_sort_key and (is_negated or condition.operator == "<>")


def _is_sort_key(operand: Operand, key: Key) -> bool:
    return isinstance(operand, Path) and operand.elements[0] in key.names[1:]
