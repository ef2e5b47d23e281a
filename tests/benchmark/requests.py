"""What each command sends and consumes on the embedded engine, beside the least that its promise allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from nodetodo import embedded
from tests.program import Program

TITLES = ["COMMAND", "REQUESTS", "FEWEST", "UNITS", "FEWEST", "", "WHY NO FEWER"]
RIGHT = (1, 2, 3, 4)


A_MOMENT = timedelta(milliseconds=1)


class Least(NamedTuple):
    """A command line, and what it cannot do with less: requests, and capacity units of reads and writes together."""

    command: str
    requests: int
    units: float
    why: str


LEAST = [
    Least("table-add", 4, 0, "make two tables, see both ACTIVE"),
    Least("table-ls", 2, 0, "two tables"),
    Least("user-add emma emma@example.org +491701234", 1, 1, "one conditional put"),
    Least("user emma", 1, 0.5, "one get"),
    Least("user-ls", 1, 0.5, "one page"),
    Least("user-edit emma --phone=+491701235", 1, 1, "one conditional update"),
    Least("task-add emma milk", 1, 4, "2 writes in a transaction, twice the units"),
    Least("task-add emma bread shopping --dueat=20261201", 1, 5, "and 1 for the index"),
    Least("task emma {tid}", 1, 0.5, "one get"),
    Least("task-done emma {tid}", 1, 2, "table and index"),
    Least("task-done emma {tid}", 1, 1, "a failed condition is a write"),
    Least("task-reopen emma {tid}", 1, 2, "table and index"),
    Least("task-edit emma {tid} --description=rye", 1, 2, "table and index"),
    Least("task-edit emma {tid} --category=food", 1, 3, "the index entry goes and comes"),
    Least("task-ls emma", 1, 0.5, "one page"),
    Least("task-ls emma food --pending", 1, 0.5, "one page holds all"),
    Least("task-ls nobody", 2, 1.5, "no task; no user, for certain"),
    Least("task-la food", 1, 0.5, "one page"),
    Least("task-la food --all --overdue", 1, 0.5, "one page holds all"),
    Least("task-rm emma {tid}", 1, 2, "table and index"),
    Least("user-add carl carl@example.org 123", 1, 1, "one conditional put"),
    Least("user-rm carl", 3, 3, "look, delete, look again: a task may have come"),
    Least("user-rm emma", 1, 1, "refused after a look"),
    Least("user-rm emma --with-tasks", 4, 63, "user, keys of 31 tasks, 2 batches; 30 are in the index"),
    Least("table-rm --yes", 4, 0, "delete two tables, see both gone"),
]


class Metered:
    """A client that asks every operation on items what it consumed."""

    ON_ITEMS = frozenset(
        {
            "get_item",
            "put_item",
            "update_item",
            "delete_item",
            "query",
            "scan",
            "batch_write_item",
            "transact_write_items",
        }
    )

    def __init__(self, client: Any) -> None:
        self._client = client
        self.requests, self.units = 0, 0.0

    def __getattr__(self, name: str) -> Any:
        send = getattr(self._client, name)
        if name in ("exceptions", "close"):
            return send

        def metered(**request: Any) -> Any:
            self.requests += 1
            if name not in self.ON_ITEMS:
                return send(**request)
            try:
                answer = send(**request, ReturnConsumedCapacity="TOTAL")
            except self._client.exceptions.ConditionalCheckFailedException:
                self.units += (
                    1  # an error has no ConsumedCapacity, and is paid for as a write; all of ours are below 1 KB
                )
                raise
            consumed = answer.get("ConsumedCapacity", [])
            for each in [consumed] if isinstance(consumed, dict) else consumed:
                self.units += each["CapacityUnits"]
            return answer

        return metered


def lines() -> Iterator[list[str]]:
    """A line for each command, each carried out once, in the order of LEAST."""
    client = embedded.connect(":memory:")
    metered = Metered(client)
    program = Program(metered, target="local")
    tid = ""
    for least in LEAST:
        if least.command.endswith("--with-tasks"):
            for number in range(30):
                program.good("task-add", "emma", f"task {number}", "shopping")
                program.now += A_MOMENT
        metered.requests, metered.units = 0, 0.0
        program.now += A_MOMENT  # a tid is a millisecond, and a taken one would cost more
        result = program("--json", *least.command.format(tid=tid).split())
        if least.command.startswith("task-add"):
            tid = str(result.json["tid"])
        within = metered.requests <= least.requests and metered.units <= least.units
        figures = [metered.requests, least.requests, metered.units, least.units]
        command = least.command.format(tid="<tid>")
        yield [command, *(f"{figure:g}" for figure in figures), "ok" if within else "over", least.why]
    client.close()
