"""Known differences of moto from DynamoDB.

moto is the reference engine only if DynamoDB Local cannot run. It validates far less, so these conditions are broad.
Sources are issues at https://github.com/getmoto/moto/issues; those without a number were measured here.
"""

from __future__ import annotations

import re

from tests.differential.comparison import Mismatch, items_of, sort_items
from tests.differential.known_differences import (
    drop_unrequested_metrics,
    fails_internally,
    plain_numbers,
    removes_from_absent_item,
)
from tests.differential.reference import Differences
from tests.differential.requests import Request
from tests.differential.schema import Client


def numbers_in_other_notations(request: Request, _engine: Client) -> bool:
    """Treats one number in two notations as two keys, two members of a set, and two values."""
    return bool(re.search(r"'N': '(1\.0|1\.50|1e2|-0|007|-2\.5E-3|1E-?\d+)'|'NS'", repr(request.arguments)))


def validates_less(mismatch: Mismatch) -> bool:
    """Accepts invalid requests."""
    codes = ("ValidationException", "ParamValidationError")
    return mismatch.actual_code in codes and mismatch.expected_code not in codes


def rejects_equal_keys_of_two_tables(mismatch: Mismatch) -> bool:
    """Rejects a batch that writes equal keys in two tables."""
    return (
        mismatch.request.method == "batch_write_item"
        and len(mismatch.request.arguments["RequestItems"]) > 1
        and mismatch.expected_code == "ValidationException"
        and mismatch.actual_code is None
    )


def returns_other_transaction_error(mismatch: Mismatch) -> bool:
    """Returns another error for a transaction, with a Python error as the reason. Issue 5496."""
    codes = ("ValidationException", "TransactionCanceledException")
    return (
        mismatch.request.method in ("transact_write_items", "transact_get_items")
        and mismatch.expected_code in codes
        and mismatch.actual_code in codes
    )


def returns_more_than_updated(mismatch: Mismatch) -> bool:
    """Returns attributes as UPDATED_NEW or UPDATED_OLD that were not updated. Issue 2798."""
    given = mismatch.request.arguments
    return mismatch.both_pages is not None and given.get("ReturnValues") in ("UPDATED_NEW", "UPDATED_OLD")


def rejects_projection_of_absent_path(mismatch: Mismatch) -> bool:
    """Rejects a projection of a path that does not exist in the item."""
    projections = re.findall(r"'ProjectionExpression': '([^']*)'", repr(mismatch.request.arguments))
    nested = any(re.search(r"[.\[]", projection) for projection in projections)
    return nested and mismatch.expected_code == "ValidationException" and mismatch.actual_code is None


def rejects_default_of_a_default(mismatch: Mismatch) -> bool:
    """Rejects an if_not_exists as the operand of another function in an update."""
    update = str(mismatch.request.arguments.get("UpdateExpression"))
    nested = re.search(r"(list_append|if_not_exists) ?\([^)]*if_not_exists", update, re.IGNORECASE)
    return nested is not None and mismatch.expected_code == "ValidationException"


def evaluates_absent_attributes(mismatch: Mismatch) -> bool:
    """Evaluates conditions on absent attributes: two of them are equal, and size() of one is a number."""
    sent = repr(mismatch.request.arguments)
    if "ConditionExpression" not in sent and "FilterExpression" not in sent:
        return False
    failed = {"ConditionalCheckFailedException", "TransactionCanceledException"}
    return mismatch.request.method in ("query", "scan") or bool(failed & {mismatch.expected_code, mismatch.actual_code})


def ends_pages_elsewhere(mismatch: Mismatch) -> bool:
    """Ends the pages of a Query or Scan after other items."""
    if mismatch.both_pages is None or mismatch.request.method not in ("query", "scan"):
        return False
    expected, actual = mismatch.both_pages
    return sort_items(items_of(expected)) == sort_items(items_of(actual))


def ignores_projection_in_transactions(mismatch: Mismatch) -> bool:
    """Ignores the projections of TransactGetItems."""
    return mismatch.request.method == "transact_get_items" and "ProjectionExpression" in repr(mismatch.request)


def lists_tables_by_creation(mismatch: Mismatch) -> bool:
    """Lists tables in the order of their creation. DynamoDB sorts them by name."""
    return mismatch.request.method == "list_tables"


MOTO = Differences(
    normalizers=(drop_unrequested_metrics, plain_numbers),
    exclusions=(numbers_in_other_notations, removes_from_absent_item),
    explanations=(
        fails_internally,
        validates_less,
        rejects_equal_keys_of_two_tables,
        returns_other_transaction_error,
        returns_more_than_updated,
        rejects_projection_of_absent_path,
        rejects_default_of_a_default,
        evaluates_absent_attributes,
        ends_pages_elsewhere,
        ignores_projection_in_transactions,
        lists_tables_by_creation,
    ),
    stores_invalid_items=True,
)
