"""The grammar of DynamoDB's expressions: one recursive descent parser for conditions, updates and projections.

A parsed expression is a tree of tuples, the same for every request that carries the text, and so kept:

    operand     ("path", ("#a", 0, "b")) | (":", ":v") | ("call", "size", [operand, …])
    condition   ("or" | "and", [condition, …]) | ("not", condition) | ("=" | "<>" | "<" | …, left, right)
                | ("between", operand, low, high) | ("in", operand, [operand, …]) | ("call", name, [operand, …])
    update      [(action, path, operand)], actions being SET, REMOVE, ADD and DELETE; SET has operands, and
                ("+" | "-", left, right)
    projection  [path, …]

Limits and wording are DynamoDB's, as its own answers have them (measured with DynamoDB Local, which shares the parser).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ApiError, invalid
from .lexer import Token, syntax_error, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

Node = Any  # tuples as above

OPERATORS = 300  # in one expression
IN_OPERANDS = 100
PATH_LEVELS = 32
# Deeper than any expression that says something; it keeps a hostile one from exhausting Python's stack.
NESTED = 100

_COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_OPERANDS = frozenset({"path", ":", "call"})
# Functions and the number of their operands.
_CONDITION_FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
_UPDATE_FUNCTIONS = {"if_not_exists": 2, "list_append": 2}
_KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
ACTIONS = ("SET", "REMOVE", "ADD", "DELETE")


def condition(text: str, parameter: str) -> Node:
    """A condition, filter or key condition, parsed."""
    parser = _Parser(text, parameter, "condition")
    tree = parser.truth(parser.disjunction(0))
    parser.finish()
    return tree


def update(text: str, parameter: str) -> list[tuple[str, Node, Node]]:
    """An update expression, parsed; its actions in the order in which they stand."""
    parser = _Parser(text, parameter, "update")
    actions = parser.sections()
    parser.finish()
    return actions


def projection(text: str, parameter: str) -> list[Node]:
    """A projection, parsed: the paths in their order."""
    parser = _Parser(text, parameter, "projection")
    paths = parser.separated(parser.path)
    parser.finish()
    return paths


class _Parser:
    """The tokens of one expression and the place reached in them."""

    def __init__(self, text: str, parameter: str, language: str) -> None:
        self.text = text
        self.parameter = parameter
        self.language = language
        self.tokens: list[Token] = tokens(text, parameter)
        self.at = 0
        self.operators = 0
        # Errors that DynamoDB reports only for an expression whose syntax is right: the first is raised at the end.
        self.later: list[str] = []

    # Tokens

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    def keyword(self) -> str:
        """The word at this place in capitals, or nothing."""
        kind, text, _, _ = self.tokens[self.at]
        return text.upper() if kind == "name" else ""

    def take(self, kind: str) -> str:
        """The text of the token at this place, which has to be of this kind; the place moves on."""
        if self.tokens[self.at][0] != kind:
            raise self.unexpected()
        self.at += 1
        return self.tokens[self.at - 1][1]

    def take_if(self, kind: str) -> bool:
        if self.tokens[self.at][0] == kind:
            self.at += 1
            return True
        return False

    def take_word(self, word: str) -> bool:
        if self.keyword() == word:
            self.at += 1
            return True
        return False

    def unexpected(self) -> ApiError:
        return syntax_error(self.text, self.tokens, self.at, self.parameter)

    def refusal(self, message: str) -> ApiError:
        return invalid(f"Invalid {self.parameter}: {message}")

    def count_operator(self) -> None:
        self.operators += 1
        if self.operators > OPERATORS:
            raise self.refusal(f"The expression contains too many operators; operator count: {self.operators}")

    def finish(self) -> None:
        if self.kind != "end":
            raise self.unexpected()
        if self.later:
            raise self.refusal(self.later[0])

    def separated(self, one: Any) -> list[Any]:
        """What `one` reads, once and again after every comma."""
        result = [one()]
        while self.take_if(","):
            result.append(one())
        return result

    # Conditions

    def disjunction(self, level: int) -> Node:
        """A condition, or an operand that stands alone: the caller knows which of the two may stand here."""
        return self.joined("OR", lambda: self.joined("AND", lambda: self.negation(level)))

    def joined(self, word: str, one: Any) -> Node:
        first = one()
        if self.keyword() != word:
            return first
        members = [self.truth(first)]
        while self.take_word(word):
            self.count_operator()
            members.append(self.truth(one()))
        return (word.lower(), members)

    def negation(self, level: int) -> Node:
        negations = 0
        while self.take_word("NOT"):
            self.count_operator()
            negations += 1
        tree = self.comparison(level)
        if negations:
            tree = self.truth(tree)
            for _ in range(negations):
                tree = ("not", tree)
        return tree

    def comparison(self, level: int) -> Node:
        left = self.parenthesised(level, self.disjunction) if self.kind == "(" else self.operand(level)
        if _bare(left)[0] not in _OPERANDS:
            return left
        kind, word = self.kind, self.keyword()
        if kind in _COMPARATORS:
            self.at += 1
            self.count_operator()
            return (kind, self.plain(left), self.plain(self.operand(level)))
        if word == "BETWEEN":
            self.at += 1
            self.count_operator()
            low = self.plain(self.operand(level))
            if not self.take_word("AND"):
                raise self.unexpected()
            return ("between", self.plain(left), low, self.plain(self.operand(level)))
        if word == "IN":
            self.at += 1
            self.count_operator()
            self.take("(")
            members = [self.plain(member) for member in self.separated(lambda: self.operand(level))]
            self.take(")")
            if len(members) > IN_OPERANDS:
                raise self.refusal(
                    f"The IN operator is provided with too many operands; number of operands: {len(members)}"
                )
            return ("in", self.plain(left), members)
        return left

    def parenthesised(self, level: int, inside: Callable[[int], Node]) -> Node:
        """What `inside` reads, between parentheses and marked ("()", tree): a second pair around it is redundant."""
        if level >= NESTED:
            raise self.refusal("The expression is nested too deeply;")
        self.take("(")
        tree = inside(level + 1)
        self.take(")")
        if tree[0] == "()":
            self.later.insert(0, "The expression has redundant parentheses;")
        return ("()", tree)

    def truth(self, tree: Node) -> Node:
        """The tree, if it can be true or false; a path or value alone is a syntax error at the token that follows."""
        tree = _bare(tree)
        if tree[0] in ("path", ":"):
            raise self.unexpected()
        if tree[0] == "call" and tree[1] == "size":
            self.misused("size")
        return tree

    def plain(self, tree: Node) -> Node:
        """An operand without its parentheses; a function that gives true or false is none."""
        tree = _bare(tree)
        if tree[0] == "call" and tree[1] in _CONDITION_FUNCTIONS and tree[1] != "size":
            self.misused(tree[1])
        return tree

    def misused(self, function: str) -> None:
        self.later.append(f"The function is not allowed to be used this way in an expression; function: {function}")

    # Operands

    def operand(self, level: int) -> Node:
        """A path, a value or a function, perhaps in parentheses."""
        if self.kind == "(":
            return self.parenthesised(level, self.operand)
        if self.kind == ":":
            return (":", self.take(":"))
        if self.kind == "name" and self.tokens[self.at + 1][0] == "(":
            return self.call(level)
        return self.path()

    def call(self, level: int) -> Node:
        if level >= NESTED:
            raise self.refusal("The expression is nested too deeply;")
        name = self.take("name")
        self.take("(")
        operands = [_bare(operand) for operand in self.separated(lambda: self.operand(level + 1))]
        self.take(")")
        self.count_operator()
        here, elsewhere = _CONDITION_FUNCTIONS, _UPDATE_FUNCTIONS
        if self.language == "update":
            here, elsewhere = elsewhere, here
        if name in elsewhere:
            article = "an update" if self.language == "update" else "a condition"
            self.later.append(f"The function is not allowed in {article} expression; function: {name}")
        elif name not in here:
            self.later.append(f"Invalid function name; function: {name}")
        elif len(operands) != here[name]:
            self.later.append(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(operands)}"
            )
        if any(operand[:2] == ("call", "list_append") for operand in operands):
            self.misused("list_append")
        return ("call", name, operands)

    def path(self) -> Node:
        """A document path: a name, then .name and [index] as often as it goes."""
        elements: list[str | int] = [self.element()]
        while True:
            if self.take_if("."):
                elements.append(self.element())
            elif self.take_if("["):
                index = self.take("index")
                self.take("]")
                if len(index) > 9:
                    self.later.append(f"List index is not within the allowable range; index: [{index}]")
                elements.append(int(index[:10]))
            else:
                break
        if len(elements) > PATH_LEVELS:
            self.later.append(f"The document path has too many nesting levels; nesting levels: {len(elements)}")
        return ("path", tuple(elements))

    def element(self) -> str:
        if self.kind == "#":
            return self.take("#")
        name = self.take("name")
        from .reserved_words import is_reserved

        if is_reserved(name):
            if name.upper() in _KEYWORDS:
                self.at -= 1
                raise self.unexpected()
            self.later.append(f"Attribute name is a reserved keyword; reserved keyword: {name}")
        return name

    # Updates

    def sections(self) -> list[tuple[str, Node, Node]]:
        actions: list[tuple[str, Node, Node]] = []
        seen: set[str] = set()
        while True:
            section = self.keyword()
            if section not in ACTIONS:
                raise self.unexpected()
            self.at += 1
            if section in seen:
                self.later.append(f'The "{section}" section can only be used once in an update expression;')
            seen.add(section)
            actions += self.separated(lambda section=section: self.action(section))
            if self.kind == "end":
                return actions

    def action(self, section: str) -> tuple[str, Node, Node]:
        path = self.path()
        if section == "SET":
            self.take("=")
            self.count_operator()
            return (section, path, _bare(self.assigned()))
        if section == "REMOVE":
            self.count_operator()
            return (section, path, None)
        self.count_operator()
        return (section, path, (":", self.take(":")))

    def assigned(self, level: int = 0) -> Node:
        """The right side of SET: an operand, or the sum or difference of two; all of it perhaps in parentheses."""
        left = self.parenthesised(level, self.assigned) if self.kind == "(" else self.operand(level)
        if self.kind not in ("+", "-") or _bare(left)[0] in ("+", "-"):
            return left
        operator = self.take(self.kind)
        self.count_operator()
        tree = (operator, _bare(left), _bare(self.operand(level)))
        if any(side[:2] == ("call", "list_append") for side in tree[1:]):
            self.misused("list_append")
        return tree


def _bare(tree: Node) -> Node:
    """A tree without the mark of its parentheses."""
    while tree[0] == "()":
        tree = tree[1]
    return tree
