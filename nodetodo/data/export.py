"""Writes all users and tasks to a file, a folder or a stream.

A file or folder is written under a hidden name beside it and renamed when it is complete. After each page, a state file
stores the position in the tables and in the file, so that the same command continues after an interruption.
"""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import Conflict, Interrupted, NodetodoError
from ..model import Task, User
from ..output.results import to_object
from ..output.text import counted, printable
from ..repositories.portable import NAMES
from ..repositories.transfer import DONE
from .lines import CHECKSUMS, FILES, SUMMARY, dynamodb_line, md5, record_line
from .sinks import Sink, new_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..output.terminal import Console, Output
    from ..repositories.items import Item
    from ..repositories.portable import Of
    from ..repositories.transfer import Page, Transfer

JSONL, DYNAMODB = "jsonl", "dynamodb"
TABLES: tuple[Of, Of] = (User, Task)
"""The order of the tables: users first."""

PARTIAL, STATE, LOCK = "partial", "partial.json", "partial.lock"
"""Endings of the hidden names: of the incomplete content, of its state, and of the file that is locked meanwhile."""

State = dict[str, Any]


class Export:
    """The result of the command export. The items are read while they are written.

    target: the database, as the user writes it after --db=.
    """

    def __init__(
        self, transfer: Transfer, file: str, format: str, segments: int, target: str, console: Console, now: int
    ) -> None:
        self._transfer, self.file, self._format = transfer, file, format
        self._segments, self._target, self._console, self._now = segments, target, console, now
        self._content: _Partial | None = None

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
        _Reading(self._transfer, starts, write).run()
        return counts

    def _to_file(self) -> dict[str, int]:
        if self._format == JSONL and os.path.exists(self.file) and not _is_file_or_folder(self.file):
            with open(self.file, "w", encoding="utf-8") as stream:  # such as /dev/stdout or a pipe
                return self._to_stream(stream)
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

    def _partial(self, path: str, state_file: str, state: State) -> _Partial:
        return _Partial(self._transfer, path, state_file, state, self._console, self._now)

    def _settings(self) -> State:
        return {
            "target": self._target,
            "tables": self._tables,
            "format": self._format,
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


class _Reading:
    """Reads both tables. starts: the start key of each segment by table. write: receives each page, one at a time."""

    def __init__(
        self,
        transfer: Transfer,
        starts: dict[str, list[Item | None]],
        write: Callable[[Of, int, Page], None],
    ) -> None:
        self._transfer, self._starts, self._write = transfer, starts, write
        self._lock = Lock()
        self._is_stopped = False

    def run(self) -> None:
        """Read the remaining pages: first all segments of the users, then all of the tasks."""
        for of in TABLES:
            starts = self._starts[NAMES[of]]
            segments = [segment for segment, start in enumerate(starts) if start != DONE]
            if len(segments) == 1:
                self._segment(of, segments[0])
            elif segments:
                self._in_threads(of, segments)

    def _in_threads(self, of: Of, segments: list[int]) -> None:
        with ThreadPoolExecutor(len(segments)) as threads:
            try:
                for done in as_completed([threads.submit(self._segment, of, segment) for segment in segments]):
                    done.result()
            except BaseException:
                self._is_stopped = True
                self._transfer.stop()
                raise

    def _segment(self, of: Of, segment: int) -> None:
        starts = self._starts[NAMES[of]]
        for page in self._transfer.pages(of, segment, len(starts), starts[segment]):
            with self._lock:
                if self._is_stopped:
                    return
                self._write(of, segment, page)


class _Partial:
    """The content of an export that is not complete. state: becomes complete by `write`."""

    def __init__(
        self, transfer: Transfer, path: str, state_file: str, state: State, console: Console, now: int
    ) -> None:
        self._transfer, self._root, self._state_file = transfer, path, state_file
        self.state, self._console, self._now = state, console, now
        self._is_jsonl = state["settings"]["format"] == JSONL
        self._line = record_line if self._is_jsonl else dynamodb_line
        self._sinks: dict[str, Sink] = {}

    def write(self) -> None:
        """Read the remaining items, write them, and complete the content."""
        if not os.path.exists(self._state_file):
            self._remove()  # left behind by an export that was killed before its first page
        try:
            for of in TABLES:
                self._sink(of)
            _Reading(self._transfer, self.state["starts"], self._write_page).run()
            for sink in self._sinks.values():
                sink.finish()
            if not self._is_jsonl:
                for of in TABLES:
                    self._write_manifests(of)
            self.state["complete"] = True
            self._save()
        finally:
            for sink in self._sinks.values():
                sink.close()
            if not os.path.exists(self._state_file):  # nothing was read, so nothing can be continued
                self._remove()

    def is_damaged(self) -> bool:
        """Return whether a data file is missing or shorter than its state, so that it cannot be continued."""
        sizes = {name: sink["offset"] for name, sink in self.state["sinks"].items()}
        paths = {self._sink_name(of): self._path(of) for of in TABLES}
        return any(
            not os.path.isfile(paths[name]) or os.path.getsize(paths[name]) < size for name, size in sizes.items()
        )

    def _sink_name(self, of: Of) -> str:
        return "both" if self._is_jsonl else NAMES[of]

    def _remove(self) -> None:
        if os.path.isdir(self._root):
            shutil.rmtree(self._root)
        elif os.path.exists(self._root):
            os.unlink(self._root)

    def _path(self, of: Of) -> str:
        """Return the path of the data file of a table."""
        if self._is_jsonl:
            return self._root
        export_id = self.state["ids"][NAMES[of]]
        return os.path.join(self._root, "AWSDynamoDB", export_id, "data", f"{NAMES[of]}-{export_id[-8:]}.json.gz")

    def _sink(self, of: Of) -> Sink:
        """Return the data file of a table. The format jsonl has one for both."""
        path = self._path(of)
        if path not in self._sinks:
            if not self._is_jsonl:
                _make_folders(os.path.dirname(self._root), os.path.dirname(path))
            file_state = self.state["sinks"].setdefault(self._sink_name(of), new_state())
            self._sinks[path] = Sink(path, file_state, gzipped=not self._is_jsonl)
        return self._sinks[path]

    def _write_page(self, of: Of, segment: int, page: Page) -> None:
        self._sink(of).write("".join([self._line(of, item) for item in page.items]))
        self.state["counts"][NAMES[of]] += len(page.items)
        self.state["starts"][NAMES[of]][segment] = page.next
        self._save()
        self._console.progress(len(page.items), "exporting", "items")

    def _save(self) -> None:
        """Save the state in one step. It follows the data to the disk, and so never refers to missing data."""
        _write_file(self._state_file, json.dumps(self.state).encode())

    def _write_manifests(self, of: Of) -> None:
        """Write the manifests and their checksums ("DynamoDB table export output format", developer guide)."""
        path = self._path(of)
        folder = os.path.dirname(os.path.dirname(path))
        export_id, count = self.state["ids"][NAMES[of]], self.state["counts"][NAMES[of]]
        prefix = f"AWSDynamoDB/{export_id}"
        with open(path, "rb") as stream:
            checksum = md5(stream)
        entry = {
            "itemCount": count,
            "md5Checksum": checksum,
            "etag": None,  # S3 sets it
            "dataFileS3Key": f"{prefix}/data/{os.path.basename(path)}",
        }
        arn, table_id = self.state["settings"]["tables"][self._transfer.table(of)]
        start = datetime.fromtimestamp(int(export_id.partition("-")[0]) / 1000, UTC)
        end = datetime.fromtimestamp(self._now / 1000, UTC)
        summary = {
            "version": "2020-06-30",
            "exportArn": f"{arn}/export/{export_id}",
            "startTime": _time(start),
            "endTime": _time(end),
            "tableArn": arn,
            "tableId": table_id,
            "exportTime": _time(start),
            "s3Bucket": None,
            "s3Prefix": None,
            "s3SseAlgorithm": None,
            "s3SseKmsKeyId": None,
            "manifestFilesS3Key": f"{prefix}/{FILES}",
            "billedSizeBytes": 0,
            "itemCount": count,
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        }
        _write_file(os.path.join(folder, "_started"), b"")
        for name, content in ((FILES, entry), (SUMMARY, summary)):
            manifest = os.path.join(folder, name)
            _write_file(manifest, json.dumps(content).encode() + b"\n")
            with open(manifest, "rb") as stream:
                _write_file(manifest.removesuffix(".json") + CHECKSUMS[0], md5(stream).encode())


def _is_file_or_folder(path: str) -> bool:
    return os.path.isfile(path) or os.path.isdir(path)


def _is_moved(partial: str, real: str) -> bool:
    """Return whether a complete export was interrupted after it got its name."""
    if not os.path.lexists(real):
        return False
    return not os.path.lexists(partial) or (not os.path.islink(real) and os.path.samefile(partial, real))


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _make_folders(above: str, folder: str) -> None:
    """Create a folder and its parents below `above` for the owner only; os.makedirs applies its mode to the last."""
    if folder != above and not os.path.isdir(folder):
        _make_folders(above, os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)


def _write_file(path: str, content: bytes) -> None:
    """Write a file for the owner only, in one step."""
    temporary = f"{path}.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
