"""The IAM permissions that the requests of commands need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nodetodo.engines import targets
from nodetodo.engines.interface import OPERATIONS

TABLES = Path(__file__).resolve().parent.parent / "tables"

POLICIES = {
    "full": "iam-policy.json",
    "no-table-management": "iam-policy-no-table-management.json",
    "read-only": "iam-policy-read-only.json",
}
"""The policies of the folder tables/ by the value of AccessPolicy in its CloudFormation template."""

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:"
"""The beginning of the ARNs in Permission. The policies allow every region and account."""

IN_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
"""The permission for each action of TransactWriteItems, which has none itself ("Using IAM with DynamoDB
transactions")."""


class Permission(NamedTuple):
    """An action, such as dynamodb:GetItem, on the resource with this ARN."""

    action: str
    resource: str


def policy(level: str) -> dict[str, Any]:
    """Return the policy document of a value of AccessPolicy."""
    document: dict[str, Any] = json.loads((TABLES / POLICIES[level]).read_text(encoding="utf-8"))
    return document


def several(value: str | list[str]) -> list[str]:
    """Return a value of a policy as a list."""
    return value if isinstance(value, list) else [value]


def patterns(document: dict[str, Any]) -> set[Permission]:
    """Return every pair of action and resource in a policy, both of which may contain wildcards."""
    return {
        Permission(action, resource)
        for statement in document["Statement"]
        for action in several(statement["Action"])
        for resource in several(statement["Resource"])
    }


def matches(pattern: Permission, permission: Permission) -> bool:
    """Return whether one pair of a policy allows a permission."""
    return fnmatchcase(permission.action, pattern.action) and fnmatchcase(permission.resource, pattern.resource)


def allows(document: dict[str, Any], permission: Permission) -> bool:
    """Return whether a policy that contains only Allow allows a permission."""
    return any(matches(pattern, permission) for pattern in patterns(document))


@cache
def is_in_full_policy(permission: Permission) -> bool:
    """Return whether the policy of all commands allows a permission."""
    return allows(policy("full"), permission)


ON_RESTORED = {"BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"}
"""The permissions that a restore needs on the new table ("Using IAM with DynamoDB backup and restore")."""


def needed(operation: str, request: dict[str, Any], prefix: str) -> set[Permission]:
    """Return the permissions for a request, on tables whose prefix is replaced by todo-.

    The prefix of tables that a restore creates is replaced by restored-, which the policies allow. Source: "Actions,
    resources, and condition keys for Amazon DynamoDB".
    """

    def table(name: str) -> str:
        kind = name[-4:]
        if name == prefix + kind:
            return f"{ARN}table/todo-{kind}"
        # A restore creates this table, then waits for it.
        return f"{ARN}table/{'restored-' + kind if operation in ('RestoreTableFromBackup', 'DescribeTable') else name}"

    def backup(arn: str) -> str:
        _, name, _, identifier = arn.rsplit("/", 3)
        return f"{table(name)}/backup/{identifier}"

    match operation:
        case "TransactWriteItems":
            actions = [action for item in request["TransactItems"] for action in item.items()]
            return {Permission(f"dynamodb:{IN_TRANSACTION[kind]}", table(part["TableName"])) for kind, part in actions}
        case "BatchGetItem" | "BatchWriteItem":
            return {Permission(f"dynamodb:{operation}", table(name)) for name in request["RequestItems"]}
        case "ListBackups":  # has no resource in IAM
            return {Permission("dynamodb:ListBackups", "*")}
        case "DescribeStream" | "GetShardIterator":
            name, label = request["StreamArn"].partition(":table/")[2].split("/stream/")
            return {Permission(f"dynamodb:{operation}", f"{table(name)}/stream/{label}")}
        case "GetRecords":  # its iterator is a text without meaning; a command reads only the stream of the tasks
            return {Permission("dynamodb:GetRecords", f"{table(prefix + 'task')}/stream/label")}
        case "DeleteBackup":
            return {Permission("dynamodb:DeleteBackup", backup(request["BackupArn"]))}
        case "RestoreTableFromBackup":
            target = table(request["TargetTableName"])
            restore = {
                Permission("dynamodb:RestoreTableFromBackup", on) for on in (backup(request["BackupArn"]), target)
            }
            return restore | {Permission(f"dynamodb:{each}", target) for each in ON_RESTORED}
    resource = table(request["TableName"])
    if "IndexName" in request:
        resource += f"/index/{request['IndexName']}"
    return {Permission(f"dynamodb:{operation}", resource)}


sent: set[Permission] = set()
"""The permissions for all requests that commands have sent in the present test."""


@contextmanager
def recording() -> Iterator[None]:
    """Add the permissions for each request of a command to `sent`, on every engine.

    Every request of a command passes through Connection. --explain sends nothing, and its simulated client is not a
    Connection.
    """
    wrap = targets.Connection._with_request

    def record(self: targets.Connection, name: str, send: Callable[..., Any]) -> Callable[..., Any]:
        wrapped = wrap(self, name, send)
        if name not in OPERATIONS:
            return wrapped

        def send_and_record(**request: Any) -> Any:
            prefix = targets.table_prefix(self._environment.variables)
            sent.update(needed(OPERATIONS[name], request, prefix))
            return wrapped(**request)

        return send_and_record

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(targets.Connection, "_with_request", record)
        yield
