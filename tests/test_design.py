"""The design: item collections, hot ones, the index, access patterns; as text, as JSON and as a page."""

import json
import os
import re
import stat
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import wcwidth
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo import embedded
from nodetodo.commands import COMMANDS
from nodetodo.design import sample
from nodetodo.design.collections import Design, TableOrIndex, build, origin
from nodetodo.design.page import page
from nodetodo.design.patterns import LINES
from nodetodo.design.text import DesignText
from nodetodo.model import Number, Task, User
from nodetodo.output.terminal import Output

from .program import Program, Stream, patterns, without_engine
from .test_process import imported_by
from .test_table_of_requests import rows

NASTY = "<script>console.error(1)</script>\"'&\x1b[2J\u202e"

PATTERNS = patterns()


def task(uid: str, tid: int, category: str | None = None, description: str = "x") -> Task:
    return Task(uid, tid, description, 20261123, None, category, None)


def design_of(users: list[User], tasks: list[Task]) -> Design:
    return build(users, tasks, "todo-", PATTERNS, "These items were read.")


@pytest.fixture
def nodetodo() -> Program:
    return without_engine()


@pytest.fixture
def empty_tables() -> Iterator[Program]:
    """The program with empty tables in memory."""
    client = embedded.connect(":memory:")
    program = Program(client, target="local")
    program.good("table-add")
    yield program
    client.close()


def test_the_origin_has_thousands_separators_and_the_right_plurals() -> None:
    assert origin(1, True, 0, True).startswith("All 1 item of both tables was read;")
    assert origin(1200, True, 1, True).startswith("All 1,201 items of both tables were read;")
    assert "all 1 user and the first 1,000 tasks;" in origin(1, True, 1000, False)


def collections(part: TableOrIndex) -> dict[str, list[Number | None]]:
    return {found.partition_value: [item.sort_value for item in found.items] for found in part.collections}


def test_items_with_the_same_partition_key_form_a_collection_in_the_order_of_the_sort_key() -> None:
    design = design_of([User("emma", "e@x", "1")], [task("luis", 9), task("emma", 30), task("emma", 4)])
    assert list(collections(design.tasks).items()) == [("emma", [4, 30]), ("luis", [9])]
    assert collections(design.users) == {"emma": [None]}
    assert (design.tasks.partition_key, design.tasks.sort_key, design.users.sort_key) == ("uid", "tid", None)


def test_the_index_copies_every_task_with_a_category() -> None:
    design = design_of([], [task("luis", 5, "home"), task("emma", 5, "home"), task("emma", 6), task("emma", 7, "work")])
    index = design.category_index
    assert collections(index) == {"home": [5, 5], "work": [7]}
    assert [item.record.uid for item in index.collections[0].items] == ["emma", "luis"]
    assert index.copied == ("uid", "description", "created", "due", "completed")
    assert (index.items, index.index_of) == (3, "todo-task")


def test_an_optional_index_is_shown_if_it_exists() -> None:
    tasks = [
        Task("emma", tid, "x", 20261123, due, "home", None)
        for tid, due in ((1, 20261203), (2, 20261201), (3, None), (4, 20261203), (5, True), (6, "soon"))
    ]
    assert design_of([], tasks).optional_indexes == []
    (index,) = build([], tasks, "todo-", PATTERNS, "", ["due-index"]).optional_indexes
    assert collections(index) == {"emma": [20261201, 20261203, 20261203]}
    assert [item.record.tid for item in index.collections[0].items if isinstance(item.record, Task)] == [2, 1, 4]
    assert (index.name, index.index_of, index.partition_key, index.sort_key) == ("due-index", "todo-task", "uid", "due")
    assert index.copied == ("tid", "description", "created", "category", "completed")


def test_the_page_marks_the_copies_of_a_task_in_all_indexes() -> None:
    tasks = [Task("emma", 1, "x", 20261123, 20261203, "home", None)]
    html = page(build([], tasks, "todo-", PATTERNS, "", ["due-index"]))
    assert len(re.findall('<li[^>]* data-item="emma/1"', html)) == 3
    assert "due-index" in html


def test_the_size_of_a_collection_is_that_of_its_items() -> None:
    design = design_of([], [task("emma", 1526650262330, "shopping", "buy milk"), task("emma", 1)])
    # uid 3 + 4, tid 3 + 1 + 7 (pairs of digits), description 11 + 8, created 7 + 5, category 8 + 8
    assert [item.bytes for item in design.tasks.collections[0].items] == [3 + 4 + 3 + 2 + 11 + 1 + 7 + 5, 65]
    assert design.category_index.bytes == 65


def hot(*counts: int) -> list[bool]:
    tasks = [task(f"u{which}", number) for which, count in enumerate(counts) for number in range(count)]
    return [
        found.is_hot
        for found in sorted(design_of([], tasks).tasks.collections, key=lambda found: found.partition_value)
    ]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((9, 1), [False, False]),  # fewer than ten items
        ((10, 1), [True, False]),
        ((100,), [False]),  # no other collection
        ((20, 10), [True, False]),  # twice the others
        ((19, 10), [False, False]),
        ((25, *[5] * 15), [True] + [False] * 15),  # a quarter of all
        ((24, *[5] * 15), [False] * 16),
        ((50, 50, 5, 5), [True, True, False, False]),
        ((30, 30, 30), [False] * 3),
    ],
)
def test_a_collection_is_hot_exactly_by_the_rule(counts: tuple[int, ...], expected: list[bool]) -> None:
    assert hot(*counts) == expected


def test_the_rule_is_printed_with_its_numbers(nodetodo: Program) -> None:
    out = " ".join(nodetodo.good("design", "--sample").out.split())
    assert "Hot: an item collection with at least 10 items, at least 25% of the items read" in out
    assert "at least 2 times the average of the other item collections" in out


def test_the_sample_has_one_hot_category_and_no_hot_user() -> None:
    design = design_of(sample.users(), sample.tasks())
    assert [found.partition_value for found in design.category_index.collections if found.is_hot] == ["shopping"]
    assert not any(found.is_hot for found in design.tasks.collections)
    assert {task.uid for task in sample.tasks()} == {user.uid for user in sample.users()}
    keys = [(task.uid, task.tid) for task in sample.tasks()]
    assert len(set(keys)) == len(keys)
    in_index = [(task.category, task.tid) for task in sample.tasks() if task.category]
    assert len(set(in_index)) < len(in_index)  # the key of an index is not unique


def test_the_access_patterns_are_those_in_the_readme_of_the_tables() -> None:
    documented = {
        row.line: [(sent.request, sent.on, sent.key) for sent in row.requests] for row in rows() if not row.circumstance
    }
    for pattern in PATTERNS:
        assert [(access.request, access.on, access.key) for access in pattern.accesses] == documented[pattern.line], (
            pattern.line
        )


def test_every_command_that_reads_or_writes_items_has_an_access_pattern() -> None:
    of_tables = {"table-add", "table-ls", "table-edit", "table-rm", "index-add", "index-rm", "export", "import"}
    of_tables |= {name for name in COMMANDS if name.startswith("backup-")}
    of_tables |= {"capacity", "design", "completion", "serve", "watch"}
    assert {line.split()[0] for line in LINES} == COMMANDS.keys() - of_tables


def test_access_patterns_include_filters_and_the_table_prefix() -> None:
    by_line = {pattern.line: pattern for pattern in patterns("team-")}
    (filtered,) = by_line["task-ls emma shopping --pending"].accesses
    assert (filtered.on, filtered.key, filtered.filter) == ("team-task", ("uid",), ("category", "completed"))
    assert by_line["user emma"].purpose == "Show a user"


def test_the_sample_opens_no_engine(nodetodo: Program) -> None:
    result = nodetodo.good("design", "--sample")
    assert result.out.endswith("no database was read.\n")
    assert nodetodo("design").status == 5


def test_design_of_the_sample_imports_no_engine_and_other_commands_do_not_import_design() -> None:
    modules = imported_by("design", "--sample", "--db=aws")
    assert "nodetodo.design.collections" in modules
    assert not modules & {"botocore", "sqlite3", "nodetodo.engines.aws", "nodetodo.engines.local", "decimal"}
    for argv in (["user", "emma", "--db=local:/proc/nowhere"], ["--help"], ["capacity", "--reads=1"]):
        assert not {name for name in imported_by(*argv) if re.match("nodetodo.design|html", name)}


# Text


@pytest.mark.parametrize("columns", [30, 60, 80, 109, 110, 160])
def test_no_line_is_wider_than_the_terminal(nodetodo: Program, columns: int) -> None:
    out = nodetodo.good("design", "--sample", columns=columns, env={"NO_COLOR": "1"}).out
    assert max(wcwidth.width(line) for line in out.splitlines()) <= columns


@pytest.mark.parametrize("columns", [40, 60, 80, 110, 200])
def test_no_count_is_cut_off_on_a_narrow_terminal(nodetodo: Program, columns: int) -> None:
    counts = re.compile(
        r"[\d,]+ items?, [\d,]+ bytes(?:  HOT)?|, \d+ bytes|\d+ items in \d+ item collections, [\d,]+ bytes"
    )
    shown = nodetodo.good("design", "--sample", columns=columns, env={"NO_COLOR": "1"}).out
    unbroken = re.sub(r"\n +(?=[a-z\d])", " ", shown)
    expected = counts.findall(nodetodo.good("design", "--sample").out)
    assert len(expected) > 20
    assert sorted(counts.findall(unbroken)) == sorted(expected)


def test_access_patterns_are_complete_on_a_narrow_terminal(nodetodo: Program) -> None:
    def patterns(out: str) -> list[str]:
        return out.partition("Access patterns")[2].partition("\n\n")[0].split()

    narrow = nodetodo.good("design", "--sample", columns=40, env={"NO_COLOR": "1"}).out
    assert patterns(narrow) == patterns(nodetodo.good("design", "--sample").out)


def test_bars_keep_their_proportions_on_a_narrow_terminal(nodetodo: Program) -> None:
    lines = nodetodo.good("design", "--sample", columns=40, env={"NO_COLOR": "1"}).out.splitlines()
    assert "  ████ shopp… 77 items, 6,062 bytes  HOT" in lines
    assert "  ▊    work 14 items, 988 bytes" in lines


def test_table_and_index_are_side_by_side_on_a_wide_terminal(nodetodo: Program) -> None:
    for columns, side_by_side in ((110, True), (109, False), (None, False)):
        lines = nodetodo.good("design", "--sample", columns=columns, env={"NO_COLOR": "1"}).out.splitlines()
        assert any(line.startswith("todo-task") and "category-index" in line for line in lines) == side_by_side


def test_collections_have_bars_of_their_size_and_a_hot_one_is_marked(nodetodo: Program) -> None:
    lines = nodetodo.good("design", "--sample").out.splitlines()
    assert "  ████████████████████████ shopping 77 items, 6,062 bytes  HOT" in lines
    assert "  ████▍                    work 14 items, 988 bytes" in lines
    assert "    1795431660000  buy milk · of emma" in lines
    assert "    … 74 more" in lines


def test_colour_is_used_on_terminals_without_no_color(nodetodo: Program) -> None:
    assert "\x1b[31m" in nodetodo.good("design", "--sample", columns=80).out
    for how in ({"env": {"NO_COLOR": "1"}, "columns": 80}, {}):
        assert "\x1b" not in nodetodo.good("design", "--sample", **how).out


def test_of_many_collections_the_small_ones_are_only_counted(empty_tables: Program) -> None:
    for number in range(15):
        empty_tables.good("user-add", f"u{number:02}", "a@b", "123")
        empty_tables.good("task-add", f"u{number:02}", "x")
    out = empty_tables.good("design").out
    assert "  … and 3 smaller item collections with 3 items\n" in out
    assert "All 30 items of both tables were read; the limit is 1,000 items per table.\n" in out


def test_json_has_every_collection_and_the_requests_of_each_command(nodetodo: Program) -> None:
    found = nodetodo.good("design", "--sample", "--json").json
    _, _, index = found["parts"]
    assert index["collections"][0] == {"partition": "shopping", "items": 77, "bytes": 6062, "hot": True}
    by_line = {pattern["command"]: pattern["asked"] for pattern in found["patterns"]}
    assert by_line["user-ls"] == [{"request": "Scan", "on": "todo-user", "key": [], "filter": []}]


# The page


class Text(HTMLParser):
    """Collects the text and the tags of a page, and the addresses that it loads."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_written_to_its_file_and_loads_nothing(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "design.html"
    result = nodetodo.good("design", "--sample", f"--html={file}")
    assert result.out == f"design written to {file}; open it in a browser\n"
    source = file.read_text(encoding="utf-8")
    assert Text(source).loads == ["data:,"]
    assert not re.search(r"https?:|//[a-z]|@import|url\(", source)
    assert "buy milk" in source


def test_with_json_the_name_of_the_page_is_printed_as_an_object(nodetodo: Program, tmp_path: Path) -> None:
    file = tmp_path / "design.html"
    assert json.loads(nodetodo.good("design", "--sample", f"--html={file}", "--json").out) == {"written": str(file)}
    assert file.exists()


def test_only_the_owner_can_read_the_page_and_nothing_else_is_left_in_its_folder(
    nodetodo: Program, tmp_path: Path
) -> None:
    (tmp_path / "link.html").symlink_to("page.html")
    before = os.umask(0)
    try:
        for _ in range(2):  # the second page replaces the first one
            nodetodo.good("design", "--sample", f"--html={tmp_path}/link.html")
            (tmp_path / "page.html").chmod(0o644)
        nodetodo.good("design", "--sample", f"--html={tmp_path}/page.html")
    finally:
        os.umask(before)
    assert {path.name for path in tmp_path.iterdir()} == {"link.html", "page.html"}
    assert (tmp_path / "link.html").is_symlink()
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_a_file_that_is_not_a_page_of_the_program_is_not_overwritten(nodetodo: Program, tmp_path: Path) -> None:
    diary = tmp_path / "diary.html"
    diary.write_text("<title>Key design</title>")
    result = nodetodo("design", "--sample", f"--html={diary}")
    assert (result.status, result.out) == (4, "")
    assert result.err == (
        f"nodetodo: {diary} exists and is not a page of design --html; remove it, or use another file name\n"
    )
    assert diary.read_text() == "<title>Key design</title>"
    assert list(tmp_path.iterdir()) == [diary]
    diary.write_text("")  # as mktemp creates it
    nodetodo.good("design", "--sample", f"--html={diary}")


def test_a_page_that_cannot_be_written_completely_leaves_the_existing_one(
    nodetodo: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "design.html"
    nodetodo.good("design", "--sample", f"--html={file}")
    before = file.read_text(encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    result = nodetodo("design", "--sample", f"--html={file}")
    assert (result.status, result.err) == (1, f"nodetodo: {file} cannot be written: No space left on device\n")
    assert file.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_page_can_be_written_to_a_device(nodetodo: Program) -> None:
    nodetodo.good("design", "--sample", f"--html={os.devnull}")
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("name", ["no/such/folder/x.html", ".", "null\0byte"])
def test_a_file_that_cannot_be_written_is_an_error(nodetodo: Program, name: str, tmp_path: Path) -> None:
    result = nodetodo("design", "--sample", f"--html={tmp_path}/{name}")
    assert (result.status, result.out) == (1, "")
    assert "cannot be written: " in result.err
    assert result.err.count("\n") == 1


def test_stored_text_is_escaped_on_the_page_and_on_the_terminal() -> None:
    design = design_of([User(NASTY, NASTY, NASTY)], [task(NASTY, 1, NASTY, NASTY)])
    source = page(design)
    assert Text(source).tags.count("script") == Text(page(design_of([], []))).tags.count("script") == 1
    assert Text(source).text.count(NASTY[:33]) == 3 + 3 + 3  # of the user, of the task, of its copy in the index
    assert "\x1b" not in source
    assert "\u202e" not in source
    stream = Stream()
    output = Output(stream, Stream(), json=False, width=None, colour=False)
    DesignText(design).show(output)
    shown = stream.getvalue()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[2J" in shown


@settings(deadline=None)
@given(st.text(min_size=1))
def test_no_text_changes_the_tags_of_the_page(text: str) -> None:
    plain = page(design_of([User("a", "a", "a")], [task("a", 1, "a", "a")]))
    assert Text(page(design_of([User(text, text, text)], [task(text, 1, text, text)]))).tags == Text(plain).tags


def test_the_copies_of_an_item_have_the_same_mark_in_the_table_and_in_the_index() -> None:
    source = page(design_of([], [task("emma", 5, "home"), task("emma", 6)]))
    assert source.count('data-item="emma/5"') == 4  # a line and a segment of the bar, in the table and in the index
    assert source.count('data-item="emma/6"') == 2


def test_empty_tables_have_a_text_and_a_page(empty_tables: Program) -> None:
    out = empty_tables.good("design").out
    assert "  0 items in 0 item collections, 0 bytes\n" in out
    assert "0 items" in page(design_of([], []))
