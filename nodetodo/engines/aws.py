"""DynamoDB over the network: AWS, DynamoDB Local, any endpoint that speaks its API.

The client is boto3's low-level client. botocore builds it, and only botocore is imported: boto3 itself would add its
resource layer and the loading of them to every command, and this program uses none of it.
"""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore import exceptions
from botocore.config import Config

from ..errors import NodetodoError, Unavailable, WrongUsage
from . import messages
from .messages import MAY_BE_DONE, THROTTLED

if TYPE_CHECKING:
    from ..environment import Environment
    from .interface import Client, Target

CONNECT_SECONDS = 2
READ_SECONDS = 3
ATTEMPTS = 3
SILENCE_SECONDS = 8.5
"""An endpoint that does not response is given up before another attempt would take longer than that in all: one attempt
tries each address of a name for as long as CONNECT_SECONDS. botocore's own time-outs are 60 seconds each."""

THROTTLED_ATTEMPTS = 8
"""Throttling is waited out longer: 7 pauses of up to 1, 2, 4, 8, 16, 20 and 20 seconds, half of that on average."""

STAND_INS = {"aws_access_key_id": "nodetodo", "aws_secret_access_key": "nodetodo"}
"""For endpoints that check no credentials; DynamoDB Local wants letters and digits only in the key id."""

STAND_IN_REGION = "us-east-1"


def connect(target: Target, environment: Environment) -> Client:
    """A client for target; sends nothing yet, but may look for credentials. Raises botocore's errors, see failure."""
    session = botocore.session.get_session()
    # botocore reads AWS_DEFAULT_REGION and the profile, but not AWS_REGION, which AWS's other tools prefer.
    region = environment.variables.get("AWS_REGION") or session.get_config_variable("region")
    credentials: dict[str, str] = {}
    if target.endpoint is not None:
        region = region or STAND_IN_REGION
        resolver = session.get_component("credential_provider")
        for asks_the_network in ("container-role", "iam-role"):  # seconds on a machine that is none of AWS's
            resolver.remove(asks_the_network)
        if session.get_credentials() is None:
            credentials = STAND_INS
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # A target says where the data is; AWS_ENDPOINT_URL or a profile must not send `--db=aws` elsewhere.
        ignore_configured_endpoint_urls=True,
    )
    try:
        client = session.create_client(
            "dynamodb", region_name=region, endpoint_url=target.endpoint, config=config, **credentials
        )
    except ValueError as error:  # a URL that only botocore sees to be none
        raise WrongUsage(f"{target.name!r} is no URL of a server, as http://localhost:8000 is") from error
    events = client.meta.events
    events.register("before-call.dynamodb", _note_start)
    events.register_first("needs-retry.dynamodb", _give_up_on_silence)
    events.register_first("needs-retry.dynamodb", _wait_out_throttling)
    events.register("after-call.dynamodb", partial(_require_dynamodb, target))
    events.register("after-call.dynamodb", _count_lost_answers)
    return cast("Client", client)


STARTED, LOST_ANSWERS = "nodetodo started", "nodetodo lost answers"
"""What we keep in botocore's context of a request."""


def _note_start(context: dict[str, Any], **_: Any) -> None:
    context[STARTED], context[LOST_ANSWERS] = time.monotonic(), 0


def _give_up_on_silence(
    attempts: int, response: Any, caught_exception: Exception | None, request_dict: Any, **_: Any
) -> None:
    """Raises what the last attempt raised once another one would take too long; counts answers that were lost."""
    context = request_dict["context"]
    never_sent = (exceptions.ConnectTimeoutError, exceptions.EndpointConnectionError)
    if caught_exception is None:
        context[LOST_ANSWERS] += response is not None and response[0].status_code >= 500
        return
    context[LOST_ANSWERS] += not isinstance(caught_exception, never_sent)
    elapsed = time.monotonic() - context[STARTED]
    if elapsed + elapsed / attempts > SILENCE_SECONDS:
        raise caught_exception


def _count_lost_answers(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Tell above how many attempts at this request may have been carried out, besides the one that was answered.

    Not so those that were throttled or never sent, which RetryAttempts counts too.
    """
    lost: int = context[LOST_ANSWERS]
    parsed.setdefault("ResponseMetadata", {})["LostAnswers"] = lost


NEVER_MISSING = {"Query": "ScannedCount", "Scan": "ScannedCount", "DescribeTable": "Table"}
"""What is in every response to these operations."""


def _require_dynamodb(target: Target, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Raises Unavailable for a page of some web server, which botocore would take for an response without content."""
    if http_response.status_code != 200:
        return
    kind = http_response.headers.get("Content-Type", "")
    if "json" not in kind or NEVER_MISSING.get(model.name, "ResponseMetadata") not in parsed:
        raise Unavailable(f"{target.name} is no DynamoDB: its response to {model.name} is {kind or 'of no kind'}")


def _wait_out_throttling(attempts: int, response: Any, **_: Any) -> float | None:
    """Seconds until the next attempt of a throttled request; None leaves the matter to botocore's standard retries."""
    if response is None or response[1].get("Error", {}).get("Code") not in THROTTLED or attempts >= THROTTLED_ATTEMPTS:
        return None
    return random.uniform(0, min(20, 2 ** (attempts - 1)))


def failure(error: Exception, target: Target) -> NodetodoError | None:
    """What a user is told about an error of botocore's; None for any other error."""
    if isinstance(error, exceptions.ClientError):
        return Unavailable(messages.message(error, target))
    if isinstance(error, exceptions.BotoCoreError):
        return Unavailable(_no_answer(error, target))
    return None


def _no_answer(error: exceptions.BotoCoreError, target: Target) -> str:
    """No response at all, or nothing that could be sent."""
    match error:
        case exceptions.NoCredentialsError():
            return "no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        case exceptions.NoRegionError():
            return "no AWS region is set; set AWS_REGION, such as eu-central-1, or a profile that has one"
        case exceptions.EndpointConnectionError():
            if "NameResolutionError" in type(error.kwargs.get("error")).__name__:
                return f"the name of {_address(error, target)} does not resolve; is it right, and is there a network?"
            return f"nothing is listening at {_address(error, target)}"
        case exceptions.ConnectTimeoutError():
            return f"{_address(error, target)} does not response"
        case exceptions.ReadTimeoutError():
            return f"{_address(error, target)} takes connections but does not response in time{MAY_BE_DONE}"
        case exceptions.ConnectionClosedError():
            return f"{_address(error, target)} closed the connection without an response{MAY_BE_DONE}"
        case exceptions.SSLError():
            return f"no secure connection to {_address(error, target)}: {error.kwargs.get('error')}"
    return " ".join(str(error).split()).rstrip(".")


def _address(error: exceptions.BotoCoreError, target: Target) -> str:
    return str(error.kwargs.get("endpoint_url") or target.name).rstrip("/")
