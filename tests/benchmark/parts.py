"""What is measured, part by part. Each part gives the lines of the table in their order."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nodetodo import embedded
from tests.program import Program, connect

from . import filled
from .processes import Compared, Machine, rows, server
from .table import Limit, Row, Spread

USER = ["emma", "emma@example.org", "+491701234"]
PEAK = Limit(30, unit=" MB")


def start_up(machine: Machine, quick: bool) -> Iterator[Row]:
    """Whole processes that need no database, or a small one of the embedded engine, against an empty Python start."""
    pairs = 5 if quick else 25
    program, empty = machine.nodetodo, machine.empty
    without_sdk = Limit(3)
    listed = filled.database(machine.folder / "ten.db", 10)
    added = filled.database(machine.folder / "added.db", 10)
    compared = [
        Compared("--help", [program, "--help"], empty, without_sdk),
        Compared("wrong usage: task-ls", [program, "task-ls"], empty, without_sdk, status=2),
        Compared("misspelt command: tsk-ls emma", [program, "tsk-ls", "emma"], empty, without_sdk, status=2),
        Compared("task-ls of 10", [program, "task-ls", "emma", f"--db={listed}"], empty, Limit(4.5, goal=3)),
        Compared(
            "task-add, durable",
            [program, "task-add", "emma", "buy milk", "shopping", f"--db={added}"],
            empty,
            Limit(5.5),
        ),
    ]
    measured = list(rows(machine, compared, pairs))
    for row, _ in measured:
        yield row
    for row, peak in measured[-2:]:
        yield Row(f"{row.what}: peak memory", Spread.exact(peak), PEAK)


BARE_QUERY = """
import sys
import boto3

client = boto3.client(
    "dynamodb",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="nodetodo",
    aws_secret_access_key="nodetodo",
)
answer = client.query(
    TableName="todo-task",
    KeyConditionExpression="#uid = :uid",
    ExpressionAttributeNames={"#uid": "uid"},
    ExpressionAttributeValues={":uid": {"S": "emma"}},
    Limit=11,
)
for item in answer["Items"]:
    print(item["tid"]["N"], item["due"]["N"], item["category"]["S"], item["description"]["S"])
"""


def on_server(machine: Machine, quick: bool) -> Iterator[Row]:
    """task-ls of 10 tasks on DynamoDB Local against the same query in a bare boto3 script."""
    with server(machine.folder) as (name, endpoint):
        machine.say(f"--db={endpoint}", "table-add")
        machine.say(f"--db={endpoint}", "user-add", *USER)
        filled.send(_client(endpoint), 10)
        listing = [machine.nodetodo, "task-ls", "emma", f"--db={endpoint}"]
        bare = [*machine.script("bare_query.py", BARE_QUERY), endpoint]
        compared = Compared(
            f"task-ls of 10 on {name}, against a bare boto3 query", listing, bare, Limit(1.05, goal=0.85)
        )
        for row, _ in rows(machine, [compared], 5 if quick else 15):
            yield row


def _client(endpoint: str) -> Any:
    return connect(endpoint)


def pages(machine: Machine, quick: bool) -> Iterator[Row]:
    """Pages of many tasks of one user in one category against the same pages of 100."""
    many = 20_000 if quick else 1_000_000
    path = machine.folder / "many.db"
    begun = time.monotonic()
    target = filled.database(path, many)
    note = f"file of {many:,} tasks made in {time.monotonic() - begun:.0f} s"
    try:
        few = filled.database(machine.folder / "few.db", 100)
        compared = []
        for command, of in (("task-la", filled.CATEGORY), ("task-ls", filled.UID)):
            argv = [machine.nodetodo, command, of]
            for page, start in ((f"page 1 of {many:,}", []), (f"page {many // 20:,}", [many // 2])):
                compared.append(
                    Compared(
                        f"{command}, {page}, against 100 tasks",
                        [*argv, f"--db={target}", *(f"--next={filled.FIRST_TID + at}" for at in start)],
                        [*argv, f"--db={few}", *(f"--next={filled.FIRST_TID + 50}" for _ in start)],
                        Limit(1.5),
                    )
                )
            # The same page by the cursor that the page before it printed.
            before = machine.say(command, of, f"--db={target}", f"--next={filled.FIRST_TID + many // 2 - 11}")
            here = machine.say(command, of, f"--db={few}", f"--next={filled.FIRST_TID + 39}")
            compared.append(
                Compared(
                    f"{command}, page {many // 20:,} by its cursor, against 100 tasks",
                    [*argv, f"--db={target}", before.split()[-1]],
                    [*argv, f"--db={few}", here.split()[-1]],
                    Limit(1.5),
                )
            )
        for number, (row, _) in enumerate(rows(machine, compared, 3 if quick else 9)):
            yield row._replace(note=note if number == 0 else "")
    finally:
        path.unlink()


def engine(machine: Machine, quick: bool) -> Iterator[Row]:
    """GetItem and PutItem of the embedded engine in memory against moto in this process."""
    import boto3
    from moto import mock_aws

    at_once, rounds = (100, 3) if quick else (200, 15)
    items = list(filled.tasks(at_once))
    names = {"TableName": "todo-task"}

    def put(client: Any) -> None:
        for item in items:
            client.put_item(**names, Item=item)

    def get(client: Any) -> None:
        for item in items:
            client.get_item(**names, Key={"uid": item["uid"], "tid": item["tid"]})

    with mock_aws():
        where = {"region_name": "us-east-1", "aws_access_key_id": "nodetodo", "aws_secret_access_key": "nodetodo"}
        ours, other = embedded.connect(":memory:"), boto3.client("dynamodb", **where)
        for client in (ours, other):
            Program(client, target="local").good("table-add")
        for what, work in (("PutItem", put), ("GetItem", get)):
            seconds = [(_seconds(work, ours), _seconds(work, other)) for _ in range(rounds + 1)][1:]
            ratio = Spread.of([moto / ourselves for ourselves, moto in seconds])
            a_second = at_once / Spread.of([ourselves for ourselves, _ in seconds]).median
            note = f"{a_second:,.0f} a second"
            yield Row(f"{what} a second in memory, against moto", ratio, Limit(5, at_least=True), note=note)
        ours.close()


def _seconds(work: Callable[[Any], None], client: Any) -> float:
    start = time.process_time()
    work(client)
    return time.process_time() - start


BARE_DELETES = """
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA synchronous = FULL")
while tids := database.execute("SELECT tid FROM tasks WHERE uid = ? ORDER BY tid LIMIT 1000", ("emma",)).fetchall():
    for first in range(0, len(tids), 25):
        database.execute("BEGIN IMMEDIATE")
        for (tid,) in tids[first : first + 25]:
            database.execute("DELETE FROM tasks WHERE uid = ? AND tid = ?", ("emma", tid))
        database.execute("COMMIT")
"""


def removal(machine: Machine, quick: bool) -> Iterator[Row]:
    """user-rm --with-tasks on a file against a bare loop of SQLite deletes, 25 to a transaction, on rows like ours."""
    count = 1_000 if quick else 10_000
    kept, bare = machine.folder / "removal.db", machine.folder / "bare.db"
    filled.database(kept, count)
    _fill_bare(bare, count)
    script = machine.script("bare_deletes.py", BARE_DELETES)
    wall, cpu, a_second = [], [], []
    for _ in range(3 if quick else 5):
        # Each time on a fresh copy; the copying is not measured.
        ours = machine.take(
            [machine.nodetodo, "user-rm", "emma", "--with-tasks", f"--db=local:{_copy(kept)}"],
        )
        other = machine.take([*script, str(_copy(bare))])
        wall.append(other.wall / ours.wall)
        cpu.append(other.cpu / ours.cpu)
        a_second.append(count / ours.wall)
    note = f"{Spread.of(a_second).median:,.0f} tasks a second"
    what = f"user-rm --with-tasks of {count:,}, against bare SQLite deletes"
    yield Row(what, Spread.of(wall), Limit(0.2, at_least=True), Spread.of(cpu), note)


def _copy(path: Path) -> Path:
    """A copy of a database file that nobody has open, on the disk."""
    copy = path.with_suffix(".copy")
    for left in (copy, copy.with_suffix(".copy-wal"), copy.with_suffix(".copy-shm")):
        left.unlink(missing_ok=True)
    shutil.copy(path, copy)
    with open(copy) as file:
        os.fsync(file.fileno())
    return copy


def _fill_bare(path: Path, count: int) -> None:
    """A table of the same rows by (uid, tid), and an index by (category, tid), with the log written ahead."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    names = ("uid", "tid", "description", "created", "due", "category")
    database.execute(f"CREATE TABLE tasks ({', '.join(names)}, PRIMARY KEY (uid, tid)) WITHOUT ROWID")
    database.execute("CREATE INDEX by_category ON tasks (category, tid)")
    database.execute("BEGIN")
    for item in filled.tasks(count):
        values = {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}
        database.execute("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?)", [values[name] for name in names])
    database.execute("COMMIT")
    database.close()


MORE = Limit(30, unit=" MB")


def memory(machine: Machine, quick: bool) -> Iterator[Row]:
    """Peak memory of `task-ls --all` over many tasks beyond that over 100, on the embedded engine."""
    many = 10_000 if quick else 100_000
    large = filled.database(machine.folder / "large.db", many)
    small = filled.database(machine.folder / "small.db", 100)
    yield from _more("", many, _peaks(machine, small), _peaks(machine, large))


def memory_on_server(machine: Machine, quick: bool) -> Iterator[Row]:
    """The same on DynamoDB Local."""
    many = 2_000 if quick else 100_000
    with server(machine.folder) as (name, endpoint):
        client = _client(endpoint)
        machine.say(f"--db={endpoint}", "table-add")
        machine.say(f"--db={endpoint}", "user-add", *USER)
        filled.send(client, 100)
        few = _peaks(machine, endpoint)
        filled.send(client, many)
        yield from _more(f" on {name}", many, few, _peaks(machine, endpoint))


def _peaks(machine: Machine, target: str) -> list[float]:
    """Peak memory of `task-ls --all` as text and as JSON."""
    listing = [machine.nodetodo, "task-ls", "emma", "--all", f"--db={target}"]
    return [machine.take([*listing, *form]).peak for form in ([], ["--json"])]


def _more(where: str, many: int, few: list[float], peaks: list[float]) -> Iterator[Row]:
    for form, less, peak in zip(("", " --json"), few, peaks, strict=True):
        what = f"task-ls --all{form} of {many:,}{where}: memory more than of 100"
        yield Row(what, Spread.exact(peak - less), MORE, note=f"{peak:.1f} MB in all")


Part = Callable[[Machine, bool], Iterator[Row]]

PARTS: dict[str, Part] = {
    "start-up": start_up,
    "on-server": on_server,
    "pages": pages,
    "engine": engine,
    "removal": removal,
    "memory": memory,
    "memory-on-server": memory_on_server,
}
