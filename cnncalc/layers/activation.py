"""Activations, dropout and the identity: no figure changes but PReLU's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arithmetic import Number, Shape
from . import attributes as attribute
from .base import Costless, Elementwise, Reading

if TYPE_CHECKING:
    from .formulas.step import Step


class Activation(Costless, Elementwise):
    """A function of each number by itself."""

    inplace = attribute.Kept(False)


class Identity(Activation):
    """Gives what it reads."""

    type = "identity"


class Dropout(Activation):
    """Drops numbers in training."""

    type = "dropout"

    p = attribute.Kept(0.5)


class ReLU(Activation):
    """max(x, 0)."""

    type = "relu"


class ReLU6(Activation):
    """min(max(x, 0), 6)."""

    type = "relu6"


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


class SiLU(Activation):
    """x·sigmoid(x), also named swish."""

    type = "silu"


class Mish(Activation):
    """x·tanh(softplus x)."""

    type = "mish"


class Sigmoid(Activation):
    """1/(1 + exp(−x))."""

    type = "sigmoid"


class HardSigmoid(Activation):
    """relu6(x + 3)/6."""

    type = "hard_sigmoid"


class HardSwish(Activation):
    """x·relu6(x + 3)/6."""

    type = "hard_swish"


class Tanh(Activation):
    """The hyperbolic tangent."""

    type = "tanh"


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


class PReLU(Elementwise):
    """x, or a learned slope times x below 0: one slope, or one per channel."""

    type = "prelu"

    per_channel = attribute.Flag(False)
    init = attribute.Kept(0.25)

    def parameters(self, reading: Reading) -> Number:
        return reading.channels if self.per_channel else 1

    def buffers(self, reading: Reading) -> Number:
        return 0

    def weight_shape(self, reading: Reading) -> Shape | None:
        return (self.parameters(reading),)

    def explain_costs(self, reading: Reading) -> list[Step]:
        from .formulas import costs

        if self.per_channel:
            slopes = self.parameters(reading)
            return costs.per_channel(reading.channels, 1, slopes, "a slope per channel")
        return costs.shared(1, "one slope for all channels")
