"""StreamReader on a simulated stream: split and expired shards, expired iterators, removed records, failures."""

from __future__ import annotations

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodetodo.embedded.errors import EXCEPTIONS, ApiError, client_error
from nodetodo.repositories.shards import StreamReader

NOW = 1_800_000_000
ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/todo-task/stream/2026-11-23T12:00:00.000"


class SimulatedShard:
    """A shard with its records. removed: how many of the first ones were removed after 24 hours."""

    def __init__(self, shard_id: str, parent: str | None) -> None:
        self.id, self.parent = shard_id, parent
        self.records: list[dict[str, Any]] = []
        self.is_closed = False
        self.removed = 0


class SimulatedStream:
    """A client for a stream whose items 0 to 7 are spread over its open shards.

    An iterator is a tuple of shard, position and generation. failures: exceptions of the next requests, by method.
    """

    exceptions = EXCEPTIONS

    def __init__(self, page: int = 3) -> None:
        self._page = page
        self._numbers = itertools.count(1)
        self._sequences = itertools.count(1)
        self.shards: dict[str, SimulatedShard] = {}
        self._open: list[str] = [self._add(None)]
        self.is_enabled = True
        self.generation = 0
        self.written: dict[int, list[int]] = defaultdict(list)
        self.failures: dict[str, list[Exception]] = defaultdict(list)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.hidden: set[str] = set()  # shards that DescribeStream does not list yet

    def _add(self, parent: str | None) -> str:
        shard = SimulatedShard(f"shardId-{next(self._numbers):020}", parent)
        self.shards[shard.id] = shard
        return shard.id

    def write(self, item: int, time: float = NOW) -> None:
        """Write a record of an item to its shard."""
        sequence = next(self._sequences)
        self.written[item].append(sequence)
        self.shards[self._open[item % len(self._open)]].records.append(
            {
                "item": item,
                "dynamodb": {
                    "SequenceNumber": f"{sequence:021}",
                    "ApproximateCreationDateTime": datetime.fromtimestamp(time, UTC),
                },
            }
        )

    def split(self) -> list[str]:
        """Close the only open shard, and open two children, of which each has some of the items."""
        (parent,) = self._open
        self.shards[parent].is_closed = True
        self._open = [self._add(parent), self._add(parent)]
        return self._open

    def roll(self) -> list[str]:
        """Close all open shards, and open one child of each."""
        for name in self._open:
            self.shards[name].is_closed = True
        self._open = [self._add(name) for name in self._open]
        return self._open

    def disable(self) -> None:
        self.is_enabled = False
        for name in self._open:
            self.shards[name].is_closed = True

    # The client

    def _note(self, method: str, request: dict[str, Any]) -> None:
        self.sent.append((method, request))
        if self.failures[method]:
            raise self.failures[method].pop(0)

    def describe_stream(self, **request: Any) -> dict[str, Any]:
        self._note("describe_stream", request)
        names = [name for name in sorted(self.shards) if name not in self.hidden]
        after = [name for name in names if name > request.get("ExclusiveStartShardId", "")]
        description: dict[str, Any] = {
            "StreamStatus": "ENABLED" if self.is_enabled else "DISABLED",
            "Shards": [self._described(self.shards[name]) for name in after[:2]],
        }
        if len(after) > 2:
            description["LastEvaluatedShardId"] = after[1]
        return {"StreamDescription": description}

    def _described(self, shard: SimulatedShard) -> dict[str, Any]:
        sequences = {"StartingSequenceNumber": "1"} | ({"EndingSequenceNumber": "2"} if shard.is_closed else {})
        parent = {"ParentShardId": shard.parent} if shard.parent else {}
        return {"ShardId": shard.id, "SequenceNumberRange": sequences, **parent}

    def get_shard_iterator(self, **request: Any) -> dict[str, Any]:
        self._note("get_shard_iterator", request)
        shard = self._shard(request["ShardId"])
        kind, position = request["ShardIteratorType"], len(shard.records)
        if kind == "TRIM_HORIZON":
            position = shard.removed
        elif kind == "AFTER_SEQUENCE_NUMBER":
            numbers = [record["dynamodb"]["SequenceNumber"] for record in shard.records]
            position = numbers.index(request["SequenceNumber"]) + 1
            if position <= shard.removed:
                raise error("TrimmedDataAccessException")
        return {"ShardIterator": (shard.id, position, self.generation)}

    def _shard(self, name: str) -> SimulatedShard:
        if name not in self.shards:
            raise error("ResourceNotFoundException")
        return self.shards[name]

    def get_records(self, **request: Any) -> dict[str, Any]:
        self._note("get_records", request)
        name, position, generation = request["ShardIterator"]
        shard = self._shard(name)
        if generation < self.generation:
            raise error("ExpiredIteratorException")
        if position < shard.removed:
            raise error("TrimmedDataAccessException")
        page = shard.records[position : position + self._page]
        response: dict[str, Any] = {"Records": page}
        if not (shard.is_closed and position + len(page) == len(shard.records)):
            response["NextShardIterator"] = (name, position + len(page), self.generation)
        return response


def error(code: str) -> Exception:
    return client_error(ApiError(code, "injected"), "GetRecords")


class Reading:
    """A reader of a stream, and what it has read."""

    def __init__(self, stream: SimulatedStream, *, from_start: bool = False) -> None:
        self.stream, self.lost = stream, 0
        self.read: dict[int, list[int]] = defaultdict(list)
        self.reader = StreamReader(stream, ARN, NOW, self._lose, from_start=from_start)  # type: ignore[arg-type]
        self.reader.open()

    def _lose(self) -> None:
        self.lost += 1

    def poll(self, times: int = 1) -> None:
        for _ in range(times):
            for record in self.reader.poll():
                self.read[record["item"]].append(int(record["dynamodb"]["SequenceNumber"]))


@pytest.fixture
def stream() -> SimulatedStream:
    return SimulatedStream()


def write(stream: SimulatedStream, *items: int) -> None:
    for item in items or range(8):
        stream.write(item)


def test_the_reader_begins_with_the_next_record_or_with_the_oldest_one(stream: SimulatedStream) -> None:
    write(stream)
    from_now, from_start = Reading(stream), Reading(stream, from_start=True)
    stream.write(1)
    for reading in (from_now, from_start):
        reading.poll()
    assert from_now.read == {1: [9]}
    assert from_start.read == stream.written


def test_records_are_read_in_order_for_each_item_through_splits(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    stream.split()
    write(stream)
    stream.roll()
    write(stream)
    reading.poll()
    assert reading.read == stream.written
    stream.roll()
    write(stream)
    reading.poll()
    assert reading.read == stream.written


def test_all_shards_are_read_from_the_start_parents_first(stream: SimulatedStream) -> None:
    for change in (stream.split, stream.roll, stream.roll):
        write(stream)
        change()
    write(stream)
    reading = Reading(stream, from_start=True)
    reading.poll()
    assert reading.read == stream.written


def test_closed_shards_are_not_read_from_now_on(stream: SimulatedStream) -> None:
    write(stream)
    stream.split()
    write(stream)
    reading = Reading(stream)
    stream.write(3)
    reading.poll()
    assert reading.read == {3: [17]}


def test_a_shard_that_is_split_before_it_has_an_iterator_loses_nothing(stream: SimulatedStream) -> None:
    describe = stream.describe_stream

    def describe_and_split(**request: Any) -> dict[str, Any]:
        response = describe(**request)
        if len(stream.shards) == 1:
            write(stream)
            stream.split()
            write(stream)
        return response

    stream.describe_stream = describe_and_split  # type: ignore[method-assign]
    reading = Reading(stream)
    reading.poll()
    assert reading.read == {item: numbers[1:] for item, numbers in stream.written.items()}


def test_children_that_are_listed_late_are_awaited(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    stream.hidden = set(stream.split())
    write(stream)
    reading.poll(2)
    assert sum(map(len, reading.read.values())) == 8
    stream.hidden = set()
    reading.poll()
    assert reading.read == stream.written


def test_an_idle_poll_sends_one_request_for_each_open_shard(stream: SimulatedStream) -> None:
    stream.split()
    reading = Reading(stream)
    stream.sent.clear()
    reading.poll(3)
    assert [method for method, _ in stream.sent] == ["get_records"] * 6


def test_after_an_expired_iterator_the_reader_continues_behind_the_last_record(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    reading.poll()
    stream.generation += 1
    write(stream)
    reading.poll(2)
    assert reading.read == stream.written
    assert reading.lost == 0


def test_an_iterator_that_expires_before_the_first_record_loses_nothing(stream: SimulatedStream) -> None:
    stream.write(1, NOW - 3600)
    reading = Reading(stream)
    reading.poll()
    stream.generation += 1
    stream.write(1, NOW + 10)
    stream.write(2, NOW + 20)
    reading.poll(2)
    assert reading.read == {1: [2], 2: [3]}


def test_removed_records_are_reported_and_the_remaining_ones_read_once(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    reading.poll()
    write(stream)
    stream.generation += 1
    (shard,) = stream.shards.values()
    shard.removed = 12
    reading.poll(3)
    assert reading.lost == 1
    assert reading.read == {item: numbers[:1] if item < 4 else numbers for item, numbers in stream.written.items()}
    write(stream)
    reading.poll()
    assert [numbers[-1] for numbers in reading.read.values()] == list(range(17, 25))


def test_records_that_remain_are_not_read_again(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    reading.poll()
    stream.failures["get_records"] = [error("TrimmedDataAccessException")]
    reading.poll(3)
    assert reading.read == stream.written


def test_a_shard_whose_records_were_all_removed_is_skipped(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    first = next(iter(stream.shards))
    stream.split()
    write(stream)
    del stream.shards[first]
    reading.poll(2)
    assert reading.lost == 1
    assert reading.read == {item: numbers[1:] for item, numbers in stream.written.items()}
    for shard in stream.shards.values():
        shard.parent = "shardId-that-was-never-listed"
    stream.sent.clear()
    reading.poll()
    assert [method for method, _ in stream.sent] == ["get_records"] * 2


def test_shards_of_which_nothing_remains_are_not_awaited(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    first = next(iter(stream.shards))
    second, third = stream.roll()[0], stream.roll()[0]
    write(stream)
    del stream.shards[first], stream.shards[second]
    reading.poll(2)
    stream.sent.clear()
    reading.poll()
    assert [method for method, _ in stream.sent] == ["get_records"]
    assert reading.read == stream.written
    assert list(stream.shards) == [third]


def test_a_shard_that_is_not_listed_for_a_while_is_not_read_again(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    stream.split()
    reading.poll()
    stream.hidden = {next(iter(stream.shards))}
    stream.roll()
    reading.poll()
    stream.hidden = set()
    stream.roll()
    write(stream)
    reading.poll()
    assert reading.read == stream.written


@pytest.mark.parametrize("method", ["describe_stream", "get_shard_iterator", "get_records"])
@pytest.mark.parametrize("failure", [error("LimitExceededException"), ConnectionError("injected")])
def test_after_a_failure_the_reader_continues(stream: SimulatedStream, method: str, failure: Exception) -> None:
    reading = Reading(stream)
    write(stream)
    stream.split()
    write(stream)
    stream.failures[method] = [failure]
    with pytest.raises(type(failure)):
        reading.poll()
    reading.poll()
    assert reading.read == stream.written


def test_the_end_of_a_stream_is_known_when_all_records_were_read(stream: SimulatedStream) -> None:
    reading = Reading(stream)
    write(stream)
    stream.disable()
    assert not reading.reader.is_ended
    reading.poll()
    assert reading.read == stream.written
    assert reading.reader.is_ended


def test_a_stream_without_shards_is_listed_again(stream: SimulatedStream) -> None:
    stream.hidden = set(stream.shards)
    reading = Reading(stream)
    write(stream)
    reading.poll()
    stream.hidden = set()
    reading.poll()
    assert reading.read == stream.written


ACTIONS: dict[str, Callable[[SimulatedStream], object]] = {
    "write": write,
    "write one": lambda stream: stream.write(5),
    "split": lambda stream: stream.split() if len(stream._open) == 1 else None,
    "roll": SimulatedStream.roll,
    "expire": lambda stream: setattr(stream, "generation", stream.generation + 1),
    "throttle": lambda stream: stream.failures["get_records"].append(error("LimitExceededException")),
    "disconnect": lambda stream: stream.failures["describe_stream"].append(ConnectionError()),
}


@settings(deadline=None, max_examples=200)
@given(
    page=st.integers(1, 4),
    from_start=st.booleans(),
    before=st.lists(st.sampled_from(["write", "split", "roll"]), max_size=4),
    actions=st.lists(st.sampled_from([*ACTIONS, "poll", "poll"]), max_size=25),
)
def test_every_record_is_read_once_and_in_order_whatever_happens(
    page: int, from_start: bool, before: list[str], actions: list[str]
) -> None:
    stream = SimulatedStream(page)
    for action in before:
        ACTIONS[action](stream)
    if not from_start:
        for shard in stream.shards.values():
            for record in shard.records:
                record["dynamodb"]["ApproximateCreationDateTime"] = datetime.fromtimestamp(NOW - 3600, UTC)
    skipped = {} if from_start else {item: len(numbers) for item, numbers in stream.written.items()}
    reading = Reading(stream, from_start=from_start)

    def poll() -> None:
        with contextlib.suppress(EXCEPTIONS.ClientError, ConnectionError):  # the next poll continues
            reading.poll()

    for action in actions:
        if action == "poll":
            poll()
        else:
            ACTIONS[action](stream)
    for _ in range(len(actions) + 2):  # each failure ends a poll
        poll()
    expected = {item: numbers[skipped.get(item, 0) :] for item, numbers in stream.written.items()}
    assert reading.read == {item: numbers for item, numbers in expected.items() if numbers}
    assert reading.lost == 0
