"""The task-add line that task-rm prints, on every engine."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo.cli import parser
from nodetodo.model import Task
from nodetodo.output import add_again
from nodetodo.output.text import printable

from ..program import NOON, Program
from .test_names import add


def removed(program: Program, *argv: str) -> list[str]:
    """Run task-rm and return the lines below the first one."""
    first, *lines = program.good("task-rm", *argv).out.splitlines()
    assert first.startswith("task removed with tid ")
    return lines


def test_a_removed_task_is_printed_as_the_line_that_adds_it_again(emma: Program) -> None:
    for words, printed in (
        (["buy milk", "shopping", "--dueat=tomorrow"], "emma 'buy milk' shopping --dueat=2026-11-24"),
        (["milk"], "emma milk"),
        (["it's 5 o'clock \\ "], "emma 'it'\\''s 5 o'\\''clock '\\\\' '"),
        (["--dueat=today", "--", "-milk", "shopping"], "emma --dueat=2026-11-23 -- -milk shopping"),
        (["--", "milk", "-dairy"], "emma milk -- -dairy"),
        (["=ls", "~"], "emma '=ls' '~'"),
        (["日本語 $HOME `x` !x"], "emma '日本語 $HOME `x` !x'"),
    ):
        tid = emma.tid("task-add", "emma", *words)
        assert removed(emma, "emma", tid) == [f"nodetodo task-add {printed}"]


def test_json_and_several_tids(emma: Program) -> None:
    tids = [emma.tid("task-add", "emma", text) for text in ("milk", "bread", "cake")]
    assert emma("task-rm", "emma", tids[0], "--json").out.count("\n") == 1
    assert emma("task-rm", "emma", *tids[1:]).out.splitlines() == [
        f"task removed with tid {tids[1]}",
        "nodetodo task-add emma bread",
        f"task removed with tid {tids[2]}",
        "nodetodo task-add emma cake",
    ]


def test_attributes_that_task_add_does_not_set_are_named(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "milk")
    emma.good("task-done", "emma", tid)
    assert removed(emma, "emma", tid) == ["nodetodo task-add emma milk", "task-add does not set completed 2026-11-23"]
    others: dict[str, Any] = {"due": {"N": "20261399"}, "priority": {"N": "1"}, "a\nb": {"S": "x"}}
    add(emma, "1", description={"S": "milk"}, completed={"BOOL": True}, **others)
    assert removed(emma, "emma", "1") == [
        "nodetodo task-add emma milk",
        "task-add does not set a\\nb, priority, due 20261399, completed true (not a date)",
    ]


@pytest.mark.parametrize("description", [{"N": "1"}, {"S": " "}, {"NULL": True}])
def test_a_task_without_a_description_has_no_line(emma: Program, description: dict[str, object]) -> None:
    add(emma, "1", description=description)
    assert removed(emma, "emma", "1") == [
        "task-add cannot add it again, because its uid or description is unknown, empty or not a text"
    ]


def test_a_text_that_a_terminal_would_hide_or_execute_has_no_line(emma: Program) -> None:
    for text in ("a\nb", "\x1b[2J", "a\u202eb", "a\tb"):
        tid = emma.tid("task-add", "emma", text)
        (line,) = removed(emma, "emma", tid)
        assert line == (
            "task-add cannot add it again, because a text of it has control characters or invisible characters"
        )


def test_the_line_has_the_database_of_the_command_line(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "milk")
    (line,) = removed(emma, "emma", tid, "--db=local:a file.db")
    assert line == "nodetodo task-add emma milk '--db=local:a file.db'"


def test_the_removed_task_is_added_again_by_its_line(emma: Program, engine: str) -> None:
    seconds = count(1)
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(str.strip)
    words = st.one_of(texts, st.sampled_from(["-milk", "--", "-", "--dueat=x", "me", "=x", "a b", "it's", "\\'", "$x"]))

    @settings(max_examples=150 if engine == "embedded" else 15, derandomize=True, deadline=None, database=None)
    @given(words, st.none() | words, st.none() | st.integers(2000, 2999))
    def remove_and_add(description: str, category: str | None, year: int | None) -> None:
        due = [] if year is None else [f"--dueat={year}-02-28"]
        emma.now = NOON + timedelta(seconds=next(seconds))
        given_words = [description] if category is None else [description, category]
        task = emma.good("task-add", *due, "--json", "--", "emma", *given_words).json
        (line,) = removed(emma, "emma", str(task["tid"]))
        if not line.startswith("nodetodo "):
            assert any(printable(word) != word for word in given_words)
            return
        _, command, *rest = shlex.split(line)
        again = emma.good(command, "--json", *rest).json
        assert again | {"tid": task["tid"]} == task
        emma.good("task-rm", "emma", str(again["tid"]))

    remove_and_add()


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_shells_read_the_line_as_it_is_meant(shell: str, engine: str) -> None:
    assert engine
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    texts = [
        "=ls",
        "~",
        "*",
        "it's",
        "\\",
        "a\\'b\\",
        "$HOME $(id) `id` !x #y %1 {a,b} [a] ;&|<>()",
        "日本語",
        "-x",
        '"',
        "^x",
        "a=~",
    ]
    for text in texts:
        (line,) = add_again.lines(Task("emma", 1, text, 20261123, 20261124, text, None), [], ["--db=local:a 'b'"])
        script = line.replace("nodetodo ", "printf '%s\\0' ", 1)
        words = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True).stdout.split("\0")
        assert words[:-1] == shlex.split(line)[1:]
        arguments = parser.read(words[:-1]).arguments
        assert (arguments["<description>"], arguments["<category>"], arguments["--db"]) == (text, text, "local:a 'b'")
