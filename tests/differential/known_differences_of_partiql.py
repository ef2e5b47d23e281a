"""Known differences of DynamoDB Local 3.3.1 from DynamoDB in PartiQL. known_differences.py explains the sources.

Messages are not compared. DynamoDB Local quotes the statement if it cannot parse it, where DynamoDB names the problem
(public test suite: paritysuite/dynamodb-conformance, partiqlGrammar.test.ts). It returns no ConsumedCapacity, which
DynamoDB does (https://github.com/nubo-db/dynoxide/pull/57), and no LastEvaluatedKey (documentation:
API_ExecuteStatement). It reads `2 < s` as `s < 2` (documentation: "PartiQL arithmetic, comparison, and logical
operators", developer guide). It continues another statement with a NextToken; DynamoDB responds "NextToken does not
match request" (https://github.com/aws/aws-sdk-js-v3/issues/4424). Its code for an existing item is DuplicateItem, where
DynamoDB's is DuplicateItemException (public test suite: executeStatement.test.ts).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.differential.comparison import Mismatch
from tests.differential.known_differences import fails_internally


def _members(mismatch: Mismatch) -> list[dict[str, Any]]:
    given = mismatch.request.arguments
    members: list[dict[str, Any]] = given.get("Statements") or given.get("TransactStatements") or [given]
    return members


def _has(mismatch: Mismatch, pattern: str) -> bool:
    return any(re.search(pattern, member["Statement"], re.IGNORECASE) for member in _members(mismatch))


def accepts_overlapping_branches(mismatch: Mismatch) -> bool:
    """Accepts branches of OR that read one range of a partition by the sort key.

    Public test suite: paritysuite/dynamodb-conformance, partiqlGrammar.test.ts.
    """
    return mismatch.actual_code == "ValidationException" and _has(mismatch, r"SELECT .* OR ")


def filters_by_attributes_outside_an_index(mismatch: Mismatch) -> bool:
    """Filters a read of an index by an attribute that is not projected.

    Documentation: "you can only request the attributes that are projected into the index", developer guide, GSI.
    Assumed: the rejection, as in Query (known_differences.py), also of a read of a local index.
    """
    indexes = r'"raw"\."by-[hk]"|"local"\."(local|global)-[gh]"'
    return mismatch.actual_code == "ValidationException" and _has(mismatch, f"FROM ({indexes}) WHERE")


def takes_a_null_test_for_a_key_condition(mismatch: Mismatch) -> bool:
    """Rejects a write with IS NULL on a key attribute: "Multiple conditions on same key".

    Assumed: it is a condition like IS STRING, which DynamoDB Local accepts.
    """
    return mismatch.expected_code == "ValidationException" and _has(mismatch, r'\b[psnr]"? IS (NOT )?NULL')


def accepts_two_notations_of_one_key(mismatch: Mismatch) -> bool:
    """Treats 1 and 1.0 as two keys in a batch and in a transaction.

    Measured: https://github.com/scylladb/scylladb/pull/29501, for transactions.
    """
    return (
        mismatch.request.method != "execute_statement"
        and mismatch.actual_code == "ValidationException"
        and mismatch.expected_code != "ValidationException"
        and re.search(r"\b1\.0\b", repr(mismatch.request)) is not None
    )


def writes_before_it_rejects_a_batch(mismatch: Mismatch) -> bool:
    """Carries out statements of a batch before it rejects two statements on one item.

    Assumed: DynamoDB carries out none, as in BatchWriteItem.
    """
    return (
        mismatch.request.method == "batch_execute_statement"
        and mismatch.expected_code == mismatch.actual_code == "ValidationException"
    )


def validates_transactions_in_another_order(mismatch: Mismatch) -> bool:
    """Validates keys before the other statements, and cancels without reasons, or rejects, for some invalid keys.

    Public test suite: https://github.com/paritysuite/dynamodb-conformance/pull/46, for TransactWriteItems: an invalid
    key is the cancellation reason of its action, and every other invalid action takes precedence.
    """
    codes = {"ValidationException", "TransactionCanceledException"}
    return mismatch.request.method == "execute_transaction" and {mismatch.expected_code, mismatch.actual_code} <= codes


def checks_types_in_conditions_on_keys(mismatch: Mismatch) -> bool:
    """Rejects a condition on a key attribute with a value of another type or an empty value, also in a filter.

    Assumed: such a condition is false, as in a FilterExpression of Scan, unless it names the key to read.
    """
    on_key = (
        r'\b([psnrghkj]"? (IS|BETWEEN|NOT BETWEEN|IN|NOT IN|!=|<>|<|>|<=|>=) |(contains|begins_with)\("?[psnrghkj]\b)'
    )
    return (
        mismatch.request.method == "execute_statement"
        and mismatch.expected_code == "ValidationException"
        and mismatch.actual_code is None
        and _has(mismatch, on_key)
    )


def accepts_key_condition_on_long_value(mismatch: Mismatch) -> bool:
    """Accepts a condition on the key to read with a value that is too long for a key.

    Measured, for Query: see known_differences.accepts_key_condition_on_long_value.
    """
    return (
        mismatch.actual_code == "ValidationException"
        and re.search(r"k{1025}", repr(mismatch.request.arguments)) is not None
    )


def sorts_after_the_limit(mismatch: Mismatch) -> bool:
    """Reads the first items in ascending order, and then sorts the page in descending order.

    Documentation: ORDER BY orders the results, "PartiQL select statements for DynamoDB", developer guide.
    """
    return "Limit" in mismatch.request.arguments and _has(mismatch, "ORDER BY .* DESC")


def accepts_deep_values(mismatch: Mismatch) -> bool:
    """Accepts a parameter with more than 32 levels.

    Documentation: "nested attribute depth", developer guide, Quotas.
    """
    return mismatch.actual_code == "ValidationException" and "'deep'" in repr(mismatch.request)


def accepts_literals_of_many_digits(mismatch: Mismatch) -> bool:
    """Rounds a literal of more than 38 digits.

    Public test suite: paritysuite/dynamodb-conformance, partiqlGrammar.test.ts.
    """
    return _has(mismatch, r"[0-9]{38,}\.[0-9]|[0-9]{39}")


def scans_for_a_second_condition_on_the_partition_key(mismatch: Mismatch) -> bool:
    """Scans the table if <> or NOT is also applied to the partition key, and then accepts a key of another type.

    Assumed: the equality names the partition to read.
    """
    return mismatch.actual_code == "ValidationException" and _has(mismatch, r'SELECT .*(\b[pngh]"? (<>|!=|NOT)|NOT )')


def returns_empty_item(mismatch: Mismatch) -> bool:
    """Returns an empty item if a projection in a transaction matches no attribute.

    Measured: https://github.com/nubo-db/dynoxide/issues/39, for TransactGetItems.
    """
    if mismatch.request.method != "execute_transaction" or mismatch.both_pages is None:
        return False
    return repr(mismatch.expected).replace("{'Item': {}}", "{}") == repr(mismatch.actual)


EXPLANATIONS: tuple[Callable[[Mismatch], bool], ...] = (
    accepts_overlapping_branches,
    filters_by_attributes_outside_an_index,
    takes_a_null_test_for_a_key_condition,
    accepts_two_notations_of_one_key,
    writes_before_it_rejects_a_batch,
    validates_transactions_in_another_order,
    checks_types_in_conditions_on_keys,
    accepts_key_condition_on_long_value,
    sorts_after_the_limit,
    accepts_deep_values,
    accepts_literals_of_many_digits,
    scans_for_a_second_condition_on_the_partition_key,
    returns_empty_item,
    fails_internally,
)


def explains(mismatch: Mismatch) -> bool:
    """Return whether a known difference explains a mismatch."""
    return any(explanation(mismatch) for explanation in EXPLANATIONS)
