"""Parses a statement: a recursive descent parser with the error messages of DynamoDB.

Messages: paritysuite/dynamodb-conformance, whose tests pass on AWS, and DynamoDB Local for those that it does not have.
tests/embedded/test_messages.py has the source of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError, validation_error
from ..expressions.nodes import Action, Junction, Not, Path, Predicate, Value
from ..operations.parameters import is_name
from .conditions import ConditionParser, unsupported_operator
from .lexer import malformed
from .nodes import Delete, Exists, Insert, Order, Select, Source, Update
from .tokens import ARITHMETIC
from .values import parameter_count

if TYPE_CHECKING:
    from ..values import Value as AttributeValue
    from .nodes import Statement, WriteStatement

_RETURN_VALUES = {
    ("ALL", "OLD"): "ALL_OLD",
    ("ALL", "NEW"): "ALL_NEW",
    ("MODIFIED", "OLD"): "UPDATED_OLD",
    ("MODIFIED", "NEW"): "UPDATED_NEW",
}
_SET_FUNCTIONS = {"set_add": "ADD", "set_delete": "DELETE"}
_NO_TABLE = "Expected identifier for simple path"


def parse(text: str, parameters: list[AttributeValue]) -> Statement:
    """Parse a statement and replace its question marks by the parameters, which are values in normal form.

    Raises ApiError (ValidationException) if the statement is invalid or has not as many question marks as parameters.
    """
    parser = _StatementParser(text, parameters)
    statement = parser.statement()
    parser.finish()
    return statement


class _StatementParser(ConditionParser):
    """Parses whole statements."""

    def finish(self) -> None:
        """Check that the whole statement was read and every parameter was used."""
        self.take_if(";")
        if self.kind != "end":
            raise malformed("Unexpected token after expression")
        if self.used_parameters != len(self.parameters):
            raise parameter_count()

    def statement(self) -> Statement:
        if self.word == "SELECT":
            return self.select()
        if self.word == "EXISTS" and self.kind_at(1) == "(" and self.word_at(2) == "SELECT":
            self.at += 2
            select = self.select()
            self.expect(")", "Expected RIGHT_PAREN")
            return Exists(select)
        return self.write()

    def write(self) -> WriteStatement:
        if self.take_word("INSERT"):
            return self.insert()
        if self.take_word("UPDATE"):
            source = self.changed_source(self.source(_NO_TABLE))
            actions = self.actions()
            return Update(source, actions, self.where(), self.returning())
        if self.take_word("FROM"):
            source = self.changed_source(self.source("Unexpected term"))
            where = self.where()
            return Update(source, self.actions(), where, self.returning())
        if self.take_word("DELETE"):
            self.expect_word("FROM", "Unexpected keyword")
            source = self.changed_source(self.source(_NO_TABLE))
            return self.checked_delete(Delete(source, self.where(), self.returning()))
        raise malformed("Expected data manipulation")

    def select(self) -> Select:
        self.at += 1
        if self.word in ("VALUE", "PIVOT"):
            raise validation_error("Select projection doesn't support value or pivot keywords")
        if self.word in ("DISTINCT", "ALL"):
            raise validation_error(f"Unsupported token in expression: {self.word}")
        problem = None
        if self.kind == "word" and self.kind_at(1) == "(":
            problem = validation_error(f"Unexpected path component at {self.token.position}")
            self.skip_call()
        paths = None if self.take_if("*") else [] if problem else self.projection()
        if problem and self.word != "FROM":
            raise problem
        self.expect_word("FROM", "Expected FROM")
        source = self.source("Unexpected term")
        if problem and source.index_name is None:
            raise problem
        if self.kind == ",":
            raise validation_error("Only select from a single table or index is supported.")
        self.check_no_alias()
        where = self.where()
        if self.word in ("GROUP", "HAVING"):
            raise validation_error(f"Unsupported clause: {'GROUP BY' if self.word == 'GROUP' else 'HAVING'}")
        order: list[Order] = []
        if self.take_word("ORDER"):
            self.expect_word("BY", "Unexpected keyword")
            order = self.list_of(self.order)
        if self.word in ("LIMIT", "OFFSET"):
            clause = self.take().text.upper()
            raise validation_error(f"Unsupported clause: {clause} at {self.token.position}")
        return Select(source, paths, where, order, problem)

    def skip_call(self) -> None:
        """Skip a call of a function, such as COUNT(*)."""
        self.at += 2
        depth = 1
        while depth and self.kind != "end":
            depth += {"(": 1, ")": -1}.get(self.take().kind, 0)

    def projection(self) -> list[Path]:
        paths = self.list_of(self.projected)
        names: set[str] = set()
        for path in paths:
            name = result_name(path)
            if name in names:
                raise validation_error(f"Duplicate identifiers in select clause: {name}")
            names.add(name)
        return paths

    def projected(self) -> Path:
        token = self.token
        if token.kind in ("number", "string", "?") or (token.kind == "word" and self.kind_at(1) == "("):
            raise validation_error(f"Unexpected path component at {token.position}")
        if not self.is_path():
            raise self.unexpected()
        path = self.path()
        if self.kind in ARITHMETIC:
            raise validation_error(f"Unexpected path component at {self.token.position}")
        if self.word == "AS" or self.is_path():
            raise _aliasing()
        return path

    def order(self) -> Order:
        token = self.token
        if not self.is_path():
            if token.kind in ("number", "string"):
                raise _no_reference(token.text)
            raise self.unexpected()
        path = self.path()
        if len(path.elements) > 1:
            raise _no_reference("PATH")
        is_descending = self.word == "DESC"
        self.at += self.word in ("ASC", "DESC")
        return Order(str(path.elements[0]), is_descending)

    def source(self, detail: str) -> Source:
        """Parse a table or an index. detail: of the error for a statement without it."""
        if self.kind in ("string", "?", "(", "[", "{", "number"):
            raise validation_error("Unexpected from source")
        names: list[str] = []
        while True:
            if not self.is_path():
                raise malformed("Invalid path dot component" if names else detail)
            names.append(self.take().content)
            if self.kind == "[":
                raise validation_error("Invalid list expression in source.")
            if not self.take_if("."):
                break
        if len(names) > 2:
            raise validation_error("A path may contain at most 2 components in the FROM clause")
        if not is_name(names[0]):
            raise validation_error(
                "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'."
            )
        return Source(names[0], names[1] if names[1:] else None)

    def changed_source(self, source: Source) -> Source:
        """Return the source of a statement that writes. Raises ApiError if it is an index or has an alias."""
        self.check_no_alias()
        if source.index_name is not None:
            raise validation_error("This operation is not supported on an index")
        return source

    def check_no_alias(self) -> None:
        if self.word == "AS" or self.is_path():
            raise _aliasing()

    def insert(self) -> Insert:
        self.expect_word("INTO", "Unexpected keyword")
        source = self.source(_NO_TABLE)
        if source.index_name is not None:
            raise validation_error("FROM clause may only contain a single table name in data manipulation statements")
        if self.is_path():
            raise malformed("Unexpected token after expression")
        if not self.take_word("VALUE"):
            if self.word == "VALUES" or self.kind in ("<<", "{", "[", "("):
                raise validation_error("Unsupported operation: InsertOp")
            raise self.unexpected()
        if self.kind != "{":
            if self.is_at_end():
                raise self.unexpected()
            raise validation_error(
                "Unsupported format in item expression. Please use struct format {...} to express item values for "
                f"insert statement. at {self.token.position}"
            )
        item = self.struct(is_item=True)
        if self.word == "AT":
            raise validation_error(f"AT is not supported in insert statements. at {self.tokens[0].position}")
        if self.word == "RETURNING":
            raise validation_error("RETURNING is not supported in INSERT")
        return Insert(source, item)

    def checked_delete(self, delete: Delete) -> Delete:
        if delete.returning not in ("NONE", "ALL_OLD"):
            ((kind, state),) = [pair for pair, name in _RETURN_VALUES.items() if name == delete.returning]
            raise validation_error(
                f"Invalid returning clause: RETURNING {kind} {state} *. "
                "Only RETURNING ALL OLD * is allowed in DELETE statements."
            )
        return delete

    def returning(self) -> str:
        """Parse RETURNING, if the statement has it, as the ReturnValues of a request."""
        if not self.take_word("RETURNING"):
            return "NONE"
        value = _RETURN_VALUES.get((self.word, self.word_at(1)))
        if value is None:
            raise self.unexpected()
        self.at += 2
        if not self.take_if("*"):
            raise validation_error("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause")
        if self.kind == ",":
            raise validation_error("Invalid syntax with multiple returning elements in RETURNING clause")
        return value

    def actions(self) -> list[Action]:
        """Parse one or more SET and REMOVE clauses."""
        if self.word not in ("SET", "REMOVE"):
            raise malformed("Expected data manipulation")
        actions: list[Action] = []
        while True:
            if self.take_word("SET"):
                actions += self.list_of(self.assignment)
            elif self.take_word("REMOVE"):
                actions.append(Action("REMOVE", self.changed_path(), None))
            else:
                return actions

    def changed_path(self) -> Path:
        if not self.is_path():
            raise malformed(_NO_TABLE)
        return self.path()

    def assignment(self) -> Action:
        path = self.changed_path()
        self.expect("=", "Expected '=' in SET")
        function = self.token.text.lower()
        if self.kind == "word" and function in _SET_FUNCTIONS and self.kind_at(1) == "(":
            return self.set_function(path, function)
        self.is_update = True
        tree = self.disjunction()
        self.is_update = False
        if isinstance(tree, Junction | Not | Predicate):
            raise unsupported_operator("Update", tree)
        return Action("SET", path, tree)

    def set_function(self, path: Path, function: str) -> Action:
        """Parse set_add or set_delete, which add members to a set or remove them from it."""
        token = self.take()
        first = self.token_at(1)
        operands = self.operands()
        label = function.upper()
        if len(operands) != 2:
            raise validation_error(f"{label} must have exactly two arguments at {token.position}")
        if operands[0] != path:
            raise validation_error(f"The first argument to {label} must equal the assignment value at {token.position}")
        members = operands[1]
        if not isinstance(members, Value) or next(iter(members.content)) not in ("SS", "NS", "BS"):
            raise validation_error(f"The second argument to {label} must be a value with type SET at {first.position}")
        return Action(_SET_FUNCTIONS[function], path, members)


def result_name(path: Path) -> str:
    """Return the name of a projected path in the result: its last attribute name and the indexes after it."""
    last = max(at for at, element in enumerate(path.elements) if isinstance(element, str))
    return str(path.elements[last]) + "".join(f"[{index}]" for index in path.elements[last + 1 :])


def _no_reference(kind: str) -> ApiError:
    return validation_error(f"Argument to ORDER BY must be of type VariableReference. Type: {kind}")


def _aliasing() -> ApiError:
    return validation_error("Aliasing is not supported")
