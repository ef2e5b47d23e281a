"""Turns DynamoDB error codes into error messages.

Decisions depend on codes only, because the texts of the engines differ. The texts are printed for information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..errors import DatabaseUnavailable, NoDatabase, NoResponse
from .interface import ABOUT_TABLES

if TYPE_CHECKING:
    from ..errors import NodetodoError
    from .interface import Request, Target


class ApiError(Protocol):
    """The exception that every engine raises for an error response."""

    response: Any
    operation_name: str


THROTTLING_ERRORS = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}

MISSING_TABLE = {"ResourceNotFoundException", "TableNotFoundException"}

HOT_PARTITION_REASONS = {
    "IndexReadKeyRangeThroughputExceeded",
    "IndexWriteKeyRangeThroughputExceeded",
    "TableReadKeyRangeThroughputExceeded",
    "TableWriteKeyRangeThroughputExceeded",
}
"""The throttling reasons of one overloaded partition (ThrottlingReason, API reference)."""

CREDENTIALS_REJECTED = {
    "ExpiredToken": "have expired",
    "ExpiredTokenException": "have expired",
    "IncompleteSignatureException": "are not accepted",
    "InvalidClientTokenId": "are not accepted",
    "InvalidSignatureException": "are not accepted: the secret key or this machine's clock is wrong",
    "MissingAuthenticationTokenException": "are not accepted",
    "OptInRequired": "belong to an account without access to DynamoDB",
    "RequestExpired": "are not accepted: this machine's clock is wrong",
    "RequestTimeTooSkewed": "are not accepted: this machine's clock is wrong",
    "UnrecognizedClientException": "are not accepted",
}


AMBIGUOUS_ERRORS = {"InternalFailure", "InternalServerError", "ServiceUnavailable", "TransactionInProgressException"}
"""Errors after which the request may have been applied."""

TRANSIENT_ERRORS = THROTTLING_ERRORS | AMBIGUOUS_ERRORS | {"LimitExceededException"}
"""Errors of a read after which a later attempt may succeed. Streams are throttled with LimitExceededException."""


def is_transient(error: Exception, failure: NodetodoError | None) -> bool:
    """Return whether a read that failed may succeed later. failure: the error message of the exception."""
    code = _code(error)
    return isinstance(failure, NoResponse) or code in TRANSIENT_ERRORS or (code.isdigit() and int(code) >= 500)


MAY_HAVE_BEEN_APPLIED = "; a change may have been applied; check before you retry"


def outcome(request: Request | None) -> str:
    """Return a warning, to be added to an error message, if the request may have been applied."""
    return "" if request is None or request.is_read else MAY_HAVE_BEEN_APPLIED


def failure(error: ApiError, target: Target, request: Request | None = None) -> NodetodoError:
    """Return the error message for an error response, with its exit status. request: as for message."""
    if target.is_local and error.response["Error"]["Code"] in MISSING_TABLE:
        return NoDatabase(target.name, request.tables if request else [])
    return DatabaseUnavailable(message(error, target, request))


def message(error: ApiError, target: Target, request: Request | None = None) -> str:
    """Return the error message for an error response. request: the request that failed, if it is known."""
    code = error.response["Error"]["Code"]
    operation = error.operation_name
    if code.isdigit():
        return not_dynamodb(target, operation, int(code)) + (outcome(request) if int(code) >= 500 else "")
    text = " ".join(error.response["Error"].get("Message", "").split())
    if code in MISSING_TABLE:
        return _missing_table(target, request)
    if code in CREDENTIALS_REJECTED:
        return f"the AWS credentials {CREDENTIALS_REJECTED[code]} ({code}){_hint_for_endpoint(code, target)}"
    if code == "AccessDeniedException":
        # The text names the missing permission. In a transaction it is that of one action.
        return f"the AWS credentials do not allow this {operation} ({text}); change their IAM policy"
    if code == "TransactionCanceledException":
        reasons = [reason for reason in error.response["CancellationReasons"] if reason.get("Code", "None") != "None"]
        shown = ", ".join(f"{reason['Code']}: {reason.get('Message', '').strip()}" for reason in reasons)
        return f"{target.name} cancelled the transaction ({shown})"
    if code in THROTTLING_ERRORS:
        return f"{target.name} still throttles {operation} after all retries{_throttling_reasons(error)}"
    if code == "UnknownOperationException":
        return f"{target.name} does not have the operation {operation}{_engines_with(operation)}"
    if code == "LimitExceededException":
        return f"{target.name} rejects this {operation}: {text}{_hint_for_limit(request)}"
    if code == "ValidationException":
        return f"{target.name} rejects this {operation}: {text}{_hint_for_invalid(operation, target, request)}"
    warning = outcome(request) if code in AMBIGUOUS_ERRORS else ""
    return f"{operation} failed at {target.name}: {code}{': ' + text if text else ''}{warning}"


def not_dynamodb(target: Target, operation: str, status: int) -> str:
    """Return the error message for a response that no DynamoDB sends. status: its HTTP status."""
    is_ready = ", or is not ready" if status >= 500 else ""
    shown = f" (HTTP status {status})" if status != 200 else ""
    return f"{target.name} is not a DynamoDB endpoint{is_ready}: its response to {operation} cannot be read{shown}"


def _engines_with(operation: str) -> str:
    """Return the databases that have an operation that others lack."""
    if "ContinuousBackups" in operation:
        return "; only AWS has point-in-time recovery"
    return "; AWS and a local file have backups" if "Backup" in operation else ""


LIMITS = {
    "BillingMode": "a table can be switched to on-demand mode up to four times in 24 hours",
    "TableClass": "the class of a table can be changed up to twice in 30 days",
    "ProvisionedThroughput": (
        "the capacity of a table and of each index can be decreased four times a day (UTC), and once more in each hour "
        "without a decrease in the hour before"
    ),
}
"""The limit of each kind of UpdateTable ("Quotas in Amazon DynamoDB", developer guide).

The code of the error is the same for all of them, so that the parameters of the request tell which one it may be.
"""


def _hint_for_limit(request: Request | None) -> str:
    """Return the rule that a rejected change of a table may violate."""
    parameters = request.parameters if request else {}
    updates = parameters.get("GlobalSecondaryIndexUpdates", ())
    if any("Create" in update or "Delete" in update for update in updates):
        return "; a table creates or deletes one index at a time; wait until the other index is ACTIVE"
    changed = {*parameters, *(name for update in updates for name in update.get("Update", ()))}
    return "".join(f"; {rule}" for name, rule in LIMITS.items() if name in changed)


def _hint_for_invalid(operation: str, target: Target, request: Request | None) -> str:
    """Return the probable reason for which a request of this program is invalid."""
    if operation == "Query":  # valid on the program's own tables; others may lack the index, or have other keys
        return "; table-ls lists the tables and indexes, table-add and index-add create missing ones"
    if operation == "DeleteTable":
        return "; table-edit --no-protect removes deletion protection"
    if operation == "UpdateTable" and target.endpoint and request and "TableClass" in request.parameters:
        return "; DynamoDB Local has no table classes, AWS and a local file have them"
    return ""


def _missing_table(target: Target, request: Request | None) -> str:
    from shlex import quote  # here, because missing tables are rare

    tables = " or ".join(request.tables if request else ()) or "a table"
    # DynamoDB Local, developer guide: "DynamoDB local usage notes", option -sharedDb.
    hint = (
        "; if it exists there, note that DynamoDB Local without -sharedDb has other tables for each access key "
        "(AWS_ACCESS_KEY_ID) and region (AWS_REGION)"
        if target.endpoint
        else ""
    )
    return (
        f"{tables} does not exist at {target.name}; create it with: nodetodo table-add --db={quote(target.name)}{hint}"
    )


def _hint_for_endpoint(code: str, target: Target) -> str:
    """Return the rule of DynamoDB Local that a rejected key may violate. Its response does not name the rule."""
    if target.endpoint is None or code != "UnrecognizedClientException":
        return ""
    return "; for DynamoDB Local, AWS_ACCESS_KEY_ID may contain letters and digits only"


INVALID_REQUEST = {"ValidationException", "ValidationError"}
"""Errors of a request that does not fit its table, and reasons of a cancelled transaction."""


def _response(error: Exception) -> dict[str, Any]:
    """Return the error response of an exception; empty if no response arrived."""
    return getattr(error, "response", None) or {}


def _code(error: Exception) -> str:
    """Return the error code of an exception; empty if no response arrived."""
    code: str = _response(error).get("Error", {}).get("Code", "")
    return code


def may_lack_index(error: Exception, request: Request | None) -> bool:
    """Return whether an error response may mean that the index of a query does not exist."""
    # DynamoDB and DynamoDB Local return ValidationException, moto ResourceNotFoundException (measured).
    codes = {*INVALID_REQUEST, "ResourceNotFoundException"}
    return request is not None and request.index is not None and _code(error) in codes


def may_be_of_other_keys(error: Exception) -> bool:
    """Return whether an error response may mean that a table has other keys than the request expects."""
    codes = {_code(error), *(reason.get("Code") for reason in _response(error).get("CancellationReasons", ()))}
    return not codes.isdisjoint(INVALID_REQUEST)


def may_be_in_creation(error: Exception, target: Target, request: Request | None) -> bool:
    """Return whether an error response may mean that a table is being created. The embedded engine does it at once.

    DynamoDB answers a request on the items of such a table as if the table did not exist.
    """
    is_on_items = request is None or request.operation not in ABOUT_TABLES
    return is_on_items and not target.is_local and _code(error) in MISSING_TABLE


def _throttling_reasons(error: ApiError) -> str:
    # The member of ThrottlingException begins with a lower-case letter.
    listed = error.response.get("ThrottlingReasons") or error.response.get("throttlingReasons") or []
    reasons = {reason["reason"] for reason in listed if reason.get("reason")}
    if not reasons:
        return "; wait, or increase the capacity of the table"
    hint = "" if reasons.isdisjoint(HOT_PARTITION_REASONS) else _hint_for_partition()
    return f" ({', '.join(sorted(reasons))}){hint}"


def _hint_for_partition() -> str:
    """Return the limit of a partition, which more capacity of the table does not raise, and the remedy."""
    from ..embedded.limits import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS  # here, because throttling is rare

    return (
        f"; the requests to one partition exceed its limit of {PARTITION_READ_UNITS:,} read or "
        f"{PARTITION_WRITE_UNITS:,} write units a second, which more capacity does not raise; wait, or spread the "
        "requests over more partition key values"
    )
