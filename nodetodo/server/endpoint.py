"""The endpoint: answers an HTTP request with the embedded engine, as DynamoDB does.

The order of the checks is AWS's (architect/dynalite, test/connection.js, which passes on AWS): content type, JSON,
operation, authentication, types, values. Signatures and regions are not checked, so that any of them sees the same
tables.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any

from ..embedded import ClientError, ParamValidationError, StorageError
from ..embedded.client import Client
from . import wire
from .connections import Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from .reading import Headers, RefusedError, Request

    Send = Callable[..., dict[str, Any]]

    class Observer(Protocol):
        """Is notified of all requests. Threads call it at the same time."""

        def send(self, operation: str, send: Send, parameters: dict[str, Any]) -> dict[str, Any]:
            """Send a request to the engine and return its response. Raises the exceptions of the engine."""

        def refused(self, operation: str, code: str, message: str) -> None:
            """Take note of a request that did not reach the engine."""

        def failed(self, operation: str, message: str) -> None:
            """Take note of a request that the engine could not carry out."""


def _operation(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))


OPERATIONS = {_operation(name): name for name in vars(Client) if name[0] != "_" and name not in ("close", "exceptions")}
"""The operations of the engine, each with the method of the client that runs it."""

VERSIONS = ("DynamoDB_20120810", "DynamoDBStreams_20120810")
"""The first part of the header X-Amz-Target."""

JSON_1_0 = "application/x-amz-json-1.0"
CONTENT_TYPES = (JSON_1_0, "application/json")
"""Other types are refused, also because a web page may send some of them without the permission of the server."""

HEALTHY = b"healthy: dynamodb.local "
NOT_FOUND = b"<UnknownOperationException/>\n"
ACCESS_DENIED = f"{wire.SERVICE_PREFIX}AccessDeniedException"
UNKNOWN_OPERATION = f"{wire.SERVICE_PREFIX}UnknownOperationException"
NO_TOKEN = f"{wire.SERVICE_PREFIX}MissingAuthenticationTokenException"
INTERNAL_ERROR = f"{wire.MODELED_PREFIX}InternalServerError"


class Endpoint:
    """Answers requests with a client of the engine.

    reader: the client for operations that only read. hosts: the names by which clients may address the server, besides
    IP addresses; None for all names. observer: see Observer. Default: None.
    """

    def __init__(
        self, client: Any, reader: Any, hosts: frozenset[str] | None, observer: Observer | None = None
    ) -> None:
        self._methods: dict[str, Send] = {
            operation: getattr(reader if operation in READS else client, method)
            for operation, method in OPERATIONS.items()
        }
        self._hosts = hosts
        self._observer = observer

    def answer(self, request: Request) -> Response:
        """Return the response to a request. Raises no exception."""
        operation = ""
        try:
            if request.method == "GET":
                self._check_origin(request.headers)
                return _response(200, HEALTHY, "text/plain")
            content_type = request.headers.get("content-type", "").partition(";")[0].strip()
            if request.method != "POST" or (request.body and content_type not in CONTENT_TYPES):
                return _response(404, NOT_FOUND, "application/xml")
            self._check_origin(request.headers)
            operation = request.headers.get("x-amz-target", "")
            parameters = wire.decode(request.body) if request.body else None
            version, _, operation = operation.partition(".")
            send = self._methods.get(operation)
            if send is None or version not in VERSIONS:
                raise wire.WireError(UNKNOWN_OPERATION)
            _check_authentication(request)
            if parameters is None:
                raise wire.serialization_error()
            return _response(200, wire.encode(self._send(operation, send, parameters)))
        except wire.WireError as error:
            self._note_refusal(operation, error.code, error.members.get("message") or error.members.get("Message", ""))
            return _response(error.status, error.body)
        except ClientError as error:
            return _response(400, wire.error_body(error))
        except StorageError as error:
            return self._internal_error(operation, str(error).rstrip("."))
        except RecursionError:
            return _response(400, wire.serialization_error().body)
        except Exception as error:  # a mistake in this program must not end the connection
            return self._internal_error(operation, f"unexpected {type(error).__name__}: {error}")

    def refuse(self, refused: RefusedError) -> Response:
        """Return the response to a request that is not valid HTTP or exceeds a limit."""
        self._note_refusal("", f"HTTP {refused.status}", refused.reason)
        if refused.status == 413:  # without a body, as AWS
            return _response(413, b"")
        return _response(refused.status, wire.serialization_error(refused.reason).body)

    def _send(self, operation: str, send: Send, parameters: dict[str, Any]) -> dict[str, Any]:
        parameters.pop("self", None)  # an unknown parameter, but also the name of the method's own argument
        for _ in range(3):  # the second time without what AWS ignores
            try:
                if self._observer is None:
                    response = send(**parameters)
                else:
                    response = self._observer.send(operation, send, parameters)
            except ParamValidationError as error:
                wire.accept(parameters, error)
            else:
                del response["ResponseMetadata"]
                return response
        raise wire.serialization_error()

    def _note_refusal(self, operation: str, code: str, message: str) -> None:
        if self._observer is not None:
            self._observer.refused(operation, code, message)

    def _internal_error(self, operation: str, message: str) -> Response:
        """Report an error of this program or of the file to the console. The client learns no details of the file."""
        if self._observer is not None:
            self._observer.failed(operation, message)
        return _response(500, wire.WireError(INTERNAL_ERROR, 500, message="Internal server error").body)

    def _check_origin(self, headers: Headers) -> None:
        """Raise WireError if a web page sent the request.

        Browsers send the header Origin with every POST of a page. A page whose host name its owner redirected to this
        server (DNS rebinding) has that name in the header Host.
        """
        if "origin" in headers:
            raise wire.WireError(ACCESS_DENIED, 403, Message="requests of web pages are not allowed (header Origin)")
        host = headers.get("host", "")
        if self._hosts is not None and not _is_local(host, self._hosts):
            raise wire.WireError(
                ACCESS_DENIED, 403, Message="the server does not have this name (header Host); use its IP address"
            )


_READING = ("BatchGet", "Describe", "Get", "List", "Query", "Scan", "TransactGet")
READS = frozenset(name for name in OPERATIONS if name.startswith(_READING))
"""The operations that only read."""


def _is_local(host: str, hosts: frozenset[str]) -> bool:
    """Return whether the header Host has an IP address or one of these names."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.lower()
    is_address = name.replace(".", "").isdigit() or (name.startswith("[") and name.endswith("]"))
    return is_address or name in hosts or name.endswith(".localhost")


def _check_authentication(request: Request) -> None:
    """Raise WireError if the request has no signature. Any signature is valid.

    A web page cannot send the header Authorization to another host without that host's permission (CORS).
    """
    authorization = request.headers.get("authorization", "")
    if not authorization.startswith("AWS4-") and "X-Amz-Algorithm=" not in request.target:
        raise wire.WireError(NO_TOKEN, message="Request is missing Authentication Token")


def _response(status: int, body: bytes, content_type: str = JSON_1_0) -> Response:
    request_id = os.urandom(26).hex().upper()  # 52 characters, as AWS
    headers = f"x-amzn-RequestId: {request_id}\r\nx-amz-crc32: {zlib.crc32(body)}\r\nContent-Type: {content_type}\r\n"
    return Response(status, headers, body)
