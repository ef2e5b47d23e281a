"""The commands export and import."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ..errors import WrongUsage
from ..repositories.transfer import GROUP_ITEMS
from .export import DYNAMODB, Export
from .imports import THREADS, Import

if TYPE_CHECKING:
    from ..commands.context import Context

SEGMENTS = 4
"""Segments of a table in an export from a server, by default. The embedded engine runs one request at a time."""


def export(context: Context, file: str, format: str, segments: int | None, rate: int | None) -> Export:
    """Write all users and tasks to a file."""
    if file == "-" and format == DYNAMODB:
        raise WrongUsage(f"the format {DYNAMODB} is a folder and cannot be written to standard output")
    if file.endswith(".gz") and format != DYNAMODB:
        raise WrongUsage(f"export does not compress; use: nodetodo export - | gzip > {shlex.quote(file)}")
    number = segments or (1 if context.target.is_local else SEGMENTS)
    transfer = context.transfer(rate)
    return Export(transfer, file, format, number, context.target.name, context.console, context.now)


def import_(context: Context, file: str, replace: bool, rate: int | None, report: str | None) -> Import:
    """Add the users and tasks of a file. An existing item stays unless replace is given."""
    if report == "-":
        raise WrongUsage("--report takes the name of a file, not -; /dev/stderr is standard error")
    if replace:
        from ..commands.recovery import mention_missing_recovery  # here, because other imports replace nothing

        mention_missing_recovery(context)
    # In DynamoDB, a transaction costs twice. In the embedded engine, a group is one transaction of the file.
    size = GROUP_ITEMS if replace or context.target.is_local else 1
    threads = 1 if context.target.is_local else THREADS
    return Import(context.transfer(rate), file, replace, report, size, threads, context.console)
