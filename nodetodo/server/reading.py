"""Reads HTTP/1.1 requests, with limits for their sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Result = TypeVar("Result")
    Parsing = Generator[None, bytes, Result]

    Headers = dict[str, str]
    """The header fields of a request by their names in lower case."""

HEADER_BYTES = 32 * 1024
"""The largest request line and headers."""

BODY_BYTES = 16 * 1024 * 1024
"""The largest body of a request, as in DynamoDB ("Quotas in Amazon DynamoDB", developer guide)."""

CHUNK_LINE_BYTES = 256
"""The longest line before a chunk: its length and extensions."""

HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


class Request:
    """A request that arrived completely. is_last: whether the client wants to close the connection after it."""

    __slots__ = ("body", "headers", "is_last", "method", "target")

    def __init__(self, method: str, target: str, headers: Headers, body: bytes, is_last: bool) -> None:
        self.method, self.target, self.headers, self.body, self.is_last = method, target, headers, body, is_last


class RefusedError(Exception):
    """A request that is not valid HTTP/1.1 or exceeds a limit. The connection is closed after the response."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Reader:
    """Reads requests from the bytes of a connection, in whatever parts they arrive.

    permit: is called when a client waits for permission to send a body.
    """

    def __init__(self, permit: Callable[[], None]) -> None:
        self._permit = permit
        self._buffer = b""
        self._incomplete: Parsing[Request] | None = None

    @property
    def is_incomplete(self) -> bool:
        """Whether a part of a request is missing."""
        return self._incomplete is not None

    @property
    def is_idle(self) -> bool:
        """Whether no part of a request has arrived."""
        return not self._buffer and self._incomplete is None

    @property
    def may_continue(self) -> bool:
        """Whether bytes have arrived that no call of `receive` has parsed."""
        return bool(self._buffer) and self._incomplete is None

    def receive(self, data: bytes) -> Request | None:
        """Parse these bytes after the previous ones. Return the next request if it is complete.

        Raises RefusedError if it is not valid or exceeds a limit.
        """
        try:
            if self._incomplete is not None:
                self._incomplete.send(data)
            else:
                self._buffer += data
                if self._buffer:
                    self._incomplete = self._request()
                    next(self._incomplete)
        except StopIteration as complete:
            self._incomplete = None
            return complete.value  # type: ignore[no-any-return]
        return None

    # The methods below are generators. Each yields when it needs more bytes, and `receive` sends them.

    def _request(self) -> Parsing[Request]:
        end = self._buffer.find(b"\r\n\r\n")
        while end < 0:
            if len(self._buffer) > HEADER_BYTES:
                raise _too_many_headers()
            before = len(self._buffer)
            self._buffer += yield
            end = self._buffer.find(b"\r\n\r\n", max(0, before - 3))
        if end > HEADER_BYTES:
            raise _too_many_headers()
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        method, target, version = _request_line(first)
        headers = _headers(lines)
        if "transfer-encoding" in headers:
            _check_transfer_encoding(headers, version)
            body = yield from self._chunked_body(headers)
        else:
            length = _content_length(headers)
            if length <= len(self._buffer):
                body, self._buffer = self._buffer[:length], self._buffer[length:]
            else:
                body = yield from self._long_body(length, headers)
        connection = headers.get("connection", "").lower()
        is_last = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
        return Request(method, target, headers, body, is_last)

    def _long_body(self, length: int, headers: Headers) -> Parsing[bytes]:
        """Read a body that arrives in several parts."""
        parts = [self._buffer]
        missing = length - len(self._buffer)
        self._buffer = b""
        self._permit_if_awaited(headers)
        while missing > 0:
            part = yield
            if len(part) > missing:  # the next request
                part, self._buffer = part[:missing], part[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _chunked_body(self, headers: Headers) -> Parsing[bytes]:
        """Read a body in chunks (RFC 9112, section 7.1). Chunk extensions and trailer fields are ignored."""
        rest = bytearray(self._buffer)  # from which the front can be removed without a copy
        self._buffer = b""
        if not rest:
            self._permit_if_awaited(headers)
        body = bytearray()
        while length := _chunk_length((yield from _line(rest, CHUNK_LINE_BYTES))):
            if len(body) + length > BODY_BYTES:
                raise _too_large()
            while len(rest) < length + 2:
                rest += yield
            body += rest[:length]
            if rest[length : length + 2] != b"\r\n":
                raise RefusedError(400, "a chunk does not end after its length")
            del rest[: length + 2]
        trailers: list[str] = []
        while line := (yield from _line(rest, HEADER_BYTES)):
            trailers.append(line)
            if sum(map(len, trailers)) > HEADER_BYTES:
                raise _too_many_headers()
        _headers(trailers)
        self._buffer = bytes(rest)
        return bytes(body)

    def _permit_if_awaited(self, headers: Headers) -> None:
        if headers.get("expect", "").lower() == "100-continue":
            self._permit()


def _line(rest: bytearray, most: int) -> Parsing[str]:
    """Remove the first line of the received bytes and return it, at most this many bytes."""
    while (end := rest.find(b"\r\n", 0, most + 2)) < 0:
        if len(rest) >= most + 2:
            raise RefusedError(400, "a line between chunks is too long")
        rest += yield
    line = rest[:end].decode("latin-1")
    del rest[: end + 2]
    return line


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[0].isalpha() or not parts[1] or not line.isprintable():
        raise RefusedError(400, "the request line is not valid")
    if parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise RefusedError(505, "the version of HTTP is not 1.1")
    return parts[0], parts[1], parts[2]


def _headers(lines: list[str]) -> Headers:
    headers: Headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        # A space before the colon, a continued line and a line end inside a line are invalid (RFC 9112, section 5).
        if not colon or not name or name.strip() != name or "\n" in line or "\r" in line:
            raise RefusedError(400, "a header is not valid")
        name = name.lower()
        if name in headers and name in ("content-length", "host", "transfer-encoding"):
            raise RefusedError(400, f"the header {name} is repeated")
        headers[name] = value.strip(" \t")
    return headers


def _content_length(headers: Headers) -> int:
    given = headers.get("content-length", "0")
    if not (given.isascii() and given.isdigit()):
        raise RefusedError(400, "Content-Length is not a number")
    if len(given) > 18 or int(given) > BODY_BYTES:
        raise _too_large()
    return int(given)


def _check_transfer_encoding(headers: Headers, version: str) -> None:
    """Raise RefusedError for an encoding other than chunked, with Content-Length, and in HTTP/1.0.

    In the last two cases, a proxy could find another end of the body (request smuggling; RFC 9112, section 6.1).
    """
    if "content-length" in headers or version == "HTTP/1.0":
        raise RefusedError(400, "Transfer-Encoding is not allowed with Content-Length or HTTP/1.0")
    if headers["transfer-encoding"].lower() != "chunked":
        raise RefusedError(400, "Transfer-Encoding is not chunked")


def _chunk_length(line: str) -> int:
    """Return the length in the line before a chunk, which may have extensions after a semicolon."""
    digits = line.partition(";")[0]
    if not digits or len(digits) > 16 or not HEXADECIMAL.issuperset(digits) or "\r" in line or "\n" in line:
        raise RefusedError(400, "the length of a chunk is not a hexadecimal number")
    return int(digits, 16)


def _too_large() -> RefusedError:
    return RefusedError(413, f"the body has more than {BODY_BYTES:,} bytes")


def _too_many_headers() -> RefusedError:
    return RefusedError(431, f"the headers have more than {HEADER_BYTES:,} bytes")
