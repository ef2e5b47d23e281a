"""The parts of the benchmark. Each yields lines of the table."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session

from nodetodo import embedded
from tests.program import Program, connect

from . import endpoints, large_files
from .processes import Comparison, Installation, compare, server
from .table import Limit, Row, Spread

USER = ["emma", "emma@example.org", "+491701234"]
MEMORY = Limit(30, unit=" MB")


def start_up(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare processes with no database or a small file to the start of an empty Python program."""
    pairs = 5 if quick else 25
    program, empty = installation.nodetodo, installation.empty_python
    without_sdk = Limit(3)
    listed = large_files.create(installation.folder / "ten.db", 10)
    thousand = large_files.create(installation.folder / "thousand.db", 1000)
    tid = ["--complete", "fish", f"--db={thousand}", "task-done", large_files.UID, ""]
    assert len(installation.output(*tid).splitlines()) == 1000, "the time limit has ended the completion"
    added = large_files.create(installation.folder / "added.db", 10)
    comparisons = [
        Comparison("--help", [program, "--help"], empty, without_sdk),
        Comparison("invalid usage: task-ls", [program, "task-ls"], empty, without_sdk, status=2),
        Comparison("misspelled command: tsk-ls emma", [program, "tsk-ls", "emma"], empty, without_sdk, status=2),
        Comparison("completion of a tid, 1,000 tasks", [program, *tid], empty, Limit(5)),
        Comparison("task-ls of 10", [program, "task-ls", "emma", f"--db={listed}"], empty, Limit(3.3, goal=3)),
        Comparison(
            "task-add, durable",
            [program, "task-add", "emma", "buy milk", "shopping", f"--db={added}"],
            empty,
            Limit(5.5),
        ),
    ]
    measured = list(compare(installation, comparisons, pairs))
    for row, _ in measured:
        yield row
    for row, peak in measured[-2:]:
        yield Row(f"{row.title}: peak memory", Spread.exact(peak), MEMORY)


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
page = client.query(
    TableName="todo-task",
    KeyConditionExpression="#uid = :uid",
    ExpressionAttributeNames={"#uid": "uid"},
    ExpressionAttributeValues={":uid": {"S": "emma"}},
    Limit=11,
)
for item in page["Items"]:
    print(item["tid"]["N"], item["due"]["N"], item["category"]["S"], item["description"]["S"])
"""


def on_server(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare task-ls of 10 tasks on DynamoDB Local to a boto3 script that sends the same query."""
    with server(installation.folder) as (name, endpoint):
        installation.output(f"--db={endpoint}", "table-add")
        installation.output(f"--db={endpoint}", "user-add", *USER)
        large_files.send(connect(endpoint), 10)
        listing = [installation.nodetodo, "task-ls", "emma", f"--db={endpoint}"]
        bare = [*installation.script("bare_query.py", BARE_QUERY), endpoint]
        title = f"task-ls of 10 on {name}, against a boto3 script"
        comparison = Comparison(title, listing, bare, Limit(1.05, goal=0.85))
        for row, _ in compare(installation, [comparison], 5 if quick else 15):
            yield row


def pages(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare pages of many tasks of one user in one category to the same pages of 100 tasks."""
    many, few = 20_000 if quick else 1_000_000, 100
    path = installation.folder / "many.db"
    start = time.monotonic()
    targets = [(large_files.create(path, many), many)]
    note = f"file of {many:,} tasks created in {time.monotonic() - start:.0f} s"
    targets.append((large_files.create(installation.folder / "few.db", few), few))
    comparisons = []
    for command, argument in (("task-la", large_files.CATEGORY), ("task-ls", large_files.UID)):
        pages: dict[str, list[list[str]]] = {"page 1": [], "middle page by tid": [], "middle page by cursor": []}
        for target, count in targets:
            argv = [command, argument, f"--db={target}"]
            page_before = [*argv, f"--next={large_files.FIRST_TID + count // 2 - 11}"]
            cursor = installation.output(*page_before).split()[-1]
            options: tuple[list[str], ...] = ([], [f"--next={large_files.FIRST_TID + count // 2}"], [cursor])
            for commands, option in zip(pages.values(), options, strict=True):
                commands.append([installation.nodetodo, *argv, *option])
        for page, (argv, baseline) in pages.items():
            title = f"{command} of {many:,}, {page}, against {few} tasks"
            comparisons.append(Comparison(title, argv, baseline, Limit(1.5)))
    try:
        for number, (row, _) in enumerate(compare(installation, comparisons, 3 if quick else 9)):
            yield row._replace(note=note if number == 0 else "")
    finally:
        path.unlink()


def engine(_installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare GetItem and PutItem of the embedded engine in memory to moto in this process."""
    from moto import mock_aws

    count, rounds = (100, 3) if quick else (200, 15)
    items = list(large_files.tasks(count))

    def put(client: Any) -> None:
        for item in items:
            client.put_item(TableName="todo-task", Item=item)

    def get(client: Any) -> None:
        for item in items:
            client.get_item(TableName="todo-task", Key={"uid": item["uid"], "tid": item["tid"]})

    with mock_aws():
        settings = {"region_name": "us-east-1", "aws_access_key_id": "nodetodo", "aws_secret_access_key": "nodetodo"}
        moto_client = botocore.session.get_session().create_client("dynamodb", **settings)
        clients = (embedded.connect(":memory:"), moto_client)
        for client in clients:
            Program(client, target="local").good("table-add")
        for operation, repeat in (("PutItem", put), ("GetItem", get)):
            # The first round is not counted.
            seconds = [[_seconds(repeat, client) for client in clients] for _ in range(rounds + 1)][1:]
            ratio = Spread.of([moto / own for own, moto in seconds])
            rate = count / Spread.of([own for own, _ in seconds]).median
            title = f"{operation} per second in memory, against moto"
            yield Row(title, ratio, Limit(5, at_least=True), note=f"{rate:,.0f} per second")
        clients[0].close()


def _seconds(repeat: Callable[[Any], None], client: Any) -> float:
    """Return the CPU time of `repeat`."""
    start = time.process_time()
    repeat(client)
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


def removal(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare user-rm --with-tasks to a script that deletes equal rows with SQLite, 25 per transaction."""
    count = 1_000 if quick else 10_000
    original, bare_original = installation.folder / "removal.db", installation.folder / "bare.db"
    large_files.create(original, count)
    _create_bare(bare_original, count)
    script = installation.script("bare_deletes.py", BARE_DELETES)
    wall, cpu, rates = [], [], []
    for _ in range(3 if quick else 5):
        # Every run has a new copy of the file. The time of copying does not count.
        target = f"--db=local:{_copy(original)}"
        own = installation.measure([installation.nodetodo, "user-rm", "emma", "--with-tasks", target])
        bare = installation.measure([*script, str(_copy(bare_original))])
        wall.append(bare.wall / own.wall)
        cpu.append(bare.cpu / own.cpu)
        rates.append(count / own.wall)
    note = f"{Spread.of(rates).median:,.0f} tasks per second"
    title = f"user-rm --with-tasks of {count:,}, against SQLite deletes"
    yield Row(title, Spread.of(wall), Limit(0.2, at_least=True), Spread.of(cpu), note)


def _copy(path: Path) -> Path:
    """Copy a database file that no process has open, and wait until the copy is on the disk."""
    copy = path.with_suffix(".copy")
    for old in (copy, copy.with_suffix(".copy-wal"), copy.with_suffix(".copy-shm")):
        old.unlink(missing_ok=True)
    shutil.copy(path, copy)
    with open(copy) as file:
        os.fsync(file.fileno())
    return copy


def _create_bare(path: Path, count: int) -> None:
    """Create a plain table of tasks with the primary key (uid, tid), an index on (category, tid) and a WAL."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    names = ("uid", "tid", "description", "created", "due", "category")
    database.execute(f"CREATE TABLE tasks ({', '.join(names)}, PRIMARY KEY (uid, tid)) WITHOUT ROWID")
    database.execute("CREATE INDEX by_category ON tasks (category, tid)")
    database.execute("BEGIN")
    for item in large_files.tasks(count):
        values = {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}
        database.execute("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?)", [values[name] for name in names])
    database.execute("COMMIT")
    database.close()


def memory(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare the peak memory of `task-ls --all` over many tasks to that over 100, on the embedded engine."""
    many = 10_000 if quick else 100_000
    large = large_files.create(installation.folder / "large.db", many)
    small = large_files.create(installation.folder / "small.db", 100)
    yield from _more_memory("", many, _peaks(installation, small), _peaks(installation, large))


def memory_on_server(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare the peak memory of `task-ls --all` over many tasks to that over 100, on DynamoDB Local."""
    many = 2_000 if quick else 100_000
    with server(installation.folder) as (name, endpoint):
        client = connect(endpoint)
        installation.output(f"--db={endpoint}", "table-add")
        installation.output(f"--db={endpoint}", "user-add", *USER)
        large_files.send(client, 100)
        small = _peaks(installation, endpoint)
        large_files.send(client, many)
        yield from _more_memory(f" on {name}", many, small, _peaks(installation, endpoint))


def _peaks(installation: Installation, target: str) -> list[float]:
    """Return the peak memory of `task-ls --all` as text and as JSON."""
    argv = [installation.nodetodo, "task-ls", "emma", "--all", f"--db={target}"]
    return [installation.measure([*argv, *options]).peak for options in ([], ["--json"])]


def _more_memory(place: str, many: int, small: list[float], large: list[float]) -> Iterator[Row]:
    for option, small_peak, large_peak in zip(("", " --json"), small, large, strict=True):
        title = f"task-ls --all{option} of {many:,}{place}: memory more than for 100"
        yield Row(title, Spread.exact(large_peak - small_peak), MEMORY, note=f"{large_peak:.1f} MB in total")


BARE_IMPORT = """
import json
import sqlite3
import sys

database = sqlite3.connect(sys.argv[2], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
for name in ("items", "entries"):
    columns = "space, address BLOB, bytes, content, PRIMARY KEY (space, address)"
    database.execute(f"CREATE TABLE {name} ({columns}) WITHOUT ROWID")
with open(sys.argv[1]) as lines:
    database.execute("BEGIN")
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        address = f"{record['uid']} {record.get('tid')}".encode()
        entry = record.get("category", "").encode() + address
        database.execute("INSERT INTO items VALUES (1, ?, ?, ?)", (address, len(line), json.dumps(record)))
        database.execute("INSERT INTO entries VALUES (2, ?, ?, ?)", (entry, len(line), address))
        if number % 100 == 0:
            database.execute("COMMIT")
            database.execute("BEGIN")
    database.execute("COMMIT")
"""

BARE_EXPORT = """
import json
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
with open(sys.argv[2], "w") as file:
    for (content,) in database.execute("SELECT content FROM items"):
        file.write(json.dumps(json.loads(content)) + "\\n")
"""

MEMORY_OF_TRANSFERS = Limit(100, unit=" MB")


def transfer(installation: Installation, quick: bool) -> Iterator[Row]:
    """Compare export and import of a local file to scripts that read and insert equal rows with SQLite.

    Measure their memory with more items.
    """
    folder = installation.folder
    scripts = [installation.script(f"{name}.py", text) for name, text in (("in", BARE_IMPORT), ("out", BARE_EXPORT))]
    many = 20_000 if quick else 1_000_000
    for count, baselines, runs in ((20_000 if quick else 200_000, scripts, 3), (many, [], 1)):
        name = f"{count}-{runs}"
        source, file = large_files.create(folder / f"{name}.db", count), folder / f"{name}.jsonl"
        installation.output("export", str(file), f"--db={source}")
        databases = [f"local:{folder}/{name}-new{run}.db" for run in range(runs)]
        yield from _transfers(installation, "", count, file, baselines, databases)


def transfer_on_server(installation: Installation, quick: bool) -> Iterator[Row]:
    """Measure the memory of export and import on DynamoDB Local."""
    count = 500 if quick else 20_000
    file = installation.folder / "server.jsonl"
    source = large_files.create(installation.folder / "server.db", count)
    installation.output("export", str(file), f"--db={source}")
    with server(installation.folder) as (name, endpoint):
        installation.output(f"--db={endpoint}", "table-add")
        yield from _transfers(installation, f" on {name}", count, file, [], [endpoint])


def _transfers(
    installation: Installation,
    place: str,
    count: int,
    file: Path,
    scripts: list[list[str]],
    databases: list[str],
) -> Iterator[Row]:
    """Import into these new databases and export from them.

    scripts: the baselines of import and export. Without them, the memory is measured.
    """
    usages: dict[str, list[Any]] = {"import": [], "export": []}
    baselines: dict[str, list[Any]] = {"import": [], "export": []}
    for run, target in enumerate(databases):
        exported, bare = file.with_suffix(f".out{run}"), file.with_suffix(f".bare{run}")
        database = f"--db={target}"
        usages["import"].append(installation.measure([installation.nodetodo, "import", str(file), database]))
        usages["export"].append(installation.measure([installation.nodetodo, "export", str(exported), database]))
        if scripts:
            baselines["import"].append(installation.measure([*scripts[0], str(file), str(bare)]))
            baselines["export"].append(installation.measure([*scripts[1], str(bare), str(exported)]))
    for name, least in (("import", 0.2), ("export", 0.3)):
        title = f"{name} of {count:,}{place}"
        note = f"{count / Spread.of([usage.wall for usage in usages[name]]).median:,.0f} items per second"
        if scripts:
            pairs = list(zip(baselines[name], usages[name], strict=True))
            wall = Spread.of([bare.wall / own.wall for bare, own in pairs])
            cpu = Spread.of([bare.cpu / own.cpu for bare, own in pairs])
            yield Row(f"{title}, against SQLite", wall, Limit(least, at_least=True), cpu, note)
        else:
            peak = max(usage.peak for usage in usages[name])
            yield Row(f"{title}: peak memory", Spread.exact(peak), MEMORY_OF_TRANSFERS, note=note)


Part = Callable[[Installation, bool], Iterator[Row]]

PARTS: dict[str, Part] = {
    "start-up": start_up,
    "on-server": on_server,
    "pages": pages,
    "engine": engine,
    "removal": removal,
    "transfer": transfer,
    "transfer-on-server": transfer_on_server,
    "memory": memory,
    "memory-on-server": memory_on_server,
    "serve-start": endpoints.first_response,
    "serve-throughput": endpoints.throughput,
    "serve-memory": endpoints.memory,
}
