"""Layers that bring maps together, and those that only move channels."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import AXES, Impossible, Number, Shape, within_limit
from ..fields.joining import Joining
from ..fields.window import IDENTITY, WHOLE, Window
from ..wording import quote, shape_text
from . import attributes as attribute
from . import formulas
from .base import Costless, Reading, Windows
from .storage import NOTHING, MayBeInPlace, Saved


def _differ(one: Number, other: Number) -> bool:
    return one is not None and other is not None and one != other


def _refuse(reading: Reading, first: int, second: int, rule: str) -> Impossible:
    names = [
        f"{quote(reading.names[i])} of {shape_text(reading.shapes[i])}" for i in (first, second)
    ]
    return Impossible(f"its inputs {names[0]} and {names[1]} differ", rule)


def _unlike(one: Shape, other: Shape) -> str:
    """The rule for inputs of different axes: a vector has none, tokens one."""
    fewer = "a vector" if 1 in (len(one), len(other)) else "tokens"
    return f"{fewer} and a map do not go together"


def _may_be_single(sizes: Sequence[Number]) -> bool:
    """Whether a map is, or may be, of one unit."""
    return all(size in (1, None) for size in sizes)


class Merge(Costless):
    """Kinds whose units read the same place of several inputs."""

    least_inputs = 2
    most_inputs = None
    merges = True
    divides_gradient = True

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((IDENTITY,) * self.axes,) * len(reading.shapes)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        outputs = self.output_shape(reading)[1:]
        single = [set(shape[1:]) == {1} for shape in (*reading.shapes, outputs)]
        broadcast = any(single) and not single[-1]
        alike = "1×1 inputs are repeated for every unit" if broadcast else "equal on every input"
        return [formulas.sizes.of_input(size, alike) for size in outputs]


class Arithmetic(Merge):
    """Unit by unit; a 1×1 map and a single channel broadcast."""

    def output_shape(self, reading: Reading) -> Shape:
        shape = list(reading.shapes[0])
        largest = 0
        for number, other in enumerate(reading.shapes[1:], start=1):
            rule = "they must be equal, but for a 1×1 map or a single channel, which broadcasts"
            if len(other) != len(shape):
                raise _refuse(reading, largest, number, _unlike(reading.shapes[largest], other))
            sizes = self._joint_sizes(shape[1:], other[1:])
            if sizes is None:
                raise _refuse(reading, largest, number, rule)
            if self._broadcasts(shape[1:], other[1:]):
                largest = number
            shape[1:] = sizes
            if shape[0] == 1 or shape[0] is None:
                shape[0] = other[0] if other[0] != 1 else shape[0]
            elif other[0] != 1 and _differ(shape[0], other[0]):
                raise _refuse(reading, largest, number, rule)
        return tuple(shape)

    def explain_channels(self, reading: Reading) -> formulas.Step:
        return formulas.channels.of_input(self.output_shape(reading))

    @staticmethod
    def _joint_sizes(sizes: list[Number], others: Sequence[Number]) -> list[Number] | None:
        """The sizes of two maps' sum, unknown where unknown ones leave it open; None for none."""
        possible: list[Sequence[Number]] = []
        if _may_be_single(sizes):
            possible.append(others)
        if _may_be_single(others):
            possible.append(sizes)
        if not any(map(_differ, sizes, others)):
            possible.append([b if a is None else a for a, b in zip(sizes, others)])
        if not possible:
            return None
        return [each[0] if len(set(each)) == 1 else None for each in zip(*possible)]

    @staticmethod
    def _broadcasts(sizes: list[Number] | Shape, others: list[Number] | Shape) -> bool:
        """Whether a map of one unit stands for every unit of a larger one."""
        return all(size == 1 for size in sizes) and any(other != 1 for other in others)

    def _is_single(self, sizes: Shape, outputs: Shape) -> bool:
        """Whether an input is one unit for all, be it that it fits in no other way."""
        if self._broadcasts(sizes, outputs):
            return True
        return _may_be_single(sizes) and any(map(_differ, sizes, outputs))

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        sizes = self.output_shape(reading)[1:]
        return tuple(
            ((WHOLE if self._is_single(shape[1:], sizes) else IDENTITY),) * self.axes
            for shape in reading.shapes
        )


class Add(MayBeInPlace, Arithmetic):
    """Sum, unit by unit."""

    type = "add"
    passes_shift = True
    keeps = NOTHING


class Mul(Arithmetic):
    """Product, unit by unit."""

    type = "mul"

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Both inputs; of a longer product, what is between is kept too, which has no rule."""
        return Saved(inputs=(0, 1), crosswise=True) if len(reading.shapes) == 2 else None


class Maximum(Arithmetic):
    """The larger, unit by unit."""

    type = "maximum"

    def autograd_rule(self, reading: Reading) -> Saved | None:
        """Both inputs, to see which was the larger."""
        return Saved(inputs=(0, 1)) if len(reading.shapes) == 2 else None


class Concat(Merge):
    """Joins channels; with `axis`, maps one after the other along one of their axes.

    What is joined along an axis must agree in the channels and on the other axes. A unit then reads
    what it read in its own map. Where all go on as one map would, so does the field; else rf and
    rf_min are those of all units, and there is no step from one to the next. Of units that read
    whole maps, beside others that do not, no figures are told.
    """

    type = "concat"
    passes_shift = True
    keeps = NOTHING
    least_inputs = 1

    axis = attribute.AxisName(None)

    @property
    def place(self) -> int:
        """Where in a shape the numbers stand that add up."""
        return 0 if self.axis is None else 1 + AXES[self.axes].index(self.axis)

    def output_shape(self, reading: Reading) -> Shape:
        place, first = self.place, reading.shapes[0]
        if self.axis is not None:
            self.map_sizes(reading)
        made: list[Number] = list(first)
        made[place] = 0
        for number, shape in enumerate(reading.shapes):
            if len(shape) != len(made):
                raise _refuse(reading, 0, number, _unlike(first, shape))
            others = [*shape[:place], 0, *shape[place + 1 :]]
            own, total = shape[place], made[place]
            made[place] = 0
            if any(map(_differ, made, others)):
                rule = "every axis but the channels" if not place else f"all but axis {self.axis}"
                raise _refuse(reading, 0, number, f"{rule} must be equal")
            made = [b if a is None else a for a, b in zip(made, others)]
            made[place] = None if total is None or own is None else total + own
        if (total := made[place]) is not None:
            within_limit(total, "output size" if place else "channel count")
        return tuple(made)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        windows: list[Window | None] = [IDENTITY] * self.axes
        if self.axis is not None:
            windows[self.place - 1] = None
        return (tuple(windows),) * len(reading.shapes)

    def row_step(self, reading: Reading) -> Joining | None:
        if self.axis is None:
            return None
        place = self.place
        return Joining(tuple([shape[place] for shape in reading.shapes]), place - 1, self.axes)

    def gradient_shares(self, reading: Reading) -> tuple[Number, ...] | None:
        return None if self.axis else tuple(shape[0] for shape in reading.shapes)

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        steps = super().explain_size(reading)
        if self.axis is not None:
            place = self.place
            sizes = [shape[place] for shape in reading.shapes]
            steps[place - 1] = [formulas.sizes.joining(sizes, self.output_shape(reading)[place])]
        return steps

    def explain_channels(self, reading: Reading) -> formulas.Step:
        if self.axis is not None:
            return formulas.channels.of_input(self.output_shape(reading))
        counts = [shape[0] for shape in reading.shapes]
        return formulas.channels.total(counts, self.output_shape(reading)[0])
