"""Argument strings become values here, once; a string that cannot be one raises WrongUsage with a sentence.

The limits in bytes are DynamoDB's ("Quotas in Amazon DynamoDB", developer guide): a partition key 1 to 2,048 bytes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .. import dates
from ..embedded.limits import NUMBER_DIGITS, PARTITION_KEY_BYTES
from ..errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal


def text(name: str, given: str) -> str:
    """Any text that can be stored, exactly as typed."""
    try:
        given.encode()
    except UnicodeEncodeError:
        # The shell handed over bytes that are no UTF-8; Python smuggles them in as lone surrogates.
        raise WrongUsage(f"the {name} {given!a} is not valid UTF-8") from None
    return given


def some_text(name: str, given: str) -> str:
    if not given.strip():
        raise WrongUsage(f"the {name} is empty")
    return text(name, given)


def partition_key(name: str, given: str) -> str:
    """A value of uid (key of both tables) or category (key of the index); DynamoDB keeps no empty key."""
    size = len(some_text(name, given).encode())
    if size > PARTITION_KEY_BYTES:
        raise WrongUsage(f"the {name} has {size:,} bytes; DynamoDB allows {PARTITION_KEY_BYTES:,} in a key")
    return given


def uid(given: str) -> str:
    return partition_key("uid", given)


def category(given: str) -> str:
    return partition_key("category", given)


def description(given: str) -> str:
    return some_text("description", given)


def email(given: str) -> str:
    before, at, after = text("email", given).rpartition("@")
    if not (before.strip() and at and after.strip()):
        raise WrongUsage(f"the email {given!r} lacks an @ with something on both sides")
    return given


def phone(given: str) -> str:
    if sum(character.isdigit() for character in text("phone", given)) < 3:
        raise WrongUsage(f"the phone {given!r} has fewer than three digits")
    return given


def tid(given: str) -> int:
    if not (_is_digits(given) and len(given) <= NUMBER_DIGITS):
        raise WrongUsage(f"the tid {given!r} is not a whole number of up to {NUMBER_DIGITS} digits")
    return int(given)


def count(name: str, given: str) -> int:
    """A whole number from 1."""
    if not (_is_digits(given) and 0 < len(given.lstrip("0")) <= 18):
        raise WrongUsage(f"{name} is {given!r}; it takes a whole number from 1 to {10**18 - 1:,}")
    return int(given.lstrip("0"))


def _is_digits(given: str) -> bool:
    return given.isascii() and given.isdigit()


def amount(name: str, given: str) -> Decimal:
    """A number from 0, exactly as written, with up to six decimal places."""
    from decimal import Decimal  # here, because only capacity counts in fractions

    whole, point, fraction = given.partition(".")
    is_number = _is_digits(whole) and (_is_digits(fraction) if point else True)
    if not (is_number and len(whole) <= 12 and len(fraction) <= 6):
        raise WrongUsage(f"{name} is {given!r}; it takes a number from 0, such as 100 or 0.5")
    return Decimal(given)


AMOUNTS = ("--reads", "--writes", "--hours", "--peak-reads", "--peak-writes", "--peak-hours", "--storage")

READERS: dict[str, Callable[[str], Any]] = {
    "<uid>": uid,
    "<tid>": tid,
    "<email>": email,
    "<phone>": phone,
    "<description>": description,
    "<category>": category,
    "--email": email,
    "--phone": phone,
    "--description": description,
    "--category": category,
    "--next": str,
    "--limit": partial(count, "--limit"),
    "--read": partial(count, "--read"),
    "--write": partial(count, "--write"),
    "--item-size": partial(count, "--item-size"),
    "--region": str,
    "--html": str,
    **{name: partial(amount, name) for name in AMOUNTS},
}

DAYS = ("--dueat", "--dueafter", "--duebefore")


def read(arguments: dict[str, Any], today: date) -> dict[str, Any]:
    """The arguments of a command as values, under the names of its parameters: --no-dueat as no_dueat."""
    readers = READERS | {name: partial(dates.parse, name, today=today) for name in DAYS}
    return {
        name.strip("<>-").replace("-", "_"): readers[name](given) if isinstance(given, str) else given
        for name, given in arguments.items()
    }
