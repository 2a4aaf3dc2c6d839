"""`$name` and `$(…)`: arguments and exact rational arithmetic in definitions, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..wording import did_you_mean, name_list, quote, value_text
from .scalars import number

LARGEST = 10**9
DEEPEST = 50
LONGEST = 1000
LONGEST_NUMBER = 100

NAME = re.compile(r"\$([A-Za-z_]\w*)\Z")
WRAPPED = re.compile(r"\$\((.*)\)\Z", re.DOTALL)
TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>//|[<>=!]=|[-+*/%(),<>]))"
)
END = ("end", "")


class BadExpression(ValueError):
    """An expression that cannot be evaluated; the text says why."""


def evaluate(text: str, arguments: Mapping[str, Any]) -> Any:
    """The value of `$name` or `$(…)`: whole numbers as int, others as exact fractions.

    >>> evaluate("$(16 * widen)", {"widen": 10})
    160
    """
    if match := NAME.match(text):
        return _simplify(_argument(match[1], arguments))
    match = WRAPPED.match(text)
    if match is None:
        hint = "; put an expression with a comma in quotes" if text.startswith("$(") else ""
        raise BadExpression(f"{quote(text)} is neither $name nor $(…){hint}")
    if len(text) > LONGEST:
        raise BadExpression(f"expression {quote(text)} is longer than {LONGEST} characters")
    return _simplify(_Parser(text, match[1], arguments).result())


def _argument(name: str, arguments: Mapping[str, Any]) -> Any:
    if name not in arguments:
        known = f"known arguments: {name_list(arguments) or 'there are none'}"
        hint = did_you_mean(name, arguments, known)
        raise BadExpression(f"no argument is named {quote(name)}; {hint}")
    return arguments[name]


def _simplify(value: Any) -> Any:
    if isinstance(value, bool) or not hasattr(value, "denominator"):
        return value
    if abs(value.numerator) > LARGEST or value.denominator > LARGEST:
        raise BadExpression("numbers of a definition go up to 10^9, fractions down to 1/10^9")
    return value.numerator if value.denominator == 1 else value


def _floor_half_up(value: Any) -> int:
    doubled: int = (2 * value + 1) // 2
    return doubled


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "round": _floor_half_up,
    "ceil": lambda value: -(-value // 1),
    "floor": lambda value: value // 1,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: _equal(a, b),
    "!=": lambda a, b: not _equal(a, b),
}


def _equal(a: Any, b: Any) -> bool:
    """Whether two values are the same; a boolean is no number."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _quotient(a: Any, b: Any) -> Any:
    from fractions import Fraction

    return Fraction(a) / b


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}


class _Parser:
    """Recursive descent over one expression: comparison, sum, product, sign, atom."""

    def __init__(self, whole: str, text: str, arguments: Mapping[str, Any]) -> None:
        self.whole = whole
        self.arguments = arguments
        self.tokens = self._tokens(text)
        self.depth = 0

    def fail(self, reason: str) -> BadExpression:
        return BadExpression(f"expression {quote(self.whole)}: {reason}")

    def _tokens(self, text: str) -> list[tuple[str, str]]:
        tokens, place = [], 0
        text = text.rstrip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None:
                raise self.fail(f"{quote(text[place:].strip()[0])} has no meaning here")
            tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            place = match.end()
        return [*tokens, END][::-1]

    def result(self) -> Any:
        value = self.comparison()
        if self.tokens[-1] != END:
            raise self.fail(f"{quote(self.tokens[-1][1])} is not expected here")
        return value

    def accept(self, *signs: str) -> str | None:
        kind, text = self.tokens[-1]
        if kind == "sign" and text in signs:
            self.tokens.pop()
            return text
        return None

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise self.fail(f"{quote(sign)} is missing")

    def comparison(self) -> Any:
        value = self.sum()
        if sign := self.accept(*COMPARISONS):
            other = self.sum()
            if sign not in ("==", "!="):
                self.numbers(value, other)
            return COMPARISONS[sign](value, other)
        return value

    def sum(self) -> Any:
        value = self.product()
        while sign := self.accept("+", "-"):
            value = self.calculate(sign, value, self.product())
        return value

    def product(self) -> Any:
        value = self.sign_and_atom()
        while sign := self.accept("*", "//", "/", "%"):
            value = self.calculate(sign, value, self.sign_and_atom())
        return value

    def sign_and_atom(self) -> Any:
        negative = False
        while sign := self.accept("-", "+"):
            negative ^= sign == "-"
        value = self.atom()
        return self.calculate("-", 0, value) if negative else value

    def atom(self) -> Any:
        kind, text = self.tokens.pop()
        if kind == "number":
            return self.number(text)
        if kind == "name" and self.accept("("):
            return self.call(text)
        if kind == "name":
            return _argument(text, self.arguments)
        if text == "(":
            value = self.nest(self.comparison)
            self.expect(")")
            return value
        self.tokens.append((kind, text))
        raise self.fail(f"{quote(text)} is not expected here" if text else "it ends too early")

    def nest(self, parse: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail(f"nested deeper than {DEEPEST} levels")
        value = parse()
        self.depth -= 1
        return value

    def call(self, name: str) -> Any:
        function = FUNCTIONS.get(name)
        if function is None:
            raise self.fail(f"{quote(name)} is no function; use {', '.join(FUNCTIONS)}")
        values = [self.nest(self.comparison)]
        while self.accept(","):
            values.append(self.nest(self.comparison))
        self.expect(")")
        self.numbers(*values)
        several = name in ("min", "max")
        if (len(values) == 1) == several:
            raise self.fail(f"{name} takes {'two values or more' if several else 'one value'}")
        return _simplify(function(*values))

    def number(self, text: str) -> Any:
        if len(text) > LONGEST_NUMBER:
            raise self.fail(f"a number is longer than {LONGEST_NUMBER} digits")
        if text[0] == "0" and text[1:2].isdigit():
            raise self.fail(f"{quote(text)} begins with a 0; write it without")
        return _simplify(number(text))

    def numbers(self, *values: Any) -> None:
        for value in values:
            if isinstance(value, bool) or not hasattr(value, "denominator"):
                raise self.fail(f"{value_text(value)} is not a number")

    def calculate(self, sign: str, one: Any, other: Any) -> Any:
        self.numbers(one, other)
        if sign in ("/", "//", "%") and other == 0:
            raise self.fail("it divides by 0")
        return _simplify(ARITHMETIC[sign](one, other))
