"""Completion in interactive shells: keys are typed on a pseudo-terminal, and the completed command line runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo import embedded, resources
from nodetodo.cli.values import SHELLS

from . import shells, tools
from .program import NOON, Program

ROOT = Path(__file__).parent.parent

LAUNCHER = """\
#!{python}
import json, os, sys
sys.path.insert(0, {root!r})
if sys.argv[1] == "--complete":
    from nodetodo.completion import stored
    from nodetodo.__main__ import run
    stored.LOCAL_SECONDS = 60  # a busy machine must not decide about the result
    run()
with open({lines!r}, "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
print("nodetodo has run")
"""
"""A program nodetodo that completes words, and only records all other command lines."""

UIDS = [
    *("a b", "b'c", 'c"d', "d$HOME", "e:f", "f`g", "g;h", "h日本", "i\\j", "j*", "k!l", "l~", "m#n", "n{o,p}", "o(p)"),
    *("p=q", "q&r", "r|s", "s<t>", "t[u]", "u?v", "w%x", "x^y", "y@z", "~z", "$HOME", "#a"),
]
"""uids with each character that has a meaning in a shell. The first character is enough to complete each."""

SPECIAL_IN_QUOTES = ["b'c", 'c"d', "d$HOME", "f`g", "i\\j", "k!l"]

TASKS = [("buy milk", "shopping"), ("prepare the talk", "work"), ("sow 'peas' & $beans", "at home: garden")]
"""Descriptions and categories of the tasks of zoe."""

DONE, TALK, PEAS = (str(int(NOON.timestamp() * 1000) + number) for number in range(3))
"""The tids of these tasks."""


class Session:
    """An interactive shell in which the script of `nodetodo completion` is installed."""

    def __init__(self, shell: str, folder: Path) -> None:
        home, programs = folder / "home", folder / "bin"
        self._lines = folder / "lines"
        self.work = folder / "work"
        for each in (home, programs, self.work):
            each.mkdir()
        launcher = programs / "nodetodo"
        launcher.write_text(LAUNCHER.format(python=sys.executable, root=str(ROOT), lines=str(self._lines)))
        launcher.chmod(0o755)
        self._lines.touch()
        (self.work / "folder").mkdir()
        for name in ("report 1.html", "folder/inner.html"):
            (self.work / name).touch()
        self._environment = {
            "HOME": str(home),
            "PATH": f"{programs}:/usr/bin:/bin",
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            "NODETODO_DB": f"local:{folder / 'tasks.db'}",
        }
        script = resources.read(f"completion/nodetodo.{shell}")
        self._command = shells.command(shell, home, script, self._environment)
        self._start()

    def _start(self) -> None:
        self._terminal = shells.Terminal(self._command, self._environment, self.work)
        self._terminal.wait_for("ready> ")

    def close(self) -> None:
        self._terminal.close()

    def run(self, keys: str) -> list[str]:
        """Type a command line and Return. Returns the arguments that nodetodo receives."""
        self._terminal.type(keys + "\r")
        self._terminal.wait_for("nodetodo has run", "ready> ")
        return json.loads(self._lines.read_text().splitlines()[-1])  # type: ignore[no-any-return]

    def shown(self, keys: str, *texts: str) -> str:
        """Type keys and wait for texts. Returns the output, and starts the shell again."""
        self._terminal.type(keys)
        output = self._terminal.wait_for(*texts)
        self.close()
        self._start()
        return output


@pytest.fixture(scope="module", params=SHELLS)
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Return each shell in turn, with users and with three tasks of a user zoe, the first of which is completed."""
    folder = tmp_path_factory.mktemp(request.param)
    client = embedded.connect(str(folder / "tasks.db"))
    program = Program(client, target="local")
    program.good("table-add")
    for uid in (*UIDS, "zoe"):
        program.good("user-add", uid, "emma@example.org", "+491701234")
    for description, category in TASKS:
        program.good("task-add", "zoe", description, category)
    program.good("task-done", "zoe", DONE)
    client.close()
    with tools.skip_without("shells"):
        session = Session(request.param, folder)
    yield session
    session.close()


@pytest.mark.parametrize(
    ("keys", "argv"),
    [
        ("task-reo\tzoe 361", ["task-reopen", "zoe", "361"]),
        ("user-edit zoe --ph\t123", ["user-edit", "zoe", "--phone=123"]),
        ("table-l\t--js\t", ["table-ls", "--json"]),
        ("--db=ht\t", ["--db=http://localhost:8000"]),
        ("--db=http://lo\t", ["--db=http://localhost:8000"]),
        ("--db ht\t", ["--db", "http://localhost:8000"]),
        ("task-add zoe milk --dueat=tom\t", ["task-add", "zoe", "milk", "--dueat=tomorrow"]),
        ("completion b\t", ["completion", "bash"]),
        ("user z\t", ["user", "zoe"]),
        ("task-ls zoe wo\t", ["task-ls", "zoe", "work"]),
        ("task-ls zoe 'at \t", ["task-ls", "zoe", "at home: garden"]),
        ("task-ls zoe at\\ home:\t", ["task-ls", "zoe", "at home: garden"]),
        (f"task-edit zoe {DONE} --category=at\t", ["task-edit", "zoe", DONE, "--category=at home: garden"]),
        ("task-add -- zoe milk wo\t", ["task-add", "--", "zoe", "milk", "work"]),
        ("task-reopen zoe \t", ["task-reopen", "zoe", DONE]),
        ("task-done zoe 17\t1\t", ["task-done", "zoe", TALK]),
        ("design --html=re\t", ["design", "--html=report 1.html"]),
        ("design --html=fol\tin\t", ["design", "--html=folder/inner.html"]),
        ("--db=local:fol\tin\t", ["--db=local:folder/inner.html"]),
    ],
)
def test_words_are_completed(session: Session, keys: str, argv: list[str]) -> None:
    assert session.run(f"nodetodo {keys}") == argv


@pytest.mark.parametrize("uid", UIDS)
def test_any_uid_is_completed_and_quoted(session: Session, uid: str) -> None:
    first = uid[0] if uid[0].isalpha() else f"\\{uid[0]}"
    assert session.run(f"nodetodo user {first}\t") == ["user", uid]


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("uid", SPECIAL_IN_QUOTES)
def test_a_uid_is_completed_within_quotes(session: Session, uid: str, quote: str) -> None:
    assert session.run(f"nodetodo user {quote}{uid[0]}\t") == ["user", uid]


def test_tids_are_listed_with_their_descriptions_and_pending_tasks_first(session: Session) -> None:
    output = session.shown("nodetodo task-done zoe \t\t\t", *(description for description, _ in TASKS))
    assert output.index(TASKS[2][0]) < output.index(TASKS[1][0]) < output.index(f"{TASKS[0][0]} (completed)")


def test_commands_are_listed_with_their_descriptions(session: Session) -> None:
    session.shown("nodetodo task-r\t\t\t", "Make completed tasks pending again", "Remove tasks")


def test_a_failure_completes_nothing_and_prints_nothing(session: Session) -> None:
    absent = session.work / "absent" / "tasks.db"
    assert session.run(f"nodetodo --db=local:{absent} user \tz") == ["--db=local:" + str(absent), "user", "z"]
    assert not absent.parent.exists()
