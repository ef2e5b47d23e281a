"""Whole sessions print what is written down, on every engine."""

import pytest

from .program import Program
from .transcripts import FOLDER, LOCAL, on_the_embedded_engine, replay


def test_a_whole_session_prints_what_is_written_down(nodetodo: Program) -> None:
    session = (FOLDER / "session.txt").read_text()
    assert replay(session, nodetodo) == session


def test_a_session_with_the_tables_prints_what_is_written_down(bare: Program, engine: str) -> None:
    if engine == "moto":
        pytest.skip("moto counts no items of an index")
    session = (FOLDER / "tables.txt").read_text()
    assert replay(session, bare) == session


@pytest.mark.parametrize("name", LOCAL)
def test_a_session_that_names_its_target_prints_what_is_written_down(name: str) -> None:
    session = (FOLDER / f"{name}.txt").read_text()
    assert replay(session, on_the_embedded_engine()) == session
