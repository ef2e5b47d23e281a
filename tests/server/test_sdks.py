"""AWS's command line and SDKs for four languages work with the server, also as shown in docs/serve.md."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo.embedded.client import Client
from tests import tools
from tests.explain.command_lines import USUAL, prepare
from tests.explain.test_aws_cli_and_partiql import cli_lines, stored
from tests.program import Program

from . import sdks
from .sdks import FOLDER
from .support import TABLE, Served, serving

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text()
ENDPOINT = "http://localhost:8000"


@pytest.fixture
def empty() -> Iterator[Served]:
    with serving() as served:
        yield served


def run(command: list[str], served: Served | None = None, **variables: str) -> str:
    """Run a program and return its output. The server must not have refused a request."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ) | variables, timeout=120
    )
    assert done.returncode == 0, (done.stderr, served.lines if served else "")
    return done.stdout


def command(language: str, program: str, folder: Path) -> list[str]:
    """Return the command that runs a program. folder: for files that the language needs."""
    if language == "python":
        return [sys.executable, "-c", program]
    with tools.skip_without("AWS SDKs"):
        if language == "java":
            path = folder / "Program.java"
            path.write_text(program)
            return ["java", "-cp", f"{sdks.java()}/*", str(path)]
        if language == "go":
            for name in ("go.mod", "go.sum"):
                shutil.copy(sdks.go() / name, folder)
            (folder / "program.go").write_text(program)
            return ["go", "run", "-C", str(folder), "program.go"]
        # Node searches packages from the folder of the program upwards.
        (folder / "node_modules").symlink_to(sdks.javascript() / "node_modules")
        path = folder / "program.mjs"
        path.write_text(program)
        return ["node", str(path)]
    raise AssertionError


@pytest.mark.parametrize(
    ("language", "file"),
    [("python", "scenario.py"), ("js", "scenario.mjs"), ("java", "Scenario.java"), ("go", "scenario.go")],
)
def test_the_scenario_works_with_an_sdk(empty: Served, language: str, file: str, tmp_path: Path) -> None:
    program = command(language, (FOLDER / file).read_text(), tmp_path)
    assert run([*program, empty.url], empty).lower().splitlines() == [
        "conditionalcheckfailedexception",
        "2",
        "0001ff true",
        "true",
        "0",
    ]


@pytest.mark.parametrize("language", ["python", "js", "java", "go"])
def test_the_examples_in_the_page_connect(empty: Served, language: str, tmp_path: Path) -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    empty.client.create_table(**TABLE, StreamSpecification=stream)
    examples = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    assert examples
    for example in examples:
        assert example.count(ENDPOINT) == 1
        assert "thing" in run(command(language, example.replace(ENDPOINT, empty.url), tmp_path))


@pytest.fixture(scope="session")
def aws_cli() -> tuple[str, dict[str, str]]:
    """Return the folder of the AWS CLI, and the variables in the page."""
    with tools.skip_without("AWS SDKs"):
        return sdks.command_line(), dict(re.findall(r"(AWS_[A-Z_]+)=(\S+)", PAGE))
    raise AssertionError


def aws(cli: tuple[str, dict[str, str]], url: str, folder: Path) -> dict[str, str]:
    """Return the variables with which a shell finds the AWS CLI and the server."""
    packages, variables = cli
    script = folder / "aws"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m awscli "$@"\n')
    script.chmod(0o755)
    changed = {name: value.replace(ENDPOINT, url) for name, value in variables.items()}
    return changed | {"PYTHONPATH": packages, "PATH": f"{folder}:{os.environ['PATH']}", "AWS_PAGER": ""}


COMMANDS = ("user-add", "user-ls", "user-edit", "task-add", "task-done", "task-edit", "task-rm", "task-la", "index-add")
"""Commands whose lines have no examples, such as the items of a batch, and no question."""

CASES = [next(case for case in USUAL if case.line.split()[0] == name) for name in COMMANDS]


def test_the_lines_of_explain_for_the_aws_cli_work_unchanged(
    aws_cli: tuple[str, dict[str, str]], empty: Served, tmp_path: Path
) -> None:
    variables = aws(aws_cli, empty.url, tmp_path)
    assert '"TableNames": []' in run(["sh", "-c", "aws dynamodb list-tables"], empty, **variables)
    client: Client = empty.client
    for case in CASES:
        one, two = Program(client, target="local"), Program(client, target="local", prefix="twin-")
        words = prepare(one, case)
        assert prepare(two, case) == words
        for line in cli_lines(one.good(*words, "--explain").out):
            run(["sh", "-c", line], empty, **variables)
        two.good(*words)
        assert stored(client, "todo-") == stored(client, "twin-"), case.line
        for program in (one, two):
            program.good("table-rm", "--yes")


def test_the_line_in_the_lesson_works_with_the_server(
    aws_cli: tuple[str, dict[str, str]], empty: Served, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "key-design.md").read_text()
    (block,) = re.findall(r"^```sh\n(export AWS_ENDPOINT_URL_DYNAMODB.*?)^```", page, re.M | re.S)
    (printed,) = re.findall(r"^12:00:00\.123  (.*)  [\d.]+ ms$", page, re.M)
    program = Program(empty.client, target="local")
    program.good("table-add")
    program.good("user-add", "emma", "emma@example.org", "+491701234")
    for category in ("shopping", "learning"):
        program.good("task-add", "emma", "x", category)
    (explained,) = cli_lines(program.good("task-ls", "emma", "shopping", "--explain").out)
    words = shlex.split(block.replace("\\\n", ""))
    assert words[words.index("aws") :] == shlex.split(explained)
    response = json.loads(
        run(["sh", "-c", block.replace(ENDPOINT, empty.url)], empty, **aws(aws_cli, empty.url, tmp_path))
    )
    assert (len(response["Items"]), response["ScannedCount"], response["Count"]) == (1, 2, 1)
    assert empty.lines[-1].rpartition("  ")[0] == printed
