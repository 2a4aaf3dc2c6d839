"""A layer's arithmetic as a drawing: the maps, what a unit reaches on them, the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...arithmetic import AXES
from ...definition.arguments import along_axes, flag
from ...definition.shape import asked_numbers
from ...errors import UsageError
from ...network.network import Network
from ...network.single_layer import checked_kind, layer, undoing_layer
from ...wording import shape_text
from .picture import picture
from .scene import MOST_AXES, Scene, Sizes, scene_of
from .svg import MOST_BYTES, Picture, theme_of


class LayerDrawing(Picture):
    """A layer's arithmetic, drawn."""

    type: str

    def __repr__(self) -> str:
        return f"<drawing of {self.type}: {len(self.svg):,} characters>"


def draw(
    type_name: str,
    *inputs: str | int | Sequence[int],
    unit: Sequence[int] | int | None = None,
    stretched: bool = False,
    animate: bool = False,
    theme: str = "light",
    **attributes: Any,
) -> LayerDrawing:
    """The arithmetic of a layer of a type as SVG, on maps of one axis or two.

    An input is its axes alone: `"5x5"`, (5, 5) or 9; layers that merge read the first one as often
    as they need. `unit` is the one whose window is shown, by default one in the middle; `animate`
    steps through all. A transposed convolution spreads units of its input over windows, or,
    `stretched`, slides a window over its input with zeros in it. For a layer that undoes another,
    the attributes and the input are the other's. Raises UsageError where a drawing would take over
    30,000 bytes.

    >>> draw("conv", "5x5", kernel_size=3, stride=2, padding=1)
    <drawing of conv: ... characters>
    """
    cls = checked_kind(type_name)
    colours = theme_of(theme)
    moving, zeros = flag(animate, "animate"), flag(stretched, "stretched")
    if zeros and (not cls.spreads or cls.undoes):
        raise UsageError(f"stretched goes with conv_transpose, not with {cls.type}")
    scene = scene_of(_network(type_name, inputs, attributes), zeros)
    if moving and unit is not None:
        raise UsageError("an animated drawing steps through all units; leave the unit out")
    place = None if moving and scene.units != (1, 1) else _unit(unit, scene)
    svg = picture(scene, place, colours)
    if (count := len(svg.encode())) > MOST_BYTES:
        raise UsageError(
            f"the drawing takes {count:,} bytes, over its bound of {MOST_BYTES:,}; "
            "draw the layer on a smaller map"
        )
    return LayerDrawing(svg, cls.type)


def _network(type_name: str, inputs: Sequence[Any], attributes: dict[str, Any]) -> Network:
    cls = checked_kind(type_name)
    if not inputs:
        raise UsageError("a drawing needs the input's size, as 5x5, or 9 for one axis")
    axes = len(asked_numbers(inputs[0]))
    if axes > MOST_AXES:
        raise UsageError(
            f"input {shape_text(asked_numbers(inputs[0]))} has {axes} axes, and drawn are one or "
            "two: give the axes alone, as 5x5 or 9, without channels"
        )
    if cls.undoes:
        if len(inputs) > 1:
            raise UsageError(f"{type_name} reads one input, not {len(inputs)}")
        return undoing_layer(type_name, inputs[0], axes, **attributes)
    if len(inputs) == 1:
        inputs = [*inputs] * cls.least_inputs
    return layer(type_name, *inputs, axes=axes, **attributes)


def _unit(asked: Any, scene: Scene) -> Sizes:
    """The unit that is shown, by row and column: the one asked for, or one in the middle."""
    if asked is None:
        rows, columns = scene.units
        return (rows - 1) // 2, (columns - 1) // 2
    names = AXES[1 if scene.one_axis else MOST_AXES]
    place = along_axes(asked, names, "unit")
    for at, size, axis in zip(place, scene.units[-len(names) :], names):
        if not 0 <= at < size:
            raise UsageError(
                f"there is no unit {at} on axis {axis}, which has units 0 to {size - 1}"
            )
    return (0, *place) if scene.one_axis else place
