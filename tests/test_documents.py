"""The documents agree with the program, the command line definition and each other."""

import contextlib
import re
from pathlib import Path

import pytest

from nodetodo import __version__, embedded, errors
from nodetodo.commands import COMMANDS

from . import supported
from .program import Program
from .transcripts import FILES, PAGES, ROOT, commands

README = (ROOT / "README.md").read_text()
CLI = (ROOT / "cli.txt").read_text()
DOCUMENTS = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "tables" / "README.md"]

LIST_OPTIONS = {"--all", "--limit", "--next", "--pending", "--completed"}
LIST_OPTIONS |= {
    "--overdue",
    "--due",
    "--withoutdue",
    "--futuredue",
    "--dueafter",
    "--duebefore",
    "--contains",
    "--newest",
    "--by-due",
}
"""Options that README explains below the table of commands, once for all lists."""

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the rows of the first table after this heading, as cells."""
    lines = text.partition(heading)[2].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|---"))
    table = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return table


def usage_lines() -> list[str]:
    """Return the usage of each command in cli.txt, on one line each, such as `user <uid>`."""
    usage = " ".join(CLI.partition("Usage:\n")[2].partition("\n\n")[0].split())
    return [line.strip() for line in re.findall(r"nodetodo \[options\] (.*?)(?= nodetodo |$)", usage)]


def options(text: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", text))


def test_the_readme_shows_every_command_with_its_arguments_in_the_order_of_cli_txt() -> None:
    shown = [command.strip("`") for command, _ in rows(README, "## Commands")]
    assert [command.split()[0] for command in shown] == list(COMMANDS)
    bracketed_or_word = r"\[(?:[^\[\]]|\[[^\]]*\])*\]|\S+"
    assert shown == [
        " ".join(part for part in re.findall(bracketed_or_word, line) if not options(part) & LIST_OPTIONS)
        for line in usage_lines()
    ]


def test_every_command_is_run_in_a_document_or_transcript() -> None:
    run = {line.split()[0] for path in FILES for line, _ in commands(path.read_text())}
    assert run >= set(COMMANDS)


def test_the_readme_names_every_option_and_no_other() -> None:
    without_shell = re.sub(r"^```sh\n.*?^```|`(?:pipx|uv) [^`]*`", "", README, flags=re.M | re.S)
    assert options(without_shell) == options(CLI) - {"--version"}


def test_the_readme_names_every_variable_that_the_program_reads() -> None:
    code = "".join(path.read_text() for path in (ROOT / "nodetodo").rglob("*.py"))
    read = set(re.findall(r"\b(?:NODETODO|AWS)_[A-Z_]+\b", code)) | {"NO_COLOR", "XDG_DATA_HOME"}
    named = set(re.findall(r"`([A-Z_]+)`", " ".join(cell for row in rows(README, "| variable |") for cell in row)))
    assert {name for name in read if not name.startswith("AWS_")} <= named
    assert {name for name in named if name.startswith("NODETODO_")} <= read


def test_the_readme_and_the_help_name_every_exit_status() -> None:
    statuses = {0, 130} | {
        error.status for error in vars(errors).values() if isinstance(error, type) and hasattr(error, "status")
    }
    assert {int(status) for status, _ in rows(README, "| exit status |")} == statuses
    help_text = CLI.partition("Exit status:")[2]
    assert {int(status) for status in re.findall(r"\b\d+\b", help_text)} == statuses


def test_the_readme_the_contributors_page_and_the_gate_run_the_tests_with_the_same_command() -> None:
    (command,) = re.findall(r"^(.*-m pytest)$", README, re.M)
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()
    assert f"    {command}" in (ROOT / "CONTRIBUTING.md").read_text().splitlines()


def test_the_backup_command_in_the_readme_copies_data_while_another_process_has_the_file_open(tmp_path: Path) -> None:
    (command, folder) = re.findall(r"`(?:nodetodo )?(backup-add|[a-z.]+\.backups)`", README.partition("## Commands")[0])
    file = tmp_path / ".local" / "share" / "nodetodo" / "nodetodo.db"
    with contextlib.closing(embedded.connect(str(file))) as client:
        program = Program(client, target="local")
        program.good("table-add")
        program.good("user-add", "emma", "emma@example.org", "+491701234")
        assert file.with_name("nodetodo.db-wal").stat().st_size
        other = Program(None, target="local")
        other.env["HOME"] = str(tmp_path)
        other.good(command, "copy")
    with contextlib.closing(embedded.connect(str(file.parent / folder / "copy.db"))) as backup:
        assert Program(backup, target="local").good("user", "emma", "--json").json["uid"] == "emma"


def test_the_contributors_page_describes_every_folder_and_module_of_the_program() -> None:
    cells = [cell for cell, _, _ in rows((ROOT / "CONTRIBUTING.md").read_text(), "## Folders and layers")]
    described = set(re.findall(r"`([^`]+)`", " ".join(cells)))
    package = ROOT / "nodetodo"
    folders = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    assert described == folders | modules


@every_document
def test_files_and_make_targets_named_in_a_document_exist(document: Path) -> None:
    text = document.read_text()
    for path in re.findall(r"(?<![\w/])((?:docs|tests|tables|nodetodo)/[\w./-]*\w)", text):
        assert (ROOT / path).exists(), path
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= set(targets)


@every_document
def test_links_in_a_document_lead_to_existing_files(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        assert link.startswith("https://") or (document.parent / link).exists(), link


def test_the_version_is_in_the_changelog() -> None:
    assert f"\n## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_every_operation_of_dynamodb_that_the_engine_lacks_belongs_to_a_feature() -> None:
    named = [operation for operations in supported.FEATURES.values() for operation in operations]
    assert set(supported.missing_operations()) <= set(named)
    known = {name for model in supported.MODELS for name in model.operation_names}
    assert set(named) <= known
    assert len(set(named)) == len(named)


def test_the_generated_lists_are_in_the_documents() -> None:
    texts = "".join(page.read_text() for page in PAGES)
    for content in supported.PARTS.values():
        assert texts.count(content()) == 1
