"""Runs DynamoDB Local as a child process of the tests, on a free port.

Maven fetches it once from Maven Central, with its native SQLite libraries, into a cache folder outside the repository.
The name of the folder contains the version in pom.xml.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..tools import Unavailable

POM = Path(__file__).with_name("pom.xml")
MAIN_CLASS = "software.amazon.dynamodb.services.local.main.ServerRunner"
START_SECONDS = 60

JVM_OPTIONS = ("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""At most 1 GB, the fast compiler only, and a garbage collector without threads of its own.

The server runs for minutes only. With the default compilers it needs more than twice the processor time.
"""


def jars() -> Path:
    """Return the folder with DynamoDB Local and its libraries, after fetching it if necessary.

    Raises Unavailable if Java or Maven is missing, or the download fails.
    """
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise Unavailable(f"DynamoDB Local needs {tool}, which is not installed")
    version = re.search(r"<artifactId>DynamoDBLocal</artifactId>\s*<version>(.+?)</version>", POM.read_text())
    assert version, f"{POM} names no version of DynamoDB Local"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nodetodo"
    folder = cache / f"dynamodb-local-{version[1]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        # Fetched into another folder and then renamed, so that an interrupted or a parallel download does no harm.
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            fetched = Path(scratch) / "lib"
            command = [
                "mvn",
                "-q",
                "-B",
                "-f",
                str(POM),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={fetched}",
            ]
            done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"Maven could not fetch DynamoDB Local: {done.stdout.strip()[-500:]}")
            with contextlib.suppress(OSError):  # another run was first
                fetched.rename(folder)
    return folder


@contextlib.contextmanager
def running(*, start_options: tuple[str, ...] = ("-inMemory",)) -> Iterator[str]:
    """Run DynamoDB Local and yield its endpoint, for example http://127.0.0.1:41234. Raises Unavailable."""
    folder = jars()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["java", *JVM_OPTIONS, f"-Djava.library.path={folder}", "-cp", f"{folder}/*", MAIN_CLASS]
    command += ["-port", str(port), "-disableTelemetry", *start_options]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise Unavailable(f"DynamoDB Local did not start: {log.read().decode(errors='replace')[-800:]}")
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
