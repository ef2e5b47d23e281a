"""The IAM policies in tables/ allow the requests of the commands and nothing else.

A fixture in conftest.py also fails every other test in which a command sends a request that the policy does not allow.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodetodo import embedded
from nodetodo.engines.interface import OPERATIONS, READS

from . import iam
from .explain.command_lines import UNUSUAL, USUAL, USUAL_BACKUPS, WATCH, prepare
from .faults import failing
from .iam import Permission
from .program import EMMA, Program
from .test_cloudformation import lint
from .test_watch import watch
from .transcripts import FOLDER, replay_session

ITEM_WRITES = {"BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"}
"""The actions that write items, or check them in a transaction that writes."""

every_policy = pytest.mark.parametrize("level", iam.POLICIES)


def operation_of(permission: Permission) -> str:
    return permission.action.removeprefix("dynamodb:")


# The permissions for a request


@pytest.mark.parametrize(
    ("operation", "request_", "permissions"),
    [
        ("GetItem", {"TableName": "a-user"}, {"GetItem table/todo-user"}),
        ("Query", {"TableName": "a-task", "IndexName": "i"}, {"Query table/todo-task/index/i"}),
        (
            "BatchWriteItem",
            {"RequestItems": {"a-user": [], "a-task": []}},
            {
                "BatchWriteItem table/todo-user",
                "BatchWriteItem table/todo-task",
            },
        ),
        ("BatchGetItem", {"RequestItems": {"a-user": {}}}, {"BatchGetItem table/todo-user"}),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"ConditionCheck": {"TableName": "a-user"}},
                    {"Put": {"TableName": "a-task"}},
                ]
            },
            {"ConditionCheckItem table/todo-user", "PutItem table/todo-task"},
        ),
        ("ListBackups", {"TableName": "a-user"}, {"ListBackups *"}),
        ("CreateBackup", {"TableName": "a-user"}, {"CreateBackup table/todo-user"}),
        ("DeleteBackup", {"BackupArn": "arn:table/a-user/backup/1"}, {"DeleteBackup table/todo-user/backup/1"}),
        (
            "RestoreTableFromBackup",
            {"BackupArn": "arn:table/a-user/backup/1", "TargetTableName": "b-user"},
            {"RestoreTableFromBackup table/todo-user/backup/1", "RestoreTableFromBackup table/restored-user"}
            | {f"{action} table/restored-user" for action in iam.ON_RESTORED},
        ),
        ("DescribeStream", {"StreamArn": "arn:table/a-task/stream/1"}, {"DescribeStream table/todo-task/stream/1"}),
        ("GetShardIterator", {"StreamArn": "arn:table/a-task/stream/1"}, {"GetShardIterator table/todo-task/stream/1"}),
        ("GetRecords", {"ShardIterator": "x"}, {"GetRecords table/todo-task/stream/label"}),
        ("GetItem", {"TableName": "b-user"}, {"GetItem table/b-user"}),
    ],
)
def test_a_request_needs_permissions(operation: str, request_: dict[str, Any], permissions: set[str]) -> None:
    expected = {
        Permission(f"dynamodb:{action}", resource if resource == "*" else iam.ARN + resource)
        for action, _, resource in (text.partition(" ") for text in permissions)
    }
    assert iam.needed(operation, request_, "a-") == expected


# The requests of all commands


@pytest.mark.parametrize("engine", ["moto"], indirect=True)  # which has point-in-time recovery, unlike a local file
def test_the_policy_allows_nothing_that_no_command_sends(nodetodo: Program, tmp_path: Path) -> None:
    nodetodo.good("table-edit", "--recovery=7")
    for number, case in enumerate([*USUAL, *USUAL_BACKUPS, *UNUSUAL, *WATCH]):
        path = str(tmp_path / f"{number}.db") if case in USUAL_BACKUPS else ":memory:"
        with contextlib.closing(embedded.connect(path)) as client:
            program = Program(client, target="local")
            words = prepare(program, case)
            if case in WATCH:
                program.good("table-edit", "--stream")
                watch(program, *words[1:])
            else:
                program(*words)
    unused = {
        pattern
        for pattern in iam.patterns(iam.policy("full"))
        if not any(iam.matches(pattern, permission) for permission in iam.sent)
    }
    assert unused == set()


# The smaller policies


def usual_permissions() -> set[Permission]:
    """Return the permissions of the full policy outside its statements about management."""
    statements = [each for each in iam.policy("full")["Statement"] if "Management" not in each["Sid"]]
    return iam.patterns({"Statement": statements})


def test_the_read_only_policy_allows_all_that_changes_nothing() -> None:
    reads = {OPERATIONS[method] for method in READS}
    allowed = iam.patterns(iam.policy("read-only"))
    assert allowed == {each for each in usual_permissions() if operation_of(each) in reads}
    assert {operation_of(each) for each in allowed} == reads


def test_the_policy_without_table_management_allows_all_that_changes_items_only() -> None:
    writes = {each for each in usual_permissions() if operation_of(each) in ITEM_WRITES}
    assert iam.patterns(iam.policy("no-table-management")) == iam.patterns(iam.policy("read-only")) | writes
    assert {operation_of(each) for each in writes} == ITEM_WRITES


def test_each_policy_contains_the_statements_of_the_smaller_one() -> None:
    full, without_management, read_only = (iam.policy(level)["Statement"] for level in iam.POLICIES)
    assert without_management == full[: len(without_management)]
    assert read_only == without_management[: len(read_only)]
    for document in (full, without_management, read_only):
        assert {statement["Effect"] for statement in document} == {"Allow"}
    kinds = [statement["Sid"].startswith("Read") for statement in full]
    assert kinds == sorted(kinds, reverse=True)
    assert all("Management" in statement["Sid"] for statement in full[len(without_management) :])


@every_policy
def test_cfn_lint_finds_no_problem_in_a_policy_and_knows_its_actions(level: str) -> None:
    properties = {"PolicyDocument": iam.policy(level)}
    template: Any = {"Resources": {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}}
    assert lint(json.dumps(template)) == []


# Commands with a policy


class Restricted:
    """A client that denies the requests that a policy does not allow, as DynamoDB does."""

    def __init__(self, client: Any, level: str) -> None:
        self._client, self._policy = client, iam.policy(level)

    def __getattr__(self, name: str) -> Any:
        send = getattr(self._client, name)
        if name not in OPERATIONS:
            return send

        def send_if_allowed(**request: Any) -> Any:
            if all(iam.allows(self._policy, each) for each in iam.needed(OPERATIONS[name], request, "todo-")):
                return send(**request)
            return failing(self._client, "AccessDeniedException")(send, request)

        return send_if_allowed


@pytest.fixture
def client() -> Iterator[Any]:
    """Return an embedded engine with empty tables."""
    with contextlib.closing(embedded.connect(":memory:")) as client:
        Program(client).good("table-add")
        yield client


def test_the_policy_without_table_management_suffices_for_users_and_tasks(client: Any) -> None:
    session = (FOLDER / "session.txt").read_text()
    restricted = Restricted(client, "no-table-management")
    assert replay_session(session, Program(restricted, target="local")) == session
    assert Program(restricted)("table-rm", "--yes").status == 5
    assert "MISSING" not in Program(restricted).good("table-ls").out


READING = [
    "user emma",
    "user-ls",
    "task-ls emma",
    "task-la shopping",
    "table-ls",
    "capacity --reads=1 --table",
    "design",
]
WRITING = ["user-add luis l@example.org 0123", "task-add emma milk", "user-rm emma --with-tasks", "table-rm --yes"]


@pytest.mark.parametrize("line", READING)
def test_the_read_only_policy_suffices_for_commands_that_read(client: Any, line: str) -> None:
    Program(client).good("user-add", *EMMA)
    Program(client).good("task-add", "emma", "milk")
    Program(Restricted(client, "read-only")).good(*line.split())


@pytest.mark.parametrize("uid", [[], ["emma"]])
def test_the_read_only_policy_suffices_for_watch(client: Any, uid: list[str]) -> None:
    Program(client).good("table-edit", "--stream")
    Program(client).good("user-add", *EMMA)
    Program(client).good("task-add", "emma", "milk")
    result = watch(Program(Restricted(client, "read-only")), *uid, "--from-start", during=[lambda: None])
    assert (result.status, result.out.count("milk")) == (0, 1)


@pytest.mark.parametrize("line", WRITING)
def test_the_read_only_policy_denies_commands_that_write(client: Any, line: str) -> None:
    Program(client).good("user-add", *EMMA)
    result = Program(Restricted(client, "read-only"))(*line.split())
    assert (result.status, result.out) == (5, "")
    assert Program(client).good("user", "emma")
