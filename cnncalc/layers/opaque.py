"""A layer of which nothing is known but what it reads: an operator that a reader passed on."""

from __future__ import annotations

from . import attributes as attribute
from .base import Geometry, Layer, Number, Reading, Shape, Windows


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
