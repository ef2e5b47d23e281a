"""Limits the time of each request to DynamoDB over the network, repeats throttled ones, and checks the responses.

These are handlers of botocore's events. Time-outs of one attempt and the number of attempts are settings (aws.py).
"""

from __future__ import annotations

import json
from concurrent.futures import Future
from functools import partial
from random import uniform
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from botocore import exceptions
from botocore.parsers import ResponseParserFactory

from ..errors import DatabaseUnavailable
from . import messages
from .messages import THROTTLING_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .interface import Target

REQUEST_SECONDS = 9.0
"""Time for all attempts at a request, from the search for the host's addresses to the last byte of the response. No
attempt begins that would probably exceed it. Every throttling response begins it anew."""

THROTTLED_ATTEMPTS = 8
"""Attempts at a throttled request, at most: 7 pauses of up to 1, 2, 4, 8, 16, 20 and 20 seconds, half on average."""

STARTED, LOST_RESPONSES, RETURNS_ITEM = "nodetodo started", "nodetodo lost responses", "nodetodo returns item"
"""Keys of this module in botocore's context of a request."""


def prepare(session: Any) -> None:
    """Limit the requests of all clients of a botocore session, and replace its parser of JSON.

    Also botocore's own requests for credentials, such as AssumeRole.
    """
    session.register_component("response_parser_factory", _Parsers())
    session.register("creating-client-class", _limit_requests)


def register(client: Any, target: Target) -> None:
    """Add the retries and checks of DynamoDB's responses to a client."""
    events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
    events.register(f"before-call.{service}", _note_returned_item)
    events.register_first(f"needs-retry.{service}", _pause_when_throttled)
    events.register(f"after-call.{service}", partial(_require_dynamodb, target))
    events.register(f"after-call.{service}", _report_lost_responses)


def _limit_requests(base_classes: list[type], **_: Any) -> None:
    base_classes.insert(0, _LimitedClient)


class _LimitedClient:
    """The first base class of every client, also of those that botocore creates to request credentials.

    It limits the time of each request to REQUEST_SECONDS.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        client: Any = self
        events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
        events.register(f"before-call.{service}", _note_start)
        events.register(f"before-send.{service}", partial(_send_in_time, client._endpoint.http_session.send))
        events.register_first(f"needs-retry.{service}", _limit_time)


def _note_returned_item(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[RETURNS_ITEM] = b'"ReturnValues": "ALL_NEW"' in params["body"]


def _note_start(context: dict[str, Any], **_: Any) -> None:
    # Not the clock of Environment: the wall clock can be changed during a request.
    context[STARTED], context[LOST_RESPONSES] = monotonic(), 0


def _send_in_time(send: Callable[[Any], Any], request: Any, **_: Any) -> Any:
    """Send one attempt in a thread, and raise ReadTimeoutError if it does not end within REQUEST_SECONDS.

    The time-outs of urllib3 limit one connection attempt and one read only: a host name may have many addresses, and a
    server may send a byte from time to time. The thread ends with the process, and Ctrl-C does not wait for it.
    """
    outcome: Future[Any] = Future()

    def run() -> None:
        try:
            outcome.set_result(send(request))
        except BaseException as error:
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        response = outcome.result(request.context[STARTED] + REQUEST_SECONDS - monotonic())
    except TimeoutError as error:
        raise exceptions.ReadTimeoutError(endpoint_url=request.url, error=error) from error
    # urllib3, as botocore uses it, does not report a response that ends early.
    if len(response.content) < int(response.headers.get("Content-Length") or 0):
        raise exceptions.ConnectionClosedError(endpoint_url=request.url, request=request, error="response too short")
    return response


def _limit_time(attempts: int, response: Any, caught_exception: Exception | None, request_dict: Any, **_: Any) -> None:
    """Count lost responses, and raise the exception of the last attempt if another one would exceed REQUEST_SECONDS."""
    context = request_dict["context"]
    never_sent = (exceptions.ConnectTimeoutError, exceptions.EndpointConnectionError)
    if caught_exception is None:
        context[LOST_RESPONSES] += response is not None and response[0].status_code >= 500
        return
    context[LOST_RESPONSES] += not isinstance(caught_exception, never_sent)
    elapsed = monotonic() - context[STARTED]
    if elapsed + elapsed / attempts > REQUEST_SECONDS:
        raise caught_exception


def _report_lost_responses(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Add to the response the number of earlier attempts that may have been applied.

    RetryAttempts also counts attempts that were throttled or never sent, which were not applied.
    """
    lost: int = context[LOST_RESPONSES]
    parsed.setdefault("ResponseMetadata", {})["LostResponses"] = lost


class _Parsers:
    """botocore's factory of response parsers, for a parser of JSON that never raises."""

    def __init__(self) -> None:
        self._factory = ResponseParserFactory()
        self.set_parser_defaults = self._factory.set_parser_defaults

    def create_parser(self, protocol: str) -> Any:
        parser = self._factory.create_parser(protocol)
        return _JsonParser(parser) if protocol == "json" else parser


class _JsonParser:
    """Returns UNREADABLE for a response that is not from DynamoDB, which _require_dynamodb reports.

    botocore raises an exception, or returns an empty response, for which a record does not exist.
    """

    def __init__(self, parser: Any) -> None:
        self._parser = parser

    def parse(self, response: Any, shape: Any) -> dict[str, Any]:
        try:
            parsed: dict[str, Any] = self._parser.parse(response, shape)
            if "Error" in parsed:
                is_readable = all(isinstance(member, str) for member in parsed["Error"].values())
            else:
                is_readable = len(parsed) > 1 or isinstance(json.loads(response["body"]), dict)
        except Exception:  # which one depends on the response: botocore expects objects with members of certain types
            is_readable = False
        return parsed if is_readable else UNREADABLE | {"ResponseMetadata": {}}


UNREADABLE = {"Error": {"Code": "", "Message": ""}}

REQUIRED_MEMBERS = {
    "Query": {"Items", "ScannedCount"},
    "Scan": {"Items", "ScannedCount"},
    "DescribeTable": {"Table"},
    "DescribeStream": {"StreamDescription"},
    "GetShardIterator": {"ShardIterator"},
    "GetRecords": {"Records"},
    "TransactionCanceledException": {"CancellationReasons"},
}
"""Members that every response to an operation of this program, or with the error code, has."""


def _require_dynamodb(
    target: Target, http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
) -> None:
    """Report a response that is not from DynamoDB, such as the page of a web server.

    Raises DatabaseUnavailable for a success. An error gets its HTTP status as its code, as botocore does it.
    """
    status = http_response.status_code
    code = parsed.get("Error", {}).get("Code", "")
    is_json = "json" in http_response.headers.get("Content-Type", "")
    is_readable = is_json and "Error" not in parsed if status == 200 else code != ""
    required = REQUIRED_MEMBERS.get(code or model.name, set())
    if status == 200 and context[RETURNS_ITEM]:
        required = {"Attributes"}
    if is_readable and required <= parsed.keys():
        return
    if status < 300:
        raise DatabaseUnavailable(messages.not_dynamodb(target, model.name, status))
    parsed["Error"] = {"Code": str(status), "Message": ""}


def _pause_when_throttled(attempts: int, response: Any, request_dict: Any, **_: Any) -> float | None:
    """Return the seconds until the next attempt of a throttled request; None for botocore's standard retries."""
    if response is None or response[1].get("Error", {}).get("Code") not in THROTTLING_ERRORS:
        return None
    if attempts >= THROTTLED_ATTEMPTS:
        return None
    seconds = uniform(0, min(20, 2 ** (attempts - 1)))
    request_dict["context"][STARTED] = monotonic() + seconds
    return seconds
