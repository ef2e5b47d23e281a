"""Answers that are errors, put into a sentence: by their code, because the texts of the engines differ."""

from __future__ import annotations

import re
from typing import Any, Protocol

from .client import Target


class Refused(Protocol):
    """What every engine raises for an answer that is an error."""

    response: Any
    operation_name: str


THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}

CREDENTIALS_REFUSED = {
    "ExpiredTokenException": "have expired",
    "IncompleteSignatureException": "are not accepted",
    "InvalidSignatureException": "are not accepted: the secret key does not fit, or this machine's clock is wrong",
    "MissingAuthenticationTokenException": "are not accepted",
    "UnrecognizedClientException": "are not accepted",
}


def sentence(error: Refused, target: Target) -> str:
    """An answer that is an error. Told apart by its code: the texts of the engines differ."""
    code = error.response["Error"]["Code"]
    if code.isdigit():
        return f"{target.name} is no DynamoDB, or not ready: it answers with HTTP status {code}"
    message = " ".join(error.response["Error"].get("Message", "").split())
    if code == "ResourceNotFoundException":
        return f"the tables are missing at {target.name}; make them with: nodetodo table-add --db={target.name}"
    if code in CREDENTIALS_REFUSED:
        return f"the AWS credentials {CREDENTIALS_REFUSED[code]} ({code})"
    if code == "AccessDeniedException":
        # Of a transaction AWS names the action in it that is not allowed; the transaction itself is no action of IAM.
        named = re.search(r"dynamodb:\w+", message)
        action = named[0] if named else f"dynamodb:{error.operation_name}"
        return f"these AWS credentials may not do {action}; an IAM policy has to allow it"
    if code in THROTTLED:
        return f"{target.name} is throttling {error.operation_name}, and waiting did not help{_reasons(error)}"
    if code == "ValidationException":
        hint = "; table-ls shows what there is, table-add makes what is missing" if "index" in message else ""
        return f"{target.name} refuses this {error.operation_name}: {message}{hint}"
    return f"{target.name} failed to do {error.operation_name}: {code}{': ' + message if message else ''}"


def _reasons(error: Refused) -> str:
    """Why DynamoDB throttles, in its own words, and what a key range among them means."""
    # ThrottlingException spells its member with a small letter.
    listed = error.response.get("ThrottlingReasons") or error.response.get("throttlingReasons") or []
    reasons = {reason["reason"] for reason in listed if reason.get("reason")}
    if not reasons:
        return "; wait a while, or give the table more capacity"
    hint = ""
    if any("KeyRange" in reason for reason in reasons):
        hint = "; one partition key is hot: a partition serves 3,000 read and 1,000 write units a second"
    return f" ({', '.join(sorted(reasons))}){hint}"
