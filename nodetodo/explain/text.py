"""Prints a plan, or returns it as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..output.text import BOLD, DIM, RED, counted, printable
from . import aws_cli, descriptions, partiql, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines.interface import Target
    from ..output.terminal import Output
    from .plan import Plan, Possibility, Step
    from .requests import Parameters, Table

WIDTH = 80
LABEL_WIDTH = 13
INDENT = "   "


GROWN_ITEMS = 10_000
"""Items of the example of a command that sends a request once for each batch of items."""


def as_json(plan: Plan, tables: dict[str, Table]) -> dict[str, Any]:
    """Return the requests of a plan in their order.

    parameters: as they would be sent. after, when: for a request after an unusual response, the number of the request
    that receives it, and the response. repeats: when and how the request is sent again. endings: the messages and exit
    statuses with which the command ends after an unusual response. skips: the numbers of requests that are not sent
    after an unusual response. each: the number of items if the request is sent
    once for each batch of items. times: how often the request is sent, each time with another key. examples: the
    parameters whose values are examples, because they depend on earlier responses. units: the limits for items of any
    size, and usual, the limits for items of the assumed size.
    """
    return {"requests": list(_entries(plan.steps, tables))}


def _entries(
    steps: list[Step], tables: dict[str, Table], after: str | None = None, when: str | None = None
) -> Iterator[dict[str, Any]]:
    for step in steps:
        found = step.possibilities
        yield {
            "number": step.number,
            "operation": step.operation,
            "parameters": step.parameters,
            "after": after,
            "when": when,
            "repeats": [f"if {one.condition}: {one.repeat}" for one in found if one.repeat],
            "endings": [{"when": one.condition, **one.ending._asdict()} for one in found if one.ending],
            "skips": [{"when": one.condition, "requests": one.skipped} for one in found if one.skipped],
            "each": step.batch_size,
            "times": step.times,
            "examples": step.examples,
            "units": [
                {
                    "table": part.table,
                    "index": part.on_index,
                    part.kind: part.low if part.low == part.high else [part.low, part.high],
                    "usual": part.low if part.low == part.usual else [part.low, part.usual],
                }
                for part in units.predicted(step.operation, step.parameters, tables)
            ],
        }
        for one in found:
            yield from _entries(one.steps, tables, step.number, one.condition)


class Paper:
    """Prints wrapped text and labelled rows, at most as wide as the terminal and at most 80 columns."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._width = max(40, min(output.width or WIDTH, WIDTH))

    def text(self, text: str, *, indent: str = "", hanging: str = "", style: str = "") -> None:
        """Print a paragraph. hanging: the further indentation of its second and later lines."""
        for line in textwrap.wrap(
            printable(text),
            self._width,
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]:
            self.line(line, style)

    def row(self, label: str, text: str) -> None:
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
            self.line(f"{INDENT}{title:<{LABEL_WIDTH}}{line}")

    def block(self, label: str, lines: list[str], indent: str) -> None:
        """Print lines for copying, the first one beside a label. indent: of the other lines."""
        first, *others = lines
        self.line(f"{INDENT}{label:<{LABEL_WIDTH - 2}}  {first}")
        for line in others:
            self.line(indent + line)

    def line(self, line: str, style: str = "") -> None:
        """Print a line without wrapping it."""
        self._output.line(f"\x1b[{style}m{line}\x1b[0m" if style and self._output.colour else line)


def show(plan: Plan, tables: dict[str, Table], target: Target, cli_options: list[str], output: Output) -> None:
    """Print the usual requests in full, and other possibilities in one sentence each."""
    paper = Paper(output)
    note = " The AWS CLI lines are for tables in AWS." if plan.steps and target.is_local else ""
    paper.text(f"Dry run against {target.name}; nothing is sent.{note}")
    for question in plan.questions:
        paper.text(f"Without --yes, the command first requests a confirmation: {question}")
    if plan.endings:
        paper.text(f"! {_about_endings(plan.endings)}", hanging="  ", style=RED)
    paper.text(_total(plan, tables), style=BOLD)
    shown: dict[str, str] = {}
    for step in plan.steps:
        first = shown.setdefault(repr((step.operation, step.parameters)), step.number)
        is_new = first == step.number
        summary = descriptions.summary(step.operation, step.parameters) if is_new else f"the same request as {first}"
        output.line("")
        heading = descriptions.heading(step.operation, step.parameters) + _for_each(step)
        paper.text(f"{step.number}  {heading}: {summary}", hanging=INDENT, style=BOLD)
        if is_new:
            _show_request(step, tables, paper)
        for possibility in step.possibilities:
            paper.text(f"If {_sentence(possibility, tables)}.", indent=INDENT, hanging="  ")
        if is_new:
            _show_for_copying(step, tables, cli_options, paper)
    if plan.steps and not target.is_local:
        output.line("")
        _show_network(target, paper)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _about_endings(endings: list[str]) -> str:
    """Return why the command reads all keys, and the way to avoid it."""
    are = "are the ends of tids" if endings[1:] else "is the end of a tid"
    return (
        f"{_listed(endings)} {are}. The end of a key is not a key: DynamoDB cannot look it up, so that request 1 reads "
        "the keys of all tasks of the user. A whole tid saves this request."
    )


def _for_each(step: Step) -> str:
    """Return the number of keys with which the request is sent, if there are several."""
    return f" for each of the {step.times} tids" if step.times > 1 else ""


def _show_network(target: Target, paper: Paper) -> None:
    # here, because they import the AWS SDK
    from ..engines.aws import ATTEMPTS, PLACEHOLDER_CREDENTIALS
    from ..engines.aws_requests import THROTTLED_ATTEMPTS

    paper.text(f"Attempts of the AWS SDK: {ATTEMPTS} without a response, {THROTTLED_ATTEMPTS} if throttled.", style=DIM)
    if target.endpoint:
        paper.text("If the AWS CLI finds no credentials, use the placeholders of nodetodo:", style=DIM)
        variables = (f"{name.upper()}={value}" for name, value in PLACEHOLDER_CREDENTIALS.items())
        paper.line(f"{INDENT}export {' '.join(variables)}")


def _show_request(step: Step, tables: dict[str, Table], paper: Paper) -> None:
    for warning in descriptions.warnings(step.operation, step.parameters, tables):
        paper.text(f"! {warning}", indent=INDENT, hanging="  ", style=RED)
    for label, text in descriptions.rows(step.operation, _for_copying(step), tables, step.row_limit):
        paper.row(label, text)
    parts = units.predicted(step.operation, step.parameters, tables)
    for part in parts:
        most = f", at most {units.shown(part.high)}" if part.high > part.usual else ""
        place = part.on_index or part.table
        paper.row(f"{part.kind} units", f"{units.span(part.low, part.usual)} on {place}{most}: {part.calculation}")
    for part in units.of_optional_indexes(step.operation, step.parameters, tables):
        more = units.with_kind(part.low, part.usual, part.kind)
        paper.row(str(part.on_index), f"if it exists, {more} more")
    if step.pages:
        paper.row("as it grows", _growth(step, step.pages, tables))
    if step.batch_size:
        paper.row("as it grows", _growth_of_batches(parts, step.batch_size))


def _show_for_copying(step: Step, tables: dict[str, Table], cli_options: list[str], paper: Paper) -> None:
    parameters = _for_copying(step)
    if step.examples:
        less = " with one member" if parameters is not step.parameters else ""
        paper.row("example", f"{' and '.join(step.examples)}{less}, unknown before the command runs")
    line = aws_cli.line(step.operation, parameters, cli_options, LABEL_WIDTH)
    paper.block("AWS CLI", line.split("\n"), INDENT)
    statements = partiql.statements(step.operation, parameters, tables)
    if statements:
        options = [
            name if value is True else f"{name} {value:,}"
            for name, value in parameters.items()
            if value and name in ("Limit", "ConsistentRead")
        ]
        lines = "\n".join(map(str, statements)).split("\n")
        paper.block(", ".join(["PartiQL", *options]), lines, INDENT + " " * LABEL_WIDTH)


def _for_copying(step: Step) -> Parameters:
    """Return the parameters that are printed. A batch of examples is cut to the first one."""
    if not step.batch_size or step.batch_size == 1:
        return step.parameters
    if "TransactItems" in step.parameters:
        return step.parameters | {"TransactItems": step.parameters["TransactItems"][:1]}
    ((table, members),) = step.parameters["RequestItems"].items()
    cut = {**members, "Keys": members["Keys"][:1]} if isinstance(members, dict) else members[:1]
    return {"RequestItems": {table: cut}}


def _growth(step: Step, pages: units.Pages, tables: dict[str, Table]) -> str:
    scales = [units.scale(step.parameters, tables, pages, items) for items in (100, GROWN_ITEMS, 1_000_000)]
    if len({scale.units for scale in scales}) == 1:
        return f"the same with {scales[0].items:,}, {scales[1].items:,} and {scales[2].items:,} items"
    small, medium, large = (
        f"{units.shown(scale.units)} with {scale.items:,}{'' if scale.pages == 1 else f' ({scale.pages:,} pages)'}"
        for scale in scales
    )
    few = " if few pass the filter" if "FilterExpression" in step.parameters else ""
    return f"{small}, {medium}, {large} items{few}"


def _growth_of_batches(parts: list[units.Part], size: int) -> str:
    """Return the formula of the units for n items below 1 KB."""
    terms = [
        f"{factor} on {part.on_index or part.table}"
        for part in parts
        for factor in ["0 to n" if not part.low else "n" if part.usual == size else f"{part.usual / size:g} n"]
    ]
    requests = "n" if size == 1 else f"⌈n / {size}⌉"
    return f"n items below 1 KB take {requests} requests and {parts[0].kind} units: {' and '.join(terms)}"


def _sentence(possibility: Possibility, tables: dict[str, Table]) -> str:
    """Describe a possibility by its requests and its exit status; 0 is left out after requests.

    Of further possibilities, only other exit statuses are named. The messages are in the JSON only.
    """
    reactions = []
    for step in possibility.steps:
        parts = units.predicted(step.operation, step.parameters, tables)
        cost = " and ".join(units.totals(parts, usual_only=True)) or descriptions.billing(step.parameters)
        each = " for each tid" if step.times > 1 else ""
        reactions.append(", ".join(filter(None, (descriptions.heading(step.operation, step.parameters) + each, cost))))
        endings = [(inner.condition, inner.ending.status) for inner in step.possibilities if inner.ending]
        reactions += [f"if {condition}, exit status {status}" for condition, status in endings if status]
    if possibility.skipped:
        reactions.append(f"{_listed(possibility.skipped)} {'are' if possibility.skipped[1:] else 'is'} not sent")
    if possibility.repeat:
        reactions.append(possibility.repeat)
    if possibility.ending and (possibility.ending.status or not reactions):
        reactions.append(f"exit status {possibility.ending.status}")
    return f"{possibility.condition}: {'; '.join(reactions)}"


def _total(plan: Plan, tables: dict[str, Table]) -> str:
    """Return the requests and units of the usual path, with GROWN_ITEMS items if their number matters."""
    if not plan.steps:
        return "The command sends no request."
    is_grown = any(step.batch_size for step in plan.steps)
    requests: Counter[str] = Counter()
    parts = []
    for step in plan.steps:
        number = step.times
        predicted = [part.times(number) for part in units.predicted(step.operation, step.parameters, tables)]
        if step.batch_size:
            number = -(-GROWN_ITEMS // step.batch_size)
            predicted = [part.times(number) for part in predicted]
        elif is_grown and step.pages:
            grown = units.scale(step.parameters, tables, step.pages, GROWN_ITEMS)
            number = grown.pages
            predicted = [part.times(number)._replace(low=grown.units, usual=grown.units) for part in predicted]
        requests[step.operation] += number
        parts += predicted
    names = ", ".join(f"{number:,} {name}" if number > 1 else name for name, number in requests.items())
    cost = " and ".join(units.totals(parts)) or "no capacity units"
    grown_items = f" with {GROWN_ITEMS:,} items" if is_grown else ""
    return f"Usual total{grown_items}: {counted(requests.total(), 'request')} ({names}), {cost}."
