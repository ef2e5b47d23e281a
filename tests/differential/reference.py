"""A database that the engine is compared with."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.differential.comparison import ApiError, Response, ask, contents
from tests.differential.known_differences import Fault
from tests.differential.schema import Client, Request


class Witness(NamedTuple):
    client: Client
    faults: tuple[Fault, ...]

    def __repr__(self) -> str:
        return "the witness"

    def ask(self, request: Request, run: str) -> Response:
        answer = ask(self.client, request, run)
        if not isinstance(answer, ApiError):
            return self._mended(answer)
        reasons = tuple((code, self._mended(item)) for code, item in answer.reasons)
        return ApiError(answer.code, self._mended(answer.item), reasons)

    def contents(self) -> Any:
        return self._mended(contents(self.client))

    def _mended(self, answer: Any) -> Any:
        for fault in self.faults:
            if fault.mend is not None:
                answer = fault.mend(answer)
        return answer

    def errs_unseen(self, request: Request, engine: Client) -> bool:
        return any(fault.lurks(request, engine) for fault in self.faults)

    def known_fault(self, request: Request, expected: Response, given: Response) -> Fault | None:
        return next((fault for fault in self.faults if fault.shows(request, expected, given)), None)
