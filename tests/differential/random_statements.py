"""Random PartiQL statements. Most are valid, and most writes name an existing item."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.differential.random_expressions import COMPARATORS
from tests.differential.random_requests import first_items
from tests.differential.random_source import RandomSource
from tests.differential.random_values import ATTRIBUTES, TYPES, Value, item, key, key_value, value
from tests.differential.requests import Request
from tests.differential.schema import TABLES, Table

TYPE_NAMES = ("NULL", "BOOL", "STRING", "NUMERIC", "BLOB", "LIST", "STRUCT", "MISSING", "NOT MISSING", "NOT NULL")


class Statement(NamedTuple):
    """A statement, its parameters, and the operation that it belongs to."""

    text: str
    parameters: list[Value]
    is_read: bool

    def arguments(self) -> dict[str, Any]:
        """Return the parameters of ExecuteStatement."""
        return {"Statement": self.text} | ({"Parameters": self.parameters} if self.parameters else {})


class Writer:
    """Writes one statement and collects its parameters in the order of their question marks."""

    def __init__(self, rng: RandomSource) -> None:
        self.rng = rng
        self.parameters: list[Value] = []

    def literal(self, content: Value) -> str:
        """Return a value as a literal, or as a question mark."""
        if not self.rng.one_in(3) and (text := as_literal(content)) is not None:
            return text
        self.parameters.append(content)
        return "?"

    def value(self, types: tuple[str, ...] = TYPES) -> str:
        return self.literal(value(self.rng, types, 1))

    def name(self, name: str) -> str:
        # `name` is not reserved in PartiQL.
        return f'"{name}"' if self.rng.one_in(4) else name

    def path(self, table: Table | None = None) -> str:
        """Return a path, sometimes of a key attribute of the table."""
        rng = self.rng
        if table is not None and rng.one_in(6):
            return self.name(rng.pick((*table.key, *table.index_key_types)))
        attribute = rng.pick(ATTRIBUTES)
        text = self.name(attribute)
        if rng.one_in(3 if attribute in "ml" else 12):
            text += rng.pick(("[0]", "[1]", "[7]")) if attribute == "l" else rng.pick((".x", "['y']", '."name"'))
        return text

    def condition(self, table: Table, depth: int = 2) -> str:
        """Return a condition with at most `depth` levels of AND, OR, NOT and parentheses."""
        rng = self.rng
        case = rng.up_to(13 if depth else 9)
        path = self.path(table)
        kind = table.key.get(path.strip('"')) or table.index_key_types.get(path.strip('"'))
        types = (kind,) if kind else (rng.pick(("N", "S", "N", "B", *TYPES)),)
        if case < 4:
            sides = [path, self.value(types)]
            operator = rng.pick((*COMPARATORS, "!="))
            return " ".join((sides[0], operator, sides[1]))
        if case == 4:
            low = self.value(types)
            return f"{path} {rng.pick(('', 'NOT '))}BETWEEN {low} AND {self.value(types)}"
        if case == 5:
            members = ", ".join(self.value(types) for _ in range(1 + rng.up_to(2)))
            return f"{path} {rng.pick(('', 'NOT '))}IN {rng.pick(('[{}]', '({})')).format(members)}"
        if case == 6:
            return f"{path} IS {rng.pick(TYPE_NAMES)}"
        if case == 7:
            return f"{rng.pick(('begins_with', 'contains', 'CONTAINS'))}({path}, {self.value(('S', 'N', 'B'))})"
        if case == 8:
            return f"{rng.pick(('attribute_exists', 'attribute_not_exists'))}({path})"
        if case == 9:
            return f"size({path}) {rng.pick(COMPARATORS)} {rng.pick((0, 1, 2))}"
        if case == 10:
            return f"NOT {self.condition(table, depth - 1)}"
        if case == 11:
            return f"({self.condition(table, depth - 1)})"
        first = self.condition(table, depth - 1)
        return f"{first} {rng.pick(('AND', 'OR', 'and'))} {self.condition(table, depth - 1)}"

    def key_equality(self, table: Table, chosen: dict[str, Value]) -> str:
        terms = [f"{self.name(name)} = {self.literal(chosen[name])}" for name in table.key if name in chosen]
        if terms and self.rng.invalid_one_in(25):
            terms.pop()
        return " AND ".join(terms)

    def where(self, table: Table) -> str:
        """Return the WHERE clause of a write: the key, sometimes with a condition."""
        chosen = key(self.rng, table)
        terms = [self.key_equality(table, chosen)]
        if self.rng.one_in(2):
            terms.append(f"({self.condition(table)})" if self.rng.one_in(2) else self.condition(table, 0))
        terms = [term for term in terms if term]
        return f" WHERE {' AND '.join(terms)}" if terms else ""

    def ranges(self, keys: dict[str, str], table: Table) -> str:
        """Return a WHERE clause that reads one or more partitions."""
        rng = self.rng
        (partition, kind), *rest = keys.items()
        if rng.one_in(4):
            values = ", ".join(self.literal(key_value(rng, kind)) for _ in range(1 + rng.up_to(2)))
            terms = [f"{partition} IN [{values}]"]
        else:
            terms = [f"{partition} = {self.literal(key_value(rng, kind))}"]
        for sort, sort_kind in rest:
            if rng.one_in(3):
                continue
            operator = rng.pick(("=", "<", "<=", ">", ">=", "<>", "IN", "BETWEEN", "begins_with"))
            bound = self.literal(key_value(rng, sort_kind))
            if operator == "IN":
                terms.append(f"{sort} IN [{bound}, {self.literal(key_value(rng, sort_kind))}]")
            elif operator == "BETWEEN":
                terms.append(f"{sort} BETWEEN {bound} AND {self.literal(key_value(rng, sort_kind))}")
            elif operator == "begins_with" and sort_kind != "N":
                terms.append(f"begins_with({sort}, {bound})")
            else:
                terms.append(f"{sort} {operator if operator != 'begins_with' else '='} {bound}")
        if rng.one_in(3):
            condition = self.condition(table)
            terms.append(f"({condition})" if rng.one_in(2) else condition)
        return " AND ".join(terms)


def as_literal(content: Value) -> str | None:
    """Return a value as a literal; None if PartiQL has none for it or the value is invalid."""
    ((kind, inner),) = content.items()
    if kind == "S":
        return "'" + str(inner).replace("'", "''") + "'"
    if kind == "N":
        return str(inner) if re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", inner, re.ASCII) else None
    if kind == "BOOL":
        return "true" if inner else "FALSE"
    if kind == "NULL":
        return "null" if inner else None
    if kind in ("SS", "NS"):
        members = [as_literal({kind[0]: member}) for member in inner]
        return None if not members or None in members else f"<<{', '.join(map(str, members))}>>"
    if kind == "L":
        members = list(map(as_literal, inner))
        return None if None in members else f"[{', '.join(map(str, members))}]"
    if kind == "M":
        pairs = [f"'{name}': {as_literal(member)}" for name, member in inner.items()]
        return None if None in map(as_literal, inner.values()) else "{" + ", ".join(pairs) + "}"
    return None


def _table(rng: RandomSource) -> tuple[str, Table]:
    name = rng.pick(("thing", "thing", "flat", "raw", "local", "many"))
    return name, TABLES[name]


def select(rng: RandomSource) -> Statement:
    """Return SELECT: of ranges of keys, or of a whole table or index."""
    writer = Writer(rng)
    name, table = _table(rng)
    source, keys = f'"{name}"', table.key
    index = rng.pick(tuple(table.indexes)) if table.indexes and rng.one_in(3) else None
    if index is not None:
        source, keys = f'"{name}"."{index}"', table.indexes[index].key
    projected = "*"
    if rng.one_in(3):
        projected = ", ".join(dict.fromkeys(writer.path() for _ in range(1 + rng.up_to(2))))
    where, order = "", ""
    if rng.one_in(4):
        where = f" WHERE {writer.condition(table)}"
    elif not rng.one_in(8):
        where = f" WHERE {writer.ranges(keys, table)}"
        if " IN [" not in where and index is None and len(keys) > 1 and rng.one_in(2):
            order = f" ORDER BY {list(keys)[1]}{rng.pick(('', ' ASC', ' DESC'))}"
    return Statement(f"SELECT {projected} FROM {source}{where}{order}", writer.parameters, True)


def select_item(rng: RandomSource) -> Statement:
    """Return SELECT of one item, as in a batch or a transaction."""
    writer = Writer(rng)
    name, table = _table(rng)
    where = writer.key_equality(table, key(rng, table))
    return Statement(f'SELECT * FROM "{name}" WHERE {where or "p = 1"}', writer.parameters, True)


def insert(rng: RandomSource) -> Statement:
    """Return INSERT."""
    writer = Writer(rng)
    name, table = _table(rng)
    attributes = ", ".join(f"'{each}': {writer.literal(content)}" for each, content in item(rng, table).items())
    return Statement(f"INSERT INTO {name} VALUE {{{attributes}}}", writer.parameters, False)


def update(rng: RandomSource) -> Statement:
    """Return UPDATE, also in the form that begins with FROM."""
    writer = Writer(rng)
    name, table = _table(rng)
    targets: list[str] = []
    clauses = []

    def change() -> str:
        path = writer.path()
        targets.append(path)
        case = rng.up_to(7)
        if case == 0:
            return f"REMOVE {path}"
        if case == 1:
            return f"SET {path} = {path} {rng.pick('+-')} {writer.value(('N',))}"
        if case == 2:
            return f"SET {path} = list_append({path}, {writer.value(('L',))})"
        if case == 3:
            return f"SET {path} = if_not_exists({path}, {writer.value()})"
        if case == 4:
            return f"SET {path} = {rng.pick(('set_add', 'SET_DELETE'))}({path}, {writer.value(('SS', 'NS', 'BS'))})"
        if case == 5 and table.indexes:
            attribute = rng.pick([each for each in table.index_key_types if each not in table.key])
            return f"SET {attribute} = {writer.literal(key_value(rng, table.index_key_types[attribute]))}"
        return f"SET {path} = {writer.value()}"

    starts_with_from = rng.one_in(6)
    where = writer.where(table) if starts_with_from else ""
    clauses = [change() for _ in range(1 + rng.up_to(1))]
    returning = rng.pick(("", "", " RETURNING ALL OLD *", " RETURNING ALL NEW *"))
    if starts_with_from:
        text = f'FROM "{name}"{where} {" ".join(clauses)}{returning}'
    else:
        text = f'UPDATE "{name}" {" ".join(clauses)}{writer.where(table)}{returning}'
    return Statement(text, writer.parameters, False)


def delete(rng: RandomSource) -> Statement:
    """Return DELETE."""
    writer = Writer(rng)
    name, table = _table(rng)
    returning = rng.pick(("", " RETURNING ALL OLD *"))
    return Statement(f'DELETE FROM "{name}"{writer.where(table)}{returning}', writer.parameters, False)


def exists(rng: RandomSource) -> Statement:
    """Return EXISTS, the condition check of a transaction."""
    writer = Writer(rng)
    name, table = _table(rng)
    where = writer.key_equality(table, key(rng, table))
    condition = writer.condition(table, 0)
    return Statement(f"EXISTS(SELECT * FROM {name} WHERE {where or 'p = 1'} AND {condition})", writer.parameters, False)


def request(rng: RandomSource) -> Request:
    """Return one statement, a batch or a transaction."""
    case = rng.up_to(9)
    if case < 7:
        made = rng.pick((select, select, select, insert, update, update, delete))(rng)
        limit = {"Limit": 1 + rng.up_to(3)} if made.is_read and rng.one_in(3) else {}
        return Request("execute_statement", made.arguments() | limit)
    writes: tuple[Callable[[RandomSource], Statement], ...] = (insert, update, delete)
    if case == 9:
        writes = (*writes, exists)
    kinds = (select_item,) if rng.one_in(3) else writes
    members = [rng.pick(kinds)(rng).arguments() for _ in range(1 + rng.up_to(2))]
    if case < 9:
        return Request("batch_execute_statement", {"Statements": members})
    return Request("execute_transaction", {"TransactStatements": members})


@st.composite
def sequences(draw: Callable[[st.SearchStrategy[int]], int], longest: int = 20) -> list[Request]:
    """Return a batch that fills the tables, then random statements."""
    rng = RandomSource(draw)
    made = [first_items(rng)]
    for _ in range(rng.up_to(longest)):
        rng.valid_only = rng.one_in(2)
        made.append(request(rng))
    return made
