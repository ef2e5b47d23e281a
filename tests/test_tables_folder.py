"""The definitions and scripts in tables/ create the same tables, and README.md describes them correctly."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from cfnlint.decode import decode_str

from nodetodo import embedded

from .program import Program, connect

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tables"
README = (TABLES / "README.md").read_text(encoding="utf-8")
NAMES = ["user", "task"]
_prefixes = (f"folder{number}-" for number in itertools.count())


def new_prefix() -> str:
    """Return a table prefix that no other test uses."""
    return next(_prefixes)


def described(client: Any, prefix: str) -> dict[str, Any]:
    """Return the keys, indexes, projections and capacity of the tables with this prefix."""

    def units(state: dict[str, Any]) -> tuple[int, int]:
        throughput = state.get("ProvisionedThroughput") or {}
        return throughput.get("ReadCapacityUnits", 0), throughput.get("WriteCapacityUnits", 0)

    tables = {}
    for name in NAMES:
        table = client.describe_table(TableName=prefix + name)["Table"]
        tables[name] = {
            "attributes": {part["AttributeName"]: part["AttributeType"] for part in table["AttributeDefinitions"]},
            "key": table["KeySchema"],
            "billing": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "units": units(table),
            "indexes": {
                index["IndexName"]: (index["KeySchema"], index["Projection"], units(index))
                for index in table.get("GlobalSecondaryIndexes", [])
            },
        }
    return tables


def is_creating_index(client: Any, table: str) -> bool:
    """Return whether an index of a table is being created."""
    indexes = client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", [])
    return any(index["IndexStatus"] == "CREATING" for index in indexes)


def create_from_json(client: Any, prefix: str, *indexes: str) -> None:
    """Send the JSON files as the README does with the AWS CLI, with another prefix."""
    for name, send in [
        ("todo-user", client.create_table),
        ("todo-task", client.create_table),
        *((index, client.update_table) for index in indexes),
    ]:
        request = json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8"))
        table = request["TableName"].replace("todo-", prefix)
        send(**request | {"TableName": table})
        while is_creating_index(client, table):  # DynamoDB creates one index of a table at a time
            pass


# The definitions


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("todo-user", "CreateTable"),
        ("todo-task", "CreateTable"),
        ("category-index", "UpdateTable"),
        ("due-index", "UpdateTable"),
    ],
)
def test_a_definition_is_a_valid_input_of_its_operation(name: str, operation: str) -> None:
    service = botocore.session.get_session().get_service_model("dynamodb")
    request = json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8"))
    report = ParamValidator().validate(request, service.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("engine", ["embedded", "dynamodb_local"], indirect=True)
def test_the_definitions_create_the_same_tables_as_table_add_and_index_add(
    engine: str, engines: dict[str, Any]
) -> None:
    client = engines[engine]
    from_json, from_table_add = new_prefix(), new_prefix()
    create_from_json(client, from_json, "category-index", "due-index")
    program = Program(client, prefix=from_table_add)
    program.good("table-add")
    program.good("index-add", "due-index")
    assert described(client, from_json) == described(client, from_table_add)


# The scripts and the README


def test_the_scripts_create_show_and_delete_the_tables_from_any_folder_without_installation(
    moto: str, tmp_path: Path
) -> None:
    prefix = new_prefix()
    installed = tmp_path / "installed" / "nodetodo"  # the scripts must use the checkout instead
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("raise ImportError('not from the checkout')")

    def script(name: str, *options: str) -> str:
        command = [sys.executable, str(TABLES / name), f"--db={moto}", *options]
        env = os.environ | {"NODETODO_TABLE_PREFIX": prefix, "PYTHONPATH": str(installed.parent)}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with contextlib.closing(connect(moto)) as client:
        script("create.py", "--on-demand")
        assert described(client, prefix)["task"]["billing"] == "PAY_PER_REQUEST"
        shown = script("status.py")
        assert all(name in shown for name in (f"{prefix}user", f"{prefix}task", "category-index", "ACTIVE"))
        assert "MISSING" not in shown
        script("delete.py", "--yes")
        assert not {f"{prefix}user", f"{prefix}task"} & set(client.list_tables()["TableNames"])


def test_a_script_returns_the_exit_status_and_error_message_of_its_command(tmp_path: Path) -> None:
    command = [sys.executable, str(TABLES / "delete.py"), "--db=nowhere"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match("nodetodo: .*'nowhere'", done.stderr)


def test_the_readme_names_every_file_of_the_folder() -> None:
    files = {path.name for path in TABLES.iterdir() if path.is_file()} - {"README.md"}
    assert set(re.findall(r"`([a-z-]+\.(?:json|py|yaml))`", README)) == files
    assert set(re.findall(r"\btables/([a-z-]+\.[a-z]+)", README)) <= files


def test_the_readme_lists_the_parameters_of_the_template_with_their_defaults() -> None:
    template, _ = decode_str((TABLES / "cloudformation.yaml").read_text(encoding="utf-8"))
    listed = re.findall(r"^\| `([A-Z]\w+)` \| `([^`]+)` \|", README, re.M)
    assert listed == [(name, str(parameter["Default"])) for name, parameter in template["Parameters"].items()]


def test_the_readme_lists_the_keys_of_the_definitions() -> None:
    listed = re.findall(r"^\| `([a-z-]+)`(?: on `todo-task`)? \| `(\w+)` \((\w)\) \|(?: `(\w+)` \((\w))?", README, re.M)
    with contextlib.closing(embedded.connect(":memory:")) as client:
        create_from_json(client, "todo-", "category-index", "due-index")
        tables = described(client, "todo-")
    types = tables["task"]["attributes"]
    keys = {f"todo-{name}": table["key"] for name, table in tables.items()}
    keys |= {name: key for name, (key, _, _) in tables["task"]["indexes"].items()}
    assert {
        name: [pair for pair in [(hash_key, kind), (sort_key, sort_kind)] if pair[0]]
        for name, hash_key, kind, sort_key, sort_kind in listed
    } == {name: [(part["AttributeName"], types[part["AttributeName"]]) for part in key] for name, key in keys.items()}
