"""Resizing and padding. Resizing is read where its units come from where a layer's units do."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ...fields import window
from ..tensors.layout import CHANNELS
from ..tensors.maps import as_map, axis_at, changed_map
from ..tensors.slicing import pad_amounts, pad_map
from ..tensors.values import Unreadable, Value
from .constants import Extent
from .graph import Handler, OnnxGraph
from .node import OnnxNode, axes_of

HALF = Fraction(1, 2)
NEAREST: dict[str, Callable[[Fraction], int]] = {
    "round_prefer_floor": lambda place: ceil(place - HALF),
    "round_prefer_ceil": lambda place: floor(place + HALF),
    "floor": floor,
    "ceil": ceil,
    "simple": floor,
}
MODES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}
WINDOWS = {"nearest": window.nearest, "bilinear": window.linear, "bicubic": window.cubic}


class ResizeRule:
    """How a Resize finds what its units read."""

    def __init__(self, node: OnnxNode, old: bool) -> None:
        self.mode = node.text("mode", "nearest")
        self.coordinates = node.text(
            "coordinate_transformation_mode", "asymmetric" if old else "half_pixel"
        )
        self.rounding = node.text("nearest_mode", "floor" if old else "round_prefer_floor")
        self.smooths = bool(node.integer("antialias"))
        if self.mode not in MODES or self.rounding not in NEAREST:
            raise Unreadable(f"its mode {self.mode!r}, {self.rounding!r} is not known")
        if node.text("keep_aspect_ratio_policy", "stretch") != "stretch":
            raise Unreadable("it keeps the aspect ratio, by a size that is not written down")

    def __str__(self) -> str:
        rounding = f", {self.rounding}" if self.mode == "nearest" else ""
        return f"{self.mode}, {self.coordinates}{rounding}"

    def place(self, unit: int, size: int, output: int, scale: Fraction) -> Fraction:
        """The place in the input that a unit is computed for, as ONNX defines the modes."""
        centre = (unit + HALF) / scale - HALF
        if self.coordinates == "half_pixel":
            return centre
        if self.coordinates == "pytorch_half_pixel":
            return centre if output > 1 else Fraction(0)
        if self.coordinates == "half_pixel_symmetric":
            return Fraction(size, 2) * (1 - output / (scale * size)) + centre
        if self.coordinates == "asymmetric":
            return unit / scale
        if self.coordinates == "tf_half_pixel_for_nn":
            return (unit + HALF) / scale
        if self.coordinates == "align_corners":
            return Fraction(unit * (size - 1), output - 1) if output > 1 else Fraction(0)
        raise Unreadable(f"its coordinates {self.coordinates!r} are not known")

    def reads(self, place: Fraction) -> tuple[int, int, int]:
        """The units that are read for a place: the first one, their step and how many."""
        first = floor(place)
        if self.mode == "nearest":
            return NEAREST[self.rounding](place), 1, 1
        if place == first:
            return first, 1, 1
        return (first, 1, 2) if self.mode == "linear" else (first - 1, 1, 4)

    def agrees(self, mode: str, size: int, output: int, scale: Fraction) -> bool:
        """Whether every unit reads what it reads under a mode of the upsample layer."""
        if self.smooths and scale < 1 and self.mode != "nearest":
            return False
        made = WINDOWS[mode](scale.denominator, scale.numerator)
        if made.reads is None:
            return True
        return all(
            read == self.reads(self.place(unit, size, output, scale))
            for unit, read in enumerate(made.reads)
        )


def resize(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Resizing by a factor, to a size, or to the size of another layer."""
    old = node.operator == "Upsample" or len(node.inputs) == 2
    rule = ResizeRule(node, old)
    value = node.value()
    dims = axes_of(node, len(value.dims)) or list(range(len(value.dims)))
    scales = node.numbers("scales", 1 if old else 2)
    sizes = [] if scales or old else (node.numbers("sizes", 3) or [])
    if len(scales or sizes) != len(dims):
        raise Unreadable("its scales or sizes are not one per dimension")
    shape = value.shape
    targets: dict[int, Any] = {}
    for dim, given in zip(dims, scales or sizes):
        if given != (1 if scales else shape[dim]) or _is_of_another(given, value, dim):
            targets[dim] = given
    if not targets:
        return value
    if any(value.axis(dim) is None for dim in targets):
        value = as_map(graph, value)
    axes = {axis_at(value, dim): given for dim, given in targets.items()}
    if CHANNELS in axes:
        raise Unreadable("it resizes the channels")
    return _upsample(graph, node, value, axes, bool(scales), rule)


def _is_of_another(given: Any, value: Value, dim: int) -> bool:
    """Whether a size of a map's axis is another layer's, which may be equal by chance."""
    axis = value.axis(dim)
    of_axis = axis is not None and axis != CHANNELS
    return of_axis and isinstance(given, Extent) and given.draft is not value.layer


def _upsample(
    graph: OnnxGraph,
    node: OnnxNode,
    value: Value,
    targets: dict[int, Any],
    scaled: bool,
    rule: ResizeRule,
) -> Value:
    factors = {
        axis: Fraction(number) if scaled else Fraction(int(number), value.sizes[axis])
        for axis, number in targets.items()
    }
    outputs = {
        axis: floor(value.sizes[axis] * factors[axis]) if scaled else int(number)
        for axis, number in targets.items()
    }
    if min(factors.values(), default=1) <= 0:
        raise Unreadable("it resizes to nothing")
    attributes = _mode(rule, value, outputs, factors)
    if scaled:
        attributes["scale_factor"] = [factors.get(axis, 1) for axis in range(graph.axes)]
    else:
        attributes.update(_target(graph, value, targets, outputs))
    return changed_map(graph, node.call(), "upsample", value, **attributes)


def _mode(
    rule: ResizeRule, value: Value, outputs: dict[int, int], factors: dict[int, Fraction]
) -> dict[str, Any]:
    """The mode under which the layer's units read what these do; refused where none does."""
    mode = MODES[rule.mode]
    if rule.coordinates == "align_corners" and mode != "nearest" and not rule.smooths:
        return {"mode": mode, "align_corners": True}
    columns = [(value.sizes[axis], outputs[axis], factors[axis]) for axis in factors]
    for candidate in (mode, "nearest"):
        if all(rule.agrees(candidate, *column) for column in columns):
            return {"mode": candidate}
    raise Unreadable(f"its units ({rule}) lie at other places than those of any mode here")


def _target(
    graph: OnnxGraph, value: Value, given: dict[int, Any], outputs: dict[int, int]
) -> dict[str, Any]:
    """The size as the graph computes it: another layer's, a factor of its own, or a number."""
    sizes = [outputs.get(axis, size) for axis, size in enumerate(value.sizes)]
    named = {
        axis: number
        for axis, number in given.items()
        if isinstance(number, Extent) and number.axis == axis and number.draft.shape
    }
    if len(named) == len(given):
        first = next(iter(named.values()))
        shape = list(first.draft.shape[1:])
        alike = all(one.draft is first.draft and one.factor == 1 for one in named.values())
        if alike and shape == sizes:
            return {"like": first.draft}
        if shape == list(value.sizes):
            ones = dict.fromkeys(range(graph.axes), Fraction(1))
            factors = ones | {axis: number.factor for axis, number in named.items()}
            if all(floor(n * factors[axis]) == sizes[axis] for axis, n in enumerate(value.sizes)):
                return {"scale_factor": list(factors.values())}
    return {"size": sizes}


def pad(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Units added around a map, or taken off where numbers are negative."""
    value = node.value()
    rank = len(value.dims)
    dims = axes_of(node, rank, place=3) or list(range(rank))
    old = "paddings" if "paddings" in node.attributes else "pads"
    amounts = node.integers(old, 1) or []
    if len(amounts) != 2 * len(dims):
        raise Unreadable(f"its pads {amounts} are not two per dimension")
    columns = zip(dims, amounts[: len(dims)], amounts[len(dims) :])
    value, pairs = pad_amounts(graph, value, columns)
    mode = node.text("mode", "constant")
    return pad_map(
        graph, node.call(), value, pairs, **({} if mode == "constant" else {"mode": mode})
    )


RESIZING: dict[str, Handler] = {"Resize": resize, "Upsample": resize, "Pad": pad}
