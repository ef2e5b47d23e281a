"""Completion: the scripts, the candidates of the hidden command, and its limits."""

from __future__ import annotations

import os
import shlex
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo import embedded
from nodetodo.cli import definition
from nodetodo.cli.values import SHELLS
from nodetodo.commands import COMMANDS
from nodetodo.completion import shells

from .program import Program
from .test_process import NODETODO, imported_by

DEFINITION = definition.load()

TAB, MENU = "9", "37"
"""The kinds of completion in COMP_TYPE of bash: lists several candidates; inserts one after the other."""


@pytest.fixture
def nodetodo() -> Program:
    """The program with an engine that cannot be reached."""
    return Program(None)


def complete(nodetodo: Program, *words: str) -> dict[str, str]:
    """Return the candidates for the last word with their descriptions."""
    result = nodetodo("--complete", "fish", *words)
    assert (result.status, result.err) == (0, "")
    return dict(line.split("\t") for line in result.out.splitlines())


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script_of_each_shell(nodetodo: Program, shell: str) -> None:
    script = nodetodo.good("completion", shell).out
    assert f"nodetodo --complete {shell} " in script
    assert nodetodo.good("completion", shell, "--json").json == {"shell": shell, "script": script}


@pytest.mark.parametrize("shell", ["tcsh", "Bash", ""])
def test_another_shell_is_rejected_with_the_names_of_the_shells(nodetodo: Program, shell: str) -> None:
    result = nodetodo("completion", shell)
    assert (result.status, result.out) == (2, "")
    assert result.err == f"nodetodo: the shell {shell!r} is not supported; completion takes bash, zsh or fish\n"


def test_the_hidden_command_is_not_in_the_help(nodetodo: Program) -> None:
    assert "--complete " not in nodetodo.good("--help").out
    assert "--complete" not in DEFINITION.options


def test_all_commands_are_completed_with_their_first_sentence(nodetodo: Program) -> None:
    found = complete(nodetodo, "")
    assert list(found) == list(COMMANDS)
    assert found["task-done"] == "Complete tasks"
    assert complete(nodetodo, "--db=aws", "--json", "") == found


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_of_each_command_are_completed(nodetodo: Program, command: str) -> None:
    found = complete(nodetodo, command, "-")
    assert [name.rstrip("=") for name in found] == DEFINITION.options_of(command)
    assert {name.rstrip("=") for name in found if name.endswith("=")} == {
        name for name in DEFINITION.options_of(command) if DEFINITION.takes_value(name)
    }
    assert all(found.values())


def test_options_with_a_description_on_the_next_line_have_it_too(nodetodo: Program) -> None:
    assert complete(nodetodo, "capacity", "--")["--peak-reads="] == "Reads of one item per second in the peak hours"


def test_a_given_option_is_not_completed_again(nodetodo: Program) -> None:
    found = complete(nodetodo, "task-ls", "emma", "--pending", "--limit", "5", "--")
    assert "--all" in found
    assert not {"--pending", "--limit="} & found.keys()


def test_options_before_a_command_are_those_of_every_command(nodetodo: Program) -> None:
    for words in (["-"], ["task-lst", "-"]):
        assert [name.rstrip("=") for name in complete(nodetodo, *words)] == DEFINITION.common_options


def test_options_are_completed_if_no_argument_can_follow(nodetodo: Program) -> None:
    assert "--on-demand" in complete(nodetodo, "table-add", "")
    assert complete(nodetodo, "table-add", "--", "") == {}  # after two dashes, no option can follow


@pytest.mark.parametrize(
    "words",
    [["task-lst", ""], ["task-add", "emma", ""], ["user-ls", "--nonsense="], ["user", "--json="], ["user-add", ""]],
)
def test_nothing_is_completed_where_no_word_or_any_word_can_follow(nodetodo: Program, words: list[str]) -> None:
    assert complete(nodetodo, *words) == {}


def test_fixed_values_are_completed(nodetodo: Program) -> None:
    assert list(complete(nodetodo, "--db=")) == ["--db=local", "--db=local:", "--db=aws", "--db=http://localhost:8000"]
    assert list(complete(nodetodo, "--db", "")) == ["local", "local:", "aws", "http://localhost:8000"]
    assert list(complete(nodetodo, "completion", "")) == list(SHELLS)
    days = complete(nodetodo, "task-add", "emma", "milk", "--dueat", "")
    assert days["tomorrow"] == days["+1d"] == "2026-11-24"
    assert days["monday"] == days["+1w"] == "2026-11-30"  # the present day is a Monday
    assert list(complete(nodetodo, "task-ls", "emma", "--duebefore=")) == [f"--duebefore={day}" for day in days]


def test_file_names_are_completed(nodetodo: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name in ("b.html", "a b.html", ".hidden", "folder/inner"):
        (tmp_path / name).touch()
    assert list(complete(nodetodo, "design", "--html=")) == ["--html=a b.html", "--html=b.html", "--html=folder/"]
    assert list(complete(nodetodo, "design", "--html", "fo")) == ["folder/"]
    assert list(complete(nodetodo, "design", "--html=folder/")) == ["--html=folder/inner"]
    assert list(complete(nodetodo, "--db=local:.h")) == ["--db=local:.hidden"]
    assert list(complete(nodetodo, "design", f"--html={tmp_path}/b")) == [f"--html={tmp_path}/b.html"]
    assert complete(nodetodo, "design", "--html=absent/") == {}


def test_the_home_folder_is_completed(nodetodo: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "tasks.db").touch()
    assert list(complete(nodetodo, "--db=local:~/t")) == ["--db=local:~/tasks.db"]


# bash


def in_bash(nodetodo: Program, line: str, replaced: str, kind: str = TAB) -> list[str]:
    return nodetodo.good("--complete", "bash", line, replaced, kind).out.splitlines()


def test_bash_gets_the_part_of_the_word_that_it_replaces(nodetodo: Program) -> None:
    assert in_bash(nodetodo, "nodetodo --db=http", "http") == ["http://localhost:8000"]
    assert in_bash(nodetodo, "nodetodo --db=http:", "") == ["//localhost:8000"]
    assert in_bash(nodetodo, 'nodetodo "--db=lo', "--db=lo", MENU) == ["--db=local", "--db=local:"]


def test_bash_gets_descriptions_only_if_it_lists_several_candidates(nodetodo: Program) -> None:
    assert in_bash(nodetodo, "nodetodo task-r", "task-r") == [
        "task-reopen  (Make completed tasks pending again)",
        "task-rm  (Remove tasks)",
    ]
    assert in_bash(nodetodo, "nodetodo task-r", "task-r", MENU) == ["task-reopen", "task-rm"]
    assert in_bash(nodetodo, "nodetodo task-re", "task-re") == ["task-reopen"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=4), st.sampled_from(" \t\n"))
def test_a_line_is_split_into_the_words_of_the_shell(words: list[str], space: str) -> None:
    line = space.join(map(shlex.quote, words))
    assert [shells.unquoted(word)[0] for word in shells.words(line)] == (words or [""])
    assert shells.words(line + space)[-1] == ""


@pytest.mark.parametrize(
    ("word", "value", "quote"),
    [
        (r"a\ b", "a b", ""),
        ("a\\", "a", ""),
        ("'a b", "a b", "'"),
        ("'a'b\"c ", "abc ", '"'),
        (r'"a\"b\c', r'a"b\c', '"'),
        ('""', "", ""),
        ('"', "", '"'),
        ("'", "", "'"),
        (r"--category='at home: ", "--category=at home: ", "'"),
    ],
)
def test_an_unfinished_word_has_a_value_and_an_open_quote(word: str, value: str, quote: str) -> None:
    assert shells.unquoted(word) == (value, quote)
    assert shells.words(word) == [word]


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), st.sampled_from(["", "'", '"']))
def test_a_quoted_text_is_one_word_with_this_value(text: str, quote: str) -> None:
    quoted = quote + shells._quoted(text, quote) + quote
    assert shells.unquoted(quoted) == (text, "")
    assert shells.words(quoted) == [quoted]
    assert (
        subprocess.run(["bash", "-c", f"printf %s {quoted}"], capture_output=True, check=True).stdout == text.encode()
    )


# Limits


def run(*argv: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the hidden command in a process. Without its time limit, it would take longer than the time-out."""
    return subprocess.run(
        [*NODETODO, "--complete", "fish", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=25,
        env=os.environ | (env or {}),
    )


NOTHING = (0, "", "")


def outcome(process: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return process.returncode, process.stdout, process.stderr


def test_a_locked_file_ends_after_the_time_limit(tmp_path: Path) -> None:
    path = tmp_path / "tasks.db"
    with closing(embedded.connect(str(path))) as client:
        Program(client, target="local").good("table-add")
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")  # a command waits for 30 seconds
        assert outcome(run(f"--db=local:{path}", "user", "")) == NOTHING


def test_a_server_that_does_not_respond_ends_after_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections = []

        def accept() -> None:
            while True:
                try:
                    connections.append(server.accept()[0])
                except OSError:
                    return

        Thread(target=accept, daemon=True).start()
        assert outcome(run(f"--db=http://127.0.0.1:{server.getsockname()[1]}", "user", "")) == NOTHING
        server.shutdown(socket.SHUT_RDWR)
        for connection in connections:
            connection.close()
        assert len(connections) <= 1  # a command would connect again after three seconds


@pytest.mark.parametrize(
    "db", ["http://127.0.0.1:1", "aws", "nonsense", "http://user@host", "local:/dev/null/nowhere", "local:"]
)
def test_an_unusable_target_completes_nothing(db: str) -> None:
    assert outcome(run(f"--db={db}", "user", "")) == NOTHING
    assert outcome(run("user", "", env={"NODETODO_DB": db})) == NOTHING
    assert "--limit=" in run(f"--db={db}", "task-ls", "emma", "--").stdout


@pytest.mark.parametrize("argv", [[], ["fish"], ["tcsh", ""], ["bash"], ["bash", "nodetodo ", "", "x"]])
def test_a_wrong_use_of_the_hidden_command_prints_nothing(nodetodo: Program, argv: list[str]) -> None:
    assert nodetodo("--complete", *argv) == NOTHING


@pytest.mark.parametrize("words", [["user", ""], ["task-done", "emma", ""], ["task-la", ""]])
def test_no_file_and_no_folder_is_created(tmp_path: Path, words: list[str]) -> None:
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    assert outcome(run(*words, env=environment)) == NOTHING
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_and_a_file_of_another_program_are_not_changed(tmp_path: Path) -> None:
    for content in (b"", b"text"):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert outcome(run(f"--db=local:{path}", "user", "")) == NOTHING
        assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]


def test_target_and_prefix_come_from_the_command_line_and_the_environment(tmp_path: Path) -> None:
    for prefix, uid in (("todo-", "emma"), ("team-", "luis")):
        program = Program(None, target=f"local:{tmp_path / 'tasks.db'}", prefix=prefix)
        program.good("user-add", uid, "a@b", "123")
    target = f"local:{tmp_path / 'tasks.db'}"
    before = sorted(tmp_path.iterdir())
    assert run(f"--db={target}", "user", "").stdout == run("--db", target, "user", "").stdout == "emma\ta@b\n"
    assert run("user", "", env={"NODETODO_DB": target, "NODETODO_TABLE_PREFIX": "team-"}).stdout == "luis\ta@b\n"
    assert sorted(tmp_path.iterdir()) == before


def test_values_that_the_encoding_lacks_are_left_out(tmp_path: Path) -> None:
    program = Program(None, target=f"local:{tmp_path / 'tasks.db'}")
    for uid in ("emma", "日本"):
        program.good("user-add", uid, "a@b", "123")
    for encoding, expected in (("ascii", ["emma"]), ("utf-8", ["emma", "日本"])):
        out = run(f"--db=local:{tmp_path / 'tasks.db'}", "user", "", env={"PYTHONIOENCODING": encoding}).stdout
        assert sorted(line.partition("\t")[0] for line in out.splitlines()) == expected


def test_candidates_without_a_database_import_neither_an_engine_nor_docopt() -> None:
    for words in ([""], ["task-ls", "emma", "--"], ["--db="]):
        modules = imported_by("--complete", "fish", *words)
        assert "nodetodo.completion.candidates" in modules
        assert not modules & {"docopt", "sqlite3", "botocore", "nodetodo.engines.targets", "nodetodo.repositories"}


def test_candidates_from_a_local_file_import_neither_docopt_nor_an_sdk(tmp_path: Path) -> None:
    modules = imported_by("--complete", "fish", f"--db=local:{tmp_path / 'tasks.db'}", "user", "")
    assert "sqlite3" in modules
    assert not modules & {"docopt", "botocore", "dateutil", "wcwidth", "tqdm"}


def test_no_other_command_imports_completion() -> None:
    for argv in (["--help"], ["user", "emma", "--db=local:/dev/null/nowhere"]):
        assert not [name for name in imported_by(*argv) if name.startswith("nodetodo.completion")]


def test_the_classes_of_tables_are_completed(nodetodo: Program) -> None:
    assert list(complete(nodetodo, "table-edit", "--class=")) == ["--class=standard", "--class=infrequent-access"]


def test_the_formats_of_export_are_completed(nodetodo: Program) -> None:
    assert list(complete(nodetodo, "export", "x", "--format=")) == ["--format=jsonl", "--format=dynamodb"]
