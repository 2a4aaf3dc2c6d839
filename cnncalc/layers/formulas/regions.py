"""How regions of interest are divided into bins, as formulas for one axis.

Sources: Fast R-CNN, arXiv:1504.08083, section 2.1; Mask R-CNN, arXiv:1703.06870, section 3.
"""

from __future__ import annotations

from fractions import Fraction

from ...arithmetic import Exact
from .step import Step, Values, hundredths

REGION = "region, in units"
BIN = "bin, in units"
LOST = "misplaced by "
WHOLE_BINS = "code that spreads the rest over bins that overlap rounds both times as well"


def _exact(value: Fraction) -> Exact:
    if value.denominator == 1:
        return value.numerator
    return value.numerator, value.denominator


def _decimal(value: Fraction) -> str:
    return hundredths(value.numerator, value.denominator)


def _quotient(top: Fraction, bottom: Fraction) -> str:
    return f"{_decimal(top)}/{_decimal(bottom)} = {_decimal(top / bottom)}"


def _misplacement(by: str, formula: str, values: Values, pixels: Fraction, note: str) -> Step:
    branch = f"input pixels{note}"
    return Step(f"{LOST}{by}", "", formula, values, _exact(pixels), branch)


def two_roundings(region: Fraction, stride: Fraction, bins: int) -> list[Step]:
    """RoI pooling's two roundings, and the input pixels by which they misplace its bins."""
    units = region // stride
    size = units // bins
    values = {"region": _exact(region), "j": _exact(stride), "N": bins}
    inside = {**values, "units": units, "bin": size}
    first = f"first rounding: {_quotient(region, stride)} → {units}"
    second = f"second rounding: {_quotient(Fraction(units), Fraction(bins))} → {size}"
    lost, rest = region - units * stride, (units - size * bins) * stride
    return [
        Step(REGION, "units", "⌊region/j⌋", values, units, first),
        Step(BIN, "bin", "⌊units/N⌋", inside, size, second),
        _misplacement("the first rounding", "region − units·j", inside, lost, ""),
        _misplacement("the second rounding", "(units − bin·N)·j", inside, rest, ""),
        _misplacement("both", "region − bin·N·j", inside, lost + rest, f"; {WHOLE_BINS}"),
    ]


def no_rounding(region: Fraction, stride: Fraction, bins: int) -> list[Step]:
    """RoI align's bins, which are not rounded."""
    units = region / stride
    size = units / bins
    values = {"region": _exact(region), "j": _exact(stride), "N": bins, "bin": _exact(size)}
    in_units = f"not rounded: {_quotient(region, stride)}"
    in_bins = f"not rounded: {_decimal(units)}/{bins} = {_decimal(size)}"
    still = ": samples are interpolated where the bins lie"
    return [
        Step(REGION, "units", "region/j", values, _exact(units), in_units),
        Step(BIN, "bin", "region/j/N", values, _exact(size), in_bins),
        _misplacement("rounding", "region − bin·N·j", values, Fraction(0), still),
    ]
