"""The folder tables/ keeps what it says: definitions, template, policy, scripts, and the README's table of requests."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from cfnlint import lint_all
from cfnlint.decode import decode_str

from nodetodo.cli import definition
from nodetodo.engines import aws as remote
from nodetodo.engines import targets
from nodetodo.errors import WrongUsage

from .program import Program

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tables"
README = (TABLES / "README.md").read_text(encoding="utf-8")
TEMPLATE = (TABLES / "cloudformation.yaml").read_text(encoding="utf-8")
POLICY = json.loads((TABLES / "iam-policy.json").read_text(encoding="utf-8"))
USAGE = definition.load()

KEYS = {"user": ["uid"], "task": ["uid", "tid"]}
_prefixes = (f"folder{number}-" for number in itertools.count())


@contextlib.contextmanager
def aws(service: str, endpoint: str, region: str = remote.PLACEHOLDER_REGION) -> Iterator[Any]:
    """A client of a service of moto's or DynamoDB Local's."""
    session = botocore.session.get_session()
    client = session.create_client(service, endpoint_url=endpoint, region_name=region, **remote.PLACEHOLDER_CREDENTIALS)
    try:
        yield client
    finally:
        client.close()


def described(client: Any, prefix: str) -> dict[str, Any]:
    """What decides how the tables of this prefix behave: keys, indexes, projection, capacity; by table."""

    def units(state: dict[str, Any]) -> tuple[int, int]:
        throughput = state.get("ProvisionedThroughput") or {}
        return throughput.get("ReadCapacityUnits", 0), throughput.get("WriteCapacityUnits", 0)

    tables = {}
    for name in KEYS:
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


# The program, with every request on record


class Sent(NamedTuple):
    """A request as the README's table has it; units is None where none are known."""

    request: str
    on: str
    key: tuple[str, ...]
    units: float | None = None
    index_units: float | None = None

    @property
    def table_name(self) -> str:
        return "todo-task" if self.on == "category-index" else self.on

    def without_units(self) -> Sent:
        return self._replace(units=None, index_units=None)


class Recorder:
    """A client that notes what passes. after: called once, after the first request of that operation."""

    def __init__(self, client: Any, prefix: str, *, measuring: bool) -> None:
        self._client, self._prefix, self._measuring = client, prefix, measuring
        self.exceptions = client.exceptions
        self.sent: list[Sent] = []
        self.operations: set[str] = set()
        self.after: dict[str, Callable[[], object]] = {}

    def __getattr__(self, operation: str) -> Any:
        send = getattr(self._client, operation)

        def sending(**request: Any) -> Any:
            measured = self._measuring and not operation.endswith("_table")
            answer: Any = {}
            try:
                answer = send(**request, **({"ReturnConsumedCapacity": "INDEXES"} if measured else {}))
            finally:
                self.operations.add(operation)
                consumed = self._consumed(operation, request, answer) if measured else None
                for noted in self._requests(operation, request):
                    table, index = (None, None) if consumed is None else consumed[noted.table_name]
                    self.sent.append(noted._replace(units=table, index_units=index))
            self.after.pop(operation, lambda: None)()
            return answer

        return sending

    def _requests(self, operation: str, request: dict[str, Any]) -> Iterator[Sent]:
        name = "".join(part.capitalize() for part in operation.split("_"))
        if operation == "transact_write_items":
            for action in request["TransactItems"]:
                ((kind, inner),) = action.items()
                yield self._request(f"{name}: {kind}", inner)
        elif operation == "batch_write_item":
            ((table, deletes),) = request["RequestItems"].items()
            yield self._request(name, {"TableName": table, "Key": deletes[0]["DeleteRequest"]["Key"]})
        else:
            yield self._request(name, request)

    def _request(self, name: str, request: dict[str, Any]) -> Sent:
        table = request["TableName"].removeprefix(self._prefix)
        key: tuple[str, ...] = ()
        if "Item" in request:
            key = tuple(part for part in KEYS[table] if part in request["Item"])
        elif "Key" in request:
            key = tuple(request["Key"])
        elif "KeyConditionExpression" in request:
            placeholders = re.findall(r"#\w+", request["KeyConditionExpression"])
            key = tuple(request["ExpressionAttributeNames"][placeholder] for placeholder in placeholders)
        return Sent(name, request.get("IndexName") or f"todo-{table}", key)

    def _consumed(
        self, operation: str, request: dict[str, Any], answer: dict[str, Any]
    ) -> dict[str, tuple[float, float]]:
        """Units of the table and of its index, by table, as DynamoDB Local counts them.

        It is corrected where it is known to count otherwise than DynamoDB: a Query that finds nothing costs as much as
        one that finds little, the index's part of a transaction is not doubled (measured on AWS by others), and a
        transaction that is refused costs what it would have cost the tables, 2 for each item under 1 KB.
        """
        if not answer:
            assert operation == "transact_write_items"
            return {"todo-user": (2, 0), "todo-task": (2, 0)}
        consumed = answer["ConsumedCapacity"]
        units = {}
        for each in consumed if isinstance(consumed, list) else [consumed]:
            table = each["Table"]["CapacityUnits"]
            index = sum(index["CapacityUnits"] for index in each.get("GlobalSecondaryIndexes", {}).values())
            if operation == "transact_write_items":
                index /= 2
            if operation == "query" and answer["ScannedCount"] == 0:
                table = 1 if request.get("ConsistentRead") else 0.5
            units["todo-" + each["TableName"].removeprefix(self._prefix)] = (table, index)
        return units


class Session:
    """Command lines, run one after another by one program; each gives the requests that it sent."""

    def __init__(self, client: Any, *, measuring: bool) -> None:
        self.prefix = next(_prefixes)
        self.client = client
        self.recorder = Recorder(client, self.prefix, measuring=measuring)
        self._program = Program(self.recorder, prefix=self.prefix)
        self._program.now = datetime.fromtimestamp(1526650262, UTC) + timedelta(milliseconds=329)

    def run(self, line: str, *, same_millisecond: bool = False) -> list[Sent]:
        argv = shlex.split(line)
        if argv[0] in ("task-add", "user-rm") and not same_millisecond:
            self._program.now += timedelta(milliseconds=1)
        before = len(self.recorder.sent)
        result = self._program(*argv)
        # moto counts no bytes, so that capacity has nothing to go by there; it has asked all the same.
        assert result.status in (0, 4) or argv[0] == "capacity", result.err
        return self.recorder.sent[before:]

    # What the README says after a command, and how it comes about

    def index_is_missing(self) -> None:
        for name in KEYS:
            self.client.delete_table(TableName=self.prefix + name)
        create_from_json(self.client, self.prefix, index=False)

    def somebody_adds_a_task(self) -> None:
        task = {"uid": {"S": "luis"}, "tid": {"N": "1"}, "description": {"S": "call"}}
        self.recorder.after["delete_item"] = lambda: self.client.put_item(TableName=f"{self.prefix}task", Item=task)

    def luis_is_there(self) -> None:
        item = {"uid": {"S": "luis"}, "email": {"S": "luis@example.org"}, "phone": {"S": "+491709999"}}
        self.client.put_item(TableName=f"{self.prefix}user", Item=item)


def create_from_json(client: Any, prefix: str, *, index: bool = True) -> None:
    """What the README does with the AWS CLI, one file after the other, under another prefix."""
    for name, send in [
        ("todo-user", client.create_table),
        ("todo-task", client.create_table),
        ("category-index", client.update_table),
    ][: None if index else 2]:
        request = json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8"))
        send(**request | {"TableName": request["TableName"].replace("todo-", prefix)})


# The README's table


class Row(NamedTuple):
    """A command line, what the README says after it, and the requests of it."""

    line: str
    circumstance: str
    requests: list[Sent]

    @property
    def command(self) -> str:
        return self.line.split()[0]

    @property
    def is_about_tables(self) -> bool:
        return self.command.startswith("table-")


def rows() -> list[Row]:
    body = README.partition("\n| command | what it asks | request | on | key | units |\n")[2].partition("\n\n")[0]
    found: list[Row] = []
    for text in body.splitlines()[1:]:
        command, _, request, on, key, units = (cell.strip() for cell in text.strip("|").split("|"))
        if command:
            line, circumstance = re.fullmatch(r"`([^`]+)`(?:, (.+))?", command).groups()  # type: ignore[union-attr]
            found.append(Row(line, circumstance or "", []))
        counted = re.fullmatch(r"([\d.]+)(?: \+ ([\d.]+))? (?:read|write)|none", units)
        assert counted, units
        table, index = (float(counted[1]), float(counted[2] or 0)) if counted[1] else (None, None)
        for each in ["todo-user", "todo-task"] if on == "both tables" else [on.strip("`")]:
            found[-1].requests.append(Sent(request, each, tuple(re.findall(r"`(\w+)`", key)), table, index))
    return found


class Done(NamedTuple):
    """The README's table, run from top to bottom: the client, and each row with what was sent for it."""

    recorder: Recorder
    rows: list[tuple[Row, list[Sent]]]


@pytest.fixture(scope="module", params=["moto", "dynamodb_local"])
def session(request: pytest.FixtureRequest) -> Iterator[Done]:
    """The README's table, run once on each engine."""
    with aws("dynamodb", request.getfixturevalue(request.param)) as client:
        running = Session(client, measuring=request.param == "dynamodb_local")
        prepared = {
            "": lambda: None,
            "where the index is missing": running.index_is_missing,
            "in the same millisecond": lambda: None,
            "while somebody adds a task": running.somebody_adds_a_task,
        }
        done = []
        for row in rows():
            if row.line == "user-rm luis":
                running.luis_is_there()
            prepared[row.circumstance]()
            sent = running.run(row.line, same_millisecond=row.circumstance == "in the same millisecond")
            done.append((row, sent))
        yield Done(running.recorder, done)


def test_the_table_names_every_command_and_no_other() -> None:
    assert {row.command for row in rows()} == USAGE.usages.keys()


def test_each_command_sends_the_requests_that_the_table_says_in_that_order_and_by_those_keys(
    session: Done,
) -> None:
    for row, sent in session.rows:
        said = [request.without_units() for request in row.requests]
        done = [request.without_units() for request in sent]
        if row.is_about_tables:  # DescribeTable is sent until all is done, so the number and the order may vary
            assert set(said) == set(done), row.line
        else:
            assert said == done, row.line


@pytest.mark.parametrize("session", ["dynamodb_local"], indirect=True)
def test_each_request_costs_the_capacity_units_that_the_table_says(session: Done) -> None:
    for row, sent in session.rows:
        if row.is_about_tables:
            assert {(request.units, request.index_units) for request in row.requests} == {(None, None)}, row.line
        else:
            assert row.requests == sent, row.line


def test_reads_are_said_to_cost_read_units_and_writes_write_units() -> None:
    told = re.findall(r"\| (\w+)(?:: \w+)? \| `[^`]+` \| [^|]+ \| [\d.+ ]+(read|write) \|", README)
    assert len(told) == sum(request.units is not None for row in rows() for request in row.requests)
    for request, unit in told:
        assert unit == ("read" if request in ("GetItem", "Query", "Scan") else "write"), request


def test_the_session_sends_every_operation_that_a_client_must_have(
    session: Done,
) -> None:
    source = (ROOT / "nodetodo" / "client.py").read_text().partition("class Client(")[2].partition("class Engine(")[0]
    offered = set(re.findall(r"def (\w+)\(self, \*\*request", source))
    assert session.recorder.operations == offered


# The IAM policy


def allowed() -> set[tuple[str, str]]:
    """(action, table or index) of every statement; the resources are told by their last part."""

    def several(value: str | list[str]) -> list[str]:
        return value if isinstance(value, list) else [value]

    return {
        (action, resource)
        for statement in POLICY["Statement"]
        for action in several(statement["Action"])
        for resource in several(statement["Resource"])
    }


def test_the_policy_allows_exactly_the_requests_that_are_sent_on_what_they_are_sent_to(
    session: Done,
) -> None:
    # A transaction needs the permissions of the actions in it ("Using IAM with DynamoDB transactions").
    inside = {"Put": "PutItem", "ConditionCheck": "ConditionCheckItem"}

    def needed(sent: Sent) -> tuple[str, str]:
        name, _, action = sent.request.partition(": ")
        on = "todo-task/index/category-index" if sent.on == "category-index" else sent.on
        return f"dynamodb:{inside[action] if action else name}", f"arn:aws:dynamodb:*:*:table/{on}"

    assert {needed(sent) for _, all_sent in session.rows for sent in all_sent} == allowed()


def test_the_policy_keeps_what_only_table_commands_need_in_statements_of_their_own() -> None:
    management = {action for action, _ in allowed() if action.endswith("Table")}
    for statement in POLICY["Statement"]:
        actions = {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])
        assert actions <= management if "Management" in statement["Sid"] else not actions & management
    assert all(statement["Effect"] == "Allow" for statement in POLICY["Statement"])


# The definitions


@pytest.mark.parametrize(
    ("name", "operation"),
    [("todo-user", "CreateTable"), ("todo-task", "CreateTable"), ("category-index", "UpdateTable")],
)
def test_a_definition_is_the_input_of_its_operation_as_it_is(name: str, operation: str) -> None:
    from botocore.validate import ParamValidator

    service = botocore.session.get_session().get_service_model("dynamodb")
    request = json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8"))
    report = ParamValidator().validate(request, service.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("engine", ["moto", "dynamodb_local"])
def test_the_definitions_one_by_one_make_the_same_tables_as_table_add(
    engine: str, request: pytest.FixtureRequest
) -> None:
    with aws("dynamodb", request.getfixturevalue(engine)) as client:
        one_by_one = next(_prefixes)
        create_from_json(client, one_by_one)
        program = Session(client, measuring=False)
        program.run("table-add")
        assert described(client, one_by_one) == described(client, program.prefix)


# The CloudFormation template


def lint(text: str) -> list[str]:
    """What cfn-lint calls an error or a warning; its remarks for information change with its version."""
    return [str(match) for match in lint_all(text) if match.rule.id[0] in "EW"]


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    assert lint(TEMPLATE) == []


def test_cfn_lint_finds_nothing_in_the_policy_and_knows_its_actions() -> None:
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": POLICY}}
    assert lint(json.dumps({"Resources": {"Policy": policy}})) == []


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The properties of each table as CloudFormation resolves them, also those that moto's tables do not have."""
    from moto.dynamodb.models import Table

    seen: list[dict[str, Any]] = []
    create = Table.create_from_cloudformation_json

    def noting(resource_name: str, cloudformation_json: dict[str, Any], *rest: Any, **named: Any) -> Any:
        seen.append(cloudformation_json["Properties"])
        return create(resource_name, cloudformation_json, *rest, **named)

    monkeypatch.setattr(Table, "create_from_cloudformation_json", noting)
    return seen


@pytest.mark.parametrize(
    ("default_prefix", "billing", "recovery", "option"),
    [
        (True, None, None, ""),
        (True, "PAY_PER_REQUEST", None, " --on-demand"),
        (False, "PROVISIONED", "false", ""),
        (False, "PAY_PER_REQUEST", "true", " --on-demand"),
    ],
)
def test_the_template_makes_the_same_tables_as_table_add_for_every_value_of_its_parameters(
    moto: str,
    resolved: list[dict[str, Any]],
    default_prefix: bool,
    billing: str | None,
    recovery: str | None,
    option: str,
) -> None:
    prefix = None if default_prefix else next(_prefixes)
    values = {"TablePrefix": prefix, "BillingMode": billing, "PointInTimeRecovery": recovery}
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items() if value is not None]
    region = "eu-central-1"  # of its own: other tests may have tables todo-… on this server
    with aws("cloudformation", moto, region) as stacks, aws("dynamodb", moto, region) as client:
        stacks.create_stack(StackName="nodetodo", TemplateBody=TEMPLATE, Parameters=given)
        (stack,) = stacks.describe_stacks(StackName="nodetodo")["Stacks"]
        try:
            program = Session(client, measuring=False)
            program.run("table-add" + option)
            assert described(client, prefix or "todo-") == described(client, program.prefix)
            enabled = [table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for table in resolved]
            assert enabled == [recovery == "true"] * 2
            outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
            assert outputs["TablePrefix"] == (prefix or "todo-")
            for table in KEYS:
                made = client.describe_table(TableName=outputs[f"{table.title()}TableName"])["Table"]
                assert made["TableName"] == outputs["TablePrefix"] + table
                assert made["TableArn"] == outputs[f"{table.title()}TableArn"]
        finally:
            stacks.delete_stack(StackName="nodetodo")
            for table in KEYS:  # which the stack leaves on AWS, and moto takes along
                with contextlib.suppress(client.exceptions.ResourceNotFoundException):
                    client.delete_table(TableName=(prefix or "todo-") + table)


def test_the_tables_outlive_their_stack_unless_it_could_not_be_created() -> None:
    template, problems = decode_str(TEMPLATE)
    assert not problems
    for table in template["Resources"].values():
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("prefix", ["todo-", "a", "A.b_c-9", "x" * 251, "x" * 252, "", "to do", "ü-", "a/b", "todo-\n"])
def test_the_template_takes_the_prefixes_that_nodetodo_takes(prefix: str) -> None:
    template, _ = decode_str(TEMPLATE)
    pattern = template["Parameters"]["TablePrefix"]["AllowedPattern"]
    try:
        taken = targets.table_prefix({"NODETODO_TABLE_PREFIX": prefix}) == prefix
    except WrongUsage:
        taken = False
    assert bool(re.fullmatch(pattern, prefix)) == taken


# The scripts and the README


def test_the_scripts_make_show_and_delete_the_tables_from_any_folder_without_an_installation(
    moto: str, tmp_path: Path
) -> None:
    prefix = next(_prefixes)
    installed = (
        tmp_path / "installed" / "nodetodo"
    )  # another nodetodo than that of the checkout, which must not be used
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("raise ImportError('not from the checkout')")

    def script(name: str, *options: str) -> str:
        command = [sys.executable, str(TABLES / name), f"--db={moto}", *options]
        env = os.environ | {"NODETODO_TABLE_PREFIX": prefix, "PYTHONPATH": str(installed.parent)}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with aws("dynamodb", moto) as client:
        script("create.py", "--on-demand")
        assert described(client, prefix)["task"]["billing"] == "PAY_PER_REQUEST"
        shown = script("status.py")
        assert all(name in shown for name in (f"{prefix}user", f"{prefix}task", "category-index", "ACTIVE"))
        assert "MISSING" not in shown
        script("delete.py", "--yes")
        assert not {f"{prefix}user", f"{prefix}task"} & set(client.list_tables()["TableNames"])


def test_a_script_hands_on_the_exit_status_and_the_sentence(tmp_path: Path) -> None:
    command = [sys.executable, str(TABLES / "delete.py"), "--db=nowhere"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match("nodetodo: .*'nowhere'", done.stderr)


def test_the_readme_names_every_file_of_the_folder_and_no_other() -> None:
    there = {path.name for path in TABLES.iterdir() if path.is_file()} - {"README.md"}
    assert set(re.findall(r"`([a-z-]+\.(?:json|py|yaml))`", README)) == there
    assert set(re.findall(r"\btables/([a-z-]+\.[a-z]+)", README)) <= there


def test_the_readme_tells_the_parameters_of_the_template_with_their_defaults() -> None:
    template, _ = decode_str(TEMPLATE)
    told = re.findall(r"^\| `([A-Z]\w+)` \| `([^`]+)` \|", README, re.M)
    assert told == [(name, parameter["Default"]) for name, parameter in template["Parameters"].items()]


def test_the_readme_tells_the_keys_that_the_definitions_have(moto: str) -> None:
    told = re.findall(r"^\| `([a-z-]+)`(?: on `todo-task`)? \| `(\w+)` \((\w)\) \|(?: `(\w+)` \((\w))?", README, re.M)
    with aws("dynamodb", moto) as client:
        prefix = next(_prefixes)
        create_from_json(client, prefix)
        tables = described(client, prefix)
    types = tables["task"]["attributes"]
    keys = {f"todo-{name}": table["key"] for name, table in tables.items()}
    keys |= {name: key for name, (key, _, _) in tables["task"]["indexes"].items()}
    assert {
        name: [pair for pair in [(hash_key, kind), (sort_key, sort_kind)] if pair[0]]
        for name, hash_key, kind, sort_key, sort_kind in told
    } == {name: [(part["AttributeName"], types[part["AttributeName"]]) for part in key] for name, key in keys.items()}
