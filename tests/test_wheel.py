"""The wheel, installed in a virtual environment without this checkout."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs the installed nodetodo with an empty home folder as working directory."""
    home = tmp_path_factory.mktemp("home")
    environment = home / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    # Compiling botocore takes longer than the few commands of these tests.
    subprocess.run([*pip, "install", "--quiet", "--no-compile", str(wheel)], check=True)

    def run(*argv: str, program: str = "nodetodo") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [environment / "bin" / program, *argv],
            cwd=home,
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_wheel_has_the_program_and_its_data_files_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert all(name.startswith("nodetodo/") for name in names)
    for name in (
        "cli.txt",
        "tables/todo-user.json",
        "tables/todo-task.json",
        "tables/category-index.json",
        "tables/due-index.json",
        "pricing/prices.json",
    ):
        assert f"nodetodo/{name}" in names
    assert {Path(name).suffix for name in names} == {".py", ".txt", ".json", ".html", ".bash", ".zsh", ".fish"}


def test_the_installed_program_prints_its_help(installed: Run) -> None:
    result = installed("--help")
    assert (result.returncode, result.stdout, result.stderr) == (0, (ROOT / "cli.txt").read_text(), "")


def test_the_demo_runs_on_the_installed_program(installed: Run) -> None:
    result = installed(str(ROOT / "tests" / "demo.py"), program="python")
    assert (result.returncode, result.stderr) == (0, "")
    assert "buy milk" in result.stdout


def test_the_installed_program_stores_tasks_without_setup(installed: Run) -> None:
    assert installed("user-add", "emma", "emma@example.org", "+491701234").returncode == 0
    assert installed("task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow").returncode == 0
    assert "buy milk" in installed("task-la", "shopping").stdout


def test_the_installed_program_creates_tables_and_stores_tasks_on_a_server(installed: Run, moto: str) -> None:
    for argv in (["table-add"], ["user-add", "wheel", "w@example.org", "123"], ["task-add", "wheel", "buy milk"]):
        result = installed(*argv, f"--db={moto}")
        assert result.returncode == 0, result
    assert "buy milk" in installed("task-ls", "wheel", f"--db={moto}").stdout
