"""One of several processes that change tasks: `python -m tests.watched_writer TARGET PREFIX UID COUNT`.

It prints "ready". After a line of input, it makes COUNT changes of the tasks of one user: it adds, edits, completes and
removes tasks in turn. Then it prints the changes as JSON: a list of event and tid, in their order.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta

from nodetodo import embedded
from tests.program import Program, connect

STEPS = ("added", "changed", "completed", "removed")


def changes(program: Program, uid: str, count: int) -> list[tuple[str, int]]:
    """Make the changes and return them."""
    made: list[tuple[str, int]] = []
    tid = ""
    for number in range(count):
        event = STEPS[number % len(STEPS)]
        match event:
            case "added":
                program.now += timedelta(seconds=1)
                tid = program.tid("task-add", uid, f"task {number}", "shopping")
            case "changed":
                program.good("task-edit", uid, tid, "--dueat=tomorrow", f"--description=edited {number}")
            case "completed":
                program.good("task-done", uid, tid)
            case "removed":
                program.good("task-rm", uid, tid)
        made.append((event, int(tid)))
    return made


if __name__ == "__main__":
    target, prefix, uid, count = sys.argv[1:]
    # One client for all commands, because connecting to a server takes longer than a command.
    client = embedded.connect(target.removeprefix("local:")) if target.startswith("local:") else connect(target)
    program = Program(client, target=target, prefix=prefix)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    json.dump(changes(program, uid, int(count)), sys.stdout)
