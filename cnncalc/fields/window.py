"""How a layer's units reach into its input on one axis.

A window is periodic: unit v + period reads what unit v reads, moved by `shift` units of the input.
Within the period each unit reads an arithmetic progression (first, step, count) of input units.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

from ..arithmetic import adaptive_span
from ..record import Record

MAX_PHASES = 10_000
MOST_COUNTED = 1 << 18


class Window(Record):
    """What the units of one period read.

    `reads` is None where the period is over `MAX_PHASES`. `floating` is set where the offset
    depends on a size that is not given: `reads` then counts from an unknown place, the same for
    equal values of `floating` on the same map.
    """

    period: int
    shift: int
    reads: tuple[tuple[int, int, int], ...] | None
    floating: tuple[int, ...] | None = None


IDENTITY = Window(1, 1, ((0, 1, 1),))
WHOLE = Window(1, 0, ())


def sliding(kernel: int, stride: int, before: int, dilation: int = 1) -> Window:
    """Convolution and pooling: unit v reads v·s − pb + t·d for t in 0 … k − 1."""
    return Window(1, stride, ((-before, dilation, kernel),))


def floating(kernel: int, stride: int, dilation: int, reach: int, odd_before: bool) -> Window:
    """`same` padding on a map of unknown size: a strided window at an unknown offset."""
    return Window(1, stride, ((0, dilation, kernel),), (reach, stride, odd_before))


def transposed_window(kernel: int, stride: int, before: int, dilation: int = 1) -> Window:
    """Transposed convolution: unit v reads every u with u·s + t·d = v + pb for a tap t."""
    if stride > MAX_PHASES:
        return Window(stride, 1, None)
    places = range(before, before + stride)
    return Window(stride, 1, tuple(_taps_onto(place, kernel, stride, dilation) for place in places))


def _taps_onto(place: int, kernel: int, stride: int, dilation: int) -> tuple[int, int, int]:
    """The units u with u·s + t·d = place, as (first, step, count); count 0 for none."""
    common = gcd(stride, dilation)
    if place % common:
        return 0, 1, 0
    # t·(d/g) ≡ place/g (mod s/g): taps repeat every s/g, and each step lowers u by d/g.
    cycle = stride // common
    tap = place // common * pow(dilation // common, -1, cycle) % cycle
    if tap >= kernel:
        return 0, 1, 0
    count = (kernel - 1 - tap) // cycle + 1
    last_tap = tap + (count - 1) * cycle
    return (place - last_tap * dilation) // stride, dilation // common, count


def nearest(pixels: int, units: int) -> Window:
    """Nearest resizing by units/pixels: unit v reads ⌊v·pixels/units⌋."""
    return _resampling(pixels, units, lambda unit, step, out: ((unit * step) // out, 1, 1))


def linear(pixels: int, units: int, corners: bool = False) -> Window:
    """Bilinear resizing on one axis: two units, one where the other's weight is 0."""
    return _interpolation(pixels, units, corners, before=0, count=2)


def cubic(pixels: int, units: int, corners: bool = False) -> Window:
    """Bicubic resizing on one axis: four units, one where the others' weights are 0."""
    return _interpolation(pixels, units, corners, before=1, count=4)


def _interpolation(pixels: int, units: int, corners: bool, before: int, count: int) -> Window:
    def read(unit: int, step: int, out: int) -> tuple[int, int, int]:
        whole, rest = _coordinate(unit, step, out, corners)
        return (whole - before, 1, count) if rest else (whole, 1, 1)

    return _resampling(pixels, units, read)


def _coordinate(unit: int, step: int, out: int, corners: bool) -> tuple[int, int]:
    """Place of a unit's centre in its input: whole part, and a rest that is 0 only if exact."""
    if corners:
        return divmod(unit * step, out)
    return divmod((2 * unit + 1) * step - out, 2 * out)


def _resampling(
    pixels: int, units: int, read: Callable[[int, int, int], tuple[int, int, int]]
) -> Window:
    common = gcd(pixels, units)
    step, out = pixels // common, units // common
    if out > MAX_PHASES:
        return Window(out, step, None)
    return Window(out, step, tuple(read(unit, step, out) for unit in range(out)))


def adaptive(size: int, output: int) -> Window:
    """Adaptive pooling of `size` units to `output`; to 1 it reads the whole map."""
    if output == 1:
        return WHOLE
    period = output // gcd(size, output)
    shift = size // gcd(size, output)
    if period > MAX_PHASES:
        return Window(period, shift, None)
    spans = (adaptive_span(unit, size, output) for unit in range(period))
    return Window(period, shift, tuple((first, 1, count) for first, count in spans))


def moves_only(window: Window | None) -> bool:
    """Whether every unit reads one unit, each the one after the last: a map moved or cut."""
    return (
        window is not None
        and window.period == window.shift == 1
        and window.reads is not None
        and window.reads[0][2] == 1
    )


def dropped_units(window: Window | None, size: int | None, outputs: int | None) -> int | None:
    """Units after the last window that the next ones would read: what the floor leaves out.

    >>> dropped_units(sliding(kernel=2, stride=2, before=0), size=7, outputs=3)
    1
    """
    if window is None or size is None or outputs is None or window.floating is not None:
        return None
    if window.period != 1 or window.shift < 2 or not window.reads:
        return 0
    stride = window.shift
    first, step, count = window.reads[0]
    end = (outputs - 1) * stride + first + (count - 1) * step + 1
    if end >= size:
        return 0
    taps = min(count, stride // gcd(stride, step))
    if taps > MOST_COUNTED:
        return None
    places = (first + tap * step for tap in range(taps))
    return sum((size - 1 - place) // stride - (end - 1 - place) // stride for place in places)
