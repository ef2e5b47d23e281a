"""The one seam: what every engine offers, and which engine a target names.

boto3's low-level client and the embedded engine have the same methods, take the same keyword arguments, return the same
dictionaries and raise exceptions that are caught the same way. Explaining, measuring and fault-injecting tests wrap it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from .errors import NodetodoError, WrongUsage

Answer = dict[str, Any]


class Client(Protocol):
    """The operations of DynamoDB that this program sends, as boto3's low-level client has them."""

    @property
    def exceptions(self) -> Any: ...

    def create_table(self, **request: Any) -> Answer: ...
    def update_table(self, **request: Any) -> Answer: ...
    def describe_table(self, **request: Any) -> Answer: ...
    def delete_table(self, **request: Any) -> Answer: ...
    def get_item(self, **request: Any) -> Answer: ...
    def put_item(self, **request: Any) -> Answer: ...
    def update_item(self, **request: Any) -> Answer: ...
    def delete_item(self, **request: Any) -> Answer: ...
    def query(self, **request: Any) -> Answer: ...
    def scan(self, **request: Any) -> Answer: ...
    def batch_write_item(self, **request: Any) -> Answer: ...
    def transact_write_items(self, **request: Any) -> Answer: ...
    def close(self) -> None: ...


class Target(NamedTuple):
    """Which database; name is what the user would write after --db=.

    endpoint is the URL of `http://…`, path the file of `local:<path>`; `aws` and `local` have neither.
    """

    name: str
    endpoint: str | None = None
    path: str | None = None

    @property
    def is_local(self) -> bool:
        return self.name.partition(":")[0] == "local"


class Engine(Protocol):
    """A module that opens clients for its targets and puts their failures into a sentence."""

    def connect(self, target: Target, env: Mapping[str, str]) -> Client:
        """A client for target; sends nothing yet."""

    def failure(self, error: Exception, target: Target) -> NodetodoError | None:
        """What a user is told about an error that the engine raised; None for an error that is not the engine's."""


def choose(given: str | None, env: Mapping[str, str]) -> Target:
    """The target of --db, else of NODETODO_DB, else of AWS_ENDPOINT_URL_DYNAMODB, else local. Never of credentials."""
    for origin, value in (
        ("--db", given),
        ("NODETODO_DB", env.get("NODETODO_DB")),
        ("AWS_ENDPOINT_URL_DYNAMODB", env.get("AWS_ENDPOINT_URL_DYNAMODB")),
    ):
        if value:
            return _target(origin, value)
    return Target("local")


def _target(origin: str, value: str) -> Target:
    if value in ("local", "aws"):
        return Target(value)
    if value.startswith("local:") and value != "local:":
        return Target(value, path=value.removeprefix("local:"))
    if re.match("https?://", value):
        from urllib.parse import urlsplit

        try:
            url = urlsplit(value)
            if url.hostname and url.port != 0:
                return Target(value, endpoint=value)
        except ValueError:  # a port that is no number or beyond 65535, a broken IPv6 address
            pass
        raise WrongUsage(f"{origin} is {value!r}, which is no URL of a server, as http://localhost:8000 is")
    raise WrongUsage(
        f"{origin} is {value!r}; it takes local, local:<file>, aws, or a URL such as http://localhost:8000"
    )


def engine(target: Target) -> Engine:
    """The engine of a target, imported only now: the AWS SDK costs more than everything else together."""
    if target.is_local:
        from . import local

        return local
    from . import remote

    return remote


TABLE_PREFIX = "todo-"


def table_prefix(env: Mapping[str, str]) -> str:
    """What table names begin with: NODETODO_TABLE_PREFIX, so that several developers can share an account."""
    prefix = env.get("NODETODO_TABLE_PREFIX") or TABLE_PREFIX
    # A table's name has 3 to 255 characters of this set (CreateTable, API reference); ours add four: user, task.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,251}", prefix):
        raise WrongUsage(
            f"NODETODO_TABLE_PREFIX is {prefix!r}; table names are made of a-z A-Z 0-9 _ - . and 255 characters at most"
        )
    return prefix
