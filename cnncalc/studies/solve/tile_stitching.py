"""How tiles of one size fit together: where they start, and which of their units are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import lcm
from operator import add

from ...analysis.analysis import trace_of
from ...analysis.trace import Trace
from ...arithmetic import AXES, Exact, ratio
from ...errors import UsageError
from ...fields.field import Field
from ...fields.unit_field import UnitField
from ...network.network import Network
from ...network.paths import dependencies
from ...record import Record
from ...report.report import ShapeError
from ...wording import quote, shape_text
from .tile_clean import clean_spans, spoilers, units_along

MOST_TILES = 100_000


class Tile(Record):
    """One tile on one axis: pixels [start, start + size) of the image.

    Of its output the units [keep_from, keep_to) are right, and stand from `output_from` on in the
    whole image's output.
    """

    start: int
    size: int
    keep_from: int
    keep_to: int
    output_from: int

    @property
    def output_to(self) -> int:
        """Where the kept units end in the whole image's output."""
        return self.output_from + self.keep_to - self.keep_from


class Misfit(UsageError):
    """A tile that does not do, where one of another size may."""


def size_periods(trace: Trace) -> list[int]:
    """Pixels per axis by which sizes that are alike differ: then every map's size, too, is alike.

    Maps count that only sizes come from, as a crop to another layer's size.
    """
    network = trace.network
    wanted = {len(network.nodes)}
    for node in reversed(network.nodes):
        if node.index in wanted:
            wanted.update({*node.sources, node.referred or 0})
    columns = zip(*(trace.fields[index] for index in sorted(wanted)))
    return [lcm(*(f.shift for f in fields if isinstance(f, Field))) for fields in columns]


class Stitching:
    """Tiles of some sizes, one per axis, for the output of one layer.

    `alignments` are in pixels, `units` how many units the output moves by them.
    """

    def __init__(self, network: Network, layer: str | None, sizes: tuple[int, ...]) -> None:
        self.target = len(network.nodes) if layer is None else network.index(layer)
        if self.target == 0:
            raise UsageError("tiles are for the output of a layer, not for the input")
        self.network = network.up_to(self.target)
        self.names = AXES[network.axes]
        self.layer = network.name_of(self.target)
        self.needed = dependencies(network, self.target)
        self.sizes = sizes
        self.trace = self._trace(sizes)
        self._check_local()
        axes = range(len(sizes))
        # A move of the image that moves every map by whole units, at the same phases.
        self.alignments = [
            lcm(*(self._field(index, axis).shift for index in self.needed)) for axis in axes
        ]
        self.units = [self._offset(self.target, axis, self.alignments[axis]) for axis in axes]
        self.spans = [clean_spans(self.trace, self.needed, axis) for axis in axes]

    def step(self, axis: int) -> int:
        """Pixels from a tile's start to the next one's; raises Misfit for too small a tile."""
        self._check_growth(axis)
        span, units = self.spans[axis][self.target], self.units[axis]
        clean = span.end - span.first
        if clean < units or any(each.end < 1 for each in self.spans[axis].values()):
            raise Misfit(
                f"a tile of {self.sizes[axis]} on axis {self.names[axis]} is too small for layer "
                f"{quote(self.layer)}: {max(clean, 0)} of its units are right, and a step takes "
                f"{units}"
            )
        return self.alignments[axis] * (clean // units)

    def tiles(self, image: tuple[int, ...]) -> list[list[Tile]]:
        """The tiles per axis of an image; raises Misfit where they do not agree with it."""
        whole, starts = self.places(image)
        return [
            list(self._along(axis, along, image[axis], whole)) for axis, along in enumerate(starts)
        ]

    def places(self, image: tuple[int, ...]) -> tuple[Trace, list[list[int]]]:
        """The analysis of an image, and where its tiles start per axis; raises as `tiles` does."""
        whole = self._trace(image, "an image")
        starts = [self._starts(axis, size) for axis, size in enumerate(image)]
        ends = tuple(size - along[-1] for along, size in zip(starts, image))
        last = self._trace(ends)
        for axis in range(len(image)):
            if len(starts[axis]) > 1:
                self._check_agreement(self.trace, whole, axis, starts[axis][-2])
            self._check_agreement(last, whole, axis, starts[axis][-1], ends_with_image=True)
        return whole, starts

    def halo(self, axis: int) -> tuple[Exact, Exact]:
        """Pixels of a tile before and after those that its kept units stand for."""
        alignment, units = self.alignments[axis], self.units[axis]
        before = self.spans[axis][self.target].first * alignment
        after = (self.sizes[axis] - self.step(axis)) * units - before
        return ratio(before, units), ratio(after, units)

    def reach(self, axis: int) -> tuple[Exact, Exact]:
        """Pixels that units read at the most before and after the pixels that they stand for."""
        field = self._field(self.target, axis)
        assert field.extents is not None
        extents = [(unit, extent) for unit, extent in enumerate(field.extents) if extent]
        before = [unit * field.shift - e[0] * field.period for unit, e in extents]
        after = [(e[1] + 1) * field.period - (unit + 1) * field.shift for unit, e in extents]
        return ratio(max(before), field.period), ratio(max(after), field.period)

    def _trace(self, sizes: Sequence[int], what: str = "a tile") -> Trace:
        try:
            return trace_of(self.network, sizes)
        except ShapeError as error:
            refusal = f"{what} of {shape_text(tuple(sizes))} is refused: {error}"
            if what == "a tile":
                raise Misfit(refusal) from None
            raise UsageError(f"{refusal} (solve input gives sizes that work)") from None

    def _check_local(self) -> None:
        spoiled = spoilers(self.trace)
        if self.target in spoiled:
            spoiler = spoiled[self.target]
            local = [node.name for node in self.network.nodes if node.index not in spoiled]
            last = (
                f"tiles do up to layer {quote(local[-1])}" if local else "no layer comes before it"
            )
            raise UsageError(
                f"no tiles can give layer {quote(self.layer)}: layer {quote(spoiler.node.name)} "
                f"{spoiler.reason}; {last}"
            )
        for index in self.needed:
            for axis in range(len(self.names)):
                self._field(index, axis)

    def _field(self, index: int, axis: int) -> Field:
        field = self.trace.fields[index][axis]
        if isinstance(field, UnitField):
            raise UsageError(
                f"what layer {quote(self.trace.name(index))} reads is known unit by unit, for one "
                "size alone, so that no tile is known to agree with the whole"
            )
        if not isinstance(field, Field) or field.extents is None or not any(field.extents):
            name = quote(self.trace.name(index))
            raise UsageError(f"what layer {name} reads is not known, so its tiles are not either")
        return field

    @cached_property
    def _larger(self) -> Trace:
        """The analysis of tiles that are larger by their alignments."""
        return self._trace(list(map(add, self.sizes, self.alignments)))

    def _check_growth(self, axis: int) -> None:
        """Refuse a window that is another one at every size: then no tile is like the whole."""
        for index in self.needed:
            if not _alike(self.trace, self._larger, index, axis):
                raise UsageError(
                    f"what layer {quote(self.trace.name(index))} reads depends on the size of "
                    f"the image on axis {self.names[axis]}, so that no tile agrees with the whole"
                )

    def _starts(self, axis: int, image: int) -> list[int]:
        size, alignment = self.sizes[axis], self.alignments[axis]
        if image <= size:
            return [0]
        step = self.step(axis)
        last = -(-(image - size) // alignment) * alignment
        if last // step >= MOST_TILES:
            name = self.names[axis]
            raise Misfit(f"the image takes more than {MOST_TILES:,} tiles on axis {name}")
        return [*range(0, last, step), last]

    def _offset(self, index: int, axis: int, pixels: int) -> int:
        """By how many of its units a layer's map moves where a tile starts there."""
        if index == 0:
            return pixels
        field = self._field(index, axis)
        return pixels * field.period // field.shift

    def _along(self, axis: int, starts: list[int], image: int, whole: Trace) -> Iterator[Tile]:
        first = self.spans[axis][self.target].first
        offsets = [self._offset(self.target, axis, start) for start in starts]
        bounds = [0, *(offset + first for offset in offsets[1:])]
        bounds.append(units_along(whole, self.target, axis))
        for start, offset, out, end in zip(starts, offsets, bounds, bounds[1:]):
            size = min(self.sizes[axis], image - start)
            yield Tile(start, size, out - offset, end - offset, out)

    def _check_agreement(
        self, tile: Trace, whole: Trace, axis: int, start: int, ends_with_image: bool = False
    ) -> None:
        """Refuse a tile whose layers read through other windows, or give other maps.

        A tile that ends with the image must end with it in every map, and have clean units there.
        """
        spans = clean_spans(tile, self.needed, axis)
        sizes = [trace.shape(0)[1 + axis] for trace in (tile, whole)]
        for index in self.needed:
            name = quote(self.trace.name(index))
            alike = _alike(tile, whole, index, axis)
            end = self._offset(index, axis, start) + spans[index].size
            length = units_along(whole, index, axis)
            if not alike or end > length or (ends_with_image and end < length):
                raise Misfit(
                    f"layer {name} reads a tile of {sizes[0]} on axis {self.names[axis]} otherwise "
                    f"than an image of {sizes[1]}, as its windows or its size depend on that; "
                    f"use sizes that differ by a multiple of {size_periods(whole)[axis]}"
                )
            if start and spans[index].first >= spans[index].size:
                raise Misfit(
                    f"the last tile, of {sizes[0]} on axis {self.names[axis]}, leaves no unit of "
                    f"layer {name} right"
                )


def _alike(one: Trace, other: Trace, index: int, axis: int) -> bool:
    """Whether a layer reads its inputs through the same windows in two analyses."""
    pairs = zip(one.windows[index], other.windows[index])
    return all(window[axis] == same[axis] for window, same in pairs)
