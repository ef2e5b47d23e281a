"""Parses a statement: a recursive descent parser with the error messages of DynamoDB.

Messages: paritysuite/dynamodb-conformance, whose tests pass on AWS, and DynamoDB Local for those that it does not have.
tests/embedded/test_messages.py has the source of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import numbers
from ..errors import ApiError, validation_error
from ..expressions.grammar import CONDITION_FUNCTIONS, UPDATE_FUNCTIONS
from ..expressions.nodes import Action, Call, Junction, Not, Path, Predicate, Value
from ..limits import EXPRESSION_OPERATORS, IN_OPERANDS, NESTING_LEVELS
from ..operations.parameters import is_name
from .keywords import RESERVED
from .lexer import Token, malformed, tokenize
from .nodes import Delete, Exists, Insert, Order, Select, Source, Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..expressions.nodes import Condition, Operand
    from ..values import Item
    from ..values import Value as AttributeValue
    from .nodes import Statement, WriteStatement

# Deeper than any useful statement. It keeps a hostile one from exhausting Python's stack.
_LEVELS = 100
_MAX_EXPONENT = 2**31 - 1

_COMPARATORS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "||"})
_OPERATORS = frozenset({*_COMPARATORS, *_ARITHMETIC, "IS", "IN", "LIKE", "BETWEEN", "AND", "OR"})
# The words after IS and DynamoDB's types. The types of the second group exist in PartiQL only.
_TYPES = {
    "NULL": "NULL",
    "BOOL": "BOOL",
    "BOOLEAN": "BOOL",
    "BLOB": "B",
    "STRING": "S",
    "NUMERIC": "N",
    "STRUCT": "M",
    "TUPLE": "M",
    "LIST": "L",
}
_OTHER_TYPES = frozenset(
    {
        *("INT", "INTEGER", "SMALLINT", "FLOAT", "REAL", "DECIMAL", "DEC", "TIMESTAMP", "DATE", "TIME"),
        *("CHAR", "CHARACTER", "VARCHAR", "SYMBOL", "CLOB", "SEXP", "BAG"),
    }
)
_RETURN_VALUES = {
    ("ALL", "OLD"): "ALL_OLD",
    ("ALL", "NEW"): "ALL_NEW",
    ("MODIFIED", "OLD"): "UPDATED_OLD",
    ("MODIFIED", "NEW"): "UPDATED_NEW",
}
_SET_FUNCTIONS = {"set_add": "ADD", "set_delete": "DELETE"}
_NO_BOOLEAN = "WHERE clause must contain an expression that resolves to a boolean"
_NO_TABLE = "Expected identifier for simple path"


def parse(text: str, parameters: list[AttributeValue]) -> Statement:
    """Parse a statement and replace its question marks by the parameters, which are values in normal form.

    Raises ApiError (ValidationException) if the statement is invalid or has not as many question marks as parameters.
    """
    parser = _Parser(text, parameters)
    statement = parser.statement()
    parser.finish()
    return statement


class _Parser:
    """The tokens of a statement and the current position in them."""

    def __init__(self, text: str, parameters: list[AttributeValue]) -> None:
        self.tokens = tokenize(text)
        self.at = 0
        self.parameters = parameters
        self.used_parameters = 0
        self.operators = 0
        self.level = 0
        self.is_update = False  # whether the current expression is a value of SET
        self.place = ""  # of the current literal inside its attribute value, such as .x[1]

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def kind(self) -> str:
        """The kind of the current token."""
        return self.tokens[self.at].kind

    @property
    def word(self) -> str:
        """The current word in capitals, or "" if the token is not a word."""
        return self.word_at(0)

    def token_at(self, offset: int) -> Token:
        return self.tokens[min(self.at + offset, len(self.tokens) - 1)]

    def kind_at(self, offset: int) -> str:
        return self.token_at(offset).kind

    def word_at(self, offset: int) -> str:
        token = self.token_at(offset)
        return token.text.upper() if token.kind == "word" else ""

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def take_if(self, kind: str) -> bool:
        if self.kind == kind:
            self.at += 1
            return True
        return False

    def take_word(self, word: str) -> bool:
        if self.word == word:
            self.at += 1
            return True
        return False

    def expect(self, kind: str, detail: str) -> Token:
        """Return the current token and move on. Raises ApiError with this detail if it is of another kind."""
        if self.kind != kind:
            raise malformed(detail)
        return self.take()

    def expect_word(self, word: str, detail: str) -> None:
        if not self.take_word(word):
            raise malformed(detail)

    def is_at_end(self) -> bool:
        return self.kind in ("end", ";")

    def finish(self) -> None:
        """Check that the whole statement was read and every parameter was used."""
        self.take_if(";")
        if self.kind != "end":
            raise malformed("Unexpected token after expression")
        if self.used_parameters != len(self.parameters):
            raise _parameter_count()

    def unexpected(self) -> ApiError:
        """Return the error for the current token where an expression must begin."""
        if self.kind in _OPERATORS or self.word in _OPERATORS:
            return malformed("Unexpected operator")
        return malformed("Unexpected keyword" if self.word in RESERVED else "Unexpected term")

    def deeper(self, parse: Callable[[], Any]) -> Any:
        """Parse a part that may contain others of its kind."""
        self.level += 1
        if self.level > _LEVELS:
            raise validation_error("The expression is nested too deeply;")
        part = parse()
        self.level -= 1
        return part

    def count_operator(self) -> None:
        self.operators += 1
        if self.operators > EXPRESSION_OPERATORS:
            raise validation_error(f"The expression contains too many operators; operator count: {self.operators}")

    def list_of(self, parse: Callable[[], Any]) -> list[Any]:
        """Parse one or more parts separated by commas."""
        parts = [parse()]
        while self.take_if(","):
            parts.append(parse())
        return parts

    # Statements

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
        paths = None if self.take_if("*") else self.projection()
        self.expect_word("FROM", "Expected FROM")
        source = self.source("Unexpected term")
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
        return Select(source, paths, where, order)

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
        if self.kind in _ARITHMETIC:
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
            raise _unsupported_operator("Update", tree)
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

    # Conditions. These methods may return an operand; the caller decides whether one is allowed.

    def where(self) -> Condition | None:
        """Parse WHERE, if the statement has it."""
        if not self.take_word("WHERE"):
            return None
        return self.as_condition(self.disjunction())

    def disjunction(self) -> Condition | Operand:
        return self.junction("OR", lambda: self.junction("AND", self.negation))

    def junction(self, keyword: str, parse: Callable[[], Condition | Operand]) -> Condition | Operand:
        first = parse()
        if self.word != keyword:
            return first
        terms = [self.as_condition(first)]
        while self.take_word(keyword):
            self.count_operator()
            self.check_right_side()
            terms.append(self.as_condition(parse()))
        return Junction(keyword.lower(), tuple(terms))

    def check_right_side(self) -> None:
        if self.is_at_end():
            raise malformed("Missing right-hand side expression of infix operator")

    def negation(self) -> Condition | Operand:
        negations = 0
        while self.take_word("NOT"):
            self.count_operator()
            negations += 1
        tree = self.comparison()
        if not negations:
            return tree
        return _negated(self.as_condition(tree), negations % 2 == 1)

    def comparison(self) -> Condition | Operand:
        left = self.sum()
        while True:
            is_negated = self.word == "NOT" and self.word_at(1) in ("IN", "BETWEEN", "LIKE")
            word = self.word_at(1) if is_negated else self.word
            if self.kind in _COMPARATORS:
                left = self.compared(left)
            elif word == "IS":
                left = self.type_test(left)
            elif word == "IN":
                self.at += 1 + is_negated
                left = _negated(self.membership(left), is_negated)
            elif word == "BETWEEN":
                self.at += 1 + is_negated
                left = _negated(self.between(left), is_negated)
            elif word == "LIKE":
                raise validation_error("Unsupported operator in Condition Expression. Operator: like")
            else:
                return left

    def compared(self, left: Condition | Operand) -> Condition:
        operator = _COMPARATORS[self.take().kind]
        self.count_operator()
        self.check_right_side()
        right = self.sum()
        for tree, other in ((left, right), (right, left)):
            if isinstance(tree, Junction | Not | Predicate) and operator in ("=", "<>"):
                # A condition can be compared with true and false only.
                if not isinstance(other, Value) or "BOOL" not in other.content:
                    break
                return _negated(tree, other.content["BOOL"] != (operator == "="))
        return Predicate(operator, (self.as_operand(left), self.as_operand(right)))

    def type_test(self, left: Condition | Operand) -> Condition:
        token = self.take()
        self.count_operator()
        is_negated = self.take_word("NOT")
        word = self.word
        if not isinstance(left, Path | Value):
            raise validation_error("The left hand side argument to IS must be a Variable Reference, Literal, or Path")
        if word in _OTHER_TYPES:
            raise validation_error(
                f"Unsupported data type for IS operator: {word}. Supported data types are "
                f"[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at {token.position}"
            )
        if word != "MISSING" and word not in _TYPES:
            raise malformed("Expected type name")
        self.at += 1
        if word == "MISSING":
            return Predicate("attribute_exists" if is_negated else "attribute_not_exists", (left,))
        return _negated(Predicate("attribute_type", (left, Value({"S": _TYPES[word]}))), is_negated)

    def membership(self, left: Condition | Operand) -> Condition:
        self.count_operator()
        closing = {"[": "]", "(": ")", "<<": ">>"}.get(self.kind)
        if closing is None or self.kind_at(1) == closing:
            raise validation_error(
                "IN operator must have a left hand argument of type Variable Reference and right hand argument of type "
                "Seq with at least one member"
            )
        self.at += 1
        members = self.deeper(lambda: self.list_of(lambda: self.as_operand(self.sum())))
        self.expect(closing, "Expected RIGHT_PAREN" if closing == ")" else "Unexpected term")
        if len(members) > IN_OPERANDS:
            raise validation_error(
                f"The IN operator is provided with too many operands; number of operands: {len(members)}"
            )
        return Predicate("in", (self.as_operand(left), *members))

    def between(self, left: Condition | Operand) -> Condition:
        self.count_operator()
        low = self.as_operand(self.sum())
        self.expect_word("AND", "Expected AND after BETWEEN")
        self.check_right_side()
        return Predicate("between", (self.as_operand(left), low, self.as_operand(self.sum())))

    def as_condition(self, tree: Condition | Operand) -> Condition:
        """Return the tree as a condition. Raises ApiError for a path, a value or a number."""
        if isinstance(tree, Junction | Not | Predicate):
            return tree
        raise validation_error(_NO_BOOLEAN)

    def as_operand(self, tree: Condition | Operand) -> Operand:
        """Return the tree as an operand. Raises ApiError for a condition."""
        if isinstance(tree, Junction | Not | Predicate):
            raise _unsupported_operator("Update" if self.is_update else "Condition", tree)
        return tree

    # Operands

    def sum(self) -> Condition | Operand:
        left = self.operand()
        terms = 0
        while self.kind in _ARITHMETIC:
            operator = self.take().kind
            self.count_operator()
            self.check_right_side()
            terms += 1
            if not self.is_update or operator not in ("+", "-"):
                clause = "Update" if self.is_update else "Condition"
                raise validation_error(f"Unsupported operator in {clause} Expression. Operator: {operator}")
            if terms > _LEVELS:
                raise validation_error("The expression is nested too deeply;")
            left = Call(operator, (self.as_operand(left), self.as_operand(self.operand())))
        return left

    def operand(self) -> Condition | Operand:
        """Parse a path, a value, a function, or an expression in parentheses."""
        if self.take_if("("):
            tree: Condition | Operand = self.deeper(self.disjunction)
            self.expect(")", "Expected RIGHT_PAREN")
            return tree
        if self.kind in ("+", "-") and self.kind_at(1) != "number":
            raise validation_error(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {self.kind}, number of operands: 1"
            )
        if self.word == "MISSING":
            raise validation_error("MISSING must be compared using IS operator")
        if self.is_literal():
            return Value(self.literal())
        if self.kind == "word" and self.kind_at(1) == "(":
            return self.call()
        if self.is_path():
            return self.path()
        raise self.unexpected()

    def call(self) -> Condition | Operand:
        token = self.take()
        name = token.text.lower()
        if name == "exists" and self.word_at(1) == "SELECT":
            raise validation_error("EXISTS can only be used in ExecuteTransaction write requests.")
        operands = self.operands()
        self.count_operator()
        allowed, others, article = CONDITION_FUNCTIONS, UPDATE_FUNCTIONS, "a condition"
        if self.is_update:
            allowed, others, article = UPDATE_FUNCTIONS, CONDITION_FUNCTIONS, "an update"
        if name in others:
            raise validation_error(f"The function is not allowed in {article} expression; function: {name}")
        if name not in allowed:
            raise validation_error(f"Unrecognized function: {name} at {token.position}")
        if len(operands) != allowed[name]:
            raise validation_error(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(operands)}"
            )
        if self.is_update or name == "size":
            return Call(name, tuple(operands))
        return Predicate(name, tuple(operands))

    def operands(self) -> list[Operand]:
        """Parse the operands of a function, in parentheses."""
        self.at += 1
        if self.take_if(")"):
            return []
        operands: list[Operand] = self.deeper(lambda: self.list_of(lambda: self.as_operand(self.sum())))
        self.expect(")", "Expected RIGHT_PAREN")
        return operands

    # Paths

    def is_path(self) -> bool:
        """Return whether the current token is a name that is not reserved."""
        return self.kind == "identifier" or (self.kind == "word" and self.word not in RESERVED)

    def path(self) -> Path:
        """Parse a document path: a name, then any number of .name, ['name'] and [index]."""
        elements: list[str | int] = [self.name()]
        while True:
            if self.take_if("."):
                if self.kind == "*":
                    raise _no_wildcards("Unpivot path component like a.*.b", self.token.position)
                if not self.is_path():
                    raise malformed("Invalid path dot component")
                elements.append(self.name())
            elif self.take_if("["):
                if self.kind == "*":
                    raise _no_wildcards("Wildcard path component like a[*].b", self.token.position)
                elements.append(self.path_key())
                self.expect("]", "Expected RIGHT_BRACKET")
            else:
                break
        if len(elements) > NESTING_LEVELS:
            raise validation_error(f"The document path has too many nesting levels; nesting levels: {len(elements)}")
        return Path(tuple(elements))

    def name(self) -> str:
        return _not_empty(self.take().content)

    def path_key(self) -> str | int:
        token = self.take()
        if token.kind == "string":
            return _not_empty(token.content)
        sign = "-" if token.kind == "-" else ""
        if sign:
            token = self.take()
        if token.kind != "number":
            raise malformed("Unexpected path component")
        if sign or not token.text.isdigit() or len(token.text) > 9:
            raise validation_error(
                f"List index is not within the allowable range; index: [{sign}{token.text}] at {token.position}"
            )
        return int(token.text)

    # Values

    def is_literal(self) -> bool:
        return self.kind in ("string", "number", "?", "[", "<<", "{", "+", "-") or self.word in (
            *("TRUE", "FALSE", "NULL"),
        )

    def literal(self) -> AttributeValue:
        """Parse a value: a literal or a question mark."""
        token = self.token
        word = self.word
        if self.take_if("?"):
            self.used_parameters += 1
            if self.used_parameters > len(self.parameters):
                raise _parameter_count()
            return self.parameters[self.used_parameters - 1]
        if self.take_if("("):
            value: AttributeValue = self.deeper(self.literal)
            self.expect(")", "Expected RIGHT_PAREN")
            return value
        if token.kind == "[":
            return self.deeper(self.list_value)  # type: ignore[no-any-return]
        if token.kind == "<<":
            return self.set_value()
        if token.kind == "{":
            return {"M": self.deeper(lambda: self.struct(is_item=False))}
        if token.kind in ("number", "+", "-"):
            return self.number()
        if token.kind != "string" and word not in ("TRUE", "FALSE", "NULL"):
            if self.is_at_end() or (token.kind not in ("word", "identifier", *_ARITHMETIC)):
                raise self.unexpected()
            raise validation_error(f"Unsupported data type: {token.content} under key {self.where_in_value()}")
        self.at += 1
        if token.kind == "string":
            return {"S": token.content}
        return {"NULL": True} if word == "NULL" else {"BOOL": word == "TRUE"}

    def where_in_value(self) -> str:
        return f"root{self.place} at {self.token.position}"

    def inside(self, place: str, parse: Callable[[], AttributeValue]) -> AttributeValue:
        """Parse a part of a value. place: of the part in it, for error messages."""
        outer, self.place = self.place, self.place + place
        value = parse()
        self.place = outer
        return value

    def number(self) -> AttributeValue:
        sign = self.take().kind if self.kind in ("+", "-") else ""
        text = self.expect("number", "Unexpected term").text
        mantissa, _, exponent = text.lower().partition("e")
        power = int(exponent[:20] or "0")
        if max(abs(power), abs(len(mantissa.partition(".")[2]) - power)) > _MAX_EXPONENT:
            raise malformed("")
        try:
            return {"N": numbers.canonical(("-" if sign == "-" else "") + text)}
        except ApiError as error:
            raise validation_error(f"{error.message} under root{self.place}") from None

    def list_value(self) -> AttributeValue:
        self.at += 1
        members: list[AttributeValue] = []
        if not self.take_if("]"):
            self.list_of(lambda: members.append(self.inside(f"[{len(members)}]", self.literal)))
            self.expect("]", "Expected RIGHT_BRACKET")
        return {"L": members}

    def struct(self, *, is_item: bool) -> Item:
        """Parse a struct as an item or as the content of a map."""
        self.at += 1
        item: Item = {}
        if not self.take_if("}"):
            self.list_of(lambda: self.member(item, is_item))
            self.expect("}", "Expected RIGHT_CURLY")
        return item

    def member(self, item: Item, is_item: bool) -> None:
        token = self.token
        if token.kind != "string":
            if not self.is_path():
                raise self.unexpected()
            raise validation_error(
                f"Tuple keys must be of type String. Actual type: VariableReference under {self.where_in_value()}"
            )
        name = _not_empty(token.content)
        if name in item:
            raise validation_error(f"Duplicate keys in tuple. Key: {name} under {self.where_in_value()}")
        self.at += 1
        self.expect(":", "Expected COLON")
        item[name] = self.inside("" if is_item else f".{name}", self.literal)
        if self.kind in _ARITHMETIC or self.kind == "(":
            raise validation_error(f"Unsupported data type: {self.kind} under key {self.where_in_value()}")

    def set_value(self) -> AttributeValue:
        self.at += 1
        if self.take_if(">>"):
            raise validation_error("Empty bags are not supported")
        kinds = set()
        members = []
        while True:
            token = self.token
            ((kind, content),) = self.literal().items()
            kinds.add(kind)
            members.append(content)
            if len(kinds) > 1 or kind not in ("S", "N", "B"):
                raise validation_error(
                    "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags "
                    f"at {token.position}"
                )
            if not self.take_if(","):
                break
        self.expect(">>", "Unexpected term")
        if len(set(members)) < len(members):
            raise validation_error(
                "One or more parameter values were invalid: "
                f"Input collection [{', '.join(map(str, members))}] contains duplicates."
            )
        return {kinds.pop() + "S": members}


def result_name(path: Path) -> str:
    """Return the name of a projected path in the result: its last attribute name and the indexes after it."""
    last = max(at for at, element in enumerate(path.elements) if isinstance(element, str))
    return str(path.elements[last]) + "".join(f"[{index}]" for index in path.elements[last + 1 :])


def _negated(condition: Condition, is_negated: bool) -> Condition:
    return Not(condition) if is_negated else condition


def _not_empty(name: str) -> str:
    if not name:
        raise validation_error("Path component cannot be an empty string")
    return name


def _unsupported_operator(clause: str, tree: Condition) -> ApiError:
    operator = tree.kind if isinstance(tree, Junction) else "not" if isinstance(tree, Not) else tree.operator
    return validation_error(f"Unsupported operator in {clause} Expression. Operator: {operator}")


def _no_reference(kind: str) -> ApiError:
    return validation_error(f"Argument to ORDER BY must be of type VariableReference. Type: {kind}")


def _no_wildcards(form: str, position: str) -> ApiError:
    return validation_error(f"{form} are not supported at {position}")


def _aliasing() -> ApiError:
    return validation_error("Aliasing is not supported")


def _parameter_count() -> ApiError:
    return validation_error("Number of parameters in request and statement don't match.")
