"""The outcomes of requests on simulated engines, and the responses that have them."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..embedded.errors import ApiError
    from ..engines.interface import Response


@unique
class Outcome(Enum):
    """The result of a request. The value describes it and follows the word "if"."""

    FOUND = "the item exists"
    ABSENT = "the item does not exist"
    SOME = "items are found"
    NEWER = "some items are newer than this command"
    AMBIGUOUS = "several tids have this ending"
    NONE = "nothing is found"
    MORE = "another page exists"
    FULL = "the page is full and another page exists"
    DONE = "the request succeeds"
    CONDITION_FAILED = "the condition fails"
    TOO_LARGE = "the item would be too large"
    CONFLICT = "it conflicts with a transaction"
    UNPROCESSED = "items remain unprocessed"
    TABLE_READY = "the table is ACTIVE, without deletion protection"
    TABLE_PROTECTED = "the table has deletion protection"
    TABLE_NOT_READY = "the table is not ACTIVE yet"
    TABLE_DELETING = "the table is not deleted yet"
    TABLE_MISSING = "the table does not exist"
    TABLE_EXISTS = "the table already exists"
    TABLE_RESTORED = "the table was already restored from this backup"
    TABLE_IN_USE = "the table is being created or changed"
    INDEX_MISSING = "an index is missing"
    UNKNOWN_OPERATION = "the engine does not have this operation"
    RECOVERY_OFF = "point-in-time recovery is off"
    RECOVERY_ON = "point-in-time recovery is on"
    BACKUP_EXISTS = "the backup exists"
    BACKUP_MISSING = "the backup does not exist"
    BACKUP_NOT_READY = "the backup is not complete yet"
    BACKUP_IN_USE = "the backup is in use"
    INDEX_EXISTS = "an index exists"
    STREAM_EXISTS = "the table has a stream"
    STREAM_PROTECTED = "the table has deletion protection and a stream"
    SHARD = "the stream has one shard"


class PossibleResponse(NamedTuple):
    """A response that a request may receive. reason: why, if the outcome alone does not say it.

    otherwise: the description of the first possible response if this one is the usual one.
    """

    outcome: Outcome
    response: Response | ApiError
    reason: str = ""
    otherwise: str = ""

    @property
    def description(self) -> str:
        """The outcome in words, which follow the word "if"."""
        return self.reason or self.outcome.value
