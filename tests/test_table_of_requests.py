"""tables/README.md lists every request of every command with its key and its units."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from nodetodo import embedded
from nodetodo.commands import COMMANDS
from nodetodo.engines.interface import OPERATIONS
from nodetodo.explain import requests, units
from nodetodo.explain.meter import Meter

from .program import Program, connect
from .test_tables_folder import NAMES, README, ROOT, create_from_json, new_prefix
from .transcripts import CtrlC


class SentRequest(NamedTuple):
    """A request, or one action of a transaction. units: of the table and of its index; None if it has no units."""

    request: str
    on: str
    key: tuple[str, ...]
    units: tuple[float, float] | None

    def without_units(self) -> SentRequest:
        """Return the request without its units."""
        return self._replace(units=None)


# The README's table


class Row(NamedTuple):
    """A command line, the circumstance after it, and its requests."""

    line: str
    circumstance: str
    requests: list[SentRequest]

    @property
    def command(self) -> str:
        return self.line.split()[0]

    @property
    def is_about_tables(self) -> bool:
        return self.command.startswith(("table-", "index-", "backup-"))


def rows() -> list[Row]:
    """Return the rows of the README's table."""
    body = README.partition("\n| command | purpose | request | on | key | units |\n")[2].partition("\n\n")[0]
    found: list[Row] = []
    for text in body.splitlines()[1:]:
        command, _, request, on, key, cell = (part.strip() for part in text.strip("|").split("|"))
        if command:
            line, _, circumstance = command.partition("`, ")
            found.append(Row(line.strip("`"), circumstance, []))
        counted = re.fullmatch(r"([\d.]+)(?: \+ ([\d.]+))? (read|write)|none", cell)
        assert counted, cell
        is_read = request in ("GetItem", "BatchGetItem", "Query", "Scan")
        assert counted[3] in (None, "read" if is_read else "write"), text
        consumed = (float(counted[1]), float(counted[2] or 0)) if counted[1] else None
        for name in ["todo-user", "todo-task"] if on == "both tables" else [on.strip("`")]:
            found[-1].requests.append(SentRequest(request, name, tuple(re.findall(r"`(\w+)`", key)), consumed))
    return found


# The commands


class Recorder:
    """A client that records requests with their units.

    after: functions to call once, each after the first request of a method.
    """

    def __init__(self, client: Any, prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._tables = requests.tables(prefix)
        self.sent: list[SentRequest] = []
        self.operations: set[str] = set()
        self.after: dict[str, Callable[[], object]] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in OPERATIONS:
            return getattr(self._client, name)
        operation = OPERATIONS[name]

        def send(**request: Any) -> Any:
            meter = Meter(self._client, self._prefix, {})
            try:
                return getattr(meter, name)(**request)
            finally:
                self.operations.add(operation)
                self._record(operation, request, meter)
                self.after.pop(name, lambda: None)()

        return send

    def _record(self, operation: str, request: dict[str, Any], meter: Meter) -> None:
        consumed: dict[str, tuple[float, float]] = {}
        for table, index, number in self._units(operation, request, meter):
            of_table, of_index = consumed.get(table, (0.0, 0.0))
            consumed[table] = (of_table, of_index + number) if index else (of_table + number, of_index)
        for access in requests.accesses(operation, request, self._tables):
            table = access.on if access.on in self._tables else f"{self._prefix}task"  # the table of the index
            on = access.on.replace(self._prefix, "todo-")
            self.sent.append(SentRequest(access.request, on, access.key, consumed.get(table)))

    def _units(self, operation: str, request: dict[str, Any], meter: Meter) -> Iterator[tuple[str, str | None, float]]:
        """Yield table, index and units.

        Rejected writes do not report their units, and DynamoDB Local reports wrong units for some requests. The
        minimum of the prediction takes their place.
        """
        if meter.rejected:
            for part in units.predicted(operation, request, self._tables):
                if part.on_index is None:
                    yield part.table, None, part.low
        for usage in meter.usages():
            is_wrong = meter.engine and not usage.low <= usage.measured <= usage.high
            yield usage.place.table, usage.place.on_index, usage.low if is_wrong else usage.measured


class Session:
    """Runs the command lines of the README's table from top to bottom.

    lacks: whether the engine lacks a row's operations. For such a row, the requests are those of the README.
    """

    def __init__(self, client: Any, target: str, lacks: Callable[[Row], bool]) -> None:
        self._client, self._prefix = client, new_prefix()
        self.recorder = Recorder(client, self._prefix)
        self._program = Program(self.recorder, target=target, prefix=self._prefix)
        self._program.now = datetime.fromtimestamp(1526650262, UTC) + timedelta(milliseconds=329)
        self.rows = [(row, row.requests if lacks(row) else self._run(row)) for row in rows()]

    def _run(self, row: Row) -> list[SentRequest]:
        if row.circumstance == "if the index is missing":
            self._delete_index()
        elif row.circumstance == "into empty tables":
            self._delete_all_items()
        elif row.circumstance == "while a task is added":
            self._add_a_task_after_the_next_delete()
        else:
            assert row.circumstance in ("", "in the same millisecond", "with `due-index`")
        if row.command in ("task-add", "user-rm") and row.circumstance != "in the same millisecond":
            self._program.now += timedelta(milliseconds=1)
        if row.line == "user-rm luis":
            item = {"uid": {"S": "luis"}, "email": {"S": "luis@example.org"}, "phone": {"S": "+491709999"}}
            self._client.put_item(TableName=f"{self._prefix}user", Item=item)
        self._program.slept = CtrlC() if row.command == "watch" else []
        before = len(self.recorder.sent)
        result = self._program(*shlex.split(row.line))
        assert result.status in (0, 4), result.err
        return self.recorder.sent[before:]

    def _delete_all_items(self) -> None:
        for name, key in (("user", ("uid",)), ("task", ("uid", "tid"))):
            for item in self._client.scan(TableName=self._prefix + name)["Items"]:
                self._client.delete_item(TableName=self._prefix + name, Key={part: item[part] for part in key})

    def _delete_index(self) -> None:
        for name in NAMES:
            self._client.delete_table(TableName=self._prefix + name)
        create_from_json(self._client, self._prefix)

    def _add_a_task_after_the_next_delete(self) -> None:
        task = {"uid": {"S": "luis"}, "tid": {"N": "1"}, "description": {"S": "call"}}
        self.recorder.after["delete_item"] = lambda: self._client.put_item(TableName=f"{self._prefix}task", Item=task)


def _is_of_recovery(row: Row) -> bool:
    return "--recovery" in row.line


LACKS: dict[str, Callable[[Row], bool]] = {
    "embedded": lambda row: row.command == "table-ls" or _is_of_recovery(row),  # a local file has no recovery window
    "dynamodb_local": lambda row: row.command.startswith("backup-") or _is_of_recovery(row),
    "moto": lambda row: not row.command.startswith(("table-", "backup-")),  # its units of items are wrong
}
"""The rows that each engine does not run. Every row runs on at least one engine."""


@pytest.fixture(scope="module", params=list(LACKS))
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Run the README's table once on each engine."""
    if request.param == "embedded":
        client: Any = embedded.connect(str(tmp_path_factory.mktemp("session") / "engine.db"))
        target = "local"
    else:
        target = request.getfixturevalue(request.param)
        client = connect(target)
    with contextlib.chdir(tmp_path_factory.mktemp("files")):
        ran = Session(client, target, LACKS[request.param])
    yield ran
    for name in NAMES:  # other tests on the same server have other prefixes
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=f"restored-{name}")
    client.close()


def test_every_row_runs_on_an_engine() -> None:
    assert all(any(not lacks(row) for lacks in LACKS.values()) for row in rows())


def test_the_table_has_every_command_that_sends_requests() -> None:
    assert {row.command for row in rows()} == COMMANDS.keys() - {"completion", "serve"}


def test_each_command_sends_the_requests_in_the_table(session: Session) -> None:
    for row, sent in session.rows:
        expected = [request.without_units() for request in row.requests]
        found = [request.without_units() for request in sent]
        if row.is_about_tables:  # DescribeTable is repeated until the tables are ready, so only the kinds are compared
            assert set(expected) == set(found), row.line
        else:
            assert expected == found, row.line


def test_each_request_consumes_the_units_in_the_table(session: Session) -> None:
    for row, sent in session.rows:
        if row.is_about_tables:
            assert {request.units for request in row.requests} == {None}, row.line
        else:
            assert row.requests == sent, row.line


def test_the_commands_send_every_operation_of_the_client_interface(session: Session) -> None:
    source = (ROOT / "nodetodo" / "engines" / "interface.py").read_text(encoding="utf-8")
    methods = re.findall(r"def (\w+)\(self, \*\*request", source)
    skipped = {request.request for row, sent in session.rows if sent is row.requests for request in sent}
    operations = session.recorder.operations | {name.partition(":")[0] for name in skipped}
    assert operations == {OPERATIONS[method] for method in methods}
