"""The lesson in docs/key-design.md shows what nodetodo prints."""

import re
from itertools import zip_longest

from .program import Program, connect
from .transcripts import LESSON, on_the_embedded_engine, replay_page, sessions_in

PAGE = LESSON.read_text()

ELSEWHERE = {
    "task-ls emma shopping --explain": "names its target, and how the AWS CLI reaches it",
    'task-add emma "buy tea" shopping --cost': "DynamoDB Local doubles the index's part",
    "user-ls --cost": "a Scan comes in the order of a hash, which is each engine's own",
}


def outputs(page: str) -> list[tuple[str, str]]:
    """Each command of a page but capacity, which no database answers, with what stands below it."""
    sessions = "".join(sessions_in(page))
    told = re.findall(r"^\$ nodetodo (.*)\n((?:(?!\$ nodetodo ).*\n)*)", sessions, re.M)
    return [(command, output) for command, output in told if not command.startswith("capacity")]


def test_every_output_in_the_lesson_is_real() -> None:
    assert replay_page(PAGE, on_the_embedded_engine()) == PAGE


def test_the_lesson_prints_the_same_on_dynamodb_local_but_for_what_is_known_to_differ(dynamodb_local: str) -> None:
    program = Program(connect(dynamodb_local), prefix="page-")
    program.good("table-add")
    told = outputs(replay_page(PAGE, program))
    assert {known[0] for known, now in zip_longest(outputs(PAGE), told) if known != now} == set(ELSEWHERE)


def test_the_lesson_goes_from_the_partition_key_to_capacity() -> None:
    assert re.findall(r"^## \d+\. (.*)$", PAGE, re.M) == [
        "Partition key",
        "Sort key",
        "Conditional write",
        "Query",
        "Filter, and what it costs",
        "Index, and what it costs",
        "Ties and paging",
        "Scan",
        "Consistency",
        "Transactions",
        "Capacity",
    ]


def test_every_step_of_the_lesson_and_every_answer_shows_a_command() -> None:
    steps = re.split(r"^## \d+\. |^\*\*\d\.\*\* |^## ", PAGE, flags=re.M)
    shown = [step for step in steps if list(sessions_in(step))]
    assert len(shown) == 11 + 3
