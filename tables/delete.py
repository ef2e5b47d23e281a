"""Deletes both tables with all their items.

    python tables/delete.py --db=http://localhost:8000


Runs `nodetodo table-rm`, which requests a confirmation unless the option --yes is given.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, from any working directory

from nodetodo.__main__ import run

sys.argv.insert(1, "table-rm")
run()
