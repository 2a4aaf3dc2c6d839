"""Tokens as formulas: how many, and what is learned of them."""

from __future__ import annotations

from ...arithmetic import Number, Shape
from .costs import MACS, PARAMETERS
from .sizes import NO_SIZE, SIZE
from .step import Step, constant
from .weights import Factor, per_axis, product, times


def in_a_row(sizes: Shape, result: Number) -> list[Step]:
    """How many tokens a map makes."""
    units = per_axis("n", sizes)
    values = {unit.text: unit.number for unit in units}
    branch = "the map's units in a row, the last axis first"
    return [Step(SIZE, "N", times(units), values, result, NO_SIZE if result is None else branch)]


def prepended(size: Number, count: int) -> list[Step]:
    """How many tokens there are with learned ones."""
    branch = NO_SIZE if size is None else "the learned ones come first"
    total = None if size is None else size + count
    return [Step(SIZE, "N", f"n + {count}", {"n": size}, total, branch)]


def taken(first: int, end: int) -> list[Step]:
    """How many tokens are taken."""
    return [Step(SIZE, "N", "end − start", {"end": end, "start": first}, end - first)]


def learned_costs(weight: Shape) -> list[Step]:
    """Costs of a layer whose weight, channels first, is learned units."""
    factors = (Factor("C", weight[0]), *_units(weight[1:]))
    values = {factor.text: factor.number for factor in factors}
    branch = "a number for every channel of each learned unit"
    parameters = Step(PARAMETERS, "", times(factors), values, product(factors), branch)
    return [parameters, constant(MACS, "", 0)]


def _units(numbers: Shape) -> tuple[Factor, ...]:
    return per_axis("u", numbers)
