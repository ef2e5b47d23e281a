"""Writes all users and tasks to a file, a folder or a stream.

A file or folder is written under a hidden name beside it and renamed when it is complete. After each page, a state file
stores the position in the tables and in the file, so that the same command continues after an interruption.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from ..errors import Conflict, Interrupted, NodetodoError
from ..output.results import to_object
from ..output.special_files import open_special
from ..output.text import counted, printable
from ..repositories.portable import NAMES
from .lines import record_line
from .partial import DYNAMODB, JSONL, TABLES, Partial, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..output.terminal import Console, Output
    from ..repositories.items import Item
    from ..repositories.portable import Of
    from ..repositories.transfer import Page, Transfer
    from .partial import State

GZIP_SUFFIX = ".gz"
"""The end of the name of a file in the format jsonl that is gzipped."""

PARTIAL, STATE, LOCK = "partial", "partial.json", "partial.lock"
"""Endings of the hidden names: of the incomplete content, of its state, and of the file that is locked meanwhile."""


class Export:
    """The result of the command export. The items are read while they are written.

    target: the database, as the user writes it after --db=.
    """

    def __init__(
        self, transfer: Transfer, file: str, format: str, segments: int, target: str, console: Console, now: int
    ) -> None:
        self._transfer, self.file, self._format = transfer, file, format
        self._segments, self._target, self._console, self._now = segments, target, console, now
        self._content: Partial | None = None

    def requests(self, _examples: object) -> None:
        """Send the requests without writing anything, for --explain."""
        self._identities()
        for of in TABLES:
            for segment in range(self._segments):
                for _ in self._transfer.pages(of, segment, self._segments, None):
                    pass

    def show(self, output: Output) -> None:
        """Write the items, then report their number.

        Raises Conflict if the file exists, NodetodoError if it cannot be written, and Interrupted after Ctrl-C.
        """
        try:
            self._show(output)
        except KeyboardInterrupt:
            if self._content is None:
                raise Interrupted("export interrupted, the output is incomplete") from None
            kept = sum(self._content.state["counts"].values())
            raise Interrupted(f"export interrupted, {counted(kept, 'item')} kept; the same command continues") from None

    def _show(self, output: Output) -> None:
        self._tables = self._identities()
        if self.file == "-":
            output.errors.write(self._counts(self._to_stream(output.stream, only_ascii=not output.is_unicode)) + "\n")
            return
        try:
            counts = self._to_file()
        except (OSError, ValueError) as error:  # ValueError: a name with a null byte
            reason = getattr(error, "strerror", None) or error
            remedy = "; the same command continues" if self._content else ""  # nothing continues a wrong name
            raise NodetodoError(f"{self.file} cannot be written: {reason}{remedy}") from error
        if output.json:
            output.line(to_object({"written": self.file, "users": counts["user"], "tasks": counts["task"]}, output))
        else:
            output.line(f"{self._counts(counts)} to {printable(self.file)}")

    def _identities(self) -> dict[str, list[str]]:
        """Return the ARN and the ID of each table, by its name. Wait for tables that are being created."""
        return {self._transfer.table(of): list(self._transfer.identity(of)) for of in TABLES}

    @staticmethod
    def _counts(counts: dict[str, int]) -> str:
        return f"exported {counted(counts['user'], 'user')} and {counted(counts['task'], 'task')}"

    def _to_stream(self, stream: TextIO, *, only_ascii: bool = False) -> dict[str, int]:
        counts = dict.fromkeys(NAMES.values(), 0)

        def write(of: Of, _segment: int, page: Page) -> None:
            stream.write("".join([record_line(of, item, only_ascii=only_ascii) for item in page.items]))
            counts[NAMES[of]] += len(page.items)

        starts: dict[str, list[Item | None]] = {name: [None] * self._segments for name in NAMES.values()}
        Reading(self._transfer, starts, write).run()
        return counts

    def _to_file(self) -> dict[str, int]:
        if self._format == JSONL and (special := open_special(self.file)):
            with special:
                return self._to_stream(special)
        real = os.path.realpath(self.file)  # after the test, because the real path of a pipe in /dev/fd does not exist
        hidden = os.path.join(os.path.dirname(real), f".{os.path.basename(real)}")
        with self._locked(f"{hidden}.{LOCK}"):
            return self._to_real(real, f"{hidden}.{PARTIAL}", f"{hidden}.{STATE}")

    @contextmanager
    def _locked(self, path: str) -> Iterator[None]:
        """Prevent a second export to the same file. path: of a file that exists meanwhile.

        The operating system releases the lock of a killed process. Raises Conflict if another export has the lock.
        """
        try:
            import fcntl
        except ImportError:  # Windows has other locks
            yield
            return
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(descriptor)
                raise Conflict(f"another export to {self.file} runs; wait for it, or use another file name") from error
            except OSError:  # a file system without locks
                pass
            try:
                if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                    break
            except FileNotFoundError:
                pass
            os.close(descriptor)  # the export that had the lock removed the file after it was opened here
        try:
            yield
        finally:
            os.unlink(path)
            os.close(descriptor)

    def _to_real(self, real: str, partial: str, state_file: str) -> dict[str, int]:
        state = self._continued(state_file)
        is_moved = state is not None and state["complete"] and _is_moved(partial, real)
        if os.path.lexists(real) and not is_moved:
            raise self._exists()
        self._content = content = self._partial(partial, state_file, state or self._new_state())
        if not is_moved:
            if state is not None and content.is_damaged():
                os.unlink(state_file)
                self._content = content = self._partial(partial, state_file, self._new_state())
            if not content.state["complete"]:
                content.write()
            self._move(partial, real)
        with suppress(FileNotFoundError):
            os.unlink(partial)  # the other name of a file that was linked
        os.unlink(state_file)
        counts: dict[str, int] = content.state["counts"]
        return counts

    def _move(self, partial: str, real: str) -> None:
        """Give the complete content its name. Raises Conflict if another process created a file with this name."""
        try:
            os.link(partial, real)  # unlike a rename, a link never replaces a file
            return
        except FileExistsError:
            raise self._exists() from None
        except OSError:  # a folder, or a file system without links
            pass
        if os.path.lexists(real):
            raise self._exists()
        os.rename(partial, real)

    def _exists(self) -> Conflict:
        return Conflict(f"{self.file} exists; remove it, or use another file name")

    def _partial(self, path: str, state_file: str, state: State) -> Partial:
        return Partial(self._transfer, path, state_file, state, self._console, self._now)

    def _settings(self) -> State:
        return {
            "target": self._target,
            "tables": self._tables,
            "format": self._format,
            "gzipped": self._format == DYNAMODB or self.file.endswith(GZIP_SUFFIX),
            "segments": self._segments,
        }

    def _new_state(self) -> State:
        random = os.urandom(4).hex()
        return {
            "settings": self._settings(),
            "starts": {name: [None] * self._segments for name in NAMES.values()},
            "counts": dict.fromkeys(NAMES.values(), 0),
            # DynamoDB's export IDs have this form too: milliseconds since 1970, and a random part.
            "ids": {name: f"{self._now + place:014}-{random}" for place, name in enumerate(NAMES.values())},
            "sinks": {},
            "complete": False,
        }

    def _continued(self, state_file: str) -> State | None:
        """Return the state of an interrupted export to the same file; None if none was interrupted.

        Raises Conflict if it has other settings.
        """
        try:
            with open(state_file, encoding="utf-8") as file:
                state: State = json.load(file)
                settings = state["settings"]
        except FileNotFoundError:
            return None
        except (ValueError, LookupError, TypeError) as error:
            raise Conflict(
                f"{state_file} is not the state of an interrupted export; remove it, or use another file name"
            ) from error
        now = self._settings()
        if settings != now and settings | {"tables": now["tables"]} == now:
            raise Conflict(
                "an export of other tables to this file was interrupted, such as those of another region, account or "
                f"data folder; continue it there, or remove {state_file}"
            )
        if settings != now:
            raise Conflict(
                f"an export of {settings['target']} to this file with other options was interrupted; repeat that "
                f"command, or remove {state_file}"
            )
        return state


def _is_moved(partial: str, real: str) -> bool:
    """Return whether a complete export was interrupted after it got its name."""
    if not os.path.lexists(real):
        return False
    return not os.path.lexists(partial) or (not os.path.islink(real) and os.path.samefile(partial, real))
