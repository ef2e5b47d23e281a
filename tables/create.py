"""Makes both tables and the index: python tables/create.py --db=http://localhost:8000

It is `nodetodo table-add` and takes its options: --on-demand, or --read=<units> and --write=<units>.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, from whatever folder this is run

from nodetodo.__main__ import run

sys.argv.insert(1, "table-add")
run()
