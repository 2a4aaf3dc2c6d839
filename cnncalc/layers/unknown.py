"""A layer of which nothing is known but what it reads: an operator that a reader passed on."""

from __future__ import annotations

from ..arithmetic import Number, Shape
from . import attributes as attribute
from . import formulas
from .base import Geometry, Reading, UnknownCosts, Windows


class Unknown(UnknownCosts):
    """An operator without a meaning here: shape, field and costs are unknown from it on."""

    type = "unknown"
    reason = "what the operator does is not known"
    most_inputs = None
    merges = True

    operator = attribute.Kept(None)

    def output_shape(self, reading: Reading) -> Shape:
        return (None,) * (self.axes + 1)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((None,) * self.axes,) * len(reading.shapes)

    def buffers(self, reading: Reading) -> Number:
        return None

    def product_macs(self, reading: Reading) -> Number:
        return None

    def geometry(self, reading: Reading) -> Geometry | None:
        return None

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.sizes.own(None, self.reason)] * self.axes
