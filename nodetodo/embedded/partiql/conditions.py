"""Parses the conditions and the operands of a statement into the nodes of expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError, validation_error
from ..expressions.grammar import CONDITION_FUNCTIONS, UPDATE_FUNCTIONS
from ..expressions.nodes import Call, Junction, Not, Path, Predicate, Value
from ..limits import EXPRESSION_OPERATORS, IN_OPERANDS
from .lexer import malformed
from .tokens import ARITHMETIC, COMPARATORS, LEVELS
from .values import ValueParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..expressions.nodes import Condition, Operand
    from ..values import Value as AttributeValue

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
_NO_BOOLEAN = "WHERE clause must contain an expression that resolves to a boolean"


class ConditionParser(ValueParser):
    """Parses conditions and operands. A method may return either; its caller decides which one is allowed."""

    def __init__(self, text: str, parameters: list[AttributeValue]) -> None:
        super().__init__(text, parameters)
        self.operators = 0
        self.is_update = False  # whether the current expression is a value of SET

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
            if self.kind in COMPARATORS:
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
        operator = COMPARATORS[self.take().kind]
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
            raise unsupported_operator("Update" if self.is_update else "Condition", tree)
        return tree

    def sum(self) -> Condition | Operand:
        left = self.operand()
        terms = 0
        while self.kind in ARITHMETIC:
            operator = self.take().kind
            self.count_operator()
            self.check_right_side()
            terms += 1
            if not self.is_update or operator not in ("+", "-"):
                clause = "Update" if self.is_update else "Condition"
                raise validation_error(f"Unsupported operator in {clause} Expression. Operator: {operator}")
            if terms > LEVELS:
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

    def count_operator(self) -> None:
        self.operators += 1
        if self.operators > EXPRESSION_OPERATORS:
            raise validation_error(f"The expression contains too many operators; operator count: {self.operators}")


def _negated(condition: Condition, is_negated: bool) -> Condition:
    return Not(condition) if is_negated else condition


def unsupported_operator(clause: str, tree: Condition) -> ApiError:
    """Return the error for a condition where a clause, Condition or Update, needs an operand."""
    operator = tree.kind if isinstance(tree, Junction) else "not" if isinstance(tree, Not) else tree.operator
    return validation_error(f"Unsupported operator in {clause} Expression. Operator: {operator}")
