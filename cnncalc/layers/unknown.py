"""A layer of which nothing is known but what it reads: an operator that a reader passed on."""

from __future__ import annotations

from ..arithmetic import Number, Shape
from . import attributes as attribute
from . import formulas
from .base import Geometry, OwnChannels, Reading, Windows

NOT_KNOWN = "what the operator does is not known"


class Unknown(OwnChannels):
    """An operator without a meaning here: shape, field and costs are unknown from it on."""

    type = "unknown"
    most_inputs = None
    merges = True

    operator = attribute.Kept(None)

    def output_shape(self, reading: Reading) -> Shape:
        return (None,) * (self.axes + 1)

    def windows(self, reading: Reading) -> tuple[Windows, ...]:
        return ((None,) * self.axes,) * len(reading.shapes)

    def parameters(self, reading: Reading) -> Number:
        return None

    def buffers(self, reading: Reading) -> Number:
        return None

    def macs(self, reading: Reading) -> Number:
        return None

    def geometry(self, reading: Reading) -> Geometry | None:
        return None

    def weight_shape(self, reading: Reading) -> Shape | None:
        return None

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return [formulas.sizes.own(None, NOT_KNOWN)] * self.axes

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        return formulas.costs.unknown_weights(NOT_KNOWN)
