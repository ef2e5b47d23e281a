"""The checks that read the code instead of running it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("check", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=" ".join)
def test_the_code_passes(check: list[str]) -> None:
    result = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def lines_of(folder: Path) -> list[tuple[Path, str]]:
    return [(path, line) for path in sorted(folder.rglob("*.py")) for line in path.read_text().splitlines()]


def test_printing_and_the_process_stay_in_their_rooms() -> None:
    package = ROOT / "nodetodo"
    for path, line in lines_of(package):
        room = path.relative_to(package).parts[0]
        if room != "__main__.py":
            assert "sys.exit" not in line, path
            assert "os.environ" not in line, path
        if room not in ("repositories", "embedded", "explain"):
            assert '{"S"' not in line, path
            assert "Expression" not in line, path
