"""The command lines in docs/operations.md exist, and those of nodetodo work in their order."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore import xform_name

from nodetodo.cli import parser
from nodetodo.commands import COMMANDS

from . import iam
from .program import Program
from .test_cloudformation import ACCOUNT, NETWORK, REGION, TEMPLATE, moto_client, template
from .transcripts import PAGES, ROOT

OPERATIONS = ROOT / "docs" / "operations.md"
DOCUMENTS = [*PAGES, ROOT / "tables" / "README.md"]
TEMPLATES = {"tables/cloudformation.yaml": TEMPLATE, "tables/network.yaml": NETWORK}


class Step(NamedTuple):
    """One program of a shell line. env: the variables before it. reads_pipe: whether it reads a pipe."""

    words: list[str]
    env: dict[str, str]
    reads_pipe: bool


def shell_lines(document: Path) -> list[str]:
    """Return the lines of the shell blocks of a page, without comments."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```sh\n(.*?)^```|((?:^    (?:aws|nodetodo) [^\n]*\n)+)", text, re.M | re.S)
    lines = "".join(fenced or indented for fenced, indented in blocks).splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


OPTIONS_OF_THE_CLI = {"--query", "--cli-input-json", "--endpoint-url", "--region"}
"""Options of every operation, which are not parameters of it."""


def steps(line: str) -> Iterator[Step]:
    """Yield the programs of a shell line, from left to right."""
    words = shlex.split(re.split(r" 2?> ", line)[0], comments=True)
    env: dict[str, str] = {}
    current: list[str] = []
    reads_pipe = False
    for word in [*words, "|"]:
        if word == "|":
            yield Step(current, env, reads_pipe)
            env, current, reads_pipe = {}, [], True
        elif not current and re.match(r"[A-Z_]+=", word):
            name, _, env[name] = word.partition("=")
        else:
            current.append(word)


def all_steps(program: str) -> list[list[str]]:
    """Return the arguments of every call of a program in the documents."""
    found = [step.words for document in DOCUMENTS for line in shell_lines(document) for step in steps(line)]
    return [words[1:] for words in found if words and words[0] == program]


@pytest.mark.parametrize("argv", all_steps("nodetodo"), ids=" ".join)
def test_a_command_line_of_nodetodo_in_a_document_is_valid(argv: list[str]) -> None:
    assert parser.read(argv).command in COMMANDS


@pytest.mark.parametrize("argv", all_steps("aws"), ids=lambda argv: " ".join(argv)[:60])
def test_a_command_line_of_the_aws_cli_in_a_document_is_valid(argv: list[str]) -> None:
    service, operation, *rest = argv
    files = [word.removeprefix("file://") for word in rest if word.startswith(("file://", "tables/"))]
    assert [file for file in files if not (ROOT / file).exists()] in ([], ["luis-policy.json"])
    rest = ["--endpoint" if word == "--notification-endpoint" else word for word in rest]  # renamed by the AWS CLI
    given = {word.partition("=")[0] for word in rest if word.startswith("--")} - OPTIONS_OF_THE_CLI
    if (service, operation) == ("cloudformation", "deploy"):  # not an operation of the API
        assert given <= {"--stack-name", "--template-file", "--capabilities", "--parameter-overrides"}
        parameters = template(TEMPLATES[rest[rest.index("--template-file") + 1]])["Parameters"]
        for word in rest:
            name, equals, value = word.partition("=")
            if equals:
                assert value in parameters[name].get("AllowedValues", [value]), word
        return
    model = botocore.session.get_session().get_service_model(service)
    if operation == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service)
        (waiter,) = (name for name in waiters.waiter_names if xform_name(name, "-") == rest[0])
        operation = xform_name(waiters.get_waiter(waiter).operation, "-")
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape: Any = model.operation_model(names[operation]).input_shape
    assert given <= {f"--{xform_name(member, '-')}" for member in shape.members}


def test_the_policy_of_a_developer_names_only_the_tables_of_the_developer(tmp_path: Path) -> None:
    (tmp_path / "tables").symlink_to(ROOT / "tables")
    (line,) = (line for line in shell_lines(OPERATIONS) if line.startswith("sed "))
    subprocess.run(line, shell=True, cwd=tmp_path, check=True)
    made = (tmp_path / "luis-policy.json").read_text()
    full = json.dumps(iam.policy("full"))
    full = full.replace("/todo-", "/luis-").replace("dynamodb:*:*:", f"dynamodb:{REGION}:{ACCOUNT}:")
    assert json.loads(made) == json.loads(full)


def test_the_commands_of_the_operations_page_work_in_their_order(
    moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    local = Program(None, target="local")
    local.env["HOME"] = local.env["LOCALAPPDATA"] = str(tmp_path)
    local.good("user-add", "nora", "nora@example.org", "+491701236")
    with moto_client("dynamodb", moto) as client:
        on_aws = Program(client)
        for line in shell_lines(OPERATIONS):
            piped = None
            for step in steps(line):
                match step.words:
                    case ["export", *settings]:
                        on_aws.env |= dict(setting.split("=") for setting in settings)
                    case ["unset", name]:
                        del on_aws.env[name]
                    case ["nodetodo", *argv]:
                        program = local if "--db=local" in argv else on_aws
                        piped = program.good(*argv, stdin=piped if step.reads_pipe else None, env=step.env).out
        remaining = client.list_tables()["TableNames"]
        assert [name for name in remaining if name.startswith(("todo-", "luis-", "restored-"))] == []
