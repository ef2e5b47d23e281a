"""Sample data: eight users with tasks of usual size; three of five tasks are in the category shopping."""

from __future__ import annotations

from ..model import Task, User

ORIGIN = "Built-in sample data; no database was read."

FIRST = 1795431660000
"""The first tid: 23 November 2026."""

USERS = {"emma": 22, "luis": 20, "anna": 19, "noor": 17, "jonas": 16, "mei": 14, "tariq": 12, "zoe": 8}
"""The number of tasks of each user."""

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
"""The categories of consecutive tasks. They are repeated."""

DAY = 86_400_000


def users() -> list[User]:
    """Return the users of the sample."""
    return [User(uid, f"{uid}@example.org", f"+4917012{number:05}") for number, uid in enumerate(USERS, 34567)]


def tasks() -> list[Task]:
    """Return the tasks of the sample. Every seventh has the same tid as a task of another user, which can happen."""
    found = []
    for person, (uid, count) in enumerate(USERS.items()):
        for number in range(count):
            turn = 3 * person + number
            category = TURNS[turn % len(TURNS)]
            descriptions = CATEGORIES[category]
            tid = FIRST + number * DAY // 8 + (0 if number % 7 == 0 else person * 60_000)
            day = 20261123 + number // 8
            due = day + 1 if turn % 3 else None
            completed = day if turn % 4 == 1 else None
            found.append(
                Task(
                    uid,
                    tid,
                    descriptions[(5 * person + number // 2) % len(descriptions)],
                    day,
                    due,
                    category,
                    completed,
                )
            )
    return found
