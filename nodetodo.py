"""Launcher for a checkout: python nodetodo.py task-ls emma."""

import sys

if __name__ == "__main__":
    try:
        from nodetodo.__main__ import run
    except KeyboardInterrupt:  # run itself handles a later one
        sys.exit(130)
    run()
