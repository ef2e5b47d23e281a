"""Creates both tables and the index.

    python tables/create.py --db=http://localhost:8000

Runs `nodetodo table-add` and accepts its options, such as --on-demand, --read=<units> and --write=<units>.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, from any working directory

from nodetodo.__main__ import run

sys.argv.insert(1, "table-add")
run()
