"""Random requests: small domains, so that collisions, ties, overlaps and type clashes happen often.

A sequence of requests is plain data that depends on nothing the database answered, so that it shrinks well and prints
as what was sent. Most requests are right; `spoil` and the rarer choices make wrong ones.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.engine_witness.schema import TABLES, Request, Table

Value = dict[str, Any]

TYPES = ("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
# Order by UTF-8 bytes and order by UTF-16 units differ between the last two.
STRINGS = ("a", "b", "ab", "", "B", "é", "\uffff", "\U00010000")
NUMBERS = ("0", "1", "2", "10", "-1", "1.50", "0.5", "-0", "1e2", "007", "-2.5E-3", "1E-130", "9" * 38, "1E125")
WRONG_NUMBERS = ("", "x", "1_0", " 1", "9" * 39, "1E126", "1E-131", "NaN", "Infinity", "1" + "0" * 37 + "1.5")
BINARIES = (b"a", b"\x00", b"\xff", b"", b"ab")
KEYS: dict[str, tuple[Any, ...]] = {
    "S": ("a", "b", "é"),
    "N": ("1", "2", "10", "-1", "1.0"),
    "B": (b"\x00", b"a", b"\xff"),
}
LONG_KEYS: dict[str, tuple[Any, ...]] = {
    "S": ("", "k" * 1024, "k" * 1025, "k" * 2048, "k" * 2049),
    "N": ("x", "9" * 39, "1E126"),
    "B": (b"", b"k" * 1024, b"k" * 1025, b"k" * 2048, b"k" * 2049),
}
FREE = ("a", "b", "m", "l", "name")  # `name` is a reserved word
INDEX_KEYS = ("g", "h", "k", "j")
COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")


@functools.cache
def _integers(top: int) -> st.SearchStrategy[int]:
    return st.integers(0, top)


class Dice:
    """Draws that shrink towards the first choice, towards few and towards no."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw
        self.only_right = False

    def upto(self, top: int) -> int:
        return self._draw(_integers(top))

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.upto(len(choices) - 1)] if len(choices) > 1 else choices[0]

    def one_in(self, count: int) -> bool:
        return self.upto(count - 1) == count - 1

    def seldom(self, count: int) -> bool:
        """For choices that mostly make a request wrong."""
        return not self.only_right and self.one_in(count)

    def some(self, make: Callable[[], Any], least: int, most: int) -> list[Any]:
        return [make() for _ in range(least + self.upto(most - least))]


# ----------------------------------------------------------------------------------------------------------- values


def value(dice: Dice, types: Sequence[str] = TYPES, depth: int = 2) -> Value:
    kind = dice.pick(types)
    if kind == "S":
        return {"S": dice.pick(STRINGS)}
    if kind == "N":
        return {"N": dice.pick(NUMBERS if not dice.seldom(150) else WRONG_NUMBERS)}
    if kind == "B":
        return {"B": dice.pick(BINARIES)}
    if kind == "BOOL":
        return {"BOOL": dice.one_in(2)}
    if kind == "NULL":
        return {"NULL": not dice.seldom(40)}
    if kind in ("SS", "NS", "BS"):
        members = {"SS": STRINGS, "NS": NUMBERS, "BS": BINARIES}[kind]
        least = 0 if dice.seldom(30) else 1
        drawn = dice.some(lambda: dice.pick(members), least, 3)
        # A set may hold nothing twice, and numbers written in two ways are one number.
        return {
            kind: drawn if dice.seldom(20) else list({_number(x) if kind == "NS" else x: x for x in drawn}.values())
        }
    if depth <= 0:
        return {kind: [] if kind == "L" else {}}
    if kind == "L":
        return {"L": dice.some(lambda: value(dice, TYPES, depth - 1), 0, 3)}
    return {"M": {dice.pick(("x", "y", "name", "a")): value(dice, TYPES, depth - 1) for _ in range(dice.upto(3))}}


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def nested(levels: int) -> Value:
    inner: Value = {"S": "deep"}
    for level in range(levels):
        inner = {"L": [inner]} if level % 2 else {"M": {"x": inner}}
    return inner


def key_value(dice: Dice, kind: str) -> Value:
    if dice.seldom(80):
        return {kind: dice.pick(LONG_KEYS[kind])}
    if dice.seldom(80):
        return value(dice)
    return {kind: dice.pick(KEYS[kind])}


def key(dice: Dice, table: Table) -> dict[str, Value]:
    made = {name: key_value(dice, kind) for name, kind in table.key.items()}
    if dice.seldom(80):
        made.pop(dice.pick(tuple(made)))
    if dice.seldom(80):
        made[dice.pick(("a", "s", "p"))] = {"N": "1"}
    return made


def item(dice: Dice, table: Table) -> dict[str, Value]:
    made = key(dice, table)
    for index in table.indexes.values():
        for name, kind in index.key.items():
            if name not in table.key and not dice.one_in(4):
                made[name] = key_value(dice, kind)
    for name in FREE:
        if dice.one_in(2):
            types = {"m": ("M", "M", "M", "S"), "l": ("L", "L", "L", "NS"), "a": ("N", "N", "S", "SS", "L")}.get(
                name, TYPES
            )
            made[name] = value(dice, types)
    if dice.seldom(150):
        made["a"] = nested(dice.pick((31, 32, 33)))
    if dice.seldom(200):
        made["a"] = {"S": "x" * (409_600 - dice.upto(60))}
    return made


# ------------------------------------------------------------------------------------------------------ expressions


class Scope:
    """The names and values that the expressions of one request share."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.targets: set[str] = set()

    def name(self, attribute: str) -> str:
        plain_is_right = attribute != "name"
        if self.dice.one_in(3) if plain_is_right else not self.dice.seldom(40):
            placeholder = f"#{attribute}"
            self.names[placeholder] = attribute
            return placeholder
        return attribute

    def value(self, of: Value) -> str:
        for placeholder, known in self.values.items():
            if known == of and type(known) is type(of) and self.dice.one_in(2):
                return placeholder
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = of
        return placeholder

    def arguments(self) -> dict[str, Any]:
        """The maps to send; at times with an entry too many, too few, or a wrong placeholder."""
        if self.dice.seldom(60):
            self.names[self.dice.pick(("#unused", "unused", "#", "#a b"))] = "a"
        if self.dice.seldom(60):
            self.values[self.dice.pick((":unused", "unused", ":", ":a-b"))] = {"S": "a"}
        if self.names and self.dice.seldom(80):
            self.names.pop(self.dice.pick(tuple(self.names)))
        if self.values and self.dice.seldom(80):
            self.values.pop(self.dice.pick(tuple(self.values)))
        made: dict[str, Any] = {}
        if self.names or self.dice.seldom(100):
            made["ExpressionAttributeNames"] = self.names
        if self.values or self.dice.seldom(100):
            made["ExpressionAttributeValues"] = self.values
        return made


def path(dice: Dice, scope: Scope, *, keys_too: bool = True) -> str:
    attribute = dice.pick(FREE) if not (keys_too and dice.one_in(6)) else dice.pick(("p", "s", "n", "r", *INDEX_KEYS))
    text = scope.name(attribute)
    # `m` is mostly a map and `l` mostly a list: `item` makes them so.
    depth = 0 if not dice.one_in(3 if attribute in "ml" else 12) else dice.pick((1, 1, 1, 2))
    for level in range(depth):
        a_list = dice.one_in(2) if level else attribute == "l"
        if a_list != dice.one_in(10):
            text += f"[{dice.pick((0, 1, 2, 7))}]"
        else:
            text += f".{scope.name(dice.pick(('x', 'y', 'a', 'name')))}"
    return text


def apart(dice: Dice, scope: Scope, make: Callable[[], str]) -> str:
    """A path that mostly overlaps with no other of its expression."""
    before = scope.names
    for _ in range(1 if dice.seldom(12) else 4):
        scope.names = dict(before)
        made = make()
        top = made.split(".")[0].split("[")[0].lstrip("#")
        if top not in scope.targets:
            break
    scope.targets.add(top)
    return made


def operand(dice: Dice, scope: Scope, types: Sequence[str] = TYPES) -> str:
    choice = dice.upto(9)
    if choice < 5:
        return path(dice, scope)
    if choice < 9:
        return scope.value(value(dice, types, 1))
    return f"size({path(dice, scope) if not dice.seldom(20) else scope.value(value(dice))})"


# Conditions that compare a whole path with a value come more often than the pairs that are mostly wrong or false.
def comparable(dice: Dice, scope: Scope) -> tuple[str, Callable[[], str]]:
    """An operand, and what makes others that are likely to be of its type."""
    choice = dice.upto(5)
    if choice == 0:
        return operand(dice, scope), lambda: operand(dice, scope)
    if choice == 1:
        return f"size({path(dice, scope)})", lambda: scope.value({"N": dice.pick(("1", "2", "0"))})
    kind = dice.pick(("N", "S", "N", "B", *TYPES))
    return path(dice, scope), lambda: scope.value(value(dice, (kind,), 1))


def condition(dice: Dice, scope: Scope, depth: int = 2) -> str:
    choice = dice.upto(15 if depth > 0 else 11)
    if choice < 4:
        left, other = comparable(dice, scope)
        sides = [left, other()]
        if dice.one_in(4):
            sides.reverse()
        return dice.pick((" ", "")).join((sides[0], dice.pick(COMPARATORS), sides[1]))
    if choice == 4:
        left, other = comparable(dice, scope)
        return f"{left} {dice.pick(('BETWEEN', 'between'))} {other()} AND {other()}"
    if choice == 5:
        left, other = comparable(dice, scope)
        count = dice.pick((1, 2, 3)) if not dice.seldom(60) else dice.pick((100, 101))
        if count > 3:
            same = other()
            return f"{left} IN ({', '.join([same] * count)})"
        return f"{left} {dice.pick(('IN', 'In'))} ({', '.join(other() for _ in range(count))})"
    if choice < 8:
        exists = dice.pick(("attribute_exists", "attribute_not_exists"))
        return f"{exists}({path(dice, scope) if not dice.seldom(40) else operand(dice, scope)})"
    if choice == 8:
        kind = {"S": dice.pick(TYPES if not dice.seldom(20) else ("X", "s", "")[0:3])}
        return (
            f"attribute_type({path(dice, scope)}, {scope.value(kind) if not dice.seldom(20) else operand(dice, scope)})"
        )
    if choice == 9:
        kind = dice.pick(("S", "B")) if not dice.seldom(15) else dice.pick(TYPES)
        prefix = scope.value(value(dice, (kind,), 1)) if not dice.one_in(10) else path(dice, scope)
        return f"begins_with({path(dice, scope) if not dice.seldom(15) else operand(dice, scope)}, {prefix})"
    if choice < 12:
        sought = scope.value(value(dice, ("S", "N", "B", *TYPES), 1)) if not dice.one_in(8) else path(dice, scope)
        return f"contains({path(dice, scope) if not dice.seldom(15) else operand(dice, scope)}, {sought})"
    if choice == 12:
        return f"{dice.pick(('NOT', 'not'))} {condition(dice, scope, depth - 1)}"
    if choice == 13:
        return f"({condition(dice, scope, depth - 1)})"
    both = dice.pick(("AND", "OR", "and", "Or"))
    return f"{condition(dice, scope, depth - 1)} {both} {condition(dice, scope, depth - 1)}"


def term(dice: Dice, scope: Scope, kind: str) -> str:
    choice = dice.upto(5)
    if choice < 3:
        return scope.value(value(dice, (kind,), 1))
    if choice == 3:
        return path(dice, scope)
    if choice == 4:
        return f"if_not_exists({path(dice, scope)}, {term(dice, scope, kind)})"
    return f"list_append({term(dice, scope, 'L')}, {term(dice, scope, 'L')})"


def assignment(dice: Dice, scope: Scope, target: str) -> str:
    choice = dice.upto(6)
    if choice < 2:
        return scope.value(value(dice, TYPES, 2))
    if choice == 2:
        return term(dice, scope, dice.pick(TYPES))
    if choice == 3:
        return f"list_append({term(dice, scope, 'L')}, {term(dice, scope, 'L')})"
    sign = dice.pick((" + ", " - ", "+", "-"))
    if choice == 4:
        return sign.join((target, scope.value(value(dice, ("N",)))))
    return sign.join((term(dice, scope, "N"), term(dice, scope, "N")))


def update(dice: Dice, scope: Scope, table: Table) -> str:
    def target() -> str:
        return apart(dice, scope, any_target)

    def any_target() -> str:
        if table.indexes and dice.one_in(5):
            return scope.name(dice.pick([n for i in table.indexes.values() for n in i.key if n not in table.key]))
        if dice.seldom(40):
            return scope.name(dice.pick(tuple(table.key)))
        return path(dice, scope, keys_too=False)

    def set_one() -> str:
        to = target()
        index_types = {n: kind for i in table.indexes.values() for n, kind in i.key.items()}
        kind = index_types.get(to.lstrip("#"))
        return f"{to} = {scope.value(key_value(dice, kind)) if kind else assignment(dice, scope, to)}"

    def add_one() -> str:
        kinds = ("N", "SS", "NS", "BS") if not dice.seldom(30) else TYPES
        return f"{target()} {scope.value(value(dice, kinds)) if not dice.seldom(40) else operand(dice, scope)}"

    def delete_one() -> str:
        kinds = ("SS", "NS", "BS") if not dice.seldom(30) else TYPES
        return f"{target()} {scope.value(value(dice, kinds))}"

    makers = {"SET": set_one, "REMOVE": target, "ADD": add_one, "DELETE": delete_one}
    sections = []
    for _ in range(1 + (dice.upto(2) if dice.one_in(3) else 0)):
        left = (
            [word for word in makers if not any(word in s for s in sections)] if not dice.seldom(40) else list(makers)
        )
        word = dice.pick(left)
        sections.append(f"{word if not dice.one_in(5) else word.lower()} {', '.join(dice.some(makers[word], 1, 3))}")
    return " ".join(sections)


def projection(dice: Dice, scope: Scope) -> str:
    scope.targets.clear()
    paths = dice.some(lambda: apart(dice, scope, lambda: path(dice, scope)), 1, 3)
    return dice.pick((", ", ",")).join(paths)


def key_condition(dice: Dice, scope: Scope, names: dict[str, str]) -> str:
    (partition, partition_kind), *rest = names.items()

    def of(kind: str) -> str:
        return scope.value(key_value(dice, kind))

    operator = "=" if not dice.seldom(40) else dice.pick(COMPARATORS)
    parts = [f"{scope.name(partition)} {operator} {of(partition_kind)}"]
    for sort, kind in rest:
        if dice.one_in(3):
            continue
        choice = dice.upto(7 if kind != "N" or dice.one_in(12) else 5)
        if choice < 5:
            parts.append(f"{scope.name(sort)} {('=', '<', '<=', '>', '>=')[choice]} {of(kind)}")
        elif choice == 5:
            parts.append(f"{scope.name(sort)} BETWEEN {of(kind)} AND {of(kind)}")
        else:
            prefix = value(dice, (kind,)) if not dice.one_in(3) else {kind: KEYS[kind][0]}
            parts.append(f"begins_with({scope.name(sort)}, {scope.value(prefix)})")
    if dice.seldom(60):
        parts.append(condition(dice, scope, 1))
    if dice.seldom(60):
        parts.pop(0)
    if dice.one_in(6):
        parts.reverse()
    if dice.one_in(12):
        parts = [f"({part})" for part in parts]
    return (" AND " if not dice.seldom(60) else " OR ").join(parts)


# --------------------------------------------------------------------------------------------------------- requests


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
        target = repr([_number(whole[k].get("N", "")) if kind == "N" else whole[k] for k, kind in table.key.items()])
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
