"""Random requests and sequences of them. Most are valid.

A sequence does not depend on any response, so hypothesis can shrink it, and it prints as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.differential.random_expressions import Expressions
from tests.differential.random_source import RandomSource
from tests.differential.random_values import Value, as_number, item, key, key_value
from tests.differential.requests import Request
from tests.differential.schema import TABLES, Table

Arguments = dict[str, Any]


def _table(rng: RandomSource) -> tuple[str, Table]:
    name = rng.pick(("thing", "thing", "flat", "raw", "local", "many"))
    return name, TABLES[name]


def _one_item(rng: RandomSource, *, whole: bool = False) -> tuple[Arguments, Table, Expressions]:
    """Return arguments with a table and a key, or with `whole` an item; the table; and no expressions yet."""
    name, table = _table(rng)
    target = {"Item": item(rng, table)} if whole else {"Key": key(rng, table)}
    return {"TableName": name} | target, table, Expressions(rng)


def _add_condition(rng: RandomSource, expressions: Expressions, arguments: Arguments, one_in: int) -> None:
    if rng.one_in(one_in):
        arguments["ConditionExpression"] = expressions.condition()
        if rng.one_in(3):
            arguments["ReturnValuesOnConditionCheckFailure"] = rng.pick(("ALL_OLD", "NONE"))


def put_item(rng: RandomSource) -> Request:
    arguments, _, expressions = _one_item(rng, whole=True)
    _add_condition(rng, expressions, arguments, 4)
    if rng.one_in(3):
        arguments["ReturnValues"] = rng.pick(("ALL_OLD", "NONE")) if not rng.invalid_one_in(30) else "ALL_NEW"
    return Request("put_item", arguments | expressions.arguments())


def delete_item(rng: RandomSource) -> Request:
    arguments, _, expressions = _one_item(rng)
    _add_condition(rng, expressions, arguments, 2)
    if rng.one_in(2):
        arguments["ReturnValues"] = rng.pick(("ALL_OLD", "NONE")) if not rng.invalid_one_in(30) else "UPDATED_OLD"
    return Request("delete_item", arguments | expressions.arguments())


def update_item(rng: RandomSource) -> Request:
    arguments, table, expressions = _one_item(rng)
    if not rng.invalid_one_in(25):
        arguments["UpdateExpression"] = expressions.update(table)
    _add_condition(rng, expressions, arguments, 4)
    if not rng.one_in(4):
        arguments["ReturnValues"] = rng.pick(("UPDATED_NEW", "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE"))
    return Request("update_item", arguments | expressions.arguments())


def get_item(rng: RandomSource) -> Request:
    arguments, _, expressions = _one_item(rng)
    if rng.one_in(2):
        arguments["ProjectionExpression"] = expressions.projection()
    if rng.one_in(4):
        arguments["ConsistentRead"] = rng.one_in(2)
    return Request("get_item", arguments | expressions.arguments())


def _add_read_parameters(rng: RandomSource, expressions: Expressions, arguments: Arguments, index: str | None) -> None:
    """Add the parameters that Query and Scan have in common."""
    if index is not None:
        arguments["IndexName"] = index
    if rng.one_in(3):
        arguments["FilterExpression"] = expressions.condition(1)
    if rng.one_in(5):
        arguments["ProjectionExpression"] = expressions.projection()
    if rng.one_in(8):
        options = ("COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT")
        arguments["Select"] = rng.pick(options)
    if rng.one_in(10):
        arguments["ConsistentRead"] = rng.one_in(2)
    if rng.one_in(2):
        arguments["Limit"] = rng.pick((1, 2, 3)) if not rng.invalid_one_in(60) else 0


def _start_key(rng: RandomSource, table: Table, index: str | None) -> dict[str, Value]:
    made = key(rng, table)
    if index is not None and not rng.invalid_one_in(20):
        made |= {n: key_value(rng, kind) for n, kind in table.indexes[index].key.items() if n not in table.key}
    return made


def query(rng: RandomSource) -> Request:
    name, table = _table(rng)
    expressions = Expressions(rng)
    index = rng.pick((None, *table.indexes))
    queried = table if index is None else table.indexes[index]
    arguments: Arguments = {"TableName": name}
    if not rng.invalid_one_in(100):
        arguments["KeyConditionExpression"] = expressions.key_condition(queried)
    if rng.one_in(2):
        arguments["ScanIndexForward"] = rng.one_in(2)
    _add_read_parameters(rng, expressions, arguments, index)
    if rng.one_in(10):
        start = _start_key(rng, table, index)
        for at, partition in enumerate(list(queried.key)[: queried.partition]):
            value = expressions.values.get(f":v{at}")  # usually, because the key condition comes first
            if value and not rng.one_in(8):
                start[partition] = value
        arguments["ExclusiveStartKey"] = start
    return Request("query", arguments | expressions.arguments(), "pages" if "Limit" in arguments else "once")


def scan(rng: RandomSource) -> Request:
    name, table = _table(rng)
    expressions = Expressions(rng)
    index = rng.pick((None, *table.indexes))
    arguments: Arguments = {"TableName": name}
    _add_read_parameters(rng, expressions, arguments, index)
    if rng.one_in(3):
        arguments["TotalSegments"] = rng.pick((1, 2, 3)) if not rng.invalid_one_in(30) else 1_000_001
        return Request("scan", arguments | expressions.arguments(), "segments")
    if rng.invalid_one_in(20):
        arguments |= {"TotalSegments": rng.pick((1, 2)), "Segment": rng.pick((0, 1, 2))}
    elif rng.invalid_one_in(20):
        arguments["ExclusiveStartKey"] = _start_key(rng, table, index)
    else:
        return Request("scan", arguments | expressions.arguments(), "pages")
    return Request("scan", arguments | expressions.arguments(), "error code")


def batch_get_item(rng: RandomSource) -> Request:
    by_table: dict[str, Arguments] = {}
    for _ in range(1 + rng.up_to(1)):
        name, table = _table(rng)
        expressions = Expressions(rng)
        keys = [key(rng, table) for _ in range(1 + rng.up_to(3))]
        if not rng.invalid_one_in(15):
            keys = list({repr(one): one for one in keys}.values())
        by_table[name] = {"Keys": keys}
        if rng.one_in(3):
            by_table[name]["ProjectionExpression"] = expressions.projection()
        if rng.one_in(5):
            by_table[name]["ConsistentRead"] = rng.one_in(2)
        by_table[name] |= expressions.names_argument()
    if rng.invalid_one_in(60):
        by_table = {"flat": {"Keys": [{"p": {"S": str(n)}} for n in range(rng.pick((100, 101)))]}}
    return Request("batch_get_item", {"RequestItems": by_table})


def batch_write_item(rng: RandomSource) -> Request:
    by_table: dict[str, list[Arguments]] = {}
    for _ in range(1 + rng.up_to(1)):
        name, table = _table(rng)
        writes: dict[str, Arguments] = {}
        for _ in range(1 + rng.up_to(4)):
            if rng.one_in(3):
                target: dict[str, Any] = key(rng, table)
                write: Arguments = {"DeleteRequest": {"Key": target}}
            else:
                whole = item(rng, table)
                target = {part: whole.get(part) for part in table.key}
                write = {"PutRequest": {"Item": whole}}
            # Valid batches write each key once.
            writes[repr(target) if not rng.invalid_one_in(15) else f"again {len(writes)}"] = write
        by_table[name] = list(writes.values())
    if rng.invalid_one_in(60):
        by_table = {"flat": [{"PutRequest": {"Item": {"p": {"S": str(n)}}}} for n in range(rng.pick((25, 26)))]}
    return Request("batch_write_item", {"RequestItems": by_table})


def _action(rng: RandomSource) -> Arguments:
    kind = rng.pick(("Put", "Update", "ConditionCheck", "Delete"))
    arguments, table, expressions = _one_item(rng, whole=kind == "Put")
    if kind == "Update":
        arguments["UpdateExpression"] = expressions.update(table)
    _add_condition(rng, expressions, arguments, 1 if kind == "ConditionCheck" else 4)
    return {kind: arguments | expressions.arguments()}


def transact_write_items(rng: RandomSource) -> Request:
    actions = rng.list_of(lambda: _action(rng), 1, 4)
    if rng.invalid_one_in(60):
        count = rng.pick((100, 101))
        actions = [{"Put": {"TableName": "flat", "Item": {"p": {"S": str(n)}}}} for n in range(count)]
    arguments: Arguments = {"TransactItems": actions}
    if rng.one_in(3):
        arguments["ClientRequestToken"] = rng.pick(("one", "two"))
    return Request("transact_write_items", arguments)


def _get(rng: RandomSource) -> Arguments:
    arguments, _, expressions = _one_item(rng)
    if rng.one_in(3):
        arguments["ProjectionExpression"] = expressions.projection()
    return {"Get": arguments | expressions.names_argument()}


def transact_get_items(rng: RandomSource) -> Request:
    return Request("transact_get_items", {"TransactItems": rng.list_of(lambda: _get(rng), 1, 4)})


# Repeated in proportion to their frequency.
REQUESTS = (
    *(put_item,) * 5,
    *(update_item,) * 6,
    *(query,) * 6,
    *(delete_item,) * 2,
    *(get_item,) * 2,
    *(scan,) * 2,
    *(transact_write_items,) * 4,
    batch_write_item,
    batch_get_item,
    transact_get_items,
)


def make_invalid(rng: RandomSource, request: Request) -> Request:
    """Name an absent table or index, or make one parameter missing, empty or of another type."""
    arguments = dict(request.arguments)
    change = rng.up_to(3)
    if change == 0 and "TableName" in arguments:
        arguments["TableName"] = rng.pick(("absent", "no"))
    elif change == 1 and request.method in ("query", "scan"):
        arguments["IndexName"] = rng.pick(("by-absent", "by-g"))
    elif change == 2:
        arguments.pop(rng.pick(tuple(arguments)))
    else:
        part = rng.pick(tuple(arguments))
        empty: dict[type, Any] = {str: "", dict: {}, list: [], bool: "yes"}
        arguments[part] = empty.get(type(arguments[part]), "x")
    return request._replace(arguments=arguments)


def first_items(rng: RandomSource) -> Request:
    """Return a valid batch that fills the tables."""
    rng.valid_only = True
    puts: dict[str, dict[str, Arguments]] = {}
    for _ in range(1 + rng.up_to(7)):
        name, table = _table(rng)
        whole = item(rng, table)
        # Two notations of a number are one key.
        target = repr([as_number(whole[k].get("N", "")) if kind == "N" else whole[k] for k, kind in table.key.items()])
        puts.setdefault(name, {})[target] = {"PutRequest": {"Item": whole}}
    return Request("batch_write_item", {"RequestItems": {name: list(some.values()) for name, some in puts.items()}})


@st.composite
def sequences(draw: Callable[[st.SearchStrategy[int]], int], longest: int = 30) -> list[Request]:
    """Return a batch that fills the tables, then random requests, some of them twice."""
    rng = RandomSource(draw)
    made = [first_items(rng)]
    for _ in range(rng.up_to(longest)):
        if rng.one_in(15):
            made.append(made[-1 - rng.up_to(min(3, len(made) - 1))])
            continue
        rng.valid_only = rng.one_in(2)
        request = rng.pick(REQUESTS)(rng)
        made.append(make_invalid(rng, request) if rng.one_in(50) else request)
    return made


@st.composite
def pages_of_large_items(draw: Callable[[st.SearchStrategy[int]], int]) -> list[Request]:
    """Return puts of items of 200 to 400 KB into one partition, and queries and scans of several pages."""
    rng = RandomSource(draw)
    made = []
    for number in range(3 + rng.up_to(3)):
        size = rng.pick((349_000, 262_000, 209_600, 400_000)) + rng.up_to(400)
        whole = {"p": {"S": "a"}, "s": {"N": str(number)}, "g": {"S": "g"}, "a": {"S": "x" * size}, "b": {"N": "1"}}
        if rng.one_in(4):
            del whole["g"]
        made.append(Request("put_item", {"TableName": "thing", "Item": whole}))
    for index, partition in ((None, "p"), ("by-g", "g")):
        arguments: Arguments = {
            "TableName": "thing",
            "KeyConditionExpression": f"{partition} = :v",
            "ExpressionAttributeValues": {":v": {"S": "a" if index is None else "g"}},
            "ScanIndexForward": not rng.one_in(2),
        } | ({} if index is None else {"IndexName": index})
        if rng.one_in(2):
            arguments["FilterExpression"] = "attribute_not_exists(b)"
        # The projection does not change where a page ends.
        arguments["ProjectionExpression"] = "s, b" if rng.one_in(2) else "s"
        made.append(Request("query", arguments, "pages"))
    made.append(Request("scan", {"TableName": "thing", "ProjectionExpression": "s"}, "pages"))
    return made
