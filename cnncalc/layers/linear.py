"""The fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, Shape
from . import attributes as attribute
from .base import Reading, WholeMap, product
from .convolution import Weighted

if TYPE_CHECKING:
    from .formulas.step import Step
    from .formulas.weights import Weight


class Linear(WholeMap, Weighted):
    """Fully connected layer; reads its input flattened."""

    type = "linear"
    example = "--out-features 1000"

    out_features = attribute.Channels()

    def output_shape(self, reading: Reading) -> Shape:
        return (self.out_features,)

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.out_features, product(reading.shapes[0]))

    def macs(self, reading: Reading) -> Number:
        return product(self.weight_shape(reading) or (None,))

    def explain_size(self, reading: Reading) -> list[list[Step]]:
        return []

    def explain_channels(self, reading: Reading) -> Step:
        from .formulas import channels

        return channels.given(self.out_features, vector=True)

    def weight_factors(self, reading: Reading) -> Weight:
        from .formulas import weights

        return weights.linear(product(reading.shapes[0]), self.out_features)

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import channels

        steps = Weighted.explain_costs(self, reading)
        length = product(reading.shapes[0])
        flat = channels.flattened(reading.channels, reading.sizes, length, channels.FLAT)
        return [flat, *steps] if reading.sizes else steps
