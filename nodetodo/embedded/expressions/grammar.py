"""Parses DynamoDB's expressions: a recursive descent parser for conditions, updates and projections.

A parsed expression is the same for every request with the same text, so it can be cached. Limits and error messages are
DynamoDB's own (measured with DynamoDB Local, which uses the same parser).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError, validation_error
from ..limits import EXPRESSION_OPERATORS, IN_OPERANDS, NESTING_LEVELS
from .lexer import syntax_error, tokenize
from .nodes import Action, Call, Junction, Not, Path, Predicate, Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from .nodes import Condition, Operand

    Part = TypeVar("Part")

# Deeper than any useful expression. It keeps a hostile one from exhausting Python's stack.
_PARENTHESES = 100

_COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
# Functions and the number of their operands.
CONDITION_FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
UPDATE_FUNCTIONS = {"if_not_exists": 2, "list_append": 2}
_KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
_SECTIONS = frozenset({"SET", "REMOVE", "ADD", "DELETE"})


def parse_condition(text: str, parameter: str) -> Condition:
    """Parse a condition, a filter or a key condition."""
    parser = _Parser(text, parameter)
    condition = parser.as_condition(parser.disjunction(0))
    parser.finish()
    return condition


def parse_update(text: str, parameter: str) -> list[Action]:
    """Parse an update expression into its actions, in the order of the text."""
    parser = _Parser(text, parameter, is_update=True)
    actions = parser.sections()
    parser.finish()
    return actions


def parse_projection(text: str, parameter: str) -> list[Path]:
    """Parse a projection into its paths, in the order of the text."""
    parser = _Parser(text, parameter)
    paths = parser.list_of(parser.path)
    parser.finish()
    return paths


class _Parser:
    """The tokens of one expression and the current position in them."""

    def __init__(self, text: str, parameter: str, is_update: bool = False) -> None:
        self.text = text
        self.parameter = parameter
        self.is_update = is_update
        self.tokens = tokenize(text, parameter)
        self.at = 0
        self.operators = 0
        # The first and last token of the parentheses that were closed last.
        self.closed = (-1, -1)
        # Errors that DynamoDB reports only if the syntax is right. `finish` raises the first.
        self.deferred: list[str] = []

    # Tokens

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind

    def keyword(self) -> str:
        """Return the current word in capitals, or "" if the token is not a word."""
        token = self.tokens[self.at]
        return token.text.upper() if token.kind == "name" else ""

    def take(self, kind: str) -> str:
        """Return the current token's text and move on. Raises ApiError if it is of another kind."""
        token = self.tokens[self.at]
        if token.kind != kind:
            raise self.unexpected()
        self.at += 1
        return token.text

    def take_if(self, kind: str) -> bool:
        if self.tokens[self.at].kind == kind:
            self.at += 1
            return True
        return False

    def take_keyword(self, word: str) -> bool:
        if self.keyword() == word:
            self.at += 1
            return True
        return False

    def unexpected(self) -> ApiError:
        return syntax_error(self.text, self.tokens, self.at, self.parameter)

    def error(self, message: str) -> ApiError:
        return validation_error(f"Invalid {self.parameter}: {message}")

    def count_operator(self) -> None:
        self.operators += 1
        if self.operators > EXPRESSION_OPERATORS:
            raise self.error(f"The expression contains too many operators; operator count: {self.operators}")

    def finish(self) -> None:
        """Check that all tokens were read. Raises ApiError if one is left or if an error was deferred."""
        if self.kind != "end":
            raise self.unexpected()
        if self.deferred:
            raise self.error(self.deferred[0])

    def list_of(self, parse: Callable[[], Part]) -> list[Part]:
        """Parse one or more parts separated by commas."""
        parts = [parse()]
        while self.take_if(","):
            parts.append(parse())
        return parts

    # Conditions. These methods may return a bare operand; the caller decides whether one is allowed.

    def disjunction(self, level: int) -> Condition | Operand:
        return self.junction("OR", lambda: self.junction("AND", lambda: self.negation(level)))

    def junction(self, keyword: str, parse: Callable[[], Condition | Operand]) -> Condition | Operand:
        first = parse()
        if self.keyword() != keyword:
            return first
        terms = [self.as_condition(first)]
        while self.take_keyword(keyword):
            self.count_operator()
            terms.append(self.as_condition(parse()))
        return Junction(keyword.lower(), tuple(terms))

    def negation(self, level: int) -> Condition | Operand:
        negations = 0
        while self.take_keyword("NOT"):
            self.count_operator()
            negations += 1
        tree = self.comparison(level)
        if not negations:
            return tree
        condition = self.as_condition(tree)
        for _ in range(negations):
            condition = Not(condition)
        return condition

    def comparison(self, level: int) -> Condition | Operand:
        left = self.parenthesized(level, self.disjunction) if self.kind == "(" else self.operand(level)
        if isinstance(left, Junction | Not | Predicate):
            return left
        kind, keyword = self.kind, self.keyword()
        if kind not in _COMPARATORS and keyword not in ("BETWEEN", "IN"):
            return left
        self.at += 1
        self.count_operator()
        operands = [self.as_operand(left)]
        if kind in _COMPARATORS:
            operands.append(self.as_operand(self.operand(level)))
            return Predicate(kind, tuple(operands))
        if keyword == "BETWEEN":
            operands.append(self.as_operand(self.operand(level)))
            if not self.take_keyword("AND"):
                raise self.unexpected()
            operands.append(self.as_operand(self.operand(level)))
            return Predicate("between", tuple(operands))
        self.take("(")
        members = self.list_of(lambda: self.as_operand(self.operand(level)))
        self.take(")")
        if len(members) > IN_OPERANDS:
            raise self.error(f"The IN operator is provided with too many operands; number of operands: {len(members)}")
        return Predicate("in", (*operands, *members))

    def parenthesized(self, level: int, parse: Callable[[int], Part]) -> Part:
        """Parse a part in parentheses. A second pair around the whole part is an error."""
        if level >= _PARENTHESES:
            raise self.error("The expression is nested too deeply;")
        start = self.at
        self.take("(")
        part = parse(level + 1)
        redundant = self.closed == (start + 1, self.at - 1)
        self.take(")")
        if redundant:
            self.deferred.insert(0, "The expression has redundant parentheses;")
        self.closed = (start, self.at - 1)
        return part

    def as_condition(self, tree: Condition | Operand) -> Condition:
        """Return the tree as a condition. Raises ApiError for a path or a value."""
        if isinstance(tree, Path | Value):
            raise self.unexpected()
        if isinstance(tree, Call):
            if tree.function == "size":
                self.defer_misuse("size")
            return Predicate(tree.function, tree.operands)
        return tree

    def as_operand(self, operand: Operand) -> Operand:
        """Return the operand. Defers an error for a function that returns true or false."""
        if isinstance(operand, Call) and operand.function in CONDITION_FUNCTIONS and operand.function != "size":
            self.defer_misuse(operand.function)
        return operand

    def defer_misuse(self, function: str) -> None:
        self.deferred.append(f"The function is not allowed to be used this way in an expression; function: {function}")

    # Operands

    def operand(self, level: int) -> Operand:
        """Parse a path, a value or a function, with or without parentheses."""
        if self.kind == "(":
            return self.parenthesized(level, self.operand)
        if self.kind == ":":
            return Value(self.take(":"))
        if self.kind == "name" and self.tokens[self.at + 1].kind == "(":
            return self.call(level)
        return self.path()

    def call(self, level: int) -> Call:
        if level >= _PARENTHESES:
            raise self.error("The expression is nested too deeply;")
        name = self.take("name")
        self.take("(")
        operands = self.list_of(lambda: self.as_operand(self.operand(level + 1)))
        self.take(")")
        self.count_operator()
        allowed, others, article = CONDITION_FUNCTIONS, UPDATE_FUNCTIONS, "a condition"
        if self.is_update:
            allowed, others, article = UPDATE_FUNCTIONS, CONDITION_FUNCTIONS, "an update"
        if name in others:
            self.deferred.append(f"The function is not allowed in {article} expression; function: {name}")
        elif name not in allowed:
            self.deferred.append(f"Invalid function name; function: {name}")
        elif len(operands) != allowed[name]:
            self.deferred.append(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(operands)}"
            )
        return self.without_list_append(Call(name, tuple(operands)))

    def without_list_append(self, call: Call) -> Call:
        """Return the call. Defers an error if one of its operands is list_append."""
        if any(isinstance(operand, Call) and operand.function == "list_append" for operand in call.operands):
            self.defer_misuse("list_append")
        return call

    def path(self) -> Path:
        """Parse a document path: a name, then any number of .name and [index]."""
        elements: list[str | int] = [self.name()]
        while True:
            if self.take_if("."):
                elements.append(self.name())
            elif self.take_if("["):
                index = self.take("index")
                self.take("]")
                if len(index) > 9:
                    self.deferred.append(f"List index is not within the allowable range; index: [{index}]")
                elements.append(int(index[:10]))
            else:
                break
        if len(elements) > NESTING_LEVELS:
            self.deferred.append(f"The document path has too many nesting levels; nesting levels: {len(elements)}")
        return Path(tuple(elements))

    def name(self) -> str:
        """Parse an attribute name or its placeholder."""
        if self.kind == "#":
            return self.take("#")
        name = self.take("name")
        from .reserved_words import is_reserved

        if is_reserved(name):
            if name.upper() in _KEYWORDS:
                self.at -= 1
                raise self.unexpected()
            self.deferred.append(f"Attribute name is a reserved keyword; reserved keyword: {name}")
        return name

    # Updates

    def sections(self) -> list[Action]:
        actions: list[Action] = []
        seen: set[str] = set()
        while self.kind != "end" or not seen:
            section = self.keyword()
            if section not in _SECTIONS:
                raise self.unexpected()
            self.at += 1
            if section in seen:
                self.deferred.append(f'The "{section}" section can only be used once in an update expression;')
            seen.add(section)
            actions += self.section(section)
        return actions

    def section(self, keyword: str) -> list[Action]:
        return self.list_of(lambda: self.action(keyword))

    def action(self, section: str) -> Action:
        path = self.path()
        operand: Operand | None = None
        if section == "SET":
            self.take("=")
        self.count_operator()
        if section == "SET":
            operand = self.assigned(0)
        elif section != "REMOVE":
            operand = Value(self.take(":"))
        return Action(section, path, operand)

    def assigned(self, level: int) -> Operand:
        """Parse the right side of SET: an operand, or the sum or difference of two, with or without parentheses."""
        left = self.parenthesized(level, self.assigned) if self.kind == "(" else self.operand(level)
        if self.kind not in ("+", "-") or (isinstance(left, Call) and left.function in ("+", "-")):
            return left
        operator = self.take(self.kind)
        self.count_operator()
        return self.without_list_append(Call(operator, (left, self.operand(level))))
