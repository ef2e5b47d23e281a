"""The command line as cli.txt defines it, and what a wrong one is told."""

import shlex
from pathlib import Path

import docopt
import pytest

from nodetodo import commands
from nodetodo.cli import parser as usage
from nodetodo.commands import COMMANDS
from nodetodo.errors import WrongUsage

from .program import Program

CLI = Path(__file__).parent.parent / "cli.txt"


@pytest.fixture
def nodetodo() -> Program:
    """The program with an engine that cannot be reached: none of these command lines gets that far."""
    return Program(None)


def test_cli_txt_and_the_commands_are_the_same() -> None:
    assert list(usage.Definition(CLI.read_text()).usages) == list(COMMANDS)


def test_every_command_takes_the_arguments_that_cli_txt_gives_it() -> None:
    definition = usage.Definition(CLI.read_text())
    for command in COMMANDS:
        function = commands.find(command)
        needed = [name for name, is_needed in definition.usages[command].positional if is_needed]
        parsed = docopt.docopt(definition.docopt(command), [command, *needed], default_help=False)
        given = {name.strip("<>-").replace("-", "_") for name in parsed} - {command.replace("-", "_")}
        given -= {"db", "json", "explain", "cost", "help", "version"}
        code = function.__code__
        parameters = set(code.co_varnames[1 : code.co_argcount])
        takes_more = bool(code.co_flags & 0x08)  # **filters
        assert parameters <= given
        assert given == parameters or takes_more


@pytest.mark.parametrize(
    "argv",
    [
        ["user-add", "emma", "a@b", "123"],
        ["user-ls", "--all", "--next=x"],
        ["task-add", "emma", "x", "c", "--dueat=today"],
        ["task-edit", "emma", "1", "--description=x", "--no-category", "--dueat=today"],
        ["task-ls", "emma", "c", "--pending", "--overdue", "--limit=3", "--next=4"],
        ["task-la", "c", "--completed", "--duebefore=today", "--all"],
        ["table-add", "--read=1", "--write=2"],
        ["--json", "--db=aws", "table-rm", "--yes"],
    ],
)
def test_docopt_reads_the_whole_of_cli_txt_as_the_part_of_one_command(argv: list[str]) -> None:
    whole = docopt.docopt(CLI.read_text(), argv)
    command, part = usage.read(argv)
    assert whole[command] is True
    assert {name: whole[name] for name in part} == part


@pytest.mark.parametrize(
    ("argv", "description", "category"),
    [
        (["task-add", "emma", "-milk"], "-milk", None),
        (["task-add", "emma", "-milk", "shopping", "--dueat=today"], "-milk", "shopping"),
        (["--db", "aws", "task-add", "emma", "-x=1", "--dueat", "today", "-c"], "-x=1", "-c"),
        (["task-add", "emma", "milk", "--zzz"], "milk", "--zzz"),
    ],
)
def test_the_advice_for_a_text_that_begins_with_a_dash_is_the_command_that_was_meant(
    argv: list[str], description: str, category: str | None
) -> None:
    with pytest.raises(WrongUsage, match="goes after --: nodetodo") as refused:
        usage.read(argv)
    advice = shlex.split(str(refused.value).partition("goes after --: ")[2])[1:]
    meant = usage.read(advice).arguments
    assert (meant["<uid>"], meant["<description>"], meant["<category>"]) == ("emma", description, category)
    assert ("today" in " ".join(argv)) == (meant["--dueat"] == "today")


def test_an_option_is_written_out(nodetodo: Program) -> None:
    for argv in (["task-ls", "emma", "--lim=3"], ["task-ls", "emma", "--over"], ["user-ls", "-j"]):
        assert "there is no option" in nodetodo(*argv).err


def test_no_command_at_all_lists_the_commands(nodetodo: Program) -> None:
    result = nodetodo()
    assert (result.status, result.out) == (2, "")
    assert all(command in result.err for command in COMMANDS)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["task-ad", "emma", "x"], "there is no command 'task-ad'; did you mean task-add?"),
        (["taskls", "emma"], "there is no command 'taskls'; did you mean task-ls?"),
        (["frobnicate"], "there is no command 'frobnicate'"),
        ([""], "there is no command ''"),
        (["--verson"], "there is no option --verson; did you mean --version?"),
        (["user-add"], "<uid>, <email> and <phone> are missing"),
        (["task-add"], "task-add: <uid> and <description> are missing"),
        (["task-add", "emma"], "task-add: <description> is missing"),
        (["task-add", "emma", "buy", "milk", "now"], "'now' is one argument too many; a text of several words"),
        (["task-add", "emma", "-milk"], "goes after --: nodetodo task-add emma -- -milk"),
        (["task-add", "emma", "-1 l milk"], "goes after --: nodetodo task-add emma -- '-1 l milk'"),
        (["task-ls", "emma", "--limt=3"], "there is no option --limt; did you mean --limit?"),
        (["task-ls", "emma", "--dueat=today"], "task-ls: there is no option --dueat"),
        (["task-ls", "emma", "--limit"], "--limit needs a value"),
        (["task-ls", "emma", "--limit", "--", "3"], "--limit needs a value"),
        (["task-ls", "emma", "--limit=3", "--limit=4"], "--limit is given twice"),
        (["task-ls", "emma", "--overdue", "--due"], "--overdue and --due cannot be used together"),
        (["task-ls", "emma", "--duebefore=today", "--dueafter=today"], "cannot be used together"),
        (["task-ls", "emma", "--pending", "--completed"], "--pending and --completed cannot be used together"),
        (["task-ls", "emma", "--all", "--limit=3"], "--all and --limit cannot be used together"),
        (
            ["task-edit", "emma", "1", "--category=c", "--no-category"],
            "--category and --no-category cannot be used together",
        ),
        (["table-add", "--on-demand", "--read=3"], "--on-demand and --read cannot be used together"),
        (["table-add", "--write=3", "--on-demand"], "--on-demand and --write cannot be used together"),
        (["user", "emma", "--json=yes"], "--json takes no value"),
        (["user", "emma", "--db"], "--db needs a value"),
    ],
)
def test_a_wrong_usage_says_what_is_wrong_and_exits_with_2(nodetodo: Program, argv: list[str], said: str) -> None:
    result = nodetodo(*argv)
    assert (result.status, result.out) == (2, "")
    assert said in result.err.splitlines()[0]


def test_a_wrong_usage_shows_the_usage_of_that_command_alone(nodetodo: Program) -> None:
    shown = nodetodo("task-ls", "--due").err
    assert "nodetodo [options] task-ls <uid>" in shown
    assert "[--all | --limit=<n>] [--next=<cursor>]" in shown
    assert shown.count("nodetodo [options]") == 1


def test_a_value_that_cannot_be_shows_its_sentence_alone(nodetodo: Program) -> None:
    assert nodetodo("task", "emma", "x").err == "nodetodo: the tid 'x' is not a whole number of up to 38 digits\n"


@pytest.mark.parametrize("argv", [["--help"], ["-h"], ["task-ls", "--help"], ["nonsense", "--help"]])
def test_help_shows_cli_txt(nodetodo: Program, argv: list[str]) -> None:
    assert nodetodo(*argv) == (0, CLI.read_text(), "")


def test_help_is_no_help_where_it_is_data() -> None:
    assert usage.read(["task-add", "emma", "--", "--help"]).arguments["<description>"] == "--help"
    assert usage.read(["task-edit", "emma", "1", "--description", "--help"]).arguments["--description"] == "--help"


def test_version_shows_the_version(nodetodo: Program) -> None:
    from nodetodo import __version__

    assert nodetodo("--version") == (0, f"nodetodo {__version__}\n", "")


def test_help_fits_a_terminal_of_a_hundred_columns() -> None:
    assert max(map(len, CLI.read_text().splitlines())) <= 100


@pytest.mark.parametrize(
    ("argv", "uid", "description", "category"),
    [
        (["emma", "--", "-milk"], "emma", "-milk", None),
        (["--", "emma", "-milk", "-dairy"], "emma", "-milk", "-dairy"),
        (["emma", "milk", "--", "-dairy"], "emma", "milk", "-dairy"),
        (["emma", "--", "--", "--"], "emma", "--", "--"),
        (["emma", "-5"], "emma", "-5", None),
        (["emma", "-"], "emma", "-", None),
    ],
)
def test_two_dashes_end_the_options_and_are_no_data(
    argv: list[str], uid: str, description: str, category: str | None
) -> None:
    arguments = usage.read(["task-add", *argv]).arguments
    assert (arguments["<uid>"], arguments["<description>"], arguments["<category>"]) == (uid, description, category)


def test_options_stand_anywhere() -> None:
    for argv in (["--db", "aws", "user", "emma"], ["user", "--db=aws", "emma"], ["user", "emma", "--db", "aws"]):
        command, arguments = usage.read(argv)
        assert (command, arguments["--db"], arguments["<uid>"]) == ("user", "aws", "emma")


def test_a_command_named_as_the_value_of_an_option_is_not_the_command() -> None:
    with pytest.raises(WrongUsage, match="which command"):
        usage.read(["--db", "user-ls"])
