"""Creates example items for simulated responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model import Task, User
from ..repositories import items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import TidEnding
    from .requests import Table

FIRST_TID = 1_526_650_262_330
NEW_TID = 4_102_444_800_000
"""A tid of the year 2100. A task with such a tid is newer than any command."""


class ExampleItems:
    """Example items of the tables. Two objects with different seeds create different values and differ in nothing else.

    seed: 0 or 1. endings: the ends of tids on the command line.
    """

    def __init__(self, seed: int, endings: Sequence[TidEnding] = ()) -> None:
        self._seed, self._endings = seed, endings

    def one(self, table: Table, known: items.Item, *, full: bool = False, **values: Any) -> items.Item:
        """Return an item with the attributes in `known`. full: it has its optional attributes too."""
        seed = self._seed
        record: User | Task
        if table.holds is User:
            record = User(f"uid-{seed}", f"email-{seed}@example.org", f"+{seed}491701234")
        else:
            day = 20260101
            due, category, completed = (day + seed, f"category {seed}", day + seed) if full else (None, None, None)
            record = Task(f"uid-{seed}", seed, f"description {seed}", day, due, category, completed)
        fields = record._asdict()
        fields.update({name: value for name, value in values.items() if name in fields})
        return items.to_item(fields) | known

    def several(
        self, table: Table, known: items.Item, after: items.Item, number: int, *, full: bool
    ) -> list[items.Item]:
        """Return items in the order of tid. after: the ExclusiveStartKey of the request, or empty. full: see one."""
        step = 2 - self._seed  # with 1, no tid is free between two items
        first = int(items.to_key(after, ["tid"])["tid"]) if "tid" in after else FIRST_TID + self._seed
        return [
            self.one(table, known, full=full, uid=f"uid-{self._seed}-{place}", tid=first + place * step)
            for place in range(1, number + 1)
        ]

    def fitting(self, table: Table, known: items.Item, number: int) -> list[items.Item]:
        """Return a number of tasks for each ending of a tid."""
        found = []
        for ending in self._endings:
            # If the ending of one tid is the ending of another, both mean the same task.
            digits = max((one.digits for one in self._endings if one.digits.endswith(ending.digits)), key=len)
            start = int(str(FIRST_TID)[: -len(digits)]) + self._seed
            found += [self.one(table, known, tid=int(f"{start + 2 * place}{digits}")) for place in range(number)]
        return found

    def states(self, table: Table, key: items.Item) -> list[items.Item]:
        """Return the items that may have a key: none (an empty item), one with required attributes, a full one."""
        return [{}, self.one(table, key), self.one(table, key, full=True)]


def made_new(page: list[items.Item]) -> list[items.Item]:
    """Return the tasks with tids that are newer than any command. Users have no tid and are left out."""
    return [{**item, "tid": items.attribute(NEW_TID + place)} for place, item in enumerate(page) if "tid" in item]
