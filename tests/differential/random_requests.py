"""Random requests, one by one and in sequences.

A sequence of requests is plain data that depends on nothing the database answered, so that it shrinks well and prints
as what was sent. Most requests are right; `spoil` and the rarer choices make wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.differential.random_expressions import Scope, condition, key_condition, projection, update
from tests.differential.random_source import Dice
from tests.differential.random_values import Value, as_number, item, key, key_value
from tests.differential.schema import TABLES, Request, Table


def _table(dice: Dice) -> tuple[str, Table]:
    name = dice.pick(("thing", "thing", "flat", "raw"))
    return name, TABLES[name]


def _conditional(dice: Dice, scope: Scope, arguments: dict[str, Any], one_in: int = 2) -> None:
    if dice.one_in(one_in):
        arguments["ConditionExpression"] = condition(dice, scope)
        if dice.one_in(3):
            arguments["ReturnValuesOnConditionCheckFailure"] = dice.pick(("ALL_OLD", "NONE"))


def put_item(dice: Dice) -> Request:
    name, table = _table(dice)
    scope = Scope(dice)
    arguments: dict[str, Any] = {"TableName": name, "Item": item(dice, table)}
    _conditional(dice, scope, arguments, 4)
    if dice.one_in(3):
        arguments["ReturnValues"] = dice.pick(("ALL_OLD", "NONE")) if not dice.seldom(30) else "ALL_NEW"
    return Request("put_item", arguments | scope.arguments())


def delete_item(dice: Dice) -> Request:
    name, table = _table(dice)
    scope = Scope(dice)
    arguments: dict[str, Any] = {"TableName": name, "Key": key(dice, table)}
    _conditional(dice, scope, arguments, 2)
    if dice.one_in(2):
        arguments["ReturnValues"] = dice.pick(("ALL_OLD", "NONE")) if not dice.seldom(30) else "UPDATED_OLD"
    return Request("delete_item", arguments | scope.arguments())


def update_item(dice: Dice) -> Request:
    name, table = _table(dice)
    scope = Scope(dice)
    arguments: dict[str, Any] = {"TableName": name, "Key": key(dice, table)}
    if not dice.seldom(25):
        arguments["UpdateExpression"] = update(dice, scope, table)
    _conditional(dice, scope, arguments, 4)
    if not dice.one_in(4):
        arguments["ReturnValues"] = dice.pick(("UPDATED_NEW", "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE"))
    return Request("update_item", arguments | scope.arguments())


def get_item(dice: Dice) -> Request:
    name, table = _table(dice)
    scope = Scope(dice)
    arguments: dict[str, Any] = {"TableName": name, "Key": key(dice, table)}
    if dice.one_in(2):
        arguments["ProjectionExpression"] = projection(dice, scope)
    if dice.one_in(4):
        arguments["ConsistentRead"] = dice.one_in(2)
    return Request("get_item", arguments | scope.arguments())


def _reading(dice: Dice, scope: Scope, arguments: dict[str, Any], index: str | None) -> None:
    """What Query and Scan share."""
    if index is not None:
        arguments["IndexName"] = index
    if dice.one_in(3):
        arguments["FilterExpression"] = condition(dice, scope, 1)
    if dice.one_in(5):
        arguments["ProjectionExpression"] = projection(dice, scope)
    if dice.one_in(8):
        arguments["Select"] = dice.pick(
            ("COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "COUNT")
        )
    if dice.one_in(10):
        arguments["ConsistentRead"] = dice.one_in(2)
    if dice.one_in(2):
        arguments["Limit"] = dice.pick((1, 2, 3)) if not dice.seldom(60) else 0


def _start_key(dice: Dice, table: Table, index: str | None) -> dict[str, Value]:
    made = key(dice, table)
    if index is not None and not dice.seldom(20):
        made |= {n: key_value(dice, kind) for n, kind in table.indexes[index].key.items() if n not in table.key}
    return made


def query(dice: Dice) -> Request:
    name, table = _table(dice)
    scope = Scope(dice)
    index = dice.pick((None, *table.indexes))
    arguments: dict[str, Any] = {"TableName": name}
    if not dice.seldom(100):
        names = table.key if index is None else table.indexes[index].key
        arguments["KeyConditionExpression"] = key_condition(dice, scope, names)
    if dice.one_in(2):
        arguments["ScanIndexForward"] = dice.one_in(2)
    _reading(dice, scope, arguments, index)
    if dice.one_in(10):
        start = _start_key(dice, table, index)
        partition = next(iter(table.key if index is None else table.indexes[index].key))
        wanted = scope.values.get(":v0")  # mostly the value of the partition key
        arguments["ExclusiveStartKey"] = start | ({partition: wanted} if wanted and not dice.one_in(8) else {})
    return Request("query", arguments | scope.arguments(), "pages" if "Limit" in arguments else "once")


def scan(dice: Dice) -> Request:
    name, table = _table(dice)
    scope = Scope(dice)
    index = dice.pick((None, *table.indexes))
    arguments: dict[str, Any] = {"TableName": name}
    _reading(dice, scope, arguments, index)
    walk = "pages"
    if dice.one_in(3):
        walk = "segments"
        arguments["TotalSegments"] = dice.pick((1, 2, 3)) if not dice.seldom(30) else 1_000_001
    elif dice.seldom(20):
        arguments |= {"TotalSegments": dice.pick((1, 2)), "Segment": dice.pick((0, 1, 2))}
        walk = "codes"
    elif dice.seldom(20):
        arguments["ExclusiveStartKey"] = _start_key(dice, table, index)
        walk = "codes"
    return Request("scan", arguments | scope.arguments(), walk)


def batch_get_item(dice: Dice) -> Request:
    wanted: dict[str, Any] = {}
    for _ in range(1 + dice.upto(1)):
        name, table = _table(dice)
        scope = Scope(dice)
        keys = dice.some(lambda table=table: key(dice, table), 1, 4)
        if not dice.seldom(15):
            keys = list({repr(k): k for k in keys}.values())
        wanted[name] = {"Keys": keys}
        if dice.one_in(3):
            wanted[name]["ProjectionExpression"] = projection(dice, scope)
        if dice.one_in(5):
            wanted[name]["ConsistentRead"] = dice.one_in(2)
        wanted[name] |= {k: v for k, v in scope.arguments().items() if k == "ExpressionAttributeNames"}
    if dice.seldom(60):
        wanted = {"flat": {"Keys": [{"p": {"S": str(n)}} for n in range(dice.pick((100, 101)))]}}
    return Request("batch_get_item", {"RequestItems": wanted})


def batch_write_item(dice: Dice) -> Request:
    wanted: dict[str, Any] = {}
    for _ in range(1 + dice.upto(1)):
        name, table = _table(dice)
        writes: dict[str, Any] = {}
        for _ in range(1 + dice.upto(4)):
            if dice.one_in(3):
                target = key(dice, table)
                write: dict[str, Any] = {"DeleteRequest": {"Key": target}}
            else:
                write = {"PutRequest": {"Item": (whole := item(dice, table))}}
                target = {k: whole.get(k) for k in table.key}
            writes[repr(target) if not dice.seldom(15) else f"again {len(writes)}"] = write
        wanted[name] = list(writes.values())
    if dice.seldom(60):
        puts = [{"PutRequest": {"Item": {"p": {"S": str(n)}}}} for n in range(dice.pick((25, 26)))]
        wanted = {"flat": puts}
    return Request("batch_write_item", {"RequestItems": wanted})


def _action(dice: Dice) -> dict[str, Any]:
    kind = dice.pick(("Put", "Update", "ConditionCheck", "Delete"))
    name, table = _table(dice)
    scope = Scope(dice)
    arguments: dict[str, Any] = {"TableName": name}
    if kind == "Put":
        arguments["Item"] = item(dice, table)
    else:
        arguments["Key"] = key(dice, table)
    if kind == "Update":
        arguments["UpdateExpression"] = update(dice, scope, table)
    _conditional(dice, scope, arguments, 1 if kind == "ConditionCheck" else 4)
    return {kind: arguments | scope.arguments()}


def transact_write_items(dice: Dice) -> Request:
    actions = dice.some(lambda: _action(dice), 1, 4)
    if dice.seldom(60):
        count = dice.pick((100, 101))
        actions = [{"Put": {"TableName": "flat", "Item": {"p": {"S": str(n)}}}} for n in range(count)]
    arguments: dict[str, Any] = {"TransactItems": actions}
    if dice.one_in(3):
        arguments["ClientRequestToken"] = dice.pick(("one", "two"))
    return Request("transact_write_items", arguments)


def transact_get_items(dice: Dice) -> Request:
    def get() -> dict[str, Any]:
        name, table = _table(dice)
        scope = Scope(dice)
        arguments: dict[str, Any] = {"TableName": name, "Key": key(dice, table)}
        if dice.one_in(3):
            arguments["ProjectionExpression"] = projection(dice, scope)
        return {"Get": arguments | {k: v for k, v in scope.arguments().items() if k == "ExpressionAttributeNames"}}

    return Request("transact_get_items", {"TransactItems": dice.some(get, 1, 4)})


MAKERS = (
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


def spoil(dice: Dice, request: Request) -> Request:
    """One change that is mostly wrong: a table or index that is not, a part missing, or empty, or of another type."""
    arguments = dict(request.arguments)
    change = dice.upto(3)
    if change == 0 and "TableName" in arguments:
        arguments["TableName"] = dice.pick(("absent", "no"))
    elif change == 1 and request.method in ("query", "scan"):
        arguments["IndexName"] = dice.pick(("by-absent", "by-g"))
    elif change == 2:
        arguments.pop(dice.pick(tuple(arguments)))
    else:
        part = dice.pick(tuple(arguments))
        arguments[part] = {str: "", dict: {}, list: [], bool: "yes"}.get(type(arguments[part]), "x")
    return request._replace(arguments=arguments)


def first_items(dice: Dice) -> Request:
    dice.only_right = True
    wanted: dict[str, dict[str, Any]] = {}
    for _ in range(1 + dice.upto(7)):
        name, table = _table(dice)
        whole = item(dice, table)
        # Numbers written in two ways are one key.
        target = repr([as_number(whole[k].get("N", "")) if kind == "N" else whole[k] for k, kind in table.key.items()])
        wanted.setdefault(name, {})[target] = {"PutRequest": {"Item": whole}}
    return Request("batch_write_item", {"RequestItems": {name: list(puts.values()) for name, puts in wanted.items()}})


@st.composite
def sequences(draw: Callable[[st.SearchStrategy[int]], int], longest: int = 30) -> list[Request]:
    """Some items first, so that there is something to meet; then anything; now and then a request a second time."""
    dice = Dice(draw)
    made = [first_items(dice)]
    for _ in range(dice.upto(longest)):
        if dice.one_in(15):
            made.append(made[-1 - dice.upto(min(3, len(made) - 1))])
            continue
        dice.only_right = dice.one_in(2)
        request = dice.pick(MAKERS)(dice)
        made.append(spoil(dice, request) if dice.one_in(50) else request)
    return made


@st.composite
def large_pages(draw: Callable[[st.SearchStrategy[int]], int]) -> list[Request]:
    """Items of hundreds of kilobytes in one partition, read in both directions, from the table and from the index."""
    dice = Dice(draw)
    made = []
    for number in range(3 + dice.upto(3)):
        size = dice.pick((349_000, 262_000, 209_600, 400_000)) + dice.upto(400)
        whole = {"p": {"S": "a"}, "s": {"N": str(number)}, "g": {"S": "g"}, "a": {"S": "x" * size}, "b": {"N": "1"}}
        if dice.one_in(4):
            del whole["g"]
        made.append(Request("put_item", {"TableName": "thing", "Item": whole}))
    for index, partition in ((None, "p"), ("by-g", "g")):
        arguments: dict[str, Any] = {
            "TableName": "thing",
            "KeyConditionExpression": f"{partition} = :v",
            "ExpressionAttributeValues": {":v": {"S": "a" if index is None else "g"}},
            "ScanIndexForward": not dice.one_in(2),
        } | ({} if index is None else {"IndexName": index})
        if dice.one_in(2):
            arguments["FilterExpression"] = "attribute_not_exists(b)"
        # The sizes count before the projection.
        arguments["ProjectionExpression"] = "s, b" if dice.one_in(2) else "s"
        made.append(Request("query", arguments, "pages"))
    made.append(Request("scan", {"TableName": "thing", "ProjectionExpression": "s"}, "pages"))
    return made
