"""AWS's SDKs and command line, fetched once into a cache folder outside the repository.

The name of a folder contains the version, so that another version is fetched again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.tools import Unavailable

FOLDER = Path(__file__).parent
CLI_VERSION = "1.46.2"
"""The AWS CLI has a virtual environment of its own, because it needs one exact version of botocore."""


def _cached(name: str, fetch: Callable[[Path], list[str]]) -> Path:
    """Return a folder of the cache. fetch: returns the command that fills a new folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nodetodo"
    folder = cache / name
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        # Fetched into another folder and then renamed, so that an interrupted or a parallel download does no harm.
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            fetched = Path(scratch) / "fetched"
            fetched.mkdir()
            done = subprocess.run(fetch(fetched), cwd=fetched, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"{name} could not be fetched: {(done.stdout + done.stderr).strip()[-500:]}")
            with contextlib.suppress(OSError):  # another run was first
                fetched.rename(folder)
    return folder


def _require(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            raise Unavailable(f"this SDK needs {tool}, which is not installed")


def javascript() -> Path:
    """Return a folder in which programs find the AWS SDK for JavaScript. Raises Unavailable."""
    _require("node", "npm")
    version = json.loads((FOLDER / "package.json").read_text())["dependencies"]["@aws-sdk/client-dynamodb"]

    def fetch(folder: Path) -> list[str]:
        shutil.copy(FOLDER / "package.json", folder)
        return ["npm", "install", "--silent", "--no-audit", "--no-fund"]

    return _cached(f"aws-sdk-javascript-{version}", fetch)


def java() -> Path:
    """Return a folder with the libraries of the AWS SDK for Java. Raises Unavailable."""
    _require("java", "mvn")
    pom = FOLDER / "pom.xml"
    version = re.search(r"<artifactId>dynamodb</artifactId>\s*<version>(.+?)</version>", pom.read_text())
    assert version

    def fetch(folder: Path) -> list[str]:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        return ["mvn", "-q", "-B", "-f", str(pom), *goal]

    return _cached(f"aws-sdk-java-{version[1]}", fetch)


def go() -> Path:
    """Return a folder with the module file of a program that uses the AWS SDK for Go. Raises Unavailable."""
    _require("go")
    module = (FOLDER / "go.mod").read_text()
    packages = re.findall(r"^\t(\S+) v\S+$", module, re.M)
    version = re.search(r"service/dynamodb v(\S+)", module)
    assert version

    def fetch(folder: Path) -> list[str]:
        for name in ("go.mod", "go.sum"):
            shutil.copy(FOLDER / name, folder)
        return ["go", "build", *packages]  # compiled once into the cache of Go

    return _cached(f"aws-sdk-go-{version[1]}", fetch)


def command_line() -> str:
    """Return the path of the AWS CLI. Raises Unavailable."""

    def fetch(folder: Path) -> list[str]:
        # With --target, no script contains the name of the folder, which changes.
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        return [*pip, f"--target={folder}", f"awscli=={CLI_VERSION}"]

    return str(_cached(f"aws-cli-{CLI_VERSION}", fetch))
