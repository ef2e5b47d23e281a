"""The lines for the AWS CLI and the PartiQL statements of --explain are equal to the requests, and they work."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from collections.abc import Iterator
from functools import partial
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from nodetodo import embedded
from nodetodo.engines import aws
from nodetodo.explain import aws_cli, partiql, requests

from ..program import Program
from ..server.support import serving
from .command_lines import USUAL, Case, arguments, explanation, prepare

MODEL = botocore.session.get_session().get_service_model("dynamodb")
METHODS = {xform_name(name, "-"): name for name in MODEL.operation_names}


def cli_lines(out: str) -> Iterator[str]:
    """Yield the lines for the AWS CLI in the output of --explain, each as one line."""
    for block in re.findall(r"^   AWS CLI +(.*?[^\\])$", out, re.M | re.S):
        yield block.replace("\\\n", "")


def usual(out: str) -> list[dict[str, Any]]:
    """Return the requests that --explain prints in full: the usual ones, each of several equal ones once.

    out: the output of --explain with --json.
    """
    found: list[dict[str, Any]] = []
    for entry in json.loads(out)["requests"]:
        same = [one for one in found if all(one[name] == entry[name] for name in ("operation", "parameters"))]
        if entry["after"] is None and not same:
            found.append(entry)
    return found


def decoded(line: str) -> tuple[str, dict[str, Any], list[str]]:
    """Return the operation, the parameters and the global options of a line for the AWS CLI."""
    program, service, command, *words = shlex.split(line)
    assert (program, service) == ("aws", "dynamodb")
    operation = METHODS[command]
    members = MODEL.operation_model(operation).input_shape.members
    names = {f"--{xform_name(name, '-')}": name for name in members}
    parameters: dict[str, Any] = {}
    others = []
    rest = iter(words)
    for word in rest:
        if word.startswith("--no-") and members[names["--" + word[5:]]].type_name == "boolean":
            parameters[names["--" + word[5:]]] = False
        elif word not in names:
            others += [word, next(rest)]
        else:
            kind = members[names[word]].type_name
            if kind == "boolean":
                parameters[names[word]] = True
            else:
                value = next(rest)
                readers = {"string": str, "integer": int, "long": int}
                parameters[names[word]] = readers.get(kind, json.loads)(value)
    return operation, parameters, others


TEXTS = {"x", "it's", "no category", "shopping"}
"""Descriptions and categories in USUAL."""


def assert_lines_are_equal_to_requests(words: list[str]) -> None:
    entries = usual(explanation(*words, "--json", target="aws"))
    lines = list(cli_lines(explanation(*words, target="aws")))
    assert len(lines) == len(entries)
    for entry, line in zip(entries, lines, strict=True):
        operation, parameters, others = decoded(line)
        wanted = {name: value for name, value in entry["parameters"].items() if name != "ClientRequestToken"}
        if "RequestItems" in wanted:
            wanted["RequestItems"] = {table: writes[:1] for table, writes in wanted["RequestItems"].items()}
        assert (operation, parameters, others) == (entry["operation"], wanted, [])
        report = ParamValidator().validate(parameters, MODEL.operation_model(operation).input_shape)
        assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
def test_a_line_for_the_aws_cli_is_equal_to_the_request(case: Case) -> None:
    assert_lines_are_equal_to_requests(arguments(case))


@pytest.mark.parametrize(
    "case", [case for case in USUAL if TEXTS & set(shlex.split(case.line))], ids=lambda case: case.line
)
def test_a_line_for_the_aws_cli_contains_any_text(case: Case) -> None:
    awkward = ' it\'s "quoted" $HOME `id` \\ \n\t☕ \u202e'
    words = arguments(case)
    assert_lines_are_equal_to_requests([word + awkward if word in TEXTS else word for word in words])


def test_a_line_for_the_aws_cli_has_the_endpoint_and_region_of_the_target() -> None:
    (line,) = cli_lines(Program(None, target="http://localhost:8000").good("task-ls", "emma", "--explain").out)
    assert decoded(line)[2] == ["--endpoint-url", "http://localhost:8000", "--region", "us-east-1"]
    program = Program(None, target="aws")
    program.env["AWS_REGION"] = "eu-central-1"
    (line,) = cli_lines(program.good("task-ls", "emma", "--explain").out)
    assert decoded(line)[2] == ["--region", "eu-central-1"]
    local = Program(None, target="local").good("task-ls", "emma", "--explain").out
    (line,) = cli_lines(local)
    assert decoded(line)[2] == []
    assert "The AWS CLI lines are for tables in AWS" in local


def test_only_a_line_with_one_long_value_is_wider_than_80_columns() -> None:
    for case in USUAL:
        out = explanation(*arguments(case), target="http://localhost:8000")
        for line in out.splitlines():
            if len(line) > 80:
                copied = line.strip()
                assert copied.startswith(("--", "PartiQL", "INSERT"))
                assert copied.count(" --") == 0


@pytest.fixture(params=["dynamodb_local", "embedded"])
def twins(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Program, Program]]:
    """Return a client of each engine in turn and two programs on it, each with its own tables.

    The parameter may also be serve, for a client of the server.
    """
    target = "local" if request.param == "embedded" else "http://127.0.0.1:1"
    with contextlib.ExitStack() as stack:
        if request.param == "embedded":
            client: Any = embedded.connect(":memory:")
        elif request.param == "serve":
            client = stack.enter_context(serving()).boto()
        else:
            client = local_client(request)
        one, two = [Program(client, target=target, prefix=prefix) for prefix in ("twin1-", "twin2-")]
        yield client, one, two
        for table in client.list_tables()["TableNames"]:
            if table.startswith("twin"):
                client.delete_table(TableName=table)
        client.close()


def local_client(request: pytest.FixtureRequest) -> Any:
    return botocore.session.get_session().create_client(
        "dynamodb",
        endpoint_url=request.getfixturevalue("dynamodb_local"),
        region_name=aws.PLACEHOLDER_REGION,
        **aws.PLACEHOLDER_CREDENTIALS,
    )


def stored(client: Any, prefix: str) -> list[list[Any]]:
    return [sorted(client.scan(TableName=prefix + table)["Items"], key=str) for table in ("user", "task")]


@pytest.mark.parametrize(
    "case", [case for case in USUAL if not case.line.startswith(("table-", "index-"))], ids=lambda case: case.line
)
def test_cli_lines_and_partiql_have_the_effect_of_the_command(twins: tuple[Any, Program, Program], case: Case) -> None:
    client, one, two = twins
    for how in ("aws", "partiql"):
        words = prepare(one, case)
        assert prepare(two, case) == words
        explained = partial(explanation, *words, prefix="twin1-", now=one.now)
        plan = usual(explained("--json"))
        has_examples = any(entry["examples"] for entry in plan)
        if how == "aws":
            for line in cli_lines(explained()):
                if not has_examples:
                    operation, parameters, _ = decoded(line)
                    getattr(client, xform_name(operation))(**parameters)
        elif not has_examples:
            for entry in plan:
                if entry["operation"] != "DescribeTable":  # PartiQL has no requests about tables
                    execute(client, entry)
        if not has_examples:
            two.good(*words)
            assert stored(client, "twin1-") == stored(client, "twin2-")
        for program in (one, two):
            program.good("table-rm", "--yes")


COMMANDS = (
    "user-add",
    "user",
    "user-ls",
    "task-add",
    "task",
    "task-done",
    "task-edit",
    "task-rm",
    "task-ls",
    "task-la",
)


@pytest.mark.parametrize("twins", ["serve"], indirect=True)
@pytest.mark.parametrize("name", COMMANDS)
def test_cli_lines_and_partiql_have_the_effect_of_the_command_on_serve(
    twins: tuple[Any, Program, Program], name: str
) -> None:
    case = next(case for case in USUAL if case.line.split()[0] == name)
    test_cli_lines_and_partiql_have_the_effect_of_the_command(twins, case)


def as_input(statement: partiql.Statement) -> dict[str, Any]:
    """Return the parameters of ExecuteStatement. An empty list of parameters is invalid."""
    return {"Statement": statement.text, **({"Parameters": statement.parameters} if statement.parameters else {})}


def execute(client: Any, entry: dict[str, Any]) -> None:
    """Execute the PartiQL of a request, and compare the items that it reads with those that the request reads."""
    tables = requests.tables("twin1-")
    operation, parameters = entry["operation"], entry["parameters"]
    statements = partiql.statements(operation, parameters, tables)
    assert statements
    if operation == "TransactWriteItems":
        client.execute_transaction(TransactStatements=list(map(as_input, statements)))
        return
    response = client.execute_statement(**as_input(statements[0]))
    if operation in ("Query", "Scan"):
        expected = getattr(client, operation.lower())(**parameters)["Items"]
        items = response["Items"]
        assert items == expected or sorted(items, key=str) == sorted(expected, key=str)
    if operation == "GetItem":
        assert response["Items"] == [client.get_item(**parameters)["Item"]]


@pytest.mark.parametrize("description", ["two\nlines", "it's\t'quoted'\r\n\x1b[31m \u202e", "back\\slash ☕ \\n"])
def test_the_printed_partiql_reproduces_any_text(twins: tuple[Any, Program, Program], description: str) -> None:
    client, one, _ = twins
    one.good("table-add")
    one.good("user-add", "emma", "emma@example.org", "+491701234")
    tid = one.tid("task-add", "emma", "x")
    words = ["task-edit", "emma", tid, f"--description={description}"]
    printed = one.good(*words, "--explain").out.partition("   PartiQL      ")[2].partition("\n\n")[0]
    statement, _, parameters = printed.partition("\n")
    values = json.loads(parameters.strip().removeprefix("with Parameters ")) if parameters else None
    client.execute_statement(Statement=statement.strip(), **({"Parameters": values} if values else {}))
    assert one.good("task", "emma", tid, "--json").json["description"] == description


def test_the_partiql_of_a_batch_deletes_its_keys(twins: tuple[Any, Program, Program]) -> None:
    client, one, _ = twins
    one.good("table-add")
    one.good("user-add", "emma", "emma@example.org", "+491701234")
    tid = one.tid("task-add", "emma", "x")
    writes = {"twin1-task": [{"DeleteRequest": {"Key": {"uid": {"S": "emma"}, "tid": {"N": tid}}}}]}
    statements = partiql.statements("BatchWriteItem", {"RequestItems": writes}, requests.tables("twin1-"))
    client.batch_execute_statement(Statements=list(map(as_input, statements)))
    assert one("task", "emma", tid).status == 3


def test_partiql_rejects_a_write_that_the_condition_rejects(twins: tuple[Any, Program, Program]) -> None:
    client, one, _ = twins
    one.good("table-add")
    one.good("user-add", "emma", "emma@example.org", "+491701234")
    tid = one.tid("task-add", "emma", "x")
    one.good("task-done", "emma", tid)
    tables = requests.tables("twin1-")
    for words in (
        ["user-add", "emma", "other@example.org", "1234"],
        ["user-edit", "nobody", "--phone=1234"],
        ["task-done", "emma", tid],
        ["task-done", "emma", "1"],
    ):
        (entry,) = one.good(*words, "--explain", "--json").json["requests"]
        (statement,) = partiql.statements(entry["operation"], entry["parameters"], tables)
        with pytest.raises(client.exceptions.ClientError) as rejected:
            client.execute_statement(**as_input(statement))
        # DynamoDB Local returns the code DuplicateItem.
        duplicate = "DuplicateItem" if words[0] == "user-add" else "ConditionalCheckFailed"
        assert rejected.value.response["Error"]["Code"].removesuffix("Exception") == duplicate
    (entry, *_) = one.good("task-add", "nobody", "x", "--explain", "--json").json["requests"]
    statements = partiql.statements(entry["operation"], entry["parameters"], tables)
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.execute_transaction(TransactStatements=list(map(as_input, statements)))


def test_the_options_have_the_names_of_the_aws_cli() -> None:
    for operation in MODEL.operation_names:
        members = MODEL.operation_model(operation).input_shape.members
        for name, shape in members.items():
            if name != "ClientRequestToken" and not re.search("[A-Z]{2}", name):
                value: Any = {"boolean": True, "string": "x"}.get(shape.type_name, 1)
                words = aws_cli.arguments("Query", {name: value}, [])
                assert words[3] == f"--{xform_name(name, '-')}"
