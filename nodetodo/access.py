"""One request of a command, as an access pattern: --explain derives it, `design` shows it."""

from typing import NamedTuple


class Access(NamedTuple):
    """One request, or one action of a transaction.

    request: the operation, such as `Query` or `TransactWriteItems: Put`. on: the table or index. key: the key
    attributes in the request. filter: the attributes that the filter tests after reading.
    """

    request: str
    on: str
    key: tuple[str, ...]
    filter: tuple[str, ...]
