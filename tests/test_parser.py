"""Which command lines the program accepts, its error messages for all others, and its help."""

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import docopt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nodetodo import __version__, commands
from nodetodo.app import OPTIONS_OF_EVERY_COMMAND
from nodetodo.cli import definition, help, parser, values
from nodetodo.commands import COMMANDS, tasks
from nodetodo.errors import WrongUsage
from nodetodo.pricing import load

from .program import NOON, Program, without_engine

CLI = Path(__file__).parent.parent / "cli.txt"
DEFINITION = definition.load()


@pytest.fixture
def nodetodo() -> Program:
    """The program with an engine that cannot be reached. None of these command lines connects."""
    return Program(None)


def test_cli_txt_defines_exactly_the_commands_of_the_program() -> None:
    assert list(DEFINITION.usages) == list(DEFINITION.commands) == list(COMMANDS)


def needed_arguments(command: str) -> list[str]:
    return [word for word in DEFINITION.usages[command].split() if word.startswith("<")]


def needed_options(command: str) -> list[str]:
    """Return the options that are not in brackets."""
    return [word for word in DEFINITION.usages[command].split() if word.startswith("--")] * (command in REQUIRES_OPTION)


REQUIRES_OPTION = ("backup-restore",)


def parameters(function: Any) -> set[str]:
    """Return the names of a function's parameters, without those that the command itself passes."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = {name for name, parameter in inspect.signature(function).parameters.items() if parameter.kind in kinds}
    return names - {"context", "today"}


RECEIVES_OTHER_ARGUMENTS = {"task-ls": tasks._filter, "task-la": tasks._filter, "capacity": load.rates}
"""The functions to which commands pass their **arguments."""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_parameters_of_a_command_are_its_arguments_in_cli_txt(command: str) -> None:
    function = commands.find(command)
    expected = parameters(function)
    if inspect.getfullargspec(function).varkw:
        expected |= parameters(RECEIVES_OTHER_ARGUMENTS[command])
    arguments = parser.read([command, *needed_arguments(command), *needed_options(command)]).arguments
    own = {name: given for name, given in arguments.items() if name not in OPTIONS_OF_EVERY_COMMAND}
    assert set(own) <= set(values.CONVERTERS) | set(values.DAYS) | {name for name in own if own[name] is False}
    assert {values.PARAMETERS.get(name, name.strip("<>-").replace("-", "_")) for name in own} == expected


def accepted(argv: list[str]) -> dict[str, Any] | None:
    """Return the arguments of a command line that the program accepts, or None."""
    try:
        return parser.read(argv).arguments
    except WrongUsage as error:
        if "do not match the usage" in str(error):
            pytest.fail(f"the error message for {argv} does not name the reason")
        return None


def accepted_by_docopt(command: str, argv: list[str]) -> dict[str, Any] | None:
    """Return the arguments of a command line that docopt accepts by the command's usage, or None."""
    options = "\n".join(DEFINITION.options[name] for name in DEFINITION.options_of(command))
    try:
        arguments = docopt.docopt(f"Usage:\n{DEFINITION.usages[command]}\n\n{options}\n", argv, default_help=False)
    except docopt.DocoptExit:
        return None
    return {name: value for name, value in arguments.items() if name not in (command, "--help", "--version")}


@st.composite
def command_lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a command and a command line with it, about half of them valid. Options are not abbreviated."""
    command = draw(st.sampled_from(list(COMMANDS)))
    known = [name for name in DEFINITION.options_of(command) if name not in (parser.HELP, parser.VERSION)]
    needed = len(needed_arguments(command))
    word = st.sampled_from(["emma", "5", "-5", "-1e3", "-", "a b", "", "task_ls", "x=y"])
    number = draw(st.sampled_from([needed] * 6 + [needed + 1] * 2 + [max(0, needed - 1)]))
    parts = [[text] for text in draw(st.lists(word, min_size=number, max_size=number))]
    for name in draw(st.lists(st.sampled_from(known), max_size=3, unique=draw(st.integers(0, 4)) > 0)):
        value = draw(st.sampled_from(["3", "", "-x", "--limit", "a=b"]))
        forms = [[f"{name}={value}"], [name, value]] if DEFINITION.takes_value(name) else [[name]]
        parts.append(draw(st.sampled_from([*forms * 8, [name], [f"{name}={value}"]])))
    if draw(st.integers(0, 9)) == 0:
        parts.append([draw(st.sampled_from(["--zzz", "--dueat=1", "--limit", "-x", "-jx=1", "--=1", "---"]))])
    parts = list(draw(st.permutations(parts)))
    parts.insert(draw(st.sampled_from([0] * 9 + [1])), [command])
    return command, [word for part in parts for word in part]


def test_the_program_accepts_exactly_the_command_lines_that_docopt_accepts() -> None:
    outcomes: list[bool] = []

    @settings(max_examples=300, derandomize=True, deadline=None)
    @given(command_lines())
    def compare(drawn: tuple[str, list[str]]) -> None:
        command, argv = drawn
        expected = accepted_by_docopt(command, argv)
        assert accepted(argv) == expected
        outcomes.append(expected is not None)

    compare()
    assert outcomes.count(True) > 50
    assert outcomes.count(False) > 50


@pytest.mark.parametrize(
    "argv",
    [
        ["user-add", "emma", "a@b", "123"],
        ["user-ls", "--all", "--next=x"],
        ["task-done", "emma", "1"],
        ["task-rm", "emma", "1", "-5", "361", "--json"],
        ["task-add", "emma", "x", "c", "--dueat=today"],
        ["task-edit", "emma", "1", "--description=x", "--no-category", "--dueat=today"],
        ["task-ls", "emma", "c", "--pending", "--overdue", "--limit=3", "--next=4"],
        ["task-la", "c", "--completed", "--duebefore=today", "--all"],
        ["table-add", "--read=1", "--write=2"],
        ["--json", "--db=aws", "table-rm", "--yes"],
        ["capacity", "--peak-reads", "3", "--region=eu-west-1"],
        ["design", "--html", "page.html"],
    ],
)
def test_docopt_reads_the_whole_of_cli_txt_as_the_part_of_one_command(argv: list[str]) -> None:
    whole = docopt.docopt(CLI.read_text(), argv)
    line = parser.read(argv)
    assert whole[line.command] is True
    # docopt returns a list for <tid> of every command, because some commands repeat it.
    as_lists = {
        name: [given] if name == "<tid>" and isinstance(given, str) else given for name, given in line.arguments.items()
    }
    assert {name: whole[name] for name in line.arguments} == as_lists


def test_an_abbreviated_option_is_refused() -> None:
    options = {command: set(DEFINITION.options_of(command)) for command in COMMANDS}
    abbreviations = {
        (command, option[:end])
        for command in COMMANDS
        for option in options[command]
        for end in range(3, len(option))
        if option[:end] not in options[command]
    }
    for command, abbreviation in sorted(abbreviations):
        for word in (abbreviation, f"{abbreviation}=3"):
            with pytest.raises(WrongUsage, match=f"{abbreviation} is not an option of this command"):
                parser.read([command, *needed_arguments(command), *needed_options(command), word])
    with pytest.raises(WrongUsage, match="--lim is not an option"):
        parser.read(["task-ls", "emma", "--next", "--limit", "--lim=3"])  # the value of --next is no option


@pytest.mark.parametrize(
    ("argv", "description", "category"),
    [
        (["task-add", "emma", "-milk"], "-milk", None),
        (["task-add", "emma", "-milk", "shopping", "--dueat=today"], "-milk", "shopping"),
        (["--db", "aws", "task-add", "emma", "-x=1", "--dueat", "today", "-c"], "-x=1", "-c"),
        (["task-add", "emma", "milk", "--zzz"], "milk", "--zzz"),
    ],
)
def test_the_error_message_for_a_text_that_begins_with_a_dash_contains_the_correct_command_line(
    argv: list[str], description: str, category: str | None
) -> None:
    with pytest.raises(WrongUsage, match="after --: nodetodo") as refused:
        parser.read(argv)
    advice = shlex.split(str(refused.value).partition("after --: ")[2])[1:]
    arguments = parser.read(advice).arguments
    assert (arguments["<uid>"], arguments["<description>"], arguments["<category>"]) == ("emma", description, category)
    assert ("today" in " ".join(argv)) == (arguments["--dueat"] == "today")


def test_the_dashes_are_advised_only_where_they_make_the_command_line_correct() -> None:
    for argv in (["user", "emma", "-x"], ["task-add", "-x"], ["task-add", "emma", "x", "c", "-x"]):
        with pytest.raises(WrongUsage, match=r"-x is not an option of this command$"):
            parser.read(argv)


def test_without_a_command_the_commands_are_listed_on_standard_error(nodetodo: Program) -> None:
    result = nodetodo()
    first, _, *listed = result.err.splitlines()
    assert (result.status, result.out) == (2, "")
    assert first == "nodetodo: a command is missing; nodetodo <command> --help describes a command"
    assert [line.split(maxsplit=1) for line in listed] == [[name, f"{said}."] for name, said in help.purposes().items()]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["task-ad", "emma", "x"], "'task-ad' is not a command; did you mean task-add?"),
        (["taskls", "emma"], "'taskls' is not a command; did you mean task-ls?"),
        (["frobnicate"], "'frobnicate' is not a command"),
        ([""], "'' is not a command"),
        (["emma", "task-ls"], "'emma' is not a command; put the command task-ls before its arguments"),
        (["--json", "emma", "task-ls"], "'emma' is not a command; put the command task-ls before its arguments"),
        (["--verson"], "--verson is not an option; did you mean --version?"),
        (["--json"], "a command is missing; nodetodo <command> --help describes a command"),
        (["--db", "user-ls"], "a command is missing; nodetodo <command> --help describes a command"),
        (["user-add"], "user-add: <uid>, <email> and <phone> are missing"),
        (["task-add"], "task-add: <uid> and <description> are missing"),
        (["task-add", "emma"], "task-add: <description> is missing"),
        (
            ["task-add", "emma", "buy", "milk", "now"],
            "task-add: 'now' is one argument too many; put a text of several words in quotes",
        ),
        (["user", "emma", "luis"], "user: 'luis' is one argument too many"),
        (
            ["task-add", "emma", "x", "--category=shopping"],
            "task-add: --category is not an option of this command; the category is the third argument: "
            "task-add emma x shopping",
        ),
        (
            ["--json", "task-add", "emma", "a b", "--dueat=today", "--category", "-c"],
            "task-add: --category is not an option of this command; the category is the third argument: "
            "task-add emma 'a b' --json --dueat=today -- -c",
        ),
        (
            ["task-ls", "emma", "--category=shopping", "--limit=3"],
            "task-ls: --category is not an option of this command; the category is the second argument: "
            "task-ls emma shopping --limit=3",
        ),
        (
            ["task-add", "--description=x", "--uid=emma"],
            "task-add: --description is not an option of this command; the description is the second argument: "
            "task-add emma x",
        ),
        (
            ["task-add", "emma", "--category=shopping"],
            "task-add: --category is not an option of this command; the category is the third argument: "
            "task-add <uid> <description> <category>",
        ),
        (
            ["task-done", "--tid"],
            "task-done: --tid is not an option of this command; the tid is the second argument: "
            "task-done <uid> <tid>...",
        ),
        (["task-done", "emma"], "task-done: <tid> is missing"),
        (["task-rm"], "task-rm: <uid> and <tid> are missing"),
        (["table-ls", "emma"], "table-ls: 'emma' is one argument too many"),
        (
            ["task-add", "emma", "-milk"],
            "task-add: -milk is not an option of this command; put a text that begins with a dash after --: "
            "nodetodo task-add emma -- -milk",
        ),
        (
            ["task-add", "emma", "-1 l milk"],
            "task-add: -1 l milk is not an option of this command; put a text that begins with a dash after --: "
            "nodetodo task-add emma -- '-1 l milk'",
        ),
        (
            ["task-ls", "emma", "--limt=3"],
            "task-ls: --limt is not an option of this command; did you mean --limit?",
        ),
        (["task-ls", "emma", "--over"], "task-ls: --over is not an option of this command; did you mean --overdue?"),
        (
            ["task-ls", "emma", "--dueat=today"],
            "task-ls: --dueat is not an option of this command; did you mean --due?",
        ),
        (["user-ls", "-j"], "user-ls: -j is not an option of this command"),
        (["task-ls", "emma", "--limit"], "task-ls: --limit needs a value: --limit=<n>"),
        (["task-ls", "emma", "--limit", "--", "3"], "task-ls: --limit needs a value: --limit=<n>"),
        (["task-ls", "emma", "--limit=3", "--limit=4"], "task-ls: --limit is given twice"),
        (["task-ls", "emma", "--overdue", "--due"], "task-ls: --overdue and --due cannot be used together"),
        (
            ["task-ls", "emma", "--duebefore=today", "--overdue"],
            "task-ls: --duebefore and --overdue cannot be used together",
        ),
        (
            ["task-ls", "emma", "--pending", "--completed"],
            "task-ls: --pending and --completed cannot be used together",
        ),
        (
            ["task-ls", "emma", "--json", "--all", "--limit=3"],
            "task-ls: --all and --limit cannot be used together",
        ),
        (
            ["task-edit", "emma", "1", "--category=c", "--no-category"],
            "task-edit: --category and --no-category cannot be used together",
        ),
        (["table-add", "--on-demand", "--read=3"], "table-add: --on-demand and --read cannot be used together"),
        (["table-add", "--write=3", "--on-demand"], "table-add: --write and --on-demand cannot be used together"),
        (["user", "emma", "--json=yes"], "user: --json takes no value"),
        (["user", "emma", "--help=yes"], "user: --help takes no value"),
        (["user", "emma", "--db"], "user: --db needs a value: --db=<target>"),
        (
            ["capacity", "--peak-reads"],
            "capacity: --peak-reads needs a value: --peak-reads=<per second>",
        ),
    ],
)
def test_a_wrong_command_line_exits_with_2_and_names_the_reason(
    nodetodo: Program, argv: list[str], message: str
) -> None:
    result = nodetodo(*argv)
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[0] == f"nodetodo: {message}"


@pytest.mark.parametrize(
    ("line", "suggested"),
    [
        ("table ls", "table-ls"),
        ("index add", "index-add"),
        ("add index", "index-add"),
        ("indexadd", "index-add"),
        ("delete index", "index-rm"),
        ("Table_LS", "table-ls"),
        ("task add emma", "task-add"),
        ("task add emma x", "task-add"),
        ("task ls emma", "task-ls"),
        ("user ls", "user-ls"),
        ("user rm emma", "user-rm"),
        ("userrm emma", "user-rm"),
        ("task-delete emma 5", "task-rm"),
        ("task delete emma 5", "task-rm"),
        ("delete task emma 5", "task-rm"),
        ("remove-user emma", "user-rm"),
        ("drop tables", "table-rm"),
        ("delete", "user-rm or task-rm"),
        ("remove emma 5", "user-rm or task-rm"),
        ("rm", "user-rm or task-rm"),
        ("new task", "task-add"),
        ("user-new", "user-add"),
        ("user new emma a@b 123", "user-add"),
        ("create tables", "table-add"),
        ("create", "user-add, task-add or table-add"),
        ("new", "user-add, task-add or table-add"),
        ("add", "user-add, task-add or table-add"),
        ("ls", "user-ls, task-ls or table-ls"),
        ("list", "user-ls, task-ls or table-ls"),
        ("users", "user-ls"),
        ("tasks emma", "task-ls"),
        ("tables", "table-ls"),
        ("list-tasks emma", "task-ls"),
        ("show", "user or task"),
        ("show task emma 5", "task"),
        ("user-show emma", "user"),
        ("task-show emma 5", "task"),
        ("show tables", "table-ls"),
        ("table-show", "table-ls"),
        ("edit", "user-edit, task-edit or table-edit"),
        ("done emma 5", "task-done"),
        ("task complete emma 5", "task-done"),
        ("reopen", "task-reopen"),
        ("help", "--help"),
        ("help task-ls", "task-ls --help"),
        ("version", "--version"),
    ],
)
def test_a_word_for_an_action_leads_to_the_command(line: str, suggested: str) -> None:
    result = without_records()(*line.split())
    assert result.status in (2, 3)
    assert result.err.splitlines()[0].endswith(f"; did you mean {suggested}?")


def test_actions_without_a_command_are_explained() -> None:
    nodetodo = without_records()
    for line in ("undo", "undo emma 5", "task-undo emma 5", "task undo emma 5"):
        message = nodetodo(*line.split()).err.splitlines()[0]
        assert message.endswith(
            "; task-reopen makes a completed task pending, and task-rm prints the line that adds a removed task again"
        ), line
    for line in ("search milk", "find milk", "task-search milk", "search tasks milk"):
        message = nodetodo(*line.split()).err.splitlines()[0]
        assert message.endswith("; no command searches text, and task-ls lists tasks by category and due date"), line


class NoRecords:
    """A client whose tables are empty."""

    def get_item(self, **_request: Any) -> dict[str, Any]:
        return {}


def without_records() -> Program:
    return Program(NoRecords())


REMOVING = [command for command in COMMANDS if command.endswith("-rm")]


@settings(deadline=None)
@given(st.sampled_from(REMOVING), st.integers(0, 8), st.sampled_from(["", *"abcdefghijklnopqrstuvwxyz-_ "]))
def test_similarity_alone_suggests_no_command_that_removes(command: str, place: int, letter: str) -> None:
    word = command[:place] + letter + command[place + 1 :]
    assume(word not in COMMANDS)
    with pytest.raises(WrongUsage) as refused:
        parser.read([word])
    is_another_spelling = re.sub("[^a-z]", "", word) in {name.replace("-", "") for name in REMOVING}
    assert is_another_spelling or "-rm" not in str(refused.value).partition("did you mean")[2]


def test_similarity_alone_suggests_no_option_that_removes(nodetodo: Program) -> None:
    for argv in (["table-rm", "--ye"], ["user-rm", "emma", "--with-task"], ["user-rm", "emma", "--all-tasks"]):
        assert "did you mean" not in nodetodo(*argv).err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["task-done", "1526650262330", "emma"],
            "the tid 'emma' is not a number of up to 38 digits; the order is task-done <uid> <tid>...",
        ),
        (
            ["task-rm", "361", "1526650262330", "emma"],
            "the tid 'emma' is not a number of up to 38 digits; the order is task-rm <uid> <tid>...",
        ),
        (
            ["task-edit", "--no-category", "5", "emma"],
            "the tid 'emma' is not a number of up to 38 digits; the order is task-edit <uid> <tid>",
        ),
        (
            ["user-add", "emma@example.org", "emma", "+491701234"],
            "the email 'emma' is not valid; it needs text before and after an @; "
            "the order is user-add <uid> <email> <phone>",
        ),
        (
            ["user-add", "emma", "+491701234", "emma@example.org"],
            "the email '+491701234' is not valid; it needs text before and after an @; "
            "the order is user-add <uid> <email> <phone>",
        ),
    ],
)
def test_swapped_arguments_are_answered_with_their_order(nodetodo: Program, argv: list[str], message: str) -> None:
    result = nodetodo(*argv)
    assert (result.status, result.out, result.err) == (2, "", f"nodetodo: {message}\n")


def test_arguments_that_are_valid_in_no_order_are_answered_without_an_order(nodetodo: Program) -> None:
    assert "order" not in nodetodo("task-done", "emma", "luis").err
    assert "order" not in nodetodo("task-edit", "emma", "5").err


def test_an_advised_command_line_contains_no_password(nodetodo: Program) -> None:
    for argv in (["task-add", "emma", "-milk"], ["task-add", "emma", "x", "--category=c"]):
        error = nodetodo("--db=https://emma:SECRET@example.org", *argv).err
        assert "SECRET" not in error
        assert "'--db=<target>'" in error


def test_a_wrong_command_line_prints_the_usage_of_its_command(nodetodo: Program) -> None:
    printed = nodetodo("task-ls", "--due").err
    assert printed.partition("\n\n")[2] == f"{DEFINITION.usages['task-ls']}\n"
    assert "[--all | --limit=<n>] [--next=<cursor>]" in printed


def test_an_invalid_value_prints_an_error_message_without_usage(nodetodo: Program) -> None:
    assert nodetodo("task", "emma", "x").err == "nodetodo: the tid 'x' is not a number of up to 38 digits\n"


@pytest.mark.parametrize("argv", [["--help"], ["-h"], ["--json", "-h"]])
def test_help_without_a_command_prints_cli_txt(nodetodo: Program, argv: list[str]) -> None:
    assert nodetodo(*argv) == (0, CLI.read_text(), "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_describes_its_own_and_the_common_options_and_no_other(
    nodetodo: Program, command: str
) -> None:
    result = nodetodo(command, "--help")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"Usage:\n{DEFINITION.usages[command]}\n\n{help.purposes()[command]}.")
    described = re.findall(r"^  (?:-h )?(--[a-z-]+)", result.out, re.M)
    assert described == DEFINITION.options_of(command)
    for option in set(described) - set(DEFINITION.common_options):
        assert DEFINITION.options[option] in result.out


def test_help_is_the_same_at_every_place_of_a_command_line(nodetodo: Program) -> None:
    expected = nodetodo("task-ls", "-h")
    for argv in (["-h", "task-ls"], ["task-ls", "emma", "--zzz", "--help"], ["--db", "aws", "task-ls", "-h", "--all"]):
        assert nodetodo(*argv) == expected


def test_help_is_a_text_after_dashes_and_as_the_value_of_an_option() -> None:
    assert parser.read(["task-add", "emma", "--", "--help"]).arguments["<description>"] == "--help"
    assert parser.read(["task-edit", "emma", "1", "--description", "--help"]).arguments["--description"] == "--help"


def test_version_prints_the_version(nodetodo: Program) -> None:
    for argv in (["--version"], ["user", "--version"]):
        assert nodetodo(*argv) == (0, f"nodetodo {__version__}\n", "")


def test_no_line_of_the_help_is_longer_than_80_columns(nodetodo: Program) -> None:
    texts = [CLI.read_text(), nodetodo().err, *(nodetodo(command, "-h").out for command in COMMANDS)]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 80


def test_the_first_sentence_of_a_description_ends_on_its_first_line() -> None:
    common = {name: DEFINITION.options[name] for name in DEFINITION.common_options}
    for entry in (DEFINITION.commands | common).values():
        first, _, more = entry.partition("\n")
        assert not more or ". " in first or first.endswith(".")


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
def test_two_dashes_end_the_options_and_are_not_an_argument(
    argv: list[str], uid: str, description: str, category: str | None
) -> None:
    arguments = parser.read(["task-add", *argv]).arguments
    assert (arguments["<uid>"], arguments["<description>"], arguments["<category>"]) == (uid, description, category)


@given(st.text(), st.text())
def test_any_text_after_two_dashes_is_an_argument(description: str, category: str) -> None:
    arguments = parser.read(["task-add", "emma", "--json", "--", description, category]).arguments
    assert (arguments["<description>"], arguments["<category>"]) == (description, category)


def test_options_may_precede_and_follow_the_command() -> None:
    for argv in (["--db", "aws", "user", "emma"], ["user", "--db=aws", "emma"], ["user", "emma", "--db", "aws"]):
        line = parser.read(argv)
        assert (line.command, line.arguments["--db"], line.arguments["<uid>"]) == ("user", "aws", "emma")


def test_the_value_of_an_option_is_not_the_command() -> None:
    line = parser.read(["--db", "user-ls", "user", "emma"])
    assert (line.command, line.arguments["--db"]) == ("user", "user-ls")


def test_a_repeated_argument_becomes_a_list_of_values() -> None:
    arguments = parser.read(["task-done", "me", "7", "1526650262330", "--", "-5"]).arguments
    own = {name: given for name, given in arguments.items() if name not in OPTIONS_OF_EVERY_COMMAND}
    assert values.to_values(own, NOON.date(), {"NODETODO_USER": "emma"}) == {
        "uid": "emma",
        "tid": [7, 1526650262330, -5],
    }
    with pytest.raises(WrongUsage, match="the tid 'x' is not a number"):
        values.to_values(own | {"<tid>": ["7", "x"]}, NOON.date(), {})


def test_arguments_become_values_under_the_names_of_parameters() -> None:
    arguments = parser.read(["task-edit", "emma", "7", "--dueat=today", "--no-category"]).arguments
    own = {name: given for name, given in arguments.items() if name not in OPTIONS_OF_EVERY_COMMAND}
    assert values.to_values(own, NOON.date(), {}) == {
        "uid": "emma",
        "tid": 7,
        "description": None,
        "category": None,
        "no_category": True,
        "dueat": 20261123,
        "no_dueat": False,
    }


@pytest.mark.parametrize("option", ["-h", "--help", "--version"])
def test_an_unknown_command_is_wrong_usage_also_with_options_that_need_no_command(option: str) -> None:
    result = without_engine()("task-lst", option)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("nodetodo: 'task-lst' is not a command; did you mean task-ls?\n")
