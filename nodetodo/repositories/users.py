"""The table of users: partition key uid."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ..errors import NoSuchUser, UserExists, UserGone
from ..model import Key, User
from . import items
from .paging import Records, first_records
from .retries import Writer, may_be_ours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines.interface import Client, Response
    from .retries import Sleep

IS_THERE = "attribute_exists(#uid)"
IS_NEW = "attribute_not_exists(#uid)"
UID = {"#uid": "uid"}


class Users:
    def __init__(self, client: Client, table: str, sleep: Sleep) -> None:
        self._client, self.table = client, table
        self._write = Writer(client, sleep)

    def add(self, user: User) -> bool:
        """Put a user whose uid is new; whether this call did it. The very same user once more counts as done.

        Raises UserExists when another user has the uid.
        """
        item = items.check_size(items.to_item(user._asdict()))
        try:
            self._put_new(item, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except self._client.exceptions.ConditionalCheckFailedException as failure:
            if failure.response.get("Item") != item:
                raise UserExists(user.uid) from None
            return may_be_ours(failure.response)
        return True

    def get(self, uid: str) -> User:
        """Raises NoSuchUser."""
        item = self._find(uid, consistent=False)
        return items.to_record(User, item) if item else self.require(uid)

    def require(self, uid: str) -> User:
        """Raises NoSuchUser, on a strongly consistent read.

        Nobody is said to be missing on an eventually consistent one: the user may have been added just now.
        """
        item = self._find(uid, consistent=True)
        if item is None:
            raise NoSuchUser(uid)
        return items.to_record(User, item)

    def is_there(self, uid: str) -> bool:
        """On a strongly consistent read."""
        return self._find(uid, consistent=True) is not None

    def _find(self, uid: str, *, consistent: bool) -> items.Item | None:
        response = self._client.get_item(
            TableName=self.table, Key=items.to_item({"uid": uid}), ConsistentRead=consistent
        )
        return response.get("Item")

    def all(self, *, limit: int | None, start: Key | None) -> Records[User]:
        """Every user, in no order that means anything: a Scan."""
        return Records(User, self._client.scan, {"TableName": self.table}, start=start, limit=limit, key=("uid",))

    def first(self, at_most: int) -> tuple[list[User], bool]:
        """Some users, of at_most items read, and whether these are all."""
        return first_records(User, self._client.scan, self.table, at_most)

    def edit(self, uid: str, changes: dict[str, str]) -> User:
        """Set the attributes named in changes and give the user as it now is. Raises NoSuchUser."""
        items.check_size(items.to_item({"uid": uid, **changes}))
        try:
            response = self._write(
                self._client.update_item,
                TableName=self.table,
                Key=items.to_item({"uid": uid}),
                ConditionExpression=IS_THERE,
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                ExpressionAttributeNames=UID | {f"#{name}": name for name in changes},
                ExpressionAttributeValues={f":{name}": items.attribute(name, new) for name, new in changes.items()},
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise NoSuchUser(uid) from None
        return items.to_record(User, response["Attributes"])

    def remove(self, uid: str) -> User | None:
        """Delete a user and give what it was; None when there was none.

        When the client had to send the request again, an absent user may be one that our own first attempt removed:
        then it is given with its uid alone.
        """
        response = self._delete(uid)
        if "Attributes" in response:
            return items.to_record(User, response["Attributes"])
        return User(uid, None, None) if may_be_ours(response) else None

    @contextmanager
    def removed_if(self, uid: str) -> Iterator[User]:
        """Delete a user for the body to check what has come in meanwhile; put it back as it was if the body raises.

        Raises NoSuchUser, and UserGone when there is nothing to put back, or no way.
        """
        response = self._delete(uid)
        item = response.get("Attributes")
        if item is None and not may_be_ours(response):
            raise NoSuchUser(uid)
        try:
            yield items.to_record(User, item or items.to_item({"uid": uid}))
        except BaseException as error:  # Ctrl-C too
            if item is None:  # the response that held it was lost
                raise UserGone(uid) from error
            try:
                self._put_back(item)
            except Exception as failure:
                raise UserGone(uid) from failure
            raise

    def _delete(self, uid: str) -> Response:
        return self._write(
            self._client.delete_item, TableName=self.table, Key=items.to_item({"uid": uid}), ReturnValues="ALL_OLD"
        )

    def _put_back(self, item: items.Item) -> None:
        with suppress(self._client.exceptions.ConditionalCheckFailedException):  # somebody has added the uid since
            self._put_new(item)

    def _put_new(self, item: items.Item, **more: str) -> None:
        self._write(
            self._client.put_item,
            TableName=self.table,
            Item=item,
            ConditionExpression=IS_NEW,
            ExpressionAttributeNames=UID,
            **more,
        )
