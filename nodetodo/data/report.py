"""The report of an import: a file with a line for each item."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ..errors import Conflict, NodetodoError
from ..output.json_text import to_json
from ..output.special_files import open_special
from ..repositories.items import KEYS, to_key
from ..repositories.portable import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repositories.items import Item
    from ..repositories.portable import Of
    from ..repositories.transfer import Outcome
    from .lines import Place


class Report:
    """A file with a line for each item. A complete report replaces an earlier one in one step.

    A pipe, a device, and standard output and error are written directly.
    """

    STARTS = (b'{"line": ', b'{"file": ')

    def __init__(self, file: str) -> None:
        """Open the report. Raises Conflict if another file has its name, NodetodoError if it cannot be written."""
        self._file = file
        with self._errors():
            if os.path.isdir(file):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if special := open_special(file):
                self._temporary, self._stream = "", special
                return
            self._real = os.path.realpath(file)
            if os.path.isfile(self._real):
                with open(self._real, "rb") as existing:
                    start = existing.read(len(self.STARTS[0]))
                if start and start not in self.STARTS:
                    raise Conflict(f"{file} exists and is not a report of import; remove it, or use another file name")
            self._temporary = os.path.join(os.path.dirname(self._real), f".{os.path.basename(self._real)}.partial")
            descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._stream = open(descriptor, "w", encoding="utf-8")  # noqa: SIM115

    def add(self, place: Place, of: Of, item: Item, outcome: Outcome) -> None:
        """Add the line of an item. After NodetodoError, because it cannot be written, the report is closed."""
        file = {"file": place.file} if place.file else {}
        line = {**file, "line": place.number, "outcome": outcome.value, "table": NAMES[of]}
        try:
            with self._errors():
                self._stream.write(to_json(line | {"key": to_key(item, KEYS[of])}) + "\n")
        except NodetodoError:
            with suppress(OSError):  # what could not be written is written again
                self._stream.close()
            raise

    def finish(self) -> None:
        """Move the report to its name."""
        with self._errors():
            self._stream.close()
            if self._temporary:
                os.replace(self._temporary, self._real)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: a name with a null byte
            reason = getattr(error, "strerror", None) or error
            raise NodetodoError(f"{self._file} cannot be written: {reason}") from error
