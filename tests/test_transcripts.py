"""The sessions in documents and transcripts show what their commands print."""

import re
from pathlib import Path

import pytest

from .program import Program
from .transcripts import FILES, FOLDER, PAGES, replay_file, replay_session


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_page_or_transcript_shows_what_its_commands_print(path: Path) -> None:
    assert replay_file(path) == path.read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_shows_commands_with_output_only_in_console_blocks(page: Path) -> None:
    without_sessions = re.sub(r"^```console\n.*?^```", "", page.read_text(), flags=re.M | re.S)
    assert re.findall(r"^ *\$ .*", without_sessions, re.M) == []


def test_commands_on_users_and_tasks_print_the_same_on_every_engine(nodetodo: Program) -> None:
    session = (FOLDER / "session.txt").read_text()
    assert replay_session(session, nodetodo) == session


def test_commands_on_tables_print_the_same_on_every_engine(bare: Program, engine: str) -> None:
    if engine == "moto":
        pytest.skip("moto counts no items of an index")
    session = (FOLDER / "tables.txt").read_text()
    assert replay_session(session, bare) == session
