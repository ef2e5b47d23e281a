"""Connects to DynamoDB over the network: AWS, DynamoDB Local, and other endpoints with its API.

The client is boto3's low-level client. botocore builds it, and only botocore is imported: boto3 itself would load its
resource layer in every command, which this program does not use.

botocore reads credentials and profiles from the variables of the process and from AWS's files. It cannot use the
variables of Environment, so that this module takes only the region from there.
"""

from __future__ import annotations

from functools import partial
from random import uniform
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore import exceptions
from botocore.config import Config

from ..errors import DatabaseUnavailable, NodetodoError, WrongUsage
from . import messages
from .messages import MAY_HAVE_BEEN_APPLIED, THROTTLING_ERRORS

if TYPE_CHECKING:
    from ..environment import Environment
    from .interface import Client, Target

CONNECT_SECONDS = 2
READ_SECONDS = 3
"""Time-outs of one attempt. botocore's defaults are 60 seconds each."""

ATTEMPTS = 3
"""Attempts at a request, at most, unless it is throttled."""

SILENCE_SECONDS = 8.5
"""Time for all attempts at an endpoint that does not respond. No attempt begins that would probably exceed it: one
attempt waits up to CONNECT_SECONDS for each address of a host name."""

THROTTLED_ATTEMPTS = 8
"""Attempts at a throttled request, at most: 7 pauses of up to 1, 2, 4, 8, 16, 20 and 20 seconds, half on average."""

PLACEHOLDER_CREDENTIALS = {"aws_access_key_id": "nodetodo", "aws_secret_access_key": "nodetodo"}
"""For endpoints that check no credentials. DynamoDB Local accepts only letters and digits in the key id."""

PLACEHOLDER_REGION = "us-east-1"


def connect(target: Target, environment: Environment) -> Client:
    """Return a client for the target. Sends nothing yet, but may search for credentials.

    Raises WrongUsage if botocore rejects the URL, and botocore's exceptions, which failure() translates.
    """
    session = botocore.session.get_session()
    variables = environment.variables
    # Of the two variables botocore reads only AWS_DEFAULT_REGION. Most other AWS tools prefer AWS_REGION.
    region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or session.get_config_variable("region")
    placeholders: dict[str, str] = {}
    if target.endpoint is not None:
        region = region or PLACEHOLDER_REGION
        resolver = session.get_component("credential_provider")
        for network_provider in ("container-role", "iam-role"):  # outside AWS they take seconds to fail
            resolver.remove(network_provider)
    credentials = session.get_credentials()
    if credentials is not None:
        _require_valid(credentials)
    elif target.endpoint is not None:
        placeholders = PLACEHOLDER_CREDENTIALS
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # The target alone selects the database. AWS_ENDPOINT_URL or a profile must not redirect `--db=aws`.
        ignore_configured_endpoint_urls=True,
    )
    try:
        client = session.create_client(
            "dynamodb", region_name=region, endpoint_url=target.endpoint, config=config, **placeholders
        )
    except ValueError as error:  # a URL that passed targets.choose
        raise WrongUsage(f"{target.name!r} is not the URL of a server; a valid one is http://localhost:8000") from error
    events = client.meta.events
    events.register("before-call.dynamodb", _note_start)
    events.register_first("needs-retry.dynamodb", _limit_silence)
    events.register_first("needs-retry.dynamodb", _pause_when_throttled)
    events.register("after-call.dynamodb", partial(_require_dynamodb, target))
    events.register("after-call.dynamodb", _report_lost_responses)
    return cast("Client", client)


VARIABLES = {
    "access key id": "AWS_ACCESS_KEY_ID",
    "secret access key": "AWS_SECRET_ACCESS_KEY",
    "session token": "AWS_SESSION_TOKEN",
}
"""The environment variables of the parts of a credential."""


def _require_valid(credentials: Any) -> None:
    """Raise DatabaseUnavailable for a character that no credential contains. The message does not repeat the value.

    Such a character is often copied by mistake. The HTTP library would print the header that contains the value.
    """
    for part, value in zip(VARIABLES, credentials.get_frozen_credentials()[:3], strict=True):
        problem = _problem(value or "")
        if problem:
            source = VARIABLES[part] if credentials.method == "env" else f"the {part} from {credentials.method}"
            raise DatabaseUnavailable(f"{source} contains {problem}; set it again without this character")


def _problem(value: str) -> str | None:
    """Return a description of the first character that is not visible ASCII; None if there is none."""
    for character in value:
        if not character.isascii():
            return "a character that is not ASCII"
        if not "!" <= character <= "~":
            named = {"\r": "a carriage return", "\n": "a line feed", " ": "a space"}
            return named.get(character, "a control character")
    return None


STARTED, LOST_RESPONSES = "nodetodo started", "nodetodo lost responses"
"""Keys of this module in botocore's context of a request."""


def _note_start(context: dict[str, Any], **_: Any) -> None:
    # Not the clock of Environment: the wall clock can be changed during a request.
    context[STARTED], context[LOST_RESPONSES] = monotonic(), 0


def _limit_silence(
    attempts: int, response: Any, caught_exception: Exception | None, request_dict: Any, **_: Any
) -> None:
    """Count lost responses, and raise the exception of the last attempt if another one would exceed SILENCE_SECONDS."""
    context = request_dict["context"]
    never_sent = (exceptions.ConnectTimeoutError, exceptions.EndpointConnectionError)
    if caught_exception is None:
        context[LOST_RESPONSES] += response is not None and response[0].status_code >= 500
        return
    context[LOST_RESPONSES] += not isinstance(caught_exception, never_sent)
    elapsed = monotonic() - context[STARTED]
    if elapsed + elapsed / attempts > SILENCE_SECONDS:
        raise caught_exception


def _report_lost_responses(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Add to the response the number of earlier attempts that may have been applied.

    RetryAttempts also counts attempts that were throttled or never sent, which were not applied.
    """
    lost: int = context[LOST_RESPONSES]
    parsed.setdefault("ResponseMetadata", {})["LostResponses"] = lost


REQUIRED_MEMBERS = {"Query": "ScannedCount", "Scan": "ScannedCount", "DescribeTable": "Table"}
"""A member that every response to the operation has."""


def _require_dynamodb(target: Target, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Raise DatabaseUnavailable for the page of a web server, which botocore reads as a response without content."""
    if http_response.status_code != 200:
        return
    kind = http_response.headers.get("Content-Type", "")
    if "json" not in kind:
        fault = f"has the content type {kind}" if kind else "has no content type"
    elif (required := REQUIRED_MEMBERS.get(model.name, "ResponseMetadata")) not in parsed:
        fault = f"has no {required}"
    else:
        return
    raise DatabaseUnavailable(f"{target.name} is not DynamoDB: its response to {model.name} {fault}")


def _pause_when_throttled(attempts: int, response: Any, **_: Any) -> float | None:
    """Return the seconds until the next attempt of a throttled request; None for botocore's standard retries."""
    if response is None or response[1].get("Error", {}).get("Code") not in THROTTLING_ERRORS:
        return None
    if attempts >= THROTTLED_ATTEMPTS:
        return None
    return uniform(0, min(20, 2 ** (attempts - 1)))


def failure(error: Exception, target: Target) -> NodetodoError | None:
    """Return the error message for an exception of botocore; None for any other exception."""
    if isinstance(error, exceptions.ClientError):
        return DatabaseUnavailable(messages.message(error, target))
    if isinstance(error, exceptions.BotoCoreError):
        return DatabaseUnavailable(_without_response(error, target))
    return None


def _without_response(error: exceptions.BotoCoreError, target: Target) -> str:
    """Return the error message for a request that was not sent, or had no response."""
    address = str(error.kwargs.get("endpoint_url") or target.name).rstrip("/")
    match error:
        case exceptions.NoCredentialsError():
            return "no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        case exceptions.NoRegionError():
            return "no AWS region is set; set AWS_REGION, for example to eu-central-1, or use a profile with a region"
        case exceptions.EndpointConnectionError():
            if "NameResolutionError" in type(error.kwargs.get("error")).__name__:
                return f"the host name of {address} does not resolve; check the name and the network"
            return f"nothing is listening at {address}"
        case exceptions.ConnectTimeoutError():
            return f"{address} does not respond"
        case exceptions.ReadTimeoutError():
            return f"{address} accepts connections but does not respond in time{MAY_HAVE_BEEN_APPLIED}"
        case exceptions.ConnectionClosedError():
            return f"{address} closed the connection without a response{MAY_HAVE_BEEN_APPLIED}"
        case exceptions.SSLError():
            return f"no secure connection to {address} is possible: {error.kwargs.get('error')}"
        case exceptions.ProxyConnectionError():
            return f"the proxy for {address} cannot be used; check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        case exceptions.HTTPClientError():
            # The text of the cause may contain headers of the request, and with them credentials.
            return f"the request to {address} cannot be sent ({type(error.kwargs.get('error')).__name__})"
    return " ".join(str(error).split()).rstrip(".")
