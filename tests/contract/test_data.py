"""Export and import: round trips between all engines, damaged files, outcomes, and limits."""

from __future__ import annotations

import contextlib
import errno
import gzip
import json
import os
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import md5
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodetodo import embedded
from nodetodo.data import imports, lines
from nodetodo.embedded import values
from nodetodo.model import Task, User
from nodetodo.repositories import portable, transfer
from nodetodo.repositories.pace import PacedClient

from ..faults import Faulty, failing, first, response_lost_and_retried
from ..program import EMMA, Program, connect

on_embedded = pytest.mark.parametrize("engine", ["embedded"], indirect=True)

Item = dict[str, Any]

BOOK_TASK: Item = {
    "uid": {"S": "emma"},
    "tid": {"N": "1526650262330"},
    "description": {"S": "plan lunch"},
    "due": {"N": "0"},
}
"""A task as the program of the book writes it: no `created`, and other numbers."""

ALL_TYPES: Item = {
    "uid": {"S": "line\u2028 break"},
    "tid": {"N": "-1.5"},
    "S": {"S": ""},
    "N": {"N": "1234567890123456789012345678901234567.8"},
    "B": {"B": b"\x00\xff"},
    "SS": {"SS": ["b", "a"]},
    "NS": {"NS": ["2", "1.25"]},
    "BS": {"BS": [b"", b"\x01"]},
    "M": {"M": {"B": {"S": "not Base64"}, "BS": {"L": []}}},
    "L": {"L": [{"NULL": True}, {"BOOL": False}, {"B": b"abc"}]},
    "category": {"S": "shopping"},
}
TASKS: list[Item] = [
    BOOK_TASK,
    ALL_TYPES,
    {"uid": {"S": "emma"}, "tid": {"N": "7"}, "completed": {"S": "yes"}},
    {"uid": {"S": "emma"}, "tid": {"N": "9007199254740993"}},
    {"uid": {"S": "emma"}, "tid": {"N": "10"}, "email": {"S": "an attribute of users"}},
    {"uid": {"S": "emma"}, "tid": {"N": "1E2"}, "due": {"NULL": True}},
]
USERS: list[Item] = [
    {"uid": {"S": "emma"}, "email": {"S": "emma@example.org"}, "phone": {"S": "+491701234"}},
    {"uid": {"S": "luis"}, "email": {"L": [{"S": "a list"}]}},
    {"uid": {"S": "item"}, "table": {"S": "user"}},
]


def put(program: Program, users: list[Item] = USERS, tasks: list[Item] = TASKS) -> None:
    prefix = program.env["NODETODO_TABLE_PREFIX"]
    for name, items in (("user", users), ("task", tasks)):
        for item in items:
            program.client.put_item(TableName=prefix + name, Item=item)


def normal(items: list[Item]) -> dict[str, Item]:
    """Return items by key, with numbers and sets in one notation."""

    def sets_sorted(value: Any) -> Any:
        if isinstance(value, dict):
            is_set = value.keys() & {"SS", "NS", "BS"} and isinstance(next(iter(value.values())), list)
            return {name: sorted(content) if is_set else sets_sorted(content) for name, content in value.items()}
        return [sets_sorted(each) for each in value] if isinstance(value, list) else value

    found = {}
    for item in items:
        checked = values.checked_item(item)[0]
        found[repr([checked["uid"], checked.get("tid")])] = sets_sorted(checked)
    return found


def contents(program: Program) -> tuple[dict[str, Item], dict[str, Item]]:
    prefix = program.env["NODETODO_TABLE_PREFIX"]
    users, tasks = (
        normal(program.client.scan(TableName=prefix + name, ConsistentRead=True)["Items"]) for name in ("user", "task")
    )
    return users, tasks


@pytest.fixture
def other() -> Iterator[Program]:
    """Return the program on an empty embedded engine of its own."""
    with contextlib.closing(embedded.connect(":memory:")) as client:
        program = Program(client, target="local")
        program.good("table-add")
        yield program


# Round trips


@pytest.mark.parametrize("options", [[], ["--format=dynamodb"], ["--segments=3"], ["--rate=100000"]], ids=str)
def test_a_round_trip_is_exact(nodetodo: Program, other: Program, tmp_path: Path, options: list[str]) -> None:
    put(nodetodo)
    before = contents(nodetodo)
    assert (len(before[0]), len(before[1])) == (len(USERS), len(TASKS))
    file = str(tmp_path / "exported")
    nodetodo.good("export", file, *options)
    assert other.good("import", file, "--json").json["added"] == len(USERS) + len(TASKS)
    assert contents(other) == before
    # and back, into the tables of the first engine
    back = str(tmp_path / "back")
    other.good("export", back, *options)
    for name in ("user", "task"):
        for item in nodetodo.client.scan(TableName=nodetodo.env["NODETODO_TABLE_PREFIX"] + name)["Items"]:
            key = {each: item[each] for each in ("uid", "tid") if each in item}
            nodetodo.client.delete_item(TableName=nodetodo.env["NODETODO_TABLE_PREFIX"] + name, Key=key)
    assert nodetodo.good("import", back, "--json").json["added"] == len(USERS) + len(TASKS)
    assert contents(nodetodo) == before
    assert nodetodo.good("import", file, "--json").json["identical"] == len(USERS) + len(TASKS)


def test_a_pipe_moves_all_items(nodetodo: Program, other: Program) -> None:
    put(nodetodo)
    exported = nodetodo.good("export", "-")
    assert exported.err == "exported 3 users and 6 tasks\n"
    assert other.good("import", "-", piped=exported.out).out == "9 items in standard input: 9 added\n"
    assert contents(other) == contents(nodetodo)


def test_a_usual_line_is_the_object_of_json_and_users_come_first(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow")
    expected = [emma.good("user", "emma", "--json").out, emma.good("task", "emma", tid, "--json").out]
    assert emma.good("export", "-").out == "".join(expected)


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**30), max_value=10**30).map(
    lambda number: {"N": str(number)}
) | st.integers(-(10**37), 10**37).map(lambda number: {"N": str(number)})
texts = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = (
    numbers
    | texts.map(lambda text: {"S": text})
    | st.binary(max_size=5).map(lambda content: {"B": content})
    | st.booleans().map(lambda flag: {"BOOL": flag})
    | st.just({"NULL": True})
    | st.sets(texts, min_size=1, max_size=3).map(lambda members: {"SS": sorted(members)})
    | st.sets(st.binary(max_size=3), min_size=1, max_size=3).map(lambda members: {"BS": sorted(members)})
    | st.sets(st.integers(-99, 99), min_size=1, max_size=3).map(lambda members: {"NS": sorted(map(str, members))})
)
attributes = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda members: {"L": members})
        | st.dictionaries(texts.filter(bool), inner, max_size=3).map(lambda members: {"M": members})
    ),
    max_leaves=6,
)
names = st.sampled_from(["email", "description", "due", "completed", "table", "item", "Item", "B"]) | texts.filter(bool)


@given(
    key=st.tuples(texts.filter(bool), numbers),
    others=st.dictionaries(names, attributes, max_size=4),
    is_task=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_lines_of_any_item_are_read_as_the_same_item(key: tuple[str, Item], others: Item, is_task: bool) -> None:
    uid, tid = key
    of: portable.Of = Task if is_task else User
    own = {"uid": {"S": uid}} | ({"tid": tid} if is_task else {})
    item = values.checked_item({name: value for name, value in others.items() if name not in ("uid", "tid")} | own)[0]
    assert lines.parse(lines.record_line(of, item).encode()) == (of, item)
    assert lines.parse(lines.dynamodb_line(of, item).encode()) == (of, item)


def test_the_folder_of_an_export_by_aws_is_imported(nodetodo: Program, tmp_path: Path) -> None:
    """One table under another name, several data files and an empty one, and a prefix in S3, as AWS writes them."""
    folder = tmp_path / "AWSDynamoDB" / "01693685827463-2d8752fd"
    write_aws_export(folder, [[TASKS[0], TASKS[1]], [TASKS[2]], []])
    for given_folder in (tmp_path, folder):
        counts = nodetodo.good("import", str(given_folder), "--json").json
        assert counts["items"] == 3
    assert contents(nodetodo)[1] == normal(TASKS[:3])


USER_WITH_TID: Item = {"uid": {"S": "emma"}, "tid": {"N": "5"}}


@on_embedded
def test_a_user_with_an_attribute_tid_remains_a_user(nodetodo: Program, other: Program, tmp_path: Path) -> None:
    put(nodetodo, [USER_WITH_TID], [item(1)])
    nodetodo.good("export", str(tmp_path / "own"), "--format=dynamodb")
    other.good("import", str(tmp_path / "own"))
    assert contents(other) == contents(nodetodo)


@on_embedded
def test_an_export_by_aws_with_an_item_without_tid_has_users(nodetodo: Program, tmp_path: Path) -> None:
    users = [USER_WITH_TID, USERS[1]]
    write_aws_export(tmp_path / "AWSDynamoDB" / "01693685827463-2d8752fd", [users[:1], users[1:]])
    nodetodo.good("import", str(tmp_path))
    assert contents(nodetodo) == (normal(users), {})


def write_aws_export(folder: Path, parts: list[list[Item]]) -> None:
    (folder / "data").mkdir(parents=True)
    entries = []
    for number, items in enumerate(parts):
        text = "".join(json.dumps({"Item": item}, default=lambda raw: b64encode(raw).decode()) + "\n" for item in items)
        content = gzip.compress(text.encode()) if items else b""
        (folder / "data" / f"part{number}.json.gz").write_bytes(content)
        entries.append(
            {
                "itemCount": len(items),
                "md5Checksum": b64encode(md5(content).digest()).decode(),
                "etag": f"{number}-1",
                "dataFileS3Key": f"a-prefix/AWSDynamoDB/{folder.name}/data/part{number}.json.gz",
            }
        )
    write_manifest(folder, "files", "".join(json.dumps(entry) + "\n" for entry in entries))
    write_manifest(folder, "summary", json.dumps({"tableArn": "…/other", "outputFormat": "DYNAMODB_JSON"}))


def write_manifest(folder: Path, name: str, text: str) -> None:
    (folder / f"manifest-{name}.json").write_text(text)
    (folder / f"manifest-{name}.md5").write_text(b64encode(md5(text.encode()).digest()).decode())


@on_embedded
def test_an_exported_folder_has_the_files_and_checksums_of_dynamodb(nodetodo: Program, tmp_path: Path) -> None:
    put(nodetodo)
    nodetodo.good("export", str(tmp_path / "folder"), "--format=dynamodb")
    folders = sorted((tmp_path / "folder" / "AWSDynamoDB").iterdir())
    assert len(folders) == 2
    for folder, items in zip(folders, (USERS, TASKS), strict=True):
        summary = json.loads((folder / "manifest-summary.json").read_text())
        (entry,) = map(json.loads, (folder / "manifest-files.json").read_text().splitlines())
        assert summary["manifestFilesS3Key"] == f"AWSDynamoDB/{folder.name}/manifest-files.json"
        assert (summary["outputFormat"], summary["itemCount"]) == ("DYNAMODB_JSON", len(items))
        data = folder.parent.parent / entry["dataFileS3Key"]
        assert b64encode(md5(data.read_bytes()).digest()).decode() == entry["md5Checksum"]
        read = [json.loads(line) for line in gzip.decompress(data.read_bytes()).splitlines()]
        assert len(read) == entry["itemCount"] == len(items)
        assert all(line.keys() == {"Item"} for line in read)
        for name in ("manifest-summary", "manifest-files"):
            checksum = b64encode(md5((folder / f"{name}.json").read_bytes()).digest()).decode()
            assert (folder / f"{name}.md5").read_text() == checksum
        assert {path.stat().st_mode & 0o777 for path in folder.rglob("*")} == {0o600, 0o700}


@pytest.mark.parametrize("engine", ["moto"], indirect=True)
@pytest.mark.parametrize("options", [[], ["--format=dynamodb"]], ids=str)
def test_a_round_trip_between_two_servers_is_exact(
    nodetodo: Program, dynamodb_local: str, tmp_path: Path, options: list[str]
) -> None:
    """From moto to DynamoDB Local and back to other tables of moto."""
    put(nodetodo)
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    with contextlib.closing(connect(dynamodb_local)) as client:
        programs = [nodetodo, Program(client, prefix=prefix), Program(nodetodo.client, prefix=f"{prefix}back-")]
        for number, (source, target) in enumerate(pairwise(programs)):
            file = str(tmp_path / f"exported{number}")
            source.good("export", file, *options)
            target.good("table-add")
            assert target.good("import", file, "--json").json["added"] == len(USERS) + len(TASKS)
            assert contents(target) == contents(nodetodo)


# Outcomes


def line(tid: int, description: str = "x", **more: Any) -> str:
    return json.dumps({"uid": "emma", "tid": tid, "description": description, **more}) + "\n"


def test_each_line_is_added_identical_or_rejected_and_the_report_lists_them(nodetodo: Program, tmp_path: Path) -> None:
    file, report = tmp_path / "tasks.jsonl", tmp_path / "report.jsonl"
    file.write_text(line(1) + "\n" + line(2) + line(3))
    put(nodetodo, [], [item(1), item(2, "y")])
    result = nodetodo("import", str(file), f"--report={report}")
    assert result.status == 4
    assert result.out == f"3 items in {file}: 1 added, 1 identical, 1 rejected\n"
    assert result.err == (
        "nodetodo: 1 item exists with other attributes and was not replaced (line 3); "
        "--replace replaces existing items\n"
    )
    assert outcomes(report) == {1: "identical", 3: "rejected", 4: "added"}
    assert contents(nodetodo)[1] == normal([item(1), item(2, "y"), item(3)])

    assert nodetodo.good("import", str(file), "--replace", "--json", f"--report={report}").json == {
        "items": 3,
        "added": 0,
        "identical": 2,
        "replaced": 1,
        "rejected": 0,
    }
    assert outcomes(report) == {1: "identical", 3: "replaced", 4: "identical"}
    assert contents(nodetodo)[1] == normal([item(1), item(2), item(3)])


def item(tid: int, description: str = "x") -> Item:
    return {"uid": {"S": "emma"}, "tid": {"N": str(tid)}, "description": {"S": description}}


def outcomes(report: Path) -> dict[int, str]:
    return {entry["line"]: entry["outcome"] for entry in map(json.loads, report.read_text().splitlines())}


def test_many_items_of_both_tables_are_written_in_several_groups(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    users = "".join(json.dumps({"uid": f"user{number}"}) + "\n" for number in range(130))
    file.write_text(users + "".join(line(number) for number in range(230)))
    put(nodetodo, [{"uid": {"S": "user5"}, "email": {"S": "e@example.org"}}], [item(7), item(8, "y")])
    result = nodetodo("import", str(file), "--json")
    assert (result.status, result.json) == (
        4,
        {"items": 360, "added": 357, "identical": 1, "replaced": 0, "rejected": 2},
    )
    assert nodetodo.good("import", str(file), "--replace", "--json").json["replaced"] == 2
    assert nodetodo.good("import", str(file), "--json").json["identical"] == 360


def test_an_item_that_another_process_adds_meanwhile_is_not_replaced(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text(line(1) + line(2))
    real = nodetodo.client

    def after_another(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        if "TransactItems" in request or request["Item"]["tid"] == {"N": "1"}:
            put(Program(real, prefix=nodetodo.env["NODETODO_TABLE_PREFIX"]), [], [item(1, "of the other process")])
        return send(**request)

    nodetodo.client = Faulty(real, put_item=after_another, transact_write_items=after_another)
    result = nodetodo("import", str(file), "--json")
    nodetodo.client = real
    assert (result.status, result.json["rejected"], result.json["added"]) == (4, 1, 1)
    assert contents(nodetodo)[1] == normal([item(1, "of the other process"), item(2)])


@on_embedded
def test_a_lost_response_counts_as_added(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(line(1))
    nodetodo.client = Faulty(nodetodo.client, put_item=response_lost_and_retried)
    assert nodetodo.good("import", str(file), "--json").json["added"] == 1


@on_embedded
def test_unprocessed_items_and_keys_are_retried_and_a_failure_is_continued(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text("".join(line(number) for number in range(130)))
    real = nodetodo.client

    def half(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        ((table, writes),) = request["RequestItems"].items()
        send(RequestItems={table: writes[:10]})
        return {"UnprocessedItems": {table: writes[10:]} if writes[10:] else {}}

    def half_of_the_keys(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        ((table, wanted),) = request["RequestItems"].items()
        response = send(RequestItems={table: {**wanted, "Keys": wanted["Keys"][:10]}})
        return response | {"UnprocessedKeys": {table: {**wanted, "Keys": wanted["Keys"][10:]}}}

    nodetodo.client = Faulty(real, batch_write_item=first(3, half), batch_get_item=first(3, half_of_the_keys))
    assert nodetodo.good("import", str(file), "--replace", "--json").json["added"] == 130
    assert nodetodo.slept
    assert len(contents(nodetodo)[1]) == 130

    nodetodo.client = Faulty(real, batch_write_item=lambda _, request: {"UnprocessedItems": request["RequestItems"]})
    file.write_text("".join(line(number, "new") for number in range(130)))
    result = nodetodo("import", str(file), "--replace")
    assert result.status == 5
    assert "repeat the command" in result.err
    nodetodo.client = real
    assert nodetodo.good("import", str(file), "--replace", "--json").json["replaced"] == 130


@on_embedded
@pytest.mark.parametrize(("target", "together"), [("local", 100), ("http://localhost:1", 1)])
def test_items_are_written_in_random_order(nodetodo: Program, tmp_path: Path, target: str, together: int) -> None:
    """The embedded engine has no partitions. There, 100 neighbours stay together in one transaction."""
    file = tmp_path / "many.jsonl"
    file.write_text("".join(line(number) for number in range(2000)))
    recorder = Faulty(nodetodo.client)
    prefix = nodetodo.env["NODETODO_TABLE_PREFIX"]
    Program(recorder, target=target, prefix=prefix).good("import", str(file))
    sent = [
        int(put["Item"]["tid"]["N"])
        for name, request in recorder.sent
        if name in ("put_item", "transact_write_items")
        for put in ([action["Put"] for action in request["TransactItems"]] if "TransactItems" in request else [request])
    ]
    blocks = [sent[first : first + together] for first in range(0, len(sent), together)]
    assert all(block == list(range(block[0], block[0] + together)) for block in blocks)
    assert sorted(sent) == list(range(2000)) != sent


@on_embedded
def test_a_report_is_written_to_a_pipe_but_not_to_a_folder(nodetodo: Program, tmp_path: Path) -> None:
    file, fifo = tmp_path / "tasks.jsonl", tmp_path / "fifo"
    file.write_text(line(1))
    nodetodo.client = recorder = Faulty(nodetodo.client)
    result = nodetodo("import", str(file), f"--report={tmp_path}")
    assert (result.status, result.out) == (1, "")
    assert result.err == f"nodetodo: {tmp_path} cannot be written: Is a directory\n"
    assert {name for name, _ in recorder.sent} <= {"describe_table"}
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()), daemon=True)
    reader.start()
    nodetodo.good("import", str(file), f"--report={fifo}")
    reader.join(10)
    assert [json.loads(text)["outcome"] for text in read] == ["added"]
    assert fifo.is_fifo()


@on_embedded
def test_the_outcomes_are_printed_even_if_the_report_cannot_be_completed(nodetodo: Program) -> None:
    result = nodetodo("import", "-", "--report=/dev/full", piped=line(1))
    assert (result.status, result.out) == (1, "1 item in standard input: 1 added\n")
    assert result.err == "nodetodo: /dev/full cannot be written: No space left on device\n"


def test_a_report_that_cannot_be_continued_ends_the_import_with_the_number_of_items(
    nodetodo: Program, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text("".join(line(tid) for tid in range(1, 501)))
    nodetodo.good("user-add", *EMMA)
    result = nodetodo("import", str(file), "--report=/dev/full")
    assert (result.status, result.out) == (1, "")
    reason = "/dev/full cannot be written: No space left on device"
    message = re.fullmatch(
        f"nodetodo: {reason}, (\\d+) items done; the same command completes the import\n", result.err
    )
    assert message, result.err
    stored = len(nodetodo.good("task-ls", "emma", "--all", "--json").json["tasks"])
    assert 0 < int(message[1]) < 500
    assert stored >= int(message[1])  # other requests were sent meanwhile
    assert nodetodo.good("import", str(file), "--json").json["identical"] == stored


# Invalid files


INVALID = {
    "not JSON": (b"{", "not JSON"),
    "not UTF-8": (b'{"uid": "\xff"}', "not UTF-8"),
    "half of a surrogate pair": (rb'{"uid": "\ud800"}', "surrogate"),
    "an array": (b"[1]", "not a JSON object"),
    "no uid": (b'{"email": "e@example.org"}', "the user has no uid"),
    "no tid": (b'{"uid": "emma", "description": "x"}', "a user has no attribute 'description'"),
    "an empty uid": (b'{"uid": "", "tid": 1}', "uid is empty, but the key of the table needs a value"),
    "a long uid": (b'{"uid": "%s"}' % (b"x" * 2049), "uid has more than 2,048 bytes"),
    "a uid that is a number": (b'{"uid": 5}', "uid is a number, but the key of the table needs a text"),
    "a tid that is a text": (b'{"uid": "emma", "tid": "5"}', "tid is a text, but the key of the table needs a number"),
    "a category that is a number": (
        b'{"uid": "emma", "tid": 5, "category": 5}',
        "category is a number, but the key of category-index needs a text",
    ),
    "an empty category": (
        b'{"uid": "emma", "tid": 5, "category": ""}',
        "category is empty, but the key of category-index",
    ),
    "a number that is too long": (b'{"uid": "emma", "tid": %s}' % (b"1" * 39), "tid has the number 111"),
    "a number that is far too long": (b'{"uid": "emma", "tid": %s}' % (b"1" * 5000), "not JSON"),
    "not a number": (b'{"uid": "emma", "tid": NaN}', "not JSON"),
    "a large item": (b'{"uid": "emma", "tid": 5, "description": "%s"}' % (b"x" * 409_600), "at most 409,600 bytes"),
    "deep nesting": (
        b'{"uid": "emma", "tid": 5, "description": %s%s}' % (b"[" * 40, b"]" * 40),
        "description has lists and maps in more than 32 levels",
    ),
    "very deep nesting": (b"[" * 100_000, "not JSON"),
    "deep nesting of JSON": (b'{"uid": "emma", "email": %s%s}' % (b"[" * 900, b"]" * 900), "too deep"),
    "an exponent that is too long": (b'{"uid": "emma", "email": 1E%s}' % (b"9" * 23), "too long"),
    "another table": (b'{"table": "x", "item": {}}', "neither 'user' nor 'task'"),
    "an unknown type": (b'{"table": "user", "item": {"uid": {"X": "emma"}}}', "the type 'X'"),
    "two types": (b'{"Item": {"uid": {"S": "emma", "N": "1"}}}', "one type"),
    "a number as JSON": (b'{"Item": {"uid": {"S": "emma"}, "tid": {"N": 5}}}', "the type 'N'"),
    "not Base64": (b'{"Item": {"uid": {"S": "emma"}, "a": {"B": "!"}}}', "not Base64"),
    "an empty set": (b'{"Item": {"uid": {"S": "emma"}, "a": {"SS": []}}}', "a has an empty set"),
    "a set with duplicates": (
        b'{"Item": {"uid": {"S": "emma"}, "a": {"SS": ["x", "x"]}}}',
        "a has a set with duplicates",
    ),
    "an empty name": (b'{"Item": {"uid": {"S": "emma"}, "": {"S": "x"}}}', "an attribute has an empty name"),
    "an empty name in a map": (b'{"uid": "emma", "email": {"a": [{"": 1}]}}', "email has a map with an empty name"),
    "a false null": (b'{"Item": {"uid": {"S": "emma"}, "a": {"NULL": false}}}', "a has NULL with another value"),
}


@on_embedded
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_line_is_reported_with_its_number_and_nothing_is_written(
    nodetodo: Program, tmp_path: Path, name: str
) -> None:
    content, reason = INVALID[name]
    file = tmp_path / "tasks.jsonl"
    file.write_bytes(line(1).encode() + content + b"\n" + line(2).encode())
    nodetodo.client = recorder = Faulty(nodetodo.client)
    result = nodetodo("import", str(file))
    assert (result.status, result.out) == (2, "")
    message, first_line = result.err.splitlines()
    assert message == f"nodetodo: 1 line of {file} cannot be imported; nothing was written"
    assert first_line.startswith("line 2: ")
    assert reason in first_line
    assert {name for name, _ in recorder.sent} <= {"describe_table"}


@on_embedded
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("garbage", "Expecting value at column 1"),
        ('{"uid": "emma"} x', "Extra data at column 17"),
        ('{"uid": "em', "Unterminated string starting at column 9"),
        ('{"uid": "e\tm"}', "Invalid control character at column 11"),
        ('{"uid": "\\x"}', "Invalid \\escape at column 10"),
    ],
)
def test_a_line_that_is_not_json_is_reported_with_the_column(nodetodo: Program, content: str, reason: str) -> None:
    result = nodetodo("import", "-", piped=content + "\n")
    assert result.err.splitlines()[1] == f"line 1: it is not JSON ({reason})"


@on_embedded
def test_a_file_that_changes_during_an_import_is_an_error(
    nodetodo: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text("".join(line(number) for number in range(2000)))
    monkeypatch.setattr(imports, "WINDOW_LINES", 50)

    def after_a_change(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        file.write_text("{\n" * 100_000)
        return send(**request)

    nodetodo.client = Faulty(nodetodo.client, transact_write_items=first(1, after_a_change))
    result = nodetodo("import", str(file))
    assert (result.status, result.out) == (1, "")
    assert result.err == f"nodetodo: {file} changed during the import; repeat the command\n"


@on_embedded
def test_at_most_ten_invalid_lines_are_shown(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text("{\n" * 25)
    shown = nodetodo("import", str(file)).err.splitlines()
    assert shown[0].startswith("nodetodo: 25 lines")
    assert [text.split(":")[0] for text in shown[1:11]] == [f"line {number}" for number in range(1, 11)]
    assert shown[11:] == ["… and 15 more"]


@on_embedded
def test_a_key_that_is_in_the_file_twice_is_reported(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    raw = '{"table": "task", "item": {"uid": {"S": "emma"}, "tid": {"N": "2.0"}}}\n'
    file.write_text('{"uid": "emma"}\n' + line(1) + line(2) + line(1) + raw)
    result = nodetodo("import", str(file))
    assert result.status == 2
    assert result.err.splitlines()[1:] == [
        "line 4: it has the same key as line 2",
        "line 5: it has the same key as line 3",
    ]
    assert not contents(nodetodo)[1]


@on_embedded
def test_keys_with_the_same_hash_are_compared(
    nodetodo: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "hash", lambda _: 5, raising=False)
    file = tmp_path / "tasks.jsonl"
    file.write_text(line(1) + line(2))
    assert nodetodo.good("import", str(file), "--json").json["added"] == 2


@on_embedded
def test_damaged_files_and_folders_are_reported_and_nothing_is_written(nodetodo: Program, tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(line(number).encode() for number in range(500)))
    truncated, changed, long = (tmp_path / name for name in ("truncated", "changed", "long"))
    truncated.write_bytes(whole[: len(whole) // 2])
    changed.write_bytes(whole[:-8] + b"\x00\x00\x00\x00" + whole[-4:])
    long.write_bytes(b" " * (lines.LINE_BYTES + 1))
    expected = {str(truncated): "is damaged", str(changed): "is damaged", str(long): "has more than"}
    expected[str(tmp_path / "absent")] = "cannot be read: No such file"
    (tmp_path / "empty").mkdir()
    expected[str(tmp_path / "empty")] = "has no manifest-summary.json"
    expected["nul\0"] = "cannot be read"

    def damaged(name: str, change: Callable[[Path], object], reason: str) -> None:
        folder = tmp_path / name / "AWSDynamoDB" / "0169-ab"
        write_aws_export(folder, [TASKS[:2]])
        change(folder)
        expected[str(tmp_path / name)] = reason

    def manifest(text: str) -> Callable[[Path], object]:
        return lambda folder: write_manifest(folder, "files", text)

    damaged("checksum", lambda folder: (folder / "data" / "part0.json.gz").write_bytes(whole), "MD5 checksum")
    damaged("manifest", lambda folder: (folder / "manifest-files.json").write_text("{}"), "MD5 checksum")
    damaged("missing", lambda folder: (folder / "data" / "part0.json.gz").unlink(), "cannot be read")
    damaged("no json", manifest("x"), "it is not JSON")
    damaged("no key", manifest("{}"), "names no data file")
    damaged("count", manifest('{"itemCount": 3, "dataFileS3Key": "data/part0.json.gz"}'), "its manifest counts 3")
    ion = json.dumps({"outputFormat": "ION"})
    damaged("ion", lambda folder: write_manifest(folder, "summary", ion), "type ION")
    nodetodo.client = recorder = Faulty(nodetodo.client)
    for file, reason in expected.items():
        result = nodetodo("import", file)
        assert (result.status, result.out) == (2, ""), result
        assert reason in result.err, file
    assert {name for name, _ in recorder.sent} <= {"describe_table"}


@on_embedded
def test_a_text_as_due_is_kept_unless_an_index_needs_a_number(
    nodetodo: Program, other: Program, tmp_path: Path
) -> None:
    task = item(1) | {"due": {"S": "soon"}}
    put(nodetodo, [], [task])
    file = tmp_path / "tasks.jsonl"
    nodetodo.good("export", str(file))
    other.good("import", str(file))
    assert contents(other)[1] == normal([task])
    other.good("index-add", "due-index")
    result = other("import", str(file))
    assert result.status == 2
    assert "line 1: the attribute due is a text, but the key of due-index needs a number" in result.err


@on_embedded
def test_an_export_is_gzipped_by_its_name(emma: Program, tmp_path: Path) -> None:
    plain = emma.good("export", "-").out
    file = tmp_path / "tasks.jsonl.gz"
    assert emma.good("export", str(file)).out == f"exported 1 user and 0 tasks to {file}\n"
    assert gzip.decompress(file.read_bytes()).decode() == plain
    assert emma.good("import", str(file), "--json").json["identical"] == 1


@on_embedded
def test_a_byte_order_mark_is_accepted(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text("\ufeff" + line(1) + line(2), encoding="utf-8")
    assert nodetodo.good("import", str(file), "--json").json["added"] == 2


@on_embedded
def test_only_the_folder_of_exports_is_searched(nodetodo: Program, tmp_path: Path) -> None:
    write_aws_export(tmp_path / "a" / "b" / "AWSDynamoDB" / "0169-ab", [TASKS[:1]])
    write_aws_export(tmp_path / "incomplete" / "AWSDynamoDB" / "0169-cd", [TASKS[:1]])
    export = tmp_path / "incomplete" / "AWSDynamoDB" / "0169-cd"
    (export / "manifest-summary.json").unlink()
    assert "has no manifest-summary.json; import reads" in nodetodo("import", str(tmp_path / "a")).err
    expected = f"nodetodo: the export {export} is incomplete: it has no manifest-summary.json\n"
    for folder in (export, export.parent, export.parent.parent):
        result = nodetodo("import", str(folder))
        assert (result.status, result.err) == (2, expected)
    write_manifest(export, "summary", "{}")
    (export / "data" / "part0.json.gz").unlink()
    assert f"{export}/data/part0.json.gz cannot be read" in nodetodo("import", str(export)).err


@on_embedded
def test_an_empty_file_has_no_items(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.write_bytes(b"")
    assert nodetodo.good("import", str(file)).out == f"0 items in {file}\n"
    assert nodetodo.good("import", "-", piped="\n\n").out == "0 items in standard input\n"


@on_embedded
def test_a_plain_gzipped_or_piped_file_is_imported(nodetodo: Program, tmp_path: Path) -> None:
    file, fifo = tmp_path / "tasks.gz", tmp_path / "fifo"
    file.write_bytes(gzip.compress(line(1).encode()))
    assert nodetodo.good("import", str(file), "--json").json["added"] == 1
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=[line(2)])
    writer.start()
    assert nodetodo.good("import", str(fifo), "--json").json["added"] == 1
    writer.join()


# Files that are written


@on_embedded
def test_an_existing_file_is_never_replaced_and_new_ones_are_private(emma: Program, tmp_path: Path) -> None:
    existing, new = tmp_path / "existing", tmp_path / "new"
    existing.write_text("mine")
    for argv in (["export", str(existing)], ["export", str(existing), "--format=dynamodb"], ["export", str(tmp_path)]):
        result = emma(*argv)
        assert result.status == 4
        assert "exists; remove it, or use another file name" in result.err
    emma.good("export", str(new))
    assert new.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["existing", "new"]
    result = emma("import", str(new), f"--report={existing}")
    assert (result.status, existing.read_text()) == (4, "mine")


@on_embedded
def test_an_export_that_cannot_be_written_is_an_error(emma: Program, tmp_path: Path) -> None:
    for file in (str(tmp_path / "absent" / "file"), "/dev/null/file", "nul\0", str(tmp_path / ("x" * 300))):
        result = emma("export", file)
        assert (result.status, result.out) == (1, ""), file
        assert "cannot be written" in result.err
        assert "the same command continues" not in result.err
    for file in (str(tmp_path / "absent" / "report"), "nul\0"):
        result = emma("import", "-", f"--report={file}", piped=line(1))
        assert (result.status, result.out) == (1, "")
    assert not contents(emma)[1]
    assert not list(tmp_path.iterdir())


@on_embedded
@pytest.mark.parametrize(
    ("name", "options"),
    [("exported", []), ("exported.gz", []), ("exported", ["--format=dynamodb"]), ("exported.gz", ["--segments=3"])],
    ids=str,
)
def test_an_export_continues_after_a_full_disk_at_any_write(
    nodetodo: Program, other: Program, tmp_path: Path, name: str, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(nodetodo, USERS, TASKS + [item(number) for number in range(2000, 2030)])
    monkeypatch.setattr(transfer, "PAGE", 3)
    left = 0
    real_fsync = os.fsync

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    file = tmp_path / name
    failures = 0
    while True:
        left = 3 + failures // 8
        result = nodetodo("export", str(file), *options)
        if result.status == 0:
            break
        assert result.err == (
            f"nodetodo: {file} cannot be written: No space left on device; the same command continues\n"
        )
        assert not file.exists()
        failures += 1
        assert failures < 100
    assert failures > 3
    assert result.out == f"exported 3 users and 36 tasks to {file}\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    other.good("import", str(file))
    assert contents(other) == contents(nodetodo)


@on_embedded
@pytest.mark.parametrize("options", [[], ["--format=dynamodb"]], ids=str)
def test_a_disk_may_take_a_part_of_each_write(
    nodetodo: Program, tmp_path: Path, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(nodetodo)
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: real(descriptor, bytes(content)[:3]))
    file = str(tmp_path / "exported")
    nodetodo.good("export", file, *options)
    monkeypatch.undo()
    assert nodetodo.good("import", file, "--json").json["identical"] == len(USERS) + len(TASKS)


@on_embedded
def test_an_interrupted_export_continues_only_with_the_same_options(
    emma: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(emma)
    monkeypatch.setattr(transfer, "PAGE", 2)
    client = emma.client
    emma.client = Faulty(client, scan=_fail_after(1, client))
    file = str(tmp_path / "exported")
    assert emma("export", file).status == 5
    emma.client = client
    result = emma("export", file, "--segments=2")
    assert result.status == 4
    assert "an export of local to this file with other options was interrupted" in result.err
    recorder = emma.client = Faulty(client)
    emma.good("export", file)
    assert "ExclusiveStartKey" in next(request for name, request in recorder.sent if name == "scan")
    assert len(Path(file).read_text().splitlines()) == len(USERS) + len(TASKS)


def test_an_interrupted_export_of_other_tables_is_not_continued(
    nodetodo: Program, other: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tables have the same names, such as those of another region, account or data folder."""
    put(nodetodo)
    put(other, USERS[:1], TASKS[:1])
    other.env |= {"NODETODO_DB": nodetodo.env["NODETODO_DB"]}
    if nodetodo.env["NODETODO_TABLE_PREFIX"] != other.env["NODETODO_TABLE_PREFIX"]:
        other.env |= {"NODETODO_TABLE_PREFIX": nodetodo.env["NODETODO_TABLE_PREFIX"]}
        other.good("table-add")
        put(other, USERS[:1], TASKS[:1])
    monkeypatch.setattr(transfer, "PAGE", 2)
    file = tmp_path / "exported"
    client = nodetodo.client
    nodetodo.client = Faulty(client, scan=_fail_after(1, client))
    options = [] if nodetodo.env["NODETODO_DB"].startswith("local") else ["--segments=1"]
    assert nodetodo("export", str(file), *options).status == 5
    result = other("export", str(file), *options)
    assert (result.status, result.out) == (4, "")
    assert result.err == (
        "nodetodo: an export of other tables to this file was interrupted, such as those of another region, account or "
        f"data folder; continue it there, or remove {tmp_path}/.exported.partial.json\n"
    )
    nodetodo.client = client
    nodetodo.good("export", str(file), *options)
    assert len(file.read_text().splitlines()) == len(USERS) + len(TASKS)


def creating(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """Describe a table that is being created."""
    response = send(**request)
    response["Table"]["TableStatus"] = "CREATING"
    return response


@on_embedded
@pytest.mark.parametrize("command", ["export", "import"])
def test_export_and_import_wait_for_tables_that_are_being_created(emma: Program, tmp_path: Path, command: str) -> None:
    file = tmp_path / "tasks.jsonl"
    if command == "import":
        file.write_text(line(1))
    client = emma.client
    emma.client = Faulty(client, describe_table=first(3, creating))
    emma.is_terminal = True
    result = emma.good(command, str(file))
    assert sum(emma.slept) == pytest.approx(3.0)
    assert f"{emma.env['NODETODO_TABLE_PREFIX']}user is CREATING" in result.err
    emma.client = Faulty(client, describe_table=creating)
    file = tmp_path / "other.jsonl" if command == "export" else file
    result = emma(command, str(file))
    assert result.status == 5
    assert (
        f"{emma.env['NODETODO_TABLE_PREFIX']}user is CREATING after 15 minutes; {command} continues to wait"
        in result.err
    )


@pytest.mark.parametrize("engine", ["moto"], indirect=True)
def test_a_command_on_items_names_a_table_that_is_being_created(emma: Program) -> None:
    client = emma.client
    missing = failing(client, "ResourceNotFoundException")
    emma.client = Faulty(client, query=missing, describe_table=creating)
    result = emma("task-ls", "emma")
    assert (result.status, result.out) == (5, "")
    assert (
        result.err
        == f"nodetodo: {emma.env['NODETODO_TABLE_PREFIX']}user is CREATING; table-add waits until it is ACTIVE\n"
    )


def _fail_after(number: int, client: Any) -> Callable[..., Any]:
    fail = failing(client, "InternalServerError")
    left = [number]

    def sometimes(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        left[0] -= 1
        return send(**request) if left[0] >= 0 else fail(send, request)

    return sometimes


@on_embedded
def test_a_failed_first_request_leaves_nothing_behind(emma: Program, tmp_path: Path) -> None:
    emma.client = Faulty(emma.client, scan=failing(emma.client, "InternalServerError"))
    assert emma("export", str(tmp_path / "exported")).status == 5
    assert not list(tmp_path.iterdir())


@on_embedded
def test_a_second_export_to_the_same_file_is_rejected(emma: Program, tmp_path: Path) -> None:
    put(emma)
    client = emma.client
    file = tmp_path / "exported"
    second = []

    def with_another(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        second.append(Program(client, target="local", prefix=emma.env["NODETODO_TABLE_PREFIX"])("export", str(file)))
        return send(**request)

    emma.client = Faulty(client, scan=first(1, with_another))
    emma.good("export", str(file))
    (result,) = second
    assert (result.status, result.out) == (4, "")
    assert result.err == (f"nodetodo: another export to {file} runs; wait for it, or use another file name\n")
    assert len(file.read_text().splitlines()) == len(USERS) + len(TASKS)
    assert list(tmp_path.iterdir()) == [file]


@on_embedded
def test_an_export_works_on_a_file_system_without_locks(
    emma: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr("fcntl.flock", unsupported)
    emma.good("export", str(tmp_path / "exported"))
    assert [path.name for path in tmp_path.iterdir()] == ["exported"]


@on_embedded
@pytest.mark.parametrize("options", [[], ["--format=dynamodb"]], ids=str)
@pytest.mark.parametrize("damage", ["removed", "shorter"])
def test_an_interrupted_export_whose_content_is_damaged_starts_again(
    emma: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], damage: str
) -> None:
    put(emma)
    monkeypatch.setattr(transfer, "PAGE", 2)
    client = emma.client
    emma.client = Faulty(client, scan=_fail_after(3, client))
    file = tmp_path / "exported"
    assert emma("export", str(file), *options).status == 5
    partial = tmp_path / ".exported.partial"
    data = [partial] if partial.is_file() else [path for path in partial.rglob("*") if path.is_file()]
    for path in data:
        path.unlink() if damage == "removed" else os.truncate(path, 5)
    emma.client = client
    assert emma.good("export", str(file), *options).out == f"exported 3 users and 6 tasks to {file}\n"
    assert emma.good("import", str(file), "--json").json["identical"] == len(USERS) + len(TASKS)
    assert list(tmp_path.iterdir()) == [file]


@on_embedded
def test_a_complete_export_whose_content_is_missing_starts_again(
    emma: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "exported"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        for name in ("rename", "link"):
            patch.setattr(os, name, interrupted)
        result = emma("export", str(file))
        assert (result.status, result.err) == (
            130,
            "nodetodo: export interrupted, 1 item kept; the same command continues\n",
        )
    (tmp_path / ".exported.partial").unlink()
    assert emma.good("export", str(file)).out == f"exported 1 user and 0 tasks to {file}\n"
    assert file.read_text().count("\n") == 1


@on_embedded
@pytest.mark.parametrize("options", [[], ["--format=dynamodb"]], ids=str)
@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_is_created_during_an_export_stays(
    emma: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], has_links: bool
) -> None:
    client = emma.client
    file = tmp_path / "exported"

    def with_another(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        file.mkdir() if options else file.write_text("mine")
        return send(**request)

    def no_link(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if not has_links:
        monkeypatch.setattr(os, "link", no_link)
    emma.client = Faulty(client, scan=first(1, with_another))
    result = emma("export", str(file), *options)
    assert (result.status, result.out) == (4, "")
    assert result.err == f"nodetodo: {file} exists; remove it, or use another file name\n"
    if options:
        assert not list(file.iterdir())
        file.rmdir()
    else:
        assert file.read_text() == "mine"
        file.unlink()
    recorder = emma.client = Faulty(client)
    emma.good("export", str(file), *options)
    assert {name for name, _ in recorder.sent} == {"describe_table"}
    emma.client = client
    assert emma.good("import", str(file), "--json").json["identical"] == 1
    assert list(tmp_path.iterdir()) == [file]


# Units


class Clock:
    """A clock that only moves when the program sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_requests_take_the_seconds_of_their_units() -> None:
    class Client:
        def scan(self, **request: Any) -> Any:
            assert request.pop("ReturnConsumedCapacity") == "TOTAL"
            return {"ConsumedCapacity": {"CapacityUnits": request["units"]}}

    clock = Clock()
    client = PacedClient(Client(), 10, clock.sleep, clock)  # type: ignore[arg-type]
    for units in (100, 0.5, 20.5, 1):
        client.scan(units=units)
    assert clock.now == pytest.approx(12.1)


@on_embedded
def test_the_units_of_rejected_items_and_of_reads_are_limited(nodetodo: Program) -> None:
    table = nodetodo.env["NODETODO_TABLE_PREFIX"] + "task"
    existing = item(1, "x" * 9_500)
    put(nodetodo, [], [existing])
    clock = Clock()
    client: Any = PacedClient(nodetodo.client, 10, clock.sleep, clock)
    request = {"TableName": table, "Item": item(1), "ConditionExpression": "attribute_not_exists(uid)"}
    for _ in range(2):
        with pytest.raises(client.exceptions.ConditionalCheckFailedException):
            client.put_item(**request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert clock.now == pytest.approx(1.0)  # 10 units of the first one

    keys = {"Keys": [{"uid": {"S": "emma"}, "tid": {"N": "1"}}], "ConsistentRead": True}
    for _ in range(2):
        client.batch_get_item(RequestItems={table: keys})
    assert clock.now == pytest.approx(1.3)  # 3 units of the first one; the writes have their own


class RealPauses(list[float]):
    """The pauses of a Program, which take their time."""

    def append(self, seconds: float) -> None:
        time.sleep(seconds)


@on_embedded
@pytest.mark.parametrize("command", ["import", "export"])
def test_ctrl_c_ends_the_pauses_of_all_threads(nodetodo: Program, tmp_path: Path, command: str) -> None:
    file = tmp_path / "tasks.jsonl"
    if command == "import":
        file.write_text("".join(line(number) for number in range(60)))

    def interrupt(_: Callable[..., Any], __: dict[str, Any]) -> Any:
        raise KeyboardInterrupt

    program = Program(
        Faulty(nodetodo.client, scan=interrupt, put_item=interrupt), prefix=nodetodo.env["NODETODO_TABLE_PREFIX"]
    )
    program.slept = RealPauses()
    options = ["--segments=8"] if command == "export" else []
    start = time.monotonic()
    result = program(command, str(file), "--rate=1", *options)
    assert (result.status, result.out) == (130, "")
    kept = "nothing was written; the same command completes it"
    if command == "export":
        kept = "0 items kept; the same command continues"
    assert result.err == f"nodetodo: {command} interrupted, {kept}\n"
    assert time.monotonic() - start < 3  # the last one of 8 threads pauses for 7 seconds


@on_embedded
def test_cost_counts_the_units_of_export_and_import(nodetodo: Program, tmp_path: Path) -> None:
    file = str(tmp_path / "exported")
    put(nodetodo)
    assert (
        "cost: 4 requests (2 DescribeTable, 2 Scan); 2 pages"
        in nodetodo.good("export", file, "--cost", "--rate=1000").err
    )
    assert "2 DescribeTable, 2 BatchGetItem" in nodetodo.good("import", file, "--replace", "--cost").err


@on_embedded
def test_wrong_options_are_rejected(nodetodo: Program) -> None:
    assert nodetodo("import", "-", "--report=-", piped=line(1)).status == 2
    for argv in (["export", "x", "--format=csv"], ["export", "-", "--format=dynamodb"], ["export", "x", "--rate=0"]):
        assert nodetodo(*argv).status == 2
