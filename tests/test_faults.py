"""Lost responses, throttling, conflicts and interrupted processes, injected into the client of every engine."""

from collections.abc import Callable
from typing import Any

import pytest

from nodetodo.repositories import definitions
from nodetodo.repositories.retries import ATTEMPTS

from .faults import (
    Faulty,
    cancelled,
    failing,
    first,
    response_lost,
    response_lost_and_retried,
)
from .program import EMMA, NOON, Program

NOW = int(NOON.timestamp() * 1000)


def inject(program: Program, **faults: Callable[..., Any]) -> Faulty:
    """Replace the faults of a program, by the name of the operation. Without arguments: remove all faults."""
    faulty = Faulty(getattr(program.client, "_client", program.client), **faults)
    program.client = faulty
    return faulty


def other_process(program: Program) -> Program:
    """Return a program on the same tables whose requests have no faults."""
    return Program(program.client, prefix=program.env["NODETODO_TABLE_PREFIX"])


def test_a_user_is_added_once_although_the_response_was_lost(nodetodo: Program) -> None:
    inject(nodetodo, put_item=response_lost_and_retried)
    assert nodetodo("user-add", *EMMA) == (0, "user added with uid emma\n", "")


def test_user_add_can_be_repeated_after_a_time_out(nodetodo: Program, engine: str) -> None:
    if engine.startswith("embedded"):
        pytest.skip("the embedded engine loses no responses")
    inject(nodetodo, put_item=response_lost)
    result = nodetodo("user-add", *EMMA)
    assert result.status == 5
    assert "may have been applied" in result.err
    inject(nodetodo)
    assert nodetodo("user-add", *EMMA).status == 0


def test_a_task_is_added_exactly_once_although_the_response_was_lost(emma: Program) -> None:
    inject(emma, transact_write_items=response_lost_and_retried)
    assert emma("task-add", "emma", "x") == (0, f'task added with tid {NOW}: "x"\n', "")
    assert emma("task-ls", "emma").out.endswith("\n1 task\n")


def test_a_task_is_added_exactly_once_although_responses_were_lost_and_its_tid_was_taken(emma: Program) -> None:
    emma.good("task-add", "emma", "existing task")
    inject(emma, transact_write_items=response_lost_and_retried)
    assert emma("task-add", "emma", "x") == (0, f'task added with tid {NOW + 1}: "x"\n', "")
    assert emma("task-ls", "emma").out.endswith("\n2 tasks\n")


def without_token(send: Callable[..., Any], request: dict[str, Any]) -> Any:
    """Send a transaction as to an engine that ignores ClientRequestToken."""
    return send(TransactItems=request["TransactItems"])


def test_a_task_is_added_exactly_once_on_an_engine_without_request_tokens(emma: Program) -> None:
    def lost(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        return response_lost_and_retried(lambda **again: without_token(send, again), request)

    inject(emma, transact_write_items=lost)
    assert emma("task-add", "emma", "x") == (0, f'task added with tid {NOW}: "x"\n', "")
    assert emma("task-ls", "emma").out.endswith("\n1 task\n")


def test_an_earlier_completion_is_reported_although_the_response_was_lost(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    emma.good("task-done", "emma", tid)
    emma.now = NOON.replace(day=24)
    inject(emma, update_item=response_lost_and_retried)
    assert emma("task-done", "emma", tid).out == f"task {tid} was already completed on 2026-11-23\n"


def test_a_change_is_reported_as_done_by_the_command_although_the_response_was_lost(emma: Program) -> None:
    tid = emma.tid("task-add", "emma", "x")
    inject(emma, update_item=response_lost_and_retried, delete_item=response_lost_and_retried)
    assert emma("task-done", "emma", tid) == (0, f"task completed with tid {tid}\n", "")
    assert emma("task-reopen", "emma", tid) == (0, f"task reopened with tid {tid}\n", "")
    assert emma("task-edit", "emma", tid, "--category=c") == (0, f"task changed with tid {tid}\n", "")
    unknown = "task-add cannot add it again, because its uid or description is unknown, empty or not a text"
    assert emma("task-rm", "emma", tid) == (0, f"task removed with tid {tid}\n{unknown}\n", "")
    assert emma("user-rm", "emma") == (0, "user removed with uid emma\n", "")


def test_a_user_is_removed_with_tasks_although_responses_were_lost(emma: Program) -> None:
    emma.good("task-add", "emma", "x")
    inject(emma, delete_item=response_lost_and_retried, batch_write_item=response_lost_and_retried)
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 1 task\n"


def test_a_conflicting_transaction_is_retried_with_the_same_token(emma: Program) -> None:
    conflict = cancelled(emma.client, "None", "TransactionConflict")
    faulty = inject(emma, transact_write_items=first(3, conflict))
    assert emma("task-add", "emma", "x").status == 0
    tokens = [request["ClientRequestToken"] for name, request in faulty.sent if name == "transact_write_items"]
    assert len(tokens) == 4
    assert len(set(tokens)) == 1
    assert len(emma.slept) == 3


def test_a_transaction_that_always_conflicts_fails_after_8_attempts_and_adds_nothing(emma: Program) -> None:
    faulty = inject(emma, transact_write_items=cancelled(emma.client, "TransactionConflict", "None"))
    result = emma("task-add", "emma", "x")
    assert result.status == 5
    assert "nothing was changed" in result.err
    assert len(faulty.sent) == ATTEMPTS
    assert sum(emma.slept) < 10


@pytest.mark.parametrize("operation", ["update_item", "delete_item", "put_item"])
def test_a_single_write_that_conflicts_with_a_transaction_is_retried(emma: Program, operation: str) -> None:
    tid = emma.tid("task-add", "emma", "x")
    argv = {
        "update_item": ("task-done", "emma", tid),
        "delete_item": ("task-rm", "emma", tid),
        "put_item": ("user-add", "john", "j@example.org", "123"),
    }[operation]
    conflict = failing(emma.client, "TransactionConflictException")
    inject(emma, **{operation: first(2, conflict)})
    assert emma(*argv).status == 0
    inject(emma, **{operation: conflict})
    assert emma(*argv).status == 5


def test_a_transaction_whose_condition_fails_is_not_retried(emma: Program) -> None:
    faulty = inject(emma)
    assert emma("task-add", "nobody", "x").status == 3
    assert [name for name, _ in faulty.sent] == ["transact_write_items"]


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_retried_with_long_pauses_and_its_reason_is_reported(
    emma: Program, code: str
) -> None:
    reasons = [{"Code": "None"}, {"Code": code, "Message": "Throughput exceeds the current capacity"}]
    throttled = failing(emma.client, "TransactionCanceledException", CancellationReasons=reasons)
    inject(emma, transact_write_items=throttled)
    result = emma("task-add", "emma", "x")
    assert result.status == 5
    assert f"{code}: Throughput exceeds the current capacity" in result.err
    assert len(emma.slept) == ATTEMPTS - 1
    inject(emma, transact_write_items=first(5, throttled))
    assert emma("task-add", "emma", "x").status == 0


def test_pauses_grow_and_are_random(emma: Program) -> None:
    for code, longest in (("TransactionConflict", 2), ("ThrottlingError", 20)):
        seen: list[list[float]] = []
        for _ in range(30):
            emma.slept.clear()
            inject(emma, transact_write_items=cancelled(emma.client, code, "None"))
            emma("task-add", "emma", "x")
            seen.append(list(emma.slept))
        by_attempt = [max(pauses) for pauses in zip(*seen, strict=True)]
        assert by_attempt[0] < by_attempt[3] < by_attempt[6] <= longest
        assert len({pauses[0] for pauses in seen}) > 20


def test_throttling_of_one_partition_is_reported_with_its_reason_and_a_hint(emma: Program) -> None:
    code = "ProvisionedThroughputExceededException"
    reason = {"reason": "TableWriteKeyRangeThroughputExceeded", "resource": "arn"}
    inject(emma, transact_write_items=failing(emma.client, code, ThrottlingReasons=[reason]))
    result = emma("task-add", "emma", "x")
    assert result.status == 5
    assert "TableWriteKeyRangeThroughputExceeded" in result.err
    assert "one partition exceed its limit of 3,000 read or 1,000 write units a second" in result.err
    assert result.err.endswith("; wait, or spread the requests over more partition key values\n")
    other_reason = {"reason": "TableWriteProvisionedThroughputExceeded", "resource": "arn"}
    inject(emma, transact_write_items=failing(emma.client, code, ThrottlingReasons=[other_reason]))
    assert "one partition" not in emma("task-add", "emma", "x").err


def unprocessed(count: int) -> Callable[..., Any]:
    """Return a fault that leaves the last `count` requests of a batch unprocessed."""

    def some(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        ((table, writes),) = request["RequestItems"].items()
        done, left = writes[:-count], writes[-count:]
        if done:
            send(RequestItems={table: done})
        return {"UnprocessedItems": {table: left}}

    return some


def test_unprocessed_deletes_are_retried(emma: Program) -> None:
    emma.store_tasks(range(60))
    inject(emma, batch_write_item=first(2, unprocessed(7)))
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 60 tasks\n"
    assert emma.slept


def test_deletes_that_stay_unprocessed_fail_and_the_repeated_command_removes_the_other_tasks(emma: Program) -> None:
    emma.store_tasks(range(30))
    inject(emma, batch_write_item=unprocessed(5))
    result = emma("user-rm", "emma", "--with-tasks")
    assert result.status == 5
    assert "20 of the tasks of user emma are removed" in result.err
    assert sum(emma.slept) < 10
    inject(emma)
    assert emma("task-add", "emma", "not added").status == 3
    assert emma("user-rm", "emma", "--with-tasks").out == "10 tasks of emma removed; the user did not exist\n"
    assert emma("user-rm", "emma", "--with-tasks").status == 3


class Killed(BaseException):
    """Ends the process: the program catches no BaseException of this type."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_removal_that_was_killed_is_completed_by_the_next_command(emma: Program, after: int) -> None:
    emma.store_tasks(range(60), category="c")
    batches: list[dict[str, Any]] = []

    def stopped(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        if len(batches) == after:
            raise Killed
        batches.append(request)
        return send(**request)

    inject(emma, batch_write_item=stopped)
    with pytest.raises(Killed):
        emma("user-rm", "emma", "--with-tasks")
    inject(emma)
    left = 60 - 25 * after
    assert emma("user-rm", "emma", "--with-tasks").out == f"{left} tasks of emma removed; the user did not exist\n"
    assert emma("task-la", "c").out == "no tasks\n"


def test_a_task_added_during_the_removal_of_its_user_keeps_the_user_with_all_attributes(emma: Program) -> None:
    table = f"{emma.env['NODETODO_TABLE_PREFIX']}user"
    emma.client.update_item(
        TableName=table,
        Key={"uid": {"S": "emma"}},
        UpdateExpression="SET #note = :note",
        ExpressionAttributeNames={"#note": "note"},
        ExpressionAttributeValues={":note": {"S": "from another program"}},
    )
    other = other_process(emma)

    def add_a_task_first(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        other.good("task-add", "emma", "late task")
        return send(**request)

    inject(emma, delete_item=add_a_task_first)
    assert emma("user-rm", "emma").status == 4
    assert other("task-ls", "emma").out.endswith("\n1 task\n")
    kept = emma.client.get_item(TableName=table, Key={"uid": {"S": "emma"}})["Item"]
    assert kept["email"] == {"S": EMMA[1]}
    assert kept["note"] == {"S": "from another program"}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_user_is_restored_if_the_second_read_of_tasks_is_interrupted(
    emma: Program, stop: type[BaseException]
) -> None:
    reads = []

    def interrupted(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        reads.append(request)
        if len(reads) == 2:
            raise stop
        return send(**request)

    inject(emma, query=interrupted)
    with pytest.raises(stop):
        emma("user-rm", "emma")
    inject(emma)
    assert emma("user", "emma").status == 0


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_user_is_restored_if_no_tasks_could_be_read_for_their_removal(
    emma: Program, stop: type[BaseException]
) -> None:
    tid = emma.tid("task-add", "emma", "x")

    def interrupted(_send: Callable[..., Any], _request: dict[str, Any]) -> Any:
        raise stop

    inject(emma, query=interrupted)
    with pytest.raises(stop):
        emma("user-rm", "emma", "--with-tasks")
    inject(emma)
    assert emma("user", "emma").status == 0
    assert emma("task", "emma", tid).status == 0
    inject(emma, batch_write_item=interrupted)
    with pytest.raises(stop):
        emma("user-rm", "emma", "--with-tasks")  # from here on, tasks may have been deleted
    inject(emma)
    assert emma("user", "emma").status == 3


@pytest.mark.parametrize("way", ["response lost", "restoration fails"])
def test_a_user_who_cannot_be_restored_is_reported(emma: Program, way: str) -> None:
    other = other_process(emma)

    def add_a_task_first(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        other.good("task-add", "emma", "late task")
        return response_lost_and_retried(send, request) if way == "response lost" else send(**request)

    throttled = failing(emma.client, "ProvisionedThroughputExceededException")
    inject(emma, delete_item=add_a_task_first, put_item=throttled)
    result = emma("user-rm", "emma")
    assert result.status == 4
    assert "user-add restores the user" in result.err
    inject(emma)
    assert emma("user-rm", "emma", "--with-tasks").status == 0


def test_tasks_of_a_user_who_is_add_again_during_the_removal_stay(emma: Program) -> None:
    emma.good("task-add", "emma", "old")
    other = other_process(emma)
    other.now = NOON.replace(minute=1)

    def add_again(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        response = send(**request)
        other.good("user-add", "emma", "new@example.org", "999")
        other.good("task-add", "emma", "new")
        return response

    inject(emma, delete_item=add_again)
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 1 task\n"
    inject(emma)
    assert [task["description"] for task in emma("task-ls", "emma", "--json").json["tasks"]] == ["new"]


def test_tasks_with_a_future_tid_are_removed_with_their_user(emma: Program) -> None:
    emma.now = NOON.replace(year=2030)
    emma.good("task-add", "emma", "added under a wrong clock")
    emma.now = NOON
    assert emma("user-rm", "emma", "--with-tasks").out == "user removed with uid emma, and 1 task\n"


def test_tables_are_created_and_deleted_although_responses_were_lost(bare: Program) -> None:
    inject(bare, create_table=response_lost_and_retried)
    assert bare("table-add").status == 0
    inject(bare, delete_table=response_lost_and_retried)
    assert bare("table-rm", "--yes").out.startswith("deleted ")


def test_an_index_that_another_process_adds_at_the_same_moment_is_no_error(bare: Program) -> None:
    for table in definitions.tables(bare.env["NODETODO_TABLE_PREFIX"]):
        bare.client.create_table(**table.create)
    inject(bare, update_table=response_lost_and_retried)
    assert bare("table-add").status == 0


def test_an_edit_that_makes_an_item_too_large_is_rejected_because_of_its_size(emma: Program, engine: str) -> None:
    if engine == "moto":
        pytest.skip("moto does not check the size of an item in UpdateItem")
    tid = emma.tid("task-add", "emma", "d" * 409_500)
    result = emma("task-edit", "emma", tid, f"--category={'c' * 500}")
    assert result.status == 2
    assert "409,600" in result.err


def test_a_user_added_during_the_removal_is_not_overwritten_by_the_restoration(emma: Program) -> None:
    other = other_process(emma)
    reads = []

    def add_the_user_again(send: Callable[..., Any], request: dict[str, Any]) -> Any:
        reads.append(request)
        if len(reads) == 2:  # emma is deleted at this moment
            other.good("user-add", "emma", "new@example.org", "999")
            other.good("task-add", "emma", "x")
        return send(**request)

    inject(emma, query=add_the_user_again)
    assert emma("user-rm", "emma").status == 4
    assert other("user", "emma", "--json").json["email"] == "new@example.org"


def test_an_unexpected_exception_is_not_suppressed(emma: Program) -> None:
    def broken(_send: Callable[..., Any], _request: dict[str, Any]) -> Any:
        raise RuntimeError("an error of this program")

    inject(emma, get_item=broken)
    with pytest.raises(RuntimeError):
        emma("user", "emma")


def test_an_unexpected_error_code_is_reported_with_its_message(emma: Program) -> None:
    inject(emma, get_item=failing(emma.client, "InternalServerError"))
    result = emma("user", "emma")
    assert result.status == 5
    assert "InternalServerError: injected" in result.err
