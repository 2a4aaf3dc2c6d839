"""What a layer's units read of the layers before it, on one axis.

A point stands for a unit: its place on the axis, then on the axes beside it as far as the number of
paths depends on them, each within the period after which units repeat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod

from ...analysis.trace import Trace
from ...fields.composition import AxisField
from ...fields.field import Field
from ...fields.unit_field import UnitField
from ...fields.window import Window
from ...record import Record
from .sources import local_places

Point = tuple[int, ...]


class Read(Record):
    """So many copies of what a point of a layer has, each by `distance` pixels from the last.

    `copies` are their weight, by how many pixels the first is moved, the distance, their number.
    """

    source: int
    point: Point
    copies: tuple[int, int, int, int]


class PointReads:
    """The points of an axis: of shares, which no axis beside it changes, or of counts."""

    def __init__(self, trace: Trace, axis: int, shares: bool) -> None:
        self.trace = trace
        self.axis = axis
        self.shares = shares
        self.others = [] if shares else [each for each in range(len(trace.axes)) if each != axis]
        self.even = [{*self.others}]
        for node in trace.network.nodes:
            self.even.append({axis for axis in self.others if self._is_even(node.index, axis)})

    def own(self, index: int) -> Point:
        """The point of a layer's first unit with the largest extent."""
        fields = self.trace.fields[index]
        beside = [self._beside(index, axis, widest_unit(fields[axis])) for axis in self.others]
        return widest_unit(fields[self.axis]), *beside

    def reads(self, index: int, point: Point) -> list[Read]:
        """What a point reads of the inputs that count."""
        node = self.trace.node(index)
        shares = node.kind.gradient_shares(self.trace.readings[index]) if self.shares else None
        reads = []
        for place in local_places(self.trace, index):
            source, windows = node.sources[place], self.trace.windows[index][place]
            share = (shares and shares[place]) or 1
            beside = [
                self._counts(source, axis, windows[axis], unit).items()
                for axis, unit in zip(self.others, point[1:])
            ]
            for others in product(*beside):
                weight = share * prod(count for _, count in others)
                units = [unit for unit, _ in others]
                for unit, own, *rest in self._along(source, windows[self.axis], point[0]):
                    move, distance, count = rest
                    copies = (weight * own, move, distance, count)
                    reads.append(Read(source, (unit, *units), copies))
        return reads

    def _along(self, source: int, window: Window | None, unit: int) -> Iterator[tuple[int, ...]]:
        """Per unit read: it, its weight, how many pixels it is moved; units alike in one."""
        assert window is not None
        field = self.trace.fields[source][self.axis]
        first, step, count = window.read(unit)
        weights = window.weights(unit) if self.shares else None
        if count and weights is None and isinstance(field, Field) and field.period == 1:
            yield 0, 1, first * field.shift, step * field.shift, count
            return
        for tap in range(count):
            weight = 1 if weights is None else weights[tap] ** 2
            place, move = _within_period(field, first + tap * step)
            yield place, weight, move, 0, 1

    def _counts(self, source: int, axis: int, window: Window | None, unit: int) -> Counter[int]:
        """How often units of a source are read on an axis beside, as far as they differ."""
        assert window is not None
        first, step, count = window.read(unit)
        if axis in self.even[source]:
            return Counter({0: count} if count else ())
        return Counter(self._beside(source, axis, first + tap * step) for tap in range(count))

    def _beside(self, index: int, axis: int, unit: int) -> int:
        if axis in self.even[index]:
            return 0
        return _within_period(self.trace.fields[index][axis], unit)[0]

    def _is_even(self, index: int, axis: int) -> bool:
        """Whether as many paths go from every unit to the pixels of an axis."""
        node = self.trace.node(index)
        return index == self.trace.origin or all(
            axis in self.even[node.sources[place]]
            and _reads_evenly(self.trace.windows[index][place][axis])
            for place in local_places(self.trace, index)
        )


def _reads_evenly(window: Window | None) -> bool:
    reads = None if window is None else window.reads
    return reads is not None and len({count for _, _, count in reads}) == 1


def _within_period(field: AxisField, unit: int) -> tuple[int, int]:
    """The unit of the first period that a unit is a copy of, and how many pixels it is moved."""
    if isinstance(field, Field):
        periods, phase = divmod(unit, field.period)
        return phase, periods * field.shift
    return unit, 0


def widest_unit(field: AxisField) -> int:
    """The first unit with the largest extent."""
    assert isinstance(field, (Field, UnitField)) and field.extents is not None
    widths = [extent[1] - extent[0] + 1 if extent else 0 for extent in field.extents]
    return widths.index(max(widths))
