"""Reads formulas as an explanation writes them, numbers put in, and works them out exactly.

A grammar of its own: sums, products, quotients, parentheses, ⌊ ⌋, ⌈ ⌉, max and min.
"""

import math
import re
from fractions import Fraction
from functools import cache

TOKEN = re.compile(r"\d+|max|min|[-+−·/()⌊⌋⌈⌉,]")
CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉"}


class Reading:
    """A text being read, token by token."""

    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        assert "".join(self.tokens) == text.replace(" ", ""), f"not a formula: {text}"
        self.place = 0

    def peek(self):
        """The next token, empty at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *allowed):
        """The next token, which must be one of those allowed (any, if none are named)."""
        token = self.peek()
        assert token and (not allowed or token in allowed), f"{token!r} is not one of {allowed}"
        self.place += 1
        return token

    def sum(self):
        """Terms with + and − between them."""
        value = self.term()
        while self.peek() in ("+", "−"):
            sign = 1 if self.take() == "+" else -1
            value += sign * self.term()
        return value

    def term(self):
        """Factors with · and / between them, from left to right."""
        value = self.factor()
        while self.peek() in ("·", "/"):
            value = value * self.factor() if self.take() == "·" else value / self.factor()
        return value

    def factor(self):
        """A number, something in brackets, or the negative of either."""
        token = self.take()
        if token == "−":
            return -self.factor()
        if token in ("max", "min"):
            self.take("(")
            values = [self.sum()]
            while self.take(",", ")") == ",":
                values.append(self.sum())
            return max(values) if token == "max" else min(values)
        if token in CLOSING:
            value = self.sum()
            self.take(CLOSING[token])
            return {"(": value, "⌊": math.floor(value), "⌈": math.ceil(value)}[token]
        return Fraction(int(token))


@cache
def worked_out(text):
    """The number that a formula gives; a tuple of them where several stand side by side."""
    for sign in (" × ", " … "):
        if sign in text:
            return tuple(worked_out(part) for part in text.split(sign))
    if ", " in text and not re.search("max|min", text):
        return tuple(worked_out(part) for part in text.split(", "))
    reading = Reading(text)
    value = reading.sum()
    assert not reading.peek(), f"more follows in {text}"
    return value
