"""Lost answers, throttling, collisions and processes stopped half-way, injected at the client seam of every engine."""

from collections.abc import Callable
from typing import Any

import pytest

from nodetodo.repositories import definitions
from nodetodo.repositories.retries import ATTEMPTS

from .faults import (
    REFUSALS,
    Faulty,
    answer_lost_and_sent_again,
    answer_lost_for_good,
    cancelled,
    failing,
    first,
)
from .program import NOON, Program

NOW = int(NOON.timestamp() * 1000)
EMMA = ("emma", "emma@example.org", "+491701234")


@pytest.fixture
def emma(nodetodo: Program) -> Program:
    nodetodo.good("user-add", *EMMA)
    return nodetodo


def disturb(program: Program, **faults: Callable[..., Any]) -> Faulty:
    program.client = Faulty(getattr(program.client, "_client", program.client), **faults)
    return program.client


def test_a_user_is_added_once_though_the_answer_was_lost(nodetodo: Program) -> None:
    disturb(nodetodo, put_item=answer_lost_and_sent_again)
    assert nodetodo("user-add", *EMMA) == (0, "user added with uid emma\n", "")


def test_a_user_whose_answer_was_lost_for_good_can_be_added_again(nodetodo: Program, engine: str) -> None:
    if engine.startswith("embedded"):
        pytest.skip("an engine in this process loses no answers")
    disturb(nodetodo, put_item=answer_lost_for_good)
    lost = nodetodo("user-add", *EMMA)
    assert lost.status == 5
    assert "may have been made" in lost.err
    disturb(nodetodo)
    assert nodetodo("user-add", *EMMA).status == 0


def test_a_task_is_added_exactly_once_though_the_answer_was_lost(emma: Program) -> None:
    disturb(emma, transact_write_items=answer_lost_and_sent_again)
    assert emma("task-add", "emma", "x") == (0, f"task added with tid {NOW}\n", "")
    assert emma("task-ls", "emma").out.endswith("\n1 task\n")


def test_a_task_is_added_exactly_once_though_answers_were_lost_and_its_tid_was_taken(emma: Program) -> None:
    emma.good("task-add", "emma", "there before")
    disturb(emma, transact_write_items=answer_lost_and_sent_again)
    assert emma("task-add", "emma", "x") == (0, f"task added with tid {NOW + 1}\n", "")
    assert emma("task-ls", "emma").out.endswith("\n2 tasks\n")


def without_token(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """An engine that does not know ClientRequestToken."""
    return send(TransactItems=request["TransactItems"])


def test_a_task_is_added_exactly_once_on_an_engine_that_knows_no_tokens(emma: Program) -> None:
    def lost(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        return answer_lost_and_sent_again(lambda **again: without_token(send, again), request)

    disturb(emma, transact_write_items=lost)
    assert emma("task-add", "emma", "x") == (0, f"task added with tid {NOW}\n", "")
    assert emma("task-ls", "emma").out.endswith("\n1 task\n")


def test_a_task_that_somebody_completed_before_is_not_taken_for_ours_though_the_answer_was_lost(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    emma.good("task-done", "emma", tid)
    emma.now = NOON.replace(day=24)
    disturb(emma, update_item=answer_lost_and_sent_again)
    assert emma("task-done", "emma", tid).out == f"task {tid} was already completed on 2026-11-23\n"


def test_what_is_done_once_counts_as_done_by_this_command_though_the_answer_was_lost(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    disturb(emma, update_item=answer_lost_and_sent_again, delete_item=answer_lost_and_sent_again)
    assert emma("task-done", "emma", tid) == (0, f"task completed with tid {tid}\n", "")
    assert emma("task-reopen", "emma", tid) == (0, f"task reopened with tid {tid}\n", "")
    assert emma("task-edit", "emma", tid, "--category=c") == (0, f"task changed with tid {tid}\n", "")
    assert emma("task-rm", "emma", tid) == (0, f"task removed with tid {tid}\n", "")
    assert emma("user-rm", "emma") == (0, "user removed with uid emma\n", "")


def test_a_user_goes_with_tasks_though_answers_were_lost(emma: Program) -> None:
    emma.good("task-add", "emma", "x")
    disturb(emma, delete_item=answer_lost_and_sent_again, batch_write_item=answer_lost_and_sent_again)
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 1 task\n"


def test_a_transaction_that_collides_is_sent_again_with_the_same_token(emma: Program) -> None:
    conflict = cancelled(emma.client, "None", "TransactionConflict")
    faulty = disturb(emma, transact_write_items=first(3, conflict))
    assert emma("task-add", "emma", "x").status == 0
    tokens = [request["ClientRequestToken"] for name, request in faulty.sent if name == "transact_write_items"]
    assert len(tokens) == 4
    assert len(set(tokens)) == 1
    assert len(emma.slept) == 3


def test_a_transaction_that_always_collides_is_given_up_and_adds_nothing(emma: Program) -> None:
    faulty = disturb(emma, transact_write_items=cancelled(emma.client, "TransactionConflict", "None"))
    result = emma("task-add", "emma", "x")
    assert result.status == 5
    assert "nothing was changed" in result.err
    assert len(faulty.sent) == ATTEMPTS
    assert sum(emma.slept) < 10


@pytest.mark.parametrize("operation", ["update_item", "delete_item", "put_item"])
def test_a_single_write_that_meets_a_transaction_is_sent_again(emma: Program, operation: str) -> None:
    tid = emma.tid("task-add", "emma", "x")
    argv = {
        "update_item": ("task-done", "emma", tid),
        "delete_item": ("task-rm", "emma", tid),
        "put_item": ("user-add", "john", "j@example.org", "123"),
    }[operation]
    conflict = failing(emma.client, "TransactionConflictException")
    disturb(emma, **{operation: first(2, conflict)})
    assert emma(*argv).status == 0
    disturb(emma, **{operation: conflict})
    assert emma(*argv).status == 5


def test_a_condition_that_fails_within_a_cancelled_transaction_is_an_answer_and_not_tried_again(emma: Program) -> None:
    faulty = disturb(emma)
    assert emma("task-add", "nobody", "x").status == 3
    assert [name for name, _ in faulty.sent] == ["transact_write_items"]


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_waited_out_longer_and_told_as_that(emma: Program, code: str) -> None:
    reason = {"Code": code, "Message": "TableWriteKeyRangeThroughputExceeded"}
    reasons = [{"Code": "None"}, reason]
    throttled = failing(emma.client, "TransactionCanceledException", CancellationReasons=reasons)
    disturb(emma, transact_write_items=throttled)
    told = emma("task-add", "emma", "x")
    assert told.status == 5
    assert code in told.err
    assert "hot" in told.err
    assert len(emma.slept) == ATTEMPTS - 1
    disturb(emma, transact_write_items=first(5, throttled))
    assert emma("task-add", "emma", "x").status == 0


def test_pauses_grow_and_are_random(emma: Program) -> None:
    for code, longest in (("TransactionConflict", 2), ("ThrottlingError", 20)):
        seen: list[list[float]] = []
        for _ in range(30):
            emma.slept.clear()
            disturb(emma, transact_write_items=cancelled(emma.client, code, "None"))
            emma("task-add", "emma", "x")
            seen.append(list(emma.slept))
        by_attempt = [max(pauses) for pauses in zip(*seen, strict=True)]
        assert by_attempt[0] < by_attempt[3] < by_attempt[6] <= longest
        assert len({pauses[0] for pauses in seen}) > 20


def test_throttling_is_told_with_its_reason_and_a_hint_at_a_hot_partition(emma: Program) -> None:
    code = "ProvisionedThroughputExceededException"
    reason = {"reason": "TableWriteKeyRangeThroughputExceeded", "resource": "arn"}
    disturb(emma, transact_write_items=failing(emma.client, code, ThrottlingReasons=[reason]))
    told = emma("task-add", "emma", "x")
    assert told.status == 5
    assert "TableWriteKeyRangeThroughputExceeded" in told.err
    assert "hot" in told.err
    disturb(emma, transact_write_items=failing(emma.client, code))
    assert "hot" not in emma("task-add", "emma", "x").err


def unprocessed(count: int) -> Callable[..., Any]:
    """A batch of which the last `count` requests are handed back."""

    def some(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        ((table, writes),) = request["RequestItems"].items()
        done, left = writes[:-count], writes[-count:]
        if done:
            send(RequestItems={table: done})
        return {"UnprocessedItems": {table: left}}

    return some


def test_tasks_handed_back_are_sent_again(emma: Program) -> None:
    for number in range(60):
        emma.good("task-add", "emma", f"{number}")
    disturb(emma, batch_write_item=first(2, unprocessed(7)))
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 60 tasks\n"
    assert emma.slept


def test_tasks_that_are_always_handed_back_end_in_a_sentence_and_the_same_command_finishes(emma: Program) -> None:
    for number in range(30):
        emma.good("task-add", "emma", f"{number}")
    disturb(emma, batch_write_item=unprocessed(5))
    stuck = emma("user-rm", "emma", "--with-tasks")
    assert stuck.status == 5
    assert "20 tasks of emma are removed" in stuck.err
    assert sum(emma.slept) < 10
    disturb(emma)
    assert emma("task-add", "emma", "nothing comes in meanwhile").status == 3
    assert emma("user-rm", "emma", "--with-tasks").out == "10 tasks of emma removed; the user did not exist\n"
    assert emma("user-rm", "emma", "--with-tasks").status == 3


class Killed(BaseException):
    """The process ends here: nothing of ours catches it."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_process_stopped_in_the_middle_of_removing_is_finished_by_the_next(emma: Program, after: int) -> None:
    for number in range(60):
        emma.good("task-add", "emma", f"{number}", "c")
    batches = []

    def stopped(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        if len(batches) == after:
            raise Killed
        batches.append(request)
        return send(**request)

    disturb(emma, batch_write_item=stopped)
    with pytest.raises(Killed):
        emma("user-rm", "emma", "--with-tasks")
    disturb(emma)
    left = 60 - 25 * after
    assert emma("user-rm", "emma", "--with-tasks").out == f"{left} tasks of emma removed; the user did not exist\n"
    assert emma("task-la", "c").out == "no tasks\n"


def test_a_task_that_comes_in_while_its_user_is_removed_keeps_the_user(emma: Program) -> None:
    table = f"{emma.env['NODETODO_TABLE_PREFIX']}user"
    emma.client.update_item(
        TableName=table,
        Key={"uid": {"S": "emma"}},
        UpdateExpression="SET #note = :note",
        ExpressionAttributeNames={"#note": "note"},
        ExpressionAttributeValues={":note": {"S": "of another program"}},
    )
    other = Program(emma.client, prefix=emma.env["NODETODO_TABLE_PREFIX"])

    def a_task_comes_first(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        other.good("task-add", "emma", "in the last moment")
        return send(**request)

    disturb(emma, delete_item=a_task_comes_first)
    assert emma("user-rm", "emma").status == 4
    assert other("task-ls", "emma").out.endswith("\n1 task\n")
    kept = emma.client.get_item(TableName=table, Key={"uid": {"S": "emma"}})["Item"]
    assert kept["email"] == {"S": EMMA[1]}
    assert kept["note"] == {"S": "of another program"}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_user_is_put_back_when_the_second_look_is_cut_short(emma: Program, stop: type[BaseException]) -> None:
    looks = []

    def cut_short(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        looks.append(request)
        if len(looks) == 2:
            raise stop
        return send(**request)

    disturb(emma, query=cut_short)
    with pytest.raises(stop):
        emma("user-rm", "emma")
    disturb(emma)
    assert emma("user", "emma").status == 0


@pytest.mark.parametrize("way", ["answer lost", "not put back"])
def test_a_user_who_cannot_be_put_back_is_said_to_be_gone(emma: Program, way: str) -> None:
    other = Program(emma.client, prefix=emma.env["NODETODO_TABLE_PREFIX"])

    def a_task_comes_first(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        other.good("task-add", "emma", "in the last moment")
        return answer_lost_and_sent_again(send, request) if way == "answer lost" else send(**request)

    refused = failing(emma.client, "ProvisionedThroughputExceededException")
    disturb(emma, delete_item=a_task_comes_first, put_item=refused)
    told = emma("user-rm", "emma")
    assert told.status == 4
    assert "user-add brings the user back" in told.err
    disturb(emma)
    assert emma("user-rm", "emma", "--with-tasks").status == 0


def test_tasks_of_a_user_who_was_added_again_meanwhile_stay(emma: Program) -> None:
    emma.good("task-add", "emma", "old")
    other = Program(emma.client, prefix=emma.env["NODETODO_TABLE_PREFIX"])
    other.now = NOON.replace(minute=1)

    def added_again(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        answer = send(**request)
        other.good("user-add", "emma", "new@example.org", "999")
        other.good("task-add", "emma", "new")
        return answer

    disturb(emma, delete_item=added_again)
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 1 task\n"
    disturb(emma)
    assert [task["description"] for task in emma("task-ls", "emma", "--json").json["tasks"]] == ["new"]


def test_tasks_with_a_tid_of_the_future_go_with_their_user(emma: Program) -> None:
    emma.now = NOON.replace(year=2030)
    emma.good("task-add", "emma", "of a clock that was wrong")
    emma.now = NOON
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 1 task\n"


def test_tables_are_made_and_deleted_though_answers_were_lost(bare: Program) -> None:
    disturb(bare, create_table=answer_lost_and_sent_again)
    assert bare("table-add").status == 0
    disturb(bare, delete_table=answer_lost_and_sent_again)
    assert bare("table-rm", "--yes").out.startswith("deleted ")


def test_an_index_that_somebody_else_adds_at_the_same_moment_is_waited_for(bare: Program) -> None:
    for table in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]):
        bare.client.create_table(**table.create)
    disturb(bare, update_table=answer_lost_and_sent_again)
    assert bare("table-add").status == 0


def test_an_edit_that_makes_an_item_too_large_is_refused_as_that(emma: Program, engine: str) -> None:
    if engine == "moto":
        pytest.skip("moto does not look at the size of an item in UpdateItem")
    tid = emma.tid("task-add", "emma", "d" * 409_500)
    refused = emma("task-edit", "emma", tid, f"--category={'c' * 500}")
    assert refused.status == 2
    assert "409,600" in refused.err


def test_a_user_added_meanwhile_is_not_overwritten_by_the_one_put_back(emma: Program) -> None:
    other = Program(emma.client, prefix=emma.env["NODETODO_TABLE_PREFIX"])
    looks = []

    def busy(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        looks.append(request)
        if len(looks) == 2:  # emma's item is gone at this moment
            other.good("user-add", "emma", "new@example.org", "999")
            other.good("task-add", "emma", "x")
        return send(**request)

    disturb(emma, query=busy)
    assert emma("user-rm", "emma").status == 4
    assert other("user", "emma", "--json").json["email"] == "new@example.org"


def test_an_error_that_nobody_expected_is_not_swallowed(emma: Program) -> None:
    def broken(_send: Callable[..., Any], _request: dict[str, Any]) -> Any:
        raise RuntimeError("a fault of this program")

    disturb(emma, get_item=broken)
    with pytest.raises(RuntimeError):
        emma("user", "emma")


def test_an_error_code_that_nobody_expected_is_told_with_its_message(emma: Program) -> None:
    disturb(emma, get_item=failing(emma.client, "InternalServerError"))
    told = emma("user", "emma")
    assert told.status == 5
    assert "InternalServerError: injected" in told.err


def test_faults_are_raised_as_a_client_raises_them(emma: Program) -> None:
    with pytest.raises(REFUSALS):
        failing(emma.client, "InternalServerError")(None, {})
