"""Runs a short session with the installed program on a temporary database file."""

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

NODETODO = Path(sysconfig.get_path("scripts"), "nodetodo")

SESSION = """\
user-add emma emma@example.org +491701234
task-add emma "buy milk" shopping --dueat=tomorrow
task-add emma "call luis" --dueat=yesterday
task-add emma "read about partition keys" learning --dueat=friday
task-ls emma
task-la shopping
task-ls emma --overdue --json
user emma
table-ls
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NODETODO_DB": f"local:{folder}/demo.db"}
        for line in SESSION.splitlines():
            print(f"\n$ nodetodo {line}", flush=True)  # noqa: T201
            done = subprocess.run([NODETODO, *shlex.split(line)], env=environment, check=False)
            if done.returncode:
                sys.exit(f"the demo stopped: the last command exited with status {done.returncode}")
    print(f"\nThe demo used a temporary file. To start your own list: {os.path.relpath(NODETODO)} user-add …")  # noqa: T201


if __name__ == "__main__":
    main()
