"""Prints a plan, or returns it as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..output.text import BOLD, DIM, RED, printable
from . import aws_cli, descriptions, partiql, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines.interface import Target
    from ..output.stream import Output
    from .plan import Branch, Plan, Repeat, Step
    from .requests import Parameters, Table

WIDTH = 80
LABEL_WIDTH = 13
INDENT = "   "


def as_json(plan: Plan, tables: dict[str, Table]) -> dict[str, Any]:
    """Return the requests of a plan in their order.

    parameters: as they would be sent. after, when: for a request of a branch, the number of the request before it and
    the response that leads to it. repeats: the conditions under which the request is sent again. each: the number of
    items if the request is sent once for each batch of items. examples: the parameters whose values are examples,
    because they depend on earlier responses.
    """
    return {"requests": [_entry(step, after, when, tables) for step, after, when in _flat(plan.steps)]}


def _flat(
    steps: list[Step], after: str | None = None, when: str | None = None
) -> Iterator[tuple[Step, str | None, str | None]]:
    """Yield every step with the number of the step that it is a branch of, and the condition of that branch."""
    for step in steps:
        yield step, after, when
        for branch in step.branches:
            yield from _flat(branch.steps, step.number, branch.condition)


def _entry(step: Step, after: str | None, when: str | None, tables: dict[str, Table]) -> dict[str, Any]:
    parts = units.predicted(step.operation, step.parameters, tables)
    return {
        "number": step.number,
        "operation": step.operation,
        "parameters": step.parameters,
        "after": after,
        "when": when,
        "repeats": [_repeats(branch, branch.repeat, step) for branch in step.branches if branch.repeat],
        "each": step.batch_size,
        "examples": step.example_parameters,
        "units": [
            {
                "table": part.table,
                "index": part.on_index,
                part.kind: part.low if part.low == part.high else [part.low, part.high],
            }
            for part in parts
        ],
    }


class Paper:
    """Prints wrapped text and labelled rows, at most as wide as the terminal and at most 80 columns."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._width = max(40, min(output.width or WIDTH, WIDTH))

    def text(self, text: str, *, indent: str = "", style: str = "") -> None:
        """Print a paragraph."""
        for line in textwrap.wrap(
            printable(text),
            self._width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]:
            self._line(line, style)

    def row(self, label: str, text: str, style: str = "") -> None:
        """Print a label and a text beside it."""
        for number, line in enumerate(
            textwrap.wrap(
                printable(text),
                self._width - len(INDENT) - LABEL_WIDTH,
                break_long_words=False,
                break_on_hyphens=False,
            )
        ):
            title = label if not number else ""
            self._line(f"{INDENT}{title:<{LABEL_WIDTH}}{line}", style)

    def block(self, label: str, text: str) -> None:
        """Print a label and, below it, lines for copying. They are not wrapped."""
        if label:
            self._line(f"{INDENT}{label}", "")
        for line in text.split("\n"):
            self._line(INDENT + line, "")

    def _line(self, line: str, style: str) -> None:
        self._output.line(f"\x1b[{style}m{line}\x1b[0m" if style and self._output.colour else line)


def show(plan: Plan, tables: dict[str, Table], target: Target, cli_options: list[str], output: Output) -> None:
    """Print a plan. cli_options: options of the AWS CLI for the target."""
    paper = Paper(output)
    paper.text(f"Dry run against {target.name}; nothing is sent.")
    for question in plan.questions:
        paper.text(f"Without --yes, the command first asks: {question}", indent=INDENT)
    for step, after, when in _flat(plan.steps):
        output.line("")
        condition = f"only if {when}: " if after else ""
        each = f", once for each {step.batch_size} items" if step.batch_size else ""
        heading = descriptions.heading(step.operation, step.parameters)
        paper.text(f"{step.number}  {condition}{heading}{each}", style=BOLD)
        _show_step(step, tables, cli_options, paper)
    output.line("")
    _show_total(plan, tables, paper)
    if not plan.steps:
        return
    if target.is_local:
        paper.text("The AWS CLI cannot reach a local file; its lines are for tables in AWS.", style=DIM)
    else:
        _show_network(target, paper)


def _show_network(target: Target, paper: Paper) -> None:
    from ..engines.aws import (  # here, because it imports the AWS SDK
        ATTEMPTS,
        PLACEHOLDER_CREDENTIALS,
        THROTTLED_ATTEMPTS,
    )

    paper.text(
        f"The AWS SDK sends a request without a response at most {ATTEMPTS} times, and a throttled request at most "
        f"{THROTTLED_ATTEMPTS} times.",
        style=DIM,
    )
    if target.endpoint:
        paper.text("If the AWS CLI finds no credentials, use the placeholders of nodetodo:", style=DIM)
        paper.block(
            "", "export " + " ".join(f"{name.upper()}={value}" for name, value in PLACEHOLDER_CREDENTIALS.items())
        )


def _show_step(step: Step, tables: dict[str, Table], cli_options: list[str], paper: Paper) -> None:
    parameters = _for_copying(step)
    paper.text(descriptions.SUMMARIES[step.operation], indent=INDENT)
    for warning in descriptions.warnings(step.operation, step.parameters, tables):
        paper.row("! warning", warning, RED)
    for label, text in descriptions.rows(step.operation, step.parameters, tables, step.row_limit):
        paper.row(label, text)
    parts = units.predicted(step.operation, step.parameters, tables)
    for part in parts:
        paper.row(
            f"{part.kind} units",
            f"{units.span(part.low, part.high)} on {part.on_index or part.table}: {part.calculation}",
        )
    if not parts:
        paper.row("units", "none: requests about tables are free")
    if any(part.kind == "read" for part in parts):
        paper.row("as it grows", _growth(step, tables))
    for branch in step.branches:
        for label, text in _branch(branch, step):
            paper.row(label, text)
    if step.example_parameters:
        names = " and ".join(step.example_parameters)
        less = " with one delete" if parameters is not step.parameters else ""
        paper.row("example", f"{names} will contain values of an earlier response; this is an example{less}")
    paper.block("AWS CLI", aws_cli.line(step.operation, parameters, cli_options))
    statements = partiql.statements(step.operation, parameters, tables)
    if statements:
        options = [
            name if value is True else f"{name} {value:,}"
            for name, value in parameters.items()
            if value and name in ("Limit", "ConsistentRead")
        ]
        paper.block(
            f"PartiQL{', with ' if options else ''}{' and '.join(options)}", "\n".join(map(printable, statements))
        )


def _for_copying(step: Step) -> Parameters:
    """Return the parameters that are printed. A batch of example keys is cut to the first one."""
    if not step.batch_size:
        return step.parameters
    return {"RequestItems": {table: writes[:1] for table, writes in step.parameters["RequestItems"].items()}}


def _growth(step: Step, tables: dict[str, Table]) -> str:
    if step.operation == "GetItem":
        return "the same with 100, 10,000 and 1,000,000 items"
    scales = list(units.scales(step.parameters, tables, step.page_limits, step.row_limit))
    if len({scale.units for scale in scales}) == 1:
        return f"the same with {scales[0].items:,}, {scales[1].items:,} and {scales[2].items:,} items"
    where = "with this key" if step.operation == "Query" else "in the table"
    small, medium, large = (
        f"{units.shown(scale.units)} with {scale.items:,}{'' if scale.pages == 1 else f' ({scale.pages:,} pages)'}"
        for scale in scales
    )
    few = ", if few of them pass the filter" if step.is_filtered else ""
    return f"{small}, {medium} and {large} items {where}{few}"


def _branch(branch: Branch, step: Step) -> Iterator[tuple[str, str]]:
    if branch.repeat:
        yield "repeats", _repeats(branch, branch.repeat, step)
        return
    if branch.steps:
        yield "then", f"if {branch.condition}: {' and '.join(inner.number for inner in branch.steps)}"
    if branch.ending:
        yield "ends", f"if {branch.condition}: {branch.ending.message} (exit status {branch.ending.status})"


def _repeats(branch: Branch, repeat: Repeat, step: Step) -> str:
    """Return the condition under which a request is sent again, and the limits of its repeats."""
    if repeat.is_next_page:
        end = "the last page is read"
        if step.row_limit is not None:
            end = f"{step.row_limit:,} rows are found or {end}"
        start = "from the start, because the items of the page are deleted" if repeat.from_start else "after the page"
        limits = [f"{limit:,}" for limit in step.page_limits[1:]]
        growth = f", with Limit {', '.join(limits[:2])} … {limits[-1]}" if len(limits) > 2 else ""
        return f"until {end}, {start}{growth}"
    first = f"{', '.join(inner.number for inner in branch.steps)}, then " if branch.steps else ""
    changed = " with new values" if repeat.is_changed else ""
    pause = ", after a pause" if repeat.is_paused else ""
    limit = "" if repeat.at_most is None else f", at most {repeat.at_most} times"
    return f"if {branch.condition}: {first}the same request{changed}{pause}{limit}"


def _show_total(plan: Plan, tables: dict[str, Table], paper: Paper) -> None:
    if not plan.steps:
        paper.text("The command sends no request.", style=BOLD)
        return
    counted = Counter(step.operation for step in plan.steps)
    requests = "1 request" if len(plan.steps) == 1 else f"{len(plan.steps)} requests"
    names = ", ".join(f"{number} {name}" if number > 1 else name for name, number in counted.items())
    parts = [part for step in plan.steps for part in units.predicted(step.operation, step.parameters, tables)]
    spans = [
        units.with_kind(*units.total(parts, kind), kind)
        for kind in units.KINDS
        if any(part.kind == kind for part in parts)
    ]
    total = f"{requests} ({names}), {' and '.join(spans) or 'no capacity units'}"
    paper.text(f"Total, if nothing unusual is found: {total}.", style=BOLD)
