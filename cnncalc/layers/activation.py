"""Activations, dropout and the identity: no figure changes but PReLU's parameters."""

from __future__ import annotations

from ..arithmetic import Number, Shape
from . import attributes as attribute
from . import formulas
from .base import Costless, Elementwise, Reading, Simple


class Activation(Costless, Elementwise):
    """A function of each number by itself."""

    inplace = attribute.Kept(False)


def _without_attributes(name: str, type_name: str, formula: str) -> type[Activation]:
    """The kind of a function that has no attributes of its own."""
    return type(name, (Activation,), {"type": type_name, "__doc__": formula})


class Identity(Activation):
    """Gives what it reads."""

    type = "identity"
    passes_shift = True


ReLU = _without_attributes("ReLU", "relu", "max(x, 0).")
ReLU6 = _without_attributes("ReLU6", "relu6", "min(max(x, 0), 6).")
SiLU = _without_attributes("SiLU", "silu", "x·sigmoid(x), also named swish.")
Mish = _without_attributes("Mish", "mish", "x·tanh(softplus x).")
Sigmoid = _without_attributes("Sigmoid", "sigmoid", "1/(1 + exp(−x)).")
HardSigmoid = _without_attributes("HardSigmoid", "hard_sigmoid", "relu6(x + 3)/6.")
HardSwish = _without_attributes("HardSwish", "hard_swish", "x·relu6(x + 3)/6.")
Tanh = _without_attributes("Tanh", "tanh", "The hyperbolic tangent.")


class Dropout(Activation):
    """Drops numbers in training, and gives what it reads otherwise."""

    type = "dropout"
    passes_shift = True

    p = attribute.Kept(0.5)


class LeakyReLU(Activation):
    """x, or a slope times x below 0."""

    type = "leaky_relu"

    negative_slope = attribute.Kept(0.01)


class ELU(Activation):
    """x, or alpha·(exp x − 1) below 0."""

    type = "elu"

    alpha = attribute.Kept(1)


class GELU(Activation):
    """x·Φ(x)."""

    type = "gelu"

    approximate = attribute.Kept("none")


class Softmax(Activation):
    """Softmax; its sum along an axis does not count as reading."""

    type = "softmax"

    dim = attribute.Kept(None)
    axis = attribute.Kept(None)

    def beyond_window(self) -> str | None:
        channels = (None, 1, -self.axes - 1)
        along_map = self.dim not in channels or self.axis not in channels
        return "may sum along an axis of the map" if along_map else None


class LogSoftmax(Softmax):
    """Logarithm of the softmax."""

    type = "log_softmax"


class Function(Activation):
    """Any other function of each number by itself; `operator` says which."""

    type = "function"

    operator = attribute.Kept(None)


class PReLU(Elementwise, Simple):
    """x, or a learned slope times x below 0: one slope, or one per channel."""

    type = "prelu"

    per_channel = attribute.Flag(False)
    init = attribute.Kept(0.25)

    def parameters(self, reading: Reading) -> Number:
        return reading.channels if self.per_channel else 1

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.parameters(reading),)

    def explain_costs(self, reading: Reading) -> list[formulas.Step]:
        if self.per_channel:
            slopes = self.parameters(reading)
            return formulas.costs.per_channel(reading.channels, 1, slopes, "a slope per channel")
        return formulas.costs.for_all_channels(1, "one slope for all channels")
