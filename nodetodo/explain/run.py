"""Explains one command: its own code is run on a dry client, and what that has on record is shown."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from .. import refusals
from ..embedded import ClientError
from ..errors import Unavailable
from ..render import Listing, Output, Said
from . import dry, plan, reading, show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..client import Client, Target
    from ..commands import Todo


def explain(
    todo: Callable[[Client, Callable[[float], None]], Todo],
    command: Callable[[Todo], Any],
    prefix: str,
    target: Target,
    env: Mapping[str, str],
    output: Output,
) -> None:
    """Show the plan of a command.

    todo gives what the command works with, on a client and with a way to sleep; command runs it. Raises WrongUsage
    where the command itself does, and nothing that an answer can cause.
    """

    def silent(_: object) -> None:
        pass

    def run(client: dry.Client) -> plan.Ran:
        asked: list[str] = []

        def confirmed(question: str) -> bool:
            asked.append(question)
            return True

        on = todo(client, client.slept)
        on.progress, on.told, on.confirmed = silent, silent, confirmed
        try:
            result = command(on)
            if isinstance(result, Listing):  # it asks while it is shown; others are complete, and may write a file
                result.show(Output(io.StringIO(), io.StringIO(), json=False, width=None, colour=False))
        except ClientError as error:
            raise Unavailable(refusals.sentence(error, target)) from error
        sentence = result.sentence if isinstance(result, Said) else ""
        return plan.Ran(sentence, result.rows.limit if isinstance(result, Listing) else None, asked)

    tables = reading.tables(prefix)
    made = plan.made(run, tables)
    if output.json:
        output.line(json.dumps(show.as_json(made, tables), ensure_ascii=not output.is_unicode))
    else:
        show.show(made, tables, target, _where(target, env), output)


def _where(target: Target, env: Mapping[str, str]) -> list[str]:
    """The options with which the AWS CLI reaches what this program reaches."""
    region = env.get("AWS_REGION")
    if target.endpoint is not None:
        from ..remote import STAND_IN_REGION  # here, because it brings the AWS SDK along

        region = region or env.get("AWS_DEFAULT_REGION") or STAND_IN_REGION
        return ["--endpoint-url", target.endpoint, "--region", region]
    return ["--region", region] if region and not target.is_local else []
