"""Command lines for the tests of --explain and --cost, and the data that they need."""

from __future__ import annotations

import atexit
import json
import shlex
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from ..program import NOON, Program

on_engines_with_backups = pytest.mark.parametrize("engine", ["embedded_file", "moto"], indirect=True)
on_embedded_and_dynamodb_local = pytest.mark.parametrize("engine", ["embedded", "dynamodb_local"], indirect=True)
"""Runs a test on two engines. The client is simulated or wrapped, so further engines prove nothing."""

EMMA = ["user-add emma emma@example.org +491701234"]
LUIS = ["user-add luis luis@example.org +491701235"]


class Case(NamedTuple):
    """A command line and the command lines before it, which create its data. tables: whether tables exist.

    items: of each table that are written in batches, if the command sends batches. {tid} is replaced by the tid of the
    task added last, {end} by its last three digits, {file} by the name of a file with 300 users and 300 tasks. "later"
    moves the clock one hour forward.
    """

    line: str
    before: tuple[str, ...] = ()
    tables: bool = True
    items: int = 60


@cache
def file_of_items() -> str:
    """Create the file of Case.line once, and return its name."""
    users = [{"uid": f"u{number}", "email": "u@example.org", "phone": "1234"} for number in range(300)]
    tasks = [{"uid": f"u{number}", "tid": number, "description": "x", "created": 20260101} for number in range(300)]
    path = Path(_folder.name, "items.jsonl")
    path.write_text("".join(json.dumps(record) + "\n" for record in [*users, *tasks]))
    return str(path)


_folder = tempfile.TemporaryDirectory(prefix="nodetodo-items-")
atexit.register(_folder.cleanup)


def _words(line: str, tid: object, prefix: str) -> list[str]:
    file = file_of_items() if "{file}" in line else ""
    values = {"{tid}": str(tid), "{end}": str(tid)[-3:], "{prefix}": prefix, "{file}": file}
    for name, value in values.items():
        line = line.replace(name, value)
    return shlex.split(line)


EMMAS_TASK = (*EMMA, "task-add emma milk shopping --dueat=tomorrow")
SAME_ENDING = (*EMMAS_TASK, "later", "task-add emma bread")
TWO_TASKS = (*EMMAS_TASK, "task-add emma 'call luis'")

USUAL = [
    Case("user-add emma emma@example.org +491701234"),
    Case("user emma", (*EMMA,)),
    Case("user-ls", (*EMMA,)),
    Case("user-ls --all", (*EMMA, *LUIS)),
    Case("user-edit emma --phone=+491701236 --email=e@example.org", (*EMMA,)),
    Case("user-rm emma", (*EMMA,)),
    Case("user-rm emma --with-tasks", (*EMMA, *["task-add emma x"] * 60, "later")),
    Case('task-add emma "it\'s" shopping --dueat=tomorrow', (*EMMA,)),
    Case("task-add emma 'no category'", (*EMMA,)),
    Case("task emma {tid}", EMMAS_TASK),
    Case("task-done emma {tid}", EMMAS_TASK),
    Case("task-reopen emma {tid}", (*EMMAS_TASK, "task-done emma {tid}")),
    Case("task-edit emma {tid} --description=coffee --no-category --dueat=friday", EMMAS_TASK),
    Case("task-edit emma {tid} --category=home --no-dueat", EMMAS_TASK),
    Case("task-rm emma {tid}", EMMAS_TASK),
    Case("task emma {end}", EMMAS_TASK),
    Case("task-edit emma {end} --no-dueat", EMMAS_TASK),
    Case("task-done emma {tid} {end}", EMMAS_TASK),
    Case("task-rm emma {end}", TWO_TASKS),
    Case("task-ls emma", TWO_TASKS),
    Case("task-ls emma --limit=1", TWO_TASKS),
    Case("task-ls emma --next=1526650262330", TWO_TASKS),
    Case("task-ls emma --all", TWO_TASKS),
    Case("task-ls emma --newest", TWO_TASKS),
    Case("task-ls emma --newest --contains=milk --dueafter=today --duebefore=+3d", TWO_TASKS),
    Case("task-ls emma --by-due", (*TWO_TASKS, "index-add due-index")),
    Case("task-ls emma --by-due --dueafter=today --duebefore=+3d", (*TWO_TASKS, "index-add due-index")),
    Case("task-ls emma shopping", TWO_TASKS),
    Case("task-ls emma --futuredue --pending", TWO_TASKS),
    Case("task-ls emma --withoutdue --pending", TWO_TASKS),
    Case("task-la shopping", EMMAS_TASK),
    Case("task-la shopping --next=5", EMMAS_TASK),
    Case("task-la shopping --dueafter=2020-01-01 --pending", EMMAS_TASK),
    Case("table-add"),
    Case("table-ls"),
    Case("table-edit --read=7 --write=8 --protect"),
    Case("table-edit --on-demand --no-protect", ("table-edit --protect",)),
    Case("table-edit --on-demand --max-read=9 --max-write=7"),
    Case("table-rm --yes"),
    Case("index-add due-index", TWO_TASKS),
    Case("index-add category-index", TWO_TASKS),
    Case("index-rm due-index --yes", (*TWO_TASKS, "index-add due-index")),
    Case("index-rm category-index --yes", TWO_TASKS),
    Case("design", TWO_TASKS),
    Case("export - --segments=1", TWO_TASKS),
    Case("import {file}", items=300),
    Case("table-edit --stream"),
    Case("table-edit --no-stream", ("table-edit --stream",)),
    Case("table-edit --no-stream --no-protect", ("table-edit --stream --protect",)),
    Case("table-edit --protect"),
]
"""Nothing unusual is found: these send exactly the requests of the plan outside its branches."""

USUAL_BACKUPS = [
    Case("backup-add one-{prefix}"),
    Case("backup-ls", ("backup-add one-{prefix}",)),
    Case("backup-rm one-{prefix} --yes", ("backup-add one-{prefix}",)),
    Case("backup-restore one-{prefix} --prefix=x-{prefix}", ("backup-add one-{prefix}",)),
]
"""The same for the engines that have backups. {prefix} is replaced, because tests share a file and a server."""

WATCH = [Case("watch", EMMAS_TASK), Case("watch emma --from-start", EMMAS_TASK)]
"""Commands that end with Ctrl-C only. tests/test_watch.py compares their requests with those of the plan."""

NOTHING_TO_SEND = [
    Case("capacity --reads=10 --writes=1"),
    Case("completion bash"),
    Case("serve --db=local"),
    Case("design --sample"),
    Case("design --sample --html=/nowhere/to/be/written.html"),
]
"""Commands that send no request."""

UNUSUAL = [
    Case("user-add emma emma@example.org +491701234", (*EMMA,)),
    Case("user-add emma other@example.org 1234", (*EMMA,)),
    Case("user nobody"),
    Case("user-ls"),
    Case("user-ls --all", tuple(f"user-add u{number} u@example.org 1234" for number in range(30))),
    Case("user-edit nobody --phone=1234"),
    Case("user-rm nobody"),
    Case("user-rm emma", TWO_TASKS),
    Case("user-rm emma --with-tasks", (*EMMA,)),
    Case("user-rm emma --with-tasks", (*EMMA, "task-add emma x")),
    Case("user-rm emma --with-tasks", (*EMMA, "task-add emma x", "task-add emma newer")),
    Case("task-add nobody x"),
    Case("task-add emma x", (*EMMA, "task-add emma y", "task-add emma z")),
    Case("task emma 1"),
    Case("task-done emma 1"),
    Case("task-done emma {tid}", (*EMMAS_TASK, "task-done emma {tid}")),
    Case("task-reopen emma {tid}", EMMAS_TASK),
    Case("task-edit emma 1 --no-dueat"),
    Case("task-rm emma 1"),
    Case("task-rm emma 999", EMMAS_TASK),
    Case("task-rm emma 1 {end} {tid} 999", EMMAS_TASK),
    Case("task emma 000", SAME_ENDING),
    Case("task-done emma 000", SAME_ENDING),
    Case("task-done emma 000 {tid}", SAME_ENDING),
    Case("task-ls emma", (*EMMA,)),
    Case("task-ls nobody"),
    Case("task-ls emma nothing --limit=1", (*EMMA, *["task-add emma x"] * 55)),
    Case("task-ls emma shopping", (*EMMA,)),
    Case("task-la nothing"),
    Case("export - --segments=1"),
    Case("import {file}", ("import {file}",)),
    Case("import {file} --replace"),
    Case("import {file} --replace", ("import {file}", "task-add u1 x")),
    Case("index-add due-index", (*TWO_TASKS, "index-add due-index")),
    Case("index-add due-index", tables=False),
    Case("index-add category-index", (*TWO_TASKS, "index-rm category-index --yes")),
    Case("index-rm due-index --yes", TWO_TASKS),
    Case("index-rm category-index --yes", tables=False),
    Case("table-add", tables=False),
    Case("table-ls", tables=False),
    Case("table-edit --no-stream"),
    Case("table-edit --no-stream --no-protect"),
    Case("table-rm --yes", tables=False),
]
"""Something unusual is found: these send requests of branches, or repeat requests."""


def prepare(program: Program, case: Case) -> list[str]:
    """Create the data of a command line and return its arguments."""
    if case.tables:
        program.good("table-add")
    tid = 0
    for line in case.before:
        if line == "later":
            program.now += timedelta(hours=1)
            continue
        words = _words(line, tid, program.env["NODETODO_TABLE_PREFIX"])
        if words[0] == "task-add":
            tid = program.good(*words, "--json").json["tid"]
        else:
            program.good(*words)
    return _words(case.line, tid, program.env["NODETODO_TABLE_PREFIX"])


def arguments(case: Case) -> list[str]:
    """Return the arguments of a command line, with some tid."""
    return _words(case.line, 1526650262330, "t1-")


@cache
def explanation(*words: str, target: str = "local", prefix: str = "todo-", now: datetime = NOON) -> str:
    """Return the output of a command line with --explain, which depends on nothing else.

    Several tests read one explanation. It can take a second, because the command runs many times.
    """
    program = Program(None, target=target, prefix=prefix)
    program.now = now
    return program.good(*words, "--explain").out
