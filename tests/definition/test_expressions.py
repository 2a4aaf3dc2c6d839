"""`$name` and `$(…)`: exact, over arguments, and nothing else."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.definition.expressions import BadExpression, evaluate

ARGUMENTS = {
    "n": 7,
    "zero": 0,
    "alpha": Fraction(3, 4),
    "whole": Fraction(4),
    "flag": True,
    "word": "same",
    "pair": [1, 2],
    "_x1": 5,
    "min": 9,
}

VALUES = {
    "$n": 7,
    "$alpha": Fraction(3, 4),
    "$whole": 4,  # 4.0 is a whole number
    "$flag": True,
    "$word": "same",
    "$pair": [1, 2],
    "$_x1": 5,
    "$(n)": 7,
    "$( n )": 7,
    "$(\n n\t+ 1)": 8,
    "$(2 + 3 * 4)": 14,
    "$((2 + 3) * 4)": 20,
    "$(2 - 3 - 4)": -5,
    "$(100 / 10 / 5)": 2,
    "$(100 // 30 % 2)": 1,
    "$(-n)": -7,
    "$(--n)": 7,
    "$(-+-n)": 7,
    "$(-7 // 2)": -4,  # floors, as the layers' own formulas do
    "$(-7 % 3)": 2,
    "$(7 / 2)": Fraction(7, 2),
    "$(7.5 // 2)": 3,
    "$(0.1 + 0.2)": Fraction(3, 10),  # no double is near it
    "$(1/3 + 1/3 + 1/3)": 1,
    "$(alpha * 4)": 3,
    "$(round(0.5))": 1,  # half up, on either side of 0
    "$(round(1.5))": 2,
    "$(round(2.5))": 3,
    "$(round(-0.5))": 0,
    "$(round(-1.5))": -1,
    "$(round(7/3))": 2,
    "$(ceil(7/3))": 3,
    "$(ceil(-7/3))": -2,
    "$(ceil(3))": 3,
    "$(floor(7/3))": 2,
    "$(floor(-7/3))": -3,
    "$(min(3, n))": 3,
    "$(min(n, 9, 5, 6))": 5,
    "$(max(8, n / 2))": 8,
    "$(min + 1)": 10,  # an argument of a function's name, where none is called
    "$(n < 8)": True,
    "$(n <= 7)": True,
    "$(n > 7)": False,
    "$(n >= 7)": True,
    "$(n == 7)": True,
    "$(n != 7)": False,
    "$(alpha == 3/4)": True,
    "$(n + 1 == 2 * 4)": True,
    "$(word == word)": True,
    "$(word == n)": False,
    "$(flag == flag)": True,
    "$(flag == 1)": False,  # a boolean is never a number
    "$(flag != 1)": True,
    "$(zero == (1 > 2))": False,
    "$((n < 8) == flag)": True,
    "$(1000000000)": 10**9,
    "$(1 / 1000000000)": Fraction(1, 10**9),
    "$(999999999 + 1)": 10**9,
}


@pytest.mark.parametrize("text", VALUES)
def test_value(text):
    found = evaluate(text, ARGUMENTS)
    assert found == VALUES[text]
    assert type(found) is type(VALUES[text])


REFUSALS = {
    "$missing": "no argument is named 'missing'; did you mean 'min'?",
    "$(nn)": "no argument is named 'nn'; did you mean 'n'?",
    "$(qqqqqq)": "no argument is named 'qqqqqq'; known arguments: n, zero, alpha, whole, flag, ",
    "$": "'$' is neither $name nor $(…)",
    "$1": "'$1' is neither $name nor $(…)",
    "$n + 1": "'$n + 1' is neither $name nor $(…)",
    "$n ": "'$n ' is neither $name nor $(…)",
    "$(n) + 1": "'$(n) + 1' is neither $name nor $(…)",
    "$(n": "'$(n' is neither $name nor $(…)",
    "$()": "it ends too early",
    "$( )": "it ends too early",
    "$(1 +)": "it ends too early",
    "$(1 2)": "'2' is not expected here",
    "$(n n)": "'n' is not expected here",
    "$((1)": "')' is missing",
    "$(1))": "')' is not expected here",
    "$(,)": "',' is not expected here",
    "$(1, 2)": "',' is not expected here",
    "$(1 < 2 < 3)": "'<' is not expected here",
    "$(min(1))": "min takes two values or more",
    "$(max())": "')' is not expected here",
    "$(round(1, 2))": "round takes one value",
    "$(ceil(1,))": "')' is not expected here",
    "$(abs(1))": "'abs' is no function; use min, max, round, ceil, floor",
    "$(n(1))": "'n' is no function",
    "$(1 / zero)": "it divides by 0",
    "$(1 // zero)": "it divides by 0",
    "$(1 % (n - 7))": "it divides by 0",
    "$(flag + 1)": "true is not a number",
    "$(-flag)": "true is not a number",
    "$(max(flag, 2))": "true is not a number",
    "$(word + 1)": "the text 'same' is not a number",
    "$(pair * 2)": "[1, 2] is not a number",
    "$(word < 1)": "the text 'same' is not a number",
    "$(flag < 1)": "true is not a number",
    "$(floor(word))": "the text 'same' is not a number",
    "$(1000000001)": "go up to 10^9",
    "$(1000000000 + 1)": "go up to 10^9",
    "$(100000 * 100000 - 9999999999)": "go up to 10^9",
    "$(1 / 100000 / 100000)": "fractions down to 1/10^9",
    f"$({'9' * 101})": "a number is longer than 100 digits",
    f"$(0.{'0' * 120}1)": "a number is longer than 100 digits",
    f"${'(' * 60}1{')' * 60}": "nested deeper than 50 levels",
    "$(" + "floor(" * 60 + "1" + ")" * 60 + ")": "nested deeper than 50 levels",
    f"$(1{' + 1' * 250})": "is longer than 1000 characters",
    # what a programming language would know
    "$(n ** 2)": "'*' is not expected here",
    "$(n.real)": "'.' has no meaning here",
    "$(pair[0])": "'[' has no meaning here",
    "$('a')": '"\'" has no meaning here',
    '$("a")': "'\"' has no meaning here",
    "$(n if n else 1)": "'if' is not expected here",
    "$(not n)": "no argument is named 'not'",
    "$(n := 1)": "':' has no meaning here",
    "$(n = 1)": "'=' has no meaning here",
    "$(lambda: 1)": "':' has no meaning here",
    "$(__import__(1))": "'__import__' is no function",
    "$(1e3)": "'e3' is not expected here",
    "$(0x10)": "'x10' is not expected here",
    "$(1_000)": "'_000' is not expected here",
    "$(.5)": "'.' has no meaning here",
    "$(010)": "'010' begins with a 0; write it without",
    "$(n + 00.5)": "'00.5' begins with a 0; write it without",
    "$(٣)": "has no meaning here",
    "$(true)": "no argument is named 'true'",
}


@pytest.mark.parametrize("text", REFUSALS)
def test_refusal(text):
    with pytest.raises(BadExpression) as caught:
        evaluate(text, ARGUMENTS)
    assert REFUSALS[text] in str(caught.value)


HALF = Fraction(1, 2)


class Tree:
    """An expression with the value that Python's exact fractions give it, None by division by 0."""

    def __init__(self, text, value):
        self.text, self.value = text, value

    def __repr__(self):
        return self.text


def number(value):
    return Tree(str(value), Fraction(value))


def negated(tree):
    return Tree(f"-({tree.text})", None if tree.value is None else -tree.value)


def combined(sign, one, other):
    text = f"({one.text}) {sign} ({other.text})"
    a, b = one.value, other.value
    if None in (a, b) or (sign in ("/", "//", "%") and b == 0):
        return Tree(text, None)
    if sign in ("+", "-", "*"):
        return Tree(text, {"+": a + b, "-": a - b, "*": a * b}[sign])
    # The largest whole multiple of b that is not beyond a, and what is left of a.
    times = Fraction(math.floor(a / b))
    return Tree(text, {"/": a / b, "//": times, "%": a - times * b}[sign])


def called(name, tree):
    rounding = {"floor": math.floor, "ceil": math.ceil, "round": lambda v: math.floor(v + HALF)}
    value = None if tree.value is None else Fraction(rounding[name](tree.value))
    return Tree(f"{name}({tree.text})", value)


def extreme(name, trees):
    values = [tree.value for tree in trees]
    text = f"{name}({', '.join(tree.text for tree in trees)})"
    return Tree(text, None if None in values else {"min": min, "max": max}[name](values))


TREES = st.recursive(
    st.integers(0, 20).map(number),
    lambda inner: st.one_of(
        inner.map(negated),
        st.builds(combined, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner, inner),
        st.builds(called, st.sampled_from(["floor", "ceil", "round"]), inner),
        st.builds(
            extreme, st.sampled_from(["min", "max"]), st.lists(inner, min_size=2, max_size=3)
        ),
    ),
    max_leaves=8,
)


@given(TREES)
@settings(max_examples=300, deadline=None)
def test_agrees_with_python_s_fractions(tree):
    try:
        found = evaluate(f"$({tree.text})", {})
    except BadExpression as refusal:
        assert tree.value is None or "up to 10^9" in str(refusal)
    else:
        assert found == tree.value


@given(st.lists(st.sampled_from(["+", "-", "*", "/"]), min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_precedence_is_that_of_arithmetic(signs, data):
    """The same text as a Python expression over fractions: products first, from the left."""
    names = [f"a{place}" for place in range(len(signs) + 1)]
    values = {name: Fraction(data.draw(st.integers(1, 9))) for name in names}
    text = names[0] + "".join(f" {sign} {name}" for sign, name in zip(signs, names[1:]))
    assert evaluate(f"$({text})", values) == eval(text, {}, values)
