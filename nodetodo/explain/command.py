"""Prints the plan of a command (--explain), and returns its access patterns for `design`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..embedded import ClientError
from ..engines import messages
from ..errors import NodetodoError
from ..model import TidEnding
from ..output.results import Listing, Message, SettingChanges, to_json
from ..output.several import Several
from . import requests, text
from .plan import make_plan
from .simulated import CommandResult, usual_requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from ..access import Access
    from ..commands.context import Run
    from ..engines.interface import Client, Target
    from ..output.terminal import Output
    from .simulated import RunCommand, SimulatedClient


class SilentConsole:
    """Records notices and questions, and confirms all questions. Prints nothing."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.questions: list[str] = []

    def progress(self, more: int, doing: str = "", nouns: str = "") -> None:
        """Do nothing."""

    def input(self) -> NoReturn:
        """Raise an error, because --explain reads no input."""
        raise AssertionError("--explain reads no input")

    def notify(self, notice: str) -> None:
        """Record the notice."""
        self.notices.append(notice)

    def wait(self, reason: str) -> None:
        """Do nothing."""

    def confirm(self, question: str) -> bool:
        """Record the question and return True."""
        self.questions.append(question)
        return True


def explain(run: Run, prefix: str, target: Target, variables: Mapping[str, str], output: Output) -> None:
    """Print the plan of a command. Raises the command's error if the command always fails."""
    tables = requests.tables(prefix)
    plan = make_plan(_on_simulated_client(run, target), tables, _endings(run))
    if output.json:
        output.line(to_json(text.as_json(plan, tables), output))
    else:
        text.show(plan, tables, target, _aws_cli_options(target, variables), output)


def accesses(run: Run, prefix: str, target: Target) -> list[Access]:
    """Return the accesses of a command if nothing unusual is found, request by request."""
    tables = requests.tables(prefix)
    return [
        access
        for operation, parameters in usual_requests(_on_simulated_client(run, target), tables, _endings(run))
        for access in requests.accesses(operation, parameters, tables)
    ]


def _endings(run: Run) -> list[TidEnding]:
    """Return the ends of tids on the command line."""
    tids = run.arguments.get("tid", [])
    return [tid for tid in (tids if isinstance(tids, list) else [tids]) if isinstance(tid, TidEnding)]


def _first(result: Several) -> Message:
    """Make all changes of a command. Return the result of the first one, or raise the first error."""
    first, *others = list(result.changes)
    for change in (first, *others):
        if isinstance(change, NodetodoError):
            raise change
    assert isinstance(first, Message)
    return first


def _on_simulated_client(run: Run, target: Target) -> RunCommand:
    def run_command(client: SimulatedClient) -> CommandResult:
        console = SilentConsole()
        if run.arguments.get("name"):
            client.name_backup(run.arguments["name"])
        try:
            result = run(cast("Client", client), client.sleep, console)
            if isinstance(result, Several):
                result = _first(result)
            elif hasattr(result, "requests"):
                result.requests(client.examples)
        except ClientError as error:
            raise messages.failure(error, target) from error
        message = result.text if isinstance(result, Message) else "; ".join(console.notices)
        row_limit = result.rows.limit if isinstance(result, Listing) else None
        changes = None
        if isinstance(result, SettingChanges):  # the indexes of a table change together with it
            changes = len({(change.table, change.setting) for change in result.changes})
        return CommandResult(message, row_limit, console.questions, changes)

    return run_command


def _aws_cli_options(target: Target, variables: Mapping[str, str]) -> list[str]:
    """Return the options of the AWS CLI for the same database."""
    region = variables.get("AWS_REGION")
    if target.endpoint is not None:
        from ..engines.aws import PLACEHOLDER_REGION  # here, because it imports the AWS SDK

        region = region or variables.get("AWS_DEFAULT_REGION") or PLACEHOLDER_REGION
        return ["--endpoint-url", target.endpoint, "--region", region]
    return ["--region", region] if region and not target.is_local else []
