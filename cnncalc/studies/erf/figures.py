"""How wide a distribution over pixels is, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

BITS = 80  # after the point, of a root that is no fraction
PERCENTAGES = (50, 90, 99)


def variance(numbers: Sequence[int]) -> Fraction:
    """Variance of the pixels' places, weighed by the numbers, in pixels².

    >>> variance([1, 1, 1])
    Fraction(2, 3)
    """
    total = sum(numbers)
    first = sum(place * number for place, number in enumerate(numbers))
    second = sum(place * place * number for place, number in enumerate(numbers))
    return Fraction(second * total - first * first, total * total)


def root(value: Fraction) -> Fraction:
    """The square root, exact where it is a fraction, else rounded to 80 bits after the point.

    >>> root(Fraction(4, 9)), float(root(Fraction(2)))
    (Fraction(2, 3), 1.4142135623730951)
    """
    exact = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if exact * exact == value:
        return exact
    doubled = isqrt((value.numerator << 2 * BITS + 2) // value.denominator)
    return Fraction((doubled + 1) // 2, 1 << BITS)


def sides(numbers: Sequence[int]) -> list[int]:
    """Per percentage the smallest extent around the middle that holds it, in pixels.

    >>> sides([1, 2, 3, 2, 1]), sides([1, 1])
    ([3, 5, 5], [2, 2, 2])
    """
    total = sum(numbers)
    found = []
    outside, left_out = 0, 0
    for percentage in reversed(PERCENTAGES):
        while outside < len(numbers) // 2:
            more = left_out + numbers[outside] + numbers[-1 - outside]
            if more * 100 > total * (100 - percentage):
                break
            outside, left_out = outside + 1, more
        found.append(len(numbers) - 2 * outside)
    return found[::-1]
