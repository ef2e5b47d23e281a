"""Deletes both tables with everything in them: python tables/delete.py --db=http://localhost:8000

It is `nodetodo table-rm`: it asks first, and --yes answers.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, from whatever folder this is run

from nodetodo.__main__ import run

sys.argv.insert(1, "table-rm")
run()
