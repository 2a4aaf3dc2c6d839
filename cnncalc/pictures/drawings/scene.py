"""What is drawn of a layer: its maps with what a unit reaches on them, and what is written."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeVar

from ...analysis.analysis import trace_of
from ...arithmetic import AXES, Shape
from ...errors import UsageError
from ...exporters.folding import attributes
from ...exporters.yaml import value
from ...fields.window import Window
from ...layers.base import Layer, Reading
from ...layers.formulas.step import on_axes
from ...network.network import Network
from ...record import Record
from ...report.report import ShapeError
from ...text.explain_rows import Row, step_row
from ...wording import quote, shape_text
from .reach import Reach, Spread, own_places, reading
from .svg import MOST_BYTES

INPUT, OUTPUT, PADDING = "input", "output", "padding"
TAP, UNIT = "tap", "unit"
MOST_CELLS = MOST_BYTES // 45
MOST_AXES = 2
LONGEST_DETAILS = 90

Sizes = tuple[int, ...]
T = TypeVar("T", Window, int)


class Panel(Record):
    """A map, its axes rows and columns; a map of one axis is a row.

    Its units' cells are called `role`, those beside them `beyond`; what a unit reaches is marked
    as `mark`.
    """

    role: str
    beyond: str | None
    mark: str
    size: str
    axes: tuple[Reach, ...]


class Scene(Record):
    """The panels of a layer in the order in which they are drawn, and the words beside them.

    `beyond` says what the cells beside a map are, `missed` what units are that no window reaches.
    """

    type: str
    details: str
    shapes: str
    steps: tuple[Row, ...]
    panels: tuple[Panel, ...]
    one_axis: bool
    beyond: str
    missed: str

    @property
    def units(self) -> Sizes:
        """Units whose windows are shown, rows and columns."""
        return tuple(len(axis.runs) for axis in self.panels[0].axes)


def scene_of(network: Network, stretched: bool = False) -> Scene:
    """What is drawn of a network's last layer; `stretched`: windows on the input with zeros in it.

    Raises UsageError where it is not known what its units read, or where that is too much.
    """
    node = network.nodes[-1]
    try:
        trace = trace_of(network)
    except ShapeError as error:
        raise ShapeError(error.message, layer=error.layer) from None
    kind, read = node.kind, trace.readings[node.index]
    out_shape = trace.layer(node.index).out_shape
    inputs = [_sizes(shape, node.type, kind.axes) for shape in read.shapes]
    outputs = _sizes(out_shape, node.type, kind.axes)
    if kind.spreads:
        panels = _spread_panels(kind, read, inputs[0], outputs, stretched)
    else:
        panels = _reading_panels(kind, read, inputs, outputs)
    spread = kind.spreads and not stretched
    steps = on_axes(kind.explain_size(read), AXES[kind.axes])
    written = [f"{name} {value(given)}" for name, given in _attributes(network).items()]
    words = ", ".join(written)
    return Scene(
        node.type,
        words if len(words) <= LONGEST_DETAILS else f"{words[:LONGEST_DETAILS]}…",
        f"{' and '.join(map(shape_text, inputs))} → {shape_text(outputs)}",
        tuple(step_row(step, kind.axes) for step in steps),
        panels,
        kind.axes == 1,
        "zeros between and around" if stretched else "padding",
        "written by no unit" if spread else "read by no unit",
    )


def _attributes(network: Network) -> dict[str, Any]:
    """The attributes of its layers that are not at their defaults."""
    return {name: given for node in network.nodes for name, given in attributes(node).items()}


def _sizes(shape: Shape, type_name: str, axes: int) -> Sizes:
    """The sizes of a map, all of them known."""
    sizes = tuple(size for size in shape[1:] if size is not None)
    if len(sizes) != axes or len(shape) != axes + 1:
        raise UsageError(
            f"{type_name} goes from or to a vector, or to sizes that are not known; "
            "drawn are layers from a map to a map"
        )
    return sizes


def _reading_panels(
    kind: Layer, read: Reading, inputs: Sequence[Sizes], outputs: Sizes
) -> tuple[Panel, ...]:
    """The inputs with what a unit reads of them, and the output with the unit."""
    geometry = kind.geometry(read)
    pairs = [(0, 0)] * kind.axes
    if geometry is not None:
        pairs = [(before or 0, after or 0) for before, after in geometry.padding]
    padded = [prod(n + sum(pair) for n, pair in zip(sizes, pairs)) for sizes in inputs]
    require_small(sum(padded) + prod(outputs))
    panels = []
    for sizes, windows in zip(inputs, kind.windows(read)):
        known = [_require_known(window, kind.type) for window in windows]
        columns = zip(sizes, outputs, known, pairs)
        axes = [reading(*column, overhangs=geometry is not None) for column in columns]
        panels.append(_panel(INPUT, PADDING, TAP, sizes, axes))
    return (*panels, _panel(OUTPUT, None, UNIT, outputs, [own_places(size) for size in outputs]))


def _spread_panels(
    kind: Layer, read: Reading, inputs: Sizes, outputs: Sizes, stretched: bool
) -> tuple[Panel, ...]:
    """The input with a unit and the output with its window; stretched, the other way round."""
    geometry = kind.geometry(read)
    assert geometry is not None
    befores = [_require_known(before, kind.type) for before, _ in geometry.padding]
    columns = zip(inputs, outputs, geometry.kernel, geometry.stride, befores, geometry.dilation)
    spreads = [Spread(*column) for column in columns]
    drawn = prod(len(each.stretched_cells) for each in spreads) if stretched else prod(inputs)
    require_small(drawn + prod(outputs))
    if stretched:
        taps, units = [each.stretch for each in spreads], [own_places(n) for n in outputs]
        marks = ((TAP, taps), (UNIT, units))
    else:
        taps, units = [each.windows for each in spreads], [own_places(n) for n in inputs]
        marks = ((UNIT, units), (TAP, taps))
    sides = zip((INPUT, OUTPUT), (inputs, outputs), marks)
    return tuple(_panel(role, None, mark, sizes, axes) for role, sizes, (mark, axes) in sides)


def _require_known(known: T | None, type_name: str) -> T:
    if known is None:
        raise UsageError(f"what units of {quote(type_name)} read is not known axis by axis")
    return known


def _panel(role: str, beyond: str | None, mark: str, sizes: Sizes, axes: Sequence[Reach]) -> Panel:
    line = [] if len(axes) == MOST_AXES else [own_places(1)]
    return Panel(role, beyond, mark, shape_text(sizes), (*line, *axes))


def require_small(cells: int, what: str = "cells") -> None:
    """Refuse a drawing of more cells than its bound of bytes has room for."""
    if cells > MOST_CELLS:
        raise UsageError(
            f"the drawing has {cells:,} {what}, and in its {MOST_BYTES:,} bytes at most "
            f"{MOST_CELLS} find room; draw the layer on a smaller map"
        )
