"""Launcher for a checkout: python nodetodo.py task-ls emma."""

from nodetodo.__main__ import run

if __name__ == "__main__":
    run()
