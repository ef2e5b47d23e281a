"""DynamoDB's JSON 1.0: from the body of a request to parameters, and from responses and errors to bodies.

The engine takes and returns binary values as bytes and times as datetime. JSON has base64 and seconds since 1970. The
prefixes of `__type` and the messages are AWS's (architect/dynalite, test/connection.js and test/helpers, which pass on
AWS).
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, Any

from ..embedded.errors import MODELED
from ..embedded.errors import Problem as ParameterProblem
from ..embedded.operations.parameters import constraint, constraints_error
from ..embedded.storage.item_texts import ItemText

if TYPE_CHECKING:
    from ..embedded import ClientError, ParamValidationError

    Parameters = dict[str, Any]

MODELED_PREFIX = "com.amazonaws.dynamodb.v20120810#"
SERVICE_PREFIX = "com.amazon.coral.service#"
VALIDATION_PREFIX = "com.amazon.coral.validate#"


class WireError(Exception):
    """An error response that the engine does not raise. members: of its body, besides __type."""

    def __init__(self, kind: str, status: int = 400, **members: str) -> None:
        super().__init__(kind)
        self.kind, self.status, self.members = kind, status, members

    @property
    def code(self) -> str:
        """The name of the error without its prefix."""
        return self.kind.partition("#")[2]

    @property
    def body(self) -> bytes:
        """The body of the response."""
        return encode({"__type": self.kind, **self.members})


def serialization_error(message: str = "") -> WireError:
    """Return the error for a body that does not have the types of the API. Its member Message is in upper case."""
    kind = f"{SERVICE_PREFIX}SerializationException"
    return WireError(kind, Message=message) if message else WireError(kind)


def validation_error(message: str) -> WireError:
    """Return the error for a value that the API does not allow."""
    return WireError(f"{VALIDATION_PREFIX}ValidationException", message=message)


def decode(body: bytes) -> Parameters:
    """Return the parameters in the body of a request. Raises WireError if the body is not a JSON object."""
    # Decoding base64 takes a call for each object, so that bodies without binary values do without.
    from_json = _from_json_with_base64 if b'"B"' in body or b'"BS"' in body else _from_json
    try:
        parameters = from_json(body.decode())
    except (ValueError, RecursionError):  # also for text that is not UTF-8, and for numbers of thousands of digits
        raise serialization_error() from None
    if not isinstance(parameters, dict):
        raise serialization_error()
    return parameters


def _no_constant(name: str) -> None:
    """Reject NaN and Infinity, which json reads and JSON does not have."""
    raise ValueError(name)


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """Replace the base64 of an attribute value. An attribute named B has an object as its value."""
    binary = value.get("B")
    if isinstance(binary, str):
        value["B"] = _from_base64(binary)
    binaries = value.get("BS")
    if isinstance(binaries, list):
        value["BS"] = [_from_base64(each) if isinstance(each, str) else each for each in binaries]
    return value


def _from_base64(text: str) -> bytes:
    if len(text) % 4:
        raise serialization_error(f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(text)}")
    try:
        content = a2b_base64(text, strict_mode=True)
    except ValueError:
        content = b""
    if b2a_base64(content, newline=False).decode() != text:
        raise serialization_error("Invalid last non-pad Base64 character dectected")
    return content


# Created once: json.loads would create a decoder for every request.
_from_json = json.JSONDecoder(parse_constant=_no_constant).decode
_from_json_with_base64 = json.JSONDecoder(object_hook=_with_bytes, parse_constant=_no_constant).decode


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return b2a_base64(value, newline=False).decode()
    return value.timestamp()  # of a datetime


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_to_json).encode


def encode(response: dict[str, Any]) -> bytes:
    """Return the body of a response, which may contain items as text (see item_texts)."""
    members = []
    for name, value in response.items():
        text = f"[{','.join(map(_item_text, value))}]" if name == "Items" else _item_text(value)
        members.append(f'"{name}":{text}')
    return f"{{{','.join(members)}}}".encode()


def _item_text(value: Any) -> str:
    return value if isinstance(value, ItemText) else _encode(value)


def error_body(error: ClientError) -> bytes:
    """Return the body of an error response of the engine."""
    code = error.response["Error"]["Code"]
    if code in MODELED:  # the response has the message under the name of the model's member
        members = {name: value for name, value in error.response.items() if name not in ("Error", "ResponseMetadata")}
        return encode({"__type": MODELED_PREFIX + code, **members})
    prefix = VALIDATION_PREFIX if code == "ValidationException" else SERVICE_PREFIX
    return encode({"__type": prefix + code, "message": error.response["Error"]["Message"]})


def accept(parameters: Parameters, error: ParamValidationError) -> None:
    """Remove what AWS ignores from parameters that the engine rejected: unknown members, and members that are null.

    Raises WireError with AWS's message for the other problems, in its order: types first, then values.
    """
    problems = error.problems
    for problem in problems:
        if problem.kind == ParameterProblem.UNKNOWN:
            # The engine received a copy of the outermost object, as keyword arguments.
            (problem.value if problem.where else parameters).pop(problem.name, None)
        elif problem.kind == ParameterProblem.ENCODING:
            raise serialization_error()
        elif problem.kind == ParameterProblem.TYPE and problem.value is not None:
            raise serialization_error(_type_message(problem))
        elif problem.kind == ParameterProblem.TYPE and problem.name == "AttributeValue":
            raise validation_error(EMPTY_VALUE)
    unsupported = [problem for problem in problems if problem.kind == ParameterProblem.UNSUPPORTED]
    if unsupported:
        raise validation_error(unsupported[0].text)
    constraints = error.constraints + [message for message in map(_constraint, problems) if message is not None]
    if constraints:
        raise validation_error(constraints_error(constraints).message)
    if any(problem.kind == ParameterProblem.TYPE for problem in problems):
        _remove_nulls(parameters)


def _constraint(problem: ParameterProblem) -> str | None:
    """Return AWS's message for a value that violates a constraint; None for another problem."""
    where = f"{problem.where}.{problem.name}" if problem.where else problem.name
    if problem.kind == ParameterProblem.MISSING:
        return constraint(None, where, "not be null")
    if problem.kind == ParameterProblem.LENGTH:
        return constraint(problem.value, problem.where, f"have length greater than or equal to {problem.name}")
    if problem.kind == ParameterProblem.MINIMUM:
        return constraint(problem.value, problem.where, f"have value greater than or equal to {problem.name}")
    return None


def _remove_nulls(value: Any) -> None:
    """Remove the members that are null from all objects."""
    if isinstance(value, dict):
        for name in [name for name, member in value.items() if member is None]:
            del value[name]
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _remove_nulls(member)


EMPTY_VALUE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"

_JAVA_CLASSES = {
    "<class 'str'>": ("String", "class java.lang.String"),
    "<class 'int'>": ("Integer", "class java.lang.Integer"),
    "<class 'bool'>": ("Boolean", "class java.lang.Boolean"),
    "<class 'bytes'>": ("Blob", "class java.nio.ByteBuffer"),
    "<class 'list'>": ("List", ""),
}
"""AWS's name of each type, and the class that it names for a list in place of a value."""

_ATTRIBUTE_VALUE = f"{MODELED_PREFIX[:-1]}.AttributeValue"
_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")


def _type_message(problem: ParameterProblem) -> str:
    """Return AWS's message for a value of a wrong type."""
    value = problem.value
    kind, java_class = _JAVA_CLASSES.get(problem.name, ("Map", ""))
    if kind == "Integer" and problem.where.endswith(_UNITS):
        kind, java_class = "Long", "class java.lang.Long"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected"
    if isinstance(value, list):
        return f"Unrecognized collection type {java_class or _class_of(problem)}"
    if kind == "Blob":
        return "only base-64-encoded strings are convertible to bytes"
    if kind in ("List", "Map"):
        return "Unexpected value type in payload" if problem.name == "AttributeValue" else "Unexpected field type"
    if isinstance(value, str) and kind == "Boolean":
        return "Unexpected token received from parser"
    return f"{_token(value)} cannot be converted to {kind}"


def _class_of(problem: ParameterProblem) -> str:
    """Return the Java class of a structure or map, as far as messages of AWS are known."""
    if problem.name == "AttributeValue":
        return f"class {_ATTRIBUTE_VALUE}"
    if problem.name == "AttributeMap":
        return f"java.util.Map<java.lang.String, {_ATTRIBUTE_VALUE}>"
    return f"class {MODELED_PREFIX[:-1]}.{problem.where.rpartition('.')[2]}"


def _token(value: Any) -> str:
    """Return the name of a JSON token."""
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, str):
        return "STRING_VALUE"
    return "DECIMAL_VALUE" if isinstance(value, float) else "NUMBER_VALUE"
