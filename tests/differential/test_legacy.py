"""Compares random sequences of requests with legacy parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.differential.examples import examples
from tests.differential.random_requests import first_items
from tests.differential.random_source import RandomSource
from tests.differential.random_values import ATTRIBUTES, TYPES, Value, item, key, key_value, value
from tests.differential.reference import Reference
from tests.differential.requests import Request
from tests.differential.schema import TABLES, Table
from tests.differential.test_differential import assert_same

Arguments = dict[str, Any]
COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}
OPERATORS = (
    *("EQ", "NE", "LE", "LT", "GE", "GT", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN"),
    "BETWEEN",
)


def _operands(rng: RandomSource, operator: str, kind: str) -> list[Value]:
    count = COUNTS.get(operator, 1 + rng.up_to(2) if operator == "IN" else 1)
    if rng.invalid_one_in(40):
        count = rng.up_to(3)
    made = [value(rng, (kind,)) for _ in range(count)]
    if rng.invalid_one_in(40) and made:
        made[-1] = value(rng)
    return made


def _condition(rng: RandomSource) -> Arguments:
    operator = rng.pick(OPERATORS)
    types = ("S", "N", "B") if operator not in ("EQ", "NE") else TYPES
    kind = (
        rng.pick(("S", "B") if operator == "BEGINS_WITH" else types) if not rng.invalid_one_in(20) else rng.pick(TYPES)
    )
    made: Arguments = {"ComparisonOperator": operator}
    operands = _operands(rng, operator, kind)
    if operands or rng.one_in(4):
        made["AttributeValueList"] = operands
    return made


def _attribute(rng: RandomSource) -> str:
    return rng.pick(ATTRIBUTES) if not rng.one_in(8) else rng.pick(("p", "s", "g"))


def _expected(rng: RandomSource) -> Arguments:
    case = rng.up_to(5)
    if case == 0:
        return {"Exists": False}
    if case == 1:
        return {"Value": value(rng)} | ({"Exists": True} if rng.one_in(2) else {})
    made = _condition(rng)
    if len(made.get("AttributeValueList", ())) == 1 and rng.one_in(2):
        made["Value"] = made.pop("AttributeValueList")[0]
    if rng.invalid_one_in(20):
        made[rng.pick(("Exists", "Value"))] = rng.pick((True, {"S": "a"}))
    if rng.invalid_one_in(20):
        made.pop(rng.pick(tuple(made)))
    return made


def _add_conditions(rng: RandomSource, arguments: Arguments, parameter: str, make: Callable[..., Arguments]) -> None:
    conditions = {_attribute(rng): make(rng) for _ in range(1 + rng.up_to(2))}
    arguments[parameter] = conditions if not rng.invalid_one_in(30) else {}
    if (len(conditions) > 1 and rng.one_in(2)) or rng.invalid_one_in(30):
        arguments["ConditionalOperator"] = rng.pick(("AND", "OR"))


def _mix(rng: RandomSource, arguments: Arguments, *parameters: str) -> Arguments:
    """Add an expression to a few requests."""
    if rng.invalid_one_in(25):
        arguments[rng.pick(parameters)] = "attribute_exists(a)"
    return arguments


def _target(rng: RandomSource, *, whole: bool = False) -> tuple[Arguments, Table]:
    name = rng.pick(("thing", "thing", "flat", "raw", "local", "many"))
    table = TABLES[name]
    return {"TableName": name} | ({"Item": item(rng, table)} if whole else {"Key": key(rng, table)}), table


def put_item(rng: RandomSource) -> Request:
    arguments, _ = _target(rng, whole=True)
    _add_conditions(rng, arguments, "Expected", _expected)
    return Request("put_item", _mix(rng, arguments, "ConditionExpression"))


def delete_item(rng: RandomSource) -> Request:
    arguments, _ = _target(rng)
    _add_conditions(rng, arguments, "Expected", _expected)
    return Request("delete_item", _mix(rng, arguments, "ConditionExpression"))


def _update(rng: RandomSource) -> Arguments:
    action = rng.pick(("PUT", "ADD", "DELETE", "ADD"))
    made: Arguments = {} if action == "PUT" and rng.one_in(2) else {"Action": action}
    types = {"PUT": TYPES, "ADD": ("N", "SS", "NS", "BS", "L"), "DELETE": ("SS", "NS", "BS")}[action]
    if not rng.one_in(3 if action == "DELETE" else 40):
        made["Value"] = value(rng, types if not rng.invalid_one_in(20) else TYPES)
    return made


def update_item(rng: RandomSource) -> Request:
    arguments, _ = _target(rng)
    updates = {
        _attribute(rng) if not rng.one_in(4) else rng.pick(("b", "n")): _update(rng) for _ in range(rng.up_to(3))
    }
    arguments["AttributeUpdates"] = updates
    if rng.one_in(3):
        _add_conditions(rng, arguments, "Expected", _expected)
    if not rng.one_in(3):
        arguments["ReturnValues"] = rng.pick(("UPDATED_NEW", "ALL_NEW", "UPDATED_OLD", "ALL_OLD"))
    return Request("update_item", _mix(rng, arguments, "ConditionExpression", "UpdateExpression"))


def _attributes_to_get(rng: RandomSource) -> list[str]:
    made = rng.list_of(lambda: _attribute(rng), 1, 3)
    return made if rng.invalid_one_in(5) else list(dict.fromkeys(made))


def get_item(rng: RandomSource) -> Request:
    arguments, _ = _target(rng)
    arguments["AttributesToGet"] = _attributes_to_get(rng)
    return Request("get_item", _mix(rng, arguments, "ProjectionExpression"))


def batch_get_item(rng: RandomSource) -> Request:
    arguments, _ = _target(rng)
    keys = {"Keys": [arguments["Key"]], "AttributesToGet": _attributes_to_get(rng)}
    return Request("batch_get_item", {"RequestItems": {arguments["TableName"]: keys}})


def _add_read_parameters(rng: RandomSource, arguments: Arguments, parameter: str, index: str | None) -> None:
    if index is not None:
        arguments["IndexName"] = index
    if rng.one_in(2):
        _add_conditions(rng, arguments, parameter, _condition)
    elif rng.invalid_one_in(15):
        arguments["ConditionalOperator"] = "AND"
    if rng.one_in(4):
        arguments["AttributesToGet"] = _attributes_to_get(rng)
    if rng.one_in(8):
        arguments["Select"] = rng.pick(("COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"))


def query(rng: RandomSource) -> Request:
    arguments, table = _target(rng)
    del arguments["Key"]
    index = rng.pick((None, *table.indexes))
    queried = table if index is None else table.indexes[index]
    keys = list(queried.key.items())
    # All conditions but the last are equalities, on the first attributes of the key.
    used = queried.partition + rng.up_to(len(keys) - queried.partition)
    *equal, last = keys[:used]
    equal += [last] if used == queried.partition else []
    conditions: Arguments = {
        name: {"ComparisonOperator": "EQ", "AttributeValueList": [key_value(rng, kind, len(keys) > 2)]}
        for name, kind in equal
    }
    if used > queried.partition:
        name, kind = last
        operator = rng.pick(("EQ", "LE", "LT", "GE", "GT", "BETWEEN", "BEGINS_WITH"))
        if rng.invalid_one_in(15):
            operator = rng.pick(OPERATORS)
        if operator == "BEGINS_WITH" and kind == "N":
            operator = "GE"
        operands = [key_value(rng, kind, len(keys) > 2) for _ in range(COUNTS.get(operator, 1))]
        conditions[name] = {"ComparisonOperator": operator, "AttributeValueList": operands}
    if rng.invalid_one_in(30):
        conditions[_attribute(rng)] = _condition(rng)
    if len(conditions) > 2 and rng.invalid_one_in(8):
        conditions.pop(rng.pick(list(conditions)))
    arguments["KeyConditions"] = conditions
    _add_read_parameters(rng, arguments, "QueryFilter", index)
    if rng.one_in(8) and not arguments.keys() & {"QueryFilter", "AttributesToGet", "ConditionalOperator"}:
        arguments["FilterExpression"] = "attribute_exists(a)"
    return Request("query", _mix(rng, arguments, "FilterExpression", "KeyConditionExpression"))


def scan(rng: RandomSource) -> Request:
    arguments, table = _target(rng)
    del arguments["Key"]
    _add_read_parameters(rng, arguments, "ScanFilter", rng.pick((None, *table.indexes)))
    return Request("scan", _mix(rng, arguments, "FilterExpression"), "pages")


REQUESTS = (put_item, put_item, update_item, update_item, update_item, delete_item, get_item, batch_get_item)
READS = (query, query, scan)


@st.composite
def sequences(draw: Callable[[st.SearchStrategy[int]], int]) -> list[Request]:
    """Return a batch that fills the tables, then random requests with legacy parameters."""
    rng = RandomSource(draw)
    made = [first_items(rng)]
    for _ in range(rng.up_to(15)):
        rng.valid_only = rng.one_in(2)
        made.append(rng.pick((*REQUESTS, *READS))(rng))
    return made


@examples(1 / 2)
@given(sequence=sequences())
def test_legacy_parameters_mean_what_they_mean_on_dynamodb_local(local: Reference, sequence: list[Request]) -> None:
    assert_same(local, sequence)
