"""Known differences of DynamoDB Local 3.3.1 from DynamoDB. The comparison accepts these and no others.

Each docstring states the behaviour of DynamoDB Local and the source of DynamoDB's behaviour:
"Documentation" (AWS), "Public test suite" (its tests pass on AWS), "Measured" (a published response of AWS), or
"Assumed" (neither is known; the embedded engine chose one behaviour). Conditions are as narrow as possible. If a
difference may have changed the stored items, the comparison of that sequence ends.

No generated request shows these differences of tables with local indexes:
- DynamoDB Local returns no ItemCollectionMetrics (documentation: API_PutItem), and accepts an empty list of local
  indexes (measured: "List of LocalSecondaryIndexes is empty", ack-api-quirks for DynamoDB, finding DDB-TABLE-129).
- It charges a Query with any projection, and a Scan always, for whole items (documentation: "LSI.Reading", developer
  guide: only attributes that are not projected are fetched).
- It counts local indexes of all attributes for the limit of 400 KB of an item, and only in PutItem (documentation:
  "Item size for tables with local secondary indexes", Quotas in Amazon DynamoDB).
"""

from __future__ import annotations

import re
from typing import Any

from tests.differential.comparison import Mismatch, evaluated, items_of, normalize_numbers
from tests.differential.reference import Differences
from tests.differential.requests import ErrorResponse, Request, send
from tests.differential.schema import TABLES, Client


def drop_unrequested_metrics(page: Any) -> Any:
    """Returns ConsumedCapacity without ReturnConsumedCapacity when it deletes an absent item.

    Documentation: "ConsumedCapacity is only returned if the ReturnConsumedCapacity parameter was specified",
    API_DeleteItem. No generated request has that parameter.
    """
    if not isinstance(page, dict):
        return page
    return {name: part for name, part in page.items() if name not in ("ConsumedCapacity", "ItemCollectionMetrics")}


def plain_numbers(response: Any) -> Any:
    """Keeps the notation of numbers in lists and maps, and returns large numbers with an exponent.

    Measured: DynamoDB returns 150 for 1.5E2, 1 for 1.0 and 0 for -0 at any depth,
    https://github.com/ExtendDB/extenddb/pull/7.
    """
    return normalize_numbers(response)


def removes_from_absent_item(request: Request, engine: Client) -> bool:
    """Creates an item when an update only removes attributes of an absent one.

    Measured: https://github.com/scylladb/scylladb/issues/5862.
    """
    for update in _updates(request):
        legacy = update.get("AttributeUpdates") or {}
        if legacy and all(each.get("Action") == "DELETE" for each in legacy.values()):
            found = send(engine, Request("get_item", {name: update.get(name) for name in ("TableName", "Key")}))
            return not isinstance(found, ErrorResponse) and "Item" not in found[0]
        expression = update.get("UpdateExpression")
        if not expression or not re.match(r"\s*(REMOVE|DELETE)\b", expression, re.IGNORECASE):
            continue
        if re.search(r"\b(SET|ADD)\s", expression, re.IGNORECASE):
            continue
        found = send(engine, Request("get_item", {name: update.get(name) for name in ("TableName", "Key")}))
        if not isinstance(found, ErrorResponse) and "Item" not in found[0]:
            return True
    return False


def ignores_update_without_action(request: Request, _engine: Client) -> bool:
    """Ignores a member of AttributeUpdates without Action.

    Documentation: "Specifies how to perform the update. Valid values are PUT (default), DELETE, and ADD",
    API_AttributeValueUpdate.
    """
    updates = request.arguments.get("AttributeUpdates") or {}
    return any("Action" not in update for update in updates.values())


def _updates(request: Request) -> list[dict[str, Any]]:
    if request.method == "update_item":
        return [request.arguments]
    actions = request.arguments.get("TransactItems")
    return [action["Update"] for action in actions if "Update" in action] if isinstance(actions, list) else []


def _actions(request: Request) -> list[dict[str, Any]]:
    return [arguments for action in request.arguments["TransactItems"] for arguments in action.values()]


def accepts_two_actions_on_one_item(mismatch: Mismatch) -> bool:
    """Evaluates conditions before it rejects two actions on one item; treats 1 and 1.0 as two keys.

    Measured: https://github.com/getmoto/moto/pull/7378 (order), https://github.com/scylladb/scylladb/pull/29501 (keys).
    """
    if mismatch.request.method != "transact_write_items" or mismatch.actual_code != "ValidationException":
        return False
    targets = []
    for arguments in _actions(mismatch.request):
        key = arguments.get("Key") or arguments.get("Item") or {}
        table = TABLES.get(arguments.get("TableName", ""))
        names = table.key if table else {}
        targets.append(repr([arguments.get("TableName"), normalize_numbers([key.get(name) for name in names])]))
    return mismatch.expected_code != "ValidationException" and len(set(targets)) < len(targets)


def rejects_transaction_without_reasons(mismatch: Mismatch) -> bool:
    """Returns ValidationException where DynamoDB cancels the transaction with a reason for the action.

    Public test suite: https://github.com/paritysuite/dynamodb-conformance/pull/46. It also shows that an empty key
    value is a ValidationException.
    """
    return (
        mismatch.request.method == "transact_write_items"
        and mismatch.expected_code == "ValidationException"
        and _has_validation_reason(mismatch.actual)
        and not _has_empty_key_value(mismatch.request)
    )


def _has_validation_reason(outcome: Any) -> bool:
    return isinstance(outcome, ErrorResponse) and any(code == "ValidationError" for code, _ in outcome.reasons)


def _has_empty_key_value(request: Request) -> bool:
    """Return whether an action sets a key attribute of its table or of an index to an empty value."""
    empty = ({"S": ""}, {"B": b""})
    for arguments in _actions(request):
        table = TABLES.get(arguments.get("TableName", ""))
        if table is None:
            continue
        names = table.key | table.index_key_types
        values = arguments.get("ExpressionAttributeValues", {})
        assignments = re.findall(r"#?(\w+) ?= ?(:\w+)", arguments.get("UpdateExpression", ""))
        assigned = [(name, values.get(placeholder)) for name, placeholder in assignments]
        written = [*(arguments.get("Key") or {}).items(), *(arguments.get("Item") or {}).items(), *assigned]
        if any(name in names and value in empty for name, value in written):
            return True
    return False


def cancels_transaction_with_long_key(mismatch: Mismatch) -> bool:
    """Cancels a transaction because of one key that does not match the schema, if another key is too long.

    Assumed: the key that is too long rejects the whole transaction, as it does alone.
    """
    reasons = getattr(mismatch.expected, "reasons", ())
    return (
        mismatch.request.method == "transact_write_items"
        and mismatch.actual_code == "ValidationException"
        and any(code == "ValidationError" for code, _ in reasons)
        and _has_long_key(mismatch.request)
    )


def checks_token_before_long_key(mismatch: Mismatch) -> bool:
    """Reports a token that another transaction has used before a key that is too long.

    Assumed: the request is validated first, as for other invalid requests.
    """
    return (
        mismatch.request.method == "transact_write_items"
        and mismatch.expected_code == "IdempotentParameterMismatchException"
        and mismatch.actual_code == "ValidationException"
        and _has_long_key(mismatch.request)
    )


def evaluates_path_in_key_of_condition_check(mismatch: Mismatch) -> bool:
    """Evaluates the condition of a ConditionCheck that has a path in a key attribute, which is then absent.

    Assumed: such a condition is invalid, as in other requests ("Key attributes must be scalars").
    """
    return (
        mismatch.request.method == "transact_write_items"
        and mismatch.actual_code == "ValidationException"
        and mismatch.expected_code in (None, "TransactionCanceledException")
        and any(
            re.search(rf"(?<![\w#:.]){name}[.\[]", str(check.get("ConditionExpression")))
            for action in mismatch.request.arguments["TransactItems"]
            for check in action.values()
            for name in check.get("Key", ())
        )
    )


def _has_long_key(request: Request) -> bool:
    return any(
        len(content) > 1024
        for arguments in _actions(request)
        for value in (arguments.get("Key") or arguments.get("Item") or {}).values()
        for content in value.values()
        if isinstance(content, str | bytes)
    )


def cancels_reading_without_reasons(mismatch: Mismatch) -> bool:
    """Cancels TransactGetItems without reasons if a key does not match the schema.

    Public test suite: https://github.com/paritysuite/dynamodb-conformance/pull/10.
    """
    return (
        mismatch.request.method == "transact_get_items"
        and mismatch.expected_code == mismatch.actual_code == "TransactionCanceledException"
        and isinstance(mismatch.expected, ErrorResponse)
        and not mismatch.expected.reasons
    )


def returns_empty_item(mismatch: Mismatch) -> bool:
    """Returns an empty item if a projection of TransactGetItems matches no attribute.

    Measured: https://github.com/nubo-db/dynoxide/issues/39.
    """
    if mismatch.request.method != "transact_get_items" or mismatch.both_pages is None:
        return False
    (expected,), actual = mismatch.both_pages
    without_empty = [{} if response == {"Item": {}} else response for response in expected["Responses"]]
    return [expected | {"Responses": without_empty}] == actual


def accepts_empty_option(mismatch: Mismatch) -> bool:
    """Accepts an empty string for ReturnValues and the like.

    Documentation: "Valid Values: NONE | ALL_OLD | UPDATED_OLD | ALL_NEW | UPDATED_NEW", API_UpdateItem.
    """
    options = ("ReturnValues", "ReturnValuesOnConditionCheckFailure", "Select")
    given = mismatch.request.arguments
    return mismatch.actual_code == "ValidationException" and any(given.get(name) == "" for name in options)


def evaluates_condition_before_key_change(mismatch: Mismatch) -> bool:
    """Evaluates the condition before it rejects an update of a key attribute.

    Measured: DynamoDB rejects such an update whether the item exists or not, https://github.com/getmoto/moto/pull/4245.
    Assumed: the order, from https://github.com/architect/dynalite/blob/main/actions/updateItem.js.
    """
    if mismatch.request.method != "update_item" or mismatch.actual_code != "ValidationException":
        return False
    expression = mismatch.request.arguments.get("UpdateExpression", "")
    names = TABLES[mismatch.request.arguments["TableName"]].key
    legacy = mismatch.request.arguments.get("AttributeUpdates") or {}
    key_named = any(name in legacy or re.search(rf"(^|[\s,#]){name}\b", expression) for name in names)
    return mismatch.expected_code == "ConditionalCheckFailedException" and key_named


def accepts_scan_filter_on_unprojected_attribute(mismatch: Mismatch) -> bool:
    """Accepts a Scan of an index with a filter on an attribute that is not projected; rejects such a Query.

    Documentation: "you can only request the attributes that are projected into the index", developer guide, GSI.
    Assumed: the rejection. https://github.com/faiscadev/fakecloud/pull/2029 says that the attribute counts as absent.
    """
    return (
        mismatch.request.method == "scan"
        and _projects_a_part(mismatch)
        and not mismatch.request.arguments.keys().isdisjoint(("FilterExpression", "ScanFilter"))
        and mismatch.actual_code == "ValidationException"
    )


def _projects_a_part(mismatch: Mismatch) -> bool:
    """Return whether a request reads an index that does not project all attributes."""
    given = mismatch.request.arguments
    table = TABLES.get(given.get("TableName", ""))
    index = table.indexes.get(given.get("IndexName", "")) if table else None
    return index is not None and index.projection["ProjectionType"] != "ALL"


def accepts_empty_map(mismatch: Mismatch) -> bool:
    """Accepts an empty map of names or values without an expression.

    Measured: for the names of GetItem, https://github.com/getmoto/moto/pull/4393.
    Assumed: for values and other operations.
    """
    maps = ("'ExpressionAttributeNames': {}", "'ExpressionAttributeValues': {}")
    sent = repr(mismatch.request.arguments)
    return mismatch.actual_code == "ValidationException" and any(part in sent for part in maps)


def accepts_empty_legacy_map_with_expression(mismatch: Mismatch) -> bool:
    """Accepts an expression together with an empty map of a legacy parameter.

    Public test suite: architect/dynalite, validations/index.js, compares the parameters with null only.
    """
    given = mismatch.request.arguments
    names = ("AttributeUpdates", "Expected", "QueryFilter", "ScanFilter", "KeyConditions")
    has_expression = any(name.endswith("Expression") for name in given)
    return (
        has_expression
        and mismatch.actual_code == "ValidationException"
        and any(given.get(name) == {} for name in names)
    )


def returns_whole_attribute(mismatch: Mismatch) -> bool:
    """Returns the whole attribute as UPDATED_NEW or UPDATED_OLD if a path inside it was updated.

    Measured: DynamoDB returns only the value at the path, https://github.com/ExtendDB/extenddb/pull/105.
    """
    given = mismatch.request.arguments
    if mismatch.both_pages is None or given.get("ReturnValues") not in ("UPDATED_NEW", "UPDATED_OLD"):
        return False
    (expected,), (actual,) = mismatch.both_pages
    has_path = re.search(r"[.\[]", given.get("UpdateExpression", "")) is not None
    return has_path and _is_part(actual.get("Attributes", {}), expected.get("Attributes", {}))


def _is_part(part: Any, whole: Any) -> bool:
    """Return whether `part` equals `whole`, or is a map or list with some of its contents."""
    if not isinstance(part, dict) or not isinstance(whole, dict):
        return bool(part == whole)
    if part.keys() == whole.keys() == {"L"}:
        return all(any(_is_part(one, other) for other in whole["L"]) for one in part["L"])
    return all(name in whole and _is_part(part[name], whole[name]) for name in part)


def _has_inclusive_range(request: Request) -> bool:
    condition = request.arguments.get("KeyConditionExpression", "")
    return request.method == "query" and re.search(r"<=|>=|BETWEEN", condition) is not None


def ends_pages_within_ties(mismatch: Mismatch) -> bool:
    """Returns no LastEvaluatedKey after an index entry at the end of an inclusive range, although others may follow.

    Documentation: "you must query until LastEvaluatedKey is empty", developer guide, Query.Pagination.
    """
    if mismatch.both_pages is None or not {"IndexName", "Limit"} <= mismatch.request.arguments.keys():
        return False
    expected, actual = mismatch.both_pages
    return _has_inclusive_range(mismatch.request) and evaluated(expected) < evaluated(actual)


def rejects_start_at_end_of_range(mismatch: Mismatch) -> bool:
    """Rejects a start key that is the end of an inclusive range.

    Assumed: a page of a longer range has that key as its LastEvaluatedKey, API_Query.
    """
    start = normalize_numbers(mismatch.request.arguments.get("ExclusiveStartKey") or {})
    bounds = normalize_numbers(mismatch.request.arguments.get("ExpressionAttributeValues") or {})
    return (
        _has_inclusive_range(mismatch.request)
        and mismatch.expected_code == "ValidationException"
        and mismatch.actual_code is None
        and any(value in bounds.values() for name, value in start.items() if name in ("s", "r", "j", "g", "h", "k"))
    )


def accepts_key_condition_on_long_value(mismatch: Mismatch) -> bool:
    """Accepts a key condition on a value that is too long for a key.

    Measured: "Size of hashkey has exceeded the maximum size limit of2048 bytes",
    https://github.com/facebook/ThreatExchange/issues/1324. Documentation: 1,024 bytes for a sort key.
    """
    values = (mismatch.request.arguments.get("ExpressionAttributeValues") or {}).values()
    contents = [part for value in values for part in value.values() if isinstance(part, str | bytes)]
    return (
        mismatch.request.method == "query"
        and mismatch.expected_code is None
        and mismatch.actual_code == "ValidationException"
        and any(len(part) > 1024 for part in contents)
    )


def accepts_start_key_that_is_too_long(mismatch: Mismatch) -> bool:
    """Accepts a start key of a local index with a sort key over 1,024 bytes.

    Documentation: 1,024 bytes for a sort key, "Quotas in Amazon DynamoDB", developer guide.
    """
    start = mismatch.request.arguments.get("ExclusiveStartKey") or {}
    contents = [part for value in start.values() for part in value.values() if isinstance(part, str | bytes)]
    return (
        str(mismatch.request.arguments.get("IndexName")).startswith("local-")
        and mismatch.expected_code is None
        and mismatch.actual_code == "ValidationException"
        and any(len(part) > 1024 for part in contents)
    )


def accepts_local_key_of_wrong_type(mismatch: Mismatch) -> bool:
    """Accepts an update that sets the sort key of a local index to a value of another type.

    Public test suite: architect/dynalite, db/index.js, checks the keys of both kinds of indexes. Documentation: "The
    update expression attempted to update the secondary index key to unsupported type", API_TransactWriteItems.
    """
    updates = [update for update in _updates(mismatch.request) if update.get("TableName") == "local"]
    changes = repr([(each.get("UpdateExpression"), each.get("AttributeUpdates")) for each in updates])
    is_rejected = mismatch.actual_code == "ValidationException" or _has_validation_reason(mismatch.actual)
    return is_rejected and re.search(r"\b[ghk]\b", changes) is not None


def accepts_update_to_a_key_that_is_too_long(mismatch: Mismatch) -> bool:
    """Accepts an update after which the attributes of one part of an index key are too long together.

    Documentation: "The update expression attempted to update the secondary index key beyond allowed size limits",
    API_TransactWriteItems. PutItem of DynamoDB Local rejects such an item.
    """
    updates = [update for update in _updates(mismatch.request) if update.get("TableName") == "many"]
    is_rejected = mismatch.actual_code == "ValidationException" or _has_validation_reason(mismatch.actual)
    return is_rejected and re.search(r"k{1000}", repr(updates)) is not None


def returns_first_reasons_only(mismatch: Mismatch) -> bool:
    """Returns the cancellation reasons only up to the first action that is invalid.

    Documentation: the list of reasons has one for each action, in order, API_TransactWriteItems.
    """
    expected, actual = mismatch.expected, mismatch.actual
    if mismatch.request.method != "transact_write_items" or not isinstance(expected, ErrorResponse):
        return False
    last = len(expected.reasons) - 1
    return (
        isinstance(actual, ErrorResponse)
        and 0 <= last < len(mismatch.request.arguments["TransactItems"]) - 1
        and len(actual.reasons) > last
        and expected.reasons[last][0] == actual.reasons[last][0] == "ValidationError"
    )


def measures_page_after_filter(mismatch: Mismatch) -> bool:
    """Ends a page at 1 MB of items that match the filter, not of evaluated items.

    Documentation: "This limit applies before the filter expression is evaluated", Query.FilterExpression.
    """
    given = mismatch.request.arguments
    if mismatch.both_pages is None or "FilterExpression" not in given or "Limit" in given:
        return False
    expected, actual = mismatch.both_pages
    return (
        len(expected) < len(actual)
        and items_of(expected) == items_of(actual)
        and evaluated(expected) == evaluated(actual)
    )


def accepts_capacity_on_demand(mismatch: Mismatch) -> bool:
    """Accepts and ignores capacity units for a table or an index on demand.

    Measured: "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    https://github.com/dynamoose/dynamoose/issues/1406; of an index,
    https://github.com/circles-learning-labs/ecto_adapters_dynamodb/issues/11.
    """
    if isinstance(mismatch.expected, ErrorResponse):
        return False
    mode = mismatch.expected[0].get("TableDescription", {}).get("BillingModeSummary", {}).get("BillingMode")
    return (
        mode == "PAY_PER_REQUEST"
        and mismatch.actual_code == "ValidationException"
        and "ProvisionedThroughput" in repr(mismatch.request.arguments)
    )


def reads_table_before_definition(mismatch: Mismatch) -> bool:
    """Checks whether the table exists before it validates all of the definition.

    Assumed: DynamoDB validates the definition first, because it validates all other requests first.
    """
    return (
        mismatch.request.method in ("create_table", "update_table")
        and mismatch.expected_code in ("ResourceInUseException", "ResourceNotFoundException")
        and mismatch.actual_code == "ValidationException"
    )


def compares_token_before_keys(mismatch: Mismatch) -> bool:
    """Compares a transaction with the previous one of its token before it validates keys.

    Assumed: DynamoDB validates the keys first.
    """
    return mismatch.expected_code == "IdempotentParameterMismatchException" and _has_validation_reason(mismatch.actual)


def fails_internally(mismatch: Mismatch) -> bool:
    """Returns status 500, for example for an index without capacity units on a provisioned table.

    Documentation: status 500 is a failure of the server, developer guide, Programming.Errors.
    """
    return mismatch.expected_code in ("500", "InternalFailure", "InternalServerError")


DYNAMODB_LOCAL = Differences(
    normalizers=(drop_unrequested_metrics, plain_numbers),
    exclusions=(removes_from_absent_item, ignores_update_without_action),
    explanations=(
        accepts_two_actions_on_one_item,
        rejects_transaction_without_reasons,
        cancels_transaction_with_long_key,
        checks_token_before_long_key,
        evaluates_path_in_key_of_condition_check,
        cancels_reading_without_reasons,
        returns_empty_item,
        accepts_empty_option,
        evaluates_condition_before_key_change,
        accepts_scan_filter_on_unprojected_attribute,
        accepts_empty_map,
        accepts_empty_legacy_map_with_expression,
        returns_whole_attribute,
        ends_pages_within_ties,
        rejects_start_at_end_of_range,
        accepts_key_condition_on_long_value,
        accepts_start_key_that_is_too_long,
        accepts_local_key_of_wrong_type,
        accepts_update_to_a_key_that_is_too_long,
        returns_first_reasons_only,
        measures_page_after_filter,
        accepts_capacity_on_demand,
        reads_table_before_definition,
        compares_token_before_keys,
        fails_internally,
    ),
)
