"""A built-in data set: some users with tasks of the usual size, and one category that most of the tasks are in."""

from __future__ import annotations

from ..model import Task, User

ORIGIN = "A built-in sample, the same every time: nothing was read from a database."

FIRST = 1795431660000
"""The first tid: 23 November 2026."""

USERS = {"emma": 22, "luis": 20, "anna": 19, "noor": 17, "jonas": 16, "mei": 14, "tariq": 12, "zoe": 8}
"""How many tasks each of them has."""

CATEGORIES: dict[str | None, tuple[str, ...]] = {
    "shopping": (
        "buy milk",
        "buy bread",
        "order coffee",
        "return the shoes",
        "buy a birthday card",
        "fetch the parcel",
    ),
    "home": ("water the plants", "repair the lamp", "clean the windows"),
    "work": ("write the report", "call the customer", "book the room"),
    "learning": ("read about partition keys", "try a conditional write"),
    "travel": ("renew the passport", "find a train"),
    None: ("call mother", "stretch", "thank the neighbours"),
}

TURNS: tuple[str | None, ...] = (
    *("shopping", "shopping", "home", "shopping", "work", "shopping", "shopping", None),
    *("shopping", "learning", "shopping", "shopping", "home", "shopping", "travel", "shopping"),
    *("work", "shopping", None, "shopping"),
)
"""The categories of one task after another: three of five are shopping."""

DAY = 86_400_000


def users() -> list[User]:
    return [User(uid, f"{uid}@example.org", f"+4917012{number:05}") for number, uid in enumerate(USERS, 34567)]


def tasks() -> list[Task]:
    """Every seventh task shares its millisecond with another user's, as can happen."""
    found = []
    for person, (uid, count) in enumerate(USERS.items()):
        for number in range(count):
            turn = 3 * person + number
            category = TURNS[turn % len(TURNS)]
            described = CATEGORIES[category]
            tid = FIRST + number * DAY // 8 + (0 if number % 7 == 0 else person * 60_000)
            day = 20261123 + number // 8
            due = day + 1 if turn % 3 else None
            completed = day if turn % 4 == 1 else None
            found.append(
                Task(uid, tid, described[(5 * person + number // 2) % len(described)], day, due, category, completed)
            )
    return found
