"""What the comparing skips, and nothing else: differences that are the witness's own fault, each with its source.

A fault is recognised by the request and the two answers, as narrowly as can be, or mended in each of the witness's
answers, or avoided by not sending a request. Where it may have left the two with different items, the example ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.differential.comparison import ApiError, Response, ask, plain_numbers, repr_sorted
from tests.differential.schema import TABLES, Client, Request


def _never(_request: Request, _expected: Response, _given: Response) -> bool:
    return False


def _nothing(_request: Request, _engine: Client) -> bool:
    return False


class Fault(NamedTuple):
    name: str
    source: str
    # Whether two answers to a request differ by this fault.
    shows: Callable[[Request, Response, Response], bool] = _never
    # The witness's answer without the fault.
    mend: Callable[[Any], Any] | None = None
    # Whether the fault would leave the two with different items and no word of it: such a request is not sent.
    lurks: Callable[[Request, Client], bool] = _nothing


def _without_capacity(answer: Any) -> Any:
    if not isinstance(answer, list):
        return answer
    unasked = {"ConsumedCapacity", "ItemCollectionMetrics"}
    return [{name: part for name, part in page.items() if name not in unasked} for page in answer]


def _updates(request: Request) -> list[dict[str, Any]]:
    if request.method == "update_item":
        return [request.arguments]
    actions = request.arguments.get("TransactItems")
    return [action["Update"] for action in actions if "Update" in action] if isinstance(actions, list) else []


def _removes_from_what_is_absent(request: Request, engine: Client) -> bool:
    for update in _updates(request):
        expression = update.get("UpdateExpression")
        if not expression or not re.match(r"\s*(REMOVE|DELETE)\b", expression, re.IGNORECASE):
            continue
        if re.search(r"\b(SET|ADD)\s", expression, re.IGNORECASE):
            continue
        found = ask(engine, Request("get_item", {name: update.get(name) for name in ("TableName", "Key")}), "")
        if not isinstance(found, ApiError) and "Item" not in found[0]:
            return True
    return False


def _targets(request: Request) -> list[str]:
    """The items that a transaction acts on; one key written in two ways is one item."""
    found = []
    for action in request.arguments["TransactItems"]:
        for arguments in action.values():
            key = arguments.get("Key") or arguments.get("Item") or {}
            table = TABLES.get(arguments.get("TableName"))
            names = table.key if table else {}
            found.append(repr([arguments.get("TableName"), plain_numbers([key.get(name) for name in names])]))
    return found


def _conditions_before_duplicates(request: Request, expected: Response, given: Response) -> bool:
    return (
        request.method == "transact_write_items"
        and _code(expected) == "TransactionCanceledException"
        and _code(given) == "ValidationException"
        and len(set(targets := _targets(request))) < len(targets)
    )


def _has_empty_key_value(request: Request) -> bool:
    """Whether an action gives an attribute that is a key of its table or of an index an empty value."""
    empty = ({"S": ""}, {"B": b""})
    for action in request.arguments["TransactItems"]:
        for arguments in action.values():
            table = TABLES.get(arguments.get("TableName"))
            if table is None:
                continue
            names = {*table.key, *(name for index in table.indexes.values() for name in index.key)}
            given = (arguments.get("Key") or {}) | (arguments.get("Item") or {})
            placeholders = [
                key for key, value in arguments.get("ExpressionAttributeValues", {}).items() if value in empty
            ]
            set_to = re.findall(r"#?(\w+) ?= ?(:\w+)", arguments.get("UpdateExpression", ""))
            if any(given.get(name) in empty for name in names):
                return True
            if any(name in names and placeholder in placeholders for name, placeholder in set_to):
                return True
    return False


def _top_level_instead_of_a_reason(request: Request, expected: Response, given: Response) -> bool:
    return (
        request.method == "transact_write_items"
        and _code(expected) == "ValidationException"
        and isinstance(given, ApiError)
        and any(code == "ValidationError" for code, _ in given.reasons)
        # An empty key value is refused at the top.
        and not _has_empty_key_value(request)
    )


def _cancelled_without_reasons(request: Request, expected: Response, given: Response) -> bool:
    return (
        request.method == "transact_get_items"
        and _code(expected) == _code(given) == "TransactionCanceledException"
        and isinstance(expected, ApiError)
        and not expected.reasons
    )


def _empty_choice(request: Request, _expected: Response, given: Response) -> bool:
    choices = ("ReturnValues", "ReturnValuesOnConditionCheckFailure", "Select")
    return _code(given) == "ValidationException" and any(request.arguments.get(name) == "" for name in choices)


def _key_changed_after_the_condition(request: Request, expected: Response, given: Response) -> bool:
    if request.method != "update_item" or _code(given) != "ValidationException":
        return False
    names = TABLES[request.arguments["TableName"]].key
    expression = request.arguments.get("UpdateExpression", "")
    key_named = any(re.search(rf"(^|[\s,#]){name}\b", expression) for name in names)
    return _code(expected) == "ConditionalCheckFailedException" and key_named


def _filter_on_what_the_index_lacks(request: Request, _expected: Response, given: Response) -> bool:
    index = request.arguments.get("IndexName") in ("by-h", "by-k")
    return (
        request.method == "scan"
        and index
        and "FilterExpression" in request.arguments
        and _code(given) == "ValidationException"
    )


def _items_without_anything(request: Request, expected: Response, given: Response) -> bool:
    if request.method != "transact_get_items" or isinstance(expected, ApiError) or isinstance(given, ApiError):
        return False
    kept = [{} if response == {"Item": {}} else response for response in expected[0]["Responses"]]
    return [expected[0] | {"Responses": kept}] == given


def _empty_map(request: Request, _expected: Response, given: Response) -> bool:
    maps = ("'ExpressionAttributeNames': {}", "'ExpressionAttributeValues': {}")
    return _code(given) == "ValidationException" and any(part in repr(request.arguments) for part in maps)


def _fragment(part: Any, whole: Any) -> bool:
    """Whether `part` is `whole`, or a map or list with some of what `whole` has."""
    if part == whole or not isinstance(part, dict) or not isinstance(whole, dict):
        return bool(part == whole)
    if part.keys() == whole.keys() == {"L"}:
        return all(any(_fragment(one, other) for other in whole["L"]) for one in part["L"])
    return all(name in whole and _fragment(part[name], whole[name]) for name in part)


def _whole_attribute_for_a_path(request: Request, expected: Response, given: Response) -> bool:
    if isinstance(expected, ApiError) or isinstance(given, ApiError):
        return False
    if request.arguments.get("ReturnValues") not in ("UPDATED_NEW", "UPDATED_OLD"):
        return False
    has_path = re.search(r"[.\[]", request.arguments.get("UpdateExpression", ""))
    return bool(has_path) and _fragment(given[0].get("Attributes", {}), expected[0].get("Attributes", {}))


def _inclusive_range(request: Request) -> bool:
    bounds = re.search(r"<=|>=|BETWEEN", request.arguments.get("KeyConditionExpression", ""))
    return request.method == "query" and bounds is not None


def _ends_in_ties(request: Request, expected: Response, given: Response) -> bool:
    answered = not isinstance(expected, ApiError) and not isinstance(given, ApiError)
    if not answered or not _inclusive_range(request) or not {"IndexName", "Limit"} <= request.arguments.keys():
        return False
    evaluated = [sum(page["ScannedCount"] for page in pages) for pages in (expected, given)]
    return evaluated[0] < evaluated[1]


def _start_at_the_end(request: Request, expected: Response, given: Response) -> bool:
    start = plain_numbers(request.arguments.get("ExclusiveStartKey") or {})
    bounds = plain_numbers(request.arguments.get("ExpressionAttributeValues") or {})
    at_a_bound = any(value in bounds.values() for name, value in start.items() if name in ("s", "r", "j"))
    refused = _code(expected) == "ValidationException" and not isinstance(given, ApiError)
    return refused and at_a_bound and _inclusive_range(request)


def _key_condition_on_what_no_key_can_be(request: Request, expected: Response, given: Response) -> bool:
    values = (request.arguments.get("ExpressionAttributeValues") or {}).values()
    too_long = any(len(part) > 1024 for value in values for part in value.values() if isinstance(part, str | bytes))
    answered = not isinstance(expected, ApiError) and _code(given) == "ValidationException"
    return request.method == "query" and too_long and answered


def _reasons_of_the_first_actions_only(request: Request, expected: Response, given: Response) -> bool:
    if (
        request.method != "transact_write_items"
        or not isinstance(expected, ApiError)
        or not isinstance(given, ApiError)
    ):
        return False
    last = len(expected.reasons) - 1
    cut_short = 0 <= last < len(request.arguments["TransactItems"]) - 1
    return (
        cut_short
        and len(given.reasons) > last
        and expected.reasons[last][0] == given.reasons[last][0] == "ValidationError"
    )


def _numbers_of_two_keys(request: Request, expected: Response, given: Response) -> bool:
    return (
        request.method == "transact_write_items"
        and not (isinstance(expected, ApiError) and expected.code == "ValidationException")
        and _code(given) == "ValidationException"
        and len(set(targets := _targets(request))) < len(targets)
    )


def _capacity_of_a_table_on_demand(request: Request, expected: Response, given: Response) -> bool:
    if isinstance(expected, ApiError) or "ProvisionedThroughput" not in repr(request.arguments):
        return False
    mode = expected[0].get("TableDescription", {}).get("BillingModeSummary", {}).get("BillingMode")
    return mode == "PAY_PER_REQUEST" and _code(given) == "ValidationException"


def _table_there_before_the_definition(request: Request, expected: Response, given: Response) -> bool:
    told = _code(expected) in ("ResourceInUseException", "ResourceNotFoundException")
    return request.method in ("create_table", "update_table") and told and _code(given) == "ValidationException"


def _token_before_the_keys(request: Request, expected: Response, given: Response) -> bool:
    mismatch = _code(expected) == "IdempotentParameterMismatchException" and isinstance(given, ApiError)
    return mismatch and any(code == "ValidationError" for code, _ in given.reasons)


def _page_measured_after_the_filter(request: Request, expected: Response, given: Response) -> bool:
    if isinstance(expected, ApiError) or isinstance(given, ApiError) or "FilterExpression" not in request.arguments:
        return False
    both = [([item for page in pages for item in page.get("Items", ())], pages) for pages in (expected, given)]
    evaluated = [sum(page["ScannedCount"] for page in pages) for _, pages in both]
    fewer_pages = len(expected) < len(given) and "Limit" not in request.arguments
    return fewer_pages and both[0][0] == both[1][0] and evaluated[0] == evaluated[1]


def _witness_broke(_request: Request, expected: Response, _given: Response) -> bool:
    return isinstance(expected, ApiError) and expected.code in ("500", "InternalFailure", "InternalServerError")


def _refused_by_the_engine_alone(_request: Request, expected: Response, given: Response) -> bool:
    checked = ("ValidationException", "ParamValidationError")
    return (
        isinstance(given, ApiError)
        and given.code in checked
        and not (isinstance(expected, ApiError) and expected.code in checked)
    )


def _code(answer: Response) -> str | None:
    return answer.code if isinstance(answer, ApiError) else None


AWS = "https://docs.aws.amazon.com/amazondynamodb/latest"

DYNAMODB_LOCAL: tuple[Fault, ...] = (
    Fault(
        # "ConsumedCapacity is only returned if the ReturnConsumedCapacity parameter was specified."
        "tells the capacity of deleting what is absent, unasked",
        f"{AWS}/APIReference/API_DeleteItem.html",
        mend=_without_capacity,
    ),
    Fault(
        # DynamoDB gives 150 for 1.5E2, 1 for 1.0 and 0 for -0, wherever the number stands.
        "keeps numbers in lists and maps as they were written, and gives large ones an exponent",
        "https://github.com/ExtendDB/extenddb/pull/7",
        mend=plain_numbers,
    ),
    Fault(
        "makes an item when attributes of an absent one are removed",
        "https://github.com/scylladb/scylladb/issues/5862",
        lurks=_removes_from_what_is_absent,
    ),
    Fault(
        "evaluates the conditions of a transaction before it refuses two actions on one item",
        "https://github.com/getmoto/moto/pull/7378",
        shows=_conditions_before_duplicates,
    ),
    Fault(
        # "a wrong-typed key or update-expression type error is a TransactionCanceledException"
        "refuses a transaction at the top for what DynamoDB gives as an action's reason",
        "https://github.com/ministackorg/ministack/pull/1067",
        shows=_top_level_instead_of_a_reason,
    ),
    Fault(
        "cancels TransactGetItems for a key of the wrong shape without saying which",
        "https://github.com/paritysuite/dynamodb-conformance/pull/10",
        shows=_cancelled_without_reasons,
    ),
    Fault(
        "gives an empty item where a projection of TransactGetItems finds nothing",
        "https://github.com/nubo-db/dynoxide/issues/39",
        shows=_items_without_anything,
    ),
    Fault(
        # "Valid Values: NONE | ALL_OLD | UPDATED_OLD | ALL_NEW | UPDATED_NEW"
        "takes an empty string for a choice",
        f"{AWS}/APIReference/API_UpdateItem.html",
        shows=_empty_choice,
    ),
    Fault(
        # Measured with DynamoDB (getmoto/moto pull 4245): the refusal, whether the item is there or not. That it comes
        # before the condition is taken from dynalite's code; of AWS itself no measurement was found.
        "evaluates the condition before it refuses to change a key attribute",
        "https://github.com/architect/dynalite/blob/main/actions/updateItem.js",
        shows=_key_changed_after_the_condition,
    ),
    Fault(
        # "you can only request the attributes that are projected": its Query refuses such a filter, its Scan does not,
        # and the engine treats both as the Query. What DynamoDB answers was not measured; authors of another emulator
        # say that it takes the attribute for absent (faiscadev/fakecloud pull 2029).
        "lets a Scan filter by what the index does not hold",
        f"{AWS}/developerguide/GSI.html",
        shows=_filter_on_what_the_index_lacks,
    ),
    Fault(
        # Measured with DynamoDB for the names of GetItem; those of other operations, and values, by analogy.
        "takes an empty map of names or values where there is no expression",
        "https://github.com/getmoto/moto/pull/4393",
        shows=_empty_map,
    ),
    Fault(
        # DynamoDB gives "only the leaf value at the exact update path, wrapped in the path structure".
        "gives the whole attribute as UPDATED_NEW or UPDATED_OLD where a part of it was updated",
        "https://github.com/ExtendDB/extenddb/pull/105",
        shows=_whole_attribute_for_a_path,
    ),
    Fault(
        # Other entries of that index key may follow: "you must query until LastEvaluatedKey is empty" would miss them.
        "takes an index entry with the last sort key of an inclusive range for the last entry",
        f"{AWS}/developerguide/Query.Pagination.html",
        shows=_ends_in_ties,
    ),
    Fault(
        # Not measured with DynamoDB. The page before has that key as its LastEvaluatedKey if the range was longer then.
        "refuses to start from the last key of an inclusive range",
        f"{AWS}/APIReference/API_Query.html",
        shows=_start_at_the_end,
    ),
    Fault(
        # DynamoDB's own refusal of a Query: "Size of hashkey has exceeded the maximum size limit of2048 bytes". For a
        # sort key value of over 1,024 bytes there is only the documented limit.
        "takes a key condition on a value that is too long for a key",
        "https://github.com/facebook/ThreatExchange/issues/1324",
        shows=_key_condition_on_what_no_key_can_be,
    ),
    Fault(
        # "the list of cancellation reasons" has one for each action, in order.
        "gives the reasons of a transaction only up to the first action that it cannot carry out",
        f"{AWS}/APIReference/API_TransactWriteItems.html",
        shows=_reasons_of_the_first_actions_only,
    ),
    Fault(
        "takes two ways of writing a number for two keys of a transaction",
        "https://github.com/scylladb/scylladb/pull/29501",
        shows=_numbers_of_two_keys,
    ),
    Fault(
        # "This limit applies before the filter expression is evaluated."
        "measures the megabyte of a page after the filter",
        f"{AWS}/developerguide/Query.FilterExpression.html",
        shows=_page_measured_after_the_filter,
    ),
    Fault(
        # DynamoDB: "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is
        # PAY_PER_REQUEST"; the same of an index in circles-learning-labs/ecto_adapters_dynamodb issue 11.
        "takes capacity units for a table or an index on demand, and forgets them",
        "https://github.com/dynamoose/dynamoose/issues/1406",
        shows=_capacity_of_a_table_on_demand,
    ),
    Fault(
        # In which of the two orders DynamoDB does it was not measured; of all else it checks the request itself first.
        "looks for a table of the name before it looks at all of the definition",
        f"{AWS}/APIReference/API_CreateTable.html",
        shows=_table_there_before_the_definition,
    ),
    Fault(
        # In which of the two orders DynamoDB does it was not measured.
        "compares a request with the one of its token before it looks at keys",
        f"{AWS}/APIReference/API_TransactWriteItems.html",
        shows=_token_before_the_keys,
    ),
    Fault(
        # It answers 500 to UpdateTable with an index without capacity units on a provisioned table.
        "breaks where it should refuse",
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html",
        shows=_witness_broke,
    ),
)


def _transaction_told_otherwise(request: Request, expected: Response, given: Response) -> bool:
    told = ("ValidationException", "TransactionCanceledException")
    return request.method == "transact_write_items" and _code(expected) in told and _code(given) in told


def _keys_in_updated(request: Request, expected: Response, given: Response) -> bool:
    answered = not isinstance(expected, ApiError) and not isinstance(given, ApiError)
    return answered and request.arguments.get("ReturnValues") in ("UPDATED_NEW", "UPDATED_OLD")


def _path_that_leads_nowhere(request: Request, expected: Response, given: Response) -> bool:
    projections = re.findall(r"'ProjectionExpression': '([^']*)'", repr(request.arguments))
    nested = any(re.search(r"[.\[]", projection) for projection in projections)
    return nested and _code(expected) == "ValidationException" and not isinstance(given, ApiError)


def _number_written_in_another_way(request: Request, _engine: Client) -> bool:
    return bool(re.search(r"'N': '(1\.0|1\.50|1e2|-0|007|-2\.5E-3|1E-?\d+)'|'NS'", repr(request.arguments)))


def _condition_on_what_is_absent(request: Request, expected: Response, given: Response) -> bool:
    conditions = ("ConditionExpression", "FilterExpression")
    return any(name in repr(request.arguments) for name in conditions) and (
        "ConditionalCheckFailedException" in (_code(expected), _code(given))
        or "TransactionCanceledException" in (_code(expected), _code(given))
        or request.method in ("query", "scan")
    )


def _last_page_unlike(request: Request, expected: Response, given: Response) -> bool:
    if isinstance(expected, ApiError) or isinstance(given, ApiError) or request.method not in ("query", "scan"):
        return False
    both = [[item for page in pages for item in page.get("Items", ())] for pages in (expected, given)]
    return sorted(map(repr_sorted, both[0])) == sorted(map(repr_sorted, both[1]))


ISSUES = "https://github.com/getmoto/moto/issues"

# moto is asked only where Java is missing. It checks and refuses far less, and its answers to what DynamoDB Local is
# asked as well are taken loosely here.
MOTO: tuple[Fault, ...] = (
    Fault("tells capacity unasked", f"{AWS}/APIReference/API_DeleteItem.html", mend=_without_capacity),
    Fault("keeps numbers as they were written", "https://github.com/ExtendDB/extenddb/pull/7", mend=plain_numbers),
    Fault(
        "takes two ways of writing a number for two keys, two members of a set, two values",
        "https://github.com/ExtendDB/extenddb/pull/7",
        lurks=_number_written_in_another_way,
    ),
    Fault(
        "makes an item when attributes of an absent one are removed",
        "https://github.com/scylladb/scylladb/issues/5862",
        lurks=_removes_from_what_is_absent,
    ),
    Fault("fails in Python", ISSUES, _witness_broke),
    Fault("checks less", ISSUES, _refused_by_the_engine_alone),
    Fault("gives Python's errors as a transaction's reasons", f"{ISSUES}/5496", _transaction_told_otherwise),
    Fault("returns more than was updated", f"{ISSUES}/2798", _keys_in_updated),
    Fault("refuses a projection of a path that leads nowhere", ISSUES, _path_that_leads_nowhere),
    Fault("takes two absent attributes for equal, and sizes of what has none", ISSUES, _condition_on_what_is_absent),
    Fault("ends pages elsewhere", ISSUES, _last_page_unlike),
)
