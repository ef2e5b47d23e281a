"""Shows the tables and the index: python tables/status.py --db=http://localhost:8000

It is `nodetodo table-ls` and takes its options, such as --json.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, from whatever folder this is run

from nodetodo.__main__ import run

sys.argv.insert(1, "table-ls")
run()
