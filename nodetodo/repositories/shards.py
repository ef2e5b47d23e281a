"""Reads a stream: its shards, parents before children, so that the records of each item are in order.

A shard is closed after about four hours, or when its partition is split. Its records end then, and further records of
its items are in its child shards ("Change data capture for DynamoDB Streams", developer guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engines.interface import Client, Response

LATEST, TRIM_HORIZON, AFTER = "LATEST", "TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER"

MARGIN_SECONDS = 60.0
"""How much earlier than this clock the clock of the database may be. DynamoDB Local also rounds down to the minute."""


class Shard:
    """A shard and the position in it. parent: the ID of its parent; None without one.

    kind: the type of its next iterator. is_from_now: whether the reader began at its latest record. last: the sequence
    number of the last record that was read. iterator: None if a new one is needed. since: the lowest time of records
    while none was read, in seconds since 1970. is_lost: whether it was removed before it was read to its end.
    """

    def __init__(self, shard_id: str, parent: str | None, is_from_now: bool, is_done: bool) -> None:
        self.id, self.parent, self.is_from_now, self.is_done = shard_id, parent, is_from_now, is_done
        self.kind = LATEST if is_from_now else TRIM_HORIZON
        self.last: str | None = None
        self.iterator: str | None = None
        self.since = 0.0
        self.is_lost = False

    def is_new(self, record: Response) -> bool:
        """Return whether a record is after the position. TRIM_HORIZON returns some records again."""
        of_record = record["dynamodb"]
        if self.last is not None:
            return int(of_record["SequenceNumber"]) > int(self.last)
        return bool(of_record["ApproximateCreationDateTime"].timestamp() >= self.since)


class StreamReader:
    """Reads the records of a stream. After an exception of the client, `poll` continues at the same position.

    from_start: whether to begin with the oldest record. Default: with the next one. now: seconds since 1970. lose: is
    called when records were removed before they were read, because they were older than 24 hours.
    """

    def __init__(
        self, client: Client, arn: str, now: float, lose: Callable[[], object], *, from_start: bool = False
    ) -> None:
        self._client, self._arn, self._started, self._lose = client, arn, now, lose
        self._from_start = from_start
        self._shards: dict[str, Shard] = {}
        self._is_open = False
        self._is_enabled = True
        self._is_stale = False  # a shard has ended since the shards were listed

    @property
    def is_ended(self) -> bool:
        """Whether the stream was disabled and all its records were read."""
        return not self._is_enabled and all(shard.is_done for shard in self._shards.values())

    def open(self) -> None:
        """List the shards and set the positions at which the reader begins."""
        self._describe()
        for shard in self._readable():
            self._set_iterator(shard)
        self._is_open = True

    def poll(self) -> Iterator[Response]:
        """Yield the records after the positions, and advance the positions."""
        if self._lacks_children():
            self._is_stale = True
        while True:
            if self._is_stale:
                self._describe()
            for shard in self._readable():
                yield from self._read(shard)
            if not self._is_stale:
                return

    def _describe(self) -> None:
        """List the shards and add the new ones. Those that were read stay, so that none is read twice."""
        request: dict[str, Any] = {"StreamArn": self._arn}
        while True:
            description = self._client.describe_stream(**request)["StreamDescription"]
            for shard in description["Shards"]:
                if shard["ShardId"] not in self._shards:
                    self._add(shard)
            if not description.get("LastEvaluatedShardId"):
                break
            request["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]
        self._is_enabled = description["StreamStatus"] in ("ENABLING", "ENABLED")
        self._is_stale = False

    def _add(self, shard: Response) -> None:
        """Add a shard. One that appears after the reader began has only records that are new to the reader."""
        is_closed = "EndingSequenceNumber" in shard.get("SequenceNumberRange", {})
        is_old = not self._is_open and not self._from_start
        parent = shard.get("ParentShardId")
        self._shards[shard["ShardId"]] = Shard(shard["ShardId"], parent, is_old, is_done=is_old and is_closed)

    def _lacks_children(self) -> bool:
        """Return whether the children of a shard that has ended are not listed yet."""
        parents = {shard.parent for shard in self._shards.values()}
        return self._is_enabled and (
            not self._shards
            or any(shard.is_done and not shard.is_lost and shard.id not in parents for shard in self._shards.values())
        )

    def _readable(self) -> list[Shard]:
        """Return the shards that have not ended and whose parent has."""
        return [
            shard
            for shard in self._shards.values()
            if not shard.is_done and (shard.parent not in self._shards or self._shards[shard.parent].is_done)
        ]

    def _read(self, shard: Shard) -> Iterator[Response]:
        """Yield the records of a shard up to the first empty page."""
        while not shard.is_done:
            try:
                if shard.iterator is None:
                    self._set_iterator(shard)
                response = self._client.get_records(ShardIterator=shard.iterator)
            except self._client.exceptions.ClientError as error:
                if not self._recover(shard, error.response["Error"]["Code"]):
                    raise
                return
            new = list(filter(shard.is_new, response["Records"]))
            if new:
                shard.last, shard.kind = new[-1]["dynamodb"]["SequenceNumber"], AFTER
            shard.iterator = response.get("NextShardIterator")
            if shard.iterator is None:
                shard.is_done = self._is_stale = True
            yield from new
            if not response["Records"]:
                return

    def _set_iterator(self, shard: Shard) -> None:
        """Get an iterator at the position of a shard."""
        at = {"SequenceNumber": shard.last} if shard.kind == AFTER else {}
        request = {"StreamArn": self._arn, "ShardId": shard.id, "ShardIteratorType": shard.kind, **at}
        shard.iterator = self._client.get_shard_iterator(**request)["ShardIterator"]
        if shard.kind == LATEST:
            shard.kind = TRIM_HORIZON  # when this iterator has expired, LATEST would skip records

    def _recover(self, shard: Shard, code: str) -> bool:
        """Prepare the next read of a shard after an error. Return False for an error that no other iterator avoids."""
        if code == "ResourceNotFoundException":  # all records of the shard were removed
            shard.is_done = shard.is_lost = self._is_stale = True
        elif code == "TrimmedDataAccessException":
            shard.kind = TRIM_HORIZON
        elif code != "ExpiredIteratorException":  # for example because the process was suspended for 15 minutes
            return False
        if code != "ExpiredIteratorException":
            self._lose()
        if shard.is_from_now:
            shard.since = self._started - MARGIN_SECONDS
        shard.iterator = None
        return True
