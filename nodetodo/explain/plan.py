"""Which requests a command sends: it is run without an engine under every response that its requests may find.

One run goes as usual. For each of its requests and each other response there is one more run; what is sent there and
not in the usual one is a conditional step, and a request that comes back is a loop. So a plan knows no command by its name.
"""

from __future__ import annotations

from itertools import count, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import NodetodoError, WrongUsage
from .simulated import Choose, Client, Enough, Sent, Situation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .requests import Parameters, Table

MOST = 200
"""Requests of one run. No command needs so many under answers that are made up, but for a loop without an end."""

PROBED = 20
"""Times that a loop is followed to see whether it ends by itself, and what changes from one time to the next."""

FRESH = ("ClientRequestToken",)
"""Parameters that are random, and no response's."""

VOLATILE = {"Limit", "ExclusiveStartKey", *FRESH}
"""Parameters that may change from one time of a loop to the next."""


class Way(NamedTuple):
    """What follows when a request finds something else than usual, told by `words`.

    steps: requests that are then sent besides. again: the request itself is sent again then, with other values if
    is_changed, after a pause if is_paused, and at_most so many times in all (None: as long as it takes). is_next_page:
    it is sent for what comes after a page, from where that ended, or from_start. ends: how the command then ends, if
    that is not as usual: its sentence, with … for what depends on the data, and its exit status.
    """

    words: str
    steps: list[Step]
    again: bool = False
    is_changed: bool = False
    is_paused: bool = False
    at_most: int | None = None
    is_next_page: bool = False
    from_start: bool = False
    ends: tuple[str, int] | None = None


class Step(NamedTuple):
    """A request. unknown: the parameters that depend on earlier answers, and whose values here are examples.

    each: of so many items one such request is made, again and again. limits: the Limit of this and each further page,
    the last one staying; empty if one page is all that is read. rows: of a list, how many are wanted; None for all.
    """

    number: str
    operation: str
    parameters: Parameters
    unknown: list[str]
    each: int | None
    ways: list[Way]
    limits: list[int]
    rows: int | None

    @property
    def is_filtered(self) -> bool:
        return "FilterExpression" in self.parameters


class Ran(NamedTuple):
    """What a run of a command gave: its sentence; of a list the rows wanted, None for all; the questions it asked."""

    sentence: str
    rows: int | None
    asked: list[str]


class Plan(NamedTuple):
    steps: list[Step]
    asked: list[str]


class _Trace(NamedTuple):
    sent: list[Sent]
    ran: Ran
    error: NodetodoError | None
    is_whole: bool


def made(run: Callable[[Client], Ran], tables: dict[str, Table]) -> Plan:
    """The plan of a command; run carries it out on a client. Raises what the command raises whatever it is answered."""
    return _Explorer(run, tables).plan()


def shape(sent: Sent) -> tuple[Any, ...]:
    """What two requests of one kind have in common: everything but values and what a loop changes."""
    parameters = sent.parameters
    told = (value for name, value in parameters.items() if name.endswith(("Expression", "Name", "ConsistentRead")))
    actions = (next(iter(action)) for action in parameters.get("TransactItems", []))
    return sent.operation, *sorted(parameters.keys() - VOLATILE), *told, *actions


class _Explorer:
    def __init__(self, run: Callable[[Client], Ran], tables: dict[str, Table]) -> None:
        self._run, self._tables = run, tables

    def plan(self) -> Plan:
        choices, trace = self._usual()
        return Plan(self._steps(_follow(choices), trace, range(len(trace.sent)), [], ""), trace.ran.asked)

    def _trace(self, choose: Choose, *, seed: int = 0, most: int = MOST) -> _Trace:
        client = Client(self._tables, choose, most=most, seed=seed)
        ran, error, is_whole = Ran("", None, []), None, True
        try:
            ran = self._run(client)
        except WrongUsage:
            raise
        except NodetodoError as failure:
            error = failure
        except Enough:
            is_whole = False
        return _Trace(client.sent, ran, error, is_whole)

    def _usual(self) -> tuple[list[int], _Trace]:
        """The first answers, in the order in which requests prefer them, with which the command succeeds."""
        choices: list[int] = []
        while True:
            trace = self._trace(_follow(choices))
            choices = choices + [0] * (len(trace.sent) - len(choices))
            if trace.error is None and trace.is_whole:
                return choices, trace
            while choices and choices[-1] + 1 == len(trace.sent[len(choices) - 1].situations):
                choices.pop()
            if not choices:
                assert trace.error
                raise trace.error
            choices[-1] += 1

    def _steps(self, choose: Choose, trace: _Trace, of: range, known: list[Any], number: str) -> list[Step]:
        """The requests of a trace at these places as steps, with all their ways; known shapes are not told again."""
        other = self._trace(choose, seed=1)
        groups = [list(group) for _, group in groupby(of, key=lambda at: shape(trace.sent[at]))]
        known = known + [shape(trace.sent[at]) for at in of]
        steps = []
        for name, group in zip(_numbers(number), groups, strict=False):
            at = group[0]
            sent = trace.sent[at]
            differing = [
                parameter
                for parameter, value in sent.parameters.items()
                if other.sent[at].parameters[parameter] != value and parameter not in FRESH
            ]
            ways = list(self._ways(choose, trace, at, known, name))
            each = sum(map(len, sent.parameters["RequestItems"].values())) if len(group) > 1 else None
            limits = self._limits(choose, trace, at) if any(way.is_next_page for way in ways) else []
            steps.append(Step(name, sent.operation, sent.parameters, differing, each, ways, limits, trace.ran.rows))
        return steps

    def _ways(self, choose: Choose, usual: _Trace, at: int, known: list[Any], number: str) -> Iterator[Way]:
        """What follows if the request at this place finds something else, once for each consequence."""
        told = []
        for situation in usual.sent[at].situations:
            if situation.words == usual.sent[at].situations[choose(usual.sent[: at + 1])].words:
                continue
            way = self._way(choose, usual, at, situation, known, number)
            consequence = (
                way.again,
                [(step.operation, sorted(step.parameters)) for step in way.steps],
                way.ends and way.ends[1],
            )
            if consequence != (False, [], None) and consequence not in told:
                told.append(consequence)
                yield way

    def _way(self, choose: Choose, usual: _Trace, at: int, situation: Situation, known: list[Any], number: str) -> Way:
        sent = usual.sent[at]
        other = _but(choose, usual, at, situation)
        trace = self._trace(other)
        extra = _without_common_end([shape(one) for one in trace.sent[at + 1 :]], usual, at)
        again = bool(extra) and extra[-1] == shape(sent)
        new = [place for place, one in enumerate(extra, at + 1) if one not in known]
        steps = self._steps(other, trace, range(new[0], new[-1] + 1), known, number) if new else []
        usually, ends = self._ending(choose, usual), self._ending(other, trace)
        # A sentence about other data is no other ending; that nothing had to be done is one.
        is_other = ends != usually and (ends[1] or situation.name in ("refused", "absent"))
        way = Way(situation.words, steps, ends=ends if is_other else None)
        if not again:
            return way
        following = trace.sent[at + len(extra)].parameters
        changed = {name for name in sent.parameters if following[name] != sent.parameters[name]}
        is_next_page = isinstance(situation.response, dict) and "LastEvaluatedKey" in situation.response
        return way._replace(
            again=True,
            is_changed=bool(changed - VOLATILE),
            is_paused=any(one.pause is not None for one in trace.sent[at + 1 : at + 1 + len(extra)]),
            at_most=None if is_next_page else self._bound(choose, sent, at, situation),
            is_next_page=is_next_page,
            from_start=is_next_page and "ExclusiveStartKey" not in following,
        )

    def _ending(self, choose: Choose, trace: _Trace) -> tuple[str, int]:
        """The sentence with which a run ends, without the words that depend on what is in the database."""
        other = self._trace(choose, seed=1)
        sentences = [str(run.error or run.ran.sentence).split() for run in (trace, other)]
        sentence = " ".join(one if one == two else "…" for one, two in zip(*sentences, strict=True))
        return sentence, trace.error.status if trace.error else 0

    def _probe(self, choose: Choose, sent: Sent, at: int, situation: Situation) -> tuple[list[Sent], bool]:
        """The requests of this kind when they find this situation every time; and whether that came to an end."""
        kind = shape(sent)

        def every_time(so_far: list[Sent]) -> int:
            if len(so_far) <= at or shape(so_far[-1]) != kind:
                return choose(so_far)
            return [possible.words for possible in so_far[-1].situations].index(situation.words)

        trace = self._trace(every_time, most=at + 2 * PROBED)
        return [one for one in trace.sent[at:] if shape(one) == kind], trace.is_whole

    def _bound(self, choose: Choose, sent: Sent, at: int, situation: Situation) -> int | None:
        requests, is_whole = self._probe(choose, sent, at, situation)
        return len(requests) if is_whole else None

    def _limits(self, choose: Choose, trace: _Trace, at: int) -> list[int]:
        sent = trace.sent[at]
        (more,) = (possible for possible in sent.situations if possible.name == "more")
        limits = [one.parameters["Limit"] for one in self._probe(choose, sent, at, more)[0]]
        while len(limits) > 1 and limits[-1] == limits[-2]:
            limits.pop()
        return limits


def _follow(choices: list[int]) -> Choose:
    """Choose as written down, and beyond that what a request prefers."""
    return lambda sent: choices[len(sent) - 1] if len(sent) <= len(choices) else 0


def _but(choose: Choose, usual: _Trace, at: int, situation: Situation) -> Choose:
    """Choose as in a trace, but this situation at this place; afterwards what the trace chose for the like."""
    chosen = {shape(one): choose(usual.sent[: place + 1]) for place, one in enumerate(usual.sent)}

    def other(sent: list[Sent]) -> int:
        if len(sent) <= at:
            return choose(sent)
        if len(sent) == at + 1:
            return [possible.words for possible in sent[-1].situations].index(situation.words)
        return min(chosen.get(shape(sent[-1]), 0), len(sent[-1].situations) - 1)

    return other


def _without_common_end(following: list[Any], usual: _Trace, at: int) -> list[Any]:
    """The first of the requests that follow, up to where all is as usual again."""
    normal = [shape(one) for one in usual.sent[at + 1 :]]
    while following and normal and following[-1] == normal[-1]:
        following, normal = following[:-1], normal[:-1]
    return following


def _numbers(parent: str) -> Iterator[str]:
    """1, 2, 3 …; below 2: 2a, 2b …; below 2a: 2a1, 2a2 …"""
    for number in count(1):
        yield parent + (chr(96 + number) if parent[-1:].isdigit() else str(number))
