"""Converts arguments of the command line to typed values. Raises WrongUsage for an invalid argument."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .. import dates
from ..embedded.limits import INTEGER, ITEM_BYTES, NUMBER_DIGITS, PARTITION_KEY_BYTES, RECOVERY_DAYS
from ..errors import WrongUsage
from ..model import ENDING_DIGITS, TidEnding, is_table_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from ..model import Tid


USER_VARIABLE = "NODETODO_USER"
"""The variable that contains the user's own uid."""

ME = "me"
"""The uid that means the one in USER_VARIABLE."""


def to_values(arguments: dict[str, Any], today: date, variables: Mapping[str, str]) -> dict[str, Any]:
    """Convert the arguments of a command to values by parameter name, such as no_dueat for --no-dueat."""
    converters = CONVERTERS | {name: partial(dates.parse, name, today=today) for name in DAYS}
    converters["<uid>"] = partial(uid, own=variables.get(USER_VARIABLE))
    values = {}
    for name, given in arguments.items():
        value = given
        if isinstance(given, str):
            value = converters[name](given)
        elif isinstance(given, list):
            value = [converters[name](each) for each in given]
        values[PARAMETERS.get(name) or name.strip("<>-").replace("-", "_")] = value
    return values


def text(name: str, given: str) -> str:
    """Return the text unchanged. Raises WrongUsage if it cannot be stored as UTF-8."""
    try:
        given.encode()
    except UnicodeEncodeError:
        # Python turns command-line bytes that are not UTF-8 into lone surrogates (PEP 383).
        raise WrongUsage(f"the {name} {given!a} is not valid UTF-8") from None
    return given


def non_empty_text(name: str, given: str) -> str:
    if not given.strip():
        raise WrongUsage(f"the {name} is empty")
    return text(name, given)


def partition_key(name: str, given: str) -> str:
    """Return a uid (key of both tables) or category (key of the index). DynamoDB rejects an empty key."""
    size = len(non_empty_text(name, given).encode())
    if size > PARTITION_KEY_BYTES:
        raise WrongUsage(f"the {name} has {size:,} bytes; DynamoDB allows at most {PARTITION_KEY_BYTES:,} in a key")
    return given


def uid(given: str, own: str | None = None) -> str:
    """Return a uid. own: the uid that `me` means; if it is None or empty, `me` is an ordinary uid."""
    return partition_key(f"uid in {USER_VARIABLE}", own) if own and given == ME else partition_key("uid", given)


def email(given: str) -> str:
    before, at, after = text("email", given).rpartition("@")
    if not (before.strip() and at and after.strip()):
        raise WrongUsage(f"the email {given!r} is not valid; it needs text before and after an @")
    return given


def phone(given: str) -> str:
    if sum(character.isdigit() for character in text("phone", given)) < 3:
        raise WrongUsage(f"the phone {given!r} is not valid; it needs at least three digits")
    return given


def tid(given: str) -> Tid:
    """Return the end of a tid, or a whole tid, by the number of digits.

    A whole tid is any number of DynamoDB, because other programs may store tids that are not whole, or negative.
    """
    if len(given) in ENDING_DIGITS and _is_digits(given):
        return TidEnding(given)
    from ..embedded import numbers  # here and below, because few commands need them
    from ..embedded.errors import ApiError

    try:
        return numbers.to_python(given)
    except ApiError:
        raise WrongUsage(f"the tid {given!r} is not a number of up to {NUMBER_DIGITS} digits") from None


def count(name: str, given: str) -> int:
    """Return a whole number from 1 to the largest that an option takes."""
    most = COUNTS[name]
    digits = given.lstrip("0")  # int() refuses a text of more than 4,300 digits
    if not (_is_digits(given) and 0 < len(digits) <= len(str(most)) and int(digits) <= most):
        raise WrongUsage(f"{name} is {given!r}; it takes a whole number from 1 to {most:,}")
    return int(digits)


def maximum(name: str, given: str) -> int:
    """Return a number as count does, or 0 for none."""
    return 0 if given == "none" else count(name, given)


TABLE_CLASSES = ("standard", "infrequent-access")


def table_class(given: str) -> str:
    return _one_of(TABLE_CLASSES, "--class", given)


def export_format(given: str) -> str:
    """Return the name of a format of export."""
    return _one_of(FORMATS, "--format", given)


def prefix(given: str) -> str:
    if not is_table_prefix(given):
        raise WrongUsage(f"--prefix is {given!r}; it takes 1 to 251 characters of a-z A-Z 0-9 _ - .")
    return given


def backup_name(given: str) -> str:
    from ..embedded.operations.parameters import is_name  # here, because few commands need it

    if not is_name(given):
        raise WrongUsage(
            f"the name {given!r} is not valid; the name of a backup has 3 to 255 characters of a-z A-Z 0-9 _ - ."
        )
    return given


def amount(name: str, given: str) -> Decimal:
    """Return a number with up to twelve digits and six decimal places, exactly as written."""
    from decimal import Decimal  # here, because only the command capacity needs it

    whole, point, fraction = given.partition(".")
    is_number = _is_digits(whole) and (_is_digits(fraction) if point else True)
    if not (is_number and len(whole) <= 12 and len(fraction) <= 6):
        raise WrongUsage(f"{name} is {given!r}; it takes a number from 0 to {10**12 - 1:,} with up to 6 decimals")
    return Decimal(given)


def port(given: str) -> int:
    """Return the number of a TCP port; 0 means any free one."""
    if not (_is_digits(given) and len(given) <= 5 and int(given) <= MAX_PORT):
        raise WrongUsage(f"--port is {given!r}; it takes a whole number from 0 to {MAX_PORT}")
    return int(given)


def shell(given: str) -> str:
    """Return the name of a shell that the command completion supports."""
    if given not in SHELLS:
        raise WrongUsage(f"the shell {given!r} is not supported; completion takes bash, zsh or fish")
    return given


def index(given: str) -> str:
    """Return the name of an index in tables/."""
    if given not in INDEXES:
        raise WrongUsage(f"{given!r} is not an index of nodetodo; the indexes are {' and '.join(INDEXES)}")
    return given


def _one_of(words: Sequence[str], option: str, given: str) -> str:
    """Return the value of an option that takes one of these words."""
    if given not in words:
        raise WrongUsage(f"{option} is {given!r}; it takes {' or '.join(words)}")
    return given


def _is_digits(given: str) -> bool:
    return given.isascii() and given.isdigit()


FORMATS = ("jsonl", "dynamodb")
SHELLS = ("bash", "zsh", "fish")
INDEXES = ("category-index", "due-index")
AMOUNTS = ("--reads", "--writes", "--hours", "--peak-reads", "--peak-writes", "--peak-hours", "--storage")
MAXIMUMS = ("--max-read", "--max-write")
COUNTS = {
    "--limit": 10**18 - 1,
    "--read": INTEGER,
    "--write": INTEGER,
    "--item-size": ITEM_BYTES,
    "--segments": 64,  # each segment has a thread
    "--rate": INTEGER,
    "--recovery": RECOVERY_DAYS,
    **dict.fromkeys(MAXIMUMS, INTEGER),
}
"""The options that take a whole number from 1, with the largest number."""

MAX_PORT = 65535

PARAMETERS = {"--class": "table_class"}
"""The parameter names of options that are keywords in Python."""

DAYS = ("--dueat", "--dueafter", "--duebefore")

category = partial(partition_key, "category")
description = partial(non_empty_text, "description")

CONVERTERS: dict[str, Callable[[str], Any]] = {
    "<uid>": uid,
    "<tid>": tid,
    "<email>": email,
    "<phone>": phone,
    "<description>": description,
    "<category>": category,
    "<index>": index,
    "<shell>": shell,
    "--email": email,
    "--phone": phone,
    "--description": description,
    "--category": category,
    "--contains": partial(non_empty_text, "text of --contains"),
    "--next": str,
    "--region": str,
    "--html": str,
    "<file>": str,
    "--report": str,
    "--host": partial(non_empty_text, "value of --host"),
    "--port": port,
    "--class": table_class,
    "--format": export_format,
    "--prefix": prefix,
    "<name>": backup_name,
    **{name: partial(count, name) for name in COUNTS},
    **{name: partial(maximum, name) for name in MAXIMUMS},
    **{name: partial(amount, name) for name in AMOUNTS},
}
