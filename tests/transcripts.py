"""Sessions as a person sees them: each line that begins with `$ ` is run, and what it prints stands below it.

`python -m tests.transcripts` runs them again and writes down what they print now.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from nodetodo import embedded

from .program import Program, connect

FOLDER = Path(__file__).parent / "transcripts"
COMMAND = "$ nodetodo "

LESSON = Path(__file__).parent.parent / "docs" / "key-design.md"

LOCAL = ("explain", "cost")
"""Sessions that name their target, which is local."""


def replay(session: str, program: Program) -> str:
    """The session with what its commands print now; a minute passes between one command and the next.

    Errors stand before output and costs after it, as a command that prints both writes them; a status but 0 stands in
    parentheses below.
    """
    lines: list[str] = []
    before = session.splitlines()
    for line, following in zip(before, [*before[1:], ""], strict=True):
        if line.startswith(COMMAND):
            lines += [line, *_run(line, program)]
            program.now += timedelta(minutes=1)
        elif not line and following.startswith(COMMAND):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _run(line: str, program: Program) -> list[str]:
    words = shlex.split(line.removeprefix(COMMAND), comments=True)
    result = program(*words, columns=80, env={"NO_COLOR": "1"})
    told = result.out + result.err if "--cost" in words else result.err + result.out
    shown = told.replace(program.env["NODETODO_TABLE_PREFIX"], "todo-").splitlines()
    return shown + ([f"(exit status {result.status})"] if result.status else [])


def sessions_in(markdown: str) -> Iterator[str]:
    """The sessions of a page: its code blocks of the language `console` in which nodetodo is run."""
    for block in re.findall(r"^```console\n(.*?)^```", markdown, re.M | re.S):
        if COMMAND in block:
            yield block


def replay_page(markdown: str, program: Program) -> str:
    """The page with what its sessions print now, which share one database from top to bottom."""

    def block(fenced: re.Match[str]) -> str:
        return f"```console\n{replay(fenced[1], program)}```" if COMMAND in fenced[1] else fenced[0]

    return re.sub(r"^```console\n(.*?)^```", block, markdown, flags=re.M | re.S)


def on_the_embedded_engine() -> Program:
    """A program with empty tables of its own."""
    program = Program(embedded.connect(":memory:"), target="local")
    program.good("table-add")
    return program


if __name__ == "__main__":
    from . import dynamodb_local

    LESSON.write_text(replay_page(LESSON.read_text(), on_the_embedded_engine()))
    with dynamodb_local.running() as endpoint:
        for path in FOLDER.glob("*.txt"):
            program = Program(connect(endpoint), prefix=f"{path.stem[:4]}-")
            if path.stem in LOCAL:
                program = on_the_embedded_engine()
            elif path.stem != "tables":
                program.good("table-add")
            path.write_text(replay(path.read_text(), program))
