"""What the comparing skips, and nothing else: differences that are the witness's own fault, each with its source.

A fault is recognised by the request and the two answers, as narrowly as can be, or mended in each of the witness's
answers. Where it may have left the two with different items, the example ends there.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tests.engine_witness.comparing import Answer, Refusal
from tests.engine_witness.schema import Request


def _never(_request: Request, _expected: Answer, _given: Answer) -> bool:
    return False


class Fault(NamedTuple):
    name: str
    source: str
    shows: Callable[[Request, Answer, Answer], bool] = _never
    mend: Callable[[Any], Any] | None = None


def _without_capacity(answer: Any) -> Any:
    if not isinstance(answer, list):
        return answer
    unasked = {"ConsumedCapacity", "ItemCollectionMetrics"}
    return [{name: part for name, part in page.items() if name not in unasked} for page in answer]


def _plain_numbers(answer: Any) -> Any:
    if isinstance(answer, dict):
        if answer.keys() == {"N"}:
            return {"N": _plain_number(answer["N"])}
        if answer.keys() == {"NS"}:
            return {"NS": sorted(map(_plain_number, answer["NS"]))}
        return {name: _plain_numbers(part) for name, part in answer.items()}
    return [_plain_numbers(part) for part in answer] if isinstance(answer, list) else answer


def _plain_number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    plain = format(number, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) if number else "0"


CAPACITY = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html"


def _witness_broke(_request: Request, expected: Answer, _given: Answer) -> bool:
    return isinstance(expected, Refusal) and expected.code in ("500", "InternalFailure", "InternalServerError")


def _refused_by_the_engine_alone(_request: Request, expected: Answer, given: Answer) -> bool:
    checked = ("ValidationException", "ParamValidationError")
    return (
        isinstance(given, Refusal)
        and given.code in checked
        and not (isinstance(expected, Refusal) and expected.code in checked)
    )


NUMBERS = "https://github.com/ExtendDB/extenddb/pull/7"

DYNAMODB_LOCAL: tuple[Fault, ...] = (
    # "ConsumedCapacity is only returned if the ReturnConsumedCapacity parameter was specified."
    Fault("tells the capacity of deleting what is absent, unasked", CAPACITY, mend=_without_capacity),
    # DynamoDB gives 150 for 1.5E2, 1 for 1.0 and 0 for -0, wherever the number stands.
    Fault(
        "keeps numbers in lists and maps as they were written, and gives large ones an exponent",
        NUMBERS,
        mend=_plain_numbers,
    ),
)

MOTO: tuple[Fault, ...] = (
    Fault("tells capacity unasked", CAPACITY, mend=_without_capacity),
    Fault("keeps numbers as they were written", NUMBERS, mend=_plain_numbers),
    # Its own list of what is missing, and the issues about it, are long; DynamoDB Local is asked about every refusal.
    Fault("fails in Python", "https://github.com/getmoto/moto/issues", _witness_broke),
    Fault("checks less", "https://github.com/getmoto/moto/issues", _refused_by_the_engine_alone),
)
