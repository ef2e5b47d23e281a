"""Reads the lines of exported files: plain or gzipped, and the folders that DynamoDB's export to S3 writes.

Source of the folder's format: "DynamoDB table export output format", developer guide. Two details differ there from the
files that AWS writes: the checksum files are named .md5, and the key of a data file begins with the prefix in S3.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import zlib
from base64 import b64encode
from contextlib import suppress
from decimal import Decimal
from json import JSONDecoder, JSONEncoder
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ..errors import WrongUsage
from ..model import Task, User
from ..output.json_text import escaped
from ..repositories import portable
from ..repositories.portable import InvalidLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..repositories.items import Item
    from ..repositories.portable import Of

LINE_BYTES = 8 * 1024 * 1024
"""The longest line. An item of 400 KB takes at most 3 MB of JSON, in which every character may be escaped."""

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some editors write it at the beginning of a UTF-8 file."""

EXPORTS = "AWSDynamoDB"
"""The folder of all exports to S3. Each export has a folder in it."""

SUMMARY, FILES = "manifest-summary.json", "manifest-files.json"
CHECKSUMS = (".md5", ".checksum")

_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


class Place(NamedTuple):
    """A line of a file.

    file: the name of a data file in a folder, otherwise empty. number: counted from 1. of: the table of the data file.
    """

    file: str
    number: int
    of: Of | None = None

    def __str__(self) -> str:
        return f"{self.file} line {self.number:,}" if self.file else f"line {self.number:,}"


class DataFile(NamedTuple):
    """A file with lines.

    open: returns the file from its beginning. items: the number of its items, if it is known. of: the table of its
    items, if it is known.
    """

    name: str
    open: Callable[[], IO[bytes]]
    items: int | None = None
    of: Of | None = None


class Source:
    """The lines of one file, or of the data files of a folder. They can be read several times.

    name: as given. copy: a temporary file, which `close` deletes.
    """

    def __init__(self, name: str, files: list[DataFile], copy: IO[bytes] | None = None) -> None:
        self.name, self._files, self._copy = name, files, copy

    def close(self) -> None:
        """Delete the temporary file."""
        if self._copy is not None:
            self._copy.close()

    def lines(self) -> Iterator[tuple[Place, bytes]]:
        """Yield the lines that are not empty. Raises WrongUsage if a file is damaged."""
        for file in self._files:
            count = 0
            for number, line in enumerate(self._lines(file), 1):
                if not line.isspace():
                    count += 1
                    yield Place(file.name, number, file.of), line
            if file.items is not None and count != file.items:
                raise WrongUsage(f"{file.name} has {count:,} items, but its manifest counts {file.items:,}")

    def _lines(self, file: DataFile) -> Iterator[bytes]:
        name = file.name or self.name
        try:
            with file.open() as stream:
                start = stream.read(len(GZIP_MAGIC))
                stream.seek(0)
                number = 0
                with _uncompressed(stream) if start == GZIP_MAGIC else stream as content:
                    while line := content.readline(LINE_BYTES + 1):
                        number += 1
                        if number == 1:
                            line = line.removeprefix(BYTE_ORDER_MARK)
                        if len(line) > LINE_BYTES:
                            raise WrongUsage(f"line {number:,} of {name} has more than {LINE_BYTES:,} bytes")
                        yield line
        except _DAMAGED as error:
            raise WrongUsage(f"{name} is damaged: {error}") from error
        except OSError as error:
            raise _unreadable(name, error) from error


def _uncompressed(stream: IO[bytes]) -> IO[bytes]:
    return gzip.GzipFile(fileobj=stream)  # type: ignore[return-value]


def open_source(name: str, stdin: Callable[[], IO[bytes]]) -> Source:
    """Return the source with this name: a file, a folder, or - for standard input.

    Raises WrongUsage if it cannot be read, or if a checksum of a folder is wrong.
    """
    if name == "-":
        return _copied("standard input", stdin())
    try:
        mode = os.stat(name).st_mode
        if stat.S_ISDIR(mode):
            return Source(name, list(_data_files(name)))
        if not stat.S_ISREG(mode):  # such as a pipe, which can be read once
            with open(name, "rb") as stream:
                return _copied(name, stream)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        raise _unreadable(getattr(error, "filename", None) or name, error) from error
    return Source(name, [DataFile("", lambda: open(name, "rb"))])


def _unreadable(name: str, error: Exception) -> WrongUsage:
    return WrongUsage(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}")


def _copied(name: str, stream: IO[bytes]) -> Source:
    """Copy a stream, which can be read once, to a temporary file without a name that only this process can read."""
    import shutil
    import tempfile

    copy = tempfile.TemporaryFile()  # noqa: SIM115
    shutil.copyfileobj(stream, copy)
    copy.flush()

    def from_start() -> IO[bytes]:
        os.lseek(copy.fileno(), 0, os.SEEK_SET)
        return open(copy.fileno(), "rb", closefd=False)

    return Source(name, [DataFile("", from_start)], copy)


def _data_files(folder: str) -> Iterator[DataFile]:
    """Yield the data files of all exports in a folder. Their manifests and checksums are checked first."""
    for path in _exports(folder):
        if not os.path.exists(os.path.join(path, SUMMARY)):
            raise WrongUsage(f"the export {path} is incomplete: it has no {SUMMARY}")
        summary = _json(_manifest(path, SUMMARY), f"{path}/{SUMMARY}")
        kind = summary.get("outputFormat", "DYNAMODB_JSON"), summary.get("exportType", "FULL_EXPORT")
        if kind != ("DYNAMODB_JSON", "FULL_EXPORT"):
            raise WrongUsage(f"{path} is an export of the type {', '.join(map(str, kind))}; import reads full exports")
        files = []
        for line in _manifest(path, FILES).splitlines():
            entry = _json(line, f"{path}/{FILES}")
            key, items = entry.get("dataFileS3Key"), entry.get("itemCount")
            if not isinstance(key, str):
                raise WrongUsage(f"{path}/{FILES} names no data file in one of its lines")
            files.append(_data_file(path, key.rpartition("/")[2], entry.get("md5Checksum"), items))
        of = _named(str(summary.get("tableArn"))) or _by_keys(path, files)
        yield from (file._replace(of=of) for file in files)


def _exports(folder: str) -> list[str]:
    """Return the folders of exports: the folder itself, those in it, or those in its folder AWSDynamoDB.

    Raises WrongUsage if none exists.
    """
    if _is_export(folder):
        return [folder]
    inner = os.path.join(folder, EXPORTS)
    parent = inner if os.path.isdir(inner) else folder
    found = [path for name in sorted(os.listdir(parent)) if _is_export(path := os.path.join(parent, name))]
    if not found:
        raise WrongUsage(
            f"{folder} has no {SUMMARY}; import reads files, and the folders {EXPORTS}/<id> of DynamoDB's export to S3"
        )
    return found


def _is_export(path: str) -> bool:
    """Return whether a folder is an export, complete or not."""
    return any(os.path.exists(os.path.join(path, name)) for name in (SUMMARY, FILES, "data"))


def _named(arn: str) -> Of | None:
    """Return the table of an export whose name ends as the names of nodetodo's tables do; None for other names."""
    return next((of for of, name in portable.NAMES.items() if arn.endswith(name)), None)


def _by_keys(path: str, files: list[DataFile]) -> Of:
    """Return the table of an export by its items: every task has a tid, and a user may have one as an attribute."""
    for _, line in Source(path, files).lines():
        with suppress(InvalidLine):
            if "tid" not in parse(line)[1]:
                return User
    return Task


def _data_file(path: str, name: str, checksum: Any, items: Any) -> DataFile:
    data = os.path.join(path, "data", name)
    with open(data, "rb") as stream:
        if checksum is not None and md5(stream) != checksum:
            raise WrongUsage(f"{data} is damaged: its MD5 checksum is not that of its manifest")
    return DataFile(data, lambda: open(data, "rb"), items if isinstance(items, int) else None)


def md5(stream: IO[bytes]) -> str:
    """Return the MD5 checksum of a file in Base64."""
    digest = hashlib.md5(usedforsecurity=False)
    while part := stream.read(1 << 20):
        digest.update(part)
    return b64encode(digest.digest()).decode()


def _manifest(path: str, name: str) -> bytes:
    """Return the content of a manifest. Raises WrongUsage if it does not match its checksum file."""
    manifest = os.path.join(path, name)
    with open(manifest, "rb") as stream:
        actual = md5(stream)
        stream.seek(0)
        content = stream.read()
    for ending in CHECKSUMS:
        companion = manifest.removesuffix(".json") + ending
        if os.path.exists(companion):
            with open(companion, "rb") as stream:
                if stream.read().strip() != actual.encode():
                    raise WrongUsage(f"{manifest} is damaged: its MD5 checksum is not that of {companion}")
    return content


def _json(text: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text.decode())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WrongUsage(f"{name} is damaged: it is not JSON")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


# Created once, because creating one takes longer than reading a line.
_decode = JSONDecoder(parse_float=Decimal, parse_constant=_no_constant).decode


def parse(line: bytes, of: Of | None = None) -> tuple[Of, Item]:
    """Return the item of a line, and the type of its records. Raises InvalidLine.

    of: the table of lines {"Item": …}, which do not name it. Default: the table of tasks if the item has a tid.
    """
    try:
        return portable.from_object(_decode(line.rstrip(b"\r\n").decode()), of)
    except InvalidLine:
        raise
    except UnicodeDecodeError:
        raise InvalidLine("it is not UTF-8") from None
    except (ValueError, RecursionError, ArithmeticError) as error:  # ArithmeticError: an exponent that is too long
        reason = _position(error) if isinstance(error, json.JSONDecodeError) else "a value is too long or too deep"
        raise InvalidLine(f"it is not JSON ({reason})") from None


def _position(error: json.JSONDecodeError) -> str:
    """Return the message with the column. Some of json's messages end with "at" or a colon, others do not."""
    return f"{error.msg.rstrip(': ').removesuffix(' at')} at column {error.colno:,}"


def _to_base64(content: bytes) -> str:
    return b64encode(content).decode()


_encode = JSONEncoder(ensure_ascii=False, default=_to_base64).encode
_encode_as_ascii = JSONEncoder(default=_to_base64).encode


def record_line(of: Of, item: Item, *, only_ascii: bool = False) -> str:
    """Return the line of an item in the format jsonl. only_ascii: all characters outside ASCII are escaped."""
    encode = _encode_as_ascii if only_ascii else _encode
    return escaped(encode(portable.to_object(of, item))) + "\n"


def dynamodb_line(_of: Of, item: Item) -> str:
    """Return the line of an item in the format dynamodb."""
    return escaped(_encode({"Item": item})) + "\n"
