"""The exceptions of the engine: boto3's for error responses, and one for a file that cannot be used."""

from __future__ import annotations

from typing import Any

# The errors that DynamoDB's API model defines for these operations. Some of them only DynamoDB raises, not this engine:
# code that retries throttled requests has to work on both.
MODELED = frozenset(
    {
        "BackupInUseException",
        "BackupNotFoundException",
        "ConditionalCheckFailedException",
        "ContinuousBackupsUnavailableException",
        "DuplicateItemException",
        "ExpiredIteratorException",
        "IdempotentParameterMismatchException",
        "IndexNotFoundException",
        "InternalServerError",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "ResourceInUseException",
        "ResourceNotFoundException",
        "TableAlreadyExistsException",
        "TableInUseException",
        "TableNotFoundException",
        "ThrottlingException",
        "TransactionCanceledException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "TrimmedDataAccessException",
    }
)

_WITH_CAPITAL = frozenset(
    {"IdempotentParameterMismatchException", "TransactionCanceledException", "TransactionInProgressException"}
)


class StorageError(Exception):
    """The database file cannot be used. The message is one sentence with the reason. The file was not changed.

    path: of the file, for an error of SQLite or damaged data. Default: None. is_busy: whether another process uses the
    file.
    """

    def __init__(self, message: str, path: str | None = None, *, is_busy: bool = False) -> None:
        super().__init__(message)
        self.path, self.is_busy = path, is_busy


class DamagedDataError(Exception):
    """Stored data is not as the engine stores it. The message names the data.

    At the end of the transaction, the storage converts it to a StorageError with the name of the file.
    """


class Problem:
    """A problem with a parameter, for which botocore does not send the request.

    kind: one of the constants. where: the path to the value, such as TransactItems[0].Put; empty for the request. text:
    botocore's message. value: the wrong value; for MISSING, UNKNOWN and UNSUPPORTED the structure with the parameter.
    name: of the parameter; for TYPE of the right type; for LENGTH and MINIMUM the smallest number.
    """

    TYPE, MISSING, UNKNOWN, UNSUPPORTED = "type", "missing", "unknown", "unsupported"
    LENGTH, MINIMUM, ENCODING = "length", "minimum", "encoding"

    __slots__ = ("kind", "name", "text", "value", "where")

    def __init__(self, kind: str, where: str, text: str, value: Any, name: str) -> None:
        self.kind, self.where, self.text, self.value, self.name = kind, where, text, value, name


class ParamValidationError(ValueError):
    """A parameter of the request is unknown, missing or of a wrong Python type.

    The message is botocore's, with one line per parameter. constraints: DynamoDB's messages for values of other
    parameters.
    """

    def __init__(self, problems: list[Problem], constraints: list[str]) -> None:
        super().__init__("\n".join(["Parameter validation failed:", *(problem.text for problem in problems)]))
        self.problems, self.constraints = problems, constraints


class ClientError(Exception):
    """An error response, as boto3 raises it: `response` is the dictionary, `operation_name` is for example PutItem."""

    def __init__(self, error_response: dict[str, Any], operation_name: str) -> None:
        error = error_response["Error"]
        super().__init__(
            f"An error occurred ({error['Code']}) when calling the {operation_name} operation: {error['Message']}"
        )
        self.response = error_response
        self.operation_name = operation_name


class ApiError(Exception):
    """An error response inside the engine. The client converts it to a ClientError.

    details: the fields of the response besides Error, such as Item and CancellationReasons.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)


def validation_error(message: str) -> ApiError:
    """Return an ApiError with the code ValidationException."""
    return ApiError("ValidationException", message)


class Exceptions:
    """The error classes as attributes, named as in DynamoDB's API. boto3 has the same as `client.exceptions`."""

    def __getattr__(self, name: str) -> type[ClientError]:
        found = _classes.get(name)
        if found is None:
            if name not in MODELED:
                known = ", ".join(sorted(MODELED))
                raise AttributeError(f"{self!r} has no attribute {name}. Valid exceptions are: {known}")
            found = _classes[name] = type(name, (ClientError,), {"__doc__": f"DynamoDB's {name}."})
        return found


# A class is created on first use, because most commands need none or one. All clients of the process share it.
_classes: dict[str, type[ClientError]] = {"ClientError": ClientError}
EXCEPTIONS = Exceptions()


def client_error(error: ApiError, operation: str) -> ClientError:
    """Return the exception that boto3 raises for an error response."""
    response: dict[str, Any] = {
        "Error": {"Message": error.message, "Code": error.code},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0},
        **error.details,
    }
    if error.code not in MODELED:
        return ClientError(response, operation)
    # For errors of the API model, boto3 repeats the message under the name of the model's member.
    response["Message" if error.code in _WITH_CAPITAL else "message"] = error.message
    error_class: type[ClientError] = getattr(EXCEPTIONS, error.code)
    return error_class(response, operation)
