"""What the documents say is what the program does."""

import re
from pathlib import Path

import pytest

from nodetodo import __version__, embedded, errors
from nodetodo.cli import definition
from nodetodo.commands import COMMANDS

from .program import Program
from .transcripts import replay, sessions_in

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CLI = (ROOT / "cli.txt").read_text()


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table after this text, as cells without their back-ticks."""
    lines = README.partition(heading)[2].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|---"))
    table = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return table


@pytest.mark.parametrize("session", list(sessions_in(README)))
def test_the_sessions_in_the_readme_are_real(session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # for the files that a session writes
    client = embedded.connect(":memory:")
    program = Program(client, target="local")
    program.good("table-add")
    assert replay(session, program) == session
    client.close()


def test_the_readme_shows_every_command_with_its_arguments() -> None:
    shown = [command.strip("`") for command, _ in rows("## Commands")]
    assert [command.split()[0] for command in shown] == list(COMMANDS)
    usages = definition.load().usages
    lists = {"--all", "--limit", "--next", "--pending", "--completed"}
    lists |= {"--overdue", "--due", "--withoutdue", "--futuredue", "--dueafter", "--duebefore"}
    for command in shown:
        line = " ".join(usages[command.split()[0]].split()).removeprefix("nodetodo [options] ")
        # The README describes the options of lists once, below the table.
        without_lists = [
            part for part in re.findall(r"\[(?:[^\[\]]|\[[^\]]*\])*\]|\S+", line) if not set(options(part)) & lists
        ]
        assert command == " ".join(without_lists)


def options(text: str) -> list[str]:
    return re.findall(r"--[a-z][a-z-]+", text)


def test_the_readme_names_every_option_and_no_other() -> None:
    without_scripts = re.sub(r"^```sh\n.*?^```", "", README, flags=re.M | re.S)
    without_the_aws_cli = re.sub(r"^ +(aws|--).*$", "", without_scripts, flags=re.M)
    assert set(options(without_the_aws_cli)) == set(options(CLI)) - {"--version"}


def test_the_readme_names_every_variable_that_the_program_reads() -> None:
    code = "".join(path.read_text() for path in (ROOT / "nodetodo").rglob("*.py"))
    read = set(re.findall(r"\b(?:NODETODO|AWS)_[A-Z_]+\b", code)) | {"NO_COLOR", "XDG_DATA_HOME"}
    named = set(re.findall(r"`([A-Z_]+)`", " ".join(cell for row in rows("| variable |") for cell in row)))
    assert {name for name in read if not name.startswith("AWS_")} <= named
    assert {name for name in named if name.startswith("NODETODO_")} <= read


def test_the_readme_and_the_help_name_every_exit_status() -> None:
    statuses = {0, 130} | {
        error.status for error in vars(errors).values() if isinstance(error, type) and hasattr(error, "status")
    }
    assert {int(status) for status, _ in rows("| exit status |")} == statuses
    said = " ".join(CLI.partition("Exit status:")[2].split())
    assert {int(status) for status in re.findall(r"\b\d+\b", said)} == statuses


def test_the_gate_runs_the_readmes_test_command_and_the_contributors_too() -> None:
    (command,) = re.findall(r"^(.*-m pytest)$", README, re.M)
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()
    assert f"    {command}" in (ROOT / "CONTRIBUTING.md").read_text().splitlines()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "tables/README.md", "docs/key-design.md"])
def test_folders_files_and_make_targets_that_are_named_are_there(document: str) -> None:
    text = (ROOT / document).read_text()
    for path in re.findall(r"(?<![\w/])((?:tests|tables|nodetodo)/[\w./-]*\w)", text):
        assert (ROOT / path).exists(), path
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= set(targets)


def test_the_version_is_in_the_changelog() -> None:
    assert f"\n## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tables/README.md", "docs/key-design.md"]
)
def test_links_lead_to_files_that_are_there(document: str) -> None:
    path = ROOT / document
    for link in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert link.startswith("https://") or (path.parent / link).exists(), link
