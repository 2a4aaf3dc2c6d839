"""How regions of interest are divided into bins, as formulas for one axis.

Sources: Fast R-CNN, arXiv:1504.08083, section 2.1; Mask R-CNN, arXiv:1703.06870, section 3; and
torchvision's roi_pool and roi_align, here without the rounding of their floats.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from ...arithmetic import Exact
from ...record import Record
from .step import Interval, Points, Step, Values, constant, hundredths

REGION = "region, in units"
BIN = "bin, in units"
LOST = "misplaced by "
WHOLE_BINS = "code that spreads the rest over bins that overlap rounds both times as well"
FIRST, LAST, UNITS = "first unit", "last unit", "units"
START, SAMPLED, COUNT = "sampling starts at", "sampled, in units", "points per bin"
OFF_MAP = "points over a unit off the map count 0, nearer ones are moved onto it"
MOST_BINS = 16
MOST_POINTS = 4
HALF = Fraction(1, 2)


class Stretch(Record):
    """One axis of a region, from `first` to `last` in input pixels, and how it is divided.

    `stride` is how many input pixels one unit of the map is from the next, `bins` the bins.
    `placed` says that it was given where the region begins; otherwise that is at pixel 0.
    """

    first: Fraction
    last: Fraction
    placed: bool
    stride: Fraction
    bins: int

    @property
    def size(self) -> Fraction:
        """Its length in input pixels."""
        return self.last - self.first

    @property
    def values(self) -> dict[str, Exact | None]:
        """Its numbers by their symbols."""
        edges = {"x_0": _exact(self.first), "x_1": _exact(self.last)}
        return {**edges, "region": _exact(self.size), "j": _exact(self.stride), "N": self.bins}

    @property
    def shown_bins(self) -> list[int]:
        """The bins to show: all, or of many the first two and the last."""
        return list(range(self.bins)) if self.bins <= MOST_BINS else [0, 1, self.bins - 1]


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


def _region(stretch: Stretch) -> list[Step]:
    """The region's size, where its edges were given."""
    if not stretch.placed:
        return []
    size = _exact(stretch.size)
    return [Step("region", "region", "x_1 − x_0", stretch.values, size, "input pixels")]


def two_roundings(stretch: Stretch) -> list[Step]:
    """RoI pooling's two roundings, and the input pixels by which they misplace its bins."""
    region, stride, bins, values = stretch.size, stretch.stride, stretch.bins, stretch.values
    if region <= 0:
        return _region(stretch)
    units = region // stride
    size = units // bins
    inside = {**values, "units": units, "bin": size}
    first = f"first rounding: {_quotient(region, stride)} → {units}"
    second = f"second rounding: {_quotient(Fraction(units), Fraction(bins))} → {size}"
    lost, rest = region - units * stride, (units - size * bins) * stride
    return [
        *_region(stretch),
        Step(REGION, "units", "⌊region/j⌋", values, units, first),
        Step(BIN, "bin", "⌊units/N⌋", inside, size, second),
        _misplacement("the first rounding", "region − units·j", inside, lost, ""),
        _misplacement("the second rounding", "(units − bin·N)·j", inside, rest, ""),
        _misplacement("both", "region − bin·N·j", inside, lost + rest, f"; {WHOLE_BINS}"),
    ]


def overlapping_bins(stretch: Stretch) -> list[Step]:
    """RoI pooling as torchvision computes it: rounded edges, both counted; bins overlap."""
    if not stretch.placed:
        return []
    values = stretch.values
    first, last = (_nearest(edge / stretch.stride) for edge in (stretch.first, stretch.last))
    units = max(last - first + 1, 1)
    size = Fraction(units, stretch.bins)
    inside = {**values, "start": first, "end": last, "units": units, "bin": _exact(size)}
    code, nearest = "in torchvision: ", "rounded, halves away from 0"
    on_map = "of bins, those off the map are left out"
    return [
        Step(f"{code}{FIRST}", "start", _rounding("x_0", stretch.first), values, first, nearest),
        Step(f"{code}{LAST}", "end", _rounding("x_1", stretch.last), values, last, nearest),
        Step(f"{code}{UNITS}", "units", "max(end − start + 1, 1)", inside, units, on_map),
        Step(f"{code}{BIN}", "bin", "units/N", inside, _exact(size), "not rounded"),
        *(_unit_interval(place, size, first, inside) for place in stretch.shown_bins),
    ]


def _nearest(value: Fraction) -> int:
    return floor(value + HALF) if value >= 0 else ceil(value - HALF)


def _rounding(edge: str, value: Fraction) -> str:
    return f"⌊{edge}/j + 1/2⌋" if value >= 0 else f"⌈{edge}/j − 1/2⌉"


def _unit_interval(place: int, size: Fraction, first: int, values: Values) -> Step:
    """The units of one bin."""
    formula = f"start + ⌊{place}·bin⌋ … start + ⌈{place + 1}·bin⌉ − 1"
    interval = Interval(first + floor(place * size), first + ceil((place + 1) * size) - 1)
    return Step(f"in torchvision: bin {place}", "", formula, values, interval)


def no_rounding(stretch: Stretch) -> list[Step]:
    """RoI align's bins, which are not rounded."""
    region, stride, bins = stretch.size, stretch.stride, stretch.bins
    if region <= 0:
        return _region(stretch)
    units = region / stride
    size = units / bins
    values = {**stretch.values, "bin": _exact(size)}
    in_units = f"not rounded: {_quotient(region, stride)}"
    in_bins = f"not rounded: {_decimal(units)}/{bins} = {_decimal(size)}"
    still = ": samples are interpolated where the bins lie"
    return [
        *_region(stretch),
        Step(REGION, "units", "region/j", values, _exact(units), in_units),
        Step(BIN, "bin", "region/j/N", values, _exact(size), in_bins),
        _misplacement("rounding", "region − bin·N·j", values, Fraction(0), still),
    ]


def sample_points(stretch: Stretch, sampling_ratio: int, aligned: bool) -> list[Step]:
    """Where RoI align interpolates in each bin, in units of the map, unit 0 being at 0.

    A ratio of 0 or below takes as many points as the bin is wide, rounded up.
    """
    values = stretch.values
    start = stretch.first / stretch.stride - aligned * HALF
    length = stretch.size / stretch.stride
    units = length if aligned else max(length, Fraction(1))
    size = units / stretch.bins
    adaptive = sampling_ratio <= 0
    count = max(ceil(size), 0) if adaptive else sampling_ratio
    inside = {**values, "start": _exact(start), "units": _exact(units), "bin": _exact(size)}
    begins = "" if stretch.placed else "; the region is taken to begin at pixel 0"
    shift = "aligned: half a unit before" if aligned else "not aligned"
    least = "aligned" if aligned else "not aligned: at least one unit"
    return [
        Step(
            *(START, "start", "x_0/j − 1/2" if aligned else "x_0/j", values, _exact(start)),
            f"{shift}{begins}",
        ),
        Step(
            *(SAMPLED, "units", "(x_1 − x_0)/j" if aligned else "max((x_1 − x_0)/j, 1)"),
            *(values, _exact(units), least),
        ),
        Step("sampled bin", "bin", "units/N", inside, _exact(size), OFF_MAP),
        Step(
            COUNT,
            "points",
            "max(⌈bin⌉, 0)",
            inside,
            count,
            "adaptive, as no sampling_ratio is given",
        )
        if adaptive
        else constant(COUNT, "points", count, "sampling_ratio"),
        *(_points(place, count, size, start, inside) for place in stretch.shown_bins if count),
    ]


def _points(place: int, count: int, size: Fraction, start: Fraction, values: Values) -> Step:
    """The points of one bin: in the middles of as many equal parts."""
    shown = range(count) if count <= MOST_POINTS else (0, 1, count - 1)
    formula = ", ".join(f"start + ({place} + {2 * i + 1}/{2 * count})·bin" for i in shown)
    points = [start + (place + Fraction(2 * i + 1, 2 * count)) * size for i in shown]
    branch = "" if count <= MOST_POINTS else f"the first two and the last of {count}"
    result = Points(tuple(map(_exact, points)))
    return Step(f"points, bin {place}", "", formula, values, result, branch)
