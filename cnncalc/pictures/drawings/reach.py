"""What the units of a layer reach on one axis of a map: where their taps lie among its cells."""

from __future__ import annotations

from fractions import Fraction

from ...arithmetic import dilated_kernel
from ...fields.window import WHOLE, Window
from ...record import Record


class Reach(Record):
    """One axis of a map, and what each unit reaches there, also beyond the cells.

    `cells` are the places that are drawn, `inside` those of them that are of the map. Outlines of
    windows end with `extent`. `weights` are of the places of each run, None where all are alike.
    """

    cells: range
    inside: range
    runs: tuple[range, ...]
    extent: range
    weights: tuple[tuple[int, ...] | None, ...] = ()

    def taps(self, unit: int) -> range:
        """The cells that a unit reaches."""
        return within(self.runs[unit], self.cells)

    def outline(self, unit: int) -> range | None:
        """From the first to the last place that a unit reaches, None where it reaches none."""
        run = within(self.runs[unit], self.extent)
        return range(run[0], run[-1] + 1) if run else None

    @property
    def gaps(self) -> set[int]:
        """Units of the map that no unit reaches."""
        missed = set(self.inside)
        for unit in range(len(self.runs)):
            missed.difference_update(self.taps(unit))
        return missed

    def weight(self, unit: int, place: int) -> Fraction | None:
        """The weight of a place for a unit: what lies beyond the map is read at its edge."""
        weights = self.weights[unit] if self.weights else None
        if weights is None:
            return None
        edges = self.inside[0], self.inside[-1]
        read = [min(max(at, edges[0]), edges[1]) for at in self.runs[unit]]
        parts = sum(weight for at, weight in zip(read, weights) if at == place)
        return Fraction(parts, sum(weights))


def within(run: range, bounds: range) -> range:
    """The part of a run that lies within bounds."""
    first = max(0, -((run.start - bounds.start) // run.step))
    end = max(0, -((run.start - bounds.stop) // run.step))
    return run[first:end]


def own_places(units: int) -> Reach:
    """The units' own map: each reaches itself."""
    cells = range(units)
    return Reach(cells, cells, tuple(range(unit, unit + 1) for unit in cells), cells)


def reading(
    size: int, units: int, window: Window, padding: tuple[int, int], overhangs: bool
) -> Reach:
    """What units read of a map of `size`, with its padding."""
    cells = range(-padding[0], size + padding[1])
    if window == WHOLE:
        runs = (range(size),) * units
        return Reach(cells, range(size), runs, cells)
    reads = map(window.read, range(units))
    runs = tuple(range(first, first + step * count, step) for first, step, count in reads)
    last = max((run[-1] + 1 for run in runs if run), default=0) if overhangs else 0
    extent = range(cells.start, max(cells.stop, last))
    weights = tuple(map(window.weights, range(units)))
    return Reach(cells, range(size), runs, extent, weights)


class Spread(Record):
    """How units of a map of `size` are spread over windows of one of `outputs`, on one axis."""

    size: int
    outputs: int
    kernel: int
    stride: int
    before: int
    dilation: int

    @property
    def windows(self) -> Reach:
        """The windows of the output that the units read are spread over."""
        cells, step = range(self.outputs), self.dilation
        starts = (unit * self.stride - self.before for unit in range(self.size))
        runs = tuple(range(at, at + self.kernel * step, step) for at in starts)
        return Reach(cells, cells, runs, cells)

    @property
    def stretched_cells(self) -> range:
        """The input with zeros between its units, and around them as far as windows reach."""
        reach = dilated_kernel(self.kernel, self.dilation)
        end = max((self.size - 1) * self.stride + 1, self.outputs + self.before)
        return range(min(0, self.before - reach + 1), end)

    @property
    def stretch(self) -> Reach:
        """The windows of the stretched input that the units of the output read."""
        reach = dilated_kernel(self.kernel, self.dilation)
        cells = self.stretched_cells
        inside = range(0, (self.size - 1) * self.stride + 1, self.stride)
        lasts = (unit + self.before for unit in range(self.outputs))
        runs = tuple(range(last - reach + 1, last + 1, self.dilation) for last in lasts)
        return Reach(cells, inside, runs, cells)
