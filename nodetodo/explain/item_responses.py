"""Lists the possible responses of requests on items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..embedded.errors import ApiError
from .example_items import ExampleItems, made_new
from .outcomes import Outcome, PossibleResponse
from .requests import actions, expressions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..engines.interface import Response
    from ..model import Task, TidEnding, User
    from ..repositories.items import Item
    from .requests import Parameters, Table, Term

PAGE_ITEMS = 60
"""Items of a simulated page, at most. They fill more than two batches of deletes."""


class ItemResponses:
    """The possible responses of requests on the items of these tables. seed, endings: see ExampleItems."""

    def __init__(self, tables: dict[str, Table], seed: int, endings: Sequence[TidEnding]) -> None:
        self._tables, self._seed, self._items = tables, seed, ExampleItems(seed, endings)

    def examples(self, of: type[User] | type[Task], number: int) -> list[Item]:
        """Return example items with different keys."""
        (table,) = (table for table in self._tables.values() if table.holds is of)
        return self._items.several(table, {}, {}, number, full=True)

    def of(self, operation: str, parameters: Parameters) -> list[PossibleResponse]:
        """Return the possible responses of a request with one of OPERATIONS."""
        return OPERATIONS[operation](self, parameters)

    def _get(self, parameters: Parameters) -> list[PossibleResponse]:
        item = self._items.one(self._tables[parameters["TableName"]], parameters["Key"])
        return [PossibleResponse(Outcome.FOUND, {"Item": item}), PossibleResponse(Outcome.ABSENT, {})]

    def _pages(self, parameters: Parameters) -> list[PossibleResponse]:
        """Query and Scan."""
        expressions = expressions_of(parameters)
        table = self._tables[parameters["TableName"]]
        equal = [term for term in expressions.key + expressions.filter if term.operator == "="]
        known: Item = {term.attribute: term.values[0] for term in equal}
        limit = parameters.get("Limit", PAGE_ITEMS)
        number = min(limit, PAGE_ITEMS) - self._seed
        start = parameters.get("ExclusiveStartKey", {})
        # The entries of an index have all attributes of its key.
        whole = self._items.several(table, known, start, max(1, number), full="IndexName" in parameters)
        projection = expressions.projection
        items = [{name: item[name] for name in item if not projection or name in projection} for item in whole]

        def page(items: list[Item], evaluated: int) -> Response:
            return {"Items": items, "Count": len(items), "ScannedCount": evaluated}

        fitting = self._items.fitting(table, known, 1)
        if fitting:
            ambiguous = self._items.fitting(table, known, 2)
            possible = [PossibleResponse(Outcome.SOME, page(fitting, number))]
            possible.append(PossibleResponse(Outcome.AMBIGUOUS, page(ambiguous, number)))
        else:
            possible = [PossibleResponse(Outcome.SOME, page(items[:number], number))]
        newer = made_new(items[:number])
        if newer and not fitting:
            possible.append(PossibleResponse(Outcome.NEWER, page(newer, len(newer))))
        possible.append(PossibleResponse(Outcome.NONE, page([], 0)))
        # Another page follows a filter that no item passes, or a page of one item.
        cut = page([], limit) if expressions.filter else page(items[:1], 1)
        key = {*table.key, *table.key_of(parameters.get("IndexName"))}
        cut["LastEvaluatedKey"] = {name: value for name, value in whole[0].items() if name in key}
        full = page([] if expressions.filter else items[:1] * limit, limit)
        full["LastEvaluatedKey"] = cut["LastEvaluatedKey"]
        return [*possible, PossibleResponse(Outcome.MORE, cut), PossibleResponse(Outcome.FULL, full)]

    def _write(self, parameters: Parameters) -> list[PossibleResponse]:
        """PutItem and UpdateItem."""
        expressions = expressions_of(parameters)
        possible = [
            PossibleResponse(Outcome.DONE, {"Attributes": item})
            for item in self._states(parameters)
            if not _failure(expressions.condition, parameters, item)
        ]
        possible += self._condition_failures(parameters)
        if any(change.value and "S" in change.value for change in expressions.update):
            possible.append(_TOO_LARGE)
        return [*possible, _CONFLICT]

    def _delete(self, parameters: Parameters) -> list[PossibleResponse]:
        item = self._items.one(self._tables[parameters["TableName"]], parameters["Key"])
        returned = {"Attributes": item} if parameters.get("ReturnValues") == "ALL_OLD" else {}
        return [PossibleResponse(Outcome.FOUND, returned), PossibleResponse(Outcome.ABSENT, {}), _CONFLICT]

    def _transact(self, parameters: Parameters) -> list[PossibleResponse]:
        contents = [content for _, content in actions(parameters)]

        def cancelled(place: int, reason: dict[str, Any]) -> ApiError:
            """Return the error of a transaction whose action at this place fails."""
            reasons = [{"Code": "None"} for _ in contents]
            reasons[place] = reason
            return ApiError("TransactionCanceledException", "", CancellationReasons=reasons)

        failed: dict[str, PossibleResponse] = {}  # by reason: of many equal actions, one is enough
        seen: set[str] = set()
        for place, content in enumerate(contents):
            condition = repr([content.get(name) for name in ("TableName", *_CONDITION)])
            if condition in seen:
                continue
            seen.add(condition)
            for failure in self._condition_failures(content):
                assert isinstance(failure.response, ApiError)
                response = cancelled(place, {"Code": "ConditionalCheckFailed", **failure.response.details})
                reason = f"{failure.reason} in {content['TableName']}"
                failed.setdefault(reason, PossibleResponse(Outcome.CONDITION_FAILED, response, reason))
        possible = [PossibleResponse(Outcome.DONE, {}), *failed.values()]
        conflict = cancelled(0, {"Code": "TransactionConflict"})
        return [*possible, PossibleResponse(Outcome.CONFLICT, conflict)]

    def _batch_get(self, parameters: Parameters) -> list[PossibleResponse]:
        ((name, keys),) = ((table, wanted["Keys"]) for table, wanted in parameters["RequestItems"].items())
        found = [self._items.one(self._tables[name], key) for key in keys]
        unprocessed = {name: {**parameters["RequestItems"][name], "Keys": keys[-1:]}}
        return [
            PossibleResponse(Outcome.NONE, {"Responses": {name: []}, "UnprocessedKeys": {}}),
            PossibleResponse(Outcome.SOME, {"Responses": {name: found}, "UnprocessedKeys": {}}),
            PossibleResponse(Outcome.UNPROCESSED, {"Responses": {name: []}, "UnprocessedKeys": unprocessed}),
        ]

    def _batch(self, parameters: Parameters) -> list[PossibleResponse]:
        unprocessed = {table: writes[-1:] for table, writes in parameters["RequestItems"].items()}
        return [
            PossibleResponse(Outcome.DONE, {"UnprocessedItems": {}}),
            PossibleResponse(Outcome.UNPROCESSED, {"UnprocessedItems": unprocessed}),
        ]

    def _states(self, parameters: Parameters) -> list[Item]:
        """Return the items that may have the key of a write."""
        table, key = self._tables[parameters["TableName"]], _key(parameters)
        return self._items.states(table, {name: key[name] for name in table.key})

    def _condition_failures(self, parameters: Parameters) -> list[PossibleResponse]:
        """Return one response for each reason for which the condition of a write may fail."""
        returns_item = parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        failures: dict[str, PossibleResponse] = {}
        condition = expressions_of(parameters).condition
        for item in self._states(parameters):
            reason = _failure(condition, parameters, item)
            if reason and reason not in failures:
                details = {"Item": item} if returns_item and item else {}
                error = ApiError("ConditionalCheckFailedException", "", **details)
                failures[reason] = PossibleResponse(Outcome.CONDITION_FAILED, error, reason)
        return list(failures.values())


_CONDITION = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")

_CONFLICT = PossibleResponse(Outcome.CONFLICT, ApiError("TransactionConflictException", ""))
_TOO_LARGE = PossibleResponse(
    Outcome.TOO_LARGE, ApiError("ValidationException", "Item size to update has exceeded the maximum allowed size")
)

OPERATIONS: dict[str, Callable[[ItemResponses, Parameters], list[PossibleResponse]]] = {
    "GetItem": ItemResponses._get,
    "Query": ItemResponses._pages,
    "Scan": ItemResponses._pages,
    "PutItem": ItemResponses._write,
    "UpdateItem": ItemResponses._write,
    "DeleteItem": ItemResponses._delete,
    "BatchGetItem": ItemResponses._batch_get,
    "BatchWriteItem": ItemResponses._batch,
    "TransactWriteItems": ItemResponses._transact,
}


def _key(parameters: Parameters) -> Item:
    """Return the key of a write, or the item that holds it."""
    key: Item = parameters.get("Key") or parameters["Item"]
    return key


def _failure(condition: list[Term], parameters: Parameters, item: Item) -> str:
    """Return why a condition is false of an item, in words that follow the word "if"; empty if it is true.

    parameters: of the write with this condition.
    """
    for term in condition:
        if term.is_true_of(item):
            continue
        if term.operator == "attribute_exists":
            return f"it lacks the attribute {term.attribute}" if item else Outcome.ABSENT.value
        if term.operator == "attribute_not_exists":
            is_key = term.attribute in _key(parameters)
            return Outcome.FOUND.value if is_key else f"it already has the attribute {term.attribute}"
        return f"not {term}"
    return ""
