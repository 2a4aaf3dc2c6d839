"""The grids on which dilated layers behind strides keep their units, seen from a stage's input.

Pixels hide them: what a strided stem reads overlaps, so that no pixel is left out between the units
which a stack of dilations by 2 leaves out of its own input.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from math import gcd

from ...analysis.trace import Trace
from ...fields.field import Field
from ...fields.window import WHOLE, Window
from ...record import Record


class UnitGrid(Record):
    """What a unit reads on one axis of a stage's input: units `apart` from each other.

    0 is for a single unit. `first` is one that unit 0 reads and `shift` how far the next unit's
    are; both are None behind a resizing.
    """

    apart: int
    first: int | None
    shift: int | None

    def behind(self, window: Window | None) -> UnitGrid | None:
        """What a unit reads through a window; None where that is no grid, or is not known."""
        if window is None or not window.reads or window.floating is not None:
            return None
        counts = {count for _, _, count in window.reads}
        if self.first is None or self.shift is None:
            return self if counts == {1} else None
        if window.period > 1:
            return None
        first, step, count = window.reads[0]
        apart = gcd(self.apart, step * self.shift) if count > 1 else self.apart
        grid = UnitGrid(apart, self.first + first * self.shift, self.shift * window.shift)
        return None if apart == 1 else grid

    def union(self, other: UnitGrid) -> UnitGrid | None:
        """What a unit reads that reads two; None where that is no grid, or is not known."""
        if self.shift != other.shift:
            return None
        moved = 0 if self.first is None or other.first is None else self.first - other.first
        apart = gcd(self.apart, other.apart, moved)
        return None if apart == 1 else self.but(apart=apart)


START = UnitGrid(0, 0, 1)
# Inputs and readers looked at: of all stages together no more, however they are entangled.
MOST_STEPS, STEPS_PER_INPUT = 1_000_000, 10


class _Effort:
    """How many steps a search may still take, so that its time is linear in the network's edges."""

    def __init__(self, trace: Trace) -> None:
        inputs = sum(len(layer.node.sources) for layer in trace.layers)
        self.left = max(MOST_STEPS, STEPS_PER_INPUT * inputs)

    def take(self, steps: int) -> bool:
        """Take some steps; whether there were so many."""
        self.left -= steps
        return self.left >= 0


class State(Record):
    """A layer's grids per axis, None where it has none, and how many dilated layers led to it."""

    grids: tuple[UnitGrid | None, ...]
    depth: int

    @property
    def apart(self) -> tuple[int, ...]:
        """How far apart the units that it reads are, per axis; 1 where there is no grid."""
        return tuple(grid.apart if grid else 1 for grid in self.grids)


class Stage(Record):
    """Layers that keep to a grid of the units of the layer `source`, and how far it is apart.

    `last` is the last of them behind which no layer fills the gaps, and `apart` is its units'.
    """

    source: int
    layers: tuple[int, ...]
    last: int
    apart: tuple[int, ...]


def stages(trace: Trace) -> Iterator[Stage]:
    """Stages behind a stride that end on a grid, each from the input of its first dilated layer.

    Those that are found before the effort is spent.
    """
    seen: set[int] = set()
    effort = _Effort(trace)
    for layer in trace.layers:
        index, sources = layer.index, layer.node.sources
        if index in seen or not dilates(trace, index):
            continue
        strided = [_is_strided(trace, sources[0], axis) for axis in range(len(trace.axes))]
        if any(strided):
            walk = _Walk(trace, sources[0], strided, effort)
            if effort.left < 0:
                return
            seen.update(walk.states)
            stage = walk.stage()
            if stage is not None:
                yield stage


def dilates(trace: Trace, index: int) -> bool:
    """Whether taps of the layer's window stand apart."""
    return any(
        window is not None and any(step > 1 and count > 1 for _, step, count in window.reads or ())
        for window in trace.windows[index][0]
    )


def _is_strided(trace: Trace, index: int, axis: int) -> bool:
    field = trace.fields[index][axis]
    return isinstance(field, Field) and field.shift > field.period


class _Walk:
    """The layers behind a source whose units are on a grid of its units, or read a single one."""

    def __init__(self, trace: Trace, source: int, axes: list[bool], effort: _Effort) -> None:
        self.trace, self.source, self.effort = trace, source, effort
        self.states = {source: State(tuple(START if axis else None for axis in axes), 0)}
        self.independent: set[int] = set()
        waiting = list(trace.readers[source])
        heapify(waiting)
        effort.take(len(waiting))
        while waiting:
            index = heappop(waiting)
            if not effort.take(len(trace.node(index).sources)):
                return
            if index not in self.states and (state := self._state(index)) is not None:
                self.states[index] = state
                effort.take(len(trace.readers[index]))
                for reader in trace.readers[index]:
                    heappush(waiting, reader)

    def _state(self, index: int) -> State | None:
        """What the inputs that depend on the source make of a layer; None where no grid is left."""
        trace, node = self.trace, self.trace.node(index)
        resizes = trace.layer(index).kernel is None
        grids: list[UnitGrid | None] | None = None
        depth = 0
        for place, windows in zip(node.sources, trace.windows[index]):
            read = self.states.get(place)
            if read is None:
                if self._depends(place):
                    return None
                continue
            behind = [
                _behind_resizing(grid, window) if resizes else grid and grid.behind(window)
                for grid, window in zip(read.grids, windows)
            ]
            if grids is not None:
                behind = [a and b and a.union(b) for a, b in zip(grids, behind)]
            grids, depth = behind, max(depth, read.depth)
        if grids is None or not any(grids):
            return None
        return State(tuple(grids), depth + dilates(trace, index))

    def _depends(self, index: int) -> bool:
        """Whether a layer depends on the source, by whatever way."""
        passed, waiting = {index}, [index]
        while waiting:
            place = waiting.pop()
            if place in self.states:
                return True
            if place > self.source:
                if not self.effort.take(len(self.trace.node(place).sources)):
                    return True
                new = set(self.trace.node(place).sources) - passed - self.independent
                passed |= new
                waiting += new
        self.independent |= passed
        return False

    def stage(self) -> Stage | None:
        """Those that end on a grid where dilated layers follow each other; None where none do."""
        depths = [self.states[index].depth for index in self.states if self._ends(index)]
        if max(depths, default=0) < 2:
            return None
        layers = tuple(index for index in sorted(self.states) if self._on_grid(index))
        last = max(index for index in layers if self._ends(index))
        return Stage(self.source, layers, last, self.states[last].apart)

    def _on_grid(self, index: int) -> bool:
        return any(apart > 1 for apart in self.states[index].apart)

    def _ends(self, index: int) -> bool:
        """Whether no later window fills a grid: nothing reads it, or it is read as a whole."""
        trace, readers = self.trace, self.trace.readers[index]
        return self._on_grid(index) and (
            not readers
            or any(
                WHOLE in windows
                for reader in readers
                for place, windows in zip(trace.node(reader).sources, trace.windows[reader])
                if place == index
            )
        )


def _behind_resizing(grid: UnitGrid | None, window: Window | None) -> UnitGrid | None:
    """What a unit reads of a grid behind a layer without a kernel: resizing fills no gaps."""
    if grid is None or window is None or window.shift > window.period or not window.reads:
        return None
    if window.period == 1 and window.reads and window.reads[0][2] == 1:
        return grid.behind(window)
    return grid.but(first=None, shift=None)
