"""What the engine raises: errors that are caught like boto3's, and the one for a file that cannot be used."""

from __future__ import annotations

from typing import Any

# The errors of DynamoDB's API model that a caller of these operations can name, whether this engine raises them or only
# DynamoDB does: code that waits for a throttled request has to work on both.
MODELLED = frozenset(
    {
        "ConditionalCheckFailedException",
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
    }
)

_WITH_CAPITAL = frozenset(
    {"IdempotentParameterMismatchException", "TransactionCanceledException", "TransactionInProgressException"}
)


class StorageError(Exception):
    """The database file cannot be used; the message is one sentence that says why. Nothing in it was changed."""


class ParamValidationError(ValueError):
    """The request's shape is wrong: a parameter is unknown, missing or of a wrong Python type. As botocore says it."""

    def __init__(self, report: str) -> None:
        super().__init__(f"Parameter validation failed:\n{report}")


class ClientError(Exception):
    """DynamoDB's response is an error: `response` holds it as boto3 gives it, `operation_name` is such as PutItem."""

    def __init__(self, error_response: dict[str, Any], operation_name: str) -> None:
        error = error_response["Error"]
        super().__init__(
            f"An error occurred ({error['Code']}) when calling the {operation_name} operation: {error['Message']}"
        )
        self.response = error_response
        self.operation_name = operation_name


class ApiError(Exception):
    """An error response on its way out of the engine; the client makes a ClientError of it.

    `details` are the fields that stand beside Error in the response: Item, CancellationReasons.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def invalid(message: str) -> ApiError:
    """The refusal of a request that DynamoDB calls a ValidationException."""
    return ApiError("ValidationException", message)


class Exceptions:
    """The error classes by their names in DynamoDB's API, as `client.exceptions` of boto3."""

    def __getattr__(self, name: str) -> type[ClientError]:
        made = _classes.get(name)
        if made is None:
            if name not in MODELLED:
                known = ", ".join(sorted(MODELLED))
                raise AttributeError(f"{self!r} has no attribute {name}. Valid exceptions are: {known}")
            made = _classes[name] = type(name, (ClientError,), {"__doc__": f"DynamoDB's {name}."})
        return made


# Classes are made when first asked for: most commands need none or one. The same class for every client of the process.
_classes: dict[str, type[ClientError]] = {"ClientError": ClientError}
EXCEPTIONS = Exceptions()


def client_error(refusal: ApiError, operation: str) -> ClientError:
    """The exception for a refusal, in boto3's form."""
    response: dict[str, Any] = {
        "Error": {"Message": refusal.message, "Code": refusal.code},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0},
        **refusal.details,
    }
    if refusal.code not in MODELLED:
        return ClientError(response, operation)
    # boto3 repeats the message as the member that the API's model gives these errors.
    response["Message" if refusal.code in _WITH_CAPITAL else "message"] = refusal.message
    made: type[ClientError] = getattr(EXCEPTIONS, refusal.code)
    return made(response, operation)
