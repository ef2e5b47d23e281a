"""Translates legacy parameters, such as Expected and KeyConditions, to the expressions that replaced them.

"Legacy conditional parameters" of the developer guide has their meaning. The messages are in tests/embedded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import validation_error
from ..expressions.nodes import Action, Call, Junction, Not, Path, Predicate, Value
from ..expressions.translation import Translation
from ..limits import KEY_ATTRIBUTES
from .parameters import LEGACY

if TYPE_CHECKING:
    from ..expressions.nodes import Condition
    from ..values import Value as AttributeValue

    Conditions = dict[str, dict[str, Any]]

# In the order of the error message for a request that has both kinds of parameters.
_EXPRESSIONS = (
    *("ProjectionExpression", "UpdateExpression", "ConditionExpression", "FilterExpression"),
    "KeyConditionExpression",
)
_COMPARATORS = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
_FUNCTIONS = {"CONTAINS": "contains", "BEGINS_WITH": "begins_with", "IN": "in", "BETWEEN": "between"}
_EXISTENCE = {"NULL": "attribute_not_exists", "NOT_NULL": "attribute_exists"}
_KEY_OPERATORS = ("EQ", "LE", "LT", "GE", "GT", "BEGINS_WITH", "BETWEEN")
_SCALARS = ("S", "N", "B")
_SETS = ("SS", "NS", "BS")
# The types of the values of an operator. The other operators take all types.
_TYPES = {
    **dict.fromkeys(("LE", "LT", "GE", "GT", "BETWEEN", "IN", "CONTAINS", "NOT_CONTAINS"), _SCALARS),
    "BEGINS_WITH": ("S", "B"),
}

_WRONG = "One or more parameter values were invalid: "


def translated(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request with parsed expressions in place of its legacy parameters.

    Raises ApiError (ValidationException) if it has expressions too, or if a legacy parameter is invalid.
    """
    _check_not_mixed(request)
    conditions = request.get("Expected") or request.get("QueryFilter") or request.get("ScanFilter") or {}
    if "ConditionalOperator" in request and len(conditions) < 2:
        raise validation_error(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements"
            if conditions
            else "ConditionalOperator cannot be used without Filter or Expected"
        )
    kind = request.get("ConditionalOperator", "AND").lower()
    translation = Translation(_unused_prefix(request))
    trees: dict[str, Any] = {}
    if request.get("Expected"):
        terms = [_expected(name, each) for name, each in request["Expected"].items()]
        trees["ConditionExpression"] = translation.condition(_joined(kind, terms))
    for parameter in ("QueryFilter", "ScanFilter"):
        if request.get(parameter):
            trees["FilterExpression"] = translation.condition(_joined(kind, _terms(request[parameter])))
    if "KeyConditions" in request:
        trees["KeyConditionExpression"] = translation.condition(_key_conditions(request["KeyConditions"]))
    if "AttributeUpdates" in request:
        actions = [_action(name, each) for name, each in request["AttributeUpdates"].items()]
        trees["UpdateExpression"] = [translation.action(action) for action in actions]
    if "AttributesToGet" in request:
        trees["ProjectionExpression"] = [translation.path(path) for path in _paths(request["AttributesToGet"])]
    result = {name: value for name, value in request.items() if name not in LEGACY} | trees
    for name, placeholders in translation.parameters().items():
        result[name] = {**request.get(name, {}), **placeholders}
    return result


def _check_not_mixed(request: dict[str, Any]) -> None:
    expressions = [name for name in _EXPRESSIONS if name in request]
    legacy = [name for name in LEGACY if name in request]
    if "KeyConditionExpression" not in expressions and "KeyConditions" in legacy:
        legacy.remove("KeyConditions")  # which a filter or a projection may accompany
    if expressions and legacy:
        raise validation_error(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(legacy)}}} Expression parameters: {{{', '.join(expressions)}}}"
        )
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if name in request and not expressions:
            raise validation_error(f"{name} can only be specified when using expressions")


def _unused_prefix(request: dict[str, Any]) -> str:
    """Return a prefix that no placeholder of the request has; none if it has no placeholder."""
    taken = [*request.get("ExpressionAttributeNames", ()), *request.get("ExpressionAttributeValues", ())]
    prefix = ""
    while any(name[1:].startswith(prefix) for name in taken):
        prefix += "_"
    return prefix


def _joined(kind: str, terms: list[Condition]) -> Condition:
    return terms[0] if len(terms) == 1 else Junction(kind, tuple(terms))


def _terms(conditions: Conditions) -> list[Condition]:
    return [
        _term(name, each["ComparisonOperator"], each.get("AttributeValueList", ())) for name, each in conditions.items()
    ]


def _expected(name: str, expected: dict[str, Any]) -> Condition:
    """Translate the condition of Expected on one attribute."""
    operator, exists = expected.get("ComparisonOperator"), expected.get("Exists")
    has_value, has_list = "Value" in expected, "AttributeValueList" in expected
    where = f"for Attribute: {name}"
    if has_value and has_list:
        raise validation_error(f"{_WRONG}Value and AttributeValueList cannot be used together {where}")
    if operator is not None:
        if exists is not None:
            raise validation_error(f"{_WRONG}Exists and ComparisonOperator cannot be used together {where}")
        if operator not in _EXISTENCE and not has_value and not has_list:
            raise validation_error(
                f"{_WRONG}Value or AttributeValueList must be used with ComparisonOperator: {operator} {where}"
            )
        return _term(name, operator, [expected["Value"]] if has_value else expected.get("AttributeValueList", ()))
    if has_list:
        raise validation_error(f"{_WRONG}AttributeValueList can only be used with a ComparisonOperator {where}")
    if exists is False:
        if has_value:
            raise validation_error(f"{_WRONG}Value cannot be used when Exists is false {where}")
        return _term(name, "NULL", ())
    if not has_value:
        shown = "null" if exists is None else "true"
        raise validation_error(f"{_WRONG}Value must be provided when Exists is {shown} {where}")
    return _term(name, "EQ", [expected["Value"]])


def _term(name: str, operator: str, given: list[AttributeValue] | tuple[()]) -> Condition:
    """Translate an operator on one attribute."""
    operands = [values.checked(value)[0] for value in given]
    least, most = (0, 0) if operator in _EXISTENCE else (2, 2) if operator == "BETWEEN" else (1, 1)
    if len(operands) < least or (len(operands) > most and operator != "IN"):
        raise validation_error(f"{_WRONG}Invalid number of argument(s) for the {operator} ComparisonOperator")
    kinds = [next(iter(value)) for value in operands]
    if len(set(kinds)) > 1:
        raise validation_error(f"{_WRONG}AttributeValues inside AttributeValueList must be of same type")
    if kinds and kinds[0] not in _TYPES.get(operator, kinds):
        raise validation_error(f"{_WRONG}ComparisonOperator {operator} is not valid for {kinds[0]} AttributeValue type")
    if operator == "BETWEEN" and values.rank(operands[0]) > values.rank(operands[1]):  # type: ignore[operator]
        raise validation_error(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
        )
    path = Path((name,))
    if operator in _EXISTENCE:
        return Predicate(_EXISTENCE[operator], (path,))
    if operator == "NOT_CONTAINS":  # false for an absent attribute (scylladb/scylladb, test/alternator)
        contains = Predicate("contains", (path, Value(operands[0])))
        return Junction("and", (Predicate("attribute_exists", (path,)), Not(contains)))
    function = _COMPARATORS.get(operator) or _FUNCTIONS[operator]
    return Predicate(function, (path, *map(Value, operands)))


def _key_conditions(conditions: Conditions) -> Condition:
    terms = _terms(conditions)
    if not 1 <= len(terms) <= 2 * KEY_ATTRIBUTES:  # key_conditions.py compares their number with the key
        raise validation_error("Conditions can be of length 1 or 2 only")
    if any(each["ComparisonOperator"] not in _KEY_OPERATORS for each in conditions.values()):
        raise validation_error("Attempted conditional constraint is not an indexable operation")
    return _joined("and", terms)


def _action(name: str, update: dict[str, Any]) -> Action:
    """Translate the change of one attribute."""
    path, action = Path((name,)), update.get("Action", "PUT")
    if "Value" not in update:
        if action != "DELETE":
            raise validation_error(f"{_WRONG}Only DELETE action is allowed when no attribute value is specified")
        return Action("REMOVE", path, None)
    value = values.checked(update["Value"])[0]
    kind = next(iter(value))
    if action == "DELETE":
        if kind not in _SETS:
            raise validation_error(f"{_WRONG}DELETE action with value is not supported for the type {kind}")
        return Action("DELETE", path, Value(value))
    if action == "ADD":
        if kind == "L":
            present = Call("if_not_exists", (path, Value({"L": []})))
            return Action("SET", path, Call("list_append", (present, Value(value))))
        if kind not in ("N", *_SETS):
            raise validation_error(f"{_WRONG}ADD action is not supported for the type {kind}")
        return Action("ADD", path, Value(value))
    return Action("SET", path, Value(value))


def _paths(names: list[str]) -> list[Path]:
    seen: set[str] = set()  # the list may be as long as the largest body
    for name in names:
        if name in seen:
            raise validation_error(f"{_WRONG}Duplicate value in attribute name: {name}")
        seen.add(name)
    return [Path((name,)) for name in names]
