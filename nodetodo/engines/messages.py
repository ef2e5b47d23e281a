"""Answers that are errors, put into a sentence: by their code, because the texts of the engines differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .interface import Target


class ApiError(Protocol):
    """What every engine raises for an response that is an error."""

    response: Any
    operation_name: str


THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}

CREDENTIALS_REFUSED = {
    "ExpiredToken": "have expired",
    "ExpiredTokenException": "have expired",
    "IncompleteSignatureException": "are not accepted",
    "InvalidClientTokenId": "are not accepted",
    "InvalidSignatureException": "are not accepted: the secret key does not fit, or this machine's clock is wrong",
    "MissingAuthenticationTokenException": "are not accepted",
    "OptInRequired": "are of an account that DynamoDB is not open to",
    "RequestExpired": "are not accepted: this machine's clock is wrong",
    "RequestTimeTooSkewed": "are not accepted: this machine's clock is wrong",
    "UnrecognizedClientException": "are not accepted",
}

MAY_BE_DONE_CODES = {"InternalFailure", "InternalServerError", "ServiceUnavailable", "TransactionInProgressException"}
MAY_BE_DONE = "; a change may have been made all the same, so look before you repeat it"


def message(error: ApiError, target: Target) -> str:
    """An response that is an error. Told apart by its code: the texts of the engines differ."""
    code = error.response["Error"]["Code"]
    if code.isdigit():
        return f"{target.name} is no DynamoDB, or not ready: it answers with HTTP status {code}"
    text = " ".join(error.response["Error"].get("Message", "").split())
    if code == "ResourceNotFoundException":
        return f"the tables are missing at {target.name}; make them with: nodetodo table-add --db={target.name}"
    if code in CREDENTIALS_REFUSED:
        return f"the AWS credentials {CREDENTIALS_REFUSED[code]} ({code})"
    if code == "AccessDeniedException":
        # Of a transaction AWS names the action in it that is not allowed; the transaction itself is no action of IAM.
        named = re.search(r"dynamodb:\w+", text)
        action = named[0] if named else f"dynamodb:{error.operation_name}"
        return f"these AWS credentials may not do {action}; an IAM policy has to allow it"
    if code == "TransactionCanceledException":
        reasons = [reason for reason in error.response["CancellationReasons"] if reason.get("Code", "None") != "None"]
        told = ", ".join(f"{reason['Code']}: {reason.get('Message', '').strip()}" for reason in reasons)
        return f"{target.name} does not carry out this transaction, and waiting did not help ({told}){_hint(told)}"
    if code in THROTTLED:
        return f"{target.name} is throttling {error.operation_name}, and waiting did not help{_reasons(error)}"
    if code == "ValidationException":
        hint = "; table-ls shows what there is, table-add makes what is missing" if "index" in text else ""
        return f"{target.name} refuses this {error.operation_name}: {text}{hint}"
    may_be_done = MAY_BE_DONE if code in MAY_BE_DONE_CODES else ""
    return f"{target.name} failed to do {error.operation_name}: {code}{': ' + text if text else ''}{may_be_done}"


def _reasons(error: ApiError) -> str:
    """Why DynamoDB throttles, in its own words, and what a key range among them means."""
    # ThrottlingException spells its member with a small letter.
    listed = error.response.get("ThrottlingReasons") or error.response.get("throttlingReasons") or []
    reasons = {reason["reason"] for reason in listed if reason.get("reason")}
    if not reasons:
        return "; wait a while, or give the table more capacity"
    told = ", ".join(sorted(reasons))
    return f" ({told}){_hint(told)}"


def _hint(reasons: str) -> str:
    """What it means that DynamoDB throttles a range of keys."""
    is_hot = "KeyRange" in reasons
    return "; one partition key is hot: a partition serves 3,000 read and 1,000 write units a second" if is_hot else ""
