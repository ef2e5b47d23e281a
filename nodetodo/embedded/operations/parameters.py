"""The shape of requests: which parameters an operation takes, of which Python types, which values they may have.

Wrong shapes are reported as botocore reports them before it sends anything, and all at once; values outside an
enumeration as DynamoDB's front door reports them. What is right in shape but makes no sense is found later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ParamValidationError, invalid
from ..limits import MIN_NAME_LENGTH, NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

    # Told of a value, of where it stands in the request, and of the report that takes what is wrong with it.
    Check = Callable[[Any, str, "Report"], None]

# DynamoDB takes these, this engine does not; for those of before 2014, what took their place.
UNBUILT = {
    "AttributesToGet": "; use ProjectionExpression",
    "AttributeUpdates": "; use UpdateExpression",
    "ConditionalOperator": "; use AND and OR in the expression",
    "Expected": "; use ConditionExpression",
    "KeyConditions": "; use KeyConditionExpression",
    "QueryFilter": "; use FilterExpression",
    "ScanFilter": "; use FilterExpression",
    "DeletionProtectionEnabled": "",
    "GlobalTableSettingsReplicationMode": "",
    "GlobalTableWitnessUpdates": "",
    "LocalSecondaryIndexes": "",
    "MultiRegionConsistency": "",
    "OnDemandThroughput": "",
    "ReplicaUpdates": "",
    "ResourcePolicy": "",
    "SSESpecification": "",
    "StreamSpecification": "",
    "TableClass": "",
    "Tags": "",
    "WarmThroughput": "",
}

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
# Python's stack has to bear what is looked through here; values this deep are refused by their nesting anyway.
_DEEPEST = 64


class Report:
    """What is wrong with a request: `shape` in botocore's words, `constraints` in DynamoDB's."""

    def __init__(self) -> None:
        self.shape: list[str] = []
        self.constraints: list[str] = []

    def type(self, value: Any, where: str, *valid: str) -> None:
        """Note a value of a wrong Python type."""
        self.shape.append(
            f"Invalid type for parameter {where}, value: {value}, type: {type(value)}, valid types: {', '.join(valid)}"
        )

    def constraint(self, value: Any, where: str, must: str) -> None:
        """Note a value that breaks a constraint of DynamoDB's model."""
        name = where.rpartition(".")[2]
        self.constraints.append(
            f"Value '{value}' at '{name[:1].lower()}{name[1:]}' failed to satisfy constraint: Member must {must}"
        )


def check(parameters: Structure, request: dict[str, Any]) -> None:
    """A ParamValidationError, or a ValidationException, unless a request has the shape of its operation."""
    report = Report()
    parameters(request, "", report)
    if report.shape:
        raise ParamValidationError("\n".join(report.shape))
    if report.constraints:
        count = len(report.constraints)
        raise invalid(f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(report.constraints)}")


class Structure:
    """A dictionary with these members, of which some are required."""

    def __init__(self, required: dict[str, Check], optional: dict[str, Check]) -> None:
        self.required = required
        self.members = {**required, **optional}

    def __call__(self, value: Any, where: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.type(value, where, "<class 'dict'>")
            return
        for name in self.required:
            if name not in value:
                report.shape.append(f'Missing required parameter in {where or "input"}: "{name}"')
        for name, member in value.items():
            check_member = self.members.get(name)
            if check_member is not None:
                check_member(member, f"{where}.{name}" if where else name, report)
            elif name in UNBUILT:
                report.shape.append(f'The embedded engine does not take the parameter "{name}"{UNBUILT[name]}')
            else:
                known = ", ".join(self.members)
                report.shape.append(f'Unknown parameter in {where or "input"}: "{name}", must be one of: {known}')


def text(value: Any, where: str, report: Report) -> None:
    """A string that UTF-8 can carry."""
    if not isinstance(value, str):
        report.type(value, where, "<class 'str'>")
    elif not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            report.shape.append(f"Invalid value for parameter {where}: half of a surrogate pair has no UTF-8 form")


def text_from(least: int) -> Check:
    """A string of at least so many characters."""

    def checked(value: Any, where: str, report: Report) -> None:
        text(value, where, report)
        if isinstance(value, str) and len(value) < least:
            report.shape.append(f"Invalid length for parameter {where}, value: {len(value)}, valid min length: {least}")

    return checked


def index_name(value: Any, where: str, report: Report) -> None:
    """The name of an index, of which botocore knows the least length."""
    _at_least_three(value, where, report)
    if isinstance(value, str) and len(value) >= 3:
        name(value, where, report)


def name(value: Any, where: str, report: Report) -> None:
    """Check the name of a table."""
    _at_least_one(value, where, report)
    if not isinstance(value, str) or not value:
        return
    if not (MIN_NAME_LENGTH <= len(value) <= NAME_LENGTH and _NAME.issuperset(value)):
        report.constraints.append(
            "Invalid table/index name.  Table/index names must be between "
            f"{MIN_NAME_LENGTH} and {NAME_LENGTH} characters long, "
            "and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'"
        )


def one_of(*valid: str) -> Check:
    """A string of an enumeration."""

    def checked(value: Any, where: str, report: Report) -> None:
        if value not in valid:
            if isinstance(value, str):
                report.constraint(value, where, f"satisfy enum value set: [{', '.join(valid)}]")
            else:
                report.type(value, where, "<class 'str'>")

    return checked


def integer_from(least: int, most: int = 2**31 - 1) -> Check:
    """A whole number of at least, and at most, so much."""

    def checked(value: Any, where: str, report: Report) -> None:
        if not isinstance(value, int):
            report.type(value, where, "<class 'int'>")
        elif value < least:
            report.shape.append(f"Invalid value for parameter {where}, value: {value}, valid min value: {least}")
        elif value > most:
            report.constraint(value, where, f"have value less than or equal to {most}")

    return checked


def boolean(value: Any, where: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.type(value, where, "<class 'bool'>")


def list_of(check_member: Check, least: int = 0, most: int = 2**31 - 1) -> Check:
    """A list of such members, at least and at most so many."""

    def checked(value: Any, where: str, report: Report) -> None:
        if not isinstance(value, list | tuple):
            report.type(value, where, "<class 'list'>", "<class 'tuple'>")
            return
        if len(value) < least:
            report.shape.append(f"Invalid length for parameter {where}, value: {len(value)}, valid min length: {least}")
        if len(value) > most:
            report.constraint(value, where, f"have length less than or equal to {most}")
        for at, member in enumerate(value):
            check_member(member, f"{where}[{at}]", report)

    return checked


def map_of(check_member: Check) -> Check:
    """A dictionary of such members by strings."""

    def checked(value: Any, where: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.type(value, where, "<class 'dict'>")
            return
        for key, member in value.items():
            text(key, f"{where} (key: {key})", report)
            check_member(member, f"{where}.{key}", report)

    return checked


def attribute_value(value: Any, where: str, report: Report, level: int = 0) -> None:
    """A value such as {"S": "…"}: whether it makes sense as one is found later."""
    if not isinstance(value, dict):
        report.type(value, where, "<class 'dict'>")
        return
    for kind, content in value.items():
        if kind in ("S", "N"):
            if not (type(content) is str and content.isascii()):
                text(content, f"{where}.{kind}", report)
        elif kind == "M":
            attributes(content, f"{where}.M", report, level + 1)
        elif kind == "L":
            if level >= _DEEPEST:
                report.constraints.append("Nesting Levels have exceeded supported limits")
            elif isinstance(content, list | tuple):
                for at, member in enumerate(content):
                    attribute_value(member, f"{where}.L[{at}]", report, level + 1)
            else:
                report.type(content, f"{where}.L", "<class 'list'>", "<class 'tuple'>")
        elif kind in ("BOOL", "NULL"):
            boolean(content, f"{where}.{kind}", report)
        elif kind == "B":
            _binary(content, f"{where}.B", report)
        elif kind in ("SS", "NS"):
            _texts(content, f"{where}.{kind}", report)
        elif kind == "BS":
            _binaries(content, f"{where}.BS", report)
        else:
            kinds = "S, N, B, SS, NS, BS, M, L, NULL, BOOL"
            report.shape.append(f'Unknown parameter in {where}: "{kind}", must be one of: {kinds}')


def attributes(value: Any, where: str, report: Report, level: int = 0) -> None:
    """An item, a key or a map: values by their names."""
    if not isinstance(value, dict):
        report.type(value, where, "<class 'dict'>")
    elif level >= _DEEPEST:
        report.constraints.append("Nesting Levels have exceeded supported limits")
    else:
        for attribute, member in value.items():
            if not (type(attribute) is str and attribute.isascii()):
                text(attribute, f"{where} (key: {attribute})", report)
            attribute_value(member, f"{where}.{attribute}", report, level)


def _binary(value: Any, where: str, report: Report) -> None:
    if not isinstance(value, bytes | bytearray):
        report.type(value, where, "<class 'bytes'>", "<class 'bytearray'>")


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
# Only tables with local secondary indexes have item collections to measure; there are none here, and DynamoDB answers
# SIZE with nothing for other tables.
COLLECTION: dict[str, Check] = {"ReturnItemCollectionMetrics": one_of("SIZE", "NONE")}
PROJECTION: dict[str, Check] = {"ProjectionExpression": text, **_NAMES}
WRITE: dict[str, Check] = {**CAPACITY, **COLLECTION, **CONDITION}
