"""A plan on a terminal, or as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..output.text import BOLD, DIM, RED, printable
from . import aws_cli, partiql, units
from . import descriptions as words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines.interface import Target
    from ..output.stream import Output
    from .plan import Plan, Step, Way
    from .requests import Table

WIDTH = 80
LABEL = 13
INDENT = "   "


def as_json(plan: Plan, tables: dict[str, Table]) -> dict[str, Any]:
    """All requests in their order, each with its parameters as they would be sent.

    after and when: the number of the request that a conditional one follows, and on what it finds. repeats: when it is
    sent again. each: for so many items each time. examples: the parameters that hold values of earlier answers, and
    here something made up.
    """
    return {"requests": [_entry(step, after, when, tables) for step, after, when in _flat(plan.steps)]}


def _flat(steps: list[Step], after: str | None = None, when: str | None = None) -> Iterator[tuple[Step, Any, Any]]:
    for step in steps:
        yield step, after, when
        for way in step.ways:
            yield from _flat(way.steps, step.number, way.words)


def _entry(step: Step, after: str | None, when: str | None, tables: dict[str, Table]) -> dict[str, Any]:
    parts = units.predicted(step.operation, step.parameters, tables)
    return {
        "number": step.number,
        "operation": step.operation,
        "parameters": step.parameters,
        "after": after,
        "when": when,
        "repeats": [_again(way, step) for way in step.ways if way.again],
        "each": step.each,
        "examples": step.unknown,
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
    """Lines of text with labels beside them, no wider than the terminal or 80 columns."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._width = max(40, min(output.width or WIDTH, WIDTH))

    def text(self, text: str, *, indent: str = "", style: str = "") -> None:
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
        for number, line in enumerate(
            textwrap.wrap(
                printable(text),
                self._width - len(INDENT) - LABEL,
                break_long_words=False,
                break_on_hyphens=False,
            )
        ):
            title = label if not number else ""
            self._line(f"{INDENT}{title:<{LABEL}}{line}", style)

    def block(self, label: str, text: str) -> None:
        """Lines that are to be copied, and so never wrapped: below their label."""
        if label:
            self._line(f"{INDENT}{label}", "")
        for line in text.split("\n"):
            self._line(INDENT + line, "")

    def _line(self, line: str, style: str) -> None:
        self._output.line(f"\x1b[{style}m{line}\x1b[0m" if style and self._output.colour else line)


def show(plan: Plan, tables: dict[str, Table], target: Target, where: list[str], output: Output) -> None:
    paper = Paper(output)
    paper.text(f"Nothing is sent. To {target.name} it would be:")
    for question in plan.asked:
        paper.text(f"first, without --yes, the question: {question}", indent=INDENT)
    for step, after, when in _flat(plan.steps):
        output.line("")
        condition = f"only if {when}: " if after else ""
        each = f", again for each {step.each} items" if step.each else ""
        heading = words.heading(step.operation, step.parameters)
        paper.text(f"{step.number}  {condition}{heading}{each}", style=BOLD)
        _show_step(step, tables, where, paper)
    output.line("")
    _show_total(plan, tables, paper)
    if not plan.steps:
        return
    if target.is_local:
        paper.text("The AWS CLI cannot reach a local file; its lines ask the same of tables in AWS.", style=DIM)
    else:
        _over_the_network(target, paper)


def _over_the_network(target: Target, paper: Paper) -> None:
    from ..engines import aws  # here, because it imports the AWS SDK

    paper.text(
        f"The AWS SDK sends a request that gets no response {aws.ATTEMPTS} times at most, and one that is throttled "
        f"{aws.THROTTLED_ATTEMPTS} times.",
        style=DIM,
    )
    if target.endpoint:
        paper.text("Where the AWS CLI finds no credentials, it takes what nodetodo takes then:", style=DIM)
        placeholders = " ".join(f"{name.upper()}={value}" for name, value in aws.PLACEHOLDER_CREDENTIALS.items())
        paper.block("", f"export {placeholders}")


def _show_step(step: Step, tables: dict[str, Table], where: list[str], paper: Paper) -> None:
    parameters = pasted(step)
    paper.text(words.VERDICTS[step.operation], indent=INDENT)
    for warning in words.warnings(step.operation, step.parameters, tables):
        paper.row("! warning", warning, RED)
    for label, text in words.rows(step.operation, step.parameters, tables, step.rows):
        paper.row(label, text)
    parts = units.predicted(step.operation, step.parameters, tables)
    for part in parts:
        paper.row(
            f"{part.kind} units", f"{units.span(part.low, part.high)} on {part.on_index or part.table}: {part.why}"
        )
    if not parts:
        paper.row("units", "none: requests about tables are free")
    if any(part.kind == "read" for part in parts):
        paper.row("as it grows", _growth(step, tables))
    for way in step.ways:
        for label, text in _way(way, step):
            paper.row(label, text)
    if step.unknown:
        less = ", and of the deletes only one" if parameters is not step.parameters else ""
        paper.row("example", f"{' and '.join(step.unknown)} will come from an response; here it is made up{less}")
    paper.block("AWS CLI", aws_cli.line(step.operation, parameters, where))
    statements = partiql.statements(step.operation, parameters, tables)
    if statements:
        beside = [
            name if value is True else f"{name} {value:,}"
            for name, value in parameters.items()
            if value and name in ("Limit", "ConsistentRead")
        ]
        paper.block(
            f"PartiQL{', with ' if beside else ''}{' and '.join(beside)}", "\n".join(map(printable, statements))
        )


def pasted(step: Step) -> dict[str, Any]:
    """The parameters as they are shown for pasting: of a batch of keys that are not known yet, only the first."""
    if not step.each:
        return step.parameters
    return {"RequestItems": {table: writes[:1] for table, writes in step.parameters["RequestItems"].items()}}


def _growth(step: Step, tables: dict[str, Table]) -> str:
    if step.operation == "GetItem":
        return "the same among 100, 10,000 or 1,000,000 items"
    scales = list(units.scales(step.parameters, tables, step.limits, step.rows))
    if len({scale.units for scale in scales}) == 1:
        return f"the same among {scales[0].items:,}, {scales[1].items:,} or {scales[2].items:,} items"
    of = "under this key" if step.operation == "Query" else "in the table"
    least, more, most = (
        f"{units.shown(scale.units)} with {scale.items:,}{'' if scale.pages == 1 else f' ({scale.pages:,} pages)'}"
        for scale in scales
    )
    few = "; so when few of them pass the filter" if step.is_filtered else ""
    return f"{least}, {more} and {most} items {of}{few}"


def _way(way: Way, step: Step) -> Iterator[tuple[str, str]]:
    if way.again:
        yield "repeats", _again(way, step)
        return
    if way.steps:
        yield "then", f"if {way.words}: {' and '.join(inner.number for inner in way.steps)}"
    if way.ends is not None:
        sentence, status = way.ends
        yield "ends", f"if {way.words}: {sentence} (exit status {status})"


def _again(way: Way, step: Step) -> str:
    """When, and until when, a request is sent again."""
    if way.is_next_page:
        until = "the data ends" if step.rows is None else f"{step.rows:,} rows are found or the data ends"
        place = "from the start, as what was found is gone" if way.from_start else "from where the page ended"
        grown = [f"{limit:,}" for limit in step.limits[1:]]
        limits = f"with Limit {', '.join(grown[:2])} … {grown[-1]}" if len(grown) > 2 else ""
        return f"until {until}, {place}{', ' if limits else ''}{limits}"
    first = f"{', '.join(inner.number for inner in way.steps)} and then " if way.steps else ""
    changed = " with that" if way.is_changed else ""
    pause = ", after a pause" if way.is_paused else ""
    bound = "" if way.at_most is None else f", {way.at_most} times at most"
    return f"if {way.words}: {first}the same again{changed}{pause}{bound}"


def _show_total(plan: Plan, tables: dict[str, Table], paper: Paper) -> None:
    if not plan.steps:
        paper.text("It would send no request.", style=BOLD)
        return
    counted = Counter(step.operation for step in plan.steps)
    requests = "1 request" if len(plan.steps) == 1 else f"{len(plan.steps)} requests"
    parts = [part for step in plan.steps for part in units.predicted(step.operation, step.parameters, tables)]
    spans = [
        f"{units.span(*units.total(parts, kind))} {kind} units"
        for kind in ("read", "write")
        if any(part.kind == kind for part in parts)
    ]
    names = ", ".join(f"{many} {name}" if many > 1 else name for name, many in counted.items())
    paper.text(f"In all, as a rule: {requests} ({names}); {' and '.join(spans) or 'no capacity units'}.", style=BOLD)
