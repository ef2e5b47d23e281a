"""Data files of an export: they are appended to page by page, and an interrupted one is continued."""

from __future__ import annotations

import os
import struct
import zlib
from typing import Any

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Magic number, deflate, no flags, no time, default compression, unknown system (RFC 1952)."""

NEW = {"offset": 0, "length": 0, "crc": 0}


class Sink:
    """A data file, plain or gzipped.

    state: its size in bytes, and the length and CRC-32 of its content before compression. A sink with the state of an
    earlier one continues that file after the last write before the state was saved. Everything after it is cut off.
    """

    def __init__(self, path: str, state: dict[str, int], *, gzipped: bool) -> None:
        self.path, self.state = path, state
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        os.ftruncate(self._descriptor, state["offset"])
        os.lseek(self._descriptor, state["offset"], os.SEEK_SET)
        self._compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS) if gzipped else None
        if gzipped and not state["offset"]:
            self._append(GZIP_HEADER)

    def write(self, text: str) -> None:
        """Append a text, and wait until it is on the disk."""
        content = text.encode()
        self.state["crc"] = zlib.crc32(content, self.state["crc"])
        self.state["length"] += len(content)
        if self._compressor is not None:
            # After a full flush, decompression needs nothing before it, so that another process can continue the file.
            content = self._compressor.compress(content) + self._compressor.flush(zlib.Z_FULL_FLUSH)
        self._append(content)
        os.fsync(self._descriptor)

    def finish(self) -> None:
        """Complete the file and close it. The state stays that of the last write."""
        if self._compressor is not None:
            trailer = struct.pack("<LL", self.state["crc"], self.state["length"] & 0xFFFFFFFF)
            self._write_all(self._compressor.flush(zlib.Z_FINISH) + trailer)
            os.fsync(self._descriptor)
        self.close()

    def close(self) -> None:
        """Close the file. Closing it again does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _append(self, content: bytes) -> None:
        self._write_all(content)
        self.state["offset"] += len(content)

    def _write_all(self, content: bytes) -> None:
        view = memoryview(content)
        while view:  # a disk that becomes full takes a part of the bytes
            view = view[os.write(self._descriptor, view) :]


def new_state() -> dict[str, Any]:
    """Return the state of a file that does not exist yet."""
    return dict(NEW)
