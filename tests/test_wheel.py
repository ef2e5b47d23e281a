"""What is built is what is installed: the wheel runs in an environment that has nothing of this checkout."""

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
    """Runs the installed nodetodo, in a folder and with a home that are empty."""
    home = tmp_path_factory.mktemp("home")
    environment = home / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    subprocess.run([environment / "bin" / "pip", "install", "--quiet", str(wheel)], check=True)

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


def test_the_wheel_holds_the_program_its_command_line_its_tables_its_prices_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert all(name.startswith("nodetodo/") for name in names)
    for name in (
        "cli.txt",
        "tables/todo-user.json",
        "tables/todo-task.json",
        "tables/category-index.json",
        "prices.json",
    ):
        assert f"nodetodo/{name}" in names
    assert {Path(name).suffix for name in names} == {".py", ".txt", ".json"}


def test_the_installed_program_shows_its_help(installed: Run) -> None:
    result = installed("--help")
    assert (result.returncode, result.stdout, result.stderr) == (0, (ROOT / "cli.txt").read_text(), "")


def test_the_demonstration_runs_on_the_installed_program(installed: Run) -> None:
    result = installed(str(ROOT / "tests" / "demo.py"), program="python")
    assert (result.returncode, result.stderr) == (0, "")
    assert "buy milk" in result.stdout


def test_the_installed_program_keeps_tasks_without_any_set_up(installed: Run) -> None:
    assert installed("user-add", "emma", "emma@example.org", "+491701234").returncode == 0
    assert installed("task-add", "emma", "buy milk", "shopping", "--dueat=tomorrow").returncode == 0
    assert "buy milk" in installed("task-la", "shopping").stdout


def test_the_installed_program_makes_tables_and_keeps_tasks(installed: Run, moto: str) -> None:
    for argv in (["table-add"], ["user-add", "wheel", "w@example.org", "123"], ["task-add", "wheel", "buy milk"]):
        result = installed(*argv, f"--db={moto}")
        assert result.returncode == 0, result
    assert "buy milk" in installed("task-ls", "wheel", f"--db={moto}").stdout
