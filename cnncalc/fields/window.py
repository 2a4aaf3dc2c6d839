"""How a layer's units reach into its input on one axis.

A window is periodic: unit v + period reads what unit v reads, moved by `shift` units of the input.
Within the period each unit reads an arithmetic progression (first, step, count) of input units.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import gcd

from ..arithmetic import adaptive_span
from ..record import Record

MAX_PHASES = 10_000
FEW_PHASES = 64
MOST_COUNTED = 1 << 18
TABLES_KEPT = 16

Run = tuple[int, int, int]


class ReadingRule:
    """How to tell what any unit reads, for windows of more than a few phases."""

    __slots__ = ("numbers", "run")

    def __init__(self, run: Callable[..., Run], numbers: tuple[int, ...]) -> None:
        self.run = run
        self.numbers = numbers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ReadingRule):
            return NotImplemented
        return (self.run, self.numbers) == (other.run, other.numbers)

    def __hash__(self) -> int:
        return hash((self.run, self.numbers))


class Window(Record):
    """What the units of one period read, as a table or by a rule.

    `floating` is set where the offset depends on a size that is not given: what is read then
    counts from an unknown place, the same for equal values of `floating` on the same map.
    `corners` is set where the first and last units of two maps are laid on each other, so that
    the stride comes from their sizes. `linear` is set where the units read are weighed by how near
    they are: the step between units and the parts of it.
    """

    period: int
    shift: int
    phases: tuple[Run, ...] | ReadingRule
    floating: tuple[int, ...] | None = None
    corners: bool = False
    linear: tuple[int, int] | None = None

    @property
    def reads(self) -> tuple[Run, ...] | None:
        """What the units of one period read; None where the period is over `MAX_PHASES`."""
        if not isinstance(self.phases, ReadingRule):
            return self.phases
        return None if self.period > MAX_PHASES else _table(self.phases, self.period)

    def read(self, unit: int) -> Run:
        """What any unit reads, also one beyond the border."""
        if isinstance(self.phases, ReadingRule):
            return self.phases.run(unit, *self.phases.numbers)
        periods, phase = divmod(unit, self.period)
        first, step, count = self.phases[phase]
        return first + periods * self.shift, step, count

    def weights(self, unit: int) -> tuple[int, ...] | None:
        """How much goes into a unit of each that it reads, relative to each other; None: alike."""
        if self.linear is None:
            return None
        _, part, parts = _place(unit, *self.linear, self.corners)
        return (parts - part, part) if part else (1,)


@lru_cache(TABLES_KEPT)
def _table(rule: ReadingRule, period: int) -> tuple[Run, ...]:
    return tuple([rule.run(unit, *rule.numbers) for unit in range(period)])


def _phases(period: int, run: Callable[..., Run], *numbers: int) -> tuple[Run, ...] | ReadingRule:
    """A table where the phases are few: it is as fast to make, and windows alike are equal."""
    rule = ReadingRule(run, numbers)
    return rule if period > FEW_PHASES else _table.__wrapped__(rule, period)


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
    return Window(stride, 1, _phases(stride, _taps_onto, kernel, stride, before, dilation))


def _taps_onto(unit: int, kernel: int, stride: int, before: int, dilation: int) -> Run:
    """The units u with u·s + t·d = v + pb, as (first, step, count); count 0 for none."""
    place, common = unit + before, gcd(stride, dilation)
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


def of_part(first: int, end: int, offset: int) -> Window:
    """Maps joined: the units [first, end) of all read those of one map, which begins at `offset`.

    It has no period, as fields that are kept unit by unit need none.
    """
    return Window(1, 1, ReadingRule(_part_unit, (first, end, offset)))


def _part_unit(unit: int, first: int, end: int, offset: int) -> Run:
    return (unit - offset, 1, 1) if first <= unit < end else (0, 1, 0)


def own_window(count: int, first: int) -> Window:
    """Attention in windows of `count` units, one of which begins at `first`: each reads its own."""
    return Window(count, count, _phases(count, _run_in_window, count, first))


def _run_in_window(unit: int, count: int, first: int) -> Run:
    return (unit - first) // count * count + first, 1, count


def nearest(pixels: int, units: int) -> Window:
    """Nearest resizing by units/pixels: unit v reads ⌊v·pixels/units⌋."""
    return _resampling(pixels, units, _nearest_unit)


def _nearest_unit(unit: int, step: int, out: int) -> Run:
    return unit * step // out, 1, 1


def linear(pixels: int, units: int, corners: bool = False) -> Window:
    """Bilinear resizing on one axis: two units, one where the other's weight is 0."""
    window = _resampling(pixels, units, _neighbours, corners, 0, 2, corners=corners)
    return window.but(linear=(window.shift, window.period))


def cubic(pixels: int, units: int, corners: bool = False) -> Window:
    """Bicubic resizing on one axis: four units, one where the others' weights are 0."""
    return _resampling(pixels, units, _neighbours, corners, 1, 4, corners=corners)


def _neighbours(unit: int, step: int, out: int, corners: bool, before: int, count: int) -> Run:
    """`count` units around the place of a unit's centre, or the one that it lies on."""
    whole, part, _ = _place(unit, step, out, corners)
    return (whole - before, 1, count) if part else (whole, 1, 1)


def _place(unit: int, step: int, out: int, corners: bool) -> tuple[int, int, int]:
    """Where a unit's centre lies among those that it reads: a unit, and parts of the way on."""
    if corners:
        return *divmod(unit * step, out), out
    return *divmod((2 * unit + 1) * step - out, 2 * out), 2 * out


def _resampling(
    pixels: int, units: int, run: Callable[..., Run], *numbers: int, corners: bool = False
) -> Window:
    common = gcd(pixels, units)
    step, out = pixels // common, units // common
    return Window(out, step, _phases(out, run, step, out, *numbers), corners=corners)


def adaptive(size: int, output: int) -> Window:
    """Adaptive pooling of `size` units to `output`; to 1 it reads the whole map."""
    if output == 1:
        return WHOLE
    common = gcd(size, output)
    size, output = size // common, output // common
    return Window(output, size, _phases(output, _adaptive_run, size, output))


def _adaptive_run(unit: int, size: int, output: int) -> Run:
    first, count = adaptive_span(unit, size, output)
    return first, 1, count


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
