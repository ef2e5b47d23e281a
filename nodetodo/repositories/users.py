"""The table of users. Partition key: uid."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ..errors import NoSuchUser, UserExists, UserNotRestored
from ..model import Key, User
from . import items
from .expressions import Expressions
from .paging import Records
from .retries import RetryingWriter, may_have_been_applied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines.interface import Client, Response
    from .excerpt import Excerpt
    from .retries import Sleep


class Users:
    """Reads and writes users."""

    def __init__(self, client: Client, table: str, sleep: Sleep) -> None:
        self._client, self.table = client, table
        self._writer = RetryingWriter(client, sleep)

    def add(self, user: User) -> bool:
        """Add a user. Adding an identical user again succeeds.

        Returns whether this call added the user. Raises UserExists if another user has the uid.
        """
        item = items.check_size(items.to_item(user._asdict()))
        try:
            self._put_new(item, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except self._client.exceptions.ConditionalCheckFailedException as failure:
            if failure.response.get("Item") != item:
                raise UserExists(user.uid) from None
            return may_have_been_applied(failure.response)
        return True

    def get(self, uid: str) -> User:
        """Return a user. Raises NoSuchUser."""
        item = self._find(uid, consistent=False)
        return items.to_record(User, item) if item else self.require(uid)

    def require(self, uid: str) -> User:
        """Return a user, with a strongly consistent read. Raises NoSuchUser.

        An eventually consistent read may miss a user who was added in the last second.
        """
        item = self._find(uid, consistent=True)
        if item is None:
            raise NoSuchUser(uid)
        return items.to_record(User, item)

    def exists(self, uid: str) -> bool:
        """Return whether the user exists, with a strongly consistent read."""
        return self._find(uid, consistent=True) is not None

    def _find(self, uid: str, *, consistent: bool) -> items.Item | None:
        response = self._client.get_item(
            TableName=self.table, Key=items.to_item({"uid": uid}), ConsistentRead=consistent
        )
        return response.get("Item")

    def all(self, *, limit: int | None, start: Key | None) -> Records[User]:
        """Return all users, in the arbitrary order of a Scan."""
        request = {"TableName": self.table}
        return Records(User, self._client.scan, request, start=start, limit=limit, key=items.KEYS[User])

    def excerpt(self, at_most: int) -> Excerpt[User]:
        """Return the first users of the table. Reads at most at_most items."""
        from . import excerpt  # here, because few commands need it

        return excerpt.scan(User, self._client.scan, self.table, at_most)

    def page(self, at_most: int) -> list[User]:
        """Return the first users of the table with one request. Reads at most at_most items."""
        from . import excerpt

        return excerpt.page(User, self._client.scan, self.table, at_most)

    def edit(self, uid: str, changes: dict[str, str]) -> User:
        """Set the attributes in changes and return the changed user. Raises NoSuchUser."""
        items.check_size(items.to_item({"uid": uid, **changes}))
        expressions = Expressions()
        condition = expressions.item_exists()
        assignments = [expressions.compare(name, "=", value) for name, value in changes.items()]
        try:
            response = self._writer.write(
                self._client.update_item,
                TableName=self.table,
                Key=items.to_item({"uid": uid}),
                ConditionExpression=condition,
                UpdateExpression=f"SET {', '.join(assignments)}",
                ReturnValues="ALL_NEW",
                **expressions.parameters(),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise NoSuchUser(uid) from None
        return items.to_record(User, response["Attributes"])

    @contextmanager
    def removed_or_restored(self, uid: str) -> Iterator[User | None]:
        """Delete the user, run the body, restore the user if the body raises.

        Yields the deleted user, or None if the user did not exist. If the response of a successful delete was lost, the
        yielded user has only the uid. Raises UserNotRestored if the restoration fails.
        """
        response = self._delete(uid)
        item = response.get("Attributes")
        is_deleted = item is not None or may_have_been_applied(response)
        try:
            yield items.to_record(User, item or items.to_item({"uid": uid})) if is_deleted else None
        except BaseException as error:  # KeyboardInterrupt too
            if not is_deleted:
                raise
            if item is None:  # the response that held the item was lost
                raise UserNotRestored(uid) from error
            try:
                self._restore(item)
            except Exception as failure:
                raise UserNotRestored(uid) from failure
            raise

    def _delete(self, uid: str) -> Response:
        return self._writer.write(
            self._client.delete_item, TableName=self.table, Key=items.to_item({"uid": uid}), ReturnValues="ALL_OLD"
        )

    def _restore(self, item: items.Item) -> None:
        # The condition fails if another process has added the uid since; that user stays.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._put_new(item)

    def _put_new(self, item: items.Item, **parameters: str) -> None:
        expressions = Expressions()
        condition = expressions.item_is_new()
        self._writer.write(
            self._client.put_item,
            TableName=self.table,
            Item=item,
            ConditionExpression=condition,
            **expressions.parameters(),
            **parameters,
        )
