"""Opens named files that cannot be replaced: pipes, devices, and the standard output and error of the process."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TextIO

STANDARD_STREAMS = (1, 2)
"""The descriptors of standard output and error."""


def open_special(file: str) -> TextIO | None:
    """Open a file for direct writing. Return None for a regular file, a folder, and a name without a file.

    Standard output and error are continued, also if a shell has redirected them to a regular file. If that file were
    emptied or replaced, messages of the process would be lost. Raises OSError if the file cannot be opened.
    """
    try:
        status = os.stat(file)
    except (OSError, ValueError):  # ValueError: a name with a null byte
        return None
    for descriptor in STANDARD_STREAMS:
        with suppress(OSError):  # the stream is closed
            if os.path.samestat(status, os.fstat(descriptor)):
                return open(os.dup(descriptor), "w", encoding="utf-8")
    if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
        return None
    return open(file, "w", encoding="utf-8")
