"""A database that the engine is compared with."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.engine_witness.comparing import BROKEN, Answer, Refusal, ask, contents
from tests.engine_witness.known_faults import Fault
from tests.engine_witness.schema import TABLES, Client, Request, clear, create_tables

# What a witness that runs in this process may raise where a server would answer 500.
PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class Witness(NamedTuple):
    client: Client
    faults: tuple[Fault, ...]
    in_process: bool

    def ask(self, request: Request, run: str) -> Answer:
        try:
            answer = ask(self.client, request, run)
        except PYTHON_ERRORS:
            if not self.in_process:
                raise
            return Refusal(BROKEN)
        return answer if isinstance(answer, Refusal) else self._mended(answer)

    def contents(self) -> Any:
        try:
            return self._mended(contents(self.client))
        except PYTHON_ERRORS:
            if not self.in_process:
                raise
            return BROKEN

    def _mended(self, answer: Any) -> Any:
        for fault in self.faults:
            if fault.mend is not None:
                answer = fault.mend(answer)
        return answer

    def clear(self) -> None:
        if not self.in_process:
            clear(self.client)
            return
        for name in self.client.list_tables()["TableNames"]:
            if name in TABLES:
                self.client.delete_table(TableName=name)
        create_tables(self.client)

    def known_fault(self, request: Request, expected: Answer, given: Answer) -> Fault | None:
        return next((fault for fault in self.faults if fault.shows(request, expected, given)), None)
