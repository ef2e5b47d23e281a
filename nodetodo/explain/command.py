"""Explains one command: runs its own code on a simulated client, and shows the requests that it recorded."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, cast

from ..embedded import ClientError
from ..engines import messages
from ..errors import Unavailable
from ..output.results import Listing, Message
from . import plan, requests, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..access import Access
    from ..commands.context import Run
    from ..engines.interface import Client, Target
    from ..output.stream import Output
    from . import simulated


class SilentConsole:
    """Answers yes to every question and records it. Nothing is printed."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def progress(self, more: int) -> None:
        """Do nothing."""

    def notify(self, notice: str) -> None:
        """Do nothing."""

    def confirm(self, question: str) -> bool:
        """Record the question and return True."""
        self.questions.append(question)
        return True


def explain(run: Run, prefix: str, target: Target, variables: Mapping[str, str], output: Output) -> None:
    """Show the plan of a command. Raises WrongUsage where the command itself does."""
    tables = requests.tables(prefix)
    made = _plan(run, prefix, target)
    if output.json:
        output.line(json.dumps(text.as_json(made, tables), ensure_ascii=not output.is_unicode))
    else:
        text.show(made, tables, target, _aws_cli_options(target, variables), output)


def accesses(run: Run, prefix: str, target: Target) -> list[Access]:
    """Return what a command reads and writes in its usual course, request by request."""
    return [
        access
        for step in _plan(run, prefix, target).steps
        for access in requests.accesses(step.operation, step.parameters, requests.tables(prefix))
    ]


def _plan(run: Run, prefix: str, target: Target) -> plan.Plan:
    def simulate(client: simulated.Client) -> plan.Ran:
        console = SilentConsole()
        try:
            result = run(cast("Client", client), client.slept, console)
            if isinstance(result, Listing):  # its further pages are read while it is shown
                deque(result.rows, maxlen=0)
        except ClientError as error:
            raise Unavailable(messages.message(error, target)) from error
        sentence = result.text if isinstance(result, Message) else ""
        return plan.Ran(sentence, result.rows.limit if isinstance(result, Listing) else None, console.questions)

    return plan.made(simulate, requests.tables(prefix))


def _aws_cli_options(target: Target, variables: Mapping[str, str]) -> list[str]:
    """Return the options with which the AWS CLI reaches the same database."""
    region = variables.get("AWS_REGION")
    if target.endpoint is not None:
        from ..engines.aws import STAND_IN_REGION  # here, because it imports the AWS SDK

        region = region or variables.get("AWS_DEFAULT_REGION") or STAND_IN_REGION
        return ["--endpoint-url", target.endpoint, "--region", region]
    return ["--region", region] if region and not target.is_local else []
