"""Results as text and as JSON."""

import contextlib
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from nodetodo.cli import values
from nodetodo.errors import NodetodoError, NotFound
from nodetodo.model import Task, TidEnding
from nodetodo.output.endings import lengths
from nodetodo.output.results import Message, to_json
from nodetodo.output.several import Several
from nodetodo.output.terminal import Output, TerminalConsole
from nodetodo.output.text import day, printable, shortened, width_of, wrapped

from .program import EMMA, Program, Stream, environment


class TaskClient:
    """A client that returns these items for every Query and Scan."""

    def __init__(self, *tasks: dict[str, Any]) -> None:
        self.response = {"Items": list(tasks), "ScannedCount": len(tasks)}

    def query(self, **_request: Any) -> dict[str, Any]:
        return self.response

    scan = query


def task(tid: int, description: str, **others: str) -> dict[str, Any]:
    """Return a stored task. others: attributes as DynamoDB stores them, such as due="20261124"."""
    types = {"due": "N", "completed": "N", "category": "S"}
    return {
        "uid": {"S": "emma"},
        "tid": {"N": str(tid)},
        "description": {"S": description},
        "created": {"N": "20261123"},
    } | {name: {types[name]: value} for name, value in others.items()}


def output_of(*tasks: dict[str, Any], argv: tuple[str, ...] = ("task-ls", "emma"), **how: Any) -> str:
    """Return the output of a list of these tasks."""
    return Program(TaskClient(*tasks)).good(*argv, **how).out


LONG = task(1526650262330, "a description of quite a number of words", due="20261124", category="shopping")
LATE = task(1526650262331, "late", due="20261122")
DONE = task(1526650262332, "done", due="20261122", completed="20261123")


def test_columns_are_aligned_and_overdue_tasks_are_marked() -> None:
    assert output_of(LONG, LATE, DONE).splitlines() == [
        "TID            DUE          CATEGORY  DESCRIPTION                               DONE",
        "1526650262330  2026-11-24   shopping  a description of quite a number of words",
        "1526650262331  2026-11-22!            late",
        "1526650262332  2026-11-22             done                                      2026-11-23",
        "3 tasks",
    ]


def test_the_list_of_a_category_has_the_uid_of_each_task() -> None:
    titles, first, _ = output_of(LONG, argv=("task-la", "shopping")).splitlines()
    assert titles.split() == ["UID", "TID", "DUE", "CATEGORY", "DESCRIPTION", "DONE"]
    assert first.startswith("emma ")


def test_wide_characters_are_aligned() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    texts = ["日本語", family, "plain"]
    tasks = [task(number, text, category="買い物"[number:], completed="20261123") for number, text in enumerate(texts)]
    header, *lines, _ = output_of(*tasks).splitlines()

    def columns_before(line: str, text: str) -> int:
        return wcwidth.width(line[: line.rindex(text)])

    for line, text in zip(lines, texts, strict=True):
        assert columns_before(line, text) == columns_before(header, "DESCRIPTION")
        assert columns_before(line, "2026-11-23") == columns_before(header, "DONE")


@pytest.mark.parametrize("columns", [60, 64, 70, 79, 80])
def test_descriptions_are_shortened_to_the_terminal(columns: int) -> None:
    lines = output_of(LONG, LATE, DONE, columns=columns, env={"NO_COLOR": "1"}).splitlines()
    assert max(wcwidth.width(line) for line in lines) <= columns
    assert "…" in lines[1]
    assert "2026-11-23" in lines[3]


@pytest.mark.parametrize(
    ("columns", "titles"), [(40, "TID DUE DESCRIPTION"), (28, "TID DESCRIPTI…"), (30, "TID DESCRIPTION")]
)
def test_on_a_narrow_terminal_the_least_important_columns_are_left_out(columns: int, titles: str) -> None:
    lines = output_of(
        LONG, LATE, task(1526650262333, "日本語" * 20), columns=columns, env={"NO_COLOR": "1"}
    ).splitlines()
    assert lines[0].split() == titles.split()
    assert all(wcwidth.width(line) <= columns for line in lines)
    assert lines[1].startswith("1526650262330")


@pytest.mark.parametrize("columns", [20, 28, 30, 33, 40, 59])
@pytest.mark.parametrize("argv", [("task-ls", "emma"), ("task-la", "shopping")])
def test_completed_and_overdue_tasks_can_be_recognised_without_colour_on_a_narrow_terminal(
    columns: int, argv: tuple[str, ...]
) -> None:
    pending = task(1526650262332, "done", due="20261124")
    overdue, done = pending | {"due": {"N": "20261122"}}, pending | {"completed": {"N": "20261123"}}
    lines = output_of(pending, overdue, done, argv=argv, columns=columns, env={"NO_COLOR": "1"}).splitlines()
    assert len(set(lines[1:4])) == 3
    assert max(map(len, lines[:4])) <= columns


def test_on_a_narrow_terminal_a_mark_replaces_the_days() -> None:
    shown = [LATE, DONE, task(1526650262334, "later")]
    at_40 = output_of(*shown, columns=40, env={"NO_COLOR": "1"}).splitlines()
    assert at_40[:4] == [
        "TID            DUE          DESCRIPTION",
        "1526650262331  2026-11-22!  late",
        "1526650262332  done         done",
        "1526650262334               later",
    ]
    at_30 = output_of(*shown, columns=30, env={"NO_COLOR": "1"}).splitlines()
    assert at_30[:4] == [
        "TID               DESCRIPTION",
        "1526650262331  !  late",
        "1526650262332  x  done",
        "1526650262334     later",
    ]


def test_numbers_of_rows_have_thousands_separators_and_the_right_plural() -> None:
    for number, shown in ((0, "no tasks"), (1, "1 task"), (2, "2 tasks"), (1234, "1,234 tasks")):
        tasks = [task(tid, "x") for tid in range(number)]
        assert output_of(*tasks, argv=("task-la", "c", "--all")).splitlines()[-1] == shown


def test_the_longest_column_is_shortened_first() -> None:
    others = task(1526650262330, "plan the trip", category="travel") | {
        "uid": {"S": "maria.hohenzollern@example.org" * 2}
    }
    line = output_of(others, argv=("task-la", "travel"), columns=80, env={"NO_COLOR": "1"}).splitlines()[1]
    assert "plan the trip" in line
    assert "travel" in line
    assert "maria.hohenzollern" in line


def test_without_a_terminal_a_long_text_does_not_pad_other_lines() -> None:
    lines = output_of(task(1, "x" * 5000), DONE).splitlines()
    assert len(lines[2]) < 200


def test_text_that_fits_or_goes_to_a_pipe_is_not_shortened() -> None:
    for columns in (None, 95, 200):
        assert "a description of quite a number of words" in output_of(LONG, DONE, columns=columns)


def test_colour_is_used_on_terminals_without_no_color() -> None:
    assert "\x1b[31m2026-11-22!\x1b[0m" in output_of(LATE, columns=80)
    assert "\x1b" not in output_of(LATE, DONE)
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in output_of(LATE, DONE, columns=80, env=variables)


UNDERLINED = re.compile("\x1b\\[4m([^\x1b]*)\x1b\\[24m")


def test_a_terminal_underlines_the_shortest_ending_of_a_tid_that_is_unique_among_the_rows() -> None:
    rows = [task(tid, "x") for tid in (1526650262361, 1526650263361, 1526650262062, 7)]
    out = output_of(*rows, columns=80)
    assert UNDERLINED.findall(out) == ["2361", "3361", "062", "7"]
    assert "152665026\x1b[4m2361\x1b[24m" in out
    done = output_of(DONE, columns=80)
    assert "\x1b[2m1526650262\x1b[4m332\x1b[24m\x1b[0m" in done
    assert UNDERLINED.sub(r"\1", out).splitlines()[1].startswith("1526650262361 ")


def test_a_tid_that_is_cut_on_a_narrow_terminal_is_not_underlined() -> None:
    assert UNDERLINED.findall(output_of(LATE, columns=20)) == ["331"]
    assert not UNDERLINED.findall(output_of(LATE, columns=10))


def test_the_list_of_a_category_underlines_endings_that_are_unique_for_their_uid() -> None:
    rows = [task(1526650262361, "x"), task(1526650263361, "x") | {"uid": {"S": "luis"}}]
    assert UNDERLINED.findall(output_of(*rows, argv=("task-la", "c"), columns=90)) == ["361", "361"]


numbers = st.one_of(
    st.integers(-2000, 3000),
    st.integers(1526650262000, 1526650264000),
    st.builds(lambda start, end: int(f"{start}{end}"), st.integers(1, 10**12), st.sampled_from(["361", "061", "5361"])),
    st.builds(lambda whole, part: Decimal(f"{whole}.{part}"), st.integers(0, 2), st.integers(1, 9)),
)


@given(st.lists(numbers, unique=True, max_size=12))
def test_the_underlined_digits_name_only_their_task(tids: list[int | Decimal]) -> None:
    tasks = [Task("emma", tid, "x", 20261123, None, None, None) for tid in tids]
    for tid, length in zip(tids, lengths(tasks), strict=True):
        named = values.tid(str(tid)[-length:])
        if isinstance(named, TidEnding):
            fitting = [other for other in tids if named.fits(other)]
            assert ([other for other in fitting if named.is_whole(other)] or fitting) == [tid]
            shorter = str(tid)[-length + 1 :]
            assert (
                length == 3
                or not shorter.isdigit()
                or shorter[0] == "0"
                or [other for other in tids if other != tid and str(other).endswith(shorter)]
            )
        else:
            assert named == tid


def test_a_reader_that_stops_does_not_stop_the_other_changes() -> None:
    class Broken(Stream):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    made: list[int] = []

    def changes() -> Iterator[Message]:
        for tid in (1, 2, 3):
            made.append(tid)
            yield Message("task completed", Task("emma", tid, "x", 20261123, None, None, None))

    with pytest.raises(BrokenPipeError):
        Several([1, 2, 3], changes()).show(Output(Broken(), Stream(), json=False, width=None, colour=False))
    assert made == [1, 2, 3]


@pytest.mark.parametrize("interrupted", ["result", "error"])
def test_ctrl_c_while_a_result_is_written_writes_it_again_and_names_the_tasks_that_are_not_tried(
    interrupted: str,
) -> None:
    class Interrupted(Stream):
        is_first = True

        def write(self, text: str) -> int:
            if self.is_first:
                self.is_first = False
                raise KeyboardInterrupt
            return super().write(text)

    def changes() -> Iterator[Message | NodetodoError]:
        if interrupted == "error":
            yield NotFound("user emma has no task with tid 1")
        for tid in (1, 2, 3):
            yield Message(f"task completed with tid {tid}", Task("emma", tid, "x", 20261123, None, None, None))

    out, err = (Interrupted(), Stream()) if interrupted == "result" else (Stream(), Interrupted())
    with pytest.raises(KeyboardInterrupt):
        Several([1, 2, 3], changes()).show(Output(out, err, json=False, width=None, colour=False))
    if interrupted == "result":
        assert (out.getvalue(), err.getvalue()) == ("task completed with tid 1\n", "nodetodo: not tried: 2, 3\n")
    else:
        errors = "nodetodo: user emma has no task with tid 1\nnodetodo: not tried: 2, 3\n"
        assert (out.getvalue(), err.getvalue()) == ("", errors)


def test_control_characters_in_stored_text_are_escaped() -> None:
    out = output_of(task(1, "\x1b[2Jline\nline\ttab\x9b1m\u202egnp"), columns=80, env={"NO_COLOR": "1"})
    assert "\\x1b[2Jline\\nline\\ttab\\x9b1m\\u202egnp" in out
    assert len(out.splitlines()) == 3


def test_json_is_one_object_for_any_number_of_tasks() -> None:
    for tasks in ([], [LONG], [LONG, LATE, DONE]):
        out = Program(TaskClient(*tasks)).good("task-la", "c", "--json").json
        assert out["next"] is None
        assert [row["tid"] for row in out["tasks"]] == [int(item["tid"]["N"]) for item in tasks]


def test_json_escapes_characters_that_the_encoding_lacks() -> None:
    class Latin(Stream):
        encoding = "latin-1"

    output = Output(Latin(), Stream(), json=True, width=None, colour=False)
    assert to_json({"description": "日"}, output) == '{"description": "\\u65e5"}'


def test_attributes_of_an_unexpected_type_are_shown_as_stored() -> None:
    odd = task(5, "odd") | {"due": {"S": "so\non"}, "completed": {"N": "20261123.5"}, "category": {"N": "7"}}
    assert [re.split("  +", line) for line in output_of(odd, LATE).splitlines()[1:3]] == [
        ["5", "so\\non (not a date)", "7", "odd", "20261123.5 (not a date)"],
        ["1526650262331", "2026-11-22!", "late"],
    ]
    page = Program(TaskClient(odd)).good("task-ls", "emma", "--json").out
    assert '"due": "so\\non", "category": 7, "completed": 20261123.5}' in page


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (20240229, "2024-02-29"),
        (20230229, "20230229 (not a date)"),
        (20261301, "20261301 (not a date)"),
        (9990101, "9990101 (not a date)"),
        (True, "true (not a date)"),
        ("20261123", "20261123 (not a date)"),
        ([Decimal("1.5")], "[1.5] (not a date)"),
        ({"a": Decimal("1.5")}, '{"a": 1.5} (not a date)'),
    ],
)
def test_a_value_that_is_not_a_day_is_marked(stored: Any, shown: str) -> None:
    assert day(stored) == shown


HIDING = (
    "\x7f\x85\x9b\u00ad\u061c\u115f\u200b\u200e\u202e\u2028\u2060\u2066\u3164\ufeff\ufe00\U000e0041\U000e0101\u200d"
)
"""Control characters, and characters that are invisible or change the direction of text."""


def test_characters_that_hide_text_are_escaped_in_text_and_in_json() -> None:
    for character in HIDING:
        for text in (f"a{character}b", character, f"{character}b", f"a{character}"):
            assert printable(text) == text.replace(character, character.encode("unicode_escape").decode())
            escaped = Program(TaskClient(task(1, text))).good("task-ls", "emma", "--json")
            assert character not in escaped.out
            assert escaped.json["tasks"][0]["description"] == text


@pytest.mark.parametrize("text", ["👨‍👩‍👧", "❤️‍🔥", "1️⃣", "می‌خواهم", "क्‍ष", "葛\U000e0100", "🏳️‍🌈", "日本語", "ü", "é"])
def test_emoji_and_scripts_are_not_escaped(text: str) -> None:
    assert printable(text) == text


def test_repeated_variation_selectors_are_escaped() -> None:
    assert printable("❤\ufe0f\ufe01\U000e0101") == "❤\ufe0f\\ufe01\\U000e0101"


@given(st.text(), st.integers(1, 40))
def test_any_text_can_be_shortened_to_any_width(text: str, width: int) -> None:
    clean = printable(text)
    assert "\n" not in clean
    assert width_of(shortened(clean, width)) <= width


@pytest.fixture
def on_terminals() -> Iterator[Program]:
    """Return the program with the user emma. Its standard error is a terminal."""
    with contextlib.closing(embedded.connect(":memory:")) as client:
        program = Program(client, target="local")
        program.good("table-add")
        program.good("user-add", *EMMA)
        program.is_terminal = True
        yield program


WORDS = "a description of quite a number of words " * 3


@pytest.mark.parametrize("columns", [40, 80])
def test_error_messages_and_values_are_wrapped_to_the_terminal(on_terminals: Program, columns: int) -> None:
    tid = on_terminals.tid("task-add", "emma", WORDS)
    for argv in (
        ["task", "emma", tid],
        ["task-add", "emma"],
        ["user-rm", "emma"],
        ["user-add", "emma", "a@b", "123"],
        ["table-ls"],
        ["table-add"],
        ["table-add", "--read=7"],
    ):
        result = on_terminals(*argv, columns=columns, env={"NO_COLOR": "1"})
        text = f"{result.out}{result.err.partition(chr(10) * 2)[0]}"  # without the lines of usage
        assert max(map(width_of, text.splitlines())) <= columns, result


def test_values_are_wrapped_below_their_column(on_terminals: Program) -> None:
    tid = on_terminals.tid("task-add", "emma", "one two three four five six seven eight")
    assert on_terminals.good("task", "emma", tid, columns=40).out.splitlines()[2:4] == [
        "description  one two three four five six",
        "             seven eight",
    ]


def test_without_a_terminal_nothing_is_wrapped(on_terminals: Program) -> None:
    on_terminals.is_terminal = False
    tid = on_terminals.tid("task-add", "emma", WORDS.strip())
    assert f"description  {WORDS.strip()}\n" in on_terminals.good("task", "emma", tid, env={"COLUMNS": "40"}).out
    assert on_terminals("user-add", "emma", "a@b", "123", env={"COLUMNS": "40"}).err.count("\n") == 1


def test_a_cursor_and_a_command_stay_on_one_line(on_terminals: Program) -> None:
    for number in range(11):
        on_terminals.tid("task-add", "emma", f"{number}")
    lines = on_terminals.good("task-ls", "emma", columns=30).out.splitlines()
    assert lines[-1].startswith("more tasks available with --next=")
    command = "nodetodo task-ls emma -- --zz"
    assert command in on_terminals("task-ls", "emma", "--zz", columns=20).err.splitlines()


@pytest.mark.parametrize("columns", [1, 7, 20, 200])
@pytest.mark.parametrize("text", ["", "a", WORDS, "日本語 " * 9, "nodetodo task-ls emma; and more", "x" * 50])
def test_wrapping_keeps_every_word_and_breaks_only_at_spaces(text: str, columns: int) -> None:
    lines = wrapped(text, columns, "  ")
    assert " ".join(lines).split() == text.split()
    assert all(width_of(line) <= columns or len(line.split()) < 2 or "nodetodo" in line for line in lines)
    assert wrapped(text, None) == [text]


def test_the_progress_bar_counts_all_steps_of_its_kind() -> None:
    surroundings = environment({})
    surroundings.stderr = Stream(terminal=True)
    console = TerminalConsole(surroundings)
    for more in (5, 7):
        console.progress(more, "importing", "items")
    assert console._bar is not None
    assert console._bar.n == 12
    console.progress(1, "checking", "items")
    assert console._bar.n == 1
    console.close()
