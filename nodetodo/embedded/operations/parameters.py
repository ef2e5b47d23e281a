"""The parameters of operations: their names, Python types and simple constraints.

Two kinds of errors are found here. botocore checks parameters before it sends a request and reports all errors at once.
DynamoDB then checks values against the constraints of its API model. The operations check everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import TOO_DEEP, ParamValidationError, Problem, validation_error
from ..limits import INTEGER, MIN_NAME_LENGTH, NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..errors import ApiError

    # Checks a value and adds its errors. The string is the path to the value in the request.
    Check = Callable[[Any, str, "Errors"], None]

# Parameters of DynamoDB that this engine does not support.
UNSUPPORTED = frozenset(
    {
        "BackupType",
        "BillingModeOverride",
        "DisassociationProtectionEnabled",
        "ExclusiveStartBackupArn",
        "GlobalSecondaryIndexOverride",
        "GlobalTableSettingsReplicationMode",
        "GlobalTableSourceArn",
        "GlobalTableWitnessUpdates",
        "LocalSecondaryIndexOverride",
        "MultiRegionConsistency",
        "OnDemandThroughputOverride",
        "ProvisionedThroughputOverride",
        "ReplicaUpdates",
        "ResourcePolicy",
        "SSESpecification",
        "SSESpecificationOverride",
        "TimeRangeLowerBound",
        "TimeRangeUpperBound",
        "VectorIndexOverride",
        "VectorIndexUpdates",
        "VectorIndexes",
    }
)

LONG = 2**63 - 1  # of a parameter that is a long integer, such as MaxReadRequestUnits
NAME_PATTERN = "[a-zA-Z0-9_.-]+"
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
# More than limits.NESTING_LEVELS, which is checked later; this limit protects Python's stack.
_MAX_LEVEL = 64


class Errors:
    """The errors found in a request: `problems` that botocore reports, `constraints` with DynamoDB's messages."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.constraints: list[str] = []

    def add(self, kind: str, where: str, text: str, value: Any = None, name: str = "") -> None:
        """Add a problem with botocore's message. See errors.Problem."""
        self.problems.append(Problem(kind, where, text, value, name))

    def add_type(self, value: Any, where: str, *valid: str, name: str = "") -> None:
        """Add an error for a value of a wrong Python type. name: of the type in DynamoDB's API. Default: valid[0]."""
        self.add(
            Problem.TYPE,
            where,
            f"Invalid type for parameter {where}, value: {value}, type: {type(value)}, valid types: {', '.join(valid)}",
            value,
            name or valid[0],
        )

    def add_length(self, value: Any, where: str, least: int) -> None:
        """Add an error for a string or a list that is too short."""
        self.add(
            Problem.LENGTH,
            where,
            f"Invalid length for parameter {where}, value: {len(value)}, valid min length: {least}",
            value,
            str(least),
        )

    def add_constraint(self, value: Any, where: str, must: str) -> None:
        """Add an error for a value that violates a constraint of DynamoDB's API model."""
        self.constraints.append(constraint(value, where, must))


def constraint(value: Any, where: str, must: str) -> str:
    """Return DynamoDB's message for a value that violates a constraint of its API model. None means no value.

    The path to a list is as in the request, and its value is not shown, as in the regions of AWS with the newest
    validation. Other regions show lists and maps in different notations.
    """
    names = []
    for part in where.replace("]", "").split("."):
        name, *indexes = part.split("[")
        names += [name, *(f"{int(index) + 1}.member" for index in indexes)]
    if isinstance(value, list | tuple):
        subject = f"Value at '{'.'.join(names)}'"
    else:
        shown = "null" if value is None else f"'{value}'"
        subject = f"Value {shown} at '{'.'.join(name[:1].lower() + name[1:] for name in names)}'"
    return f"{subject} failed to satisfy constraint: Member must {must}"


def check(parameters: Structure, request: dict[str, Any]) -> None:
    """Check a request.

    Raises ParamValidationError for unknown, missing or wrongly typed parameters, and ApiError (ValidationException) for
    values that violate a constraint.
    """
    errors = Errors()
    parameters(request, "", errors)
    if errors.problems:
        raise ParamValidationError(errors.problems, errors.constraints)
    if errors.constraints:
        raise constraints_error(errors.constraints)


def constraints_error(constraints: list[str]) -> ApiError:
    """Return the ApiError (ValidationException) for at least one violated constraint."""
    count = len(constraints)
    return validation_error(f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(constraints)}")


class Structure:
    """Checks a dictionary with required and optional members."""

    def __init__(self, required: dict[str, Check], optional: dict[str, Check]) -> None:
        self.required = required
        self.members = {**required, **optional}

    def __call__(self, value: Any, where: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            errors.add_type(value, where, "<class 'dict'>")
            return
        for name in self.required:
            if name not in value:
                errors.add(
                    Problem.MISSING,
                    where,
                    f'Missing required parameter in {where or "input"}: "{name}"',
                    value,
                    name,
                )
        for name, member in value.items():
            check_member = self.members.get(name)
            if check_member is not None:
                check_member(member, f"{where}.{name}" if where else name, errors)
            elif name in UNSUPPORTED:
                errors.add(
                    Problem.UNSUPPORTED,
                    where,
                    f'The embedded engine does not take the parameter "{name}"',
                    value,
                    name,
                )
            else:
                known = ", ".join(self.members)
                errors.add(
                    Problem.UNKNOWN,
                    where,
                    f'Unknown parameter in {where or "input"}: "{name}", must be one of: {known}',
                    value,
                    name,
                )


def text(value: Any, where: str, errors: Errors) -> None:
    """Check a string. It must be encodable as UTF-8."""
    if not isinstance(value, str):
        errors.add_type(value, where, "<class 'str'>")
    elif not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            errors.add(
                Problem.ENCODING,
                where,
                f"Invalid value for parameter {where}: half of a surrogate pair has no UTF-8 form",
            )


def text_from(least: int, most: int | None = None) -> Check:
    """Return a check for a string of `least` to `most` characters."""

    def check_value(value: Any, where: str, errors: Errors) -> None:
        text(value, where, errors)
        if isinstance(value, str) and len(value) < least:
            errors.add_length(value, where, least)
        if isinstance(value, str) and most is not None and len(value) > most:
            errors.add_constraint(value, where, f"have length less than or equal to {most}")

    return check_value


def index_name(value: Any, where: str, errors: Errors) -> None:
    """Check the name of an index. botocore checks its minimum length."""
    _at_least_three(value, where, errors)
    if isinstance(value, str) and len(value) >= 3:
        name(value, where, errors)


def name(value: Any, where: str, errors: Errors) -> None:
    """Check the name of a table."""
    if isinstance(value, str) and is_name(value):
        return
    _at_least_one(value, where, errors)
    if not isinstance(value, str) or not value:
        return
    if not _NAME.issuperset(value):
        errors.add_constraint(value, where, f"satisfy regular expression pattern: {NAME_PATTERN}")
    if len(value) < MIN_NAME_LENGTH:
        errors.add_constraint(value, where, f"have length greater than or equal to {MIN_NAME_LENGTH}")
    if len(value) > NAME_LENGTH:
        errors.add_constraint(value, where, f"have length less than or equal to {NAME_LENGTH}")


def is_name(value: str) -> bool:
    """Return whether a string can be the name of a table."""
    return MIN_NAME_LENGTH <= len(value) <= NAME_LENGTH and _NAME.issuperset(value)


def one_of(*valid: str) -> Check:
    """Return a check for a string of an enumeration."""

    def check_value(value: Any, where: str, errors: Errors) -> None:
        if value not in valid:
            text(value, where, errors)
            if isinstance(value, str):
                errors.add_constraint(value, where, f"satisfy enum value set: [{', '.join(valid)}]")

    return check_value


def integer_from(least: int, most: int = INTEGER) -> Check:
    """Return a check for an integer between `least` and `most`."""

    def check_value(value: Any, where: str, errors: Errors) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            errors.add_type(value, where, "<class 'int'>")
        elif value < least:
            errors.add(
                Problem.MINIMUM,
                where,
                f"Invalid value for parameter {where}, value: {value}, valid min value: {least}",
                value,
                str(least),
            )
        elif value > most:
            errors.add_constraint(value, where, f"have value less than or equal to {most}")

    return check_value


def boolean(value: Any, where: str, errors: Errors) -> None:
    """Check a Boolean."""
    if not isinstance(value, bool):
        errors.add_type(value, where, "<class 'bool'>")


def list_of(check_member: Check, least: int = 0, most: int = INTEGER) -> Check:
    """Return a check for a list of `least` to `most` members."""

    def check_value(value: Any, where: str, errors: Errors) -> None:
        if not isinstance(value, list | tuple):
            errors.add_type(value, where, "<class 'list'>", "<class 'tuple'>")
            return
        if len(value) < least:
            errors.add_length(value, where, least)
        if len(value) > most:
            errors.add_constraint(value, where, f"have length less than or equal to {most}")
        for at, member in enumerate(value):
            check_member(member, f"{where}[{at}]", errors)

    return check_value


def map_of(check_member: Check) -> Check:
    """Return a check for a dictionary with strings as keys."""

    def check_value(value: Any, where: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            errors.add_type(value, where, "<class 'dict'>")
            return
        for key, member in value.items():
            if not (type(key) is str and key.isascii()):
                text(key, f"{where} (key: {key})", errors)
            check_member(member, f"{where}.{key}", errors)

    return check_value


def attribute_value(value: Any, where: str, errors: Errors, level: int = 0) -> None:
    """Check the Python types of a value such as {"S": "…"}. values.py checks its content."""
    if not isinstance(value, dict):
        errors.add_type(value, where, "<class 'dict'>", name="AttributeValue")
        return
    for kind, content in value.items():
        if kind in ("S", "N"):
            if not (type(content) is str and content.isascii()):
                text(content, f"{where}.{kind}", errors)
        elif kind == "M":
            attributes(content, f"{where}.M", errors, level + 1)
        elif kind == "L":
            if level >= _MAX_LEVEL:
                errors.constraints.append(TOO_DEEP)
            elif isinstance(content, list | tuple):
                for at, member in enumerate(content):
                    attribute_value(member, f"{where}.L[{at}]", errors, level + 1)
            else:
                errors.add_type(content, f"{where}.L", "<class 'list'>", "<class 'tuple'>")
        elif kind in ("BOOL", "NULL"):
            boolean(content, f"{where}.{kind}", errors)
        elif kind == "B":
            _binary(content, f"{where}.B", errors)
        elif kind in ("SS", "NS"):
            _texts(content, f"{where}.{kind}", errors)
        elif kind == "BS":
            _binaries(content, f"{where}.BS", errors)
        else:
            kinds = "S, N, B, SS, NS, BS, M, L, NULL, BOOL"
            errors.add(
                Problem.UNKNOWN, where, f'Unknown parameter in {where}: "{kind}", must be one of: {kinds}', value, kind
            )


def attributes(value: Any, where: str, errors: Errors, level: int = 0) -> None:
    """Check the Python types of an item, a key or a map."""
    if not isinstance(value, dict):
        errors.add_type(value, where, "<class 'dict'>", name="AttributeMap")
    elif level >= _MAX_LEVEL:
        errors.constraints.append(TOO_DEEP)
    else:
        for attribute, member in value.items():
            if not (type(attribute) is str and attribute.isascii()):
                text(attribute, f"{where} (key: {attribute})", errors)
            if not _is_ascii_scalar(member):
                attribute_value(member, f"{where}.{attribute}", errors, level)


def _is_ascii_scalar(value: Any) -> bool:
    """Return whether a value is a string or a number in ASCII. Most values are, and they need no other check."""
    if type(value) is dict and len(value) == 1:
        ((kind, content),) = value.items()
        return kind in ("S", "N") and type(content) is str and content.isascii()
    return False


def _binary(value: Any, where: str, errors: Errors) -> None:
    if not isinstance(value, bytes | bytearray):
        errors.add_type(value, where, "<class 'bytes'>", "<class 'bytearray'>")


_texts = list_of(text)
_binaries = list_of(_binary)
_at_least_one = text_from(1)
_at_least_three = text_from(3)

RETURN_CAPACITY = one_of("INDEXES", "TOTAL", "NONE")
_ON_FAILURE = one_of("ALL_OLD", "NONE")
_NAMES: dict[str, Check] = {"ExpressionAttributeNames": map_of(text)}
EXPRESSIONS: dict[str, Check] = {**_NAMES, "ExpressionAttributeValues": attributes}
CONDITION: dict[str, Check] = {
    "ConditionExpression": text,
    **EXPRESSIONS,
    "ReturnValuesOnConditionCheckFailure": _ON_FAILURE,
}
TABLE: dict[str, Check] = {"TableName": name}
CAPACITY: dict[str, Check] = {"ReturnConsumedCapacity": RETURN_CAPACITY}
COLLECTION: dict[str, Check] = {"ReturnItemCollectionMetrics": one_of("SIZE", "NONE")}
PROJECTION: dict[str, Check] = {"ProjectionExpression": text, **_NAMES}
WRITE: dict[str, Check] = {**CAPACITY, **COLLECTION, **CONDITION}

# Legacy parameters, which legacy.py translates to expressions.
_VALUES: dict[str, Check] = {"AttributeValueList": list_of(attribute_value)}
_OPERATOR: dict[str, Check] = {
    "ComparisonOperator": one_of(
        *("IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE"),
        "CONTAINS",
    )
}
LEGACY_CONDITIONS = map_of(Structure(_OPERATOR, _VALUES))
_EXPECTED = map_of(Structure({}, {"Value": attribute_value, "Exists": boolean, **_OPERATOR, **_VALUES}))
LEGACY_JUNCTION: dict[str, Check] = {"ConditionalOperator": one_of("OR", "AND")}
LEGACY_CONDITION: dict[str, Check] = {"Expected": _EXPECTED, **LEGACY_JUNCTION}
LEGACY_UPDATES = map_of(Structure({}, {"Value": attribute_value, "Action": one_of("ADD", "PUT", "DELETE")}))
LEGACY_PROJECTION: dict[str, Check] = {"AttributesToGet": list_of(text, 1)}
# In the order of the error message for a request that has expressions too.
LEGACY = (
    *("AttributesToGet", "AttributeUpdates", "Expected", "QueryFilter", "ScanFilter", "ConditionalOperator"),
    "KeyConditions",
)
