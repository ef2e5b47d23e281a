"""What the comparing skips, and nothing else: differences that are the witness's own fault, each with its source.

An entry recognises its fault by the request and the two answers, as narrowly as it can. Where a fault may have left the
two with different items, the example ends there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.engine_witness.comparing import Answer
from tests.engine_witness.schema import Request


class Fault(NamedTuple):
    name: str
    source: str
    shows: Callable[[Request, Answer, Answer], bool]


DYNAMODB_LOCAL: tuple[Fault, ...] = ()

MOTO: tuple[Fault, ...] = ()
