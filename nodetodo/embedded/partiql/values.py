"""Parses the paths and the values of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import numbers
from ..errors import ApiError, validation_error
from ..expressions.nodes import Path
from ..limits import NESTING_LEVELS
from .keywords import RESERVED
from .lexer import malformed
from .tokens import ARITHMETIC, TokenParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..values import Item
    from ..values import Value as AttributeValue

_MAX_EXPONENT = 2**31 - 1


class ValueParser(TokenParser):
    """Parses paths, literals and question marks. parameters: the values for the question marks, in normal form."""

    def __init__(self, text: str, parameters: list[AttributeValue]) -> None:
        super().__init__(text)
        self.parameters = parameters
        self.used_parameters = 0
        self.place = ""  # of the current literal inside its attribute value, such as .x[1]

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
                raise parameter_count()
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
            if self.is_at_end() or (token.kind not in ("word", "identifier", *ARITHMETIC)):
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
        if self.kind in ARITHMETIC or self.kind == "(":
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


def _not_empty(name: str) -> str:
    if not name:
        raise validation_error("Path component cannot be an empty string")
    return name


def _no_wildcards(form: str, position: str) -> ApiError:
    return validation_error(f"{form} are not supported at {position}")


def parameter_count() -> ApiError:
    """Return the error for a statement that has not as many question marks as parameters."""
    return validation_error("Number of parameters in request and statement don't match.")
