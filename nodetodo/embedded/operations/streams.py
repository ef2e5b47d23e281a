"""ListStreams, DescribeStream, GetShardIterator and GetRecords.

A stream has one shard, which is open until the stream is disabled or its table deleted. In DynamoDB, a stream has at
least one shard for each partition of the table, and shards are split and closed after about four hours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import values
from ..errors import ApiError, validation_error
from ..limits import ITERATOR_SECONDS, RECORD_PAGE_BYTES, RECORD_SECONDS, RECORDS_PER_PAGE, STREAMS_PER_PAGE
from ..storage.statements import reading
from ..storage.streams import LATEST_TIME
from .descriptions import ARN
from .parameters import Structure, index_name, integer_from, one_of, text_from

if TYPE_CHECKING:
    from ..storage.statements import Storage
    from ..storage.streams import StoredRecord, StoredStream
    from .parameters import Errors

SEQUENCE_DIGITS = 21


def _timestamp(value: Any, where: str, errors: Errors) -> None:
    """Check a time: a datetime, or seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, datetime | int | float):
        errors.add_type(value, where, "<class 'datetime.datetime'>", "timestamp-string")


_arn = text_from(37, 1024)
_shard_id = text_from(28, 65)
_limit = integer_from(1)
_FILTER = Structure({}, {"Type": one_of("CHILD_SHARDS"), "ShardId": _shard_id})

LIST_STREAMS = Structure({}, {"TableName": index_name, "Limit": _limit, "ExclusiveStartStreamArn": _arn})
DESCRIBE_STREAM = Structure(
    {"StreamArn": _arn}, {"Limit": _limit, "ExclusiveStartShardId": _shard_id, "ShardFilter": _FILTER}
)
GET_SHARD_ITERATOR = Structure(
    {
        "StreamArn": _arn,
        "ShardId": _shard_id,
        "ShardIteratorType": one_of(
            *("TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "AT_TIMESTAMP")
        ),
    },
    {"SequenceNumber": text_from(SEQUENCE_DIGITS, 40), "Timestamp": _timestamp},
)
GET_RECORDS = Structure({"ShardIterator": text_from(1, 2048)}, {"Limit": _limit})

# Any region and account, because clients see the same tables with any of them.
_STREAM_ARN = re.compile(r"arn:aws[a-z-]*:dynamodb:[^:]+:\d+:table/([a-zA-Z0-9_.-]{3,255})/stream/([0-9T:.-]+)")
_ITERATOR = re.compile(r"([^|]+)\|([0-9]{1,18})\|([0-9]{1,18})")
_WRONG = "One or more parameter values were invalid: "


def list_streams(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """List the streams of one page: enabled ones, and those that ended in the last 24 hours."""
    limit = _checked_limit(request, STREAMS_PER_PAGE)
    start = request.get("ExclusiveStartStreamArn")
    with reading(storage):
        after = ("", "") if start is None else _parsed(start)
        streams = storage.streams.page(request.get("TableName"), after, storage.clock(), limit + 1)
    response: dict[str, Any] = {
        "Streams": [
            {"StreamArn": _arn_of(stream), "TableName": stream.name, "StreamLabel": stream.label}
            for stream in streams[:limit]
        ]
    }
    if len(streams) > limit:
        response["LastEvaluatedStreamArn"] = response["Streams"][-1]["StreamArn"]
    return response


def describe_stream(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Describe a stream and its shard. Raises ApiError (ResourceNotFoundException) if it does not exist."""
    _checked_limit(request, STREAMS_PER_PAGE)
    with reading(storage):
        stream = _existing(storage, request["StreamArn"])
    sequences = {"StartingSequenceNumber": _number(stream.first)}
    if stream.last is not None:
        sequences["EndingSequenceNumber"] = _number(max(stream.first, stream.last))
    shard = _shard_of(stream)
    # The only shard has no children, and no shard comes after it.
    is_listed = "ShardFilter" not in request and request.get("ExclusiveStartShardId", "") < shard
    return {
        "StreamDescription": {
            "StreamArn": _arn_of(stream),
            "StreamLabel": stream.label,
            "StreamStatus": "ENABLED" if stream.ended is None else "DISABLED",
            "StreamViewType": stream.view,
            "CreationRequestDateTime": datetime.fromtimestamp(stream.created, UTC),
            "TableName": stream.name,
            "KeySchema": [
                {"AttributeName": name, "KeyType": kind}
                for (name, _), kind in zip(stream.key, ("HASH", "RANGE"), strict=False)
            ],
            "Shards": [{"ShardId": shard, "SequenceNumberRange": sequences}] if is_listed else [],
        }
    }


def get_shard_iterator(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Return an iterator, which is valid for 15 minutes.

    Raises ApiError: a ResourceNotFoundException if the stream or the shard does not exist, a TrimmedDataAccessException
    for a sequence number of a record older than 24 hours.
    """
    kind = request["ShardIteratorType"]
    _check_position(request, kind)
    with reading(storage):
        stream = _existing(storage, request["StreamArn"])
        if request["ShardId"] != _shard_of(stream):
            raise ApiError("ResourceNotFoundException", "Shard does not exist")
        return {"ShardIterator": _iterator(storage, stream, _position(storage, stream, kind, request))}


def _check_position(request: dict[str, Any], kind: str) -> None:
    """Raise ApiError (ValidationException) unless the request has the position that its kind of iterator needs."""
    for name, kinds in (
        ("SequenceNumber", ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")),
        ("Timestamp", ("AT_TIMESTAMP",)),
    ):
        if kind not in kinds and name in request:
            raise validation_error(f"{_WRONG}{name} should not be passed for this iterator type")
        if kind in kinds and name not in request:
            raise validation_error(f"{_WRONG}Invalid {name}")
    if not request.get("SequenceNumber", "0").isdecimal() or not request.get("SequenceNumber", "0").isascii():
        raise validation_error(f"{_WRONG}Invalid SequenceNumber")


def _position(storage: Storage, stream: StoredStream, kind: str, request: dict[str, Any]) -> int:
    """Return the sequence number at which an iterator starts."""
    streams, now = storage.streams, storage.clock()
    if kind == "TRIM_HORIZON":
        return streams.first_after(stream, now - RECORD_SECONDS)
    latest = stream.position(streams.last_sequence() + 1)
    if kind == "LATEST":
        return latest
    if kind == "AT_TIMESTAMP":
        time = request["Timestamp"]
        seconds = time.timestamp() if isinstance(time, datetime) else time
        bounded = min(max(seconds, 0.0), LATEST_TIME)  # an integer may be too large for a float
        just_before = max(bounded - 1e-6, now - RECORD_SECONDS)
        return streams.first_after(stream, just_before)
    sequence = int(request["SequenceNumber"])
    if sequence < stream.first or (sequence >= latest and sequence != stream.first):
        raise validation_error("Invalid SequenceNumber for the shard")
    if streams.lost_records(stream, sequence, now):
        raise _trimmed()
    return sequence + 1 if kind == "AFTER_SEQUENCE_NUMBER" and sequence < latest else sequence


def get_records(storage: Storage, request: dict[str, Any]) -> dict[str, Any]:
    """Return the records of one page, up to 1 MB, and the iterator of the next page.

    The response has no next iterator at the end of a stream that is disabled. Raises ApiError: an
    ExpiredIteratorException for an iterator older than 15 minutes, a TrimmedDataAccessException if a record at or after
    the iterator is older than 24 hours.
    """
    limit = request.get("Limit", RECORDS_PER_PAGE)
    if limit > RECORDS_PER_PAGE:
        raise validation_error(f"{_WRONG}Limit should be less than or equal to {RECORDS_PER_PAGE}")
    parts = _ITERATOR.fullmatch(request["ShardIterator"])
    if parts is None or _STREAM_ARN.fullmatch(parts[1]) is None:
        raise validation_error("Invalid ShardIterator")
    now = storage.clock()
    if now > int(parts[3]) / 1000 + ITERATOR_SECONDS:
        raise ApiError("ExpiredIteratorException", "The provided iterator exceeds the maximum age allowed.")
    with reading(storage):
        stream = _existing(storage, parts[1])
        position = int(parts[2])
        if storage.streams.lost_records(stream, position, now):
            raise _trimmed()
        page, position, is_end = _page(storage, stream, position, limit)
        response: dict[str, Any] = {"Records": page}
        if not (is_end and stream.last is not None):
            response["NextShardIterator"] = _iterator(storage, stream, position)
        return response


def _page(storage: Storage, stream: StoredStream, position: int, limit: int) -> tuple[list[Any], int, bool]:
    """Return the records of a page, the position after them, and whether these are all records of the stream."""
    page: list[dict[str, Any]] = []
    size = 0
    for record in storage.streams.records(stream, position, limit + 1):
        shown = _record(stream, record)
        size += shown["dynamodb"]["SizeBytes"]
        if len(page) == limit or (page and size > RECORD_PAGE_BYTES):
            return page, position, False
        page.append(shown)
        position = record.sequence + 1
    return page, position, True


def _record(stream: StoredStream, record: StoredRecord) -> dict[str, Any]:
    """Return a record of a response."""
    images = {"NewImage": record.new, "OldImage": record.old}
    present = {name: image for name, image in images.items() if image is not None}
    size = values.item_size(record.keys) + sum(map(values.item_size, present.values()))
    shown = {
        "eventID": f"{stream.number:016x}{record.sequence:016x}",
        "eventName": record.event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": ARN.split(":")[3],
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(int(record.written), UTC),
            "Keys": record.keys,
            **present,
            "SequenceNumber": _number(record.sequence),
            "SizeBytes": size,
            "StreamViewType": stream.view,
        },
    }
    if record.is_expired:
        shown["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    return shown


def _checked_limit(request: dict[str, Any], most: int) -> int:
    """Return the Limit of a request. Raises ApiError (ValidationException) if it is too high."""
    limit: int = request.get("Limit", most)
    if limit > most:
        raise validation_error(f"{_WRONG}Limit cannot be greater than the maximum: {most}")
    return limit


def _parsed(arn: str) -> tuple[str, str]:
    """Return the table name and the label in the ARN of a stream. Raises ApiError (ValidationException)."""
    parts = _STREAM_ARN.fullmatch(arn)
    if parts is None:
        raise validation_error("Invalid StreamArn")
    return parts[1], parts[2]


def _existing(storage: Storage, arn: str) -> StoredStream:
    """Return a stream. Raises ApiError (ResourceNotFoundException) if it does not exist."""
    stream = storage.streams.find(*_parsed(arn), storage.clock())
    if stream is None:
        raise ApiError("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")
    return stream


def _arn_of(stream: StoredStream) -> str:
    return f"{ARN}{stream.name}/stream/{stream.label}"


def _shard_of(stream: StoredStream) -> str:
    return f"shardId-{int(stream.created * 1000):020}-{stream.number:08x}"


def _number(sequence: int) -> str:
    return f"{sequence:0{SEQUENCE_DIGITS}}"


def _iterator(storage: Storage, stream: StoredStream, position: int) -> str:
    return f"{_arn_of(stream)}|{position}|{int(storage.clock() * 1000)}"


def _trimmed() -> ApiError:
    return ApiError("TrimmedDataAccessException", "The data you are trying to access has been trimmed")
