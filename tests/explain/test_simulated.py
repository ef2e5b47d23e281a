"""A plan follows from the code of a command alone, and responses differ by their outcome."""

from __future__ import annotations

from nodetodo.errors import NotFound
from nodetodo.explain import requests
from nodetodo.explain.outcomes import Outcome
from nodetodo.explain.plan import Ending, make_plan
from nodetodo.explain.responses import Responses
from nodetodo.explain.simulated import CommandResult, SimulatedClient, usual_requests

TABLES = requests.tables("todo-")
KEY = {"uid": {"S": "emma"}}


def first_task(client: SimulatedClient) -> CommandResult:
    """Run a command that is not part of nodetodo. It reads a task, but only if its user exists."""
    if "Item" not in client.get_item(TableName="todo-user", Key=KEY):
        raise NotFound("no such user")
    client.get_item(TableName="todo-task", Key={**KEY, "tid": {"N": "1"}})
    return CommandResult("", None, [])


def test_the_plan_of_an_unknown_command_has_its_steps_and_endings() -> None:
    user, task = make_plan(first_task, TABLES).steps
    assert [(step.number, step.parameters["TableName"]) for step in (user, task)] == [
        ("1", "todo-user"),
        ("2", "todo-task"),
    ]
    assert task.possibilities == []
    (possibility,) = user.possibilities
    assert possibility.condition == Outcome.ABSENT.value
    assert possibility.ending == Ending("no such user", NotFound.status)
    assert usual_requests(first_task, TABLES) == [(step.operation, step.parameters) for step in (user, task)]


def test_a_condition_of_two_terms_fails_for_two_reasons() -> None:
    update = {
        "TableName": "todo-task",
        "Key": {**KEY, "tid": {"N": "1"}},
        "UpdateExpression": "SET #d = :d",
        "ConditionExpression": "attribute_exists(#u) AND attribute_not_exists(#d)",
        "ExpressionAttributeNames": {"#u": "uid", "#d": "completed"},
        "ExpressionAttributeValues": {":d": {"N": "20261123"}},
    }
    possible = Responses(TABLES, 0).of("UpdateItem", update)
    failed = [response.reason for response in possible if response.outcome is Outcome.CONDITION_FAILED]
    assert failed == ["the item does not exist", "it already has the attribute completed"]


def test_terms_and_changes_have_names_and_values_instead_of_placeholders() -> None:
    expressions = requests.expressions_of(
        {
            "KeyConditionExpression": "#u = :u AND #t > :t",
            "FilterExpression": "attribute_not_exists(#c)",
            "UpdateExpression": "SET #d = :d REMOVE #c",
            "ExpressionAttributeNames": {"#u": "uid", "#t": "tid", "#c": "completed", "#d": "due"},
            "ExpressionAttributeValues": {":u": {"S": "it's"}, ":t": {"N": "5"}, ":d": {"N": "20261123"}},
        }
    )
    assert [str(term) for term in expressions.key] == ["uid = 'it''s'", "tid > 5"]
    assert [str(term) for term in expressions.filter] == ["attribute_not_exists(completed)"]
    assert expressions.update == [("SET", "due", {"N": "20261123"}), ("REMOVE", "completed", None)]
