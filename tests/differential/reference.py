"""The reference engine, and its known differences from DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from tests.differential.comparison import Mismatch, contents
from tests.differential.requests import Contents, ErrorResponse, Outcome, Request, send
from tests.differential.schema import Client


class Differences(NamedTuple):
    """The known differences of a reference engine, by the way in which the comparison treats them.

    Every function's docstring states the behaviour of the reference engine and the source of DynamoDB's behaviour.
    """

    # Return the response of the reference engine without the difference.
    normalizers: tuple[Callable[[Any], Any], ...]
    # Return whether both engines would store different items with equal responses. Such a request is not sent.
    exclusions: tuple[Callable[[Request, Client], bool], ...]
    # Return whether the difference explains a mismatch.
    explanations: tuple[Callable[[Mismatch], bool], ...]
    # Whether the reference engine stores invalid items, some of which it cannot read. It receives no invalid request.
    stores_invalid_items: bool = False


class Reference(NamedTuple):
    """A client of the reference engine that corrects its known differences."""

    client: Client
    differences: Differences

    def __repr__(self) -> str:
        return "the reference engine"

    def send(self, request: Request, run: str) -> Outcome:
        """Send a request and return its normalized outcome. `run` is as in `requests.send`."""
        outcome = send(self.client, request, run)
        if not isinstance(outcome, ErrorResponse):
            return list(map(self._normalize, outcome))
        reasons = tuple((code, self._normalize(item)) for code, item in outcome.reasons)
        return ErrorResponse(outcome.code, self._normalize(outcome.item), reasons)

    def contents(self) -> Contents:
        """Return everything in every table and index, normalized. Reads them in parallel to save time."""
        with ThreadPoolExecutor() as threads:
            return {source: self._normalize(items) for source, items in contents(self.client, threads.map).items()}

    def _normalize(self, response: Any) -> Any:
        for normalizer in self.differences.normalizers:
            response = normalizer(response)
        return response

    def excludes(self, request: Request, engine: Client) -> bool:
        """Return whether a request must not be sent, because the engines would store different items."""
        return any(exclusion(request, engine) for exclusion in self.differences.exclusions)

    def explains(self, mismatch: Mismatch) -> bool:
        """Return whether a known difference explains a mismatch."""
        return any(explanation(mismatch) for explanation in self.differences.explanations)
