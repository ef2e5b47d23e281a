"""Selects the database: from --db and variables to a target, and from a target to its engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import WrongUsage
from ..model import TABLE_PREFIX
from .interface import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .interface import Engine


def choose(given: str | None, variables: Mapping[str, str]) -> Target:
    """Return the target of --db, else of NODETODO_DB, else of AWS_ENDPOINT_URL_DYNAMODB, else local.

    AWS credentials never select a target. Raises WrongUsage if the value is not a target.
    """
    if given is not None:
        return _target("--db", given)
    for name in ("NODETODO_DB", "AWS_ENDPOINT_URL_DYNAMODB"):
        value = variables.get(name)
        if value:
            return _target(name, value)
    return Target("local")


def _target(origin: str, value: str) -> Target:
    if value in ("local", "aws"):
        return Target(value)
    if value.startswith("local:") and value != "local:":
        return Target(value, path=value.removeprefix("local:"))
    if "@" in value:
        # The value is not repeated, because it may contain a password. botocore would put it into error messages.
        raise WrongUsage(f"{origin} contains user information (before @), which no endpoint has; remove it")
    if value.startswith(("http://", "https://")):
        return _endpoint(origin, value)
    raise WrongUsage(
        f"{origin} is {value!r}; it takes local, local:<file>, aws, or a URL such as http://localhost:8000"
    )


def _endpoint(origin: str, value: str) -> Target:
    from urllib.parse import urlsplit

    if "?" in value or "#" in value:  # not repeated either: a query may contain a token
        raise WrongUsage(f"{origin} is a URL with a query or fragment (after ? or #), which no endpoint has; remove it")
    try:
        url = urlsplit(value)
        if url.hostname and url.port != 0:
            return Target(value, endpoint=value)
    except ValueError:  # a port that is not a number or beyond 65535, a broken IPv6 address
        pass
    raise WrongUsage(f"{origin} is {value!r}, which is not the URL of a server; a valid one is http://localhost:8000")


def engine_of(target: Target) -> Engine:
    """Return the engine of a target. Only this engine is imported: the AWS SDK takes longer than a local command."""
    if target.is_local:
        from . import local

        return local
    from . import aws

    return aws


def table_prefix(variables: Mapping[str, str]) -> str:
    """Return NODETODO_TABLE_PREFIX, which lets several developers share an account; default: `todo-`.

    Raises WrongUsage if no table name can begin with it.
    """
    prefix = variables.get("NODETODO_TABLE_PREFIX") or TABLE_PREFIX
    # A table name has 3 to 255 characters of this set (CreateTable, API reference); "user" and "task" are four.
    letters = prefix.replace("_", "").replace(".", "").replace("-", "")
    if len(prefix) > 251 or not prefix.isascii() or not (letters.isalnum() or not letters):
        raise WrongUsage(
            f"NODETODO_TABLE_PREFIX is {prefix!r}; a table name has at most 255 characters of a-z A-Z 0-9 _ - ."
        )
    return prefix
