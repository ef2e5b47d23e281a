"""The lesson in docs/key-design.md, beyond what test_transcripts.py checks of every page."""

import re
from itertools import zip_longest

from .program import Program, connect
from .transcripts import LESSON, commands, replay_page

PAGE = LESSON.read_text()

DIFFERENT_ON_DYNAMODB_LOCAL = {
    "task-ls emma shopping --explain": "prints the target, and the AWS CLI's options for it",
    "index-add due-index": "prints the names of the tables, which have the prefix of this test",
    "index-rm due-index --yes": "prints the names of the tables, which have the prefix of this test",
    'task-add emma "buy candles" --dueat=2026-12-20 --cost': "DynamoDB Local doubles the index's part of a transaction",
    'task-add emma "buy tea" shopping --cost': "DynamoDB Local doubles the index's part of a transaction",
    "user-ls --cost": "a Scan returns items by the hash of their key, which differs between engines",
}


def test_the_lesson_prints_the_same_on_dynamodb_local_except_known_differences(dynamodb_local: str) -> None:
    program = Program(connect(dynamodb_local), prefix="page-")
    program.good("table-add")
    pairs = zip_longest(commands(PAGE), commands(replay_page(PAGE, program)), fillvalue=("", ""))
    assert {here[0] for here, there in pairs if here != there} == set(DIFFERENT_ON_DYNAMODB_LOCAL)


def test_every_step_and_every_answer_of_the_lesson_runs_a_command() -> None:
    steps = re.split(r"^(?=## \d+\. |\*\*\d\.\*\* )", PAGE, flags=re.M)[1:]
    assert steps
    assert [step.splitlines()[0] for step in steps if "\n$ nodetodo " not in step] == []
