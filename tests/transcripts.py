"""Runs the sessions in documents and transcripts again.

A line that begins with `$ nodetodo ` is a command; the lines below it are its output. A session may pipe a command
into `head -n <lines>`. In a Markdown page, sessions are the code blocks of the language `console`.

`python -m tests.transcripts` writes the present output of every command into README.md, docs/*.md and
tests/transcripts/*.txt, and the lists that supported.py generates. Read the diff before you commit it.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from datetime import timedelta
from pathlib import Path

from .program import Program
from .supported import with_generated_parts

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "transcripts"
LESSON = ROOT / "docs" / "key-design.md"

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FILES = [*PAGES, *sorted(FOLDER.glob("*.txt"))]

PROMPT = "$ nodetodo "


class CtrlC(list[float]):
    """Ends a command at its first pause, as Ctrl-C does. On a local file, only watch pauses."""

    def append(self, seconds: float) -> None:
        """Raise KeyboardInterrupt."""
        raise KeyboardInterrupt


def replay_file(path: Path) -> str:
    """Return the file with the present output of its commands.

    They run from top to bottom on the default local file of a new home folder, in an empty folder.
    """
    replay = replay_page if path.suffix == ".md" else replay_session
    text = path.read_text()
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        program = Program(None, target="local")
        program.slept = CtrlC()
        program.env |= {"HOME": home, "LOCALAPPDATA": home, "NODETODO_USER": "emma"}
        return replay(text, program)


def replay_page(markdown: str, program: Program) -> str:
    """Return a Markdown page with the present output of its commands and its generated parts."""

    def block(fenced: re.Match[str]) -> str:
        return f"```console\n{replay_session(fenced[1], program)}```"

    return with_generated_parts(re.sub(r"^```console\n(.*?)^```", block, markdown, flags=re.M | re.S))


def replay_session(session: str, program: Program) -> str:
    """Return a session with the present output of its commands.

    One minute passes after each command. Error messages come before the output, costs after it, as on a terminal. An
    exit status other than 0 follows in parentheses.
    """
    lines: list[str] = []
    before = session.splitlines()
    for line, following in zip(before, [*before[1:], ""], strict=True):
        if line.startswith(PROMPT):
            lines += [line, *_output(line, program)]
            program.now += timedelta(minutes=1)
        elif not line and following.startswith(PROMPT):
            lines.append(line)
    return "\n".join(lines) + "\n"


def commands(text: str) -> list[tuple[str, str]]:
    """Return each command of a session or page, without `nodetodo`, and its output."""
    sessions = "".join(re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)) or text
    return re.findall(r"^\$ nodetodo (.*)\n((?:(?!\$ nodetodo ).*\n)*)", sessions, re.M)


def _output(line: str, program: Program) -> list[str]:
    command, _, lines = line.removeprefix(PROMPT).partition(" | head -n ")
    words = shlex.split(command, comments=True)
    result = program(*words, columns=None if lines else 80, env={"NO_COLOR": "1"})
    out = "".join(result.out.splitlines(keepends=True)[: int(lines)]) if lines else result.out
    text = out + result.err if "--cost" in words else result.err + out
    shown = text.replace(program.env["NODETODO_TABLE_PREFIX"], "todo-").splitlines()
    return shown + ([f"(exit status {result.status})"] if result.status else [])


def main() -> None:
    """Write the present output of every command into the files."""
    for path in FILES:
        path.write_text(replay_file(path))


if __name__ == "__main__":
    main()
