"""What people and programs see."""

from typing import Any

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.output.stream import Output
from nodetodo.output.text import printable, shortened, width_of

from .program import Program, Stream


class Tables:
    """A client whose only answer is this list of tasks."""

    def __init__(self, *tasks: dict[str, Any]) -> None:
        self.answer = {"Items": list(tasks), "ScannedCount": len(tasks)}

    def query(self, **_request: Any) -> dict[str, Any]:
        return self.answer

    scan = query


def task(tid: int, description: str, **others: str) -> dict[str, Any]:
    """An item; attributes in others are written as they are stored: due="20261124"."""
    types = {"due": "N", "completed": "N", "category": "S"}
    return {
        "uid": {"S": "emma"},
        "tid": {"N": str(tid)},
        "description": {"S": description},
        "created": {"N": "20261123"},
    } | {name: {types[name]: value} for name, value in others.items()}


def shown(*tasks: dict[str, Any], argv: tuple[str, ...] = ("task-ls", "emma"), **how: Any) -> str:
    return Program(Tables(*tasks)).good(*argv, **how).out


LONG = task(1526650262330, "a description of quite a number of words", due="20261124", category="shopping")
LATE = task(1526650262331, "late", due="20261122")
DONE = task(1526650262332, "done", due="20261122", completed="20261123")


def test_columns_are_aligned_and_the_overdue_marked() -> None:
    assert shown(LONG, LATE, DONE).splitlines() == [
        "TID            DUE          CATEGORY  DESCRIPTION                               DONE",
        "1526650262330  2026-11-24   shopping  a description of quite a number of words",
        "1526650262331  2026-11-22!            late",
        "1526650262332  2026-11-22             done                                      2026-11-23",
        "3 tasks",
    ]


def test_a_category_shows_whose_task_it_is() -> None:
    assert shown(LONG, argv=("task-la", "shopping")).splitlines()[0].split() == [
        "UID",
        "TID",
        "DUE",
        "CATEGORY",
        "DESCRIPTION",
        "DONE",
    ]


def test_wide_characters_line_up() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    texts = ["日本語", family, "plain"]
    tasks = [task(number, text, category="買い物"[number:], completed="20261123") for number, text in enumerate(texts)]
    header, *lines, _ = shown(*tasks).splitlines()

    def columns_before(line: str, text: str) -> int:
        return wcwidth.width(line[: line.rindex(text)])

    for line, text in zip(lines, texts, strict=True):
        assert columns_before(line, text) == columns_before(header, "DESCRIPTION")
        assert columns_before(line, "2026-11-23") == columns_before(header, "DONE")


@pytest.mark.parametrize("columns", [60, 64, 70, 79, 80])
def test_descriptions_are_shortened_to_the_terminal(columns: int) -> None:
    lines = shown(LONG, LATE, DONE, columns=columns, env={"NO_COLOR": "1"}).splitlines()
    assert max(wcwidth.width(line) for line in lines) <= columns
    assert "…" in lines[1]
    assert "2026-11-23" in lines[3]


@pytest.mark.parametrize(
    ("columns", "titles"), [(40, "TID DUE DESCRIPTION"), (28, "TID DESCRIPTION"), (30, "TID DESCRIPTION")]
)
def test_a_narrow_terminal_leaves_out_what_matters_least(columns: int, titles: str) -> None:
    lines = shown(LONG, LATE, task(1526650262333, "日本語" * 20), columns=columns, env={"NO_COLOR": "1"}).splitlines()
    assert lines[0].split() == titles.split()
    assert all(wcwidth.width(line) <= columns for line in lines)
    assert lines[1].startswith("1526650262330")


def test_the_longest_column_is_shortened_first() -> None:
    others = task(1526650262330, "plan the trip", category="travel") | {
        "uid": {"S": "maria.hohenzollern@example.org" * 2}
    }
    line = shown(others, argv=("task-la", "travel"), columns=80, env={"NO_COLOR": "1"}).splitlines()[1]
    assert "plan the trip" in line
    assert "travel" in line
    assert "maria.hohenzollern" in line


def test_a_long_text_on_a_pipe_pads_no_other_line() -> None:
    lines = shown(task(1, "x" * 5000), DONE).splitlines()
    assert len(lines[2]) < 200


def test_nothing_is_shortened_where_it_fits_or_is_piped() -> None:
    for columns in (None, 95, 200):
        assert "a description of quite a number of words" in shown(LONG, DONE, columns=columns)


def test_colour_is_for_terminals_that_want_it() -> None:
    assert "\x1b[31m2026-11-22!\x1b[0m" in shown(LATE, columns=80)
    for how in ({}, {"columns": 80, "env": {"NO_COLOR": "1"}}, {"columns": 80, "env": {"TERM": "dumb"}}):
        assert "\x1b" not in shown(LATE, DONE, **how)  # type: ignore[arg-type]


def test_what_others_typed_cannot_command_the_terminal() -> None:
    out = shown(task(1, "\x1b[2Jline\nline\ttab\x9b1m\u202egnp"), columns=80, env={"NO_COLOR": "1"})
    assert "\\x1b[2Jline\\nline\\ttab\\x9b1m\\u202egnp" in out
    assert len(out.splitlines()) == 3


def test_json_is_one_object_whatever_is_in_it() -> None:
    for tasks in ([], [LONG], [LONG, LATE, DONE]):
        out = Program(Tables(*tasks)).good("task-la", "c", "--json").json
        assert out["next"] is None
        assert [row["tid"] for row in out["tasks"]] == [int(item["tid"]["N"]) for item in tasks]


def test_json_of_a_stream_that_cannot_write_every_character_is_escaped() -> None:
    class Latin(Stream):
        encoding = "latin-1"

    from nodetodo.output.results import to_json

    output = Output(Latin(), Stream(), json=True, width=None, colour=False)
    assert to_json({"description": "日"}, output) == '{"description": "\\u65e5"}'


def test_an_attribute_that_another_program_wrote_otherwise_hides_no_task() -> None:
    odd = task(5, "odd") | {"due": {"S": "soon"}, "completed": {"N": "20261123.5"}, "category": {"N": "7"}}
    assert [line.split() for line in shown(odd, LATE).splitlines()[1:3]] == [
        ["5", "odd"],
        ["1526650262331", "2026-11-22!", "late"],
    ]


@given(st.text(), st.integers(1, 40))
def test_any_text_fits_any_width_once_shortened(text: str, width: int) -> None:
    clean = printable(text)
    assert "\n" not in clean
    assert width_of(shortened(clean, width)) <= width
