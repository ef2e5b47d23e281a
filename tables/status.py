"""Prints the status of the tables and the index.

    python tables/status.py --db=http://localhost:8000


Runs `nodetodo table-ls` and accepts its options, such as --json.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, from any working directory

from nodetodo.__main__ import run

sys.argv.insert(1, "table-ls")
run()
