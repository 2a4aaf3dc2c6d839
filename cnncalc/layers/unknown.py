"""A layer of which nothing is known but what it reads: an operator that a reader passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, Shape
from . import attributes as attribute
from .base import Geometry, Layer, Reading, Windows

if TYPE_CHECKING:
    from .formulas.step import Step

NOT_KNOWN = "what the operator does is not known"


class Unknown(Layer):
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

    def explain_size(self, reading: Reading) -> list[list[Step]]:
        from .formulas import sizes

        return [sizes.given(None, NOT_KNOWN)] * self.axes

    def explain_channels(self, reading: Reading) -> Step:
        from .formulas import channels

        return channels.given(None)

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        return costs.unknown_weights(NOT_KNOWN)
