"""The same request for the AWS CLI and as PartiQL: it says the same, and it works."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from nodetodo.engines import aws
from nodetodo.explain import aws_cli, partiql
from nodetodo.explain import requests as reading

from ..program import Program
from .lines import USUAL, Case, prepared

MODEL = botocore.session.get_session().get_service_model("dynamodb")
METHODS = {xform_name(name, "-"): name for name in MODEL.operation_names}


def pasted(out: str) -> Iterator[str]:
    """The lines for the AWS CLI in what --explain printed, each as a shell would read it."""
    for block in re.findall(r"^ +AWS CLI\n(.*?)(?=^ +PartiQL|\n\n)", out, re.M | re.S):
        yield block.replace("\\\n", "")


def decoded(line: str) -> tuple[str, dict[str, Any], list[str]]:
    """The operation and the parameters that a line for the AWS CLI means, and its global options."""
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


def words_of(case: Case) -> list[str]:
    return shlex.split(case.line.replace("{tid}", "1526650262330"))


@pytest.mark.parametrize("case", USUAL, ids=lambda case: case.line)
@pytest.mark.parametrize("awkward", ["", ' it\'s "quoted" $HOME `id` \\ \n\t☕ \u202e'])
def test_a_line_for_the_aws_cli_says_what_the_request_says(case: Case, awkward: str) -> None:
    words = [word + awkward if word in ("x", "it's", "no category", "shopping") else word for word in words_of(case)]
    program = Program(None, target="aws")
    requests = program.good(*words, "--explain", "--json").json["requests"]
    lines = list(pasted(program.good(*words, "--explain").out))
    assert len(lines) == len(requests)
    for request, line in zip(requests, lines, strict=True):
        operation, parameters, others = decoded(line)
        wanted = {name: value for name, value in request["parameters"].items() if name != "ClientRequestToken"}
        if request["each"]:
            wanted["RequestItems"] = {table: writes[:1] for table, writes in wanted["RequestItems"].items()}
        assert (operation, parameters, others) == (request["operation"], wanted, [])
        report = ParamValidator().validate(parameters, MODEL.operation_model(operation).input_shape)
        assert not report.has_errors(), report.generate_report()


def test_the_line_goes_where_the_program_goes() -> None:
    (there, _) = pasted(Program(None, target="http://localhost:8000").good("task-ls", "emma", "--explain").out)
    assert decoded(there)[2] == ["--endpoint-url", "http://localhost:8000", "--region", "us-east-1"]
    program = Program(None, target="aws")
    program.env["AWS_REGION"] = "eu-central-1"
    (aws, _) = pasted(program.good("task-ls", "emma", "--explain").out)
    assert decoded(aws)[2] == ["--region", "eu-central-1"]
    local = Program(None, target="local").good("task-ls", "emma", "--explain").out
    (aws, _) = pasted(local)
    assert decoded(aws)[2] == []
    assert "The AWS CLI cannot reach a local file" in local


def test_no_line_is_wider_than_a_terminal_but_for_one_long_value() -> None:
    for case in USUAL:
        out = Program(None, target="http://localhost:8000").good(*words_of(case), "--explain").out
        for line in out.splitlines():
            if len(line) > 80:
                copied = line.strip()
                assert copied.startswith(("--", "SELECT", "INSERT", "UPDATE", "DELETE", "EXISTS"))
                assert copied.count(" --") == 0


@pytest.fixture
def twins(dynamodb_local: str) -> Iterator[tuple[Any, Program, Program]]:
    """A client of DynamoDB Local, and two programs there, each with tables of its own."""
    session = botocore.session.get_session()
    client = session.create_client(
        "dynamodb", endpoint_url=dynamodb_local, region_name=aws.PLACEHOLDER_REGION, **aws.PLACEHOLDER_CREDENTIALS
    )
    yield client, Program(client, prefix="twin1-"), Program(client, prefix="twin2-")
    for table in client.list_tables()["TableNames"]:
        if table.startswith("twin"):
            client.delete_table(TableName=table)
    client.close()


def held(client: Any, prefix: str) -> list[list[Any]]:
    return [sorted(client.scan(TableName=prefix + table)["Items"], key=str) for table in ("user", "task")]


@pytest.mark.parametrize(
    "case", [case for case in USUAL if not case.line.startswith("table-")], ids=lambda case: case.line
)
def test_pasted_lines_and_partiql_do_on_dynamodb_local_what_the_command_does(
    twins: tuple[Any, Program, Program], case: Case
) -> None:
    client, one, two = twins
    for how in ("aws", "partiql"):
        words = prepared(one, case)
        assert prepared(two, case) == words
        entries = one.good(*words, "--explain", "--json").json["requests"]
        plan = [entry for entry in entries if entry["after"] is None]
        reads_again = any(entry["examples"] for entry in plan)
        if how == "aws":
            for line, entry in zip(pasted(one.good(*words, "--explain").out), entries, strict=True):
                if entry["after"] is None and not reads_again:
                    operation, parameters, _ = decoded(line)
                    getattr(client, xform_name(operation))(**parameters)
        elif not reads_again:
            for entry in plan:
                executed(client, entry)
        if not reads_again:
            two.good(*words)
            assert held(client, "twin1-") == held(client, "twin2-")
        for program in (one, two):
            program.good("table-rm", "--yes")


def executed(client: Any, entry: dict[str, Any]) -> None:
    """Execute the PartiQL of a request; where it reads, it gives what the request gives."""
    tables = reading.tables("twin1-")
    operation, parameters = entry["operation"], entry["parameters"]
    statements = partiql.statements(operation, parameters, tables)
    assert statements
    if operation == "TransactWriteItems":
        client.execute_transaction(TransactStatements=[{"Statement": statement} for statement in statements])
        return
    answer = client.execute_statement(Statement=statements[0])
    if operation in ("Query", "Scan"):
        expected = getattr(client, operation.lower())(**parameters)["Items"]
        assert answer["Items"] == expected or sorted(answer["Items"], key=str) == sorted(expected, key=str)
    if operation == "GetItem":
        assert answer["Items"] == [client.get_item(**parameters)["Item"]]


def test_partiql_of_a_batch_deletes_its_keys(twins: tuple[Any, Program, Program]) -> None:
    client, one, _ = twins
    one.good("table-add")
    one.good("user-add", "emma", "emma@example.org", "+491701234")
    tid = one.tid("task-add", "emma", "x")
    writes = {"twin1-task": [{"DeleteRequest": {"Key": {"uid": {"S": "emma"}, "tid": {"N": tid}}}}]}
    statements = partiql.statements("BatchWriteItem", {"RequestItems": writes}, reading.tables("twin1-"))
    client.batch_execute_statement(Statements=[{"Statement": statement} for statement in statements])
    assert one.good("task-ls", "emma", "--json").json["tasks"] == []


def test_partiql_refuses_what_the_condition_refuses(twins: tuple[Any, Program, Program]) -> None:
    client, one, _ = twins
    one.good("table-add")
    one.good("user-add", "emma", "emma@example.org", "+491701234")
    tid = one.tid("task-add", "emma", "x")
    one.good("task-done", "emma", tid)
    tables = reading.tables("twin1-")
    for words in (
        ["user-add", "emma", "other@example.org", "1234"],
        ["user-edit", "nobody", "--phone=1234"],
        ["task-done", "emma", tid],
        ["task-done", "emma", "1"],
    ):
        (entry,) = one.good(*words, "--explain", "--json").json["requests"]
        (statement,) = partiql.statements(entry["operation"], entry["parameters"], tables)
        with pytest.raises(ClientError) as refused:
            client.execute_statement(Statement=statement)
        # DynamoDB's name for the first is DuplicateItemException, DynamoDB Local's is DuplicateItem.
        assert refused.value.response["Error"]["Code"] in ("DuplicateItem", "ConditionalCheckFailedException")
    (entry, *_) = one.good("task-add", "nobody", "x", "--explain", "--json").json["requests"]
    statements = partiql.statements(entry["operation"], entry["parameters"], tables)
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.execute_transaction(TransactStatements=[{"Statement": statement} for statement in statements])


def test_the_options_are_spelt_as_the_aws_cli_spells_them() -> None:
    for operation in MODEL.operation_names:
        members = MODEL.operation_model(operation).input_shape.members
        for name, shape in members.items():
            if name != "ClientRequestToken" and not re.search("[A-Z]{2}", name):
                value: Any = {"boolean": True, "string": "x"}.get(shape.type_name, 1)
                words = aws_cli.arguments("Query", {name: value}, [])
                assert words[3] == f"--{xform_name(name, '-')}"
