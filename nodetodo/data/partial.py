"""The content of an export that is not complete, and the state from which an interrupted export continues."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..model import Task, User
from ..repositories.portable import NAMES
from ..repositories.transfer import DONE
from .lines import CHECKSUMS, FILES, SUMMARY, dynamodb_line, md5, record_line
from .sinks import Sink, new_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..output.terminal import Console
    from ..repositories.items import Item
    from ..repositories.portable import Of
    from ..repositories.transfer import Page, Transfer

JSONL, DYNAMODB = "jsonl", "dynamodb"
TABLES: tuple[Of, Of] = (User, Task)
"""The order of the tables: users first."""

State = dict[str, Any]


class Reading:
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


class Partial:
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
            Reading(self._transfer, self.state["starts"], self._write_page).run()
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
            self._sinks[path] = Sink(path, file_state, gzipped=self.state["settings"]["gzipped"])
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
