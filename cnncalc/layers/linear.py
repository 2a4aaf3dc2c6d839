"""The fully connected layer."""

from __future__ import annotations

from ..arithmetic import Number, Shape
from . import attributes as attribute
from . import formulas
from .base import Reading, WholeMap, product
from .convolution import Weighted


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

    def explain_size(self, reading: Reading) -> list[list[formulas.Step]]:
        return []

    def weight_factors(self, reading: Reading) -> formulas.Weight:
        return formulas.weights.linear(product(reading.shapes[0]), self.out_features)

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        steps = super().explain_costs(reading)
        if not reading.sizes:
            return steps
        (shape,) = reading.shapes
        return [formulas.channels.flat_length(shape, product(shape), flat_input=True), *steps]
