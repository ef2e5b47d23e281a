"""An export or import that is killed at any moment loses nothing, and the same command completes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .transcripts import ROOT


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_killed_export_or_import_is_completed_by_the_same_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.killed_transfers", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
