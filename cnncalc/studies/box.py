"""What one unit reads of the input, and which units read one pixel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from os import PathLike

from ..analysis.analysis import note_ignored, trace_of
from ..analysis.trace import Trace
from ..arithmetic import AXES, Exact, Input, Number, Shape, ratio
from ..definition.arguments import along_axes
from ..definition.inputs import AskedInput
from ..errors import UsageError
from ..fields.composition import AxisField
from ..fields.extent import UNCOUNTED, Extent, move
from ..fields.extent import coverage as coverage_of
from ..fields.field import Field, Global, OffAxis, UnknownField
from ..fields.unit_field import UnitField
from ..loading import network_of
from ..network.network import Network
from ..record import Record
from ..report.display import Displayed
from ..wording import quote

MOST_UNITS = 1_000_000

_Known = Field | UnitField | Global


class Side(Record):
    """One axis of a box, in pixels: first and last, both counted.

    `clipped` are the first and last within the image, None where none is. `outside` is the share
    of pixels that are not, so that padding stands for them; `coverage` the share that some path
    reads, None where the box is too wide to count them. `size` is the image's. Of pixels in part
    left out, `mask` has a bit for each that is read, that of the first lowest.
    """

    axis: str
    first: int
    last: int
    clipped: tuple[int, int] | None
    center: Exact
    outside: Exact | None
    coverage: Exact | None
    size: Number
    mask: int | None = None

    @property
    def pixels(self) -> int:
        """From first to last, both counted."""
        return self.last - self.first + 1


class Box(Displayed, Record):
    """The rectangle that a unit reads: `sides` per axis, None where it reads nothing.

    `outside` is the share of the rectangle's pixels that are not in the image, None where its size
    is unknown. `origin` is the layer whose map is the image, None for the input.
    """

    network: str
    input: Input
    layer: str
    unit: tuple[int, ...]
    origin: str | None
    is_global: bool
    sides: tuple[Side, ...] | None
    outside: Exact | None


class Readers(Record):
    """The units of one axis that read a pixel: from first to last, None where none does.

    `units` are they, in order; None where extents are too wide to know which of those from first
    to last leave the pixel out.
    """

    axis: str
    pixel: int
    first: int | None
    last: int | None
    units: tuple[int, ...] | None


class PixelReaders(Displayed, Record):
    """Which units of a layer read a pixel: those that do so on every axis."""

    network: str
    input: Input
    layer: str
    origin: str | None
    is_global: bool
    axes: tuple[Readers, ...]


def unit_box(
    network: Network | str | PathLike[str],
    layer: str,
    unit: Sequence[int] | int,
    *,
    input: AskedInput | None = None,
    from_layer: str | None = None,
    with_global: bool = False,
    ignore_global: bool | None = None,
) -> Box:
    """The rectangle of input pixels that a unit of a layer reads, borders ignored, and clipped.

    The unit is given per axis, from 0 on, or as one number for all. With `from_layer`, pixels are
    units of that layer. A unit that reads a whole map has the extent over all of its units.

    Raises UsageError where there is no such unit, or where it is not known what it reads.
    """
    note_ignored(ignore_global)
    fields = _Fields(network, layer, input, from_layer, with_global)
    place = fields.place(unit, fields.units, "unit")
    extents = [fields.extent(axis, place) for axis in range(len(fields.names))]
    sides = None
    if None not in extents:
        pairs = zip(fields.names, extents, fields.pixels)
        sides = tuple(_side(name, extent, size) for name, extent, size in pairs if extent)
    return Box(
        fields.name,
        fields.trace.report.input,
        fields.layer,
        place,
        from_layer,
        fields.is_global,
        sides,
        _outside(sides),
    )


def units_reading(
    network: Network | str | PathLike[str],
    layer: str,
    pixel: Sequence[int] | int,
    *,
    input: AskedInput | None = None,
    from_layer: str | None = None,
    with_global: bool = False,
    ignore_global: bool | None = None,
) -> PixelReaders:
    """The units of a layer that read a pixel of the input, per axis.

    A pixel is given per axis, from 0 on, or as one number for all; with `from_layer` it is a unit
    of that layer. Within an interval, units may leave the pixel out: between the taps of a dilated
    window, or at other phases.

    Raises UsageError where there is no such pixel, or where it is not known what units read.
    """
    note_ignored(ignore_global)
    fields = _Fields(network, layer, input, from_layer, with_global)
    place = fields.place(pixel, fields.pixels, "pixel")
    columns = zip(fields.names, place, fields.along_axes(), fields.units)
    axes = tuple(_readers(name, at, field, units) for name, at, field, units in columns)
    report = fields.trace.report
    return PixelReaders(fields.name, report.input, fields.layer, from_layer, fields.is_global, axes)


class _Fields:
    """The fields of one layer, and the sizes of its map and of the image."""

    def __init__(
        self,
        asked: Network | str | PathLike[str],
        layer: str,
        input: AskedInput | None,
        from_layer: str | None,
        with_global: bool,
    ) -> None:
        network = network_of(asked)
        self.name = network.name
        index = network.index(layer)
        start = 0 if from_layer is None else network.index(from_layer)
        # Layers behind it do not matter, not even where they would be refused.
        self.trace = trace_of(
            network.up_to(max(index, start)),
            input,
            from_layer=from_layer,
            with_global=with_global,
        )
        self.names = AXES[network.axes]
        self.layer = network.name_of(index)
        self.fields = [
            known_field(field, self.layer, axis, self.trace)
            for field, axis in zip(self.trace.fields[index], self.names)
        ]
        self.is_global = any(isinstance(field, Global) for field in self.fields)
        self.units = self._sizes(index)
        self.pixels = self._sizes(start)

    def _sizes(self, index: int) -> Shape:
        """Sizes of a layer's map; a vector is one unit on every axis."""
        return self.trace.shape(index)[1:] or (1,) * len(self.names)

    def extent(self, axis: int, place: tuple[int, ...]) -> Extent | None:
        """What the unit of a place reads on an axis."""
        field = self.fields[axis]
        if isinstance(field, Global):
            return field.extent
        if isinstance(field, (Field, UnitField)):
            return field.at(place[axis])
        unit = 0  # by its place in the row
        for at, size in zip(place, self.units):
            unit = unit * (size or 1) + at
        return field.at(unit)

    def along_axes(self) -> list[_Known]:
        """The fields; those of units in a row, which are not known axis by axis, are refused."""
        fields = [field for field in self.fields if not isinstance(field, OffAxis)]
        if len(fields) < len(self.fields) or len(self.units) < len(fields):
            raise UsageError(
                f"which tokens of layer {quote(self.layer)} read a pixel is not known per axis; "
                "ask for the layer whose map they are of"
            )
        return fields

    def place(self, asked: Sequence[int] | int, sizes: Shape, what: str) -> tuple[int, ...]:
        """The place per axis; refused where it is not on the map."""
        names = AXES[len(sizes)]  # of tokens, their own
        place = along_axes(asked, names, what)
        for at, size, axis in zip(place, sizes, names):
            if at < 0 or (size is not None and at >= size):
                have = f"{what}s 0 to {size - 1}" if size else f"{what}s from 0 on"
                raise UsageError(f"there is no {what} {at} on axis {axis}, which has {have}")
        return place


def known_field(field: AxisField, layer: str, axis: str, trace: Trace) -> _Known | OffAxis:
    """The field, refused where it is not known what units read."""
    reason = ""
    if field is None:
        reason = f"does not depend on {quote(trace.name(trace.origin))}"
    elif isinstance(field, UnknownField):
        warnings = trace.report.warnings
        reason = f"has no known field ({warnings[0]})" if warnings else "has no known field"
    elif isinstance(field, OffAxis) and not field.is_placed:
        reason = "has tokens of which is not known which units of a map they are"
    elif isinstance(field, Field) and (field.extents is None or field.anchor):
        reason = "reads from a place that depends on the input's size, which is not known"
    elif isinstance(field, Global) and not field.known:
        reason = "reads a whole map, but the input's size is not known"
    if reason:
        raise UsageError(f"on axis {axis}, layer {quote(layer)} {reason}")
    return field  # type: ignore[return-value]


def _side(axis: str, extent: Extent, size: Number) -> Side:
    first, last, mask = extent
    clipped = outside = None
    if size is not None:
        start, end = max(first, 0), min(last, size - 1)
        clipped = (start, end) if start <= end else None
        outside = ratio(last - first - max(end - start, -1), last - first + 1)
    center = ratio(first + last, 2)
    mask = None if mask == UNCOUNTED else mask
    return Side(axis, first, last, clipped, center, outside, coverage_of(extent), size, mask)


def _outside(sides: Sequence[Side] | None) -> Exact | None:
    """The share of a rectangle that is outside of the image: 1 less that within."""
    if sides is None or any(side.outside is None for side in sides):
        return None
    pixels = prod(side.pixels for side in sides)
    inside = prod(end - start + 1 for start, end in (side.clipped or (0, -1) for side in sides))
    return ratio(pixels - inside, pixels)


def _readers(axis: str, pixel: int, field: _Known, size: Number) -> Readers:
    reads = {unit: _reads(extent, pixel) for unit, extent in _near(field, pixel, size)}
    units = tuple(sorted(unit for unit, read in reads.items() if read is not False))
    if not units:
        return Readers(axis, pixel, None, None, ())
    return Readers(axis, pixel, units[0], units[-1], None if None in reads.values() else units)


def _near(field: _Known, pixel: int, size: Number) -> Iterator[tuple[int, Extent]]:
    """The units whose extent the pixel lies in, with it."""
    if isinstance(field, Global):
        for unit in range(_unit_count(size or 1)):
            if field.extent and field.extent[0] <= pixel <= field.extent[1]:
                yield unit, field.extent
        return
    if isinstance(field, UnitField):
        for unit, extent in enumerate(field.extents):
            if extent and extent[0] <= pixel <= extent[1]:
                yield unit, extent
        return
    assert field.extents is not None
    for phase, extent in enumerate(field.extents):
        if extent is None:
            continue
        least = -((extent[1] - pixel) // field.shift)
        most = (pixel - extent[0]) // field.shift
        if size is not None:
            most = min(most, (size - 1 - phase) // field.period)
        for turn in range(max(least, 0), most + 1)[: _unit_count(most + 1 - max(least, 0))]:
            yield phase + turn * field.period, move(extent, turn * field.shift)  # type: ignore[misc]


def _unit_count(units: int) -> int:
    if units > MOST_UNITS:
        raise UsageError(f"more than {MOST_UNITS:,} units may read the pixel")
    return max(units, 0)


def _reads(extent: Extent, pixel: int) -> bool | None:
    """Whether a pixel within an extent is read; None where the extent is too wide to say."""
    first, _, mask = extent
    if mask is None:
        return True
    return None if mask == UNCOUNTED else bool(mask >> (pixel - first) & 1)
