"""Drawings of what a unit of a network reads: on the image, and layer by layer on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from ...analysis.analysis import trace_of
from ...analysis.trace import Trace
from ...arithmetic import AXES, Number, Shape
from ...definition.arguments import along_axes, checked_text
from ...definition.definition import INPUT
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...loading import network_of
from ...network.network import Network
from ...studies.box import Box, Side, unit_box
from ...text.box import per_cent
from ...wording import axes_once, decimal_text, number, quote, shape_text
from .cone import cone_drawing
from .cone_rows import cone_of
from .field import MOST_GAPS, FieldWords, field_drawing, gap_count
from .photo import photo_link
from .svg import Picture, theme_of
from .tones import place_text

LIGHT = "light"


class NetworkDrawing(Picture):
    """What a unit of a network's layer reads, drawn."""

    network: str
    layer: str

    def __repr__(self) -> str:
        return f"<drawing of {self.network}, {self.layer}: {len(self.svg):,} characters>"


def draw_field(
    network: Network | str | PathLike[str],
    layer: str,
    unit: Sequence[int] | int | None = None,
    *,
    input: AskedInput | None = None,
    from_layer: str | None = None,
    with_global: bool = False,
    image: str | PathLike[str] | None = None,
    theme: str = LIGHT,
) -> NetworkDrawing:
    """What a unit of a layer reads of the input, drawn on it as SVG.

    The arguments are those of `unit_box`; without a unit it is the one in the middle. A picture's
    file is drawn beneath, as large as the input. Raises what `unit_box` raises, and UsageError for
    a unit that reads nothing, for three axes, and for a file that is no picture.

    >>> draw_field("vgg16", "conv5_3", (7, 7))
    <drawing of vgg16, conv5_3: ... characters>
    """
    colours = theme_of(theme)
    trace, index = _trace(network, layer, input, from_layer, with_global)
    place = _middle(trace.shape(index), trace) if unit is None else unit
    box = unit_box(
        trace.network, layer, place, input=input, from_layer=from_layer, with_global=with_global
    )
    if box.sides is None:
        raise UsageError(f"unit {_place(box.unit)} of layer {quote(layer)} reads nothing")
    if len(box.sides) > 2:
        raise UsageError(
            f"{trace.network.name} has axes {', '.join(trace.axes)}, and a field is drawn on one "
            "or two; draw its cone along one of them: --cone --axis d"
        )
    photo = None if image is None else photo_link(image)
    svg = field_drawing(box.sides, _field_words(trace, index, box), colours, photo)
    return NetworkDrawing(svg, trace.network.name, box.layer)


def draw_cone(
    network: Network | str | PathLike[str],
    layer: str,
    unit: Sequence[int] | int | None = None,
    *,
    axis: str | None = None,
    input: AskedInput | None = None,
    from_layer: str | None = None,
    theme: str = LIGHT,
) -> NetworkDrawing:
    """The units of every layer that a unit reads through on one axis, drawn as SVG.

    Each is shaded by how many paths lead to it. The arguments are those of `unit_box`; without a
    unit it is the one in the middle, without an axis the first. Raises what `unit_box` raises, and
    UsageError for units that have no place on the axis or are too many.

    >>> draw_cone("deeplab_v2", "aspp", axis="w")
    <drawing of deeplab_v2, aspp: ... characters>
    """
    colours = theme_of(theme)
    trace, index = _trace(network, layer, input, from_layer, False)
    along = 0 if axis is None else _axis(axis, trace)
    sizes = trace.shape(index)[1:]
    place = _middle(trace.shape(index), trace)
    if unit is not None:
        place = along_axes(unit, AXES[len(place)], "unit")
    if along < len(sizes):
        _require_unit(place[along], sizes[along], trace.axes[along])
    cone = cone_of(trace, index, along, place[min(along, len(place) - 1)])
    name = trace.name(index)
    title = f"{trace.network.name} {name}: what unit {cone.unit} reads through on axis {cone.axis}"
    svg = cone_drawing(cone, title, f"{_about(trace, index)} · {_image(trace)}", colours)
    return NetworkDrawing(svg, trace.network.name, name)


def _trace(
    asked: Network | str | PathLike[str],
    layer: str,
    input: AskedInput | None,
    from_layer: str | None,
    with_global: bool,
) -> tuple[Trace, int]:
    """The analysis of a network up to a layer, and the layer's index."""
    network = network_of(asked)
    index = network.index(layer)
    start = 0 if from_layer is None else network.index(from_layer)
    network = network.up_to(max(index, start, 0))
    return trace_of(network, input, from_layer=from_layer, with_global=with_global), index


def _middle(shape: Shape, trace: Trace) -> tuple[int, ...]:
    """The unit in the middle of a map, of which a vector is one unit on every axis."""
    sizes = shape[1:] or (1,) * len(trace.axes)
    return tuple((size or 0) // 2 for size in sizes)


def _axis(axis: str, trace: Trace) -> int:
    if checked_text(axis, "an axis' name") not in trace.axes:
        raise UsageError(
            f"{trace.network.name} has no axis {quote(axis)}; use {', '.join(trace.axes)}"
        )
    return trace.axes.index(axis)


def _require_unit(unit: int, size: Number, axis: str) -> None:
    if unit < 0 or (size is not None and unit >= size):
        have = f"units 0 to {size - 1}" if size else "units from 0 on"
        raise UsageError(f"there is no unit {unit} on axis {axis}, which has {have}")


def _place(numbers: Sequence[int]) -> str:
    return f"({', '.join(map(str, numbers))})"


def _about(trace: Trace, index: int) -> str:
    """A layer's size and figures; the input has its size alone."""
    text = shape_text(trace.shape(index)[1:] or trace.shape(index))
    if index <= 0:
        return text
    layer = trace.layer(index)
    strides = ["?" if each is None else decimal_text(each) for each in layer.eff_stride]
    return f"{text} · rf {axes_once(layer.rf)} · stride {axes_once(strides)}"


def _image(trace: Trace) -> str:
    """What is read, with its size: the input, or the layer that fields are counted from."""
    return f"{trace.name(trace.origin)} {shape_text(trace.origin_sizes)}"


def _field_words(trace: Trace, index: int, box: Box) -> FieldWords:
    sides = box.sides or ()
    unit = _place(box.unit) if len(box.unit) > 1 else str(box.unit[0])
    name = trace.name(trace.origin)
    origin = "the input" if name == INPUT else name
    notes = [" · ".join(map(_span, sides))]
    if box.outside:
        notes.append(f"hatched: outside of {origin}, {per_cent(box.outside)} of the rectangle")
    if any(side.coverage != 1 for side in sides):
        share = " × ".join(dict.fromkeys(per_cent(side.coverage) for side in sides))
        blank = "blank: " if gap_count(sides) <= MOST_GAPS else "too fine to draw: "
        notes.append(f"{blank}pixels left out; {share} of each axis are read")
    if box.is_global:
        notes.append("it reads a whole map: the rectangle is of all that map's units")
    return FieldWords(
        f"{trace.network.name} {box.layer}: what unit {unit} reads of {origin}",
        _about(trace, index),
        _image(trace),
        shape_text(tuple(side.pixels for side in sides)),
        tuple(notes),
    )


def _span(side: Side) -> str:
    places = f"{place_text(side.first)}…{place_text(side.last)}"
    return f"{side.axis} {places}, centre {number(side.center).replace('-', '−')}"
