"""The requests and capacity units of each command on the embedded engine, beside the least that it can need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from nodetodo import embedded
from nodetodo.explain.meter import Meter
from tests.program import Program

TITLES = ["COMMAND", "REQUESTS", "LEAST", "UNITS", "LEAST", "", "REASON"]
RIGHT = (1, 2, 3, 4)

MILLISECOND = timedelta(milliseconds=1)


class Least(NamedTuple):
    """A command line, and the least requests and units (reads and writes together) that it can need."""

    command: str
    requests: int
    units: float
    reason: str


LEAST = [
    Least("table-add", 4, 0, "create two tables, read both as ACTIVE"),
    Least("table-ls", 2, 0, "two tables"),
    Least("user-add emma emma@example.org +491701234", 1, 1, "one conditional put"),
    Least("user emma", 1, 0.5, "one get"),
    Least("user-ls", 1, 0.5, "one page"),
    Least("user-edit emma --phone=+491701235", 1, 1, "one conditional update"),
    Least("task-add emma milk", 1, 4, "2 writes in a transaction, at twice the units"),
    Least("task-add emma bread shopping --dueat=20261201", 1, 5, "one more for the index"),
    Least("task emma {tid}", 1, 0.5, "one get"),
    Least("task-done emma {tid}", 1, 2, "table and index"),
    Least("task-done emma {tid}", 1, 1, "a failed condition costs a write"),
    Least("task-reopen emma {tid}", 1, 2, "table and index"),
    Least("task-edit emma {tid} --description=rye", 1, 2, "table and index"),
    Least("task-edit emma {tid} --category=food", 1, 3, "table, old and new index entry"),
    Least("task-ls emma", 1, 0.5, "one page"),
    Least("task-ls emma food --pending", 1, 0.5, "one page holds all tasks"),
    Least("task-ls nobody", 2, 1.5, "no task; consistent read of the user"),
    Least("task-la food", 1, 0.5, "one page"),
    Least("task-la food --all --overdue", 1, 0.5, "one page holds all tasks"),
    Least("task-rm emma {tid}", 1, 2, "table and index"),
    Least("user-add carl carl@example.org 123", 1, 1, "one conditional put"),
    Least("user-rm carl", 3, 3, "query, delete, query again for a task added meanwhile"),
    Least("user-rm emma", 1, 1, "the query finds tasks"),
    Least("user-rm emma --with-tasks", 4, 63, "user, query of 31 tasks, 2 batches; 30 tasks are in the index"),
    Least("table-rm --yes", 4, 0, "delete two tables, read both as absent"),
]


def lines() -> Iterator[list[str]]:
    """Run the commands in the order of LEAST and yield a line of the table for each."""
    client = embedded.connect(":memory:")
    program = Program(client, target="local")
    tid = ""
    for least in LEAST:
        if least.command.endswith("--with-tasks"):
            program.client = client
            for number in range(30):
                program.good("task-add", "emma", f"task {number}", "shopping")
                program.now += MILLISECOND
        program.client = meter = Meter(client, "todo-", {})
        program.now += MILLISECOND  # a tid is a millisecond, and a tid in use would cost another request
        result = program("--json", *least.command.format(tid=tid).split())
        if least.command.startswith("task-add"):
            tid = str(result.json["tid"])
        requests = meter.requests.total()
        units = sum(usage.measured for usage in meter.usages()) + sum(meter.rejected)
        verdict = "ok" if requests <= least.requests and units <= least.units else "over"
        figures = [f"{figure:g}" for figure in (requests, least.requests, units, least.units)]
        yield [least.command.format(tid="<tid>"), *figures, verdict, least.reason]
    client.close()
